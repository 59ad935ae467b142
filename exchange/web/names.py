"""Names of organisations and classes of buyers, for pages."""

from collections.abc import Sequence

from exchange.infra.database import Tx
from exchange.parties import service as parties


def organisation_names(tx: Tx, organisation_ids: Sequence[str], language: str) -> dict[str, str]:
    """Names in the viewer's language by id; one query whatever their number."""
    known = parties.names_of(tx, sorted(set(organisation_ids)))
    return {key: (english or chinese) if language == "en" else chinese for key, (chinese, english) in known.items()}


def buyer_classes(tx: Tx, organisation_ids: Sequence[str]) -> dict[str, str]:
    """The class in force of each buyer, by organisation id."""
    return {
        key: standing.buyer_class.value
        for key, standing in parties.standings_of(tx, sorted(set(organisation_ids))).items()
    }
