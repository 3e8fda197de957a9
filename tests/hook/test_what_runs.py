"""What of a command line is a run, what it is called, and whether the exit code is its own."""

import subprocess

import pytest

from genesis_mcp.hook.shell_line import UnreadableLine, read_line
from genesis_mcp.hook.what_runs import look
from genesis_mcp.hook.work_tree import work_tree
from tests.hook.command_lines import ODD, OF_AGENTS, OF_CI

ABSENT = ("nao_existe", "/pip")


def looked(line, folder="/w/loja", extra=()):
    return look(
        line,
        folder,
        exists=lambda path: not any(one in path for one in ABSENT),
        work_tree=lambda _: ("/w/loja", "loja"),
        extra=extra,
    )


@pytest.mark.parametrize(("line", "spec", "passes"), [*OF_AGENTS, *OF_CI, *ODD])
def test_a_line_is_a_run_of_its_spec_or_none(line, spec, passes):
    run = looked(line).run
    assert (run.spec_id if run else None) == spec
    assert bool(run and run.passes_by_code) == passes


@pytest.mark.parametrize(
    ("line", "counts", "by_summary"),
    [
        ("pytest -q", True, True),
        ("pytest -q && git push", False, True),
        ("git pull && pytest -q", True, True),
        ("pytest -q | tail -20", False, True),
        ("pytest -q | tail -1", False, False),
        ("pytest -q | tail", False, True),
        ("pytest -q | tail -n +5", False, False),
        ("pytest -q | grep passed", False, False),
        ("pytest -q | head -5", False, False),
        ("pytest -q | tee a.log | tail -5", False, True),
        ("pytest a; pytest b | tail -9", False, False),
        ("cat antes.log; pytest | tail -9", False, False),
        ("pytest > a.log; cat b.log", False, False),
        ("pytest || true", False, True),
        ("make test || true", False, False),
        ("go test ./... | tail -5", False, False),
        ("npm test; echo fim", False, False),
    ],
)
def test_a_failing_code_and_a_summary_count_where_they_can_only_be_its_own(
    line, counts, by_summary
):
    run = looked(line).run
    assert (run.code_counts, run.passes_by_summary) == (counts, by_summary)


def test_loops_conditions_and_functions_are_counted_and_not_recorded():
    assert looked("for a in *.py; do pytest $a; done; if x; then npm test; fi").compounds == 2
    assert looked("for a in *.py; do echo $a; done; pytest").compounds == 0


def test_a_folder_below_the_root_is_told_and_one_session_may_begin_there():
    assert looked("npm run build", "/w/loja/web").run.spec_id == "loja:npm run build web"
    assert looked("pytest a.py", "/w/loja/api").run.spec_id == "loja:pytest api/a.py"


def test_paths_of_windows_are_paths():
    windows = {"exists": lambda _: True, "work_tree": lambda _: ("C:/w/loja", "loja")}
    for line in ("pytest C:/w/loja/tests/a.py", "cd C:/w/loja/api && pytest.exe ../tests/a.py"):
        assert look(line, "C:/w/loja", **windows).run.spec_id == "loja:pytest tests/a.py"


def test_the_recorded_command_is_what_the_line_starts():
    run = looked("cd api && FOO=1 time uv run pytest -q 'a b.py' 2>&1 | tail").run
    assert run.command == ["FOO=1", "time", "uv", "run", "pytest", "-q", "a b.py"]
    assert run.folder == "/w/loja/api"
    assert looked("time pytest").run.command == ["pytest"]


def test_programs_are_added_by_name_with_a_word_or_by_path():
    extra = ("confere", "acme test", "bin/ci")
    for line, spec in (
        ("confere tudo", "loja:confere tudo"),
        ("acme test -v x", "loja:acme test x"),
        ("./bin/ci", "loja:bin/ci"),
    ):
        assert looked(line).run is None
        assert looked(line, extra=extra).run.spec_id == spec
    assert looked("acme deploy", extra=extra).run is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('a \'b c\' "d \\" e" f\\ g', [["a", "b c", 'd " e', "f g"]]),
        ("a >x 2>&1 <y &>z b", [["a", "b"]]),
        ("a 2> x | b", [["a"], ["b"]]),
        ("a 2 > x", [["a", "2"]]),
        ("cat <<-'E' | b\n\tx; y\n\tE\nc", [["cat"], ["b"], ["c"]]),
        ("a <<E1 <<E2\nx\nE1\ny\nE2\nb", [["a"], ["b"]]),
        ("a # b\nc#d", [["a"], ["c#d"]]),
        ('a "$(b "c;d")" `e;f`', [["a", '$(b "c;d")', "`e;f`"]]),
        ("x=(1 2) a", [["x=(1 2)", "a"]]),
        ("a $'b\\'c' d", [["a", "b'c", "d"]]),
        ("", []),
        ("a <<E\nnever closed", [["a"]]),
    ],
)
def test_a_line_is_read_as_a_shell_reads_it(line, words):
    assert [part.words for part in read_line(line)] == words


@pytest.mark.parametrize(
    "line", ["a 'b", 'a "b', "a $(b", "a `b", "(a", "for x in y; do z", "f() {"]
)
def test_what_is_not_closed_is_not_guessed(line):
    with pytest.raises(UnreadableLine):
        read_line(line)
    assert looked(f"pytest; {line}").run is None


def test_worktrees_are_one_project_and_git_is_not_needed(tmp_path):
    main, aside = tmp_path / "loja", tmp_path / "loja-aside"
    (main / "api").mkdir(parents=True)
    assert work_tree(main.as_posix()) == (main.as_posix(), "loja")
    assert work_tree((main / "api").as_posix(), main.as_posix()) == (main.as_posix(), "loja")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", str(main)]
    for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "a"]):
        subprocess.run([*git, *words], check=True, timeout=60)
    assert work_tree((main / "api").as_posix()) == (main.as_posix(), "loja")
    subprocess.run([*git, "worktree", "add", "-q", str(aside)], check=True, timeout=60)
    assert work_tree(aside.as_posix()) == (aside.as_posix(), "loja")
