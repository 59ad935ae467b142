"""What a deal may cost in tax, as estimates: each side reads its own, operators all."""

from datetime import datetime

from exchange.access.actor import Actor
from exchange.core.clock import market_date
from exchange.funds import service as funds
from exchange.infra.database import Tx
from exchange.rulebook import service as rulebook
from exchange.settlement.closing import share_of
from exchange.settlement.service.reads import deal_of
from exchange.settlement.service.statements import statement_on, terms_of
from exchange.settlement.tax import DealTaxes, TaxItem, tax_cost_minor, tax_estimates

OF_THE_BUYER = frozenset({TaxItem.STAMP_DUTY_BUYER})


def taxes_seen_by(tx: Tx, actor: Actor, now: datetime, *, deal_id: str) -> DealTaxes:
    """Estimates for a closing on its day, or today before it (R-60 to R-62); nothing is withheld.

    The cost is the share of what was paid in at the reference date, plus contributions and less distributions since.
    """
    row = deal_of(tx, actor, deal_id)
    day = market_date(row.transferred_at or now)
    found = statement_on(tx, row, max(day, row.reference_on))
    paid_in = share_of(terms_of(tx, row), funds.nav_statement_facts(tx, row.nav_statement_id).paid_in_minor)
    cost = tax_cost_minor(paid_in, found.contributions_minor, found.distributions_minor)
    estimates = tax_estimates(
        rulebook.profile(row.profile, day),
        found.adjusted_minor,
        cost,
        is_person=False,
        expenses_minor=found.seller_fee_minor + found.seller_stamp_duty_minor,
    )
    sees_seller = actor.sees_everything or actor.organisation_id == row.seller_organisation_id
    sees_buyer = actor.sees_everything or actor.organisation_id == row.buyer_organisation_id
    shown = tuple(each for each in estimates if (sees_buyer if each.item in OF_THE_BUYER else sees_seller))
    return DealTaxes(row.currency, found.adjusted_minor, cost if sees_seller else None, shown)
