"""One listing with its terms and its fund's history, as a page shows it."""

from collections.abc import Sequence

from exchange.access.roles import Role
from exchange.core.clock import market_date
from exchange.core.money import Money
from exchange.core.terms import MatchingMode
from exchange.funds import service as funds
from exchange.funds.fund import is_simulated_filing
from exchange.funds.service import NavStatementRow
from exchange.listings import service as listings
from exchange.listings.service import ListedInterest
from exchange.rulebook import service as rulebook
from exchange.web.explain import said_reason
from exchange.web.lines import TAKES_BIDS, basis_of, lines_of
from exchange.web.models import ListingPage, Statement
from exchange.web.names import organisation_names
from exchange.web.plan_form import announced_words
from exchange.web.visit import Visit


def listing_page(visit: Visit, listing_id: str) -> ListingPage:
    """Everything but the live book. A listing the viewer may not see does not exist."""
    row = listings.listing_of(visit.tx, visit.actor, listing_id)
    interest = listings.described(visit.tx, visit.actor, [row])[0]
    line = lines_of(visit.tx, visit.actor, [interest], visit.language, market_date(visit.now))[0]
    basis, currency = basis_of(interest), interest.fund.currency
    profile = rulebook.profile(row.profile, market_date(visit.now))
    takes_bids = row.status in TAKES_BIDS and row.book_id is not None
    is_buyer = Role.INVESTOR in visit.actor.roles and visit.viewer.may("orders:write")
    return ListingPage(
        line=line,
        fund_id=interest.fund.id,
        nav_minor=interest.nav.nav_minor,
        price_ppm=row.price_ppm,
        floor_ppm=None if row.mode is MatchingMode.CONTINUOUS else row.floor_price_ppm,
        minimum=Money(profile.minimum_amount_minor.value[currency], currency)
        if profile.knows_currency(currency)
        else None,
        deposit_ppm=profile.deposit_ppm.value,
        tick_ppm=profile.tick_ppm.value,
        total_at_ask=Money(basis.value_minor(row.amount_minor, row.price_ppm), currency),
        unit_price=basis.unit_price(row.price_ppm),
        time_in_force=row.time_in_force.value,
        all_or_none=row.all_or_none,
        status_reason=said_reason(visit.t, row.status_reason, row.status_note),
        seller_name=_seller(visit, interest),
        profile=row.profile,
        warning=interest.fund.warning,
        source=interest.fund.source,
        filing_code=interest.fund.filing_code,
        filing_is_simulated=is_simulated_filing(interest.fund.filing_code),
        cause=row.cause.value,
        first_refusal=row.first_refusal.value,
        is_favourable_exit=row.is_favourable_exit,
        version=row.version,
        payment=announced_words(visit, row.plan),
        plan_discount_ppm=row.plan_discount_ppm,
        history=_history(visit, interest),
        can_bid=takes_bids and is_buyer and not interest.is_own,
        is_mine=interest.is_own,
    )


def _seller(visit: Visit, interest: ListedInterest) -> str | None:
    if not interest.shows_seller:
        return None
    seller = interest.row.seller_organisation_id
    return organisation_names(visit.tx, [seller], visit.language).get(seller)


def _history(visit: Visit, interest: ListedInterest) -> tuple[Statement, ...]:
    rows = sorted(funds.nav_statements_of(visit.tx, visit.actor, interest.fund.id), key=lambda row: row.as_of)
    return tuple(reversed(_statements(rows, interest.fund.currency)))


def _statements(rows: Sequence[NavStatementRow], currency: str) -> list[Statement]:
    """Statements with what was called and distributed since the one before; the first shows no movement."""
    found = []
    for index, row in enumerate(rows):
        before = rows[index - 1] if index else row
        found.append(
            Statement(
                as_of=row.as_of,
                nav=Money(row.nav_minor, currency),
                called=Money(row.paid_in_minor - before.paid_in_minor, currency),
                distributed=Money(row.distributed_minor - before.distributed_minor, currency),
                paid_in=Money(row.paid_in_minor, currency),
                unfunded=Money(row.unfunded_minor, currency),
                tvpi_ppm=row.tvpi_ppm,
                irr_ppm=row.irr_ppm,
                source_mark=row.source_mark.value,
            )
        )
    return found


def history_values(visit: Visit, listing: ListingPage) -> dict[str, object]:
    """The chart's unit, the sentence that sums it up, and whether IRRs need their warning."""
    history = listing.history
    unit = visit.f.column_unit(statement.nav for statement in history)
    sentence = ""
    if history:
        currency = listing.line.amount.currency
        called = sum(statement.called.minor for statement in history)
        distributed = sum(statement.distributed.minor for statement in history)
        sentence = visit.t(
            "listing.history_sentence",
            first=visit.f.quarter(history[-1].as_of),
            last=visit.f.quarter(history[0].as_of),
            from_nav=visit.f.money_text(history[-1].nav),
            to_nav=visit.f.money_text(history[0].nav),
            called=visit.f.money_text(Money(called, currency)),
            distributed=visit.f.money_text(Money(distributed, currency)),
        )
    return {
        "history_unit": unit,
        "history_sentence": sentence,
        "has_irr": any(statement.irr_ppm is not None for statement in history),
    }
