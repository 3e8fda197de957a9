"""Forms of test reports that the tools at hand do not write, as they are documented."""

import json
import tracemalloc
from io import BytesIO

import pytest

from genesis_mcp.ingest.reports import go_events
from genesis_mcp.ingest.reports.any_report import read_report


def told(text):
    """Of each run or event: how it ended, its spec, and its message."""
    items = list(read_report(BytesIO(text.encode())))
    assert [item.rejected for item in items] == [None] * len(items)
    runs = [item.run for item in items]
    return [(str(run.outcome or run.level), run.spec_id, told_of(run)) for run in runs]


def told_of(run):
    if run.signature is None:
        return run.message or None
    kind = f"{run.signature.type}: " if run.signature.type else ""
    place = f" @ {run.signature.location}" if run.signature.location else ""
    return f"{kind}{run.signature.message}{place}"


# --- go test -json ---


def events(*given):
    return "\n".join(
        one if isinstance(one, str) else json.dumps({"Package": "loja/fila", **one})
        for one in given
    )


def act(action, test=None, **fields):
    return {"Action": action, **({"Test": test} if test else {}), **fields}


def test_a_build_that_failed_as_go_1_24_tells_it():
    built = "loja/fila [loja/fila.test]"
    report = events(
        act("build-output", ImportPath=built, Package=None, Output=f"# {built}\n"),
        act("build-output", ImportPath=built, Package=None, Output="./f.go:7:2: undefined: nada\n"),
        act("build-fail", ImportPath=built, Package=None),
        act("start"),
        act("output", Output="FAIL\tloja/fila [build failed]\n"),
        act("fail", Elapsed=0, FailedBuild=built),
    )
    assert told(report) == [("failed", "loja/fila", "undefined: nada @ f.go:7")]


def test_a_package_that_ends_outside_of_its_tests():
    report = events(
        act("run", "TestA"),
        act("pass", "TestA", Elapsed=0.5),
        act("output", Output="panic: sem banco\n"),
        act("fail", Elapsed=0.6),
    )
    assert told(report) == [
        ("passed", "loja/fila::TestA", None),
        ("failed", "loja/fila", "panic: sem banco"),
    ]


def test_tests_that_run_beside_each_other_keep_their_own_output():
    report = events(
        act("run", "TestA"),
        act("run", "TestB"),
        act("output", "TestA", Output="=== RUN   TestA\n"),
        act("output", "TestB", Output="=== RUN   TestB\n"),
        act("output", "TestA", Output="    a_test.go:3: a é b\n"),
        act("output", "TestB", Output="    b_test.go:4: b é c\n"),
        act("output", "TestB", Output="--- FAIL: TestB (0.10s)\n"),
        act("fail", "TestB"),
        act("output", "TestA", Output="--- FAIL: TestA (0.10s)\n"),
        act("fail", "TestA"),
        act("fail"),
    )
    assert told(report) == [
        ("failed", "loja/fila::TestB", "b é c @ b_test.go:4"),
        ("failed", "loja/fila::TestA", "a é b @ a_test.go:3"),
    ]


def test_a_test_whose_end_was_lost_in_a_crash_has_failed():
    report = events(
        act("run", "TestA"),
        act("output", "TestA", Output="=== RUN   TestA\n"),
        act("run", "TestB"),
        act("output", "TestA", Output="panic: sem banco\n\ngoroutine 7 [running]:\n"),
        act("output", "TestA", Output="loja.A()\n\t/loja/fila.go:12 +0x1\n"),
        act("fail"),
    )
    assert told(report) == [
        ("failed", "loja/fila::TestA", "panic: sem banco @ /loja/fila.go:12"),
        ("unknown", "loja/fila::TestB", None),
    ]


def test_a_crash_that_is_told_as_output_of_a_test_that_passed_is_the_package_s():
    report = events(
        act("run", "TestA"),
        act("output", "TestA", Output="panic: sem banco\n\ngoroutine 7 [running]:\n"),
        act("pass", "TestA"),
        act("output", Output="FAIL\tloja/fila\t0.1s\n"),
        act("fail"),
    )
    assert told(report)[1] == ("failed", "loja/fila", "panic: sem banco")


def test_a_test_that_fails_without_a_word():
    report = events(
        act("run", "TestA"),
        act("output", "TestA", Output="=== RUN   TestA\n--- FAIL: TestA (0.00s)\n"),
        act("fail", "TestA"),
        act("fail"),
    )
    assert told(report) == [("failed", "loja/fila::TestA", "failed, and said nothing")]


def test_what_runs_when_the_stream_ends_is_unknown_and_the_end_is_told():
    report = events(act("run", "TestA"), act("pass", "TestA"), act("run", "TestB"))
    *runs, (level, _, message) = told(report)
    assert runs == [("passed", "loja/fila::TestA", None), ("unknown", "loja/fila::TestB", None)]
    assert level == "error"
    assert "cut off" in message


def test_an_attempt_that_is_repeated_is_one_run():
    report = events(
        act("run", "TestA"),
        act("output", "TestA", Output="--- FAIL: TestA (0.00s)\n"),
        act("fail", "TestA"),
        act("run", "TestA"),
        act("pass", "TestA"),
        act("pass"),
    )
    [item] = read_report(BytesIO(report.encode()))
    assert str(item.run.outcome) == "passed"
    assert item.run.context == {
        "suite": "loja/fila",
        "reruns": 1,
        "flaky": True,
        "first_failure": "failed, and said nothing",
    }


def test_memory_does_not_grow_with_what_open_tests_print(monkeypatch):
    monkeypatch.setattr(go_events, "HELD_BYTES_MAX", 1_000_000)
    line = json.dumps({"Package": "p", "Action": "output", "Test": "T", "Output": "x" * 900})
    lines = (line.replace('"T"', f'"T{number % 500}"') for number in range(8_000))
    report = BytesIO("\n".join(lines).encode())
    tracemalloc.start()
    try:
        count = sum(1 for _ in read_report(report))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 501
    assert peak < 20_000_000


def test_more_open_tests_than_can_be_held_are_refused(monkeypatch):
    monkeypatch.setattr(go_events, "HELD_TESTS_MAX", 10)
    report = events(*(act("run", f"Test{number}") for number in range(11)))
    *_, last = read_report(BytesIO(report.encode()))
    assert last.rejected == "tells of more tests at the same time than can be held."


# --- TAP ---


def test_subtests_are_named_by_those_around_them():
    report = (
        "TAP version 14\n# Subtest: conta\n    # Subtest: saque\n        ok 1 - com saldo\n"
        "        not ok 2 - sem saldo\n        1..2\n    not ok 1 - saque\n    ok 2 - depósito\n"
        "    1..2\nnot ok 1 - conta # time=12.5ms\nok 2 - sozinho # time=3s\n1..2\n"
    )
    assert told(report) == [
        ("passed", "conta > saque > com saldo", None),
        ("failed", "conta > saque > sem saldo", "sem saldo"),
        ("passed", "conta > depósito", None),
        ("passed", "sozinho", None),
    ]


def test_a_test_that_fails_beside_its_passing_subtests_counts():
    report = (
        "TAP version 13\n# Subtest: conta\n    ok 1 - saque\n    1..1\nnot ok 1 - conta\n"
        "  ---\n  failureType: 'hookFailed'\n  error: 'sem banco'\n  ...\n1..1\n"
    )
    assert told(report) == [("passed", "conta > saque", None), ("failed", "conta", "sem banco")]


def test_what_does_not_count_is_an_event():
    report = "1..3\nok 1 - a # SKIP sem rede\nnot ok 2 - b # TODO um dia\nok 3 # skip\n"
    assert told(report) == [
        ("info", "a", "skipped: sem rede"),
        ("info", "b", "skipped: um dia"),
        ("info", "test 3", "skipped"),
    ]


@pytest.mark.parametrize(
    ("report", "said"),
    [
        ("1..3\nok 1 - a\n", "1 test case of 3 declared read"),
        ("TAP version 13\nok 1 - a\n", "1 test case read"),
    ],
)
def test_a_plan_that_is_not_kept_is_an_error(report, said):
    *_, (level, _, message) = told(report)
    assert level == "error"
    assert said in message


def test_a_bail_out_is_a_failure():
    report = "1..3\nok 1 - a\nBail out! sem banco\n"
    assert told(report) == [("passed", "a", None), ("failed", "TAP", "sem banco")]


# --- .trx ---

TRX = """<?xml version="1.0" encoding="utf-8"?>
<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
  <Times start="2026-11-25T10:00:00.0000000-03:00" />
  <Results>
    <UnitTestResult testId="1" testName="Loja.Fila.Drena" duration="00:00:01.5000000"
        endTime="2026-11-25T10:00:02.0000000-03:00" outcome="Failed">
      <Output><StdOut>drenando</StdOut><ErrorInfo>
        <Message>System.InvalidOperationException : fila vazia</Message>
        <StackTrace>   at Loja.Fila.Drena() in C:\\loja\\Fila.cs:line 12</StackTrace>
      </ErrorInfo></Output>
    </UnitTestResult>
    <UnitTestResult testId="2" testName="Soma" outcome="Failed"><InnerResults>
      <UnitTestResult testId="2" testName="Soma (1,2)" outcome="Passed" />
      <UnitTestResult testId="2" testName="Soma (2,5)" outcome="Failed"><Output><ErrorInfo>
        <Message>Assert.AreEqual failed. Expected:&lt;5&gt;. Actual:&lt;3&gt;.</Message>
      </ErrorInfo></Output></UnitTestResult>
    </InnerResults></UnitTestResult>
    <UnitTestResult testId="3" testName="Desconto" outcome="NotExecuted" />
    <UnitTestResult testId="3" testName="Demora" outcome="Timeout" />
  </Results>
  <TestDefinitions>
    <UnitTest id="1"><TestMethod className="Loja.Fila" name="Drena" /></UnitTest>
    <UnitTest id="2"><TestMethod className="Loja.Conta, Loja" name="Soma" /></UnitTest>
    <UnitTest id="3"><TestMethod className="Loja.Conta" name="Desconto" /></UnitTest>
  </TestDefinitions>
  <ResultSummary outcome="Failed"><Counters total="5" failed="2" />
    <RunInfos>{}</RunInfos>
  </ResultSummary>
</TestRun>
"""
TESTS = [
    (
        "failed",
        "Loja.Fila.Drena",
        "System.InvalidOperationException: fila vazia @ C:\\loja\\Fila.cs:12",
    ),
    ("passed", "Loja.Conta::Soma (1,2)", None),
    (
        "failed",
        "Loja.Conta::Soma (2,5)",
        "Assert.AreEqual failed. Expected:<5>. Actual:<3>.",
    ),
    ("info", "Loja.Conta::Desconto", "skipped"),
    ("failed", "Loja.Conta::Demora", "the test took too long"),
]
NAMED = (
    '<RunInfo outcome="Error"><Text>[xUnit.net 00:00:00.39] Loja.Fila.Drena [FAIL]</Text></RunInfo>'
)
CRASH = '<RunInfo outcome="Error"><Text>Reason: Test host process crashed</Text></RunInfo>'


def test_results_of_dotnet():
    assert told(TRX.format(NAMED)) == TESTS


def test_a_crash_of_the_whole_run_is_a_failure():
    assert told(TRX.format(CRASH)) == [
        ("failed", "the whole run", "Reason: Test host process crashed"),
        *TESTS,
    ]


def test_its_times_are_those_of_the_results():
    first = next(iter(read_report(BytesIO(TRX.format("").encode())))).run
    assert (first.timestamp.isoformat(), first.duration_ms) == ("2026-11-25T13:00:02+00:00", 1500)
    assert first.stdout == "drenando"


def test_a_document_type_is_refused():
    report = '<!DOCTYPE a [<!ENTITY b "c">]><TestRun>&b;</TestRun>'
    [item] = read_report(BytesIO(report.encode()))
    assert item.rejected == "has a document type, which no test report needs: it is not read."


# --- JSON ---


def test_a_run_of_jest_that_did_not_succeed_without_a_failing_test():
    report = {"numTotalTests": 1, "numFailedTests": 0, "success": False, "testResults": []}
    report["testResults"] = [
        {
            "name": "/a/b.test.js",
            "status": "passed",
            "assertionResults": [{"title": "a", "status": "passed"}],
        }
    ]
    assert told(json.dumps(report))[1:] == [
        ("failed", "the whole run", "the run did not succeed, and no test of it failed")
    ]


def test_a_hook_of_jest_that_fails_after_passing_tests():
    file = {
        "name": "C:\\loja\\b.test.js",
        "status": "failed",
        "message": "TypeError: sem banco\n    at Object.<anonymous> (/loja/b.test.js:3:9)\n",
        "assertionResults": [{"title": "a", "status": "passed"}],
    }
    report = {"numTotalTests": 1, "numFailedTestSuites": 1, "success": False, "testResults": [file]}
    assert told(json.dumps(report)) == [
        ("failed", "C:/loja/b.test.js", "TypeError: sem banco @ /loja/b.test.js:3"),
        ("passed", "C:/loja/b.test.js::a", None),
    ]


def test_playwright_s_projects_and_its_failures_outside_of_tests():
    def test(project, status, result):
        return {"projectName": project, "status": status, "results": [{"status": result}]}

    spec = {
        "title": "soma",
        "file": "a.spec.ts",
        "line": 3,
        "tests": [test("chromium", "expected", "passed"), test("webkit", "unexpected", "passed")],
    }
    report = {
        "config": {},
        "suites": [{"title": "a.spec.ts", "specs": [spec]}],
        "errors": [
            {"message": "Error: sem servidor", "location": {"file": "/loja/g.ts", "line": 2}}
        ],
        "stats": {"expected": 1, "unexpected": 1},
    }
    assert told(json.dumps(report)) == [
        ("failed", "the whole run", "Error: sem servidor @ /loja/g.ts:2"),
        ("passed", "a.spec.ts::[chromium] > soma", None),
        ("failed", "a.spec.ts::[webkit] > soma", "Expected to fail, but passed. @ a.spec.ts:3"),
    ]


def test_ctrf_with_suites_as_a_list_and_a_status_of_its_own():
    tests = [
        {"name": "a", "suite": ["conta", "saque"], "status": "passed"},
        {
            "name": "b",
            "suite": ["conta"],
            "status": "other",
            "rawStatus": "timedOut",
            "message": "30 s",
        },
        {"name": "c", "status": "other"},
        {"name": "d", "status": "passed", "flaky": True},
    ]
    report = {"reportFormat": "CTRF", "results": {"tool": {"name": "x"}, "tests": tests}}
    assert told(json.dumps(report)) == [
        ("passed", "conta > saque > a", None),
        ("failed", "conta > b", "30 s"),
        ("info", "c", "skipped"),
        ("passed", "d", None),
    ]
