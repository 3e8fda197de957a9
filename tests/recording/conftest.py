"""What tests of recorders share."""

import os

import pytest

from tests.helpers.fifo import Fifo


@pytest.fixture
def fifo(tmp_path):
    """A pipe with a name, to which the processes of a test write."""
    fifo = Fifo(tmp_path / "fifo")
    yield fifo
    os.close(fifo.descriptor)
