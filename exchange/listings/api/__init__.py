"""Routes of listings."""

from fastapi import APIRouter

from exchange.listings.api.approvals import router as approvals
from exchange.listings.api.calls import router as calls
from exchange.listings.api.checks import router as checks
from exchange.listings.api.listings import router as listings
from exchange.listings.api.valuation import router as valuation

router = APIRouter(prefix="/api/v1")
router.include_router(listings)
router.include_router(checks)
router.include_router(valuation)
router.include_router(approvals)
router.include_router(calls)

__all__ = ["router"]
