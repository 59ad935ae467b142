"""Bases of request and response models: shape only, nothing unknown accepted."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer, StringConstraints


class StrictModel(BaseModel):
    """A request body: unknown fields are refused, text is stripped of nothing and coerced to nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null", validate_default=True)


class ViewModel(BaseModel):
    """A response: built from values by name; its JSON is what the API promises."""

    model_config = ConfigDict(frozen=True)


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Instant = Annotated[datetime, PlainSerializer(_instant, return_type=str, when_used="json")]
"""An instant as RFC 3339 in UTC with milliseconds: ``2026-07-01T06:00:00.000Z``."""

ShortText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200, pattern=r"\S")]
LongText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4000, pattern=r"\S")]
