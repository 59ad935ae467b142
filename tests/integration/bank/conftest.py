"""A sandbox exchange with two operators; afterwards the registers must agree."""

from tests.integration.registers.conftest import exchange as exchange

__all__ = ["exchange"]
