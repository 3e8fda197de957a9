"""docs/tools.md, made from the tools themselves and from the snapshots of their answers."""

import re

from genesis_mcp.answers.budget import FULL_CHARS, MAX_CHARS
from genesis_mcp.cli.main import GROUP
from genesis_mcp.mcp_server.tool_schemas import input_schema, output_schema
from genesis_mcp.mcp_server.tools import TOOLS
from genesis_mcp.runs.model import RUN_FIELDS
from tests.helpers.paths import SNAPSHOTS
from tests.questions.test_situations import QUESTIONS

BEGINNING = f"""\
# The tools

<!-- Made from the code. Make it again: UPDATE_SNAPSHOTS=1 .venv/bin/pytest tests/test_docs.py -->

Every answer keeps within one budget of characters ({MAX_CHARS:,}, or {FULL_CHARS:,} with
`detail="full"`; [`GENESIS_MAX_CHARS`](settings.md)), says what it left out and which call gets the
rest, and explains itself when it is empty. A run is named by its id, or as `soma#2`. A time is ISO
8601, or a span: `30m`, `24h`, `7d`.

What a program printed stands within a fence with a random mark, as data, cleaned of everything
invisible and without the secrets that it held ([security](security.md)).

The answers below are those to one small store, as `tests/questions/test_situations.py` gets them
from SQLite, MongoDB and ClickHouse alike: `soma` failed, passed and fails again, `usuario` failed
once. Beside the text a client gets the same as data, whose fields are named here; `--json` prints
them.

The prompt `fix_spec` puts the state of one spec before Claude, and the rules for fixing it; clients
complete its `spec_id`. The same answers are resources, `genesis://spec/ID` and `genesis://run/ID`.
"""

SAME_IN_A_TERMINAL = {
    "recent_failures": "failures",
    "logs_for_spec": "spec",
    "describe_logs": "describe",
    "get_run": "show",
    "search_logs": "search",
    "compare_runs": "compare",
}
"""The command that asks the same, and has words for what a model understands by its name."""

RECORDED = 'spec_id="soma", exit_code=1, stderr="Traceback ...", code_snapshot="def soma ..."'
"""How `record_run` was called for the snapshot, in short."""


def page():
    """The page, whole."""
    snapshot = (SNAPSHOTS / "ordinary.md").read_text(encoding="utf-8")
    answers = re.split(r"^## (\w+)\n\n", snapshot, flags=re.MULTILINE)
    answer_of = dict(zip(answers[1::2], answers[2::2], strict=True))
    return "\n".join([BEGINNING, *(_section(name, answer_of[name].strip()) for name in TOOLS)])


def _section(name, answer):
    tool = TOOLS[name]
    return (
        f"## {name}\n\n{tool.description}\n\n{_arguments(name, tool.arguments)}\n\n"
        f"`{name}({_called(name)})` answers:\n\n```text\n{answer}\n```\n\n"
        f"Fields: {_fields(output_schema(tool.result))}.\n"
    )


def _called(name):
    if name not in QUESTIONS:
        return RECORDED
    given = {key: value for key, value in QUESTIONS[name][1].items() if key != "timeout_seconds"}
    return ", ".join(f"{key}={_value(value)}" for key, value in given.items())


def _value(value):
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def _arguments(name, model):
    schema = input_schema(model)
    needed = schema.get("required", [])
    words = _words_of(SAME_IN_A_TERMINAL.get(name))
    rows = []
    for key, one in schema["properties"].items():
        default = model.model_fields[key].default
        meaning = one.get("description") or words.get(key, "")
        if not meaning and key in RUN_FIELDS:
            meaning = f"[the field](schema.md) `{key}`"
        if isinstance(default, int | float) and default and "default" not in meaning:
            meaning = "; ".join(part for part in (meaning, f"default {default}".lower()) if part)
        mark = " (needed)" if key in needed else ""
        rows.append(f"| `{key}`{mark} | {_type(one)} | {meaning.replace('|', '/')} |")
    return "\n".join(["| argument | is | means |", "|---|---|---|", *rows])


def _type(one):
    if "enum" in one:
        return ", ".join(f"`{value}`" for value in one["enum"])
    if "anyOf" in one:
        return " or ".join(_type(alternative) for alternative in one["anyOf"])
    if isinstance(one.get("type"), list):
        return " or ".join(_type({"type": name}) for name in one["type"])
    most = f", at most {one['maximum']}" if "maximum" in one else ""
    return {"array": "list", "object": "object"}.get(one.get("type"), one.get("type", "any")) + most


def _words_of(command):
    """What the options of a command mean, by the arguments that they become."""
    options = GROUP.get_command(None, command).params if command else []
    # A flag that switches something off has the words of its opposite.
    options = [one for one in options if getattr(one, "flag_value", None) is not False]
    return {one.name: one.help for one in options if getattr(one, "help", None)}


def _fields(schema):
    """The names of the fields, of those within them in brackets."""
    return ", ".join(_field(key, one, schema) for key, one in schema["properties"].items())


def _field(key, one, schema):
    name = one.get("$ref", one.get("items", {}).get("$ref", "")).rpartition("/")[2]
    inside = schema["$defs"][name].get("properties", {}) if name else {}
    return f"`{key}`" + (f" ({', '.join(f'`{each}`' for each in inside)})" if inside else "")
