"""A side of a busted deal appeals in time; what it says stands in the audit trail, for the exchange to answer."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.core.errors import Breach, Forbidden, RulesBroken
from exchange.infra.database import Tx
from exchange.rulebook import service as rulebook
from exchange.settlement.bust import appeal_until
from exchange.settlement.deal import DealStatus
from exchange.settlement.errors import NothingToAppeal
from exchange.settlement.service.progress import tell
from exchange.settlement.service.reads import locked_deal_of
from exchange.settlement.tables.deals import DealRow


def appeal(tx: Tx, actor: Actor, now: datetime, *, deal_id: str, grounds: str) -> DealRow:
    """The buyer or the seller says why a bust was wrong. It moves nothing: both legs stay where the bust put them.

    NOTHING_TO_APPEAL when the deal was not busted; RULES_BROKEN (R-55) after the time to appeal.
    """
    actor.require("deals:act")
    row = locked_deal_of(tx, actor, deal_id)
    if actor.organisation_id not in (row.buyer_organisation_id, row.seller_organisation_id):
        raise Forbidden(permission="deals:act")
    if row.status is not DealStatus.BUSTED:
        raise NothingToAppeal(status=row.status.value)
    profile = rulebook.profile(row.profile, market_date(row.status_at))
    until = appeal_until(profile, rulebook.calendar(tx), row.status_at)
    if now > until:
        rule = profile.bust_appeal_working_days
        breach = Breach(rule.rule_id, "APPEAL_TOO_LATE", {"time": until.isoformat(), "n": str(rule.value)})
        raise RulesBroken(breaches=(breach,), count=1)
    tell(tx, actor, now, row, "deal.bust_appealed", {"grounds": grounds, "until": until.isoformat()})
    return row
