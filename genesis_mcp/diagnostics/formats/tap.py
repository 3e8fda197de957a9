"""Recogniser of a failure in the Test Anything Protocol, with YAML, comments or text below it."""

import re

from genesis_mcp.diagnostics.format import Format
from genesis_mcp.diagnostics.formats.javascript import HEAD_REACH, find_stack, frame_of
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines, own_frame
from genesis_mcp.text.pattern import pattern

_TAP_FAILURE = pattern(r"( *)not ok \d+(?: -)? ?(.*)$")
_TAP_EXCUSED = pattern(r"#\s*(?:TODO|SKIP)", re.IGNORECASE)
_TAP_TEST = pattern(r"(?:not )?ok \d")
_TAP_PLACES, _TAP_SAYS = ("stack", "location", "at"), ("error", "details", "message")
_TAP_BLOCKS = ("|-", "|", "", ">-", ">")
_TAP_OF_ERROR = pattern(r"(name|message): (\".*)$")
_TAP_TITLE = pattern(r"\s+'(\S.*)': \|\d?-?$")
_TAP_FIELD = pattern(r"(\s*)(\w+):(?: (.*))?$")

_BATS_PLACE = pattern(r"# \(.*(?:in|from function .* in file) (?:test )?file (\S+?), line (\d+)")


def find_tap_failure(lines: Lines) -> Hit | None:
    """The first `not ok` of the Test Anything Protocol, which `node --test` prints into a pipe.

    Of a file that could not even be loaded it only says that; what the file printed stands above,
    as comments.
    """
    for index, line in enumerate(lines):
        failure = _TAP_FAILURE.match(line)
        is_suite = failure and failure[2].endswith(" {")  # its tests stand below
        if failure and not is_suite and not _TAP_EXCUSED.search(failure[2]):
            below = lines[index + 1 : index + 1 + HEAD_REACH]
            fields = _tap_fields(below)
            if not fields and (hit := find_stack(_to_next_test(below))):
                return hit.moved(index + 1)
            comments = [f"# {line}" for line in fields.get("message", [])]
            if hit := _bats_failure(comments or _to_next_test(below)):
                return hit.moved(index + 1)
            said = next(filter(None, (" ".join(fields.get(name, [])) for name in _TAP_SAYS)), "")
            places = [line for name in _TAP_PLACES for line in fields.get(name, [])]
            if fields.get("error") == ["test failed"]:
                comments = [line.removeprefix("# ") for line in lines]
                if hit := find_stack(comments):
                    return hit
            return Hit(
                line_number=index,
                type=" ".join(fields.get("name", [])) or None,
                message=said or failure[2],
                frame=own_frame([frame for place in places if (frame := frame_of(place))]),
            )
    return None


def _bats_failure(lines: Lines) -> Hit | None:
    """What bats says of a failed test in comments: its place, and the command."""
    place = next(filter(None, map(_BATS_PLACE.match, lines)), None)
    for index, line in enumerate(lines):
        if place and line.startswith("#") and not _BATS_PLACE.match(line):
            frame = Frame(place[1], int(place[2]))
            return Hit(line_number=index, message=line.strip("# "), frame=frame)
    return None


def _to_next_test(lines: Lines) -> Lines:
    stop = next((i for i, line in enumerate(lines) if _TAP_TEST.match(line)), len(lines))
    return lines[:stop]


def _tap_fields(lines: Lines) -> dict[str, list[str]]:
    """The fields of the YAML block under a test line, each as its lines without quotes."""
    fields: dict[str, list[str]] = {}
    if not lines or lines[0].strip() != "---":
        return fields
    margin: int | None = None  # ava's is deeper than that of the block
    current: list[str] = []
    for line in lines[1:]:
        if line.strip() == "...":
            break
        named = _TAP_FIELD.match(line)
        margin = len(named[1]) if named and margin is None else margin
        if named and len(named[1]) == margin:
            value = (named[3] or "").strip("'\"")
            current = fields.setdefault(named[2], [] if value in _TAP_BLOCKS else [value])
        elif line.strip():
            inner = _TAP_TITLE.match(line)
            current.append(inner[1] if inner else line.strip())
    for line in fields.get("error", []):  # vitest's has a name and a message
        if named := _TAP_OF_ERROR.match(line):
            fields.setdefault(named[1], []).append(named[2].strip('"'))
    if "message" in fields and fields.get("error", [""])[0].startswith("name: "):
        del fields["error"]
    return fields


RECOGNISERS = (Format(name="tap", hints=("not ok ",), find=find_tap_failure),)
