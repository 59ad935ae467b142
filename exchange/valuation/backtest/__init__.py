"""The models held to real sales: a range from what was known then, and only then the price that was paid."""
