"""The answers to what ClickHouse is asked at once: lists in one query, counts in another."""

from collections.abc import Sequence
from dataclasses import replace

from genesis_mcp.runs.query import Attempt, InDoubt, RunPage, RunQuery
from genesis_mcp.stores.asking import Count, Find, NewestOf
from genesis_mcp.stores.clickhouse import queries
from genesis_mcp.stores.clickhouse.call import Asking
from genesis_mcp.stores.clickhouse.reading import (
    Wanted,
    page,
    pages,
    pages_read_together,
    rows_of_each,
    within_window,
)
from genesis_mcp.stores.clickhouse.rows import NOTED, Facts, noted_from_row
from genesis_mcp.stores.clickhouse.source import Statement


def found(asking: Asking, asked: Sequence[Find]) -> dict[Find, RunPage]:
    """The pages, all of them in one query."""
    possible = [one for one in asked if queries.can_match(one.query)]
    looked = [within_window(asking, one.query) for one in possible]
    wanted = [_wanted(query) for query in looked]
    facts = Facts(asking.source.table)
    answers: dict[Find, RunPage] = dict.fromkeys(asked, RunPage((), None))
    for one, query, runs in zip(
        possible, looked, pages(asking, wanted, facts.sql, facts.of), strict=True
    ):
        since = None if query is one.query else query.since
        answers[one] = RunPage.of(runs, query.limit, since)
    return answers


def newest_of(asking: Asking, asked: NewestOf) -> dict[str, RunPage]:
    """The newest attempts of specs whose rows lie together, in one query."""
    lists = asked.lists()
    wanted = [_wanted(one.query) for one in lists.values() if queries.can_match(one.query)]
    if len(wanted) < 2:
        told = found(asking, [*lists.values()])
        return {spec_id: told[one] for spec_id, one in lists.items()}
    runs = pages_read_together(asking, wanted)
    impossible = [spec_id for spec_id, one in lists.items() if not queries.can_match(one.query)]
    return {spec_id: RunPage.of(some, asked.limit) for spec_id, some in runs.items()} | (
        dict.fromkeys(impossible, RunPage((), None))
    )


def _wanted(query: RunQuery) -> Wanted:
    return Wanted(query, query.limit + 1)


def repeated(asking: Asking, attempts: set[Attempt]) -> set[Attempt]:
    """Which of the attempts several runs have.

    Where the ids of runs are worked out of their rows, only of those that several rows have.
    """
    if not asking.source.table.is_ours:
        attempts = attempts & _attempts(asking, queries.shared_statement(asking.source, attempts))
    if not attempts:
        return set()
    return attempts & _attempts(asking, queries.repeated_statement(asking.source, attempts))


def _attempts(asking: Asking, statement: Statement) -> set[Attempt]:
    return {Attempt(spec_id, int(iteration)) for spec_id, iteration in asking.rows(statement)}


def in_doubt(asking: Asking, query: RunQuery) -> InDoubt:
    """Which of the runs have a doubt noted; none in a table without a place for one."""
    if any(one.name == "doubt" for one in asking.source.table.added) or not queries.can_match(
        query
    ):
        return InDoubt()
    runs = page(asking, query, NOTED, noted_from_row, query.limit + 1)
    return InDoubt.of([(run.run_id, run.is_in_doubt) for run in runs], query.limit)


def counted(asking: Asking, asked: Sequence[Count]) -> dict[Count, int]:
    """The counts, all of them in one query; those that differ by one label as one part of it."""
    alike: dict[queries.Counting, list[Count]] = {}
    for one in asked:
        if queries.can_match(one.query):
            looked = replace(one, query=within_window(asking, one.query))
            alike.setdefault(queries.counting(asking.source, looked), []).append(one)
    statements = [
        queries.counts_statement(asking.source, counting, _groups(some))
        for counting, some in alike.items()
    ]
    counts = dict.fromkeys(asked, 0)
    for (counting, some), rows in zip(alike.items(), rows_of_each(asking, statements), strict=True):
        numbers = {label: int(number) for label, number in rows}
        for one in some:
            labels = queries.labels(counting, one.query)
            counts[one] = sum(numbers.get(label, 0) for label in labels)
    return counts


def _groups(asked: Sequence[Count]) -> list[str]:
    return [group for one in asked if (group := one.query.signature_group) is not None]
