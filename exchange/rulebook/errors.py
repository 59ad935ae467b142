"""Refusals of the rule book."""

from exchange.core.errors import NotFound


class ProfileUnknown(NotFound):
    """No market profile of this name is in force on the day (404)."""

    code = "PROFILE_UNKNOWN"


class FeesUnknown(NotFound):
    """No fee schedule for this profile and currency is in force."""

    code = "FEES_UNKNOWN"


class RuleUnknown(NotFound):
    """The catalogue has no rule of this id."""

    code = "RULE_UNKNOWN"
