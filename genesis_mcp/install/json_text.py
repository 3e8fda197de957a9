"""Values put into the text of a JSON object and taken out of it, so that all else keeps its bytes.

The text is JSON already, of an object: who reads the file looks at that.
"""

import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from genesis_mcp.errors import ConfigError

BYTE_ORDER_MARK = "\ufeff"

_SPACE = re.compile(rf"[{BYTE_ORDER_MARK} \t\r\n]*")
_FIRST_MEMBER = re.compile(rf"{_SPACE.pattern}\{{[ \t]*\r?\n([ \t]+)\"")
_HALF_PAIR = re.compile("[\ud800-\udfff]")
_DECODER = json.JSONDecoder()


class _Member(NamedTuple):
    """Where a member of an object stands: its name, its value, and what comes behind."""

    name: str
    start: int
    value: int
    end: int


def with_value(text: str, keys: Sequence[str], value: Any) -> str:
    """The text with a value under these keys, the objects on the way made where there are none.

    What is new is indented as the text is, and stands last in its object.

    Raises:
        ConfigError: something on the way is no object.
    """
    start = _behind_space(text, 0)
    for depth, key in enumerate(keys):
        _look_at_object(text, start, keys[:depth])
        members = _members(text, start)
        found = [member for member in members if member.name == key]
        if not found:
            return _added(text, start, members, key, nested(keys[depth + 1 :], value))
        start = found[-1].value  # of a name that stands there twice, readers take the last
    end = found[-1].end
    lines = _is_of_lines(text) and "\n" in text[start:end]
    return text[:start] + _written(text, start, value, lines=lines) + text[end:]


def without_value(text: str, keys: Sequence[str]) -> str:
    """The text without what stands under these keys; as it was if nothing does."""
    start = _behind_space(text, 0)
    for key in keys[:-1]:
        found = [member for member in _members(text, start) if member.name == key]
        if not found:
            return text
        start = found[-1].value
    members = _members(text, start)
    names = [member.name for member in members]
    if keys[-1] not in names:
        return text
    place = len(names) - 1 - names[::-1].index(keys[-1])
    if place + 1 < len(members):
        return text[: members[place].start] + text[members[place + 1].start :]
    if place:
        return text[: members[place - 1].end] + text[members[place].end :]
    return text[: start + 1] + text[_behind_space(text, members[place].end) :]


def nested(keys: Sequence[str], value: Any) -> Any:
    """The value as the only one under these keys."""
    for key in reversed(keys):
        value = {key: value}
    return value


def as_text(value: Any, indent: str | None = None) -> str:
    """A value as JSON; half a pair, which no file takes, stays escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _HALF_PAIR.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def _look_at_object(text: str, start: int, keys: Sequence[str]) -> None:
    if text[start] != "{":
        name = f"{keys[-1]!r} in the file" if keys else "the file"
        raise ConfigError(f"{name} is no JSON object.")


def _members(text: str, start: int) -> list[_Member]:
    """Of the object that begins at `start`; of what is no object, none."""
    if text[start] != "{":
        return []
    found = []
    place = _behind_space(text, start + 1)
    while text[place] == '"':
        name, end = _DECODER.raw_decode(text, place)
        value = _behind_space(text, _behind_space(text, end) + 1)
        _, end = _DECODER.raw_decode(text, value)
        found.append(_Member(name, place, value, end))
        place = _behind_space(text, end)
        if text[place] == ",":
            place = _behind_space(text, place + 1)
    return found


def _behind_space(text: str, place: int) -> int:
    space = _SPACE.match(text, place)
    return space.end() if space else place


def _added(text: str, start: int, members: Sequence[_Member], key: str, value: Any) -> str:
    """The text with a member after the last one of an object, set as that one is."""
    if not members:
        _, end = _DECODER.raw_decode(text, start)
        made = _written(text, start, {key: value}, lines=_is_of_lines(text))
        return text[:start] + made + text[end:]
    last = members[-1]
    space = text[len(text[: last.start].rstrip(" \t\r\n")) : last.start]
    made = _written(text, last.start, value, lines="\n" in space)
    return f"{text[: last.end]},{space or ' '}{as_text(key)}: {made}{text[last.end :]}"


def _written(text: str, place: int, value: Any, *, lines: bool) -> str:
    """A value as it is written there, on one line or on several."""
    if not lines:
        return as_text(value)
    line = text[text.rfind("\n", 0, place) + 1 : place].lstrip(BYTE_ORDER_MARK)
    base = line[: len(line) - len(line.lstrip(" \t"))]
    newline = "\r\n" if "\r\n" in text else "\n"
    first = _FIRST_MEMBER.match(text)
    made = as_text(value, indent=first[1] if first else "  ")
    return made.replace("\n", newline + base)


def _is_of_lines(text: str) -> bool:
    return "\n" in text.strip() or not _members(text, _behind_space(text, 0))
