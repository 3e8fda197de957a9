"""What an attempt means is the same by whatever way it is asked."""

import json
import random

import pytest

from genesis_mcp.questions.arguments import LogsForSpec
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.signing import sign
from genesis_mcp.transfer.export import export
from tests.helpers.service import service_on
from tests.stores.contract.records import at, record

WHOLE, PART = ["pytest"], ["pytest", "-k", "some"]


def attempt(place, failing, passed, command=WHOLE, code=None, runner="pytest"):
    """A run of a suite that printed what its runner prints of these tests."""
    if runner == "pytest":
        lines = [f"FAILED t.py::test_{name} - assert {name!r} == 1" for name in failing]
        lines += [f"== {len(failing)} failed, {passed} passed in 0.1s =="]
    else:
        lines = [f"not ok {number} - {name}" for number, name in enumerate(failing, 1)]
        lines += [f"ok {len(failing) + number} - more" for number in range(1, passed + 1)]
        lines = ["TAP version 13", *lines, f"1..{len(failing) + passed}"]
    fields = {"stdout": "\n".join(lines), "context": {"command": command}, "code_snapshot": code}
    known = {"spec_id": "conta", "exit_code": int(bool(failing)), "timestamp": at(place)}
    return make_run(known | fields, recorded_by="tests")


LOOP = (
    ("abcd", 2), ("bcd", 3), ("bcd", 3), ("bce", 3), ("b", 0, PART), ("", 1, PART), ("ce", 4),
    ("c", 5, WHOLE, "x"), ("c", 5, WHOLE, "x"), ("", 6), ("", 6), ("a", 5), ("ab", 4),
    ("z", 9, ["prove"], None, "tap"), ("", 10, ["prove"], None, "tap"), ("ab", 4), ("", 6),
)  # fmt: skip


def by_chance(seed):
    """No more attempts than are read of a writer that signs nothing (PASSES_READ)."""
    chance = random.Random(seed)
    for _ in range(18):
        failing = chance.sample("abcd", chance.choice((0, 0, 1, 2, 2, 3)))
        command = chance.choice((WHOLE, WHOLE, PART))
        code = chance.choice((None, "x", "y"))
        yield failing, chance.randint(0, 4), command, code, chance.choice(("pytest", "tap"))


@pytest.mark.parametrize("is_signed", [True, False])
@pytest.mark.parametrize("loop", [LOOP, *(tuple(by_chance(seed)) for seed in range(3))])
def test_an_export_has_the_verdicts_that_the_questions_tell(store, loop, is_signed):
    runs = [attempt(place, *told) for place, told in enumerate(loop)]
    record(store, *(map(sign, runs) if is_signed else runs))

    exported = {
        line["run_id"]: line["verdict"] for line in map(json.loads, export(store, derived=True))
    }

    page = service_on(store).logs_for_spec(LogsForSpec(spec_id="conta", limit=len(runs)))
    assert {one.run_id: one.verdict for one in page.attempts} == exported
    assert len(exported) == len(runs)
