"""The variables that tell where the logs are: commands, tests and git do not get them."""

from __future__ import annotations

import os

STORE_VARIABLES = ("GENESIS_STORE", "GENESIS_TOKEN", "MONGO_URI", "CLICKHOUSE_")
"""Beginnings of the variables that name a store and its credentials. A command does not get them:
generated code could read, and forge, the very logs that it is judged by."""


def store_variables() -> tuple[str, ...]:
    """The names of this process's variables that tell where the logs are, in order."""
    return tuple(sorted(name for name in os.environ if name.upper().startswith(STORE_VARIABLES)))
