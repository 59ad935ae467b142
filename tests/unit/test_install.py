"""Where the environment and the data go, and when an environment is the right one."""

from pathlib import Path

import pytest

from exchange import install
from exchange.__main__ import option
from exchange.cli import COMMANDS, main
from exchange.npm import is_stamped as has_packages
from exchange.npm import lock_hash


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder of our own, and no setting that names others."""
    for variable in ("EXCHANGE_DATA", "EXCHANGE_VENV"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "run.lock").write_text("rq==2.12.0 \\\n    --hash=sha256:00\n")
    monkeypatch.setattr(install, "ROOT", folder)
    return folder


def environment(venv: Path, version: str) -> None:
    """What a made environment looks like."""
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").touch()
    (venv / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {version}\n")


def test_data_and_environment_are_in_the_project(project: Path) -> None:
    assert install.data_folder() == project / ".data"
    assert install.venv_folder("run.lock") == project / ".venv"


def test_settings_move_data_and_environment(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_DATA", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("EXCHANGE_VENV", str(tmp_path / "other"))
    assert install.data_folder() == tmp_path / "elsewhere"
    assert install.venv_folder("run.lock") == tmp_path / "other"


def test_read_only_project_keeps_both_in_the_users_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "is_writable", lambda folder: project not in {folder, *folder.parents})
    assert install.data_folder() == tmp_path / "share" / "exchange"
    assert install.venv_folder("run.lock") == tmp_path / "share" / "exchange" / "venv"


def test_environment_is_done_only_for_the_lock_and_the_python_it_was_made_from(project: Path) -> None:
    venv = project / ".venv"
    environment(venv, "3.11.2")
    assert not install.is_stamped(venv, "run.lock")
    (venv / ".run.lock.stamp").write_text(install.stamp_of(venv, "run.lock"))
    assert install.is_stamped(venv, "run.lock")
    (project / "run.lock").write_text("rq==2.12.1 \\\n    --hash=sha256:01\n")
    assert not install.is_stamped(venv, "run.lock")
    (venv / ".run.lock.stamp").write_text(install.stamp_of(venv, "run.lock"))
    (venv / "pyvenv.cfg").write_text("version = 3.12.1\n")
    assert not install.is_stamped(venv, "run.lock")


def test_environment_without_its_interpreter_is_not_done(project: Path) -> None:
    venv = project / ".venv"
    environment(venv, "3.11.2")
    (venv / ".run.lock.stamp").write_text(install.stamp_of(venv, "run.lock"))
    (venv / "bin" / "python").unlink()
    assert not install.is_stamped(venv, "run.lock")


def test_folder_made_by_somebody_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    with pytest.raises(install.InstallError, match="another user"):
        install.private_folder(tmp_path / "link")
    assert install.private_folder(tmp_path / "own").stat().st_mode & 0o777 == 0o700


def test_installers_do_not_see_settings_that_lead_them_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    env = install.child_environment(EXTRA="1")
    assert "/elsewhere" not in env.values()
    assert (env["UV_SYSTEM_CERTS"], env["EXTRA"]) == ("1", "1")


def test_npm_packages_are_done_only_for_their_lock(tmp_path: Path) -> None:
    lock, modules = tmp_path / "package-lock.json", tmp_path / "node_modules"
    lock.write_text("{}")
    modules.mkdir()
    assert not has_packages(modules, lock)
    (modules / ".stamp").write_text(lock_hash(lock))
    assert has_packages(modules, lock)
    lock.write_text('{"lockfileVersion": 3}')
    assert not has_packages(modules, lock)


def test_options_are_read_in_both_spellings() -> None:
    assert option(["up", "--data", "a"], "--data") == "a"
    assert option(["up", "--data=b"], "--data") == "b"
    assert option(["up", "--data"], "--data") is None


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"  {command} " in text for command in COMMANDS)
