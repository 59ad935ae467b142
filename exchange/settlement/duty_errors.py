"""Why settlement refuses what is due after a transfer, and offers to backups."""

from exchange.core.errors import Invalid, NotFound, Refused


class ObligationNotFound(NotFound):
    """No such obligation, or not the caller's."""

    code = "OBLIGATION_NOT_FOUND"


class ObligationKeptByExchange(Refused):
    """The exchange fulfils it by itself; nobody hands evidence in."""

    code = "OBLIGATION_KEPT_BY_EXCHANGE"


class EvidenceNotYours(Invalid):
    """The document handed in as evidence belongs to somebody else."""

    code = "EVIDENCE_NOT_YOURS"


class InstalmentNotFound(NotFound):
    """No such later part, or not the caller's."""

    code = "INSTALMENT_NOT_FOUND"


class InstalmentsOutOfOrder(Refused):
    """An earlier part is still due."""

    code = "INSTALMENTS_OUT_OF_ORDER"


class PlanFixed(Refused):
    """The deal is signed or over: its payment plan stands."""

    code = "PLAN_FIXED"


class NotYetSettled(Refused):
    """Something is still due before a deal can be settled."""

    code = "NOT_YET_SETTLED"


class BackupOfferNotFound(NotFound):
    """No such offer, or not the caller's."""

    code = "BACKUP_OFFER_NOT_FOUND"


class BackupOfferLapsed(Refused):
    """The time to accept an offer is over."""

    code = "BACKUP_OFFER_LAPSED"
