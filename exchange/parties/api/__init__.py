"""Routes of participants."""

from fastapi import APIRouter

from exchange.parties.api.filings import router as filings
from exchange.parties.api.organisations import router as organisations
from exchange.parties.api.records import router as records

router = APIRouter(prefix="/api/v1")
router.include_router(organisations)
router.include_router(records)
router.include_router(filings)

__all__ = ["router"]
