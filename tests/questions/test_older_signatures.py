"""Errors that were read by older rules: what reads the same keeps its group, its count, its age."""

from dataclasses import replace
from datetime import timedelta

import pytest

from genesis_mcp.diagnostics.finding import SIGNATURE_VERSION
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import RecentFailures
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.signing import sign
from tests.helpers.service import NOW

ERROR = "Traceback (most recent call last):\n  File 'a.py', line 3\nValueError: the port is taken\n"


def failure(minutes_ago, version=SIGNATURE_VERSION):
    fields = {"spec_id": "soma", "exit_code": 1, "stderr": ERROR}
    moment = NOW - timedelta(minutes=minutes_ago)
    run = sign(make_run({**fields, "timestamp": moment}, recorded_by="tests"))
    assert run.signature
    return replace(run, signature=replace(run.signature, version=version))


@pytest.mark.parametrize("newer", [0, 5])
def test_a_count_holds_what_was_signed_by_older_rules(store, newer):
    older = SIGNATURE_VERSION - 1
    store.insert([failure(60 + place, older) for place in range(305)])
    if newer:
        store.insert([failure(place) for place in range(newer)])

    (error,) = Service(store, clock=lambda: NOW).recent_failures(RecentFailures()).errors

    assert (error.count, error.count_is_minimum) == (305 + newer, None)


def test_an_error_that_older_rules_saw_before_is_not_new(store):
    service = Service(store, clock=lambda: NOW)
    store.insert([failure(5)])
    (alone,) = service.recent_failures(RecentFailures(since="30m")).errors
    store.insert([failure(120, SIGNATURE_VERSION - 1)])

    (error,) = service.recent_failures(RecentFailures(since="30m")).errors

    assert (alone.is_new, error.is_new, error.count) == (True, None, 1)
