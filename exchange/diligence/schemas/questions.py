"""Shapes of questions and answers on the wire."""

from typing import Annotated

from pydantic import Field

from exchange.diligence.question import Ask, Publication
from exchange.diligence.room import AnswerAudience, QuestionState
from exchange.diligence.schemas.rooms import DocumentId, ItemCode, OrganisationId
from exchange.diligence.store.room_values import Thread
from exchange.diligence.tables.rooms import QuestionMessageRow
from exchange.rest.model import Instant, LongText, StrictModel, ViewModel

PAGE_MAX = 100_000


class AskQuestion(StrictModel):
    """A question, tied to a document (and a page of it) or to an item."""

    text: LongText
    document_id: DocumentId | None = None
    page: Annotated[int, Field(strict=True, ge=1, le=PAGE_MAX)] | None = None
    item_code: ItemCode | None = None

    def question(self) -> Ask:
        """As a value."""
        return Ask(self.text, self.document_id, self.page, self.item_code)


class StateFaq(StrictModel):
    """A question that a side answers before it is asked."""

    text: LongText
    answer: LongText
    document_id: DocumentId | None = None
    page: Annotated[int, Field(strict=True, ge=1, le=PAGE_MAX)] | None = None
    item_code: ItemCode | None = None

    def question(self) -> Ask:
        """As a value."""
        return Ask(self.text, self.document_id, self.page, self.item_code)


class AssignQuestion(StrictModel):
    """To the seller or to the manager."""

    organisation_id: OrganisationId


class AnswerQuestion(StrictModel):
    """The answer, perhaps with a document of the room."""

    text: LongText
    document_id: DocumentId | None = None


class PublishAnswer(StrictModel):
    """To whom the answer goes. To the asker alone only with a reason, which stands in the log of unequal knowledge."""

    audience: AnswerAudience = AnswerAudience.ALL
    reason: Annotated[str, Field(strict=True, max_length=1000)] = ""
    is_faq: Annotated[bool, Field(strict=True)] = False

    def how(self) -> Publication:
        """As a value."""
        return Publication(self.audience, self.reason, self.is_faq)


class ReopenQuestion(StrictModel):
    """What is still open."""

    text: LongText


class MessageView(ViewModel):
    """One turn of a thread. Who wrote it is told to the sides and the exchange by organisation only."""

    id: str
    kind: str
    text: str
    document_id: str | None
    at: Instant | None

    @classmethod
    def of(cls, row: QuestionMessageRow, *, is_dated: bool) -> "MessageView":
        """A turn; when a question was asked is told to nobody but its asker, the sides and the exchange."""
        at = row.at if is_dated else None
        shown_id = row.id if is_dated else ""
        return cls(id=shown_id, kind=row.kind, text=row.text, document_id=row.document_id, at=at)


class QuestionView(ViewModel):
    """A question as the caller may see it.

    ``id`` is the question's for its asker, the sides and the exchange, and the answer's for everybody else, who learns
    neither who asked nor when.
    """

    id: str
    room_id: str
    is_own: bool
    asker_organisation_id: str | None
    asked_by: str | None
    asked_at: Instant | None
    document_id: str | None
    page: int | None
    item_code: str | None
    state: QuestionState
    audience: AnswerAudience | None
    audience_reason: str | None
    assigned_to_organisation_id: str | None
    due_at: Instant | None
    published_at: Instant | None
    is_faq: bool
    messages: list[MessageView]
    version: int

    @classmethod
    def of(cls, thread: Thread) -> "QuestionView":
        """A thread."""
        row = thread.row
        knows = thread.asker_organisation_id is not None
        is_side = knows and thread.is_answer_seen
        return cls(
            id=thread.public_id,
            room_id=row.room_id,
            is_own=thread.is_own,
            asker_organisation_id=thread.asker_organisation_id,
            asked_by=thread.asked_by,
            asked_at=row.asked_at if knows else None,
            document_id=row.document_id,
            page=row.page,
            item_code=row.item_code,
            state=row.state if knows else QuestionState.PUBLISHED,
            audience=row.audience if is_side else None,
            audience_reason=row.audience_reason if is_side else None,
            assigned_to_organisation_id=row.assigned_to_organisation_id if is_side and not thread.is_own else None,
            due_at=row.due_at if knows else None,
            published_at=row.published_at,
            is_faq=row.is_faq,
            messages=[
                MessageView.of(message, is_dated=knows or message.kind == "answer") for message in thread.messages
            ],
            version=row.version if knows else 0,
        )


class QuestionsView(ViewModel):
    """Questions of a room that the caller may see, newest first."""

    items: list[QuestionView]
