"""An adviser's entry in the directory: what it may do, with which licences and cover, where, for whom, at what price.

It is admitted for a year at most (number of the market profile), and no longer than the licences and the
professional-liability cover it rests on. Lawyers, auditors and appraisers need a licence of their own trade.
Example: admitted 2026-07-01 for 365 days with a licence until 2026-12-31 -> until 2026-12-31.
Source: admission rules of the exchange's advice service (京金融〔2020〕7号, measure 9); licences by 律师法,
注册会计师法, 资产评估法.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from exchange.core.errors import FieldError
from exchange.core.money import MAX_MINOR
from exchange.diligence.engagement import AdviserKind, FeeBasis

LICENSED = (AdviserKind.LAW, AdviserKind.AUDIT, AdviserKind.APPRAISAL)
"""Trades that nobody practises without a licence."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence or filing: for which work, of which authority, under which number, until when (None: without end)."""

    kind: AdviserKind
    authority: str
    number: str
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class LiabilityCover:
    """Professional-liability insurance in force."""

    insurer: str
    policy_number: str
    amount_minor: int
    currency: str
    valid_until: date


@dataclass(frozen=True, slots=True)
class AdviserEntry:
    """Everything an adviser says of itself. ``fee_low_minor`` to ``fee_high_minor``: the typical range."""

    kinds: tuple[AdviserKind, ...]
    licences: tuple[Licence, ...]
    cover: LiabilityCover
    confidentiality_signed_on: date
    regions: tuple[str, ...]
    strategies: tuple[str, ...]
    deal_types: tuple[str, ...]
    languages: tuple[str, ...]
    team_leads: tuple[str, ...]
    fee_basis: FeeBasis
    fee_currency: str
    fee_low_minor: int | None
    fee_high_minor: int | None
    capacity: str
    discipline: str


def entry_of(data: Mapping[str, Any]) -> AdviserEntry:
    """A kept entry back as values."""
    cover = data["cover"]
    listed = ("regions", "strategies", "deal_types", "languages", "team_leads")
    typed = {
        "kinds": tuple(AdviserKind(each) for each in data["kinds"]),
        "licences": tuple(
            Licence(AdviserKind(each["kind"]), each["authority"], each["number"], _day(each["expires_on"]))
            for each in data["licences"]
        ),
        "cover": LiabilityCover(**{**cover, "valid_until": date.fromisoformat(cover["valid_until"])}),
        "confidentiality_signed_on": date.fromisoformat(data["confidentiality_signed_on"]),
        "fee_basis": FeeBasis(data["fee_basis"]),
        **{name: tuple(data[name]) for name in listed},
    }
    return AdviserEntry(**{**data, **typed})


def check_entry(entry: AdviserEntry, today: date) -> tuple[FieldError, ...]:
    """Everything that keeps an adviser from being admitted today; pointers are those of the application."""
    return tuple(_faults(entry, today))


def admitted_until(entry: AdviserEntry, today: date, admission_days: int) -> date:
    """The last day of an admission: the profile's days, or the first end of a licence or of the cover."""
    ends = [today + timedelta(days=admission_days), entry.cover.valid_until]
    return min([*ends, *(each.expires_on for each in entry.licences if each.expires_on is not None)])


def _faults(entry: AdviserEntry, today: date) -> Iterator[FieldError]:
    if not entry.kinds or len(set(entry.kinds)) != len(entry.kinds):
        yield FieldError("/kinds", "FIELD_INVALID")
    licensed = {each.kind for each in entry.licences}
    for kind in entry.kinds:
        if kind in LICENSED and kind not in licensed:
            yield FieldError("/licences", "LICENCE_MISSING", {"kind": kind.value})
    for place, licence in enumerate(entry.licences):
        if licence.expires_on is not None and licence.expires_on < today:
            yield FieldError(f"/licences/{place}/expires_on", "LICENCE_EXPIRED", {"date": str(licence.expires_on)})
    if entry.cover.valid_until < today:
        yield FieldError("/cover/valid_until", "COVER_EXPIRED", {"date": str(entry.cover.valid_until)})
    if not 0 < entry.cover.amount_minor <= MAX_MINOR:
        yield FieldError("/cover/amount", "AMOUNT_OUT_OF_BOUNDS")
    if entry.confidentiality_signed_on > today:
        yield FieldError("/confidentiality_signed_on", "DATE_IN_FUTURE")
    low, high = entry.fee_low_minor or 0, entry.fee_high_minor
    if high is not None and low > high:
        yield FieldError("/fee_high", "RANGE_OUT_OF_ORDER")


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
