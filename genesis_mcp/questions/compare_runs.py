"""`compare_runs`: what changed between two attempts at a spec, in the code and in the error."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from difflib import unified_diff
from typing import Any, NamedTuple

from genesis_mcp.answers import UNTRUSTED, Comparison, Passage
from genesis_mcp.answers.readable import readable, shown_name
from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import CompareRuns
from genesis_mcp.questions.consulted import ask_ahead, facts_of
from genesis_mcp.questions.errors_shown import signed
from genesis_mcp.questions.history import attempt, name_of
from genesis_mcp.questions.judging import Judged, all_judged, judging_wanted
from genesis_mcp.questions.names_that_exist import nearest_specs
from genesis_mcp.questions.naming import names_of, names_wanted
from genesis_mcp.questions.neighbours import (
    LOOKED_AT_MAX,
    NEIGHBOURS,
    first_failure_after,
    first_failure_wanted,
    first_pass_after,
    last_pass,
    last_pass_wanted,
    newest_known,
    nothing_for_a_spec,
    nothing_wanted,
    of_spec,
    part_wanted,
    previous_run,
)
from genesis_mcp.questions.numbered_lines import shortened
from genesis_mcp.questions.same_code import with_code
from genesis_mcp.questions.tests_told import compared_tests
from genesis_mcp.runs.attempt_places import Place, is_known
from genesis_mcp.runs.code_identity import changed_in_words, is_git, same_in_words
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import Cursor, RunQuery
from genesis_mcp.runs.signing import is_current
from genesis_mcp.runs.verdicts import same_error
from genesis_mcp.runs.wording import ended, plural
from genesis_mcp.stores.asking import Asked, Fetch, Find, Spec, newest_attempts
from genesis_mcp.stores.contract import ReadsAtOnce

DIFF_CHARS = 3_000
"""Characters shown of a diff, before the budget of the answer."""

DIFF_LINES_MAX = 3_000
"""Lines, from the first that differs to the last, that are compared one by one: a diff takes their
square in time."""

LINE_CHARS = 200
"""Characters shown of a line of the diff."""

UNCHANGED_SHOWN = 3
"""Unchanged lines around each change."""

UNSIGNED_READ = 100
"""Failures of other writers in which an error is looked for, the nearest ones before it."""

CAME_BEFORE = "the error came before, too"

_COMPARED = ("service", "version", "sprint_id", "task_id")


class Pair(NamedTuple):
    """Two runs, and why these."""

    older: RunFacts
    later: RunFacts
    chosen: str


def answer(store: ReadsAtOnce, arguments: CompareRuns, moment: datetime) -> Comparison:
    spec_id = arguments.spec_id
    given = [run_id for run_id in (arguments.run_a, arguments.run_b) if run_id]
    ask_ahead(
        store,
        Spec(spec_id),
        newest_attempts(spec_id, NEIGHBOURS),
        *(Fetch((run_id,), 0) for run_id in given),
        *([] if given else [last_pass_wanted(spec_id)]),
    )
    if store.spec(spec_id) is None:
        return _nothing(store, spec_id)
    pair = (
        _given(store, arguments) if arguments.run_a or arguments.run_b else _chosen(store, spec_id)
    )
    if pair is None:
        first = (
            "is no attempt before it"
            if arguments.run_a or arguments.run_b
            else "are no two attempts"
        )
        return Comparison(
            summary=f"There {first} with a known outcome to compare.",
            spec_id=shown_name(spec_id) or "",
            code="nothing to compare",
        )
    if pair.older.run_id == pair.later.run_id:
        raise InputError("run_a and run_b are the same run; give two attempts.")
    ask_ahead(store, *_wanted(store, pair))
    older, later = with_code(store, signed(store, [pair.older, pair.later]))
    texts = {run.run_id: run for run in store.fetch([older.run_id, later.run_id])}
    code, diff = _code(texts.get(older.run_id), texts.get(later.run_id))
    [judged] = all_judged(store, [later], [Place(older)])
    return Comparison(
        summary=(
            f"{pair.chosen}: {name_of(older)} {ended(older)}, {name_of(later)} {ended(later)}; "
            f"{_errors(store, older, later)}; code: {code}."
        ),
        spec_id=shown_name(spec_id) or "",
        older=attempt(Judged(run=older), moment),
        later=attempt(judged, moment).but(tests=compared_tests(judged)),
        code=code,
        diff=diff,
        changed=_changed(older, later) or None,
        untrusted=UNTRUSTED,
        names=names_of(store, [older, later]),
    )


def _wanted(store: ReadsAtOnce, pair: Pair) -> list[Asked[Any]]:
    """What is asked of two runs that are compared."""
    both = [pair.older, pair.later]
    asked = [
        Fetch((pair.older.run_id, pair.later.run_id)),
        *judging_wanted(store, both),
        *names_wanted(both),
    ]
    if pair.later.failed and not pair.older.failed:
        asked += map(Find, _same_errors_before(pair.later))
    return asked


# --- which runs ---------------------------------------------------------------------------------


def _chosen(store: ReadsAtOnce, spec_id: str) -> Pair | None:
    """The last pass and the first failure after it; when there is none, what comes nearest."""
    for newest in store.find(last_pass_wanted(spec_id).query).runs[:1]:
        ask_ahead(
            store,
            *part_wanted(newest),
            first_failure_wanted(newest),
            Find(_failures_before(newest)),
        )
    look = last_pass(store, spec_id)
    passed = look.run
    if passed and (broke := first_failure_after(store, passed)):
        return Pair(passed, broke, "The last pass and the first failure after it")
    if passed:
        for failed in store.find(_failures_before(passed)).runs:
            fixed = first_pass_after(store, failed).run or passed
            return Pair(failed, fixed, "It passes: the last failure and the first pass after it")
    known = newest_known(store, spec_id)
    if len(known) < 2:
        return None
    never = "It never failed" if passed else "It never passed"
    if not look.is_complete:
        never = f"No pass among the newest {LOOKED_AT_MAX:,} attempts that did not fail"
    return Pair(known[1], known[0], f"{never}: the newest two attempts")


def _failures_before(run: RunFacts, number: int = 1) -> RunQuery:
    return RunQuery(
        spec_id=run.spec_id, kind="run", failed=True, after=Cursor.of(run), limit=number
    )


def _given(store: ReadsAtOnce, arguments: CompareRuns) -> Pair | None:
    """The runs asked for, whichever comes first; beside a single one, the attempt before it."""
    named = {"run_a": arguments.run_a, "run_b": arguments.run_b}
    asked = [
        _run(store, name, run_id, arguments.spec_id) for name, run_id in named.items() if run_id
    ]
    if len(asked) == 2:
        older, later = sorted(asked, key=Cursor.of)
        turned = "" if older is asked[0] else ", the older one first"
        return Pair(older, later, f"The two runs asked for{turned}")
    before = previous_run(store, asked[0])
    return Pair(before, asked[0], "The attempt before and the run asked for") if before else None


def _run(store: ReadsAtOnce, name: str, run_id: str, spec_id: str) -> RunFacts:
    found = facts_of(store, run_id)
    if found is None:
        raise InputError(f"{name}: no run has this id. logs_for_spec lists the runs of a spec.")
    if found.spec_id != spec_id:
        raise InputError(f"{name}: this run is {of_spec(found)}, not of the spec_id given.")
    return found


def _nothing(store: ReadsAtOnce, spec_id: str) -> Comparison:
    ask_ahead(store, *nothing_wanted())
    return Comparison(
        summary=nothing_for_a_spec(store),
        spec_id=shown_name(spec_id) or "",
        code="nothing to compare",
        nearest_specs=nearest_specs(store, spec_id) or None,
    )


# --- what changed -------------------------------------------------------------------------------


def _errors(store: ReadsAtOnce, older: RunFacts, later: RunFacts) -> str:
    if older.doubt or later.doubt:
        return "how one of them ended is in doubt"
    if not (is_known(older) and is_known(later)):
        return "how one of them ended was not recorded"
    if older.failed and later.failed:
        return "the same error" if same_error(later, older) else "the error changed"
    if older.failed:
        return "the error is gone"
    if not later.failed:
        return "both passed"
    return _novelty(store, later)


def _novelty(store: ReadsAtOnce, failure: RunFacts) -> str:
    """Whether an older attempt at the spec shows the same error.

    Rows of other writers carry no signature: the nearest of them are read.
    """
    group = failure.signature.group if failure.signature else ""
    same, query = _same_errors_before(failure)
    if store.find(same).runs:
        return CAME_BEFORE
    page = store.find(query)
    unsigned = [run for run in page.runs if not is_current(run.signature)]
    if any(run.signature and run.signature.group == group for run in signed(store, unsigned)):
        return CAME_BEFORE
    if unsigned and page.next:
        return f"the error did not come in the {UNSIGNED_READ} failures before"
    return "the error is new"


def _same_errors_before(failure: RunFacts) -> tuple[RunQuery, RunQuery]:
    """The failures before one with its error as rows carry it, and those that may be read."""
    group = failure.signature.group if failure.signature else ""
    query = _failures_before(failure, UNSIGNED_READ)
    return replace(query, signature_group=group, limit=1), query


def _changed(older: RunFacts, later: RunFacts) -> dict[str, str]:
    values = {name: (getattr(older, name), getattr(later, name)) for name in _COMPARED}
    return {
        name: f"{shown_name(before) or '(none)'} → {shown_name(after) or '(none)'}"
        for name, (before, after) in values.items()
        if before != after
    }


def _code(older: Run | None, later: Run | None) -> tuple[str, Passage | None]:
    """What became of the code in a few words, and the diff."""
    if older is None or later is None:
        return "a run was deleted just now", None
    missing = [name for name, run in (("older", older), ("later", later)) if not run.code_snapshot]
    folder = _folder(older, later)
    if missing and folder:
        return folder, None
    if missing:
        whose = "either run" if len(missing) == 2 else f"the {missing[0]} run"
        return f"not recorded for {whose}, so nothing tells what changed in it", None
    if older.code_snapshot == later.code_snapshot:
        # Of code that was shortened nobody knows what was left out.
        if _is_cut(older) or _is_cut(later):
            return "unchanged in what was kept of it", None
        if folder:  # such as a test, whose own code is the same
            return f"unchanged in the recorded text; {folder}", None
        return f"unchanged{_and_flaky(older, later)}", None
    before, after = (readable(run.code_snapshot or "") for run in (older, later))
    cut = " (of code shortened when it was recorded)" if _is_cut(older) or _is_cut(later) else ""
    if before == after:
        return "changed only in what is not shown (invisible characters or secrets)", None
    lines = _diff(_lines(before), _lines(after))
    added = sum(1 for line in lines if line.startswith("+"))
    removed = sum(1 for line in lines if line.startswith("-"))
    told = f"{plural(f'{added:,}', 'line')} added, {removed:,} removed{cut}"
    return told, Passage("\n".join(shortened(line, LINE_CHARS) for line in lines), DIFF_CHARS)


def _folder(older: Run, later: Run) -> str | None:
    """What became of the folder, where git told the identity of the code of both."""
    before, after = older.code_hash, later.code_hash
    if before is None or after is None or not (is_git(before) and is_git(after)):
        return None
    if before != after:
        return changed_in_words(before, after)
    return f"unchanged, {same_in_words(before)}{_and_flaky(older, later)}"


def _and_flaky(older: Run, later: Run) -> str:
    differ = is_known(older) and is_known(later) and older.failed != later.failed
    return ", and so it is flaky" if differ else ""


def _lines(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n")


def _is_cut(run: Run) -> bool:
    return run.code_bytes > len((run.code_snapshot or "").encode())


def _diff(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """A unified diff without a header. What is equal at both ends costs nothing."""
    head = _common(before, after)
    tail = _common(before[head:][::-1], after[head:][::-1])
    first = max(0, head - UNCHANGED_SHOWN)
    end = max(0, tail - UNCHANGED_SHOWN)
    old, new = before[first : len(before) - end], after[first : len(after) - end]
    if max(len(old), len(new)) > DIFF_LINES_MAX:
        # Too much to be compared line by line: all of the one, then all of the other.
        place = f"@@ -{first + 1},{len(old)} +{first + 1},{len(new)} @@"
        return [place, *(f"-{line}" for line in old), *(f"+{line}" for line in new)]
    lines = list(unified_diff(old, new, n=UNCHANGED_SHOWN, lineterm=""))[2:]
    return [_moved(line, first) if line.startswith("@@") else line for line in lines]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are equal from the beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _moved(place: str, by: int) -> str:
    """`@@ -1,4 +1,5 @@` of a part of the lines, counted from the beginning of all."""
    numbers = []
    for part in place.split()[1:3]:
        start, _, count = part[1:].partition(",")
        numbers.append(f"{part[0]}{int(start) + by}" + (f",{count}" if count else ""))
    return f"@@ {' '.join(numbers)} @@"
