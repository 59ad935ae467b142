"""Refusals of imports."""

from typing import ClassVar

from exchange.core.errors import Invalid, NotFound, Refused


class ImportNotFound(NotFound):
    """No such import, or not of the caller's organisation."""

    code: ClassVar[str] = "IMPORT_NOT_FOUND"


class ImportRowErrors(Invalid):
    """Rows are wrong; nothing was or will be written."""

    code: ClassVar[str] = "IMPORT_ROW_ERRORS"


class ImportNotOpen(Refused):
    """The import was committed or dropped already."""

    code: ClassVar[str] = "IMPORT_NOT_OPEN"


class ImportOutdated(Refused):
    """What is recorded changed since the preview; upload the file again."""

    code: ClassVar[str] = "IMPORT_OUTDATED"


class FileUnreadable(Invalid):
    """Neither a clean CSV nor a clean XLSX; ``reason`` says what is wrong with it."""

    code: ClassVar[str] = "FILE_UNREADABLE"


class FileTooLarge(Invalid):
    """More rows, columns or unpacked bytes than are taken."""

    code: ClassVar[str] = "FILE_TOO_LARGE"


class FileEmpty(Invalid):
    """There is no row below the header."""

    code: ClassVar[str] = "FILE_EMPTY"


class MappingInvalid(Invalid):
    """A mapping names a column that the template does not have, or one header twice."""

    code: ClassVar[str] = "MAPPING_INVALID"
