"""Words of the market that several packages share, stored by these values."""

from enum import StrEnum


class Side(StrEnum):
    """Which side of the book an order stands on."""

    BUY = "buy"
    SELL = "sell"


class MatchingMode(StrEnum):
    """How a book matches. What a match means (proposal or trade) is set by the market profile."""

    NEGOTIATED = "negotiated"
    ONE_WAY_AUCTION = "one_way_auction"
    CONTINUOUS = "continuous"


class PriorityPolicy(StrEnum):
    """How bids that meet the ask are ranked; fixed when the book opens and shown to everyone."""

    GUIDANCE_FIRST = "guidance_first"
    PRICE_FIRST = "price_first"
    GUIDANCE_WINDOW = "guidance_window"
    MATCH_RIGHT = "match_right"


class FirstRefusalMode(StrEnum):
    """How the other partners exercise their right of first refusal.

    Source: the three ways of 沪联产交〔2011〕021号. AFTER_BIDDING: the match is offered to them; BIDS_ALONG: they bid
    like anyone and go first at an equal price; MATCHES_BEST: after the bidding those who bid may take at the best
    price, as in an auction by a court.
    """

    AFTER_BIDDING = "after_bidding"
    BIDS_ALONG = "bids_along"
    MATCHES_BEST = "matches_best"


class BuyerClass(StrEnum):
    """Class of a buyer, proved and approved by two operators, never self-declared."""

    GUIDANCE_FUND = "guidance_fund"
    EQUITY_FUND = "equity_fund"
    ASSET_MANAGER_OR_INSURER = "asset_manager_or_insurer"
    OTHER = "other"

    @property
    def rank(self) -> int:
        """0 is first: guidance fund, then PE/VC and S funds, then AMC and insurer, then others."""
        return _RANKS[self]


_RANKS = {buyer_class: rank for rank, buyer_class in enumerate(BuyerClass)}


class AdjustmentPolicy(StrEnum):
    """What happens to a price when cash moves between the reference date and closing (rulebook 5.1, R-49)."""

    NONE = "none"
    CASH_FLOW = "cash_flow"


class TimeInForce(StrEnum):
    """How long an order stands."""

    DAY = "day"
    GOOD_TILL_DATE = "good_till_date"
    GOOD_TILL_CANCELLED = "good_till_cancelled"
    IMMEDIATE_OR_CANCEL = "immediate_or_cancel"
    FILL_OR_KILL = "fill_or_kill"


class SourceMark(StrEnum):
    """Where a figure comes from; shown beside it."""

    REPORTED = "reported"
    AUDITED = "audited"
    APPRAISED = "appraised"
    COMPUTED = "computed"
    SIMULATED = "simulated"
