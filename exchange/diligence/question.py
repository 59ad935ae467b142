"""A question to a data room and how its answer goes out: to every bidder by default, with the asker unnamed."""

from dataclasses import dataclass

from exchange.diligence.room import AnswerAudience


@dataclass(frozen=True, slots=True)
class Ask:
    """A question, tied to a document and a page of it, or to an item."""

    text: str
    document_id: str | None = None
    page: int | None = None
    item_code: str | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """To whom an answer goes. To the asker alone only with a reason."""

    audience: AnswerAudience = AnswerAudience.ALL
    reason: str = ""
    is_faq: bool = False
