"""Bytes under their sha-256: written once, never changed, in a local folder or in an S3-compatible bucket.

The name of an object is its hash, sharded (``ab/cd/abcd...``), so nothing a caller types is ever part of a path. A put
is create-only: whoever comes second with the same bytes finds them there. What was read is hashed again, so bytes that
rotted are never served.
"""

import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, MemoryStore, S3Store

from exchange.core.errors import Busy, ExchangeError
from exchange.core.ids import new_id
from exchange.infra.settings import Settings, settings

PIECE = 1 << 18
SPOOL_BYTES = 1 << 20
"""What is put is kept in memory up to here and in an unnamed file of the disk beyond."""

INCOMING = "incoming"
_HASH = re.compile(r"[0-9a-f]{64}")

Store = LocalStore | MemoryStore | S3Store


class FileStoreUnavailable(Busy):
    """The store does not answer; nothing was stored or served (503)."""

    code = "FILE_STORE_UNAVAILABLE"


class StoredBytesDamaged(ExchangeError):
    """Bytes are missing, or are no longer those that were stored (500). They are not served."""

    code = "STORED_BYTES_DAMAGED"


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """A file from its start in pieces."""
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def sha256_of(pieces: Iterable[bytes]) -> str:
    """The hash of bytes in pieces, in hexadecimal."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


class FileStore:
    """Content-addressed bytes. Safe to use from several threads and processes at once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, source: IO[bytes] | Iterable[bytes]) -> str:
        """Store bytes and return their sha-256; the same bytes again change nothing.

        ``source`` is a file that can be moved in, or pieces: those are spooled while they are hashed, so memory stays
        bounded. FileStoreUnavailable when the store does not take them.
        """
        if not hasattr(source, "seek"):
            return self._put_pieces(source)
        file: IO[bytes] = source  # type: ignore[assignment]  # it has seek, so it is a file
        sha256 = sha256_of(pieces_of(file))
        self._create(sha256, file)
        return sha256

    def _put_pieces(self, pieces: Iterable[bytes]) -> str:
        digest = hashlib.sha256()
        with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
            for piece in pieces:
                digest.update(piece)
                spool.write(piece)
            self._create(digest.hexdigest(), spool)
        return digest.hexdigest()

    def _create(self, sha256: str, file: IO[bytes]) -> None:
        file.seek(0)
        try:
            if isinstance(self._store, LocalStore):
                self._create_locally(self._store, sha256, file)
            else:
                # One request, not a multipart upload: only that can be refused by the store when the object exists.
                obstore.put(self._store, place_of(sha256), file, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return
        except (BaseError, OSError) as error:
            raise FileStoreUnavailable from error

    def _create_locally(self, store: LocalStore, sha256: str, file: IO[bytes]) -> None:
        """Written in pieces beside its place and moved there whole: memory stays bounded, nobody sees half of it."""
        if self.exists(sha256):
            return
        incoming = f"{INCOMING}/{new_id('request')}"
        try:
            obstore.put(store, incoming, file, use_multipart=True)
            _flush(store, incoming)
            obstore.rename(store, incoming, place_of(sha256), overwrite=False)
        except BaseException:
            with contextlib.suppress(BaseError, OSError):
                obstore.delete(store, incoming)
            raise
        _flush(store, place_of(sha256))

    def exists(self, sha256: str) -> bool:
        """True when bytes of this hash are stored."""
        try:
            obstore.head(self._store, place_of(sha256))
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            raise FileStoreUnavailable from error
        return True

    def stream(self, sha256: str) -> Iterator[bytes]:
        """The bytes in pieces, unchecked until the last: a damaged object raises StoredBytesDamaged at its end."""
        digest = hashlib.sha256()
        try:
            found = obstore.get(self._store, place_of(sha256))
            for piece in found.stream(min_chunk_size=PIECE):
                taken = bytes(piece)
                digest.update(taken)
                yield taken
        except FileNotFoundError as error:
            raise StoredBytesDamaged from error
        except (BaseError, OSError) as error:
            raise FileStoreUnavailable from error
        if digest.hexdigest() != sha256:
            raise StoredBytesDamaged

    def read(self, sha256: str) -> bytes:
        """The bytes, proven to be those that were stored. StoredBytesDamaged, FileStoreUnavailable."""
        return b"".join(self.stream(sha256))

    @contextlib.contextmanager
    def opened(self, sha256: str) -> Iterator[IO[bytes]]:
        """The bytes as a file that can be moved in, spooled to the disk, proven before it is handed out."""
        with tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
            for piece in self.stream(sha256):
                spool.write(piece)
            spool.seek(0)
            yield spool


def _flush(store: LocalStore, place: str) -> None:
    """A local file survives a power cut before any row names it: it and its folders reach the disk."""
    path = Path(store.prefix or "") / place
    for each in (path, *list(path.parents)[:3]):
        number = os.open(each, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def place_of(sha256: str) -> str:
    """Where bytes of a hash lie. ValueError for anything that is no hash: no other text ever becomes a path."""
    if not _HASH.fullmatch(sha256):
        raise ValueError("not a sha-256")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


@lru_cache(maxsize=4)
def _store_at(url: str, endpoint: str, region: str, folder: Path) -> FileStore:
    if not url:
        return FileStore(LocalStore(folder, mkdir=True))
    if not url.startswith("s3://"):
        raise ValueError("EXCHANGE_DOCUMENTS_URL must be s3://bucket or s3://bucket/prefix")
    bucket = S3Store.from_url(
        url,
        region=region,
        config={"endpoint": endpoint} if endpoint else None,
        client_options={
            "allow_http": endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=2),
            "timeout": timedelta(seconds=30),
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
    )
    return FileStore(bucket)


def file_store(config: Settings | None = None) -> FileStore:
    """The store of this process: the bucket of EXCHANGE_DOCUMENTS_URL, else the folder ``documents`` of the data.

    Credentials of a bucket come from the environment as the S3 tools name them (AWS_ACCESS_KEY_ID and so on).
    """
    chosen = config or settings()
    folder = (chosen.data / "documents").absolute()
    return _store_at(chosen.documents_url, chosen.documents_endpoint, chosen.documents_region, folder)
