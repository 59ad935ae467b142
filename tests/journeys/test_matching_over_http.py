"""The main job over HTTP: bids, guidance first, ranking and cost shown to the seller, confirmed, declined, halted."""

from datetime import timedelta

from exchange.core.terms import MatchingMode, PriorityPolicy
from tests.integration.matching.exchange_world import Market, a_listing, book_of, settle, wait
from tests.journeys.market_at_api import Caller

People = dict[str, Caller]


def four_bids(people: People, listing_id: str) -> dict[str, str]:
    """The worked example of the priority policies, placed over HTTP."""
    terms = {
        "B1": ("social", "60000000.00", "0.8800"),
        "B4": ("second", "40000000.00", "0.8700"),
        "B2": ("guidance", "50000000.00", "0.8600"),
        "B3": ("guidance2", "30000000.00", "0.8800"),
    }
    orders = {}
    for name, (buyer, amount, price) in terms.items():
        answer = people[buyer].post(f"/listings/{listing_id}/bids", {"amount": amount, "price": price})
        assert answer.status_code == 201, answer.text
        orders[name] = answer.json()["id"]
    return orders


def opened(market: Market, people: People, **terms: object) -> tuple[str, dict[str, str]]:
    """A listing that opens over the four waiting bids."""
    listing_id = a_listing(market, opens_in=timedelta(hours=1), **terms)  # type: ignore[arg-type]
    orders = four_bids(people, listing_id)
    wait(timedelta(hours=1, seconds=1))
    return listing_id, orders


def test_seller_sees_the_ranking_and_the_cost_before_confirming_and_buyers_do_not(
    market: Market, people: People
) -> None:
    listing_id, orders = opened(market, people)
    rows = people["seller"].get("/proposals", listing_id=listing_id).json()["items"]
    assert [row["rank"] for row in rows] == [3, 2, 1]
    first = people["seller"].get(f"/proposals/{rows[-1]['id']}").json()
    assert first["buy_order_id"] == orders["B3"]
    assert first["comparison"]["cost"] == {"amount": "792000.00", "currency": "CNY"}
    assert [line["order_id"] for line in first["comparison"]["fills"]] == [orders["B3"], orders["B1"], orders["B4"]]
    as_buyer = people["guidance2"].get(f"/proposals/{rows[-1]['id']}").json()
    assert (as_buyer["comparison"], as_buyer["priority_cost"]) == (None, None)
    assert people["second"].get(f"/proposals/{rows[-1]['id']}").status_code == 404
    assert people["second"].get("/proposals").json()["items"] == []


def test_both_confirm_once_whatever_is_repeated_and_the_trade_is_public_without_names(
    market: Market, people: People
) -> None:
    listing_id, _ = opened(market, people)
    buyers = {actor.organisation_id: people[name] for name, actor in market.buyers.items()}
    for row in people["seller"].get("/proposals", listing_id=listing_id).json()["items"]:
        path = f"/proposals/{row['id']}:confirm"
        first = people["seller"].post(path, key="the-same-key-twice-over")
        again = people["seller"].post(path, key="the-same-key-twice-over")
        assert first.status_code == again.status_code == 200
        assert again.headers["Idempotent-Replayed"] == "true"
        answer = buyers[row["buyer_organisation_id"]].post(path)
        assert answer.json()["status"] == "confirmed"
    settle()
    seen_by_other = people["second"].get("/trades", scope="market").json()["items"]
    assert sum(float(trade["amount"]["amount"]) for trade in seen_by_other) == 100_000_000
    assert {trade["buyer_organisation_id"] for trade in seen_by_other} == {None}
    own = people["guidance"].get("/trades").json()["items"]
    assert [trade["buyer_organisation_id"] for trade in own] == [market.buyers["guidance"].organisation_id]
    assert people["second"].get(f"/trades/{own[0]['id']}").status_code == 404


def test_decline_needs_a_reason_and_calls_the_backup(market: Market, people: People) -> None:
    _, orders = opened(market, people)
    row = next(
        row for row in people["guidance"].get("/proposals").json()["items"] if row["buy_order_id"] == orders["B2"]
    )
    assert people["guidance"].post(f"/proposals/{row['id']}:decline").status_code == 422
    answer = people["guidance"].post(f"/proposals/{row['id']}:decline", {"reason": "no budget"})
    assert answer.json()["status"] == "declined"
    settle()
    backups = [row for row in people["seller"].get("/proposals").json()["items"] if row["is_backup"]]
    assert {row["buy_order_id"] for row in backups} == {orders["B1"], orders["B4"]}
    assert people["guidance"].post(f"/proposals/{row['id']}:confirm").json()["code"] == "ILLEGAL_TRANSITION"


def test_depth_shows_prices_and_marks_own_and_guidance(market: Market, people: People) -> None:
    listing_id = a_listing(market, opens_in=timedelta(hours=1))
    four_bids(people, listing_id)
    settle()
    depth = people["social"].get(f"/listings/{listing_id}/depth").json()
    assert [level["price"] for level in depth["bids"]] == ["0.8800", "0.8700", "0.8600"]
    best = depth["bids"][0]
    assert (best["amount"]["amount"], best["count"]) == ("90000000.00", 2)
    assert (best["guidance"]["amount"], best["own"]["amount"]) == ("30000000.00", "60000000.00")
    book = people["social"].get(f"/books/{depth['book_id']}").json()
    assert (book["phase"], book["policy"]) == ("collecting", "guidance_first")
    assert book["last_sequence"] == book["matched_sequence"] == 4


def test_auction_is_sealed_until_its_award_and_accepted_by_the_seller(market: Market, people: People) -> None:
    listing_id = a_listing(market, mode=MatchingMode.ONE_WAY_AUCTION, policy=PriorityPolicy.PRICE_FIRST, days=10)
    orders = four_bids(people, listing_id)
    settle()
    depth = people["social"].get(f"/listings/{listing_id}/depth").json()
    assert depth["sealed"]
    assert [level["amount"]["amount"] for level in depth["bids"]] == ["60000000.00"]
    assert people["seller"].get(f"/listings/{listing_id}/depth").json()["bids"] == []
    assert len(people["operator"].get(f"/listings/{listing_id}/depth").json()["bids"]) == 3
    wait(timedelta(days=10, minutes=1))
    award = people["seller"].get(f"/listings/{listing_id}/award").json()
    assert [line["order_id"] for line in award["fills"]] == [orders["B3"], orders["B1"], orders["B4"]]
    assert award["proof"]
    assert people["social"].get(f"/awards/{award['id']}").json()["proof"] is None
    accepted = people["seller"].post(f"/awards/{award['id']}:accept")
    assert accepted.json()["status"] == "accepted"
    assert people["social"].post(f"/awards/{award['id']}:accept").status_code == 404


def test_operator_halts_and_lifts_and_the_intake_obeys(market: Market, people: People) -> None:
    listing_id = a_listing(market)
    book_id = book_of(listing_id).id
    assert people["seller"].post("/halts", {"book_id": book_id, "reason": "news"}).status_code == 403
    assert people["seller"].post("/market-halts", {"reason": "news"}).status_code == 403
    halt = people["operator"].post("/halts", {"book_id": book_id, "reason": "news"})
    assert halt.status_code == 201
    bid = {"amount": "10000000.00", "price": "0.8600"}
    refused = people["social"].post(f"/listings/{listing_id}/bids", bid)
    assert refused.status_code == 409
    assert "HALTED" in [breach["code"] for breach in refused.json()["breaches"]]
    assert people["operator"].post("/halts", {"book_id": book_id, "reason": "x"}).json()["code"] == "ALREADY_HALTED"
    assert people["operator"].post(f"/halts/{halt.json()['id']}:lift").status_code == 200
    settle()
    assert people["social"].post(f"/listings/{listing_id}/bids", bid).status_code == 201
    asked = people["operator"].post("/market-halts", {"reason": "fault of a system"}).json()
    own = people["operator"].post(f"/approvals/{asked['id']}:approve", {"reason": "mine"})
    assert own.json()["code"] == "SAME_PERSON"
    assert people["second operator"].post(f"/approvals/{asked['id']}:approve", {"reason": "seen"}).status_code == 200
    whole = next(row for row in people["social"].get("/halts", active=True).json() if row["book_id"] is None)
    assert people["social"].post(f"/listings/{listing_id}/bids", bid).status_code == 409
    assert people["operator"].post(f"/halts/{whole['id']}:lift").status_code == 200
    settle()
    assert people["social"].post(f"/listings/{listing_id}/bids", bid).status_code == 201
    assert [row["lifted_at"] is None for row in people["social"].get("/halts").json()] == [False] * 3


def test_event_list_shows_each_what_concerns_it(market: Market, people: People) -> None:
    opened(market, people)
    mine = people["guidance"].get("/events", topics="proposals").json()
    theirs = people["second"].get("/events", topics="proposals").json()
    assert [event["type"] for event in mine["items"]] == ["proposal.made"]
    assert theirs["items"] == []
    later = people["guidance"].get("/events", after=mine["position"]).json()
    assert later["items"] == []
    assert people["guidance"].get("/events", topics="everything").json()["code"] == "TOPIC_UNKNOWN"
    all_seen = people["operator"].get("/events", limit=200).json()["items"]
    assert len({event["position"] for event in all_seen}) == len(all_seen) > len(mine["items"])
