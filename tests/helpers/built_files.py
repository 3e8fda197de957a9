"""The wheel and the source archive as a release has them, built once in a run of the tests."""

from typing import NamedTuple

import pytest

from tests.helpers.made_once import made_once
from tests.helpers.paths import ROOT


class Built(NamedTuple):
    wheel: object
    source: object


@pytest.fixture(scope="session")
def built(uv, tmp_path_factory):
    """Both files."""
    folder = made_once(tmp_path_factory, "built", lambda made: uv("build", "-o", made, ROOT))
    [wheel], [source] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Built(wheel, source)
