"""What a search fetches, how far it says it got, and where it goes on, whoever wrote the runs."""

import ast
from datetime import timedelta
from typing import Any

import pytest

from genesis_mcp.questions import remembered
from genesis_mcp.questions.arguments import SearchLogs
from genesis_mcp.questions.read_whole import READ_RUNS, SPARE
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores.asking import Fetch
from tests.helpers.mongod import mongodb_store
from tests.helpers.service import NOW, service_on

RUNS = 2 * READ_RUNS + 50
TIED = 40
"""Runs of one millisecond."""


def rows():
    """One busy spec: all say `passo`, some `terço`, few `agulha`, and one run of another spec."""
    some, few = (0, 0, 1), [0] * 12 + [1]
    for place in range(RUNS):
        says = ["passo", "terço"[: 5 * some[place % 3]], "agulha"[: 6 * few[place % 13]]]
        yield {
            "spec_id": "outra" if place == 7 else "muitos",
            "iteration": place + 1,
            "exit_code": 1,
            "stderr": f"Error: {' '.join(says)}\n",
            "stdout": "x" * 500,
            "duration_ms": 5,
            "service": "genesis-pipeline",
            "timestamp": NOW - timedelta(milliseconds=place // TIED),
        }


@pytest.fixture(params=["sqlite", "clickhouse", "mongodb", "v1_0", "v1_2"])
def store(request, url, open_at):
    """On which all of them are, written by our recorder or by the documents' workers."""
    if request.param.startswith("v1"):
        worker = request.getfixturevalue(request.param)
        worker.write(rows())
        yield worker.store
        return
    if request.param == "sqlite":
        opened = open_at(url)
    elif request.param == "mongodb":
        opened = mongodb_store(request.getfixturevalue("mongod"), "searched")
    else:
        opened = request.getfixturevalue("empty_clickhouse_store")
    service_on(opened).record([make_run(row, recorded_by="tests") for row in rows()])
    yield opened
    opened.close()


@pytest.fixture
def fetched(store, monkeypatch):
    """The ids of the runs whose texts were taken out of the store."""
    read, ids = store.read, []

    def counted(*asked):
        answers = read(*asked)
        texts = [one for one in asked if isinstance(one, Fetch) and one.text_bytes != 0]
        ids.extend(run.run_id for one in texts for run in answers[one])
        return answers

    monkeypatch.setattr(store, "read", counted)
    return ids


def followed(store, **asked):
    """The iterations that are found by following what each answer names, and the answers."""
    service, found, pages = service_on(store), [], []
    while asked:
        pages.append(service.search_logs(SearchLogs(**asked)))
        found += [match.iteration for match in pages[-1].matches]
        assert len(pages) < 100, "the pages do not end"
        onward = pages[-1].more or pages[-1].hint or "end()"
        call: Any = ast.parse(onward, mode="eval").body
        asked = {one.arg: ast.literal_eval(one.value) for one in call.keywords}
    return found, pages


def test_a_search_fetches_what_it_shows_and_is_followed_to_its_end(store, fetched):
    def found_in(text, **arguments):
        remembered.forget()
        fetched.clear()
        page = service_on(store).search_logs(SearchLogs(text=text, **arguments))
        assert len(fetched) == len(set(fetched))
        return page

    common = found_in("passo")
    assert len(common.matches) == 10
    assert len(fetched) <= 10 + SPARE
    assert common.summary.endswith("newest first; older ones were not looked at.")
    assert len(found_in("terço").matches) == 10
    assert len(fetched) <= 60
    assert len(found_in("passo", limit=1, spec_id="muitos").matches) == 1
    assert len(fetched) <= 1 + SPARE

    for text in ("agulha", "agulh"):
        found, _ = followed(store, text=text, spec_id="muitos", limit=30)
        assert sorted(found) == list(range(13, RUNS + 1, 13))
        assert len(found) == len(set(found))

    remembered.forget()
    fetched.clear()
    found, pages = followed(store, text="inexistente", spec_id="muitos")
    assert found == []
    assert len(set(fetched)) == RUNS - 1
    assert [f"the newest {READ_RUNS} failures read whole" in page.summary for page in pages] == [
        True,
        True,
        False,
    ]
    assert pages[-1].summary == "No failure has this text; all 49 failures in question were read."
