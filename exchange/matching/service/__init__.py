"""Commands and queries of matching, one theme a file."""
