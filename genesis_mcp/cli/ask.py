"""The questions on the command line: the same answers as the tools give."""

import argparse
import math
import sys
import time
from collections.abc import Callable
from typing import Any

from genesis_mcp.answers import Result
from genesis_mcp.answers.budget import FULL_CHARS
from genesis_mcp.cli.shared import add_json, arguments_of, open_questions, print_result
from genesis_mcp.config import Settings
from genesis_mcp.questions import Service
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


def _failures(flags: argparse.Namespace, settings: Settings) -> int:
    return _ask(flags, settings, RecentFailures, Service.recent_failures)


def _spec(flags: argparse.Namespace, settings: Settings) -> int:
    return _ask(flags, settings, LogsForSpec, Service.logs_for_spec)


def _describe(flags: argparse.Namespace, settings: Settings) -> int:
    return _ask(flags, settings, DescribeLogs, Service.describe_logs)


def _show(flags: argparse.Namespace, settings: Settings) -> int:
    return _ask(flags, settings, GetRun, Service.get_run)


def _ask(
    flags: argparse.Namespace,
    settings: Settings,
    model: type[Arguments],
    question: Callable[[Service, Any], Result],
) -> int:
    arguments = arguments_of(model, flags)
    with open_questions(settings) as service:
        result = question(service, arguments)
    full = getattr(arguments, "detail", None) == "full"
    print_result(result, flags, max(settings.max_chars, FULL_CHARS) if full else settings.max_chars)
    return 0


def _search(flags: argparse.Namespace, settings: Settings) -> int:
    return _ask(flags, settings, SearchLogs, Service.search_logs)


def _compare(flags: argparse.Namespace, settings: Settings) -> int:
    return _ask(flags, settings, CompareRuns, Service.compare_runs)


def _watch(flags: argparse.Namespace, settings: Settings) -> int:
    """Print what becomes of each run as it comes; 1 when the time is over before one did."""
    watched = arguments_of(WatchRuns, flags)
    arguments = WaitForRun(spec_id=watched.spec_id, after=watched.after)
    seconds = math.inf if watched.timeout_seconds is None else watched.timeout_seconds
    with open_questions(settings) as service:
        wait = service.wait_for_run(arguments)
        seen, until = 0, time.monotonic() + seconds
        while True:
            if arrived := wait.look():
                print_result(arrived, flags, settings.max_chars)
                sys.stdout.flush()
                seen, until = seen + 1, time.monotonic() + seconds
            elif time.monotonic() >= until:
                return 0 if seen else 1
            else:
                time.sleep(LOOK_SECONDS)


def add_questions(add: Callable[..., argparse.ArgumentParser]) -> None:
    """The commands that ask."""
    failures = add("failures", _failures, "what broke lately (recent_failures)")
    failures.add_argument("--limit", metavar="N", help="errors shown, default 10")
    failures.add_argument("--since", metavar="WHEN", help="ISO 8601, or a span: 30m, 24h, 7d")
    failures.add_argument("--until", metavar="WHEN")
    for flag in ("spec", "sprint", "task"):
        failures.add_argument(f"--{flag}", dest=f"{flag}_id", metavar="ID")
    failures.add_argument("--service", metavar="NAME")

    spec = add("spec", _spec, "what happened to one spec (logs_for_spec)")
    spec.add_argument("spec_id", metavar="ID")
    spec.add_argument("--limit", metavar="N", help="attempts shown, default 5")
    spec.add_argument("--iteration", metavar="N")
    spec.add_argument("--failures-only", action="store_true", default=None)
    spec.add_argument("--before", metavar="RUN_ID", help="only older attempts")

    show = add("show", _show, "one run, or lines of one of its texts (get_run)")
    show.add_argument("run_id", metavar="RUN_ID")
    show.add_argument("--part", metavar="PART", help="summary, stdout, stderr, code or message")
    show.add_argument("--from-line", metavar="N")
    show.add_argument("--lines", metavar="N")
    show.add_argument("--grep", metavar="TEXT", help="only lines with this text, any case")

    search = add("search", _search, "runs that printed a text (search_logs)")
    search.add_argument("text", metavar="TEXT", help="a part of one line, any case")
    search.add_argument("--since", metavar="WHEN")
    search.add_argument("--until", metavar="WHEN")
    search.add_argument("--spec", dest="spec_id", metavar="ID")
    search.add_argument(
        "--all",
        dest="failures_only",
        action="store_false",
        default=None,
        help="passes and events too",
    )
    search.add_argument("--limit", metavar="N", help="runs shown, default 10")
    search.add_argument("--before", metavar="RUN_ID", help="only older runs")

    compare = add("compare", _compare, "what changed between two runs (compare_runs)")
    compare.add_argument("spec_id", metavar="ID")
    compare.add_argument(
        "run_a", metavar="RUN_A", nargs="?", help="default: the last pass, and what broke it"
    )
    compare.add_argument("run_b", metavar="RUN_B", nargs="?")

    watch = add("watch", _watch, "each next run of a spec as it comes (wait_for_run)")
    watch.add_argument("spec_id", metavar="ID")
    watch.add_argument("--after", metavar="RUN_ID", help="default: the newest one now")
    watch.add_argument(
        "--timeout",
        dest="timeout_seconds",
        metavar="SECONDS",
        help="end when none came for so long; default: never",
    )

    describe = add("describe", _describe, "what the store holds (describe_logs)")
    for command in (failures, spec, show, search, compare, watch, describe):
        add_json(command)
    for command in (failures, spec):
        command.add_argument("--detail", metavar="DETAIL", help="summary (default) or full")
