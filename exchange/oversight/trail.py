"""The audit chain: every link's hash follows from the one before and from the event itself.

Example: one link with previous hash ``GENESIS_HASH`` and the right hash -> (1, hash, None); a changed event
makes its own link the first broken one.
"""

from collections.abc import Iterable

from exchange.core.events import GENESIS_HASH, chain_hash


def verify_chain(links: Iterable[tuple[int, str, str, str]]) -> tuple[int, str, int | None]:
    """(links read, hash of the last good one, number of the first broken link or None).

    A link is (number, previous hash, hash, canonical content of the event). Numbers start at one without gap.
    """
    expected, head = 1, GENESIS_HASH
    for number, previous, own, content in links:
        if number != expected or previous != head or own != chain_hash(head, content):
            return expected - 1, head, expected
        expected, head = expected + 1, own
    return expected - 1, head, None
