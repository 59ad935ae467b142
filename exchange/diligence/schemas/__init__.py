"""Shapes of diligence on the wire, one concern a file."""
