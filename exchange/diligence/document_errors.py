"""Refusals about documents: what is not there, not clean, not new, or too much. Faults of files stand in infra."""

from typing import ClassVar

from exchange.core.errors import Invalid, NotFound, Refused


class DocumentNotFound(NotFound):
    """No such document or version, or not the caller's to see."""

    code: ClassVar[str] = "DOCUMENT_NOT_FOUND"


class DocumentListingNotFound(NotFound):
    """No checklist of this listing is open."""

    code: ClassVar[str] = "DOCUMENT_LISTING_NOT_FOUND"


class VersionUnchanged(Refused):
    """A new version with the bytes of the latest one is no new version."""

    code: ClassVar[str] = "VERSION_UNCHANGED"


class QuotaExceeded(Refused):
    """The organisation has stored as much as it may."""

    code: ClassVar[str] = "QUOTA_EXCEEDED"


class ReadReasonRequired(Invalid):
    """Whoever reads an original that is not his organisation's says why."""

    code: ClassVar[str] = "READ_REASON_REQUIRED"


class RedactionNeedsPdf(Invalid):
    """Only pages of a PDF can be blacked out."""

    code: ClassVar[str] = "REDACTION_NEEDS_PDF"


class ArchiveExpected(Invalid):
    """A bulk upload is one ZIP."""

    code: ClassVar[str] = "ARCHIVE_EXPECTED"


class CodeMissing(Invalid):
    """Neither the name of a file nor a folder of it begins with the code of an item."""

    code: ClassVar[str] = "BULK_CODE_MISSING"


class CodeTwice(Invalid):
    """Another file of the same archive was handed in for the item."""

    code: ClassVar[str] = "BULK_CODE_TWICE"
