"""The partner roll: who holds how much of a fund, and how much of it is free.

A holding is subscribed capital with what is paid in and still to pay. A part may be frozen (offered for sale) or
pledged; only the rest is free. Amounts are minor units of the fund's currency.
Example: 100 subscribed, 30 frozen, 20 pledged -> 50 free; freezing 51 is refused.
Source: rules R-09 (sole registrar) and R-40 (a pledged or frozen amount cannot be listed).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from exchange.core.errors import FieldError
from exchange.core.money import divide_half_up


@dataclass(frozen=True, slots=True)
class Holding:
    """One line of the roll. All amounts in minor units of the fund's currency."""

    id: str
    fund_id: str
    holder_organisation_id: str
    subscribed_minor: int
    paid_in_minor: int
    unfunded_minor: int
    frozen_minor: int = 0
    pledged_minor: int = 0
    version: int = 1
    is_simulated: bool = False

    @property
    def free_minor(self) -> int:
        """What may still be frozen, pledged or sold: subscribed - frozen - pledged."""
        return self.subscribed_minor - self.frozen_minor - self.pledged_minor

    @property
    def key(self) -> tuple[str, str]:
        """The natural key: fund and holder."""
        return self.fund_id, self.holder_organisation_id


@dataclass(frozen=True, slots=True)
class HoldingRecord:
    """What a manager reports of a holder: the figures to be recorded or corrected."""

    fund_id: str
    holder_organisation_id: str
    subscribed_minor: int
    paid_in_minor: int
    unfunded_minor: int
    is_simulated: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The natural key: fund and holder."""
        return self.fund_id, self.holder_organisation_id


@dataclass(frozen=True, slots=True)
class Change:
    """What recording does to the roll: the deltas of one entry. All zero means nothing to do."""

    record: HoldingRecord
    current: Holding | None
    subscribed_delta_minor: int
    paid_in_delta_minor: int
    unfunded_delta_minor: int

    @property
    def is_new(self) -> bool:
        """True when the holder is not on the roll yet."""
        return self.current is None

    @property
    def is_nothing(self) -> bool:
        """True when the roll already says so."""
        deltas = (self.subscribed_delta_minor, self.paid_in_delta_minor, self.unfunded_delta_minor)
        return self.current is not None and not any(deltas)


@dataclass(frozen=True, slots=True)
class RollTotals:
    """Sums over the holders of one fund."""

    holders: int
    subscribed_minor: int
    paid_in_minor: int
    unfunded_minor: int
    frozen_minor: int
    pledged_minor: int


def check_record(record: HoldingRecord) -> tuple[FieldError, ...]:
    """Every contradiction in a reported holding: nothing negative, something subscribed."""
    errors = []
    if record.subscribed_minor <= 0:
        errors.append(FieldError("/subscribed", "NUMBER_NOT_POSITIVE"))
    if record.paid_in_minor < 0:
        errors.append(FieldError("/paid_in", "NUMBER_NEGATIVE"))
    if record.unfunded_minor < 0:
        errors.append(FieldError("/unfunded", "NUMBER_NEGATIVE"))
    return tuple(errors)


def change_of(record: HoldingRecord, current: Holding | None) -> Change:
    """The entry that takes the roll from what it says to what is reported."""
    return Change(
        record=record,
        current=current,
        subscribed_delta_minor=record.subscribed_minor - (current.subscribed_minor if current else 0),
        paid_in_delta_minor=record.paid_in_minor - (current.paid_in_minor if current else 0),
        unfunded_delta_minor=record.unfunded_minor - (current.unfunded_minor if current else 0),
    )


def changes_of(records: Iterable[HoldingRecord], current: Mapping[tuple[str, str], Holding]) -> list[Change]:
    """Changes of several records, in their order; unchanged ones included."""
    return [change_of(record, current.get(record.key)) for record in records]


def keeps_encumbrance(change: Change) -> bool:
    """True when the corrected holding still covers what is frozen and pledged."""
    held = change.current
    return held is None or change.record.subscribed_minor >= held.frozen_minor + held.pledged_minor


def totals(holdings: Iterable[Holding]) -> RollTotals:
    """Sums of a roll; every figure is the sum of its lines."""
    rows = list(holdings)
    return RollTotals(
        holders=len(rows),
        subscribed_minor=sum(row.subscribed_minor for row in rows),
        paid_in_minor=sum(row.paid_in_minor for row in rows),
        unfunded_minor=sum(row.unfunded_minor for row in rows),
        frozen_minor=sum(row.frozen_minor for row in rows),
        pledged_minor=sum(row.pledged_minor for row in rows),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a holding: subscribed capital with the paid-in and the unfunded that belong to it, in minor units."""

    subscribed_minor: int
    paid_in_minor: int
    unfunded_minor: int


def part_of(held: Holding, amount_minor: int) -> Part:
    """What goes with an amount of a holding: paid-in and unfunded pro rata, each rounded half-up once.

    What stays is the difference, so both sides together are what was before; the whole takes everything. ValueError
    for an amount outside the holding. Example: 30 of 100 with 70.01 paid in -> 21.00 go, 49.01 stay.
    """
    if not 0 < amount_minor <= held.subscribed_minor:
        raise ValueError("a part is more than nothing and no more than the holding")
    if amount_minor == held.subscribed_minor:
        return Part(amount_minor, held.paid_in_minor, held.unfunded_minor)
    return Part(
        amount_minor,
        divide_half_up(held.paid_in_minor * amount_minor, held.subscribed_minor),
        divide_half_up(held.unfunded_minor * amount_minor, held.subscribed_minor),
    )
