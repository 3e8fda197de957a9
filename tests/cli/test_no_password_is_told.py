"""Whatever address is written badly, however it is given: no command tells the password in it."""

import io
import os
import random
import sys

import pytest

from genesis_mcp.__main__ import main
from tests.helpers.command_line import cli

SECRET = "S3cretPw"
FORMS = 220

SCHEMES = ["mongodb", "mongodb+srv", "clickhouse", "clickhouses", "sqlite", "clickhouse+chdb"]
SCHEMES += ["http", "https", "MONGODB", "mongodb ", "", "postgres"]
USERS = ["us:{}@", "us:{}@@", "us:a@{}@", ":{}@", "us:{}/x@", "us:{}?@", "us:{}#@", "us%3A{}@"]
USERS += ["us:%{}@", "us:{}\n@", "us:{} @", "us:{}[@", "{}:x@", "us:{}", "{}@"]
HOSTS = ["127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:x", "127.0.0.1:99999", "[::1", "[::1]:1"]
HOSTS += ["127.0.0.1:1,127.0.0.1:2", "", "/", "a b"]
ENDS = ["", "/g", "/g?x=y", "/g?verify={}", "/g?authMechanism={}", "?tls={}", "/{}/g", "/g#{}"]
ENDS += ["/g?database={}", "/g?a&timeout={}", "/g?tlsCAFile=/{}", "/g?readPreference={}"]


def forms():
    chosen = random.Random(7)  # the same each time
    for number in range(FORMS):
        scheme = SCHEMES[number % len(SCHEMES)]
        mark = chosen.choice(["://", "://", "://", ":/", ":", "//"])
        parts = (chosen.choice(one) for one in (USERS, HOSTS, ENDS))
        yield "".join([scheme, mark, *parts]).format(*[SECRET] * 2)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Some of these addresses name a folder that an engine makes."""
    monkeypatch.chdir(tmp_path)


COMMANDS = [
    ["failures"], ["spec", "x"], ["show", "x#1"], ["search", "x"], ["compare", "x"], ["watch", "x"],
    ["describe"], ["record"], ["ingest", "--quiet"], ["flush"], ["export"], ["init"],
    ["prune", "--older-than", "9d"], ["forget", "--spec", "x", "--yes"],
]  # fmt: skip
IN_PROCESSES = [["run", "--spec", "x", "--", sys.executable, "-c", ""], ["serve"], ["doctor"]]
IN_PROCESSES += [["hook"]]


def said_by(monkeypatch, arguments, form):
    """What a command prints, in this process unless an engine may be opened in it, and kept."""
    if form.startswith("clickhouse+chdb"):
        done = cli(
            *arguments,
            store_url=os.environ["GENESIS_STORE"],
            input=b'{"spec_id":"x","exit_code":1}',
        )
        return done.returncode, (done.stdout + done.stderr).decode()
    streams = [io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2)]
    given = io.TextIOWrapper(io.BytesIO(b'{"spec_id":"x","exit_code":1}'))
    with monkeypatch.context() as here:
        for name, stream in zip(("stdout", "stderr", "stdin"), [*streams, given], strict=True):
            here.setattr(sys, name, stream)
        code = main(arguments)
    for stream in streams:
        stream.flush()
    return code, b"".join(stream.buffer.getvalue() for stream in streams).decode()


@pytest.mark.parametrize("is_flag", [False, True])
def test_no_command_tells_the_password_of_an_address_that_is_wrong(monkeypatch, is_flag):
    monkeypatch.setenv("GENESIS_TIMEOUT_SECONDS", "0.2")
    for number, form in enumerate(forms()):
        command, *arguments = COMMANDS[number % len(COMMANDS)]
        store = ["--store", form] if is_flag else []
        monkeypatch.setenv("GENESIS_STORE", "sqlite:///none/x.db" if is_flag else form)
        code, said = said_by(monkeypatch, [command, *store, *arguments], form)
        assert code in (2, 3, 4) or command == "flush", (form, command, said)
        assert said.strip()
        assert SECRET not in said, (form, command)
        assert "Traceback" not in said, (form, command)


@pytest.mark.parametrize("end", ["--from", "--to"])
def test_copy_does_not_either(monkeypatch, url, end):
    monkeypatch.setenv("GENESIS_TIMEOUT_SECONDS", "0.2")
    other = "--to" if end == "--from" else "--from"
    for form in list(forms())[::10]:
        code, said = said_by(monkeypatch, ["copy", end, form, other, url], form)
        assert code in (2, 3, 4), (form, said)
        assert SECRET not in said, form


@pytest.mark.parametrize("command", IN_PROCESSES, ids=lambda command: command[0])
@pytest.mark.parametrize("place", [0, 149])
def test_nor_do_those_that_live_longer(command, place):
    form = list(forms())[place]
    done = cli(*command, store_url=form, variables={"GENESIS_TIMEOUT_SECONDS": "0.5"}, input=b"{}")
    said = done.stdout + done.stderr
    assert SECRET.encode() not in said
    assert b"Traceback" not in said
