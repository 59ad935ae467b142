"""The backtest as plain values: tables of text for a terminal or a document, and JSON.

Points of NAV with one decimal: 62,500 ppm -> 6.3. Baselines are marked, also where they win; the sample's size and its
one seller are said in the first line.
"""

from collections.abc import Sequence

from exchange.core.money import divide_half_up, unscale_decimal
from exchange.valuation.backtest.replay import Backtest
from exchange.valuation.backtest.score import BASELINES, POINT_PPM, Guess, Replay, Score

SCORE_HEADINGS = ("model", "spoke", "mean abs. error", "median", "bias", "worst", "covered", "mean width")
SALE_HEADINGS = ("sale", "report", "grade", "paid")
Row = tuple[str, ...]


def points(ppm: int | None) -> str:
    """A figure in points of NAV with one decimal, a dash for none."""
    return "-" if ppm is None else unscale_decimal(divide_half_up(ppm * 10, POINT_PPM), 1)


def score_rows(scores: Sequence[Score]) -> list[Row]:
    """One row a model or baseline under `SCORE_HEADINGS`."""
    return [
        (
            f"{score.name} (baseline)" if score.is_baseline else score.name,
            f"{score.spoke}/{score.spoke + score.silent}",
            points(score.mean_absolute_error_ppm),
            points(score.median_absolute_error_ppm),
            points(score.bias_ppm),
            points(score.worst_ppm),
            f"{score.covered}/{score.ranges}" if score.ranges else "-",
            points(score.mean_width_ppm),
        )
        for score in scores
    ]


def sale_rows(replays: Sequence[Replay], models: Sequence[str]) -> list[Row]:
    """One row a sale: what each model said, as `low-point-high`, an asterisk where the range held the price."""
    return [
        (
            replay.sale.name,
            replay.sale.reference_on.isoformat(),
            replay.sale.grade,
            points(replay.sale.paid_ppm),
            *(_guess(replay.guesses.get(model), replay.sale.paid_ppm) for model in models),
        )
        for replay in replays
    ]


def models_of(result: Backtest) -> list[str]:
    """Models that gave a range about any sale, best first: those that are shown sale by sale."""
    return [score.name for score in result.every if not score.is_baseline and score.mean_width_ppm]


def headline(result: Backtest) -> str:
    """Size of the sample and who was nearest, baseline or not."""
    count = result.reliable_count
    spoken = [score for score in result.reliable if score.mean_absolute_error_ppm is not None]
    if not spoken:
        return f"{len(result.replays)} sales replayed, none of them reliable."
    best = spoken[0]
    kind = "a baseline" if best.name in BASELINES else "a model"
    return (
        f"{count} reliable sales ({len(result.replays)} replayed): a small sample of few sellers; no number is "
        f"fitted to it. Nearest on average: {best.name}, {kind}, {points(best.mean_absolute_error_ppm)} points of NAV."
    )


def remarks(result: Backtest) -> list[str]:
    """What was left out or looked odd, one line each."""
    lines = [f"not replayed: {each.sale.name} ({each.code})" for each in result.not_replayed]
    lines += [f"reference NAV differs from the panel: {sale.name}" for sale in result.nav_differs]
    return lines + [f"row {problem.row}: {problem.column} {problem.code}" for problem in result.problems]


def as_json(result: Backtest) -> dict[str, object]:
    """Everything as plain values; figures in ppm of the reference NAV."""
    return {
        "headline": headline(result),
        "reliable": [_score_json(score) for score in result.reliable],
        "every": [_score_json(score) for score in result.every],
        "sales": [_replay_json(replay) for replay in result.replays],
        "remarks": remarks(result),
    }


def _guess(guess: Guess | None, paid_ppm: int) -> str:
    if guess is None:
        return "-"
    if guess.low_ppm is None or guess.high_ppm is None:
        return points(guess.point_ppm)
    mark = "*" if guess.covers(paid_ppm) else ""
    return f"{points(guess.low_ppm)}-{points(guess.point_ppm)}-{points(guess.high_ppm)}{mark}"


def _score_json(score: Score) -> dict[str, object]:
    return {
        "name": score.name,
        "is_baseline": score.is_baseline,
        "spoke": score.spoke,
        "silent": score.silent,
        "mean_absolute_error_ppm": score.mean_absolute_error_ppm,
        "median_absolute_error_ppm": score.median_absolute_error_ppm,
        "bias_ppm": score.bias_ppm,
        "worst_ppm": score.worst_ppm,
        "ranges": score.ranges,
        "covered": score.covered,
        "mean_width_ppm": score.mean_width_ppm,
    }


def _replay_json(replay: Replay) -> dict[str, object]:
    sale = replay.sale
    return {
        "fund_id": sale.fund_id,
        "fund_name": sale.name,
        "reference_report": sale.reference_on.isoformat(),
        "grade": sale.grade,
        "note": sale.note,
        "paid_ppm": sale.paid_ppm,
        "guesses": {
            name: {"low_ppm": guess.low_ppm, "point_ppm": guess.point_ppm, "high_ppm": guess.high_ppm}
            for name, guess in replay.guesses.items()
        },
        "silent": dict(replay.silent),
    }
