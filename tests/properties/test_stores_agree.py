"""Whatever is recorded, asked and deleted, in whatever order: all three stores say the same."""

import os
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import LogsForSpec, WaitForRun
from genesis_mcp.runs.query import Failure, RunQuery
from genesis_mcp.stores.asking import Asked, Count, Find
from tests.properties.strategies import (
    NAMES,
    RUN_IDS,
    bounds,
    names,
    queries,
    records,
    run_ids,
    times,
)
from tests.stores.contract.records import as_arrived, every_page, matches

PAGE = 7
"""Runs on a page where all are read: pages of one, on which most calls would go, are for `find`."""

LONG_STEPS = 2_000
"""Steps that the long profile must have taken."""

STATED = (
    *("runs", "failed", "events", "oldest", "newest", "days", "specs", "spec_count"),
    *("services", "sprints", "counted_since", "untimed"),
)
"""What `describe` says of the records; the rest tells of the engine."""

# The stores differ on purpose in three things, and in these only:
#
# - SQLite's search for words folds accents ("conexao" finds "conexão"): its index does, and whoever
#   asks reads the candidates again, letter by letter. Hence SQLITE_FINDS_MORE below.
# - A store that keeps no totals stops counting (MongoDB: 1,000 runs of a spec, 10,000 records) and
#   says so; a machine's few steps stay below that. "At most" means "or more" in every store.
# - SQLite searches the ends of a text of more than 20,000 characters only; no text here is longer.
SQLITE_FINDS_MORE = "sqlite"


class StoresThatAgree(RuleBasedStateMachine):
    """One call a step, on all stores."""

    steps = 0

    def __init__(self, stores):
        super().__init__()
        self.stores = stores
        self.given = []
        self.kept = {}

    def all_say(self, question):
        """What every store answers."""
        type(self).steps += 1
        first, *others = [(name, question(store)) for name, store in self.stores.items()]
        for name, answer in others:
            assert answer == first[1], f"{name} says otherwise than {first[0]}"
        return first[1]

    # --- writing ---

    def insert(self, runs):
        answers = self.all_say(lambda store: store.insert(runs))
        new = {}
        for run, answer in zip(runs, answers, strict=True):
            is_new = run.run_id not in self.kept | new
            assert (answer.status == "recorded") == is_new
            if is_new:
                new[run.run_id] = replace(run, iteration=answer.iteration)
        self.kept |= {run.run_id: run for run in as_arrived(list(new.values()))}
        self.given += runs

    @initialize(runs=st.lists(records(), min_size=5, max_size=20))
    def record_some(self, runs):
        self.insert(runs)

    @rule(runs=st.lists(records(), min_size=1, max_size=8))
    def record(self, runs):
        self.insert(runs)

    @precondition(lambda self: self.given)
    @rule(data=st.data(), changed=st.sampled_from(("nothing", "stderr", "spec_id", "duration_ms")))
    def record_again(self, data, changed):
        run = data.draw(st.sampled_from(self.given))
        other = {"stderr": "other", "spec_id": "other", "duration_ms": 7}
        change = {changed: other[changed]} if changed in other else {}
        self.insert([replace(run, **change), run])

    @rule(before=times)
    def prune(self, before):
        pruned = self.all_say(lambda store: store.prune(before))
        left = {name: run for name, run in self.kept.items() if run.timestamp >= before}
        assert pruned == len(self.kept) - len(left)
        self.kept = left

    @rule(spec_id=names, runs=st.lists(records(), min_size=1, max_size=8))
    def wait(self, spec_id, runs):
        """Whatever the clocks of their writers say, runs are told as they arrive, once each."""
        asked = WaitForRun(spec_id=spec_id, timeout_seconds=0)
        waits = [Service(store).wait_for_run(asked) for store in self.stores.values()]
        known = set(self.kept)
        self.insert(runs)
        arrived = [run for name, run in self.kept.items() if name not in known]
        expected = [run.run_id for run in arrived if run.spec_id == spec_id and run.kind != "event"]
        for wait in waits:
            assert [wait.look().run_id for _ in expected] == expected
            assert wait.look() is None

    # --- asking ---

    @rule(query=queries())
    def find(self, query):
        page = self.all_say(lambda store: as_shared(store.find(query)))
        assert [run.run_id for run in page.runs] == self.expected(query)[: query.limit]

    @rule(query=queries())
    def walk(self, query):
        query = replace(query, limit=PAGE)
        runs = self.all_say(lambda store: every_page(store, query))
        assert [run.run_id for run in runs] == self.expected(query)

    @rule(query=queries(text=True))
    def search(self, query):
        """Every page of all that has a text; SQLite may find more, and counts what it finds."""
        type(self).steps += 1
        query = replace(query, limit=PAGE)
        found = {name: every_page(store, query) for name, store in self.stores.items()}
        more = found.pop(SQLITE_FINDS_MORE)
        assert found["mongodb"] == found["clickhouse"]
        assert [run for run in more if run in found["mongodb"]] == found["mongodb"]
        for name, runs in (*found.items(), (SQLITE_FINDS_MORE, more)):
            if query.after is None:
                assert self.stores[name].count(query, at_most=10_000) == len(runs), name

    @rule(query=queries(), at_most=st.sampled_from((1, 3, 10_000)))
    def count(self, query, at_most):
        counted = self.all_say(lambda store: min(at_most, store.count(query, at_most=at_most)))
        assert counted == min(at_most, len(self.expected(replace(query, after=None))))

    @rule(several=st.lists(queries(), max_size=4))
    def read(self, several):
        """What is asked at once has the answers that it has one by one."""
        type(self).steps += 1
        asked: list[Asked[Any]] = [
            *map(Find, several),
            *(Count(query, 10_000) for query in several),
        ]
        for store in self.stores.values():
            told = store.read(*asked)
            assert [told[one] for one in asked] == [one.of(store) for one in asked]

    @rule(query=queries())
    def failures(self, query):
        failures = self.all_say(
            lambda store: [one._replace(recorded_at=0) for one in store.failures(query)]
        )
        expected = self.expected(replace(query, failed=True))
        assert [failure.run_id for failure in failures] == expected[: query.limit]
        assert all(isinstance(failure, Failure) for failure in failures)

    @rule(asked=st.lists(run_ids, max_size=4), text_bytes=st.sampled_from((None, 0, 150, 5_000)))
    def fetch(self, asked, text_bytes):
        asked = [*asked, *list(self.kept)[-3:]]
        runs = self.all_say(lambda store: store.fetch(asked, text_bytes=text_bytes))
        assert [run.run_id for run in runs] == [name for name in asked if name in self.kept]
        if text_bytes is None:
            assert runs == [self.kept[run.run_id] for run in runs]

    @rule(spec_id=names | st.sampled_from(("absent", "")))
    def spec(self, spec_id):
        known = self.all_say(lambda store: store.spec(spec_id))
        assert (known is None) == (spec_id not in {run.spec_id for run in self.kept.values()})

    @rule(spec_id=names)
    def verdicts(self, spec_id):
        """What each attempt means, with runs of one millisecond and of unknown outcome."""
        asked = LogsForSpec(spec_id=spec_id, limit=50)

        def judged(store):
            attempts = Service(store).logs_for_spec(asked).attempts
            return [(one.run_id, one.ended, one.verdict) for one in attempts]

        attempts = self.all_say(judged)
        runs = self.expected(RunQuery(spec_id=spec_id, kind="run"))
        assert [run_id for run_id, _, _ in attempts] == runs[:50]
        known = [verdict for _, ended, verdict in attempts if ended != "outcome not recorded"]
        assert None not in known
        assert known.count("first") == (len(known) > 0) or len(runs) > 50

    @rule(limit=st.sampled_from((1, 3, 100)))
    def specs(self, limit):
        self.all_say(lambda store: store.specs(limit=limit))

    @rule(since=bounds)
    def describe(self, since):
        stated = self.all_say(
            lambda store: {name: getattr(store.describe(since), name) for name in STATED}
        )
        suites = sum(run.kind == "suite" for run in self.kept.values())
        assert stated["runs"] + stated["events"] + suites == len(self.kept)

    def expected(self, query):
        """The ids that a plain list gives."""
        runs = sorted(self.kept.values(), key=lambda run: run.timestamp)  # as they arrived
        runs = [run for run in runs if matches(run, query)]
        if query.after is not None:
            # The arrivals that are drawn lie before all that is recorded here, or behind it.
            place = query.after.timestamp, query.after.arrival > 0
            is_behind = [(run.timestamp, False) >= place for run in runs]
            runs = [
                run
                for run, behind in zip(runs, is_behind, strict=True)
                if behind == query.oldest_first
            ]
        ids = [run.run_id for run in runs]
        return ids if query.oldest_first else ids[::-1]


def as_shared(page):
    """A page without the arrivals, of which each store has its own."""
    return page._replace(next=page.next and page.next._replace(arrival=0))


def test_all_stores_agree_step_by_step(empty_stores):
    class Machine(StoresThatAgree):
        def __init__(self):
            super().__init__(empty_stores())

    run_state_machine_as_test(Machine)

    print(f"{Machine.steps} steps")
    if os.environ.get("HYPOTHESIS_PROFILE") == "long":
        assert Machine.steps >= LONG_STEPS


def test_the_values_that_the_machine_draws_are_odd_enough():
    drawn = "".join((*RUN_IDS, *NAMES))

    assert {"'", '"', "%", "\\", "$", "é", "🙂", "_"} <= set(drawn)
