"""Refusals about data rooms, questions and packages. What a caller may not see is not found."""

from exchange.core.errors import Forbidden, Invalid, NotFound, Refused, TooMany


class RoomNotFound(NotFound):
    """No such room, or none for the caller (404)."""

    code = "ROOM_NOT_FOUND"


class RoomDocumentNotFound(NotFound):
    """No such document, version or page, or hidden from the caller (404)."""

    code = "ROOM_DOCUMENT_NOT_FOUND"


class GrantNotFound(NotFound):
    """No such grant, or not the caller's to see (404)."""

    code = "GRANT_NOT_FOUND"


class QuestionNotFound(NotFound):
    """No such question, or hidden from the caller (404)."""

    code = "QUESTION_NOT_FOUND"


class PackageNotFound(NotFound):
    """No such package, or not the caller's, or something in it is no longer the caller's to see (404)."""

    code = "PACKAGE_NOT_FOUND"


class RoomViewNotFound(NotFound):
    """No such line in the log of views, or another person's (404)."""

    code = "ROOM_VIEW_NOT_FOUND"


class NdaRequired(Forbidden):
    """The caller must sign the non-disclosure agreement first (403)."""

    code = "NDA_REQUIRED"


class NotABidder(Forbidden):
    """Only a qualified investor that is no side of the deal may do this (403)."""

    code = "NOT_A_BIDDER"


class NdaTextChanged(Refused):
    """The text that was seen is not the text in force (409)."""

    code = "NDA_TEXT_CHANGED"


class RoomShut(Refused):
    """The room is closed, or the caller's gate to it has not been passed (409)."""

    code = "ROOM_SHUT"


class NotRoomSide(Forbidden):
    """Only the seller, the manager and the exchange run a room (403)."""

    code = "NOT_ROOM_SIDE"


class GrantSubjectInvalid(Invalid):
    """A grant names the whole room, one item or one document, and no side of the deal (422)."""

    code = "GRANT_SUBJECT_INVALID"


class GrantOver(Refused):
    """The grant was revoked or has ended (409)."""

    code = "GRANT_OVER"


class PageNotRendered(Refused):
    """This kind of file has no page images; it can only be downloaded (409)."""

    code = "PAGE_NOT_RENDERED"


class PackageNotReady(Refused):
    """The package is still being made, or could not be made (409)."""

    code = "PACKAGE_NOT_READY"


class PackageEmpty(Refused):
    """There is nothing in the room that the caller may download (409)."""

    code = "PACKAGE_EMPTY"


class QuestionLimit(TooMany):
    """The bidder has asked as many questions today as it may (429)."""

    code = "QUESTION_LIMIT"


class NotTheAsker(Forbidden):
    """Only whoever asked may close or reopen a question (403)."""

    code = "NOT_THE_ASKER"


class OwnAnswer(Refused):
    """An answer is published by a second person (409)."""

    code = "OWN_ANSWER"


class AnswerOut(Refused):
    """Every bidder reads an answer of this thread; what follows it goes to all of them too (409)."""

    code = "ANSWER_OUT"


class QuestionTargetInvalid(Invalid):
    """The answering organisation is no side of the deal, or the document is not in the room (422)."""

    code = "QUESTION_TARGET_INVALID"


class EntryNotMovable(Refused):
    """The paper cannot be filed under this item (409)."""

    code = "ENTRY_NOT_MOVABLE"
