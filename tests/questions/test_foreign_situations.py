"""What every tool answers of data that the documents' own writers wrote: the same as of ours.

What differs is known: a worker of theirs names no recorder, their rows have other ids, what only
one engine says of itself, and that of a text over 1 MiB the two ends are read: our recorders keep
the part around the error, too.
"""

import pytest

from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import RecordRun
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.shortening import cap_text
from genesis_mcp.stores.sqlite import SQLiteStore
from genesis_mcp.validation import parse
from tests.helpers.service import NOW, record, service_on
from tests.questions.test_situations import (
    ASSERTION,
    BROKEN,
    QUESTIONS,
    flaky,
    hostile,
    huge,
    no_code,
    ordinary,
    portuguese,
    shown,
    stuck,
)


def an_error_in_between(worker):
    noise = "".join(f"passo {number}\n" for number in range(5_000))
    stderr = f"{noise}{ASSERTION}{noise}"
    record(worker, "soma", 1, minutes_ago=9, stderr=stderr, run_id="r2")
    record(worker, "soma", 1, minutes_ago=5, stderr=stderr, run_id="r3")


FILLS = [ordinary, huge, hostile, portuguese, no_code, flaky, stuck, an_error_in_between]
LEVELS = {"info": 30, "warn": 40, "error": 50}


class Worker:
    """Takes what a situation records, and tells it as one of the documents' workers does."""

    def __init__(self, told):
        self._told = told
        self._iterations = {}
        self.rows = []

    def record_one(self, run):
        number = self._iterations[run.spec_id] = self._iterations.get(run.spec_id, 0) + 1
        self.rows.append((run.run_id, self._told(run, number)))

    def record(self, runs):
        self.rows += [(run.run_id, self._told(run, None)) for run in runs]


def told_by_v1_0(run, iteration):
    """A document of its logExecution; an event is a line of pino-mongodb."""
    if run.kind == "event":
        line = {"level": LEVELS[run.level], "time": run.timestamp, "msg": run.message}
        return {**line, "spec_id": run.spec_id, "timestamp": run.timestamp}
    return {
        "spec_id": run.spec_id,
        "iteration": iteration,
        "stdout": run.stdout,
        "stderr": run.stderr,
        "exit_code": run.exit_code,
        "code_snapshot": run.code_snapshot,
        "duration_ms": run.duration_ms or 7,
        "timestamp": run.timestamp,
        "sprint_id": None,
        "task_id": "T01",
        "service": "genesis-pipeline",
        "version": "1.0.0",
    }


def told_by_v1_2(run, iteration):
    """A row as a transport writes it: what is null or empty is the column's default."""
    if run.kind == "event":
        labels = {"spec_id": run.spec_id, "service": "genesis-pipeline"}
        return {**labels, "level": run.level, "message": run.message, "timestamp": run.timestamp}
    row = told_by_v1_0(run, iteration) | {"version": "1.2.0"}
    return row | {"level": "info", "message": run.message or "Execução"}


def ours(row):
    """The same as our recorder would have it."""
    known = {name: value for name, value in row.items() if name not in ("time", "msg")}
    known |= {"message": row.get("msg", row.get("message")), "timestamp": row["timestamp"]}
    if row.get("level") in LEVELS.values():
        known["level"] = next(name for name, number in LEVELS.items() if number == row["level"])
    known["kind"] = "run" if "exit_code" in row else "event"
    for text, size in (("stdout", "stdout_bytes"), ("stderr", "stderr_bytes")):
        if text in row:
            known |= {text: cap_text(row[text]), size: len(row[text].encode())}
    return known


def answers(store, ids, *, writable):
    """All answers, with `ids` (of the store) by the names of the situation."""
    service = service_on(store)
    by_name = {name: run_id for run_id, name in ids.items()}
    asked = {}
    for tool, (model, arguments) in QUESTIONS.items():
        named = {key: by_name.get(value, value) for key, value in arguments.items()}
        try:
            result = getattr(service, tool)(parse(model, named))
            if tool == "wait_for_run":
                result = result.look() or result.nothing()
            asked[tool] = shown(result)
        except InputError as error:
            asked[tool] = f"error: {error}"
    if writable:
        recorded = {"spec_id": "soma", "exit_code": 1, "stderr": ASSERTION, "run_id": "r9"}
        recorded |= {"timestamp": NOW, "code_snapshot": BROKEN}
        answer = service.record_run(parse(RecordRun, recorded), recorded_by="test")
        asked["record_run"] = shown(answer)
    for run_id, name in ids.items():
        asked = {tool: text.replace(run_id, name) for tool, text in asked.items()}
    return {tool: _without_what_differs(text) for tool, text in asked.items()}


def _without_what_differs(text):
    own = ("- recorded_by: ", "recorded_by: ")
    text = text.replace("log-random", "log-0000")  # a row's id may have the mark in it
    return "\n".join(line for line in text.split("\n") if not line.startswith(own))


def names(store, rows):
    """The id of each row in the store, with its name in the situation."""
    by_place = {(row["timestamp"], row["spec_id"]): name for name, row in rows}
    found = store.find(RunQuery(limit=200)).runs
    return {one.run_id: by_place[one.timestamp, one.spec_id] for one in found}


@pytest.mark.parametrize("fill", FILLS, ids=lambda fill: fill.__name__)
@pytest.mark.parametrize("writer", ["v1_0", "v1_2"])
def test_the_documents_data_gets_the_answers_of_ours(request, writer, fill, tmp_path):
    worker = Worker(told_by_v1_0 if writer == "v1_0" else told_by_v1_2)
    fill(worker)
    theirs = request.getfixturevalue(writer)
    theirs.write(row for _, row in worker.rows)
    mine = SQLiteStore(tmp_path / "logs.db")
    runs = [
        make_run({**ours(row), "run_id": name}, recorded_by="test") for name, row in worker.rows
    ]
    service_on(mine).record(runs)

    got = answers(theirs.store, names(theirs.store, worker.rows), writable=writer == "v1_0")
    expected = answers(mine, {name: name for name, _ in worker.rows}, writable=writer == "v1_0")
    mine.close()

    assert got == expected
