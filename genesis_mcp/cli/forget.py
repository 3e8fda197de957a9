"""`genesis-mcp forget`: what must not have been recorded, such as a secret, goes everywhere."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from genesis_mcp.answers.readable import shown_name
from genesis_mcp.cli.command_form import command, flag, option
from genesis_mcp.cli.exits import say
from genesis_mcp.cli.shared import open_own_store
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError, WriteNotAllowed
from genesis_mcp.questions.naming import named_run
from genesis_mcp.questions.notes_by_hand import forget_witnesses
from genesis_mcp.recording.writer import inbox_at
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import PAGE_MAX, RunQuery
from genesis_mcp.runs.wording import ended, instant, plural
from genesis_mcp.stores.contract import RunStore

SHOWN = 10
"""Records that are named before they are deleted; the others are counted."""

NOT_TOUCHED = "What was exported, copied or backed up before is not touched."


@command(
    "forget",
    click.Argument(["run_id"], metavar="[RUN_ID]...", nargs=-1),
    option("--spec", "all runs and events of a spec", name="spec_id", metavar="ID"),
    flag("--yes", "delete without asking"),
    examples=["genesis-mcp forget soma#1 --yes", "genesis-mcp forget --spec soma --yes"],
)
def forget(settings: Settings, given: dict[str, Any]) -> int:
    """Delete records that must not be there, such as a secret: from the store and what is kept."""
    named, spec_id = given.get("run_id") or (), given.get("spec_id")
    if bool(named) == bool(spec_id):
        raise InputError("Name the records to delete: run ids, or --spec ID for all of a spec.")
    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): nothing is deleted.")
    inbox = inbox_at(settings)
    with open_own_store(settings) as store:
        ids = [named_run(store, "RUN_ID", name) for name in named]
        found = _of_spec(store, spec_id) if spec_id else store.fetch(ids, text_bytes=0)

        def is_meant(run: Run) -> bool:
            return run.run_id in ids or (spec_id is not None and run.spec_id == spec_id)

        kept = inbox.forget(is_meant, only_count=True)
        if not (found or kept.runs):
            say("there is no such record, neither in the store nor kept for it.")
            return 0
        if not _may_forget(found, kept.runs, given):
            return 0
        dropped = inbox.forget(is_meant)
        forget_witnesses(store, {run.run_id for run in found})
        forgotten = store.forget([run.run_id for run in found])
    print(f"{plural(f'{forgotten.records + dropped.runs:,}', 'record')} deleted. {NOT_TOUCHED}")
    if forgotten.rest:
        say(forgotten.rest)
    if dropped.held:
        say(
            f"{plural(dropped.held, 'file')} of kept runs in use by running recorders: what they "
            "hold of these will be recorded. Repeat this once they have ended."
        )
    return 0


def _of_spec(store: RunStore, spec_id: str) -> list[RunFacts]:
    found: list[RunFacts] = []
    query: RunQuery | None = RunQuery(spec_id=spec_id, limit=PAGE_MAX)
    while query:
        page = store.find(query)
        found += page.runs
        query = RunQuery(spec_id=spec_id, limit=PAGE_MAX, after=page.next) if page.next else None
    return found


def _may_forget(found: Sequence[RunFacts], kept: int, given: dict[str, Any]) -> bool:
    """Whether to go on: what would be deleted is said, and somebody at a terminal is asked."""
    for run in found[:SHOWN]:
        number = f" #{run.iteration}" if run.iteration is not None else ""
        spec = shown_name(run.spec_id) or "(no spec)"
        say(f"{spec}{number}: {ended(run)}, {instant(run.timestamp)}, {shown_name(run.run_id)}")
    if len(found) > SHOWN:
        say(f"and {len(found) - SHOWN:,} more")
    if kept:
        say(f"{plural(f'{kept:,}', 'record')} kept in files, not in the store yet")
    if given.get("yes"):
        return True
    number = plural(f"{len(found) + kept:,}", "record")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(f"{number} would be deleted for good; --yes does it. Nothing was deleted.")
    if click.confirm(f"Delete {number} for good?", err=True):
        return True
    say("nothing was deleted.")
    return False
