"""What the order path needs to know of an organisation, in one value: admission, class, suitability, group."""

from dataclasses import dataclass
from datetime import date

from exchange.core.terms import BuyerClass
from exchange.parties.deemed import Deemed


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

    def is_related_to(self, other: "Standing") -> bool:
        """True when both are one party or share a beneficial owner (rule R-14)."""
        return not set(self.group_keys).isdisjoint(other.group_keys)
