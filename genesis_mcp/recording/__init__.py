"""What happened, as runs: a command, a block of Python, tests, log records."""
