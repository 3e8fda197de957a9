"""The table of programs whose start is a run, and of the words that may stand before one; data.

Facts are those of each tool's own command line. Whoever has others names them by configuration.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

PATHS, GOALS, WORDS = "paths", "goals", "words"
"""What the words of a program name: files and folders; things to do; filters or something else."""


class Program:
    """One program, or several that are told alike what to do."""

    __slots__ = (
        "drops",
        "folder",
        "is_runner",
        "names",
        "needs",
        "refuses",
        "select",
        "takes",
        "values",
    )

    def __init__(
        self,
        names: str,
        takes: str = PATHS,
        *,
        needs: str = "",
        drops: str = "",
        select: str = "",
        values: str = "",
        refuses: str = "",
        folder: str = "",
        is_runner: bool = False,
    ) -> None:
        self.names = names.split()
        self.takes = takes
        self.needs = needs.split()
        """Of which one must come first; it is part of the tool's name. None: it needs none."""
        self.drops = drops.split()
        """First words that say nothing."""
        self.select = select.split()
        """Options that choose what runs, with their value; those with ! have none."""
        self.values = values.split()
        """Other options whose value is the next word."""
        self.refuses = refuses.split()
        """Words with which it is no run."""
        self.folder = folder.split()
        """Options whose value is the folder that it runs in."""
        self.is_runner = is_runner
        """Whether it is a test runner whose last lines tell of all tests that it ran."""


_OF_JEST = "-c --config --rootDir --maxWorkers --reporters --testTimeout --reporter --pool -r --env"
_IN_GO = "-count -timeout -p -parallel -cpu -coverprofile -covermode -coverpkg -o -mod -ldflags"
_IN_CARGO = "--target --target-dir --profile -j --jobs --color --message-format --config -Z"

PROGRAMS = (
    # Test runners.
    Program(
        "pytest py.test",
        select="-k -m --deselect",
        values="-n -p -o -c -r -W --tb --maxfail --durations --rootdir --cov-report --cov-config "
        "--junitxml --junit-xml --dist --reruns --timeout --log-level --log-cli-level --basetemp "
        "--confcutdir --import-mode --ignore --color --capture",
        refuses="--collect-only --co --fixtures --markers --setup-plan --genesis --cache-show",
        is_runner=True,
    ),
    Program("unittest", WORDS, select="-k", values="-s -p -t", is_runner=True),
    Program("nose2", WORDS),
    Program("tox", WORDS, drops="run r", select="-e -m -f", values="-c -p --workdir", refuses="--notest -l -a"),
    Program("nox", WORDS, select="-s -e -k -t --session", values="-f", refuses="-l --list"),
    Program("jest", select="-t --testNamePattern --selectProjects", values=_OF_JEST,
            refuses="--listTests --showConfig --init --clearCache", is_runner=True),
    Program("vitest", drops="run", select="-t --testNamePattern --project", values=_OF_JEST,
            refuses="watch dev list init --ui", is_runner=True),
    Program("mocha _mocha", select="-g --grep -f --fgrep", values="-r --require -R --reporter -t "
            "--timeout -u --ui --config --extension", refuses="--dry-run", is_runner=True),
    Program("ava", select="-m --match", values="-c --config --timeout -T", is_runner=True),
    Program("playwright", needs="test", select="-g --grep --project", refuses="--list --ui --debug",
            values="-c --config --reporter --retries -j --workers --timeout", is_runner=True),
    Program("cypress", needs="run", drops="run", select="--spec -s", values="-b --browser --config -C"),
    Program("karma", needs="start", refuses="--no-single-run"),
    Program("tap tape c8 nyc"),
    Program("ng nx turbo lerna", WORDS, needs="test build lint run affected run-many e2e check",
            select="--projects --target -t --filter --scope --project"),
    Program("rspec", select="-e --example -t --tag -P --pattern", is_runner=True,
            values="-f --format -o --out -r --require -I --seed --order"),
    Program("rails", needs="test test:all test:system", select="-n", refuses="-e"),
    Program("rake", GOALS, refuses="-T --tasks -P", values="-f"),
    Program("phpunit simple-phpunit pest paratest", select="--filter --group --testsuite",
            values="-c --configuration --bootstrap --log-junit", refuses="--list-tests",
            is_runner=True),
    Program("artisan", needs="test", select="--filter --group"),
    Program("composer", GOALS, needs="test lint check analyse analyze phpstan cs validate"),
    Program("bats busted luarocks-test shellspec zunit"),
    Program("luarocks", WORDS, needs="test"),
    Program("prove"),
    Program("mix", needs="test compile credo dialyzer", select="--only --exclude --include"),
    Program("rebar3", GOALS, needs="eunit ct compile dialyzer"),
    Program("lein sbt", GOALS, refuses="run repl console server"),
    Program("bazel bazelisk buck2 pants stack cabal dune", WORDS, needs="test build check lint runtest"),
    Program("behave robot lettuce cucumber cucumber-js", select="-t --tags -i -n --name --test"),
    Program("ctest", WORDS, select="-R -E -L --tests-regex", values="-j --timeout",
            refuses="-N --show-only", folder="--test-dir"),
    Program("swift", WORDS, needs="test build", select="--filter --package-path"),
    Program("xcodebuild", WORDS, select="-scheme -only-testing -target", values="-destination "
            "-project -workspace -configuration -sdk", refuses="-list -version -showBuildSettings"),
    Program("flutter", needs="test analyze build", select="--name -n --plain-name"),
    Program("dart", needs="test analyze compile run", select="-n --name -t --tags"),
    Program("molecule", WORDS, needs="test converge verify lint", select="-s"),
    # Compilers and build tools.
    Program("go", needs="test vet build run", select="-run -bench -skip -tags", folder="-C",
            values=_IN_GO, refuses="-list"),
    Program("gotestsum", WORDS, values="--format -f --junitfile"),
    Program("cargo", WORDS, needs="test t nextest build b check c clippy bench run r doc",
            select="-p --package --test --bin --example --features -F -E", values=_IN_CARGO,
            refuses="--list --no-run", folder="--manifest-path"),
    Program("cargo", WORDS, needs="fmt", select="--check!"),
    Program("rustc javac kotlinc scalac ghc gcc g++ cc c++ clang clang++ cl nasm nvcc",
            values="-o -I -L -l -D -d -cp -classpath -x -std -isystem --edition --crate-type "
            "--out-dir"),
    Program("zig", needs="test build build-exe run build-lib ast-check"),
    Program("nim", needs="c compile check cpp js r"),
    Program("make gmake", GOALS, folder="-C --directory", values="-f --file -j -o -l",
            refuses="-n --dry-run --just-print -p -q clean distclean install uninstall run serve "
            "start dev watch up down logs shell"),
    Program("ninja", GOALS, folder="-C", values="-j -f -l", refuses="-n -t clean"),
    Program("just task mage", GOALS, refuses="-n --dry-run -l --list run serve start dev watch"),
    Program("cmake", WORDS, select="--build --target", values="-S -B -G -j --config",
            refuses="--install -E"),
    Program("meson", WORDS, needs="test compile setup", values="-C"),
    Program("scons waf", GOALS),
    Program("mvn mvnw", GOALS, select="-pl --projects -Dtest -Dit.test", values="-P -s -f -T -rf --color",
            refuses="spring-boot:run exec:java dependency:tree help:help"),
    Program("gradle gradlew", GOALS, select="--tests", values="-x -b -c -I --console",
            refuses="bootRun run tasks dependencies projects --dry-run -m --stop",
            folder="-p --project-dir"),
    Program("ant", GOALS, values="-f -buildfile -file"),
    Program("dotnet msbuild", needs="test build vstest publish pack",
            select="--filter", values="-c --configuration -f --framework -v --verbosity -l "
            "--logger -s --settings -r -o", refuses="--list-tests -t"),
    Program("dotnet", needs="format", select="--verify-no-changes!"),
    Program("tsc vue-tsc svelte-check", select="-p --project", values="--outDir --target --module",
            refuses="-w --init --showConfig --all"),
    Program("webpack rollup esbuild parcel tsup swc babel", refuses="-w serve --serve",
            values="-c --config --mode -o --out-dir -d"),
    Program("vite next nuxt astro gatsby remix vue-cli-service react-scripts ember", needs="build "
            "test check lint generate", select="--mode", values="-c --config"),
    Program("docker podman nerdctl", WORDS, needs="build buildx", select="-f --file --target",
            values="-t --tag --build-arg --platform --progress --secret --cache-from --cache-to"),
    Program("terraform tofu", WORDS, needs="validate plan test", folder="-chdir"),
    Program("helm", WORDS, needs="lint template"),
    Program("pre-commit", WORDS, needs="run", drops="run", select="--all-files! -a! --files --hook-stage"),
    Program("uv poetry hatch flit pdm gem", WORDS, needs="build"),
    Program("build", WORDS, values="-o"),
    # Linters and type checkers.
    Program("mypy dmypy", select="-p -m", values="--config-file --python-version --cache-dir",
            refuses="--install-types"),
    Program("pyright basedpyright", select="-p --project", values="--level --pythonversion"),
    Program("ty", needs="check"),
    Program("pyre", needs="check"),
    Program("ruff", needs="check", select="--select", values="--output-format --config --ignore",
            refuses="--show-files --show-settings"),
    Program("ruff", needs="format", select="--check! --diff!"),
    Program("flake8 pylint pyflakes pycodestyle pydocstyle bandit vulture interrogate yamllint "
            "ansible-lint codespell djlint", select="--select --disable --enable -ll",
            values="-j --config --rcfile --max-line-length --format -c -f -r --ignore --exclude"),
    Program("black isort autopep8 yapf", select="--check! --check-only! --diff!",
            values="-l --line-length --config"),
    Program("eslint", values="-c --config --ext -f --format --max-warnings --rulesdir --cache-location",
            select="--rule", refuses="--print-config --init"),
    Program("biome", needs="check ci lint", values="--reporter --max-diagnostics"),
    Program("oxlint stylelint xo standard tslint remark markdownlint markdownlint-cli2 knip "
            "depcheck dependency-cruiser madge", values="-c --config -f --format"),
    Program("prettier", select="--check! -c! -l! --list-different!", values="--config"),
    Program("golangci-lint", needs="run", drops="run", values="-c --config --out-format --timeout -E"),
    Program("staticcheck revive golint govulncheck errcheck gosec"),
    Program("gofmt goimports", select="-l! -d!"),
    Program("rubocop standardrb reek brakeman", select="--only", values="-c --config -f --format",
            refuses="--auto-gen-config -L"),
    Program("steep sorbet srb", needs="check tc"),
    Program("phpstan psalm phan", select="-l --level", values="-c --configuration"),
    Program("phpcs php-cs-fixer phpmd", select="--standard"),
    Program("shellcheck hadolint actionlint tflint checkov sqlfluff buf vale", values="-f -s -S"),
    Program("shfmt", select="-d! -l!", values="-i -ln"),
    Program("clang-tidy cppcheck checkpatch", values="-p"),
    Program("ktlint detekt scalafmt checkstyle luacheck selene stylua hlint dialyzer"),
    Program("lychee linkchecker mkdocs sphinx-build", refuses="serve gh-deploy"),
)  # fmt: skip

ONLY_CHECKS = ["black", "isort", "autopep8", "yapf", "shfmt", "prettier", "gofmt", "goimports", "stylua", "scalafmt", "fmt", "format"]  # fmt: skip
"""Formatters, or their words, which are a run only where they check: then one of `select` stands."""

SAME = {"py.test": "pytest", "python3": "python", "nodejs": "node", "_mocha": "mocha"}
"""Other names of one program."""

VERBS = {"t": "test", "b": "build", "c": "check", "r": "run"}
"""Cargo's own short names."""

SCRIPT = Program("script", select="-t -k -g --grep --testNamePattern --filter --project",
                 values=_OF_JEST)  # fmt: skip
"""What a package's script may be told behind its name: of whichever runner it starts."""

INTERPRETERS = {
    "python": (".py", ".pyz"), "python3": (), "pypy": (), "pypy3": (), "node": (".js", ".mjs", ".cjs"),
    "bun": (), "deno": (), "tsx": (".ts",), "ts-node": (), "ruby": (".rb",), "perl": (".pl",),
    "php": (".php",), "bash": (".bash",), "sh": (".sh",), "zsh": (), "Rscript": (".R",),
    "julia": (".jl",), "lua": (".lua",), "luajit": (), "java": (".java",), "groovy": (".groovy",),
    "elixir": (".exs",), "escript": (), "swift": (), "pwsh": (".ps1",), "osascript": (),
    "racket": (), "ocaml": (), "runghc": (), "crystal": (".cr",), "dart": (),
}  # fmt: skip
"""Programs that run a file, and endings of files that are such a program's when started at once."""

INTERPRETER_VALUES = ("-X", "-W", "-r", "--require", "--import", "--loader", "-I", "-L", "-cp",
                      "-d", "--env-file", "--tsconfig")  # fmt: skip
NO_FILE = ("-c", "-e", "-p", "-i", "-E", "-s", "--eval", "--print", "--check", "eval", "repl")
"""Behind an interpreter: what it runs is in no file, or it runs nothing."""

SERVES = ("runserver", "serve", "server", "start", "dev", "watch", "preview", "up", "storybook",
          "http.server", "shell", "repl", "console", "worker", "daemon", "publish", "deploy",
          "release", "install", "clean", "format", "fmt", "fix", "migrate", "makemigrations",
          "upgrade", "snapshot", "snapshots", "print", "upload", "download")  # fmt: skip
"""Parts of the name of a script, or the word behind a script, with which it goes on without end,
or changes something rather than tells whether it is right."""

SCRIPT_WORDS = ("test", "tests", "build", "lint", "check", "checks", "typecheck", "types", "type",
                "tsc", "e2e", "spec", "unit", "integration", "coverage", "cov", "ci", "verify",
                "validate", "compile", "jest", "vitest", "mocha", "eslint", "cypress",
                "playwright")  # fmt: skip
"""Words of a package script's name, of which one makes it a run."""

NO_RUN_WITH = ("--version", "--help", "-h", "--watch", "--watchAll", "--watch-all", "--dry-run")
"""Of any program."""

MANAGERS = ("npm", "pnpm", "yarn", "bun")
MANAGER_VALUES = ("--workspace", "-w", "--filter", "-F", "-C", "--dir", "--prefix", "--cwd", "--reporter",
                  "--loglevel", "--workspace-concurrency")  # fmt: skip
MANAGER_FOLDERS = ("-C", "--dir", "--prefix", "--cwd")
MANAGER_SELECT = ("--workspace", "-w", "--filter", "-F")

BEFORE = {
    ("env",): "-u --unset -C --chdir -S",
    ("time",): "-f -o",
    ("timeout",): "-s --signal -k --kill-after",
    ("gtimeout",): "-s --signal -k --kill-after",
    ("nice",): "-n", ("ionice",): "-c -n", ("nohup",): "", ("command",): "", ("exec",): "-a",
    ("sudo",): "-u -g -C -D -h -p", ("stdbuf",): "-i -o -e", ("unbuffer",): "", ("xvfb-run",): "-s -n",
    ("caffeinate",): "", ("winpty",): "", ("arch",): "", ("cross-env",): "", ("dotenv",): "-e -f",
    ("npx",): "-p --package -w --workspace", ("pnpx",): "", ("bunx",): "",
    ("npm", "exec"): "-p --package -w", ("npm", "x"): "-p --package",
    ("pnpm", "exec"): "", ("pnpm", "dlx"): "--package",
    ("yarn", "dlx"): "-p", ("yarn", "exec"): "", ("bun", "x"): "",
    ("uv", "run"): "--with --group --only-group --no-group --extra --python -p --project --directory "
    "--package --env-file --with-requirements --with-editable --index --index-url -i",
    ("uvx",): "--with --from --python -p", ("uv", "tool", "run"): "--with --from --python -p",
    ("poetry", "run"): "", ("pdm", "run"): "-p", ("pipenv", "run"): "", ("hatch", "run"): "",
    ("hatch", "-e"): "", ("rye", "run"): "", ("pixi", "run"): "-e", ("pipx", "run"): "--spec",
    ("conda", "run"): "-n --name -p --prefix --cwd", ("mamba", "run"): "-n --name -p",
    ("micromamba", "run"): "-n -p", ("bundle", "exec"): "", ("mise", "exec"): "", ("asdf", "exec"): "",
    ("direnv", "exec"): "", ("doppler", "run"): "-p -c", ("op", "run"): "--env-file",
    ("coverage", "run"): "--source --omit --include --rcfile --data-file --context",
    ("python", "-m", "coverage", "run"): "--source --omit --include --rcfile",
    ("firebase", "emulators:exec"): "--only --project",
}  # fmt: skip
"""Words that start what stands behind them as it is, with their options that take a value."""

TAKES_A_WORD = ("timeout", "gtimeout", "direnv")
"""Of them those with a word of their own before the command."""

MOVES = ("--directory", "--project", "-C", "--chdir", "--cwd", "-D")
"""Options of theirs that move the folder."""

UNFILTERED = ("tee", "cat", "ts", "less", "more", "strip-ansi", "ansi2txt")
"""Programs behind a pipe that pass all on."""

READERS = ("cat", "tail", "head", "grep", "rg", "sed", "awk", "less", "more", "jq", "bat")
"""Programs that print what somebody else wrote: a summary among it may be another run's."""

TAIL_LINES_MIN = 3
"""Of an output's end, in which a runner's summary and what it says against a pass stand."""

BY_NAME: dict[str, list[Program]] = {}
for _row in PROGRAMS:
    for _one in _row.names:
        BY_NAME.setdefault(_one, []).append(_row)

ENDINGS = tuple(ending for endings in INTERPRETERS.values() for ending in endings)
"""Of files that are started by themselves and are no program of an unknown kind."""

HINTS = (*BY_NAME, *INTERPRETERS, *MANAGERS, *ENDINGS)


def may_start(line: str, extra: Iterable[str] = ()) -> bool:
    """Whether a line has a name of the table anywhere: one without has no run in it."""
    return any(hint in line for hint in HINTS) or any(
        one.split()[0].rpartition("/")[2] in line for one in extra
    )


def programs_of(text: str) -> list[str]:
    """The programs that GENESIS_HOOK_PROGRAMS names."""
    return [name for one in text.split(",") if (name := " ".join(one.split()))]
