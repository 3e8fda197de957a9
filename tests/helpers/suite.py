"""How the suite runs: its marks, its workers, and what a background shell takes from children."""

import os
import shutil
import signal
from contextlib import suppress
from importlib.util import find_spec

import pytest

from tests.helpers.mongod import mongod_path
from tests.helpers.paths import TESTS
from tests.helpers.waiting import times

ENGINES = ("clickhouse", "chdb", "mongodb", "mongodb-replica-set", "v1_0", "v1_2")
"""Parameters of tests and fixtures that stand for an engine beside SQLite, or for the documents'
writers, which write into one."""

SAME_ENGINE = "chdb"
"""ClickHouse's engine in this process, which is tried over HTTP as well: the tests of the stores
use both ways in, all others this one at length only."""

ENGINE_FIXTURES = {"has_mongod", "has_chdb"}
"""What every fixture of an engine asks for in the end."""


SLOW = (
    "cli/",  # a process or several for each test
    "diagnostics/test_growth.py",
    "hook/test_hooked.py",
    "ingest/test_session.py",
    "http_server/",
    "mcp_server/test_inspector.py",
    "mcp_server/test_stdio.py",
    "mcp_server/test_unanswered.py",
    "pages/test_blocks.py",
    "pages/test_newcomers.py",
    "pages/test_site.py",
    "recording/test_api.py",
    "recording/test_command.py",
    "recording/test_git_state.py",
    "recording/test_kept_runs.py",
    "recording/test_lost_recorder.py",
    "recording/test_pytest_plugin.py",
    "recording/test_withheld.py",
    "runs/test_redaction.py",
    "stores/clickhouse/",
    "stores/mongodb/",
    "stores/sqlite/test_kill.py",
    "stores/test_tls.py",
    "test_loop.py",
    "test_mending.py",
    "text/test_growth.py",  # hundreds of measures
    "text/test_hostile_text.py",
    "transfer/",
)
"""What `.ci/run fast` leaves out, beside what has the mark of its own: it takes seconds a test."""

AT_LENGTH = ("pages/test_newcomers.py",)
"""What only the run at length has: each installs the package anew, some with Node's packages."""


def pytest_configure():
    """Give children the default signals, and let them keep what they compiled.

    A background shell has its commands ignore SIGINT and SIGQUIT, and nohup SIGHUP; children
    inherit that, and then the signals of the tests do nothing. A handler is not inherited.
    Where no bytecode may be written, each of the thousands of children compiles our modules anew,
    which doubles what a command costs.
    """
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name in ("SIGINT", "SIGQUIT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def pytest_xdist_auto_num_workers(config):
    """Two workers a core for the whole suite, whose tests wait for servers and processes; one a
    core for a part of it by marks; none for files that are named, which start at once.
    """
    if config.args_source is config.ArgsSource.ARGS:
        return 0
    return _cores() * (1 if config.option.markexpr else 2)


def _cores():
    with suppress(AttributeError):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark what needs an engine by what it asks for, so that nobody has to think of it."""
    again = []
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
        if ENGINE_FIXTURES & set(item.fixturenames) or any(one in ENGINES for one in parameters):
            item.add_marker(pytest.mark.engines)
        place = item.path.as_posix().removeprefix(f"{TESTS.as_posix()}/")
        if "has_node" in item.fixturenames or place.startswith(SLOW):
            item.add_marker(pytest.mark.slow)
        if "properties" in item.path.parts:
            item.add_marker(pytest.mark.long)
        is_again = SAME_ENGINE in parameters and not place.startswith("stores/")
        if is_again or place in AT_LENGTH:
            item.add_marker(pytest.mark.long)
            again.append(item)
    if not times(0, at_length=1):
        config.hook.pytest_deselected(items=again)
        left_out = set(again)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def has_chdb(request):
    """The engine of ClickHouse, from a wheel."""
    _engines_wanted(request)
    need(find_spec("chdb") is not None, "the package chdb")


@pytest.fixture(scope="session")
def has_mongod(request):
    """A mongod, from a wheel or on the PATH."""
    _engines_wanted(request)
    need(mongod_path() is not None, "a mongod")


@pytest.fixture(scope="session")
def has_node():
    """Node with its npm, which gets packages from the network."""
    need(shutil.which("npm") is not None, "Node's npm")


@pytest.fixture(scope="session")
def has_openssl():
    """The command that makes certificates."""
    need(shutil.which("openssl") is not None, "openssl")


@pytest.fixture(scope="session")
def has_curl():
    """The command that the pages send lines of a log with."""
    need(shutil.which("curl") is not None, "curl")


def _engines_wanted(request):
    if "not engines" in request.config.option.markexpr:
        pytest.fail("this test asks for an engine and has not the mark `engines`")


def need(is_there, what):
    """What is not there skips its tests on a laptop, and fails them where all must run."""
    if not is_there and os.environ.get("CI"):
        pytest.fail(f"this test needs {what}, which is not here", pytrace=False)
    if not is_there:
        pytest.skip(f"needs {what}")


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable():
    """Make a worker's report fit for its pipe, which takes no half of a surrogate pair."""
    return _encodable((yield))


def _encodable(value):
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(name): _encodable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_encodable, value))
    return value
