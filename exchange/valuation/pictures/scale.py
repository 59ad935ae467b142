"""Axes of the charts: round ticks, positions of values and days. Values are integers (minor units or ppm).

An axis spans whole steps around all its values, a step being 1, 2 or 5 times a power of ten, so that no value lies
outside it. Values that are all alike get room on both sides.

Example: values from 780_000 to 1_020_000 with at most five steps: the span of 240_000 needs steps of 50_000, the axis
runs from 750_000 to 1_050_000 and has seven ticks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

_STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of integers laid on a stretch of the picture; `start` may be greater than `end` (upwards)."""

    low: int
    high: int
    start: float
    end: float
    ticks: tuple[int, ...]

    def at(self, value: int) -> float:
        """Position of a value in user units."""
        # Integers are divided first: differences of large amounts keep their digits.
        return self.start + (self.end - self.start) * ((value - self.low) / (self.high - self.low))


def round_step(span: int, count: int) -> int:
    """The smallest step of 1, 2 or 5 times a power of ten that needs at most `count` steps for a span."""
    wanted = max(1, -(-span // max(1, count)))
    power = int(10 ** (len(str(wanted)) - 1))
    return next(factor * power for factor in (*_STEPS, 10) if factor * power >= wanted)


def axis_of(values: Iterable[int], count: int, start: float, end: float) -> Axis:
    """An axis over all values with about `count` steps; an axis from 0 to 1 when there is none."""
    known = list(values)
    low, high = (min(known), max(known)) if known else (0, 1)
    if low == high:
        room = max(1, abs(low) // 10)
        low, high = low - room, high + room
    step = round_step(high - low, count)
    first, last = low // step, -(-high // step)
    return Axis(first * step, last * step, start, end, tuple(step * index for index in range(first, last + 1)))


def day_axis(days: Iterable[date], room: int, start: float, end: float) -> Axis:
    """An axis of days (proleptic ordinals) with `room` days on both sides and the first of January of years as ticks.

    At most about eight years are named: every one, every second, every fifth and so on.
    """
    known = [day.toordinal() for day in days]
    low, high = (min(known) - room, max(known) + room) if known else (1, 367)
    low, high = max(1, low), max(high, low + 1)
    years = range(date.fromordinal(low).year, date.fromordinal(min(high, date.max.toordinal())).year + 1)
    step = round_step(len(years), 8)
    ticks = tuple(
        ordinal for year in years if year % step == 0 and low <= (ordinal := date(year, 1, 1).toordinal()) <= high
    )
    return Axis(low, high, start, end, ticks)
