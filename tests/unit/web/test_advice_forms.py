"""What is typed into the forms of advice becomes the bodies of the API, or a refusal that names the field."""

import pytest

from exchange.core.errors import Invalid
from exchange.core.ids import new_id
from exchange.diligence.deliverable import LegalReport, ValuationReport
from exchange.diligence.engagement import AdviserKind, DeliverableKind
from exchange.web.advice_forms import Typed, amount_text, form_state, quote_body, report_body, request_body
from exchange.web.catalogue import catalogue
from exchange.web.formatting import Formatter

QUOTE = {
    "fee": ["30万"],
    "fee_basis": ["fixed"],
    "deliver_until": ["2026-08-31"],
    "team": ["a"],
    "assumptions": ["b"],
    "conflicts_statement": ["c"],
}


def test_amounts_are_typed_as_people_write_them() -> None:
    assert [amount_text(text) for text in ("30万", "200k", "1,000.5")] == ["300000.00", "200000.00", "1000.50"]
    assert amount_text(" much ") == "much"
    assert quote_body(Typed(QUOTE)).offered("CNY").fee_minor == 300_000_00


def test_a_refused_form_names_the_field_and_keeps_what_was_typed() -> None:
    typed = Typed({**QUOTE, "fee": ["much"], "team": [" "]})
    with pytest.raises(Invalid) as caught:
        quote_body(typed)
    shown = form_state("quote", "key", typed, caught.value, Formatter(catalogue("en")))
    assert shown.wrong == {"fee", "team"}
    assert shown.texts[0] == "Whole fee: Write an amount, such as 200,000 or 200k"
    assert shown.value("assumptions") == "b"


def test_the_deadline_of_quotes_stands_on_the_market_s_clock() -> None:
    typed = Typed({"scope": ["x"], "quotes_until": ["2026-07-22T17:00"], "deliver_until": ["2026-08-31"]})
    wanted = request_body(typed, new_id("listing"), AdviserKind.LAW).wanted()
    assert wanted.quotes_until_at.isoformat() == "2026-07-22T09:00:00+00:00"
    assert (wanted.budget_minor, wanted.invited, wanted.is_open_call) == (None, (), False)


def test_blank_rows_of_findings_are_left_out() -> None:
    typed = Typed(
        {
            "issued_on": ["2026-07-20"],
            "opinion": ["may be transferred"],
            "severity": ["info", "warn", "info"],
            "clause": ["", "7", ""],
            "item_code": ["", "h01", ""],
            "text": ["", "consent", ""],
            "remedy": ["", "ask", ""],
        }
    )
    result = report_body(typed, DeliverableKind.LEGAL_REPORT, "CNY", (new_id("document"), 1)).delivered().result
    assert isinstance(result, LegalReport)
    assert [(each.clause, each.item_code) for each in result.findings] == [("7", "H01")]


def test_a_valuation_is_typed_with_its_methods_and_inputs() -> None:
    typed = Typed(
        {
            "issued_on": ["2026-07-20"],
            "base_date": ["2026-03-31"],
            "valid_until": ["2027-03-30"],
            "purpose": ["sale"],
            "methods": ["income，market"],
            "low": ["0"],
            "point": ["2000万"],
            "high": ["30m"],
            "key_inputs": ["rate：18%\nexit: 2028"],
            "profile": ["CN_BJ"],
            "report_number": ["A-1"],
        }
    )
    result = report_body(typed, DeliverableKind.VALUATION_REPORT, "CNY", (new_id("document"), 1)).delivered().result
    assert isinstance(result, ValuationReport)
    assert result.methods == ("income", "market")
    assert (result.low_minor, result.point_minor, result.high_minor) == (0, 20_000_000_00, 30_000_000_00)
    assert [(each.name, each.value) for each in result.key_inputs] == [("rate", "18%"), ("exit", "2028")]
