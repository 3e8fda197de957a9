"""Times on the command line are local, in the tools UTC, and each says which."""

import json
import sys

import pytest

from genesis_mcp.runs.conforming import make_run
from tests.helpers.command_line import cli
from tests.helpers.service import NOW, service_on

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="TZ is POSIX's")

BRAZIL = {"TZ": "<-03>3"}


@pytest.fixture
def filled(url, open_at):
    """One failure at 15:30 UTC, 12:30 in Brazil."""
    failed = {"spec_id": "a", "exit_code": 1, "stderr": "ValueError: x", "timestamp": NOW}
    service_on(open_at(url)).record([make_run(failed, recorded_by="test")])
    return url


@pytest.mark.parametrize(
    ("since", "found"),
    [
        ("2025-12-19 12:00", True),
        ("2025-12-19T13:00", False),
        ("2025-12-19T15:00Z", True),
        ("2025-12-19T13:00+00:00", True),
        ("2025-12-19", True),
        ("2025-12-20", False),
    ],
)
def test_a_time_that_is_typed_is_local(filled, since, found):
    done = cli("failures", "--since", since, "--json", store_url=filled, variables=BRAZIL)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout).get("errors", [])) == found


@pytest.mark.parametrize(("before", "found"), [("2025-12-19 12:31", 1), ("2025-12-19 12:29", 0)])
def test_a_place_in_a_spec_is_local_too(filled, before, found):
    done = cli("spec", "a", "--before", before, "--json", store_url=filled, variables=BRAZIL)
    assert len(json.loads(done.stdout).get("attempts", [])) == found


def test_the_description_says_which_times_these_are(filled):
    done = cli("describe", "--json", store_url=filled, variables=BRAZIL)
    assert json.loads(done.stdout)["time_zone"] == "times are UTC, this machine is at -03:00"
    shown = cli("describe", store_url=filled, variables={"TZ": "UTC"}).stdout.decode()
    assert "times are UTC, this machine is at UTC" in shown


def test_ids_and_spans_are_no_times(filled):
    done = cli("spec", "a", "--before", "20251219", store_url=filled, variables=BRAZIL)
    assert "must be a run_id" in done.stderr.decode()
    assert cli("failures", "--since", "24h", store_url=filled, variables=BRAZIL).returncode == 0
