"""Commands and queries of diligence, one concern a file."""
