"""`get_run`: one run, its facts and error, or any lines of one of its texts."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from genesis_mcp.answers import (
    UNTRUSTED,
    NumberedLines,
    RunDetail,
    TextSize,
    call,
    next_lines,
)
from genesis_mcp.answers.readable import readable, shown_line, shown_name
from genesis_mcp.errors import InputError
from genesis_mcp.questions import lines_before
from genesis_mcp.questions.arguments import GetRun
from genesis_mcp.questions.consulted import ask_ahead
from genesis_mcp.questions.errors_shown import (
    error_line,
    error_location,
    quote,
    rerun_of,
    signed_one,
)
from genesis_mcp.questions.judging import judged, judging_wanted
from genesis_mcp.questions.naming import names_of, names_wanted
from genesis_mcp.questions.neighbours import earlier_wanted, nothing_recorded
from genesis_mcp.questions.numbered_lines import Sought, literally, pieces
from genesis_mcp.questions.tests_told import listed, shown_tests, told_end, told_verdict
from genesis_mcp.runs.code_identity import in_words, is_git
from genesis_mcp.runs.model import Run
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.signing import sign_anew
from genesis_mcp.runs.suite_run import SUITE_RUN
from genesis_mcp.runs.wording import at, ended, plural, redrawn
from genesis_mcp.stores.asking import Asked, Fetch
from genesis_mcp.stores.contract import ReadsAtOnce
from genesis_mcp.text.clean import redraws

SUMMARY_CHARS = 3_000
"""Characters of output in the summary of a run, before the budget of the answer."""

READ_AHEAD_CHARS = 40_000
"""Lines are taken up to this many characters; the budget of the answer then decides."""

CONTEXT_CHARS = 600


def answer(store: ReadsAtOnce, arguments: GetRun, moment: datetime) -> RunDetail:
    found = store.fetch([arguments.run_id])
    if not found:
        is_empty = not store.find(RunQuery(limit=1)).runs
        where = "Ids stand in the answers of recent_failures and logs_for_spec."
        where = nothing_recorded(store) if is_empty else where
        raise InputError(f"run_id: no run has this id. {where}")
    ask_ahead(store, *_wanted(store, found[0], arguments))
    return _detail(store, found[0], arguments, moment).but(names=names_of(store, found))


def _wanted(store: ReadsAtOnce, run: Run, arguments: GetRun) -> list[Asked[Any]]:
    """What is asked of a run that is shown."""
    asked = names_wanted([run])
    if arguments.part == "before":
        return [*asked, *lines_before.wanted(run)]
    if arguments.part != "summary" or arguments.grep is not None:
        return asked
    asked += judging_wanted(store, [run])
    if run.kind != "event" and run.spec_id is not None:
        asked.append(earlier_wanted(run))
    if suite := _suite_id(run):
        asked.append(Fetch((suite,), 0))
    return asked


def _detail(store: ReadsAtOnce, run: Run, arguments: GetRun, moment: datetime) -> RunDetail:
    if arguments.part == "before":
        return lines_before.answer(store, run, arguments, moment)
    if arguments.part != "summary":
        return _lines(run, arguments, moment)
    if arguments.grep is not None:
        return _grepped(run, arguments, moment)
    if arguments.from_line is not None or arguments.lines is not None:
        raise InputError(f"part: say which text the lines are of. This run has {_told(run)}.")
    return _summary(store, run, moment)


def _told(run: Run) -> str:
    """The texts of a run and their lengths, such as `stdout (12 lines), code (4 lines)`."""
    sizes = []
    for one in _sizes(run):
        left_out = f", {redrawn(one.redraws)}" if one.redraws else ""
        sizes.append(f"{one.part} ({plural(f'{one.lines:,}', 'line')}{left_out})")
    return ", ".join(sizes) or "no text at all"


def _grepped(run: Run, arguments: GetRun, moment: datetime) -> RunDetail:
    """The lines with a text in the first part that has it; of the others, how many."""
    grep = arguments.grep or ""
    sought = Sought(grep)
    counts = {
        part: len(sought.numbers(readable(text))) for part, (text, _) in _searched(run).items()
    }
    found = [part for part in counts if counts[part]]
    detail = _lines(run, arguments.model_copy(update={"part": next(iter(found), "stderr")}), moment)
    others = ", ".join(f"{part}: {counts[part]:,}" for part in found[1:])
    if found:
        summary = f"{detail.summary} Lines in other parts: {others or 'none'}."
        return detail.but(summary=summary, hint=detail.hint or _unseen_matches(run, found, grep))
    summary = f"No line of this run has the text asked for: {_told(run)}.{literally(grep)}"
    return detail.but(summary=summary, part="summary", text=None, total_lines=None, hint=None)


def _searched(run: Run) -> dict[str, tuple[str, int]]:
    """The parts of a run in the order in which an error stands in them."""
    texts = _texts(run)
    return {part: texts[part] for part in ("stderr", "stdout", "message", "code")}


def _unseen_matches(run: Run, found: list[str], grep: str | list[str]) -> str | None:
    return next_lines(run.run_id, found[1], 1, grep) if len(found) > 1 else None


def _summary(store: ReadsAtOnce, run: Run, moment: datetime) -> RunDetail:
    facts = signed_one(store, run) or run
    one = judged(store, facts)
    meaning = told_verdict(one)
    quoted = quote(run, SUMMARY_CHARS)
    means = f", {meaning}" if meaning else ""
    return RunDetail(
        summary=f"{told_end(one)}{means}; {at(run.timestamp, moment)}.",
        run_id=run.run_id,
        spec_id=shown_name(run.spec_id),
        iteration=run.iteration,
        ended=told_end(one),
        at=at(run.timestamp, moment),
        verdict=one.verdict,
        tests=shown_tests(one, is_whole=True),
        error=error_line(facts.signature),
        location=error_location(facts.signature),
        error_key=facts.signature and facts.signature.group,
        facts=_facts(run, quoted.stream if quoted else None) | _suite(store, run) or None,
        texts=_sizes(run) or None,
        part="summary",
        stream=quoted.stream if quoted else None,
        text=quoted.text if quoted else None,
        code=quoted.code if quoted else None,
        rerun=rerun_of(facts) if isinstance(facts, Run) else None,
        hint=(quoted and quoted.whole) or _unseen(run, quoted.stream if quoted else None),
        untrusted=UNTRUSTED,
    )


def _unseen(run: Run, seen: str | None) -> str | None:
    """The call that shows a text which the summary does not quote, or what came before."""
    others = (part for part in ("stderr", "stdout", "code") if part != seen)
    part = next((part for part in others if _texts(run)[part][0].strip()), None)
    if part:
        return next_lines(run.run_id, part, 1, None)
    is_worth_it = run.failed and lines_before.has_kin(run)
    return call("get_run", run_id=run.run_id, part="before") if is_worth_it else None


def _facts(run: Run, quoted: str | None) -> dict[str, Any]:
    """What else is known of a run; its message, unless that is what is quoted of it."""
    facts: dict[str, Any] = {
        name: value if isinstance(value, int) else shown_line(value)
        for name in ("duration_ms", "level", "sprint_id", "task_id", "service", "version")
        if (value := getattr(run, name)) is not None
    }
    if run.code_hash and is_git(run.code_hash):
        facts["code"] = shown_line(in_words(run.code_hash))
    if run.message and quoted != "message":
        facts["message"] = shown_line(run.message, CONTEXT_CHARS)
    if context := {name: one for name, one in (run.context or {}).items() if name != SUITE_RUN}:
        told = json.dumps(context, ensure_ascii=False, default=str)
        facts["context"] = shown_line(told, CONTEXT_CHARS)
    if run.recorded_by:
        facts["recorded_by"] = shown_line(run.recorded_by)
    return facts


def _suite(store: ReadsAtOnce, run: Run) -> dict[str, Any]:
    """The suite's run of which this one is a test, in a line."""
    run_id = _suite_id(run)
    found = store.fetch([run_id], text_bytes=0) if run_id else []
    if not found or found[0].kind != "suite":
        return {}
    suite = found[0]
    name = f"{shown_name(suite.spec_id)} #{suite.iteration}"
    return {SUITE_RUN: f"{name}, {ended(suite)}; run_id {shown_line(suite.run_id)}"}


def _suite_id(run: Run) -> str | None:
    run_id = (run.context or {}).get(SUITE_RUN)
    return run_id if isinstance(run_id, str) else None


def _texts(run: Run) -> dict[str, tuple[str, int]]:
    """Each text by the name of its part, and the bytes that it had."""
    return {
        "message": (run.message or "", run.message_bytes),
        "stdout": (run.stdout, run.stdout_bytes),
        "stderr": (run.stderr, run.stderr_bytes),
        "code": (run.code_snapshot or "", run.code_bytes),
    }


def _sizes(run: Run) -> list[TextSize]:
    sizes = []
    for part, (text, written) in _texts(run).items():
        kept = len(text.encode())
        if kept or written:
            lines = sum(1 for _ in pieces(readable(text)))
            cut = kept if kept < written else None
            size = TextSize(part=part, bytes=written or kept, lines=lines, kept_bytes=cut)
            sizes.append(size.but(redraws=redraws(text) or None))
    return sizes


def _lines(run: Run, arguments: GetRun, moment: datetime) -> RunDetail:
    stored = _tests(run) if arguments.part == "tests" else _texts(run)[arguments.part][0]
    text = readable(stored)
    all_pieces = list(pieces(text))
    first = arguments.from_line or 1
    if all_pieces and first > len(all_pieces):
        raise InputError(f"from_line: {arguments.part} has {plural(len(all_pieces), 'line')}.")
    sought = Sought(arguments.grep) if arguments.grep else None
    wanted = sought.numbers(text) if sought else range(1, len(all_pieces) + 1)
    numbers = [number for number in wanted if number >= first]
    taken = _take(((number, all_pieces[number - 1]) for number in numbers), arguments.lines)
    rest = numbers[len(taken) :]
    summary = _lines_summary(arguments, len(all_pieces), len(numbers), redraws(stored))
    return RunDetail(
        summary=summary if all_pieces else f"{summary} This run has {_told(run)}.",
        run_id=run.run_id,
        spec_id=shown_name(run.spec_id),
        iteration=run.iteration,
        ended=ended(run),
        at=at(run.timestamp, moment),
        part=arguments.part,
        grep=_shown_grep(arguments.grep),
        total_lines=len(all_pieces),
        text=NumberedLines(taken) if taken else None,
        hint=next_lines(run.run_id, arguments.part, rest[0], arguments.grep) if rest else None,
        untrusted=UNTRUSTED if taken else None,
        filters={"lines": arguments.lines} if arguments.lines else {},
    )


def _tests(run: Run) -> str:
    """The failing tests, a line each; of another writer's run as they are read now."""
    report = sign_anew(run).tests
    return listed(report) if report else ""


def _shown_grep(grep: str | list[str] | None) -> str | list[str] | None:
    return (
        [shown_line(one) for one in grep] if isinstance(grep, list) else grep and shown_line(grep)
    )


def _lines_summary(arguments: GetRun, total: int, wanted: int, states: int) -> str:
    if not total:
        is_tests = arguments.part == "tests"
        return "No failing test is known." if is_tests else f"{arguments.part} is empty."
    of = f"{arguments.part}, {plural(f'{total:,}', 'line')}"
    of += f", {redrawn(states)}" if states else ""
    if arguments.grep is None:
        return f"{of}."
    after = f" from line {arguments.from_line} on" if arguments.from_line else ""
    found = f"{of}; {wanted:,} with the text asked for{after}."
    return found if wanted else f"{found}{literally(arguments.grep)}"


def _take(lines: Iterable[tuple[int, str]], at_most: int | None) -> tuple[tuple[int, str], ...]:
    taken: list[tuple[int, str]] = []
    chars = 0
    for number, line in lines:
        chars += len(line) + 1
        if taken and (chars > READ_AHEAD_CHARS or len(taken) == at_most):
            break
        taken.append((number, line))
    return tuple(taken)
