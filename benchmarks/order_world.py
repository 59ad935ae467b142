"""A world to send orders into: investors with keys, money and approved records, books with a standing ask each.

Written with plain SQL: what is measured is the path of an order, and thirty books with fifty investors would take the
public services longer to make than some measurements last.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from exchange.core.ids import new_id

NAV_MINOR = 8_800_000_000_000
SUBSCRIBED_MINOR = 10_000_000_000_000
ASK_PPM = 850_000
ASK_MINOR = 90_000_000_000_000_000
DEPOSIT_PPM = 50_000
LOT_MINOR = 100_000_000
AT = "2026-01-01T00:00:00Z"
MONEY_MINOR = 50_000_000_000_000_000


@dataclass(frozen=True, slots=True)
class Investor:
    """An organisation that bids, with the bearer token of its system."""

    organisation_id: str
    user_id: str
    key_id: str
    secret: str

    @property
    def bearer(self) -> str:
        """What stands in the Authorization header."""
        return f"Bearer fx_{self.key_id}_{self.secret}"


@dataclass(slots=True)
class World:
    """Ids of what was made."""

    investors: list[Investor] = field(default_factory=list)
    books: list[str] = field(default_factory=list)
    asks: list[str] = field(default_factory=list)


def build(url: str, *, investors: int, books: int, money_minor: int = MONEY_MINOR) -> World:
    """Make the world in a migrated database and return its ids."""
    world = World()
    with psycopg.connect(url) as connection:
        seller = _organisation(connection, 0)
        for number in range(1, investors + 1):
            world.investors.append(_investor(connection, number, money_minor))
        for number in range(books):
            book_id, ask_id = _book(connection, seller, number)
            world.books.append(book_id)
            world.asks.append(ask_id)
    return world


def _insert(connection: "psycopg.Connection[tuple[object, ...]]", table: str, values: dict[str, object]) -> None:
    """Insert one row of our own wording; values travel as JSON."""
    columns = ", ".join(values)
    connection.execute(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM json_populate_record(NULL::{table}, %s)".encode(),
        (json.dumps(values),),
    )


def _organisation(connection: "psycopg.Connection[tuple[object, ...]]", number: int) -> str:
    organisation_id = new_id("organisation")
    _insert(
        connection,
        "organisation",
        {
            "id": organisation_id,
            "kind": "investor",
            "name_zh": f"模拟机构{number}",
            "name_en": f"Simulated institution {number}",
            "credit_code": f"BENCH{number:013d}",
            "is_simulated": True,
            "is_state_owned": False,
            "status": "approved",
            "version": 1,
            "created_at": "2026-01-01T00:00:00Z",
        },
    )
    return organisation_id


def _investor(connection: "psycopg.Connection[tuple[object, ...]]", number: int, money_minor: int) -> Investor:
    organisation_id = _organisation(connection, number)
    user_id, key_id, secret = new_id("user"), new_id("api_key"), secrets.token_hex(32)
    _insert(
        connection,
        "user_account",
        {
            "id": user_id,
            "organisation_id": organisation_id,
            "login": f"bench-{number}",
            "name": f"Bench {number}",
            "password_hash": "-",
            "roles": ["investor"],
            "is_active": True,
            "failed_sign_ins": 0,
            "version": 1,
            "created_at": "2026-01-01T00:00:00Z",
        },
    )
    _insert(
        connection,
        "api_key",
        {
            "id": key_id,
            "organisation_id": organisation_id,
            "user_id": user_id,
            "name": "bench",
            "secret_hash": hashlib.sha256(secret.encode()).hexdigest(),
            "scopes": ["orders:write", "orders:read", "books:read", "market:read"],
            "created_at": "2026-01-01T00:00:00Z",
            "expires_at": "2036-01-01T00:00:00Z",
        },
    )
    _admit(connection, organisation_id, number, money_minor)
    return Investor(organisation_id, user_id, key_id, secret)


def _admit(
    connection: "psycopg.Connection[tuple[object, ...]]", organisation_id: str, number: int, money_minor: int
) -> None:
    """Approved records and money."""
    _insert(
        connection,
        "standing",
        {
            "organisation_id": organisation_id,
            "is_approved": True,
            "is_simulated": True,
            "buyer_class": ("guidance_fund", "equity_fund", "asset_manager_or_insurer", "other")[number % 4],
            "class_valid_to": "2036-01-01",
            "suitable_until": "2036-01-01",
            "suitability_currency": "CNY",
            "net_assets_minor": MONEY_MINOR,
            "financial_assets_minor": MONEY_MINOR,
            "risk_rating": 5,
            "risk_statement_signed": True,
            "no_nominee_declared": True,
            "group_keys": [organisation_id],
        },
    )
    _insert(
        connection,
        "account",
        {
            "id": new_id("account"),
            "organisation_id": organisation_id,
            "kind": "cash",
            "currency": "CNY",
            "posted_minor": money_minor,
            "held_minor": 0,
        },
    )


def _book(connection: "psycopg.Connection[tuple[object, ...]]", seller: str, number: int) -> tuple[str, str]:
    fund_id, book_id, ask_id, at = new_id("fund"), new_id("book"), new_id("order"), AT
    _fund(connection, fund_id, seller, number)
    _insert(
        connection,
        "book",
        {
            "id": book_id,
            "fund_id": fund_id,
            "mode": "continuous",
            "policy": "guidance_first",
            "profile": "OPEN",
            "currency": "CNY",
            "nav_statement_id": new_id("nav_statement"),
            "nav_minor": NAV_MINOR,
            "subscribed_minor": SUBSCRIBED_MINOR,
            "fund_risk_rating": 3,
            "tick_ppm": 500,
            "minimum_amount_minor": LOT_MINOR,
            "maximum_amount_minor": 1_000_000_000_000,
            "floor_price_ppm": 0,
            "deposit_ppm": DEPOSIT_PPM,
            "seller_group_keys": [],
            "is_simulated": True,
            "phase": "open",
            "opens_at": at,
            "last_sequence": 2,
            "created_at": at,
        },
    )
    _insert(connection, "book_progress", {"book_id": book_id, "matched_sequence": 0, "fill_count": 0, "state_hash": ""})
    _ask(connection, seller, fund_id, book_id, ask_id)
    return book_id, ask_id


def _fund(connection: "psycopg.Connection[tuple[object, ...]]", fund_id: str, seller: str, number: int) -> None:
    _insert(
        connection,
        "fund",
        {
            "id": fund_id,
            "code": f"BENCH{number:04d}",
            "name": f"Bench fund {number}",
            "manager_organisation_id": seller,
            "legal_form": "partnership",
            "vintage": 2018,
            "currency": "CNY",
            "strategy": "",
            "risk_rating": 3,
            "sci_tech_ppm": 0,
            "source_mark": "simulated",
            "source": "benchmark",
            "warning": "",
            "registered_region": "11",
            "filing_code": f"SIM-{number:05d}",
            "version": 1,
            "created_at": AT,
        },
    )


def _ask(
    connection: "psycopg.Connection[tuple[object, ...]]", seller: str, fund_id: str, book_id: str, ask_id: str
) -> None:
    """The first two lines of the book's journal: it opens, the ask enters."""
    common = {"book_id": book_id, "all_or_none": False, "minimum_fill_minor": 0}
    _insert(connection, "book_command", {**common, "sequence": 1, "kind": "open", "at": AT})
    terms: dict[str, object] = {
        **common,
        "side": "sell",
        "price_ppm": ASK_PPM,
        "amount_minor": ASK_MINOR,
        "organisation_id": seller,
        "time_in_force": "good_till_cancelled",
    }
    _insert(
        connection,
        "book_command",
        {
            **terms,
            "sequence": 2,
            "kind": "submit",
            "order_id": ask_id,
            "class_rank": 3,
            "group_keys": [seller],
            "at": AT,
        },
    )
    ask = {
        "id": ask_id,
        "fund_id": fund_id,
        "sequence": 2,
        "place": 2,
        "user_id": "bench",
        "leaves_minor": ASK_MINOR,
        "filled_minor": 0,
        "cancelled_minor": 0,
        "settled_minor": 0,
        "hold_minor": 0,
        "status": "accepted",
        "reason": "",
        "last_sequence": 2,
        "accepted_at": AT,
    }
    _insert(connection, "market_order", {**terms, **ask})


def order_body(book_id: str, *, price: str, amount: str) -> bytes:
    """The JSON body of a single order."""
    return json.dumps({"book_id": book_id, "amount": amount, "price": price}).encode()


def bulk_body(orders: Sequence[tuple[str, str, str]]) -> bytes:
    """The JSON body of a bulk of (book, price, amount)."""
    lines = [{"book_id": book, "price": price, "amount": amount} for book, price, amount in orders]
    return json.dumps({"orders": lines}).encode()
