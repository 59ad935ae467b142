"""Files the pages need, under an address that carries the version of all of them, cached for ever.

Scripts and styles of others come from ``node_modules`` (npm ci, lock file with integrity hashes) by an explicit
list; everything else is our own ``static`` folder. No other file is reachable.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

WEB = Path(__file__).parent
STATIC = WEB / "static"
FROM_NPM = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "hx-sse.js": "htmx.org/dist/ext/hx-sse.min.js",
    "uplot.js": "uplot/dist/uPlot.esm.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
}
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """The bytes of a file and how it is served."""

    content: bytes
    media_type: str


@lru_cache(maxsize=1)
def assets() -> dict[str, Asset]:
    """Every asset by its public name. A missing package of npm leaves its scripts out; pages work without them."""
    files = {path.name: path for path in sorted(STATIC.iterdir()) if path.suffix in TYPES}
    files |= {name: WEB / "node_modules" / source for name, source in FROM_NPM.items()}
    return {
        name: Asset(path.read_bytes(), f"{TYPES[path.suffix]}; charset=utf-8")
        for name, path in files.items()
        if path.is_file()
    }


@lru_cache(maxsize=1)
def version() -> str:
    """A hash of all assets: the same on every process of the same tree."""
    digest = hashlib.sha256()
    for name, asset in sorted(assets().items()):
        digest.update(f"{name}\n{len(asset.content)}\n".encode())
        digest.update(asset.content)
    return digest.hexdigest()[:16]
