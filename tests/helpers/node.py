"""Node for the tests: real packages, installed as their users install them."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.helpers.made_once import made_once

INSTALL_SECONDS = 300
OPTIONS = ("--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline", "--loglevel=error")


def installed(source: Path, folder: Path) -> Path:
    """A copy of a folder with the packages that its package.json names."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.fail("there is no npm here", pytrace=False)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run([npm, "install", *OPTIONS], cwd=folder, check=True, timeout=INSTALL_SECONDS)
    return folder


def installed_once(tmp_path_factory, source):
    """As `installed`, once for all tests and workers of a run, which only read it."""
    return made_once(tmp_path_factory, source.name, lambda folder: installed(source, folder))


def path_with(*folders):
    """The PATH with these folders before it."""
    return os.pathsep.join([*map(str, folders), os.environ["PATH"]])
