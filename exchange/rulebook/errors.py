"""Refusals of the rule book."""

from exchange.core.errors import Invalid, NotFound


class ProfileUnknown(NotFound):
    """No market profile of this name is in force on the day (404)."""

    code = "PROFILE_UNKNOWN"


class FeesUnknown(NotFound):
    """No fee schedule for this profile and currency is in force."""

    code = "FEES_UNKNOWN"


class CalendarYearUnknown(NotFound):
    """Nothing is published of this year (404)."""

    code = "CALENDAR_YEAR_UNKNOWN"


class CalendarYearInvalid(Invalid):
    """Days of a year that cannot be: of another year, twice, or the wrong kind of weekday (422)."""

    code = "CALENDAR_YEAR_INVALID"


class RuleUnknown(NotFound):
    """The catalogue has no rule of this id."""

    code = "RULE_UNKNOWN"
