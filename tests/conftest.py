"""What every test may ask for, fast passwords for all of them, and properties without a stop-watch."""

import os

from hypothesis import HealthCheck, settings

os.environ.setdefault("EXCHANGE_PASSWORD_MEMORY_KIB", "64")
os.environ.setdefault("EXCHANGE_PASSWORD_TIME_COST", "1")
os.environ.setdefault("EXCHANGE_COOKIE_SECURE", "false")

# Other processes share the machine: how long an example took says nothing about the code.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

pytest_plugins = ["tests.servers"]
