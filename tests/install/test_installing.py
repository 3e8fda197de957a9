"""A server is entered in each client's file on each system, and leaves it as it was."""

import json
import stat
import sys

import pytest

from genesis_mcp.errors import ConfigError, InputError
from genesis_mcp.install.clients import CLIENTS, NAME
from genesis_mcp.install.config_file import BACKUP
from genesis_mcp.install.installing import Target
from genesis_mcp.stores.location import default_store

OTHERS = """\
{
    "theme": "dark",
    "KEY": {
        "files": { "command": "npx", "args": ["-y", "server-files"], "disabled": false },
        "nota": {"command": "ação", "timeout": 1.50}
    },
    "hooks": { "Stop": [ {"hooks": [{"type": "command", "command": "say done"}]} ] }
}
"""
FILES = {
    ("claude-code", "user"): ".claude.json",
    ("claude-code", "project"): "project/.mcp.json",
    ("cursor", "user"): ".cursor/mcp.json",
    ("cursor", "project"): "project/.cursor/mcp.json",
    ("vscode", "user"): "Code/User/mcp.json",
    ("vscode", "project"): "project/.vscode/mcp.json",
}


def parts_of(target, **options):
    return target.parts(options.pop("store", default_store()), **{"read_only": False} | options)


def enter(target, **options):
    return [target.enter(part) for part in parts_of(target, **options)]


def files_below(*folders):
    return {
        file: file.read_bytes()
        for folder in folders
        for file in folder.rglob("*")
        if file.is_file() and ".git" not in file.parts
    }


@pytest.fixture(params=[("claude-desktop", "user"), *FILES], ids="-".join)
def target(request, machine):
    name, scope = request.param
    return Target(name, scope, machine)


def expected_file(target, system, machine):
    name = next(name for name, client in CLIENTS.items() if client is target.client)
    if name == "claude-desktop":
        return machine.home / system.desktop
    place = FILES[name, target.scope]
    if place.startswith("Code/"):
        return machine.home / system.application_data / place
    return machine.project.parent / place if "project" in place else machine.home / place


def test_the_file_is_where_the_client_of_that_system_reads_it(target, system, machine):
    assert target.place.file == expected_file(target, system, machine)


def test_where_there_is_no_file_one_is_made_and_taken_away_again(target, machine, tmp_path):
    before = files_below(machine.home, tmp_path)
    enter(target)
    after = files_below(machine.home, tmp_path)
    [made] = after.keys() - before.keys()
    [servers] = json.loads(after[made]).values()
    command = str(machine.python.with_name(machine.python.name.replace("python", "genesis-mcp")))
    assert servers[NAME] | {"type": "stdio"} == {
        "type": "stdio",
        "command": command,
        "args": ["serve"],
    }
    assert ("type" in servers[NAME]) == (target.place.keys == ("servers",))
    assert list(target.take_out())
    assert files_below(machine.home, tmp_path) == before


def test_other_servers_keep_every_byte_and_the_file_comes_back_as_it_was(target, machine):
    file = target.place.file
    file.parent.mkdir(parents=True, exist_ok=True)
    text = OTHERS.replace("KEY", target.place.keys[-1])
    file.write_bytes(text.encode())
    enter(target)
    after = file.read_text(encoding="utf-8")
    added = f',\n        "{NAME}": '
    start = after.index(added)
    end = after.index("\n        }", start + len(added)) + len("\n        }")
    assert after[:start] + after[end:] == text
    assert file.with_name(file.name + BACKUP).read_bytes() == text.encode()
    assert list(target.take_out())
    assert file.read_bytes() == text.encode()
    assert not file.with_name(file.name + BACKUP).exists()


def test_what_was_changed_since_stays_when_ours_is_taken_out(target):
    file = target.place.file
    file.parent.mkdir(parents=True, exist_ok=True)
    text = OTHERS.replace("KEY", target.place.keys[-1])
    file.write_text(text, encoding="utf-8")
    enter(target)
    changed = file.read_text(encoding="utf-8").replace('"dark"', '"light"')
    file.write_text(changed, encoding="utf-8")
    assert any("all else is as it was" in said for said in target.take_out())
    assert file.read_text(encoding="utf-8") == text.replace('"dark"', '"light"')


def test_a_second_time_changes_nothing_and_another_store_changes_only_that(target):
    file = target.place.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(OTHERS.replace("KEY", target.place.keys[-1]), encoding="utf-8")
    enter(target)
    once = file.read_bytes()
    [said] = enter(target)
    assert "entered already" in said
    assert file.read_bytes() == once
    enter(target, store="sqlite:////srv/team.db", read_only=True)
    [entry] = [one[NAME] for one in json.loads(file.read_bytes()).values() if NAME in one]
    assert entry["env"] == {"GENESIS_STORE": "sqlite:////srv/team.db", "GENESIS_READ_ONLY": "1"}
    enter(target)
    assert file.read_bytes() == once


REFUSED = {
    "comments": b"// mine\n{}\n",
    "a trailing comma": b'{"mcpServers": {"a": {},}, "servers": {"a": {},}}',
    "half a file": b'{"mcpServers": {',
    "an array": b"[]",
    "servers that are an array": b'{"mcpServers": [], "servers": []}',
    "UTF-16": "\ufeff{}".encode("utf-16-le"),
    "another server of that name": b'{"mcpServers": {"genesis": {"url": "x"}}, '
    b'"servers": {"genesis": {"command": "x"}}}',
}


@pytest.mark.parametrize("kind", REFUSED)
def test_a_file_that_could_be_broken_is_left_alone(target, kind, machine, tmp_path):
    file = target.place.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(REFUSED[kind])
    before = files_below(machine.home, tmp_path)
    with pytest.raises(ConfigError, match="the file"):
        enter(target)
    assert files_below(machine.home, tmp_path) == before


@pytest.fixture
def desktop(home, tmp_path):
    from tests.install.conftest import SYSTEMS, machine_of

    target = Target("claude-desktop", None, machine_of(SYSTEMS["linux"], tmp_path, home))
    target.place.file.parent.mkdir(parents=True)
    return target


@pytest.mark.parametrize("text", ["", " \n", "{}", "\ufeff{}", '{"mcpServers": {}}'])
def test_an_empty_file_gets_the_entry_and_comes_back(desktop, text):
    desktop.place.file.write_bytes(text.encode())
    enter(desktop)
    after = desktop.place.file.read_text(encoding="utf-8").removeprefix("\ufeff")
    assert NAME in json.loads(after)["mcpServers"]
    assert list(desktop.take_out())
    assert desktop.place.file.read_bytes() == text.encode()


def test_what_a_person_added_to_our_entry_stays(desktop):
    enter(desktop)
    file = desktop.place.file
    found = json.loads(file.read_text(encoding="utf-8"))
    found["mcpServers"][NAME] |= {"disabled": True, "env": {"GENESIS_MAX_CHARS": "4000"}}
    file.write_text(json.dumps(found), encoding="utf-8")
    enter(desktop, store="sqlite:////srv/team.db")
    entry = json.loads(file.read_text(encoding="utf-8"))["mcpServers"][NAME]
    assert entry["disabled"] is True
    assert entry["env"] == {"GENESIS_MAX_CHARS": "4000", "GENESIS_STORE": "sqlite:////srv/team.db"}


def test_a_variable_of_the_documents_in_an_entry_does_not_beat_this_shells_store(desktop):
    uri = "mongodb://db.example/genesis"
    entry = {"command": "genesis-mcp", "args": ["serve"], "env": {"MONGO_URI": uri}}
    desktop.place.file.write_text(json.dumps({"mcpServers": {NAME: entry}}), encoding="utf-8")
    enter(desktop)
    entry = json.loads(desktop.place.file.read_text(encoding="utf-8"))["mcpServers"][NAME]
    assert entry["env"] == {"MONGO_URI": uri, "GENESIS_STORE": default_store()}


@pytest.mark.parametrize(
    "url",
    [
        "clickhouse://ana:S3cretPw@db.example/genesis",
        "mongodb+srv://ana:S3cretPw@db.example",
        "mongodb://db.example/genesis?password=S3cretPw",
    ],
)
def test_a_password_goes_into_the_file_only_when_that_was_asked_for(desktop, url):
    with pytest.raises(InputError, match="--with-secrets"):
        enter(desktop, store=url)
    assert not desktop.place.file.exists()
    enter(desktop, store=url, with_secrets=True)
    entry = json.loads(desktop.place.file.read_text(encoding="utf-8"))["mcpServers"][NAME]
    assert entry["env"] == {"GENESIS_STORE": url}
    assert "S3cretPw" not in json.dumps([entry["command"], entry["args"]])


def test_a_token_for_a_teams_server_is_as_a_password(desktop):
    desktop.machine = desktop.machine._replace(environment={"GENESIS_TOKEN": "gmcp_S3cretPw"})
    url = "https://logs.example:8765"
    for store, with_secrets in ((url, False), (default_store(), True), (url, True)):
        enter(desktop, store=store, with_secrets=with_secrets)
        text = desktop.place.file.read_text(encoding="utf-8")
        assert ("S3cretPw" in text) == (store == url and with_secrets)
        assert (url in text) == (store == url)


def test_an_older_file_that_was_kept_is_not_taken_for_this_one(desktop):
    file = desktop.place.file
    kept = file.with_name(file.name + BACKUP)
    for text in ('{"old": 1}', "no JSON"):
        kept.write_text(text, encoding="utf-8")
        [said] = enter(desktop)
        assert str(kept) not in said
        assert list(desktop.take_out())
        assert json.loads(file.read_text(encoding="utf-8")) == {"mcpServers": {}}
        assert kept.read_text(encoding="utf-8") == text
        file.unlink()


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_a_new_file_is_its_owners_and_an_old_one_keeps_its_rights_behind_links(desktop, tmp_path):
    enter(desktop)
    file = desktop.place.file
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = tmp_path / "dotfiles.json"
    kept.write_text("{}", encoding="utf-8")
    kept.chmod(0o640)
    file.unlink()
    file.symlink_to(kept)
    enter(desktop)
    assert file.is_symlink()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    assert stat.S_IMODE(kept.with_name(kept.name + BACKUP).stat().st_mode) == 0o640
    assert NAME in kept.read_text(encoding="utf-8")


def test_a_file_that_may_only_be_read_is_not_replaced(desktop):
    file = desktop.place.file
    file.write_text("{}", encoding="utf-8")
    file.chmod(0o444)
    with pytest.raises(ConfigError, match="may only be read"):
        enter(desktop)
    assert list(file.parent.iterdir()) == [file]
    assert file.read_text(encoding="utf-8") == "{}"
    file.chmod(0o600)


def test_a_folder_that_cannot_be_made_is_told_in_our_words(desktop):
    desktop.place.file.parent.rmdir()
    desktop.place.file.parent.write_text("no folder", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be"):
        enter(desktop)


def test_a_scope_that_a_client_does_not_have_is_refused(desktop):
    with pytest.raises(InputError, match="Cursor has only user, project"):
        Target("cursor", "local", desktop.machine)


def test_of_this_folder_alone_is_the_project_of_the_repository(desktop):
    target = Target("claude-code", "local", desktop.machine)
    enter(target)
    found = json.loads(target.place.file.read_text(encoding="utf-8"))
    [(folder, project)] = found["projects"].items()
    assert folder == desktop.machine.project.as_posix()
    assert NAME in project["mcpServers"]


# --- Hooks ---------------------------------------------------------------------------------------


@pytest.fixture(params=["user", "project", "local"])
def claude_code(request, machine):
    return Target("claude-code", request.param, machine)


def test_the_hook_hears_both_events_beside_what_others_hear(claude_code):
    file = claude_code.place.hooks
    file.parent.mkdir(parents=True, exist_ok=True)
    hook = {"command": "ação 😀 \ud83d"}  # of a half pair, that is escaped
    mine = {"hooks": {"PostToolUse": [{"matcher": "Edit", "hooks": [hook]}]}}
    text = json.dumps(mine, indent=4)
    file.write_text(text, encoding="utf-8")
    for _ in range(2):
        enter(claude_code, hook=True)
        hooks = json.loads(file.read_text(encoding="utf-8"))["hooks"]
        assert hooks["PostToolUse"][0] == mine["hooks"]["PostToolUse"][0]
        for event, groups in hooks.items():
            assert len(groups) == (2 if event == "PostToolUse" else 1)
            assert groups[-1]["matcher"] == "Bash"
            [hook] = groups[-1]["hooks"]
            assert hook["command"].endswith(" hook")
            assert hook["timeout"] == 10
        assert set(hooks) == {"PostToolUse", "PostToolUseFailure"}
    assert list(claude_code.take_out())
    assert file.read_text(encoding="utf-8") == text


def test_a_hook_that_shares_its_group_leaves_alone(claude_code):
    file = claude_code.place.hooks
    enter(claude_code, hook=True)
    found = json.loads(file.read_text(encoding="utf-8"))
    found["hooks"]["PostToolUse"][0]["hooks"].append({"type": "command", "command": "mine"})
    file.write_text(json.dumps(found), encoding="utf-8")
    assert list(claude_code.take_out())
    [group] = json.loads(file.read_text(encoding="utf-8"))["hooks"]["PostToolUse"]
    assert group["hooks"] == [{"type": "command", "command": "mine"}]


def test_a_hook_names_the_store_but_never_its_password(claude_code):
    enter(claude_code, hook=True, store="sqlite:////srv/our team.db")
    assert "--store" in claude_code.place.hooks.read_text(encoding="utf-8")
    with pytest.raises(InputError, match="--hook: the store's URL has a password"):
        enter(claude_code, hook=True, store="mongodb://a:S3cretPw@h/g", with_secrets=True)


def test_only_claude_code_has_the_hook(desktop):
    with pytest.raises(InputError, match="--hook"):
        enter(desktop, hook=True)
