"""Words of fund reporting, stored by these values."""

from enum import StrEnum


class LegalForm(StrEnum):
    """Legal form of a fund; decides which partner rules apply."""

    PARTNERSHIP = "partnership"
    COMPANY = "company"
    CONTRACT = "contract"


class CashFlowKind(StrEnum):
    """What a cash flow is. A restatement corrects cumulative figures and is kept as such."""

    CONTRIBUTION = "contribution"
    DISTRIBUTION = "distribution"
    RESTATEMENT = "restatement"
