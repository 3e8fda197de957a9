"""How every command ends: its exit code, and one line on stderr when it could not do its work."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress

from genesis_mcp.errors import GenesisError, StoreError

EXIT_CODES = "0 ok, 2 the caller's fault, 3 refused, 4 the store's fault"

INTERRUPTED = 130


def exit_code_of(work: Callable[[], int]) -> int:
    """What the process should exit with after the work."""
    try:
        return work()
    except GenesisError as error:
        from genesis_mcp.cli.typed import as_commands

        say(as_commands(str(error)))
        return error.exit_code
    except BrokenPipeError:  # such as `genesis-mcp export | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        name = type(error).__name__
        say(f"Something went wrong inside ({name}); genesis-mcp doctor looks for known causes.")
        return StoreError.exit_code


def say(sentence: str) -> None:
    """Tell a person something beside the answer, in one line on stderr."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):  # nobody listens there any more
            line = " ".join(sentence.split("\n"))
            print(f"genesis-mcp: {line}", file=sys.stderr, flush=True)
