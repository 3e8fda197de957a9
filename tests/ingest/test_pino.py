"""What real Pino workers meant to log, in every setting that occurs, is what is recorded."""

import json
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from genesis_mcp.runs.times import from_milliseconds
from tests.helpers.command_line import cli, environment, exported
from tests.helpers.node import installed, path_with
from tests.helpers.paths import ROOT

WORKER_SECONDS = 120

LABELS = ("spec_id", "task_id", "sprint_id", "service", "version", "iteration", "exit_code")


@pytest.fixture(scope="module")
def stream(has_node, tmp_path_factory):
    """What the workers printed, and what each of their lines was meant to say."""
    folder = installed(
        ROOT / "tests" / "ingest" / "pino_settings", tmp_path_factory.mktemp("node") / "pino"
    )
    done = subprocess.run(
        ["node", "settings.js", "meant.json"],
        cwd=folder,
        stdout=subprocess.PIPE,
        check=True,
        timeout=WORKER_SECONDS,
    )
    return done.stdout, json.loads((folder / "meant.json").read_text(encoding="utf-8"))


def seen(record, meant):
    """Of a record, what the worker said of it."""
    told = {name: record.get(name) for name in LABELS}
    told |= {
        "kind": record.get("kind", "run"),
        "level": record.get("level"),
        "message": record.get("message"),
        "stdout": record["stdout"],
        "stderr": record["stderr"],
        "duration_ms": record.get("duration_ms"),
        "timestamp": datetime.fromisoformat(record["timestamp"]) if meant["timestamp"] else None,
        "context": {name: (record.get("context") or {}).get(name) for name in meant["context"]},
    }
    return told


def wanted(meant):
    kind = meant.get("kind", "event")
    moment = meant["timestamp"] and from_milliseconds(meant["timestamp"])
    wanted = {name: meant.get(name) for name in LABELS}
    if kind == "run" and wanted["iteration"] is None:
        wanted["iteration"] = 1  # assigned: the first of its spec
    return wanted | {
        "kind": kind,
        "level": meant["level"],
        "message": meant.get("message"),
        "stdout": meant.get("stdout", ""),
        "stderr": meant.get("stderr", ""),
        "duration_ms": meant.get("duration_ms"),
        "timestamp": moment,
        "context": meant["context"],
    }


def counts_of(stream, meant):
    lines = [line for line in stream.splitlines() if line.strip()]
    runs = sum(one.get("kind") == "run" for one in meant)
    events = len(meant) - runs
    return {
        "read": len(lines),
        "recorded": runs,
        "duplicates": 0,
        "events": events,
        "other_lines": len(lines) - runs - events,
        "rejected": 0,
    }


def errors_of(url):
    answer = json.loads(cli("failures", "--limit", "50", "--json", store_url=url).stdout)
    return {group["error"] for group in answer["errors"]}


def test_at_least_twenty_five_settings_are_tried(stream):
    _, meant = stream
    assert len({one["worker"] for one in meant}) >= 40


@pytest.mark.parametrize("way", ["file", "pipe"])
def test_every_line_is_recorded_as_its_worker_meant_it(stream, url, tmp_path, way):
    printed, meant = stream
    if way == "file":
        (tmp_path / "worker.log").write_bytes(printed)
        done = cli("ingest", "--json", str(tmp_path / "worker.log"), store_url=url)
    else:
        done = cli("ingest", "--json", store_url=url, input=printed)
    assert json.loads(done.stdout) == counts_of(printed, meant)

    records = exported(url)
    by_spec = {record["spec_id"]: record for record in records if "spec_id" in record}
    of_spec = {one["spec_id"]: one for one in meant}
    assert by_spec.keys() == of_spec.keys()
    told = {spec_id: seen(by_spec[spec_id], one) for spec_id, one in of_spec.items()}
    assert told == {spec_id: wanted(one) for spec_id, one in of_spec.items()}
    shortened = {
        spec_id for spec_id, record in by_spec.items() if "shortened" in record.get("context", {})
    }
    assert shortened == {spec_id for spec_id, one in of_spec.items() if "shortened" in one}
    passed = [one for one in records if one.get("exit_code") == 0]
    assert len(passed) == sum(one.get("exit_code") == 0 for one in meant)  # no event is a pass
    texts = Counter(record["message"].strip() for record in records if "spec_id" not in record)
    assert texts["console.log no meio"] == printed.count(b"console.log no meio")
    assert texts["/tmp/app.js:3"] == 1
    assert len(texts) == 2


def test_a_failure_of_a_worker_is_found_by_its_error(stream, url):
    printed, _ = stream
    cli("ingest", "--quiet", store_url=url, input=printed)
    errors = errors_of(url)
    assert {"CustomError: caiu", "TypeError: x", "ValueError: 3"} <= errors


# --- the example --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example(has_node, tmp_path_factory):
    return installed(ROOT / "examples" / "node-pino", tmp_path_factory.mktemp("example") / "worker")


@pytest.mark.skipif(sys.platform == "win32", reason="npm starts scripts with cmd.exe there")
def test_the_example_worker_is_recorded_by_one_line(url, example):
    folder = example
    known = {"task_id": "T01", "sprint_id": "S030"}
    tasks = [
        {
            **known,
            "spec_id": "soma",
            "iteration": 1,
            "code": "console.log(1); throw new Error('4')",
        },
        {**known, "spec_id": "soma", "iteration": 2, "code": "console.log('ç')"},
    ]
    given = "".join(json.dumps(task) + "\n" for task in tasks) + "no task\n"
    done = subprocess.run(
        ["npm", "start", "--silent"],
        cwd=folder,
        input=given.encode(),
        env=environment(url, PATH=path_with(Path(sys.executable).parent)),
        capture_output=True,
        timeout=WORKER_SECONDS,
        check=True,
    )
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == 7  # passed on
    assert "7 read, 2 recorded, 0 duplicates, 5 events" in done.stderr.decode()

    records = exported(url)
    runs = [record for record in records if record.get("kind", "run") == "run"]
    assert [(run["spec_id"], run["iteration"], run["exit_code"]) for run in runs] == [
        ("soma", 1, 1),
        ("soma", 2, 0),
    ]
    assert (runs[0]["stdout"], runs[1]["stdout"]) == ("1\n", "ç\n")
    assert "Error: 4" in runs[0]["stderr"]
    assert runs[0]["code_snapshot"] == tasks[0]["code"]
    [failed] = [record for record in records if record.get("message") == "Falha ao processar"]
    assert failed["level"] == "error"
    assert failed["stderr"].startswith("SyntaxError: ")
    assert "Error: 4" in errors_of(url)
