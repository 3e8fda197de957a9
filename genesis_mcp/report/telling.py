"""How each part of the page is told, in a language and within a size; the template sets it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from genesis_mcp.answers.readable import readable
from genesis_mcp.report.content import Attempt, Content, Error, Kind, Spec, compared_attempt
from genesis_mcp.report.gathering import ATTEMPTS_SHOWN, Data
from genesis_mcp.report.localised import Words
from genesis_mcp.text.clean import clean_line
from genesis_mcp.text.excerpt import excerpt


class Size(NamedTuple):
    """How much of the long texts is shown, and of how many specs in detail."""

    excerpt: int
    diff: int
    tests: int
    sections: int
    line: int
    """Characters of a name, an error, a test."""


SIZES = (
    Size(1_500, 2_000, 5, 40, 240),
    Size(900, 1_000, 5, 40, 240),
    Size(500, 500, 3, 40, 160),
    Size(250, 250, 2, 30, 120),
    Size(120, 120, 1, 15, 80),
    Size(0, 0, 0, 0, 60),
)
"""The first is what is wanted; a page that is too large takes the next."""

KINDS: tuple[Kind, ...] = ("passed", "failed", "new", "progress", "unclear")

STEP = 9
"""Units between two marks on a strip."""


class Figure(NamedTuple):
    """A number at the top of the page."""

    label: str
    value: str
    beside: str


class Cut(NamedTuple):
    """A text as far as it is shown."""

    text: str
    cut: str
    """A sentence on what is not shown; nothing when all is."""


class Change(NamedTuple):
    """Lines of a diff of one kind."""

    tag: str
    text: str


class Told(NamedTuple):
    """A phrase, and whether it is left in the answers' English."""

    text: str
    is_english: bool = False


class Telling:
    """The parts of one page."""

    def __init__(self, content: Content, words: Words, size: Size) -> None:
        self._content, self._words, self._size = content, words, size
        self._anchors = {
            spec.spec_id: f"spec-{number}" for number, spec in enumerate(self.sections(), 1)
        }

    # --- the top --------------------------------------------------------------------------------

    def figures(self) -> list[Figure]:
        """The four numbers that say whether today is a good day."""
        words, failures = self._words, self._content.failures
        events = failures.get("error_events")
        runs = words("of_runs", runs=self._counted(failures, "runs"))
        beside = [runs, words("error_events", n=events)] if events else [runs]
        errors = self._content.errors
        distinct = len(errors) + (failures.get("errors_not_shown") or 0)
        new = sum(one.is_new for one in errors)
        return [
            Figure(words("failed_runs"), self._counted(failures, "failed"), " ".join(beside)),
            Figure(
                words("distinct_errors"),
                words.number(distinct),
                words("new_errors", n=new) if new else words("no_new_errors"),
            ),
            Figure(
                words("failing_specs"),
                words.number(len(self._content.failing)),
                words("of_specs", specs=len(self._content.specs)),
            ),
            self._newest(),
        ]

    def _newest(self) -> Figure:
        newest = self._content.newest
        if newest is None:
            return Figure(self._words("newest_record"), "–", "")
        return Figure(self._words("newest_record"), self._words.day(newest), f"{newest:%H:%M}")

    def _counted(self, page: Data, name: str) -> str:
        return self._words.number(
            page.get(name) or 0, is_minimum=bool(page.get(f"{name}_is_minimum"))
        )

    def moment(self, moment: datetime | None) -> str:
        return self._words.moment(moment) if moment else "–"

    def line(self, text: object) -> str:
        """A name, an error or a test, on one line."""
        return clean_line(readable(str(text or "")), self._size.line)

    # --- days -----------------------------------------------------------------------------------

    def highest_day(self) -> int:
        return max((day.runs for day in self._content.days), default=0) or 1

    def days_in_words(self) -> str:
        days = self._content.days
        return "; ".join(f"{self._words.day(day.day)} {day.failed}/{day.runs}" for day in days)

    def short(self, number: int) -> str:
        """A number for above a bar: `940`, `4.5k`."""
        return str(number) if number < 1_000 else f"{number / 1_000:.3g}k"

    # --- errors ---------------------------------------------------------------------------------

    def count(self, error: Error) -> str:
        number = self._words.number(error.count, is_minimum=error.count_is_minimum)
        return self._words("times", count=number)

    def other_specs(self, error: Error) -> str:
        shown = self._words.number(error.other_specs, is_minimum=error.other_specs_is_minimum)
        return self._words("other_specs", n=error.other_specs, specs=shown)

    # --- specs ----------------------------------------------------------------------------------

    def strip(self, spec: Spec) -> dict[Kind, list[int]]:
        """Where the marks of each kind stand: the newest attempt always at the right end."""
        places: dict[Kind, list[int]] = {}
        for number, attempt in enumerate(spec.attempts):
            place = (ATTEMPTS_SHOWN - 1 - number) * STEP
            places.setdefault(attempt.kind, []).append(place)
        return {kind: sorted(places[kind]) for kind in KINDS if kind in places}

    def strip_in_words(self, spec: Spec) -> str:
        counted = Counter(attempt.kind for attempt in spec.attempts)
        told = ", ".join(
            f"{counted[kind]} {self._words(f'kind_{kind}')}" for kind in KINDS if counted[kind]
        )
        return self._words("strip", n=len(spec.attempts), told=told)

    def state(self, spec: Spec) -> str:
        if spec.state != "failing":
            return self._words("passes" if spec.state == "passing" else "unclear")
        streak = spec.streak
        key = "fails_for" if spec.is_streak_whole else "fails_at_least"
        return self._words(key, n=len(streak), moment=self.moment(streak[-1].at))

    def ended(self, attempt: Attempt) -> str:
        """Such as `failed, exit 1`."""
        told = self._words(f"ended {attempt.ended.word}")
        if attempt.ended.exit_code is not None:
            told = self._words("exit", word=told, code=str(attempt.ended.exit_code))
        return self._words("doubtful", word=told) if attempt.ended.is_doubtful else told

    def verdict(self, attempt: Attempt) -> str:
        key = f"verdict {attempt.verdict}"
        return self._words(key) if self._words.knows(key) else attempt.verdict or ""

    # --- a section ------------------------------------------------------------------------------

    def sections(self) -> list[Spec]:
        return self._content.failing[: self._size.sections]

    def anchor_of(self, spec_id: str | None) -> str | None:
        """The section of a spec, when it has one."""
        return self._anchors.get(spec_id or "")

    def newest_failure(self, spec: Spec) -> Attempt:
        return spec.streak[0]

    def tests_in_words(self, attempt: Attempt) -> Told:
        """Such as `3 of 4 tests fail`."""
        told = str(attempt.tests.get("told") or "")
        found = re.match(r"([\d,]+)(?: of ([\d,]+))? (?:still )?fails?\b", told)
        if found is None:
            return Told(told, bool(told) and self._words.language != "en")
        number, total = (int(one.replace(",", "")) if one else None for one in found.groups())
        if total is None:
            return Told(self._words("some_tests_fail", n=number))
        return Told(self._words("tests_fail", n=number, total=total))

    def failing_tests(self, attempt: Attempt) -> tuple[list[str], int]:
        """Lines of the tests that fail, and how many tests are in none of them."""
        lines = attempt.tests.get("failing") or []
        shown = [self.line(one) for one in lines[: self._size.tests]]
        unnamed = attempt.tests.get("failing_not_shown") or 0
        return shown, unnamed + len(lines) - len(shown)

    def excerpt(self, spec: Spec) -> Cut | None:
        """What the newest failure printed, around its error."""
        if not spec.printed:
            return None
        return self._cut(spec.printed, self._size.excerpt, self.newest_failure(spec).error or "")

    def _cut(self, text: str, limit: int, error: str = "") -> Cut:
        """So much of a text, around the line that has the error."""
        text = readable(text)
        if limit < SHORTEST:
            return Cut("", self._words("text_cut", n=len(text)))
        message = error.removesuffix("…").rpartition(": ")[2]
        lines = enumerate(text.split("\n"))
        focus = next((number for number, line in lines if message and message in line), None)
        shown = excerpt(text, limit, focus)
        left_out = shown.left_out_chars
        told = _LEFT_OUT.sub(self._left_out, shown.text)
        return Cut(told, self._words("text_cut", n=left_out) if left_out else "")

    def _left_out(self, note: re.Match[str]) -> str:
        """What an excerpt says of a gap, in the page's language."""
        return self._words("left_out", n=int(note[1].replace(",", "")))

    # --- what changed ---------------------------------------------------------------------------

    def compared(self, spec: Spec) -> "Compared | None":
        told = self._content.compared.get(spec.spec_id)
        made = self._content.made
        older = compared_attempt(told.get("older"), made) if told else None
        later = compared_attempt(told.get("later"), made) if told else None
        if told is None or older is None or later is None:
            return None
        from_pass = older.kind == "passed"
        key = "from_pass" if from_pass else "from_newest"
        if later.kind == "passed":
            key = "from_two"
        between = self._words(key, older=self._named(older), later=self._named(later))
        diff = self._cut(told["diff"], self._size.diff) if told.get("diff") else None
        return Compared(
            between=between,
            code=self._code(str(told.get("code", ""))),
            fields=self._fields(told.get("changed") or {}),
            title=self._words("diff" if key == "from_pass" else "diff_of_two"),
            changes=list(_changes(diff.text)) if diff else [],
            cut=diff.cut if diff else "",
        )

    def _named(self, attempt: Attempt) -> str:
        return f"{attempt.name} ({self.moment(attempt.at)})"

    def _code(self, told: str) -> Told:
        """What became of the code: the forms of the answer that have words here."""
        words = self._words
        if found := re.match(r"([\d,]+) lines? added, ([\d,]+) removed", told):
            added, removed = (int(one.replace(",", "")) for one in found.groups())
            return Told(words("code_lines", n=added, removed=removed))
        if told.startswith("not recorded"):
            return Told(words("code_not_recorded"))
        if told in ("unchanged", "unchanged, and so it is flaky"):
            return Told(words("code_unchanged_flaky" if "flaky" in told else "code_unchanged"))
        return Told(told, words.language != "en")

    def _fields(self, changed: Mapping[str, str]) -> list[tuple[str, str]]:
        """Fields that differ, and both of their values."""
        return [
            (
                self._words(name) if self._words.knows(name) else name,
                self.line(values.replace("(none)", self._words("none"))),
            )
            for name, values in changed.items()
        ]

    # --- cuts -----------------------------------------------------------------------------------

    def not_shown(self, key: str, number: Any) -> str:
        """A sentence on what is left out; nothing when nothing is."""
        return self._words(key, n=number) if number else ""

    def sections_not_shown(self) -> str:
        hidden = len(self._content.failing) - len(self.sections())
        return self.not_shown("sections_not_shown", hidden)


_LEFT_OUT = re.compile(r"\[\.\.\. (?:[\d,]+ lines?, )?([\d,]{1,20}) characters? left out \.\.\.\]")

SHORTEST = 80
"""Characters of a text below which `excerpt` has nothing to show."""


class Compared(NamedTuple):
    """What changed between two attempts."""

    between: str
    code: Told
    fields: Sequence[tuple[str, str]]
    title: str
    changes: Sequence[Change]
    cut: str


_TAGS = {"+": "ins", "-": "del", "@": "b"}


def _changes(diff: str) -> Iterator[Change]:
    """The lines of a diff, those of one kind together."""
    for tag, lines in groupby(diff.split("\n"), lambda line: _TAGS.get(line[:1], "")):
        yield Change(tag, "\n".join(lines))
