"""A document: a title with numbered versions, each version the sha-256 of its bytes.

What a file is, is found from its bytes, never from its name. A version that the scanner has not cleared is served to
nobody. Source: reliability rules for files (limits before parsing, allow-list, quarantine that fails closed).
"""

from enum import StrEnum


class FileKind(StrEnum):
    """What the bytes are. The names are those of the checklist template's ``files``."""

    PDF = "pdf"
    OFD = "ofd"
    JPG = "jpg"
    PNG = "png"
    XLSX = "xlsx"
    DOCX = "docx"
    CSV = "csv"
    JSON = "json"
    ZIP = "zip"
    HTML = "html"


class ScanState(StrEnum):
    """What the scan for malicious content says of some bytes. Only ``clean`` ones are ever served."""

    PENDING = "pending"
    CLEAN = "clean"
    QUARANTINED = "quarantined"
