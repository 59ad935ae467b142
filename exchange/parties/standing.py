"""What the order path needs to know of an organisation, in one value: admission, class, suitability, group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from exchange.core.terms import BuyerClass
from exchange.parties.deemed import NOT_LOOKED_THROUGH, Deemed, DeemedKind


@dataclass(frozen=True, slots=True)
class Standing:
    """Assets are minor units of ``suitability_currency``; ``group_keys`` hold the organisation and who controls it.

    ``deemed``: qualified by law, whatever the assets (R-23).
    """

    organisation_id: str
    is_approved: bool = False
    is_simulated: bool = False
    buyer_class: BuyerClass = BuyerClass.OTHER
    class_valid_to: date | None = None
    suitable_until: date | None = None
    suitability_currency: str | None = None
    net_assets_minor: int = 0
    financial_assets_minor: int = 0
    risk_rating: int = 0
    risk_statement_signed: bool = False
    no_nominee_declared: bool = False
    group_keys: tuple[str, ...] = ()
    deemed: Deemed | None = None

    def class_on(self, today: date) -> BuyerClass:
        """The approved class while its evidence is valid, afterwards ``other``: nothing rests on an old proof."""
        if self.class_valid_to is not None and today <= self.class_valid_to:
            return self.buyer_class
        return BuyerClass.OTHER

    def is_looked_through(self, today: date) -> bool:
        """Whether the people behind it are counted as holders, not it (R-23, R-24)."""
        is_in_force = self.suitable_until is not None and today <= self.suitable_until
        return not (is_in_force and self.deemed is not None and self.deemed.kind in NOT_LOOKED_THROUGH)

    def is_related_to(self, other: "Standing") -> bool:
        """True when both are one party or share a beneficial owner (rule R-14)."""
        return not set(self.group_keys).isdisjoint(other.group_keys)


COLUMNS = (
    "organisation_id, is_approved, is_simulated, buyer_class, class_valid_to, suitable_until, suitability_currency, "
    "net_assets_minor, financial_assets_minor, risk_rating, risk_statement_signed, no_nominee_declared, group_keys, "
    "deemed_kind, deemed_manager_id"
)
"""What a standing is read from, in the order of ``standing_of``."""

COLUMN_COUNT = 15


def standing_of(row: Sequence[Any]) -> Standing:
    """A standing from the values of ``COLUMNS``; what follows them is left alone."""
    kind = row[13]
    return Standing(
        organisation_id=row[0],
        is_approved=row[1],
        is_simulated=row[2],
        buyer_class=BuyerClass(row[3]),
        class_valid_to=row[4],
        suitable_until=row[5],
        suitability_currency=row[6],
        net_assets_minor=row[7],
        financial_assets_minor=row[8],
        risk_rating=row[9],
        risk_statement_signed=row[10],
        no_nominee_declared=row[11],
        group_keys=tuple(row[12]),
        deemed=Deemed(DeemedKind(kind), row[14]) if kind else None,
    )
