"""``python3 -m exchange import KIND FILE``: the upload of the API from a terminal, acting as an API key's owner."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from exchange.access.credential import credential_from
from exchange.access.service import actor_of
from exchange.core.clock import system_now
from exchange.core.errors import ExchangeError, Unauthenticated
from exchange.imports import service
from exchange.imports.kinds import AmountUnit, ImportKind, ImportStatus, RowAction
from exchange.infra.clock import business_now
from exchange.infra.database import Tx, transaction
from exchange.rest.texts import detail, title

KEY_VARIABLE = "EXCHANGE_API_KEY"
SHOWN_ERRORS = 20


def main(arguments: Sequence[str] = ()) -> int:
    """Upload a file, print its preview, and commit it when asked. Exit code 1 when rows are wrong or it is refused."""
    parser = argparse.ArgumentParser(
        prog="python3 -m exchange import",
        description=f"Acts as the owner of the API key in {KEY_VARIABLE}.",
    )
    parser.add_argument("kind", choices=[kind.value for kind in ImportKind])
    parser.add_argument("file", type=Path, help="CSV (UTF-8 or GB18030) or XLSX")
    parser.add_argument(
        "--unit",
        choices=[unit.value for unit in AmountUnit],
        default=AmountUnit.ONE.value,
        help="the unit of every amount in the file: one currency unit, or ten thousand (万元)",
    )
    parser.add_argument("--commit", action="store_true", help="record the rows when none is wrong")
    given = parser.parse_args(list(arguments))
    try:
        with transaction() as tx:
            return _run(tx, ImportKind(given.kind), given.file, AmountUnit(given.unit), commit=given.commit)
    except ExchangeError as refusal:
        code = refusal.code
        sys.stderr.write(f"{code}: {title(code, 'en')}. {detail(code, 'en', refusal.parameters)}\n")
    except OSError as error:
        sys.stderr.write(f"{given.file}: {error.strerror}\n")
    return 1


def _run(tx: Tx, kind: ImportKind, path: Path, unit: AmountUnit, *, commit: bool) -> int:
    credential = credential_from({"authorization": f"Bearer {os.environ.get(KEY_VARIABLE, '')}"}, "POST", "")
    if credential is None:
        raise Unauthenticated
    actor = actor_of(tx, credential, system_now())
    now = business_now(tx)
    with path.open("rb") as file:
        row = service.upload(tx, actor, now, kind=kind, file_name=path.name, file=file, unit=unit)
    console = Console()
    table = Table(title=f"{row.file_name}: {row.row_count} rows ({row.id})")
    for heading in ("new", "changed", "unchanged", "wrong"):
        table.add_column(heading, justify="right")
    counts = (row.add_count, row.change_count, row.unchanged_count, row.error_count)
    table.add_row(*(f"{count:,}" for count in counts))
    console.print(table)
    if row.status is ImportStatus.INVALID:
        wrong = service.staged_rows_of(tx, actor, row.id, action=RowAction.ERROR, after=None, limit=SHOWN_ERRORS)
        for error in (error for staged in wrong for error in staged.errors):
            words = {"column": str(error["column"]), "hint": str(error["hint"])}
            console.print(f"  row {error['row']}: {detail(error['code'], 'en', words)}", markup=False)
        return 1
    if commit:
        service.commit(tx, actor, now, import_id=row.id)
        console.print("Committed.")
    return 0
