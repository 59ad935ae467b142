"""Commands and queries of settlement."""
