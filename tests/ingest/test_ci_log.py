"""Logs of CI jobs, as three services write them, become a run for each step."""

import json
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genesis_mcp.errors import InputError
from genesis_mcp.ingest.ci_log import read_ci_log
from tests.helpers.command_line import cli, exported, summary

ERASE = "\r\x1b[0K"
COMMIT = "4c1f" * 10


def stamped(lines, *, start=0, before=""):
    """As GitHub stamps them, a second each."""
    times = (divmod(start + second, 60) for second in range(len(lines)))
    return [
        f"{before}2026-11-25T10:{minutes:02}:{seconds:02}.1234567Z {line}"
        for (minutes, seconds), line in zip(times, lines, strict=True)
    ]


SET_UP = ["Requested labels: ubuntu-24.04", "Complete job name: testes (20)"]
CHECKOUT = [
    "##[group]Run actions/checkout@v4",
    "with:",
    "  repository: loja/pedidos",
    "##[endgroup]",
    "[command]/usr/bin/git log -1 --format=%H",
    COMMIT,
]
HEADER = [
    "##[group]Run npm test",
    "\x1b[36;1mnpm test\x1b[0m",
    "shell: bash -e {0}",
    "##[endgroup]",
]
FAILING = ["##[group]Run tests of the queue", "> fila", "##[endgroup]", "TypeError: fila vazia",
           "    at drena (/srv/app/src/fila.js:7:3)"]  # fmt: skip
EXIT = ["##[error]Process completed with exit code 3."]
CLOSING = ["Post job cleanup.", "[command]/usr/bin/git version", "Cleaning up orphan processes"]


def steps(lines, **known):
    """Name, outcome and exit code of each step."""
    return [(run.spec_id, str(run.outcome), run.exit_code) for run in runs(lines, **known)]


def runs(lines, **known):
    data = BytesIO("\n".join(lines).encode())
    items = [item for part in read_ci_log(data, known) for item in part]
    assert [item.rejected for item in items] == [None] * len(items)
    return [item.run for item in items]


def test_a_log_from_the_api_of_github_is_cut_where_its_steps_begin():
    lines = stamped([*SET_UP, *CHECKOUT, *HEADER, *FAILING, *EXIT, *CLOSING])
    assert steps(lines) == [
        ("testes (20) / Set up job", "passed", 0),
        ("testes (20) / Run actions/checkout@v4", "passed", 0),
        ("testes (20) / Run npm test", "failed", 3),
        ("testes (20) / Post job cleanup", "passed", 0),
        ("testes (20) / Complete job", "passed", 0),
    ]
    failed = runs(lines)[2]
    assert failed.stdout == "\n".join(lines[8:18]) + "\n"
    assert (failed.signature.type, failed.signature.message) == ("TypeError", "fila vazia")
    assert failed.signature.location == "/srv/app/src/fila.js:7"
    assert failed.timestamp.isoformat() == "2026-11-25T10:00:17.123000+00:00"
    assert failed.duration_ms == 9000
    assert failed.code_hash == "git:4c1f4c1f4c1f"
    assert failed.context == {"ci": "GitHub Actions", "job": "testes (20)", "step": "Run npm test"}


def test_a_log_that_gh_prints_names_its_steps():
    said = [
        *stamped(
            ["##[group]Run npm ci", "added 9 packages"], before="testes (20)\tInstala\t\ufeff"
        ),
        *stamped([*HEADER, *FAILING, *EXIT], start=9, before="testes (20)\tTestes\t"),
        *stamped(["##[group]Run npm ci"], before="lint\tInstala\t"),
        *stamped(["x.js:1:1: error: y", *EXIT], before="lint\tESLint\t"),
    ]
    assert steps(said) == [
        ("testes (20) / Instala", "passed", 0),
        ("testes (20) / Testes", "failed", 3),
        ("lint / Instala", "passed", 0),
        ("lint / ESLint", "failed", 3),
    ]
    assert runs(said)[1].stdout.startswith("2026-11-25T10:00:09.1234567Z ##[group]Run npm test\n")


def test_where_gh_knows_no_steps_they_are_told_by_their_first_lines():
    lines = stamped([*SET_UP, *HEADER, *FAILING, *EXIT], before="testes (20)\tUNKNOWN STEP\t")
    assert steps(lines) == [
        ("testes (20) / Set up job", "passed", 0),
        ("testes (20) / Run npm test", "failed", 3),
    ]


@pytest.mark.parametrize(
    ("last", "outcome", "code"),
    [
        ("##[error]Unable to resolve action", "failed", None),
        ("##[error]The operation was canceled.", "killed", None),
        ("##[error]The action 'Testes' has timed out after 5 minutes.", "timeout", None),
        ("##[error]The job running on runner a has exceeded the maximum execution time of 360"
         " minutes.", "timeout", None),
        ("##[warning]Node 16 is deprecated", "passed", 0),
    ],
)  # fmt: skip
def test_how_a_step_of_github_ends(last, outcome, code):
    lines = stamped([*HEADER, "##[error]a.js#L1: an annotation", "x", last, *CLOSING])
    assert steps(lines)[0] == ("Run npm test", outcome, code)


def test_a_log_that_is_cut_off_does_not_say_how_its_last_step_ended():
    assert steps(stamped([*HEADER, "1 passing"])) == [("Run npm test", "unknown", None)]


def test_steps_of_one_name_are_told_apart():
    lines = stamped([*HEADER, "1 passing", *HEADER, "2 passing", *EXIT])
    assert steps(lines, spec_id="api") == [
        ("api / Run npm test", "passed", 0),
        ("api / Run npm test [2]", "failed", 3),
    ]


def suite_of(suites, tests):
    """As jest sums it up."""
    return [f"Test Suites: {suites}, 1 total", f"Tests:       {tests}", "Time:        0.4 s"]


def test_of_a_step_that_passed_the_end_is_kept_and_of_one_in_doubt_all():
    noise = [f"linha {number}" for number in range(2000)]
    lines = stamped([*HEADER, *noise, *suite_of("1 passed", "4 passed, 4 total"), *CLOSING])
    passed = runs(lines)[0]
    assert len(passed.stdout) <= 4096
    assert passed.stdout_bytes > 60_000
    assert passed.tests_passed == 4
    suite = suite_of("1 failed", "1 failed, 3 passed, 4 total")
    doubtful = runs(stamped([*HEADER, *noise, *suite, *CLOSING]))[0]
    assert doubtful.outcome == "passed"
    assert doubtful.doubt
    assert len(doubtful.stdout) > 60_000


def section(name, seconds, *lines, stamp=""):
    """Without stamps the next section begins in the line in which this one ends."""
    head = f"section_start:{1764068000 + seconds}:{name}{ERASE}{ERASE}\x1b[36;1m{name}\x1b[0;m"
    tail = f"section_end:{1764068009 + seconds}:{name}{ERASE}"
    marked = "".join(f"{stamp}{line}\n" for line in (head, *lines)) + f"{stamp}{tail}"
    return f"{marked}\n" if stamp else marked


SCRIPT = ["\x1b[32;1m$ pytest -q\x1b[0;m", "conta.py:3: KeyError: 'frete'", "1 failed in 0.1s"]
PREAMBLE = "\x1b[0KRunning with gitlab-runner 17.7.0 (3153ccc6)\x1b[0;m\n"


def gitlab(*sections, end):
    return (PREAMBLE + "".join(sections) + end).split("\n")


def test_the_sections_of_gitlab_are_steps_and_the_end_says_which_one_failed():
    inner = section("minha_parte", 3, "dentro", stamp="").split("\n")
    lines = gitlab(
        section("prepare_executor", 0, "Using Docker"),
        section("step_script", 1, *inner, *SCRIPT),
        section("after_script", 20, "limpa"),
        section("cleanup_file_variables", 30),
        end="\x1b[31;1mERROR: Job failed: exit code 4\n\x1b[0;m",
    )
    ended = {name: how for name, *how in steps(lines, spec_id="testes")}
    assert ended == {
        "testes / prepare_executor": ["passed", 0],
        "testes / step_script": ["failed", 4],
        "testes / after_script": ["passed", 0],
        "testes / cleanup_file_variables": ["passed", 0],
    }
    failed = next(run for run in runs(lines) if run.failed)
    assert "dentro" in failed.stdout
    assert "Job failed" in failed.stdout
    assert (failed.signature.type, failed.signature.location) == ("KeyError", "conta.py:3")
    assert failed.timestamp.isoformat() == "2025-11-25T10:53:30+00:00"
    assert failed.duration_ms == 9000


@pytest.mark.parametrize(
    ("end", "outcome", "code"),
    [
        ("Job succeeded", "passed", 0),
        ("ERROR: Job failed: exit status 2", "failed", 2),
        ("ERROR: Job failed: execution took longer than 1h0m0s seconds", "timeout", None),
        ("ERROR: Job failed: canceled", "killed", None),
        ("ERROR: Job failed (system failure): prepare environment: EOF", "failed", None),
        ("", "unknown", None),
    ],
)
@pytest.mark.parametrize("stamp", ["", "2025-11-25T10:53:22.000000Z 00O "])
def test_how_a_job_of_gitlab_ends(end, outcome, code, stamp):
    lines = gitlab(
        section("get_sources", 0, stamp=stamp),
        section("step_script", 2, "x", stamp=stamp),
        end=stamp + end,
    )
    assert steps(lines)[-1] == ("step_script", outcome, code)
    assert steps(lines)[0] == ("get_sources", "passed", 0)


def test_a_job_of_gitlab_that_could_not_fetch_its_code_failed_there():
    lines = gitlab(
        section("get_sources", 0, "fatal: x"),
        section("cleanup_file_variables", 2),
        end="ERROR: Job failed: exit code 1",
    )
    assert [one for one in steps(lines) if one[1] != "passed"] == [("get_sources", "failed", 1)]


def test_a_log_of_gitlab_without_sections_is_one_step():
    assert steps([*PREAMBLE.splitlines(), *SCRIPT, "ERROR: Job failed: exit code 1"]) == [
        ("job", "failed", 1)
    ]


def buildkite(*lines):
    return [f"\x1b_bk;t={1764068000000 + 1000 * at}\x07{line}\r" for at, line in enumerate(lines)]


def test_the_groups_of_buildkite_are_steps_and_a_diff_is_none():
    lines = buildkite(
        "~~~ Preparing working directory", "$ git clean",
        "+++ :pytest: Testes", "--- a/conta.py", "+++ b/conta.py", "-x", *SCRIPT,
        "\x1b[31m🚨 Error: The command exited with status 1\x1b[0m", "^^^ +++",
        "~~~ Running global pre-exit hook", "ok",
    )  # fmt: skip
    assert steps(lines) == [
        ("Preparing working directory", "passed", 0),
        (":pytest: Testes", "failed", 1),
        ("Running global pre-exit hook", "unknown", None),
    ]
    failed = runs(lines)[1]
    assert "\x1b_bk" not in failed.stdout
    assert "--- a/conta.py\n+++ b/conta.py" in failed.stdout
    assert (failed.timestamp.isoformat(), failed.duration_ms) == ("2025-11-25T10:53:30+00:00", 8000)


@pytest.mark.parametrize("text", ["", "npm test\n1 failing\n", '{"level":50,"msg":"x"}\n'])
def test_what_is_no_log_of_a_job_is_refused(text):
    if not text:
        assert runs([]) == []
        return
    with pytest.raises(InputError, match=r"no log of a CI job.*Without --ci-log"):
        runs([text])


def test_the_command_records_a_log_once_also_from_a_pipe(tmp_path, url):
    text = "\n".join(stamped([*SET_UP, *HEADER, *FAILING, *EXIT, *CLOSING])).encode()
    file = tmp_path / "job.log"
    file.write_bytes(text)
    job = "https://github.com/loja/pedidos/actions/runs/7/attempts/2"
    more = ("--ci-log", "--json", "--url", job, "--service", "pedidos")
    first = cli("ingest", *more, str(file), store_url=url)
    assert summary(first)["recorded"] == 4
    assert summary(cli("ingest", *more, "-", store_url=url, input=text))["duplicates"] == 4
    stored = exported(url, "--derived")
    assert {(one["context"]["url"], one["service"]) for one in stored} == {(job, "pedidos")}
    [failed] = json.loads(cli("failures", "--json", store_url=url).stdout)["errors"]
    assert failed["spec_id"] == "testes (20) / Run npm test"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--ci-log", "--junit"), b"give one of them"),
        (("--url", "https://x/y"), b"goes with --ci-log"),
        (("--ci-log", "--url", "https://ana:1@x/y"), b"without user"),
        (("--ci-log", "--follow"), b"read once"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path, url, flags, said):
    done = cli("ingest", *flags, str(tmp_path / "x.log"), store_url=url)
    assert done.returncode == 2
    assert said in done.stderr


PIECES = (
    *("section_start:9999999999:a", "section_start:0:b", "section_end:999999999999:a", ":", ERASE),
    *("\n\x1b_bk;t=9999999999999\x07", "\n\x1b_bk;t=0000000000001\x07", "--- a", "+++ b", "~~~ c"),
    *("##[group]Run x", "##[endgroup]", "shell: ", "##[error]", "\t", "2026-11-25T10:00:00.0Z "),
    *("Process completed with exit code 99999999999.", "ERROR: Job failed: exit code ", "\ufeff"),
    *("2026-99-99T99:99:99Z 00O ", "🚨 Error: The command exited with status ", "\n", " "),
)  # fmt: skip


FIRST = ("section_start:1:a", "~~~ Running x", "##[group]Run x")


@given(st.lists(st.sampled_from(PIECES), max_size=40), st.sampled_from(FIRST))
def test_no_log_of_a_job_does_harm(pieces, first):
    data = BytesIO(f"{first}\n{''.join(pieces)}".encode())
    for part in read_ci_log(data, {}):
        for item in part:
            assert item.run or item.rejected
