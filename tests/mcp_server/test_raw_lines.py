"""Any lines on the server's pipe: each that has an id gets one answer, and the server lives on."""

import json
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.helpers.waiting import WAIT, times
from tests.helpers.wire import Wire

pytestmark = [pytest.mark.long, pytest.mark.slow]

TRIED = times(60, at_length=2_000)

values = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=9),
    lambda inner: (
        some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
methods = some.sampled_from(
    ["ping", "tools/list", "tools/call", "initialize", "prompts/get", "server/discover", ""]
)
tools = some.sampled_from(["recent_failures", "get_run", "record_run", "search_logs", "no_such"])
params = values | some.fixed_dictionaries(
    {"name": tools | values}, optional={"arguments": values, "_meta": values, "cursor": values}
)
ids = some.integers() | some.floats() | some.text(max_size=9) | values
requests = some.fixed_dictionaries(
    {"id": ids},
    optional={
        "jsonrpc": some.sampled_from(["2.0"] * 9) | values,
        "method": methods | values,
        "params": params,
        "further": values,
    },
)
notifications = some.fixed_dictionaries(
    {
        "jsonrpc": some.just("2.0"),
        "method": some.sampled_from(["notifications/progress", "x", "ping"]),
    },
    optional={"params": params},
)
messages = requests | notifications
broken = some.binary(min_size=1, max_size=60).map(lambda raw: b"{" + raw.replace(b"\n", b"")) | (
    some.sampled_from([b"{", b"\x00", b"\xff\xfe", b'{"id":7', b"[" * 5_000, b'{"a":' * 5_000])
)
ends = some.sampled_from([b"", b"\r", b"  "])
starts = some.sampled_from([b"", b" ", b"\xef\xbb\xbf"])


@pytest.fixture(scope="module")
def wire(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw-lines")
    with Wire(f"sqlite:///{(folder / 'logs.db').as_posix()}") as opened:
        opened.initialize()
        yield opened
        assert opened.close_input() == 0
        assert opened._lines.get(timeout=WAIT) is None  # nothing was left to say
        assert b"Traceback" not in opened.errors


numbers = count()


def answered(wire, line, wanted):
    """Send a line; the ids of its answers, which are as many as wanted, and of nothing else."""
    wire.send_bytes(line)
    found = []
    while len(found) < wanted:
        found += answers_in(wire.receive())
    last = f"last-{next(numbers)}"
    wire.send_bytes(json.dumps({"jsonrpc": "2.0", "id": last, "method": "ping"}).encode())
    found += answers_in(wire.receive())
    assert found.pop() == last, "more answers than requests"
    return found


def answers_in(message):
    """The ids of an answer, or of a batch of them, which must be JSON-RPC."""
    found = []
    for one in message if isinstance(message, list) else [message]:
        if "method" in one:
            assert "id" not in one  # a notification of the server's
            continue
        assert one["jsonrpc"] == "2.0"
        assert ("result" in one) != ("error" in one)
        if "error" in one:
            assert isinstance(one["error"]["code"], int)
            assert isinstance(one["error"]["message"], str)
        found.append(one["id"])
    return found


def may_be(request, answer_id):
    """Whether that id answers the request: its own, or null where JSON-RPC knows none such."""
    given = request["id"]
    if answer_id is None:
        return not isinstance(given, str) and (
            not isinstance(given, int) or isinstance(given, bool)
        )
    return json.dumps(given) == json.dumps(answer_id) or given == answer_id


tried = settings(
    max_examples=TRIED,
    deadline=None,
    derandomize=TRIED < 100,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@tried
@given(starts, requests, ends, some.booleans())
def test_a_line_with_an_id_gets_one_answer(wire, start, request, end, is_ascii):
    text = json.dumps(request, ensure_ascii=is_ascii).encode("utf-8", "surrogatepass")
    [answer_id] = answered(wire, start + text + end, 1)
    assert may_be(request, answer_id), (request, answer_id)


@tried
@given(some.lists(messages, min_size=1, max_size=5))
def test_a_batch_gets_one_answer_for_each_of_its_ids(wire, batch):
    wanted = [message for message in batch if "id" in message]
    found = answered(wire, json.dumps(batch).encode(), len(wanted))
    for request in wanted:
        at = next((place for place, one in enumerate(found) if may_be(request, one)), None)
        assert at is not None, (request, found)
        found.pop(at)
    assert found == []


@tried
@given(notifications)
def test_a_notification_gets_none(wire, notification):
    assert answered(wire, json.dumps(notification).encode(), 0) == []


@tried
@given(broken)
def test_what_is_no_json_gets_an_error_with_the_id_null(wire, raw):
    assert answered(wire, raw, 1) == [None]
