"""How long the other partners have, whether their silence waives, and whether they were told before the bidding."""

from collections.abc import Sequence
from datetime import datetime

from exchange.core.clock import market_date
from exchange.core.terms import FirstRefusalMode
from exchange.custody.roll import Holding
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.listings import service as listings
from exchange.listings.sale import SaleCause
from exchange.listings.sale_rules import partners_days
from exchange.rulebook import service as rulebook
from exchange.rulebook.profile import Rule
from exchange.settlement.tables.deals import DealRow


def partners_rule(tx: Tx, row: DealRow, now: datetime) -> Rule[int]:
    """How many days the other partners have: R-31, in a sale by a court R-37."""
    profile = rulebook.profile(row.profile, market_date(now))
    return partners_days(profile, listings.listing_facts(tx, row.listing_id).cause)


def silence_waives(tx: Tx, row: DealRow) -> bool:
    """By the fund's agreement or the law (R-35); in a sale by a court always (公司法 85, R-37)."""
    if listings.listing_facts(tx, row.listing_id).cause is SaleCause.COURT_ORDER:
        return True
    return funds.transfer_terms(tx, row.fund_id).silence_waives


def called_before_bidding(tx: Tx, row: DealRow, partners: Sequence[Holding]) -> datetime | None:
    """When the last of these partners was told of an auction in which they exercise; None when one was not told.

    A partner who joined since then has not been told: the match is then offered as after any bidding.
    """
    if listings.listing_facts(tx, row.listing_id).first_refusal is FirstRefusalMode.AFTER_BIDDING:
        return None
    called = listings.partners_called(tx, row.listing_id)
    if any(item.holder_organisation_id not in called for item in partners):
        return None
    return max(called.values(), default=None)
