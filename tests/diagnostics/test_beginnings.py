"""Prefixes that nobody has described, and beginnings that are none."""

import pytest

from genesis_mcp.diagnostics.beginnings import without_same_beginning
from genesis_mcp.diagnostics.finding import find_error

TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "/w/frete.py", line 12, in frete',
    "    return taxas[uf]",
    "           ~~~~~^^^^",
    "KeyError: 'AM'",
]
SHORT = ["tar: nada.tar.gz: Cannot open: No such file or directory", "tar: giving up", "tar: bye"]


@pytest.mark.parametrize(
    "before",
    [
        "worker@1 [stderr] {}",
        "<build-{n}> {}",
        "(estágio de testes) {}",
        "api>> {}",
        "T{n} » {}",
        "1{n}:05 PM [loja] {}",
        "+{n}.25s [deploy] {}",
        "blue | out | {}",
        "job\t{}",
        "[12:00:0{n}][ci/{n}] stderr:  {}",
    ],
)
@pytest.mark.parametrize("lines", [TRACEBACK, SHORT], ids=["traceback", "short"])
def test_what_all_lines_begin_with_is_no_part_of_the_error(lines, before):
    behind = "\n".join(before.format(line, n=n) for n, line in enumerate(lines))
    alone, found = (find_error(stdout=text, stderr="") for text in ("\n".join(lines), behind))
    assert found == alone


@pytest.mark.parametrize(
    "lines",
    [
        ["error: no a", "error: no b", "error: no c"],
        ["[ERROR] no a", "[ERROR] no b", "[ERROR] no c"],
        ["cannot read file: a", "cannot read file: b", "cannot read file: c"],
        ["ValueError: a", "ValueError: b", "ValueError: c"],
        ["a: 1", "b: 2", "c: 3"],
        ["api> a", "api> b"],
        ["api> a", "b", "api> c"],
    ],
)
def test_words_that_tell_of_their_line_or_stand_before_some_are_no_prefix(lines):
    assert without_same_beginning(lines) is None


def test_a_file_is_named_without_what_stands_before_its_line():
    lines = [
        "lib/p.rb:4:in `frete': sem frete para AM (FreteIndisponivel)",
        "\tfrom lib/p.rb:9",
        "",
    ]
    for before in ("[api] ", "worker@1 [stderr] ", "web:test: "):
        error = find_error(stdout="\n".join(before + line for line in lines), stderr="")
        assert error is not None
        assert (error.location, error.type) == ("lib/p.rb:4", "FreteIndisponivel")


def test_a_place_is_no_part_of_what_stands_before_each_line():
    lines = [
        "cc: /w/a.awk:1: { print $1, ' }",
        "cc: /w/a.awk:1:   ^ no quote",
        "cc: /w/a.awk:1: bye",
    ]
    error = find_error(stdout="\n".join(lines), stderr="")
    assert error is not None
    assert error.location == "/w/a.awk:1"


def test_a_stamp_with_two_blanks_keeps_the_indentation_of_what_it_stands_before():
    stack = [
        "Exception in thread x a.B: c",
        "\tat a.M.b(M.java:5)",
        "Caused by: d.E: f",
        "\tat d.D.g(D.java:2)",
    ]
    stamped = "\n".join(f"2026-11-27 14:02:0{n}  {line}" for n, line in enumerate(stack))
    alone, found = (find_error(stdout=text, stderr="") for text in ("\n".join(stack), stamped))
    assert found == alone
