"""Plumbing: settings, PostgreSQL, the outbox, the doorbell queue. Alone knows the engine, Redis and RQ."""
