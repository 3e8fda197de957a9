"""`genesis-mcp doctor`: looks at configuration, store and server, and says what to do."""

import tempfile
from collections.abc import Callable
from typing import Any, TextIO

import anyio

from genesis_mcp import __version__
from genesis_mcp.cli.command_form import command
from genesis_mcp.config import Settings
from genesis_mcp.errors import GenesisError, StoreError
from genesis_mcp.mcp_server.client import connected, text_of
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import DescribeLogs
from genesis_mcp.recording.writer import LATER, inbox_at, name_of
from genesis_mcp.runs.times import now
from genesis_mcp.runs.wording import plural
from genesis_mcp.text.redact import redact

EXPECTED_SECONDS = 60


@command("doctor", examples=["genesis-mcp doctor", "genesis-mcp doctor --read-only"])
def doctor(settings: Settings, _given: dict[str, Any]) -> int:
    """Check the configuration, the store and the server, a line for each thing looked at."""
    print(f"ok     genesis-mcp {__version__}, store {redact(settings.store)}")
    if settings.redact == "off":
        print("note   secrets are shown as they stand (GENESIS_REDACT=off)")
    checks: list[Callable[[Settings], str]] = [
        _check_store,
        _check_writing,
        _check_kept,
        _check_server,
    ]
    worst = 0
    for check in checks:
        try:
            print(f"ok     {check(settings)}")
        except GenesisError as error:
            print(f"fault  {error}")
            worst = worst or error.exit_code
    print(
        "Everything works." if not worst else "Mend what is marked as a fault, then run it again."
    )
    return worst


def _check_store(settings: Settings) -> str:
    store = settings.open_store()
    try:
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
        writable = store.describe(now()).writable
    finally:
        store.close()
    if not writable:
        return "the store may only be read: it answers every question, and refuses record_run"
    return "runs can be recorded"


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


def _check_server(settings: Settings) -> str:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        try:
            return anyio.run(_ask_server, settings, log)
        except GenesisError:
            raise
        except Exception as error:
            log.seek(0)
            said = redact(log.read()[-2000:].strip()) or type(error).__name__
            raise StoreError(
                f"The server did not answer over stdio. It said on stderr:\n{said}"
            ) from error


async def _ask_server(settings: Settings, log: TextIO) -> str:
    with anyio.fail_after(EXPECTED_SECONDS):
        async with connected(settings, log) as client:
            tools = (await client.list_tools()).tools
            answer = await client.call_tool("describe_logs", {})
    if answer.is_error:
        raise StoreError(f"The server answers, but describe_logs failed: {text_of(answer)}")
    names = ", ".join(tool.name for tool in tools)
    return f"server answers over stdio with {len(tools)} tools: {names}"
