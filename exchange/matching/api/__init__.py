"""Routes of matching; ``router`` in ``exchange.matching.api.router`` puts them together."""
