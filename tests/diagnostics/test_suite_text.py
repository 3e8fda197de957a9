"""The text of a suite's run is read back as it was meant, whatever its tests are called."""

from hypothesis import given
from hypothesis import strategies as st

from genesis_mcp.diagnostics.test_results.reader import read_tests
from genesis_mcp.diagnostics.test_results.report import KEYS_MAX
from genesis_mcp.diagnostics.test_results.runner import Named
from genesis_mcp.diagnostics.test_results.suite_text import read_suite, suite_text
from genesis_mcp.text.clean import clean_line

texts = st.text(max_size=40)
names = st.one_of(
    texts, st.sampled_from(["at a.py:3", "FAILED x", "ERROR x", "1 failed, 2 passed in 0.1s"])
).filter(lambda name: clean_line(name, 500).strip())
lines = st.none() | st.integers(0, 10**6)
failing = st.builds(
    Named,
    name=names,
    file=st.none() | st.sampled_from(["a.py", "src/a b.js", "C:\\w\\a.py"]),
    line=lines,
    message=texts,
    suite=st.none(),
    is_error=st.just(False),
    ended_in_error=st.booleans(),
)


@given(st.lists(failing, max_size=6), st.lists(names, max_size=3), st.integers(0, 9))
def test_what_was_written_is_read(tests, flaky, passed):
    counts = {"failed": 0, "errored": 0, "passed": passed, "skipped": 1, "flaky": len(flaky)}
    for one in tests:
        counts["errored" if one.ended_in_error else "failed"] += 1

    read = read_suite(suite_text(counts, failing=tests, flaky=flaky, runner="pytest"))

    assert read is not None
    runner, told = read
    assert (runner, told.counts) == ("pytest", counts)
    assert told.flaky == tuple(clean_line(name, 500) for name in flaky)
    assert list(told.failing) == [
        one._replace(
            name=clean_line(one.name, 500),
            message=clean_line(one.message, 300),
            line=one.line if one.file else None,
        )
        for one in tests
    ]


def test_no_other_runner_reads_what_it_quotes():
    quoting = Named("a", message="Tests: 7 failed, 7 total")
    text = suite_text({"failed": 1, "passed": 2}, failing=[quoting, Named("Ran 9 tests in 1s")])

    found = read_tests(stdout=text, stderr="")

    assert (found.runner, found.failed, found.passed) == ("suite", 1, 2)
    assert read_suite(f"$ cat report\n{text}") is None


def test_of_many_failing_tests_the_differences_stay_exact():
    tests = [Named(f"test_{number}", message="boom") for number in range(KEYS_MAX + 1)]

    found = read_tests(stdout=suite_text({"failed": KEYS_MAX}, failing=tests[:KEYS_MAX]), stderr="")
    more = read_tests(stdout=suite_text({"failed": len(tests)}, failing=tests), stderr="")

    assert (len(found.failing_keys), found.is_complete) == (KEYS_MAX, True)
    assert (more.failed, more.is_complete) == (KEYS_MAX + 1, False)
