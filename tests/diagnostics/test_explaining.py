"""What `explain` says of a text, and the command that prints it."""

from genesis_mcp.__main__ import main
from genesis_mcp.diagnostics.explaining import explain

PRINTED = "src/a.ts(3,5): error TS2322: Type 'x'.\nValueError: no such plan\n"


def test_it_tells_the_row_what_it_took_and_what_others_would_have_taken():
    lines = explain(PRINTED)
    assert lines[:5] == [
        "read by:  compiler",
        "type:     TS2322",
        "message:  Type 'x'.",
        "place:    src/a.ts:3",
        "line:     1",
    ]
    assert "  named error: ValueError: no such plan" in lines


def test_of_nothing_it_says_so():
    assert explain(" \n") == ["nothing is printed, so there is nothing to read"]


def test_the_command_reads_a_file(tmp_path, capsys):
    file = tmp_path / "out.txt"
    file.write_text(PRINTED, encoding="utf-8")
    assert main(["explain", str(file)]) == 0
    assert "read by: compiler" in capsys.readouterr().out


def test_the_command_says_that_a_file_cannot_be_read(tmp_path, capsys):
    assert main(["explain", str(tmp_path / "nada.txt")]) != 0
    assert "cannot be read" in capsys.readouterr().err
