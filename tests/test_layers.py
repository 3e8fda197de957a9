"""Imports point one way; drivers and the SDK are imported in one place each."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.paths import PACKAGE

LAYERS = [
    {"errors", "text"},
    {"diagnostics"},
    {"runs"},
    {"validation"},
    {"stores", "answers"},
    {"questions"},
    {"config"},
    {"recording", "transfer", "install", "report"},
    {"ingest", "hook"},
    {"mcp_server"},
    {"http_server"},
    {"cli"},
    {"__main__"},
]
"""From the bottom up: a module imports its own layer's package and what stands below."""

OWNERS = {
    "mcp": {"mcp_server"},
    "mcp_types": {"mcp_server"},
    "clickhouse_connect": {"stores"},
    "pymongo": {"stores"},
    "bson": {"stores"},
}


def layer_of(module: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if module in names)


def imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            if node.module == "genesis_mcp":
                found |= {f"genesis_mcp.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return found


def modules() -> list[tuple[str, Path]]:
    files = [file for file in PACKAGE.rglob("*.py") if file.parent / "__init__.py" != file]
    files += [file for file in PACKAGE.rglob("__init__.py") if file.parent != PACKAGE]
    return [(file.relative_to(PACKAGE).parts[0].removesuffix(".py"), file) for file in files]


@pytest.mark.parametrize(("module", "file"), modules(), ids=lambda value: str(value)[-40:])
def test_a_module_imports_only_what_stands_below_it(module: str, file: Path) -> None:
    for name in imports(file):
        top, *rest = name.split(".")
        if top == "genesis_mcp" and rest and rest[0] not in (module, "__version__"):
            assert layer_of(rest[0]) < layer_of(module), f"{file.name} imports {name}"
        assert module in OWNERS.get(top, {module}), f"{file.name} imports {name}"


def test_a_question_on_the_command_line_does_not_import_the_sdk(tmp_path: Path) -> None:
    script = (
        "import sys; from genesis_mcp.cli.main import main; "
        f"code = main(['failures', '--store', 'sqlite:///{(tmp_path / 'a.db').as_posix()}']); "
        "print(code, sorted({'mcp', 'mcp_types', 'anyio', 'pymongo', 'clickhouse_connect'} "
        "& set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"


TOP = {"__init__", "__main__", "config", "errors", "validation"}
LINES_MAX = 430
ROLES = {
    *(
        "address",
        "answering",
        "connection",
        "faults",
        "kept_notes",
        "queries",
        "reading",
        "rows",
        "schema",
        "statistics",
    ),
    *("store", "writing"),
}
"""Parts that each store has, by the same name in each."""


def test_the_package_itself_holds_nothing_but_its_borders() -> None:
    assert {file.stem for file in PACKAGE.glob("*.py")} == TOP


def test_no_two_modules_bear_one_name_unless_they_are_the_same_part_of_each_store() -> None:
    places: dict[str, list[Path]] = {}
    for file in PACKAGE.rglob("*.py"):
        if file.stem != "__init__":
            places.setdefault(file.stem, []).append(file.parent)
    for name, folders in places.items():
        in_stores = all(folder.parent == PACKAGE / "stores" for folder in folders)
        assert len(folders) == 1 or (name in ROLES and in_stores), (name, folders)


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file)[-40:])
def test_a_module_says_in_its_docstring_what_it_is_and_is_not_long(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), "no docstring"
    assert text.count("\n") <= LINES_MAX
