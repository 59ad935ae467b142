"""Which font files documents are set in: a chosen folder, the machine's Noto Sans CJK, or those of npm."""

from pathlib import Path

import pytest

from exchange import fonts
from exchange.npm import lock_hash


def test_a_chosen_folder_comes_before_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("B.ttf", "A.otf", "notes.txt"):
        (tmp_path / name).touch()
    monkeypatch.setenv("EXCHANGE_FONTS", str(tmp_path))
    assert [path.name for path in fonts.font_files()] == ["A.otf", "B.ttf"]


def test_the_machine_s_font_needs_both_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "SYSTEM_FOLDERS", (str(tmp_path),))
    deep = tmp_path / "opentype" / "noto"
    deep.mkdir(parents=True)
    (deep / "NotoSansCJK-Regular.ttc").touch()
    assert fonts.system_files() == ()
    (deep / "NotoSansCJK-Bold.ttc").touch()
    assert [path.name for path in fonts.system_files()] == ["NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"]


def test_a_package_that_is_not_whole_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = tmp_path / "node_modules"
    weight = modules / fonts.FROM_NPM / "400Regular"
    weight.mkdir(parents=True)
    (weight / "NotoSansSC_400Regular.ttf").touch()
    monkeypatch.setattr(fonts, "font_modules", lambda: modules)
    assert fonts.npm_files() == ()
    (modules / ".stamp").write_text(lock_hash(fonts.PACKAGE / "package-lock.json"))
    assert [path.name for path in fonts.npm_files()] == ["NotoSansSC_400Regular.ttf"]
