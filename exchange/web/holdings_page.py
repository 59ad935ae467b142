"""What the page of holdings shows: interests with what is free of them, pledges, and for operators what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from starlette.responses import Response

from exchange.core.ids import new_id
from exchange.core.lifecycle import allowed_events
from exchange.core.money import Money
from exchange.custody import service as custody
from exchange.custody.pledge import PLEDGE_LIFECYCLE, PledgeReason
from exchange.custody.roll import Holding
from exchange.custody.service import pledges as pledge_service
from exchange.custody.service.pledges import PledgeRow
from exchange.diligence.pledge_papers import RELEASE_LETTER
from exchange.diligence.service.pledge_papers import PLEDGE
from exchange.diligence.service.templates import template
from exchange.funds import service as funds
from exchange.web.names import organisation_names
from exchange.web.visit import Visit

PAGE = 50
CHOICES_MAX = 500
PLEDGES_MAX = 100


@dataclass(frozen=True, slots=True)
class HoldingLine:
    """An interest with what is frozen, pledged and free of it."""

    holding_id: str
    fund_name: str
    fund_code: str
    holder: str
    is_own: bool
    subscribed: Money
    paid_in: Money
    unfunded: Money
    frozen: Money
    pledged: Money
    free: Money
    is_simulated: bool


@dataclass(frozen=True, slots=True)
class PledgeLine:
    """A pledge with its papers and what the viewer may do about it."""

    pledge_id: str
    fund_name: str
    holder: str
    is_own: bool
    amount: Money
    creditor: str
    creditor_code: str
    secured: Money
    ends_on: date
    contract_number: str
    permitted_by: str
    papers: tuple[tuple[str, str], ...]
    status: str
    reason: str
    note: str
    requested_at: datetime
    is_simulated: bool
    allowed: tuple[str, ...]


def holdings_page(
    visit: Visit, refused: Sequence[str] = (), typed: dict[str, str] | None = None, *, after: str | None = None
) -> Response:
    """The page, with what a refused form said and carried; ``after``: the last interest of the page before."""
    rows = custody.holdings_of(visit.tx, visit.actor, after=after, limit=PAGE + 1)
    lines = _lines(visit, rows[:PAGE])
    may_ask = visit.viewer.may(pledge_service.ASK)
    return visit.page(
        "holdings.html",
        status_code=409 if refused else 200,
        holdings=lines,
        next_page=rows[PAGE - 1].id if len(rows) > PAGE else "",
        choices=_choices(visit) if may_ask else [],
        with_holder=any(not line.is_own for line in lines),
        pledges=_pledges(visit),
        papers=pledge_papers(visit),
        reasons=[(reason.value, visit.t(f"pledge_reason.{reason}")) for reason in PledgeReason],
        may_ask=may_ask,
        may_run=visit.viewer.may(pledge_service.RUN),
        typed=typed or {},
        refused=refused,
        message=visit.message(),
        idempotency_key=new_id("request"),
    )


def pledge_papers(visit: Visit) -> list[tuple[str, str]]:
    """The papers a pledge is asked for with: code and name."""
    items = template().service_checklists[PLEDGE].items
    return [(item.code, item.en if visit.language == "en" else item.zh) for item in items]


def _choices(visit: Visit) -> list[HoldingLine]:
    holder = visit.actor.organisation_id
    rows = custody.holdings_of(visit.tx, visit.actor, holder_id=holder, limit=CHOICES_MAX)
    return _lines(visit, [row for row in rows if row.free_minor > 0])


def _lines(visit: Visit, rows: Sequence[Holding]) -> list[HoldingLine]:
    known = funds.funds_by_id(visit.tx, sorted({row.fund_id for row in rows}))
    names = organisation_names(visit.tx, [row.holder_organisation_id for row in rows], visit.language)
    lines = []
    for row in rows:
        currency = known[row.fund_id].currency
        lines.append(
            HoldingLine(
                holding_id=row.id,
                fund_name=known[row.fund_id].name,
                fund_code=known[row.fund_id].code,
                holder=names[row.holder_organisation_id],
                is_own=row.holder_organisation_id == visit.actor.organisation_id,
                subscribed=Money(row.subscribed_minor, currency),
                paid_in=Money(row.paid_in_minor, currency),
                unfunded=Money(row.unfunded_minor, currency),
                frozen=Money(row.frozen_minor, currency),
                pledged=Money(row.pledged_minor, currency),
                free=Money(row.free_minor, currency),
                is_simulated=row.is_simulated,
            )
        )
    return sorted(lines, key=lambda line: (line.fund_name, line.holder))


def _pledges(visit: Visit) -> list[PledgeLine]:
    rows = pledge_service.pledges_of(visit.tx, visit.actor, limit=PLEDGES_MAX)
    known = funds.funds_by_id(visit.tx, sorted({row.fund_id for row in rows}))
    names = organisation_names(visit.tx, [row.holder_organisation_id for row in rows], visit.language)
    titles = dict(pledge_papers(visit)) | {RELEASE_LETTER: visit.t("holdings.letter")}
    return [_line(visit, row, known[row.fund_id].name, names, titles) for row in rows]


def _line(visit: Visit, row: PledgeRow, fund_name: str, names: dict[str, str], titles: dict[str, str]) -> PledgeLine:
    papers = (*sorted(row.papers), *sorted(row.release_papers))
    return PledgeLine(
        pledge_id=row.id,
        fund_name=fund_name,
        holder=names[row.holder_organisation_id],
        is_own=row.holder_organisation_id == visit.actor.organisation_id,
        amount=Money(row.amount_minor, row.currency),
        creditor=row.creditor_name,
        creditor_code=row.creditor_code,
        secured=Money(row.secured_minor, row.currency),
        ends_on=row.ends_on,
        contract_number=row.contract_number,
        permitted_by=row.permitted_by,
        papers=tuple((code, titles.get(code, code)) for code in papers),
        status=row.status.value,
        reason=visit.t(f"pledge_reason.{row.reason}") if row.reason else "",
        note=row.note,
        requested_at=row.requested_at,
        is_simulated=row.is_simulated,
        allowed=tuple(allowed_events(PLEDGE_LIFECYCLE, row.status)),
    )
