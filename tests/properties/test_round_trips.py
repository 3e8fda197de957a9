"""What is read from a store and recorded in another is the same: by `export`, and by `copy`."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesis_mcp.ingest.session import Session
from genesis_mcp.questions import Service
from genesis_mcp.recording.inbox import Inbox
from genesis_mcp.recording.writer import Writer
from genesis_mcp.runs.model import READ_FIELDS
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.transfer.copying import Copying
from genesis_mcp.transfer.export import export
from tests.properties.strategies import records
from tests.stores.contract.records import every_page


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """A file, which is written anew each time."""
    return tmp_path_factory.mktemp("exported") / "runs.ndjson"


def unsigned(run, *, is_numbered):
    """A run as a worker records it; one that is not numbered was told to have no iteration."""
    nothing: dict[str, Any] = dict.fromkeys(READ_FIELDS)
    run = replace(run, **nothing)
    return run if is_numbered else replace(run, iteration=None, wants_iteration=False)


recorded = st.lists(st.builds(unsigned, records(), is_numbered=st.booleans()), max_size=12)


def all_of(store):
    return store.fetch([run.run_id for run in every_page(store, RunQuery(suites=True))])


class Watcher:
    def advance(self, runs):
        pass

    def say(self, sentence):
        raise AssertionError(sentence)


@given(runs=recorded)
def test_what_was_exported_and_ingested_is_the_same(empty_store, exported, runs):
    with empty_store() as source, empty_store() as target:
        Service(source).record(runs)
        lines = list(export(source))
        exported.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")

        writer = Writer(Service(target), Inbox(None, redacts=False))
        session = Session(writer, defaults={}, say=pytest.fail)
        session.read_file(exported)

        assert all_of(target) == all_of(source)
        assert list(export(target)) == lines


@given(runs=recorded)
def test_what_was_copied_is_the_same(empty_store, runs):
    with empty_store() as source, empty_store() as target:
        Service(source).record(runs)
        copying = Copying(source, target, watcher=Watcher())

        copied = copying.run()

        assert all_of(target) == all_of(source)
        assert (copied.conflicts, copied.changed_to_fit, copied.faults) == (0, 0, [])
