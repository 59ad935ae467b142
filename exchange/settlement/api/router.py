"""All routes of settlement."""

from fastapi import APIRouter

from exchange.settlement.api.agreements import router as agreements
from exchange.settlement.api.backups import router as backups
from exchange.settlement.api.closing import router as closing
from exchange.settlement.api.deals import router as deals
from exchange.settlement.api.duties import router as duties
from exchange.settlement.api.steps import router as steps
from exchange.settlement.api.true_ups import router as true_ups

router = APIRouter()
for part in (deals, steps, agreements, closing, duties, backups, true_ups):
    router.include_router(part)
