"""Commands and queries of the bank desk."""
