"""The caller of a command: who, for which organisation, with which permissions."""

from dataclasses import dataclass

from exchange.access.roles import Role
from exchange.core.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in user or an API key acting for an organisation. ``permissions`` is already narrowed by scopes."""

    user_id: str
    organisation_id: str
    roles: frozenset[Role]
    permissions: frozenset[str]
    session_id: str | None = None
    api_key_id: str | None = None

    def require(self, permission: str) -> None:
        """Forbidden when the caller lacks the permission."""
        if permission not in self.permissions:
            raise Forbidden(permission=permission)

    @property
    def sees_everything(self) -> bool:
        """Operators, auditors and regulators are not limited to their own organisation's objects."""
        return bool(self.roles & {Role.OPERATOR, Role.AUDITOR, Role.REGULATOR})


SYSTEM = Actor(user_id="system", organisation_id="system", roles=frozenset({Role.OPERATOR}), permissions=frozenset())
"""The exchange itself, for deadlines and the worker. It holds no permission: its services do not ask."""
