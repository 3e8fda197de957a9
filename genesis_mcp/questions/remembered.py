"""What was worked out of rows that nobody signed, remembered in the process: of so many rows.

Another writer's rows have no signature and no identity of their code, and their texts are read for
each answer that needs these. Rows are never changed once they are written, by our recorders and by
the documents'.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from genesis_mcp.questions import fetched_before
from genesis_mcp.questions.consulted import Consulted
from genesis_mcp.runs.model import READ_FIELDS, Run, code_hash
from genesis_mcp.stores.contract import ReadsAtOnce

REMEMBERED_MAX = 2_000
"""Rows of one store, for each of what is worked out: ten times what an answer reads anew."""

TESTS_MAX = 50
"""Failing tests of a row that is remembered; a row with more is read each time."""

Reading = dict[str, Any]
"""READ_FIELDS, as the texts of a row tell them."""

_LOCK = threading.Lock()
_Memory = WeakKeyDictionary[ReadsAtOnce, OrderedDict[str, Any]]
_READINGS: _Memory = WeakKeyDictionary()
_CODES: _Memory = WeakKeyDictionary()


def read_once(
    store: ReadsAtOnce, run_ids: Sequence[str], read: Callable[[Sequence[str]], Iterable[Run]]
) -> dict[str, Reading]:
    """What rows tell: `read` is asked for those alone of which it is not known yet."""
    known = _known(_READINGS, store, run_ids)
    new = {run.run_id: _reading_of(run) for run in _missing(run_ids, known, read)}
    _remember(_READINGS, store, {name: one for name, one in new.items() if _is_small(one)})
    return known | new


def hashed_once(
    store: ReadsAtOnce, run_ids: Sequence[str], read: Callable[[Sequence[str]], Iterable[Run]]
) -> dict[str, str]:
    """The identities of rows' code, by run_id; `read` is asked as by `read_once`."""
    known = _known(_CODES, store, run_ids)
    fetched = _missing(run_ids, known, read)
    new = {run.run_id: code_hash(run.code_snapshot) for run in fetched if run.code_snapshot}
    _remember(_CODES, store, new)
    return known | new


def readings(store: ReadsAtOnce, run_ids: Sequence[str]) -> dict[str, Reading]:
    """What is known of rows without reading them."""
    return _known(_READINGS, store, run_ids)


def hashes(store: ReadsAtOnce, run_ids: Sequence[str]) -> dict[str, str]:
    """The same of their code."""
    return _known(_CODES, store, run_ids)


def forget() -> None:
    """Have everything be fetched and read again."""
    fetched_before.forget()
    with _LOCK:
        _READINGS.clear()
        _CODES.clear()


def _known(memory: _Memory, store: ReadsAtOnce, run_ids: Sequence[str]) -> dict[str, Any]:
    with _LOCK:
        remembered = memory.setdefault(_itself(store), OrderedDict())
        found = {run_id: remembered[run_id] for run_id in run_ids if run_id in remembered}
        for run_id in found:
            remembered.move_to_end(run_id)
    return found


def _missing(
    run_ids: Sequence[str],
    known: Mapping[str, Any],
    read: Callable[[Sequence[str]], Iterable[Run]],
) -> list[Run]:
    missing = [run_id for run_id in run_ids if run_id not in known]
    return list(read(missing)) if missing else []


def _remember(memory: _Memory, store: ReadsAtOnce, new: Mapping[str, Any]) -> None:
    with _LOCK:
        remembered = memory.setdefault(_itself(store), OrderedDict())
        remembered.update(new)
        while len(remembered) > REMEMBERED_MAX:
            remembered.popitem(last=False)


def _itself(store: ReadsAtOnce) -> ReadsAtOnce:
    """The store, and not what one question knows of it."""
    return store.store if isinstance(store, Consulted) else store


def _reading_of(run: Run) -> Reading:
    return {name: getattr(run, name) for name in READ_FIELDS}


def _is_small(reading: Reading) -> bool:
    tests = reading["tests"]
    return tests is None or max(len(tests.failing), len(tests.failing_keys)) <= TESTS_MAX
