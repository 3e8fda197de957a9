"""Test reports in JUnit XML become runs: one a test case, whoever wrote them, hostile ones too."""

import json
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from io import BytesIO

import pytest

from genesis_mcp.ingest.junit import read_junit
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from genesis_mcp.stores import open_store
from tests.helpers.command_line import cli

JEST = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="jest tests" tests="3" failures="1" errors="0" time="1.2">
  <testsuite name="soma" errors="0" failures="1" skipped="1" timestamp="2025-12-19T15:30:00" time="0.8" tests="3">
    <testcase classname="soma adds" name="soma adds" time="0.003"></testcase>
    <testcase classname="soma fails" name="soma fails" time="0.25">
      <failure>Error: expect(received).toBe(expected) // Object.is equality

Expected: 4
Received: 5
    at Object.toBe (/app/soma.test.js:7:21)</failure>
    </testcase>
    <testcase classname="soma later" name="soma later" time="0"><skipped/></testcase>
  </testsuite>
</testsuites>"""  # noqa: E501 - as it is written

SUREFIRE = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="3.0"
    name="com.acme.SomaTest" time="1,003.052" tests="3" errors="1" skipped="0" failures="1">
  <properties><property name="java.version" value="21"/></properties>
  <testcase name="passes" classname="com.acme.SomaTest" time="1,000.01">
    <system-out><![CDATA[ligado <ok> & ação
]]></system-out>
  </testcase>
  <testcase name="fails" classname="com.acme.SomaTest" time="0.02">
    <failure message="expected: &lt;4&gt; but was: &lt;5&gt;" type="org.opentest4j.AssertionFailedError"><![CDATA[org.opentest4j.AssertionFailedError: expected: <4> but was: <5>
\tat com.acme.SomaTest.fails(SomaTest.java:12)
]]></failure>
    <rerunFailure message="again" type="X"><stackTrace>again</stackTrace>
      <system-out>of the rerun</system-out></rerunFailure>
  </testcase>
  <testcase name="breaks" classname="com.acme.SomaTest" time="0.02">
    <error message="null" type="java.lang.NullPointerException">java.lang.NullPointerException
\tat com.acme.Soma.soma(Soma.java:3)</error>
    <system-err>aviso</system-err>
  </testcase>
</testsuite>"""  # noqa: E501 - as it is written

GOTESTSUM = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" errors="0" time="0.412">
  <testsuite tests="3" failures="1" time="0.201" name="acme/soma" timestamp="2025-12-19T12:30:00-03:00">
    <properties><property name="go.version" value="go1.23 linux/amd64"></property></properties>
    <testcase classname="acme/soma" name="TestSoma" time="0.10"></testcase>
    <testcase classname="acme/soma" name="TestSoma/cinco" time="0.10">
      <failure message="Failed" type="">=== RUN   TestSoma/cinco&#xA;    soma_test.go:9: esperado 4, veio 5&#xA;--- FAIL: TestSoma/cinco (0.10s)</failure>
    </testcase>
    <testcase classname="acme/soma" name="TestDepois" time="0.00"><skipped message="=== RUN   TestDepois&#xA;    depois"></skipped></testcase>
  </testsuite>
</testsuites>"""  # noqa: E501 - as it is written


def read(text):
    lines = list(read_junit(BytesIO(text.encode() if isinstance(text, str) else text)))
    return [line.run for line in lines if line.run], [
        line.rejected for line in lines if not line.run
    ]


def test_a_report_of_jest():
    runs, rejected = read(JEST)
    assert rejected == []
    assert [(run.spec_id, run.kind, run.outcome) for run in runs] == [
        ("soma adds", "run", "passed"),
        ("soma fails", "run", "failed"),
        ("soma later", "event", None),
    ]
    assert [run.duration_ms for run in runs] == [3, 250, 0]
    assert runs[0].timestamp == datetime(2025, 12, 19, 15, 30, 0, 3000, UTC)
    assert runs[1].timestamp == datetime(2025, 12, 19, 15, 30, 0, 253000, UTC)
    assert runs[1].stderr.startswith("Error: expect(received)")
    assert runs[1].stderr.endswith("(/app/soma.test.js:7:21)\n")
    assert (runs[2].level, runs[2].message, runs[2].failed) == ("info", "skipped", False)
    assert runs[0].context == {"suite": "soma"}


def test_a_report_of_surefire():
    runs, rejected = read(SUREFIRE)
    assert rejected == []
    assert [run.spec_id for run in runs] == [
        f"com.acme.SomaTest::{name}" for name in ("passes", "fails", "breaks")
    ]
    assert [run.outcome for run in runs] == ["passed", "failed", "failed"]
    assert runs[0].stdout == "ligado <ok> & ação\n"
    assert runs[0].duration_ms == 1_000_010
    assert runs[1].stdout == ""
    assert runs[1].stderr == (
        "org.opentest4j.AssertionFailedError: expected: <4> but was: <5>\n"
        "\tat com.acme.SomaTest.fails(SomaTest.java:12)\n"
    )
    assert runs[2].stderr.startswith("aviso\njava.lang.NullPointerException: null\njava.lang")


def test_a_report_of_gotestsum():
    runs, _ = read(GOTESTSUM)
    assert [run.spec_id for run in runs] == [
        f"acme/soma::{name}" for name in ("TestSoma", "TestSoma/cinco", "TestDepois")
    ]
    assert runs[0].timestamp == datetime(2025, 12, 19, 15, 30, 0, 100000, UTC)
    assert "esperado 4, veio 5\n" in runs[1].stderr
    assert runs[2].message == "skipped: === RUN   TestDepois\n    depois"


SUITE = """
import pytest, sys
def test_passes(): print("linha ação")
@pytest.mark.parametrize("value", [4, 5])
def test_soma(value): assert value == 4
@pytest.fixture
def broken(): raise RuntimeError("sem banco")
def test_setup(broken): pass
@pytest.fixture
def closing():
    yield
    raise OSError("não fecha")
def test_teardown(closing): pass
@pytest.mark.skip(reason="depois")
def test_skipped(): pass
@pytest.mark.xfail(reason="sabido")
def test_expected(): assert 0
"""


@pytest.fixture
def report(tmp_path):
    """What pytest itself writes of SUITE."""
    (tmp_path / "test_soma.py").write_text(SUITE, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir=."]
    options = ["--junitxml=report.xml", "-o", "junit_logging=all", "-o", "junit_family=xunit1"]
    done = subprocess.run(
        [*command, *options, "test_soma.py"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 1, done.stdout
    return tmp_path / "report.xml"


def test_the_same_report_of_pytest_twice_is_recorded_once(report, tmp_path, url):
    done = cli("ingest", "--junit", str(report), store_url=url)
    assert done.stdout == (
        b"7 read, 5 recorded, 1 suites, 0 duplicates, 2 events, 0 other lines, 0 rejected\n"
    )
    again = cli("ingest", "--junit", "--json", store_url=url, input=report.read_bytes())
    counts = json.loads(again.stdout)
    assert {name: number for name, number in counts.items() if number} == {
        "read": 7,
        "duplicates": 7,
    }
    with closing(open_store(url)) as store:
        page = store.find(RunQuery(oldest_first=True)).runs
        runs = {run.spec_id: run for run in store.fetch([run.run_id for run in page])}
        failed = {spec for spec, run in runs.items() if run.failed}
        assert failed == {
            "test_soma::test_soma[5]",
            "test_soma::test_setup",
            "test_soma::test_teardown",
        }
        assert "linha ação" in runs["test_soma::test_passes"].stdout
        assert runs["test_soma::test_soma[5]"].signature.message == "assert 5 == 4"
        assert "RuntimeError: sem banco" in runs["test_soma::test_setup"].stderr
        assert runs["test_soma::test_skipped"].message.startswith("skipped: depois")
        assert runs["test_soma::test_expected"].kind == "event"
        assert (runs["test_soma::test_passes"].context or {})["file"] == "test_soma.py"


def case(inner="", **attributes):
    given = " ".join(f'{name}="{value}"' for name, value in attributes.items())
    return f'<testsuite name="s"><testcase name="t" {given}>{inner}</testcase></testsuite>'


@pytest.mark.parametrize(
    ("attributes", "duration", "kind"),
    [
        ({"time": "0.0005"}, 0, "run"),
        ({"time": "-1"}, None, "run"),
        ({"time": "NaN"}, None, "run"),
        ({"time": "soon"}, None, "run"),
        ({}, None, "run"),
        ({"status": "notrun"}, None, "event"),
        ({"result": "skipped"}, None, "event"),
        ({"status": "run", "result": "completed", "time": "1"}, 1000, "run"),
    ],
)
def test_attributes_as_writers_write_them(attributes, duration, kind):
    [run] = read(case(**attributes))[0]
    assert (run.duration_ms, run.kind) == (duration, kind)


def test_a_long_name_and_a_long_output_are_cut_and_not_refused():
    long, text = "n" * 500, "saída " * 500_000
    [run], rejected = read(case(f"<system-out>{text}</system-out>", classname=long))
    assert rejected == []
    assert len(run.spec_id) == 200
    assert run.stdout_bytes == len(text.encode())
    assert len(run.stdout.encode()) <= TEXT_BYTES_MAX
    [other], _ = read(case(classname=long + "2"))
    assert other.spec_id[:190] == run.spec_id[:190]
    assert other.spec_id != run.spec_id


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
HOSTILE = {
    "billion laughs": f"<!DOCTYPE x [{LAUGHS}]>" + case("<failure>&l9;</failure>"),
    "external entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    + case("<failure>&e;</failure>"),
    "external type": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + case(),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_report_with_a_document_type_is_refused(name):
    assert read(HOSTILE[name]) == (
        [],
        ["has a document type, which no test report needs: it is not read."],
    )


def test_elements_as_deep_as_can_be_are_read():
    depth = 200_000
    [run], rejected = read(case("<failure>x</failure>" + "<a>" * depth + "</a>" * depth))
    assert (run.outcome, rejected) == ("failed", [])


def test_a_report_that_was_cut_off_keeps_what_it_has(tmp_path):
    (tmp_path / "cut.xml").write_text(JEST[:500], encoding="utf-8")
    url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    done = cli("ingest", "--junit", str(tmp_path / "cut.xml"), store_url=url)
    assert done.stdout == (
        b"4 read, 2 recorded, 1 suites, 0 duplicates, 1 events, 0 other lines, 1 rejected\n"
    )
    assert b"from here on it is no well-formed XML." in done.stderr
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<html><body/></html>", "is no JUnit XML: it has neither testsuites nor testsuite."),
        ('{"spec_id": "a"}', "from here on it is no well-formed XML."),
        ("", "from here on it is no well-formed XML."),
        (b"\xff\xfe<\x00", "from here on it is no well-formed XML."),
    ],
)
def test_what_is_no_report_is_told(text, said):
    assert read(text) == ([], [said])


def test_an_empty_report_is_no_error():
    assert read("<testsuites/>") == ([], [])


def test_two_sessions_of_one_suite_are_two_runs():
    later = JEST.replace("15:30:00", "15:31:00")
    assert len({run.run_id for text in (JEST, later) for run in read(text)[0]}) == 6
