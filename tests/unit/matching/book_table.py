"""Books as text: commands on lines of their own, and after each `->` what the book answered.

`buy B1 other 88 x60` is a bid at 88% for 60; marks: `day gtd ioc fok aon min=30 @owner +group`. Owners are the ids
themselves unless given. Amounts are small integers, prices whole or half percents.
"""

from exchange.core.terms import BuyerClass, PriorityPolicy, Side, TimeInForce
from exchange.matching import engine_events as ev
from exchange.matching.engine import Book
from exchange.matching.order_book import Order, Party, Terms
from exchange.matching.priority import class_rank

CLASSES = {
    "guidance": BuyerClass.GUIDANCE_FUND,
    "fund": BuyerClass.EQUITY_FUND,
    "amc": BuyerClass.ASSET_MANAGER_OR_INSURER,
    "other": BuyerClass.OTHER,
}
TIMES = {
    "day": TimeInForce.DAY,
    "gtd": TimeInForce.GOOD_TILL_DATE,
    "ioc": TimeInForce.IMMEDIATE_OR_CANCEL,
    "fok": TimeInForce.FILL_OR_KILL,
}


def play(script: str) -> Book:
    """Run a script and compare every answer with the expected lines; gives back the book."""
    lines = [line.split("# ")[0].strip() for line in script.splitlines()]
    lines = [line for line in lines if line]
    first = lines[0].split()
    assert first[0] == "book"
    considered = next((class_rank(CLASSES[word[11:]]) for word in first if word.startswith("considered=")), None)
    book = Book(PriorityPolicy(first[1]), considered=considered, opened="pre_open" not in first)
    played: list[str] = []
    for line in lines[1:]:
        if not line.startswith("->"):
            before = book.state_hash()
            events = send(book, line.split())
            if isinstance(events[0], ev.Rejected):
                assert book.state_hash() == before, f"{line!r} was refused and changed the book"
            played.append(line)
            played.extend(f"-> {text(event)}" for event in events)
    assert "\n".join(played) == "\n".join(lines[1:])
    return book


def send(book: Book, words: list[str]) -> list[ev.Event]:
    """One command line to one command."""
    name, *rest = words
    if name in ("buy", "sell"):
        return book.submit(an_order(words))
    if name == "amend":
        price = next((ppm(word) for word in rest[1:] if word[0] != "x"), None)
        return book.amend(rest[0], price_ppm=price, amount=amount_in(rest))
    if name == "reinstate":
        gone = an_order(rest[rest.index("from") + 1 :]) if "from" in rest else None
        if gone is not None:
            gone.leaves, gone.sequence = 0, int(rest[2][1:])
        return book.reinstate(rest[0], amount_in(rest) or 0, gone)
    if name == "consider":
        return book.consider(None if rest[0] == "all" else class_rank(CLASSES[rest[0]]))
    if name in ("cancel", "expire"):
        return book.cancel(rest[0]) if name == "cancel" else book.expire(rest[0])
    return {"open": book.open_book, "halt": book.halt, "resume": book.resume}[name]()


def an_order(words: list[str]) -> Order:
    """`buy B1 other 88 x60 ...` or `sell A1 85 x100 ...`."""
    side, order_id, marks = Side(words[0]), words[1], words[2:]
    rank = class_rank(CLASSES[marks[0]]) if side is Side.BUY else 3
    price = next(ppm(word) for word in marks if word[0].isdigit() or word[0] == "-")
    owner = next((word[1:] for word in marks if word[0] == "@"), order_id)
    groups = tuple(word[1:] for word in marks if word[0] == "+")
    terms = Terms(
        next((TIMES[word] for word in marks if word in TIMES), TimeInForce.GOOD_TILL_CANCELLED),
        "aon" in marks,
        next((int(word[4:]) for word in marks if word.startswith("min=")), 0),
    )
    return Order(order_id, side, price, amount_in(marks) or 0, Party(owner, rank, groups), terms)


def ppm(percent: str) -> int:
    """88 -> 880000, 87.5 -> 875000."""
    whole, _, part = percent.partition(".")
    return int(whole) * 10_000 + int(part or 0) * 1_000


def amount_in(words: list[str]) -> int | None:
    """The amount of a word like x60."""
    return next((int(word[1:]) for word in words if word[0] == "x"), None)


def text(event: ev.Event) -> str:
    """One event on one line."""
    match event:
        case ev.Filled():
            return f"{event.incoming_id} takes {event.resting_id} {percent(event.price_ppm)} x{event.amount}"
        case ev.Skipped():
            return f"{event.incoming_id} skips {event.resting_id} {event.reason}"
        case ev.Cancelled():
            return f"{event.order_id} ends x{event.amount} {event.reason}"
        case ev.PriorityCompared():
            would = ", ".join(f"{f.order_id} {percent(f.price_ppm)} x{f.amount}" for f in event.price_first)
            return f"price first: {would}; cost {event.cost}"
        case ev.Rejected():
            return f"refused {event.code}"
        case ev.Considered() | ev.PhaseChanged():
            return f"considered {event.class_rank}" if isinstance(event, ev.Considered) else f"{event.phase}"
        case _:
            return place_text(event)


def place_text(event: ev.Rested | ev.Amended | ev.Reinstated) -> str:
    """Where an order stands after the event, its place as #sequence."""
    place = f"x{event.leaves} #{event.sequence}"
    if isinstance(event, ev.Rested):
        return f"{event.order_id} rests {place}"
    if isinstance(event, ev.Amended):
        return f"{event.order_id} now {percent(event.price_ppm)} x{event.amount} open {place}"
    return f"{event.order_id} back x{event.amount} open {place}"


def percent(price_ppm: int) -> str:
    """880000 -> 88, 875000 -> 87.5."""
    whole, part = divmod(price_ppm, 10_000)
    return f"{whole}.{part // 1_000}" if part else f"{whole}"
