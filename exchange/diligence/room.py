"""The data room's words: what a grant does, what was looked at, where a question stands.

Source: house design of the room: permission is computed from stage, side, class, NDA and grants, deny wins.
"""

from collections.abc import Mapping
from enum import StrEnum


class GrantEffect(StrEnum):
    """What an extra grant does. A denial wins over everything else."""

    ALLOW = "allow"
    DENY = "deny"


class ViewKind(StrEnum):
    """How a document was taken: a page on screen, a file, or a file within a package."""

    PAGE = "page"
    DOWNLOAD = "download"
    PACKAGE = "package"


class QuestionState(StrEnum):
    """Where a question stands."""

    ASKED = "asked"
    ASSIGNED = "assigned"
    ANSWERED = "answered"
    PUBLISHED = "published"
    REJECTED = "rejected"
    CLOSED = "closed"


class QuestionEvent(StrEnum):
    """What may happen to a question. Only its asker closes it."""

    ASSIGN = "assign"
    ANSWER = "answer"
    PUBLISH = "publish"
    REJECT = "reject"
    REOPEN = "reopen"
    CLOSE = "close"


_S, _E = QuestionState, QuestionEvent

QUESTION_LIFECYCLE: Mapping[tuple[QuestionState, QuestionEvent], QuestionState] = {
    (_S.ASKED, _E.ASSIGN): _S.ASSIGNED,
    (_S.ASKED, _E.ANSWER): _S.ANSWERED,
    (_S.ASKED, _E.REJECT): _S.REJECTED,
    (_S.ASSIGNED, _E.ASSIGN): _S.ASSIGNED,
    (_S.ASSIGNED, _E.ANSWER): _S.ANSWERED,
    (_S.ASSIGNED, _E.REJECT): _S.REJECTED,
    (_S.ANSWERED, _E.ANSWER): _S.ANSWERED,
    (_S.ANSWERED, _E.PUBLISH): _S.PUBLISHED,
    (_S.ANSWERED, _E.REJECT): _S.REJECTED,
    (_S.PUBLISHED, _E.REOPEN): _S.ASSIGNED,
    (_S.PUBLISHED, _E.CLOSE): _S.CLOSED,
    (_S.REJECTED, _E.REOPEN): _S.ASSIGNED,
    (_S.REJECTED, _E.CLOSE): _S.CLOSED,
}
"""An answer is checked by a second person (publish) before the asker, or everybody, reads it."""


class AnswerAudience(StrEnum):
    """Who reads an answer: every bidder (the default, the asker unnamed), or the asker alone with a stated reason."""

    ALL = "all"
    ASKER = "asker"


class PackageKind(StrEnum):
    """A bulk download of what one viewer may see, or the whole evidence of a deal."""

    BULK = "bulk"
    ARCHIVE = "archive"


class PackageState(StrEnum):
    """Whether a package is there yet."""

    REQUESTED = "requested"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"
