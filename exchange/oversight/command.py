"""The desk's commands: ``check`` (invariants of a running system), ``export``, ``rules`` and ``states``."""

import argparse
import importlib
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

from rich.console import Console
from rich.table import Table

from exchange.infra.clock import business_now
from exchange.infra.database import transaction
from exchange.matching.service.replay import replay_books
from exchange.oversight import service
from exchange.rulebook import service as rulebook
from exchange.rulebook.catalogue import document_of

DOCUMENTED_ON = date(2026, 7, 1)
"""The day whose profiles the documentation shows; moved when a profile gets a new version."""

LIFECYCLES = {
    "listing": ("exchange.listings.lifecycle", "LISTING_LIFECYCLE"),
    "listing_approval": ("exchange.listings.approval", "APPROVAL_LIFECYCLE"),
    "proposal": ("exchange.matching.lifecycle", "PROPOSAL_LIFECYCLE"),
    "checklist_item": ("exchange.diligence.item", "ITEM_LIFECYCLE"),
    "pledge": ("exchange.custody.pledge", "PLEDGE_LIFECYCLE"),
    "deal_approval": ("exchange.settlement.approval", "APPROVAL_LIFECYCLE"),
    "payment": ("exchange.bank.payment", "PAYMENT_LIFECYCLE"),
    "payout": ("exchange.bank.payment", "PAYOUT_LIFECYCLE"),
    "deal": ("exchange.settlement.deal", "DEAL_LIFECYCLE"),
    "obligation": ("exchange.settlement.obligation", "OBLIGATION_LIFECYCLE"),
    "instalment": ("exchange.settlement.instalment", "INSTALMENT_LIFECYCLE"),
    "backup_offer": ("exchange.settlement.backup", "BACKUP_LIFECYCLE"),
    "award": ("exchange.matching.lifecycle", "AWARD_LIFECYCLE"),
}


def check_main(_: Sequence[str] = ()) -> int:
    """``python3 -m exchange check``: every invariant with its figure; exit code 1 when one is broken."""
    table = Table(title="Invariants")
    for heading in ("id", "statement", "looked at", "broken", "examples"):
        table.add_column(heading, justify="right" if heading in {"looked at", "broken"} else "left")
    with transaction() as tx:
        findings = [*service.invariant_findings(tx), service.files_finding(tx)]
    for finding in findings:
        mark = "0" if finding.holds else f"[bold red]{finding.violations}[/]"
        table.add_row(finding.id, finding.statement, f"{finding.population:,}", mark, ", ".join(finding.examples[:3]))
    Console(width=150).print(table)
    broken = [finding.id for finding in findings if not finding.holds]
    sys.stdout.write(f"{len(findings)} invariants, {len(broken)} broken {' '.join(broken)}\n")
    return 1 if broken else 0


def export_main(arguments: Sequence[str] = ()) -> int:
    """``python3 -m exchange export FILE``: everything as JSON lines from one consistent snapshot."""
    parser = argparse.ArgumentParser(prog="exchange export")
    parser.add_argument("file", type=Path)
    chosen = parser.parse_args(list(arguments))
    with transaction() as tx:
        now = business_now(tx)
    lines = 0
    with chosen.file.open("w", encoding="utf-8") as target:
        for line in service.export_lines(now):
            target.write(line)
            lines += 1
    sys.stdout.write(f"{lines} lines in {chosen.file}\n")
    return 0


def diagram(name: str, lifecycle: Mapping[tuple[StrEnum, StrEnum], StrEnum]) -> str:
    """A lifecycle as a Mermaid state diagram inside Markdown."""
    lines = [f"# States: {name}", "", "```mermaid", "stateDiagram-v2"]
    lines += [f"    {source} --> {target}: {event}" for (source, event), target in lifecycle.items()]
    return "\n".join([*lines, "```", ""])


def rules_main(arguments: Sequence[str] = ()) -> int:
    """``python3 -m exchange rules``: write ``docs/rules.md`` from the catalogue; ``--check`` fails on a change."""
    path = Path(__file__).parents[2] / "docs" / "rules.md"
    groups = rulebook.rule_catalogue()
    wanted = document_of(groups, rulebook.profiles(DOCUMENTED_ON))
    differs = not path.exists() or path.read_text(encoding="utf-8") != wanted
    if differs and "--check" not in arguments:
        path.write_text(wanted, encoding="utf-8")
    sys.stdout.write(f"{sum(len(group.rules) for group in groups)} rules, {'differed' if differs else 'unchanged'}\n")
    return 1 if differs and "--check" in arguments else 0


def states_main(arguments: Sequence[str] = ()) -> int:
    """``python3 -m exchange states``: draw every lifecycle into ``docs/states``; ``--check`` fails on a difference."""
    folder = Path(__file__).parents[2] / "docs" / "states"
    folder.mkdir(parents=True, exist_ok=True)
    stale = []
    for name, (module, attribute) in LIFECYCLES.items():
        wanted = diagram(name, getattr(importlib.import_module(module), attribute))
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text(encoding="utf-8") != wanted:
            stale.append(name)
            if "--check" not in arguments:
                path.write_text(wanted, encoding="utf-8")
    sys.stdout.write(f"{len(LIFECYCLES)} lifecycles, {len(stale)} differed\n")
    return 1 if stale and "--check" in arguments else 0


def replay_main(_: Sequence[str] = ()) -> int:
    """``python3 -m exchange replay``: stored commands into empty books; exit code 1 when a digest or fill differs."""
    table = Table(title="Replay of every book")
    for heading in ("book", "commands", "fills", "digest", "result"):
        table.add_column(heading, justify="right" if heading in {"commands", "fills"} else "left")
    books = wrong = commands = 0
    with transaction() as tx:
        service.take_snapshot(tx)
        for found in replay_books(tx):
            books, wrong, commands = books + 1, wrong + (not found.agrees), commands + found.commands
            result = "agrees" if found.agrees else f"[bold red]differs at fill {found.first_wrong_fill}[/]"
            table.add_row(found.book_id, f"{found.commands:,}", f"{found.fills:,}", found.digest[:16], result)
    Console(width=150).print(table)
    sys.stdout.write(f"{books} books, {commands} commands replayed, {wrong} differ\n")
    return 1 if wrong else 0
