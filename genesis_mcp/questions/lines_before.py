"""`get_run(part="before")`: what the same request, trace or service logged just before a record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from genesis_mcp.answers import UNTRUSTED, Event, RunDetail, call
from genesis_mcp.answers.readable import readable, shown_line, shown_name
from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import GetRun
from genesis_mcp.questions.numbered_lines import Sought
from genesis_mcp.runs.model import Run, RunFacts
from genesis_mcp.runs.query import Cursor, RunPage, RunQuery
from genesis_mcp.runs.wording import at, ended, exact_instant, plural
from genesis_mcp.stores.asking import Find
from genesis_mcp.stores.contract import ReadsAtOnce

READ_MAX = 300
"""Records before the one asked for, of all and of its service, among which its ids are looked for:
no index knows the context."""

LINES_SHOWN, LINES_MAX = 20, 100
LINE_BYTES, LINE_CHARS = 4 * 1024, 300
"""Of a record before: what is read of its texts, and what is shown of its first line."""

ID_NAMES = frozenset({"reqid", "requestid", "traceid", "correlationid"})
"""Names in a context that tell which request a line belongs to, without case, `_` and `-`."""

ID_OWNERS = frozenset({"req", "request", "trace"})
"""Objects in a context whose `id` tells the same (pino-http, ECS)."""


class Kin(NamedTuple):
    """What a record shares with those before it that belong to it."""

    ids: Mapping[str, str]
    service: str | None


def answer(store: ReadsAtOnce, run: Run, arguments: GetRun, moment: datetime) -> RunDetail:
    """The lines before a record, the newest last.

    Raises:
        InputError: an argument that this part has no use for.
    """
    if arguments.from_line is not None:
        raise InputError("from_line: the lines before a run have no numbers; take lines=N.")
    kin = _kin(run)
    how, related, is_all = _related(store, run, kin)
    limit = min(arguments.lines or LINES_SHOWN, LINES_MAX)
    sought = Sought(arguments.grep) if arguments.grep else None
    texts = store.fetch(
        [one.run_id for one in related[: READ_MAX if sought else limit]], text_bytes=LINE_BYTES
    )
    lines = [line for one in texts if (line := _line(one, sought))][:limit]
    is_cut = len(lines) == limit and len(related) > limit
    oldest = texts[-1] if is_cut and texts else None
    return RunDetail(
        summary=_summary(how, len(lines), kin, is_all, is_sought=sought is not None),
        run_id=run.run_id,
        spec_id=shown_name(run.spec_id),
        iteration=run.iteration,
        ended=ended(run),
        at=at(run.timestamp, moment),
        part="before",
        before=lines[::-1] or None,
        hint=call("get_run", run_id=oldest.run_id, part="before") if oldest else None,
        untrusted=UNTRUSTED if lines else None,
    )


def _ids(context: Mapping[str, Any] | None) -> Iterator[tuple[str, str]]:
    """What tells the request of a record: the name in its context, and the value as text."""
    for name, value in (context or {}).items():
        plain = name.casefold().replace("_", "").replace("-", "")
        if isinstance(value, Mapping) and plain in ID_OWNERS:
            name, plain, value = f"{name}.id", "traceid", value.get("id")
        if plain in ID_NAMES and isinstance(value, str | int) and str(value):
            yield name, str(value)


def has_kin(run: RunFacts) -> bool:
    """Whether anything tells which records before it belong to it."""
    return run.service is not None or any(_ids(run.context))


def wanted(run: RunFacts) -> list[Find]:
    """What is asked of a record whose lines before are shown."""
    return [*map(Find, _queries(run, _kin(run)))]


def _kin(run: RunFacts) -> Kin:
    return Kin(dict(_ids(run.context)), run.service)


def _queries(run: RunFacts, kin: Kin) -> list[RunQuery]:
    """All records before it, where their ids may be its own, and those of its service."""
    query = RunQuery(after=Cursor.of(run), limit=READ_MAX)
    queries = [query] if kin.ids else []
    return [*queries, replace(query, service=kin.service)] if kin.service else queries


def _related(store: ReadsAtOnce, run: RunFacts, kin: Kin) -> tuple[str, Sequence[RunFacts], bool]:
    """By what the records belong to it, these, newest first, and whether all were looked at."""
    wanted = set(kin.ids.values())
    page = RunPage((), None)
    for one in _queries(run, kin):
        page = store.find(one)
        same = [near for near in page.runs if wanted & {value for _, value in _ids(near.context)}]
        if same:
            return "id", same, page.next is None
    how = "service" if kin.service else "id" if wanted else "nothing"
    return how, page.runs if kin.service else [], page.next is None


def _line(run: Run, sought: Sought | None) -> Event | None:
    text = run.message or run.stderr or run.stdout
    if sought and not sought.search(readable(text)):
        return None
    return Event(
        level=shown_line(run.level) if run.level else None,
        at=exact_instant(run.timestamp),
        message=shown_line(text, LINE_CHARS) or ended(run),
        run_id=run.run_id,
    )


def _summary(how: str, number: int, kin: Kin, is_all: bool, *, is_sought: bool) -> str:
    if how == "nothing":
        return (
            "Nothing tells what was logged before it: this record has no service and no request "
            "or trace id (reqId, requestId, traceId, correlationId) in its context."
        )
    names = " or ".join(sorted(kin.ids))
    same = f"the same {names}" if how == "id" else "the same service"
    looked = "" if is_all else f" among the {READ_MAX} records before it"
    same += " and with the text asked for" if is_sought else ""
    if not number:
        return f"No record with {same} before it{looked}."
    none = f"; none has its {names}" if how == "service" and kin.ids else ""
    return f"{plural(number, 'record')} before it with {same}{none}{looked}, the newest last."
