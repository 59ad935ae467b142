"""All routes of custody."""

from fastapi import APIRouter

from exchange.custody.api import certificates, holdings, pledges

router = APIRouter()
router.include_router(holdings.router)
router.include_router(certificates.router)
router.include_router(pledges.router)
