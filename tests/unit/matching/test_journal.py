"""A journal drives a book: every way a match is taken back, an order ends or changes its class."""

import random

import pytest

from exchange.core.terms import MatchingMode, PriorityPolicy, Side, TimeInForce
from exchange.matching import engine_events as ev
from exchange.matching.auction_book import new_book
from exchange.matching.journal import Command, Dropped, Forfeited, JournalBook, JournalError
from exchange.matching.lifecycle import CommandKind, OrderStatus
from exchange.matching.outcome import BookOutcome, Recorder

Kind = CommandKind


class Script:
    """Commands with their numbers, written down as they are given."""

    def __init__(self, mode: MatchingMode, policy: PriorityPolicy = PriorityPolicy.GUIDANCE_FIRST) -> None:
        self.mode, self.policy = mode, policy
        self.book = new_book(mode, policy)
        self.commands: list[Command] = []

    def give(self, kind: CommandKind, order_id: str | None = None, **terms: object) -> BookOutcome:
        """Append one command and apply it."""
        command = Command(len(self.commands) + 1, kind, order_id, **terms)  # type: ignore[arg-type]
        self.commands.append(command)
        return Recorder(self.book).run([command])

    def ask(self, order_id: str, amount: int, price: int, owner: str = "seller", **terms: object) -> BookOutcome:
        """A sell order."""
        return self._submit(order_id, Side.SELL, amount, price, owner, 3, **terms)

    def bid(self, order_id: str, amount: int, price: int, rank: int = 3, **terms: object) -> BookOutcome:
        """A buy order of an organisation of the same name."""
        return self._submit(order_id, Side.BUY, amount, price, f"org-{order_id}", rank, **terms)

    def _submit(
        self, order_id: str, side: Side, amount: int, price: int, owner: str, rank: int, **terms: object
    ) -> BookOutcome:
        return self.give(
            Kind.SUBMIT,
            order_id,
            side=side,
            amount_minor=amount,
            price_ppm=price,
            class_rank=rank,
            organisation_id=owner,
            **terms,
        )

    def replayed(self) -> JournalBook:
        """Another book after the same commands."""
        book = new_book(self.mode, self.policy)
        for command in self.commands:
            book.apply(command)
        return book


def negotiated() -> Script:
    """The worked example of the priority policies: four bids wait, then the ask for 100 enters."""
    script = Script(MatchingMode.NEGOTIATED)
    script.bid("B1", 60, 880_000)
    script.bid("B4", 40, 870_000)
    script.bid("B2", 50, 860_000, rank=0)
    script.bid("B3", 30, 880_000, rank=0)
    script.give(Kind.OPEN)
    return script


def fills(outcome: BookOutcome) -> list[tuple[str, int, int]]:
    """(buyer's order, price, amount) of each fill in order."""
    return [(fill.buy_order_id, fill.price_ppm, fill.amount) for fill in outcome.fills]


def test_guidance_funds_are_met_first_and_the_cost_is_stored() -> None:
    script = negotiated()
    outcome = script.ask("A", 100, 850_000)
    assert fills(outcome) == [("B3", 880_000, 30), ("B2", 860_000, 50), ("B1", 880_000, 20)]
    (sweep,) = outcome.sweeps
    assert sweep.cost == 90 * 10_000
    assert [(line.order_id, line.amount) for line in sweep.price_first] == [("B3", 30), ("B1", 60), ("B4", 10)]
    assert outcome.changes["A"].status is OrderStatus.FILLED
    assert outcome.changes["B1"].leaves == 40


def test_declined_match_ends_the_loser_and_calls_the_next_in_rank() -> None:
    script = negotiated()
    script.ask("A", 100, 850_000)
    outcome = script.give(Kind.REINSTATE, "A", amount_minor=50, detail={"loser": "B2"})
    assert fills(outcome) == [("B1", 880_000, 40), ("B4", 870_000, 10)]
    assert all(fill.is_backup for fill in outcome.fills)
    loser = outcome.changes["B2"]
    assert (loser.leaves, loser.filled, loser.cancelled, loser.status) == (0, 0, 50, OrderStatus.CANCELLED)
    assert script.replayed().digest() == script.book.digest()


def test_loser_that_still_rests_loses_its_rest_too() -> None:
    script = negotiated()
    script.ask("A", 100, 850_000)
    outcome = script.give(Kind.REINSTATE, "A", amount_minor=20, detail={"loser": "B1"})
    assert outcome.changes["B1"].cancelled == 60
    assert fills(outcome) == [("B4", 870_000, 20)]


def test_match_that_falls_away_after_the_end_comes_back_to_nothing() -> None:
    script = negotiated()
    script.ask("A", 100, 850_000)
    closed = script.give(Kind.CLOSE, detail={"reason": "window_closed"})
    assert closed.closed
    assert closed.changes["B1"].cancelled == 40
    outcome = script.give(Kind.REINSTATE, "A", amount_minor=50, detail={"loser": "B2"})
    assert not outcome.fills
    ask = outcome.changes["A"]
    assert (ask.leaves, ask.filled, ask.cancelled) == (0, 50, 50)
    assert script.replayed().digest() == script.book.digest()


def test_reclassed_bid_ranks_anew_at_its_old_time() -> None:
    script = negotiated()
    script.give(Kind.RECLASS, "B2", class_rank=3)
    outcome = script.ask("A", 100, 850_000)
    assert fills(outcome) == [("B3", 880_000, 30), ("B1", 880_000, 60), ("B4", 870_000, 10)]


def test_priority_window_considers_guidance_funds_alone_until_it_ends() -> None:
    script = Script(MatchingMode.NEGOTIATED, PriorityPolicy.GUIDANCE_WINDOW)
    script.bid("B1", 60, 880_000)
    script.bid("B2", 50, 860_000, rank=0)
    script.give(Kind.CONSIDER, class_rank=0)
    script.give(Kind.OPEN)
    assert fills(script.ask("A", 100, 850_000)) == [("B2", 860_000, 50)]
    assert fills(script.give(Kind.CONSIDER)) == [("B1", 880_000, 50)]


def test_closed_book_refuses_new_orders() -> None:
    script = negotiated()
    script.give(Kind.CLOSE)
    outcome = script.bid("B9", 10, 900_000)
    assert outcome.changes["B9"].status is OrderStatus.REJECTED
    assert outcome.changes["B9"].cancelled == 10


def test_refused_cancel_is_reported_and_changes_nothing() -> None:
    script = negotiated()
    before = script.book.digest()[:0] + str(len(script.book.orders))
    outcome = script.give(Kind.CANCEL, "nobody")
    assert outcome.refused["nobody"][1] == ev.RejectCode.UNKNOWN_ORDER
    assert str(len(script.book.orders)) == before


def test_command_out_of_order_is_an_error() -> None:
    script = negotiated()
    with pytest.raises(JournalError):
        script.book.apply(Command(99, Kind.HALT))


def test_reasoned_cancel_tells_why_the_order_left() -> None:
    script = negotiated()
    command = Command(6, Kind.CANCEL, "B1", detail={"reason": "organisation_not_admitted"})
    assert script.book.apply(command) == [Dropped("B1", "organisation_not_admitted", 60)]


def test_forfeit_names_the_amount_that_is_lost() -> None:
    script = negotiated()
    script.ask("A", 100, 850_000)
    command = Command(7, Kind.REINSTATE, "A", amount_minor=50, detail={"loser": "B2"})
    assert Forfeited("B2", 50) in script.book.apply(command)


def auction(policy: PriorityPolicy = PriorityPolicy.PRICE_FIRST) -> Script:
    """The same four bids in an auction of 100 with a reserve of 85 %."""
    script = Script(MatchingMode.ONE_WAY_AUCTION, policy)
    script.ask("A", 100, 850_000)
    script.bid("B1", 60, 880_000)
    script.bid("B4", 40, 870_000)
    script.bid("B2", 50, 860_000, rank=0)
    script.bid("B3", 30, 880_000, rank=0)
    script.bid("B5", 30, 840_000)
    return script


TERMS = {
    "margin": "pro_rata",
    "roll": {"seller": 100},
    "limits": {
        "floor_price_ppm": 850_000,
        "divisible": True,
        "minimum_holding_minor": 0,
        "new_holder_slots": None,
        "seller_holding_minor": 100,
        "minimum_remainder_minor": 0,
        "full_sale_required": False,
        "guidance_only": False,
        "rules": dict.fromkeys(
            (
                "reserve",
                "window",
                "indivisible",
                "minimum_holding",
                "new_holder_slots",
                "seller_remainder",
                "full_sale",
            ),
            "R",
        ),
    },
}


def test_auction_allocates_at_its_close_and_drops_bids_below_the_reserve() -> None:
    script = auction()
    outcome = script.give(Kind.CLOSE, detail={"allocate": TERMS})
    assert fills(outcome) == [("B3", 880_000, 30), ("B1", 880_000, 60), ("B4", 870_000, 10)]
    assert outcome.changes["B5"].status is OrderStatus.CANCELLED
    assert script.book.orders.keys() == {"B2", "B4"}
    assert script.replayed().digest() == script.book.digest()


def test_bids_with_payment_plans_rank_as_cash_and_the_journal_proves_it() -> None:
    script = auction()
    later = {"later": [{"share_ppm": 500_000, "days": 365}], "interest_ppm": 0, "security": "escrow"}
    plans = {"discount_ppm": 60_000, "announced": {}, "bids": {"B1": later}}
    outcome = script.give(Kind.CLOSE, detail={"allocate": {**TERMS, "plans": plans}})
    # B1's 88 %, half of it after a year at 6 %, is worth 85.51 % in cash: behind B4 and B2.
    assert fills(outcome) == [("B3", 880_000, 30), ("B4", 870_000, 40), ("B2", 860_000, 30)]
    assert script.replayed().digest() == script.book.digest()


def test_lapsed_winner_of_an_auction_is_followed_by_the_next_in_rank() -> None:
    script = auction()
    script.give(Kind.CLOSE, detail={"allocate": TERMS})
    outcome = script.give(Kind.REALLOCATE, "A", amount_minor=60, detail={"loser": "B1"})
    assert fills(outcome) == [("B4", 870_000, 30), ("B2", 860_000, 30)]
    assert outcome.changes["B1"].cancelled == 60
    assert outcome.changes["A"].status is OrderStatus.FILLED
    assert script.replayed().digest() == script.book.digest()


def test_related_party_is_passed_over_in_an_auction() -> None:
    script = Script(MatchingMode.ONE_WAY_AUCTION)
    script.ask("A", 100, 850_000, group_keys=("owner-1",))
    script.bid("B1", 60, 880_000, group_keys=("owner-1",))
    script.bid("B2", 50, 870_000)
    outcome = script.give(Kind.CLOSE, detail={"allocate": TERMS})
    assert fills(outcome) == [("B2", 870_000, 50)]
    assert [skip.reason for skip in outcome.skips.values()] == ["related_party"]
    assert outcome.changes["B1"].status is OrderStatus.CANCELLED


def test_match_right_waits_for_takings_and_fills_at_the_clearing_price() -> None:
    script = auction(PriorityPolicy.MATCH_RIGHT)
    first = script.give(Kind.CLOSE, detail={"allocate": TERMS})
    assert not first.fills
    assert not first.awards[0][1].final
    script.give(Kind.REALLOCATE, "A", detail={"take": {"B2": 50}})
    script.give(Kind.AMEND, "B2", price_ppm=880_000)
    outcome = script.give(Kind.REALLOCATE, "A", detail={"settle": True})
    assert sorted(fills(outcome)) == [("B1", 880_000, 20), ("B2", 880_000, 50), ("B3", 880_000, 30)]
    assert outcome.awards[0][1].final
    assert script.replayed().digest() == script.book.digest()


def test_auction_without_a_bid_gives_an_empty_award_and_keeps_the_ask() -> None:
    script = Script(MatchingMode.ONE_WAY_AUCTION)
    script.ask("A", 100, 850_000)
    outcome = script.give(Kind.CLOSE, detail={"allocate": TERMS})
    assert outcome.awards[0][1].award.fills == ()
    assert script.book.orders.keys() == {"A"}


def test_random_journals_replay_and_restore_to_the_same_digest() -> None:
    for seed in range(60):
        script = random_script(random.Random(seed))
        assert script.replayed().digest() == script.book.digest()
        assert restored(script).digest() == script.book.digest()


def test_whole_journal_at_once_gives_the_events_and_the_digest_of_its_commands_one_by_one() -> None:
    for seed in range(60):
        script = random_script(random.Random(seed))
        single, whole = (new_book(script.mode, script.policy) for _ in range(2))
        one_by_one = [(command.sequence, single.apply(command)) for command in script.commands]
        together = [(command.sequence, events) for command, events in whole.apply_all(script.commands)]
        assert repr(together) == repr(one_by_one)
        assert whole.digest() == single.digest()
        assert whole.gone.keys() == single.gone.keys()


def test_command_out_of_order_in_a_batch_is_an_error_and_the_batch_changes_nothing() -> None:
    script = Script(MatchingMode.CONTINUOUS)
    script.give(Kind.OPEN)
    before = script.book.digest()
    batch = [Command(2, Kind.CANCEL, "x"), Command(4, Kind.CANCEL, "y")]
    with pytest.raises(JournalError):
        list(script.book.apply_all(batch))
    assert script.book.digest() == before


def random_script(chance: random.Random) -> Script:
    """Some hundred commands on a negotiated book, declines among them."""
    script = Script(MatchingMode.NEGOTIATED, chance.choice(list(PriorityPolicy)))
    script.give(Kind.OPEN)
    script.ask("A", 500, 850_000)
    open_fills: list[tuple[str, int]] = []
    for number in range(120):
        known = sorted(script.book.orders)
        turn = chance.random()
        if turn < 0.6 or not known:
            terms = {"time_in_force": chance.choice(list(TimeInForce)), "all_or_none": chance.random() < 0.1}
            price = chance.randrange(840, 900) * 1000
            outcome = script.bid(f"B{number}", chance.randrange(1, 60), price, chance.randrange(4), **terms)
        elif turn < 0.7:
            outcome = script.give(Kind.CANCEL, chance.choice([order for order in known if order != "A"] or ["x"]))
        elif turn < 0.8:
            outcome = script.give(Kind.RECLASS, chance.choice(known), class_rank=chance.randrange(4))
        elif open_fills:
            loser, amount = open_fills.pop(chance.randrange(len(open_fills)))
            outcome = script.give(Kind.REINSTATE, "A", amount_minor=amount, detail={"loser": loser})
        else:
            outcome = script.give(Kind.AMEND, chance.choice(known), price_ppm=chance.randrange(840, 900) * 1000)
        open_fills += [(fill.buy_order_id, fill.amount) for fill in outcome.fills]
    return script


def restored(script: Script) -> JournalBook:
    """The book put together from its head and copies of its orders, as from stored rows."""
    book = new_book(script.mode, script.policy)
    book.opened = book._matching = script.book.opened
    book.considered = script.book.considered
    kept = [*script.book.orders.values(), *script.book.gone.values()]
    book.adopt([order.copy() for order in kept])
    book.applied, book.fill_count = script.book.applied, script.book.fill_count
    book.sequence = script.book.applied
    return book
