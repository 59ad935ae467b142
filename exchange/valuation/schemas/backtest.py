"""The backtest on the wire: scores and sales; errors and prices as ratios of the reference NAV."""

from datetime import date

from exchange.rest.model import ViewModel
from exchange.rest.numbers import ratio_text
from exchange.valuation.backtest.replay import Backtest
from exchange.valuation.backtest.report import headline, remarks
from exchange.valuation.backtest.score import Guess, Replay, Score


class ScoreView(ViewModel):
    """How far one model or dumb baseline was from the prices paid; null where it never spoke or gives no range."""

    name: str
    is_baseline: bool
    spoke: int
    silent: int
    mean_absolute_error: str | None
    median_absolute_error: str | None
    bias: str | None
    worst: str | None
    ranges: int
    covered: int
    mean_width: str | None

    @classmethod
    def of(cls, score: Score) -> "ScoreView":
        """From a score in ppm."""
        return cls(
            name=score.name,
            is_baseline=score.is_baseline,
            spoke=score.spoke,
            silent=score.silent,
            mean_absolute_error=_ratio(score.mean_absolute_error_ppm),
            median_absolute_error=_ratio(score.median_absolute_error_ppm),
            bias=_ratio(score.bias_ppm),
            worst=_ratio(score.worst_ppm),
            ranges=score.ranges,
            covered=score.covered,
            mean_width=_ratio(score.mean_width_ppm),
        )


class GuessView(ViewModel):
    """What a model said before the price was revealed."""

    low: str | None
    point: str
    high: str | None

    @classmethod
    def of(cls, guess: Guess) -> "GuessView":
        """From a guess in ppm."""
        return cls(low=_ratio(guess.low_ppm), point=ratio_text(guess.point_ppm), high=_ratio(guess.high_ppm))


class ReplayedSaleView(ViewModel):
    """One sale: the price paid, every guess, and the status of each model that was silent."""

    fund_id: str
    fund_name: str
    reference_report: date
    grade: str
    note: str
    paid: str
    guesses: dict[str, GuessView]
    silent: dict[str, str]

    @classmethod
    def of(cls, replay: Replay) -> "ReplayedSaleView":
        """From a replay."""
        sale = replay.sale
        return cls(
            fund_id=sale.fund_id,
            fund_name=sale.name,
            reference_report=sale.reference_on,
            grade=sale.grade,
            note=sale.note,
            paid=ratio_text(sale.paid_ppm),
            guesses={name: GuessView.of(guess) for name, guess in replay.guesses.items()},
            silent=dict(replay.silent),
        )


class BacktestView(ViewModel):
    """The whole report; sales graded unreliable by their source are scored in `every` only."""

    headline: str
    reliable: list[ScoreView]
    every: list[ScoreView]
    sales: list[ReplayedSaleView]
    remarks: list[str]

    @classmethod
    def of(cls, result: Backtest) -> "BacktestView":
        """From a backtest."""
        return cls(
            headline=headline(result),
            reliable=[ScoreView.of(score) for score in result.reliable],
            every=[ScoreView.of(score) for score in result.every],
            sales=[ReplayedSaleView.of(replay) for replay in result.replays],
            remarks=remarks(result),
        )


def _ratio(ppm: int | None) -> str | None:
    return None if ppm is None else ratio_text(ppm)
