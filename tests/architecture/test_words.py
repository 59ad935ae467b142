"""Nothing in the project knows the machine it was written on or the registry its packages came from."""

import re

from tests.architecture.source import ROOT, text_files

MACHINE_PATHS = re.compile(r"(?<![\w.])/(work|root|home/\w+|Users/\w+)/")
REGISTRIES = ("pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "npm" + "mirror", "docker" + ".io")
LOCKS = ("run.lock", "dev.lock", "installer.lock", "node.lock", "exchange/web/package-lock.json",
         "exchange/infra/fonts/package-lock.json", "tests/browser/package/package-lock.json")  # fmt: skip


def test_no_file_names_a_path_of_a_machine() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATHS.search(line) and path.name != "test_words.py"
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_names_a_package_registry() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in text_files()
        for host in REGISTRIES
        if host in path.read_text(encoding="utf-8")
    ]
    assert not wrong, "\n".join(wrong)


def test_lock_files_hold_hashes_and_no_address() -> None:
    for lock in LOCKS:
        text = (ROOT / lock).read_text(encoding="utf-8")
        assert "://" not in text, lock
        assert "sha256:" in text or "sha512-" in text, lock


def test_every_locked_package_has_a_hash() -> None:
    for lock in LOCKS[:4]:
        text = (ROOT / lock).read_text(encoding="utf-8")
        entries = re.findall(r"^[\w.-]+==.*\\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\\n|\n))+", text, re.MULTILINE)
        assert len(entries) == len(re.findall(r"^[\w.-]+==", text, re.MULTILINE)), lock
