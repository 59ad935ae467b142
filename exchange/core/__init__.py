"""Words every package shares: ids, money, price, clock, lifecycle, events, errors. Standard library only."""
