"""The stores of the tests: a file of SQLite, a server of each other engine, and empty stores."""

from pathlib import Path

import pytest

from tests.helpers.foreign import V1_0, V1_2
from tests.helpers.mongod import Mongod, mongodb_store
from tests.helpers.waiting import WAIT

pytest_plugins = [
    "tests.helpers.property_profiles",  # before any module that has properties is read
    "tests.helpers.suite",
    "tests.helpers.clickhouse_fixtures",
    "tests.helpers.claude_code",
    "tests.helpers.python_packages",
    "tests.helpers.built_files",
]


@pytest.fixture
def url(tmp_path):
    """The address of a SQLite store that is not there yet."""
    return f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"


@pytest.fixture(autouse=True)
def home(tmp_path_factory, monkeypatch):
    """A home directory of the test's own: runs are kept there while a store does not work."""
    folder = tmp_path_factory.mktemp("home")
    caches = {"npm_config_cache": ".npm", "UV_CACHE_DIR": ".cache/uv"}  # packages are got once
    for name, place in caches.items():
        monkeypatch.setenv(name, str(Path.home() / place))
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(folder))
    return folder


@pytest.fixture(params=["sqlite", "clickhouse", "chdb", "mongodb", "mongodb-replica-set"])
def store(request, tmp_path):
    if request.param == "sqlite":
        from genesis_mcp.stores.sqlite import SQLiteStore

        opened = SQLiteStore(tmp_path / "logs.db")
    elif request.param.startswith("mongodb"):
        replica_set = request.param == "mongodb-replica-set"
        server = request.getfixturevalue("replica_set" if replica_set else "mongod")
        opened = mongodb_store(server, "contract")
    else:
        opened = request.getfixturevalue(f"empty_{request.param}_store")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def mongod(has_mongod, tmp_path_factory):
    """A MongoDB server without accounts."""
    with Mongod(tmp_path_factory.mktemp("mongod")) as server:
        yield server


@pytest.fixture(scope="session")
def replica_set(has_mongod, tmp_path_factory):
    """A MongoDB replica set of one member."""
    with Mongod(tmp_path_factory.mktemp("replica-set"), replica_set=True) as server:
        yield server


@pytest.fixture
def open_at():
    """Opens stores, as patient as a test; they are closed after it whatever becomes of it."""
    from genesis_mcp.stores import open_store

    opened = []

    def open_one(url, **options):
        opened.append(open_store(url, **({"timeout_seconds": WAIT} | options)))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def v1_0(mongod):
    """A store that v1.0's writers fill."""
    opened = V1_0(mongod)
    yield opened
    opened.close()


@pytest.fixture
def v1_2(clickhouse_port):
    """A store that v1.2's writers fill."""
    opened = V1_2(clickhouse_port)
    yield opened
    opened.close()
