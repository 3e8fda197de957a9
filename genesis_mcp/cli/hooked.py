"""`genesis-mcp hook` with an event on stdin: it records what the agent ran, and hardly says a word.

An agent waits for it. It never fails, it never blocks for long, and a command that is no run costs
it next to nothing: what it needs is imported when it needs it.
"""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

from genesis_mcp.runs.mark_of_recording import is_told_in, is_within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from genesis_mcp.config import Settings
    from genesis_mcp.hook.event import Event
    from genesis_mcp.hook.what_runs import FoundRun
    from genesis_mcp.runs.model import Run

BOUND_SECONDS = 6.0
"""For all of it, however slow store, git and disk are; then a run that there is is kept."""

STORE_SECONDS = 2.0
"""For the store of it: a run that it does not take in time is kept."""

OFF = ("off", "0", "false", "no")


def hooked(store: str | None) -> int:
    """Record what the event on stdin tells of, and answer it; always 0.

    `store` is the URL that was named on the command line.
    """
    handling = Handling(store)
    working = threading.Thread(target=handling.work, daemon=True)
    working.start()
    working.join(BOUND_SECONDS)
    if working.is_alive():
        handling.keep()
    with suppress(Exception):
        if handling.said:
            print(_answer(handling.event_name, handling.said), flush=True)
    if working.is_alive():
        os._exit(0)  # whatever it hangs in
    return 0


def _answer(event_name: str, said: str) -> str:
    import json

    told = {"hookEventName": event_name, "additionalContext": said}
    return json.dumps({"hookSpecificOutput": told})


class Handling:
    """One event, from stdin to what is said of it."""

    def __init__(self, store: str | None) -> None:
        self.said = ""
        """What the agent is told; nothing of a pass or a first failure."""
        self.event_name = ""
        self._store = store
        self._settings: Settings | None = None
        self._run: Run | None = None

    def work(self) -> None:
        """Do all of it; whatever goes wrong, the agent does not see."""
        with suppress(BaseException):
            self._handle(sys.stdin.buffer.read())

    def keep(self) -> None:
        """Keep the run in a file: the store does not take it in time."""
        if self._run is None:
            return
        with suppress(Exception):
            from genesis_mcp.cli.kept_aside import (
                WAITING_RUNS,
                WAITING_SECONDS,
                flush_aside,
                url_named,
            )

            inbox = self._inbox()
            inbox.keep([self._run])
            if inbox.is_due(WAITING_SECONDS, WAITING_RUNS):
                flush_aside(url_named(self._store, self._settings))

    def _handle(self, data: bytes) -> None:
        if is_within(os.environ) or os.environ.get("GENESIS_HOOK", "").strip().lower() in OFF:
            return
        from genesis_mcp.hook.event import FAILURE, read_event

        event = read_event(data)
        found = event and find_run(event)
        if not (event and found) or is_told_in(f"{event.stdout}\n{event.stderr}"):
            return
        self.event_name = FAILURE if event.failed else "PostToolUse"
        if not self._may_record():
            return
        self._run = _made(event, found)
        if self._run.failed:
            self.said = self._recorded(self._run)
        else:
            self.keep()

    def _may_record(self) -> bool:
        from genesis_mcp.cli.run import has_plain_settings

        if not has_plain_settings({}, os.environ):
            from genesis_mcp.config import load_settings

            self._settings = load_settings({"store": self._store})
        return self._settings is None or not self._settings.read_only

    def _recorded(self, run: Run) -> str:
        """Record a failure, or else keep it; what is said beside it."""
        import logging

        from genesis_mcp.cli.beside_failure import said_beside
        from genesis_mcp.cli.kept_aside import url_named
        from genesis_mcp.questions import Service
        from genesis_mcp.recording.writer import Writer
        from genesis_mcp.stores import open_store

        logging.getLogger("genesis_mcp").addHandler(logging.NullHandler())
        seconds = min(self._settings.timeout_seconds, STORE_SECONDS) if self._settings else None
        store = open_store(
            url_named(self._store, self._settings), timeout_seconds=seconds or STORE_SECONDS
        )
        try:
            service = Service(store, stores_secrets=not self._redacts())
            return said_beside(Writer(service, self._inbox()).store_one(run))
        except Exception:  # what happened must not be lost for it
            self.keep()
            return ""
        finally:
            with suppress(Exception):
                store.close()

    def _inbox(self) -> Any:
        from genesis_mcp.cli.kept_aside import url_named
        from genesis_mcp.recording.inbox import Inbox

        return Inbox.of(url_named(self._store, self._settings), redacts=self._redacts())

    def _redacts(self) -> bool:
        """What comes by itself is stored without its secrets, unless they are to be shown."""
        return self._settings is None or self._settings.redact != "off"


def find_run(event: Event) -> FoundRun | None:
    """The run that an event tells of."""
    from genesis_mcp.hook.what_runs import look, programs_of
    from genesis_mcp.hook.work_tree import work_tree

    project = os.environ.get("CLAUDE_PROJECT_DIR", "").replace("\\", "/")
    looked = look(
        event.command,
        event.folder or os.getcwd().replace("\\", "/"),  # noqa: PTH109 - pathlib is slow to import
        exists=os.path.isfile,
        is_folder=os.path.isdir,
        work_tree=lambda folder: work_tree(folder, project or None),
        extra=programs_of(os.environ.get("GENESIS_HOOK_PROGRAMS", "")),
    )
    return looked.run


def _made(event: Event, found: FoundRun) -> Run:
    """The run, and which code it was, which git tells while the rest is loaded."""
    identity: Callable[[], str | None] = lambda: None  # noqa: E731
    with suppress(OSError):
        os.chdir(found.folder)
        from genesis_mcp.recording.git_state import begin

        identity = begin(found.command)
    from genesis_mcp.hook.event_run import run_of_event

    return run_of_event(event, found, code_hash=identity())
