"""Optimistic concurrency: a change names the version it is based on (If-Match), a read gives it (ETag).

Source: RFC 9110 section 13, RFC 6585 section 3 (428).
"""

from typing import Annotated

from fastapi import Header

from exchange.core.errors import PreconditionRequired, Stale

IfMatch = Annotated[str | None, Header(alias="If-Match", max_length=64, description="The ETag of the version read.")]


def etag(version: int) -> str:
    """The ETag of a version: ``"3"``."""
    return f'"{version}"'


def require_match(header: str | None, version: int) -> None:
    """PreconditionRequired (428) without the header, Stale (412) when it names another version."""
    if header is None or not header.strip():
        raise PreconditionRequired
    if header.strip() != etag(version):
        raise Stale(version=version)
