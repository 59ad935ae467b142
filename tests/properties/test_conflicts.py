"""Whatever is added to what is known of an adviser, a finding that stood still stands."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from exchange.diligence.conflicts import (
    SELL_SIDE,
    EarlierValuation,
    Facts,
    Matter,
    OtherMandate,
    Party,
    Relation,
    conflicts_of,
    is_blocked,
)
from exchange.diligence.engagement import AdviserKind, FeeBasis, RelationKind

TODAY = date(2026, 7, 1)
ORGANISATIONS = ("org_a", "org_b", "org_c", "org_adviser")
NAMES = ("A", "B", "Fund 7", "Fund 8", "...")
CODES = ("S06", "H01", "F04")

ids = st.sampled_from(ORGANISATIONS)
names = st.sampled_from(NAMES)
days = st.integers(-30, 800).map(lambda number: TODAY - timedelta(days=number))
keys = st.frozensets(ids, max_size=2)
parties = st.builds(
    Party, st.sampled_from((SELL_SIDE, "", "org_b")), st.none() | ids, st.frozensets(names, max_size=2), keys
)
relations = st.builds(Relation, st.sampled_from(RelationKind), st.none() | ids, names, names, days, st.none() | days)
valuations = st.builds(EarlierValuation, st.sampled_from(("fnd_7", "fnd_8")), ids, names, days)
mandates = st.builds(OtherMandate, st.sampled_from((SELL_SIDE, "org_b")), ids, names)
matters = st.builds(
    Matter,
    st.sampled_from(AdviserKind),
    ids,
    st.sampled_from((SELL_SIDE, "org_b")),
    st.just("fnd_7"),
    st.just(frozenset({"Fund 7"})),
    st.frozensets(st.sampled_from(CODES)),
    st.just(TODAY),
    st.integers(0, 400),
)
facts = st.builds(
    Facts,
    matters,
    st.just("org_adviser"),
    keys,
    st.booleans(),
    st.none() | st.sampled_from(FeeBasis),
    st.frozensets(parties, max_size=3),
    st.frozensets(relations, max_size=3),
    st.frozensets(valuations, max_size=2),
    st.frozensets(mandates, max_size=2),
)


def together(less: Facts, more: Facts) -> Facts:
    """The facts of the one with those of the other added."""
    return replace(
        less,
        group_keys=less.group_keys | more.group_keys,
        has_declared_conflict=less.has_declared_conflict or more.has_declared_conflict,
        fee_basis=less.fee_basis if less.fee_basis is not None else more.fee_basis,
        parties=less.parties | more.parties,
        relations=less.relations | more.relations,
        valuations=less.valuations | more.valuations,
        mandates=less.mandates | more.mandates,
    )


@given(facts, facts)
def test_no_finding_and_so_no_block_is_lost_by_knowing_more(less: Facts, more: Facts) -> None:
    everything = conflicts_of(together(less, more))
    assert set(conflicts_of(less)) <= set(everything)
    assert is_blocked(everything) >= is_blocked(conflicts_of(less))


@given(facts)
def test_findings_are_told_once_and_in_one_order(known: Facts) -> None:
    found = conflicts_of(known)
    assert len(set(found)) == len(found)
    assert found == conflicts_of(replace(known, relations=frozenset(sorted(known.relations, key=repr))))
