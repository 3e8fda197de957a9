"""In a list of errors a place has its last two segments; alone it has all of them."""

import pytest

from genesis_mcp.answers.budget import MAX_CHARS
from genesis_mcp.answers.markdown import fit
from genesis_mcp.answers.readable import told_place
from genesis_mcp.questions.arguments import RecentFailures
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import record, service_on

LONG = "/srv/genesis/workers/src/total.js"


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("/srv/genesis/workers/src/total.js:3:9", "…/src/total.js:3:9"),
        ("/home/ana/minha pasta/src/total.py:3", "…/src/total.py:3"),
        (r"C:\Users\ana\projeto\total.js:3", r"…\projeto\total.js:3"),
        ("file:///srv/app/src/total.mjs:3:9", "…/src/total.mjs:3:9"),
        ("/srv/app/total.js:3", "/srv/app/total.js:3"),
        (r"C:\app\total.js:3", r"C:\app\total.js:3"),
        ("packages/api/src/pedidos/total.test.ts:3", "packages/api/src/pedidos/total.test.ts:3"),
        ("https://exemplo.test/a/b/c/total.js:3", "https://exemplo.test/a/b/c/total.js:3"),
        ("/app/node_modules/chai/lib/chai.js:3", "in a library: …/lib/chai.js:3"),
    ],
)
def test_a_long_absolute_path_is_shortened_and_says_so(location, shown):
    assert told_place(location, short=True) == f" ({shown})"


@pytest.fixture
def service(tmp_path):
    store = SQLiteStore(tmp_path / "logs.db")
    yield service_on(store)
    store.close()


def failed(service, error, spec_id, minutes_ago):
    stderr = f"{LONG}:9\n    throw erro\n\n{error}\n    at soma ({LONG}:9:3)\n"
    record(service, spec_id, 1, minutes_ago=minutes_ago, stderr=stderr)


def asked(service):
    return fit(service.recent_failures(RecentFailures()), MAX_CHARS)


def test_one_error_is_told_with_its_whole_path(service):
    failed(service, "TypeError: soma falhou", "soma", 3)
    assert f"({LONG}:9" in asked(service).text


def test_several_errors_are_told_shortly_and_structured_wholly(service):
    failed(service, "TypeError: soma falhou", "soma", 3)
    failed(service, "TypeError: soma falhou", "total", 2)
    failed(service, "RangeError: fora", "outra", 1)
    answer = asked(service)
    assert f"soma falhou ({LONG}" not in answer.text
    assert "(…/src/total.js:9" in answer.text
    assert "2x in 2 specs, newest `total` #1 15:28\n" in answer.text
    told = answer.result.structured()["errors"]
    assert all(one["location"].startswith(f"{LONG}:9") for one in told)
    assert [one.get("other_specs") for one in told] == [None, 1]
