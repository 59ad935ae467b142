"""The ownership graph against a slow and obvious model that walks every chain."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from exchange.core.money import PPM
from exchange.parties.relations import Edge, beneficial_owners, controllers, effective_shares, group_keys

NAMES = "abcdefg"
FOREST = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 10).map(lambda tenth: tenth * 100_000)), max_size=14
)


def edges_of(triples: list[tuple[int, int, int]], *, acyclic: bool) -> list[Edge]:
    """Edges between seven parties, at most one for a pair; without cycles an owner's letter comes first."""
    pairs: dict[tuple[int, int], int] = {}
    for owner, owned, share in triples:
        if owner != owned and (owner < owned or not acyclic):
            pairs[(owner, owned)] = share
    return [Edge(NAMES[owner], NAMES[owned], share) for (owner, owned), share in pairs.items()]


def walked(edges: list[Edge], organisation: str) -> dict[str, Fraction]:
    """Every chain by itself, its shares multiplied; the sums, capped at the whole."""
    total: dict[str, Fraction] = {}

    def climb(owned: str, share: Fraction) -> None:
        for edge in edges:
            if edge.owned_id == owned:
                here = share * Fraction(edge.share_ppm, PPM)
                total[edge.owner_id] = total.get(edge.owner_id, Fraction(0)) + here
                climb(edge.owner_id, here)

    climb(organisation, Fraction(1))
    return {owner: min(share, Fraction(1)) for owner, share in total.items()}


@given(FOREST)
def test_without_cycles_shares_equal_the_walk_over_all_chains(triples: list[tuple[int, int, int]]) -> None:
    edges = edges_of(triples, acyclic=True)
    # Seven parties and tenths: no chain falls below one part in a million.
    assert effective_shares(edges, "g") == walked(edges, "g")


@given(FOREST)
def test_cycles_end_and_no_share_passes_the_whole(triples: list[tuple[int, int, int]]) -> None:
    edges = edges_of(triples, acyclic=False)
    for name in NAMES:
        shares = effective_shares(edges, name)
        assert all(0 < share <= 1 for share in shares.values())
        assert name not in shares


@given(FOREST, st.sampled_from(NAMES))
def test_controllers_are_those_reached_by_majorities_alone(triples: list[tuple[int, int, int]], name: str) -> None:
    edges = edges_of(triples, acyclic=False)
    reached = {name}
    for _ in NAMES:
        reached |= {edge.owner_id for edge in edges if edge.owned_id in reached and edge.share_ppm > PPM // 2}
    assert controllers(edges, name) == reached - {name}


@given(FOREST, st.sampled_from(NAMES), st.integers(1, PPM))
def test_a_higher_threshold_names_no_one_new(triples: list[tuple[int, int, int]], name: str, threshold: int) -> None:
    edges = edges_of(triples, acyclic=False)
    assert set(beneficial_owners(edges, name, threshold)) <= set(beneficial_owners(edges, name, threshold // 2))


@given(FOREST)
def test_everybody_is_related_to_whoever_stands_behind_him(triples: list[tuple[int, int, int]]) -> None:
    edges = edges_of(triples, acyclic=False)
    keys = {name: set(group_keys(edges, name, 250_000)) for name in NAMES}
    for name in NAMES:
        assert name in keys[name]
        for owner in beneficial_owners(edges, name, 250_000):
            assert keys[name] & keys[owner]
