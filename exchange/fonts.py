"""The Chinese font that documents are set in: the machine's Noto Sans CJK, or Noto Sans SC from npm by a lock file.

Standard library only. Only the regular and the bold weight are kept, as static files: a variable font would be set in
its thinnest weight.
"""

import os
import shutil
import sys
from pathlib import Path

from exchange.install import ROOT, InstallError, data_folder, is_writable
from exchange.npm import install_packages, is_stamped

PACKAGE = ROOT / "exchange" / "infra" / "fonts"
FROM_NPM = Path("@expo-google-fonts") / "noto-sans-sc"
WEIGHTS = ("400Regular", "700Bold")
SYSTEM_WEIGHTS = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")
SYSTEM_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "~/.local/share/fonts", "~/.fonts")


def font_files() -> tuple[Path, ...]:
    """The regular and the bold font file: those of EXCHANGE_FONTS, the machine's, or those of npm; () if none."""
    chosen = os.environ.get("EXCHANGE_FONTS")
    if chosen:
        return tuple(
            sorted(path for path in Path(chosen).rglob("*") if path.suffix.lower() in {".ttf", ".ttc", ".otf"})
        )
    return system_files() or npm_files()


def system_files() -> tuple[Path, ...]:
    """Noto Sans CJK in both weights where this machine has it."""
    for folder in SYSTEM_FOLDERS:
        found = [next(Path(folder).expanduser().rglob(name), None) for name in SYSTEM_WEIGHTS]
        if all(found):
            return tuple(path for path in found if path)
    return ()


def npm_files() -> tuple[Path, ...]:
    """The files of the npm package, whole or not there at all."""
    modules = font_modules()
    if not is_stamped(modules, PACKAGE / "package-lock.json"):
        return ()
    return tuple(sorted(path for weight in WEIGHTS for path in (modules / FROM_NPM / weight).glob("*.ttf")))


def font_modules() -> Path:
    """Where npm puts the fonts: beside their lock, or in the data folder if that is read-only."""
    usual = PACKAGE / "node_modules"
    if is_stamped(usual, PACKAGE / "package-lock.json") or is_writable(usual):
        return usual
    return data_folder() / "fonts" / "node_modules"


def prepare_fonts(python: Path) -> None:
    """Fetch the font from npm if this machine has none. Without it everything works but documents in PDF."""
    if font_files():
        return
    modules = font_modules()
    try:
        install_packages(python, PACKAGE, modules, "Chinese font for PDF documents (57 MB)")
    except InstallError as error:
        sys.stderr.write(f"{error}\nWithout this font no PDF documents can be made; everything else works.\n")
        return
    for folder in (modules / FROM_NPM).iterdir():
        if folder.is_dir() and folder.name[0].isdigit() and folder.name not in WEIGHTS:
            shutil.rmtree(folder)
