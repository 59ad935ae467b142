"""What every test may ask for, and fast passwords for all of them."""

import os

os.environ.setdefault("EXCHANGE_PASSWORD_MEMORY_KIB", "64")
os.environ.setdefault("EXCHANGE_PASSWORD_TIME_COST", "1")
os.environ.setdefault("EXCHANGE_COOKIE_SECURE", "false")

pytest_plugins = ["tests.servers"]
