"""What was read of rows that nobody signed, remembered in the process: of so many rows a store.

Another writer's rows have no signature, and their texts are read for each answer that shows their
errors. Rows are never changed once they are written, by our recorders and by the documents'.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from genesis_mcp.runs.model import READ_FIELDS, Run
from genesis_mcp.stores.contract import RunStore

REMEMBERED_MAX = 2_000
"""Rows of one store: ten times what an answer reads anew."""

TESTS_MAX = 50
"""Failing tests of a row that is remembered; a row with more is read each time."""

Reading = dict[str, Any]
"""READ_FIELDS, as the texts of a row tell them."""

_LOCK = threading.Lock()
_OF_STORES: WeakKeyDictionary[RunStore, OrderedDict[str, Reading]] = WeakKeyDictionary()


def read_once(
    store: RunStore, run_ids: Sequence[str], read: Callable[[Sequence[str]], Iterable[Run]]
) -> dict[str, Reading]:
    """What rows tell: `read` is asked for those alone of which it is not known yet."""
    with _LOCK:
        known = _OF_STORES.setdefault(store, OrderedDict())
        found = {run_id: known[run_id] for run_id in run_ids if run_id in known}
        for run_id in found:
            known.move_to_end(run_id)
    missing = [run_id for run_id in run_ids if run_id not in found]
    new = {run.run_id: _reading_of(run) for run in read(missing)} if missing else {}
    with _LOCK:
        known.update((run_id, one) for run_id, one in new.items() if _is_small(one))
        while len(known) > REMEMBERED_MAX:
            known.popitem(last=False)
    return found | new


def _reading_of(run: Run) -> Reading:
    return {name: getattr(run, name) for name in READ_FIELDS}


def _is_small(reading: Reading) -> bool:
    tests = reading["tests"]
    return tests is None or max(len(tests.failing), len(tests.failing_keys)) <= TESTS_MAX
