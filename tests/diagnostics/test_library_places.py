"""Where an error's stack has only libraries: the file that the runner names, or a marked place."""

import pytest

from genesis_mcp.answers.markdown import fit
from genesis_mcp.diagnostics.finding import find_error
from genesis_mcp.questions.arguments import RecentFailures
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import record, service_on

STACK = "TypeError: no y\n    at f (/w/node_modules/lib/a.js:2:3)\n"
TRACEBACK = (
    'Traceback (most recent call last):\n  File "/usr/lib/python3.11/json/decoder.py", line 5, in '
    "raw_decode\n    raise JSONDecodeError\njson.decoder.JSONDecodeError: Expecting value\n"
)


@pytest.mark.parametrize(
    ("printed", "place"),
    [
        (f" FAIL  src/fila.test.ts > soma\n{STACK}", "src/fila.test.ts"),
        (f"  1) [chromium] › tests/login.spec.ts:5:3 › entra\n{STACK}", "tests/login.spec.ts:5"),
        (f"✖ soma (1.2ms)\n  test at test/soma.test.mjs:4:1\n  {STACK}", "test/soma.test.mjs:4"),
        (f"entra => ./entra_test.ts:3:6\nerror: {STACK}", "./entra_test.ts:3"),
        (f"fila.test.ts:\n{STACK}(fail) soma\n", "fila.test.ts"),
        (f"{TRACEBACK}FAILED tests/test_fila.py::test_soma - x\n", "tests/test_fila.py"),
    ],
)
def test_the_file_that_the_runner_names_is_the_place(printed, place):
    error = find_error(stdout=printed, stderr="")
    assert error is not None
    assert error.location == place


def test_a_place_of_the_platform_is_told_with_its_packages():
    printed = (
        'Exception in thread "main" java.lang.StringIndexOutOfBoundsException: begin 3, end 1\n'
        "\tat java.base/java.lang.String.checkBoundsBeginEnd(String.java:3319)\n"
    )
    error = find_error(stdout=printed, stderr="")
    assert error is not None
    assert error.location == "java/lang/String.java:3319"


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        (STACK, "no y (in a library: /w/node_modules/lib/a.js:2)"),
        (STACK.replace("node_modules", "src"), "no y (/w/src/lib/a.js:2)"),
    ],
)
def test_an_answer_says_that_a_place_is_a_librarys(tmp_path, printed, told):
    store = SQLiteStore(tmp_path / "logs.db")
    service = service_on(store)
    record(service, "soma", 1, stderr=printed)

    answer = fit(service.recent_failures(RecentFailures()), 8_000)
    store.close()
    assert told in str(answer)
