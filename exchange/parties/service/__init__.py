"""Commands and queries of participants."""

from exchange.parties.service.founding import Founded, Founder, found
from exchange.parties.service.organisations import (
    ROLES,
    Application,
    apply,
    ask,
    is_admitted,
    is_state_owned,
    locked,
    names_of,
    organisation_of,
    organisations_by_credit_code,
    organisations_of,
    rename,
    simulated_credit_code,
)
from exchange.parties.service.ownership import (
    OwnershipProof,
    beneficial_owners_of,
    end_ownership,
    owners_of,
    record_owner,
)
from exchange.parties.service.records import (
    ClassProof,
    SuitabilityProof,
    class_ended,
    classes_of,
    propose_class,
    propose_suitability,
    suitability_of,
)
from exchange.parties.service.standings import refresh_standing, standings_of

__all__ = [
    "ROLES",
    "Application",
    "ClassProof",
    "Founded",
    "Founder",
    "OwnershipProof",
    "SuitabilityProof",
    "apply",
    "ask",
    "beneficial_owners_of",
    "class_ended",
    "classes_of",
    "end_ownership",
    "found",
    "is_admitted",
    "is_state_owned",
    "locked",
    "names_of",
    "organisation_of",
    "organisations_by_credit_code",
    "organisations_of",
    "owners_of",
    "propose_class",
    "propose_suitability",
    "record_owner",
    "refresh_standing",
    "rename",
    "simulated_credit_code",
    "standings_of",
    "suitability_of",
]
