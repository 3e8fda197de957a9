"""What tools print for a CI service to show beside the code: GitHub, Azure, TeamCity."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines, first_telling
from genesis_mcp.diagnostics.summaries import is_summary
from genesis_mcp.text.pattern import pattern


class _Service(NamedTuple):
    """How one service writes an annotation."""

    line: re.Pattern[str]
    """With the group `fields`, and perhaps `message`."""
    field: re.Pattern[str]
    escape: re.Pattern[str]
    meant: Mapping[str, str]
    """What each escape stands for."""
    names: tuple[str, str, str]
    """The fields that name file and line, and the one with the message where it is a field."""


_PERCENT = {"%25": "%", "%0A": "\n", "%0D": "", "%3A": ":", "%2C": ",", "%3B": ";", "%5D": "]"}
_SERVICES = (
    _Service(
        pattern(r"##\[error\](?P<fields>)(?P<message>.*)"),
        pattern(r"(?P<name>)(?P<value>)(?!)"),
        pattern(r"(?!)"),
        {},
        ("", "", ""),
    ),
    _Service(
        pattern(r"::error(?: (?P<fields>(?:[^:\n]|:(?!:))*))?::(?P<message>.*)"),
        pattern(r"\b(?P<name>\w++)=(?P<value>[^,]*)"),
        pattern(r"%(?:25|0A|0D|3A|2C)"),
        _PERCENT,
        ("file", "line", ""),
    ),
    _Service(
        pattern(r"##vso\[task\.logissue (?P<fields>[^\]\n]*\btype=error[^\]\n]*)\](?P<message>.*)"),
        pattern(r"\b(?P<name>\w++)=(?P<value>[^;]*)"),
        pattern(r"%(?:AZP25|25|0A|0D|3B|5D)"),
        {**_PERCENT, "%AZP25": "%"},
        ("sourcepath", "linenumber", ""),
    ),
    _Service(
        pattern(r"\s*##teamcity\[(?:testFailed|buildProblem|inspection|message)(?P<fields> .*)\]$"),
        pattern(r"\b(?P<name>\w++)='(?P<value>(?:[^'|]|\|.)*)'"),
        pattern(r"\|[nr'|\[\]]"),
        {"|n": "\n", "|r": "", **{f"|{mark}": mark for mark in "'|[]"}},
        ("file", "line", "message"),
    ),
)
_REPEATED = pattern(r"\A(?:[^\s:]|:(?!\d))++:\d+:\d+: (?=\S)")
_CODE = pattern(r"([A-Z]+\d+):? (?=\S)")


def find_annotation(lines: Lines) -> Hit | None:
    """The first error that names its place."""
    return next((hit for hit in _annotations(lines) if hit.frame), None)


def find_marked(lines: Lines) -> Hit | None:
    """The first line that is marked as an error, as its text was before it was escaped."""
    return next(_annotations(lines), None)


def _annotations(lines: Lines) -> Iterator[Hit]:
    for index, line in enumerate(lines):
        for service in _SERVICES if "##" in line or "::error" in line else ():
            found = service.line.match(line)
            if found and (hit := _hit(service, found, index)):
                yield hit


def _hit(service: _Service, found: re.Match[str], index: int) -> Hit | None:
    def plain(text: str) -> str:
        return service.escape.sub(lambda escape: service.meant[escape[0]], text)

    given = service.field.finditer(found["fields"] or "")
    fields = {field["name"]: plain(field["value"]) for field in given}
    if fields.get("status", "ERROR") not in ("ERROR", "FAILURE"):
        return None
    in_file, at_line, says = service.names
    text = fields.get(says, "") if says else plain(found["message"])
    first, *below = text.strip().split("\n")
    first = _REPEATED.sub("", first, count=1)
    code = _CODE.match(first)
    message = first_telling(first[code.end() :] if code else first, below, 0)
    if not message or is_summary(message):
        return None
    number = fields.get(at_line, "")
    file = fields.get(in_file)
    frame = Frame(file, int(number)) if file and number.isdecimal() else None
    return Hit(line_number=index, type=code[1] if code else None, message=message, frame=frame)


FORMATS: tuple[Format, ...] = (
    Format(
        name="annotation",
        hints=("::error ", "##vso[task.logissue ", "##teamcity["),
        find=find_annotation,
        examples=(
            Example(
                "::error title=Ruff (F401),file=/w/src/a.py,line=7,col=3,endLine=7::"
                "src/a.py:7:3: F401 `os` imported but unused%0A  help: Remove it\n",
                "`os` imported but unused",
                "/w/src/a.py:7",
                "F401",
            ),
            Example(
                "::error line=4,file=app.js::Missing semicolon\n", "Missing semicolon", "app.js:4"
            ),
            Example(
                "::error file=src/taxa%2Cnova.ts,line=12,title=soma%3A 2 casos::"
                "AssertionError: 90%25 expected%0A%0A- 90%0A+ 100\n",
                "AssertionError: 90% expected",
                "src/taxa,nova.ts:12",
            ),
            Example(
                "##vso[task.logissue type=error;sourcepath=src/a.cs;linenumber=3;]no such name\n",
                "no such name",
                "src/a.cs:3",
            ),
            Example(
                "##vso[task.logissue type=error;sourcepath=src/b%3Bc.cs;linenumber=8;code=CS1]"
                "100%AZP25 expected%0D%0Abut 90 [a%5D\n",
                "100% expected",
                "src/b;c.cs:8",
            ),
            Example(
                "##teamcity[inspectionType id='A' name='A' category='b' description='c']\n"
                "##teamcity[inspection typeId='A' message='n|'o nome ||x|' nunca muda|nleia' "
                "file='src/a.kt' line='31' SEVERITY='ERROR']\n",
                "n'o nome |x' nunca muda",
                "src/a.kt:31",
            ),
        ),
    ),
)
MARKED: tuple[Format, ...] = (
    Format(
        name="marked as an error",
        hints=("##", "::error"),
        find=find_marked,
        examples=(
            Example("::error::frete%3A 25%25 a mais\n", "frete: 25% a mais"),
            Example(
                "##teamcity[testFailed name='soma' message='expected 90|nbut was 100' "
                "details='sem pilha']\n",
                "expected 90",
            ),
        ),
    ),
)
