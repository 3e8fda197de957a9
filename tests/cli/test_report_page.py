"""`genesis-mcp report` writes a page, and never over what is not its own."""

import sys

import pytest

from genesis_mcp.report import PAGE_BYTES_MAX
from tests.helpers.command_line import cli
from tests.report.reading import words_of


@pytest.fixture
def filled(url):
    cli("record", store_url=url, input=b'{"spec_id": "soma", "exit_code": 1, "stderr": "x: y"}')
    return url


def test_a_report_is_a_file_here_and_may_be_written_anew(filled, tmp_path):
    for _ in range(2):
        done = cli("report", "--lang", "en", store_url=filled, cwd=tmp_path)
        assert done.stdout.split() == [b"genesis-report.html"], done.stderr
    page = (tmp_path / "genesis-report.html").read_bytes()
    assert len(page) < PAGE_BYTES_MAX
    assert "soma" in words_of(page.decode())
    assert [file.name for file in tmp_path.glob("*report*")] == ["genesis-report.html"]


@pytest.mark.parametrize("there", ["notes of mine", ""])
def test_another_file_of_this_name_is_left_alone(filled, tmp_path, there):
    file = tmp_path / "genesis-report.html"
    file.write_text(there, encoding="utf-8")
    done = cli("report", store_url=filled, cwd=tmp_path)
    assert done.returncode == 2
    assert b"--output FILE" in done.stderr
    assert file.read_text(encoding="utf-8") == there


@pytest.mark.parametrize("place", ["there/is/none.html", "."])
def test_a_place_that_cannot_be_written_is_said_in_a_sentence(filled, tmp_path, place):
    done = cli("report", "--output", place, store_url=filled, cwd=tmp_path)
    assert done.returncode == 2
    assert b"cannot be written there" in done.stderr
    assert done.stderr.count(b"\n") == 1


def test_a_report_goes_to_standard_output_where_that_is_asked_for(filled, tmp_path):
    language = {"LC_ALL": "pt_BR.UTF-8"}
    done = cli("report", "--output", "-", store_url=filled, cwd=tmp_path, variables=language)
    assert "O que falhou" in words_of(done.stdout.decode())
    assert not [*tmp_path.glob("*.html")]
    refused = cli("report", "--output", "-", "--open", store_url=filled, cwd=tmp_path)
    assert refused.returncode == 2


@pytest.mark.skipif(sys.platform == "win32", reason="BROWSER names a browser elsewhere")
def test_open_shows_the_file_in_the_browser(filled, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > "{tmp_path}/shown"\n', encoding="utf-8")
    browser.chmod(0o700)
    done = cli(
        "report", "--open", store_url=filled, cwd=tmp_path, variables={"BROWSER": f"{browser} %s"}
    )
    assert done.returncode == 0, done.stderr
    shown = (tmp_path / "shown").read_text(encoding="utf-8").strip()
    assert shown == (tmp_path / "genesis-report.html").resolve().as_uri()


@pytest.mark.parametrize(
    ("flags", "said"),
    [(["--lang", "fr"], b"en, pt-BR"), (["--since", "ontem"], b"since: must be a time")],
)
def test_what_is_not_understood_is_said_before_anything_is_written(filled, tmp_path, flags, said):
    done = cli("report", *flags, store_url=filled, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert not [*tmp_path.glob("*.html")]
