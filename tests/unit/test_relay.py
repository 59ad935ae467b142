"""How long the relay rests: a tenth of a second at most, longer after a crowd, not at all behind a full batch."""

import pytest

from exchange.infra.publication import BATCH
from exchange.relay import pause_after


@pytest.mark.parametrize(
    ("events", "seconds"), [(0, 0.1), (1, 0.02), (40, 0.02), (100, 0.05), (200, 0.1), (BATCH - 1, 0.1), (BATCH, 0.0)]
)
def test_the_relay_rests_longer_after_a_crowd_and_not_behind_a_full_batch(events: int, seconds: float) -> None:
    assert pause_after(events) == pytest.approx(seconds)
