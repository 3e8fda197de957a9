"""The phrases that the forms of answers share: how a run, an error, a quotation is written."""

from collections.abc import Iterable, Iterator

from genesis_mcp.answers import (
    Attempt,
    Comparison,
    Doubted,
    ErrorGroup,
    Match,
    NextRun,
    NumberedLines,
    Occurrence,
    Passage,
    Quoting,
    RecordedRun,
    Result,
    RunDetail,
    SpecPage,
)
from genesis_mcp.answers.readable import told_place
from genesis_mcp.answers.shown_tests import ShownTests
from genesis_mcp.runs.wording import plural, redrawn


def error_at_its_place(error: str, location: str | None, *, short: bool = False) -> str:
    """An error, and where it was raised when that is known; see `told_place`."""
    return f"{error}{told_place(location, short=short)}"


def note_lines(noted: Attempt | ErrorGroup | RunDetail | RecordedRun | NextRun) -> list[str]:
    """What a person noted on an error, for below it."""
    return [f"note: {noted.note}"] if noted.note else []


def attempt_line(
    page: SpecPage | Comparison, attempt: Attempt, mark: str = "", *, moment: str | None = None
) -> str:
    """An attempt with its verdict; `mark` stands for its error, `moment` for its time."""
    judged = f" · {verdict}" if (verdict := _verdict(attempt)) else ""
    took = f" · {attempt.duration_ms:,} ms" if attempt.duration_ms is not None else ""
    told = f"{numbered(attempt.iteration)} {attempt.ended}{judged}{mark}{took}"
    return f"{told} · {moment or attempt.at}{id_unless_named(page, attempt.run_id)}"


def _verdict(attempt: Attempt) -> str | None:
    """The verdict with its numbers; that of a part has them in how it ended."""
    numbers = attempt.tests.told if attempt.tests else ""
    is_told = not numbers or numbers in attempt.ended
    return attempt.verdict if is_told else f"{attempt.verdict or 'tests'}: {numbers}"


def lines_of_tests(tests: ShownTests | None, name: str = "") -> list[str]:
    """What became of a run's tests, and those that fail by their errors; a program's words.

    `name`: of the run, in an answer on several.
    """
    if tests is None:
        return []
    lines = [tests.changes] if tests.changes else []
    lines += [f"fails {one}" for one in tests.failing or ()]
    if more := tests.failing_not_shown:
        lines.append(f"fails {plural(f'{more:,}', 'more test')}")
    return [f"{name} {line}".lstrip() for line in lines]


def with_mark(line: str, attempt: Attempt, mark: str) -> str:
    """The mark in place of an error that stands above with it, with a type before or without."""
    errors = (attempt.error or "", (attempt.error or "").partition(": ")[2])
    for error in filter(None, errors):
        if line.endswith(whole := f": {error_at_its_place(error, attempt.location)}"):
            return f"{line.removesuffix(whole)}: {mark}"
    return line


def id_unless_named(page: Result, run_id: str) -> str:
    """How to name a run whose spec and number, which stand beside it, are not enough."""
    return "" if run_id in page.names else f" · run {page.name(run_id)}"


def run_named(
    page: Result, run: RunDetail | RecordedRun | Match | NextRun | Occurrence | Doubted
) -> str:
    """A run by its spec and number; when these are not enough, by its id as well."""
    what = spec_named(run.spec_id, run.iteration)
    run_id = run.run_id or ""
    return what if run_id in page.names else f"run {page.name(run_id)} · {what}"


def numbered(iteration: int | None) -> str:
    """An attempt by its number."""
    return "#?" if iteration is None else f"#{iteration}"


def spec_named(spec_id: str | None, iteration: int | None = None) -> str:
    """A spec's name in backquotes, which it cannot leave."""
    name = "(no spec)" if spec_id is None else f"`{spec_id.replace('`', chr(39))}`"
    return name if iteration is None else f"{name} #{iteration}"


def quoted_lines(text: Passage | NumberedLines | None) -> list[str]:
    """Program output; the bar before each line keeps it from passing for a line of the answer."""
    return [f"| {line}" for line in text.text.split("\n")] if text else []


def output_lines(page: Result, quoting: Quoting) -> list[str]:
    """What a run printed, and the code there."""
    run_id = quoting.run_id or ""
    head = f"{quoting.stream} of {'' if run_id in page.names else 'run '}{page.name(run_id)}:"
    return [head, *quoted_lines(quoting.text), *code_lines(quoting.code)]


def code_lines(lines: Passage | NumberedLines | None) -> list[str]:
    """The lines of code that an error names."""
    return ["code_snapshot there:", *quoted_lines(lines)] if lines else []


def rerun_lines(page: SpecPage | RunDetail) -> list[str]:
    """The command that runs only what failed."""
    return [f"only what failed: {page.rerun}"] if page.rerun else []


def calls_for_the_rest(page: Result, quoting: Quoting) -> list[str]:
    """What is not quoted of a run's output, and the calls that show it."""
    whole = f"All that was kept of it, {quoting.kept}" if quoting.kept else "All of it"
    calls = {whole: quoting.whole, "It printed on its other stream, too": quoting.other_text}
    lines = [f"{what}: {page.called(call)}" for what, call in calls.items() if call]
    return [*lines, f"{redrawn(quoting.redraws)}."] if quoting.redraws else lines


def specs_that_exist(specs: list[str] | None) -> list[str]:
    """For whoever asked for one that does not."""
    return [f"Specs that exist: {', '.join(spec_named(spec) for spec in specs)}"] if specs else []


def days_once(moments: Iterable[str]) -> Iterator[str]:
    """Times, of which each has its day and UTC's `Z` only when the one above is of another day."""
    day = ""
    for moment in moments:
        before, (day, _, time) = day, moment.partition("T")
        yield time.replace("Z", "", 1) if day == before else moment
