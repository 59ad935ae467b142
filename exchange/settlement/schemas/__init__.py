"""Requests and responses of settlement: shape only."""
