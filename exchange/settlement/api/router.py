"""All routes of settlement."""

from fastapi import APIRouter

from exchange.settlement.api.backups import router as backups
from exchange.settlement.api.closing import router as closing
from exchange.settlement.api.deals import router as deals
from exchange.settlement.api.duties import router as duties
from exchange.settlement.api.steps import router as steps

router = APIRouter()
for part in (deals, steps, closing, duties, backups):
    router.include_router(part)
