"""All routes of settlement."""

from fastapi import APIRouter

from exchange.settlement.api.agreements import router as agreements
from exchange.settlement.api.closing import router as closing
from exchange.settlement.api.deals import router as deals
from exchange.settlement.api.steps import router as steps

router = APIRouter()
router.include_router(deals)
router.include_router(closing)
router.include_router(steps)
router.include_router(agreements)
