"""What is ingested is listed in the order of its lines, also where their times tell none."""

import json

import pytest

from genesis_mcp.ingest.session import Session
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import LogsForSpec
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.writer import Writer
from genesis_mcp.runs.query import RunQuery
from tests.stores.contract.records import every_page

TIME = "2025-12-19T15:30:00.000Z"


@pytest.fixture
def ingest(store, tmp_path):
    """A function that ingests lines of a file, and gives what the store lists, the oldest first."""

    def ingested(*lines):
        file = tmp_path / "lines.ndjson"
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        writer = Writer(Service(store), Inbox(tmp_path / "kept", redacts=False))
        Session(writer, defaults={"spec_id": "soma"}, say=print).read_file(file)
        return every_page(store, RunQuery(oldest_first=True, limit=3))

    return ingested


def test_fail_pass_fail_without_times_ends_with_the_failure(store, ingest):
    codes = [1, 0, 1]
    runs = ingest(*(json.dumps({"exit_code": code, "stderr": str(code)}) for code in codes))

    assert [run.exit_code for run in runs] == codes
    answer = Service(store).logs_for_spec(LogsForSpec(spec_id="soma"))
    assert [one.verdict for one in answer.attempts] == ["regressed", "fixed", "first"]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_equal_times_go_by_the_iterations(ingest, order):
    runs = ingest(
        *(
            json.dumps({"exit_code": 1, "iteration": number, "timestamp": TIME, "stderr": "x"})
            for number in order
        )
    )

    assert [run.iteration for run in runs] == [1, 2, 3]


@pytest.mark.parametrize("lines", ["ABCD", "DBAC"])
def test_lines_of_text_stay_in_their_order(store, ingest, lines):
    events = ingest(*lines)

    assert [one.message for one in store.fetch([event.run_id for event in events])] == [*lines]


def test_more_than_a_batch_of_one_millisecond_stays_in_its_order(store, ingest):
    numbers = list(range(1_203))
    ingest(*(json.dumps({"exit_code": 1, "stderr": f"x{one}"}) for one in numbers))

    runs = every_page(store, RunQuery(oldest_first=True, limit=700))
    assert [run.stderr_bytes for run in runs] == [len(f"x{one}") for one in numbers]
    assert [run.iteration for run in runs] == [one + 1 for one in numbers]
