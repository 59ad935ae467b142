"""The page of holdings: interests, certificates, and the pledge register with each side's next step."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Query, Request, UploadFile
from starlette.responses import Response

from exchange.access.actor import Actor
from exchange.core.errors import ExchangeError, Invalid
from exchange.core.ids import id_pattern, is_id
from exchange.custody.pledge import PledgeEvent, PledgeReason, PledgeTerms
from exchange.custody.service import certificates, pledges
from exchange.diligence.api.documents import attachment
from exchange.diligence.document_errors import DocumentNotFound
from exchange.diligence.pledge_papers import RELEASE_LETTER, HandedIn
from exchange.diligence.service import documents, pledge_papers
from exchange.diligence.service.receiving import Received
from exchange.infra.database import transaction
from exchange.rest.deps import written
from exchange.rest.permissions import needs
from exchange.web.amounts import parse_amount
from exchange.web.commands import made_once, refusal_of
from exchange.web.diligence_page import refusal_texts
from exchange.web.holdings_page import holdings_page
from exchange.web.paper_form import DayUnreadable, read_day, received_from
from exchange.web.routes import PageRoute
from exchange.web.visit import FormActor, FormVisit, NotedVisit, ReadVisit, Visit, see_other, visit_of

router = APIRouter(route_class=PageRoute, include_in_schema=False)

PATH = "/holdings"
Key = Annotated[str, Form(max_length=128)]
Words = Annotated[str, Form(max_length=200)]
HoldingField = Annotated[str, Form(pattern=f"^{id_pattern('holding')}$")]
HoldingPath = Annotated[str, Path(pattern=f"^{id_pattern('holding')}$")]
PledgePath = Annotated[str, Path(pattern=f"^{id_pattern('pledge')}$")]
CertificatePath = Annotated[str, Path(pattern=f"^{id_pattern('certificate')}$")]
FIELDS = ("amount", "creditor_name", "creditor_code", "secured", "ends_on", "contract_number", "permitted_by")


@router.get(PATH, openapi_extra=needs("holdings:read"))
def show(visit: ReadVisit, after: Annotated[str, Query(max_length=40)] = "") -> Response:
    """One's own interests, or those of the funds one manages; for operators all, with what waits for them."""
    return holdings_page(visit, after=after if is_id("holding", after) else None)


@router.post(f"{PATH}/{{holding_id}}/certificate", openapi_extra=needs("holdings:read"))
def certify(visit: FormVisit, holding_id: HoldingPath, idempotency_key: Key = "") -> Response:
    """Issue the certificate of an interest as it stands, and go on to its paper."""

    def work() -> str:
        return certificates.issue_certificate(visit.tx, visit.actor, visit.now, holding_id=holding_id).id

    made = made_once(visit, f"certificate {holding_id}", idempotency_key, {}, work)
    return see_other(f"/certificates/{made}")


@router.get("/certificates/{certificate_id}", openapi_extra=needs("holdings:read"))
def certificate(visit: ReadVisit, certificate_id: CertificatePath) -> Response:
    """The paper as it was issued."""
    row, content = certificates.certificate_file(visit.tx, visit.actor, certificate_id)
    headers = {
        "Content-Disposition": f'attachment; filename="certificate-{row.id}.pdf"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(content, media_type="application/pdf", headers=headers)


@router.post(f"{PATH}/pledges", openapi_extra=needs(pledges.ASK))
def ask(
    request: Request,
    actor: FormActor,
    holding_id: HoldingField,
    file: Annotated[list[UploadFile], File()],
    code: Annotated[list[str], Form(max_length=10)],
    amount: Words = "",
    creditor_name: Words = "",
    creditor_code: Words = "",
    secured: Words = "",
    ends_on: Words = "",
    contract_number: Words = "",
    permitted_by: Words = "",
    idempotency_key: Key = "",
) -> Response:
    """Ask for a pledge with its papers; no transaction is held while the files are checked."""
    texts = (amount, creditor_name, creditor_code, secured, ends_on, contract_number, permitted_by)
    typed = {"holding_id": holding_id, **dict(zip(FIELDS, (text.strip() for text in texts), strict=True))}
    try:
        terms = _terms(typed)
        received = [(name, _received(actor, part)) for name, part in zip(code, file, strict=True)]
    except (ExchangeError, ValueError) as error:
        with transaction() as tx:
            visit = visit_of(request, tx, actor)
            refusal = error if isinstance(error, ExchangeError) else Invalid()
            return holdings_page(visit, refusal_texts(visit, refusal), typed)
    with written() as tx:
        visit = visit_of(request, tx, actor)

        def work() -> object:
            papers = [HandedIn(name, _kept(visit, name, each)) for name, each in received]
            return pledge_papers.request_pledge(tx, actor, visit.now, holding_id=holding_id, terms=terms, papers=papers)

        body = typed | {name: content.sha256 for name, (_, content) in received}
        return _done(visit, "ask", idempotency_key, body, work, typed)


@router.post("/pledges/{pledge_id}/withdraw", openapi_extra=needs(pledges.ASK))
def withdraw(visit: FormVisit, pledge_id: PledgePath, idempotency_key: Key = "") -> Response:
    """Take a request back."""

    def work() -> object:
        return pledges.withdraw_request(visit.tx, visit.actor, visit.now, pledge_id=pledge_id)

    return _done(visit, "withdraw", idempotency_key, {"pledge": pledge_id}, work)


@router.post("/pledges/{pledge_id}/request_release", openapi_extra=needs(pledges.ASK))
def ask_release(
    request: Request,
    actor: FormActor,
    pledge_id: PledgePath,
    file: Annotated[UploadFile, File()],
    idempotency_key: Key = "",
) -> Response:
    """Hand in the creditor's letter of release."""
    try:
        received = _received(actor, file)
    except ExchangeError as refusal:
        with transaction() as tx:
            visit = visit_of(request, tx, actor)
            return holdings_page(visit, refusal_texts(visit, refusal))
    with written() as tx:
        visit = visit_of(request, tx, actor)

        def work() -> object:
            letter = _kept(visit, RELEASE_LETTER, received)
            return pledge_papers.request_release(tx, actor, visit.now, pledge_id=pledge_id, document_id=letter)

        body = {"pledge": pledge_id, "sha256": received[1].sha256}
        return _done(visit, "request_release", idempotency_key, body, work)


@router.post("/pledges/{pledge_id}/{event}", openapi_extra=needs(pledges.RUN))
def decide(
    visit: FormVisit,
    pledge_id: PledgePath,
    event: PledgeEvent,
    reason: Annotated[PledgeReason, Form()] = PledgeReason.OTHER,
    note: Words = "",
    idempotency_key: Key = "",
) -> Response:
    """An operator registers, refuses or releases."""

    def work() -> object:
        at = (visit.tx, visit.actor, visit.now)
        if event is PledgeEvent.REGISTER:
            return pledges.register_pledge(*at, pledge_id=pledge_id)
        if event is PledgeEvent.RELEASE:
            return pledges.release_pledge(*at, pledge_id=pledge_id)
        if event is PledgeEvent.REFUSE:
            return pledges.refuse_pledge(*at, pledge_id=pledge_id, reason=reason, note=note.strip())
        if event is PledgeEvent.REFUSE_RELEASE:
            return pledges.refuse_release(*at, pledge_id=pledge_id, reason=reason, note=note.strip())
        raise Invalid

    body = {"pledge": pledge_id, "event": event.value, "reason": reason.value, "note": note}
    return _done(visit, event.value, idempotency_key, body, work)


@router.get("/pledges/{pledge_id}/papers/{code}", openapi_extra=needs("holdings:read"))
def paper(visit: NotedVisit, pledge_id: PledgePath, code: Annotated[str, Path(max_length=20)]) -> Response:
    """A paper of a pledge; the holder sees who of the operators opened it."""
    row = pledges.pledge_of(visit.tx, visit.actor, pledge_id)
    found = (row.papers | row.release_papers).get(code)
    if found is None:
        raise DocumentNotFound
    return attachment(
        documents.open_original(
            visit.tx,
            visit.actor,
            visit.now,
            document_id=found["document_id"],
            number=found["number"],
            reason=f"pledge {pledge_id}",
        )
    )


def _terms(typed: dict[str, str]) -> PledgeTerms:
    ends_on = read_day(typed["ends_on"])
    if ends_on is None:
        raise DayUnreadable
    words = {name: typed[name] for name in ("creditor_name", "creditor_code", "contract_number", "permitted_by")}
    if not all(words.values()):
        raise Invalid
    return PledgeTerms(
        amount_minor=parse_amount(typed["amount"]),
        secured_minor=parse_amount(typed["secured"]),
        ends_on=ends_on,
        **words,
    )


def _received(actor: Actor, file: UploadFile) -> tuple[str, Received]:
    return file.filename or "", received_from(actor, file, None)


def _kept(visit: Visit, name: str, received: tuple[str, Received]) -> str:
    file_name, content = received
    title = f"{name} {file_name}"[: documents.TITLE_MAX]
    return documents.add_document(
        visit.tx, visit.actor, visit.now, received=content, file_name=file_name, title=title
    ).document_id


def _done(
    visit: Visit,
    action: str,
    key: str,
    body: dict[str, str],
    work: Callable[[], object],
    typed: dict[str, str] | None = None,
) -> Response:
    refused = refusal_of(visit, f"pledge {action}", key, body, work)
    if refused:
        return holdings_page(visit, refused, typed)
    return see_other(PATH, done=f"holdings.done_{action}_message")
