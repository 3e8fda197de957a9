"""`POST /runs`: lines that are recorded by the rules of `genesis-mcp ingest`, or as they stand."""

from collections.abc import Iterator
from typing import Any

from genesis_mcp.answers.budget import MAX_CHARS
from genesis_mcp.errors import InputError
from genesis_mcp.http_server.asked import told
from genesis_mcp.ingest.groups import Item
from genesis_mcp.ingest.lines import Lines
from genesis_mcp.ingest.records import parse_object
from genesis_mcp.ingest.session import Session
from genesis_mcp.ingest.stream import Stream
from genesis_mcp.questions import Service
from genesis_mcp.questions.beside_failure import said_beside
from genesis_mcp.questions.in_one_line import in_one_line
from genesis_mcp.questions.record_run import Recorded, told_of
from genesis_mcp.recording.writer import Writer
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.record_line import run_from
from genesis_mcp.runs.times import now

CHUNK_BYTES = 64 * 1024

RECORDED_BY = "POST /runs"
"""Of a line that does not say it."""

RUNS_MAX = 1_000
"""Lines of a request each of which is told what became of it."""


def record_lines(writer: Writer, body: bytes, *, origin: str | None) -> dict[str, Any]:
    """Record runs and events from lines of a log; the numbers of what became of them.

    `origin` names the request: sent again with the same one nothing is recorded twice. Without it
    lines that have no time and no id of their own are new ones each time.

    Raises:
        GenesisError: the store could not take them; the request may be repeated.
    """
    notes: list[str] = []
    session = Session(writer, defaults={}, say=notes.append)
    session.record(_items(body, origin))
    session.say_what_was_understood()
    return {**session.counts.summary(), **({"notes": notes} if notes else {})}


def _items(body: bytes, origin: str | None) -> Iterator[list[Item]]:
    lines = Lines()
    stream = Stream(defaults={}, now=now, is_live=True, origin=origin)
    for start in range(0, len(body), CHUNK_BYTES):
        chunk = body[start : start + CHUNK_BYTES]
        yield [item for line in lines.feed(chunk) for item in stream.feed(line)]
    rest = [item for line in lines.end() for item in stream.feed(line)]
    yield [*rest, *stream.end()]


def record_as_they_stand(service: Service, body: bytes) -> dict[str, Any]:
    """Record lines each of which is a run, as `genesis-mcp export` writes it; all, or none.

    Raises:
        InputError: one of them is no run, or not acceptable to this store.
        GenesisError: see `record_lines`.
    """
    runs = _runs(body)
    if not runs:
        return {"runs": []}
    return {"runs": [inserted._asdict() for inserted in service.record(runs)]}


def record_one(service: Service, body: bytes) -> dict[str, Any]:
    """Record one run that is given so, and say what it means.

    Raises:
        GenesisError: see `record_as_they_stand`.
    """
    runs = _runs(body)
    if len(runs) != 1:
        raise InputError("Give one run, in one line.")
    recorded = service.store_one(runs[0])
    assert isinstance(recorded, Recorded)  # no server serves another one's store
    answer = told(told_of(service.store, runs[0], recorded), MAX_CHARS)
    return {**answer, "line": in_one_line(recorded), "beside": said_beside(recorded)}


def _runs(body: bytes) -> list[Run]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > RUNS_MAX:
        raise InputError(f"At most {RUNS_MAX:,} runs in a request; send several.")
    return [run_from(parse_object(line), recorded_by=RECORDED_BY) for line in lines]
