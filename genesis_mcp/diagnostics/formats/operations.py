"""How what builds and sets up machines prints errors: ansible, BuildKit."""

import re
from collections.abc import Iterator

from genesis_mcp.diagnostics.format import LINE, Example, Format
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines
from genesis_mcp.text.pattern import pattern

_FATAL = pattern(r"(?:fatal|failed): \[.*?\](?:: \w+!)? (?:\(item=.*\) )?=> \{")
_ERROR = pattern(r"\[ERROR\]: (.+)|ERROR! (.+)")
_ORIGIN = pattern(
    r"Origin: (?P<file>\S.*?):(?P<line>\d+):\d+$"
    r"|The error appears to be in '(?P<old>[^']+)': line (?P<number>\d+)"
)
_SAID = pattern(r"\"(?P<name>msg|stderr|module_stderr|reason)\": \"(?P<text>(?:[^\"\\]|\\.)+)")
_IGNORED = "...ignoring"
_SAYS_NOTHING = re.compile(r"non-zero return code|MODULE FAILURE.*|Task failed\.?", re.DOTALL)
RESULT_LINES = 60
"""Lines that the result of a task may have when it is printed with indentation."""


def find_ansible_error(lines: Lines) -> Hit | None:
    """The first task that failed and was not ignored, by what it says; else the first error.

    Its place is where the innermost cause comes from.
    """
    for index, line in enumerate(lines):
        if _FATAL.match(line) and not _is_ignored(lines, index):
            told = _told(lines[index : index + RESULT_LINES])
            if told:
                return Hit(line_number=index, message=told, frame=_origin(lines[: index + 12]))
    for index, line in enumerate(lines):
        if found := _ERROR.match(line):
            frame = _origin(lines[index : index + RESULT_LINES])
            return Hit(line_number=index, message=found[1] or found[2], frame=frame)
    return None


def _is_ignored(lines: Lines, index: int) -> bool:
    return any(line == _IGNORED for line in lines[index + 1 : index + RESULT_LINES])


def _told(lines: Lines) -> str | None:
    """What a failed task says: its message, or of a command the last line that it wrote."""
    said: dict[str, str] = {}
    for name, text in _fields(lines):
        said.setdefault(name, text)
    message = said.get("msg") or said.get("reason")
    if message and not _SAYS_NOTHING.fullmatch(message):
        return message
    written = said.get("stderr") or said.get("module_stderr") or ""
    return next((line for line in reversed(written.split("\n")) if line.strip()), message)


def _fields(lines: Lines) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(lines):
        if number and (line == "}" or not line[:1].isspace()):
            return
        for found in _SAID.finditer(line):
            yield found["name"], found["text"].replace("\\n", "\n").replace('\\"', '"')


def _origin(lines: Lines) -> Frame | None:
    """The last place that is told of a cause: the innermost."""
    for line in reversed(lines):
        if found := _ORIGIN.match(line):
            return Frame(found["file"] or found["old"], int(found["line"] or found["number"]))
    return None


FORMATS: tuple[Format, ...] = (
    Format(
        name="ansible",
        hints=(": FAILED! => ", ": UNREACHABLE! => ", "\nOrigin: ", "ERROR! "),
        find=find_ansible_error,
        examples=(
            Example(
                "TASK [Read] ****\n[ERROR]: Task failed: Module failed: non-zero return code\n"
                "Origin: /w/a.yml:5:7\n\n5     - name: Read\n        ^ column 7\n\n"
                'fatal: [localhost]: FAILED! => {"changed": true, "cmd": ["cat", "/no"], '
                '"msg": "non-zero return code", "rc": 1, "stderr": "cat: /no: No such file"}\n\n'
                "PLAY RECAP ****\nlocalhost : ok=0 changed=0 unreachable=0 failed=1\n",
                "cat: /no: No such file",
                "/w/a.yml:5",
            ),
            Example(
                "[ERROR]: couldn't resolve module/action 'ansible.builtin.copi'.\n"
                "Origin: /w/c.yml:3:7\n\n3     - name: Copy\n        ^ column 7\n",
                "couldn't resolve module/action 'ansible.builtin.copi'.",
                "/w/c.yml:3",
            ),
        ),
    ),
    Format(
        name="git apply",
        hints=("patch failed: ",),
        start=rf"error: (?P<message>patch failed: (?P<file>.+):{LINE})$",
        examples=(
            Example(
                "Checking patch Caddyfile...\nerror: while searching for:\n:80 {\n\n"
                "error: patch failed: Caddyfile:1\nerror: Caddyfile: patch does not apply\n",
                "patch failed: Caddyfile:1",
                "Caddyfile:1",
            ),
            Example(
                "error: patch failed: docs/notas de versao:12\n"
                "error: docs/notas de versao: patch does not apply\n",
                "patch failed: docs/notas de versao:12",
                "docs/notas de versao:12",
            ),
        ),
    ),
    Format(
        name="patch",
        hints=("Hunk #",),
        start=rf"(?P<message>Hunk #\d+ FAILED at {LINE}\b.*)",
        heading=r"(?:patching|checking) file '?(?P<file>.+?)'?$",
        examples=(
            Example(
                "patching file notas\nHunk #1 succeeded at 9 (offset 2 lines).\n"
                "Hunk #2 FAILED at 31.\n1 out of 2 hunks FAILED -- saving rejects to file n.rej\n",
                "Hunk #2 FAILED at 31.",
                "notas:31",
            ),
        ),
    ),
    Format(
        name="buildkit",
        hints=("failed to solve: ",),
        start=r"ERROR: (?:failed to build: )?failed to solve: (?P<message>(?!process ).+)",
        heading=r"(?P<file>[^\s:]+):(?P<line>\d+)$",
        examples=(
            Example(
                "Dockerfile:3\n--------------------\n   2 |     WORKDIR /app\n"
                "   3 | >>> RUNN npm ci\n--------------------\nERROR: failed to solve: dockerfile "
                "parse error on line 3: unknown instruction: RUNN\n",
                "dockerfile parse error on line 3: unknown instruction: RUNN",
                "Dockerfile:3",
            ),
        ),
    ),
)
