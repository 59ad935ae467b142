"""What became of each item a model was asked for: a status beside every number, never a silent NaN.

Models are vectorised, so a status is kept as a `uint8` array of these values beside the arrays of results; where the
status is not OK (or MULTIPLE_ROOTS, which carries numbers too) the number is NaN. `code` is the stable text for the
wire, for texts in both languages and for stored valuations.
"""

from enum import IntEnum


class Status(IntEnum):
    """Why a number is there, or why it is not."""

    OK = 0
    MULTIPLE_ROOTS = 1  # a rate is given, and all the others beside it
    NO_ROOT = 2
    UNDEFINED = 3  # the formula has no meaning here: nothing paid in, no distributions, a zero denominator
    NOT_FOUND = 4  # a root exists but the search did not end within its bounds
    OUT_OF_RANGE = 5  # an input lies where the model does not hold
    NOT_A_NUMBER = 6  # NaN or infinite input
    TOO_LARGE = 7  # a magnitude beyond what the model computes exactly
    NAV_MISSING = 8
    NAV_NOT_POSITIVE = 9
    NAV_STALE = 10
    DATES_OUT_OF_ORDER = 11
    CURRENCIES_MIXED = 12
    TOO_FEW_OBSERVATIONS = 13
    PARAMETERS_MISSING = 14  # nobody entered what the model needs for this market
    DATA_INCONSISTENT = 15
    NOT_APPLICABLE = 16  # the model says nothing about such a share, e.g. no lock-up

    @property
    def code(self) -> str:
        """Stable text of the status."""
        return self.name
