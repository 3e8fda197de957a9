"""Objects that Node printed for people are read back, and nothing else is taken for one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesis_mcp.ingest.inspected import parse_inspected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ a: 1, 'b.c': [ 'x', null, 2n ], d: { e: -0.5 } }",
         {"a": 1, "b.c": ["x", None, 2], "d": {"e": -0.5}}),
        ("{ a: 'it\\'s', b: \"it's\", c: `\"'`, d: 'x\\ny' }",
         {"a": "it's", "b": "it's", "c": "\"'", "d": "x\ny"}),
        ("{\n  stack: 'E: x\\n' +\n    '    at f'\n}", {"stack": "E: x\n    at f"}),
        ("{\n  e: RangeError: x, y\n      at f (/a.js:1:2)\n      at g (/a.js:3:4),\n  b: true\n}",
         {"e": "RangeError: x, y\n    at f (/a.js:1:2)\n    at g (/a.js:3:4)", "b": True}),
        ("{\n  at: 2026-11-25T10:55:10.000Z,\n  f: [Function: f],\n  o: [Object]\n}",
         {"at": "2026-11-25T10:55:10.000Z", "f": "[Function: f]", "o": "[Object]"}),
        ("{ e: [Error: no, price], p: Preco { valor: 3 }, [Symbol(level)]: 'info' }",
         {"e": "[Error: no, price]", "p": {"valor": 3}, "[Symbol(level)]": "info"}),
        ("{ level: \x1b[32m'error'\x1b[39m, pid: \x1b[33m7\x1b[39m }",
         {"level": "error", "pid": 7}),
        *((text, None) for text in (
            "{}", "{ a }", "{ a: 1", "{ a: 1 } b", "{ " * 50 + "}" * 50, "[ 'a' ]")),
    ],
)  # fmt: skip
def test_what_node_printed(text, expected):
    assert parse_inspected(text) == expected


@given(st.text(alphabet="{}[]'\"`,:+\\n ax1\n", max_size=200))
def test_no_text_does_harm(text):
    found = parse_inspected("{" + text + "}")
    assert found is None or isinstance(found, dict)
