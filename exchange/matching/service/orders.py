"""Read orders, and check a bid without placing it."""

from dataclasses import dataclass

from exchange.access.actor import Actor
from exchange.core.errors import Breach
from exchange.core.terms import BuyerClass
from exchange.infra.clock import business_now
from exchange.infra.database import Tx
from exchange.matching.errors import OrderNotFound
from exchange.matching.lifecycle import OrderStatus
from exchange.matching.order_rules import BookFacts, OrderTerms
from exchange.matching.order_terms import NewOrder, OrderState
from exchange.matching.service.judgement import Bench
from exchange.matching.store import intake as intake_store
from exchange.matching.store import orders as store

WRITE = "orders:write"
READ = "orders:read"
READ_ALL = "orders:read_all"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a bid would mean and need, and every rule it would break now. Money in minor units."""

    book: BookFacts
    terms: OrderTerms
    buyer_class: BuyerClass
    value_minor: int
    deposit_minor: int
    free_minor: int
    breaches: tuple[Breach, ...]


def check_order(tx: Tx, actor: Actor, *, new: NewOrder) -> Checked:
    """The same judgement as placing, without locks and without writing anything."""
    actor.require(WRITE)
    reading = intake_store.read(
        tx,
        book_ids=[new.book_id] if new.book_id else [],
        listing_ids=[new.listing_id] if new.listing_id else [],
        organisation_ids=[actor.organisation_id],
        keys=[],
        locked=False,
    )
    judgement = Bench(tx, reading, business_now(tx)).judge(new, actor.organisation_id)
    book, terms = judgement.book, judgement.terms
    return Checked(
        book=book,
        terms=terms,
        buyer_class=judgement.buyer_class,
        value_minor=book.basis.value_minor(terms.amount_minor, terms.price_ppm),
        deposit_minor=judgement.deposit_minor,
        free_minor=judgement.account.free_minor if judgement.account else 0,
        breaches=judgement.breaches,
    )


def read_order(tx: Tx, actor: Actor, *, order_id: str) -> OrderState:
    """One order of the caller's organisation, any order for operators and auditors; else 404."""
    found = store.order(tx, order_id)
    if found is None or not (READ_ALL in actor.permissions or found.organisation_id == actor.organisation_id):
        raise OrderNotFound
    return found


def list_orders(
    tx: Tx,
    actor: Actor,
    *,
    book_id: str | None = None,
    listing_id: str | None = None,
    status: OrderStatus | None = None,
    before: str | None = None,
    limit: int = 50,
) -> list[OrderState]:
    """Orders, newest first: the own organisation's, or everybody's for operators and auditors."""
    return store.orders(
        tx,
        organisation_id=None if READ_ALL in actor.permissions else actor.organisation_id,
        book_id=book_id,
        listing_id=listing_id,
        status=status,
        before=before,
        limit=limit,
    )
