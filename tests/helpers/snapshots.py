"""Whole answers as files, which are read like documents."""

import os

from tests.helpers.paths import SNAPSHOTS


def check_snapshot(name, text):
    """Compare with the stored answer; UPDATE_SNAPSHOTS=1 writes it anew."""
    file = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS") == "1":
        file.write_text(text + "\n", encoding="utf-8")
    assert text + "\n" == file.read_text(encoding="utf-8")
