"""A sandbox market on a fresh database for every test here; afterwards every invariant must hold."""

from tests.integration.matching.conftest import market as market

__all__ = ["market"]
