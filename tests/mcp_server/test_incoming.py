"""Lines that the SDK would drop without a word: each gets the answer that its sender waits for."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mcp_types.jsonrpc import JSONRPCNotification, JSONRPCRequest

from genesis_mcp.mcp_server.incoming import BATCH_MESSAGES_MAX, read_line

PARSE, REQUEST, PARAMS = -32700, -32600, -32602
HEAD = '"jsonrpc":"2.0","method":"ping"'


def ping(rest):
    return f"{{{HEAD},{rest}}}"


def refused(line):
    read = read_line(line.encode() if isinstance(line, str) else line)
    assert not read.messages
    return [(one["id"], one["error"]["code"]) for one in map(json.loads, read.refusals)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("not json", (None, PARSE)),
        ('{"jsonrpc":"2.0","id":5,"method":"ping"', (None, PARSE)),
        (b"\xff\xfe\x00", (None, PARSE)),
        ("7", (None, REQUEST)),
        ("null", (None, REQUEST)),
        ("{}", (None, REQUEST)),
        ('{"jsonrpc":"2.0"}', (None, REQUEST)),
        ("[]", (None, REQUEST)),
        (ping('"id":1,"params":[]'), (1, PARAMS)),
        (ping('"id":"a","params":[1]'), ("a", PARAMS)),
        (ping('"id":1,"params":"x"'), (1, PARAMS)),
        (ping('"id":1.5'), (1.5, REQUEST)),
        (ping('"id":2.0'), (2.0, REQUEST)),
        (ping('"id":null'), (None, REQUEST)),
        (ping('"id":true'), (None, REQUEST)),
        (ping('"id":[1]'), (None, REQUEST)),
        (ping('"id":1e999'), (None, REQUEST)),
        ('{"id":3,"method":"ping"}', (3, REQUEST)),
        ('{"jsonrpc":"1.0","id":3,"method":"ping"}', (3, REQUEST)),
        ('{"jsonrpc":"2.0","id":3,"method":7}', (3, REQUEST)),
        ('{"jsonrpc":"2.0","id":3}', (3, REQUEST)),
    ],
)
def test_a_line_that_is_no_message_is_refused_with_its_id(line, expected):
    assert refused(line) == [expected]


@pytest.mark.parametrize("inmost", ["1", r'"\ud800"'])
@pytest.mark.parametrize("depth", [200, 5_000, 200_000])
@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_a_message_that_is_nested_too_deep_is_refused_with_its_id(depth, opening, inmost):
    closing = {"[": "]"}.get(opening, "}")
    deep = f"{opening * depth}{inmost}{closing * depth}"
    decoy = r'"id":7,"x":"\"id\":8,{"'
    line = f'{{"params":{{{decoy},"d":{deep}}},"id":"mine",{HEAD}}}'
    assert refused(line) == [("mine", REQUEST)]
    assert refused(f"[{line},{line}]") == [("mine", REQUEST)] * 2
    assert refused(deep) == [(None, REQUEST)]


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"  \r",
        b'{"jsonrpc":"2.0","method":"notifications/x","params":[]}',
        b'{"method":"notifications/x"}',
        b'{"jsonrpc":"2.0","id":1,"result":[]}',
        b'{"jsonrpc":"2.0","id":null,"error":7}',
    ],
)
def test_what_nobody_waits_for_gets_no_answer(line):
    read = read_line(line)
    assert (read.messages, read.refusals) == ((), ())


def test_a_byte_order_mark_is_no_part_of_the_message():
    [message] = read_line(b'\xef\xbb\xbf{"jsonrpc":"2.0","id":1,"method":"ping"}\r\n').messages
    assert message == JSONRPCRequest(jsonrpc="2.0", id=1, method="ping")


def test_a_batch_of_too_many_is_refused_as_a_whole():
    most = [json.loads(ping(f'"id":{number}')) for number in range(BATCH_MESSAGES_MAX)]
    assert len(read_line(json.dumps(most).encode()).messages) == BATCH_MESSAGES_MAX
    read = read_line(json.dumps([*most, 5]).encode())
    assert (read.messages, read.is_batch) == ((), False)
    [text] = read.refusals
    assert (json.loads(text)["id"], json.loads(text)["error"]["code"]) == (None, REQUEST)


def test_a_batch_is_its_messages_and_its_refusals():
    one = ping('"id":1')
    read = read_line(f'[{one},3,{{{HEAD},"id":2,"params":[]}},{{{HEAD}}}]'.encode())
    assert [type(message) for message in read.messages] == [JSONRPCRequest, JSONRPCNotification]
    assert [json.loads(text)["id"] for text in read.refusals] == [None, 2]
    assert read.is_batch


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
messages = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": st.just("2.0") | values,
        "id": values,
        "method": st.just("ping") | values,
        "params": st.dictionaries(st.text(max_size=3), values) | values,
    },
)


@given(messages)
def test_whatever_has_an_id_is_a_request_or_refused(found):
    read = read_line(json.dumps(found).encode())
    if "id" in found:
        assert len(read.messages) + len(read.refusals) == 1
        assert all(isinstance(message, JSONRPCRequest) for message in read.messages)
        for text in read.refusals:
            assert json.loads(text)["id"] in (None, found["id"])
            assert "NaN" not in text
            assert "Infinity" not in text


@given(st.binary(max_size=60))
def test_any_bytes_are_read(raw):
    read = read_line(raw)
    assert all(json.loads(text)["error"]["code"] < 0 for text in read.refusals)


ESCAPES = [
    r"\ud83d",
    r"\uDE00",
    r"\uD83D\ude00",
    r"\udcff",
    r"\\",
    r"\n",
    r"\"",
    r"\u0041",
    "ud83d",
]


@given(st.lists(st.sampled_from(ESCAPES)).map("".join))
def test_half_of_a_pair_becomes_a_replacement_character_and_all_else_stays(escaped):
    line = f'{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"text":"{escaped}"}}}}'
    [message] = read_line(line.encode()).messages
    said = message.model_dump()["params"]["text"]
    assert said == re.sub("[\ud800-\udfff]", "\ufffd", json.loads(f'"{escaped}"'))
