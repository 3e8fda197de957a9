"""The table of formats in the order in which they are tried; a file a family of tools."""

from genesis_mcp.diagnostics.format import Format
from genesis_mcp.diagnostics.formats import (
    annotations,
    build_tools,
    compiled,
    go,
    javascript,
    javascript_tools,
    jest,
    json_findings,
    languages,
    linters,
    operations,
    packages,
    plain,
    pytest_failures,
    python,
    rich,
    scripts,
    services,
    tap,
    test_runners,
)

FORMATS: tuple[Format, ...] = (
    *annotations.FORMATS,
    *javascript_tools.FORMATS,
    *services.FORMATS,
    *test_runners.FORMATS,
    *packages.FORMATS,
    *linters.FORMATS,
    *operations.FORMATS,
    *rich.FORMATS,
    *pytest_failures.REPORTS,
    *python.RECOGNISERS,
    *pytest_failures.REST,
    *scripts.RECOGNISERS,
    *tap.RECOGNISERS,
    *jest.RECOGNISERS,
    *javascript.RECOGNISERS,
    *languages.FORMATS,
    *build_tools.LINTERS,
    *json_findings.FORMATS,
    *go.RECOGNISERS,
    *compiled.RECOGNISERS,
    *build_tools.BUILDS,
)
"""What tools print in a form of their own. The more specific comes first."""

PLAIN: tuple[tuple[Format, ...], ...] = (
    plain.PLACED,
    plain.NAMED,
    plain.AT_A_PLACE,
    plain.WORDED,
    plain.WARNINGS,
    plain.WEAKER,
    plain.LAST_LINE,
)
"""What any program may print, the surest first."""
