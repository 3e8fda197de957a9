"""A handler for Python's `logging`: each record becomes an event in the store, from a thread."""

import logging
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_jsonable_python

from genesis_mcp.errors import InputError
from genesis_mcp.recording.api import RECORDED_BY
from genesis_mcp.recording.process_writers import settings_at, writer_of
from genesis_mcp.recording.run_queue import RunQueue
from genesis_mcp.recording.writer import log
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import LABELS, Run
from genesis_mcp.runs.names import clean_name
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.text.clean import encodable

MESSAGE_BYTES_MAX, TRACEBACK_BYTES_MAX = 64 * 1024, 256 * 1024
"""Of one record; a program that logs megabytes a line must not fill the queue with a few."""

EXTRA_BYTES_MAX = 1024
"""Of each value that a program gives as `extra`."""

OWN_LOGGERS = ("genesis_mcp", "pymongo", "clickhouse_connect")
"""What the store's own driver says is not recorded: that would never end."""

_LEVELS = (
    (logging.CRITICAL, "fatal"),
    (logging.ERROR, "error"),
    (logging.WARNING, "warn"),
    (logging.INFO, "info"),
    (logging.DEBUG, "debug"),
)
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class RunLogHandler(logging.Handler):
    """Records what is logged as events, within about a second, in batches.

    The logging program is never stopped and hardly delayed: when the store fails or is too slow,
    events wait in a bounded queue, and what does not fit any more is dropped and counted
    (`dropped`). What is left when the program ends is recorded then, or kept in a file. `labels`
    are `spec_id`, `sprint_id`, `task_id`, `service`, `version` of all events; a record's `extra` of
    these names beats them.

    Raises:
        ConfigError, WriteNotAllowed: the store cannot be used.
    """

    def __init__(
        self, level: int | str = logging.NOTSET, *, store: str | None = None, **labels: str
    ) -> None:
        super().__init__(level)
        if unknown := labels.keys() - set(LABELS):
            raise InputError(f"{min(unknown)}: no such label. Known: {', '.join(LABELS)}.")
        self._labels = labels
        # Now: a wrong address should not be told from a thread, and the environment may change.
        settings = settings_at(store)
        self._queue = RunQueue(lambda: writer_of(settings))

    @property
    def dropped(self) -> int:
        """Events for which there was no room."""
        return self._queue.dropped

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the record over; whatever is wrong with it is said on stderr, as logging does."""
        if record.name.partition(".")[0] in OWN_LOGGERS or self._queue.is_own_thread():
            if record.name == log.name and logging.lastResort and not _is_shown_elsewhere():
                logging.lastResort.handle(record)  # what became of the events: on stderr
            return
        try:
            self._queue.offer(self._event(record))
        except Exception:  # as every handler: logging must not end the program
            self.handleError(record)

    def _event(self, record: logging.LogRecord) -> Run:
        extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        given = {name: extra.pop(name, None) for name in LABELS}
        labels = {**self._labels, **{name: value for name, value in given.items() if value}}
        fields = {
            "kind": "event",
            "timestamp": record.created,
            "level": level_name(record.levelno),
            "message": cap_text(encodable(record.getMessage()), MESSAGE_BYTES_MAX),
            "stderr": cap_text(encodable(traceback_of(record)), TRACEBACK_BYTES_MAX),
            **{name: clean_name(str(value)) for name, value in labels.items()},
        }
        place = {"logger": record.name, "place": f"{record.pathname}:{record.lineno}"}
        context = {**place, "process": record.process, "thread": record.threadName}
        try:
            extended = {**context, **_jsonable(extra)}
            return make_run({**fields, "context": extended}, recorded_by=RECORDED_BY)
        except InputError:  # more than a context holds
            return make_run({**fields, "context": context}, recorded_by=RECORDED_BY)

    def flush(self) -> None:
        """Wait at most a second until all is recorded."""
        self._queue.flush(1.0)

    def close(self) -> None:
        """Record the rest, within some seconds, or keep it in a file."""
        self._queue.end()
        super().close()


def _is_shown_elsewhere() -> bool:
    handlers = [*log.handlers, *logging.getLogger().handlers]
    return any(not isinstance(handler, RunLogHandler) for handler in handlers)


def level_name(number: int) -> str:
    """Pino's name for a level of `logging`."""
    return next((name for least, name in _LEVELS if number >= least), "trace")


def traceback_of(record: logging.LogRecord) -> str:
    """The traceback or stack that the record carries, as text."""
    parts = [record.exc_text] if record.exc_text else []
    if not parts and record.exc_info and record.exc_info[1] is not None:
        parts.append(logging.Formatter().formatException(record.exc_info))
    if record.stack_info:
        parts.append(record.stack_info)
    return "\n".join(parts)


def _jsonable(extra: Mapping[str, Any]) -> dict[str, Any]:
    shown = to_jsonable_python(dict(extra), fallback=repr, inf_nan_mode="strings")
    return {
        str(name): cap_text(encodable(value), EXTRA_BYTES_MAX) if isinstance(value, str) else value
        for name, value in shown.items()
    }
