"""One contract for every place that keeps bytes: written once under their hash, read whole or not at all."""

import hashlib
import io
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import LocalStore, MemoryStore

from exchange.infra.files import FileStore, FileStoreUnavailable, StoredBytesDamaged, file_store, place_of
from exchange.infra.settings import Settings
from tests.bucket import Bucket, a_bucket

KINDS = ("folder", "memory", "bucket")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """A bucket over HTTP with the credentials in the environment."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test-key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
    with a_bucket() as running:
        yield running


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path, bucket: Bucket) -> FileStore:
    """A store of each kind."""
    if request.param == "folder":
        return file_store(Settings(data=tmp_path))
    if request.param == "memory":
        return FileStore(MemoryStore())
    return file_store(Settings(documents_url="s3://papers/of/ours", documents_endpoint=bucket.endpoint))


def test_bytes_come_back_as_they_were_put(store: FileStore) -> None:
    @given(st.lists(st.binary(min_size=1, max_size=2_000), min_size=1, max_size=5))
    def holds(pieces: list[bytes]) -> None:
        content = b"".join(pieces)
        sha256 = store.put(io.BytesIO(content))
        assert sha256 == hashlib.sha256(content).hexdigest()
        assert store.put(iter(pieces)) == sha256
        assert store.read(sha256) == b"".join(store.stream(sha256)) == content
        assert store.exists(sha256)

    holds()


def test_what_is_not_there_is_said_to_be_missing(store: FileStore) -> None:
    nothing = "0" * 64
    assert not store.exists(nothing)
    with pytest.raises(StoredBytesDamaged):
        store.read(nothing)


def test_many_put_the_same_bytes_at_once(store: FileStore) -> None:
    content = b"paper" * 50_000
    with ThreadPoolExecutor(8) as threads:
        found = set(threads.map(lambda _: store.put(io.BytesIO(content)), range(16)))
    assert len(found) == 1
    assert store.read(found.pop()) == content


@pytest.mark.parametrize("name", ["../../etc/passwd", "a" * 63, "A" * 64, "a" * 64 + "\n", ""])
def test_no_text_but_a_hash_is_ever_a_place(store: FileStore, name: str) -> None:
    for use in (store.exists, store.read):
        with pytest.raises(ValueError, match="sha-256"):
            use(name)


def test_a_local_object_is_sharded_and_never_written_over(tmp_path: Path) -> None:
    store = file_store(Settings(data=tmp_path))
    sha256 = store.put(io.BytesIO(b"abc"))
    path = tmp_path / "documents" / sha256[:2] / sha256[2:4] / sha256
    assert path.read_bytes() == b"abc"
    path.write_bytes(b"changed")
    assert store.put(io.BytesIO(b"abc")) == sha256
    assert path.read_bytes() == b"changed"
    with pytest.raises(StoredBytesDamaged):
        store.read(sha256)
    with pytest.raises(StoredBytesDamaged), store.opened(sha256):
        pass


def test_a_bucket_that_fails_is_busy_and_keeps_nothing(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    config = Settings(documents_url="s3://papers", documents_endpoint=bucket.endpoint)
    store = file_store(config)
    sha256 = store.put(io.BytesIO(b"abc"))
    assert list(bucket.objects) == [f"/papers/{place_of(sha256)}"]
    bucket.is_broken = True
    for use in (lambda: store.put(io.BytesIO(b"other")), lambda: store.read(sha256), lambda: store.exists(sha256)):
        with pytest.raises(FileStoreUnavailable):
            use()
    bucket.is_broken = False
    assert len(bucket.objects) == 1
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "wrong-key")
    with pytest.raises(FileStoreUnavailable):
        file_store(config.model_copy(update={"documents_region": "eu-west-1"})).put(io.BytesIO(b"more"))


@pytest.mark.parametrize("url", ["http://host/bucket", "gs://bucket", "bucket"])
def test_an_address_that_is_no_bucket_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="EXCHANGE_DOCUMENTS_URL"):
        file_store(Settings(documents_url=url))


def test_pieces_are_spooled_not_gathered(tmp_path: Path) -> None:
    store = FileStore(LocalStore(tmp_path))
    tracemalloc.start()
    sha256 = store.put(b"0" * 100_000 for _ in range(400))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000
    assert (tmp_path / place_of(sha256)).stat().st_size == 40_000_000
