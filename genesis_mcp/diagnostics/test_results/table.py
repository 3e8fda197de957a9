"""The table of test runners in the order in which their names are told; a file a family."""

from genesis_mcp.diagnostics.test_results import (
    browser_runners,
    compiled_runners,
    go_test,
    javascript_runners,
    jvm_runners,
    python_runners,
    script_runners,
)
from genesis_mcp.diagnostics.test_results.runner import Runner

RUNNERS: tuple[Runner, ...] = (
    *python_runners.RUNNERS,
    *javascript_runners.RUNNERS,
    *browser_runners.RUNNERS,
    go_test.RUNNER,
    *compiled_runners.RUNNERS,
    *jvm_runners.RUNNERS,
    script_runners.NODE_TAP,
    *script_runners.RUNNERS,
)
