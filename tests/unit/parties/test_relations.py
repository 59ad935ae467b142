"""Worked cases of the ownership graph."""

from fractions import Fraction

from exchange.parties.relations import Edge, beneficial_owners, controllers, effective_shares, group_keys

CASE = [Edge("P", "A", 600_000), Edge("A", "B", 500_000), Edge("P", "B", 100_000)]


def test_shares_multiply_along_a_chain_and_add_over_chains() -> None:
    assert effective_shares(CASE, "B") == {"A": Fraction(1, 2), "P": Fraction(2, 5)}
    assert beneficial_owners(CASE, "B", 250_000) == {"A": 500_000, "P": 400_000}


def test_the_threshold_itself_counts() -> None:
    edges = [Edge("P", "A", 500_000), Edge("A", "B", 500_000)]
    assert beneficial_owners(edges, "B", 250_000) == {"A": 500_000, "P": 250_000}
    assert beneficial_owners(edges, "B", 250_001) == {"A": 500_000}


def test_control_needs_more_than_half_at_every_link() -> None:
    assert controllers(CASE, "A") == {"P"}
    assert controllers(CASE, "B") == set()
    chain = [Edge("P", "A", 510_000), Edge("A", "B", 510_000), Edge("B", "C", 510_000)]
    assert controllers(chain, "C") == {"A", "B", "P"}
    assert "P" not in beneficial_owners(chain, "C", 250_000)
    assert group_keys(chain, "C", 250_000) == ("A", "B", "C", "P")


def test_sisters_are_related_through_their_owner() -> None:
    edges = [Edge("P", "A", 300_000), Edge("P", "B", 300_000)]
    assert set(group_keys(edges, "A", 250_000)) & set(group_keys(edges, "B", 250_000)) == {"P"}


def test_companies_that_own_each_other_end_the_walk() -> None:
    edges = [Edge("A", "B", 1_000_000), Edge("B", "A", 1_000_000)]
    assert effective_shares(edges, "A") == {"B": Fraction(1)}
    assert controllers(edges, "A") == {"B"}


def test_nobody_behind_means_alone() -> None:
    assert group_keys([], "A", 250_000) == ("A",)
