"""What is released under a number is told under that number."""

import re

from genesis_mcp import __version__
from tests.helpers.paths import ROOT


def test_the_newest_release_of_the_changelog_is_this_version_with_its_day():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased, newest, *_ = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert unreleased == "Unreleased"
    assert re.fullmatch(rf"{re.escape(__version__)} - \d{{4}}-\d{{2}}-\d{{2}}", newest)
