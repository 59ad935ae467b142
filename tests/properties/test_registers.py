"""Identities of custody, ledger and imports for whatever comes."""

from hypothesis import given
from hypothesis import strategies as st

from exchange.core.money import scale_decimal, unscale_decimal
from exchange.custody.roll import Holding, HoldingRecord, changes_of, totals
from exchange.funds.cash_flow import effect_on_unfunded
from exchange.funds.kinds import CashFlowKind
from exchange.funds.nav_statement import implied_unfunded
from exchange.funds.recorded import due_versions
from exchange.imports.cells import Wrong, parse_cell
from exchange.imports.columns import CellKind, Column
from exchange.imports.export import csv_lines, safe_cell
from exchange.ledger.cover import Balance, HoldChange, covered

AMOUNTS = st.integers(min_value=0, max_value=10**15)
COUNTS = st.integers(min_value=0, max_value=30)


@given(
    posted=st.lists(COUNTS, min_size=3, max_size=3),
    holds=st.lists(st.tuples(st.integers(min_value=0, max_value=2), COUNTS), max_size=30),
)
def test_holds_never_exceed_what_is_posted_and_nothing_fits_that_was_left_out(
    posted: list[int], holds: list[tuple[int, int]]
) -> None:
    balances = {str(number): Balance(amount, 0) for number, amount in enumerate(posted)}
    changes = [HoldChange(str(account), amount, "o", "t") for account, amount in holds]
    taken = covered(changes, balances)
    held = dict.fromkeys(balances, 0)
    for position, change in enumerate(changes):
        fits = held[change.account_id] + change.delta_minor <= balances[change.account_id].posted_minor
        assert (position in taken) == fits
        held[change.account_id] += change.delta_minor if fits else 0
    assert all(held[account] <= balances[account].posted_minor for account in balances)


@given(st.lists(st.tuples(st.sampled_from("ABC"), AMOUNTS, AMOUNTS), max_size=20))
def test_a_holding_is_the_sum_of_its_entries(reports: list[tuple[str, int, int]]) -> None:
    roll: dict[tuple[str, str], Holding] = {}
    entries: dict[str, int] = dict.fromkeys("ABC", 0)
    for holder, subscribed, paid_in in reports:
        record = HoldingRecord("F", holder, subscribed, paid_in, implied_unfunded(subscribed, paid_in))
        (change,) = changes_of([record], roll)
        entries[holder] += change.subscribed_delta_minor
        roll[record.key] = Holding("hld", "F", holder, subscribed, paid_in, record.unfunded_minor)
        assert changes_of([record], roll)[0].is_nothing
    assert {key[1]: row.subscribed_minor for key, row in roll.items()} == {
        holder: total for holder, total in entries.items() if ("F", holder) in roll
    }
    assert totals(roll.values()).subscribed_minor == sum(entries.values())


@given(st.lists(st.tuples(st.sampled_from("abcd"), COUNTS), unique_by=lambda fact: fact[0]), st.data())
def test_recording_the_same_facts_again_changes_nothing(facts: list[tuple[str, int]], data: st.DataObject) -> None:
    known = data.draw(st.dictionaries(st.sampled_from("abcd"), st.tuples(st.integers(1, 9), COUNTS)))
    due, first = due_versions(facts, known)
    assert first.added + first.changed == len(due)
    assert first.added + first.changed + first.unchanged == len(facts)
    after = known | {
        key: (known.get(key, (0, 0))[0] + 1, fact) for key, fact in facts if known.get(key, (0, -1))[1] != fact
    }
    again, second = due_versions(facts, after)
    assert again == []
    assert second.unchanged == len(facts)


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_paid_in_and_unfunded_move_against_each_other(commitment: int, called: int, back: int) -> None:
    assert effect_on_unfunded(CashFlowKind.CONTRIBUTION, called) == -called
    assert effect_on_unfunded(CashFlowKind.RESTATEMENT, -back) == back
    assert implied_unfunded(commitment, called) >= max(0, commitment - called)


@given(st.integers(min_value=-(10**16), max_value=10**16))
def test_an_amount_written_exactly_is_read_exactly(minor: int) -> None:
    column = Column("c", CellKind.SIGNED_AMOUNT, "列")
    assert parse_cell(column, unscale_decimal(minor, 2)) == minor


@given(st.floats(min_value=0, max_value=1e12, allow_nan=False, allow_infinity=False))
def test_a_number_of_a_workbook_is_its_shortest_decimal_or_refused(number: float) -> None:
    value = parse_cell(Column("c", CellKind.AMOUNT, "列"), number)
    if isinstance(value, int):
        assert float(unscale_decimal(value, 2)) == number
    else:
        assert isinstance(value, Wrong)


@given(st.text(max_size=40))
def test_no_text_becomes_a_number_by_guessing(text: str) -> None:
    value = parse_cell(Column("c", CellKind.AMOUNT, "列"), text)
    assert isinstance(value, Wrong) or scale_decimal(text.strip(), 2) == value


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_no_exported_cell_begins_like_a_formula(cells: list[str]) -> None:
    assert not any(safe_cell(cell).startswith(("=", "+", "@", "\t", "\r")) for cell in cells)
    assert len(list(csv_lines(cells, [cells]))) == 2
