"""Under which folder of the data room's index an item is filed.

The folder that names the item's code wins; else the one that names its group, the first letter of the code. Example:
C07 is named by folder 04, C01 goes with group C to folder 03. Source: checklist template, ``folders``.
"""

from collections.abc import Sequence

from exchange.diligence.template import FolderSpec

LAST_RESORT = "90"


def folder_of(folders: Sequence[FolderSpec], code: str) -> str:
    """The number of the item's folder; the last folder for a group that none names."""
    named = (folder.number for folder in folders if code in folder.codes)
    grouped = (folder.number for folder in folders if code[:1] in folder.groups)
    return next(named, None) or next(grouped, None) or LAST_RESORT
