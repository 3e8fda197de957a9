"""Records that cannot be stored, told from a store that does not work."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from genesis_mcp.errors import (
    ConfigError,
    GenesisError,
    SchemaMismatch,
    StoreError,
    StoreTimeout,
    StoreUnavailable,
    WriteNotAllowed,
)

STORES_FAULTS = (StoreUnavailable, StoreTimeout, SchemaMismatch, WriteNotAllowed, ConfigError)
"""What has nothing to do with the record: each would meet it."""

T = TypeVar("T")


def record_apart(
    record: Callable[[Sequence[T]], object], items: Sequence[T]
) -> list[tuple[T, str]]:
    """Record items together, or one by one when that fails; those that cannot be, and why.

    Raises:
        GenesisError: the store does not work. All may be repeated: what is stored is not again.
    """
    try:
        record(items)
    except STORES_FAULTS:
        raise
    except Exception as error:
        return _one_by_one(record, items, error)
    return []


def _one_by_one(
    record: Callable[[Sequence[T]], object], items: Sequence[T], error: Exception
) -> list[tuple[T, str]]:
    refused: list[tuple[T, str]] = []
    errors = [error]
    for item in items if len(items) > 1 else ():
        try:
            record([item])
        except STORES_FAULTS:
            raise
        except Exception as its_own:
            refused.append((item, reason(its_own)))
            errors.append(its_own)
    if len(items) == 1:
        refused = [(items[0], reason(error))]
    if len(refused) == len(items) and isinstance(errors[-1], StoreError):
        raise errors[-1]  # nothing shows that the store works
    return refused


def reason(error: Exception) -> str:
    """What to say of an error: ours is a sentence, of another its name is said."""
    if isinstance(error.__cause__, GenesisError):  # without the advice to repeat the call
        return str(error.__cause__)
    if isinstance(error, GenesisError):
        return str(error)
    return f"Recording failed ({type(error).__name__})."
