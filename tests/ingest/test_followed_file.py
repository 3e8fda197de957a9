"""A file that is read while others rename it."""

import os
from types import SimpleNamespace

import pytest

from genesis_mcp.ingest.followed_file import is_another, open_shared


def test_a_file_that_is_open_can_be_renamed_and_another_made_in_its_place(tmp_path):
    path = tmp_path / "worker.log"
    path.write_bytes(b"first")
    with open_shared(path) as file:
        mine = os.fstat(file.fileno())
        assert not is_another(path.stat(), mine)
        path.rename(tmp_path / "worker.log.1")
        path.write_bytes(b"second")
        assert is_another(path.stat(), mine)
        assert file.read() == b"first"


def test_a_file_that_is_not_there_is_an_error_of_the_system(tmp_path):
    with pytest.raises(FileNotFoundError):
        open_shared(tmp_path / "none")


def test_where_files_have_no_numbers_one_that_was_made_later_is_another():
    old, same, new = (SimpleNamespace(st_ino=0, st_dev=0, st_ctime=time) for time in (5, 5, 6))
    assert not is_another(same, old)
    assert is_another(new, old)
