"""Why a file is not taken in. Each is told to the uploader; nothing of the file was stored or kept."""

from typing import ClassVar

from exchange.core.errors import ExchangeError, Invalid


class DocumentTooLarge(ExchangeError):
    """More bytes than one file may have (413)."""

    status: ClassVar[int] = 413
    code: ClassVar[str] = "DOCUMENT_TOO_LARGE"


class DocumentEmpty(Invalid):
    """A file without a byte."""

    code: ClassVar[str] = "DOCUMENT_EMPTY"


class FileTypeUnknown(Invalid):
    """The content is of no kind that is taken; ``found`` says what it looks like."""

    code: ClassVar[str] = "FILE_TYPE_UNKNOWN"


class FileTypeMismatch(Invalid):
    """The name promises one kind, the content is another."""

    code: ClassVar[str] = "FILE_TYPE_MISMATCH"


class FileTypeNotAllowed(Invalid):
    """The kind is known but not taken here; ``allowed`` lists what is."""

    code: ClassVar[str] = "FILE_TYPE_NOT_ALLOWED"


class FileTruncated(Invalid):
    """The file is cut or broken: it cannot be read to its end."""

    code: ClassVar[str] = "FILE_TRUNCATED"


class FileEncrypted(Invalid):
    """The file is protected by a password."""

    code: ClassVar[str] = "FILE_ENCRYPTED"


class FileHasActiveContent(Invalid):
    """The file would do something when opened: script, macro, launch action, attachment; ``found`` names it."""

    code: ClassVar[str] = "FILE_HAS_ACTIVE_CONTENT"


class FilePolyglot(Invalid):
    """The bytes are two kinds of file at once."""

    code: ClassVar[str] = "FILE_POLYGLOT"


class FileIsBomb(Invalid):
    """The file unpacks, draws or nests to more than is taken; ``reason`` says in which way."""

    code: ClassVar[str] = "FILE_IS_BOMB"


class FileNameUnsafe(Invalid):
    """A name inside an archive climbs out of its folder, is a link, or stands twice."""

    code: ClassVar[str] = "FILE_NAME_UNSAFE"


FILE_FAULTS: tuple[type[ExchangeError], ...] = (
    DocumentTooLarge,
    DocumentEmpty,
    FileTypeUnknown,
    FileTypeMismatch,
    FileTypeNotAllowed,
    FileTruncated,
    FileEncrypted,
    FileHasActiveContent,
    FilePolyglot,
    FileIsBomb,
    FileNameUnsafe,
)
