"""The errors of this package: every message is our own words and safe to show to a model.

A message says what happened and what to do next. It never holds a driver's text, a path, a
credential or a piece of a log; those go, redacted, to the log on stderr.
"""


class GenesisError(Exception):
    """Base of every error that this package raises on purpose."""

    exit_code = 4
    """What the command line exits with: 2 the caller's fault, 3 refused, 4 the store's fault."""


class ConfigError(GenesisError):
    """The configuration (environment, flags, store URL) cannot be used."""

    exit_code = 2


class InputError(GenesisError):
    """An argument or a record is not acceptable; the message names it and what is wanted."""

    exit_code = 2


class WriteNotAllowed(GenesisError):
    """Recording is switched off here, or the store's account or file may only be read."""

    exit_code = 3


class StoreError(GenesisError):
    """The store could not answer."""


class StoreUnavailable(StoreError):
    """The store cannot be reached or opened now; the same call may work later."""


class StoreTimeout(StoreError):
    """The store did not answer within the time limit."""


class SchemaMismatch(StoreError):
    """What is stored there is not ours, or was made by another version."""
