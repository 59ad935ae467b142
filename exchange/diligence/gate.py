"""The gates of a deal in their order: the steps that open only with their evidence.

A gate is the step being completed: papers of ``sign`` must be in before the signing counts as done. Gates from the
opening of the room to the release of the money stand before one bidder; the others before the listing.
Source: checklist template, ``gates``; policy 京金融〔2020〕7号, measure 9.
"""

from enum import StrEnum


class Gate(StrEnum):
    """A step of a deal. ``post`` never shuts anything: what belongs to it has a due date."""

    ONBOARD = "onboard"
    LIST_SUBMIT = "list_submit"
    LIST_PUBLISH = "list_publish"
    DATAROOM = "dataroom"
    BID = "bid"
    AWARD = "award"
    CONSENT = "consent"
    SIGN = "sign"
    FUND = "fund"
    REGISTER = "register"
    RELEASE = "release"
    POST = "post"

    @property
    def place(self) -> int:
        """Its place in the order of a deal, from 0."""
        return _PLACES[self]

    def is_up_to(self, other: "Gate") -> bool:
        """True for the other gate and every earlier one."""
        return self.place <= other.place


_PLACES = {gate: place for place, gate in enumerate(Gate)}

OF_THE_LISTING = (Gate.LIST_SUBMIT, Gate.LIST_PUBLISH)
"""Passed once for a listing, whoever buys."""

OF_A_BIDDER = (
    Gate.DATAROOM,
    Gate.BID,
    Gate.AWARD,
    Gate.CONSENT,
    Gate.SIGN,
    Gate.FUND,
    Gate.REGISTER,
    Gate.RELEASE,
)
"""Passed for each bidder of a listing on its own."""
