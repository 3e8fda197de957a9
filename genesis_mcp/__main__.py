"""`python -m genesis_mcp`: the command line."""

import sys

from genesis_mcp.cli.main import main

sys.exit(main())
