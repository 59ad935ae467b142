"""Routes of data rooms: the room as one stands in it, its index, the NDA, grants, the shortlist."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime

from exchange.access.api import CurrentActor
from exchange.core.ids import id_pattern
from exchange.diligence.api.room_refusals import (
    COMMAND,
    COMMAND_IN_ROOM,
    IN_ROOM,
    READ,
    EntryPath,
    GrantPath,
    RoomPath,
)
from exchange.diligence.errors import DocumentNotClean, ReasonMissing
from exchange.diligence.room_errors import (
    EntryNotMovable,
    GrantNotFound,
    GrantOver,
    GrantSubjectInvalid,
    NdaTextChanged,
    NotABidder,
    NotRoomSide,
    RoomDocumentNotFound,
    RoomNotFound,
    RoomShut,
)
from exchange.diligence.schemas.rooms import (
    EntryView,
    GiveGrant,
    GrantsView,
    GrantView,
    MoveEntry,
    NdaSignatureView,
    RoomView,
    SetShortlist,
    SignNda,
    TreeView,
    VisitView,
    WithRoomReason,
)
from exchange.diligence.service import grants, nda, room_index
from exchange.diligence.service import rooms as service
from exchange.infra.clock import business_now
from exchange.infra.files import FileStoreUnavailable
from exchange.rest.deps import ReadTx, WriteTx
from exchange.rest.idempotency import IdempotencyKey, once
from exchange.rest.permissions import needs
from exchange.rest.problems import responses

router = APIRouter(prefix="/api/v1", tags=["data rooms"])

ListingQuery = Annotated[str, Query(pattern=f"^{id_pattern('listing')}$")]
Since = Annotated[AwareDatetime | None, Query(description="Mark what is newer than this instead of the last visit.")]


@router.get("/rooms", operation_id="find_room", openapi_extra=needs("rooms:read"), responses=responses(*IN_ROOM))
def find_room(tx: ReadTx, actor: CurrentActor, listing_id: ListingQuery) -> RoomView:
    """The data room of a listing, as the caller stands in it."""
    return RoomView.of(service.seat_of_listing(tx, actor, business_now(tx), listing_id))


@router.get(
    "/rooms/{room_id}", operation_id="get_room", openapi_extra=needs("rooms:read"), responses=responses(*IN_ROOM)
)
def get_room(tx: ReadTx, actor: CurrentActor, room_id: RoomPath) -> RoomView:
    """A data room as the caller stands in it: its side, the stage, and the agreement with its hash."""
    return RoomView.of(service.seat_of(tx, actor, business_now(tx), room_id))


@router.get(
    "/rooms/{room_id}/tree",
    operation_id="get_room_tree",
    openapi_extra=needs("rooms:read"),
    responses=responses(*IN_ROOM),
)
def get_room_tree(tx: ReadTx, actor: CurrentActor, room_id: RoomPath, since: Since = None) -> TreeView:
    """The index as the caller may see it, with stable numbers; nothing outside its rights is counted."""
    return TreeView.of(room_index.tree_of(tx, actor, business_now(tx), room_id, since=since))


@router.post(
    "/rooms/{room_id}/visits",
    operation_id="visit_room",
    openapi_extra=needs("rooms:read"),
    response_model=VisitView,
    responses=responses(*COMMAND_IN_ROOM),
)
def visit_room(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, room_id: RoomPath) -> JSONResponse:
    """Say that one is in the room: what is newer than the visit before is marked as new."""
    now = business_now(tx)

    def work() -> VisitView:
        return VisitView.of(room_index.come_in(tx, actor, now, room_id))

    return once(tx, actor, f"visit_room {room_id}", key, {}, work).response()


@router.post(
    "/rooms/{room_id}/nda",
    operation_id="sign_nda",
    status_code=201,
    openapi_extra=needs("diligence:submit"),
    response_model=NdaSignatureView,
    responses=responses(*COMMAND_IN_ROOM, NotABidder, NdaTextChanged, RoomShut, DocumentNotClean, FileStoreUnavailable),
)
def sign_nda(tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, room_id: RoomPath, body: SignNda) -> JSONResponse:
    """Sign the non-disclosure agreement for one's organisation, with the hash of the text that was seen."""
    now = business_now(tx)

    def work() -> NdaSignatureView:
        return NdaSignatureView.of(nda.sign_nda(tx, actor, now, room_id=room_id, text_hash=body.text_hash))

    return once(tx, actor, f"sign_nda {room_id}", key, body, work, status_code=201).response()


@router.post(
    "/rooms/{room_id}/grants",
    operation_id="grant_in_room",
    status_code=201,
    openapi_extra=needs("rooms:run"),
    response_model=GrantView,
    responses=responses(*COMMAND_IN_ROOM, NotRoomSide, GrantSubjectInvalid, ReasonMissing),
)
def grant_in_room(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, room_id: RoomPath, body: GiveGrant
) -> JSONResponse:
    """Allow or deny an organisation the room, an item or a document, perhaps until an instant. A denial wins."""
    now = business_now(tx)

    def work() -> GrantView:
        return GrantView.of(grants.grant(tx, actor, now, room_id=room_id, wanted=body.wanted()))

    return once(tx, actor, f"grant_in_room {room_id}", key, body, work, status_code=201).response()


@router.get(
    "/rooms/{room_id}/grants",
    operation_id="list_room_grants",
    openapi_extra=needs("rooms:read"),
    responses=responses(*IN_ROOM, NotRoomSide),
)
def list_room_grants(tx: ReadTx, actor: CurrentActor, room_id: RoomPath) -> GrantsView:
    """Every grant of a room, for those who run it."""
    found = grants.grants_of(tx, actor, business_now(tx), room_id)
    return GrantsView(items=[GrantView.of(row) for row in found])


@router.delete(
    "/grants/{grant_id}",
    operation_id="revoke_grant",
    openapi_extra=needs("rooms:run"),
    responses=responses(*READ, GrantNotFound, NotRoomSide, GrantOver),
)
def revoke_grant(tx: WriteTx, actor: CurrentActor, grant_id: GrantPath) -> GrantView:
    """End a grant at once: the next page is decided without it."""
    return GrantView.of(grants.revoke(tx, actor, business_now(tx), grant_id=grant_id))


@router.post(
    "/rooms/{room_id}/shortlist",
    operation_id="set_shortlist",
    openapi_extra=needs("rooms:run"),
    response_model=RoomView,
    responses=responses(*COMMAND_IN_ROOM, NotRoomSide),
)
def set_shortlist(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, room_id: RoomPath, body: SetShortlist
) -> JSONResponse:
    """Name the bidders that may see shortlist papers; each must have signed the NDA."""
    now = business_now(tx)

    def work() -> RoomView:
        return RoomView.of(
            service.set_shortlist(tx, actor, now, room_id=room_id, organisation_ids=body.organisation_ids)
        )

    return once(tx, actor, f"set_shortlist {room_id}", key, body, work).response()


@router.post(
    "/rooms/{room_id}:reopen",
    operation_id="reopen_room",
    openapi_extra=needs("rooms:run"),
    response_model=RoomView,
    responses=responses(*COMMAND_IN_ROOM, NotRoomSide, ReasonMissing),
)
def reopen_room(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, room_id: RoomPath, body: WithRoomReason
) -> JSONResponse:
    """Open a closed room again with a reason; an operator."""
    now = business_now(tx)

    def work() -> RoomView:
        return RoomView.of(service.reopen(tx, actor, now, room_id=room_id, reason=body.reason))

    return once(tx, actor, f"reopen_room {room_id}", key, body, work).response()


@router.post(
    "/room-entries/{entry_id}:move",
    operation_id="move_room_entry",
    openapi_extra=needs("rooms:run"),
    response_model=EntryView,
    responses=responses(*COMMAND, RoomNotFound, RoomDocumentNotFound, NotRoomSide, ReasonMissing, EntryNotMovable),
)
def move_room_entry(
    tx: WriteTx, actor: CurrentActor, key: IdempotencyKey, entry_id: EntryPath, body: MoveEntry
) -> JSONResponse:
    """File a document under another item; its old number stays as an alias."""
    now = business_now(tx)

    def work() -> EntryView:
        row = room_index.move(tx, actor, now, entry_id=entry_id, item_code=body.item_code, reason=body.reason)
        return EntryView.of(row)

    return once(tx, actor, f"move_room_entry {entry_id}", key, body, work).response()
