"""``python3 -m exchange revalue``: ask for the whole market to be valued and watch the workers do it.

With an API key in EXCHANGE_API_KEY it acts as the owner of the key, an operator; without one as the exchange itself,
as every command does that somebody runs on its own machine.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import date

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from exchange.access.actor import SYSTEM
from exchange.access.credential import credential_from
from exchange.access.service import actor_of
from exchange.core.clock import system_now
from exchange.core.errors import ExchangeError, Unauthenticated
from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.rest.texts import detail, title
from exchange.valuation.service import revaluations
from exchange.valuation.service.revaluations import CHUNK_FUNDS, Revaluation

KEY_VARIABLE = "EXCHANGE_API_KEY"
POLL_SECONDS = 0.25


def main(arguments: Sequence[str] = ()) -> int:
    """Request a revaluation and print its progress until it is done. Exit code 1 when refused or out of time."""
    parser = argparse.ArgumentParser(prog="python3 -m exchange revalue")
    parser.add_argument("--on", type=date.fromisoformat, default=None, help="valuation day (default: today)")
    parser.add_argument("--chunk", type=int, default=CHUNK_FUNDS, help="funds that one worker takes at a time")
    parser.add_argument("--timeout", type=float, default=600.0, help="seconds to wait for the workers")
    given = parser.parse_args(list(arguments))
    try:
        started = _request(given.on, max(1, given.chunk))
        return _watch(started, given.timeout)
    except ExchangeError as refusal:
        code = refusal.code
        sys.stderr.write(f"{code}: {title(code, 'en')}. {detail(code, 'en', refusal.parameters)}\n")
    return 1


def _request(on: date | None, chunk_funds: int) -> Revaluation:
    key = os.environ.get(KEY_VARIABLE, "")
    with transaction() as tx:
        now = business_now(tx)
        if not key:
            return revaluations.enter(tx, SYSTEM, now, valued_on=on, chunk_funds=chunk_funds)
        credential = credential_from({"authorization": f"Bearer {key}"}, "POST", "")
        if credential is None:
            raise Unauthenticated
        actor = actor_of(tx, credential, system_now())
        return revaluations.request(tx, actor, now, valued_on=on, chunk_funds=chunk_funds)


def _watch(started: Revaluation, timeout: float) -> int:
    """Show the progress until all is done; the workers go on when nobody waits any more."""
    row = started.row
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns) as bar:
        task = bar.add_task(f"{row.id} on {row.valued_on}", total=row.fund_count)
        while True:
            with transaction() as tx:
                found = revaluations.progress_of(tx, row.id)
            bar.update(task, completed=found.funds_done)
            if found.is_done:
                return 0
            if time.monotonic() - began > timeout:
                sys.stderr.write(f"{row.id}: {found.funds_done} of {row.fund_count} funds; is a worker running?\n")
                return 1
            time.sleep(POLL_SECONDS)
