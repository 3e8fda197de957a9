"""What answers a client while the SDK is still being imported: the standard library and a file.

Importing the SDK takes most of a second, and each chat would wait for it before it sees a tool. Yet
what a client asks first is always the same: `initialize` or `server/discover`, then the lists. The
answers stand in `static_answers.txt`, made from the server itself, word for word; a test compares.
Meanwhile a thread imports the rest. Then the SDK takes the connection over: it is shown the request
that opened it, its answer to that is dropped, and all that had to wait is handed on in its order.

Nothing here knows a tool or a store. Whatever is not plainly one of those requests waits.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from contextlib import suppress

from genesis_mcp import __version__
from genesis_mcp.errors import GenesisError
from genesis_mcp.mcp_server.input_lines import InputLines
from genesis_mcp.mcp_server.plain_request import (
    envelope_version,
    handshake_version,
    has_plain_params,
    plain_message,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Answers = dict[str, dict[str, str]]
    """The result, as JSON, of each method in each protocol version."""

FILE = os.path.join(os.path.dirname(__file__), "static_answers.txt")  # noqa: PTH118, PTH120
# pathlib takes longer to import than all this takes to answer.

SWITCH_SECONDS = 0.001
"""How long the import runs on while a line waits; Python's own 5 ms are felt with each answer."""

INTERNAL_ERROR = -32603


class Begun:
    """A connection whose first requests may have been answered already."""

    def __init__(
        self,
        readline: Callable[[], bytes],
        *,
        opening: bytes = b"",
        told: str = "",
        methods: frozenset[str] = frozenset(),
    ) -> None:
        self.readline = readline
        """The next line for the SDK; empty at the end of the input."""
        self.opening = opening
        """The line with the request that opened it, if that was answered."""
        self.told = told
        """The answer to it."""
        self.methods = methods
        """Of what was answered."""


def static_answers(tools: str | None) -> Answers:
    """The answers to what does not depend on the store; none when they are another version's.

    `tools` names the list of tools that is offered: `all`, `reading`, or None if nobody knows yet.
    The file's first line says which of its other lines answers what.
    """
    with open(FILE, encoding="utf-8") as file:  # noqa: PTH123
        lines = file.read().split("\n")  # and nowhere else: an answer may hold U+2028
    head = json.loads(lines[0])
    if head["version"] != __version__:
        return {}
    answers: Answers = {
        version: {method: lines[number] for method, number in methods.items()}
        for version, methods in head["answers"].items()
    }
    for version, numbers in head["tools"].items():
        if tools is not None:
            answers[version]["tools/list"] = lines[numbers[tools]]
    return answers


class Front:
    """Which lines of one connection are answered before the SDK is there, and how."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._version: str | None = None
        self._is_over = False
        self.opening, self.told = b"", ""
        self._seen: set[str] = set()
        self.methods: set[str] = set()
        """Of what was answered."""
        self.is_asked = False
        """Whether something waits that may have to be answered."""

    def answer(self, line: bytes) -> str | None:
        """The answer to a line; None when it waits for the SDK.

        What is not understood may be anything, such as a batch with a second handshake in it: all
        that follows waits as well.
        """
        message = None if self._is_over else plain_message(line)
        if message is None:
            self._is_over = self.is_asked = True
            return None
        method = message["method"]
        version = self._version_for(message)
        result = self._answers[version].get(method) if version and "id" in message else None
        self._seen.add(method)
        if result is None:
            self._is_over = not self.opening or method == "initialize"
            self.is_asked |= "id" in message
            return None
        self.methods.add(method)
        told = f'{{"jsonrpc":"2.0","id":{json.dumps(message["id"])},"result":{result}}}'
        if version != self._version:
            self._version, self.opening, self.told = version, line, told
        return told

    def _version_for(self, message: dict[str, Any]) -> str | None:
        """The protocol version in which it is answered; None when that is for the SDK to say."""
        params = message.get("params", {})
        if message["method"] == "initialize":
            # After nothing but discovery the connection begins anew, see `stdio`.
            wanted = handshake_version(params) if self._seen <= {"server/discover"} else None
        elif (wanted := envelope_version(params)) is not None:
            wanted = wanted if self._version in (None, wanted) else None
        elif has_plain_params(params) and self._is_of_handshake(self._version):
            return self._version
        else:
            return None
        is_handshake = message["method"] == "initialize"
        if isinstance(wanted, str) and self._is_of_handshake(wanted) == is_handshake:
            return wanted if wanted in self._answers else None
        return None

    def _is_of_handshake(self, version: str | None) -> bool:
        return version is not None and "initialize" in self._answers.get(version, ())


def serve_from_start(answers: Answers, load: Callable[[], Callable[[Begun], None]]) -> None:
    """Serve stdin and stdout with what `load` gives, and answer until it has.

    The caller ends the process at once, without Python's own end: a thread may wait for stdin.

    Raises:
        Exception: what `load` raised; who waits for an answer is told so.
    """
    lines = InputLines(sys.stdin.buffer)
    front = Front(answers)
    loading = _Loading(load, lines.hand_over)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    _end_on_signals()
    loading.start()
    if not _answer_until_loaded(lines, front):
        return
    sys.setswitchinterval(usual)
    if loading.serve is None:
        _refuse(lines.rest(), loading.error)
        raise loading.error
    begun = Begun(
        lines.readline,
        opening=front.opening,
        told=front.told,
        methods=frozenset(front.methods),
    )
    loading.serve(begun)


class _Loading(threading.Thread):
    """What `load` gives, or raises, in a thread."""

    def __init__(
        self, load: Callable[[], Callable[[Begun], None]], done: Callable[[], None]
    ) -> None:
        super().__init__(daemon=True)
        self._load, self._done = load, done
        self.serve: Callable[[Begun], None] | None = None
        self.error: BaseException = RuntimeError()

    def run(self) -> None:
        try:
            self.serve = self._load()
        except BaseException as error:
            self.error = error
        finally:
            self._done()


def _answer_until_loaded(lines: InputLines, front: Front) -> bool:
    """Whether there is anything left to do for the SDK."""
    while (line := lines.before_hand_over()) is not None:
        if line and (told := front.answer(line)) is not None:
            _write(told)
            continue
        lines.keep(line)
        if not line:
            if not front.is_asked:
                return False
            lines.wait_for_hand_over()
    return True


def _write(message: str) -> None:
    try:
        sys.stdout.buffer.write(f"{message}\n".encode())
        sys.stdout.buffer.flush()
    except OSError:  # nobody reads our answers any more
        os._exit(0)


def _refuse(lines: list[bytes], error: BaseException) -> None:
    """Tell each that asked why there is no answer."""
    said = f"genesis-mcp could not be loaded ({type(error).__name__}); try `genesis-mcp doctor`."
    if isinstance(error, GenesisError):
        said = str(error)
    for line in lines:
        with suppress(ValueError, RecursionError):
            found = json.loads(line)
            for one in found if isinstance(found, list) else [found]:
                if isinstance(one, dict) and "method" in one and "id" in one:
                    told = {"code": INTERNAL_ERROR, "message": said}
                    _write(json.dumps({"jsonrpc": "2.0", "id": one["id"], "error": told}))


def _end_on_signals() -> None:
    """End at once when asked to, as the server does once it is there; nothing is under way."""
    if sys.platform == "win32":
        return
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: os._exit(0))
