"""The data room of a listing: the agreement, the index, packages, grants, the shortlist, the logs."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query
from starlette.background import BackgroundTask
from starlette.responses import Response

from exchange.core.errors import Invalid
from exchange.core.ids import id_pattern, is_id, new_id
from exchange.diligence.room import PackageKind
from exchange.diligence.service import grants, nda, packages, room_index, rooms
from exchange.diligence.service.rooms import Seat
from exchange.infra.doorbell import ring
from exchange.rest.permissions import needs
from exchange.web.commands import made_once, refusal_of, run_once
from exchange.web.room_access import (
    Granting,
    grant_choices,
    grant_lines,
    grant_of,
    knowledge_lines,
    log_lines,
    shortlist_lines,
)
from exchange.web.room_models import GrantForm, RoomHead
from exchange.web.room_page import index_lines, nda_lines, package_line, room_head
from exchange.web.routes import PageRoute
from exchange.web.visit import FormVisit, NotedVisit, ReadVisit, Visit, see_other

router = APIRouter(route_class=PageRoute, include_in_schema=False)

ListingPath = Annotated[str, Path(pattern=f"^{id_pattern('listing')}$")]
GrantPath = Annotated[str, Path(pattern=f"^{id_pattern('room_grant')}$")]
PackagePath = Annotated[str, Path(pattern=f"^{id_pattern('room_package')}$")]
Key = Annotated[str, Form(max_length=128)]
Word = Annotated[str, Query(max_length=20)]
Named = Annotated[str, Query(max_length=40)]
SHORTLIST_MAX = 200


@router.get("/listings/{listing_id}/room", openapi_extra=needs("rooms:read"))
def show(
    visit: NotedVisit,
    listing_id: ListingPath,
    tab: Word = "index",
    only: Word = "",
    package: Named = "",
    before: Named = "",
) -> Response:
    """The room as the viewer stands in it. Who opens the index is in the room: what comes later is new next time."""
    seat = rooms.seat_of_listing(visit.tx, visit.actor, visit.now, listing_id)
    if tab == "index":
        room_index.come_in(visit.tx, visit.actor, visit.now, seat.deal.room.id)
    return _page(visit, seat, tab, only=only, package=package, before=before)


def tabs_of(head: RoomHead) -> list[str]:
    """The parts of a room that the viewer may open."""
    found = ["index", "nda"]
    if head.runs_it:
        found.append("access")
    found.append("log")
    if head.sees_knowledge:
        found.append("knowledge")
    return found


def _page(
    visit: Visit,
    seat: Seat,
    tab: str,
    *,
    only: str = "",
    package: str = "",
    before: str = "",
    form: GrantForm | None = None,
    problems: tuple[str, ...] = (),
) -> Response:
    head = room_head(visit, seat)
    tabs = tabs_of(head)
    tab = tab if tab in tabs else "index"
    values: dict[str, object] = {}
    if tab == "index":
        values["index"] = index_lines(visit, seat, only_new=only == "new")
        values["package"] = None
        if is_id("room_package", package):
            values["package"] = package_line(packages.package_of(visit.tx, visit.actor, visit.now, package))
    elif tab == "access":
        typed = form or GrantForm()
        values |= {"grants": grant_lines(visit, seat), "form": typed, "choices": grant_choices(visit, seat, typed)}
        values["bidders"] = shortlist_lines(visit, seat)
    elif tab == "log":
        values["log"], values["more"] = log_lines(visit, seat, before if is_id("room_view", before) else None)
    elif tab == "knowledge":
        values["knowledge"] = knowledge_lines(visit, seat, only_unequal=only == "unequal")
    return visit.page(
        "room.html",
        values,
        status_code=422 if problems else 200,
        room=head,
        nda=nda_lines(seat),
        tab=tab,
        tabs=tabs,
        only=only,
        problems=problems,
        message=visit.message(),
        idempotency_key=new_id("request"),
    )


@router.post("/listings/{listing_id}/room/nda", openapi_extra=needs("diligence:submit"))
def sign(
    visit: FormVisit,
    listing_id: ListingPath,
    idempotency_key: Key = "",
    text_hash: Annotated[str, Form(max_length=64)] = "",
    agreed: Annotated[str, Form(max_length=3)] = "",
) -> Response:
    """Sign the text that the page showed, for one's organisation."""
    seat = rooms.seat_of_listing(visit.tx, visit.actor, visit.now, listing_id)
    if agreed != "yes":
        return _page(visit, seat, "index", problems=(visit.t("room.agree_first"),))
    problems = refusal_of(
        visit,
        f"nda {listing_id}",
        idempotency_key,
        {"text_hash": text_hash},
        lambda: nda.sign_nda(visit.tx, visit.actor, visit.now, room_id=seat.deal.room.id, text_hash=text_hash),
    )
    if problems:
        return _page(visit, seat, "index", problems=problems)
    response = see_other(f"/listings/{listing_id}/room", done="room.signed_message")
    response.background = BackgroundTask(ring)  # after the commit
    return response


# -- packages ---------------------------------------------------------------------------------------------------------


@router.post("/listings/{listing_id}/room/packages", openapi_extra=needs("rooms:read"))
def pack(
    visit: FormVisit,
    listing_id: ListingPath,
    idempotency_key: Key = "",
    kind: Annotated[PackageKind, Form()] = PackageKind.BULK,
) -> Response:
    """Ask for everything one may see, or for the evidence of the deal; a worker makes it."""
    room_id = rooms.seat_of_listing(visit.tx, visit.actor, visit.now, listing_id).deal.room.id
    package_id = made_once(
        visit,
        f"package {room_id}",
        idempotency_key,
        {"kind": kind.value},
        lambda: packages.request(visit.tx, visit.actor, visit.now, room_id=room_id, kind=kind).id,
    )
    response = see_other(f"/listings/{listing_id}/room", package=package_id)
    response.background = BackgroundTask(ring)
    return response


@router.get("/room-packages/{package_id}/progress", openapi_extra=needs("rooms:read"))
def progress(visit: ReadVisit, package_id: PackagePath) -> Response:
    """How far a package is; the page asks again until it is done."""
    found = packages.package_of(visit.tx, visit.actor, visit.now, package_id)
    return visit.page("parts/room_package.html", package=package_line(found))


# -- who may see ------------------------------------------------------------------------------------------------------


@router.post("/listings/{listing_id}/room/grants", openapi_extra=needs("rooms:run"))
def give(visit: FormVisit, listing_id: ListingPath, form: Granting, idempotency_key: Key = "") -> Response:
    """Allow or deny; a refusal shows the form again with what is wrong."""
    seat = rooms.side_seat(visit.tx, visit.actor, visit.now, _room_id(visit, listing_id))
    body = {name: getattr(form, name) for name in GrantForm.__slots__}
    problems = refusal_of(
        visit,
        f"grant {listing_id}",
        idempotency_key,
        body,
        lambda: grants.grant(visit.tx, visit.actor, visit.now, room_id=seat.deal.room.id, wanted=grant_of(form)),
    )
    if problems:
        return _page(visit, seat, "access", form=form, problems=problems)
    return see_other(f"/listings/{listing_id}/room", tab="access", done="room.granted_message")


@router.post("/listings/{listing_id}/room/grants/{grant_id}/revoke", openapi_extra=needs("rooms:run"))
def revoke(visit: FormVisit, listing_id: ListingPath, grant_id: GrantPath, idempotency_key: Key = "") -> Response:
    """End a grant at once."""
    run_once(
        visit,
        f"revoke {grant_id}",
        idempotency_key,
        {},
        lambda: grants.revoke(visit.tx, visit.actor, visit.now, grant_id=grant_id),
    )
    return see_other(f"/listings/{listing_id}/room", tab="access", done="room.revoked_message")


@router.post("/listings/{listing_id}/room/shortlist", openapi_extra=needs("rooms:run"))
def shortlist(
    visit: FormVisit,
    listing_id: ListingPath,
    idempotency_key: Key = "",
    bidder: Annotated[list[str], Form(max_length=SHORTLIST_MAX)] = [],  # noqa: B006 - copied by the framework
) -> Response:
    """Name the bidders that may see shortlist papers, all of them."""
    if not all(is_id("organisation", each) for each in bidder):
        raise Invalid
    room_id = _room_id(visit, listing_id)
    run_once(
        visit,
        f"shortlist {room_id}",
        idempotency_key,
        {"bidders": sorted(bidder)},
        lambda: rooms.set_shortlist(visit.tx, visit.actor, visit.now, room_id=room_id, organisation_ids=bidder),
    )
    return see_other(f"/listings/{listing_id}/room", tab="access", done="room.shortlisted_message")


@router.post("/listings/{listing_id}/room/reopen", openapi_extra=needs("rooms:run"))
def reopen(
    visit: FormVisit,
    listing_id: ListingPath,
    idempotency_key: Key = "",
    reason: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Open a closed room again with a reason; an operator."""
    room_id = _room_id(visit, listing_id)
    run_once(
        visit,
        f"reopen {room_id}",
        idempotency_key,
        {"reason": reason},
        lambda: rooms.reopen(visit.tx, visit.actor, visit.now, room_id=room_id, reason=reason),
    )
    return see_other(f"/listings/{listing_id}/room", done="room.reopened_message")


def _room_id(visit: Visit, listing_id: str) -> str:
    return rooms.seat_of_listing(visit.tx, visit.actor, visit.now, listing_id).deal.room.id
