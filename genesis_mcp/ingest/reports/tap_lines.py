"""The Test Anything Protocol, as `node --test`, tape, ava, bats and Perl's tests print it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from genesis_mcp.ingest.junit import Report
from genesis_mcp.ingest.lines import Line
from genesis_mcp.ingest.reports.reported_values import joined, path_of
from genesis_mcp.ingest.reports.told_test import ToldTest, tell
from genesis_mcp.runs.head_and_tail import HeadAndTail
from genesis_mcp.text.clean import clean

DEPTH_MAX = 32
"""Subtests within each other; what stands deeper belongs to the last of them."""

TEXT_BYTES_MAX = 1024 * 1024
"""Kept of what is printed between two tests, and of what is told of one."""

MARK = re.compile(r"TAP version \d+\s*$|1\.\.\d+(?:\s*#.*)?\s*$|(?:not )?ok \d+\b", re.IGNORECASE)
"""A line by which TAP is known."""

_TEST = re.compile(r"(?P<margin> *)(?P<not>not )?ok\b(?: (?P<number>\d+))?(?: -)?(?P<name>.*)$")
_DIRECTIVE = re.compile(r"\s#\s*(?P<what>skip|todo)\S*\s*(?P<why>.*)$", re.IGNORECASE)
_TIME = re.compile(r"\s#\s*time=(?P<number>[\d.]{1,12})(?P<unit>ms|s)\s*$")
_DURATION = re.compile(r"\s*(?:duration_ms|time): ?(?P<number>[\d.]{1,12})\s*$")
_PLAN = re.compile(r"(?P<margin> *)1\.\.(?P<last>\d{1,8})\s*(?:#.*)?$")
_SUBTEST = re.compile(r"(?P<margin> *)# Subtest(?:: (?P<name>.*))?$")
_HEADING = re.compile(r"# (?!Subtest)(?P<name>\S.*)$")
_BAIL_OUT = re.compile(r" *Bail out!\s*(?P<why>.*)$")
_OPENS, _CLOSES = re.compile(r"\s+---\s*$"), re.compile(r"\s+\.\.\.\s*$")
_BEGINS, _ENDS = re.compile(r"(?P<before>.*?)\s*\{\s*$"), re.compile(r" *\}\s*$")
"""Of subtests that stand behind the line of their test, in braces."""
_OF_SUBTESTS = re.compile(r"\s*failureType: 'subtestsFailed'")


def _texts() -> HeadAndTail:
    return HeadAndTail(TEXT_BYTES_MAX)


@dataclass(slots=True)
class _Level:
    """Tests at one margin, with the name of the test that they are parts of."""

    margin: int
    name: str = ""
    tests: int = 0
    plan: int | None = None
    failed: bool = False
    of: "ToldTest | None" = None
    """The test whose subtests these are, where its line came first."""


@dataclass(slots=True)
class _Result:
    """A test line, and what is told below it."""

    match: re.Match[str]
    titles: tuple[str, ...]
    had_subtests: bool
    subtests_failed: bool
    printed: str
    told: HeadAndTail = field(default_factory=_texts)
    is_open: bool = False
    """Whether its block of YAML goes on."""
    seconds: float | None = None
    is_of_subtests: bool = False


class TapLines:
    """What was told until now. A test with subtests is a suite: only what failed in it counts."""

    def __init__(self, report: Report, written: datetime | None = None) -> None:
        """`written`: when it was; TAP tells no time, and two runs may well print the same."""
        self._report = report
        self._began = written.isoformat() if written else ""
        self._levels = [_Level(0)]
        self._heading = ""
        self._has_headings = False
        self._result: _Result | None = None
        self._printed = _texts()
        self._told = 0
        self._has_version = self._has_bailed_out = False

    def read(self, lines: Iterator[Line]) -> Iterator[None]:
        """Tell the report of these lines; at each step it may be asked what it has."""
        self._report.start("testsuites", {"name": "TAP", "timestamp": self._began})
        for line in lines:
            self._line(clean(line.data.decode("utf-8", "replace")))
            yield
        self._finish()
        self._end()
        yield

    def _end(self) -> None:
        """Every TAP has a plan, before the tests or behind them."""
        plan = self._levels[0].plan
        missing = 1 if plan is None else plan - self._levels[0].tests
        if missing <= 0 or self._has_bailed_out:
            self._report.end("testsuites")
            return
        if plan is not None:
            self._report.declare(self._told + missing)
        self._report.broken(self._report.line)

    def _line(self, text: str) -> None:
        result = self._result
        if result is not None and result.is_open:
            self._detail(result, text)
        elif test := _TEST.match(text):
            self._finish()
            self._begin(test)
        elif _ENDS.match(text) and self._levels[-1].of is not None:
            self._finish()
            self._end_braces()
        elif result is not None and _OPENS.match(text):
            result.is_open = True
            result.told.write(f"{text}\n")
        else:
            self._other(text)

    def _detail(self, result: _Result, text: str) -> None:
        result.told.write(f"{text}\n")
        result.is_open = not _CLOSES.match(text)
        if found := _DURATION.match(text):
            result.seconds = _number(found["number"])
            if "duration_ms" in text:
                result.seconds /= 1000
        result.is_of_subtests = result.is_of_subtests or bool(_OF_SUBTESTS.match(text))
        if not result.is_open and self._has_headings:  # tape: what follows is the next heading
            self._finish()

    def _other(self, text: str) -> None:
        result = self._result
        if subtest := _SUBTEST.match(text):
            self._finish()
            self._level(len(subtest["margin"]) + 4, subtest["name"] or "")
        elif plan := _PLAN.match(text):
            self._finish()
            self._at(len(plan["margin"])).plan = int(plan["last"])
        elif bail_out := _BAIL_OUT.match(text):
            self._finish()
            self._has_bailed_out = True
            why = bail_out["why"].strip()
            tell(self._report, ToldTest(outcome="failed", message=why or "Bail out!"))
        elif text.startswith("TAP version "):
            self._has_version = True
            return
        elif (heading := _HEADING.match(text)) and self._is_heading(result):
            self._finish()
            self._has_headings, self._heading = True, heading["name"].strip()
        elif result is not None and result.match["not"] and _belongs(text, result):
            result.told.write(f"{text}\n")
        elif text.strip():
            self._printed.write(f"{text}\n")
        self._has_version = False

    def _is_heading(self, result: _Result | None) -> bool:
        """Whether a comment names the tests below it: tape begins with one."""
        return (
            self._has_version
            or (self._has_headings and result is None)
            or (self._has_headings and result is not None and not result.match["not"])
        )

    def _begin(self, test: re.Match[str]) -> None:
        margin = len(test["margin"])
        above = self._levels[-1]
        inner = [level for level in self._levels if level.margin > margin]
        had_subtests = any(level.tests for level in inner)
        failed = any(level.failed for level in inner)
        level = self._at(margin)
        level.tests += 1
        if had_subtests and above.margin > margin:
            level.failed = level.failed or failed
        titles = tuple(one.name for one in self._levels if one.name)
        printed, self._printed = self._printed.text(), _texts()
        self._result = _Result(test, titles, had_subtests, failed, printed)
        if begins := _BEGINS.match(test["name"]):
            self._begin_braces(self._result, begins["before"])

    def _begin_braces(self, result: _Result, name: str) -> None:
        """What follows are subtests of the test whose line this was."""
        self._result = None
        told = self._told_test(result, name)
        self._level(len(result.match["margin"]) + 4, _parts(name).name)
        self._levels[-1].of = told

    def _end_braces(self) -> None:
        """Of a test whose subtests have ended only what is no subtest's failure is told."""
        level = self._levels.pop()
        told = level.of
        if told is None:
            return
        self._levels[-1].failed = self._levels[-1].failed or told.outcome == "failed"
        if not level.tests or (told.outcome == "failed" and not level.failed):
            self._tell(told)

    def _level(self, margin: int, name: str) -> None:
        """Subtests of this name begin at this margin."""
        while len(self._levels) > 1 and self._levels[-1].margin >= margin:
            self._levels.pop()
        if len(self._levels) < DEPTH_MAX:
            self._levels.append(_Level(margin, name.strip()))

    def _at(self, margin: int) -> _Level:
        """The level of this margin; those within it have ended."""
        while len(self._levels) > 1 and self._levels[-1].margin > margin:
            self._levels.pop()
        if self._levels[-1].margin < margin and len(self._levels) < DEPTH_MAX:
            self._levels.append(_Level(margin))
        return self._levels[-1]

    def _finish(self) -> None:
        """Tell of the test whose line came last, now that all below it is known."""
        result, self._result = self._result, None
        if result is None:
            return
        told = self._told_test(result, result.match["name"])
        failed = told.outcome == "failed"
        if failed:
            self._levels[-1].failed = True
        if result.had_subtests and (not failed or result.subtests_failed or result.is_of_subtests):
            return
        self._tell(told)

    def _told_test(self, result: _Result, text: str) -> ToldTest:
        name, directive, seconds = _parts(text)
        file, titles = _file_of([*result.titles, self._heading, name])
        told = ToldTest(
            outcome="failed" if result.match["not"] and directive is None else "passed",
            name=joined(titles) or file or f"test {result.match['number']}",
            file=file,
            seconds=result.seconds if seconds is None else seconds,
            stdout=result.printed,
        )
        if told.outcome == "failed":
            above = "".join(f"{line}\n" for line in _comments(result.printed))
            told.text = f"{above}{result.match.string.strip()}\n{result.told.text()}"
        elif directive is not None:
            told.outcome, told.reason = "skipped", directive
        return told

    def _tell(self, told: ToldTest) -> None:
        self._told += 1
        tell(self._report, told)


def _belongs(text: str, result: _Result) -> bool:
    """Whether this line tells of the failure above it: a comment, or text further to the right."""
    margin = len(text) - len(text.lstrip())
    return text.lstrip().startswith("#") or not text or margin > len(result.match["margin"])


def _comments(printed: str) -> list[str]:
    """What `node --test` tells in comments above a file that could not be loaded."""
    return [line for line in printed.splitlines() if line.startswith("#")]


def _file_of(titles: list[str]) -> tuple[str, list[str]]:
    """The file that a test is in, where `node --test` has it as the outermost test."""
    first = path_of(next(filter(None, titles), ""))
    if not first.startswith("/") or " " in first:
        return "", titles
    return first, [title for title in titles if path_of(title) != first]


class _Parts(NamedTuple):
    """What stands in a test's line."""

    name: str
    directive: str | None
    """Why it does not count; None: it does."""
    seconds: float | None


def _parts(text: str) -> _Parts:
    seconds, directive = None, None
    if time := _TIME.search(text):
        text = text[: time.start()]
        seconds = _number(time["number"]) / (1000 if time["unit"] == "ms" else 1)
    if found := _DIRECTIVE.search(text):
        text = text[: found.start()]
        what = found["what"].lower()
        directive = found["why"].strip(" -") or ("" if what == "skip" else what)
    return _Parts(text.strip(), directive, seconds)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
