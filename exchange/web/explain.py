"""Refusals in words a person reads: numbers of a rule in the formats of the page."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from exchange.core.errors import Breach, ExchangeError
from exchange.rest.texts import detail, title
from exchange.web.catalogue import Catalogue
from exchange.web.formatting import Formatter
from exchange.web.models import Failing, FieldProblem

RATIOS = frozenset({"step", "a", "b", "floor", "price", "highest", "maximum"})
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(\+00:00|Z)")
_RATIO = re.compile(r"[0-9]{1,3}\.[0-9]{4,6}")
_MONEY = re.compile(r"-?[0-9]+\.[0-9]{2}")


def readable(parameters: Mapping[str, str], formatter: Formatter) -> dict[str, str]:
    """Ratios as percentages, money with separators, instants on the market's clock; the rest unchanged."""
    return {name: _readable(name, value, formatter) for name, value in parameters.items()}


def _readable(name: str, value: str, formatter: Formatter) -> str:
    if _INSTANT.fullmatch(value):
        return formatter.clock(datetime.fromisoformat(value))
    if name in RATIOS and _RATIO.fullmatch(value):
        return str(formatter.percent(int(Decimal(value).scaleb(6))))
    if _MONEY.fullmatch(value):
        return formatter.decimal(Decimal(value))
    key = f"listing_status.{value}"
    return formatter.words(key) if name == "status" and formatter.words.has(key) else value


def said_reason(words: Catalogue, code: str, note: str = "") -> str:
    """Why something stands where it stands, in the reader's language; after it what a person wrote, unchanged."""
    said = words(f"reason.{code}") if code else ""
    return words("reason.with_note", reason=said, note=note) if said and note else said or note


def failing(breaches: Iterable[Breach], formatter: Formatter) -> tuple[Failing, ...]:
    """Every broken rule with its id, its sentence and the first date on which it passes."""
    language = formatter.words.language
    return tuple(
        Failing(
            rule=breach.rule,
            text=detail(breach.code, language, readable(breach.parameters, formatter)),
            passes_on=breach.passes_on,
            is_provisional=breach.is_provisional,
            is_about_papers=breach.code.startswith("DILIGENCE_"),
        )
        for breach in breaches
    )


def field_problems(error: ExchangeError, formatter: Formatter) -> tuple[FieldProblem, ...]:
    """Every wrong field of a refusal."""
    language = formatter.words.language
    return tuple(
        FieldProblem(item.pointer.strip("/"), detail(item.code, language, readable(item.parameters, formatter)))
        for item in error.fields
    )


def sentence(error: ExchangeError, formatter: Formatter) -> str:
    """What happened, in one sentence."""
    return detail(error.code, formatter.words.language, readable(error.parameters, formatter))


def heading(error: ExchangeError, formatter: Formatter) -> str:
    """The short name of a refusal."""
    return title(error.code, formatter.words.language)
