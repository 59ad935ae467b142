"""What every test may ask for, fast passwords for all of them, and properties without a stop-watch."""

import gc
import os

from hypothesis import HealthCheck, settings

os.environ.setdefault("EXCHANGE_PASSWORD_MEMORY_KIB", "64")
os.environ.setdefault("EXCHANGE_PASSWORD_TIME_COST", "1")
os.environ.setdefault("EXCHANGE_COOKIE_SECURE", "false")

# Other processes share the machine: how long an example took says nothing about the code.
settings.register_profile("shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared machine")

pytest_plugins = ["tests.servers"]

YOUNG_OBJECTS = 20_000
gc.disable()  # while modules load nothing becomes garbage, and every pass looks at all that was loaded


def pytest_collection_finish() -> None:
    """What was loaded stays to the end: the collector need not look at it again after every few hundred objects."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    gc.enable()
