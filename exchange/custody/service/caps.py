"""The verdict on a transfer before it is entered on the roll; settlement asks for it at the register."""

from datetime import datetime

from exchange.core.clock import market_date
from exchange.custody.caps import Caps, Roll, Sale, Verdict, transfer_breaches
from exchange.custody.errors import HoldingNotFound
from exchange.custody.store import holdings as store
from exchange.funds import service as funds
from exchange.funds.kinds import LegalForm
from exchange.infra.database import Tx
from exchange.parties import service as parties
from exchange.rulebook import service as rulebook


def transfer_verdict(
    tx: Tx,
    now: datetime,
    *,
    profile: str,
    fund_id: str,
    from_holding_id: str,
    to_organisation_id: str,
    amount_minor: int,
) -> Verdict:
    """Which caps and minimums a transfer of so much subscribed capital (minor units) would break; changes nothing.

    Whoever acts on it holds the fund's lock, so that two transfers do not share the last place. HOLDING_NOT_FOUND for
    a line that is not on this fund's roll.
    """
    held = store.holding(tx, from_holding_id)
    if held is None or held.fund_id != fund_id:
        raise HoldingNotFound
    fund = funds.fund_facts(tx, fund_id)
    rules = rulebook.profile(profile, market_date(now))
    lines = store.holdings(tx, fund_ids=[fund_id])
    subscribed = {line.holder_organisation_id: line.subscribed_minor for line in lines if line.subscribed_minor > 0}
    people = {held.holder_organisation_id, to_organisation_id, *subscribed}
    is_partnership = fund.legal_form is LegalForm.PARTNERSHIP
    return transfer_breaches(
        Sale(
            held.holder_organisation_id,
            to_organisation_id,
            amount_minor,
            held.frozen_minor,
            fund.manager_organisation_id if is_partnership else None,
        ),
        Roll(subscribed, parties.behind_of(tx, now, sorted(people)), fund.currency),
        Caps(
            partners=rules.partner_cap.value if is_partnership else None,
            partners_rule=rules.partner_cap.rule_id,
            holders=rules.holder_cap.value,
            holders_rule=rules.holder_cap.rule_id,
            minimum_holding_minor=rules.minimum_holding_minor.value.get(fund.currency, 0),
            minimum_rule=rules.minimum_holding_minor.rule_id,
        ),
    )
