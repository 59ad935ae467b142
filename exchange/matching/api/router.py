"""All routes of matching."""

from fastapi import APIRouter

from exchange.matching.api import (
    awards,
    books,
    extension,
    halts,
    mending,
    order_changes,
    order_plans,
    orders,
    proposals,
)

router = APIRouter()
router.include_router(orders.direct)
router.include_router(orders.router)
router.include_router(order_changes.router)
router.include_router(order_plans.router)
router.include_router(books.router)
router.include_router(proposals.router)
router.include_router(awards.router)
router.include_router(halts.router)
router.include_router(mending.router)
router.include_router(extension.router)
