"""Findings of linters and compilers in JSON: ESLint, Ruff, Pylint, Pyright, mypy, cargo, SARIF, ...

Told by form and not by tool: an object that says something and names a line, in a file that it or
an object around it names. A record of a log, which tells a time, is none.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.formats.javascript import find_stack
from genesis_mcp.diagnostics.parts_seen import SeenText
from genesis_mcp.diagnostics.recogniser import Frame, Hit

PARSED_AT_MOST = 3
"""Times the length of a text that is parsed in vain: any line may begin like JSON."""
FAILURE_LINES = 80
"""Of a failed test, in which its error and the stack stand."""
LONGEST_PROBE = 40
"""Characters of a message by which its line is looked for."""

_SAYS = ("message", "text", "Text", "issue_text", "msg", "description")
_FILES = (
    "file", "filename", "filePath", "path", "fileName", "Filename", "file_name", "source", "uri",
)  # fmt: skip
_LINES = (
    "line",
    "row",
    "startLine",
    "line_number",
    "lineNumber",
    "Line",
    "line_start",
    "lineno",
    "begin",
)
_CODES = (
    "ruleId",
    "rule",
    "code",
    "message-id",
    "symbol",
    "check_id",
    "check_name",
    "test_id",
    "cop_name",
)
_GRAVITIES = ("severity", "level", "issue_severity", "category", "type")
_WITHIN = (
    "location", "locations", "physicalLocation", "artifactLocation", "region", "start", "Pos",
    "spans", "extra", "positions", "lines", "begin",
)  # fmt: skip
"""Where an object keeps its place, or what it says, one object or list deeper."""
_TIMES = frozenset({"time", "timestamp", "ts", "@timestamp", "asctime", "datetime", "date"})
_GRAVE = ("err", "fatal", "crit", "high", "blocker")
_decode = json.JSONDecoder().raw_decode


def find_json_finding(text: SeenText) -> Hit | None:
    """The first finding that is an error, else the first."""
    whole = text.uncut or text.text
    less: tuple[int, Hit] | None = None
    for place, document in _documents(whole):
        for record, file in _records(document, None):
            if hit := _hit(record, file) or _failed_test(record):
                if _is_grave(record):
                    return _moved(hit, whole, place)
                less = less or (place, hit)
    return _moved(less[1], whole, less[0]) if less else None


def _documents(text: str) -> Iterator[tuple[int, object]]:
    """What is JSON from the beginning of a line on, each with its place."""
    place = tried = 0
    while tried < PARSED_AT_MOST * len(text) and place < len(text):
        after = place
        if text[place] in "{[":
            try:
                document, after = _decode(text, place)
            except json.JSONDecodeError as error:
                tried += error.pos - place
            except (ValueError, RecursionError):
                return
            else:
                yield place, document
        end = text.find("\n", after)
        place = end + 1 if end >= 0 else len(text)


def _records(value: object, file: str | None) -> Iterator[tuple[Mapping[str, Any], str | None]]:
    """Each object with the file that it, or one around it, names; outer ones first."""
    waiting = [(value, file)]
    while waiting:
        value, file = waiting.pop()
        if isinstance(value, dict):
            file = _file(value) or file
            yield value, file
        if isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            waiting += [(one, file) for one in inner if isinstance(one, dict | list)][::-1]


def _hit(record: Mapping[str, Any], file: str | None) -> Hit | None:
    said = _said(record)
    line = _line(record)
    if not said or not file or line is None or _TIMES & record.keys():
        return None
    frame = Frame(file.removeprefix("file://"), line)
    return Hit(line_number=0, type=_code(record), message=" ".join(said.split()), frame=frame)


def _failed_test(record: Mapping[str, Any]) -> Hit | None:
    """The first failure of a test, as jest and vitest report it in JSON."""
    failures = record.get("failureMessages")
    first = failures[0] if isinstance(failures, list) and failures else None
    hit = find_stack(first.split("\n")[:FAILURE_LINES]) if isinstance(first, str) else None
    return replace(hit, line_number=0) if hit else None


def _said(record: Mapping[str, Any]) -> str | None:
    for name in _SAYS:
        said = record.get(name)
        if isinstance(said, str) and said.strip():
            return said
        if isinstance(said, dict) and isinstance(said.get("text"), str):
            return str(said["text"])
    extra = record.get("extra")
    return _said(extra) if isinstance(extra, dict) else None


def _file(record: Mapping[str, Any]) -> str | None:
    for name in _FILES:
        file = record.get(name)
        if isinstance(file, str) and ("." in file or "/" in file) and " " not in file:
            return file
    return next(filter(None, map(_file, _deeper(record))), None)


def _line(record: Mapping[str, Any]) -> int | None:
    for name in _LINES:
        line = record.get(name)
        if isinstance(line, int) and line > 0:
            return line
    between = record.get("range")
    if isinstance(between, dict) and isinstance(between.get("start"), dict):
        line = between["start"].get("line")  # of the language server protocol, from 0
        return line + 1 if isinstance(line, int) else None
    return next((line for one in _deeper(record) if (line := _line(one)) is not None), None)


def _deeper(record: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in _WITHIN:
        inner = record.get(name)
        inner = inner[0] if isinstance(inner, list) and inner else inner
        if isinstance(inner, dict):
            yield inner


def _code(record: Mapping[str, Any]) -> str | None:
    for name in _CODES:
        code = record.get(name)
        code = code.get("code") or code.get("value") if isinstance(code, dict) else code
        if isinstance(code, str) and code and " " not in code:
            return code
    return None


def _is_grave(record: Mapping[str, Any]) -> bool:
    """Whether it is an error by what it says of itself; what says nothing is one."""
    for name in _GRAVITIES:
        grave = record.get(name)
        if isinstance(grave, int):
            return grave >= 2  # ESLint: 2 is an error
        if isinstance(grave, str):
            return grave.lower().startswith(_GRAVE) or grave == "E"
    return True


def _moved(hit: Hit, text: str, start: int) -> Hit:
    """The finding of a document on the line that shows its message."""
    shown = json.dumps(hit.message[:LONGEST_PROBE], ensure_ascii=False)[1:-1]
    place = text.find(shown, start)
    return hit.moved(text.count("\n", 0, place if place >= 0 else start))


FORMATS: tuple[Format, ...] = (
    Format(
        name="findings in json",
        hints=('"failureMessages"', '"line', '"row"', '"startLine"', '"Line"'),
        find_in=find_json_finding,
        examples=(
            Example(  # ESLint
                '[{"filePath":"/w/src/a.js","messages":[{"ruleId":"semi","severity":1,"message":'
                '"Extra semicolon.","line":3},{"ruleId":"no-undef","severity":2,"message":'
                '"\'total\' is not defined.","line":7,"column":4}]}]\n',
                "'total' is not defined.",
                "/w/src/a.js:7",
                "no-undef",
            ),
            Example(  # Ruff
                '[\n  {\n    "code": "F401",\n    "filename": "/w/a.py",\n    "location": {\n'
                '      "column": 8,\n      "row": 2\n    },\n'
                '    "message": "`os` imported but unused"\n  }\n]\n',
                "`os` imported but unused",
                "/w/a.py:2",
                "F401",
            ),
            Example(  # Pyright
                '{\n  "generalDiagnostics": [\n    {\n      "file": "/w/a.py",\n'
                '      "severity": "error",\n      "message": "\\"x\\" is not defined",\n'
                '      "range": {"start": {"line": 4, "character": 0}},\n'
                '      "rule": "reportUndefinedVariable"\n    }\n  ]\n}\n',
                '"x" is not defined',
                "/w/a.py:5",
                "reportUndefinedVariable",
            ),
            Example(  # jest and vitest
                '{"testResults":[{"assertionResults":[{"title":"frete","failureMessages":["Error: '
                'sem frete\\n    at frete (/w/src/frete.js:9:3)"]}],"message":""}]}\n',
                "sem frete",
                "/w/src/frete.js:9",
                "Error",
            ),
            Example(  # GitLab's code quality
                '[{"check_name":"F401","description":"F401: `os` imported but unused","location":'
                '{"path":"a.py","positions":{"begin":{"line":1,"column":8}}}}]\n',
                "F401: `os` imported but unused",
                "a.py:1",
                "F401",
            ),
            Example(  # SARIF
                '{"version":"2.1.0","runs":[{"results":[{"ruleId":"B101","level":"error","message":'
                '{"text":"Use of assert detected."},"locations":[{"physicalLocation":'
                '{"artifactLocation":{"uri":"src/a.py"},"region":{"startLine":9}}}]}]}]}\n',
                "Use of assert detected.",
                "src/a.py:9",
                "B101",
            ),
            Example(  # cargo
                '{"reason":"compiler-message","message":{"level":"error","message":'
                '"mismatched types","code":{"code":"E0308"},"spans":[{"file_name":"src/main.rs",'
                '"line_start":4}]}}\n',
                "mismatched types",
                "src/main.rs:4",
                "E0308",
            ),
        ),
    ),
)
