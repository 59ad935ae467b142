"""Shapes of funds and what is reported about them."""
