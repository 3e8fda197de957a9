"""`genesis-mcp ingest --claude-transcripts`: the runs of past sessions, once, without secrets."""

import json

from tests.helpers.command_line import cli, exported

SECRET = "ghp_" + "a1B2" * 9


def used(name, command, second, **fields):
    block = {"type": "tool_use", "id": name, "name": "Bash", "input": {"command": command}}
    return entry("assistant", block, second, **fields)


def result(name, second, content="", **fields):
    is_error = fields.pop("is_error", False)
    block = {"type": "tool_result", "tool_use_id": name, "content": content, "is_error": is_error}
    return entry("user", block, second, **fields)


def entry(kind, block, second, **fields):
    return {
        "type": kind,
        "timestamp": f"2026-11-20T10:00:{second:02}.000Z",
        "cwd": "/w/loja",
        "sessionId": "s1",
        "message": {"role": kind, "content": [block]},
    } | fields


def printed(stdout):
    return {"toolUseResult": {"stdout": stdout, "stderr": "", "interrupted": False}}


SESSION = [
    {"type": "summary", "summary": "tool_use"},
    used("toolu_0001", "pytest -q", 1),
    result("toolu_0001", 4, f"Exit code 1\n1 failed in 0.1s\n{SECRET}", is_error=True),
    used("toolu_0002", "git status", 5),
    result("toolu_0002", 6, **printed("pytest")),
    used("toolu_0003", "pytest -q | tail -5", 7),
    used("toolu_0004", "npm test", 7),
    result("toolu_0004", 9, "The user doesn't want to proceed with this tool use.", is_error=True),
    result("toolu_0003", 9, **printed("4 passed in 0.1s")),
    used("toolu_0005", "pytest -q", 10),
    {"type": "user", "message": "tool_result"},
    {"type": "user", "message": {"content": [5, {"type": "tool_result"}]}},
]


def write(file, entries):
    file.parent.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(one) for one in entries]
    file.write_text("\n".join([*lines, '{"type": "assistant", "tool_use', ""]), encoding="utf-8")


def ingested(url, folder):
    done = cli("ingest", "--claude-transcripts", str(folder), "--json", store_url=url)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_past_sessions_are_recorded_once(tmp_path):
    url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    folder = tmp_path / "projects"
    write(folder / "-w-loja" / "a.jsonl", SESSION)
    write(folder / "-w-loja" / "resumed.jsonl", [*SESSION, result("toolu_0005", 20, **printed(""))])
    assert ingested(url, folder) == {"recorded": 3, "duplicates": 0}
    assert ingested(url, folder) == {"recorded": 0, "duplicates": 3}
    first, second, third = exported(url, "--derived")
    assert (first["outcome"], first["exit_code"], first["duration_ms"]) == ("failed", 1, 3000)
    assert first["timestamp"].startswith("2026-11-20T10:00:04")
    assert first["spec_id"] == second["spec_id"] == third["spec_id"] == "loja:pytest"
    assert (second["outcome"], third["outcome"]) == ("passed", "passed")
    assert first["recorded_by"] == "genesis-mcp ingest --claude-transcripts"
    assert SECRET not in json.dumps(first)


def test_what_a_hook_recorded_is_not_recorded_again(tmp_path):
    url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    event = {
        "hook_event_name": "PostToolUseFailure",
        "cwd": "/w/loja",
        "tool_use_id": "toolu_0001",
        "tool_input": {"command": "pytest -q"},
        "error": "Exit code 1\nanother end of it",
    }
    home = {"HOME": str(tmp_path)}
    cli("hook", store_url=url, input=json.dumps(event).encode(), variables=home)
    write(tmp_path / "projects" / "a.jsonl", SESSION)
    assert ingested(url, tmp_path / "projects") == {"recorded": 1, "duplicates": 1}


def test_a_folder_that_is_not_there_is_said(tmp_path):
    url = f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"
    done = cli("ingest", "--claude-transcripts", str(tmp_path / "none"), store_url=url)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"there is no such folder" in done.stderr
