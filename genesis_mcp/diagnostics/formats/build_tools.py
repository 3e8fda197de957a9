"""Recognisers of what tools print: linters and type checkers, make, cmake, npm, SQL clients, Pino.

Compilers and test runners stand with their languages.
"""

import json
import re
from dataclasses import replace
from re import Pattern

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.formats.javascript import find_stack
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines, join_until, own_frame
from genesis_mcp.text.pattern import pattern

_MYPY = pattern(r"(.+?\.pyi?):(\d+)(?::\d+)?: error: (.+)")
_MYPY_CODE = pattern(r"(.*?)  \[([\w-]+)\]$")
_RULE = r"(?:[A-Z]{1,7}\d{1,5}|[a-z]+(?:-[a-z]+)+|unformatted)"
_LINT_LINE = pattern(rf"(\S.*?\.\w+):(\d+):\d+: ({_RULE}):?(?: \[\*\])? (\S.*)")
_LINT_HEAD = pattern(rf"({_RULE}):?(?: \[\*\])? (\S.*)")
_LINT_PLACE = pattern(r"\s*(?:--> )?(\S.*?):(\d+):\d+$")
_LESS = pattern(r"[CRWI]\d{4}$")
"""Pylint's codes of what is no error."""
_LINT_NOTE = pattern(r": `[^`]+` (?:\w+ ){1,2}here$")
"""What ruff's one-line form adds, which its longer form prints below."""
_TABLE_END = r"\s+(\S.*?)(?:\s{2,}([@\w/.-]+)\s*)?$"
_ESLINT = pattern(rf"\s*(\d+):\d+:?\s+(?:error|✖|×|✘|✗){_TABLE_END}")
_TABLE_WARNING = pattern(rf"\s*(\d+):\d+:?\s+(?:warning|⚠|‼|!)\ufe0f?{_TABLE_END}")

_MAKE = pattern(r"(?:(?:g?make(?:\[\d+\])?)|(\S+?):(\d+)): \*\*\* (.+?)\s+Stop\.$")
_CMAKE = pattern(r"CMake Error at (\S.*?):(\d+) \((\w+)\):")
_CMAKE_END = pattern(r"\S|\s*Add the installation|\s*Call Stack")
_TERRAFORM = pattern(r"(?:[│|] )?Error: (.+)")
_TERRAFORM_PLACE = pattern(r"(?:[│|] )? {1,4}on (\S+\.\w+) line (\d+)")
_NPM = pattern(r"npm (?:ERR!|error) (.+)")
_NPM_ASIDE = pattern(
    r"code|errno|syscall|path|command|cwd|dest|signal|workspace|location|in workspace|at location"
    r"|A complete log|Lifecycle|Exit status|Failed at|\S+@\S+ \w+:|Test failed|This is probably"
)

_PSQL = pattern(r"(?:psql:(.+?):(\d+): )?(?:ERROR|FATAL|PANIC|ERRO):  (.+)")
_SQLITE = pattern(
    r"(?:Parse error|Runtime error|Error)(?: near line \d+|: near line \d+|: in prepare)[:,] (.+)"
)
_MYSQL = pattern(r"(ERROR \d+) \((\w+)\)(?: at line \d+)?(?: in file: '[^']*')?: (.+)")

_JSON_TEXT = r'"((?:[^"\\]|\\.)*+)'
_PINO_LEVEL = pattern(r'"level": ?(?:[56]0|"(?:error|fatal|ERROR|FATAL)")')
_PINO_ERROR = pattern(
    rf'"(?:err|error|exception)": ?\{{"type": ?{_JSON_TEXT}", ?"message": ?{_JSON_TEXT}"'
)
_PINO_MESSAGE = pattern(rf'"(?:msg|message)": ?{_JSON_TEXT}')
_PINO_STACK = pattern(rf'"stack": ?{_JSON_TEXT}')
_STACK_PLACE = pattern(r"at (?:[^\n(]*\()?((?:file://)?[^\s()]+?):(\d+):\d+")
_JSON_ERROR = pattern(r'"(?:error|err|exception)"\s*:\s*[{"t]')
_JSON_STACK = pattern(rf'\s*"(?:stack|estack|trace|stackTrace)"\s*:\s*{_JSON_TEXT}"')
_SAYINGS = ("message", "msg", "detail", "error_description", "description", "title", "reason")
_BLANK = pattern(r"\s")
_UNNAMED = pattern(rf'"(?:err|error)": ?{_JSON_TEXT}"')


def find_mypy_error(lines: Lines) -> Hit | None:
    """The first error; with --pretty a long message goes on in the next lines."""
    for index, line in enumerate(lines):
        if found := _MYPY.match(line):
            message = found[3]
            for below in lines[index + 1 : index + 4]:
                if _MYPY_CODE.match(message) or below.startswith("    ") or not below:
                    break
                if _MYPY.match(below) or below.startswith("Found "):
                    break
                message = f"{message} {below}"
            coded = _MYPY_CODE.match(message)
            message, code = coded.groups() if coded else (message, None)
            place = Frame(found[1], int(found[2]))
            return Hit(line_number=index, type=code, message=message, frame=place)
    return None


def find_lint(lines: Lines) -> Hit | None:
    """The first finding of ruff, flake8 or pylint, on one line or with its place below.

    Of pylint, which tells of a file what is worth a note before its errors, the first error.
    """
    less = None
    for index, line in enumerate(lines):
        if found := _LINT_LINE.match(line):
            place = Frame(found[1], int(found[2]))
            message = _LINT_NOTE.sub("", found[4])
            hit = Hit(line_number=index, type=found[3], message=message, frame=place)
            if not _LESS.match(found[3]):
                return hit
            less = less or hit
        below = _LINT_PLACE.match(lines[index + 1]) if index + 1 < len(lines) else None
        if below and (head := _LINT_HEAD.match(line)):
            place = Frame(below[1], int(below[2]))
            return Hit(line_number=index, type=head[1], message=head[2], frame=place)
    return less


def find_eslint_error(lines: Lines) -> Hit | None:
    """The first error of a table whose heading is the file."""
    return _in_table(lines, _ESLINT)


def find_table_warning(lines: Lines) -> Hit | None:
    """The first warning of a table whose heading is the file."""
    return _in_table(lines, _TABLE_WARNING)


def _in_table(lines: Lines, row: Pattern[str]) -> Hit | None:
    file = ""
    for index, line in enumerate(lines):
        found = row.match(line) if file else None
        if found:
            place = Frame(file, int(found[1]))
            return Hit(line_number=index, type=found[3], message=found[2], frame=place)
        if line and not line[0].isspace() and not line[0].isdigit():
            file = line.strip().removesuffix(":")
    return None


def find_make_error(lines: Lines) -> Hit | None:
    """What make itself complains of; a recipe that failed has told its error before."""
    for index, line in enumerate(lines):
        if found := _MAKE.match(line):
            place = Frame(found[1], int(found[2])) if found[1] else None
            return Hit(line_number=index, message=found[3], frame=place)
    return None


def find_cmake_error(lines: Lines) -> Hit | None:
    for index, line in enumerate(lines):
        if found := _CMAKE.match(line):
            message = join_until(lines, index + 1, _CMAKE_END, limit=15)
            place = Frame(found[1], int(found[2]))
            return Hit(line_number=index, message=message, frame=place)
    return None


def find_terraform_error(lines: Lines) -> Hit | None:
    """The first error with a place, perhaps beside a bar."""
    for index, line in enumerate(lines):
        if error := _TERRAFORM.match(line):
            places = map(_TERRAFORM_PLACE.match, lines[index + 1 : index + 5])
            if place := next(filter(None, places), None):
                frame = Frame(place[1], int(place[2]))
                return Hit(line_number=index, message=error[1], frame=frame)
    return None


def find_npm_error(lines: Lines) -> Hit | None:
    """Npm's own first complaint; of a script that failed it only says so."""
    for index, line in enumerate(lines):
        found = _NPM.match(line)
        if found and not _NPM_ASIDE.match(found[1]):
            return Hit(line_number=index, message=found[1])
    return None


def find_sql_error(lines: Lines) -> Hit | None:
    """The first error that psql, sqlite3, mysql or mariadb reports."""
    for index, line in enumerate(lines):
        if found := _PSQL.match(line):
            place = Frame(found[1], int(found[2])) if found[1] else None
            return Hit(line_number=index, message=found[3], frame=place)
        if found := _SQLITE.match(line):
            return Hit(line_number=index, message=found[1])
        if found := _MYSQL.match(line):
            return Hit(line_number=index, type=found[1], message=found[3])
    return None


def find_logged_error(lines: Lines) -> Hit | None:
    """The last line of JSON at error or fatal: its error object, or its message."""
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        if "{" in line[:80] and _PINO_LEVEL.search(line):
            error, stack = _PINO_ERROR.search(line), _PINO_STACK.search(line)
            told = error or _UNNAMED.search(line) or _PINO_MESSAGE.search(line)
            if told:
                text = stack[1].replace("\\n", "\n") if stack else ""
                frames = [Frame(m[1], int(m[2])) for m in _STACK_PLACE.finditer(text)]
                return Hit(
                    line_number=index,
                    type=error[1] if error else None,
                    message=_unescaped(error[2] if error else told[1]),
                    frame=own_frame(frames),
                )
    return None


def find_json_error(lines: Lines) -> Hit | None:
    """The last line that is an object with an error: its type, and what it says in words."""
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].strip()
        if line.startswith("{") and line.endswith("}") and _JSON_ERROR.search(line):
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if told := _told(record):
                return Hit(line_number=index, type=told[0], message=told[1])
    return None


def _told(record: object) -> tuple[str | None, str] | None:
    """Type and message of an object that tells an error, however deeply it is wrapped."""
    if not isinstance(record, dict) or "level" in record:
        return None
    error = next((record[name] for name in ("error", "err", "exception") if record.get(name)), None)
    words = [record[name] for name in _SAYINGS if isinstance(record.get(name), str)]
    if isinstance(error, dict):
        return _told({"error": True, **error})
    if isinstance(error, str):
        return (error, words[0]) if words and not _BLANK.search(error) else (None, error)
    name = next((record[key] for key in ("type", "name", "errorType") if record.get(key)), None)
    return (name if isinstance(name, str) else None, words[0]) if error and words else None


def find_json_stack(lines: Lines) -> Hit | None:
    """The first stack in a report of JSON, as mocha, jest and others write it."""
    for index, line in enumerate(lines):
        if found := _JSON_STACK.match(line):
            text = found[1].replace("\\n", "\n").replace('\\"', '"')
            if hit := find_stack(text.split("\n")):
                return replace(hit, line_number=index)
    return None


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: " " if found[1] in "nrt" else found[1], text)


LINTERS = (
    Format(name="mypy", hints=(".py:", ".pyi:"), find=find_mypy_error),
    Format(
        name="lint",
        hints=("--> ", ".py:", ".pyi:", ".yaml:", ".yml:"),
        find=find_lint,
        examples=(
            Example(
                "E3002 Additional properties are not allowed ('BucketNam' was unexpected)\n"
                "pilha.yaml:5:7\n\n",
                "Additional properties are not allowed ('BucketNam' was unexpected)",
                "pilha.yaml:5",
                "E3002",
            ),
            Example(
                "a.py:1:0: C0114: Missing module docstring (missing-module-docstring)\n"
                "a.py:1:0: E0401: Unable to import 'nada' (import-error)\n",
                "Unable to import 'nada' (import-error)",
                "a.py:1",
                "E0401",
            ),
        ),
    ),
    Format(
        name="eslint", hints=(" error ", "  ✖ ", "  × ", "  ✘ ", "  ✗ "), find=find_eslint_error
    ),
)
BUILDS = (
    Format(name="cmake", hints=("CMake Error at ",), find=find_cmake_error),
    Format(name="sql", hints=("ERR", "error near line", "near line"), find=find_sql_error),
    Format(name="terraform", hints=(" on ",), find=find_terraform_error),
    Format(name="json error", hints=('"error"', '"err"', '"exception"'), find=find_json_error),
    Format(
        name="json stack",
        hints=('"stack"', '"estack"', '"trace"', '"stackTrace"'),
        find=find_json_stack,
    ),
    Format(name="json log", hints=('"level"',), find=find_logged_error),
)
OWN_COMPLAINTS = (
    Format(name="make", hints=("*** ",), find=find_make_error),
    Format(name="npm", hints=("npm ERR!", "npm error"), find=find_npm_error),
)
