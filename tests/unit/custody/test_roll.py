from exchange.custody.roll import Holding, HoldingRecord, change_of, changes_of, check_record, keeps_encumbrance, totals


def a_line(subscribed: int = 100, *, frozen: int = 0, pledged: int = 0, holder: str = "H") -> Holding:
    return Holding("hld", "F", holder, subscribed, 90, 10, frozen, pledged)


def test_free_is_what_is_neither_frozen_nor_pledged() -> None:
    assert a_line(frozen=30, pledged=20).free_minor == 50


def test_a_record_names_every_contradiction() -> None:
    found = check_record(HoldingRecord("F", "H", 0, -1, -1))
    assert [(error.pointer, error.code) for error in found] == [
        ("/subscribed", "NUMBER_NOT_POSITIVE"),
        ("/paid_in", "NUMBER_NEGATIVE"),
        ("/unfunded", "NUMBER_NEGATIVE"),
    ]
    assert check_record(HoldingRecord("F", "H", 1, 0, 1)) == ()


def test_a_first_record_is_its_own_difference() -> None:
    change = change_of(HoldingRecord("F", "H", 100, 60, 40), None)
    assert (change.subscribed_delta_minor, change.paid_in_delta_minor, change.unfunded_delta_minor) == (100, 60, 40)
    assert change.is_new
    assert not change.is_nothing
    assert keeps_encumbrance(change)


def test_a_repeated_record_is_nothing() -> None:
    change = change_of(HoldingRecord("F", "H", 100, 90, 10), a_line())
    assert change.is_nothing
    assert not change.is_new


def test_a_correction_below_what_is_frozen_is_seen() -> None:
    assert keeps_encumbrance(change_of(HoldingRecord("F", "H", 50, 40, 10), a_line(frozen=30, pledged=20)))
    assert not keeps_encumbrance(change_of(HoldingRecord("F", "H", 49, 40, 9), a_line(frozen=30, pledged=20)))


def test_changes_keep_the_order_of_the_records() -> None:
    records = [HoldingRecord("F", holder, 100, 90, 10) for holder in "BA"]
    changes = changes_of(records, {("F", "A"): a_line(holder="A")})
    assert [(change.record.key[1], change.is_new) for change in changes] == [("B", True), ("A", False)]


def test_totals_are_the_sums_of_the_lines() -> None:
    sums = totals([a_line(frozen=10, holder="A"), a_line(50, pledged=5, holder="B")])
    assert (sums.holders, sums.subscribed_minor, sums.paid_in_minor, sums.unfunded_minor) == (2, 150, 180, 20)
    assert (sums.frozen_minor, sums.pledged_minor) == (10, 5)
    assert a_line(holder="A").key == ("F", "A")
