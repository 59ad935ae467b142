"""``python3 -m exchange value CALCULATOR FILE``: a calculator of the API from a terminal, without a server.

The question is a file (or ``-`` for standard input): JSON as the API takes it, or CSV (see `question_file`). The answer
is the JSON of the API, or a table. A question that is refused says so with the codes of the API, and exits with 1.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from exchange.core.errors import ExchangeError
from exchange.infra.settings import settings
from exchange.rest.body import BodyTooLarge, parse
from exchange.rest.problems import validation_error
from exchange.rest.texts import detail, title
from exchange.valuation.command.answer_table import table
from exchange.valuation.command.question_file import question_from_csv, with_values
from exchange.valuation.schemas.calculators.catalogue import CALCULATORS
from exchange.valuation.schemas.calculators.examples import example_of

STANDARD_INPUT = "-"


def main(arguments: Sequence[str] = ()) -> int:
    """Answer one question. Exit code 1 when it is refused or cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python3 -m exchange value", description="Conventions and worked examples: docs/calculators.md."
    )
    parser.add_argument("calculator", choices=list(CALCULATORS))
    parser.add_argument("file", nargs="?", default=STANDARD_INPUT, help="JSON or CSV; - is standard input")
    parser.add_argument("--input", choices=["json", "csv"], default=None, help="default: by the name of the file")
    parser.add_argument("--format", choices=["json", "table"], default="json")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a value beside the file")
    parser.add_argument("--example", action="store_true", help="print a question to start from")
    given = parser.parse_args(list(arguments))
    if given.example:
        sys.stdout.write(_json(example_of(given.calculator)))
        return 0
    try:
        raw = _read(given.file)
        kind = given.input or ("csv" if given.file.lower().endswith(".csv") else "json")
        sys.stdout.write(_answered(given.calculator, raw, kind, given.set, given.format))
    except OSError as error:
        sys.stderr.write(f"{given.file}: {error.strerror}\n")
        return 1
    except ExchangeError as refusal:
        sys.stderr.write(_told(refusal))
        return 1
    return 0


def _answered(calculator: str, raw: bytes, kind: str, values: Sequence[str], form: str) -> str:
    """The answer as text; ExchangeError when there is none."""
    chosen = CALCULATORS[calculator]
    schema = chosen.request.model_json_schema()
    body = question_from_csv(raw, schema, chosen.rows) if kind == "csv" else parse(raw)
    try:
        answer = chosen.answered(with_values(body, values, schema)).model_dump(mode="json")
    except ValidationError as error:
        raise validation_error(error) from error
    return _json(answer) if form == "json" else table(answer)


def _read(name: str) -> bytes:
    """The file's bytes, as many as the API would take."""
    limit = settings().max_body_bytes
    if name == STANDARD_INPUT:
        raw = sys.stdin.buffer.read(limit + 1)
    else:
        with Path(name).open("rb") as file:
            raw = file.read(limit + 1)
    if len(raw) > limit:
        raise BodyTooLarge(limit=limit)
    return raw


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _told(refusal: ExchangeError) -> str:
    """A refusal with its fields, one a line."""
    lines = [f"{refusal.code}: {title(refusal.code, 'en')}. {detail(refusal.code, 'en', refusal.parameters)}"]
    lines += [
        f"  {field.pointer or '/'} {field.code}: {detail(field.code, 'en', field.parameters)}"
        for field in refusal.fields
    ]
    return "\n".join(lines) + "\n"
