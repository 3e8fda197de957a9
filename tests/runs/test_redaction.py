"""GENESIS_REDACT: secrets in what is shown, in what is stored, or left as they stand."""

import json
import sys
from typing import Any

import pytest

from genesis_mcp.answers.readable import readable, showing_secrets
from genesis_mcp.config import load_settings
from genesis_mcp.errors import ConfigError
from genesis_mcp.questions import Service
from genesis_mcp.questions.arguments import GetRun
from genesis_mcp.runs.conforming import make_run
from genesis_mcp.runs.model import values_of
from genesis_mcp.runs.query import RunQuery
from genesis_mcp.runs.redaction import without_secrets
from genesis_mcp.runs.shortening import TEXT_BYTES_MAX
from tests.helpers.command_line import cli
from tests.helpers.service import NOW
from tests.helpers.wire import Wire

SECRET = "hunter2horse"  # no scanner takes it for a leak
ERROR = f"ValueError: cannot log in with password={SECRET} at step 3"
RECORD: dict[str, Any] = {
    "spec_id": "login",
    "exit_code": 1,
    "message": f"password={SECRET}",
    "stdout": f"PGPASSWORD={SECRET}\nok\n",
    "stderr": f"{ERROR}\n",
    "code_snapshot": f"connect('postgres://ana:{SECRET}@db/x')\n",
    "service": f"api password={SECRET}",
    "context": {
        "command": ["psql", "--password", SECRET],
        "env": {"DB_PASSWORD": SECRET, "n": 1},
        "password": 12345678,
        "attempt": 2,
    },
}


def recorded(store, run_id, **options):
    run = make_run({**RECORD, "run_id": run_id, "timestamp": NOW}, recorded_by="test")
    service = Service(store, clock=lambda: NOW, **options)
    service.record_one(run)
    return service, store.fetch([run_id])[0]


def test_a_store_gets_no_secret_when_none_are_to_be_stored(store):
    store.ensure_schema()
    _, kept = recorded(store, "kept")
    service, run = recorded(store, "clean", stores_secrets=False)
    assert SECRET in str(values_of(kept))
    assert SECRET not in str(values_of(run))
    assert run.stderr == ERROR.replace(SECRET, "[redacted:password]") + "\n"
    assert run.context["attempt"] == 2
    assert [run.run_id for run in store.find(RunQuery(text=SECRET)).runs] == ["kept"]
    assert SECRET not in service.get_run(GetRun(run_id="clean")).model_dump_json()


def test_sizes_code_and_error_are_those_of_the_original(store):
    store.ensure_schema()
    _, kept = recorded(store, "kept")
    _, run = recorded(store, "clean", stores_secrets=False)
    for size in ("message_bytes", "stdout_bytes", "stderr_bytes", "code_bytes", "code_hash"):
        assert getattr(run, size) == getattr(kept, size), size
    assert run.stderr_bytes == len(RECORD["stderr"])
    assert (run.signature.group, run.signature.exact) == (
        kept.signature.group,
        kept.signature.exact,
    )


def files_of(folder):
    return b"".join(file.read_bytes() for file in folder.iterdir())


def by_record(url, mode):
    done = cli("record", store_url=url, input=json.dumps(RECORD).encode(), variables=mode)
    assert done.returncode == 0, done.stderr


def by_ingest(url, mode):
    lines = json.dumps(RECORD).encode() + b"\n"
    done = cli("ingest", store_url=url, input=lines, variables=mode)
    assert done.returncode == 0, done.stderr


def by_run(url, mode):
    script = f"import sys; print('password={SECRET}'); sys.exit('token=x{SECRET}1')"
    command = ("run", "--spec", "login", "--", sys.executable, "-c", script)
    assert cli(*command, store_url=url, variables=mode).returncode == 1


def by_the_server(url, mode):
    with Wire(url, "serve", **mode) as wire:
        wire.initialize()
        assert not wire.call("record_run", **RECORD).get("isError")
        wire.close_input()


@pytest.mark.parametrize("way_in", [by_record, by_ingest, by_run, by_the_server])
def test_no_byte_of_a_secret_is_in_the_file_whatever_way_it_came(tmp_path, way_in):
    for mode in ("read", "write"):
        folder = tmp_path / mode
        folder.mkdir()
        way_in(f"sqlite:///{(folder / 'logs.db').as_posix()}", {"GENESIS_REDACT": mode})
    assert SECRET.encode() in files_of(tmp_path / "read")
    assert SECRET.encode() not in files_of(tmp_path / "write")
    assert b"[redacted:password]" in files_of(tmp_path / "write")


def test_a_run_that_cannot_be_recorded_is_kept_without_its_secrets(tmp_path, home):
    variables = {"GENESIS_REDACT": "write"}
    url = f"sqlite:///{(tmp_path / 'a file' / 'logs.db').as_posix()}"
    (tmp_path / "a file").write_text("not a directory", encoding="utf-8")
    script = f"print('password={SECRET}'); raise SystemExit(3)"
    done = cli(
        *("run", "--spec", "login", "--", sys.executable, "-c", script),
        store_url=url,
        variables=variables,
    )
    assert done.returncode == 3
    [kept] = home.glob(".genesis-mcp/kept/*/*.ndjson")
    text = kept.read_text(encoding="utf-8")
    assert "password=[redacted:password]" in text
    assert SECRET not in text


@pytest.mark.parametrize(("mode", "shown"), [("off", True), ("read", False), ("write", False)])
def test_a_secret_is_shown_only_when_redaction_is_off(tmp_path, mode, shown, url):
    by_record(url, {})
    answer = cli("spec", "login", store_url=url, variables={"GENESIS_REDACT": mode})
    assert (SECRET.encode() in answer.stdout) is shown
    with Wire(url, "serve", GENESIS_REDACT=mode) as wire:
        wire.initialize()
        assert (SECRET in wire.text("recent_failures")) is shown


CPF = "529.982.247-25"
PERSONAL = {"spec_id": "login", "exit_code": 1, "stderr": f"ValueError: CPF {CPF} já existe\n"}
BOTH = {"GENESIS_REDACT_ALSO": "cpf, CNPJ"}


@pytest.mark.parametrize("mode", ["read", "write"])
def test_personal_numbers_are_hidden_where_that_is_asked_for(tmp_path, url, mode):
    given = json.dumps(PERSONAL | {"context": {"cpf": CPF}}).encode()
    variables = {"GENESIS_REDACT": mode, **BOTH}
    assert cli("record", store_url=url, input=given, variables=variables).returncode == 0
    assert (CPF.encode() in files_of(tmp_path)) is (mode == "read")
    for shown in (
        cli("spec", "login", store_url=url, variables=variables).stdout.decode(),
        cli("show", "login#1", store_url=url, variables=variables).stdout.decode(),
    ):
        assert CPF not in shown
        assert "CPF [redacted:cpf] já existe" in shown
    with Wire(url, "serve", **variables) as wire:
        wire.initialize()
        assert "CPF [redacted:cpf] já existe" in wire.text("recent_failures")
        assert (CPF in wire.text("search_logs", text="já existe")) is False


def test_personal_numbers_are_not_hidden_unasked(url):
    cli("record", store_url=url, input=json.dumps(PERSONAL).encode())
    assert CPF in cli("spec", "login", store_url=url).stdout.decode()


def test_a_run_that_is_kept_for_later_has_no_personal_number_either(url, home):
    script = f"print('CPF {CPF}'); raise SystemExit(3)"
    command = ("run", "--quiet", "--spec", "login", "--", sys.executable, "-c", script)
    variables = {"GENESIS_REDACT": "write", **BOTH}
    assert cli(*command, store_url=url, variables=variables).returncode == 3
    kept = b"".join(file.read_bytes() for file in home.rglob("*.ndjson"))
    assert CPF.encode() not in kept
    assert CPF not in cli("show", "login#1", store_url=url, variables=variables).stdout.decode()


def test_the_doctor_says_that_redaction_is_off(tmp_path, url):
    said = [
        cli("doctor", store_url=url, variables={"GENESIS_REDACT": mode}).stdout
        for mode in ("read", "off")
    ]
    assert [b"GENESIS_REDACT=off" in each for each in said] == [False, True]


def test_showing_secrets_ends_with_its_block():
    with showing_secrets():
        assert SECRET in readable(f"password={SECRET}")
    assert SECRET not in readable(f"password={SECRET}")


def test_another_value_is_refused_in_our_own_words():
    with pytest.raises(ConfigError, match=r"GENESIS_REDACT.*off.*read.*write"):
        load_settings({}, {"GENESIS_REDACT": "maybe"})


def test_a_secret_that_a_cut_split_does_not_stay_in_two_halves():
    token = "ghp_" + "a1B2" * 10
    before = "x" * 40 + "\n"
    head_max = (TEXT_BYTES_MAX - 100) // 4
    text = before * (head_max // len(before) - 1)
    text += "y" * (head_max - len(text) - 12) + " " + token + "\n" + "last line\n" * 200_000
    run = make_run({"stdout": text, "exit_code": 1}, recorded_by="test")
    assert token[:8] in run.stdout
    stored = without_secrets(run)
    assert token[:8] not in stored.stdout
    assert stored.stdout.endswith("last line\n")
    [cut] = [line for line in stored.stdout.split("\n") if "bytes left out" in line]
    left_out = int(cut.split()[1].replace(",", ""))
    kept = len(stored.stdout) - len(f"\n{cut}\n")
    assert left_out + kept == stored.stdout_bytes == len(text)


def test_taking_secrets_out_twice_changes_nothing():
    run = without_secrets(make_run(RECORD, recorded_by="test"))
    assert without_secrets(run) == run
