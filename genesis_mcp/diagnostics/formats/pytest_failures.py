"""Recognisers of what pytest reports, in each of its styles."""

from dataclasses import replace
from itertools import islice

from genesis_mcp.diagnostics.format import Example, Format
from genesis_mcp.diagnostics.formats.python import FRAME, RAISED, SYNTAX, find_traceback
from genesis_mcp.diagnostics.recogniser import Frame, Hit, Lines, own_frame
from genesis_mcp.text.pattern import pattern

_PYTEST_ERROR = pattern(r"E {3,}(\S.*)")
_PYTEST_FRAME = pattern(
    r"(?:file )?([^\s:][^:]*?)(?::(\d+): ?(?:in .*|[A-Za-z_][\w.]*)?|(?<!File), line (\d+))$"
)
_PYTEST_TEST = pattern(r"_{3,} (?:ERROR (?:at \w+ of|collecting) )?(\S+) _{3,}$")
_PYTEST_HEADING = pattern(r"={3,} .* ={3,}$")
_PYTEST_SECTION = pattern(r"_{3,} .* _{3,}$|={3,} .* ={3,}$")
_PYTEST_REPORT = pattern(r"={3,} (?:FAILURES|ERRORS) ={3,}$")
_PYTEST_SUMMARY = pattern(r"(?:FAILED|ERROR) ([^\s:]+)(?:::(.*?))? - (.+)")
PYTEST_REACH = 400
"""Lines: how far around an `E` line the frames of its section are looked for."""
PYTEST_TRIES = 20
"""`E` lines to try: text that only looks like pytest's must not cost a search at every line."""

_PYTEST_LINE = pattern(r"(\S.*?\.py):(\d+): (?:([A-Za-z_][\w.]*)(?:: (.*))?|(assert .+)|(\S.*))$")


def find_pytest_failure(lines: Lines) -> Hit | None:
    """The first failure in pytest's report: its `E` lines and the frames round them."""
    marked = (index for index, line in enumerate(lines) if _PYTEST_ERROR.match(line))
    for index in islice(marked, PYTEST_TRIES):
        if syntax := _syntax_error(lines, index):
            return syntax
        if frames := _pytest_frames(lines, index):
            first, second = (
                line.removeprefix("E").strip() for line in (*lines[index : index + 2], "")[:2]
            )
            name, message = _pytest_message(first, second)
            return Hit(
                line_number=index,
                type=name,
                message=message,
                frame=own_frame(frames),
                beside=_pytest_test(lines, index),
            )
    return None


def _syntax_error(lines: Lines, start: int) -> Hit | None:
    """A file that could not be collected: its place and its error stand in lines marked with E."""
    place = FRAME.match(lines[start].removeprefix("E"))
    for index in range(start, min(start + 8, len(lines))) if place else ():
        marked = _PYTEST_ERROR.match(lines[index])
        if not marked:
            break
        if place and SYNTAX.match(marked[1]):
            name, _, message = marked[1].partition(": ")
            frame = Frame(place[1], int(place[2]))
            source = lines[start + 1].removeprefix("E").strip()
            return Hit(line_number=index, type=name, message=message, frame=frame, beside=source)
    return None


def _pytest_test(lines: Lines, error: int) -> str:
    """The name of the test that an `E` line belongs to, from the heading of its section."""
    for index in range(error, max(-1, error - PYTEST_REACH), -1):
        if heading := _PYTEST_TEST.match(lines[index]):
            return heading[1].rpartition(".")[2].partition("[")[0]
    return ""


def _pytest_message(first: str, second: str) -> tuple[str | None, str]:
    if first.startswith("assert "):
        return "AssertionError", first
    raised = RAISED.match(first)
    if not raised:
        return None, first
    message = raised[2] or ""
    if second.startswith("assert ") or not message or message.endswith(":"):
        message = f"{message} {second}".strip()  # the assertion itself follows its own message
    return raised[1], message


def _pytest_frames(lines: Lines, error: int) -> list[Frame]:
    """The frames of the section, innermost first: the long style prints the last one below."""
    below = next(
        (i for i in range(error, min(error + PYTEST_REACH, len(lines))) if _is_end(lines[i])),
        len(lines) - 1,
    )
    frames = []
    for index in range(min(below, len(lines) - 1), max(-1, error - PYTEST_REACH), -1):
        line = lines[index]
        if index < error and _PYTEST_SECTION.match(line):
            break
        if frame := _PYTEST_FRAME.match(line):
            frames.append(Frame(frame[1], int(frame[2] or frame[3])))
    return frames


def _is_end(line: str) -> bool:
    return bool(_PYTEST_FRAME.match(line) or _PYTEST_SECTION.match(line))


def find_pytest_summary(lines: Lines) -> Hit | None:
    """The first failure in pytest's short summary, for reports without tracebacks."""
    for index, line in enumerate(lines):
        if summary := _PYTEST_SUMMARY.match(line):
            raised = RAISED.match(summary[3])
            name, message = (raised[1], raised[2] or "") if raised else (None, summary[3])
            place = Frame(summary[1], None)
            return Hit(
                line_number=index, type=name, message=message, frame=place, beside=_last(summary[2])
            )
    return None


def find_pytest_line(lines: Lines) -> Hit | None:
    """The first failure of a report with `--tb=line`, below the heading of the failures."""
    inside = False
    for index, line in enumerate(lines):
        if _PYTEST_HEADING.match(line):
            inside = "FAILURES" in line or "ERRORS" in line
        elif inside and (found := _PYTEST_LINE.match(line)):
            name, message = found[3], found[4] or found[5] or found[6] or ""
            if found[5]:
                name = "AssertionError"
            place = Frame(found[1], int(found[2]))
            named = (_PYTEST_SUMMARY.match(below) for below in lines[index:] if message in below)
            test = next((_last(summary[2]) for summary in named if summary), "")
            return Hit(line_number=index, type=name, message=message, frame=place, beside=test)
    return None


def _last(test: str | None) -> str:
    """The name of a test without its class and its parameters."""
    return (test or "").rpartition("::")[2].partition("[")[0]


def find_pytest_native(lines: Lines) -> Hit | None:
    """The first failure of a report with `--tb=native`, whose tracebacks are Python's own."""
    first = next((i for i, line in enumerate(lines) if _PYTEST_REPORT.match(line)), len(lines))
    sections = [i for i in range(first, len(lines)) if _PYTEST_SECTION.match(lines[i])]
    for start, stop in zip(sections, [*sections[1:], len(lines)], strict=False):
        if hit := find_traceback(lines[start:stop]):
            test = _pytest_test(lines, start)
            return replace(hit, line_number=hit.line_number + start, beside=test)
    return None


def find_no_tests(lines: Lines) -> Hit | None:
    """That there was nothing to run, of which pytest says no more."""
    for index, line in enumerate(lines):
        if "no tests ran in " in line:
            return Hit(line_number=index, message="no tests ran")
    return None


REPORTS = (
    Format(name="pytest", hints=("\nE   ",), find=find_pytest_failure),
    Format(name="pytest line", hints=(" FAILURES ==", " ERRORS =="), find=find_pytest_line),
    Format(name="pytest native", hints=(" FAILURES ==", " ERRORS =="), find=find_pytest_native),
)
"""The failures themselves: before what other tools of Python print."""
REST = (
    Format(
        name="pytest worker",
        hints=("worker '",),
        start=r"(?P<message>worker '\w+' crashed while running '(?P<file>[^':\n]+)[^\n]*)",
        examples=(
            Example(
                "worker 'gw1' crashed while running 'tests/test_a.py::test_b[png]'\n",
                "worker 'gw1' crashed while running 'tests/test_a.py::test_b[png]'",
                "tests/test_a.py",
            ),
        ),
    ),
    Format(
        name="pytest usage",
        hints=("ERROR: ", ": error: "),
        start=r"(?:ERROR: (?=(?:file or directory )?not found)"
        r"|(?:\S+ -m )?(?:py\.?test|__main__\.py): error: )(?P<message>.+)",
        examples=(
            Example(
                "no tests ran in 0.00s\nERROR: file or directory not found: nada.py\n\n",
                "file or directory not found: nada.py",
            ),
            Example(
                "ERROR: usage: pytest [options] [file_or_dir] [file_or_dir] [...]\n"
                "pytest: error: unrecognized arguments: --rapido\n"
                "  inifile: None\n  rootdir: /loja\n\n",
                "unrecognized arguments: --rapido",
            ),
        ),
    ),
    Format(
        name="coverage",
        hints=("Required test coverage of ", "Coverage failure: "),
        start=r"(?:FAIL |ERROR: )?"
        r"(?P<message>(?:Required test coverage of|Coverage failure: total of) .+)",
        examples=(
            Example(
                "FAIL Required test coverage of 90% not reached. Total coverage: 67.74%\n",
                "Required test coverage of 90% not reached. Total coverage: 67.74%",
            ),
            Example(
                "Coverage failure: total of 60 is less than fail-under=90\n",
                "Coverage failure: total of 60 is less than fail-under=90",
            ),
        ),
    ),
    Format(name="pytest without tests", hints=("no tests ran in ",), find=find_no_tests),
    Format(name="pytest summary", hints=("FAILED ", "ERROR "), find=find_pytest_summary),
)
