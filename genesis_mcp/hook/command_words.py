"""What one simple command starts: its program behind what stands before it, and what it names."""

from __future__ import annotations

import posixpath

from genesis_mcp.hook.programs import (
    BEFORE,
    BY_NAME,
    ENDINGS,
    GOALS,
    INTERPRETER_VALUES,
    INTERPRETERS,
    MANAGER_FOLDERS,
    MANAGER_SELECT,
    MANAGER_VALUES,
    MANAGERS,
    MOVES,
    NO_FILE,
    NO_RUN_WITH,
    ONLY_CHECKS,
    SAME,
    SCRIPT,
    SCRIPT_WORDS,
    SERVES,
    TAKES_A_WORD,
    VERBS,
    WORDS,
    Program,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Started:
    """A program of the table that a command starts."""

    __slots__ = ("folder", "is_runner", "selected", "takes", "targets", "tool")

    def __init__(
        self, tool: str, folder: str, takes: str = WORDS, *, is_runner: bool = False
    ) -> None:
        self.tool = tool
        self.folder = folder
        """Where it runs: an absolute path, or one that a variable is in."""
        self.takes = takes
        self.targets: list[str] = []
        self.selected: list[str] = []
        self.is_runner = is_runner


class Words:
    """Reads the words of simple commands."""

    def __init__(self, exists: Callable[[str], bool], extra: Iterable[str] = ()) -> None:
        self._exists = exists
        """Whether there is a file at an absolute path."""
        self._extra = frozenset(extra)
        """Programs that configuration adds to the table: a name, or `name word`."""

    def started(self, words: list[str], folder: str) -> Started | None:
        """What the command starts in the folder, if that is a run."""
        words, folder = without_prefixes(words, folder)
        if not words:
            return None
        given, rest = words[0], words[1:]
        name = _name(given)
        if added := self._added(given, name, rest):
            return _told(Program(name), added, rest[len(added.split()) - 1 :], folder)
        if name in MANAGERS and not (name == "bun" and rest[:1] == ["test"]):
            if script := _script(name, rest, folder):
                return script
            if name != "bun":
                return None
        if name == "python" and rest[:1] == ["-m"]:
            return self._module(rest[1:], folder)
        if (rest[:1] == ["test"] and name in ("bun", "deno", "dart")) or rest[:1] == ["--test"]:
            runner = Program(name, select="-t --test-name-pattern --filter", is_runner=True)
            return _told(runner, f"{name} {rest[0]}", rest[1:], folder)
        for program in BY_NAME.get(name, ()):
            if found := _of_table(program, name, rest, folder):
                return found
        if name in INTERPRETERS:
            return self._interpreted(name, rest, folder)
        if given.endswith(ENDINGS) and self._exists(join(folder, given)):
            return self._file(join(folder, given), None, rest, folder)
        return None

    def _added(self, given: str, name: str, rest: list[str]) -> str | None:
        for one in (name, posixpath.normpath(given), *(f"{name} {word}" for word in rest[:1])):
            if one in self._extra:
                return one
        return None

    def _module(self, words: list[str], folder: str) -> Started | None:
        if not words:
            return None
        name = words[0].split(".")[0] if words[0].endswith(".__main__") else words[0]
        for program in BY_NAME.get(name, ()):
            return _of_table(program, SAME.get(name, name), words[1:], folder)
        place = join(folder, name.replace(".", "/"))
        if name in SERVES or not (
            self._exists(f"{place}.py") or self._exists(f"{place}/__main__.py")
        ):
            return None
        return _with_first_words(Started(f"python -m {name}", folder), words[1:])

    def _interpreted(self, name: str, words: list[str], folder: str) -> Started | None:
        rest = iter(range(len(words)))
        for place in rest:
            word = words[place]
            if word in ("run", "-f", "-File") or word in INTERPRETER_VALUES:
                if word in INTERPRETER_VALUES:
                    next(rest, None)
            elif word in NO_FILE or word in NO_RUN_WITH or word == "-":
                return None
            elif not word.startswith("-"):
                path = join(folder, word)
                return self._file(path, name, words[place + 1 :], folder)
        return None

    def _file(
        self, path: str, interpreter: str | None, rest: list[str], folder: str
    ) -> Started | None:
        stem = posixpath.basename(path).rpartition(".")[0] or posixpath.basename(path)
        if not self._exists(path) or stem in SERVES or (rest[:1] and rest[0] in SERVES):
            return None
        if any(word in NO_RUN_WITH for word in rest):
            return None
        started = Started(f"{interpreter} {path}" if interpreter else path, folder)
        started.tool, started.takes = interpreter or "", "file"
        started.targets = [path]
        return _with_first_words(started, rest)


def without_prefixes(words: list[str], folder: str) -> tuple[list[str], str]:
    """The command behind assignments and programs that start it as it is, and its folder."""
    while words:
        if _is_assignment(words[0]):
            words = words[1:]
            continue
        name = _name(words[0])
        key = next((key for key in BEFORE if key == (name, *words[1 : len(key)])), None)
        if key is None or (name == "python" and len(key) == 1):
            if (
                name in ("yarn", "pnpm")
                and words[1:2]
                and words[1] in BY_NAME
                and words[1] != "build"
            ):
                words = words[1:]
                continue
            return words, folder
        if name == "command" and words[1:2] in (["-v"], ["-V"]):
            return [], folder  # it only tells where a program is
        words = words[len(key) :]
        with_value = BEFORE[key].split()
        while words and words[0].startswith("-"):
            option, equals, value = words[0].partition("=")
            takes = option in with_value and not equals
            if option in MOVES:
                folder = join(folder, value if equals else "".join(words[1:2]))
            words = words[2 if takes else 1 :]
            if option == "-m":  # `coverage run -m pytest`
                break
        if key[0] in TAKES_A_WORD:
            words = words[1:]
    return words, folder


def _of_table(program: Program, name: str, rest: list[str], folder: str) -> Started | None:
    tool = name
    if rest in (["-V"], ["-v"], ["version"]):
        return None
    if program.needs:
        place = next((n for n, word in enumerate(rest) if not _is_option(word, program)), None)
        if place is None or rest[place] not in program.needs:
            return None
        verb = VERBS.get(rest[place], rest[place]) if name == "cargo" else rest[place]
        rest = rest[:place] + rest[place + 1 :]
        tool = name if verb in program.drops else f"{name} {verb}"
    elif rest[:1] and rest[0] in program.drops:
        rest = rest[1:]
    started = _told(program, tool, rest, folder)
    if started and tool.rpartition(" ")[2] in ONLY_CHECKS:
        checks = {one.rstrip("!") for one in program.select}
        return started if checks.intersection(rest) else None
    return started


def _is_option(word: str, program: Program) -> bool:
    """Whether it stands before the word that a program needs; options with a value do not."""
    return word.startswith(("-", "+")) and word not in program.values


def _told(program: Program, tool: str, rest: list[str], folder: str) -> Started | None:
    """What a program is told to run; None where that is nothing that ends and tells."""
    started = Started(tool, folder, program.takes, is_runner=program.is_runner)
    name_of_tool = tool.partition(" ")[0]
    flags = {one[:-1] for one in program.select if one.endswith("!")}
    places = iter(range(len(rest)))
    for place in places:
        word = rest[place]
        name, equals, value = word.partition("=") if word.startswith("-") else (word, "", "")
        following = rest[place + 1] if place + 1 < len(rest) else ""
        if (name in NO_RUN_WITH or name in program.refuses) and value not in ("false", "0"):
            return None
        if word == "--" and name_of_tool == "cargo" and "test" not in tool:
            break  # options of the compiler, or of the program
        if word == "--":
            continue
        if not word.startswith(("-", "+")):
            started.targets.append(word)
        elif name in program.folder:
            started.folder = join(folder, value if equals else following)
            if not equals:
                next(places, None)
        elif name in flags:
            started.selected.append(word)
        elif name in program.select:
            started.selected.append(word if equals else f"{word} {following}".strip())
            if not equals:
                next(places, None)
        elif not equals and (
            name in program.values or (name[:2] == "--" and following.isdecimal())
        ):
            next(places, None)
    if program.takes == GOALS:
        started.targets = [one for one in started.targets if "=" not in one]
    return started


def _script(manager: str, words: list[str], folder: str) -> Started | None:
    """A script of a package, such as `npm run build`."""
    selected: list[str] = []
    before: list[str] = []
    places = iter(range(len(words)))
    for place in places:
        word = words[place]
        if word.startswith("-"):
            option, equals, value = word.partition("=")
            value = value if equals else "".join(words[place + 1 : place + 2])
            if option in MANAGER_VALUES and not equals:
                next(places, None)
            if option in MANAGER_FOLDERS:
                folder = join(folder, value)
            elif option in MANAGER_SELECT:
                selected.append(word if equals else f"{word} {value}")
        elif word in ("run", "run-script"):
            before = [word]
        elif word == "workspace":
            before = [word, *words[place + 1 : place + 2]]
            next(places, None)
        else:
            return _named_script(manager, before, word, words[place + 1 :], folder, selected)
    return None


def _named_script(
    manager: str, before: list[str], name: str, rest: list[str], folder: str, selected: list[str]
) -> Started | None:
    name = {"t": "test", "tst": "test"}.get(name, name)
    if manager in ("npm", "bun") and before[:1] != ["run"] and name != "test":
        return None
    parts = name
    for sign in "-_./":
        parts = parts.replace(sign, ":")
    named = set(parts.lower().split(":"))
    serves = named.intersection(SERVES)
    if "check" in named or "ci" in named:
        serves -= {"format", "fmt"}
    if serves or not named.intersection(SCRIPT_WORDS):
        return None
    if manager in ("npm", "bun"):
        before = [] if name == "test" else ["run"]
    elif before[:1] != ["workspace"]:
        before = []
    started = _told(SCRIPT, " ".join([manager, *before, name]), rest, folder)
    if started:
        started.selected += selected
    return started


def _with_first_words(started: Started, rest: list[str]) -> Started | None:
    """Of what a script is told, the words before its first option: nobody knows its options."""
    if rest[:1] and rest[0] in SERVES:
        return None
    for word in rest:
        if word.startswith("-"):
            break
        started.selected.append(word)
    return started


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.rstrip("+").isidentifier()


def _name(word: str) -> str:
    """The program that a word names: without its folder, an ending, a version."""
    name = word.replace("\\", "/").rpartition("/")[2]
    name = name.partition("@")[0] or name  # npx vitest@latest
    for ending in (".exe", ".cmd", ".bat", ".ps1"):
        name = name.removesuffix(ending)
    if name not in BY_NAME and name not in INTERPRETERS:
        shorter = name.rstrip("0123456789.").rstrip("-")
        name = shorter if shorter in BY_NAME or shorter in INTERPRETERS else name
    return SAME.get(name, name) if len(name) > 1 else name


def join(folder: str, path: str) -> str:
    """A path as seen from a folder, with slashes."""
    path = path.replace("\\", "/")
    if path.startswith("~") or path[1:3] == ":/":  # a home; a drive of Windows
        return path
    return posixpath.normpath(posixpath.join(folder, path))
