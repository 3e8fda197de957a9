"""What the MCP registry is told: true of this version, and in the registry's own form."""

import json
import re
import subprocess

import pytest

from deploy.bundle.make import SETTINGS
from genesis_mcp import __version__
from genesis_mcp.config import TOKEN, Settings
from genesis_mcp.mcp_server.tools import DESCRIPTION
from tests.helpers.made_once import made_once
from tests.helpers.paths import ROOT
from tests.helpers.python_packages import BIN, environment_with
from tests.helpers.waiting import WAIT

FILE = ROOT / "deploy" / "server.json"
LINTER = "skillsaw==0.22.0"
"""It brings the schemas that the registry has released; there is no package of the registry's."""

KNOWN = {f"GENESIS_{name.upper()}" for name in Settings.model_fields} | {TOKEN}


def told():
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_it_is_about_this_version_and_the_readme_has_its_name():
    server = told()
    [package] = server["packages"]
    assert {server["version"], package["version"]} == {__version__}
    assert server["description"] == DESCRIPTION
    [name] = re.findall(r"mcp-name: (\S+)", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert server["name"] == name


def test_its_settings_are_those_of_the_bundle_and_there_are_such():
    [package] = told()["packages"]
    variables = {one["name"]: one.get("isSecret", False) for one in package["environmentVariables"]}
    assert variables.keys() <= KNOWN
    assert variables == {
        f"GENESIS_{name.upper()}": field.get("sensitive", False) for name, field in SETTINGS.items()
    }


@pytest.mark.slow
def test_it_has_the_form_that_the_registry_asks_for(uv, tmp_path_factory, tmp_path):
    linter = made_once(
        tmp_path_factory, "linter", lambda folder: environment_with(uv, folder, LINTER)
    )
    (tmp_path / "server.json").write_bytes(FILE.read_bytes())
    lint = [str(linter / BIN / "python"), "-m", "skillsaw", "lint", "--strict", "--no-plugins"]

    def linted():
        done = subprocess.run([*lint, str(tmp_path)], capture_output=True, text=True, timeout=WAIT)
        return done.returncode, done.stdout

    code, said = linted()
    assert (code, "Repo type: mcp-registry" in said) == (0, True), said
    wrong = told() | {"description": "x" * 101}
    (tmp_path / "server.json").write_text(json.dumps(wrong), encoding="utf-8")
    assert linted()[0] != 0  # it does look
