"""Which permission a route asks for, stated on the route itself and read by whoever enforces or tests it."""

from typing import Any

EXTENSION = "x-permission"
PUBLIC = "public"
SIGNED_IN = "signed-in"


def needs(*permissions: str | None) -> dict[str, Any]:
    """``openapi_extra`` of a route: one of the permissions is enough; ``needs(None)`` marks a public route.

    ``needs(SIGNED_IN)`` asks for any known caller.
    """
    if permissions in {(), (None,)}:
        return {EXTENSION: PUBLIC}
    return {EXTENSION: "|".join(permission for permission in permissions if permission)}


def declared(openapi_extra: dict[str, Any] | None) -> str | None:
    """What a route states, or None when it states nothing (then it must not start)."""
    value = (openapi_extra or {}).get(EXTENSION)
    return value if isinstance(value, str) else None
