"""Which item a file of a bulk upload belongs to: the code at the head of its name, else that of the nearest folder.

``C07_审计报告.pdf``, ``C07/审计报告.pdf`` and ``基金文件/C07 审计报告/2025.pdf`` all belong to C07; a name without a
code belongs to none. Case does not matter. Names that an archive does not mark as UTF-8 and that are none are read as
GB18030, as Chinese systems write them.
"""

import re
from zipfile import ZipInfo

_CODE = re.compile(r"([A-Za-z]{1,2}[0-9]{2}[A-Za-z]?)(?![A-Za-z0-9])")
_LEFT_OUT = frozenset({"__macosx", ".ds_store", "thumbs.db", "desktop.ini"})
_UTF8 = 0x800


def path_of(member: ZipInfo) -> str:
    """The member's name as people wrote it, with plain slashes."""
    name = member.orig_filename
    if not member.flag_bits & _UTF8:
        raw = name.encode("cp437", "replace")
        name = _decoded(raw)
    return name.replace("\\", "/")


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("cp437")


def code_of(path: str) -> str | None:
    """The code of the item a file belongs to, in capitals; None when neither its name nor a folder begins with one."""
    for part in reversed(path.split("/")):
        found = _CODE.match(part.strip())
        if found is not None:
            return found[1].upper()
    return None


def is_a_file(path: str) -> bool:
    """False for folders and for what systems leave in archives beside the files."""
    parts = [part.lower() for part in path.split("/")]
    return bool(parts[-1]) and not _LEFT_OUT & set(parts) and not parts[-1].startswith("._")


def title_of(path: str) -> str:
    """The name of the file without its code and its ending."""
    name = path.rpartition("/")[2]
    stem = name.rpartition(".")[0] or name
    return _CODE.sub("", stem, count=1).strip(" _-.") if _CODE.match(stem) else stem
