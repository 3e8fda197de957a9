"""A pipe with a name, by which a test hears of processes that nobody waits for (POSIX)."""

import os
import select

from tests.helpers.waiting import WAIT


class Fifo:
    """A pipe with a name: tells what its writers said, and when the last of them is gone."""

    def __init__(self, path):
        self.path = str(path)
        os.mkfifo(path)
        self.descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)

    def read(self, stop_at=None):
        said = b""
        while stop_at is None or stop_at not in said:
            ready, _, _ = select.select([self.descriptor], [], [], WAIT)
            assert ready, f"nothing came; so far {said!r}"
            chunk = os.read(self.descriptor, 65536)
            if not chunk:
                break
            said += chunk
        return said


STUBBORN = """if True:
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    fifo = os.open(sys.argv[1], os.O_WRONLY)
    said = sys.argv[2]
    if said == 'child':
        grandchild = [sys.executable, '-I', '-c', sys.argv[3], sys.argv[1], 'grandchild']
        subprocess.Popen(grandchild)
    os.write(fifo, said.encode() + b' ready.')
    time.sleep(100)
"""
"""A command with a child that heed nothing; they are there as long as the pipe is open."""
