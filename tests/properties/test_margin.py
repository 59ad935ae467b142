"""The margin in near-linear time against the rule as it reads, and a crowd that used to take quadratic time."""

from collections.abc import Sequence
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.core.money import allocate
from exchange.matching.margin import Claim, Shares, share_margin


def obvious_margin(claims: Sequence[Claim], available: int, slots: int | None) -> Shares:
    """The rule as it reads: begin again with those that did not drop, until none drops."""
    able = [i for i, claim in enumerate(claims) if claim.least <= min(claim.amount, available)]
    while True:
        admitted = _within_slots(claims, able, slots)
        kept = _without_short_shares(claims, admitted, available)
        dropped = set(admitted).difference(kept)
        if not dropped:
            break
        able = [i for i in able if i not in dropped]
    total = sum(claims[i].amount for i in kept)
    amounts = [0] * len(claims)
    whole = [claims[i].amount for i in kept]
    for i, amount in zip(kept, allocate(available, whole) if total > available else whole, strict=True):
        amounts[i] = amount
    return Shares(amounts, set(able).difference(kept), total)


def _within_slots(claims: Sequence[Claim], able: Sequence[int], slots: int | None) -> list[int]:
    if slots is None:
        return list(able)
    seated: set[int] = set()
    admitted = []
    for i in able:
        claim = claims[i]
        if claim.needs_slot and claim.holder not in seated:
            if len(seated) == slots:
                continue
            seated.add(claim.holder)
        admitted.append(i)
    return admitted


def _without_short_shares(claims: Sequence[Claim], admitted: list[int], available: int) -> list[int]:
    total = sum(claims[i].amount for i in admitted)
    if total <= available:
        return admitted

    def is_short(i: int) -> bool:
        return available * claims[i].amount < claims[i].least * total

    # A share only grows when others drop, so only those short at first can drop, the furthest below first.
    short = sorted(
        (i for i in admitted if is_short(i)),
        key=lambda i: (Fraction(claims[i].amount, claims[i].least), -i),
    )
    dropped = set()
    for i in short:
        if total <= available or not is_short(i):
            break
        dropped.add(i)
        total -= claims[i].amount
    return [i for i in admitted if i not in dropped]


# Three bytes a claim: amount, least amount in twelfths of it, holder; a holder needs a slot or not in all its claims.
CROWDS = st.lists(st.binary(min_size=3, max_size=3), min_size=1, max_size=24)


def claims_of(rows: Sequence[bytes], partners: int) -> list[Claim]:
    """Claims of at most eight holders; bit n of `partners` says that holder n is in already."""
    return [
        Claim(
            amount=1 + amount % 40,
            least=max(1, (1 + amount % 40) * (least % 13) // 12),
            holder=holder % 8,
            needs_slot=not partners >> holder % 8 & 1,
        )
        for amount, least, holder in rows
    ]


@settings(max_examples=600)
@given(CROWDS, st.integers(0, 255), st.integers(1, 120), st.one_of(st.none(), st.integers(0, 5)))
def test_the_margin_equals_the_rule_as_it_reads(
    rows: list[bytes], partners: int, available: int, slots: int | None
) -> None:
    claims = claims_of(rows, partners)
    assert share_margin(claims, available, slots) == obvious_margin(claims, available, slots)


class Counted(int):
    """An amount that counts how often it is multiplied: the work of judging a share."""

    work = 0

    def __rmul__(self, other: int) -> int:
        Counted.work += 1
        return int(self) * other


def test_a_crowd_of_all_or_none_claims_under_a_slot_cap_costs_a_step_a_claim() -> None:
    count = 20_000
    claims = [Claim(Counted(1_000 + i % 7), 1_000 + i % 7, i, needs_slot=True) for i in range(count)]
    Counted.work = 0
    shares = share_margin(claims, 1_500, 3)
    assert sum(amount > 0 for amount in shares.amounts) == 1
    assert Counted.work < 3 * count
