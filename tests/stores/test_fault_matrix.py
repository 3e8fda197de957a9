"""Under each fault of a store all who ask are told one sentence, and all who record one.

docs/operations.md has them, and what to do then; the tables there are these.
"""

import json
import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from tests.helpers.command_line import cli, exported
from tests.helpers.failing_file import SQLite, give_up_roots_rights
from tests.helpers.failing_servers import ClickHouse, MongoDB
from tests.helpers.fault_matrix import FIRST, LIMITS, Everybody, Here, row_of
from tests.helpers.paths import ROOT
from tests.helpers.waiting import times

EVERYBODY = bool(times(0, at_length=1))
"""At length all callers are looked at, in processes of their own; else one of each group."""

PATIENT = {"GENESIS_TIMEOUT_SECONDS": str(max(LIMITS.values()))}
"""For what is done before and after the faults."""

PAGE = ROOT / "docs" / "operations.md"
KINDS = ("down at start", "killed", "frozen", "slow", "rights lost", "disk full", "corrupt",
         "newer schema", "foreign")  # fmt: skip


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes and signals")
@pytest.mark.parametrize(
    ("made", "needed"),
    [
        (SQLite, None),
        pytest.param(MongoDB, "has_mongod", marks=pytest.mark.engines),
        pytest.param(ClickHouse, "has_chdb", marks=pytest.mark.engines),
    ],
)
def test_a_fault_has_one_sentence_for_all_and_is_over_when_it_is(made, needed, request, tmp_path):
    if needed:
        request.getfixturevalue(needed)
    store = made(tmp_path)
    with ThreadPoolExecutor(1, initializer=give_up_roots_rights) as pool:
        rows, wrong = pool.submit(rows_of, store, tmp_path).result()
    assert wrong == []
    check_rows(store, rows)


def rows_of(store, folder):
    """All faults, one after the other, with servers that outlive them; what is kept arrives."""
    store.start()
    try:
        first = json.dumps(FIRST).encode()
        recorded = cli("record", store_url=store.url, input=first, variables=PATIENT)
        assert recorded.returncode == 0, recorded.stderr
        with ExitStack() as stack:
            callers = Everybody(store.url, folder, stack) if EVERYBODY else Here(store.url, stack)
            rows, wrong = zip(*(row_of(fault, callers) for fault in store.faults), strict=True)
        flushed = cli("flush", store_url=store.url, variables=PATIENT)
        assert flushed.returncode == 0, flushed.stderr
        stored = Counter(one.get("spec_id") for one in exported(store.url, variables=PATIENT))
    finally:
        store.stop()
    specs = callers.recorded - {FIRST["spec_id"]}
    assert {spec: stored[spec] for spec in specs} == dict.fromkeys(specs, 1)
    return list(rows), [one for some in wrong for one in some]


def check_rows(store, rows):
    """Compare with the table of this store; UPDATE_SNAPSHOTS=1 writes it, but not what to do."""
    begin, end = f"<!-- faults: {store.name} -->\n\n", f"\n<!-- end: {store.name} -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    table, _, after = rest.partition(end)
    head, written = table.splitlines()[:2], [cells_of(line) for line in table.splitlines()[2:]]
    to_do = {cells[0]: cells[4] for cells in written}
    rows += [(one, "-", "-", "-") for one in store.impossible]
    expected = [[*row, to_do.get(row[0], "?")] for row in sorted(rows, key=place)]
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        lines = [*head, *(f"| {' | '.join(cells)} |" for cells in expected)]
        PAGE.write_text(f"{before}{begin}{chr(10).join(lines)}\n{end}{after}", encoding="utf-8")
        written = expected
    # A fault that only root can make is looked at where there is one.
    made = {row[0] for row in rows}
    assert [cells for cells in written if cells[0] in made] == expected


def cells_of(line):
    return line.removeprefix("| ").removesuffix(" |").split(" | ")


def place(row):
    return KINDS.index(row[0].partition(":")[0])
