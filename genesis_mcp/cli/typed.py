"""Our own sentences as a person wants them: calls as commands to type, short ids, local time."""

import json
import re
import shlex
import subprocess
import sys
from datetime import datetime

from genesis_mcp.runs.identifiers import UUID7, short_run_id
from genesis_mcp.runs.times import now, parse_timestamp
from genesis_mcp.runs.wording import local_offset

TOOLS = {
    "recent_failures": ("failures", ()),
    "logs_for_spec": ("spec", ("spec_id",)),
    "get_run": ("show", ("run_id",)),
    "search_logs": ("search", ("text",)),
    "compare_runs": ("compare", ("spec_id", "run_a", "run_b")),
    "wait_for_run": ("watch", ("spec_id",)),
    "describe_logs": ("describe", ()),
    "record_run": ("record", ()),
}
"""What a tool is on the command line, and which of its arguments stand there without a name."""

OPTIONS = {"spec_id": "--spec", "sprint_id": "--sprint", "task_id": "--task"}

_CALL = re.compile(rf"\b({'|'.join(TOOLS)})\(")
_TOOL = re.compile(rf"\b(?:{'|'.join(TOOLS)})\b")
_MOMENT = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{3})?)?Z")
_JSON = json.JSONDecoder()


def for_reading(text: str) -> str:
    """A sentence of ours, or an id, for a person."""
    text = UUID7.sub(lambda found: short_run_id(found[0]), as_commands(text))
    return _MOMENT.sub(lambda found: local_time(found[0]), text)


def as_commands(text: str) -> str:
    """A sentence of ours that names tools, with commands in their place."""
    parts, place = [], 0
    for found in _CALL.finditer(text):
        if found.start() >= place and (call := _call_at(text, found)):
            parts += [text[place : found.start()], call[0]]
            place = call[1]
    text = "".join([*parts, text[place:]])
    return _TOOL.sub(lambda found: f"`genesis-mcp {TOOLS[found[0]][0]}`", text)


def typed(call: str) -> str:
    """A call as the command that gives the same answer."""
    found = _CALL.match(call)
    made = _call_at(call, found) if found else None
    return made[0] if made else call


def local_time(moment: str) -> str:
    """A time of ours, which is UTC, in this place's zone; without the date when that is today's."""
    local = parse_timestamp(moment).astimezone()
    has_seconds = moment.count(":") == 2
    clock = local.strftime("%H:%M:%S" if has_seconds else "%H:%M")
    today = now().astimezone().date()
    offset = local_offset(local)
    zone = f" {offset}" if offset == "UTC" else offset
    return f"{'' if local.date() == today else f'{local:%Y-%m-%d} '}{clock}{zone}"


_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def with_zone(moment: str) -> str:
    """A time as it was typed, with this place's zone when it names none; anything else as it is."""
    if not _DATE.match(moment.strip()):  # an id may be digits alone
        return moment
    try:
        read = datetime.fromisoformat(moment.strip())
    except ValueError:  # a span, a run, or nothing that is known here
        return moment
    return moment if read.tzinfo else read.astimezone().isoformat()


def _call_at(text: str, found: re.Match[str]) -> tuple[str, int] | None:
    """The command for the call there, and where the call ends; None when it is none."""
    arguments: dict[str, object] = {}
    place = found.end()
    while not text.startswith(")", place):
        name = re.compile(r"(?:, )?(\w+)=").match(text, place)
        if name is None:
            return None
        try:
            arguments[name[1]], place = _JSON.raw_decode(text, name.end())
        except ValueError:
            return None
    return _command(found[1], arguments), place + 1


def _command(tool: str, arguments: dict[str, object]) -> str:
    name, positional = TOOLS[tool]
    words = ["genesis-mcp", name]
    words += [short_run_id(str(arguments[one])) for one in positional if one in arguments]
    for one, value in arguments.items():
        flag = OPTIONS.get(one, f"--{one.replace('_', '-')}")
        if one in positional:
            continue
        if one == "failures_only":
            words += [flag] if value else ["--all"]
        else:
            words += [flag] if value is True else [flag, short_run_id(str(value))]
    return subprocess.list2cmdline(words) if sys.platform == "win32" else shlex.join(words)
