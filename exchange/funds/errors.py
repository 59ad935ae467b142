"""Refusals about funds."""

from typing import ClassVar

from exchange.core.errors import Forbidden, Invalid, NotFound, Refused


class FundNotFound(NotFound):
    """No such fund."""

    code: ClassVar[str] = "FUND_NOT_FOUND"


class FundCodeTaken(Refused):
    """The code names another fund already."""

    code: ClassVar[str] = "FUND_CODE_TAKEN"


class FilingCodeTaken(Refused):
    """Another fund has this filing code already."""

    code: ClassVar[str] = "FILING_CODE_TAKEN"


class NotFundManager(Forbidden):
    """Only the fund's manager (or an operator) reports about it."""

    code: ClassVar[str] = "NOT_FUND_MANAGER"


class NavStatementNotFound(NotFound):
    """No such NAV statement."""

    code: ClassVar[str] = "NAV_STATEMENT_NOT_FOUND"


class FundInvalid(Invalid):
    """Figures about a fund that cannot be; ``fields`` says which."""

    code: ClassVar[str] = "FUND_INVALID"


class NavStatementInvalid(Invalid):
    """A capital account that contradicts itself; ``fields`` says where."""

    code: ClassVar[str] = "NAV_STATEMENT_INVALID"


class CashFlowInvalid(Invalid):
    """A cash flow that cannot be; ``fields`` says why."""

    code: ClassVar[str] = "CASH_FLOW_INVALID"


class ScheduleInvalid(Invalid):
    """A schedule of investments that cannot be; ``fields`` says where."""

    code: ClassVar[str] = "INVESTMENT_SCHEDULE_INVALID"
