"""What reports of many runners say, also broken ones: each case of `junit_reports/`, and forms."""

import tracemalloc
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from genesis_mcp.ingest.junit import read_junit
from genesis_mcp.runs.signing import sign_anew
from tests.helpers.command_line import cli

REPORTS = Path(__file__).parent / "junit_reports"


def read(text):
    said = []
    items = list(
        read_junit(BytesIO(text if isinstance(text, bytes) else text.encode()), said.append)
    )
    return [item.run for item in items if item.run], [i.rejected for i in items if not i.run], said


def told(run):
    error = run.signature
    return (run.spec_id, error.type, error.message, error.location)


def failures(name):
    return [told(run) for run in read((REPORTS / f"{name}.xml").read_bytes())[0] if run.failed]


# Report: tests, failed ones, and of each failure a part of its name, message and place.
CASES = {
    "jest26-timeout": (
        1,
        [("drena a fila", "Timeout - Async callback was not", "fila.test.js:12")],
    ),
    "junit-cypress": (2, [("mostra o total", "Timed out retrying", "pedido.cy.ts:14")]),
    "junit-gotestsum-build": (
        2,
        [
            ("TestMain", "undefined: Drenar", "fila.go:31"),
            ("TestSoma/vazio", "Soma() = 100, want 90", "soma_test.go:19"),
        ],
    ),
    "junit-node-test": (
        3,
        [("soma itens", "100 !== 90", "pedido.test.js:7"), ("quebrado", "test failed", "")],
    ),
    "junit-raw-esc": (
        3,
        [
            (
                "mostra o recibo",
                "Unable to find an element with the text: Total",
                "recibo.spec.ts:14",
            ),
            ("aplica desconto", "expect(received).toBe(expected)", "recibo.spec.ts:22"),
        ],
    ),
    "junit-suite-level-error": (1, [("DetectorTest", "exemplo", "")]),
    "junit-surefire-flaky": (
        4,
        [
            ("repetida", "saldo insuficiente", "Conta.java:88"),
            ("PagamentoTest", "BROKER_URL", "PagamentoTest.java:12"),
        ],
    ),
    "junit-truncated-cdata": (2, [("corta", "Java heap space", "Corte.java:19")]),
    "junit-vitest": (
        3,
        [
            ("itens", "expected 100 to be 90", "soma.test.ts:5"),
            ("quebrado", "Failed to resolve import", "quebrado.test.ts:2"),
        ],
    ),
    "junit-counts-without-cases": (1, [("pacote.a", "undefined: Drenar", "fila.go:31")]),
    "pytest-rerunfailures": (
        3,
        [
            ("test_sempre", "assert 5 == 4", "test_r.py:9"),
            ("test_cores", "vermelho", "test_r.py:11"),
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_a_report_says(name):
    tests, expected = CASES[name]
    runs = [run for run in read((REPORTS / f"{name}.xml").read_bytes())[0] if run.kind == "run"]
    assert len(runs) == tests
    found = failures(name)
    assert len(found) == len(expected)
    for (spec, _, message, place), parts in zip(found, expected, strict=True):
        assert parts[0] in spec.replace(" > ", " ") or parts[0].split()[-1] in spec
        assert parts[1] in message
        assert parts[2] in (place or "")


def test_another_value_in_an_assertion_is_another_error():
    [first, _] = [r for r in read((REPORTS / "junit-node-test.xml").read_bytes())[0] if r.failed]
    [again, _] = [
        r for r in read((REPORTS / "junit-node-test.again.xml").read_bytes())[0] if r.failed
    ]
    assert first.signature.exact != again.signature.exact
    assert first.spec_id == again.spec_id


FORBIDDEN = ["\x1b[31m", "&#27;[31m", "&#x1B;[31m", "\x00", "\x07", "&#0;", "&#xFFFE;", "\ufffe"]
FORBIDDEN += ["&nbsp;", "a & b", "&", "&#55357;", "&#1114112;", "&#x;", "#x1B[31m", "\ufffd[31m"]


@pytest.mark.parametrize("inside", ["{}", "<![CDATA[{}]]>"])
@pytest.mark.parametrize("text", FORBIDDEN)
def test_what_xml_forbids_never_loses_the_rest(text, inside):
    report = (
        '<testsuite name="s"><testcase name="a" classname="c"><failure message="ruim">'
        f"{inside.format(f'ValueError: {text}ruim')}</failure></testcase>"
        '<testcase name="b" classname="c"/></testsuite>'
    )
    runs, rejected, _ = read(report)
    assert rejected == []
    assert [(run.spec_id, run.outcome) for run in runs] == [("c::a", "failed"), ("c::b", "passed")]
    assert "ruim" in runs[0].signature.message
    if "31m" in text and "CDATA" not in inside:
        assert "\x1b[31m" in runs[0].stderr


@pytest.mark.parametrize("text", ["\x1b", "&#27;", "&"])
def test_and_not_in_an_attribute_either(text):
    report = (
        f'<testsuite name="s{text}"><testcase name="a{text}b" classname="c{text}"/></testsuite>'
    )
    runs, rejected, _ = read(report)
    assert (len(runs), rejected) == (1, [])


class Dripping(BytesIO):
    """A file that gives a few bytes at a time."""

    def read(self, _size=-1):
        return super().read(3)


def test_the_same_is_read_whatever_the_pieces():
    report = (
        '<?xml version="1.0"?><testsuite name="s"><testcase name="a" classname="ação">'
        "<failure><![CDATA[é \x1b[1m <x> &amp; ]]>&#27;[0m &lt; &nbsp; fim</failure>"
        "</testcase></testsuite>"
    ).encode()
    [whole] = list(read_junit(BytesIO(report)))
    [pieces] = list(read_junit(Dripping(report)))
    assert pieces.run.stderr == whole.run.stderr == "é \x1b[1m <x> &amp; \x1b[0m < &nbsp; fim\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_encodings(encoding):
    head = f'<?xml version="1.0" encoding="{encoding}"?>'
    text = f'{head}<testsuite name="s"><testcase name="ação" classname="c"/></testsuite>'
    assert [run.spec_id for run in read(text.encode(encoding))[0]] == ["c::ação"]


def test_bytes_that_are_none_of_the_encoding_lose_nothing():
    report = b'<testsuite name="s"><testcase name="a\xff" classname="c"/></testsuite>'
    assert len(read(report)[0]) == 1


def test_the_open_test_of_a_report_that_was_cut_off_is_kept_and_the_fault_is_told():
    whole = (REPORTS / "junit-surefire-flaky.xml").read_text(encoding="utf-8")
    cut = whole[: whole.index("PagamentoTest.java:57")]
    runs, rejected, _ = read(cut)
    last, fact = runs[-2:]
    assert last.failed
    assert last.context["report_is_cut"]
    assert last.signature.message == "saldo insuficiente"
    assert (fact.kind, fact.level) == ("event", "warn")
    assert "3 test cases of 4 declared read" in fact.message
    assert rejected == ["from here on it is no well-formed XML."]


def test_a_report_that_was_cut_off_between_passing_tests_is_a_failure():
    runs, _, _ = read('<testsuite name="s" tests="9"><testcase name="a" classname="c"/><test')
    assert [run.failed for run in runs] == [False, True]
    assert "1 test case of 9 declared read" in runs[1].message


def test_a_test_that_only_began_is_unknown():
    runs, _, _ = read('<testsuite name="s"><testcase name="a" classname="c"><system-out>x')
    assert runs[0].outcome == "unknown"


def test_more_declared_than_found_is_recorded_and_said_once():
    report = (
        '<testsuites tests="5" failures="1"><testsuite name="s" tests="5" failures="1">'
        '<testcase name="a" classname="c"/></testsuite></testsuites>'
    )
    runs, _, said = read(report)
    assert [(run.kind, run.level) for run in runs] == [("run", None), ("event", "error")]
    assert len(said) == 1
    assert "declares 5 tests (1 failed), and 1 (0 failed) were found" in said[0]


def test_the_report_s_own_words_stand_where_the_body_has_none():
    report = (
        '<testsuite name="s"><testcase name="a" classname="Soma" file="test/soma.cpp" line="12">'
        '<failure type="REQUIRE" message="soma(2, 2) == 5">see above</failure>'
        "</testcase></testsuite>"
    )
    [run] = read(report)[0]
    assert told(run) == ("Soma::a", "REQUIRE", "soma(2, 2) == 5", "test/soma.cpp:12")


def test_names_where_there_is_no_class():
    report = (
        '<testsuites name="jest tests"><testsuite name="soma"><testcase name="soma itens" '
        'classname="soma itens" file="test/soma.test.js"/></testsuite>'
        '<testsuite name="lista"><testcase name="itens" classname="test"/></testsuite></testsuites>'
    )
    assert [r.spec_id for r in read(report)[0]] == [
        "test/soma.test.js::soma itens",
        "lista > itens",
    ]


def test_several_tests_of_one_name_are_told_apart_and_go_s_reruns_are_not():
    case = '<testcase name="a" classname="c"/><testcase name="b" classname="c"/>'
    runs, _, _ = read(f'<testsuite name="s">{case}{case}</testsuite>')
    assert [run.spec_id for run in runs] == ["c::a", "c::b", "c::a[2]", "c::b[2]"]
    go = '<properties><property name="go.version" value="go1.23"/></properties>'
    runs, _, _ = read(f'<testsuite name="s">{go}{case}{case}</testsuite>')
    assert [run.spec_id for run in runs] == ["c::a", "c::b", "c::a", "c::b"]


@pytest.mark.parametrize("element", ["flakyFailure", "flakyError", "rerunFailure", "rerunError"])
def test_what_passed_on_a_retry_is_a_pass_with_a_mark(element):
    [run] = read(
        f'<testsuite name="s"><testcase name="a" classname="c"><{element} type="T" message="m">x'
        f"<stackTrace>y</stackTrace></{element}></testcase></testsuite>"
    )[0]
    assert run.outcome == "passed"
    assert (run.context["flaky"], run.context["first_failure"]) == (True, "T: m")


def test_the_spec_says_that_it_passed_on_a_retry(tmp_path):
    url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    cli("ingest", "--junit", str(REPORTS / "junit-surefire-flaky.xml"), store_url=url)
    shown = cli("spec", "br.exemplo.PagamentoTest::instavel", store_url=url).stdout.decode()
    assert "passed on a retry (flaky)" in shown
    other = cli("spec", "br.exemplo.PagamentoTest::aprova", store_url=url).stdout.decode()
    assert "flaky" not in other


def test_a_rerun_of_pytest_is_one_attempt():
    runs = read((REPORTS / "pytest-rerunfailures.xml").read_bytes())[0]
    marks = {run.spec_id: run.context.get("flaky") for run in runs}
    assert marks == {
        "test_r::test_flaky": True,
        "test_r::test_sempre": False,
        "test_r::test_cores": None,
    }


def test_nested_suites_cost_no_memory():
    depth = 4_000
    report = '<testsuite name="suite">' * depth + '<testcase name="a"/>' + "</testsuite>" * depth
    tracemalloc.start()
    try:
        runs, rejected, _ = read(report)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (len(runs), rejected) == (1, [])
    assert peak < 8_000_000


@pytest.mark.parametrize("name", [file.stem for file in sorted(REPORTS.glob("*.xml"))])
def test_what_a_report_said_of_an_error_outlives_newer_rules_of_reading(name):
    failed = [run for run in read((REPORTS / f"{name}.xml").read_bytes())[0] if run.failed]
    older = [replace(run, signature=replace(run.signature, version=1)) for run in failed]

    assert [run.signature for run in map(sign_anew, older)] == [run.signature for run in failed]
    assert failed
