"""The choreography resolves: a typing error in a path fails here, not in a worker."""

import inspect

import pytest

from exchange.reactions import REACTIONS, jobs_of, resolve


@pytest.mark.parametrize("path", sorted({path for paths in REACTIONS.values() for path in paths}))
def test_every_job_named_is_a_function_of_transaction_time_and_event(path: str) -> None:
    assert len(inspect.signature(resolve(path)).parameters) == 3


def test_event_without_a_reaction_asks_for_nothing() -> None:
    assert jobs_of("user.signed_in") == ()
