"""For Python workers: record a run, or run a command and record it, in one call."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict, Unpack

from genesis_mcp.answers import RecordedRun
from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import Context, Int32, RecordRun, RunCommand
from genesis_mcp.recording.lost_recorder import Mark
from genesis_mcp.recording.process_writers import settings_at, writer_of
from genesis_mcp.recording.writer import Ended, Writer, log
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.identifiers import new_run_id
from genesis_mcp.runs.model import Outcome, Run
from genesis_mcp.runs.names import cleaned_names, told
from genesis_mcp.validation import parse

RECORDED_BY = "genesis_mcp (Python)"


class RunFields(TypedDict, total=False):
    """What a run may have besides its result; docs/schema.md explains each."""

    iteration: int | None
    code_snapshot: str | None
    message: str | None
    sprint_id: str | None
    task_id: str | None
    service: str | None
    version: str | None
    context: Mapping[str, Any] | None
    run_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRun:
    """A command that ended, or that could not be started."""

    run: Run
    """How it ended and what it printed, as it was recorded."""
    exit_code: int
    """The command's own; 124 timed out, 127 not found, 128 + n killed by signal n."""
    recorded: RecordedRun | None
    """What the run means; None when the store would not take it."""
    kept_in: Path | None
    """The file that keeps the run when the store would not take it, until it is recorded."""


def record_run(
    spec_id: str,
    *,
    exit_code: int | None = None,
    outcome: str | None = None,
    stdout: str = "",
    stderr: str = "",
    duration_ms: float | None = None,
    timestamp: datetime | str | None = None,
    store: str | None = None,
    **fields: Unpack[RunFields],
) -> RecordedRun:
    """Record a run that has happened, durably once this returns, and say what it means.

    Without an outcome the exit code tells it. `timestamp` is when it ended, by default now; a
    datetime without a zone is local time, text without an offset UTC. `store` is the URL of a
    store; without it the environment names it, as for every command. A repeated call with one
    `run_id` records once.

    Raises:
        InputError: a field is not acceptable, or the run_id is another run's.
        ConfigError, WriteNotAllowed, StoreError: as for every command.
    """
    given = {"exit_code": exit_code, "outcome": outcome, "stdout": stdout, "stderr": stderr}
    if isinstance(timestamp, datetime) and timestamp.tzinfo is None:
        timestamp = timestamp.astimezone()  # naive means local time, as everywhere in Python
    times = {"duration_ms": duration_ms, "timestamp": timestamp}
    named = {"spec_id": spec_id, **fields}
    run = made_run({**named, **given, **times})
    if cleaned := told(cleaned_names(named)):
        log.warning("A recorded run's names: %s.", cleaned)
    return writer_of(settings_at(store)).record_one(run)


def run_command(
    command: Sequence[str],
    *,
    spec_id: str,
    timeout_seconds: float | None = 60.0,
    store: str | None = None,
    keep_store_variables: bool = False,
    **fields: Unpack[RunFields],
) -> CommandRun:
    """Run a command, never through a shell and with an empty stdin, and record how it ended.

    The command does not get the variables that tell where the logs are (`GENESIS_STORE`,
    `GENESIS_TOKEN`, `MONGO_URI`, `CLICKHOUSE_*`), unless `keep_store_variables`.
    This returns whatever the command did. When the store fails, the run is kept until it works: the
    next run records it, or `genesis-mcp flush`; a warning of the logger `genesis_mcp` says so.

    Raises:
        InputError: the command or a field is not acceptable; nothing was run.
        ConfigError, WriteNotAllowed: the store cannot be used; nothing was run.
    """
    from genesis_mcp.recording.command import known_fields
    from genesis_mcp.recording.command import run_command as run

    if _in_event_loop():
        raise InputError("In async code, call it in a thread: await asyncio.to_thread(...).")
    writer = writer_of(settings_at(store))
    known = set(RunCommand.model_fields)
    checked = parse(
        RunCommand,
        {"spec_id": spec_id, "timeout_seconds": timeout_seconds or 0}
        | {name: value for name, value in fields.items() if name in known},
    )
    made_run({"spec_id": spec_id, **fields})
    given = {**fields, **checked.model_dump(exclude={"timeout_seconds"}, exclude_none=True)}
    given["run_id"] = given.get("run_id") or new_run_id()
    marks: list[Mark] = []
    finished = run(
        command,
        fields=given,
        timeout_seconds=checked.timeout_seconds or None,
        stdout=None,
        stderr=None,
        keep_store_variables=keep_store_variables,
        meanwhile=lambda: marks.append(
            Mark.of(writer.inbox, known_fields(given, command), RECORDED_BY)
        ),
    )
    ended = record_or_keep(writer, finished.run)
    for mark in marks:
        mark.remove()
    iteration = ended.recorded.iteration if ended.recorded else finished.run.iteration
    return CommandRun(
        run=replace(finished.run, iteration=iteration),
        exit_code=finished.exit_code,
        recorded=ended.recorded,
        kept_in=ended.kept_in,
    )


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class _GivenRun(RecordRun):
    """The fields of a run as Python gives them: an outcome may stand for an exit code."""

    exit_code: Int32 | None = None  # type: ignore[assignment]
    outcome: Outcome | None = None
    context: Context = None


def made_run(fields: Mapping[str, Any]) -> Run:
    """The run that the fields tell of; what is None is not given.

    Raises:
        InputError: a field is unknown, of the wrong type or out of range.
    """
    given = parse(_GivenRun, {name: value for name, value in fields.items() if value is not None})
    return make_run(
        {**given.model_dump(exclude_unset=True), "kind": "run"}, recorded_by=RECORDED_BY
    )


def record_or_keep(writer: Writer, run: Run) -> Ended:
    """Record a run that has happened; what goes wrong is said by a warning, and never raised."""
    ended = writer.record_or_keep(run)
    if ended.said:
        log.warning("%s", ended.said)
    return ended
