"""Documents: bytes served are the bytes uploaded, versions stay, what is not clean is served to nobody."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange.core.errors import Forbidden
from exchange.diligence.document import FileKind, ScanState
from exchange.diligence.document_errors import (
    DocumentListingNotFound,
    DocumentNotFound,
    QuotaExceeded,
    ReadReasonRequired,
    RedactionNeedsPdf,
    VersionUnchanged,
)
from exchange.diligence.errors import DocumentNotClean
from exchange.diligence.jobs.documents import scan_due
from exchange.diligence.service import documents
from exchange.diligence.service.receiving import receive, shown_name
from exchange.diligence.tables.documents import StoredBytesRow
from exchange.infra.file_faults import DocumentTooLarge, FileTypeNotAllowed
from exchange.infra.files import StoredBytesDamaged, file_store, place_of
from exchange.infra.pdf_redaction import Region
from exchange.infra.settings import settings as exchange_settings
from exchange.oversight.service import files_finding
from tests.builders import Exchange, a_gp, an_investor, at_work
from tests.clamd import Daemon, a_daemon
from tests.files import EICAR_FILES, GOOD_FILES, a_pdf, a_pdf_that_says
from tests.integration.diligence.documents_world import a_document, a_listed_share, a_version, events_of, waits


@pytest.fixture
def daemon(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """A scanning daemon that the exchange is configured with."""
    assert database_url
    with a_daemon() as running:
        monkeypatch.setenv("EXCHANGE_SCANNER_URL", running.url)
        exchange_settings.cache_clear()
        yield running
    monkeypatch.delenv("EXCHANGE_SCANNER_URL")
    exchange_settings.cache_clear()


def stored_files() -> list[str]:
    """Names of the files that lie in the store's folder."""
    folder = exchange_settings().data / "documents"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_bytes_served_are_the_bytes_uploaded(exchange: Exchange) -> None:
    owner = an_investor(exchange)

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.text(st.characters(exclude_categories=["C"], exclude_characters="<"), min_size=1, max_size=300))
    def holds(words: str) -> None:
        content = f"a,{words}\n".encode()
        added = a_document(owner, content, "rows.csv")
        assert added.sha256 == hashlib.sha256(content).hexdigest()
        with at_work() as (tx, now):
            facts = documents.open_original(tx, owner, now, document_id=added.document_id, number=1, reason="")
            assert documents.content_of(tx, facts.sha256) == content
            assert facts.size_bytes == len(content)

    holds()
    for name, content in GOOD_FILES.items():
        added = a_document(owner, content, name)
        with at_work() as (tx, _):
            assert documents.content_of(tx, added.sha256) == content
            assert documents.version_facts(tx, added.document_id).kind is FileKind(
                name.rpartition(".")[2].lower()[:4].replace("jpeg", "jpg")
            )


def test_versions_are_numbered_and_the_earlier_ones_stay(exchange: Exchange) -> None:
    owner = an_investor(exchange)
    first = a_document(owner, a_pdf(words="one"), title="审计报告")
    second = a_version(owner, first.document_id, a_pdf(words="two", pages=3))
    third = a_version(owner, first.document_id, a_pdf(words="one"))
    assert (first.number, second.number, third.number) == (1, 2, 3)
    assert first.sha256 == third.sha256 != second.sha256
    with at_work() as (tx, _):
        history = documents.document_of(tx, owner, first.document_id)
        assert [each.version.number for each in history.versions] == [1, 2, 3]
        assert documents.version_facts(tx, first.document_id, 2).page_count == 3
        assert documents.version_facts(tx, first.document_id).number == 3
        assert documents.content_of(tx, second.sha256) == a_pdf(words="two", pages=3)
        with pytest.raises(DocumentNotFound):
            documents.version_facts(tx, first.document_id, 4)
        added = events_of(tx, "document.version_added")
    assert [event.data["number"] for event in added] == [2, 3]
    assert {event.audience for event in added} == {(owner.organisation_id,)}


def test_the_same_bytes_again_are_no_new_version_and_are_stored_once(exchange: Exchange) -> None:
    owner, other = an_investor(exchange), an_investor(exchange)
    first = a_document(owner, a_pdf())
    with pytest.raises(VersionUnchanged):
        a_version(owner, first.document_id, a_pdf())
    again = a_document(other, a_pdf())
    assert again.document_id != first.document_id
    assert stored_files() == [first.sha256]
    with at_work() as (tx, _):
        assert documents.version_facts(tx, first.document_id).number == 1


def test_a_document_is_seen_by_its_side_and_by_those_who_watch(exchange: Exchange) -> None:
    owner, stranger = an_investor(exchange), a_gp(exchange)
    added = a_document(owner, a_pdf())
    with at_work() as (tx, now):
        assert documents.document_of(tx, exchange.maker, added.document_id).document.id == added.document_id
        assert [each.document.id for each in documents.documents_of(tx, owner)] == [added.document_id]
        assert documents.documents_of(tx, stranger) == []
        with pytest.raises(DocumentNotFound):
            documents.document_of(tx, stranger, added.document_id)
        with pytest.raises(DocumentNotFound):
            documents.open_original(tx, stranger, now, document_id=added.document_id, number=1, reason="curious")
    with pytest.raises(DocumentNotFound):
        a_version(stranger, added.document_id, a_pdf(words="mine"))
    with pytest.raises(DocumentNotFound):
        a_version(exchange.maker, added.document_id, a_pdf(words="mine"))


def test_an_operator_reads_an_original_for_a_reason_that_the_owner_sees(exchange: Exchange) -> None:
    owner = an_investor(exchange)
    added = a_document(owner, a_pdf())
    with pytest.raises(ReadReasonRequired), at_work() as (tx, now):
        documents.open_original(tx, exchange.maker, now, document_id=added.document_id, number=1, reason=" ")
    with at_work() as (tx, now):
        documents.open_original(tx, exchange.maker, now, document_id=added.document_id, number=1, reason="review")
        documents.open_original(tx, owner, now, document_id=added.document_id, number=1, reason="")
        read = events_of(tx, "document.read")
    assert [(event.audience, event.data["reason"]) for event in read] == [((owner.organisation_id,), "review")]


@pytest.mark.parametrize("name", list(EICAR_FILES))
def test_what_a_scanner_finds_is_kept_in_quarantine_and_served_to_nobody(exchange: Exchange, name: str) -> None:
    owner = an_investor(exchange)
    added = a_document(owner, EICAR_FILES[name], name)
    with at_work() as (tx, now):
        assert documents.version_facts(tx, added.document_id).scan_state is ScanState.QUARANTINED
        for reader in (owner, exchange.maker):
            with pytest.raises(DocumentNotClean):
                documents.open_original(tx, reader, now, document_id=added.document_id, number=1, reason="look")
        with pytest.raises(DocumentNotClean):
            documents.content_of(tx, added.sha256)
        told_to = [(event.subject_id, event.audience) for event in events_of(tx, "document.quarantined")]
    assert told_to == [(added.document_id, ())]


def test_bytes_nobody_could_judge_wait_and_are_scanned_again(exchange: Exchange, daemon: Daemon) -> None:
    owner = an_investor(exchange)
    daemon.answer = "Can't allocate memory ERROR"
    added = a_document(owner, a_pdf())
    with at_work() as (tx, now):
        assert documents.version_facts(tx, added.document_id).scan_state is ScanState.PENDING
        with pytest.raises(DocumentNotClean):
            documents.open_original(tx, owner, now, document_id=added.document_id, number=1, reason="")
        (asked,) = events_of(tx, "document.scan_due")
        scan_due(tx, now, asked)
        assert documents.version_facts(tx, added.document_id).scan_state is ScanState.PENDING
        assert [event.data["attempt"] for event in events_of(tx, "document.scan_due")] == [0, 1]
        assert waits(tx, "document.scan_due") == 2
    daemon.answer = "OK"
    with at_work() as (tx, now):
        scan_due(tx, now, asked)
        scan_due(tx, now, asked)  # twice or late: nothing more
        assert documents.content_of(tx, added.sha256) == a_pdf()
        assert [event.subject_id for event in events_of(tx, "document.cleared")] == [added.document_id]


def test_a_find_quarantines_every_document_with_the_bytes_and_stays(exchange: Exchange, daemon: Daemon) -> None:
    owner, other = an_investor(exchange), an_investor(exchange)
    first = a_document(owner, a_pdf())
    daemon.answer = "Pdf.Bad-1 FOUND"
    second = a_document(other, a_pdf())
    daemon.answer = "OK"
    third = a_document(other, a_pdf())
    with at_work() as (tx, _):
        row = tx.get(StoredBytesRow, first.sha256)
        assert row is not None
        assert (row.scan_state, row.scan_detail) == (ScanState.QUARANTINED, "Pdf.Bad-1")
        concerned = [event.subject_id for event in events_of(tx, "document.quarantined")]
    assert sorted(concerned) == sorted([first.document_id, second.document_id, third.document_id])


def test_damaged_bytes_are_not_served(exchange: Exchange) -> None:
    owner = an_investor(exchange)
    added = a_document(owner, a_pdf())
    path = exchange_settings().data / "documents" / place_of(added.sha256)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"X")
    with pytest.raises(StoredBytesDamaged), at_work() as (tx, _):
        documents.content_of(tx, added.sha256)
    path.unlink()
    with pytest.raises(StoredBytesDamaged), at_work() as (tx, _):
        documents.content_of(tx, added.sha256)
    path.write_bytes(whole)


def test_the_check_finds_files_that_are_no_longer_what_they_were(exchange: Exchange) -> None:
    owner = an_investor(exchange)
    a_document(owner, a_pdf(words="whole"))
    changed = a_document(owner, a_pdf(words="changed"))
    gone = a_document(owner, a_pdf(words="gone"))
    a_document(owner, EICAR_FILES["plain.csv"], "plain.csv")
    with at_work() as (tx, _):
        assert (files_finding(tx).population, files_finding(tx).holds) == (3, True)
    folder = exchange_settings().data / "documents"
    (folder / place_of(changed.sha256)).write_bytes(b"something else")
    (folder / place_of(gone.sha256)).unlink()
    with at_work() as (tx, _):
        found = files_finding(tx)
    assert (found.id, found.population, sorted(found.examples)) == ("F1", 3, sorted([changed.sha256, gone.sha256]))


def test_limits_and_kinds_are_refused_and_leave_nothing(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = an_investor(exchange)
    with pytest.raises(DocumentTooLarge):
        receive(BytesIO(a_pdf()), "x.pdf", limit=100)
    with pytest.raises(FileTypeNotAllowed):
        receive(BytesIO(a_pdf()), "x.pdf", allowed=[FileKind.XLSX])
    monkeypatch.setenv("EXCHANGE_DOCUMENTS_QUOTA_BYTES", str(len(a_pdf()) + 100))
    exchange_settings.cache_clear()
    assert stored_files() == []
    first = a_document(owner, a_pdf())
    with pytest.raises(QuotaExceeded):
        a_document(owner, a_pdf(words="more"))
    with pytest.raises(QuotaExceeded):
        a_version(owner, first.document_id, a_pdf(words="more"))
    a_document(an_investor(exchange), a_pdf(words="more"))


def test_only_who_may_write_documents_adds_one(exchange: Exchange) -> None:
    owner = an_investor(exchange)
    reader = type(owner)(owner.user_id, owner.organisation_id, owner.roles, frozenset({"diligence:read"}))
    with pytest.raises(Forbidden):
        a_document(reader, a_pdf())


def test_documents_of_a_listing_and_what_changed_between_two_instants(exchange: Exchange) -> None:
    listing_id, seller = a_listed_share(exchange)
    with pytest.raises(DocumentListingNotFound):
        a_document(seller, a_pdf(), listing_id=listing_id[:-1] + ("0" if listing_id[-1] != "0" else "1"))
    first = a_document(seller, a_pdf_that_says("alpha", "beta"), listing_id=listing_id)
    other = a_document(an_investor(exchange), a_pdf(words="other"), listing_id=listing_id)
    a_version(seller, first.document_id, a_pdf(words="next"))
    with at_work() as (tx, now):
        documents.redact(
            tx,
            seller,
            now,
            document_id=first.document_id,
            number=1,
            regions=[Region(1, 0, 0, 1000, 500)],
            reason="pii",
        )
        long_ago, end = now - timedelta(days=1), now
        mine = documents.changes_of(tx, seller, listing_id=listing_id, since=long_ago, until=end)
        every = documents.changes_of(tx, exchange.maker, listing_id=listing_id, since=long_ago, until=end)
        later = documents.changes_of(tx, seller, listing_id=listing_id, since=end, until=end + timedelta(days=1))
        of_listing = documents.documents_of(tx, exchange.maker, listing_id=listing_id)
    assert [(each.number, each.is_redaction) for each in mine] == [(1, False), (2, False), (1, True)]
    assert len(every) == 4
    assert later == []
    assert {each.document.id for each in of_listing} == {first.document_id, other.document_id}
    assert all(each.document.is_simulated for each in of_listing)


def test_a_redaction_is_a_rendition_and_the_original_stays(exchange: Exchange) -> None:
    owner, stranger = an_investor(exchange), an_investor(exchange)
    content = a_pdf_that_says("secret name", "public")
    added = a_document(owner, content)
    rows = a_document(owner, GOOD_FILES["schedule.csv"], "rows.csv")
    regions = [Region(1, 0, 0, 1000, 300)]
    with at_work() as (tx, now):
        row = documents.redact(tx, owner, now, document_id=added.document_id, number=1, regions=regions, reason="pii")
        rendition = documents.content_of(tx, row.sha256)
        assert documents.shown_sha256(tx, added.document_id, 1) == row.sha256
        assert documents.content_of(tx, added.sha256) == content
        assert b"secret name" not in rendition
        with pytest.raises(RedactionNeedsPdf):
            documents.redact(tx, owner, now, document_id=rows.document_id, number=1, regions=regions, reason="pii")
        with pytest.raises(DocumentNotFound):
            documents.redact(tx, stranger, now, document_id=added.document_id, number=1, regions=regions, reason="pii")


def test_a_paper_the_exchange_makes_has_an_owner(exchange: Exchange) -> None:
    owner = an_investor(exchange)
    with at_work() as (tx, now):
        made = documents.generated(
            tx,
            now,
            content=b'{"a": 1}',
            kind=FileKind.JSON,
            title="成交确认书",
            file_name="confirmation.json",
            owner_organisation_id=owner.organisation_id,
        )
        assert documents.content_of(tx, made.sha256) == b'{"a": 1}'
        assert documents.document_of(tx, owner, made.document_id).document.created_by == "system"


def test_versions_cannot_be_changed_or_removed(exchange: Exchange, database_url: str) -> None:
    added = a_document(an_investor(exchange), a_pdf())
    for statement in ("UPDATE document_version SET note = 'x'", "DELETE FROM document_version"):
        with psycopg.connect(database_url) as connection, pytest.raises(psycopg.Error):
            connection.execute(statement.encode())
    assert file_store().exists(added.sha256)


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\审计报告.pdf", "审计报告.pdf"),
        ("a\x00b\u202efdp.exe", "abfdp.exe"),
        ("", "file"),
        ("///", "file"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_shown_and_is_never_a_path(given_name: str, shown: str) -> None:
    assert shown_name(given_name) == shown
