"""`genesis-mcp hook` with an event on stdin: it records what the agent ran, and hardly says a word.

An agent waits for it. It never fails, it never blocks for long, and a command that is no run costs
it next to nothing: what it needs is imported when it needs it.
"""

from __future__ import annotations

import gc
import os
import sys

from genesis_mcp.runs.mark_of_recording import is_told_in, is_within

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from genesis_mcp.config import Settings
    from genesis_mcp.hook.event import Event
    from genesis_mcp.hook.what_runs import FoundRun, Looked
    from genesis_mcp.recording.inbox import Inbox
    from genesis_mcp.runs.model import Run
    from genesis_mcp.text.personal_numbers import Kind

BOUND_SECONDS = 6.0
"""For recording, however slow store, git and disk are; then a run that there is is kept."""

STORE_SECONDS = 2.0
"""For the store of it: a run that it does not take in time is kept."""

OFF = ("off", "0", "false", "no")


def hooked(store: str | None) -> int:
    """Record what the event on stdin tells of, and answer it; always 0.

    `store` is the URL that was named on the command line.
    """
    gc.disable()  # nothing of what is loaded for one event is garbage
    try:
        found = _found_on_stdin()
        if found:
            _record(*found, store)
    except Exception:  # noqa: S110 - whatever it is, the agent's command was not it
        pass
    return 0


def _found_on_stdin() -> tuple[Event, FoundRun] | None:
    """The event, and the run that it tells of and that nobody records already."""
    if is_within(os.environ) or os.environ.get("GENESIS_HOOK", "").strip().lower() in OFF:
        return None
    from genesis_mcp.hook.event import read_event

    event = read_event(sys.stdin.buffer.read())
    if event is None:
        return None
    from genesis_mcp.hook.programs import may_start, programs_of

    extra = programs_of(os.environ.get("GENESIS_HOOK_PROGRAMS", ""))
    if not may_start(event.command, extra):
        return None
    looked = _looked_at(event, extra)
    if looked.run is None:
        if looked.compounds:
            _count_left_out()
        return None
    if is_told_in(f"{event.stdout}\n{event.stderr}"):
        return None
    return event, looked.run


def _looked_at(event: Event, extra: list[str]) -> Looked:
    from genesis_mcp.hook.what_runs import look
    from genesis_mcp.hook.work_tree import work_tree

    project = os.environ.get("CLAUDE_PROJECT_DIR", "").replace("\\", "/")
    return look(
        event.command,
        event.folder or os.getcwd().replace("\\", "/"),  # noqa: PTH109 - pathlib is slow to import
        exists=os.path.isfile,
        is_folder=os.path.isdir,
        work_tree=lambda folder: work_tree(folder, project or None),
        extra=extra,
    )


def _count_left_out() -> None:
    """Count a command in which a loop, a condition or a function ran something, for the doctor."""
    from genesis_mcp.hook.hook_bound import LEFT_OUT
    from genesis_mcp.recording.inbox import Inbox
    from genesis_mcp.recording.kept_file import make_private
    from genesis_mcp.stores.location import plain_store

    directory = Inbox.of(plain_store(None, os.environ), redacts=True).directory
    make_private(directory)
    with (directory / LEFT_OUT).open("ab") as file:
        file.write(b".")


def _record(event: Event, found: FoundRun, store: str | None) -> None:
    """Record a run within BOUND_SECONDS, and say what there is to say of it."""
    import threading

    recording = Recording(event, found, store)
    working = threading.Thread(target=recording.work, daemon=True)
    working.start()
    working.join(BOUND_SECONDS)
    is_late = working.is_alive()
    if is_late:
        recording.keep()
    if recording.said:
        print(_answer(event, recording.said), flush=True)
    if is_late:
        os._exit(0)  # whatever it hangs in


def _answer(event: Event, said: str) -> str:
    import json

    name = "PostToolUseFailure" if event.failed else "PostToolUse"
    return json.dumps({"hookSpecificOutput": {"hookEventName": name, "additionalContext": said}})


class Recording:
    """The recording of one run."""

    def __init__(self, event: Event, found: FoundRun, store: str | None) -> None:
        self.said = ""
        """What the agent is told; nothing of a pass or a first failure."""
        self._event, self._found = event, found
        self._store = store
        self._settings: Settings | None = None
        self._run: Run | None = None

    def work(self) -> None:
        """Do all of it; whatever goes wrong, the agent does not see."""
        try:
            if self._may_record():
                self._run = _made(self._event, self._found)
                if self._run.failed:
                    self.said = self._recorded(self._run)
                else:
                    self.keep()
                self._tidy()
        except Exception:  # noqa: S110 - as above
            pass

    def keep(self) -> None:
        """Keep the run, if there is one yet, in a file, from which it is recorded soon."""
        if self._run is None:
            return
        inbox = self._inbox()
        inbox.keep([self._run])
        from genesis_mcp.recording.flush_aside import WAITING_RUNS, WAITING_SECONDS, flush_aside

        if inbox.is_due(WAITING_SECONDS, WAITING_RUNS):
            flush_aside(self._url())

    def _tidy(self) -> None:
        from genesis_mcp.recording.flush_aside import tidy_aside

        directory = self._inbox().directory
        if directory.is_dir():
            tidy_aside(self._url(), directory)

    def _may_record(self) -> bool:
        from genesis_mcp.recording.plain_settings import has_plain_settings

        if not has_plain_settings({}, os.environ):
            from genesis_mcp.config import load_settings

            self._settings = load_settings({"store": self._store})
        return self._settings is None or not self._settings.read_only

    def _recorded(self, run: Run) -> str:
        """Record a failure, or else keep it; what is said beside it."""
        import logging
        from contextlib import nullcontext

        from genesis_mcp.questions import Service
        from genesis_mcp.questions.beside_failure import said_beside
        from genesis_mcp.questions.record_run import RecordedElsewhere
        from genesis_mcp.recording.writer import Writer
        from genesis_mcp.stores import open_store

        logging.getLogger("genesis_mcp").addHandler(logging.NullHandler())
        seconds = self._settings.timeout_seconds if self._settings else STORE_SECONDS
        store = open_store(self._url(), timeout_seconds=min(seconds, STORE_SECONDS))
        try:
            service = Service.on(
                store, stores_secrets=not self._redacts(), redacts_also=self._redacts_also()
            )
            with self._settings.showing() if self._settings else nullcontext():
                recorded = Writer(service, self._inbox()).store_one(run)
                if isinstance(recorded, RecordedElsewhere):
                    return recorded.beside
                return said_beside(recorded)
        except Exception:  # what happened must not be lost for it
            self.keep()
            return ""
        finally:
            store.close()

    def _url(self) -> str:
        from genesis_mcp.stores.location import plain_store

        return self._settings.store if self._settings else plain_store(self._store, os.environ)

    def _inbox(self) -> Inbox:
        from genesis_mcp.recording.inbox import Inbox

        return Inbox.of(self._url(), redacts=self._redacts(), also=self._redacts_also())

    def _redacts(self) -> bool:
        """What comes by itself is stored without its secrets, unless they are to be shown."""
        return self._settings is None or self._settings.redact != "off"

    def _redacts_also(self) -> tuple[Kind, ...]:
        """The personal numbers that go with them."""
        return self._settings.redacted_also if self._settings else ()


def _made(event: Event, found: FoundRun) -> Run:
    """The run, and which code it was, which git tells while the rest is loaded."""
    identity: Callable[[], str | None] = lambda: None  # noqa: E731
    try:
        os.chdir(found.folder)
        from genesis_mcp.recording.git_state import begin

        identity = begin(found.command)
    except OSError:  # the folder is gone
        pass
    from genesis_mcp.hook.event_run import run_of_event

    return run_of_event(event, found, code_hash=identity())
