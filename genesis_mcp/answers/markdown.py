"""Results as compact Markdown, within a budget of characters, program output inside a fence.

Nothing outside the fence is made from program output. The budget holds for the text and for the
JSON of the structured form alike, because a host may show the model either.
"""

import json
import secrets
from collections.abc import Callable
from typing import NamedTuple

from genesis_mcp.answers import (
    Comparison,
    ErrorGroup,
    FailurePage,
    NextRun,
    NumberedLines,
    Occurrence,
    RecordedRun,
    Result,
    RunDetail,
    SearchPage,
    SpecPage,
    StoreDescription,
    call,
)
from genesis_mcp.answers.phrases import (
    attempt_line,
    calls_for_the_rest,
    code_lines,
    days_once,
    error_at_its_place,
    id_unless_named,
    lines_of_tests,
    note_lines,
    numbered,
    output_lines,
    quoted_lines,
    rerun_lines,
    run_named,
    spec_named,
    specs_that_exist,
    with_mark,
)
from genesis_mcp.answers.told_elsewhere import ToldElsewhere
from genesis_mcp.runs.wording import not_shown, plural, redrawn


class Answer(NamedTuple):
    """An answer in both of its forms."""

    text: str
    result: Result


def fit(result: Result, max_chars: int, *, mark: str | None = None) -> Answer:
    """The answer in at most `max_chars` characters, in either form.

    `mark` is what the fence is made from; without one it is random, so that no program could have
    printed it.
    """
    mark = mark or secrets.token_hex(2)  # short: one that the output has is never taken
    ordinary = min(max_chars, result.ordinary_chars or max_chars)
    while _size(result, mark) > ordinary and (tighter := result.tighter()):
        result = tighter
    result = within(result, max_chars, mark)
    return Answer(render(result, mark), result)


def within(result: Result, max_chars: int, mark: str = "") -> Result:
    """As much of the answer as fits, also on days that are not ordinary."""
    while _size(result, mark) > max_chars and (smaller := result.smaller()):
        result = smaller
    if _size(result, mark) > max_chars:  # a call that repeats names and texts of hundreds of quotes
        result = result.but(hint=None)
    return result


def _size(result: Result, mark: str) -> int:
    """Characters of the longer of its two forms."""
    structured = json.dumps(result.structured(), ensure_ascii=False)
    return max(len(render(result, mark)), len(structured))


def render(result: Result, mark: str) -> str:
    """A result as Markdown; `mark` must not occur in it."""
    if isinstance(result, ToldElsewhere):
        return result.text
    facts, quoted = form_of(result)
    parts = [result.summary, *facts]
    if quoted:
        inside = "\n".join(quoted)
        while mark in inside:
            mark = secrets.token_hex(8)
        parts += [f"<log-{mark}> ({result.untrusted})", inside, f"</log-{mark}>"]
    if more := getattr(result, "more", None):
        number = getattr(result, "errors_not_shown", None)
        what = plural(f"{number:,}", "more error") if number else "More"
        parts.append(f"{what}: {result.called(more)}")
    if result.hint:
        parts.append(f"Next: {result.called(result.hint)}")
    return "\n".join(parts)


Form = tuple[list[str], list[str]]
"""Lines of facts, and lines of program output."""


def form_of(result: Result) -> Form:
    """The lines of a result below its summary."""
    return _FORMS[type(result)](result)


def _failure_page(page: FailurePage) -> Form:
    facts, quoted, flaky = [], [], []
    if page.occurrences is not None:
        return _occurrences(page, page.occurrences)
    apart = not all(group.is_flaky for group in page.errors)
    moments = days_once(group.at for group in page.errors if not (apart and group.is_flaky))
    for number, group in enumerate(page.errors, 1):
        count = f"{group.count:,}{'+' if group.count_is_minimum else ''}"
        specs = ""
        if group.other_specs:
            specs = (
                f" in {group.other_specs + 1}{'+' if group.other_specs_is_minimum else ''} specs"
            )
        marks = " · NEW" if group.is_new else ""
        marks += _more_tests(group)
        marks += f" · passed since, {group.passed_since}" if group.passed_since else ""
        newest = "" if count == "1" else f"{count}x{specs}, newest "
        where = f"{newest}{spec_named(group.spec_id, group.iteration)}"
        ended = f" · {group.ended}" if group.ended else ""
        run = id_unless_named(page, group.place)
        error = error_at_its_place(group.error, group.location, short=len(page.errors) > 1)
        quoted += [f"{number}. {error}", *note_lines(group)]
        if group.is_flaky and apart:
            flaky.append(f"{number}. {where}")
            continue
        marks += " · flaky: on the same code it passed as well" if group.is_flaky else ""
        facts.append(f"{number}. {where} {next(moments)}{ended}{marks}{run}")
        facts += calls_for_the_rest(page, group)
        quoted += quoted_lines(group.text) + code_lines(group.code)
    if flaky:
        facts.append(f"Known to be flaky, on unchanged code: {'; '.join(flaky)}")
    if page.errors_not_shown and not page.more:  # which says so itself
        facts.append(not_shown(f"{page.errors_not_shown:,}", "more distinct error"))
    facts += _in_doubt(page)
    return facts + specs_that_exist(page.nearest_specs) + _existing_values(page), quoted


def _in_doubt(page: FailurePage) -> list[str]:
    """The passes that are no failures by their exit codes, each in a line."""
    told = page.in_doubt or []
    lines = [f"In doubt: {run_named(page, one)} · {one.doubt} · {one.at}" for one in told]
    if page.in_doubt_not_shown:
        more = "+" if page.in_doubt_not_shown_is_minimum else ""
        number = f"{page.in_doubt_not_shown:,}{more}"
        lines.append(f"{plural(number, 'more run')} in doubt not shown.")
    return lines


def _occurrences(page: FailurePage, occurrences: list[Occurrence]) -> Form:
    moments = days_once(one.at for one in occurrences)
    facts = [
        f"{run_named(page, one)} · {one.ended} · {moment}"
        for one, moment in zip(occurrences, moments, strict=True)
    ]
    quoted = []
    for group in page.errors:
        facts += calls_for_the_rest(page, group)
        quoted += [
            error_at_its_place(group.error, group.location),
            *note_lines(group),
            *quoted_lines(group.text),
            *code_lines(group.code),
        ]
    return facts + _existing_values(page), quoted


def _existing_values(page: FailurePage) -> list[str]:
    return [
        f"Values of {name} that exist: {', '.join(map(spec_named, values))}"
        if values
        else f"None of the newest records has a {name}."
        for name, values in (page.nearest_values or {}).items()
    ]


def _more_tests(group: ErrorGroup) -> str:
    if not group.more_tests:
        return ""
    others = f", {plural(group.other_errors, 'other error')}" if group.other_errors else ""
    return f" · +{plural(f'{group.more_tests:,}', 'more failing test')}{others}"


def _spec_page(page: SpecPage) -> Form:
    facts, quoted = [], []
    numbers: dict[str, int] = {}
    moments = days_once(attempt.at for attempt in page.attempts)
    for attempt in page.attempts:
        mark = ""
        if attempt.error:
            error = error_at_its_place(attempt.error, attempt.location)
            if error not in numbers:
                numbers[error] = len(numbers) + 1
                quoted += [f"[{numbers[error]}] {error}", *note_lines(attempt)]
            mark = f" · [{numbers[error]}]"
        lines = lines_of_tests(attempt.tests, numbered(attempt.iteration))
        quoted += [with_mark(line, attempt, mark[3:]) for line in lines]
        facts.append(attempt_line(page, attempt, mark, moment=next(moments)))
    if page.newest_failure:
        facts += calls_for_the_rest(page, page.newest_failure)
        quoted += output_lines(page, page.newest_failure)
    quoted += rerun_lines(page)
    for event in page.events or ():
        quoted.append(f"event {event.level or ''} · {event.at}: {event.message}")
    if page.events:
        shown, hidden = len(page.events), page.events_not_shown or 0
        more = "+" if page.events_not_shown_is_minimum else ""
        facts.append(
            f"{plural(f'{shown + hidden}{more}', 'event')} of this spec in that time"
            + (f", the gravest {shown} shown" if hidden else "")
        )
    return facts + specs_that_exist(page.nearest_specs), quoted


def _store_description(page: StoreDescription) -> Form:
    facts = [
        f"Store: {page.engine}, {'writable' if page.writable else 'read-only'}"
        + (f", {page.size_bytes / 1e6:,.1f} MB" if page.size_bytes is not None else "")
        + (f"; oldest record {page.oldest}" if page.oldest else "")
        + f"; {page.time_zone}",
        f"Limits: {page.limits}",
    ]
    if page.days:
        facts.append("Days (UTC), runs/failed:")
        facts += [
            f"- {day.day} {day.runs:,}/{day.failed:,}"
            + (f", {plural(f'{day.events:,}', 'event')}" if day.events else "")
            for day in page.days
        ]
    if page.specs:
        facts.append("Specs, newest first, runs/failed:")
        facts += [
            f"- {spec_named(spec.spec_id)} {spec.runs:,}/{spec.failed:,}, {spec.newest}"
            for spec in page.specs
        ]
        if page.specs_not_shown:
            facts.append(f"- and {plural(f'{page.specs_not_shown:,}', 'more spec')}")
    for title, counts in (("Services", page.services), ("Sprints", page.sprints)):
        if counts:
            facts.append(
                f"{title}: " + ", ".join(f"{spec_named(k)} {v:,}" for k, v in counts.items())
            )
    if page.fields:
        facts.append(
            "Fields: " + "; ".join(f"{name}: {text}" for name, text in page.fields.items())
        )
    else:
        facts.append(f"What fields mean: {call('describe_logs', fields=True)}")
    return facts, []


def _run_detail(page: RunDetail) -> Form:
    if page.part != "summary":
        facts = [f"{run_named(page, page)} · {page.ended}"]
        if isinstance(page.text, NumberedLines) and len(page.text.lines) != page.total_lines:
            first, last = page.text.lines[0][0], page.text.lines[-1][0]
            count = plural(f"{len(page.text.lines):,}", "line")
            facts.append(f"{count} shown, {first} to {last} of {page.total_lines}")
        before = [f"{one.at} {one.level or 'run'}: {one.message}" for one in page.before or ()]
        return facts, before + quoted_lines(page.text)
    facts = [run_named(page, page)]
    for size in page.texts or ():
        kept = f", {size.kept_bytes:,} bytes kept" if size.kept_bytes is not None else ""
        lines = plural(f"{size.lines:,}", "line")
        lines += f", {redrawn(size.redraws)}" if size.redraws else ""
        facts.append(f"- {size.part}: {plural(f'{size.bytes:,}', 'byte')}{kept}, {lines}")
    quoted = [error_at_its_place(page.error, page.location)] if page.error else []
    quoted += [*note_lines(page), *lines_of_tests(page.tests), *rerun_lines(page)]
    quoted += [f"{name}: {value}" for name, value in (page.facts or {}).items()]
    if page.text:
        quoted += [f"{page.stream}:", *quoted_lines(page.text)]
    return facts, quoted + code_lines(page.code)


def _recorded_run(page: RecordedRun) -> Form:
    facts = [run_named(page, page)]
    error = [error_at_its_place(page.error, page.location)] if page.error else []
    return facts, [*error, *note_lines(page), *lines_of_tests(page.tests)]


def _search_page(page: SearchPage) -> Form:
    facts, quoted = [], []
    for number, match in enumerate(page.matches, 1):
        lines = plural(f"{match.matching_lines:,}", "line")
        facts.append(
            f"{number}. {run_named(page, match)} · {match.ended} · {match.at} · "
            f"{lines} of {match.stream}"
        )
        quoted += [f"{number}. {match.stream}:", *quoted_lines(match.text)]
    return facts + specs_that_exist(page.nearest_specs), quoted


def _comparison(page: Comparison) -> Form:
    facts, quoted = [], []
    attempts = {"older": page.older, "later": page.later}
    errors = {
        name: error_at_its_place(attempt.error, attempt.location)
        for name, attempt in attempts.items()
        if attempt and attempt.error
    }
    if is_same := len(errors) == 2 and errors["older"] == errors["later"]:
        quoted.append(f"error of both runs: {errors['later']}")
        quoted += note_lines(page.later) if page.later else []
    for name, attempt in attempts.items():
        if attempt:
            facts.append(f"{name}: {attempt_line(page, attempt)}")
            if attempt.error and not is_same:
                quoted += [f"error of the {name} run: {errors[name]}", *note_lines(attempt)]
            quoted += lines_of_tests(attempt.tests, f"the {name} run:")
    quoted += [f"{name}: {values}" for name, values in (page.changed or {}).items()]
    if page.diff:
        quoted += ["code, older to later:", *quoted_lines(page.diff)]
    return facts + specs_that_exist(page.nearest_specs), quoted


def _next_run(page: NextRun) -> Form:
    if not page.arrived:
        return specs_that_exist(page.nearest_specs), []
    facts = [f"{run_named(page, page)} · {page.at}"]
    quoted = [error_at_its_place(page.error, page.location)] if page.error else []
    quoted += [*note_lines(page), *lines_of_tests(page.tests)]
    if page.failure:
        facts += calls_for_the_rest(page, page.failure)
        quoted += output_lines(page, page.failure)
    return facts, quoted


_FORMS: dict[type[Result], Callable[..., Form]] = {
    FailurePage: _failure_page,
    SpecPage: _spec_page,
    StoreDescription: _store_description,
    RunDetail: _run_detail,
    RecordedRun: _recorded_run,
    SearchPage: _search_page,
    Comparison: _comparison,
    NextRun: _next_run,
}
