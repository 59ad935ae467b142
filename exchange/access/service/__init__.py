"""Commands of access: sign-in, users, keys, approvals; and actors from credentials."""

from exchange.access.service.authentication import actor_of, actors_of, ask_actors

__all__ = ["actor_of", "actors_of", "ask_actors"]
