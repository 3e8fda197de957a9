"""The identity of code that git tells, and what it means in answers; real repositories."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genesis_mcp.recording import git_state
from genesis_mcp.recording.api import run_command
from genesis_mcp.recording.code_block import recording
from genesis_mcp.recording.git_state import begin
from genesis_mcp.runs.code_identity import changed_in_words, in_words, same_in_words
from genesis_mcp.runs.query import RunQuery
from tests.helpers.command_line import cli

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder, *arguments):
    settings = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    allowed = ("-c", "protocol.file.allow=always")
    done = subprocess.run(
        ["git", *settings, *allowed, *arguments], cwd=folder, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


@pytest.fixture
def repository(tmp_path, monkeypatch):
    folder = tmp_path / "projeto"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / "soma.py").write_text("def soma(a, b):\n    return a - b\n", encoding="utf-8")
    (folder / ".gitignore").write_text("saída/\n", encoding="utf-8")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "soma")
    monkeypatch.chdir(folder)
    return folder


def test_a_clean_folder_is_its_commit(repository):
    assert begin()() == f"git:{git(repository, 'rev-parse', 'HEAD')[:12]}"


def test_the_same_files_are_the_same_code_staged_or_not(repository):
    clean = begin()()
    (repository / "soma.py").write_text("def soma(a, b):\n    return a + b\n", encoding="utf-8")
    changed = begin()()
    git(repository, "add", ".")
    staged = begin()()
    git(repository, "reset", "-q", "--hard")

    assert changed.startswith(f"{clean}+")
    assert staged == changed
    assert begin()() == clean


@pytest.mark.parametrize("change", ["edit", "new", "delete", "link", "mode", "nested"])
def test_every_change_of_a_file_is_another_code(repository, change):
    clean = begin()()
    path = repository / "soma.py"
    match change:
        case "edit":
            path.write_text("soma = max\n", encoding="utf-8")
        case "new":
            (repository / "novo ç.py").write_text("1\n", encoding="utf-8")
        case "delete":
            path.unlink()
        case "link":
            path.unlink()
            path.symlink_to(".gitignore")
        case "mode":
            path.chmod(0o755)
        case "nested":
            (repository / "pasta").mkdir()
            (repository / "pasta" / "a.py").write_text("1\n", encoding="utf-8")
    if change in ("link", "mode") and sys.platform == "win32":
        pytest.skip("no links and modes")
    changed = begin()()
    assert changed.startswith(f"{clean}+")
    assert begin()() == changed


def test_what_runs_leave_behind_changes_nothing(repository):
    clean = begin()()
    for name in ("__pycache__/soma.cpython-312.pyc", ".pytest_cache/v/x", "logs.db-wal", "saída/x"):
        path = repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    (repository / "logs.db").write_bytes(b"SQLite format 3\0" + os.urandom(100))
    assert begin()() == clean


def test_a_folder_within_a_worktree_and_a_submodule_are_known(repository, tmp_path, monkeypatch):
    inner = repository / "pacote"
    inner.mkdir()
    monkeypatch.chdir(inner)
    clean = begin()()
    assert clean is not None

    git(repository, "worktree", "add", "-q", str(tmp_path / "outra"))
    monkeypatch.chdir(tmp_path / "outra")
    assert begin()() == clean

    git(repository, "submodule", "--quiet", "add", str(tmp_path / "outra"), "parte")
    git(repository, "commit", "-qm", "parte")
    monkeypatch.chdir(repository)
    with_part = begin()()
    (repository / "parte" / "soma.py").write_text("1\n", encoding="utf-8")
    changed = begin()()
    (repository / "parte" / "soma.py").write_text("2\n", encoding="utf-8")
    assert len({clean, with_part, changed, begin()()}) == 4
    monkeypatch.chdir(repository / "parte")
    assert begin()().startswith(f"{clean}+")


def test_a_repository_without_a_commit_is_known_by_its_files(tmp_path, monkeypatch):
    git(tmp_path, "init", "-q")
    (tmp_path / "a.py").write_text("1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert in_words(begin()()) == "repository without a commit with local changes"


def test_a_command_is_known_only_by_files_that_are_part_of_it(repository, tmp_path):
    (repository / "saída").mkdir()
    (repository / "saída" / "gerado.py").write_text("1\n", encoding="utf-8")
    (tmp_path / "fora.py").write_text("1\n", encoding="utf-8")

    assert begin(["python", "soma.py"])() == begin()()
    assert begin(["python", "saída/gerado.py"])() is None
    assert begin(["python", str(tmp_path / "fora.py")])() is None


@pytest.mark.parametrize("fault", ["missing", "hangs", "fails", "no repository", "broken"])
def test_without_git_the_code_is_not_known(repository, tmp_path, monkeypatch, fault):
    fake = tmp_path / "bin"
    fake.mkdir()
    script = {"hangs": "sleep 600", "fails": "exit 128", "broken": "head -c 9000000 /dev/zero"}
    if fault in script:
        if sys.platform == "win32":
            pytest.skip("a shell script")
        (fake / "git").write_text(f"#!/bin/sh\n{script[fault]}\n", encoding="utf-8")
        (fake / "git").chmod(0o755)
        monkeypatch.setenv("PATH", str(fake), prepend=os.pathsep)
        monkeypatch.setattr(git_state, "GIT_SECONDS", 1.0)
    elif fault == "missing":
        monkeypatch.setenv("PATH", str(fake))
    else:
        monkeypatch.chdir(tmp_path)
    assert begin()() is None


def test_a_hooks_variables_do_not_lead_elsewhere(repository, tmp_path, monkeypatch):
    known = begin()()
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert begin()() == known


# --- who records it, and what it means ----------------------------------------------------------


def stored(open_at, url):
    return open_at(url).find(RunQuery(limit=50)).runs


def test_every_recorder_of_ours_records_it(repository, url, open_at, monkeypatch):
    known = begin()()
    monkeypatch.setenv("GENESIS_STORE", url)
    cli("run", "--spec", "comando", "--", sys.executable, "-c", "pass", store_url=url)
    run_command([sys.executable, "-c", "pass"], spec_id="api")
    with recording("bloco"):
        pass
    (repository / "saída").mkdir()
    test = repository / "test_soma.py"
    test.write_text("def test_soma():\n    pass\n", encoding="utf-8")
    with_test = begin()()
    plugin = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--genesis", "."]
    subprocess.run(plugin, cwd=repository, check=True, capture_output=True)

    codes = {run.spec_id: run.code_hash for run in stored(open_at, url)}
    assert codes == {
        "comando": known, "api": known, "bloco": known, "test_soma.py::test_soma": with_test,
    }  # fmt: skip


def test_code_that_is_given_is_known_by_its_text(repository, url, open_at):
    run = ("run", "--spec", "a", "--code", "soma.py", "--", sys.executable, "-c", "pass")
    cli(*run, store_url=url)
    assert not stored(open_at, url)[0].code_hash.startswith("git:")


FAILS = "import sys; sys.exit(f'ValueError: {1}')"
FLAKY = "import os, sys; sys.exit(os.path.exists('saída/falhou') and 'ValueError: 1')"


def test_answers_say_which_code_it_was(repository, url):
    commit = git(repository, "rev-parse", "--short=7", "HEAD")
    again = ("run", "--spec", "a", "--", sys.executable, "-c", FAILS)
    cli(*again, store_url=url)
    assert "nothing changed" in cli(*again, store_url=url).stderr.decode()
    (repository / "soma.py").write_text("1\n", encoding="utf-8")
    assert "same error" in cli(*again, store_url=url).stderr.decode()
    compared = cli("compare", "a", "a#2", "a#3", store_url=url).stdout.decode()
    assert f"code: same commit {commit}, local changes since" in compared
    shown = cli("show", "a#3", store_url=url).stdout.decode()
    assert f"commit {commit} with local changes" in shown


def test_code_that_both_passed_and_failed_is_flaky_by_git(repository, url):
    flaky = ("run", "--spec", "a", "--", sys.executable, "-c", FLAKY)
    cli(*flaky, store_url=url)
    (repository / "saída").mkdir()
    (repository / "saída" / "falhou").touch()
    said = cli(*flaky, store_url=url).stderr.decode()
    commit = git(repository, "rev-parse", "--short=7", "HEAD")
    assert f"flaky: the same code both passed and failed (same commit {commit})" in said
    compared = cli("compare", "a", store_url=url).stdout.decode()
    assert f"unchanged, same commit {commit}, and so it is flaky" in compared


def test_words_for_what_changed():
    a, b = "git:1a2b3c4d5e6f", "git:1a2b3c4d5e6f+0123456789ab"
    assert same_in_words(b) == "same commit 1a2b3c4 with the same local changes"
    assert changed_in_words(a, b) == "same commit 1a2b3c4, local changes since"
    assert changed_in_words(b, a) == "same commit 1a2b3c4, local changes gone"
    assert changed_in_words(b, "git:1a2b3c4d5e6f+ffffffffffff") == (
        "same commit 1a2b3c4, other local changes"
    )
    assert changed_in_words(a, "git:99") == "commit 1a2b3c4 → commit 99"


def test_unknown_code_is_never_the_same(tmp_path, url, monkeypatch):
    monkeypatch.chdir(tmp_path)
    again = ("run", "--spec", "a", "--", sys.executable, "-c", FAILS)
    for _ in range(3):
        said = cli(*again, store_url=url).stderr.decode()
    assert "same error" in said
    assert "nothing changed" not in said
    assert not Path(".git").exists()
