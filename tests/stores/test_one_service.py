"""What is seen of one service is what a store would show that has nothing else."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from genesis_mcp.errors import WriteNotAllowed
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.query import Attempt, RunQuery
from genesis_mcp.runs.signing import sign
from genesis_mcp.stores.asking import Asked, Count, Failures, Fetch, Find, Specs
from genesis_mcp.stores.one_service import OneService
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import NOW


def runs_of(service, number):
    return [
        sign(
            make_run(
                {
                    "run_id": f"{service}-run-{n:03}",
                    "spec_id": f"spec-{n % 3}",
                    "iteration": n // 3,
                    "exit_code": n % 2,
                    "stderr": f"ValueError: {service} {n}\n" if n % 2 else "",
                    "service": service,
                    "sprint_id": f"sprint-{service}",
                    "timestamp": NOW - timedelta(hours=n),
                },
                recorded_by="test",
            )
        )
        for n in range(number)
    ]


@pytest.fixture
def stores(tmp_path):
    """One service in a store of several, and a store that has it alone."""
    with (
        closing(SQLiteStore(tmp_path / "all.db")) as whole,
        closing(SQLiteStore(tmp_path / "alone.db")) as alone,
    ):
        whole.insert(
            [
                run
                for pair in zip(runs_of("web", 30), runs_of("api", 30), strict=True)
                for run in pair
            ]
        )
        alone.insert(runs_of("api", 30))
        yield OneService(whole, "api"), alone


QUERIES = [
    RunQuery(),
    RunQuery(spec_id="spec-1"),
    RunQuery(failed=True, limit=5),
    RunQuery(service="api", oldest_first=True, limit=7),
    RunQuery(iteration=2),
    RunQuery(since=NOW - timedelta(hours=5)),
    RunQuery(text="ValueError api", failed=True),
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_every_list_and_count_is_that_of_the_service_alone(stores, query):
    ours, alone = stores
    found, there = ours.find(query), alone.find(query)
    assert [run.run_id for run in found.runs] == [run.run_id for run in there.runs]
    assert bool(found.next) == bool(there.next)
    assert ours.count(query, at_most=100) == alone.count(query, at_most=100)
    failed = replace(query, failed=True)
    assert [one.run_id for one in ours.failures(failed)] == [
        one.run_id for one in alone.failures(failed)
    ]
    groups = {one.signature_group for one in alone.failures(failed) if one.signature_group}
    asked: list[Asked[Any]] = [
        *(Count(replace(failed, signature_group=group), 50) for group in groups),
        *(Find(query), Failures(failed), Fetch(("web-run-001", "api-run-001")), Specs(2)),
    ]
    told, at_once = alone.read(*asked), ours.read(*asked)
    assert [at_once[one] for one in asked[: len(groups)]] == [
        told[one] for one in asked[: len(groups)]
    ]
    assert [at_once[one] for one in asked] == [one.of(ours) for one in asked]


def test_specs_names_and_totals_are_those_of_the_service_alone(stores):
    ours, alone = stores
    assert ours.specs(limit=2) == alone.specs(limit=2)
    assert ours.spec("spec-1") == alone.spec("spec-1")
    assert ours.spec("none") is None
    assert ours.ids("api-run-00", limit=4) == alone.ids("api-run-00", limit=4)
    assert ours.ids("web-run-", limit=4) == []
    attempts = {Attempt("spec-1", 1), Attempt("none", 1)}
    assert ours.repeated(attempts) == alone.repeated(attempts) == set()
    since = NOW - timedelta(days=2)
    told, there = ours.describe(since), alone.describe(since)
    for name in ("runs", "failed", "events", "oldest", "newest", "specs", "spec_count"):
        assert getattr(told, name) == getattr(there, name), name
    assert told.services == there.services
    assert told.sprints == there.sprints


def test_nothing_of_another_service_is_seen_or_changed(stores):
    ours, _ = stores
    assert ours.fetch(["web-run-001", "api-run-001"])[0].service == "api"
    assert len(ours.fetch(["web-run-001", "api-run-001"])) == 1
    assert ours.find(RunQuery(service="web")).runs == ()
    assert ours.failures(RunQuery(service="web", failed=True)) == []
    assert ours.count(RunQuery(service="web"), at_most=9) == 0
    asked = Find(RunQuery(service="web"))
    assert ours.read(asked)[asked].runs == ()
    [new] = runs_of("web", 1)
    [inserted] = ours.insert([replace(new, run_id="forced")])
    assert inserted.status == "recorded"
    assert ours.fetch(["forced"])[0].service == "api"
    for change in (
        lambda: ours.prune(NOW),
        lambda: ours.forget(["web-run-001"]),
        ours.ensure_schema,
    ):
        with pytest.raises(WriteNotAllowed):
            change()
