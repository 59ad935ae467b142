"""An item of a checklist: one paper, asked of somebody, handed in, reviewed by somebody else, good until a day.

Its life is one table. Nothing is ever deleted: what no longer applies is ``not_applicable`` and comes back as
``requested``. Source: checklist template, ``item_states`` and ``transitions``.
"""

from collections.abc import Mapping
from enum import StrEnum


class ItemScope(StrEnum):
    """For whom an item is kept: once per participant, once per listing, or for each bidder of a listing."""

    ACCOUNT = "account"
    LISTING = "listing"
    BIDDER = "bidder"


class Requirement(StrEnum):
    """Must be there (M), must be there when its condition holds (C), or may be there (O)."""

    MANDATORY = "M"
    CONDITIONAL = "C"
    OPTIONAL = "O"


class Visibility(StrEnum):
    """Who may see a paper once it is in, from everybody to the exchange alone."""

    PUBLIC = "public"
    QUALIFIED = "qualified"
    NDA = "nda"
    SHORTLIST = "shortlist"
    PARTIES = "parties"
    EXCHANGE_ONLY = "exchange_only"


class PartyRole(StrEnum):
    """Who provides or reviews a paper of a deal."""

    SELLER = "seller"
    GP = "gp"
    BUYER = "buyer"
    TARGET = "target"
    LAW = "law"
    AUDIT = "audit"
    APPRAISAL = "appraisal"
    TAX = "tax"
    CUSTODIAN = "custodian"
    EXCHANGE = "exchange"
    EXCHANGE_RISK = "exchange_risk"
    SASAC = "sasac"
    LP_PEERS = "lp_peers"
    LPAC = "lpac"
    AMC = "amc"
    SYSTEM = "system"


class ItemState(StrEnum):
    """Where an item stands."""

    NOT_REQUESTED = "not_requested"
    REQUESTED = "requested"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    WAIVED = "waived"
    EXPIRED = "expired"
    NOT_APPLICABLE = "not_applicable"


class ItemEvent(StrEnum):
    """What may happen to an item."""

    REQUEST = "request"
    SUBMIT = "submit"
    TAKE_UP = "take_up"
    ACCEPT = "accept"
    RETURN = "return"
    WAIVE = "waive"
    EXPIRE = "expire"
    SET_ASIDE = "set_aside"
    REPLACE = "replace"


_S, _E = ItemState, ItemEvent

ITEM_LIFECYCLE: Mapping[tuple[ItemState, ItemEvent], ItemState] = {
    (_S.NOT_REQUESTED, _E.REQUEST): _S.REQUESTED,
    (_S.NOT_REQUESTED, _E.SUBMIT): _S.SUBMITTED,
    (_S.NOT_REQUESTED, _E.SET_ASIDE): _S.NOT_APPLICABLE,
    (_S.REQUESTED, _E.SUBMIT): _S.SUBMITTED,
    (_S.REQUESTED, _E.WAIVE): _S.WAIVED,
    (_S.REQUESTED, _E.SET_ASIDE): _S.NOT_APPLICABLE,
    (_S.SUBMITTED, _E.TAKE_UP): _S.IN_REVIEW,
    (_S.SUBMITTED, _E.RETURN): _S.RETURNED,
    (_S.IN_REVIEW, _E.ACCEPT): _S.ACCEPTED,
    (_S.IN_REVIEW, _E.RETURN): _S.RETURNED,
    (_S.RETURNED, _E.SUBMIT): _S.SUBMITTED,
    (_S.RETURNED, _E.WAIVE): _S.WAIVED,
    (_S.ACCEPTED, _E.EXPIRE): _S.EXPIRED,
    (_S.ACCEPTED, _E.RETURN): _S.RETURNED,
    (_S.ACCEPTED, _E.REPLACE): _S.IN_REVIEW,
    (_S.EXPIRED, _E.REQUEST): _S.REQUESTED,
    (_S.EXPIRED, _E.SUBMIT): _S.SUBMITTED,
    (_S.EXPIRED, _E.WAIVE): _S.WAIVED,
    (_S.WAIVED, _E.REQUEST): _S.REQUESTED,
    (_S.NOT_APPLICABLE, _E.REQUEST): _S.REQUESTED,
}
"""``replace`` is a new version of an accepted paper: back to review, the old version stays readable."""

FULFILLED = frozenset({_S.ACCEPTED, _S.WAIVED})
"""A required item in one of these no longer shuts its gate."""


class TaskKind(StrEnum):
    """What is to be done about an item."""

    PROVIDE = "provide"
    REVIEW = "review"
