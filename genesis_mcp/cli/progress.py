"""How far a long work is, with an estimate, on a terminal; nothing elsewhere."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

TICK_SECONDS = 1.0


@contextmanager
def progress(label: str, total: int, *, hidden: bool = False) -> Iterator[Callable[[int], None]]:
    """A bar for `total` steps; what is given is called with each number of steps done."""
    hidden = hidden or not sys.stderr.isatty()
    with click.progressbar(length=total, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield bar.update


@contextmanager
def ticking(label: str) -> Iterator[None]:
    """The seconds that a work takes that cannot tell how far it is."""
    if not sys.stderr.isatty():
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_tick, args=(label, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _tick(label: str, over: threading.Event) -> None:
    began, shown = time.monotonic(), ""
    while not over.wait(TICK_SECONDS):
        shown = f"{label} {time.monotonic() - began:.0f} s"
        print(f"\r{shown}", end="", file=sys.stderr, flush=True)
    print(f"\r{' ' * len(shown)}\r", end="", file=sys.stderr, flush=True)
