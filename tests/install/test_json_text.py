"""A value goes into the text of a JSON object and out again; no other byte moves."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesis_mcp.errors import ConfigError
from genesis_mcp.install.json_text import with_value, without_value

KEYS = ("mcpServers", "genesis")
ENTRY = {"command": "/opt/genesis-mcp", "args": ["serve"]}

PRETTY = """\
{
    "globalShortcut": "Ctrl+Space",
    "mcpServers": {
        "files": { "command": "npx", "args": ["-y", "server-files", "/home/ana/ação"] },
        "other": {"command": "x", "unknown": 1.50}
    },
    "last": [1,
             2]
}
"""

WITH_OURS = """\
{
    "globalShortcut": "Ctrl+Space",
    "mcpServers": {
        "files": { "command": "npx", "args": ["-y", "server-files", "/home/ana/ação"] },
        "other": {"command": "x", "unknown": 1.50},
        "genesis": {
            "command": "/opt/genesis-mcp",
            "args": [
                "serve"
            ]
        }
    },
    "last": [1,
             2]
}
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_is_new_stands_last_and_is_set_as_the_rest(newline, mark):
    before, after = (mark + text.replace("\n", newline) for text in (PRETTY, WITH_OURS))
    assert with_value(before, KEYS, ENTRY) == after
    assert with_value(after, KEYS, ENTRY) == after
    assert without_value(after, KEYS) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{}", '{\n  "a": {\n    "b": 1\n  }\n}'),
        ('{"x":1}', '{"x":1, "a": {"b": 1}}'),
        ('{"a":{}}', '{"a":{"b": 1}}'),
        ('{"a": {"c": [1]}}', '{"a": {"c": [1], "b": 1}}'),
        ('{\n\t"a": {}\n}\n', '{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n'),
        ('{"a": 3, "a": {"b": 2}}', '{"a": 3, "a": {"b": 1}}'),
    ],
)
def test_it_is_one_line_where_the_text_is(before, after):
    assert with_value(before, ("a", "b"), 1) == after


@pytest.mark.parametrize("text", ['{"mcpServers": []}', '{"mcpServers": null}', "[]", " 7 "])
def test_what_is_no_object_is_not_overwritten(text):
    with pytest.raises(ConfigError, match="is no JSON object"):
        with_value(text, KEYS, ENTRY)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
LAYOUTS = st.fixed_dictionaries(
    {
        "indent": st.sampled_from([None, 0, 1, 2, 4, "\t"]),
        "ensure_ascii": st.booleans(),
        "separators": st.sampled_from([None, (",", ":"), (" ,", " : ")]),
    }
)


@given(
    others=st.dictionaries(st.text(), VALUES, max_size=3),
    servers=st.none() | st.dictionaries(st.text(), VALUES, max_size=3),
    layout=LAYOUTS,
    place=st.integers(0, 3),
)
def test_of_any_object_all_else_stays_as_it_was(others, servers, layout, place):
    members = [(name, value) for name, value in others.items() if name != KEYS[0]]
    if servers is not None:
        servers.pop(KEYS[1], None)
        members.insert(place, (KEYS[0], servers))
    before = json.dumps(dict(members), **layout)
    after = with_value(before, KEYS, ENTRY)
    expected = dict(members) | {KEYS[0]: (servers or {}) | {KEYS[1]: ENTRY}}
    assert list(json.loads(after).items()) == list(expected.items())
    taken = without_value(after, KEYS)
    if servers:
        assert taken == before
    else:
        assert json.loads(taken) == dict(members) | {KEYS[0]: {}}
