"""The code of a test is what the standard library finds, which reads it anew for each test."""

import functools
import inspect
from pathlib import Path

import pytest

from genesis_mcp.recording.test_sources import source_of


def decorated(function):
    @functools.wraps(function)
    def inner():
        return function()

    return inner


@decorated
@functools.cache
def with_decorators():
    return """
def not_a_function():
"""


class Holder:
    async def method(self):
        def nested():
            pass

        return nested


if True:

    def in_a_branch():
        """Only a docstring."""


one_line = lambda: 1  # noqa: E731


@pytest.mark.parametrize(
    "function",
    [with_decorators, Holder.method, in_a_branch, one_line, decorated, pytest.fixture, source_of],
)
def test_the_code_and_the_place_are_those_that_inspect_finds(function):
    test = inspect.unwrap(function)
    lines, first = inspect.getsourcelines(test)
    file = Path(inspect.getsourcefile(test) or "").name

    assert source_of(function) == ("".join(lines), {"code_file": file, "code_line": first})


def test_what_has_no_source_has_no_code():
    made: dict[str, object] = {}
    exec("def test():\n    pass\n", made)

    for function in (None, len, made["test"], functools.partial(one_line)):
        assert source_of(function) == ("", {})
