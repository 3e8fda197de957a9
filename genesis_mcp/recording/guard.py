"""Ends a command with its children when this process is lost: killed, or out of memory.

Whatever ends this process closes its end of a pipe, which a shell waits for (POSIX), or its handle
of a job (Windows). A process that went into a session of its own is reached where there is a
`/proc` (Linux), as long as the process that started it lives; nowhere else.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

WATCHING = """\
read -r said
[ "$said" = over ] && exit
trap 'kill -s KILL -- "-$1" $tree' EXIT
kill -s STOP -- "-$1"
tree=" $1 "
grown=yes
while [ "$grown" ]; do
  grown=
  for status in /proc/[0-9]*/status; do
    process=${status#/proc/} process=${process%/status} parent=
    [ -r "$status" ] || continue
    case $tree in *" $process "*) continue ;; esac
    while read -r name value; do
      [ "$name" = PPid: ] && parent=$value && break
    done <"$status"
    case $tree in *" ${parent:-none} "*) tree="$tree$process " grown=yes ;; esac
  done
done
"""
"""Waits for a word or for the end of the pipe; then ends the group, and all that descends from it:
stopped first, so that nobody loses its parent meanwhile, and ended however the shell itself ends,
which may mind a process that is gone. Of the shell's own commands only, since the machine may have
no others."""


@contextmanager
def guarding(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the command, which leads a process group, if this process is lost in the block."""
    if sys.platform == "win32":
        from genesis_mcp.recording.windows_job import job_of

        with job_of(process):
            yield
        return
    watcher = _watcher(process.pid)
    try:
        yield
    finally:
        if watcher is not None:
            with suppress(OSError):  # somebody ended it
                watcher.communicate(b"over\n")


def _watcher(group: int) -> subprocess.Popen[bytes] | None:
    """A shell in a session of its own, so that nothing that ends our group ends it; None: none."""
    with suppress(OSError):
        return subprocess.Popen(
            ["/bin/sh", "-c", WATCHING, "genesis-mcp", str(group)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={},
            start_new_session=True,
        )
    return None
