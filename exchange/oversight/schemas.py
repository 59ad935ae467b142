"""Requests and answers of the desk."""

from typing import Annotated

from pydantic import Field

from exchange.rest.model import Instant, StrictModel, ViewModel
from exchange.rest.numbers import Flag, Whole


class PendingView(ViewModel):
    """What the exchange has still to do."""

    unmatched_commands: int
    unsent_events: int
    dated_events: int
    due_reactions: int
    dead_reactions: int


class ChainView(ViewModel):
    """The outcome of recomputing the audit chain."""

    links: int
    head_hash: str
    first_broken: int | None
    is_unbroken: bool


class FindingView(ViewModel):
    """One invariant: how many were looked at, and what breaks it."""

    id: str
    statement: str
    population: int
    violations: int
    examples: list[str]


class FindingsView(ViewModel):
    """Every invariant with its figure."""

    items: list[FindingView]


class MoveClock(StrictModel):
    """Move the sandbox clock forward: by working days, hours, or both; or to the next deadline of the exchange."""

    working_days: Annotated[Whole, Field(ge=0, le=250)] = 0
    hours: Annotated[Whole, Field(ge=0, le=24 * 30)] = 0
    to_next_deadline: Flag = False


class ClockView(ViewModel):
    """Business time, and whether it is simulated."""

    now: Instant
    is_simulated: bool
