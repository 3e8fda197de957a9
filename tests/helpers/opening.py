"""What clients of each protocol version ask first."""

from itertools import count

MODERN = "2026-07-28"

LISTS = ("tools/list", "prompts/list", "resources/templates/list")
"""Lists that do not depend on what the store holds."""

META = "io.modelcontextprotocol/"

numbers = count(1)


def request(method, params=None, **more):
    """A request with an id of its own."""
    message = {"jsonrpc": "2.0", "id": next(numbers), "method": method, **more}
    return message if params is None else {**message, "params": params}


def handshake(version, name="test", **capabilities):
    client = {"name": name, "version": "1"}
    params = {"protocolVersion": version, "capabilities": capabilities, "clientInfo": client}
    return request("initialize", params)


def modern(method, version=MODERN, **params):
    """A request of the era without a handshake: each says what its client is."""
    meta = {
        f"{META}protocolVersion": version,
        f"{META}clientInfo": {"name": "test", "version": "1"},
        f"{META}clientCapabilities": {},
    }
    return request(method, {"_meta": meta, **params})
