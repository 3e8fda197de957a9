"""Where things of the repository stand."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "genesis_mcp"
TESTS = ROOT / "tests"
SNAPSHOTS = TESTS / "snapshots"
