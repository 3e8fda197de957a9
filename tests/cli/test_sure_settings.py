"""Settings that are sure before they are read by the models: the models must find the same."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from genesis_mcp.cli.sure_settings import SURE, sure_settings
from genesis_mcp.config import Settings, load_settings
from genesis_mcp.stores.sqlite import SQLiteStore
from genesis_mcp.stores.sqlite.store import path_from_url

STORES = [
    "sqlite:///~/logs.db",
    "sqlite:////srv/a b/ção.db",
    "sqlite:///srv/logs.db",
    "sqlite:///C:/data/logs.db",
    "SQLITE:////srv/logs.db",
    "sqlite:///:memory:",
    "sqlite:////srv/a?x=1",
    "sqlite://srv",
    "sqlite:///~nobody-here/x",
    "clickhouse://reader:se%2Fcret@host:8123/genesis",
    "clickhouse://host/1x",
    "clickhouse://host:99999/genesis",
    "CLICKHOUSE://h/genesis",
    "mongodb://127.0.0.1:27017/genesis",
    "mongodb://a:b@host/genesis?replicaSet=x",
    "mongodb+srv://host/genesis",
    "clickhouse://host:8123/genesis?secure=true",
    "clickhouse://host/genesis?secure=true&secure=true",
    "clickhouses://host/genesis",
    "mongodb://a:b@h1:27017,h2/genesis?replicaSet=rs0&authSource=admin",
    "mongodb+srv://a:b@h.example/genesis?tls=true&tls=false",
    "mongodb://h/genesis?own=1",
    "https://logs.example",
    "https://logs.example:8765/prefix",
    "https://a:b@logs.example",
    "http://logs.example",
    "oracle://x/y",
]
VALUES = {
    "read_only": ["0", "1", "TRUE", "no", "2", "ja"],
    "max_chars": ["2000", "8000", "40000", "40001", "1999", "9e3", "9_000", "٣٠٠٠"],
    "redact": ["off", "read", "write", "READ", "none"],
    "redact_also": ["cpf", "cpf,cnpj", "CPF, cnpj", "ssn", ","],
    "timeout_seconds": ["1", "0.5", "10", "12.5", "99.999", "120", "121", "nan", "1e1"],
    "hook": ["on", "off", "maybe"],
    "hook_programs": ["ci.sh, bin/check", "é", "\x01"],
    "front": ["on", "Off", "0", "perhaps"],
    "store": STORES,
}
variables = some.fixed_dictionaries(
    {},
    optional={
        **{
            f"GENESIS_{name.upper()}": some.sampled_from(["", " ", *values, f" {values[0]} "])
            for name, values in VALUES.items()
        },
        "GENESIS_TOKEN": some.just("x"),
        "genesis_redact": some.just("write"),
        "GENESIS_STOER": some.just("x"),
        "CLICKHOUSE_HOST": some.sampled_from(["", "ch", "a b"]),
        "CLICKHOUSE_PORT": some.sampled_from(["", "8123", "0", "99999", "x"]),
        "CLICKHOUSE_SECURE": some.sampled_from(["", "false", "TRUE", "no", "perhaps"]),
        "CLICKHOUSE_DATABASE": some.sampled_from(["", "genesis", "1x"]),
        "CLICKHOUSE_PASSWORD": some.just("a/b@c"),
        "MONGO_URI": some.sampled_from(
            ["", "mongodb://h", "mongodb://a:b@h:27017/x?tls=true", "x"]
        ),
    },
)
flags = some.fixed_dictionaries(
    {}, optional={"store": some.sampled_from(STORES), "read_only": some.just(True)}
)


def test_each_setting_may_be_sure():
    assert SURE.keys() == Settings.model_fields.keys()
    assert VALUES.keys() == SURE.keys()
    for name, values in VALUES.items():
        assert sure_settings({}, {f"GENESIS_{name.upper()}": values[0]}), name


@settings(deadline=None, max_examples=400)
@given(flags, variables)
def test_settings_that_are_sure_are_taken_and_mean_the_same(values, environment):
    sure = sure_settings(values, environment)
    if sure is None:
        return
    loaded = load_settings(values, environment)
    assert (loaded.front, loaded.read_only) == (sure.front, sure.read_only)
    store = loaded.open_store()
    if isinstance(store, SQLiteStore):
        assert sure.file is not None
        assert path_from_url(loaded.store) == Path(sure.file)
    else:
        assert sure.file is None
    store.close()


@pytest.mark.skipif(sys.platform == "win32" or not os.getuid(), reason="who may write everything")
def test_a_file_that_may_not_be_written_leaves_the_list_to_the_store(tmp_path):
    file = tmp_path / "logs.db"
    named = {"GENESIS_STORE": f"sqlite:///{file}"}
    assert sure_settings({}, named).tools() == "all"
    file.touch(mode=0o400)
    assert sure_settings({}, named).tools() is None
    assert sure_settings({"read_only": True}, named).tools() == "reading"
