"""Lines that others print, one stream at a time: what is an event, and what belongs to it."""

import json
import random
from datetime import UTC, datetime

import pytest

from genesis_mcp.ingest import long_objects
from genesis_mcp.ingest.lines import LINE_BYTES_MAX, Lines
from genesis_mcp.ingest.records import parse_object, run_of
from genesis_mcp.ingest.repeats import REMEMBERED, Places
from genesis_mcp.ingest.stream import Stream
from genesis_mcp.runs.model import CONTEXT_BYTES_MAX
from tests.helpers.command_line import cli

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        {
            "spec_id": "s",
            "iteration": 1,
            "exitCode": 1,
            "stderr": "e",
            "durationMs": 41,
            "code": "x",
        },
        {"specId": "s", "iteration": 1, "resultado": {"exitCode": 1, "stderr": "e", "code": "x"}}
        | {"durationMs": 41},
        {"level": 30, "time": 1766158200000, "msg": "fim", "spec_id": "s", "iteration": 1}
        | {"result": {"stdout": "", "stderr": "e", "exitCode": 1, "code": "x", "durationMs": 41}},
    ],
)
def test_the_names_in_the_code_of_the_workers_are_taken_for_what_they_mean(line):
    [item] = items(json.dumps(line).encode() + b"\n")
    run = item.run
    assert (run.kind, run.outcome, run.exit_code) == ("run", "failed", 1)
    assert (run.spec_id, run.stderr, run.duration_ms, run.code_snapshot) == ("s", "e", 41, "x")


def test_a_traceback_behind_the_name_of_a_service_is_one_event():
    printed = ["Traceback (most recent call last):", '  File "/srv/w.py", line 5, in rodar']
    printed += ['    raise KeyError("fila")', "KeyError: 'fila'"]
    lines = [f"worker  | {line}" for line in printed] + ["worker exited with code 1"]
    first, last = items("\n".join(lines).encode() + b"\n")
    assert (first.run.stderr, first.run.context) == ("\n".join(printed), {"container": "worker"})
    assert last.run.message == "worker exited with code 1"


def test_the_code_of_an_error_is_no_code_that_ran():
    [item] = items(
        json.dumps({"spec_id": "s", "exitCode": 1, "code": "ECONNREFUSED"}).encode() + b"\n"
    )
    assert item.run.code_snapshot is None
    assert item.run.context == {"code": "ECONNREFUSED"}


def items(data, *, chunks=None, is_live=False):
    """What becomes of a stream, which comes in these chunks."""
    lines, stream = Lines(), Stream(defaults={}, now=lambda: NOW, is_live=is_live)
    told = []
    for chunk in chunks or [data]:
        for line in lines.feed(chunk):
            told += stream.feed(line)
    for line in lines.end():
        told += stream.feed(line)
    return [*told, *stream.end()]


def told(data):
    """The events of a stream, each as (level, message, stderr)."""
    return [
        (one.run.level, one.run.message, one.run.stderr)
        for one in items(data.encode() if isinstance(data, str) else data)
    ]


def event(message="m", **fields):
    return json.dumps({"level": 30, "time": 1766158200123, "msg": message, **fields}) + "\n"


# --- what belongs together ----------------------------------------------------------------------

NODE_CRASH = """\
/tmp/app.js:3
  throw new TypeError("x");
  ^

TypeError: x
    at foo (/tmp/app.js:3:9)
    at Module._compile (node:internal/modules/cjs/loader:1521:14)

Node.js v20.20.2
"""

TRACEBACK = """\
Traceback (most recent call last):
  File "/tmp/a.py", line 3, in <module>
    raise KeyError("a")
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/tmp/a.py", line 5, in <module>
    raise soma.Invalid
soma.Invalid: 3
"""

JAVA = """\
Exception in thread "main" java.lang.IllegalStateException: x
\tat Main.main(Main.java:3)
Caused by: java.lang.RuntimeException: y
\tat Main.a(Main.java:9)
\t... 1 more
"""


@pytest.mark.parametrize(
    ("text", "level"), [(NODE_CRASH, "fatal"), (TRACEBACK, "error"), (JAVA, "error")]
)
def test_a_stack_trace_is_one_event_wherever_it_stands(text, level):
    whole = text.rstrip("\n")
    first = whole.splitlines()[0]
    assert told(text) == [(level, first, whole)]
    assert told(event("antes") + text + event("depois")) == [
        ("info", "antes", ""),
        (level, first, whole),
        ("info", "depois", ""),
    ]


def test_a_stack_trace_below_an_error_belongs_to_it():
    assert told(event("Falha", level=50) + TRACEBACK + "nada\n") == [
        ("error", "Falha", TRACEBACK.rstrip("\n")),
        (None, "nada", ""),
    ]
    logged = event("Falha", level=50, err={"type": "E", "message": "m", "stack": "E: m\n    at a"})
    assert told(logged + "    at b\n") == [("error", "Falha", "E: m\n    at a\n    at b")]


def test_lines_that_nobody_indented_are_events_of_their_own():
    given = event("a") + 'pronto\n[1, 2]\nforam | 3\n12\n"texto"\nnull\n'
    messages = [message for _, message, _ in told(given)]
    assert messages == ["a", "pronto", "[1, 2]", "foram | 3", "12", '"texto"', "null"]


def test_a_warning_of_node_is_no_failure():
    given = "(node:41) Warning: x\n    at a (b.js:1:2)\n"
    assert [level for level, _, _ in told(given)] == ["warn"]


def test_containers_of_docker_compose_are_kept_apart():
    given = (
        "web-1     | " + event("web") + "worker-1  | Traceback (most recent call last):\n"
        "web-1     | GET /\n" + 'worker-1  |   File "a.py", line 3\nworker-1  | soma.Invalid: 3\n'
    )
    found = {one.run.message: one.run for one in items(given.encode())}
    assert found["web"].context == {"container": "web-1"}
    assert found["GET /"].context == {"container": "web-1"}
    failed = found["Traceback (most recent call last):"]
    assert (failed.level, failed.context) == ("error", {"container": "worker-1"})
    assert failed.stderr.endswith("\nsoma.Invalid: 3")


def test_the_time_that_docker_puts_before_a_line_is_its_time():
    given = '2025-12-19T15:30:00.123456789Z pronto\n2025-12-19T12:30:01-03:00 {"msg":"m"}\n'
    times = [one.run.timestamp.isoformat() for one in items(given.encode())]
    assert times == ["2025-12-19T15:30:00.123000+00:00", "2025-12-19T15:30:01+00:00"]


def test_very_long_traces_are_divided_and_no_line_of_them_is_lost():
    trace = "".join(f"    at f{number} (a.js:1:2)\n" for number in range(2_500))
    found = items((event("Falha", level=50) + trace).encode())
    assert [one.lines for one in found] == [1_001, 1_001, 499]
    texts = "\n".join(one.run.stderr for one in found)
    assert texts.splitlines() == trace.splitlines()


# --- times --------------------------------------------------------------------------------------


def test_what_has_no_time_has_that_of_the_line_before_in_a_file_and_the_present_in_a_stream():
    given = ("antes\n" + event("m") + "depois\n" + '{"msg":"sem hora"}\n').encode()
    logged = datetime(2025, 12, 19, 15, 30, 0, 123000, UTC)
    assert [one.run.timestamp for one in items(given)] == [NOW, logged, logged, logged]
    assert [one.run.timestamp for one in items(given, is_live=True)] == [NOW, logged, NOW, NOW]


# --- identity -----------------------------------------------------------------------------------

ANYTHING = (
    event("a")
    + NODE_CRASH
    + event("b", level=50)
    + TRACEBACK
    + "web-1  | olá\n"
    + '{"spec_id":"s","exit_code":1}\n{"spec_id":"s","exit_code":"x"}\nã\n'
    + '[15:30:00.123] ERROR (41): Falha\n    spec_id: "q"\n    a: {\n      "b": 1\n    }\n'
    + event("a") * 3
).encode() + b'\xff\xfe\x00\r\n{"torn'


def test_the_chunks_in_which_a_stream_comes_do_not_matter():
    whole = items(ANYTHING)
    chance = random.Random(3)
    for _ in range(200):
        places = sorted(chance.sample(range(1, len(ANYTHING)), chance.randrange(1, 40)))
        ends = zip([0, *places], [*places, len(ANYTHING)], strict=True)
        cut = items(None, chunks=[ANYTHING[start:end] for start, end in ends])
        assert [(one.run, one.lines, one.rejected) for one in cut] == [
            (one.run, one.lines, one.rejected) for one in whole
        ]


def test_every_line_is_in_one_item():
    assert sum(one.lines for one in items(ANYTHING)) == sum(
        bool(line.strip()) for line in ANYTHING.split(b"\n")
    )


def ids(data):
    return [one.run.run_id for one in items(data.encode())]


def test_identical_lines_are_told_apart_by_their_number_and_not_by_their_place():
    first, second, third = ids(event() * 3)
    assert len({first, second, third}) == 3
    assert ids("outra\n" + event() + "\n\n" + event())[1:] == [first, second]


def test_a_line_without_a_time_is_known_by_the_one_before_it_that_has_one():
    start, later = event(time=1766158200123), event(time=1766158200999)
    assert ids(start + "pronto\n")[1] == ids(event("x") + start + "pronto\n")[2]
    assert ids(start + "pronto\n")[1] != ids(later + "pronto\n")[1]
    assert len(set(ids("pronto\n" * 3))) == 3


def test_the_order_of_the_fields_does_not_matter():
    assert ids('{"msg":"m","time":1766158200123}\n') == ids('{"time":1766158200123, "msg":"m"}')


def test_places_are_remembered_in_bounded_memory():
    places = Places()
    for number in range(3 * REMEMBERED):
        assert places.place(str(number).encode(), timed=True) == ""
    assert places.place(str(3 * REMEMBERED - 1).encode(), timed=True) == "#1"
    assert len(places._recent) + len(places._older) <= 2 * REMEMBERED


# --- bounds -------------------------------------------------------------------------------------


def test_a_line_is_held_in_bounded_memory_however_it_comes():
    lines = Lines()
    for _ in range(20):
        assert not list(lines.feed(b"x" * 1024 * 1024))
        assert lines._size - sum(map(len, lines._parts)) == max(0, lines._size - LINE_BYTES_MAX)
    [line] = lines.feed(b"\nnext")
    assert (len(line.data), line.left_out) == (LINE_BYTES_MAX, 4 * 1024 * 1024)
    assert [one.data for one in lines.end()] == [b"next"]


@pytest.mark.parametrize(
    "fields",
    [
        {"payload": "x" * 200_000, "small": 1},
        {"payload": {"a": ["ç" * 50_000] * 3}, "small": 1},
        {f"k{number}": "y" * 100 for number in range(3_000)} | {"small": 1},
        {"k" * 100_000: 1, "small": 1},
    ],
)
def test_what_is_too_large_for_the_context_is_shortened_and_says_so(fields):
    [one] = items(event(**fields).encode())
    assert len(json.dumps(one.run.context, ensure_ascii=False).encode()) <= CONTEXT_BYTES_MAX
    assert "bytes of JSON" in one.run.context["shortened"]
    assert one.run.context.get("small", 1) == 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"msg":"m","a":"\\ud800"}', "\ufffd"),
        ('{"msg":"m","a":"x\\u0000"}', "x\x00"),
        ('{"msg":"m","a":NaN}', None),
        ('{"msg":"m","a":1' + "0" * 400 + "}", int("1" + "0" * 400)),
    ],
)
def test_values_that_json_can_hold_and_stores_cannot_are_no_reason_to_refuse_a_line(text, kept):
    [one] = items(text.encode())
    assert one.rejected is None
    assert one.run.context == {"a": kept}


def test_deep_nesting_is_kept_as_text():
    deep = '{"msg":"m","a":' + "[" * 150 + "]" * 150 + "}"
    [one] = items(deep.encode())
    assert "[[[[" in json.dumps(one.run.context)
    assert items(b'{"msg":' + b"[" * 100_000)[0].run.message.startswith('{"msg":[[')


# --- records that are longer than a line may be -------------------------------------------------

HUGE = 24 * 1024 * 1024


@pytest.mark.parametrize(
    ("texts", "chunk"),
    [(("stdout",), 64 * 1024), (("stderr",), 1_000_003), (("stdout", "stderr"), 64 * 1024)],
)
def test_the_record_of_a_runaway_run_keeps_its_fields_and_the_ends_of_its_texts(texts, chunk):
    noise = 'linha "çé\\n' * (HUGE // 12)
    fields = {"spec_id": "soma", "iteration": 3}
    fields |= {name: f"{name} começo\n{noise}\nValueError: {name}\n" for name in texts}
    record = {**fields, "exit_code": 1, "duration_ms": 9, "timestamp": "2025-12-19T15:30:00Z"}
    data = json.dumps(record).encode() + b'\n{"spec_id": "depois", "exit_code": 0}\n'
    lines = Lines()
    read = [line for at in range(0, len(data), chunk) for line in lines.feed(data[at : at + chunk])]

    assert [len(line.data) < 20 * 1024 * 1024 for line in read] == [True, True]
    run, after = (run_of(parse_object(line.data), recorded_by="test") for line in read)
    assert (run.spec_id, run.iteration, run.exit_code, run.duration_ms) == ("soma", 3, 1, 9)
    for name in texts:
        text = getattr(run, name)
        assert text.startswith(f"{name} começo\nlinha")
        assert text.endswith(f"ValueError: {name}\n")
        assert "bytes left out" in text
    assert (after.spec_id, after.exit_code) == ("depois", 0)


@pytest.mark.parametrize("cut", range(12))
def test_a_long_string_is_cut_between_its_characters(monkeypatch, cut):
    monkeypatch.setattr(long_objects, "HEAD_BYTES", 20 + cut)
    monkeypatch.setattr(long_objects, "TAIL_BYTES", 20 + cut)
    text = 'a\\"\n\u00e9\u20ac\\\\"' * 40
    for ensure_ascii in (True, False):
        found = long_objects.LongObject()
        for byte in json.dumps({"a": text, "b": 1}, ensure_ascii=ensure_ascii).encode():
            found.feed(bytes([byte]))
        record = parse_object(found.end())
        assert record["b"] == 1
        assert record["a"].startswith('a\\"')
        assert "bytes left out" in record["a"]


@pytest.mark.parametrize("line", [b'{"a": "' + b"x" * HUGE, b"x" * HUGE])
def test_a_long_line_that_is_no_record_is_said(url, line):
    done = cli("ingest", "--json", store_url=url, input=line + b"\n")
    assert b"1 record: a line over 16 MiB that is no record, kept as text and cut." in done.stderr
    assert json.loads(done.stdout)["other_lines"] == 1
