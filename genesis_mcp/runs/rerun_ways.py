"""How each runner is told which tests to run: the table that a re-run command is made from."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from genesis_mcp.diagnostics.test_results.report import FailingTest

Selected = tuple[list[str], list[str]] | None
"""Options that select tests, and what is named by its place; None: these cannot be selected."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """How one runner is told which tests to run."""

    starts: tuple[tuple[str, ...], ...]
    """The words of which one form begins the command, behind launchers."""
    select: Callable[[Sequence[FailingTest]], Selected]
    keeps_places: bool = False
    """Whether files that the recorded command names stay: the output does not name them."""
    with_value: frozenset[str] = field(default_factory=frozenset)
    """Options whose value is the next word."""
    replaced: frozenset[str] = field(default_factory=frozenset)
    """Options that select, or only repeat: left out, with their value."""
    selects_last: bool = True
    """Whether options may stand behind what is named by its place."""
    selects_first: bool = False
    """Whether they stand before all that stays."""


def _any_of(names: Sequence[str]) -> str:
    """A regular expression that is one of these names, whole."""
    told = [re.sub(r"([\\^$.*+?()\[\]{}|/])", r"\\\1", name) for name in dict.fromkeys(names)]
    return f"^{told[0]}$" if len(told) == 1 else f"^({'|'.join(told)})$"


def _files(tests: Sequence[FailingTest]) -> list[str] | None:
    files = [test.file for test in tests]
    return None if not all(files) else list(dict.fromkeys(file for file in files if file))


def _pytest(tests: Sequence[FailingTest]) -> Selected:
    names = [test.name for test in tests]
    return ([], names) if all(re.match(r"[^\s:]+\.py(?:::|$)", name) for name in names) else None


def _unittest(tests: Sequence[FailingTest]) -> Selected:
    names = [re.sub(r" [\[(].*$", "", test.name) for test in tests]
    names = [re.sub(r"\.(?:setUp|tearDown)(?:Class|Module)$", "", name) for name in names]
    named = all(re.fullmatch(r"\w+(?:\.\w+)*", name) for name in names)
    return ([], list(dict.fromkeys(names))) if named else None


def _by_title(option: str) -> Callable[[Sequence[FailingTest]], Selected]:
    """By a pattern of titles, in the files that are named; files that were not run, whole."""

    def select(tests: Sequence[FailingTest]) -> Selected:
        files = _files(tests)
        if files is None:
            return None
        whole = [test for test in tests if test.name == test.file]
        if whole:
            return ([], files) if len(whole) == len(tests) else None
        return [option, _any_of([test.name for test in tests])], files

    return select


_HOOK = re.compile(r"(.*?) ?\"(?:before|after) (?:all|each)\" hook(?: for \"(.*)\")?(?:: .*)?")


def _mocha(tests: Sequence[FailingTest]) -> Selected:
    names = []
    for test in tests:
        if hook := _HOOK.fullmatch(test.name):
            if not hook[2]:
                return None
            names.append(f"{hook[1]} {hook[2]}".strip())
        else:
            names.append(test.name)
    return ["--grep", _any_of(names)], []


def _node(tests: Sequence[FailingTest]) -> Selected:
    names = dict.fromkeys(test.name for test in tests)
    return [word for name in names for word in ("--test-name-pattern", _any_of([name]))], []


def _ava(tests: Sequence[FailingTest]) -> Selected:
    names = [test.name for test in tests]
    if any("*" in name or name.startswith("!") for name in names):
        return None
    return [word for name in names for word in ("--match", name)], []


def _deno(tests: Sequence[FailingTest]) -> Selected:
    files = _files(tests)
    pattern = _any_of([test.name for test in tests])
    return None if files is None else (["--filter", f"/{pattern}/"], files)


def _places(tests: Sequence[FailingTest]) -> Selected:
    """By file and line of each test."""
    if any(not test.file or not test.line for test in tests):
        return None
    return [], list(dict.fromkeys(f"{test.file}:{test.line}" for test in tests))


def _playwright(tests: Sequence[FailingTest]) -> Selected:
    """By file, line and title: several tests may stand in one line."""
    places = _places(tests)
    titles = _any_of([test.name for test in tests]).removeprefix("^")
    return None if places is None else (["--grep", titles], places[1])


def _go(tests: Sequence[FailingTest]) -> Selected:
    broken = [test for test in tests if test.suite is None]
    if broken:
        names = [test.name for test in tests]
        return ([], names) if len(broken) == len(tests) and all("/" in n for n in names) else None
    packages = list(dict.fromkeys(test.suite for test in tests if test.suite))
    levels: list[list[str]] = []
    for test in tests:
        for depth, part in enumerate(test.name.split("/")):
            if depth == len(levels):
                levels.append([])
            levels[depth].append(part)
    return ["-run", "/".join(map(_any_of, levels))], packages


def _cargo(tests: Sequence[FailingTest]) -> Selected:
    names = list(dict.fromkeys(test.name for test in tests))
    return (["--no-fail-fast"] if len(names) > 1 else []) + ["--", "--exact", *names], []


def _nextest(tests: Sequence[FailingTest]) -> Selected:
    names = dict.fromkeys(test.name for test in tests)
    if not all(re.fullmatch(r"[\w:]+", name) for name in names):
        return None
    return ["-E", " | ".join(f"test(={name})" for name in names)], []


def _googletest(tests: Sequence[FailingTest]) -> Selected:
    names = dict.fromkeys(test.name for test in tests)
    if not all(re.fullmatch(r"[\w./]+", name) for name in names):
        return None
    return [f"--gtest_filter={':'.join(names)}"], []


def _catch2(tests: Sequence[FailingTest]) -> Selected:
    names = dict.fromkeys(re.sub(r"([\\,\[\]*])", r"\\\1", test.name) for test in tests)
    return [], [",".join(names)]


def _rspec(tests: Sequence[FailingTest]) -> Selected:
    places = [test.suite or (f"{test.file}:{test.line}" if test.line else "") for test in tests]
    return ([], places) if all(places) and len(set(places)) == len(places) else None


def _minitest(tests: Sequence[FailingTest]) -> Selected:
    return ["-n", f"/{_any_of([test.name for test in tests])}/"], []


def _phpunit(tests: Sequence[FailingTest]) -> Selected:
    names = [
        re.sub(r"( with data set (?:#\d+|\".*\")) \(.*\)$", r"\1", test.name) for test in tests
    ]
    if not all("::" in name for name in names):
        return None
    return ["--filter", f"/{_any_of(names)}/"], []


def _surefire(tests: Sequence[FailingTest]) -> Selected:
    if not all(re.fullmatch(r"[\w.$]+#\w+", test.name) for test in tests):
        return None
    methods: dict[str, list[str]] = {}
    for test in tests:
        owner, _, method = test.name.partition("#")
        methods.setdefault(owner, []).append(method)
    told = ",".join(f"{owner}#{'+'.join(dict.fromkeys(of))}" for owner, of in methods.items())
    return [f"-Dtest={told}", "-Dsurefire.failIfNoSpecifiedTests=false"], []


def _gradle(tests: Sequence[FailingTest]) -> Selected:
    names = [test.name.removesuffix("()") for test in tests]
    if not all(re.fullmatch(r"[\w.$]+\.\w+", name) for name in names):
        return None
    full = [name if name.count(".") > 1 else f"*{name}" for name in dict.fromkeys(names)]
    return [word for name in full for word in ("--tests", name)], []


def _dotnet(tests: Sequence[FailingTest]) -> Selected:
    names = dict.fromkeys(test.name for test in tests)
    if not all(re.fullmatch(r"[\w.+]+", name) for name in names):
        return None
    return ["--filter", "|".join(f"FullyQualifiedName={name}" for name in names)], []


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OF_JEST = _words(
    "-t --testNamePattern -c --config --rootDir -w --maxWorkers --reporters --testTimeout --env "
    "--selectProjects --seed --outputFile --coverageDirectory --reporter --project --pool -r "
    "--root "
    "--retry --testPathPattern --shard"
)
WAYS: dict[str, Way] = {
    "pytest": Way(
        starts=(("pytest",), ("py.test",), ("PYTHON", "-m", "pytest")),
        select=_pytest,
        with_value=_words(
            "-n -k -m -p -o -c -r -W --tb --maxfail --durations --rootdir --cov-report "
            "--cov-config "
            "--junitxml --junit-xml --dist --reruns --reruns-delay --timeout --log-level "
            "--log-cli-level "
            "--basetemp --confcutdir --import-mode --deselect --ignore --color --capture "
            "--hypothesis-seed"
        ),
        replaced=_words("--junitxml --junit-xml --lf --last-failed --ff --failed-first --nf --sw"),
    ),
    "unittest": Way(
        starts=(("PYTHON", "-m", "unittest"),),
        select=_unittest,
        with_value=_words("-k"),
        replaced=_words("-k"),
    ),
    "jest": Way(
        starts=(("jest",),),
        select=_by_title("-t"),
        with_value=_OF_JEST,
        replaced=_words("-t --testNamePattern --outputFile --shard --onlyFailures -f -o"),
    ),
    "vitest": Way(
        starts=(("vitest", "run"),),
        select=_by_title("-t"),
        with_value=_OF_JEST,
        replaced=_words("-t --testNamePattern --outputFile --shard"),
    ),
    "mocha": Way(
        starts=(("mocha",), ("_mocha",)),
        select=_mocha,
        keeps_places=True,
        with_value=_words(
            "-r --require -R --reporter -t --timeout -u --ui --config --spec --extension "
            "--ignore -s --slow"
            " --retries -j --jobs -O --reporter-option --file"
        ),
        replaced=_words("-g --grep -f --fgrep"),
    ),
    "node:test": Way(
        starts=(("node", "--test"),),
        select=_node,
        keeps_places=True,
        with_value=_words(
            "-r --require --import --test-reporter --test-reporter-destination --loader"
        ),
        replaced=_words("--test-name-pattern"),
        selects_first=True,
    ),
    "ava": Way(
        starts=(("ava",),),
        select=_ava,
        keeps_places=True,
        with_value=_words("--config -c --concurrency --timeout -T"),
        replaced=_words("--match -m"),
    ),
    "bun": Way(
        starts=(("bun", "test"),),
        select=_by_title("-t"),
        with_value=_words(
            "-t --test-name-pattern --timeout --preload --reporter --reporter-outfile"
        ),
        replaced=_words("-t --test-name-pattern --reporter --reporter-outfile"),
    ),
    "deno": Way(
        starts=(("deno", "test"),),
        select=_deno,
        with_value=_words("-c --config --filter --import-map --reporter"),
        replaced=_words("--filter --junit-path"),
        selects_last=False,
    ),
    "playwright": Way(
        starts=(("playwright", "test"),),
        select=_playwright,
        with_value=_words(
            "-c --config --project --reporter --retries -j --workers -g --grep --timeout --shard"
        ),
        replaced=_words("-g --grep --shard --last-failed"),
    ),
    "go test": Way(
        starts=(("go", "test"),),
        select=_go,
        with_value=_words(
            "-run -tags -timeout -count -cpu -parallel -p -mod -ldflags -gcflags -coverprofile "
            "-covermode -coverpkg -bench -exec -shuffle -skip -vet -o"
        ),
        replaced=_words("-run -skip -json -coverprofile"),
        selects_last=False,
    ),
    "cargo test": Way(
        starts=(("cargo", "test"),),
        select=_cargo,
        with_value=_words(
            "-p --package --test --bin --example --bench --features -F --manifest-path --target "
            "--target-dir --profile -j --jobs --color --message-format --config -Z --exclude"
        ),
        replaced=_words("--no-fail-fast"),
    ),
    "nextest": Way(
        starts=(("cargo", "nextest", "run"),),
        select=_nextest,
        with_value=_words("-p --package --features -F --profile -j --test-threads --retries -E"),
        replaced=_words("-E --partition"),
    ),
    "googletest": Way(
        starts=(("PROGRAM",),), select=_googletest, replaced=_words("--gtest_filter")
    ),
    "catch2": Way(
        starts=(("PROGRAM",),),
        select=_catch2,
        with_value=_words("-r --reporter -o --out -c --section"),
        replaced=_words("-o --out -c --section"),
    ),
    "rspec": Way(
        starts=(("rspec",),),
        select=_rspec,
        with_value=_words(
            "-f --format -o --out -e --example -E -t --tag -r --require -I -P --pattern --seed "
            "--order"
        ),
        replaced=_words("-e --example -E -P --pattern --only-failures -n --next-failure"),
    ),
    "minitest": Way(
        starts=(("ruby",),),
        select=_minitest,
        keeps_places=True,
        with_value=_words("-I -r -n --name -s --seed"),
        replaced=_words("-n --name"),
    ),
    "phpunit": Way(
        starts=(("phpunit",),),
        select=_phpunit,
        keeps_places=True,
        with_value=_words(
            "-c --configuration --filter --testsuite --group --bootstrap --log-junit"
        ),
        replaced=_words("--filter --log-junit"),
    ),
    "exunit": Way(starts=(("mix", "test"),), select=_places, with_value=_words("--seed --only")),
    "maven surefire": Way(
        starts=(("mvn",), ("mvnw",)),
        select=_surefire,
        keeps_places=True,
        with_value=_words("-pl --projects -f --file -P -s --settings -T --threads"),
        replaced=_words("-Dtest"),
    ),
    "gradle": Way(
        starts=(("gradle", "test"), ("gradlew", "test")),
        select=_gradle,
        with_value=_words("--tests -p --project-dir -b -x"),
        replaced=_words("--tests"),
    ),
    "dotnet test": Way(
        starts=(("dotnet", "test"),),
        select=_dotnet,
        keeps_places=True,
        with_value=_words(
            "--filter -c --configuration -f --framework -v --verbosity -l --logger -s"
        ),
        replaced=_words("--filter"),
    ),
}
