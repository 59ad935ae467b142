"""Place orders: a batch of submissions judged and written in one transaction, each with its own answer.

Order of locks: books by id, accounts by id, kept answers by key. Every rule is judged under the locks of the books and
accounts it reads, so what it found stays true until the commit.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic_core import to_json

from exchange.access.actor import Actor
from exchange.core.errors import ExchangeError, RulesBroken
from exchange.core.ids import new_id
from exchange.core.terms import Side
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.matching.lifecycle import OrderStatus
from exchange.matching.order_answer import accepted_item, order_answer, refused_item
from exchange.matching.order_terms import NewOrder, OrderState, expiry
from exchange.matching.service.judgement import Bench, Judgement
from exchange.matching.store import intake as store
from exchange.rest.idempotency import IdempotencyMismatch

PERMISSION = "orders:write"
OPERATION = "place_order"
BULK_OPERATION = "place_orders"

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Submission:
    """A request to place one order, or several (``bulk``) that are judged one by one under one key."""

    actor: Actor
    key: str
    body_hash: str
    orders: tuple[NewOrder, ...]
    bulk: bool = False

    @property
    def kept_under(self) -> Key:
        """User, operation and key: what makes a repetition."""
        return self.actor.user_id, BULK_OPERATION if self.bulk else OPERATION, self.key


@dataclass(frozen=True, slots=True)
class PlaceAnswer:
    """The answer of a committed submission: status and JSON text, ``replayed`` when it was given before.

    ``version`` is that of a single order; ``refused`` counts the refused orders of a bulk.
    """

    status_code: int
    body: str
    version: int | None = None
    refused: int = 0
    replayed: bool = False


def place_batch(
    tx: Tx, submissions: Sequence[Submission], reading: store.Reading | None = None
) -> list[PlaceAnswer | ExchangeError]:
    """Judge the submissions in their order and write what is accepted; one refusal never touches another.

    ``reading`` is what ``read_for`` gave in this transaction for the same submissions, or for more.
    When a twin took one of the keys meanwhile the writing statement fails, and with it the batch: it is run again.
    """
    desk = Desk(tx, reading or read_for(tx, submissions), business_now(tx))  # after the locks: times never go back
    answers = [desk.answer(item) for item in submissions]
    desk.write(tx)
    return answers


def read_for(tx: Tx, submissions: Sequence[Submission]) -> store.Reading:
    """Lock and read everything that judging these submissions needs."""
    return store.read(
        tx,
        book_ids=_distinct(order.book_id for item in submissions for order in item.orders),
        listing_ids=_distinct(order.listing_id for item in submissions for order in item.orders),
        organisation_ids=_distinct(item.actor.organisation_id for item in submissions),
        keys=[item.kept_under for item in submissions],
        locked=True,
    )


def _distinct(ids: Iterable[str | None]) -> list[str]:
    return sorted({text for text in ids if text})


class Desk:
    """A batch at work: numbers what it accepts, counts down the money, gathers the rows."""

    def __init__(self, tx: Tx, reading: store.Reading, now: datetime) -> None:
        self._bench = Bench(tx, reading, now)
        self._now = now
        self._kept = reading.kept
        self._given: dict[Key, tuple[str, PlaceAnswer]] = {}
        self._sequences = {book.id: book.last_sequence for book in reading.books.values()}
        self._rows: list[dict[str, object]] = []
        self._answers: list[str] = []

    def answer(self, item: Submission) -> PlaceAnswer | ExchangeError:
        """The answer to one submission; a refusal is returned, never raised."""
        try:
            earlier = self._earlier(item)
            if earlier is not None:
                return earlier
            item.actor.require(PERMISSION)
            return self._bulk(item) if item.bulk else self._single(item)
        except ExchangeError as refusal:
            return refusal

    def write(self, tx: Tx) -> None:
        """Write everything accepted in one statement."""
        if self._answers:
            store.write(tx, self._now, self._rows, self._answers)

    def _earlier(self, item: Submission) -> PlaceAnswer | None:
        kept = self._kept.get(item.kept_under)
        if kept is not None:
            if kept.body_hash != item.body_hash:
                raise IdempotencyMismatch
            return _again(kept)
        given = self._given.get(item.kept_under)
        if given is None:
            return None
        if given[0] != item.body_hash:
            raise IdempotencyMismatch
        return replace(given[1], replayed=True)

    def _single(self, item: Submission) -> PlaceAnswer:
        order = self._place(item.orders[0], item.actor)
        body = self._keep(item, 201, order_answer(order))
        return self._given_to(item, PlaceAnswer(201, body, version=order.last_sequence))

    def _bulk(self, item: Submission) -> PlaceAnswer:
        lines: list[dict[str, object]] = []
        for new in item.orders:
            try:
                lines.append(accepted_item(self._place(new, item.actor)))
            except ExchangeError as refusal:
                lines.append(refused_item(refusal))
        accepted = sum(line["status_code"] == 201 for line in lines)
        refused = len(lines) - accepted
        answer = {"accepted": accepted, "refused": refused, "items": lines}
        return self._given_to(item, PlaceAnswer(200, self._keep(item, 200, answer), refused=refused))

    def _keep(self, item: Submission, status_code: int, answer: dict[str, object]) -> str:
        """Put the answer with the rows to write; its text."""
        body = to_json(answer).decode()
        user_id, operation, key = item.kept_under
        head = {
            "user_id": user_id,
            "operation": operation,
            "key": key,
            "body_hash": item.body_hash,
            "status_code": status_code,
        }
        self._answers.append(f'{to_json(head).decode()[:-1]},"answer":{body}}}')
        return body

    def _given_to(self, item: Submission, placed: PlaceAnswer) -> PlaceAnswer:
        self._given[item.kept_under] = (item.body_hash, placed)
        return placed

    def _place(self, new: NewOrder, actor: Actor) -> OrderState:
        judgement = self._bench.judge(new, actor.organisation_id)
        if judgement.breaches:
            raise RulesBroken(breaches=judgement.breaches)
        sequence = self._sequences[judgement.book.id] = self._sequences[judgement.book.id] + 1
        order = self._state(judgement, actor, sequence)
        if judgement.account is not None:
            judgement.account.free_minor -= order.hold_minor
        self._rows.append(_row(order, judgement, actor))
        return order

    def _state(self, judgement: Judgement, actor: Actor, sequence: int) -> OrderState:
        book, terms = judgement.book, judgement.terms
        return OrderState(
            id=new_id("order"),
            book_id=book.id,
            listing_id=book.listing_id,
            fund_id=book.fund_id,
            side=Side.BUY,
            status=OrderStatus.ACCEPTED,
            reason="",
            organisation_id=actor.organisation_id,
            buyer_class=judgement.buyer_class,
            price_ppm=terms.price_ppm,
            amount_minor=terms.amount_minor,
            leaves_minor=terms.amount_minor,
            filled_minor=0,
            cancelled_minor=0,
            hold_minor=judgement.deposit_minor,
            settled_minor=0,
            time_in_force=terms.time_in_force,
            expires_at=expiry(terms, self._bench.today),
            all_or_none=terms.all_or_none,
            minimum_fill_minor=terms.minimum_fill_minor,
            sequence=sequence,
            last_sequence=sequence,
            accepted_at=self._now,
            currency=book.currency,
            basis=book.basis,
            is_simulated=book.is_simulated,
        )


def _row(order: OrderState, judgement: Judgement, actor: Actor) -> dict[str, object]:
    """The order as the writing statement reads it."""
    buyer_class = judgement.buyer_class
    return {
        "id": order.id,
        "book_id": order.book_id,
        "listing_id": order.listing_id,
        "fund_id": order.fund_id,
        "sequence": order.sequence,
        "organisation_id": order.organisation_id,
        "user_id": actor.user_id,
        "buyer_class": buyer_class,
        "class_rank": buyer_class.rank,
        "group_keys": judgement.group_keys,
        "price_ppm": order.price_ppm,
        "amount_minor": order.amount_minor,
        "hold_minor": order.hold_minor,
        "account_id": judgement.account.id if judgement.account else None,
        "time_in_force": order.time_in_force,
        "expires_at": order.expires_at.isoformat() if order.expires_at else None,
        "all_or_none": order.all_or_none,
        "minimum_fill_minor": order.minimum_fill_minor,
        "event_id": new_id("event"),
        "deadline_id": new_id("event") if order.expires_at else None,
        "transfer_id": new_id("transfer"),
        "data": {
            "side": order.side,
            "sequence": order.sequence,
            "price_ppm": order.price_ppm,
            "amount_minor": order.amount_minor,
            "currency": order.currency,
            "buyer_class": buyer_class,
            "hold_minor": order.hold_minor,
        },
    }


def _again(kept: store.Kept) -> PlaceAnswer:
    """An answer given before, as it was given."""
    values = json.loads(kept.answer)
    return PlaceAnswer(
        kept.status_code,
        kept.answer,
        version=values.get("version"),
        refused=values.get("refused", 0),
        replayed=True,
    )
