"""Roles and what each may do. One table; deny by default.

A permission is ``resource:verb``. An API key carries a subset of its owner's permissions as scopes.
"""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a user does on the exchange. One user may have several."""

    GP = "gp"
    INVESTOR = "investor"
    ADVISER = "adviser"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    REGULATOR = "regulator"


_READ = frozenset(
    {
        "market:read",
        "funds:read",
        "listings:read",
        "books:read",
        "me:read",
        "valuations:read",
        "diligence:read",
        "rooms:read",
        "advisers:read",
        "engagements:read",
        "deals:read",
    }
)
_WATCH = _READ | {"orders:read_all", "proposals:read_all", "trades:read_all", "parties:read", "audit:read"}

PERMISSIONS: Mapping[Role, frozenset[str]] = {
    Role.GP: _READ
    | {
        "funds:write",
        "imports:write",
        "listings:write",
        "orders:write",
        "orders:read",
        "proposals:decide",
        "proposals:read",
        "trades:read",
        "holdings:read",
        "accounts:read",
        "api_keys:write",
        "valuations:run",
        "scenarios:write",
        "documents:write",
        "diligence:submit",
        "diligence:review",
        "facts:write",
        "rooms:run",
        "questions:write",
        "engagements:write",
        "deals:act",
    },
    Role.INVESTOR: _READ
    | {
        "orders:write",
        "orders:read",
        "proposals:decide",
        "proposals:read",
        "trades:read",
        "holdings:read",
        "accounts:read",
        "api_keys:write",
        "pledges:write",
        "listings:write",
        "valuations:run",
        "scenarios:write",
        "records:file",
        "documents:write",
        "diligence:submit",
        "diligence:review",
        "facts:write",
        "rooms:run",
        "questions:write",
        "engagements:write",
        "deals:act",
    },
    Role.ADVISER: _READ
    | {
        "valuations:run",
        "scenarios:write",
        "appraisals:write",
        "documents:write",
        "diligence:submit",
        "diligence:review",
        "engagements:work",
        "api_keys:write",
    },
    Role.OPERATOR: _WATCH
    | {
        "parties:write",
        "approvals:decide",
        "funds:write",
        "imports:write",
        "listings:review",
        "books:run",
        "halts:write",
        "accounts:write",
        "accounts:read",
        "holdings:read",
        "sandbox:run",
        "api_keys:write",
        "valuations:run",
        "valuation_parameters:write",
        "appraisals:write",
        "appraisals:file",
        "revaluations:run",
        "documents:write",
        "diligence:submit",
        "diligence:review",
        "facts:write",
        "rooms:run",
        "questions:write",
        "gates:pass",
        "advisers:admit",
        "deals:run",
        "payments:run",
        "custody:run",
        "calendars:write",
        "rules:write",
    },
    Role.AUDITOR: _WATCH | {"audit:export", "accounts:read", "holdings:read"},
    Role.REGULATOR: _WATCH | {"audit:export", "accounts:read", "holdings:read"},
}


def permissions_of(roles: frozenset[Role]) -> frozenset[str]:
    """The union of what the roles allow."""
    return frozenset().union(*(PERMISSIONS[role] for role in roles)) if roles else frozenset()


ALL_PERMISSIONS = permissions_of(frozenset(Role))
