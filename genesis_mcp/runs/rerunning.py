"""The command that runs only the tests that failed, made of the recorded one; it runs nothing.

Only where the recorded command starts the runner itself, in a form that is known here, and every
failing test is named: never a guess. Names come from a program's output; they are quoted for a
POSIX shell, and shown like all text of a log.
"""

import re
import shlex
from collections.abc import Sequence
from typing import TypeGuard

from genesis_mcp.diagnostics.test_results.report import FailingTest
from genesis_mcp.runs.rerun_ways import WAYS, Way
from genesis_mcp.runs.test_report import TestReport

TESTS_MAX = 30
CHARS_MAX = 2_000
"""Of the whole line; a longer one is no help."""

_LAUNCHERS = (
    ("npx",), ("npx", "--no-install"), ("npm", "exec", "--"), ("npm", "exec"), ("pnpm", "exec"),
    ("pnpm",), ("yarn",), ("yarn", "run"), ("bunx",), ("poetry", "run"), ("uv", "run"),
    ("pipenv", "run"), ("hatch", "run"), ("bundle", "exec"), ("env",),
)  # fmt: skip
"""What may stand before a runner and starts it as it is."""
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_SHORT = re.compile(r"-(?:[qvxslbBiudU]+|r[a-zA-Z]+)")
"""Short options that take no value."""
_PYTHON = re.compile(r"(?:.*[/\\])?python[\d.]*(?:\.exe)?")


def rerun_command(command: object, report: TestReport | None) -> str | None:
    """A line for the shell that runs what failed, and nothing else, in the directory of the run.

    `command` is the one recorded in a run's `context`. None: it cannot be told.
    """
    if report is None or not report.failing or not report.is_complete:
        return None
    way = WAYS.get(report.runner or "")
    if way is None or len(report.failing) != len(report.failing_keys) or not _are_words(command):
        return None
    if len(report.failing) > TESTS_MAX or any(map(_is_cut, report.failing)):
        return None
    parts = _parted(way, command)
    selected = way.select(report.failing) if parts else None
    if parts is None or selected is None:
        return None
    before, kept = parts
    chosen, named = selected
    words = [*kept, *named, *chosen] if way.selects_last else [*kept, *chosen, *named]
    line = shlex.join([*before, *words] if not way.selects_first else [*before, *chosen, *kept])
    return line if len(line) <= CHARS_MAX else None


def _are_words(command: object) -> TypeGuard[list[str]]:
    return (
        isinstance(command, list)
        and bool(command)
        and all(isinstance(word, str) and "\n" not in word for word in command)
        and not any(word.startswith("[... ") for word in command)
    )


def _is_cut(test: FailingTest) -> bool:
    return test.name.endswith("…") or "redacted" in test.name or "\ufffd" in test.name


def _parted(way: Way, command: list[str]) -> tuple[list[str], list[str]] | None:
    """The words that start the runner, and those of its arguments that stay."""
    begin = _begin(way, command)
    if begin is None:
        return None
    rest = command[begin:]
    kept: list[str] = []
    words = iter(range(len(rest)))
    for place in words:
        word = rest[place]
        following = rest[place + 1] if place + 1 < len(rest) else ""
        if word == "--":
            return None
        if not word.startswith("-") or word == "-":
            kept += [word] if way.keeps_places else []
            continue
        name, is_given, _ = word.partition("=")
        takes = not is_given and name in way.with_value
        if takes:
            next(words, None)
        elif not is_given and following[:1] not in ("", "-") and _is_unknown(word, way):
            return None  # nobody knows whether the next word is its value
        if name not in way.replaced:
            kept += [word, following] if takes else [word]
    return command[:begin], kept


def _is_unknown(option: str, way: Way) -> bool:
    """Whether an option before another word may take it for its value."""
    return not (option in _FLAGS or option in way.with_value or _SHORT.fullmatch(option))


_FLAGS = frozenset(
    re.findall(
        r"\S+",
        "--verbose --quiet --silent --ci --bail --coverage --color --no-color --colors "
        "--forceExit --runInBand --watch=false --test --release --all --workspace "
        "--all-features --offline --locked --no-fail-fast --exact --lf --strict-markers "
        "--exitfirst --no-header --no-summary --showlocals --passWithNoTests --run --headed "
        "--list --trace-warnings --experimental-vm-modules --run-in-band --allow-all "
        "--no-check --no-cov --last-failed --failed-first --locals --failfast --catch "
        "--buffer --testdox --stop-on-failure --fail-fast --tap --no-daemon --no-build "
        "--no-restore --nologo -race -short -failfast -json -cover -a ",
    )
)
"""Options that take no value, of any runner."""


def _begin(way: Way, command: list[str]) -> int | None:
    """Where the arguments of the runner begin."""
    place = 0
    while place < len(command):
        for start in way.starts:
            if _is_start(command[place : place + len(start)], start):
                return place + len(start)
        if _ASSIGNED.fullmatch(command[place]):
            place += 1
            continue
        launchers = [one for one in _LAUNCHERS if tuple(command[place : place + len(one)]) == one]
        if not launchers:
            return None
        place += max(map(len, launchers))
    return None


def _is_start(words: Sequence[str], start: tuple[str, ...]) -> bool:
    if len(words) != len(start):
        return False
    for word, wanted in zip(words, start, strict=True):
        name = re.split(r"[/\\]", word)[-1]
        if wanted == "PYTHON":
            if not _PYTHON.fullmatch(word):
                return False
        elif wanted == "PROGRAM":
            if not re.fullmatch(r"\.{0,2}[/\\].+", word):
                return False
        elif name.removesuffix(".cmd").removesuffix(".exe").removesuffix(".mjs") != wanted:
            return False
    return True
