"""The index of a data room: folders of the checklist, items in them, documents under stable numbers ``FF.II.DD``.

FF is the folder, II the item's place in the folder by the template, DD counts the documents of the item in the order in
which they entered. A number is given once; a moved document gets a new one and keeps the old one as an alias. The
papers of each bidder are counted for themselves, so that no number tells of another bidder.
Example: the third quarterly report under the second item of folder 04 is ``04.02.03``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands in the index: number of its folder and its place in it, from 1."""

    folder: str
    place: int

    @property
    def number(self) -> str:
        """``FF.II``."""
        return f"{self.folder}.{self.place:02d}"


def places_of(folder_by_code: Mapping[str, str]) -> dict[str, Place]:
    """Where every item of a type stands: in its folder, in the order in which the template names them."""
    counts: dict[str, int] = {}
    places = {}
    for code, folder in folder_by_code.items():
        counts[folder] = counts.get(folder, 0) + 1
        places[code] = Place(folder, counts[folder])
    return places


def next_number(place: Place, taken: Iterable[str]) -> str:
    """The next number of an item's document, after all that were ever given."""
    prefix = place.number + "."
    used = [int(number.removeprefix(prefix)) for number in taken if number.startswith(prefix)]
    return f"{prefix}{max(used, default=0) + 1:02d}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A document as it stands in a viewer's index.

    ``size_bytes`` and ``page_count`` are of the version shown; ``is_new``: entered or renewed since the last visit.
    ``bidder_id`` names the bidder whose paper it is, for those who may know.
    """

    entry_id: str
    number: str
    aliases: tuple[str, ...]
    item_code: str
    document_id: str
    title: str
    version: int
    kind: str
    page_count: int | None
    size_bytes: int
    entered_at: datetime
    renewed_at: datetime
    is_new: bool
    is_redacted: bool
    bidder_id: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """An item with the documents seen of it."""

    code: str
    number: str
    leaves: tuple[Leaf, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder with the items in which something is seen; the counts are of what is seen."""

    number: str
    branches: tuple[Branch, ...]

    @property
    def document_count(self) -> int:
        """Documents seen in it."""
        return sum(len(branch.leaves) for branch in self.branches)

    @property
    def new_count(self) -> int:
        """Those of them that are new."""
        return sum(leaf.is_new for branch in self.branches for leaf in branch.leaves)


def grow(leaves: Iterable[Leaf], places: Mapping[str, Place]) -> list[Folder]:
    """The tree of what a viewer sees: no empty folder and no empty item, everything in the order of its number."""
    items: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        items.setdefault(leaf.item_code, []).append(leaf)
    folders: dict[str, list[Branch]] = {}
    for code, found in items.items():
        place = places[code]
        ordered = tuple(sorted(found, key=lambda leaf: (_key(leaf.number), leaf.bidder_id or "")))
        folders.setdefault(place.folder, []).append(Branch(code, place.number, ordered))
    return [
        Folder(number, tuple(sorted(branches, key=lambda branch: _key(branch.number))))
        for number, branches in sorted(folders.items())
    ]


def _key(number: str) -> list[int]:
    return [int(part) for part in number.split(".")]
