"""Starts the server in a bundle: what its user left empty is not set."""

import os
import sys

from genesis_mcp.__main__ import main

UNFILLED = "${user_config."
"""What some hosts leave where nothing was entered; others give nothing."""

for name, value in list(os.environ.items()):
    if name.startswith("GENESIS_") and (not value.strip() or value.startswith(UNFILLED)):
        del os.environ[name]

sys.exit(main(["serve"]))
