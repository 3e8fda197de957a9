"""What SQLite's tests share."""

import pytest

from tests.helpers.sqlite_file import checked_file


@pytest.fixture
def check_file():
    """Checks a SQLite store's file without our code: it is sound, and the roll-ups are right."""
    return checked_file
