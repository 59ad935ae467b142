"""Who may see, who looked and who knew what: the tabs of a data room for those who run or watch it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Form

from exchange.access.service import users
from exchange.core.clock import MARKET_ZONE
from exchange.core.errors import FieldError, Invalid
from exchange.core.ids import is_id
from exchange.diligence.grant import Grant
from exchange.diligence.knowledge import Knowledge
from exchange.diligence.room import GrantEffect
from exchange.diligence.service import grants, room_log, rooms
from exchange.diligence.service.grants import RoomGrantRow
from exchange.diligence.service.rooms import Seat
from exchange.diligence.visibility import Side
from exchange.web.models import Choice
from exchange.web.names import organisation_names
from exchange.web.room_models import GrantForm, GrantLine, KnowledgeLine, LogLine, ReaderLine, ShortlistLine
from exchange.web.room_page import document_titles, item_title
from exchange.web.visit import Visit

LOG_PAGE = 50
ITEM, DOCUMENT = "item:", "document:"


# -- grants and the shortlist -----------------------------------------------------------------------------------------


def grant_lines(visit: Visit, seat: Seat) -> list[GrantLine]:
    """Every grant of the room, newest first."""
    found = grants.grants_of(visit.tx, visit.actor, visit.now, seat.deal.room.id)
    names = _names(visit, (each for row in found for each in (row.organisation_id, row.granted_by_organisation_id)))
    titles = document_titles(visit, seat)
    return [_grant_line(visit, seat, row, names, titles) for row in found]


def _grant_line(
    visit: Visit, seat: Seat, row: RoomGrantRow, names: dict[str, str], titles: dict[str, str]
) -> GrantLine:
    is_live = row.revoked_at is None and (row.ends_at is None or row.ends_at > visit.now)
    may = seat.viewer.side is Side.OPERATOR or row.granted_by_organisation_id in seat.deal.sides
    subject = visit.t("room.grant_all")
    if row.item_code:
        subject = f"{row.item_code} {item_title(visit, seat, row.item_code)}"
    elif row.document_id:
        subject = titles.get(row.document_id, row.document_id)
    return GrantLine(
        grant_id=row.id,
        organisation=names.get(row.organisation_id, row.organisation_id),
        effect=row.effect.value,
        subject=subject,
        reason=row.reason,
        granted_by=names.get(row.granted_by_organisation_id, ""),
        granted_at=row.granted_at,
        ends_at=row.ends_at,
        revoked_at=row.revoked_at,
        is_live=is_live,
        can_revoke=is_live and may,
    )


def _form(
    organisation: Annotated[str, Form(max_length=40)] = "",
    other: Annotated[str, Form(max_length=40)] = "",
    effect: Annotated[str, Form(max_length=10)] = "allow",
    subject: Annotated[str, Form(max_length=60)] = "",
    ends_at: Annotated[str, Form(max_length=30)] = "",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> GrantForm:
    return GrantForm(organisation, other.strip(), effect, subject, ends_at, reason.strip())


Granting = Annotated[GrantForm, Depends(_form)]


def grant_of(form: GrantForm) -> Grant:
    """The grant that was typed. Invalid names the field that cannot be read."""
    organisation_id = form.other or form.organisation
    wrong = []
    if not is_id("organisation", organisation_id):
        wrong.append(FieldError("/organisation", "GRANT_TO_A_SIDE"))
    if form.effect not in set(GrantEffect):
        wrong.append(FieldError("/effect", "FORM_UNREADABLE"))
    ends_at = None
    if form.ends_at:
        try:
            ends_at = datetime.fromisoformat(form.ends_at).replace(tzinfo=MARKET_ZONE)
        except ValueError:
            wrong.append(FieldError("/ends_at", "FORM_UNREADABLE"))
    if wrong:
        raise Invalid(fields=tuple(wrong))
    return Grant(
        organisation_id=organisation_id,
        effect=GrantEffect(form.effect),
        reason=form.reason,
        item_code=form.subject.removeprefix(ITEM) if form.subject.startswith(ITEM) else None,
        document_id=form.subject.removeprefix(DOCUMENT) if form.subject.startswith(DOCUMENT) else None,
        ends_at=ends_at,
    )


def grant_choices(visit: Visit, seat: Seat, form: GrantForm) -> dict[str, list[Choice]]:
    """Bidders that are known here, and what a grant may cover: items of the deal, documents that the viewer sees."""
    known = rooms.bidder_seats(visit.tx, seat.deal, visit.now)
    names = _names(visit, known)
    return {
        "organisations": [Choice(each, names.get(each, each), each == form.organisation) for each in known],
        "items": [
            Choice(ITEM + code, f"{code} {item_title(visit, seat, code)}", form.subject == ITEM + code)
            for code in seat.deal.places
        ],
        "documents": [
            Choice(DOCUMENT + each, title, form.subject == DOCUMENT + each)
            for each, title in document_titles(visit, seat).items()
        ],
    }


def shortlist_lines(visit: Visit, seat: Seat) -> list[ShortlistLine]:
    """The bidders in the room, and who of them may see shortlist papers."""
    known = rooms.bidder_seats(visit.tx, seat.deal, visit.now)
    names = _names(visit, known)
    return [
        ShortlistLine(each, names.get(each, each), other.viewer.is_shortlisted, other.viewer.has_nda)
        for each, other in known.items()
    ]


# -- the logs ---------------------------------------------------------------------------------------------------------


def log_lines(visit: Visit, seat: Seat, before: str | None) -> tuple[list[LogLine], str]:
    """A page of the log, newest first, and from where the next page goes on (empty at the end)."""
    found = room_log.views_of(visit.tx, visit.actor, visit.now, seat.deal.room.id, before=before, limit=LOG_PAGE + 1)
    shown = found[:LOG_PAGE]
    names = _names(visit, (line.row.organisation_id for line in shown))
    people = _people(visit, (line.user_id for line in shown))
    titles = document_titles(visit, seat)
    lines = [
        LogLine(
            at=line.row.at,
            organisation=names.get(line.row.organisation_id, ""),
            person=people.get(line.user_id or "", ""),
            document_id=line.row.document_id if line.row.document_id in titles else "",
            document=titles.get(line.row.document_id, line.row.document_id),
            version=line.row.document_version,
            page=line.row.page,
            kind=line.row.kind.value,
            seconds=line.seconds,
        )
        for line in shown
    ]
    return lines, shown[-1].row.id if len(found) > LOG_PAGE else ""


def knowledge_lines(visit: Visit, seat: Seat, *, only_unequal: bool) -> list[KnowledgeLine]:
    """Per answer and document: which bidders can see it and have."""
    found = room_log.asymmetry_of(visit.tx, visit.actor, visit.now, seat.deal.room.id, only_unequal=only_unequal)
    names = _names(visit, (reader.organisation_id for line in found for reader in line.readers))
    people = _people(visit, (each for line in found for reader in line.readers for each in reader.user_ids or ()))
    return [_knowledge_line(line, names, people) for line in found]


def _knowledge_line(line: Knowledge, names: dict[str, str], people: dict[str, str]) -> KnowledgeLine:
    return KnowledgeLine(
        kind=line.kind,
        number=line.number,
        title=line.title,
        reason=line.reason,
        is_unequal=line.is_unequal,
        readers=tuple(
            ReaderLine(
                organisation=names.get(reader.organisation_id, ""),
                can_see=reader.can_see,
                since=reader.since,
                first_seen_at=reader.first_seen_at,
                last_seen_at=reader.last_seen_at,
                count=reader.count,
                persons=tuple(people[each] for each in reader.user_ids or ()),
            )
            for reader in line.readers
        ),
    )


def _names(visit: Visit, organisation_ids: Iterable[str]) -> dict[str, str]:
    return organisation_names(visit.tx, sorted(set(organisation_ids)), visit.language)


def _people(visit: Visit, user_ids: Iterable[str | None]) -> dict[str, str]:
    return {each: users.name_of(visit.tx, each) for each in sorted(filter(None, set(user_ids)))}
