"""Reads what a runner of the table told in a text: summaries, the failing tests of each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from re import Match

from genesis_mcp.diagnostics.test_results.details import DETAIL_CHARS, is_file, read_details
from genesis_mcp.diagnostics.test_results.runner import Counts, Fail, Named, Runner, Sum, Told
from genesis_mcp.diagnostics.test_results.told_lines import (
    Headings,
    compiled,
    end_of_line,
    matches,
)

FAILING_READ = 5_000
"""Failing tests that are read at most, of one summary."""
DETAILED = 250
"""Of which the details are read; more are known by their names and what stands with them."""
DETAILED_IN_ALL = 4 * DETAILED
"""The same of all summaries in a text, and of each way of naming that is tried."""
HEADING_REACH = 4_000
"""Characters above a run's part of a text in which a heading may stand."""
NAME_LINES = 12
"""Lines over which a name goes at most."""

_NUMBER_FIRST = r"(\d[\d,]*) +((?:(?:un)?expected |known |subtests? )?[A-Za-z]+)"
_WORD_FIRST = r"([A-Za-z]+(?: [A-Za-z]+)?)\s*[:=]\s*(\d[\d,]*)"
_KEYS = {
    key: words.split()
    for key, words in {
        "passed": "passed passing pass passes ok succeeded success successful xpassed",
        "failed": "failed failing fail failures failure",
        "errored": "error errors errored cancelled interrupted",
        "skipped": "skipped skip skips pending pendings todo ignored disabled xfailed incomplete "
        "omissions aborted excluded notrun",
        "flaky": "flaky flakes",
        "total": "total tests test examples example runs run specs spec doctests doctest "
        "properties property",
    }.items()
}
_KEY_OF = {word: key for key, words in _KEYS.items() for word in words}
_KEY_OF |= {"expected failures": "skipped", "known failure": "skipped", "known failures": "skipped"}
_KEY_OF |= {"tests run": "total", "total tests": "total", "unexpected successes": "failed"}
_KEY_OF |= {"subtests passed": "", "subtests failed": "", "subtest passed": ""}
SETTLED = ("passed", "failed", "errored", "skipped", "flaky", "total")


@dataclass(slots=True)
class Summary:
    """What a runner counted at the end of one run."""

    start: int
    end: int
    counts: Counts = field(default_factory=dict)
    listed: dict[str, list[Named]] = field(default_factory=dict)
    opened: int | None = None
    """Where the run began, as far as that is told."""
    is_last: bool = False


def read_runner(runner: Runner, text: str) -> list[Told]:
    """What each run of tests by this runner told, in the order of their ends."""
    summaries = _outermost(runner, text, _summaries(runner, text))
    if not summaries:
        told = _unsummed(runner, text)
        return [told] if told else []
    bounds = _bounds(runner, summaries, len(text))
    room = iter(range(DETAILED_IN_ALL))
    return [
        _told(runner, text, one, *span, room) for one, span in zip(summaries, bounds, strict=True)
    ]


# --- summaries ---


def _summaries(runner: Runner, text: str) -> list[Summary]:
    found = [(match, line) for line in runner.counts for match in matches(text, line)]
    found.sort(key=lambda one: one[0].start())
    summaries: list[Summary] = []
    for match, line in found:
        counts = _counted(match, line)
        last = summaries[-1] if summaries else None
        if last is None or line.begins or counts.keys() & last.counts.keys():
            last = Summary(match.start(), match.end())
            summaries.append(last)
        last.counts |= counts
        last.end = match.end()
        if line.lists:
            named = list(_listed(runner, text, match.end(), line))
            for key in counts:
                last.listed.setdefault(key, []).extend(named)
    whole = [one for one in summaries if all(key in one.counts for key in runner.needs)]
    return whole[-1:] if runner.only_last else whole


def _counted(match: Match[str], line: Sum) -> Counts:
    groups = match.groupdict()
    counts = {
        key: int(value.replace(",", "")) if value[:1].isdigit() else 0
        for key, value in groups.items()
        if key != "counts" and value is not None
    }
    if told := groups.get("counts"):
        for key, number in _pairs(told, words_first=line.words_first):
            counts[key] = counts.get(key, 0) + number
    return counts


def _pairs(told: str, *, words_first: bool) -> Iterator[tuple[str, int]]:
    pattern = compiled(_WORD_FIRST if words_first else _NUMBER_FIRST)
    for one, other in pattern.findall(told):
        word, number = (one, other) if words_first else (other, one)
        word = word.lower()
        key = _KEY_OF.get(word, _KEY_OF.get(word.split()[-1], ""))
        if key:
            yield key, int(number.replace(",", ""))


def _listed(runner: Runner, text: str, place: int, line: Sum) -> Iterator[Named]:
    """The tests that are named in the lines below a count."""
    pattern = compiled(line.lists)
    for _ in range(FAILING_READ):
        begin = place + 1
        place = end_of_line(text, begin)
        found = pattern.match(text, begin, place) if begin < len(text) else None
        if not found:
            return
        yield _named(runner, found.groupdict(), "")


def _outermost(runner: Runner, text: str, summaries: list[Summary]) -> list[Summary]:
    """Those that the runner itself printed: not what a test of an outer run did."""
    if summaries:
        summaries[-1].is_last = True
    opened = [match.start() for match in matches(text, runner.opens)]
    if not opened or not summaries:
        return summaries
    runs: list[Summary] = []
    open_now: list[int] = []
    places = sorted([(place, None) for place in opened] + [(s.end, s) for s in summaries], key=_at)
    for place, summary in places:
        if summary is None:
            open_now.append(place)
        elif open_now:
            summary.opened = open_now.pop()
            runs.append(summary)
        elif runs and runs[-1].opened is not None:
            # No run began since the last: that one's end was only printed by a test of this run.
            summary.opened = runs[-1].opened
            runs[-1] = summary
        else:
            runs.append(summary)
    outer: list[Summary] = []
    first_opened = len(text)
    for one in reversed(runs):
        if one.opened is None or one.opened <= first_opened:
            outer.append(one)
            first_opened = min(first_opened, len(text) if one.opened is None else one.opened)
    return outer[::-1]


def _at(one: "tuple[int, Summary | None]") -> int:
    return one[0]


def _bounds(runner: Runner, summaries: list[Summary], end: int) -> list[tuple[int, int]]:
    """Of each summary, the part of the text in which its tests are named."""
    starts = [one.start for one in summaries]
    ends = [one.end for one in summaries]
    if runner.lists_after:
        return list(zip(starts, [*starts[1:], end], strict=True))
    return list(zip([0, *ends[:-1]], [*ends[:-1], end], strict=True))


# --- one run ---


def _told(
    runner: Runner, text: str, summary: Summary, start: int, end: int, room: Iterator[int]
) -> Told:
    counts = dict(summary.counts)
    expected = counts.get("failed", 0) + counts.get("errored", 0)
    listed = summary.listed.get("failed", [])
    sections = _sections(runner, text, start, end) if listed and runner.section else {}
    named = [
        _detailed(runner, text, sections, one) if _has_room(room, number) else one
        for number, one in enumerate(listed)
    ]
    names = named or _chosen(runner, text, start, end, expected, room)
    flaky = _flaky(runner, text, start, end, summary, names)
    names = [one for one in names if one.name not in flaky]
    errors = sum(one.is_error for one in names)
    if "errored" not in counts:
        counts["errored"] = errors
    if runner.excused and counts.get("failed", 0) > len(names):
        _excuse(counts, len(matches(text, runner.excused, start, end)), len(names))
    if runner.settled:
        counts = runner.settled(counts, tuple(one.name for one in names))
    if not counts.get("failed") and not counts.get("errored"):
        names = []
    _fill(runner, text, start, end, counts)
    counts["flaky"] = max(counts.get("flaky", 0), len(flaky))
    shown = matches(text, runner.evidence, start, end) if runner.evidence else names
    sure = summary.is_last or summary.opened is not None or bool(shown)
    return Told(counts, tuple(names), tuple(flaky), sure)


def _excuse(counts: Counts, excused: int, listed: int) -> None:
    if counts["failed"] - excused == listed:
        counts["failed"] = listed
        counts["skipped"] = counts.get("skipped", 0) + excused


def _fill(runner: Runner, text: str, start: int, end: int, counts: Counts) -> None:
    """The counts that a summary does not tell, from its total or from what is listed."""
    if "skipped" not in counts and runner.skipping:
        counts["skipped"] = len(matches(text, runner.skipping, start, end))
    if "passed" not in counts and "total" in counts:
        others = sum(counts.get(key, 0) for key in ("failed", "errored", "skipped"))
        counts["passed"] = max(0, counts["total"] - others)
    if "passed" not in counts and runner.passing:
        counts["passed"] = len(matches(text, runner.passing, start, end))
    counts.setdefault("passed", 0)


def _flaky(
    runner: Runner, text: str, start: int, end: int, summary: Summary, names: list[Named]
) -> list[str]:
    """The tests that passed on a retry."""
    flaky = [one.name for one in summary.listed.get("flaky", [])]
    for line in runner.flaky:
        flaky += [_named(runner, m.groupdict(), "").name for m in matches(text, line, start, end)]
    failed = {one.name for one in names}
    for line in runner.retried:
        again = [_named(runner, m.groupdict(), "").name for m in matches(text, line, start, end)]
        flaky += [name for name in again if name not in failed]
    return list(dict.fromkeys(flaky))


def _unsummed(runner: Runner, text: str) -> Told | None:
    """What was told by a run that came to no summary."""
    if not runner.unsummed_by or not matches(text, runner.unsummed_by):
        return None
    names = _chosen(runner, text, 0, len(text), 0, iter(range(DETAILED_IN_ALL)))
    passed = matches(text, runner.passing)
    skipped = matches(text, runner.skipping)
    if not names and not (passed or skipped):
        return None
    errors = sum(one.ended_in_error for one in names)
    counts = {"failed": len(names) - errors, "errored": errors, "skipped": len(skipped)}
    if runner.passing:
        counts["passed"] = len(passed)
    return Told(counts, tuple(names), is_summed=False)


def _has_room(room: Iterator[int], number: int) -> bool:
    """Whether the details of the test with this number are read, which takes of the room."""
    return number < DETAILED and next(room, None) is not None


def _chosen(
    runner: Runner, text: str, start: int, end: int, expected: int, room: Iterator[int]
) -> list[Named]:
    """The failing tests by the surest way of naming them, or by the one that names them all."""
    first: list[Named] = []
    for way in runner.failing:
        names = _by(runner, text, start, end, way, room)
        told = sum(1 for one in names if not one.is_error)
        if names and expected in (told, len(names)):
            return names
        first = first or names
    return first


def _by(
    runner: Runner, text: str, start: int, end: int, way: tuple[Fail, ...], room: Iterator[int]
) -> list[Named]:
    at = {m.start(): (m, line) for line in way[::-1] for m in matches(text, line, start, end)}
    found = [at[place] for place in sorted(at)][:FAILING_READ]
    if not found:
        return []
    ends = [match.start() for match, _ in found[1:]] + [end]
    sections = _sections(runner, text, start, end) if runner.section else {}
    heads = Headings(text, runner.heading, max(0, start - HEADING_REACH), end)
    named: dict[tuple[str, str | None], Named] = {}
    for number, ((match, line), stop) in enumerate(zip(found, ends, strict=True)):
        has_room = _has_room(room, number)
        one = _read(runner, text, match, line, stop, sections, heads, is_detailed=has_room)
        if one:
            key = (one.name, one.file or one.suite)
            key = key if key in named else (one.name, None) if (one.name, None) in named else key
            if key not in named or (one.message and not named[key].message):
                named[key] = one
    return list(named.values())


def _read(
    runner: Runner,
    text: str,
    match: Match[str],
    line: Fail,
    stop: int,
    sections: dict[str, list[int]],
    heads: Headings,
    *,
    is_detailed: bool,
) -> Named | None:
    groups = {key: value for key, value in match.groupdict().items() if value}
    if above := heads.above(match.start()):
        groups = above | groups
    if runner.name_above:
        groups["name"] = runner.name_above(text, match.start())
    after = match.end()
    if line.until:
        after, groups["name"] = _whole_name(text, after, groups["name"], line.until)
    stop = min(stop, after + DETAIL_CHARS)
    if line.unless and compiled(line.unless).search(text[after + 1 : min(stop, after + 1_501)]):
        return None
    one = _named(runner, groups, "", is_error=line.is_error)
    if not one.name:
        return None
    if not is_detailed:
        return one
    details = text[after + 1 : stop]
    if runner.section:
        places = sections.get(runner.joined(one.name), [])
        place = places.pop(0) if len(places) > 1 else places[0] if places else None
        details = _section(runner, text, place) if place is not None else ""
    elif runner.begun_by:
        details = _begun(runner, text, groups.get("name", ""), match.start())
    return _with_details(runner, one, details)


def _begun(runner: Runner, text: str, name: str, place: int) -> str:
    """The details that begin with a line of their own, above the name or below."""
    begin = runner.begun_by.replace("{}", name)
    above = text.rfind(begin, max(0, place - DETAIL_CHARS), place)
    if above >= 0:
        return text[end_of_line(text, above + 1) : place]
    below = text.find(begin, place)
    return text[below + len(begin) :][:DETAIL_CHARS] if below >= 0 else ""


def _sections(runner: Runner, text: str, start: int, end: int) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for match in matches(text, runner.section, start, end):
        name = runner.named(match.groupdict()) if runner.named else match["name"]
        places.setdefault(name, []).append(match.end())
    return places


def _section(runner: Runner, text: str, place: int) -> str:
    details = text[place + 1 : place + DETAIL_CHARS]
    following = matches(details, runner.section)
    details = details[: following[0].start()] if following else details
    return details.partition("\n=====")[0]


def _detailed(runner: Runner, text: str, sections: dict[str, list[int]], one: Named) -> Named:
    """A test that a summary lists, with what stands where it ran."""
    begun = text.find(runner.begun_by.replace("{}", one.name)) if runner.begun_by else -1
    if begun >= 0:
        return _with_details(runner, one, text[end_of_line(text, begun) :][:DETAIL_CHARS])
    if runner.section:
        places = sections.get(runner.joined(one.name), [])
        return _with_details(runner, one, _section(runner, text, places[0])) if places else one
    return one


def _with_details(runner: Runner, one: Named, details: str) -> Named:
    message, place = read_details(runner, details, one.file)
    is_same = place is not None and (not one.file or is_file(place.file, one.file))
    whole = one._replace(
        message=message or one.message,
        file=one.file or (place.file if place else None),
        line=one.line or (place.line if place and is_same else None),
    )
    return runner.completed(whole) if runner.completed else whole


def _whole_name(text: str, place: int, name: str, until: str) -> tuple[int, str]:
    """A name that goes on over lines below, without what ends it."""
    parts = [name]
    while not parts[-1].endswith(until) and len(parts) < NAME_LINES:
        begin, place = place + 1, end_of_line(text, place + 1)
        part = text[begin:place]
        if not part.strip() or not part.startswith("   "):
            break
        parts.append(part.strip())
    return place, " ".join(parts).removesuffix(until)


def _named(
    runner: Runner, groups: dict[str, str], message: str, *, is_error: bool = False
) -> Named:
    groups = {key: value for key, value in groups.items() if value is not None}
    told = runner.named(groups) if runner.named else groups.get("name", "")
    name = told or groups.get("file", "")
    line = groups.get("line")
    return Named(
        name=name.strip(),
        file=groups.get("file"),
        line=int(line) if line else None,
        message=groups.get("message", message).strip(),
        suite=groups.get("suite"),
        is_error=is_error,
        ended_in_error=is_error or "ERR" in groups.get("how", ""),
    )
