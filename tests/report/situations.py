"""What the pages of the tests are about, recorded in few words."""

from datetime import timedelta

from genesis_mcp.runs.conforming import make_run
from tests.helpers.service import NOW, record
from tests.questions.test_situations import ASSERTION, BROKEN, FIXED, ordinary

FAILING_TESTS = (
    "FAILED tests/t.py::test_saque - assert 5 == 4\n"
    "FAILED tests/t.py::test_juros - KeyError: 'taxa'\n"
    "=== 2 failed, 1 passed in 0.1s ===\n"
)
DOUBTFUL = "FAILED tests/t.py::test_a - assert 5 == 4\n=== 1 failed, 3 passed in 0.1s ===\n"


def whole(service):
    """Each thing that a page can show."""
    ordinary(service)
    record(service, "banco", 0, minutes_ago=2_900, run_id="b1", code_snapshot=FIXED, version="1.4")
    broken = {"code_snapshot": BROKEN, "version": "1.5", "stdout": FAILING_TESTS}
    record(service, "banco", 1, minutes_ago=15, run_id="b2", **broken)
    record(service, "banco", 1, minutes_ago=10, run_id="b3", **broken)
    for minutes, exit_code in ((9, 1), (8, 0)):
        texts = {"stderr": ASSERTION.replace("soma", "rede")} if exit_code else {}
        record(service, "rede", exit_code, minutes_ago=minutes, code_snapshot="rede()\n", **texts)
    record(service, "duvida", 0, minutes_ago=7, run_id="d1", stdout=DOUBTFUL)
    event = {"level": "error", "message": "fila cheia", "timestamp": NOW - timedelta(minutes=3)}
    service.record([make_run({**event, "run_id": "e2"}, recorded_by="test")])
