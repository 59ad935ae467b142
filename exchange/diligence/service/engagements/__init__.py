"""Requests for advice and what becomes of them, one concern a file."""

from exchange.diligence.service.engagements.conflicts import consent, declare, decline
from exchange.diligence.service.engagements.deliverables import accept, deliver, dispute
from exchange.diligence.service.engagements.options import RequestOptions, askable_listings, options_of
from exchange.diligence.service.engagements.quotes import award, quote
from exchange.diligence.service.engagements.ratings import rate, reply
from exchange.diligence.service.engagements.reads import currency_of, engagement_of, engagements_of
from exchange.diligence.service.engagements.requests import cancel, open_request, request, unseal
from exchange.diligence.service.engagements.work import close, let_in, shut_out, start

__all__ = [
    "RequestOptions",
    "accept",
    "askable_listings",
    "award",
    "cancel",
    "close",
    "consent",
    "currency_of",
    "declare",
    "decline",
    "deliver",
    "dispute",
    "engagement_of",
    "engagements_of",
    "let_in",
    "open_request",
    "options_of",
    "quote",
    "rate",
    "reply",
    "request",
    "shut_out",
    "start",
    "unseal",
]
