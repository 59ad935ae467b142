"""Forms of the pages of advice: what was typed, turned into the bodies the API takes, and what was wrong, by field.

Amounts are typed as people write them (``20万``), days as a date field gives them, an instant on the market's clock.
Every other rule of shape is the one of the API, because the same models check it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError

from exchange.core.clock import MARKET_ZONE
from exchange.core.errors import ExchangeError
from exchange.core.money import unscale_decimal
from exchange.diligence.engagement import AdviserKind, DeliverableKind
from exchange.diligence.schemas.engagement_commands import DeliverReport, GiveQuote, RequestAdvice
from exchange.rest.problems import validation_error
from exchange.web.amounts import parse_amount
from exchange.web.explain import failing, field_problems, sentence
from exchange.web.formatting import Formatter

TEXT_MAX = 4_000
VALUES_MAX = 200
FINDING_ROWS = 4
FINDING = ("severity", "clause", "item_code", "text", "remedy")
TREATMENT = ("tax", "taxpayer", "treatment", "amount")
SEPARATORS = str.maketrans("，、；;", ",,,,")

Body = TypeVar("Body", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the fields of a form, as typed; a name may stand there several times."""

    values: Mapping[str, Sequence[str]] = field(default_factory=lambda: MappingProxyType({}))

    def one(self, name: str, default: str = "") -> str:
        """The last value of a name."""
        found = self.values.get(name)
        return found[-1].strip() if found else default

    def many(self, name: str) -> list[str]:
        """Every value of a name that is not blank."""
        return [text.strip() for text in self.values.get(name, ()) if text.strip()]

    def at(self, name: str, place: int) -> str:
        """The value of a name in a row of the form."""
        found = self.values.get(name, ())
        return found[place].strip() if place < len(found) else ""

    def is_on(self, name: str) -> bool:
        """Whether a box is ticked or a choice says yes."""
        return self.one(name) == "yes"


async def _typed(request: Request) -> Typed:
    """The fields of a posted form; files are left to who asks for them."""
    found: dict[str, list[str]] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, str) and len(found.setdefault(name[:60], [])) < VALUES_MAX:
            found[name[:60]].append(value[:TEXT_MAX])
    return Typed(found)


TypedForm = Annotated[Typed, Depends(_typed)]


@dataclass(frozen=True, slots=True)
class FormState:
    """One form of a page: what stands in it and, after a refusal, why it was refused."""

    name: str
    key: str
    typed: Typed = Typed()
    texts: tuple[str, ...] = ()
    wrong: frozenset[str] = frozenset()
    is_refused: bool = False

    def value(self, name: str, default: str = "") -> str:
        """What to show in a field."""
        return self.typed.one(name, "") if self.is_refused else default

    def row(self, name: str, place: int) -> str:
        """What to show in a field of a row."""
        return self.typed.at(name, place)

    def has(self, name: str, value: str, *, default: bool = False) -> bool:
        """Whether a box or an option is chosen."""
        return value in self.typed.many(name) if self.is_refused else default


def form_state(name: str, key: str, typed: Typed, refusal: ExchangeError | None, formatter: Formatter) -> FormState:
    """A form as it is shown; with a refusal every wrong field and every broken rule in words."""
    if refusal is None:
        return FormState(name, f"{key}-{name}", typed)
    problems = zip(refusal.fields, field_problems(refusal, formatter), strict=True)
    found = [
        (_field(item.name), formatter.words("advice.bad_amount") if error.code == "AMOUNT_FORMAT" else item.text)
        for error, item in problems
    ]
    texts = [_labelled(formatter, label, text) for label, text in found]
    texts += [f"{rule.rule} {rule.text}" for rule in failing(refusal.breaches, formatter)]
    return FormState(
        name=name,
        key=f"{key}-{name}",
        typed=typed,
        texts=tuple(dict.fromkeys(texts)) or (sentence(refusal, formatter),),
        wrong=frozenset(label for label, _ in found),
        is_refused=True,
    )


def _field(pointer: str) -> str:
    """The field a pointer means: ``result/findings/0/clause`` is ``clause``, ``item_codes/2`` is ``item_codes``."""
    names = [part for part in pointer.split("/") if not part.isdecimal()]
    return names[-1] if names else ""


def _labelled(formatter: Formatter, label: str, text: str) -> str:
    key = f"advice.field_{label}"
    return f"{formatter.words(key)}: {text}" if formatter.words.has(key) else text


def validated(model: type[Body], data: Mapping[str, Any]) -> Body:
    """A body of the API from what was typed. INVALID (422) names every wrong field."""
    try:
        return model.model_validate(dict(data))
    except ValidationError as error:
        raise validation_error(error) from error


def amount_text(text: str) -> str:
    """An amount as the API writes it: ``20万`` is ``200000.00``; what cannot be read is left for the API to refuse."""
    try:
        return unscale_decimal(parse_amount(text), 2)
    except ValueError:
        return text.strip()


def request_body(typed: Typed, listing_id: str, kind: AdviserKind) -> RequestAdvice:
    """A request for advice."""
    budget = typed.one("budget")
    return validated(
        RequestAdvice,
        {
            "listing_id": listing_id,
            "kind": kind.value,
            "scope": typed.one("scope"),
            "item_codes": typed.many("item_codes"),
            "room_codes": typed.many("room_codes"),
            "currency": typed.one("currency", "CNY"),
            "budget": amount_text(budget) if budget else None,
            "is_open_call": typed.is_on("is_open_call"),
            "invited": typed.many("invited"),
            "quotes_until": _instant(typed.one("quotes_until")),
            "deliver_until": typed.one("deliver_until"),
        },
    )


def quote_body(typed: Typed) -> GiveQuote:
    """A sealed quote."""
    names = ("fee_basis", "deliver_until", "team", "assumptions", "conflicts_statement")
    return validated(GiveQuote, {"fee": amount_text(typed.one("fee")), **{name: typed.one(name) for name in names}})


def report_body(typed: Typed, kind: DeliverableKind, currency: str, document: tuple[str, int]) -> DeliverReport:
    """A delivery of a document with its structured result."""
    return validated(
        DeliverReport,
        {
            "document_id": document[0],
            "document_version": document[1],
            "issued_on": typed.one("issued_on"),
            "result": {"kind": kind.value, **_result(typed, kind, currency)},
        },
    )


def _result(typed: Typed, kind: DeliverableKind, currency: str) -> dict[str, Any]:
    match kind:
        case DeliverableKind.VALUATION_REPORT:
            return _valuation(typed, currency)
        case DeliverableKind.LEGAL_REPORT:
            return {"opinion": typed.one("opinion"), "findings": _findings(typed)}
        case DeliverableKind.FINANCIAL_REPORT:
            return {
                "as_of": typed.one("as_of"),
                "opinion": typed.one("audit_opinion"),
                "currency": currency,
                "net_assets": _optional_amount(typed.one("net_assets")),
                "findings": _findings(typed),
            }
        case DeliverableKind.TAX_MEMO:
            return {
                "jurisdiction": typed.one("jurisdiction"),
                "currency": currency,
                "treatments": [
                    {**row, "amount": _optional_amount(row["amount"])} for row in _rows(typed, TREATMENT, "tax")
                ],
                "findings": _findings(typed),
            }
        case DeliverableKind.TECHNICAL_REPORT:
            return {
                "subject": typed.one("subject"),
                "conclusion": typed.one("conclusion"),
                "findings": _findings(typed),
            }


def _valuation(typed: Typed, currency: str) -> dict[str, Any]:
    pairs = [line.replace("：", ":").partition(":") for line in typed.one("key_inputs").splitlines() if line.strip()]
    return {
        "base_date": typed.one("base_date"),
        "purpose": typed.one("purpose"),
        "methods": [text.strip() for text in typed.one("methods").translate(SEPARATORS).split(",") if text.strip()],
        "amount": _optional_amount(typed.one("amount")),
        "currency": currency,
        **{name: amount_text(typed.one(name)) for name in ("low", "point", "high")},
        "key_inputs": [{"name": name.strip(), "value": value.strip()} for name, _, value in pairs],
        "valid_until": typed.one("valid_until"),
        "profile": typed.one("profile"),
        "report_number": typed.one("report_number"),
    }


def _findings(typed: Typed) -> list[dict[str, Any]]:
    """Rows with a clause or a text; the item they concern may be left out."""
    rows = _rows(typed, FINDING, "clause", "text")
    return [{**row, "item_code": row["item_code"].upper() or None} for row in rows]


def _rows(typed: Typed, names: Sequence[str], *deciding: str) -> list[dict[str, Any]]:
    """Rows of equally named fields, but those in which the deciding fields are blank."""
    count = max((len(typed.values.get(name, ())) for name in names), default=0)
    rows = [{name: typed.at(name, place) for name in names} for place in range(count)]
    return [row for row in rows if any(row[name] for name in deciding)]


def _optional_amount(text: str) -> str | None:
    return amount_text(text) if text else None


def _instant(text: str) -> str:
    """An instant on the market's clock; what cannot be read is left for the API to refuse."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=MARKET_ZONE).isoformat()
    except ValueError:
        return text
