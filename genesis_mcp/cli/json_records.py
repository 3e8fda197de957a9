"""`genesis-mcp record`, `flush` and `export`: runs in and out as JSON."""

import json
import sys
from typing import Any

from genesis_mcp.cli.answer_printed import JSON, SPEC_OPTION, print_result
from genesis_mcp.cli.command_form import command, flag
from genesis_mcp.cli.exits import say
from genesis_mcp.cli.progress import progress
from genesis_mcp.cli.shared import open_own_store, open_writer, say_delivered
from genesis_mcp.config import Settings
from genesis_mcp.errors import InputError, StoreError, WriteNotAllowed
from genesis_mcp.recording.poisoned import reason
from genesis_mcp.recording.writer import keep
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.wording import plural
from genesis_mcp.text.clean import escaped

COUNTED_MAX = 10_000_000
"""Where counting stops; the estimate is too good then."""


@command(
    "record",
    JSON,
    examples=[
        """echo '{"spec_id": "soma", "exit_code": 0}' | genesis-mcp record""",
        "genesis-mcp record --json < run.json",
    ],
)
def record(settings: Settings, given: dict[str, Any]) -> int:
    """Record one run, given as JSON on stdin."""
    from genesis_mcp.ingest import parse_object, run_of
    from genesis_mcp.ingest.notes import refuse_what_is_none
    from genesis_mcp.runs.names import cleaned_names, told

    text = sys.stdin.buffer.read()
    try:
        found = parse_object(text)
    except InputError as error:
        raise InputError(f"stdin: {_place(text)}{error}") from None
    refuse_what_is_none(found)
    run = run_of(found, recorded_by="genesis-mcp record")
    if cleaned := told(cleaned_names(found)):
        say(f"{cleaned}.")
    with open_writer(settings) as writer:
        try:
            recorded = writer.record_one(run)
        except (InputError, WriteNotAllowed):
            raise
        except Exception as error:  # what happened must not be lost for it
            say(keep(writer.inbox, [run], reason(error)).said)
            return StoreError.exit_code
    print_result(recorded, given, settings.max_chars)
    return 0


def _place(text: bytes) -> str:
    """Where the JSON breaks off or goes wrong."""
    if not text.strip():
        return "it is empty, which "
    try:
        json.loads(text.decode("utf-8", "replace"))
    except json.JSONDecodeError as error:
        return f"line {error.lineno}, column {error.colno}: this "
    except (ValueError, RecursionError):
        pass
    return "this "


@command("flush", examples=["genesis-mcp flush", "genesis-mcp flush --store sqlite:///team.db"])
def flush(settings: Settings, _given: dict[str, Any]) -> int:
    """Record what was kept: while the store did not work, and by `run --quiet`."""
    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): nothing is recorded.")
    with open_writer(settings) as writer:
        if writer.inbox.is_empty():
            print("Nothing is kept for this store.")
            return 0
        delivered = writer.deliver()
        rest = writer.inbox.count().runs
    say_delivered(delivered)
    if rest:
        say(f"{plural(f'{rest:,}', 'run')} more: the process that keeps them is still running.")
    return InputError.exit_code if delivered.refused else 0


@command(
    "export",
    SPEC_OPTION,
    flag("--derived", "add outcome, error and verdict"),
    examples=["genesis-mcp export > runs.ndjson", "genesis-mcp export --spec soma --derived"],
)
def export(settings: Settings, given: dict[str, Any]) -> int:
    """Write runs as lines of JSON, oldest first, as they are stored: unredacted."""
    from genesis_mcp.transfer.export import export as lines_of

    spec_id = given.get("spec_id")
    shown = escaped if sys.stdout.isatty() else str  # a terminal acts on what it is given
    with open_own_store(settings) as store:
        if spec_id is not None and store.spec(spec_id) is None:
            say("nothing was ever recorded for this spec.")
            return 0
        is_watched = sys.stderr.isatty() and not sys.stdout.isatty()
        everything = RunQuery(spec_id=spec_id, suites=True)
        total = store.count(everything, at_most=COUNTED_MAX) if is_watched else 0
        with progress("exporting", total, hidden=not is_watched) as advance:
            derived = given.get("derived", False)
            lines = lines_of(store, spec_id=spec_id, derived=derived, left_out=_say_left_out)
            for line in lines:
                print(shown(line))
                advance(1)
    sys.stdout.flush()
    return 0


def _say_left_out(suites: int) -> None:
    runs = plural(f"{suites:,}", "run")
    say(
        f"{runs} of whole suites left out, whose tests are all there: --spec with a suite's name"
        " has those of it, and export without --derived has everything."
    )
