"""A store whose file was taken away goes on recording, into a new one, and says so."""

import sys
from contextlib import closing

import pytest

from genesis_mcp.questions.arguments import DescribeLogs, LogsForSpec, RecentFailures, SearchLogs
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import service_on


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be deleted there")
def test_a_store_whose_file_was_taken_away_says_that_it_is_new(tmp_path):
    path = tmp_path / "logs.db"
    with closing(SQLiteStore(path)) as store:
        service = service_on(store)
        service.record_one(make_run({"spec_id": "soma", "exit_code": 1}, recorded_by="tests"))
        path.unlink()

        asked = (
            lambda: service.recent_failures(RecentFailures()).summary,
            lambda: service.describe_logs(DescribeLogs()).summary,
            lambda: service.search_logs(SearchLogs(text="boom")).summary,
            lambda: service.logs_for_spec(LogsForSpec(spec_id="soma")).summary,
        )
        for ask in asked:
            assert "Nothing was recorded yet" in ask()
            assert "new since" in ask()
            assert "its file was deleted or moved away" in ask()

        run = make_run({"spec_id": "soma", "exit_code": 1}, recorded_by="tests")
        recorded = service.record_one(run)
        assert recorded.verdict == "first"
        assert "new since" in recorded.summary
        again = make_run({"spec_id": "soma", "exit_code": 1}, recorded_by="tests")
        assert "new since" not in service.record_one(again).summary
        assert "new since" in service.describe_logs(DescribeLogs()).summary
        assert "new since" not in service.recent_failures(RecentFailures()).summary
