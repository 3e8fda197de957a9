"""`run` and `serve` are read without click and without the models: the answer is the same."""

import shutil
import subprocess
import sys

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesis_mcp.cli.judged import judged
from genesis_mcp.cli.main import GROUP
from genesis_mcp.cli.options import COMMON, QUICK, parse_plainly, split_command
from genesis_mcp.cli.recorded import plain_service
from genesis_mcp.cli.run import plain_fields
from genesis_mcp.config import load_settings
from genesis_mcp.errors import GenesisError
from genesis_mcp.recording.plain_settings import has_plain_settings
from tests.helpers.command_line import environment

WORDS = st.sampled_from(
    [
        *(option.flag for option in (*COMMON, *QUICK["run"])),
        *(
            "--no-tty",
            "--help",
            "--specs",
            "-x",
            "--spec=a",
            "--tty=1",
            "--read-only=",
            "--timeout=",
        ),
        *("a", "soma", "", "3", "--", "true", "-c", "ação", "x=1"),
    ]
)


def parse_with_click(name, arguments):
    ours, theirs = split_command(arguments)
    command = GROUP.get_command(None, name)
    try:
        with command.make_context(name, [*ours]) as context:
            if context.args:
                return None
            values = {name: value for name, value in context.params.items() if value is not None}
    except (click.UsageError, click.exceptions.Exit):
        return None
    return name, values, theirs or []


@settings(deadline=None)
@given(st.lists(WORDS, max_size=8))
def test_what_is_read_plainly_is_what_click_reads(words):
    for arguments in (
        ["run", "--spec", "a", *words, "--", "true"],
        ["run", *words],
        ["serve", *words],
    ):
        if plain := parse_plainly(arguments):
            name, *rest = arguments
            assert plain == parse_with_click(name, rest)


def test_an_ordinary_call_is_read_plainly():
    arguments = [
        "run",
        "--store",
        "sqlite:///x",
        "--spec=a b",
        "--no-tty",
        "--",
        "x",
        "--",
        "--spec",
    ]
    values = {"store": "sqlite:///x", "spec_id": "a b", "tty": False}
    assert parse_plainly(arguments) == ("run", values, ["x", "--", "--spec"])
    assert parse_plainly(["serve", "--read-only"]) == ("serve", {"read_only": True}, [])


TEXTS = st.one_of(
    st.text("a 3#.-\n\u200bç٣", max_size=6),
    st.sampled_from(
        ["null", " a", "a ", "x" * 200, "x" * 201, "3", "-3", "03", "1.5", ".5", "5.", "٣"]
    ),
    st.integers(-10, 10**7).map(str),
    st.floats(allow_nan=True).map(str),
)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["spec_id", "iteration", "timeout_seconds", "sprint_id", "service"]), TEXTS
    )
)
def test_what_is_plainly_right_is_what_the_models_make_of_it(values):
    values = {"spec_id": "a", **values}
    if (plain := plain_fields(values)) is not None:
        _, fields = judged({**values, "store": "sqlite:///x"})
        assert plain == fields


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "GENESIS_READ_ONLY",
                "GENESIS_REDACT",
                "GENESIS_MAX_CHARS",
                "GENESIS_X",
                "genesis_redact",
            ]
        ),
        st.sampled_from(["", " ", "0", "1", "read", "write", "off", "9000", "x"]),
    ),
    st.booleans(),
)
def test_plain_settings_are_right_and_the_usual_ones(variables, read_only):
    flags = {"read_only": read_only}
    if not has_plain_settings(flags, variables):
        return
    loaded = load_settings({"read_only": read_only or None}, variables)
    assert (loaded.read_only, loaded.redact, loaded.timeout_seconds) == (False, "read", 10.0)


@pytest.mark.parametrize(
    ("values", "variables"),
    [
        ({"store": "sqlite:///a.db"}, {"GENESIS_STORE": "sqlite:///b.db"}),
        ({}, {"GENESIS_STORE": " sqlite:///b.db "}),
        ({}, {"GENESIS_STORE": ""}),
        ({}, {}),
        ({}, {"GENESIS_STORE": "oracle://x"}),
    ],
)
def test_plain_settings_name_the_store_that_the_models_would(values, variables):
    def place(make):
        try:
            return vars(make().store)["_path"]
        except GenesisError as error:
            return str(error)

    loaded = load_settings({"store": values.get("store")}, variables)
    assert place(lambda: plain_service(values.get("store"), variables)) == place(
        loaded.open_service
    )


QUICKLY = """if True:
    import sys
    from genesis_mcp.__main__ import main
    code = main(sys.argv[1:])
    heavy = {"asyncio", "anyio", "click", "pydantic", "pydantic_core", "mcp", "argparse"}
    print(code, sorted(heavy & set(sys.modules)))
"""


@pytest.mark.parametrize("arguments", [["--version"], ["run", "--spec", "a", "--", "true"]])
def test_the_quick_way_imports_nothing_that_is_slow(tmp_path, arguments):
    if arguments[-1] == "true" and not shutil.which("true"):
        arguments = [*arguments[:-1], sys.executable, "-c", ""]
    done = subprocess.run(
        [sys.executable, "-c", QUICKLY, *arguments],
        env=environment(f"sqlite:///{(tmp_path / 'logs.db').as_posix()}"),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "0 []"
