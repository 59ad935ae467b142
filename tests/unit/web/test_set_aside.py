"""The operators' panel of books that are set aside, in both languages: what one may do, what takes a second person."""

from datetime import UTC, datetime

import pytest

from exchange.access.actor import Actor
from exchange.access.roles import Role, permissions_of
from exchange.web.catalogue import LANGUAGES, catalogue
from exchange.web.models import StuckLine
from exchange.web.page import Setting, render
from exchange.web.viewer import Viewer, preferences_of

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
OPERATOR = frozenset({Role.OPERATOR})
ACTOR = Actor("usr_1", "org_1", OPERATOR, permissions_of(OPERATOR))


def shown(language: str, *, approval_id: str = "", asked_by: str = "") -> str:
    """The blotter with one stuck book."""
    book = StuckLine("bok_12345678", "Fund I", 7, "reinstate", "JournalError", NOW, 3, approval_id, asked_by, "poison")
    viewer = Viewer(ACTOR, "Operator", "Exchange", "token")
    setting = Setting(preferences_of({}, language), viewer, NOW, "/blotter", "/blotter")
    values: dict[str, object] = {
        "stuck": [book], "message": "", "tabs": [], "state": "all", "lines": [], "books": [],
        "counts": {"proposed": 0, "confirmed": 0, "ended": 0, "all": 0},
        "value_by_currency": [], "cost_by_currency": [], "pending_commands": 4, "halt_choices": [],
        "halt_asked": None, "market_halt": None, "viewer_id": ACTOR.user_id, "idempotency_key": "req_1",
    }  # fmt: skip
    return render("blotter.html", setting, values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stuck_book_is_tried_again_or_a_skip_is_asked_for(language: str) -> None:
    words, page = catalogue(language), shown(language)
    for key in ("blotter.stuck", "blotter.retry", "blotter.skip_button"):
        assert words(key) in page
    assert "JournalError" in page
    assert 'name="sequence" value="7"' in page


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_skip_that_was_asked_for_is_decided_by_somebody_else(language: str) -> None:
    words = catalogue(language)
    own = shown(language, approval_id="apr_1", asked_by="usr_1")
    assert words("blotter.halt_asked_own") in own
    assert words("blotter.skip_approve") not in own
    assert words("blotter.skip_approve") in shown(language, approval_id="apr_1", asked_by="usr_2")
