"""Pages of deals: every state, kind and event they name has words in both languages."""

import re
from collections.abc import Iterator
from enum import StrEnum

import pytest

from exchange.settlement.deal import DealStatus
from exchange.settlement.instalment import InstalmentStatus
from exchange.settlement.lateness import Lateness
from exchange.settlement.obligation import ObligationKind, ObligationStatus
from exchange.settlement.statement import StatementAnswer, StatementState
from exchange.web.catalogue import LANGUAGES, catalogue
from exchange.web.deal_page import GROUPS
from tests.architecture.source import ROOT

TOLD = re.compile(r'"((?:deal|obligation|instalment)\.[a-z_]+)"')
NOT_TOLD = {"deal.id", "deal.due", "deal.final_due", "deal.true_up_due", "deal.bust", "deal.terminate"}
"""A column, wake-up calls and kinds of approvals; the page shows none of them."""
WAKE_UPS = {"obligation.due", "instalment.due"}


def told() -> Iterator[str]:
    """Every event about a deal that its services tell."""
    for path in sorted((ROOT / "exchange/settlement/service").glob("*.py")):
        yield from TOLD.findall(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_of_a_deal_is_told_in_words(language: str) -> None:
    words = catalogue(language)
    names = set(told()) - NOT_TOLD - WAKE_UPS
    assert len(names) > 30
    keys = sorted("deal_event." + name.removeprefix("deal.").replace(".", "_") for name in names)
    assert [key for key in keys if not words.has(key)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("prefix", "values"),
    [
        ("deal_status", DealStatus),
        ("deal_text", DealStatus),
        ("statement_state", StatementState),
        ("statement_answer", StatementAnswer),
        ("obligation_kind", ObligationKind),
        ("duty_state", ObligationStatus),
        ("duty_state", InstalmentStatus),
    ],
)
def test_every_value_is_said_in_words(prefix: str, values: type[StrEnum], language: str) -> None:
    assert [value for value in values if not catalogue(language).has(f"{prefix}.{value.value}")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_and_lateness_is_said_in_words(language: str) -> None:
    words = catalogue(language)
    late = [f"duty_state.{value.value}" for value in Lateness if value is not Lateness.IN_TIME]
    groups = [f"statement_group.{name}" for name, _ in GROUPS]
    lines = [f"statement_line.{line}" for _, names in GROUPS for line in names]
    assert [key for key in (*late, *groups, *lines) if not words.has(key)] == []
