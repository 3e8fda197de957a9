"""No argument of a tool is accepted and ignored, and none is a dead end, on every store.

What there is to try comes from the tools' own schemas, so that a new argument is tried as well.
"""

from datetime import timedelta

import pytest

from genesis_mcp.answers.budget import FULL_CHARS
from genesis_mcp.answers.markdown import fit
from genesis_mcp.errors import InputError
from genesis_mcp.mcp_server.tool_schemas import input_schema
from genesis_mcp.mcp_server.tools import TOOLS
from genesis_mcp.questions.arguments import RecordRun
from genesis_mcp.questions.wait_for_run import Wait
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.validation import parse
from tests.helpers.service import NOW, record, service_on

NO_SUCH = "no-such-thing-7f3a"
"""Nothing is called so, and it is no value of any type but a text."""

REFUSED = "error: "

REQUIRED = {"spec_id": "soma", "run_id": "r5", "text": "esperado"}
"""What the reading tools cannot do without; every other argument is tried beside these."""

OF_A_TYPE = {
    "integer": [1],
    "number": [1.5],
    "boolean": [True, False],
    "object": [{"turno": "noite"}],
    # Names of what is there, a time and a span.
    "string": ["usuario", "r3", "soma#2", "web", "S2", "T2", "2025-12-19T15:10:00Z", "25m"],
}

SOMA = (
    'Traceback (most recent call last):\n  File "soma.py", line 3\nValueError: esperado 4\n'
    f"{''.join(f'passo {number} {chr(120) * 60}{chr(10)}' for number in range(40))}"
)


def fill(service):
    """Two specs, two errors, a pass between, events; each label with two values."""
    ours = {"service": "api", "sprint_id": "S1", "task_id": "T1"}
    others = {"service": "web", "sprint_id": "S2", "task_id": "T2"}
    attempts = ((50, 1, "r1"), (40, 1, "r2"), (30, 0, "r3"), (20, 1, "r4"), (5, 1, "r5"))
    for minutes, exit_code, run_id in attempts:
        fields = {"stderr": SOMA if exit_code else "", "code_snapshot": f"soma({minutes})\n"}
        fields |= {"stdout": "esperado ok\n", "run_id": run_id, **ours}
        record(service, "soma", exit_code, minutes_ago=minutes, **fields)
    usuario = {"stderr": "Error: esperado nome\n", "run_id": "u1", **others}
    record(service, "usuario", 1, minutes_ago=35, **usuario)
    for minutes in (7, 6):
        event = {"level": "error", "message": "pedido esperado recusado", "kind": "event", **ours}
        ended = NOW - timedelta(minutes=minutes)
        service.record([make_run({**event, "timestamp": ended}, recorded_by="test")])


def asked(tool):
    """The required arguments of a tool, and the others with the values to try of each."""
    schema = input_schema(TOOLS[tool].arguments)
    required = {name: REQUIRED[name] for name in schema.get("required", ())}
    tried = {}
    for name, one in schema["properties"].items():
        kinds = one.get("type") or one["anyOf"][0]["type"]
        kind = kinds if isinstance(kinds, str) else kinds[0]
        if name not in required:
            tried[name] = one.get("enum", OF_A_TYPE[kind])
    return required, tried


def answered(service, tool, given):
    """The whole answer, or the error behind a mark."""
    one = TOOLS[tool]
    try:
        result = one.answer(service, parse(one.arguments, given), "test")
        if isinstance(result, Wait):
            result = result.look() or result.nothing()
    except InputError as error:
        return f"{REFUSED}{error}"
    return fit(result, FULL_CHARS, mark="0000").text


def is_heeded(answers, usual):
    """Whether one of the answers is another than without the argument, or all are refusals.

    An argument that needs another one says so: `get_run(lines=...)` without `part`.
    """
    is_accepted = False
    for answer in answers:
        if not answer.startswith(REFUSED):
            if answer != usual:
                return True
            is_accepted = True
    return not is_accepted


@pytest.mark.parametrize("tool", [name for name, one in TOOLS.items() if not one.writes])
def test_no_argument_of_a_question_is_ignored(store, tool):
    service = service_on(store)
    fill(service)
    required, tried = asked(tool)
    usual = answered(service, tool, required)
    assert not usual.startswith(REFUSED)
    ignored = []
    for name, values in tried.items():
        answers = (answered(service, tool, {**required, name: value}) for value in values)
        if not is_heeded(answers, usual):
            ignored.append(name)
        if answered(service, tool, {**required, name: NO_SUCH}) == usual:
            ignored.append(f"{name}={NO_SUCH}")
    assert ignored == []


def test_every_field_that_is_recorded_is_stored(store):
    service = service_on(store)
    others = {"level": "warn", "context": {"turno": "noite"}}
    for name, one in input_schema(RecordRun)["properties"].items():
        value = others.get(name, 7 if one["type"] == "integer" else "valor")
        given = {"spec_id": "soma", "exit_code": 1, name: value}
        if name == "timestamp":
            given[name] = NOW.isoformat()
        recorded = service.record_run(parse(RecordRun, given), recorded_by="test")
        [run] = service.store.fetch([recorded.run_id])
        assert getattr(run, name) == (NOW if name == "timestamp" else value), name
