"""What is asked of ClickHouse, as SQL. Values are always bound; only constants of ours are text.

Two rules of form decide about speed. Nothing is ordered by more than the timestamp, the beginning
of the sort key: ties are put in order afterwards. And a place in the order is said as `timestamp <=
t AND (timestamp < t OR ...)`, because a tuple comparison hides the key.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from genesis_mcp.runs.identifiers import after_beginning
from genesis_mcp.runs.model import UINT32_MAX
from genesis_mcp.runs.query import Attempt, RunQuery
from genesis_mcp.stores.asking import Count
from genesis_mcp.stores.clickhouse.rows import SIDE_TEXT, TEXT_ENDS, WHOLE_TEXTS
from genesis_mcp.stores.clickhouse.schema import FAILED_BY_CODE, GROUPS, ROW_ID_PREFIX, SEARCHED
from genesis_mcp.stores.clickhouse.source import (
    EPOCH,
    MILLISECOND,
    MS_MAX,
    MS_MIN,
    TIME,
    Source,
    Statement,
    to_ms,
)
from genesis_mcp.stores.words import is_searchable, words
from genesis_mcp.text.clean import scrub

# ruff: noqa: S608 - see the module's first line

KEY_CHARS_MAX = 2_000
"""Longer values are looked up as "none": a URL that carries them would be refused."""

TOKENS_MAX = 32
"""Words of a searched text that the index is asked for; all of them are compared."""

_LABELS = ("spec_id", "service", "sprint_id", "task_id", "signature_group")
_ROW_ID = re.compile(rf"{ROW_ID_PREFIX}(-?[0-9]{{1,15}})-[0-9a-f]{{1,16}}")


def can_match(query: RunQuery) -> bool:
    """Whether anything stored can have the values asked for."""
    if query.iteration is not None and not 0 <= query.iteration <= UINT32_MAX:
        return False
    values = [getattr(query, name) for name in (*_LABELS, "text")]
    if any(value is not None and not 0 < len(value) <= KEY_CHARS_MAX for value in values):
        return False
    return query.text is None or is_searchable(query)


# --- several at once ----------------------------------------------------------------------------

_IF_SO = "(0 /* if so */)"
"""Where a condition is to stand that has parameters of another statement."""

_PARAMETER = re.compile(r"\{(\w+):")


def united(statements: Sequence[Statement]) -> Statement:
    """The rows of several statements of the same columns, before each the number of its own."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for number, statement in enumerate(statements):
        own = _renamed(statement, f"p{number}")
        parts.append(f"SELECT {number} AS part, * FROM ({own.sql})")
        values |= own.values
    return Statement(" UNION ALL ".join(parts), values)


def _renamed(statement: Statement, prefix: str) -> Statement:
    """The statement with names of its own for its parameters."""
    values = {f"{prefix}_{name}": value for name, value in statement.values.items()}
    return Statement(_PARAMETER.sub(rf"{{{prefix}_\1:", statement.sql), values)


# --- lists --------------------------------------------------------------------------------------


def find_statement(
    source: Source, query: RunQuery, columns: str, limit: int, *, if_so: str | None = None
) -> Statement:
    """`columns` of what matches, by timestamp alone, at most `limit`; nothing unless `if_so`."""
    conditions, values = _conditions(source, query)
    conditions += [if_so] if if_so else []
    direction = "ASC" if query.oldest_first else "DESC"
    order = "timestamp"
    if query.spec_id is not None and source.table.has_by_spec:
        # The plain column would make the optimiser read the table in its own order instead.
        order = "timestamp + toIntervalMillisecond(0)"
    return Statement(
        source.select(
            f"{columns} FROM {{source}}{_where(conditions)}"
            f" ORDER BY {order} {direction} LIMIT {limit}"
        ),
        values,
    )


def find_together_statement(
    source: Source, query: RunQuery, spec_ids: Sequence[str], columns: str, limit: int
) -> Statement:
    """`columns` of what matches of several specs, the newest of all of them together."""
    conditions, values = _conditions(source, replace(query, spec_id=None, suites=True))
    conditions.append("spec_id IN {spec_ids:Array(String)}")
    return Statement(
        source.select(
            f"{columns} FROM {{source}}{_where(conditions)} ORDER BY timestamp DESC LIMIT {limit}"
        ),
        values | {"spec_ids": [scrub(spec_id) for spec_id in spec_ids]},
    )


def find_near_statement(
    source: Source, query: RunQuery, columns: str, limit: int, border: datetime
) -> Statement:
    """The same, unordered: of what lies before a border in time so much as those after it lack."""
    near_query = replace(query, since=border)
    far_query = replace(query, until=min(border, query.until or border))
    conditions, _ = _conditions(source, near_query)
    found = source.select(f"1 FROM {{source}}{_where(conditions)} LIMIT {limit}")
    near = _renamed(find_statement(source, near_query, columns, limit), "near")
    far = _renamed(find_statement(source, far_query, columns, limit, if_so=_IF_SO), "far")
    needed = f"(SELECT count() FROM ({_renamed(Statement(found, {}), 'near').sql})) < {limit}"
    far_sql = far.sql.replace(_IF_SO, needed)
    both = f"SELECT * FROM ({near.sql}) UNION ALL SELECT * FROM ({far_sql})"
    return Statement(both, near.values | far.values)


def tied_statement(source: Source, query: RunQuery, columns: str, ms: int, limit: int) -> Statement:
    """`columns` of what matches within one millisecond, the first by arrival and run_id.

    Where both are expressions, the engine (26.9) plans without end how to order by them what else
    is selected: it orders the ids alone.
    """
    conditions, values = _conditions(source, query)
    conditions.append(f"timestamp = {TIME.format(name='tied')}")
    direction = "ASC" if query.oldest_first else "DESC"
    first = (
        f"FROM {{source}}{_where(conditions)}"
        f" ORDER BY recorded_at {direction}, run_id {direction} LIMIT {limit}"
    )
    if not source.table.is_ours:
        conditions.append(f"run_id GLOBAL IN ({source.select(f'run_id {first}')})")
        first = f"FROM {{source}}{_where(conditions)}"
    return Statement(source.select(f"{columns} {first}"), values | {"tied": ms})


class Counting(NamedTuple):
    """Counts that one statement gives, each by a label."""

    query: RunQuery
    """Without what the label tells."""
    at_most: int | None
    """Where counting stops; None where the whole number costs no more."""
    by: Literal["kind", "group", "none"]


def counting(source: Source, asked: Count) -> Counting:
    """With what one is counted: all kinds of what the projections have, or several errors."""
    query = replace(asked.query, after=None, limit=1, oldest_first=False)
    is_whole = _is_counted_whole(source, query)
    if query.signature_group is not None:
        query = replace(query, signature_group=None)
        return Counting(query, None if is_whole else asked.at_most, "group")
    if is_whole:
        return Counting(replace(query, kind=None, suites=True, failed=None), None, "kind")
    return Counting(query, asked.at_most, "none")


def labels(counting: Counting, query: RunQuery) -> list[str]:
    """The labels of the rows of a statement that count what a query matches."""
    if counting.by == "group":
        return [scrub(query.signature_group or "")]
    if counting.by == "none":
        return [""]
    outcomes = (False, True) if query.failed is None else (query.failed,)
    return [f"{kind} {int(failed)}" for kind in query.kinds for failed in outcomes]


def counts_statement(source: Source, counting: Counting, groups: Sequence[str]) -> Statement:
    """A label and how many rows have it; from a projection or an index where there is one.

    `groups`: the errors that are counted, if they are the labels.
    """
    query, at_most, by = counting
    if by == "group" and len(groups) == 1:
        query = replace(query, signature_group=groups[0])
    conditions, values = _conditions(source, query)
    where = _where(conditions)
    if by == "none" or query.signature_group is not None:
        values["group"] = scrub(query.signature_group or "")
        label = "{group:String}"
        if at_most is not None:
            inner = source.select(f"1 FROM {{source}}{where} LIMIT {at_most}")
            return Statement(f"SELECT {label}, count() FROM ({inner})", values)
        return Statement(source.select(f"{label}, count() FROM {{source}}{where}"), values)
    if by == "kind":
        label, grouped = "concat(toString(kind), ' ', toString(failed))", "kind, failed"
    else:
        label, grouped = "toString(signature_group)", "signature_group"
        where = f"{where or ' WHERE 1'} AND signature_group IN {{groups:Array(String)}}"
        values["groups"] = [scrub(group) for group in groups]
    number = "count()" if at_most is None else f"least({at_most}, count())"
    return Statement(
        source.select(f"{label}, {number} FROM {{source}}{where} GROUP BY {grouped}"), values
    )


def _is_counted_whole(source: Source, query: RunQuery) -> bool:
    """Whether the projections have the count, or an index leaves few rows to count."""
    has_label = any(getattr(query, name) is not None for name in _LABELS)
    has_window = query.since is not None or query.until is not None
    if query.signature_group is not None and (has_window or GROUPS not in source.table.projections):
        return False  # no index leaves out the rows of an error that happens everywhere
    return bool(source.table.projections) and query.text is None and (has_label or not has_window)


def is_attempt(attempt: Attempt) -> bool:
    """Whether something stored may have this spec and iteration."""
    is_name = 0 < len(attempt.spec_id) <= KEY_CHARS_MAX and attempt.spec_id == scrub(
        attempt.spec_id
    )
    return is_name and 0 <= attempt.iteration <= UINT32_MAX


def shared_statement(source: Source, attempts: set[Attempt]) -> Statement:
    """Attempts that several rows have, be they of one run, or events: by stored columns alone."""
    conditions, values = _with_attempts(attempts)
    return Statement(
        source.select(
            f"spec_id, iteration FROM {{source}} WHERE {conditions}"
            " GROUP BY spec_id, iteration HAVING count() > 1"
        ),
        values,
    )


def repeated_statement(source: Source, attempts: set[Attempt]) -> Statement:
    """Attempts that several runs have, among all with one of the specs and one of the numbers."""
    conditions, values = _with_attempts(attempts)
    if any(one.iteration == 0 for one in attempts):  # which is stored when none was given
        conditions += " AND (iteration != 0 OR position(absent, 'iteration') = 0)"
    return Statement(
        source.select(
            f"spec_id, iteration FROM {{source}} WHERE {conditions} AND kind IN ('run', 'suite')"
            " GROUP BY spec_id, iteration HAVING uniqExact(run_id) > 1"
        ),
        values,
    )


def _with_attempts(attempts: set[Attempt]) -> tuple[str, dict[str, Any]]:
    conditions = "spec_id IN {specs:Array(String)} AND iteration IN {numbers:Array(UInt32)}"
    return conditions, {
        "specs": sorted({one.spec_id for one in attempts}),
        "numbers": sorted({one.iteration for one in attempts}),
    }


def newest_statement(source: Source) -> Statement:
    """The time of the newest row."""
    return Statement(source.select("toUnixTimestamp64Milli(max(timestamp)) FROM {source}"), {})


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _conditions(source: Source, query: RunQuery) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for name, bound, moment in (("since", ">=", query.since), ("until", "<", query.until)):
        if moment is not None:
            conditions.append(source.when(bound, f"{{{name}:Int64}}"))
            values[name] = to_ms(moment)
    for name in _LABELS:
        value = getattr(query, name)
        if value is not None:
            conditions.append(f"{name} = {{{name}:String}}")
            values[name] = scrub(value)
    if query.iteration is not None:
        conditions.append("iteration = {iteration:UInt32}")
        values["iteration"] = query.iteration
        if query.iteration == 0:  # as which an iteration that was not given is stored
            conditions.append("position(absent, 'iteration') = 0")
    conditions += _kind_conditions(source, query)
    conditions += _failed_conditions(source, query)
    _add_place(source, query, conditions, values)
    _add_text(source, query, conditions, values)
    return conditions, values


def _kind_conditions(source: Source, query: RunQuery) -> list[str]:
    if len(query.kinds) == 1 and source.table.is_plain and _failed(query):
        return ["exit_code != 0" if query.kinds == ("run",) else "exit_code = 0"]
    if len(query.kinds) == 1:
        return [f"kind = '{query.kinds[0]}'"]
    if "suite" not in query.kinds:  # which no table of other writers has
        return ["kind != 'suite'"] if source.table.is_ours else []
    return [] if query.kind is None else ["kind != 'event'"]


def _failed_conditions(source: Source, query: RunQuery) -> list[str]:
    failed = _failed(query)
    if failed is None:
        return []
    if source.table.is_plain:  # said so that the engine can look at the indexes of the documents
        return [FAILED_BY_CODE if failed else f"NOT {FAILED_BY_CODE}"]
    if not failed:
        return ["NOT failed"]
    # Without our column `failed` depends on the texts: narrow columns, which are indexed, go first.
    return ["failed"] if source.table.is_ours else [FAILED_BY_CODE, "failed"]


def _failed(query: RunQuery) -> bool | None:
    """What is asked for; a text is looked for in failures alone."""
    return True if query.text is not None else query.failed


def _add_place(
    source: Source, query: RunQuery, conditions: list[str], values: dict[str, Any]
) -> None:
    if query.after is None:
        return
    sign = ">" if query.oldest_first else "<"
    place = "{after_ms:Int64}"
    conditions.append(
        f"{source.when(f'{sign}=', place)}"
        f" AND ({source.when(sign, place)} OR recorded_at {sign} {{after_arrival:Int64}}"
        f" OR (recorded_at = {{after_arrival:Int64}} AND run_id {sign} {{after_id:String}}))"
    )
    values |= {
        "after_arrival": query.after.arrival,
        "after_ms": to_ms(query.after.timestamp),
        "after_id": scrub(query.after.run_id)[:KEY_CHARS_MAX],
    }


def _add_text(
    source: Source, query: RunQuery, conditions: list[str], values: dict[str, Any]
) -> None:
    """The index finds rows with all of the words; then they have to follow each other."""
    if query.text is None:
        return
    phrase = [word.lower() for word in words(query.text)]  # as they are in the index
    if source.table.has_words:
        conditions.append(f"hasAllTokens({SEARCHED}, {{tokens:Array(String)}})")
        values["tokens"] = list(dict.fromkeys(phrase))[:TOKENS_MAX]
    between = r"[^\pL\pN]+"
    values["phrase"] = rf"(?i)(?:^|[^\pL\pN]){between.join(phrase)}(?:$|[^\pL\pN])"
    names = ("message", "stdout", "stderr")
    conditions.append(f"({' OR '.join(f'match({name}, {{phrase:String}})' for name in names)})")


# --- whole runs ---------------------------------------------------------------------------------


def ids_statement(source: Source, beginning: str, limit: int) -> Statement:
    """The first ids that begin so."""
    return Statement(
        source.select(
            "DISTINCT run_id FROM {source}"
            " WHERE run_id >= {beginning:String} AND run_id < {end:String}"
            f" ORDER BY run_id LIMIT {limit}"
        ),
        {"beginning": beginning, "end": after_beginning(beginning)},
    )


def fetch_statement(
    source: Source,
    run_ids: list[str],
    columns: str,
    text_bytes: int | None,
    times: list[int] | None = None,
) -> Statement:
    """`columns` and texts of the runs with these ids, which lie at these times.

    Where the times are not known, a projection tells them within the same query: GLOBAL, since the
    table may be a distributed one.
    """
    texts = TEXT_ENDS if text_bytes else SIDE_TEXT if text_bytes == 0 else WHOLE_TEXTS
    values: dict[str, Any] = {"run_ids": run_ids}
    if text_bytes:
        values["text_bytes"] = text_bytes
    with_ids = "run_id IN {run_ids:Array(String)}"
    there = f"GLOBAL IN (SELECT timestamp FROM {{source}} WHERE {with_ids})"
    if times is not None:
        there = "IN {times:Array(DateTime64(3, 'UTC'))}"
        values["times"] = [_as_text(ms) for ms in times]
    return Statement(
        source.select(f"{columns}, {texts} FROM {{source}} WHERE timestamp {there} AND {with_ids}"),
        values,
    )


def _as_text(ms: int) -> str:
    moment = EPOCH + ms * MILLISECOND
    return f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03}"


def time_in_row_id(run_id: str) -> int | None:
    """The milliseconds in the id of another writer's row; None for an id of any other form."""
    match = _ROW_ID.fullmatch(run_id)
    return int(match[1]) if match and MS_MIN <= int(match[1]) <= MS_MAX else None
