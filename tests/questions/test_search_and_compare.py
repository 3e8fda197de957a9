"""Searching and comparing, on every store."""

import random
from datetime import timedelta
from typing import Any

import pytest

from genesis_mcp.answers.budget import MAX_CHARS
from genesis_mcp.answers.markdown import fit
from genesis_mcp.errors import InputError
from genesis_mcp.questions.arguments import (
    CompareRuns,
    GetRun,
    LogsForSpec,
    RecentFailures,
    SearchLogs,
)
from genesis_mcp.questions.compare_runs import DIFF_LINES_MAX, _diff
from genesis_mcp.questions.read_whole import READ_RUNS
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.validation import parse
from tests.helpers.service import NOW, record, service_on


@pytest.fixture
def service(store):
    return service_on(store)


def search(service, text, **arguments):
    return service.search_logs(parse(SearchLogs, {"text": text, **arguments}))


def ids(page):
    return [match.run_id for match in page.matches]


def compare(service, spec_id="soma", **arguments):
    return service.compare_runs(parse(CompareRuns, {"spec_id": spec_id, **arguments}))


def many(service, number, **fields):
    """Failures, one a second, the newest first in the list of their ids."""
    runs = [
        make_run(
            {
                "spec_id": "muitos",
                "exit_code": 1,
                "run_id": f"m{place:04}",
                "timestamp": NOW - timedelta(seconds=place),
                "stderr": f"Error: passo {place}\n",
                **fields,
            },
            recorded_by="test",
        )
        for place in range(number)
    ]
    service.record(runs)
    return [run.run_id for run in runs]


def test_a_text_is_found_in_any_case_and_as_a_part_of_a_word(service):
    record(service, "a", 1, minutes_ago=3, run_id="r1", stderr="Error: criarUsuário falhou\n")
    record(service, "a", 0, minutes_ago=2, run_id="r2", stdout="CRIARUSUÁRIO ok\n")
    record(service, "b", 1, minutes_ago=1, run_id="r3", message="ao criarUsuário: tempo")
    event = {"kind": "event", "level": "info", "message": "vai criarUsuário", "run_id": "e1"}
    service.record([make_run({**event, "timestamp": NOW}, recorded_by="test")])

    assert ids(search(service, "arusuár")) == ["r3", "r1"]
    assert ids(search(service, "arUSUÁR", failures_only=False)) == ["e1", "r3", "r2", "r1"]
    assert ids(search(service, "arusuár", spec_id="a")) == ["r1"]
    assert ids(search(service, "arusuár", since="90s")) == ["r3"]
    assert ids(search(service, "arusuár", until="2025-12-19T15:28:00Z")) == ["r1"]
    assert search(service, "arusuár").matches[0].stream == "message"
    none = search(service, "criar usuário")
    assert none.summary == "No failure has this text; all 2 failures in question were read."


def test_accents_do_not_matter_wherever_they_stand(service):
    record(service, "a", 1, run_id="r1", stderr="Error: Usuário não existe\n")
    record(service, "a", 1, minutes_ago=1, run_id="r2", stderr="Error: usuario na\u0303o existe\n")

    for text in ("usuario nao", "USUÁRIO NÃO", "usua\u0301rio não existe"):
        assert ids(search(service, text)) == ["r1", "r2"]


def test_what_a_worker_tells_beside_its_texts_is_searched(service):
    context = {"pedido": {"id": "PED-4711"}, "rota": "criar-usuario"}
    record(service, "a", 1, run_id="r1", stderr="Error: x\n", context=context)

    [match] = search(service, "ped-4711").matches
    assert (match.stream, match.text.text) == (
        "context",
        '1: pedido: {"id": "PED-4711"}\n2: rota: criar-usuario',
    )


def test_of_several_texts_any_is_enough(service):
    record(service, "a", 1, run_id="r1", stderr="Error: conexão recusada\n")
    record(service, "a", 1, minutes_ago=1, run_id="r2", stderr="Error: tempo esgotado\n")
    record(service, "a", 1, minutes_ago=2, run_id="r3", stderr="Error: outro\n")

    assert ids(search(service, ["recusada", "esgotado"])) == ["r1", "r2"]


def test_a_text_that_looks_like_a_pattern_and_is_not_found_is_explained(service):
    record(service, "a", 1, run_id="r1", stderr="Error: esperado 4, veio 5\n")

    assert "the text is taken literally" in search(service, "esperado.*veio").summary
    assert "literally" not in search(service, "esperado 9").summary


def test_a_run_that_prints_without_end_does_not_hide_the_others(service):
    for place in range(5):
        record(service, "a", 1, minutes_ago=place + 5, run_id=f"r{place}", stderr="Error: agulha\n")
    noise = "x" * 999 + "\n"
    for place in range(4):
        record(service, "b", 1, minutes_ago=place, run_id=f"g{place}", stdout=noise * 5_000)
        record(
            service,
            "b",
            1,
            minutes_ago=place,
            run_id=f"h{place}",
            stderr=noise * 5_000,
            stdout=noise * 5_000,
        )

    page = search(service, "agulha")
    assert ids(page) == [f"r{place}" for place in range(5)]
    assert ", 3 failures of 5.2 MB in all not" in page.summary
    none = search(service, "nada disso")
    assert none.summary.startswith("No failure that was read has this text; 10 of 13 failures")
    assert none.hint == 'get_run(run_id="h2", grep="nada disso")'


def test_following_what_each_answer_offers_reads_every_run_once(service):
    everything = many(service, 900, timestamp=NOW)
    seen, before = [], {}
    for _ in range(100):
        page = search(service, "passo", limit=30, **before)
        seen += ids(page)
        onward = page.more or page.hint
        if not onward:
            break
        before = {"before": onward.split('before="')[1].split('"')[0]}
    assert sorted(seen) == sorted(everything)


def test_what_looks_like_a_pattern_is_a_text(service):
    record(service, "a", 1, run_id="r1", stderr='Error: a.b[0]+"%_*" \\d (x|y)\n')

    for text in ("a.b[0]+", '"%_*"', "\\d (x|y)", "(x|"):
        assert ids(search(service, text)) == ["r1"]
    for text in ("a.b.0", "%b", ".*", "x|z"):
        assert ids(search(service, text)) == []


def test_every_run_is_reached_once_by_following_more(service):
    everything = many(service, 23)
    seen, before = [], {}
    for _ in range(4):
        page = search(service, "passo", limit=7, **before)
        seen += ids(page)
        before = {"before": page.matches[-1].run_id}
        assert (page.more is None) == (len(seen) == 23)
    assert seen == everything


def test_older_failures_are_found_by_whole_words_and_the_answer_says_so(service):
    many(service, READ_RUNS + 20)
    record(service, "velho", 1, minutes_ago=60, run_id="v1", stderr="Error: agulha no palheiro\n")
    record(service, "velho", 1, minutes_ago=60 * 24 * 9, run_id="v2", stderr="Error: uma agulha\n")
    record(service, "velho", 0, minutes_ago=61, run_id="v3", stdout="agulha\n")

    page = search(service, "Agulha")
    assert ids(page) == ["v1", "v2"]
    assert (
        f"the newest {READ_RUNS} failures read whole (back to 2025-12-19T15:25:01Z" in page.summary
    )
    assert ", older failures searched for whole words (not in context" in page.summary
    assert page.summary.endswith("), all of them.")
    assert page.hint == 'search_logs(text="Agulha", before="v2")'
    assert ids(search(service, "agulha no")) == ["v1"]

    part = search(service, "gulha")
    assert ids(part) == []
    assert part.summary.startswith("No failure that was read has this text;")
    assert part.hint == f'search_logs(text="gulha", before="m{READ_RUNS - 1:04}")'
    assert ids(search(service, "gulha", before=f"m{READ_RUNS - 1:04}")) == ["v1", "v2"]


def test_lines_stand_with_their_neighbours_and_long_ones_are_cut_around_the_text(service):
    lines = [f"linha {number}" for number in range(1, 40)]
    lines[19] = "a" * 5_000 + " agulha " + "b" * 5_000
    record(service, "a", 1, run_id="r1", stdout="\n".join(lines))

    [match] = search(service, "agulha").matches

    assert match.matching_lines == 1
    numbers = [number for number, _ in match.text.lines]
    assert numbers == [24, 25, 26]  # a line of 10,008 characters counts as eleven
    assert "agulha" in match.text.text
    assert len(match.text.text) < 600


def test_a_secret_cannot_be_searched_for(service):
    record(service, "a", 1, run_id="r1", stderr="Error: password=s3nh4-forte\n")

    assert ids(search(service, "s3nh4")) == []
    assert ids(search(service, "password")) == ["r1"]


@pytest.mark.parametrize(
    "printed",
    [
        "\x1b[31mvalor\x1b[0m \x1b[1merrado\x1b[0m",
        "va\u200blor\u202e errado",
        "10 %\rvalor errad\bdo",
        "valor errado\rpronto",
    ],
)
def test_text_with_something_invisible_in_it_is_found_as_it_is_shown(service, printed):
    record(service, "a", 1, run_id="r1", stderr=f"{printed}\n")

    assert ids(search(service, "valor errado")) == ["r1"]


def test_text_before_a_carriage_return_is_found_and_stands_on_a_line_of_its_own(service):
    stdout = "início\nERRO: disco cheio\rtentando de novo\r\nfim\n"
    record(service, "a", 1, run_id="r1", stdout=stdout)

    [match] = search(service, "disco cheio").matches
    assert match.text.text == "1: início\n2: ERRO: disco cheio\n3: tentando de novo"
    detail = service.get_run(parse(GetRun, {"run_id": "r1", "part": "stdout", "from_line": 3}))
    assert (detail.text.text, detail.total_lines) == ("3: tentando de novo\n4: fim", 4)
    assert detail.summary == "stdout, 4 lines."


def test_redraws_that_are_left_out_are_said_wherever_they_matter(service):
    progress = "\r".join(f"baixando {part}%" for part in range(100))
    record(service, "a", 1, run_id="r1", stderr=f"{progress}\nErro: acabou\nagora\n")

    none = search(service, "baixando 45%")
    assert none.summary == (
        "No failure has this text; the one failure in question was read; "
        "99 redraws of progress left out."
    )
    assert "left out" not in search(service, "baixando 99%").summary
    for question, arguments in (
        (service.get_run, GetRun(run_id="r1")),
        (service.get_run, GetRun(run_id="r1", part="stderr")),
        (service.get_run, GetRun(run_id="r1", grep="45%")),
        (service.logs_for_spec, LogsForSpec(spec_id="a")),
        (service.recent_failures, RecentFailures()),
    ):
        assert "99 redraws of progress left out" in fit(question(arguments), MAX_CHARS).text


def test_a_time_to_go_on_from_does_not_widen_the_window(service):
    many(service, 5)

    wide = search(service, "passo", before="2025-12-19T16:00:00Z", until="2025-12-19T15:29:58Z")
    narrow = search(service, "passo", before="2025-12-19T15:29:58Z", until="2025-12-19T16:00:00Z")

    assert ids(wide) == ids(narrow) == ["m0003", "m0004"]


def test_many_long_matches_keep_within_the_budget(service):
    many(service, 30, stderr="\n".join(f"passo {'x' * 300}" for _ in range(9)))

    answer: Any = fit(search(service, "passo", limit=30), MAX_CHARS)

    assert len(answer.text) <= MAX_CHARS
    assert len(answer.result.matches) == 30 or answer.result.more


@pytest.mark.parametrize("text", ["", "  ", "a\nb", "\u202e", True, "x" * 501])
def test_a_text_that_is_no_part_of_a_line_is_refused(service, text):
    with pytest.raises(InputError, match=r"^text: "):
        search(service, text)


def test_a_search_in_an_unknown_spec_names_the_nearest(service):
    record(service, "usuario_criar", 1)

    assert search(service, "x", spec_id="usuario_cria").nearest_specs == ["usuario_criar"]


def test_a_text_that_begins_like_a_list_and_is_none_is_looked_for_as_it_is(service):
    record(service, "soma", 1, stderr="Error: [1, 2] has no [ at the end\n")
    for text in ("[1, 2]", "[ at", "[]"):
        assert len(search(service, text).matches) == (text != "[]")


# --- comparing ----------------------------------------------------------------------------------


def loop(service, *exit_codes):
    for place, exit_code in enumerate(exit_codes):
        record(
            service,
            "soma",
            exit_code,
            minutes_ago=50 - place,
            run_id=f"r{place}",
            stderr=f"Error: {'não' if exit_code == 2 else ''} somou\n" if exit_code else "",
            code_snapshot=f"def soma():\n    return {place}\n",
        )


@pytest.mark.parametrize(
    ("exit_codes", "chosen", "said"),
    [
        ((1, 0, 0, 1, 2), ("r2", "r3"), "The last pass and the first failure after it"),
        ((1, 2, 0, 0), ("r1", "r2"), "It passes: the last failure and the first pass after it"),
        ((0, 0), ("r0", "r1"), "It never failed: the newest two attempts"),
        ((1, 2, 1), ("r1", "r2"), "It never passed: the newest two attempts"),
    ],
)
def test_the_runs_that_tell_most_are_compared(service, exit_codes, chosen, said):
    loop(service, *exit_codes)

    page = compare(service)

    assert (page.older.run_id, page.later.run_id) == chosen
    assert page.summary.startswith(f"{said}: #")
    older, later = (run_id[1:] for run_id in chosen)
    assert f"-    return {older}\n+    return {later}" in page.diff.text


def test_one_attempt_is_nothing_to_compare(service):
    loop(service, 1)

    assert compare(service).summary == "There are no two attempts with a known outcome to compare."


def test_runs_can_be_named(service):
    loop(service, 0, 1, 2, 1)
    record(service, "outro", run_id="o1")

    both = compare(service, run_a="r3", run_b="r1")
    assert (both.older.run_id, both.later.run_id) == ("r1", "r3")
    assert both.summary.startswith("The two runs asked for, the older one first:")
    assert "the same error" in both.summary
    shown = fit(both, MAX_CHARS).text
    assert shown.count("Error:") == shown.count("error of both runs: Error:") == 1
    one = compare(service, run_b="r2")
    assert (one.older.run_id, one.later.run_id) == ("r1", "r2")
    assert "the error changed" in one.summary
    first = compare(service, run_a="r0")
    assert first.summary == "There is no attempt before it with a known outcome to compare."
    with pytest.raises(InputError, match=r"^run_b: this run is of spec outro, not of"):
        compare(service, run_a="r1", run_b="o1")
    with pytest.raises(InputError, match=r"^run_b: no run has this id"):
        compare(service, run_a="r1", run_b="nenhum")
    with pytest.raises(InputError, match=r"^run_a and run_b are the same run"):
        compare(service, run_a="r1", run_b="r1")


def test_what_cannot_be_shown_of_the_code_is_said(service):
    secret = "senha = '{}'\n"
    record(service, "soma", 0, minutes_ago=3, run_id="r1", code_snapshot=secret.format("s3nh4-um"))
    record(service, "soma", 1, minutes_ago=2, run_id="r2", code_snapshot=secret.format("s3nh4-2"))
    record(service, "soma", 1, minutes_ago=1, run_id="r3")

    assert "changed only in what is not shown" in compare(service).code
    assert compare(service, run_b="r3").code.startswith("not recorded for the later run")


@pytest.mark.parametrize("seed", range(100))
def test_a_diff_leads_from_the_one_text_to_the_other(seed):
    source = random.Random(seed)
    before = [source.choice("abcdef") for _ in range(source.randrange(40))]
    after = list(before)
    for _ in range(source.randrange(4)):
        place = source.randrange(len(after) + 1)
        after[place : place + source.randrange(3)] = source.choices("xyzabc", k=source.randrange(3))

    assert patched(before, _diff(before, after)) == after


def test_texts_with_nothing_in_common_are_compared_in_time():
    before = [f"a{number}" for number in range(DIFF_LINES_MAX + 1)]
    after = [f"b{number}" for number in range(DIFF_LINES_MAX + 1)]

    assert patched(before, _diff(before, after)) == after


def patched(before, diff):
    """What a unified diff makes of a text; its lines and places are checked against the text."""
    after, place = [], 0
    for line in diff:
        if line.startswith("@@"):
            start, _, count = line.split()[1][1:].partition(",")
            first = int(start) - (count != "0")
            after += before[place:first]
            place = first
        elif line.startswith("+"):
            after.append(line[1:])
        else:
            assert before[place] == line[1:]
            after += [line[1:]] if line.startswith(" ") else []
            place += 1
    return after + before[place:]
