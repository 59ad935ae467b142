"""What a package of a room holds: names of its members and its manifest.

A member is named by its stable number and its title, so that it sorts like the index; nothing a person typed becomes a
folder. The manifest gives the sha-256 of every member and of the original it was made from.
Example: ``04/04.02.03 季度报告 v2.pdf``.
"""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import datetime

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|‪-‮⁦-⁩]+')
TITLE_LENGTH_MAX = 80
LEFT_OUT_HIDDEN = "no_longer_visible"
LEFT_OUT_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class PackedMember:
    """A file in a package. ``sha256`` is of its bytes there, ``original_sha256`` of the version's own bytes."""

    name: str
    sha256: str
    size_bytes: int
    number: str
    document_id: str | None
    version: int | None
    original_sha256: str
    is_marked: bool
    is_redacted: bool


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A document that was planned and is not in the package, and why."""

    number: str
    document_id: str | None
    reason: str


def member_name(number: str, title: str, version: int, kind: str) -> str:
    """The path of a document in a package: folder number, then number, title and version."""
    safe = _UNSAFE.sub(" ", title).strip(" .")[:TITLE_LENGTH_MAX].rstrip(" .")
    return f"{number.split('.', maxsplit=1)[0]}/{number} {safe} v{version}.{kind}".replace("  ", " ")


def distinct(name: str, taken: Set[str]) -> str:
    """The name, with a count when it is taken (two bidders' papers may have one number)."""
    if name not in taken:
        return name
    stem, _, kind = name.rpartition(".")
    return next(found for count in range(2, len(taken) + 3) if (found := f"{stem} ({count}).{kind}") not in taken)


def manifest(
    *,
    package_id: str,
    room_id: str,
    listing_id: str,
    kind: str,
    made_for: Mapping[str, str],
    made_at: datetime,
    members: Sequence[PackedMember],
    left_out: Sequence[LeftOut],
) -> dict[str, object]:
    """What ``manifest.json`` says."""
    return {
        "package_id": package_id,
        "room_id": room_id,
        "listing_id": listing_id,
        "kind": kind,
        "made_for": dict(made_for),
        "made_at": made_at.isoformat(),
        "members": [asdict(member) for member in members],
        "left_out": [asdict(each) for each in left_out],
    }
