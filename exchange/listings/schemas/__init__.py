"""Shapes of listings on the wire."""
