"""Rows of diligence, one concern a file."""
