"""Refusals after the match: proposals, awards, halts."""

from typing import ClassVar

from exchange.core.errors import NotFound, Refused


class ProposalNotFound(NotFound):
    """No such proposal, or not one of the caller's organisation."""

    code: ClassVar[str] = "PROPOSAL_NOT_FOUND"


class ProposalLapsed(Refused):
    """The time to confirm is over."""

    code: ClassVar[str] = "PROPOSAL_LAPSED"


class AwardNotFound(NotFound):
    """No such award, or not the caller's to see."""

    code: ClassVar[str] = "AWARD_NOT_FOUND"


class NoMatchRight(Refused):
    """The caller was not offered this amount under the match right, or its time is over."""

    code: ClassVar[str] = "NO_MATCH_RIGHT"


class TradeNotFound(NotFound):
    """No such trade, or not the caller's to see."""

    code: ClassVar[str] = "TRADE_NOT_FOUND"


class BookNotSetAside(Refused):
    """The book is not set aside, or at another command than the one named."""

    code: ClassVar[str] = "BOOK_NOT_SET_ASIDE"


class HaltNotFound(NotFound):
    """No such halt."""

    code: ClassVar[str] = "HALT_NOT_FOUND"


class AlreadyHalted(Refused):
    """The book (or the market) stands still already."""

    code: ClassVar[str] = "ALREADY_HALTED"


class AlreadyLifted(Refused):
    """The halt was lifted before."""

    code: ClassVar[str] = "ALREADY_LIFTED"


class HaltClosedBook(Refused):
    """A closed book cannot be halted."""

    code: ClassVar[str] = "BOOK_CLOSED"
