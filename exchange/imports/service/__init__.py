"""Upload, preview, commit, drop."""

from exchange.imports.service.commits import commit, discard
from exchange.imports.service.mappings import mapping_of, save_mapping
from exchange.imports.service.reads import import_of, imports_of, row_errors_csv, staged_rows_of
from exchange.imports.service.templates import template
from exchange.imports.service.uploads import upload
from exchange.imports.tables import ImportRow

__all__ = [
    "ImportRow",
    "commit",
    "discard",
    "import_of",
    "imports_of",
    "mapping_of",
    "row_errors_csv",
    "save_mapping",
    "staged_rows_of",
    "template",
    "upload",
]
