"""What of a line of a shell is a run, what it is called, and whether the line's exit code is its.

Pure: whether a file is there, and where its work tree begins, is asked of who calls.
"""

from __future__ import annotations

import posixpath

from genesis_mcp.hook.command_words import Started, Words, join, without_prefixes
from genesis_mcp.hook.programs import PATHS, READERS, TAIL_LINES_MIN, UNFILTERED, may_start
from genesis_mcp.hook.shell_line import Part, UnreadableLine, read_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TESTS = ("test", "spec", "jest", "tox", "nox", "mocha", "e2e", "phpunit", "cypress")
"""Of several runs in a line, that of tests is meant."""

ROOTS = ("$(git rev-parse --show-toplevel)", "`git rev-parse --show-toplevel`")


class FoundRun:
    """The run of a line."""

    __slots__ = (
        "code_counts",
        "command",
        "folder",
        "passes_by_code",
        "passes_by_summary",
        "spec_id",
    )

    def __init__(self, spec_id: str, command: list[str], folder: str) -> None:
        self.spec_id = spec_id
        self.command = command
        """The words that start it, as they stand in the line."""
        self.folder = folder
        self.passes_by_code = False
        """Whether exit code 0 of the line means that it passed."""
        self.code_counts = False
        """Whether any exit code of the line is its own."""
        self.passes_by_summary = False
        """Whether a summary in the output that tells of passed tests only is surely its own."""


class Looked:
    """What was found in a line."""

    __slots__ = ("compounds", "run", "why")

    def __init__(self, why: str, run: FoundRun | None = None, compounds: int = 0) -> None:
        self.why = why
        """Why there is no run, or why its exit code counts or does not, in words."""
        self.run = run
        self.compounds = compounds
        """Loops, conditions and functions with a program of the table in them: not recorded."""


def look(
    line: str,
    folder: str,
    *,
    exists: Callable[[str], bool],
    work_tree: Callable[[str], tuple[str, str]],
    is_folder: Callable[[str], bool] = lambda _: True,
    extra: Iterable[str] = (),
) -> Looked:
    """The run of a line that was typed in the folder, an absolute path with slashes.

    `exists` tells whether there is a file, `is_folder` whether there is a folder, and `work_tree`
    of a folder the root of its work tree, and the name of the main one.
    """
    extra = tuple(extra)
    if not may_start(line, extra):
        return Looked("it starts no program of the table")
    try:
        parts = read_line(line)
    except UnreadableLine:
        return Looked("the line cannot be read: a quote or a bracket is not closed")
    return _Line(parts, folder, Words(exists, extra), work_tree, is_folder).looked()


class _Line:
    def __init__(
        self,
        parts: list[Part],
        folder: str,
        words: Words,
        work_tree: Callable[[str], tuple[str, str]],
        is_folder: Callable[[str], bool],
    ) -> None:
        self._parts = parts
        self._folders = [folder]
        self._words = words
        self._work_tree = work_tree
        self._is_folder = is_folder
        self._errexit, self._pipefail = False, False
        self._found: list[tuple[int, Started, bool, bool]] = []

    def looked(self) -> Looked:
        compounds = 0
        for place, part in enumerate(self._parts):
            if part.is_compound:
                compounds += any(self._words.started(one, "/") for one in part.commands())
                continue
            self._go_to_depth(part.depth)
            if part.words[0] in ("cd", "pushd"):
                self._move(part.words[1:])
            elif part.words[0] == "set":
                self._set(part.words[1:], is_for_all=part.depth == 0)
            elif not self._is_left_out(place):
                started = self._words.started(part.words, self._folders[-1])
                if started:
                    self._found.append((place, started, self._errexit, self._pipefail))
        if not self._found:
            why = "it starts no program of the table that ends and tells"
            why = "loops, conditions and functions are not recorded" if compounds else why
            return Looked(why, compounds=compounds)
        tests = [one for one in self._found if _is_test(one[1])]
        run = self._run(*(tests or self._found)[-1])
        return Looked(_why(run), run, compounds)

    def _go_to_depth(self, depth: int) -> None:
        while len(self._folders) <= depth:
            self._folders.append(self._folders[-1])
        del self._folders[depth + 1 :]

    def _move(self, words: list[str]) -> None:
        targets = [word for word in words if not (word.startswith("-") and len(word) > 1)]
        here = self._folders[-1]
        if targets[:1] and targets[0] in ROOTS:
            self._folders[-1] = self._work_tree(here)[0]
        elif targets and targets[0] != "-":
            there = join(here, targets[0])
            is_there_already = here.endswith(f"/{posixpath.normpath(targets[0])}")
            if not is_there_already or self._is_folder(there):  # a hook comes after the command
                self._folders[-1] = there

    def _set(self, words: list[str], *, is_for_all: bool) -> None:
        """Heed `-e` and `-o pipefail`, and what takes them back; in a subshell only the latter."""
        for word, following in zip(words, [*words[1:], ""], strict=True):
            is_on = word[:1] == "-" and is_for_all
            if word[:1] in ("-", "+") and "e" in word:
                self._errexit = is_on
            if word[:1] in ("-", "+") and word[-1:] == "o" and following == "pipefail":
                self._pipefail = is_on
            if word[:1] in ("-", "+") and word[-1:] == "o" and following == "errexit":
                self._errexit = is_on

    def _is_left_out(self, place: int) -> bool:
        """Whether it goes on in the background, or its user wants it left out."""
        if any("GENESIS_HOOK=off" in part.words for part in self._parts[: place + 1]):
            return True
        for part in self._parts[place:]:
            if "&" in part.after:
                return True
            if not {"&&", "||", "|"}.intersection(part.after):
                return False
        return False

    def _run(self, place: int, started: Started, errexit: bool, pipefail: bool) -> FoundRun:
        part, after = self._parts[place], self._parts[place + 1 :]
        command = without_prefixes_of_shell(part.words)
        run = FoundRun(self._spec_id(started), command, started.folder)
        operators = [one for each in (part, *after) for one in each.after]
        kept = {"|"} if pipefail else set()
        allowed = kept | ({";"} if errexit else {"&&"})
        if not part.is_negated:
            run.code_counts = set(operators) <= kept
            run.passes_by_code = set(operators) <= allowed and self._surely_ran(place)
            run.code_counts = run.code_counts and self._surely_ran(place)
        run.passes_by_summary = started.is_runner and self._is_only_speaker(place)
        return run

    def _surely_ran(self, place: int) -> bool:
        """Whether the line cannot have ended well without it."""
        before = self._parts[:place]
        if before and "||" in before[-1].after:
            return False
        return not any(map(_may_end_well, before))

    def _is_only_speaker(self, place: int) -> bool:
        """Whether the end of its output is seen, and nothing else prints what looks like it."""
        if len(self._found) > 1 or any(part.is_compound for part in self._parts):
            return False
        end = place
        while "|" in self._parts[end].after and end + 1 < len(self._parts):
            end += 1
            if not _passes_the_end(self._parts[end].words):
                return False
        others = [*self._parts[:place], *self._parts[end + 1 :]]
        return not any(
            without_prefixes(one.words, "/")[0][:1] == [name] for one in others for name in READERS
        )

    def _spec_id(self, started: Started) -> str:
        root, name = self._work_tree(started.folder)
        here = _relative(started.folder, root)
        if started.takes == PATHS and started.targets:
            targets = sorted({_target(one, started.folder, root) for one in started.targets})
            targets = [one for one in targets if one != "."]
        elif started.takes == "file":
            targets = [_relative(started.targets[0], root)]
        else:
            targets = sorted(dict.fromkeys(one for one in started.targets if one != "."))
            targets += [here] if here != "." else []
        if started.takes == PATHS and not started.targets and here != ".":
            targets = [here]
        chosen = started.selected if started.takes == "file" else sorted(started.selected)
        return f"{name}:" + " ".join(filter(None, [started.tool, *targets, *chosen]))


def _may_end_well(part: Part) -> bool:
    """Whether a part may end the whole line with exit code 0."""
    if not {"exit", "return", "exec"}.intersection(part.words):
        return False
    code = part.words[1:2]
    return part.is_compound or not (code and code[0].isdecimal() and int(code[0]) != 0)


def without_prefixes_of_shell(words: list[str]) -> list[str]:
    """The words without what only a shell understands, such as `time`."""
    return words[1:] if words[:1] == ["time"] else words


def _is_test(started: Started) -> bool:
    named = (
        " ".join([started.tool, *started.targets[:3]]) if started.takes != PATHS else started.tool
    )
    return started.is_runner or any(word in named.lower() for word in TESTS)


def _passes_the_end(words: list[str]) -> bool:
    if words[0] == "tail":
        numbers = [
            word.rpartition("=")[2].removeprefix("-").removeprefix("n") for word in words[1:]
        ]
        lines = [int(number) for number in numbers if number.isdecimal()]
        return not any("+" in word for word in words) and min(lines, default=10) >= TAIL_LINES_MIN
    return words[0] in UNFILTERED


def _target(word: str, folder: str, root: str) -> str:
    """A file or folder, relative to the root of the work tree; what stands behind `::` stays."""
    path, colons, inner = word.partition("::")
    return _relative(join(folder, path), root) + colons + inner


def _relative(path: str, root: str) -> str:
    path = posixpath.normpath(path)
    if path == root:
        return "."
    return path[len(root) + 1 :] if path.startswith(root.rstrip("/") + "/") else path


def _why(run: FoundRun) -> str:
    if run.code_counts:
        return "the exit code of the line is its own"
    if run.passes_by_code:
        return "exit code 0 of the line means that it passed; another may be another command's"
    return "the exit code of the line is not its own: its own summary tells, or nobody"
