"""The audit chain shows every change, removal and insertion."""

from exchange.core.events import GENESIS_HASH, chain_hash
from exchange.oversight.trail import verify_chain

Link = tuple[int, str, str, str]


def a_chain(length: int) -> list[Link]:
    links: list[Link] = []
    previous = GENESIS_HASH
    for number in range(1, length + 1):
        content = f'{{"n":{number}}}'
        own = chain_hash(previous, content)
        links.append((number, previous, own, content))
        previous = own
    return links


def test_an_untouched_chain_verifies_to_its_head() -> None:
    chain = a_chain(5)
    assert verify_chain(chain) == (5, chain[-1][2], None)


def test_an_empty_chain_verifies_to_the_genesis_hash() -> None:
    assert verify_chain([]) == (0, GENESIS_HASH, None)


def test_a_changed_event_breaks_its_own_link() -> None:
    chain = a_chain(5)
    number, previous, own, _ = chain[2]
    chain[2] = (number, previous, own, '{"n":99}')
    assert verify_chain(chain)[2] == 3


def test_a_removed_link_breaks_the_chain_there() -> None:
    chain = a_chain(5)
    del chain[1]
    assert verify_chain(chain)[2] == 2


def test_a_rewritten_event_with_a_fitting_hash_breaks_the_next_link() -> None:
    chain = a_chain(5)
    chain[2] = (3, chain[2][1], chain_hash(chain[2][1], "forged"), "forged")
    assert verify_chain(chain)[2] == 4
