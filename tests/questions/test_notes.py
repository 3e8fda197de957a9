"""What a person notes on an error stands beside it in each answer that names the error."""

import pytest

from genesis_mcp.answers.budget import MAX_CHARS
from genesis_mcp.answers.markdown import fit
from genesis_mcp.diagnostics import keys
from genesis_mcp.errors import InputError
from genesis_mcp.questions import noting
from genesis_mcp.questions.arguments import (
    CompareRuns,
    GetRun,
    LogsForSpec,
    RecentFailures,
    WaitForRun,
)
from genesis_mcp.questions.notes_by_hand import (
    copy_notes,
    drop_note,
    forget_witnesses,
    keep_note,
    listed_notes,
)
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.stores.one_service import OneService
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import NOW, record, service_on
from tests.report.reading import made, words_of

ERROR = "ValueError: saldo insuficiente: esperado 4, veio 5\n"
NOTE = "conhecido, chamado 12"


@pytest.fixture
def service(store):
    store.ensure_schema()
    made = service_on(store)
    record(made, "soma", 0, minutes_ago=9, run_id="ok-1", code_snapshot="a\n")
    record(made, "soma", 1, minutes_ago=8, run_id="bad-1", stderr=ERROR, code_snapshot="b\n")
    record(made, "outra", 1, minutes_ago=7, run_id="bad-2", stderr="TypeError: sem nome\n")
    return made


@pytest.fixture
def sqlite_store(tmp_path):
    opened = SQLiteStore(tmp_path / "own.db")
    yield opened
    opened.close()


def texts(service):
    asked = {
        "failures": service.recent_failures(RecentFailures()),
        "of the error": service.recent_failures(RecentFailures(error="bad-1")),
        "spec": service.logs_for_spec(LogsForSpec(spec_id="soma")),
        "run": service.get_run(GetRun(run_id="bad-1")),
        "compare": service.compare_runs(CompareRuns(spec_id="soma")),
        "wait": service.wait_for_run(WaitForRun(spec_id="soma", after="ok-1")).look(),
    }
    return {name: fit(one, MAX_CHARS) for name, one in asked.items()}


def test_a_note_stands_in_every_answer_that_names_its_error_in_both_forms(service):
    before = texts(service)
    assert not any(NOTE in one.text for one in before.values())
    kept = keep_note(service.store, "soma#2", NOTE, NOW)
    assert kept.error == ERROR.strip()
    for name, answer in texts(service).items():
        assert answer.text.count(f"note: {NOTE}") == 1, name
        assert str(answer.result.structured()).count(NOTE) == 1, name
        inside = answer.text.split("<log-")[1]
        assert NOTE in inside, name  # it is somebody's words, and no instruction
    recorded = record(service, "soma", 1, minutes_ago=1, stderr=ERROR.replace("5", "9"))
    assert recorded.note == NOTE
    assert NOTE in fit(recorded, MAX_CHARS).text
    assert NOTE in words_of(made(service))
    narrow = service_on(OneService(service.store, "api"))
    record(narrow, "soma", 1, minutes_ago=0.5, stderr=ERROR)
    assert NOTE in fit(narrow.recent_failures(RecentFailures()), MAX_CHARS).text


def test_a_note_is_changed_and_dropped_by_a_run_or_by_its_key(service):
    store = service.store
    keep_note(store, "bad-1", NOTE, NOW)
    keep_note(store, "bad-2", "outra coisa", NOW)
    [_, one] = sorted(listed_notes(store), key=lambda one: one.text, reverse=True)
    keep_note(store, one.key[:8], "resolvido", NOW)
    assert {note.text for note in listed_notes(store)} == {"resolvido", "outra coisa"}
    drop_note(store, one.key[:8])
    drop_note(store, "bad-2")
    assert listed_notes(store) == []
    assert not any("note:" in answer.text for answer in texts(service).values())


@pytest.mark.parametrize("named", ["ok-1", "soma", "nada-disso", "outra#9", ""])
def test_what_names_no_error_is_refused_in_a_sentence(service, named):
    with pytest.raises(InputError, match="ERROR"):
        keep_note(service.store, named, NOTE, NOW)
    assert listed_notes(service.store) == []


def test_a_note_is_one_clean_line_without_secrets(sqlite_store):
    service = service_on(sqlite_store)
    record(service, "soma", 1, run_id="bad-1", stderr=ERROR)
    told = "\x1b[31mveja\x1b[0m \u202epassword=Zk83hqTr0m-x\n" + "x" * 500
    keep_note(sqlite_store, "bad-1", told, NOW)
    [note] = sqlite_store.notes(current=None)
    assert len(note.text) == 200
    assert note.text.startswith("veja password=")
    assert "Zk83" not in note.text
    with pytest.raises(InputError, match="empty"):
        keep_note(sqlite_store, "bad-1", " \n\x00", NOW)


def test_a_note_survives_other_rules_for_errors_and_its_run(sqlite_store, monkeypatch):
    service = service_on(sqlite_store)
    record(service, "soma", 1, run_id="bad-1", stderr=ERROR)
    keep_note(sqlite_store, "bad-1", NOTE, NOW)
    sqlite_store.forget(["bad-1"])

    def other_key(error, message, beside):
        return old_key(error, f"by newer rules: {message}", beside)

    old_key = keys._key
    monkeypatch.setattr(keys, "_key", other_key)
    monkeypatch.setattr(keys, "SIGNATURE_VERSION", keys.SIGNATURE_VERSION + 1)
    monkeypatch.setattr("genesis_mcp.diagnostics.finding.SIGNATURE_VERSION", keys.SIGNATURE_VERSION)
    record(service, "soma", 1, run_id="bad-3", stderr=ERROR)
    page = service.recent_failures(RecentFailures())
    assert [group.note for group in page.errors] == [NOTE]
    record(service, "outra", 1, run_id="bad-4", stderr="TypeError: sem nome\n")
    keep_note(sqlite_store, "bad-4", "outra coisa", NOW)
    assert {note.version for note in sqlite_store.notes(current=None)} == {keys.SIGNATURE_VERSION}
    noting._FOUND_AGAIN.clear()
    page = service.recent_failures(RecentFailures())
    assert {group.note for group in page.errors} == {NOTE, "outra coisa"}


@pytest.mark.parametrize(
    "printed",
    [
        "passo\n" * 40_000 + f"Traceback (most recent call last):\n{ERROR}" + "fim\n" * 20_000,
        "password=Zk83hqTr0m-x\nValueError: senha Zk83hqTr0m-x recusada\n",
        "",
    ],
    ids=["in the middle of a long output", "beside a secret", "of a silent failure"],
)
def test_the_witness_of_a_note_shows_the_same_error_without_secrets(sqlite_store, printed):
    service = service_on(sqlite_store)
    record(service, "soma", 1, run_id="bad-1", stderr=printed)
    keep_note(sqlite_store, "bad-1", NOTE, NOW)
    [note] = sqlite_store.notes(current=None)
    assert noting.key_in(note.witness) == note.group
    assert "password=Zk83" not in note.witness
    assert len(note.witness) < 200_000


def test_what_is_forgotten_leaves_no_witness_and_its_note_stays(sqlite_store):
    service = service_on(sqlite_store)
    record(service, "soma", 1, run_id="bad-1", stderr=ERROR)
    keep_note(sqlite_store, "bad-1", NOTE, NOW)
    assert forget_witnesses(sqlite_store, {"bad-1"}) == 1
    [note] = sqlite_store.notes(current=None)
    assert (note.text, note.witness, note.run_id) == (NOTE, "", None)
    assert [group.note for group in service.recent_failures(RecentFailures()).errors] == [NOTE]


def test_notes_are_copied_once_and_the_newer_one_counts(service, sqlite_store):
    keep_note(service.store, "bad-1", NOTE, NOW)
    assert copy_notes(service.store, sqlite_store) == 1
    assert copy_notes(service.store, sqlite_store) == 0
    sqlite_store.insert(
        [make_run({"spec_id": "x", "exit_code": 1, "stderr": ERROR}, recorded_by="t")]
    )
    assert sqlite_store.notes(current=None) == service.store.notes(current=None)


def test_the_documents_own_stores_answer_as_before(v1_2, v1_0):
    for foreign in (v1_2, v1_0):
        foreign.write([{"spec_id": "soma", "exit_code": 1, "stderr": ERROR, "timestamp": NOW,
                        "level": "error", "message": "falhou", "iteration": 1}])  # fmt: skip
        page = service_on(foreign.store).recent_failures(RecentFailures())
        assert [group.note for group in page.errors] == [None]
