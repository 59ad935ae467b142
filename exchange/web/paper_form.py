"""A paper handed in from a page: the file is checked and stored with no transaction held, then kept and handed in."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Depends, Form, UploadFile

from exchange.access.actor import Actor
from exchange.core.errors import Invalid
from exchange.diligence.service import documents, items
from exchange.diligence.service.items import Paper
from exchange.diligence.service.reading import EffectiveItem
from exchange.diligence.service.receiving import Received, receive
from exchange.infra.database import transaction
from exchange.web.visit import Visit

Day = Annotated[str, Form(max_length=10)]


class FileMissing(Invalid):
    """No file was chosen (422)."""

    code = "PAPER_FILE_MISSING"


class DayUnreadable(Invalid):
    """A date cannot be read (422)."""

    code = "PAPER_DATE_UNREADABLE"


@dataclass(frozen=True, slots=True)
class PaperForm:
    """What stands in the fields beside the file, as typed."""

    item_id: str
    issued_on: str = ""
    as_of: str = ""
    expires_on: str = ""
    note: str = ""

    def typed(self) -> dict[str, str]:
        """The fields that are shown again after a refusal."""
        return {name: getattr(self, name) for name in ("issued_on", "as_of", "expires_on", "note")}


def _form(
    item_id: Annotated[str, Form(max_length=60)],
    issued_on: Day = "",
    as_of: Day = "",
    expires_on: Day = "",
    note: Annotated[str, Form(max_length=500)] = "",
) -> PaperForm:
    return PaperForm(item_id, issued_on, as_of, expires_on, note)


PaperFields = Annotated[PaperForm, Depends(_form)]


def received_from(actor: Actor, file: UploadFile, listing_id: str | None) -> Received:
    """Check and store the bytes. PAPER_FILE_MISSING (422); whatever refuses the upload; no transaction meanwhile."""
    if not file.filename:
        raise FileMissing
    with transaction() as tx:
        documents.require_upload(tx, actor, file.size or 0, listing_id=listing_id)
    return receive(file.file, file.filename)


def hand_in(
    visit: Visit, item: EffectiveItem, form: PaperForm, received: Received, file_name: str, listing_id: str | None
) -> None:
    """Keep the bytes as a document, or as the next version of the item's own one, and hand it in for the item."""
    document_id, number = _kept(visit, item, received, file_name, listing_id)
    paper = Paper(
        code=item.spec.code,
        document_id=document_id,
        document_version=number,
        issued_on=read_day(form.issued_on),
        as_of=read_day(form.as_of),
        expires_on=read_day(form.expires_on),
        note=form.note.strip(),
    )
    items.submit_paper(visit.tx, visit.actor, visit.now, item_id=form.item_id, paper=paper)


def read_day(text: str) -> date | None:
    """A date of a field; None when it is empty. PAPER_DATE_UNREADABLE (422)."""
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise DayUnreadable from error


def _kept(
    visit: Visit, item: EffectiveItem, received: Received, file_name: str, listing_id: str | None
) -> tuple[str, int]:
    known = item.row.document_id if item.row else None
    if known is not None:
        latest = documents.version_facts(visit.tx, known)
        is_own = latest.owner_organisation_id == visit.actor.organisation_id
        # The same bytes again, perhaps with another date, are no new version.
        if is_own and latest.sha256 == received.sha256:
            return known, latest.number
        if is_own:
            row = documents.add_version(
                visit.tx, visit.actor, visit.now, document_id=known, received=received, file_name=file_name
            )
            return known, row.number
    title = f"{item.spec.code} {item.spec.zh}"[: documents.TITLE_MAX]
    row = documents.add_document(
        visit.tx,
        visit.actor,
        visit.now,
        received=received,
        file_name=file_name,
        title=title,
        listing_id=listing_id,
    )
    return row.document_id, row.number
