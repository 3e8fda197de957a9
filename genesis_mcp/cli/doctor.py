"""`genesis-mcp doctor`: looks at configuration, store and server, and says what to do."""

import os
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import anyio

from genesis_mcp import __version__
from genesis_mcp.cli.claude_config import check_claude
from genesis_mcp.cli.command_form import command
from genesis_mcp.cli.shared import leave_out_what_drivers_say
from genesis_mcp.config import Settings
from genesis_mcp.errors import (
    ConfigError,
    GenesisError,
    SchemaMismatch,
    StoreError,
    WriteNotAllowed,
)
from genesis_mcp.hook.hook_bound import BYTES_MAX, DAYS_MAX, left_out, standing
from genesis_mcp.mcp_server.client import connected, text_of
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import DescribeLogs
from genesis_mcp.recording.writer import LATER, inbox_at, name_of
from genesis_mcp.runs.times import now
from genesis_mcp.runs.wording import plural
from genesis_mcp.stores.contract import AnsweringStore
from genesis_mcp.stores.location import FILE, SERVERS, shown_address
from genesis_mcp.text.redact import redact

EXPECTED_SECONDS = 60

ROOM_BYTES = 100 * 1024 * 1024
"""Less than that is soon full: a run may take megabytes."""

RUNS_LOOKED_AT = 20_000
"""Among which those of hooks are counted: more would take long."""

PLAIN_PORT = (
    " CLICKHOUSE_SECURE is not set, which means TLS: for a plain port, such as 8123, set "
    "CLICKHOUSE_SECURE=false."
)


@command("doctor", examples=["genesis-mcp doctor", "genesis-mcp doctor --read-only"])
def doctor(settings: Settings, _given: dict[str, Any]) -> int:
    """Check the configuration, the store and the server, a line for each thing looked at."""
    leave_out_what_drivers_say()
    address = shown_address(settings.store) or "(its URL cannot be read)"
    print(f"ok     genesis-mcp {__version__}, store {address}")
    if settings.redact == "off":
        print("note   secrets are shown as they stand (GENESIS_REDACT=off)")
    worst = _looked_at(_check_home, settings)
    store_fault = _looked_at(_check_store, settings)
    # What fails once would fail again, after the same wait: it is told once.
    others = [_check_kept, _check_room, _check_claude]
    if not store_fault and not SERVERS.match(settings.store):  # what a server's token may do
        others = [_check_writing, *others, _check_hook]
    faults = [_looked_at(check, settings) for check in others]
    if store_fault != ConfigError.exit_code:
        faults.append(_looked_at(partial(_check_server, asks=not store_fault), settings))
    worst = next((fault for fault in (worst, store_fault, *faults) if fault), 0)
    print(
        "Everything works." if not worst else "Mend what is marked as a fault, then run it again."
    )
    return worst


def _looked_at(check: Callable[[Settings], str], settings: Settings) -> int:
    """Print what a check found; the exit code of a fault, or 0."""
    try:
        print(f"ok     {check(settings)}", flush=True)
    except GenesisError as error:
        print(f"fault  {error}{_cure(error)}", flush=True)
        return error.exit_code
    return 0


def _cure(error: GenesisError) -> str:
    """What is likely behind a fault that its sentence alone does not tell."""
    given = os.environ
    names_by_parts = given.get("CLICKHOUSE_HOST") and not given.get("GENESIS_STORE")
    is_unset = not given.get("CLICKHOUSE_SECURE", "").strip()
    return PLAIN_PORT if names_by_parts and is_unset and "TLS" in str(error) else ""


def _check_home(_: Settings) -> str:
    try:
        if Path.home().is_dir():
            return "there is a home directory, which keeps what a store does not take"
    except RuntimeError:
        pass
    raise ConfigError(
        "There is no home directory: what the store does not take would be lost. Make it, or set "
        "HOME to a directory that this user may write."
    )


def _check_store(settings: Settings) -> str:
    store = settings.open_store()
    try:
        if isinstance(store, AnsweringStore):
            return f"a team's server: {Service.on(store).describe_logs(DescribeLogs()).summary}"
        engine = store.ping()
        summary = Service(store).describe_logs(DescribeLogs()).summary
        notes = "; ".join(store.describe(now()).notes)
        return f"{engine}: {summary}" + (f" Note: {notes}." if notes else "")
    finally:
        store.close()


def _check_writing(settings: Settings) -> str:
    if settings.read_only:
        return "read-only by configuration: record_run is not offered"
    store = settings.open_store()
    try:
        store.try_writing()
    except (WriteNotAllowed, SchemaMismatch) as error:
        if isinstance(error, WriteNotAllowed):
            return f"the store may only be read: it answers every question. {error}"
        return f"the store answers every question, and takes no runs: {error}"
    finally:
        store.close()
    return "runs can be recorded: it was tried"


def _check_room(settings: Settings) -> str:
    """Room where this machine writes: the store, if it is a file here, and what is kept."""
    places = [inbox_at(settings).directory]
    if FILE.match(settings.store):
        path = settings.store.partition("?")[0].partition("://")[2]
        places.append(Path(path).expanduser())
    for place in places:
        # `Path.is_dir` raises where a directory above may not be entered.
        there = next((one for one in (place, *place.parents) if os.path.isdir(one)), None)  # noqa: PTH112
        if there and (free := shutil.disk_usage(there).free) < ROOM_BYTES:
            raise StoreError(
                f"Only {free // 1_048_576} MB are free where runs are written; free some, or "
                "delete old runs with genesis-mcp prune."
            )
    return "there is room on the disk"


def _check_claude(settings: Settings) -> str:
    return f"Claude: {check_claude(settings.store)}"


def _check_hook(settings: Settings) -> str:
    store = settings.open_store()
    try:
        of_hooks = standing(store, now(), looked_at_max=RUNS_LOOKED_AT)
    finally:
        store.close()
    try:
        unread = left_out(inbox_at(settings).directory)
    except OSError:
        unread = 0
    loops = f"; {plural(f'{unread:,}', 'loop')} and the like were not recorded" if unread else ""
    bound = f"of at most {BYTES_MAX // 1_000_000:,} MB and {DAYS_MAX} days; older ones are deleted"
    if not of_hooks.runs or of_hooks.oldest is None:
        return f"hooks: nothing recorded{loops}"
    days = (now() - of_hooks.oldest).days
    more = "" if of_hooks.is_complete else f" among the newest {RUNS_LOOKED_AT:,}"
    runs = f"{plural(f'{of_hooks.runs:,}', 'run')} recorded{more}"
    size = f"{of_hooks.size / 1_000_000:,.1f} MB, {plural(str(days), 'day')} back"
    return f"hooks: {runs}, {size}, {bound}{loops}"


def _check_kept(settings: Settings) -> str:
    inbox = inbox_at(settings)
    try:
        kept = inbox.count()
    except OSError as error:
        raise StoreError(
            f"What is kept for this store cannot be read: {name_of(error)}."
        ) from error
    if not (kept.runs or kept.refused):
        return "nothing is kept for this store: all that was recorded is in it"
    said = []
    if kept.runs:
        runs = plural(f"{kept.runs:,}", "run")
        said.append(f"{runs} kept for this store, {LATER}")
    if kept.refused:
        runs = plural(f"{kept.refused:,}", "run")
        said.append(
            f"{runs} that this store refused, each with the reason, in {inbox.refused_file}; "
            "mend them, record them with genesis-mcp ingest, then delete the file"
        )
    return "; ".join(said)


def _check_server(settings: Settings, *, asks: bool) -> str:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        try:
            return anyio.run(_ask_server, settings, log, asks)
        except GenesisError:
            raise
        except Exception as error:
            log.seek(0)
            said = redact(log.read()[-2000:].strip()) or type(error).__name__
            raise StoreError(
                f"The server did not answer over stdio. It said on stderr:\n{said}"
            ) from error


async def _ask_server(settings: Settings, log: TextIO, asks: bool) -> str:
    with anyio.fail_after(EXPECTED_SECONDS):
        async with connected(settings, log) as client:
            tools = (await client.list_tools()).tools
            answer = await client.call_tool("describe_logs", {}) if asks else None
    if answer and answer.is_error:
        raise StoreError(f"The server answers, but describe_logs failed: {text_of(answer)}")
    names = ", ".join(tool.name for tool in tools)
    return f"server answers over stdio with {len(tools)} tools: {names}"
