"""All routes of settlement."""

from fastapi import APIRouter

from exchange.settlement.api.closing import router as closing
from exchange.settlement.api.deals import router as deals

router = APIRouter()
router.include_router(deals)
router.include_router(closing)
