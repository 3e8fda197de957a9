"""Which lines of a runner's output tell nothing of what failed."""

from genesis_mcp.diagnostics.idle_lines import idle_lines

PYTEST = """\
============================= test session starts ==============================
platform linux -- Python 3.12.1, pytest-8.3.4, pluggy-1.5.0
rootdir: /w/conta
plugins: anyio-4.8.0
collected 6 items / 1 deselected / 5 selected

test_conta.py F....                                                      [100%]
"""

JEST = """\
FAIL ./conta.test.js
  ● Test suite failed to run

    Jest encountered an unexpected token

    Jest failed to parse a file. This happens e.g. when your code uses non-standard syntax.

    Here's what you can do:
     • To have some of your "node_modules" files transformed, you can specify a pattern.

    Details:

    /w/conta.test.js:3
"""


def test_the_header_of_pytest_is_idle_and_what_tests_print_below_it_is_not():
    assert idle_lines("make test\n" + PYTEST) == (range(1, 6),)


def test_the_advice_of_jest_is_idle_and_the_error_below_it_is_not():
    assert idle_lines(JEST) == (range(4, 10),)


def test_what_only_begins_like_a_header_is_shown():
    assert idle_lines(PYTEST.replace("collected 6 items", "INTERNALERROR")) == ()
    assert idle_lines(JEST.replace("Details:", "and so on")) == ()
