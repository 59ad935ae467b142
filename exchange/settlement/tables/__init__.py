"""Rows of settlement."""
