"""A run is named by its id, by the beginning of one, or as `spec#iteration`."""

from contextlib import closing

import pytest

from genesis_mcp.errors import InputError
from genesis_mcp.questions.naming import CANDIDATES_MAX, named_run
from genesis_mcp.stores.sqlite import SQLiteStore
from tests.helpers.service import record, service_on

ID = "01a20040-b73c-74f7-be04-d41627ac2953"


@pytest.fixture
def service(tmp_path):
    with closing(SQLiteStore(tmp_path / "logs.db")) as store:
        yield service_on(store)


def name(service, text):
    return named_run(service.store, "run_id", text)


@pytest.mark.parametrize(
    "text", [ID, f" {ID} ", ID[:8], "01A20040", ID[:17], ID.replace("-", ""), "01a20040b73c74"]
)
def test_the_beginning_of_an_id_names_the_run_with_dashes_or_without(service, text):
    record(service, run_id=ID)
    record(service, run_id="11a20040-b73c-74f7-be04-d41627ac2953")
    assert name(service, text) == ID


@pytest.mark.parametrize("text", ["soma#2", " soma#2 ", "soma #2"])
def test_an_attempt_is_named_by_its_spec_and_number(service, text):
    for iteration in (1, 2):
        record(service, "soma", run_id=f"run-{iteration}", iteration=iteration)
    record(service, "outra", run_id="other", iteration=2)
    assert name(service, text) == "run-2"


def test_a_spec_may_have_such_a_name_itself(service):
    record(service, "a#1", run_id="odd", iteration=3)
    assert name(service, "a#1#3") == "odd"


def test_several_matches_are_listed_and_more_than_six_are_said(service):
    for number in range(2):
        record(service, "soma", 1, run_id=f"01a20040-{number}", iteration=2, minutes_ago=number)
    for text in ("soma#2", "01a20040"):
        with pytest.raises(InputError) as raised:
            name(service, text)
        assert str(raised.value).startswith("run_id: this may be any of 01a20040-")
        assert "01a20040-1 (failed, exit 1, 2025-12-19T15:29:00Z)" in str(raised.value)
        assert "more" not in str(raised.value)
    for number in range(2, CANDIDATES_MAX + 2):
        record(service, "soma", run_id=f"01a20040-{number}", iteration=2)
    with pytest.raises(InputError, match="and more; name one of them by its id"):
        name(service, "01a20040")


def test_ids_that_are_alike_in_short_are_listed_in_whole(service):
    for last in "34":
        record(service, run_id=ID[:-1] + last)
    with pytest.raises(InputError, match=f"{ID[:-1]}3 .*{ID[:-1]}4 "):
        name(service, ID[:17])


def test_a_whole_id_wins_over_longer_ones_that_begin_so(service):
    for run_id in ("01a20040-1", "01a20040-11"):
        record(service, run_id=run_id)
    assert name(service, "01a20040-1") == "01a20040-1"


@pytest.mark.parametrize("text", ["01a2004", "soma#", "#2", "soma#x", "soma#99999999999", "%"])
def test_what_names_nothing_stays_as_it_is_for_the_question_to_refuse(service, text):
    record(service, "soma", run_id=ID, iteration=2)
    assert name(service, text) == text


def test_the_name_of_a_spec_is_told_from_one_of_a_run(service):
    record(service, "soma_total", run_id=ID)
    with pytest.raises(
        InputError, match=r"this is a spec; one of its runs is named SPEC#ITERATION"
    ):
        name(service, "soma_total")
