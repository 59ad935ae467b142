"""A public plan's panel of fund positions as rows of our import templates.

Funds are chosen by vintage band and name hint in the order of sha-256 of their key, so nobody picks by hand. Cash
flows are the changes of cumulative figures from report to report: paid-in up is a contribution, distributed up a
distribution, either of them down a restatement (signed as investors' payments). Money in the panel is USD million.
Example: paid-in 74.2 then 80.0 -> a contribution of 5,800,000.00 at the later quarter-end.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, zip_longest

from exchange.core.money import scale_decimal, unscale_decimal
from exchange.funds.kinds import CashFlowKind

Row = Mapping[str, str]
BANDS = ((2005, 2012, 8), (2013, 2016, 12), (2017, 2019, 14), (2020, 2022, 14))
MILLION_DIGITS = 6 + 2


def choose(rows: Iterable[Row], bands: Sequence[tuple[int, int, int]] = BANDS) -> list[list[Row]]:
    """Reports of the chosen funds, oldest first, fund by fund in the order of choice."""
    reports: dict[str, list[Row]] = {}
    for row in rows:
        reports.setdefault(row["fund_id"], []).append(row)
    histories = [sorted(history, key=lambda row: row["as_of"]) for history in reports.values()]
    chosen = []
    for first, last, count in bands:
        in_band = [history for history in histories if first <= int(history[-1]["vintage"]) <= last]
        chosen += _in_turn(in_band)[:count]
    return chosen


def nav_rows(code: str, history: Sequence[Row], source: str) -> list[dict[str, str]]:
    """Rows of the NAV template, one a report."""
    return [
        {
            "fund_code": code,
            "as_of": row["as_of"],
            "nav": money(row["nav_usd_m"]),
            "subscribed": money(row["commitment_usd_m"]),
            "paid_in": money(row["paid_in_usd_m"]),
            "distributed": money(row["distributed_usd_m"]),
            "tvpi": row["tvpi_reported"],
            "irr": row["irr_reported"],
            "source_mark": "reported",
            "source": source,
        }
        for row in history
    ]


def cash_flow_rows(code: str, history: Sequence[Row], source: str) -> list[dict[str, str]]:
    """Rows of the cash-flow template: the changes between neighbouring reports."""
    found = []
    for before, after in pairwise(history):
        called = _minor(after["paid_in_usd_m"]) - _minor(before["paid_in_usd_m"])
        paid_out = _minor(after["distributed_usd_m"]) - _minor(before["distributed_usd_m"])
        released = _unfunded(after) - _unfunded(before)
        if called > 0:
            effect = min(0, max(-called, released))
            found.append(_flow(code, after, "C", CashFlowKind.CONTRIBUTION, called, effect, source))
        elif called < 0:
            found.append(_flow(code, after, "R", CashFlowKind.RESTATEMENT, called, -called, source))
        if paid_out > 0:
            found.append(_flow(code, after, "D", CashFlowKind.DISTRIBUTION, paid_out, 0, source))
        elif paid_out < 0:
            found.append(_flow(code, after, "S", CashFlowKind.RESTATEMENT, -paid_out, 0, source))
    return found


def money(millions: str) -> str:
    """A panel amount in currency units: ``74.2`` -> ``74200000.00``."""
    return unscale_decimal(_minor(millions), 2)


def _minor(millions: str) -> int:
    return scale_decimal(millions, MILLION_DIGITS)


def _unfunded(row: Row) -> int:
    return max(0, _minor(row["commitment_usd_m"]) - _minor(row["paid_in_usd_m"]))


def _flow(
    code: str, report: Row, suffix: str, kind: CashFlowKind, amount: int, effect: int, source: str
) -> dict[str, str]:
    return {
        "fund_code": code,
        "notice_no": f"{report['as_of']}-{suffix}",
        "occurred_on": report["as_of"],
        "kind": kind.value,
        "amount": unscale_decimal(amount, 2),
        "effect_on_unfunded": unscale_decimal(effect, 2),
        "source_mark": "computed",
        "source": source,
    }


def _in_turn(histories: Sequence[list[Row]]) -> list[list[Row]]:
    """One fund of each name hint in turn, within a hint by hash of the key."""
    by_hint: dict[str, list[list[Row]]] = {}
    for history in sorted(histories, key=lambda item: hashlib.sha256(item[-1]["fund_id"].encode()).digest()):
        by_hint.setdefault(history[-1]["strategy_name_hint"], []).append(history)
    rounds = zip_longest(*(by_hint[hint] for hint in sorted(by_hint)))
    return [history for turn in rounds for history in turn if history is not None]
