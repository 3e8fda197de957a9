"""`genesis-mcp init` and `prune`: what a store is made of, and what of it is deleted."""

import sys
from datetime import datetime, timedelta
from typing import Any

import click

from genesis_mcp.cli.command_form import command, flag, option
from genesis_mcp.cli.exits import say
from genesis_mcp.cli.progress import progress, ticking
from genesis_mcp.cli.shared import arguments_of, open_own_store
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError, StoreError
from genesis_mcp.questions.arguments import Expiry, Prune
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.times import now
from genesis_mcp.runs.wording import plural
from genesis_mcp.stores.contract import CompactingStore, ExpiringStore, HasStatements, RunStore

COUNTED_MAX = 1_000_000
"""Records that are counted before they are deleted; of more than that it is said."""

SLICES = 20
"""In so many spans of time records are deleted when somebody watches."""

YES = flag("--yes", "delete without asking")


@command(
    "init",
    flag("--print", "ClickHouse: print the statements only"),
    option("--cluster", "ClickHouse: on all servers of a cluster", metavar="NAME"),
    option("--ttl-days", "MongoDB: delete what is older, now and from now on", metavar="N"),
    YES,
    examples=["genesis-mcp init", "genesis-mcp init --store sqlite:///team.db"],
)
def init(settings: Settings, given: dict[str, Any]) -> int:
    """Create what the store lacks; safe to repeat."""
    days = arguments_of(Expiry, given).ttl_days if "ttl_days" in given else None
    with open_own_store(settings) as store:
        if days is not None and not isinstance(store, ExpiringStore):
            raise InputError("--ttl-days is for MongoDB; this store has another way to delete.")
        if days is not None and not _may_delete(store, days, given):
            return 0
        done = _change_schema(store, given)
        if days is not None and isinstance(store, ExpiringStore):
            done.append(store.expire_after(days))
    print("\n".join(done) or "Everything is there already.")
    return 0


def _change_schema(store: RunStore, given: dict[str, Any]) -> list[str]:
    cluster = given.get("cluster")
    if not (given.get("print") or cluster):
        with ticking("creating what is missing"):
            return store.ensure_schema()
    if not isinstance(store, HasStatements):
        raise InputError("--print and --cluster are for ClickHouse; this store has no DDL.")
    if given.get("print"):
        return [f"{sql};" for sql in store.schema_statements(cluster=cluster)]
    with ticking("creating what is missing"):
        return store.change_schema(cluster=cluster)


@command(
    "prune",
    option("--days", "delete what is older", metavar="N", required=True),
    flag("--dry-run", "only say how much that is"),
    flag("--vacuum", "SQLite: give the space back to the disk"),
    YES,
    examples=["genesis-mcp prune --days 90 --dry-run", "genesis-mcp prune --days 90 --yes"],
)
def prune(settings: Settings, given: dict[str, Any]) -> int:
    """Delete old runs and events; nothing is ever deleted unasked."""
    days = arguments_of(Prune, given).days
    before = now() - timedelta(days=days)
    with open_own_store(settings) as store:
        if given.get("vacuum") and not isinstance(store, CompactingStore):
            raise InputError("--vacuum is for SQLite; this store gives space back by itself.")
        if given.get("dry_run"):
            found = _records(_count(store, before))
            print(f"{found} older than {plural(days, 'day')}; nothing was deleted.")
            return 0
        if not _may_delete(store, days, given):
            return 0
        deleted = _prune(store, before)
        space = _space(store, deleted, asked=bool(given.get("vacuum")))
    print(f"{plural(f'{deleted:,}', 'record')} older than {plural(days, 'day')} deleted.{space}")
    return 0


def _space(store: RunStore, deleted: int, *, asked: bool) -> str:
    """What became of the space of what was deleted, with a blank before it."""
    if not isinstance(store, CompactingStore):
        return ""
    if not asked:
        return " The file keeps the space for new runs; --vacuum gives it back." if deleted else ""
    try:
        with ticking("writing the file anew"):
            store.give_back_space()
    except StoreError as error:  # it is deleted: the space is all that is left to do
        return f" No space was given back. {error}"
    return " The space of what was deleted was given back."


def _prune(store: RunStore, before: datetime) -> int:
    """Delete all at once, or bit by bit for somebody who watches."""
    oldest = store.find(RunQuery(until=before, suites=True, oldest_first=True, limit=1)).runs
    if not (sys.stderr.isatty() and oldest):
        return store.prune(before)
    span = (before - oldest[0].timestamp) / SLICES
    deleted = 0
    with progress("deleting", SLICES) as advance:
        for left in reversed(range(SLICES)):
            deleted += store.prune(before - left * span)
            advance(1)
    return deleted


def _may_delete(store: RunStore, days: int, given: dict[str, Any]) -> bool:
    """Whether to go on: somebody at a terminal is told the number and asked."""
    if given.get("yes") or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    number = _count(store, now() - timedelta(days=days))
    asked = f"Delete {_records(number)} older than {plural(days, 'day')}?"
    if not number or click.confirm(asked, err=True):
        return True
    say("nothing was deleted.")
    return False


def _count(store: RunStore, before: datetime) -> int:
    return store.count(RunQuery(until=before, suites=True), at_most=COUNTED_MAX)


def _records(number: int) -> str:
    return plural(f"{number:,}{'+' if number == COUNTED_MAX else ''}", "record")
