"""Refusals of custody."""

from typing import ClassVar

from exchange.core.errors import Invalid, NotFound, Refused


class HoldingNotFound(NotFound):
    """No such holding, or not the caller's to see."""

    code: ClassVar[str] = "HOLDING_NOT_FOUND"


class InterestNotFree(Refused):
    """More is asked for than is neither frozen nor pledged (R-40)."""

    code: ClassVar[str] = "INTEREST_NOT_FREE"


class ReleaseTooLarge(Refused):
    """More is to be released than this reference froze."""

    code: ClassVar[str] = "RELEASE_TOO_LARGE"


class HoldingBelowEncumbrance(Refused):
    """A correction would leave less than what is frozen or pledged."""

    code: ClassVar[str] = "HOLDING_BELOW_ENCUMBRANCE"


class HoldingInvalid(Invalid):
    """The figures of a holding contradict each other; ``fields`` says which."""

    code: ClassVar[str] = "HOLDING_INVALID"


class PledgeNotFound(NotFound):
    """No such pledge, or not the caller's to see."""

    code: ClassVar[str] = "PLEDGE_NOT_FOUND"


class PledgeInvalid(Invalid):
    """The terms of a pledge contradict each other; ``fields`` says which."""

    code: ClassVar[str] = "PLEDGE_INVALID"


class CertificateNotFound(NotFound):
    """No such certificate, or not the caller's to see."""

    code: ClassVar[str] = "CERTIFICATE_NOT_FOUND"


class InterestNotMoved(Refused):
    """A reference that moved nothing cannot be undone."""

    code: ClassVar[str] = "INTEREST_NOT_MOVED"
