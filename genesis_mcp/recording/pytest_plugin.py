"""A pytest plugin, asked for with `--genesis`: every test that ran is recorded as a run.

What it does then is in `pytest_runs.py`, which is imported only then.
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

import pytest


class _AsItStands:
    """Finds modules of this package before pytest, which would rewrite the assertions of each.

    It does so for all that a plugin is installed with. There are none here; and where no compiled
    copy is kept, as in a new container, that takes longer than to record a thousand tests.
    """

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.startswith("genesis_mcp.") else None


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("genesis", "genesis-mcp")
    group.addoption("--genesis", action="store_true", help="record each test as a run")
    group.addoption(
        "--genesis-store", metavar="URL", help="where to record (default: GENESIS_STORE)"
    )
    group.addoption(
        "--genesis-keep-store-variables",
        action="store_true",
        help="leave the variables that name the store to the tests and what they start",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "genesis(spec): the spec id that the test is recorded under (--genesis)"
    )
    if config.getoption("--genesis"):
        sys.meta_path.insert(0, _AsItStands)
        config.add_cleanup(lambda: sys.meta_path.remove(_AsItStands))
        from genesis_mcp.recording.pytest_runs import StoreVariables, TestMarks, TestRuns

        config.pluginmanager.register(TestMarks(), "genesis-marks")
        if not hasattr(config, "workerinput"):  # the workers of xdist report to the one that has it
            runs = TestRuns(config.getoption("--genesis-store"))
            config.pluginmanager.register(runs, "genesis-runs")
            if not config.getoption("--genesis-keep-store-variables"):
                config.pluginmanager.register(StoreVariables(), "genesis-store-variables")
