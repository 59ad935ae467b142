"""The stage of the tour: who takes part, what was expected and seen, tables a person can read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from exchange.api_client import ApiCaller, ApiProblem
from exchange.seed import DEMO_SIGN_INS

if TYPE_CHECKING:
    from exchange.tour_papers import PaperDesk

Document = dict[str, Any]


@dataclass
class Tour:
    """Who takes part, and what has been checked so far."""

    address: str
    console: Console
    callers: dict[str, ApiCaller] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    steps: int = 0
    papers: "PaperDesk | None" = None

    def caller(self, login: str) -> ApiCaller:
        """A signed-in user of the demo world."""
        if login not in self.callers:
            password = {name: word for _, name, word in DEMO_SIGN_INS}[login]
            self.callers[login] = ApiCaller(self.address, login, password)
        return self.callers[login]

    def name_of(self, organisation_id: str | None) -> str:
        """The sign-in name of an organisation of the tour."""
        names = {caller.organisation_id: login for login, caller in self.callers.items()}
        return names.get(organisation_id or "", "-")

    def step(self, title: str) -> None:
        """Announce the next step."""
        self.steps += 1
        self.console.print(f"\n[bold]{self.steps}. {title}[/]")

    def expect(self, what: str, seen: object, wanted: object) -> None:
        """State a result; a different one fails the tour."""
        good = seen == wanted
        self.console.print(f"   {'[green]ok[/]  ' if good else '[red]NOT[/] '} {what}: {seen}")
        if not good:
            self.failures.append(f"step {self.steps}: {what}: saw {seen!r}, wanted {wanted!r}")

    def table(self, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Show rows a person can read."""
        table = Table(*headings)
        for row in rows:
            table.add_row(*(str(cell) for cell in row))
        self.console.print(table)

    def refused(self, what: str, problem_of: "Refusal", code: str) -> Document:
        """State that a command is refused with a code; the problem document."""
        problem = problem_of()
        self.expect(what, problem.get("code"), code)
        return problem


class Refusal:
    """A command expected to be refused; calling it gives the problem document, or an empty one."""

    def __init__(self, caller: ApiCaller, path: str, body: Document | None = None) -> None:
        self._caller, self._path, self._body = caller, path, body

    def __call__(self) -> Document:
        """Send it."""
        try:
            self._caller.post(self._path, self._body)
        except ApiProblem as problem:
            return problem.document
        return {}
