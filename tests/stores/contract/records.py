"""Runs and events for the contract, and the plain list of them that a store is compared with."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import FACT_FIELDS, RunFacts, Signature
from genesis_mcp.runs.query import Cursor, DayStats, RunQuery

BASE = datetime(2025, 12, 19, 15, 30, tzinfo=UTC)


EVERYTHING = 1_000_000


_places = count()


def at(milliseconds):
    return BASE + timedelta(milliseconds=milliseconds)


def run(**fields):
    """A passed run, each a millisecond after the one before."""
    fields = {"exit_code": 0, "timestamp": at(next(_places))} | fields
    return make_run(fields, recorded_by="tests")


def failure(group="group-1", **fields):
    signature = Signature(
        type="AssertionError",
        message="expected 5, got 7",
        file="src/soma.js",
        line=12,
        group=group,
        exact=f"{group}-exact",
        version=3,
    )
    return run(**{"exit_code": 1, "stderr": "boom", "signature": signature} | fields)


def suite(**fields):
    """A run of a suite of which each test is recorded as well."""
    return run(**{"kind": "suite"} | fields)


def failed_suite(**fields):
    return failure(**{"kind": "suite"} | fields)


def event(**fields):
    return make_run(
        {"level": "info", "message": "ready", "timestamp": at(next(_places))} | fields,
        recorded_by="tests",
    )


def record(store, *runs):
    statuses = [inserted.status for inserted in store.insert(runs)]
    assert statuses == ["recorded"] * len(runs)
    return runs


def found(store, **query):
    return [facts.run_id for facts in store.find(RunQuery(**query)).runs]


def ids(runs):
    return [one.run_id for one in runs]


def as_arrived(runs):
    """The runs of one call in the order in which they count as recorded.

    That of the call; but of runs of one spec and millisecond the iterations go by their numbers.
    """
    arrived = list(runs)
    numbered = [
        one for one in runs if one.kind != "event" and one.spec_id and one.iteration is not None
    ]
    for tied in {(one.spec_id, one.timestamp) for one in numbered}:
        those = [one for one in numbered if (one.spec_id, one.timestamp) == tied]
        places = [place for place, one in enumerate(runs) if any(one is other for other in those)]
        for place, one in zip(places, sorted(those, key=lambda one: one.iteration), strict=True):
            arrived[place] = one
    return arrived


def newest_first(runs):
    """Runs as every list has them, which were recorded in one call."""
    return sorted(as_arrived(runs), key=lambda one: one.timestamp)[::-1]


def every_page(store, query):
    """All that a query finds, page by page."""
    runs = []
    for _ in range(1000):
        page = store.find(query)
        assert len(page.runs) <= query.limit
        runs += page.runs
        if page.next is None:
            return runs
        assert page.next == Cursor.of(page.runs[-1])
        query = replace(query, after=page.next)
    raise AssertionError("paging does not end")


def facts_of(whole):
    return RunFacts(**{name: getattr(whole, name) for name in FACT_FIELDS})


SHAPES: dict[str, list[Any]] = {
    "kind": [None, None, "run", "event"],
    "suites": [False, True],
    "failed": [None, None, True, False],
    "spec_id": [None, None, "spec-0", "spec-1", "absent"],
    "iteration": [None, None, None, 1, 2],
    "service": [None, None, None, "service-0"],
    "sprint_id": [None, None, None, "sprint-0"],
    "task_id": [None, None, None, "task-0"],
    "signature_group": [None, None, None, "group-0"],
    "text": [None, None, None, "connection refused", "refused"],
    "since": [None, None, at(0), at(3_000_000), at(7_200_000)],
    "until": [None, None, at(4_000_000), at(9_000_001), at(20_000_000)],
    "oldest_first": [False, True],
}


def mixed(number):
    """Runs and events over three hours, with ties, of every combination of labels."""
    choose = random.Random(7)
    runs = []
    for place in range(number):
        kind = choose.choice([run, run, failure, suite, failed_suite, event])
        fields = {
            "timestamp": at(choose.randrange(200) * 60_000 + choose.randrange(3)),
            "spec_id": choose.choice([None, "spec-0", "spec-1", "spec-2"]),
            "service": choose.choice([None, "service-0", "service-1"]),
            "sprint_id": choose.choice([None, "sprint-0", "sprint-1"]),
            "task_id": choose.choice([None, "task-0", "task-1"]),
            "message": choose.choice([None, "connection refused", "refused a connection"]),
            "stderr": choose.choice(["", "the connection refused by peer", "refused"]),
        }
        if kind in (failure, failed_suite):
            fields["group"] = f"group-{place % 3}"
        if kind is event:
            fields |= {"level": choose.choice(["info", "error"]), "kind": "event"}
        if kind is not event:
            fields["iteration"] = choose.choice([1, 2, 3])
        runs.append(kind(**fields))
    return runs


def matches(one, query):
    if one.kind not in query.kinds:
        return False
    plain = ("failed", "spec_id", "iteration", "service", "sprint_id", "task_id")
    if any(getattr(query, name) not in (None, getattr(one, name)) for name in plain):
        return False
    group = one.signature.group if one.signature else None
    texts = (one.message or "", one.stdout, one.stderr)
    return (
        (query.signature_group in (None, group))
        and (query.since is None or one.timestamp >= query.since)
        and (query.until is None or one.timestamp < query.until)
        and (query.text is None or (one.failed and any(query.text in text for text in texts)))
    )


def recounted(runs, since):
    """The figures of `describe`, counted one by one."""
    real = [one for one in runs if one.kind == "run"]
    days = {}
    for one in runs:
        if one.kind != "suite" and one.timestamp.date() >= since.date():
            days.setdefault(one.timestamp.date(), []).append(one)
    return {
        "runs": len(real),
        "failed": sum(one.failed for one in real),
        "events": sum(one.kind == "event" for one in runs),
        "oldest": min((one.timestamp for one in runs), default=None),
        "newest": max((one.timestamp for one in runs), default=None),
        "days": tuple(
            DayStats(
                day,
                sum(one.kind == "run" for one in those),
                sum(one.kind == "run" and one.failed for one in those),
                sum(one.kind == "event" for one in those),
            )
            for day, those in sorted(days.items(), reverse=True)
        ),
        "spec_count": len({one.spec_id for one in runs} - {None}),
        "services": counted(one.service for one in runs if one.kind != "suite"),
        "sprints": counted(one.sprint_id for one in runs if one.kind != "suite"),
    }


def counted(values):
    numbers = {}
    for value in values:
        if value is not None:
            numbers[value] = numbers.get(value, 0) + 1
    return tuple(sorted(numbers.items(), key=lambda item: (-item[1], item[0])))


def over_days(runs):
    """Spread over five days, the third of them empty."""
    days = (0, 1, 3, 4)
    return [
        replace(one, timestamp=one.timestamp + timedelta(days=days[place % 4]))
        for place, one in enumerate(runs)
    ]
