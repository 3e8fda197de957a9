"""How a reader names a run: by its id, by the beginning of one, or as `spec#iteration`."""

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, TypeVar

from pydantic import BaseModel

from genesis_mcp.answers.readable import is_plain_name, shown_name
from genesis_mcp.errors import InputError
from genesis_mcp.questions.consulted import ask_ahead
from genesis_mcp.questions.names_that_exist import nearest_attempts, nearest_specs
from genesis_mcp.runs.identifiers import UUID7, short_run_id
from genesis_mcp.runs.model import RunFacts
from genesis_mcp.runs.query import Attempt, Failure, RunQuery
from genesis_mcp.runs.wording import ended, instant
from genesis_mcp.stores.asking import Asked, Fetch, Find, Ids, Repeated
from genesis_mcp.stores.contract import ReadsAtOnce

A = TypeVar("A", bound=BaseModel)

BEGINNING_CHARS_MIN = 8
"""Of an id: the first half of a UUIDv7's time, 65 seconds."""

ITERATION_DIGITS = 9
"""A number of more is no attempt that somebody counted."""

CANDIDATES_MAX = 6
"""Runs that a name may mean, which are read and listed."""

_WHOLE = re.compile(rf"{UUID7.pattern}|[0-9a-f]{{24}}|row-\d+-[0-9a-f]+")
"""Ids as stores make them: ours, MongoDB's, another writer's row. Nobody need be asked for one."""

_DASHES = (8, 12, 16, 20)
"""Where a UUID has dashes, counted without them."""


RUN_NAMES = ("run_id", "before", "after", "run_a", "run_b", "error")
"""Arguments of the questions that name a run; `before` may be a time as well."""


def with_whole_ids(store: ReadsAtOnce, arguments: A) -> A:
    """The arguments of a question with the ids of the runs that they name in short.

    Raises:
        InputError: see `named_run`.
    """
    named = {name: value for name in RUN_NAMES if (value := getattr(arguments, name, None))}
    ask_ahead(store, *(one for value in named.values() for one in _naming_wanted(value)))
    whole = {name: named_run(store, name, value) for name, value in named.items()}
    return arguments.model_copy(update=whole)


def names_of(store: ReadsAtOnce, runs: Iterable[RunFacts | None]) -> dict[str, str]:
    """The runs that are named as `spec#iteration`, by their ids; one question to the store.

    Not named so are runs without a number, those of a spec whose name could be read as a sentence,
    and those that share their number.
    """
    named = {run.run_id: one for run in runs if run and (one := attempt_of(run))}
    repeated = store.repeated(named.values()) if named else set()
    return {run_id: one.name for run_id, one in named.items() if one not in repeated}


def names_wanted(runs: Iterable[RunFacts | Failure]) -> list[Asked[Any]]:
    """What `names_of` will ask of these runs or some of them."""
    attempts = frozenset(one for run in runs if (one := attempt_of(run)))
    return [Repeated(attempts)] if attempts else []


def attempt_of(run: RunFacts | Failure) -> Attempt | None:
    """What names a run in an answer, as far as the run itself tells."""
    spec_id, iteration = run.spec_id, run.iteration
    is_event = isinstance(run, RunFacts) and run.kind == "event"
    if is_event or spec_id is None or iteration is None:
        return None
    is_shown = is_plain_name(spec_id) and shown_name(spec_id) == spec_id
    is_counted = iteration < 10**ITERATION_DIGITS
    return Attempt(spec_id, iteration) if is_shown and is_counted else None


def named_run(store: ReadsAtOnce, argument: str, name: str) -> str:
    """The id of the run that `name` means; the name itself when it means none.

    Raises:
        InputError: it means several, which are listed, a spec, or an attempt that is not there. The
            message begins with `argument`.
    """
    name = name.strip()
    ask_ahead(store, *_naming_wanted(name))
    if not name or _WHOLE.fullmatch(name) or store.fetch([name], text_bytes=0):
        return name
    found = _by_iteration(store, name) or _by_beginning(store, name)
    if len(found) > 1:
        raise InputError(f"{argument}: this may be {_listed(found)}; name one of them by its id.")
    if not found:
        _refuse_a_spec(store, argument, name)
    return found[0].run_id if found else name


def _naming_wanted(name: str) -> list[Asked[Any]]:
    """What is asked of a name that is no whole id, whatever it turns out to be."""
    name = name.strip()
    if not name or _WHOLE.fullmatch(name):
        return []
    asked: list[Asked[Any]] = [Fetch((name,), 0)]
    if attempt := _as_attempt(name):
        asked.append(Find(_attempts(attempt)))
    if len(name) >= BEGINNING_CHARS_MIN:
        asked += [Ids(beginning, CANDIDATES_MAX) for beginning in _beginnings(name)]
    return asked


def _refuse_a_spec(store: ReadsAtOnce, argument: str, name: str) -> None:
    """Say which attempts there are, when a name is that of a spec with none or another number."""
    if store.spec(name) is not None:
        newest = store.find(RunQuery(spec_id=name, kind="run", limit=1)).runs
        if not newest:
            raise InputError(f"{argument}: this is a spec of which only events were recorded.")
        shown = attempt_of(newest[0])
        its_newest = f", its newest {shown.name}" if shown else ""
        raise InputError(
            f"{argument}: this is a spec; one of its runs is named SPEC#ITERATION{its_newest}."
        )
    asked = _as_attempt(name)
    if asked is None or not is_plain_name(asked.spec_id) or not store.specs(limit=1):
        return
    if store.spec(asked.spec_id) is None:
        near = ", ".join(nearest_specs(store, asked.spec_id))
        raise InputError(
            f"{argument}: no spec {asked.spec_id} was ever recorded; there is: {near}."
        )
    numbers = nearest_attempts(store, asked.spec_id, asked.iteration)
    near = ", ".join(asked._replace(iteration=number).name for number in numbers)
    raise InputError(f"{argument}: there is no {asked.name}; near it: {near or 'no numbered run'}.")


def _as_attempt(name: str) -> Attempt | None:
    """What `spec#iteration` names; None when the name has another form."""
    spec_id, mark, number = name.rpartition("#")
    is_number = number.isascii() and number.isdecimal() and len(number) <= ITERATION_DIGITS
    return Attempt(spec_id.strip(), int(number)) if mark and spec_id and is_number else None


def _by_iteration(store: ReadsAtOnce, name: str) -> list[RunFacts]:
    asked = _as_attempt(name)
    if asked is None:
        return []
    return list(store.find(_attempts(asked)).runs)


def _attempts(named: Attempt) -> RunQuery:
    return RunQuery(
        spec_id=named.spec_id, iteration=named.iteration, kind="run", limit=CANDIDATES_MAX
    )


def _by_beginning(store: ReadsAtOnce, name: str) -> list[RunFacts]:
    if len(name) < BEGINNING_CHARS_MIN:
        return []
    ids: dict[str, None] = {}
    for beginning in _beginnings(name):
        ids |= dict.fromkeys(store.ids(beginning, limit=CANDIDATES_MAX))
    return list(store.fetch(list(ids)[:CANDIDATES_MAX], text_bytes=0))


def _beginnings(name: str) -> list[str]:
    """How an id may begin that is named so."""
    return list(dict.fromkeys([name, _as_uuid(name)]))


def _as_uuid(name: str) -> str:
    """The name with the dashes and the small letters of a UUID, when it may be the start of one."""
    digits = name.replace("-", "").lower()
    if not set(digits) <= set("0123456789abcdef") or len(digits) > 32:
        return name
    ends = [0, *(place for place in _DASHES if place < len(digits)), len(digits)]
    return "-".join(digits[start:end] for start, end in pairwise(ends))


def _listed(runs: list[RunFacts]) -> str:
    """Ids, endings and times: nothing that a program printed."""
    names = [
        f"{run.run_id if _is_shared(run, runs) else short_run_id(run.run_id)} "
        f"({ended(run)}, {instant(run.timestamp)})"
        for run in runs
    ]
    more = " and more" if len(runs) == CANDIDATES_MAX else ""
    return f"any of {', '.join(names)}{more}"


def _is_shared(run: RunFacts, runs: list[RunFacts]) -> bool:
    """Whether the short form of its id is another's as well."""
    short = short_run_id(run.run_id)
    return sum(short_run_id(one.run_id) == short for one in runs) > 1
