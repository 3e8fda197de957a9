"""What an insert stores and answers, decided from what is stored already: the same on all engines.

Pure: a store looks up runs with the same ids and the highest iterations, and writes what is new.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from genesis_mcp.runs.model import TEXTS, UINT32_MAX, Run
from genesis_mcp.runs.query import Inserted

IDENTITY = ("spec_id", "exit_code", "kind", *TEXTS)
"""The fields in which two runs of one id must agree to be the same run."""


class Insertion(NamedTuple):
    """What there is to do for one call of `insert`."""

    new: list[Run]
    """Each id once, with its iteration."""
    answers: list[Inserted]
    """One for each run that was given, in order."""


def specs_to_number(runs: Iterable[Run], stored: Mapping[str, Run]) -> list[str]:
    """The specs of which a run that is new needs an iteration."""
    return list(
        dict.fromkeys(
            run.spec_id
            for run in runs
            if run.wants_iteration and run.spec_id and run.run_id not in stored
        )
    )


def decided(
    runs: Sequence[Run], stored: Mapping[str, Run], highest: Mapping[str, int]
) -> Insertion:
    """Which runs are new, and the answer for each.

    `stored` has those of the ids that are there, `highest` the highest iteration among the runs
    (events never count) of each of `specs_to_number`; a spec without one may be left out.
    """
    known, numbers = dict(stored), dict(highest)
    new: list[Run] = []
    answers: list[Inserted] = []
    for run in runs:
        if run.run_id in known:
            answers.append(again(run, known[run.run_id]))
            continue
        numbered = _numbered(run, numbers)
        known[run.run_id] = numbered
        new.append(numbered)
        answers.append(Inserted(run.run_id, "recorded", numbered.iteration))
    return Insertion(new, answers)


def _numbered(run: Run, highest: dict[str, int]) -> Run:
    """The run with its iteration, which the following runs of the spec then go by."""
    spec_id = run.spec_id
    if spec_id is None or run.kind == "event":
        return run
    before = highest.get(spec_id, 0)
    if run.wants_iteration:
        run = replace(run, iteration=min(before + 1, UINT32_MAX), wants_iteration=False)
    highest[spec_id] = max(before, run.iteration or 0)
    return run


def again(run: Run, stored: Run) -> Inserted:
    """The answer for a run whose id is there already."""
    same = all(getattr(run, name) == getattr(stored, name) for name in IDENTITY)
    return Inserted(run.run_id, "duplicate" if same else "conflict", stored.iteration)
