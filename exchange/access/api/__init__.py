"""Routes of access. ``CurrentActor`` is the dependency every other route takes; ``router`` holds them all."""

from fastapi import APIRouter

from exchange.access.api.approvals import router as approvals
from exchange.access.api.caller import CallerFirst, CurrentActor, actor_from
from exchange.access.api.keys import router as keys
from exchange.access.api.sign_in import router as sign_in
from exchange.access.api.users import router as users

router = APIRouter(prefix="/api/v1")
for part in (sign_in, users, keys, approvals):
    router.include_router(part)

__all__ = ["CallerFirst", "CurrentActor", "actor_from", "router"]
