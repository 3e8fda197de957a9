"""What the report gathers: the answers that Claude gets, and nothing of the store around them."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from typing import Any

from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import CompareRuns, DescribeLogs, LogsForSpec, RecentFailures
from genesis_mcp.validation import parse

ERRORS_SHOWN = 40
SPECS_SHOWN = 60
ATTEMPTS_SHOWN = 30
"""Of a spec, the newest: what fits on a phone, and what verdicts look back on."""
SECTIONS_SHOWN = 40
"""Specs that fail now of which is told in detail; with each of SPECS_SHOWN that is less than the
120 questions a minute of a token."""

ASKED_AT_ONCE = 4
"""As many as a team's server answers one token."""

SECONDS_MAX = 30.0
"""After so long no further spec is asked for: a page with fewer is worth more than none."""

Data = dict[str, Any]
"""An answer in its structured form, from here or from a team's server."""


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was answered."""

    described: Data
    failures: Data
    specs: list[Data]
    """Pages of `logs_for_spec`, the specs with errors first, then the most recently active."""
    compared: dict[str, Data]
    """What broke each spec that fails now."""
    specs_known: int
    """How many there are in all, at least."""


def ask(
    service: Service,
    since: str,
    is_broken: Callable[[Data], bool],
    *,
    at_once: int = ASKED_AT_ONCE,
) -> Answers:
    """Ask for all that a page shows.

    Raises:
        GenesisError: one of the questions raised it.
    """
    until = time.monotonic() + SECONDS_MAX
    failures = service.recent_failures(
        parse(RecentFailures, {"since": since, "limit": ERRORS_SHOWN, "detail": "full"})
    ).structured()
    described = service.describe_logs(DescribeLogs()).structured()
    names = _specs(service, described, failures)

    def attempts(name: str) -> Data | None:
        if time.monotonic() > until:
            return None
        asked = LogsForSpec(spec_id=name, limit=ATTEMPTS_SHOWN, detail="full")
        return service.logs_for_spec(asked).structured()

    def comparison(name: str) -> Data | None:
        if time.monotonic() > until:
            return None
        return service.compare_runs(CompareRuns(spec_id=name)).structured()

    pages = _each(attempts, names[:SPECS_SHOWN], at_once)
    specs = [page for page in pages if page and page.get("attempts")]
    broken = [page["spec_id"] for page in specs if is_broken(page)][:SECTIONS_SHOWN]
    compared = zip(broken, _each(comparison, broken, at_once), strict=True)
    known = len(described.get("specs", ())) + described.get("specs_not_shown", 0)
    return Answers(
        described=described,
        failures=failures,
        specs=specs,
        compared={name: one for name, one in compared if one},
        specs_known=max(known, len(specs)),
    )


def _specs(service: Service, described: Data, failures: Data) -> list[str]:
    """Names of specs, those that fail first."""
    errors = failures.get("errors", ())
    broken = [one.get("spec_id") for one in errors if not one.get("passed_since")]
    active = [one.get("spec_id") for one in described.get("specs", ())]
    named = [*broken, *active]
    if len(active) < len(described.get("specs", ())) + described.get("specs_not_shown", 0):
        named += service.spec_ids("")
    return [name for name in dict.fromkeys(named) if name]


def _each(
    question: Callable[[str], Data | None], names: Iterable[str], at_once: int
) -> list[Data | None]:
    """The answer for each name, in their order, several asked at once."""
    if at_once == 1:
        return [question(name) for name in names]
    with ThreadPoolExecutor(at_once) as threads:
        # What may be shown is known by context, which a thread has not by itself.
        asked = [threads.submit(copy_context().run, question, name) for name in names]
        return [one.result() for one in asked]
