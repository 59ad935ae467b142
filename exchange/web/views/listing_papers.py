"""The page of a listing's papers that an operator verifies: approvals, a court's order, the clause of an exit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path
from starlette.responses import Response

from exchange.core.errors import Invalid
from exchange.core.ids import id_pattern, new_id
from exchange.listings import service as listings
from exchange.listings.approval import ApprovalEvent, ApprovalKind, ApprovalStatus, Filing
from exchange.listings.errors import ApprovalNotFound
from exchange.listings.service import approvals
from exchange.rest.permissions import needs
from exchange.web.amounts import parse_percent
from exchange.web.commands import reason_or, refusal_of
from exchange.web.models import Choice
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PATH = "/listings/{listing_id}/approvals"
ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
PaperPath = Annotated[str, Path(pattern=f"^{id_pattern('listing_approval')}$")]
Key = Annotated[str, Form(max_length=128)]
Text = Annotated[str, Form(max_length=200)]
VERDICTS = {"verify": ApprovalEvent.VERIFY, "refuse": ApprovalEvent.REFUSE}
MAY_READ = ("listings:write", "listings:review")


@dataclass(frozen=True, slots=True)
class PaperForm:
    """What stands in the fields, as typed."""

    kind: str = ApprovalKind.PRICE.value
    approving_body: str = ""
    document_number: str = ""
    approved_on: str = ""
    valid_until: str = ""
    lowest_price: str = ""
    invested_on: str = ""


def _form(
    kind: Text = "",
    approving_body: Text = "",
    document_number: Text = "",
    approved_on: Text = "",
    valid_until: Text = "",
    lowest_price: Text = "",
    invested_on: Text = "",
) -> PaperForm:
    return PaperForm(kind, approving_body, document_number, approved_on, valid_until, lowest_price, invested_on)


Paper = Annotated[PaperForm, Depends(_form)]


@router.get(PATH, openapi_extra=needs(*MAY_READ))
def show(visit: ReadVisit, listing_id: ListingPath) -> Response:
    """Every paper of the listing with where it stands; for its own side and operators."""
    return _page(visit, listing_id, PaperForm())


@router.post(PATH, openapi_extra=needs("listings:write"))
def file(visit: FormVisit, listing_id: ListingPath, form: Paper, idempotency_key: Key = "") -> Response:
    """File a paper for a listing of one's own side."""

    def work() -> object:
        return approvals.file_approval(visit.tx, visit.actor, visit.now, listing_id=listing_id, filing=_filing(form))

    body: dict[str, object] = {name: getattr(form, name) for name in PaperForm.__slots__}
    return _done(visit, listing_id, form, "file", idempotency_key, body, work)


@router.post(f"{PATH}/{{approval_id}}/{{verdict}}", openapi_extra=needs("listings:review"))
def decide(
    visit: FormVisit,
    listing_id: ListingPath,
    approval_id: PaperPath,
    verdict: str,
    note: Text = "",
    idempotency_key: Key = "",
) -> Response:
    """Verify a filed paper against its original, or refuse it with a reason."""

    def work() -> object:
        if verdict not in VERDICTS:
            raise Invalid
        said = note.strip() if verdict == "verify" else reason_or(note, Invalid)
        row = approvals.decide(
            visit.tx, visit.actor, visit.now, approval_id=approval_id, event=VERDICTS[verdict], note=said
        )
        if row.listing_id != listing_id:
            raise ApprovalNotFound
        return row

    body: dict[str, object] = {"approval": approval_id, "verdict": verdict, "note": note}
    return _done(visit, listing_id, PaperForm(), "decide", idempotency_key, body, work)


def _filing(form: PaperForm) -> Filing:
    try:
        return Filing(
            kind=ApprovalKind(form.kind),
            approving_body=reason_or(form.approving_body, Invalid),
            document_number=reason_or(form.document_number, Invalid),
            approved_on=date.fromisoformat(form.approved_on),
            valid_until=date.fromisoformat(form.valid_until),
            lowest_price_ppm=parse_percent(form.lowest_price) if form.lowest_price.strip() else None,
            invested_on=date.fromisoformat(form.invested_on) if form.invested_on else None,
        )
    except ValueError as error:
        raise Invalid from error


def _done(
    visit: Visit,
    listing_id: str,
    form: PaperForm,
    action: str,
    key: str,
    body: dict[str, object],
    work: Callable[[], object],
) -> Response:
    refused = refusal_of(visit, f"listing paper {action} {listing_id}", key, body, work)
    if refused:
        return _page(visit, listing_id, form, refused)
    return see_other(PATH.format(listing_id=listing_id), done=f"papers_of_listing.done_{action}_message")


def _page(visit: Visit, listing_id: str, form: PaperForm, refused: tuple[str, ...] = ()) -> Response:
    row = listings.listing_of(visit.tx, visit.actor, listing_id)
    (interest,) = listings.described(visit.tx, visit.actor, [row])
    found = approvals.approvals_of(visit.tx, visit.actor, listing_id=listing_id)
    return visit.page(
        "listing_papers.html",
        status_code=409 if refused else 200,
        listing_id=listing_id,
        fund_name=interest.fund.name,
        papers=found,
        is_own=interest.is_own,
        may_decide=visit.viewer.may("listings:review") and not interest.is_own,
        filed=ApprovalStatus.FILED,
        kinds=[
            Choice(kind.value, visit.t(f"listing_paper.{kind.value}"), form.kind == kind.value) for kind in ApprovalKind
        ],
        form=form,
        refused=refused,
        message=visit.message(),
        idempotency_key=new_id("request"),
    )
