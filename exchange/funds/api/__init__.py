"""Routes of funds and what is reported about them."""

from fastapi import APIRouter

from exchange.funds.api.reports import router as reports
from exchange.funds.api.schedules import router as schedules
from exchange.funds.api.terms import router as terms

router = APIRouter(prefix="/api/v1")
router.include_router(reports)
router.include_router(schedules)
router.include_router(terms)

__all__ = ["router"]
