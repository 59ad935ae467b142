"""The cheap checks on accepted papers: each says that the evidence agrees, that it does not, or that it cannot say.

A check reads the figures that were handed in beside the papers (``structured``, amounts as decimal texts) and never the
files. What is not there is no contradiction: the check cannot say. Example: paid-in 1 000 000.00 on the capital account
and calls of 990 000.00 in the ledger differ by more than 0.5 %: a blocking finding. Source: checklist template,
``automatic_flags``; fields of the capital account, cash flows and schedule of investments after ILPA.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from exchange.diligence.finding import Severity
from exchange.diligence.validity import add_months
from exchange.rulebook.calendars import Calendar

STALE_DAYS, STALE_BLOCK_DAYS = 180, 270
TOLERANCE = Decimal("0.005")
PRECISION = Decimal("0.01")
AUDIT_TOLERANCE = Decimal("0.02")
SCHEDULE_TOLERANCE = Decimal("0.01")
FLOOR_SHARE = Decimal("0.9")
MONTHS_OF_TERM, MONTHS_OF_APPRAISAL = 12, 12
LAYERS_MOST = 2
BAD_CONFLICTS = frozenset({"undisclosed", "disqualifying"})


class Answer(StrEnum):
    """What a check may say."""

    AGREES = "agrees"
    FOUND = "found"
    CANNOT_SAY = "cannot_say"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer of a check; with a finding, how much it weighs (None: as the template says) and its figures."""

    answer: Answer
    severity: Severity | None = None
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AcceptedPaper:
    """The figures of an accepted paper, and the date they speak of."""

    structured: Mapping[str, Any]
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Accepted papers by code, with what the registers and the rulebook say around them."""

    papers: Mapping[str, AcceptedPaper]
    today: date
    calendar: Calendar
    partners_most: int
    interval_working_days: int
    interval_trading_days: int
    is_partnership: bool = True
    is_existing_partner: bool = False

    def amount(self, code: str, name: str) -> Decimal:
        """A figure of a paper. Unknown when it is not there."""
        return _decimal(self._value(code, name))

    def amount_or(self, code: str, name: str, otherwise: str) -> Decimal:
        """A figure of a paper, or another one where the paper has none."""
        return _decimal(self._paper(code).structured.get(name, otherwise))

    def day(self, code: str, name: str) -> date:
        """A date in a paper. Unknown when it is not there."""
        try:
            return date.fromisoformat(str(self._value(code, name)))
        except ValueError:
            raise Unknown from None

    def lines(self, code: str, name: str) -> list[Mapping[str, Any]]:
        """The lines of a table in a paper. Unknown when it has none."""
        value = self._value(code, name)
        if not isinstance(value, list) or not all(isinstance(line, Mapping) for line in value):
            raise Unknown
        return value

    def is_said(self, code: str, name: str) -> bool:
        """A yes or no in a paper. Unknown when it is not there."""
        value = self._value(code, name)
        if not isinstance(value, bool):
            raise Unknown
        return value

    def as_of(self, code: str) -> date:
        """The date a paper speaks of. Unknown when the paper is not there."""
        day = self._paper(code).as_of
        if day is None:
            raise Unknown
        return day

    def _paper(self, code: str) -> AcceptedPaper:
        paper = self.papers.get(code)
        if paper is None:
            raise Unknown
        return paper

    def _value(self, code: str, name: str) -> Any:
        value = self._paper(code).structured.get(name)
        if value is None:
            raise Unknown
        return value


class Unknown(Exception):
    """A check misses a figure; it cannot say."""


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unknown
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Unknown from None
    if not number.is_finite():
        raise Unknown
    return number


def _agrees_unless(is_wrong: bool, severity: Severity | None = None, **detail: object) -> Outcome:  # noqa: FBT001
    if not is_wrong:
        return Outcome(Answer.AGREES)
    return Outcome(Answer.FOUND, severity, {name: str(value) for name, value in detail.items()})


def nav_stale(evidence: Evidence) -> Outcome:
    """The capital account is older than 180 days (a warning), older than 270 (it blocks)."""
    days = (evidence.today - evidence.as_of("C07")).days
    severity = Severity.BLOCK if days > STALE_BLOCK_DAYS else Severity.WARN
    return _agrees_unless(days > STALE_DAYS, severity, days=days)


def pcap_vs_ledger(evidence: Evidence) -> Outcome:
    """Paid-in on the capital account is not the sum of the calls, beyond 0.5 % and the currency's precision."""
    paid_in = evidence.amount("C07", "paid_in")
    flows = [flow for flow in evidence.lines("C08", "cash_flows") if str(flow.get("type")).startswith("call_")]
    calls = sum((_decimal(flow.get("amount")) for flow in flows), Decimal())
    return _agrees_unless(abs(paid_in - calls) > max(TOLERANCE * paid_in, PRECISION), paid_in=paid_in, calls=calls)


def unfunded_mismatch(evidence: Evidence) -> Outcome:
    """Commitment less paid-in plus recallable is not what is said to be unfunded, beyond 0.5 % of the commitment."""
    commitment = evidence.amount("C07", "commitment")
    implied = commitment - evidence.amount("C07", "paid_in") + evidence.amount_or("C07", "recallable", "0")
    stated = evidence.amount("C07", "unfunded")
    return _agrees_unless(abs(implied - stated) > TOLERANCE * commitment, implied=implied, stated=stated)


def nav_vs_audit(evidence: Evidence) -> Outcome:
    """The reported NAV of a year end differs from the audited one by more than 2 %."""
    if evidence.day("C05", "year_end") != evidence.day("C06", "year_end"):
        raise Unknown
    reported, audited = evidence.amount("C05", "year_end_nav"), evidence.amount("C06", "nav")
    return _agrees_unless(abs(reported - audited) > AUDIT_TOLERANCE * abs(audited), reported=reported, audited=audited)


def soi_vs_nav(evidence: Evidence) -> Outcome:
    """The schedule of investments with the other net assets differs from the fund's NAV by more than 1 %."""
    values = [_decimal(line.get("fair_value")) for line in evidence.lines("E01", "schedule_of_investments")]
    total = sum(values, evidence.amount("E01", "net_other_assets"))
    nav = evidence.amount("E01", "fund_nav")
    return _agrees_unless(abs(total - nav) > SCHEDULE_TOLERANCE * abs(nav), schedule=total, nav=nav)


def name_mismatch(evidence: Evidence) -> Outcome:
    """A party's legal name or credit code is not the same in all papers that state it."""
    stated: dict[str, dict[tuple[str, str], str]] = {}
    papers = 0
    for code in ("P01", "B01", "C01", "I02"):
        known = list(_parties(evidence, code))
        papers += bool(known)
        for role, name in known:
            stated.setdefault(role, {}).setdefault(name, code)
    if papers < len(("one", "other")):
        raise Unknown
    differing = {role: names for role, names in stated.items() if len(names) > 1}
    return _agrees_unless(
        bool(differing), party=", ".join(differing), papers=", ".join(c for n in differing.values() for c in n.values())
    )


def _parties(evidence: Evidence, code: str) -> Iterator[tuple[str, tuple[str, str]]]:
    paper = evidence.papers.get(code)
    parties = paper.structured.get("parties") if paper else None
    if isinstance(parties, Mapping):
        for role, party in parties.items():
            if isinstance(party, Mapping):
                yield str(role), (str(party.get("name", "")).strip(), str(party.get("credit_code", "")).strip())


def term_short(evidence: Evidence) -> Outcome:
    """The fund ends within 12 months and no extension is in."""
    ends = evidence.day("C01", "fund_ends_on")
    extended = "C11" in evidence.papers and evidence.papers["C11"].structured.get("extended_to")
    if extended:
        ends = max(ends, evidence.day("C11", "extended_to"))
    return _agrees_unless(ends <= add_months(evidence.today, MONTHS_OF_TERM), ends_on=ends)


def partner_limit(evidence: Evidence) -> Outcome:
    """The partnership would have more partners than the law allows (50)."""
    if not evidence.is_partnership:
        return Outcome(Answer.AGREES)
    joins = 0 if evidence.is_existing_partner else 1
    leaves = int(evidence.papers["A05"].structured.get("sells_whole") is True) if "A05" in evidence.papers else 0
    partners = evidence.amount("C12", "partner_count") + joins - leaves
    return _agrees_unless(partners > evidence.partners_most, partners=partners, most=evidence.partners_most)


def nesting(evidence: Evidence) -> Outcome:
    """More layers of products above the fund than allowed, and no exemption is shown."""
    layers = evidence.amount("G04", "layers_above") + 1
    is_exempt = evidence.papers["G04"].structured.get("is_exempt") is True
    return _agrees_unless(layers > LAYERS_MOST and not is_exempt, layers=layers, most=LAYERS_MOST)


def round_trip(evidence: Evidence) -> Outcome:
    """The seller bought this interest itself within the holding interval of the rulebook."""
    acquired = evidence.day("A05", "acquired_on")
    earliest = evidence.calendar.later_of(
        acquired, trading_days=evidence.interval_trading_days, working_days=evidence.interval_working_days
    )
    return _agrees_unless(evidence.today < earliest, acquired_on=acquired, earliest=earliest)


def appraisal_expiry(evidence: Evidence) -> Outcome:
    """The appraisal will be older than a year on the planned day of the award."""
    good_until = add_months(evidence.as_of("S06"), MONTHS_OF_APPRAISAL)
    planned = evidence.day("A05", "planned_award_on")
    return _agrees_unless(good_until < planned, good_until=good_until, planned=planned)


def below_floor(evidence: Evidence) -> Outcome:
    """The price is below the filed appraisal at a first listing, or below 90 % of it without the approval (S12)."""
    price, value = evidence.amount("A05", "price_total"), evidence.amount("S06", "appraised_value")
    paper = evidence.papers["A05"].structured
    if "S12" in evidence.papers:
        return Outcome(Answer.AGREES)
    least = value if paper.get("is_first_listing", True) is not False else value * FLOOR_SHARE
    return _agrees_unless(price < least, price=price, least=least)


def key_person(evidence: Evidence) -> Outcome:
    """The manager declares a key-person event."""
    return _agrees_unless(evidence.is_said("D03", "key_person_event"))


def conflict_adviser(evidence: Evidence) -> Outcome:
    """Who issued a report has a conflict that it did not disclose or that disqualifies it."""
    stated = {
        code: str(paper.structured["issuer_conflict"])
        for code, paper in evidence.papers.items()
        if paper.structured.get("issuer_conflict") is not None
    }
    if not stated:
        raise Unknown
    wrong = [code for code, conflict in stated.items() if conflict in BAD_CONFLICTS]
    return _agrees_unless(bool(wrong), items=", ".join(wrong))


@dataclass(frozen=True, slots=True)
class Check:
    """A check with the papers it reads; a finding is filed under the first. Some stand before each bidder."""

    run: Callable[[Evidence], Outcome]
    reads: tuple[str, ...]
    is_of_bidder: bool = False


ADVISERS_REPORTS = ("F02", "F04", "F06", "K05", "S06", "S10")

CHECKS: Mapping[str, Check] = {
    "nav_stale": Check(nav_stale, ("C07",)),
    "pcap_vs_ledger": Check(pcap_vs_ledger, ("C07", "C08")),
    "unfunded_mismatch": Check(unfunded_mismatch, ("C07",)),
    "nav_vs_audit": Check(nav_vs_audit, ("C05", "C06")),
    "soi_vs_nav": Check(soi_vs_nav, ("E01",)),
    "name_mismatch": Check(name_mismatch, ("B01", "C01", "I02", "P01")),
    "term_short": Check(term_short, ("C01", "C11")),
    "partner_limit": Check(partner_limit, ("C12", "A05"), is_of_bidder=True),
    "nesting": Check(nesting, ("G04",), is_of_bidder=True),
    "round_trip": Check(round_trip, ("A05",)),
    "appraisal_expiry": Check(appraisal_expiry, ("S06", "A05")),
    "below_floor": Check(below_floor, ("A05", "S06", "S12")),
    "key_person": Check(key_person, ("D03",)),
    "conflict_adviser": Check(conflict_adviser, ADVISERS_REPORTS),
}
"""Every flag of the template has its check here."""


def outcome(check: Check, evidence: Evidence) -> Outcome:
    """What a check says of the evidence."""
    try:
        return check.run(evidence)
    except Unknown:
        return Outcome(Answer.CANNOT_SAY)
