"""Shapes of valuations on the wire."""
