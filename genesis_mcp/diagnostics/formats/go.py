"""Recognisers of Go: its compiler, its tests, its crashes, and the assertions of its libraries."""

import re
from re import Match

from genesis_mcp.diagnostics.format import FILE, LINE, MESSAGE, Example, Format
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines, own_frame
from genesis_mcp.text.pattern import pattern

_GO_ERROR = pattern(r"(?:vet: )?((?:\./|\.\./|/)?[\w./-]+\.go):(\d+):\d+: (.+)")
_GO_CRASH = pattern(r"(panic|fatal error): (.+)")
_GO_FRAME = pattern(r"\s+(\S.*\.go):(\d+)(?: \+0x[0-9a-f]+)?$")
_GO_FUNCTION = pattern(r"[\w./-]+(?:\.[\w.()*\[\]…-]+|\(\.{3}\))$")
_GO_EXIT = pattern(r"exit status [1-9]\d*$")
_GO_LOGGED = pattern(
    r"(?:\S+ )?\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)? "
    r"(?:(?P<file>\S+\.go):(?P<line>\d+): )?(?P<message>\S.*)"
)
_GO_TEST = pattern(
    r"(?:=== (?:RUN|CONT|PAUSE|NAME) +|\s*--- (?P<result>FAIL|PASS|SKIP): )(?P<name>\S+)"
)
_GO_TEST_MESSAGE = pattern(r"\s+(\w+_test\.go):(\d+): (.+)")
_GO_TEST_NAMED = pattern(r"\s+(?:Test|Benchmark|Example)\w*(?:/\S+)?:(?= \w+_test\.go:)")
"""Go 1.14 put the name of the test before the place."""
_GO_FAILS = pattern(
    r"\b(?:got|have|wants?|wanted|expect(?:s|ed)?|should|must|unexpected|mismatch|wrong|differs?"
    r"|err(?:or)?|errors?|fail(?:ed|s|ure)?|panic|cannot|can't|could not|invalid|missing|not"
    r"|quer(?:o|ia)|esperad[oa]|esperava|esperado|dever?ia|deve|não|erro|falhou)\b|[!=]=|<nil>",
    re.IGNORECASE,
)
"""Words of a message that tells a failure: `t.Log` and `t.Error` print the same form."""

CRASH_REACH = 100
"""Lines below a crash's headline in which its frames are looked for."""


def find_go_crash(lines: Lines) -> Hit | None:
    """A Go panic or fatal error: the frames below it are innermost first."""
    for index, line in enumerate(lines):
        if crash := _GO_CRASH.match(line):
            below = lines[index + 1 : index + 1 + CRASH_REACH]
            if any(part.startswith("goroutine ") for part in below):
                frames = [Frame(m[1], int(m[2])) for m in map(_GO_FRAME.match, below) if m]
                return Hit(
                    line_number=index,
                    type=crash[1],
                    message=crash[2].removesuffix(" [recovered]"),
                    frame=own_frame(frames),
                )
    return None


def find_go_error(lines: Lines) -> Hit | None:
    """What the first failed test says that says something, else the first message at a place.

    In the verbose form, what a test says stands before the line that tells how it ended, and the
    lines of its subtests stand below.
    """
    said: dict[str, list[tuple[int, Match[str]]]] = {}
    failed: list[str] = []
    test = ""
    for index, line in enumerate(lines):
        if begins := _GO_TEST.match(line):
            test = begins["name"]
            if begins["result"] == "FAIL":
                failed.append(test)
        elif place := _GO_ERROR.match(line):
            return _go_hit(index, place)
        elif place := _GO_TEST_MESSAGE.match(line) or _named(line):
            of = line[: place.start(1)].strip(" \t:") or test
            said.setdefault(of, []).append((index, place))
    for test in failed:
        if test in said:
            return _go_hit(*_that_fails(said[test]), beside=test)
    return None


def _named(line: str) -> Match[str] | None:
    named = _GO_TEST_NAMED.match(line)
    return _GO_TEST_MESSAGE.match(line, named.end()) if named else None


def _that_fails(said: list[tuple[int, Match[str]]]) -> tuple[int, Match[str]]:
    """The first message in words of a failure; where none is, the last, which may have ended it."""
    return next((one for one in said if _GO_FAILS.search(one[1][3])), said[-1])


def _go_hit(index: int, place: Match[str], beside: str = "") -> Hit:
    frame = Frame(place[1].removeprefix("./"), int(place[2]))
    return Hit(line_number=index, message=place[3], frame=frame, beside=beside)


def find_go_fatal(lines: Lines) -> Hit | None:
    """What a program logged as the last before it ended: `go run` says so on the next line."""
    for index in range(len(lines) - 1, 0, -1):
        if _GO_EXIT.match(lines[index]):
            above = _GO_LOGGED.match(lines[index - 1])
            if not above:
                return None
            frame = Frame(above["file"], int(above["line"])) if above["file"] else None
            return Hit(line_number=index - 1, message=above["message"], frame=frame)
    return None


def find_go_stack(lines: Lines) -> Hit | None:
    """An error above the stack at which it was made, as pkg/errors prints it with `%+v`."""
    for index in range(1, len(lines) - 1):
        if ".go:" not in lines[index + 1]:
            continue
        if _GO_FRAME.match(lines[index + 1]) and _GO_FUNCTION.match(lines[index]):
            below = lines[index + 1 : index + 1 + CRASH_REACH : 2]
            frames = [Frame(m[1], int(m[2])) for m in map(_GO_FRAME.match, below) if m]
            return Hit(line_number=index - 1, message=lines[index - 1], frame=own_frame(frames))
    return None


def find_go_race(lines: Lines) -> Hit | None:
    """The first data race: the place of the first access in one's own code."""
    for index, line in enumerate(lines):
        if line.startswith("WARNING: DATA RACE"):
            below = lines[index + 1 : index + 1 + CRASH_REACH]
            frames = [Frame(m[1], int(m[2])) for m in map(_GO_FRAME.match, below) if m]
            access = lines[index + 1].strip() if index + 1 < len(lines) else ""
            message = f"DATA RACE: race detected, {access}".rstrip(" :,")
            return Hit(line_number=index, message=message, frame=own_frame(frames))
    return None


RECOGNISERS = (
    Format(
        name="testify",
        hints=("Error Trace:",),
        start=rf"\s+Error Trace:\s+{FILE}:{LINE}\n(?:\s+\S+\.go:\d+\n)*\s+Error:\s+{MESSAGE}",
        goes_on=r"\s+(?!Test:|Messages:|Diff:)(?P<message>\S.*)",
        examples=(
            Example(
                "--- FAIL: TestSoma (0.00s)\n    soma_test.go:10: \n"
                "        \tError Trace:\t/w/soma_test.go:10\n        \tError:      \tNot equal: \n"
                "        \t            \texpected: 4\n        \t            \tactual  : 3\n"
                "        \tTest:       \tTestSoma\nFAIL\n",
                "Not equal: expected: 4 actual  : 3",
                "/w/soma_test.go:10",
            ),
        ),
    ),
    Format(
        name="ginkgo",
        hints=("[FAILED] ", "[PANICKED] "),
        start=rf"\s*\[(?:FAILED|PANICKED)\] {MESSAGE}",
        goes_on=r"(?!\s*(?:In \[|\[|occurred))\s*(?P<message>\S.*)",
        frame=rf"\s*In \[\w+\] at: {FILE}:{LINE}\b",
        examples=(
            Example(
                "  [FAILED] Expected\n      <int>: 3\n  to equal\n      <int>: 4\n"
                "  In [It] at: /w/soma_test.go:17 @ 11/27/26 10:00:00.123\n",
                "Expected <int>: 3 to equal <int>: 4",
                "/w/soma_test.go:17",
            ),
        ),
    ),
    Format(name="go race", hints=("WARNING: DATA RACE",), find=find_go_race),
    Format(name="go crash", hints=("goroutine ",), find=find_go_crash),
    Format(
        name="go fatal",
        hints=("exit status ",),
        find=find_go_fatal,
        examples=(
            Example(
                "2026/11/27 14:45:33 main.go:9: error: no cache, going on without\n"
                "2026/11/27 14:45:34 main.go:31: listen tcp :80: bind: permission denied\n"
                "exit status 1\n",
                "listen tcp :80: bind: permission denied",
                "main.go:31",
            ),
            Example(
                "2026/11/27 14:45:33.104210 lendo pedidos\n"
                "2026/11/27 14:45:33.104377 sem banco pedidos\nexit status 3\n",
                "sem banco pedidos",
            ),
        ),
    ),
    Format(
        name="go stack",
        hints=("\n\t",),
        find=find_go_stack,
        examples=(
            Example(
                "sem frete\nmain.cobrar\n\t/srv/app/cobrar.go:12\nmain.main\n\t/srv/main.go:3\n",
                "sem frete",
                "/srv/app/cobrar.go:12",
            ),
        ),
    ),
    Format(name="go", hints=(".go:", "_test.go"), find=find_go_error),
)
