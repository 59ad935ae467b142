"""How far each model was from the prices paid, and how often its range held them, beside two dumb baselines.

Error = model's point less the price paid, in points of NAV (1 point = 1 % of the reference NAV). Coverage = sales whose
price lay inside [low, high]; a wide range covers easily, so its mean width stands beside it. A model that could not
speak about a sale is not scored on it, and the sale is counted as silent. Baselines: a constant 85 % of NAV, and NAV
itself; they have no range.
Example: points 88 and 84 for prices 80 and 86 -> errors +8 and -2 points, mean absolute error 5.0, bias +3.0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from exchange.core.money import PPM, divide_half_up
from exchange.valuation.backtest.sales import Sale
from exchange.valuation.panel.opinion import Panel

POINT_PPM = 10_000
CONSTANT_PPM = 850_000
CONSTANT, NAV = "constant_85", "nav_itself"
BASELINES: Mapping[str, int] = {CONSTANT: CONSTANT_PPM, NAV: PPM}


@dataclass(frozen=True, slots=True)
class Guess:
    """What a model or baseline said before the price was revealed, in ppm of the reference NAV."""

    point_ppm: int
    low_ppm: int | None = None
    high_ppm: int | None = None

    def covers(self, paid_ppm: int) -> bool:
        """Whether the price paid lies inside the range."""
        return self.low_ppm is not None and self.high_ppm is not None and self.low_ppm <= paid_ppm <= self.high_ppm


@dataclass(frozen=True, slots=True)
class Replay:
    """One sale, the guesses made about it by name, and why the other models were silent."""

    sale: Sale
    guesses: Mapping[str, Guess]
    silent: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of one model in ppm of NAV over the sales it spoke about; widths only where it gives ranges."""

    name: str
    is_baseline: bool
    spoke: int
    silent: int
    mean_absolute_error_ppm: int | None
    median_absolute_error_ppm: int | None
    bias_ppm: int | None
    worst_ppm: int | None
    ranges: int
    covered: int
    mean_width_ppm: int | None


def guesses_of(panel: Panel) -> tuple[dict[str, Guess], dict[str, str]]:
    """What a panel says about the price, by model, and the status of each model that is silent."""
    guesses, silent = {}, {}
    for opinion in panel.opinions:
        if opinion.point_ppm is None:
            silent[opinion.model.value] = opinion.status
        else:
            guesses[opinion.model.value] = Guess(opinion.point_ppm, opinion.low_ppm, opinion.high_ppm)
    return guesses, silent


def with_baselines(guesses: Mapping[str, Guess]) -> dict[str, Guess]:
    """The guesses and those of the two baselines."""
    return {**guesses, **{name: Guess(point) for name, point in BASELINES.items()}}


def score(name: str, replays: Sequence[Replay]) -> Score:
    """How one model or baseline did over all replays."""
    spoken = [(replay.guesses[name], replay.sale.paid_ppm) for replay in replays if name in replay.guesses]
    errors = [guess.point_ppm - paid for guess, paid in spoken]
    absolute = sorted(abs(error) for error in errors)
    ranged = [(guess, paid) for guess, paid in spoken if guess.low_ppm is not None and guess.high_ppm is not None]
    widths = [
        guess.high_ppm - guess.low_ppm
        for guess, _ in ranged
        if guess.high_ppm is not None and guess.low_ppm is not None
    ]
    return Score(
        name=name,
        is_baseline=name in BASELINES,
        spoke=len(spoken),
        silent=len(replays) - len(spoken),
        mean_absolute_error_ppm=_mean(absolute),
        median_absolute_error_ppm=_median(absolute),
        bias_ppm=_mean(errors),
        worst_ppm=absolute[-1] if absolute else None,
        ranges=len(ranged),
        covered=sum(guess.covers(paid) for guess, paid in ranged),
        mean_width_ppm=_mean(widths),
    )


def scores(replays: Sequence[Replay]) -> list[Score]:
    """Every model and baseline that spoke, least mean absolute error first; silent ones last."""
    names = dict.fromkeys(name for replay in replays for name in (*replay.guesses, *replay.silent))
    found = [score(name, replays) for name in names]
    return sorted(found, key=lambda each: (each.mean_absolute_error_ppm is None, each.mean_absolute_error_ppm or 0))


def _mean(values: Sequence[int]) -> int | None:
    return divide_half_up(sum(values), len(values)) if values else None


def _median(ordered: Sequence[int]) -> int | None:
    if not ordered:
        return None
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else divide_half_up(ordered[middle - 1] + ordered[middle], 2)
