"""What loggers write of one error, by the forms that each documents: its level, error and place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesis_mcp.ingest import envelopes, logged_error, pino
from genesis_mcp.ingest.lines import Line
from genesis_mcp.ingest.logged_error import error_text
from genesis_mcp.ingest.stream import NO_JSON, Stream
from genesis_mcp.ingest.text_levels import level_told
from genesis_mcp.runs.signing import sign
from genesis_mcp.runs.times import now

NODE = "TypeError: sem preço\n    at soma (/srv/app/src/soma.js:7:9)"
PYTHON = (
    'Traceback (most recent call last):\n  File "/srv/app/soma.py", line 7, in soma\n'
    "    return float(total)\nValueError: '12,5'"
)
JS, PY = ("TypeError", "sem preço", "soma.js:7"), ("ValueError", "'12,5'", "soma.py:7")


def events(*lines):
    stream = Stream(defaults={}, now=now, is_live=False)
    read = [
        Line(number, (line if isinstance(line, str) else json.dumps(line)).encode())
        for number, line in enumerate(lines, 1)
    ]
    items = [item for line in read for item in stream.feed(line)] + list(stream.end())
    assert [item.rejected for item in items] == [None] * len(items)
    return [(sign(item.run), item.notes) for item in items]


def told(*lines):
    """Type, message and place of each failure."""
    signatures = [run.signature for run, _ in events(*lines) if run.failed]
    return [(one.type, one.message, one.location and one.location[-9:]) for one in signatures]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"levelname": "ERROR", "asctime": "2026-11-25 10:55:12,115", "message": "x",
          "exc_info": PYTHON}, PY),
        ({"levelname": "ERROR", "message": "x", "exc_info": PYTHON.split("\n")}, PY),
        ({"message": "x", "exc_info": PYTHON}, PY),
        ({"event": "x", "level": "error", "exception": [{
            "exc_type": "ValueError", "exc_value": "'12,5'", "is_cause": False,
            "frames": [{"filename": "/srv/app/soma.py", "lineno": 7, "name": "soma"}]}]}, PY),
        ({"text": f"ERROR | x\n{PYTHON}", "record": {
            "level": {"name": "ERROR", "no": 40}, "message": "x", "extra": {},
            "exception": {"type": "ValueError", "value": "'12,5'"},
            "time": {"timestamp": 1764068115.1}}}, PY),
        ({"level": "error", "message": "sem preço", "stack": NODE}, JS),
        ({"level": "error", "message": "x", "erro": {"name": "TypeError", "stack": NODE}}, JS),
        ({"@timestamp": "2026-11-25T10:55:12Z", "log.level": "error", "message": "x",
          "error": {"type": "TypeError", "message": "sem preço", "stack_trace": NODE}}, JS),
        ({"log.level": "error", "message": "x", "error.type": "TypeError",
          "error.message": "sem preço", "error.stack_trace": NODE}, JS),
        ({"severity": "ERROR", "message": "x", "stack_trace": NODE}, JS),
        ({"severityText": "ERROR", "body": "x", "attributes": {
            "exception.type": "TypeError", "exception.message": "sem preço",
            "exception.stacktrace": NODE}}, JS),
        ({"severityText": "ERROR", "body": {"stringValue": "x"}, "attributes": [
            {"key": "exception.stacktrace", "value": {"stringValue": NODE}}]}, JS),
        ({"level": "ERROR", "requestId": "a", "message": {
            "errorType": "TypeError", "errorMessage": "sem preço",
            "stackTrace": NODE.split("\n")}}, JS),
        ({"level": "ERROR", "errorType": "ValueError", "errorMessage": "'12,5'",
          "stackTrace": ['  File "/srv/app/soma.py", line 7, in soma\n    return float(total)\n']},
         PY),
        ({"level": "error", "msg": "x", "error": "sem frete", "stack": [
            {"func": "soma", "line": "12", "source": "/srv/app/soma.go"}]},
         (None, "sem frete", "oma.go:12")),
        ({"level": "error", "ts": 1764068115.1, "msg": "x", "error": "sem frete",
          "stacktrace": "main.soma\n\t/srv/app/soma.go:12\nmain.main\n\t/srv/app/main.go:3"},
         (None, "sem frete", "oma.go:12")),
        ({"message": "x", "level": 400, "level_name": "ERROR", "context": {"exception": {
            "class": "RuntimeException", "message": "sem frete", "code": 0,
            "file": "/srv/app/Frete.php:12", "trace": ["/srv/app/index.php:3"]}}},
         ("RuntimeException", "sem frete", "te.php:12")),
        ({"instant": {"epochSecond": 1764068115, "nanoOfSecond": 1000}, "level": "ERROR",
          "message": "x", "thrown": {"name": "java.lang.IllegalStateException",
          "message": "sem frete", "extendedStackTrace": [
              {"class": "loja.Frete", "method": "soma", "file": "Frete.java", "line": 12}]}},
         ("java.lang.IllegalStateException", "sem frete", "e.java:12")),
        ({"@t": "2026-11-25T10:55:12Z", "@l": "Error", "@mt": "x {Lote}", "Lote": 7,
          "@x": "System.InvalidOperationException: sem frete\n"
          "   at Loja.Frete.Soma() in /srv/app/Frete.cs:line 12"},
         ("System.InvalidOperationException", "sem frete", "ete.cs:12")),
        ({"version": "1.1", "host": "h", "short_message": "sem frete", "level": 3},
         (None, "sem frete", None)),
        ({"startTime": "2026-11-25T10:55:12Z", "level": {"level": 40000, "levelStr": "ERROR"},
          "data": ["x", {"name": "TypeError", "message": "sem preço", "stack": NODE}]}, JS),
        ({"level": 50, "msg": "x", "err": {"message": "sem frete"}}, (None, "sem frete", None)),
        ({"level": "error", "msg": "x", "err": {"code": "ETIMEDOUT"}}, (None, "ETIMEDOUT", None)),
        ({"level": 50, "msg": "falhou", "error": "HTTP 503"}, (None, "HTTP 503", None)),
        ('level=error ts=2026-11-25T10:55:12Z msg="sem frete" lote=7', (None, "sem frete", None)),
        (f'error: sem preço {{"stack":{json.dumps(NODE)}}}', JS),
    ],
)  # fmt: skip
def test_the_error_of_a_line_is_read(line, expected):
    assert told({"level": "info", "msg": "antes"}, line, {"level": "info", "msg": "fim"}) == [
        expected
    ]


def test_what_an_http_client_was_told_is_in_its_error():
    stack = "AxiosError: Request failed with status code 400\n    at settle (/srv/app/a.js:3:1)"
    error = {"type": "AxiosError", "message": "Request failed with status code 400", "stack": stack}
    data = {"message": ["cpf inválido", "nome vazio"], "error": "Bad Request"}
    [(kind, message, _)] = told(
        {"level": 50, "msg": "x", "err": error | {"response": {"data": data}}}
    )
    assert kind == "AxiosError"
    assert message == "Request failed with status code 400: cpf inválido; nome vazio"


def test_the_errors_of_an_aggregate_are_told():
    inner = [{"type": "TypeError", "message": "um"}, {"type": "RangeError", "message": "dois"}]
    text = error_text({"type": "AggregateError", "message": "lote", "aggregateErrors": inner})
    assert text == "AggregateError: lote\ncaused by: TypeError: um\ncaused by: RangeError: dois"


def test_a_chain_of_structlog_is_as_python_prints_it():
    chain = [{"exc_type": "B", "exc_value": "b", "is_cause": False},
             {"exc_type": "A", "exc_value": "a", "is_cause": True}]  # fmt: skip
    assert error_text(chain) == (
        "A: a\n\nThe above exception was the direct cause of the following exception:\n\nB: b"
    )


def request(message, level=50, number=1, **more):
    error = {
        "type": "Error",
        "message": message,
        "stack": f"Error: {message}\n    at f (/a.js:1:2)",
    }
    return {"level": level, "time": 1764068115000, "pid": 1, "hostname": "h", "err": error,
            "req": {"id": number, "method": "GET", "url": f"/lotes/{number}"}, **more}  # fmt: skip


def test_a_request_that_failed_is_one_failure():
    first, twin = (
        request("sem frete"),
        request("failed with status code 500", msg="request errored"),
    )
    alone = request("failed with status code 502", number=2)
    read = [run for run, _ in events(first, twin, alone)]
    assert [run.level for run in read] == ["error", "warn", "error"]
    assert read[1].context["twin_of"] == read[0].run_id
    assert read[2].signature.message == "GET /lotes/2 failed with status code 502"


def test_a_record_that_is_printed_over_several_lines_is_one():
    lines = json.dumps({"level": "error", "message": "x", "stack": NODE}, indent=2).split("\n")
    assert told(*lines) == [JS]
    [(text, _), *rest] = events("{", "  a: 1", "}", "{", '  "level": 30')
    assert (text.message, text.level, len(rest)) == ("{", None, 1)


@pytest.mark.parametrize(
    "before",
    ["2026-11-25T10:55:10.000000+00:00 producao/loja/4f2a ", "#12 3.221 ", "loja-7d9f-x2 api ",
     "<14>1 2026-11-25T10:55:10Z host app 12 - - ", "x" * 200 + " | "],
)  # fmt: skip
def test_whatever_stands_before_a_record_does_not_hide_it(before):
    for record in (
        {
            "level": 50,
            "time": 1764068115000,
            "msg": "x",
            "err": {"type": "TypeError", "stack": NODE},
        },
        {"severity": "ERROR", "message": "x", "stack_trace": NODE},
        {"levelname": "ERROR", "message": "x", "exc_info": NODE},
    ):
        assert told(before + json.dumps(record)) == [JS]


def test_what_looks_like_json_and_is_none_is_said_and_has_its_level():
    [(run, notes)] = events('{"level":"ERROR"",timestamp":"2026-11-25","message":"sem frete"}')
    assert (run.level, notes) == ("error", (NO_JSON,))


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("2026-11-25 10:55:12,115 - importa - ERROR - falha", "error"),
        ("ERROR:root:falha", "error"),
        ("ERROR:    Exception in ASGI application", "error"),
        ('INFO:     127.0.0.1:5000 - "GET / HTTP/1.1" 500', "info"),
        ("[2026-11-25 10:55:10,123: ERROR/Worker-1] Task x raised", "error"),
        ("E, [2026-11-25T10:55:10.123456 #123] ERROR -- : falha", "error"),
        ("2026-11-25 10:55:10.123 ERROR 1 --- [main] c.e.Pedido : falha", "error"),
        ("[Nest] 4121  - 25/11/2026, 10:55:10     LOG [X] ok", "info"),
        ("2026/11/25 10:55:10 [error] 12#12: falha", "error"),
        ("[Wed Nov 25 10:55:10.123456 2026] [php:error] [pid 12] x", "error"),
        ("E1125 10:55:10.123456   1 file.go:12] falha", "error"),
        ('time="2026-11-25T10:55:10Z" level=fatal msg="falha"', "fatal"),
        ("[2026-11-25T10:55:10.123456+00:00] app.ERROR: sem frete", "error"),
        ("[2026-11-25T10:55:10Z ERROR app] sem frete", "error"),
        ("crit: Loja.Frete[0]", "fatal"),
        ("✖ falhou", "error"),
        ("✓ pronto", "info"),
        ("ERRO: falha ao gravar pedido", "error"),
        ("[AVISO] fila cheia", "warn"),
        ("2026-11-25T10:55:10.000Z error: falha", "error"),
        ("Unhandled rejection Error: x", "error"),
        ("Error: sem frete", None),
        ("The ERROR was found", None),
        ("0 ERRORS", None),
        ("2026-11-25 10:55:10 pedido 12 sem ERROR nenhum", None),
        ("ERROR_CODE=3", None),
        ("LOG de acesso", None),
        ("passou sem erro", None),
    ],
)
def test_a_line_of_text_has_the_level_that_its_format_tells(line, level):
    assert level_told(line) == level


def test_lines_below_an_error_of_a_text_logger_belong_to_it():
    lines = ["ERROR:    Exception in ASGI application", *PYTHON.split("\n"), "INFO:     fim"]
    assert told(*lines) == [PY]


NAMES = (
    *pino.TIME_NAMES, *pino.LEVEL_NAMES, *pino.MESSAGE_NAMES, *pino.ERROR_NAMES,
    *logged_error.STACK_NAMES, *logged_error.TYPE_NAMES, *logged_error.CODE_NAMES,
    *logged_error.CAUSE_NAMES, *(mark for mark, _ in envelopes._OPENERS), "req", "response",
    "logLevelName", "exc_type", "is_cause", "lineno", "error.type", "exception.message",
)  # fmt: skip
PLAIN = st.sampled_from([None, True, 7, -1.5, 1e300, "", "x", "50", "a\nb"])
VALUES = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=6))
def test_no_value_under_a_known_name_does_harm(record):
    stream = Stream(defaults={}, now=now, is_live=False)
    line = Line(1, json.dumps(record).encode())
    items = [*stream.feed(line), *stream.end()]
    assert len(items) == 1
    assert items[0].run or items[0].rejected


@pytest.mark.parametrize("colour", ["", "\x1b[90m"])
def test_a_run_behind_the_head_of_pino_pretty_keeps_level_and_time(colour):
    told = '{"spec_id":"soma","exit_code":1,"stderr":"ValueError: 3"}'
    [(run, _)] = events(f"[2026-11-25 10:55:12.586 +0000] ERROR: {colour}{told}")
    assert (run.kind, run.level, run.spec_id) == ("run", "error", "soma")
    assert run.timestamp.isoformat() == "2026-11-25T10:55:12.586000+00:00"
