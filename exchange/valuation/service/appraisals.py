"""Appraisals: an adviser or an operator enters the report, another operator records its filing.

A filed appraisal is for everyone and speaks as a model of its own; before that only its own side and those who watch
know of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from exchange.access.actor import SYSTEM, Actor
from exchange.access.errors import SamePerson
from exchange.core.clock import market_date
from exchange.core.errors import FieldError
from exchange.core.events import MARKET, Event, EventData
from exchange.core.ids import new_id
from exchange.funds import service as funds
from exchange.funds.service import FundRow, NavStatementRow
from exchange.infra.database import Tx
from exchange.infra.outbox import emit
from exchange.parties import service as parties
from exchange.rulebook import service as rulebook
from exchange.valuation import store
from exchange.valuation.appraisal import Appraisal, check_appraisal, floor_minor, valid_until
from exchange.valuation.errors import AppraisalExpired, AppraisalFiled, AppraisalInvalid, AppraisalNotFound
from exchange.valuation.store import Filed
from exchange.valuation.tables import AppraisalFilingRow, AppraisalRow


@dataclass(frozen=True, slots=True)
class FiledFloor:
    """The filed value of an amount on offer, and which appraisal says so."""

    minor: int
    appraisal_id: str
    filing_number: str
    valid_until: date


def record_appraisal(tx: Tx, actor: Actor, now: datetime, *, appraisal: Appraisal) -> Filed:
    """Enter an appraisal report. APPRAISAL_INVALID names every figure that cannot be."""
    actor.require("appraisals:write")
    actor.require("funds:read")
    return _recorded(tx, now, appraisal, user_id=actor.user_id, organisation_id=actor.organisation_id)


def record_report(tx: Tx, now: datetime, *, engagement_id: str, report: EventData) -> Filed | None:
    """Record the report of an engaged adviser that its client has accepted; None when it is recorded already.

    ``report`` is what ``engagement.valuation_accepted`` tells. A report that was sound when it was delivered and is not
    any more (a corrected statement, a shorter validity) is not recorded; ``appraisal.not_recorded`` says why.
    """
    appraisal = _reported(tx, report)
    if store.has_report(tx, appraisal):
        return None
    by = {"user_id": str(report["delivered_by"]), "organisation_id": str(report["adviser_organisation_id"])}
    try:
        return _recorded(tx, now, appraisal, **by)
    except AppraisalInvalid as refusal:
        codes = ", ".join(f"{each.pointer} {each.code}" for each in refusal.fields)
        data = {"fund_id": appraisal.fund_id, "engagement_id": engagement_id, "codes": codes}
        event = Event("appraisal.not_recorded", engagement_id, (by["organisation_id"],), data)
        emit(tx, now, event, actor_id=SYSTEM.user_id)
        return None


def _reported(tx: Tx, report: EventData) -> Appraisal:
    """The appraisal in an accepted report, as it is kept: whole minor units and texts."""
    result = report["result"]
    if not isinstance(result, Mapping):
        raise TypeError("an accepted report has figures")
    adviser_id = str(report["adviser_organisation_id"])
    names = parties.names_of(tx, [adviser_id])[adviser_id]
    return Appraisal(
        fund_id=str(report["fund_id"]),
        nav_statement_id=result["nav_statement_id"],
        amount_minor=result["amount_minor"],
        profile=result["profile"],
        base_on=date.fromisoformat(result["base_on"]),
        valid_until=date.fromisoformat(result["valid_until"]),
        purpose=result["purpose"],
        methods=tuple(result["methods"]),
        appraiser=names[0],
        appraiser_organisation_id=adviser_id,
        report_number=result["report_number"],
        low_minor=result["low_minor"],
        point_minor=result["point_minor"],
        high_minor=result["high_minor"],
    )


def _recorded(tx: Tx, now: datetime, appraisal: Appraisal, *, user_id: str, organisation_id: str) -> Filed:
    fund = funds.fund_facts(tx, appraisal.fund_id)
    statement = _statement(tx, fund, appraisal)
    rule = rulebook.profile(appraisal.profile, market_date(now)).appraisal_valid_days
    fields = check_appraisal(
        appraisal,
        today=market_date(now),
        valid_days=rule.value,
        subscribed_minor=statement.subscribed_minor,
    )
    if fields:
        raise AppraisalInvalid(fields=fields)
    appraiser_id = appraisal.appraiser_organisation_id
    if appraiser_id is not None and appraiser_id not in parties.names_of(tx, [appraiser_id]):
        raise AppraisalInvalid(fields=(FieldError("/appraiser_organisation_id", "APPRAISER_UNKNOWN"),))
    row = AppraisalRow(
        id=new_id("appraisal"),
        fund_id=fund.id,
        nav_statement_id=statement.id,
        amount_minor=appraisal.amount_minor or statement.subscribed_minor,
        profile=appraisal.profile,
        base_on=appraisal.base_on,
        valid_until=valid_until(appraisal, rule.value),
        purpose=appraisal.purpose,
        methods=list(appraisal.methods),
        appraiser=appraisal.appraiser,
        appraiser_organisation_id=appraiser_id,
        report_number=appraisal.report_number,
        low_minor=appraisal.low_minor,
        point_minor=appraisal.point_minor,
        high_minor=appraisal.high_minor,
        entered_by=user_id,
        entered_by_organisation_id=organisation_id,
        entered_at=now,
    )
    store.add(tx, row)
    data = {"fund_id": fund.id, "base_on": row.base_on.isoformat(), "report_number": row.report_number}
    emit(tx, now, Event("appraisal.recorded", row.id, (organisation_id,), data), actor_id=user_id)
    return Filed(row, None)


def file_appraisal(
    tx: Tx, actor: Actor, now: datetime, *, appraisal_id: str, filing_number: str, filed_on: date
) -> Filed:
    """Record that an appraisal was filed; an operator who did not enter it."""
    actor.require("appraisals:file")
    found = store.lock_appraisal(tx, appraisal_id)
    if found is None:
        raise AppraisalNotFound
    row = found.row
    if row.entered_by == actor.user_id:
        raise SamePerson
    if found.filing is not None:
        raise AppraisalFiled(number=found.filing.filing_number)
    if not row.base_on <= filed_on <= market_date(now):
        raise AppraisalInvalid(fields=(FieldError("/filed_on", "FILING_DATE_OUT_OF_RANGE"),))
    if market_date(now) > row.valid_until:
        raise AppraisalExpired(date=row.valid_until.isoformat())
    filing = AppraisalFilingRow(
        appraisal_id=row.id,
        filing_number=filing_number,
        filed_on=filed_on,
        filed_by=actor.user_id,
        recorded_at=now,
    )
    store.add(tx, filing)
    data = {"fund_id": row.fund_id, "filing_number": filing_number, "filed_on": filed_on.isoformat()}
    emit(tx, now, Event("appraisal.filed", row.id, (MARKET,), data), actor_id=actor.user_id)
    return Filed(row, filing)


def appraisal_of(tx: Tx, actor: Actor, appraisal_id: str) -> Filed:
    """An appraisal: a filed one, one of the caller's organisation, or any for those who watch."""
    actor.require("valuations:read")
    found = store.appraisal(tx, appraisal_id)
    if found is None or not _may_see(actor, found):
        raise AppraisalNotFound
    return found


def appraisals_of(
    tx: Tx, actor: Actor, *, fund_id: str | None = None, before: str | None = None, limit: int = 200
) -> list[Filed]:
    """Appraisals the caller may see, newest first."""
    actor.require("valuations:read")
    entered_by = None if actor.sees_everything else actor.organisation_id
    return store.appraisals(tx, fund_id=fund_id, entered_by=entered_by, before=before, limit=limit)


def filed_floor(tx: Tx, fund_id: str, on: date, amount_minor: int) -> FiledFloor | None:
    """What the newest filed appraisal that is valid on a day says of an amount of subscribed capital; None without."""
    valid = [row for row, _ in store.filed_appraisals(tx, [fund_id], on)[fund_id] if on <= row.valid_until]
    if not valid:
        return None
    row = valid[-1]
    filed = store.appraisal(tx, row.id)
    number = filed.filing.filing_number if filed is not None and filed.filing is not None else ""
    return FiledFloor(floor_minor(row.point_minor, row.amount_minor, amount_minor), row.id, number, row.valid_until)


def filed_floor_minor(tx: Tx, fund_id: str, on: date, amount_minor: int) -> int | None:
    """The filed value alone, in minor units; None when no valid appraisal is filed."""
    found = filed_floor(tx, fund_id, on, amount_minor)
    return None if found is None else found.minor


def _statement(tx: Tx, fund: FundRow, appraisal: Appraisal) -> NavStatementRow:
    """The statement the appraisal refers to: the one it names, or the newest up to its base date."""
    if appraisal.nav_statement_id is not None:
        row = funds.nav_statements_by_id(tx, [appraisal.nav_statement_id]).get(appraisal.nav_statement_id)
        if row is None or row.fund_id != fund.id:
            raise AppraisalInvalid(fields=(FieldError("/nav_statement_id", "STATEMENT_OF_OTHER_FUND"),))
        return row
    statements = funds.histories(tx, [fund.id], appraisal.base_on).statements[fund.id]
    if not statements:
        raise AppraisalInvalid(fields=(FieldError("/nav_statement_id", "STATEMENT_MISSING"),))
    return statements[-1]


def _may_see(actor: Actor, found: Filed) -> bool:
    own = found.row.entered_by_organisation_id == actor.organisation_id
    return found.filing is not None or own or actor.sees_everything
