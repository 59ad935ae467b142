"""Requests and responses of sign-in, users, keys and approvals."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from exchange.access.approval import Approval, ApprovalStatus
from exchange.access.roles import Role
from exchange.access.session_rules import API_KEY_DAYS_DEFAULT, API_KEY_DAYS_MAX
from exchange.access.tables import ApiKeyRow, UserRow
from exchange.rest.model import Instant, LongText, ShortText, StrictModel, ViewModel
from exchange.rest.numbers import Flag, Whole

LoginText = Annotated[str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9@._+-]{3,80}$")]
PasswordText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=200)]
ScopeText = Annotated[str, StringConstraints(strict=True, pattern=r"^[a-z_]{1,30}:[a-z_]{1,30}$")]


class SignIn(StrictModel):
    """Login and password."""

    login: Annotated[str, StringConstraints(strict=True, min_length=1, max_length=80)]
    password: PasswordText


class StepUp(StrictModel):
    """The password again."""

    password: PasswordText


class ChangePassword(StrictModel):
    """The present and the new password."""

    password: PasswordText
    new_password: PasswordText


class MeView(ViewModel):
    """The caller. ``csrf_token`` goes into ``X-CSRF-Token`` of every change made with the session cookie."""

    user_id: str
    organisation_id: str
    login: str
    name: str
    roles: list[str]
    permissions: list[str]
    session_ends_at: Instant | None = None
    csrf_token: str | None = None


class CreateUser(StrictModel):
    """A user to enter."""

    login: LoginText
    name: ShortText
    password: PasswordText
    roles: Annotated[list[Role], Field(min_length=1, max_length=6)]


class ChangeUser(StrictModel):
    """What to change of a user; what is left out stays."""

    name: ShortText | None = None
    roles: Annotated[list[Role], Field(min_length=1, max_length=6)] | None = None
    is_active: Flag | None = None


class ResetPassword(StrictModel):
    """A new password given by an operator."""

    password: PasswordText


class UserView(ViewModel):
    """A user as operators see it."""

    id: str
    organisation_id: str
    login: str
    name: str
    roles: list[str]
    is_active: bool
    failed_sign_ins: int
    created_at: Instant
    version: int

    @classmethod
    def of(cls, row: UserRow) -> "UserView":
        """From the row; the password hash stays behind."""
        return cls(
            id=row.id,
            organisation_id=row.organisation_id,
            login=row.login,
            name=row.name,
            roles=row.roles,
            is_active=row.is_active,
            failed_sign_ins=row.failed_sign_ins,
            created_at=row.created_at,
            version=row.version,
        )


class CreateApiKey(StrictModel):
    """A key to make: what it may do and for how many days."""

    name: ShortText
    scopes: Annotated[list[ScopeText], Field(min_length=1, max_length=40)]
    days: Annotated[Whole, Field(ge=1, le=API_KEY_DAYS_MAX)] = API_KEY_DAYS_DEFAULT


class ApiKeyView(ViewModel):
    """A key without its secret."""

    id: str
    name: str
    organisation_id: str
    scopes: list[str]
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None
    last_used_at: Instant | None
    rotated_from: str | None

    @classmethod
    def of(cls, row: ApiKeyRow) -> "ApiKeyView":
        """From the row."""
        return cls(**_key_fields(row))


class NewApiKeyView(ApiKeyView):
    """A new key. ``key`` is shown this once; a repetition of the request shows null."""

    key: str | None

    @classmethod
    def shown(cls, row: ApiKeyRow, key: str) -> "NewApiKeyView":
        """From the row and the whole text of the key."""
        return cls(**_key_fields(row), key=key)


def _key_fields(row: ApiKeyRow) -> dict[str, Any]:
    return row.model_dump(include=set(ApiKeyView.model_fields))


class ApiKeyList(ViewModel):
    """The caller's keys."""

    items: list[ApiKeyView]


class Decide(StrictModel):
    """Why it was decided so."""

    reason: LongText


class ApprovalView(ViewModel):
    """A decision that takes two persons."""

    id: str
    kind: str
    subject_id: str
    payload: dict[str, Any]
    requested_by: str
    requested_at: Instant
    status: ApprovalStatus
    decided_by: str | None
    decided_at: Instant | None
    reason: str
    version: int

    @classmethod
    def of(cls, approval: Approval) -> "ApprovalView":
        """From the value."""
        return cls(
            id=approval.id,
            kind=approval.kind,
            subject_id=approval.subject_id,
            payload=dict(approval.payload),
            requested_by=approval.requested_by,
            requested_at=approval.requested_at,
            status=approval.status,
            decided_by=approval.decided_by,
            decided_at=approval.decided_at,
            reason=approval.reason,
            version=approval.version,
        )
