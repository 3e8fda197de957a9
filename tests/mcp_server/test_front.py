"""A connection that is answered before the SDK is there: no client can tell, but by the clock."""

import json
from collections import deque

import anyio
import pytest
from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from genesis_mcp.config import Settings
from genesis_mcp.mcp_server.front import Begun, Front, static_answers
from genesis_mcp.mcp_server.stdio import _serve_connection
from genesis_mcp.mcp_server.tools import build_server
from genesis_mcp.questions import Service
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.opening import META, MODERN
from tests.helpers.waiting import WAIT, times

TRIED = times(100, at_length=1_500)


class Offered:
    """A server over an empty store, in a loop of its own; `name` says which tools it offers."""

    def __init__(self, name, store, portal):
        self.name, self._portal = name, portal
        its_settings = Settings(read_only=name == "reading")
        self._server = portal.call(build, Service(store), its_settings)

    def answers(self, begun):
        """What a connection writes until its input ends."""
        return self._portal.call(self._serve, begun)

    async def _serve(self, begun):
        write, written = anyio.create_memory_object_stream(float("inf"))
        with anyio.fail_after(WAIT):
            await _serve_connection(self._server, write, WAIT, begun)
        lines = []
        while written.statistics().current_buffer_used:
            message = written.receive_nowait().message
            lines.append(message.model_dump_json(by_alias=True, exclude_unset=True))
        written.close()
        return lines


async def build(service, its_settings):
    return build_server(service, its_settings, anyio.CapacityLimiter(4))


@pytest.fixture(scope="module", params=["all", "reading"])
def offered(request, tmp_path_factory):
    read_only = request.param == "reading"
    store = SQLiteStore(tmp_path_factory.mktemp("front") / "logs.db", read_only=read_only)
    with start_blocking_portal() as portal:
        yield Offered(request.param, store, portal)
    store.close()


def read_from(lines):
    waiting = deque([*lines, b""])
    return waiting.popleft


def behind_front(offered, lines, loaded_after):
    """The same, where the SDK is there after so many lines."""
    front = Front(static_answers(offered.name))
    answered, kept = [], []
    for line in lines[:loaded_after]:
        told = front.answer(line)
        if told is None:
            kept.append(line)
        else:
            answered.append(told)
    begun = Begun(
        read_from([*kept, *lines[loaded_after:]]),
        opening=front.opening,
        told=front.told,
        methods=frozenset(front.methods),
    )
    return [*answered, *offered.answers(begun)]


# --- what clients send, and any messages in any order --------------------------------------------

versions = some.sampled_from([*HANDSHAKE_PROTOCOL_VERSIONS, "2025-06-18", "1999-01-01", 7])
clients = some.sampled_from(
    [{"name": "a", "version": "1"}] * 4
    + [{"name": "é\u2028", "version": "", "title": "x"}, {"name": "a"}, {"name": 1, "version": "1"}]
    + [
        {"name": "a", "version": "1", "icons": [{"src": "x"}]},
        {"name": "a", "version": "1", "x": 1},
    ]
)
capabilities = some.sampled_from(
    [{}, {"roots": {"listChanged": True}, "sampling": {}, "elicitation": {"form": {}}}] * 3
    + [{"roots": True}, {"sampling": {"tools": True}}, {"roots": {"listChanged": {}}}, None]
    + [{"experimental": {"a": {"b": 1}}}, {"experimental": {"a": {}}}, {"own": {"listChanged": 1}}]
    + [{"extensions": {"a/ui": {"types": ["x", 1, {"y": True}]}}}, {"extensions": {"a": 1}}]
    + [{"extensions": []}, {"experimental": {"a": {"b": 1.5}}}]
    + [{"tasks": {"requests": {"sampling": {"createMessage": {}}}}}, {"listChanged": True}]
)
envelopes = some.fixed_dictionaries(
    {f"{META}protocolVersion": some.sampled_from([MODERN] * 5 + ["2025-06-18", "2030-01-01", 1])},
    optional={
        f"{META}clientCapabilities": capabilities,
        f"{META}clientInfo": clients,
        "progressToken": some.sampled_from([1, "t", 1.5, None]),
        "own": some.just({}),
    },
)
plain_envelopes = some.builds(
    lambda client: {
        f"{META}protocolVersion": MODERN,
        f"{META}clientCapabilities": {},
        f"{META}clientInfo": client,
    },
    clients,
)
listed = some.sampled_from(["tools/list", "prompts/list", "resources/templates/list", "ping"])
others = some.sampled_from(["resources/list", "server/discover", "no/such", "logging/setLevel"])
params_of_lists = some.sampled_from(
    [{}] * 4
    + [None, [], {"cursor": "x"}, {"cursor": 1}, {"_meta": {}}, {"_meta": []}, {"own": 1}]
    + [{"_meta": {"progressToken": one}} for one in (1, "t", 1.5)]
)
initializing = some.fixed_dictionaries(
    {
        "method": some.just("initialize"),
        "params": some.fixed_dictionaries(
            {"protocolVersion": versions, "capabilities": capabilities, "clientInfo": clients},
            optional={"own": some.just(1), "_meta": plain_envelopes},
        ),
    }
)
asking = some.fixed_dictionaries({"method": listed | others}, optional={"params": params_of_lists})
asking_modern = some.fixed_dictionaries(
    {
        "method": listed | others,
        "params": some.fixed_dictionaries({"_meta": plain_envelopes | envelopes}),
    }
)
calling = some.sampled_from(
    [
        {
            "method": "tools/call",
            "params": {"name": "logs_for_spec", "arguments": {"spec_id": "x"}},
        },
        {"method": "tools/call", "params": {"name": "no_such"}},
        {"method": "prompts/get"},
    ]
)
ids = some.sampled_from(["q", "é", 'a"b', "a\\b", "\x7f", "", 0, -1, 2**53, 2**70, 1.5, None, True])
requests = some.tuples(initializing | asking | asking_modern | calling, some.booleans() | ids)
told = some.sampled_from(
    [
        {"method": "notifications/initialized"},
        {"method": "notifications/cancelled", "params": {"requestId": "nobody"}},
        {"method": "no/such"},
        {"id": 99, "result": {}},
    ]
)
broken = some.sampled_from([b"{", b"[]", b"", b"7", b"\xff", b'{"id":1}', b'\xef\xbb\xbf{"a":1}'])


def line_of(number, entry):
    """A line of an entry of a script; ids are the numbers of the lines, but for odd ones."""
    if isinstance(entry, bytes):
        return entry + b"\n"
    message, own_id = entry if isinstance(entry, tuple) else (entry, None)
    whole = {"jsonrpc": "2.0", **message}
    if isinstance(entry, tuple):
        # Each id once: which of two answers with one id is whose, nobody can tell.
        whole["id"] = f"{number} {own_id}" if isinstance(own_id, str) else number + 1_000
        if own_id in (1.5, None, 2**53, 2**70) and not isinstance(own_id, bool):
            whole["id"] = own_id
    return json.dumps(whole, ensure_ascii=number % 2 == 0).encode() + b"\n"


first = ("2025-11-25", {}, {"name": "a", "version": "1"})
opened = dict(zip(("protocolVersion", "capabilities", "clientInfo"), first, strict=True))
openings = (
    some.just([])
    | some.just(
        [
            ({"method": "initialize", "params": opened}, True),
            {"method": "notifications/initialized"},
        ]
    )
    | some.builds(
        lambda meta: [({"method": "server/discover", "params": {"_meta": meta}}, True)],
        plain_envelopes,
    )
)
scripts = some.builds(
    lambda opening, rest: [line_of(*one) for one in enumerate([*opening, *rest])],
    openings,
    some.lists(requests | requests | requests | told | broken, max_size=8),
)


@settings(
    max_examples=TRIED,
    deadline=None,
    derandomize=TRIED < 200,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(scripts, some.integers(0, 12))
def test_the_answers_are_those_of_the_server_alone_whatever_is_asked(offered, lines, loaded_after):
    alone = offered.answers(Begun(read_from(lines)))
    assert sorted(behind_front(offered, lines, loaded_after)) == sorted(alone)


CLAUDE_CODE = {
    "name": "claude-code",
    "title": "Claude Code",
    "version": "2.1.332",
    "description": "Anthropic's agentic coding tool",
    "websiteUrl": "https://claude.com/claude-code",
}
UI = {"io.modelcontextprotocol/ui": {"mimeTypes": ["text/html;profile=mcp-app"]}}


@pytest.mark.parametrize(
    ("name", "client", "can"),
    [
        ("Claude Code", CLAUDE_CODE, {"roots": {"listChanged": True}, "elicitation": {"form": {}}}),
        ("with pages", {"name": "claude-ai", "version": "0.1.0"}, {"extensions": UI}),
        (
            "the Inspector",
            {"name": "inspector-cli", "version": "2.12.0"},
            {"roots": {"listChanged": True}, "extensions": {"io.modelcontextprotocol/tasks": {}}},
        ),
        ("an SDK", {"name": "mcp", "version": "0.1.0"}, {}),
    ],
)
def test_what_clients_send_first_is_answered_before_the_sdk_is_there(name, client, can):
    meta = {
        f"{META}protocolVersion": MODERN,
        f"{META}clientInfo": client,
        f"{META}clientCapabilities": can,
    }
    modern = {"params": {"_meta": meta}}
    hello = {"protocolVersion": "2025-11-25", "capabilities": can, "clientInfo": client}
    of_handshake = [{"method": "initialize", "params": hello}, {"method": "ping"}]
    of_modern = [{"method": "server/discover", **modern}, {"method": "tools/list", **modern}]
    for script in (
        [*of_handshake, {"method": "tools/list"}, {"method": "prompts/list", "params": {}}],
        [*of_modern, {"method": "resources/templates/list", **modern}],
        [of_modern[0], *of_handshake],
    ):
        front = Front(static_answers("all"))
        for number, message in enumerate(script):
            assert front.answer(line_of(number, (message, True))), message
