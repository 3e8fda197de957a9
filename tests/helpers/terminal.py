"""A command in a terminal of its own (POSIX): what a person would see, key by key."""

import fcntl
import os
import select
import subprocess
import sys
import termios
import time

from tests.helpers.command_line import environment
from tests.helpers.waiting import WAIT

IN_FRONT = """if True:
    import fcntl, os, sys, termios
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the terminal the controlling one: only then it sends signals."""


class Terminal:
    """`command` in front of a terminal of `columns` and `rows`."""

    def __init__(self, *command, columns=80, rows=24, env=None, cwd=None):
        self.seen = ""
        self._ours, theirs = os.openpty()
        self.resize(columns, rows)
        self.process = subprocess.Popen(
            [sys.executable, "-c", IN_FRONT, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=env,
            cwd=cwd,
            start_new_session=True,
        )
        os.close(theirs)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait(WAIT)
        os.close(self._ours)

    def resize(self, columns, rows):
        size = b"".join(number.to_bytes(2, sys.byteorder) for number in (rows, columns, 0, 0))
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, size)

    def type(self, keys):
        os.write(self._ours, keys.encode())

    def until(self, text):
        """Read until `text` was printed; all that was seen."""
        deadline = time.monotonic() + WAIT
        while text not in self.seen:
            assert self._read(deadline - time.monotonic()), f"{text!r} never came: {self.seen!r}"
        return self.seen

    def to_the_end(self):
        """All that is printed, as lines end in a terminal that does nothing to them."""
        deadline = time.monotonic() + WAIT
        while self._read(deadline - time.monotonic()):
            pass
        self.process.wait(WAIT)
        return self.seen.replace("\r\n", "\n")

    def _read(self, seconds):
        ready, _, _ = select.select([self._ours], [], [], max(0, seconds))
        try:
            chunk = os.read(self._ours, 65536) if ready else b""
        except OSError:  # on Linux: nobody has the other end any more
            chunk = b""
        self.seen += chunk.decode("utf-8", "replace")
        return chunk


def in_terminal(*arguments, store_url, columns=80, rows=24, cwd=None, **variables):
    """What the command line shows a person, and its exit code."""

    env = environment(
        store_url, **{"TERM": "xterm-256color", "TZ": "America/Sao_Paulo", **variables}
    )
    command = [sys.executable, "-m", "genesis_mcp", *arguments]
    with Terminal(*command, columns=columns, rows=rows, env=env, cwd=cwd) as terminal:
        seen = terminal.to_the_end()
        return seen, terminal.process.returncode
