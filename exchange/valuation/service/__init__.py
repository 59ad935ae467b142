"""Commands and queries about valuations, one screen a file. Other packages use what is named here."""

from exchange.valuation.panel.opinion import Panel
from exchange.valuation.service.appraisals import FiledFloor, filed_floor, filed_floor_minor
from exchange.valuation.service.subjects import Subject, register_listings
from exchange.valuation.service.valuations import (
    Valuation,
    computed_valuation,
    inputs_kept,
    latest_valuation_of,
    request,
    valuation_of,
    valuations_of,
)

__all__ = [
    "FiledFloor",
    "Panel",
    "Subject",
    "Valuation",
    "computed_valuation",
    "filed_floor",
    "filed_floor_minor",
    "inputs_kept",
    "latest_valuation_of",
    "register_listings",
    "request",
    "valuation_of",
    "valuations_of",
]
