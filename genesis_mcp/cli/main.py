"""The command line: every command is a few lines over service, runner, ingest and export."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from genesis_mcp import __version__
from genesis_mcp.answers import RecordedRun
from genesis_mcp.answers.readable import showing_secrets
from genesis_mcp.cli import copy as copy_command
from genesis_mcp.cli import ingest as cli_ingest
from genesis_mcp.cli.ask import add_questions
from genesis_mcp.cli.shared import (
    add_json,
    arguments_of,
    open_service,
    open_writer,
    print_result,
    tell,
    tell_delivered,
)
from genesis_mcp.config import Settings, load_settings
from genesis_mcp.errors import GenesisError, InputError, StoreError, WriteNotAllowed
from genesis_mcp.questions.arguments import Expiry, Prune, RunCommand
from genesis_mcp.recording.poisoned import reason
from genesis_mcp.recording.signals import STOPPING_SIGNALS
from genesis_mcp.recording.writer import keep, record_or_keep
from genesis_mcp.runs.times import now
from genesis_mcp.runs.wording import plural
from genesis_mcp.stores.contract import ExpiringStore, HasStatements
from genesis_mcp.text.clean import escaped, scrub
from genesis_mcp.validation import parse

if TYPE_CHECKING:
    from genesis_mcp.recording.command import Finished

EXIT_CODES = "exit codes: 0 ok, 2 the caller's fault, 3 refused, 4 the store's fault"

CODE_BYTES_READ = 16 * 1024 * 1024
"""Bytes of a file of code that are read; of more than this nobody keeps the middle."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return what the process should exit with."""
    for stream in (sys.stdout, sys.stderr):
        # Accents and emoji must not crash a print where the console's encoding lacks them.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    given, command_line = _split(list(sys.argv[1:] if arguments is None else arguments))
    flags = _parser().parse_args(given)
    if flags.command is not _doctor:
        # What a driver said is for the server's log and the doctor; a person gets our sentence.
        logging.getLogger("genesis_mcp").addHandler(logging.NullHandler())
    flags.command_line = command_line
    try:
        settings = load_settings({"store": flags.store, "read_only": flags.read_only or None})
        with showing_secrets() if settings.redact == "off" else nullcontext():
            exit_code: int = flags.command(flags, settings)
    except GenesisError as error:
        print(f"genesis-mcp: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # such as `genesis-mcp export | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        name = type(error).__name__
        tell(f"Something went wrong inside ({name}); genesis-mcp doctor looks for known causes.")
        return StoreError.exit_code
    return exit_code


def _split(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Ours, and the command to run after `--`."""
    if not arguments:
        return ["serve"], []
    if arguments[0] == "run" and "--" in arguments:
        place = arguments.index("--")
        return arguments[:place], arguments[place + 1 :]
    return arguments, []


# --- commands -----------------------------------------------------------------------------------


def _serve(_flags: argparse.Namespace, settings: Settings) -> int:
    from genesis_mcp.mcp_server.stdio import serve

    if sys.stdin.isatty():
        print(
            "genesis-mcp: serving MCP on stdin and stdout, for a client such as Claude. "
            "`genesis-mcp --help` lists the commands.",
            file=sys.stderr,
        )
    serve(settings)
    return 0


def _run(flags: argparse.Namespace, settings: Settings) -> int:
    from genesis_mcp.recording.command import run_command

    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): the run was not started.")
    if not flags.command_line:
        raise InputError("Put the command after --, as in: genesis-mcp run --spec ID -- COMMAND")
    arguments = arguments_of(RunCommand, flags)
    fields = arguments.model_dump(exclude={"timeout_seconds"}, exclude_none=True)
    if flags.code:
        fields["code_snapshot"] = _read_code(Path(flags.code))
        fields["context"] = {"code_file": scrub(Path(flags.code).name)}
    finished = run_command(
        flags.command_line,
        fields=fields,
        timeout_seconds=arguments.timeout_seconds or None,
        stdout=sys.stdout.buffer,
        stderr=sys.stderr.buffer,
        keep_store_variables=flags.keep_store_variables,
    )
    with suppress(ValueError):  # not in the main thread
        for number in STOPPING_SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not lose the record
    if missed := _missed(finished):
        tell(
            f"the command ran without {', '.join(missed)}; "
            "--keep-store-variables passes what names the store on to it."
        )
    became = record_or_keep(settings, finished.run)
    tell(_in_one_line(became.recorded) if became.recorded else became.said)
    return finished.exit_code


def _missed(finished: "Finished") -> list[str]:
    """The variables that a failed command did not get and that its output speaks of."""
    run = finished.run
    printed = f"{run.stdout}{run.stderr}" if run.failed else ""
    return [name for name in finished.withheld if name in printed]


def _in_one_line(recorded: RecordedRun) -> str:
    location = f" ({recorded.location})" if recorded.location else ""
    error = f": {recorded.error}{location}" if recorded.error else ""
    judged = f"; {recorded.verdict}" if recorded.verdict else ""
    done = f"{recorded.spec_id} #{recorded.iteration} {recorded.ended}{judged}{error}"
    return "; ".join([done, *recorded.remarks])


def _read_code(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(CODE_BYTES_READ).decode("utf-8", "replace")
    except OSError:
        raise InputError("--code: the file cannot be read.") from None


def _record(flags: argparse.Namespace, settings: Settings) -> int:
    from genesis_mcp.ingest import parse_object, run_of

    run = run_of(parse_object(sys.stdin.buffer.read()), recorded_by="genesis-mcp record")
    with open_writer(settings) as writer:
        try:
            recorded = writer.record_one(run)
        except (InputError, WriteNotAllowed):
            raise
        except Exception as error:
            tell(keep(writer.inbox, [run], reason(error)).said)
            return StoreError.exit_code
    print_result(recorded, flags, settings.max_chars)
    return 0


def _flush(_flags: argparse.Namespace, settings: Settings) -> int:
    if settings.read_only:
        raise WriteNotAllowed("This is read-only (GENESIS_READ_ONLY): nothing is recorded.")
    with open_writer(settings) as writer:
        if writer.inbox.is_empty():
            print("Nothing is kept for this store.")
            return 0
        delivered = writer.deliver()
        rest = writer.inbox.count().runs
    tell_delivered(delivered)
    if rest:
        tell(f"{plural(f'{rest:,}', 'run')} more: the process that keeps them is still running.")
    return InputError.exit_code if delivered.refused else 0


def _export(flags: argparse.Namespace, settings: Settings) -> int:
    from genesis_mcp.transfer.export import export

    shown = escaped if sys.stdout.isatty() else str  # a terminal acts on what it is given
    with open_service(settings) as service:
        for line in export(service.store, spec_id=flags.spec_id, derived=flags.derived):
            print(shown(line))
    sys.stdout.flush()
    return 0


def _init(flags: argparse.Namespace, settings: Settings) -> int:
    days = None if flags.ttl_days is None else parse(Expiry, {"ttl_days": flags.ttl_days}).ttl_days
    with open_service(settings) as service:
        store = service.store
        if days is not None and not isinstance(store, ExpiringStore):
            raise InputError("--ttl-days is for MongoDB; this store has another way to delete.")
        if not (flags.print or flags.cluster):
            done = store.ensure_schema()
        elif not isinstance(store, HasStatements):
            raise InputError("--print and --cluster are for ClickHouse; this store has no DDL.")
        elif flags.print:
            done = [f"{sql};" for sql in store.schema_statements(cluster=flags.cluster)]
        else:
            done = store.change_schema(cluster=flags.cluster)
        if days is not None and isinstance(store, ExpiringStore):
            done.append(store.expire_after(days))
    print("\n".join(done) or "Everything is there already.")
    return 0


def _prune(flags: argparse.Namespace, settings: Settings) -> int:
    days = arguments_of(Prune, flags).days
    with open_service(settings) as service:
        deleted = service.store.prune(now() - timedelta(days=days))
    print(f"{deleted:,} records older than {days} days deleted.")
    return 0


def _doctor(_flags: argparse.Namespace, settings: Settings) -> int:
    from genesis_mcp.cli.doctor import examine

    return examine(settings)


def _demo(_flags: argparse.Namespace, _settings: Settings) -> int:
    from genesis_mcp.cli.demo import demonstrate

    demonstrate()
    return 0


# --- flags --------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="genesis-mcp",
        description="Execution logs of a run-read-fix loop, for Claude and for you.",
        epilog=f"Without a command it serves MCP on stdin and stdout. {EXIT_CODES}.",
    )
    parser.add_argument("--version", action="version", version=f"genesis-mcp {__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--store", metavar="URL", help="the store (default: GENESIS_STORE)")
    common.add_argument("--read-only", action="store_true", help="refuse to record")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name: str, run: Callable[..., int], help_text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name, parents=[common], help=help_text, description=help_text, epilog=EXIT_CODES
        )
        command.set_defaults(command=run, json=False)
        return command

    add("serve", _serve, "serve MCP on stdin and stdout (what a bare genesis-mcp does)")
    _add_run(add("run", _run, "run a command and record it: run --spec ID -- COMMAND ..."))
    add_questions(add)
    record = add("record", _record, "record one run, given as JSON on stdin")
    add_json(record)
    cli_ingest.add_to(add)
    add("flush", _flush, "record what was kept while the store did not work")
    export = add("export", _export, "write runs as lines of JSON, oldest first, unredacted")
    export.add_argument("--spec", dest="spec_id", metavar="ID", help="only this spec")
    export.add_argument("--derived", action="store_true", help="add outcome, error and verdict")
    copy_command.add_to(add)
    init = add("init", _init, "create what the store lacks; safe to repeat")
    init.add_argument("--print", action="store_true", help="ClickHouse: print the statements only")
    init.add_argument("--cluster", metavar="NAME", help="ClickHouse: on all servers of a cluster")
    init.add_argument(
        "--ttl-days", metavar="N", help="MongoDB: delete what is older, now and from now on"
    )
    prune = add("prune", _prune, "delete old runs; nothing is ever deleted unasked")
    prune.add_argument("--days", required=True, metavar="N", help="delete what is older")
    add("doctor", _doctor, "check the configuration, the store and the server")
    add("demo", _demo, "run failing programs in a store of their own, and ask about them")
    return parser


def _add_run(command: argparse.ArgumentParser) -> None:
    command.usage = "genesis-mcp run --spec ID [options] -- COMMAND ..."
    command.add_argument("--spec", dest="spec_id", metavar="ID", required=True)
    command.add_argument("--iteration", metavar="N", help="default: the spec's next")
    command.add_argument(
        "--timeout", dest="timeout_seconds", metavar="SECONDS", help="default 60; 0: no limit"
    )
    command.add_argument("--code", metavar="FILE", help="the code under test, kept with the run")
    for flag in ("sprint", "task"):
        command.add_argument(f"--{flag}", dest=f"{flag}_id", metavar="ID")
    command.add_argument("--service", metavar="NAME")
    command.add_argument(
        "--keep-store-variables",
        action="store_true",
        help="let the command have GENESIS_STORE, MONGO_URI and CLICKHOUSE_*",
    )
