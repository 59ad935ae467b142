"""Words of imports, stored by these values."""

from enum import StrEnum


class ImportKind(StrEnum):
    """Which template a file follows."""

    FUNDS = "funds"
    NAV_HISTORY = "nav_history"
    CASH_FLOWS = "cash_flows"
    PARTNER_REGISTER = "partner_register"


class AmountUnit(StrEnum):
    """The unit in which a file states its amounts, declared with the file: one currency unit, or ten thousand."""

    ONE = "one"
    TEN_THOUSAND = "ten_thousand"

    @property
    def power(self) -> int:
        """How many places the decimal point moves."""
        return 4 if self is AmountUnit.TEN_THOUSAND else 0


class ImportStatus(StrEnum):
    """Where an import stands."""

    VALIDATED = "validated"
    INVALID = "invalid"
    COMMITTED = "committed"
    DISCARDED = "discarded"


class RowAction(StrEnum):
    """What committing a staged row would do."""

    ADD = "add"
    CHANGE = "change"
    UNCHANGED = "unchanged"
    ERROR = "error"
