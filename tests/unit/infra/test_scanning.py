"""A scanner clears, finds, or could not say; who could not say has cleared nothing."""

import io
import tempfile
import zlib
from pathlib import Path

import pytest

from exchange.infra.scanning import CLEAN, EICAR_NAME, ClamdScanner, Scan, Scanners, SignatureScanner, Verdict
from tests.clamd import a_daemon
from tests.files import EICAR_FILES, GOOD_FILES


@pytest.mark.parametrize("name", list(EICAR_FILES))
def test_the_built_in_check_finds_its_signature_anywhere(name: str) -> None:
    assert SignatureScanner().scan(io.BytesIO(EICAR_FILES[name])) == Scan(Verdict.FOUND, EICAR_NAME)


@pytest.mark.parametrize("name", list(GOOD_FILES))
def test_ordinary_files_are_clean(name: str) -> None:
    assert SignatureScanner().scan(io.BytesIO(GOOD_FILES[name])) == CLEAN


def test_a_daemon_is_sent_the_whole_file_and_believed() -> None:
    content = b"0123456789" * 100_000
    with a_daemon() as daemon:
        scanner = ClamdScanner(daemon.url)
        assert scanner.scan(io.BytesIO(content)) == CLEAN
        daemon.answer = "Win.Test.EICAR_HDB-1 FOUND"
        assert scanner.scan(io.BytesIO(content)) == Scan(Verdict.FOUND, "Win.Test.EICAR_HDB-1")
        daemon.answer = "Can't allocate memory ERROR"
        assert scanner.scan(io.BytesIO(content)).verdict is Verdict.UNAVAILABLE
    assert daemon.received == [content] * 3


def test_a_daemon_at_a_socket_file_is_asked_too() -> None:
    with tempfile.TemporaryDirectory() as folder, a_daemon(Path(folder) / "clamd.ctl") as daemon:
        assert ClamdScanner(daemon.url).scan(io.BytesIO(b"abc")) == CLEAN
        assert daemon.received == [b"abc"]


def test_a_daemon_that_does_not_say_clears_nothing() -> None:
    with a_daemon() as daemon:
        daemon.limit = 1_000
        too_long = ClamdScanner(daemon.url).scan(io.BytesIO(b"x" * 3_000_000))
        assert too_long.verdict is Verdict.UNAVAILABLE
    assert ClamdScanner(daemon.url).scan(io.BytesIO(b"x")).verdict is Verdict.UNAVAILABLE
    assert ClamdScanner("clamd:///nowhere/clamd.ctl").scan(io.BytesIO(b"x")).verdict is Verdict.UNAVAILABLE


def test_a_find_weighs_more_than_a_failure_and_a_failure_more_than_a_clean_word() -> None:
    class Says:
        def __init__(self, verdict: Verdict) -> None:
            self.verdict = verdict

        def scan(self, _: object) -> Scan:
            return Scan(self.verdict)

    clean, found, silent = (Says(verdict) for verdict in (Verdict.CLEAN, Verdict.FOUND, Verdict.UNAVAILABLE))
    assert Scanners(clean, silent, found).scan(io.BytesIO()).verdict is Verdict.FOUND
    assert Scanners(clean, silent).scan(io.BytesIO()).verdict is Verdict.UNAVAILABLE
    assert Scanners(clean, clean).scan(io.BytesIO()) == CLEAN


@pytest.mark.parametrize("url", ["http://host:3310", "clamd://", "host:3310"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="EXCHANGE_SCANNER_URL"):
        ClamdScanner(url)


def test_what_follows_packed_content_holds_nobody_up() -> None:
    packed = zlib.compress(b"0" * 2_000_000)
    content = b"%PDF-1.7\n" + (b"stream\n" + packed + b"x" * 50_000 + b"endstream\n") * 3 + b"%%EOF\n"
    assert SignatureScanner().scan(io.BytesIO(content)) == CLEAN
