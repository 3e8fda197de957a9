"""The code of a test function, and where it stands: read once a file, not once a test."""

import ast
import inspect
import linecache
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from genesis_mcp.runs.shortening import cap_text

CODE_BYTES_MAX = 64 * 1024
"""Of a test's source."""

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
"""Where statements stand in others, `cases` those of a match."""

FILES_KEPT = 4
"""Of which it is known where functions end: tests run file by file."""


@lru_cache(maxsize=256)  # a parametrised test is many items in a row
def source_of(function: Callable[..., object] | None) -> tuple[str, dict[str, Any]]:
    """The code of a test, and its place: the file's name, and the first line in it."""
    try:
        test = inspect.unwrap(function)  # type: ignore[arg-type]
        lines, first, file = _function_at(test) or _searched(test)
    except (OSError, TypeError, ValueError, SyntaxError):  # none, or its file is gone
        return "", {}
    place = {"code_file": Path(file).name, "code_line": first}
    return cap_text("".join(lines), CODE_BYTES_MAX), place


def _function_at(test: Any) -> tuple[list[str], int, str] | None:
    """Its lines, its first line and its file, where a `def` of that file begins there."""
    code = getattr(test, "__code__", None)
    if code is None:
        return None
    lines, ends = _file(code.co_filename)
    first = code.co_firstlineno
    return (lines[first - 1 : ends[first]], first, code.co_filename) if first in ends else None


def _searched(test: Any) -> tuple[list[str], int, str]:
    lines, first = inspect.getsourcelines(test)
    return lines, first, inspect.getsourcefile(test) or ""


@lru_cache(maxsize=FILES_KEPT)
def _file(name: str) -> tuple[list[str], dict[int, int]]:
    """The lines of a file, and of each function the first, with its decorators, and the last."""
    lines = linecache.getlines(name)
    try:
        tree = ast.parse("".join(lines))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return lines, {}
    return lines, dict(_functions(tree))


def _functions(node: ast.AST) -> Iterator[tuple[int, int]]:
    for name in _BLOCKS:
        for inner in getattr(node, name, ()):
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([inner.lineno, *(one.lineno for one in inner.decorator_list)])
                yield first, inner.end_lineno or first
            yield from _functions(inner)
