"""A suite of six tests that is mended one by one: what is told after each attempt."""

import re
import sys

import pytest

from tests.helpers.command_line import cli
from tests.helpers.snapshots import check_snapshot
from tests.helpers.waiting import times

NAMES = ("saldo", "saque", "deposito", "juros", "extrato", "limite")
TEST = "def test_{name}():\n    assert soma({place}, 1) == {sum}\n\n\n"


@pytest.fixture(params=["sqlite", "clickhouse", "mongodb"][: times(1, at_length=3)])
def url(request, url):
    if request.param == "sqlite":
        return url
    if request.param == "mongodb":
        server = request.getfixturevalue("mongod")
        with server.client() as client:
            client.drop_database("mending")
        return server.url("mending")
    return f"clickhouse://127.0.0.1:{request.getfixturevalue('clickhouse_port')}/mending"


def write_suite(folder, mended):
    """The code under test, right for the first so many tests; and the tests."""
    code = f"def soma(a, b):\n    return a + b if a < {mended} else a - b\n"
    (folder / "conta.py").write_text(code, encoding="utf-8")
    tests = (TEST.format(name=name, place=place, sum=place + 1) for place, name in enumerate(NAMES))
    suite = "from conta import soma\n\n\n" + "".join(tests)
    (folder / "test_conta.py").write_text(suite, encoding="utf-8")


def steady(text, folder):
    """Without what differs from one time to the next."""
    text = text.replace(str(folder), "FOLDER").replace(sys.executable, "PYTHON")
    text = re.sub(r"(?:\d{4}-\d\d-\d\dT)?\d\d:\d\d:\d\dZ?", "TIME", text)
    text = re.sub(r"in \d+ s\b|\d+ (s|min|h) ago", "AGE", text)
    text = re.sub(r"[\d,]+ ms", "DURATION", text)
    text = re.sub(r"in \d+\.\d+s", "in TIME", text)
    return re.sub(r"(log-)[0-9a-f]+", r"\1MARK", text)


def attempt(url, folder, *more):
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", *more)
    done = cli(
        *("run", "--spec", "conta", "--code", "conta.py"),
        *("--", sys.executable, *command, "test_conta.py"),
        store_url=url,
        cwd=folder,
    )
    return done.stderr.decode().splitlines()[-1]


@pytest.mark.long
def test_each_attempt_of_a_suite_that_is_mended_is_told_as_progress(url, tmp_path, monkeypatch):
    for name in ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS"):  # with which pytest writes more
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # they take most of a session's time
    # Code that was mended within a second, and is as long, would be run as it was compiled before.
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    cli("init", store_url=url)
    told = []
    for mended in range(len(NAMES) + 1):
        write_suite(tmp_path, mended)
        line = attempt(url, tmp_path)
        page = cli("spec", "conta", store_url=url).stdout.decode()
        told.append(f"## {mended} of 6 mended\n\n{line}\n\n{page}")

    means = [re.search(r"; ([a-z ]+)[:;]", one).group(1) for one in told]
    assert means == ["first", *["progress"] * 5, "fixed"]
    check_snapshot("mending.md", steady("\n".join(told), tmp_path))
