"""What the papers of an investor prove: its class, and that it is a qualified one."""

from dataclasses import dataclass
from datetime import date

from exchange.core.terms import BuyerClass
from exchange.parties.deemed import DeemedProof


@dataclass(frozen=True, slots=True)
class ClassProof:
    """The class an organisation is proved to have, and until when."""

    buyer_class: BuyerClass
    evidence: str
    valid_from: date
    valid_to: date


@dataclass(frozen=True, slots=True)
class SuitabilityProof:
    """What an investor's documents show. Assets in minor units of ``currency``.

    ``deemed``: the law counts it as qualified, whatever the assets (R-23).
    """

    currency: str
    net_assets_minor: int
    financial_assets_minor: int
    evidence: str
    as_of: date
    valid_to: date
    risk_rating: int
    risk_statement_signed_on: date | None
    no_nominee_declared_on: date | None
    deemed: DeemedProof | None = None
