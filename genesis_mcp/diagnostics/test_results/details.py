"""The message and the place of a failing test, among the lines that stand with its name."""

from collections.abc import Sequence

from genesis_mcp.diagnostics.recogniser import Frame, own_frame
from genesis_mcp.diagnostics.test_results.runner import Runner
from genesis_mcp.diagnostics.test_results.told_lines import compiled

DETAIL_CHARS = 6_000
"""Characters of one test's details that are read."""
DETAIL_LINES = 90
MORE_LINES = 6
"""Lines that go on with a message."""


def read_details(runner: Runner, text: str, name_file: str | None) -> tuple[str, Frame | None]:
    """The message, empty when there is none, and the place in code under test."""
    lines = text[:DETAIL_CHARS].split("\n")[:DETAIL_LINES]
    if runner.stops and (stop := _first(runner.stops, lines)) is not None:
        del lines[stop:]
    return _message(runner, lines), _place(runner, lines, name_file)


def _message(runner: Runner, lines: Sequence[str]) -> str:
    at = _own_message(runner, lines)
    if at is None:
        return ""
    index, message = at
    more = _more(runner, lines[index + 1 :]) if runner.more else []
    if message.endswith(":") and not more:
        more = [line.strip() for line in lines[index + 1 : index + 2]]
    return " ".join([message, *more]).strip()


def _own_message(runner: Runner, lines: Sequence[str]) -> tuple[int, str] | None:
    if runner.below and (index := _first(runner.below, lines)) is not None:
        return _first_told(lines, index + 1)
    for source in runner.message:
        pattern = compiled(source)
        found = [(n, m) for n, m in enumerate(map(pattern.match, lines)) if m]
        if found:
            index, match = found[-1 if runner.last_message else 0]
            return index, match["message"].strip()
    return None if runner.message else _first_told(lines, 0)


def _first(source: str, lines: Sequence[str]) -> int | None:
    pattern = compiled(source)
    return next((index for index, line in enumerate(lines) if pattern.match(line)), None)


def _first_told(lines: Sequence[str], start: int) -> tuple[int, str] | None:
    told = ((n, line.strip()) for n, line in enumerate(lines[start:], start) if line.strip())
    return next(told, None)


def _more(runner: Runner, lines: Sequence[str]) -> list[str]:
    pattern = compiled(runner.more)
    found = [m[0].strip() for m in map(pattern.match, lines) if m]
    return found[:MORE_LINES]


def _place(runner: Runner, lines: Sequence[str], name_file: str | None) -> Frame | None:
    if not runner.place:
        return None
    ways = [compiled(source) for source in (runner.place, runner.other_place) if source]
    found = (match for line in lines for way in ways if (match := way.match(line)))
    frames = [Frame(match["file"], int(match["line"])) for match in found]
    if runner.innermost == "last":
        frames.reverse()
    same = [f for f in frames if name_file and is_file(f.file, name_file)]
    return same[0] if same else own_frame(frames)


def is_file(path: str, name: str) -> bool:
    """Whether two paths may be those of one file."""
    name, path = name.removeprefix("./"), path.removeprefix("./")
    return path == name or path.endswith("/" + name) or name.endswith("/" + path)
