"""The questions on the command line: the same answers as the tools give."""

import gc
import math
import sys
import time
from typing import Any

import click

from genesis_mcp.answers import Comparison, Result, SpecPage
from genesis_mcp.answers.budget import FULL_CHARS
from genesis_mcp.cli.answer_printed import JSON, SPEC, SPEC_OPTION, print_result
from genesis_mcp.cli.command_form import command, flag, option
from genesis_mcp.cli.exits import EXIT_CODES, say
from genesis_mcp.cli.shared import arguments_of, open_questions
from genesis_mcp.config import Settings
from genesis_mcp.questions.arguments import (
    Arguments,
    CompareRuns,
    DescribeLogs,
    GetRun,
    LogsForSpec,
    RecentFailures,
    SearchLogs,
    WaitForRun,
    WatchRuns,
)
from genesis_mcp.questions.wait_for_run import LOOK_SECONDS

SINCE = option("--since", "not older: ISO 8601, or a span: 30m, 24h, 7d", metavar="WHEN")
UNTIL = option("--until", "older than that", metavar="WHEN")
DETAIL = option("--detail", "summary (default) or full", metavar="DETAIL")

gc.disable()  # the answer to one question is no time to look for garbage; `watch` enables it again

Given = dict[str, Any]


@command(
    "failures",
    option("--limit", "errors shown, default 10", metavar="N"),
    SINCE,
    UNTIL,
    SPEC_OPTION,
    option("--sprint", "only of this sprint", name="sprint_id", metavar="ID"),
    option("--task", "only of this task", name="task_id", metavar="ID"),
    option("--service", "only of this service", metavar="NAME"),
    option("--error", "all failures with the error of this run", metavar="RUN"),
    option("--before", "only what is older than this run", metavar="RUN"),
    DETAIL,
    JSON,
    examples=["genesis-mcp failures --since 24h", "genesis-mcp failures --spec soma --detail full"],
)
def failures(settings: Settings, given: Given) -> int:
    """What broke lately: failures grouped by error, the newest first."""
    return _ask(settings, given, RecentFailures, "recent_failures")


@command(
    "spec",
    SPEC,
    option("--limit", "attempts shown, default 5", metavar="N"),
    option("--iteration", "only this attempt", metavar="N"),
    flag("--failures-only", "only attempts that failed"),
    option("--before", "only older attempts than this run, or time", metavar="RUN"),
    DETAIL,
    JSON,
    examples=["genesis-mcp spec soma", "genesis-mcp spec soma --failures-only --limit 20"],
)
def spec(settings: Settings, given: Given) -> int:
    """What happened to one spec: its attempts, what each meant, the newest failure."""
    return _ask(settings, given, LogsForSpec, "logs_for_spec")


@command(
    "show",
    click.Argument(["run_id"], metavar="RUN"),
    option("--part", "summary, stdout, stderr, code, message or before", metavar="PART"),
    option("--from-line", "begin with this line", metavar="N"),
    option("--lines", "so many lines", metavar="N"),
    option("--grep", "only lines with this text, any case", metavar="TEXT"),
    JSON,
    examples=["genesis-mcp show soma#1", "genesis-mcp show soma#1 --part stderr --grep error"],
)
def show(settings: Settings, given: Given) -> int:
    """One run, or lines of one of its texts.

    RUN is spec#iteration, an id, or the first 8 or more characters of one.
    """
    return _ask(settings, given, GetRun, "get_run")


@command(
    "search",
    click.Argument(["text"], metavar="TEXT"),
    SINCE,
    UNTIL,
    SPEC_OPTION,
    flag("--all", "passes and events too", becomes="failures_only", value=False),
    option("--limit", "runs shown, default 10", metavar="N"),
    option("--before", "only older runs than this one", metavar="RUN"),
    JSON,
    examples=["genesis-mcp search 'esperado 4'", "genesis-mcp search soma --all --since 7d"],
)
def search(settings: Settings, given: Given) -> int:
    """Runs that printed a text: a part of one line, in any case."""
    return _ask(settings, given, SearchLogs, "search_logs")


@command(
    "compare",
    SPEC,
    click.Argument(["run_a"], metavar="[RUN_A]", required=False),
    click.Argument(["run_b"], metavar="[RUN_B]", required=False),
    JSON,
    examples=["genesis-mcp compare soma", "genesis-mcp compare soma soma#1 soma#2"],
)
def compare(settings: Settings, given: Given) -> int:
    """What changed between two runs; by default the last pass, and what broke it."""
    return _ask(settings, given, CompareRuns, "compare_runs")


@command(
    "describe",
    flag("--fields", "what each field of a run means"),
    JSON,
    examples=["genesis-mcp describe", "genesis-mcp describe --json"],
)
def describe(settings: Settings, given: Given) -> int:
    """What the store holds."""
    return _ask(settings, given, DescribeLogs, "describe_logs")


@command(
    "watch",
    SPEC,
    option("--after", "default: the newest one now", metavar="RUN"),
    option(
        "--timeout",
        "end when none came for so long; default: never",
        name="timeout_seconds",
        metavar="SECONDS",
    ),
    JSON,
    examples=[
        "genesis-mcp watch soma --after soma#1 --timeout 0",
        "genesis-mcp watch soma --after soma#1 --timeout 0 --json",
    ],
    exits=EXIT_CODES.replace("0 ok", "0 a run came, 1 none came in time"),
)
def watch(settings: Settings, given: Given) -> int:
    """Each next run of a spec as it comes, with what it means."""
    gc.enable()
    with open_questions(settings) as service:
        watched = arguments_of(WatchRuns, given)
        wait = service.wait_for_run(WaitForRun(spec_id=watched.spec_id, after=watched.after))
        seconds = math.inf if watched.timeout_seconds is None else watched.timeout_seconds
        seen, until = 0, time.monotonic() + seconds
        while True:
            if arrived := wait.look():
                print_result(arrived, given, settings.max_chars)
                sys.stdout.flush()
                seen, until = seen + 1, time.monotonic() + seconds
            elif time.monotonic() >= until:
                break
            else:
                time.sleep(LOOK_SECONDS)
    if not seen:
        say(f"no run of this spec came in {seconds:g} s.")
    return 0 if seen else 1


def _with_zones(given: Given) -> Given:
    """What was typed, with this place's zone where a time names none."""
    from genesis_mcp.cli.typed import with_zone

    times = {name: with_zone(given[name]) for name in ("since", "until", "before") if name in given}
    return given | times


def _ask(
    settings: Settings,
    given: Given,
    model: type[Arguments],
    question: str,
) -> int:
    with open_questions(settings) as service:
        arguments = arguments_of(model, _with_zones(given))
        result: Result = getattr(service, question)(arguments)
        is_missing = _has_nothing(result) and service.store.spec(given["spec_id"]) is None
    full = getattr(arguments, "detail", None) == "full"
    max_chars = max(settings.max_chars, FULL_CHARS) if full else settings.max_chars
    print_result(result, given, max_chars, is_missing=is_missing)
    return 0


def _has_nothing(result: Result) -> bool:
    """Whether the answer about a spec has no run."""
    if isinstance(result, SpecPage):
        return not (result.attempts or result.events)
    return isinstance(result, Comparison) and result.later is None
