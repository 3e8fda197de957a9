"""Signals to this process while a command of its own runs, and what wakes the thread that waits."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import FileIO

from genesis_mcp.recording.signals import PASSED_ON_SIGNALS, STOPPING_SIGNALS

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself takes longer to import than all of this
    from io import RawIOBase
    from types import FrameType


class Bell:
    """Wakes the one thread that waits, also for a signal that comes just before it begins to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reading, self._writing = _pair()

    @property
    def descriptor(self) -> int:
        """What a signal is to write into."""
        return self._writing.fileno()

    def ring(self) -> None:
        with self._lock:
            if not self._writing.closed:
                self._writing.write(b"\0")  # when it is full, it will be heard anyway

    def wait(self, seconds: float | None) -> None:
        """Until it rings, or rang since the last time, at most so long."""
        wait_readable([self._reading.fileno()], seconds)
        self._reading.read(4096)

    def close(self) -> None:
        with self._lock:
            self._reading.close()
            self._writing.close()


def _pair() -> tuple[RawIOBase, RawIOBase]:
    """Both ends of a pipe, on Windows of a socket, as there only sockets can be waited for."""
    if sys.platform == "win32":
        import socket

        ends = socket.socketpair()
        for end in ends:
            end.setblocking(False)
        return ends[0].makefile("rb", 0), ends[1].makefile("wb", 0)
    reading, writing = os.pipe()
    for descriptor in (reading, writing):
        os.set_blocking(descriptor, False)
    return FileIO(reading, "rb"), FileIO(writing, "wb")


def wait_readable(sources: Sequence[int], seconds: float | None = None) -> list[int]:
    """Those of the descriptors that can be read, or are at their end, as soon as one is."""
    if sys.platform == "win32" or sys.platform == "darwin":  # poll: not there; not for terminals
        return select.select(sources, (), (), seconds)[0]
    # Not select elsewhere: a worker's process may have more than 1,024 descriptors.
    poll = select.poll()
    for source in sources:
        poll.register(source, select.POLLIN)
    return [source for source, _ in poll.poll(None if seconds is None else seconds * 1000 + 1)]


class Signals:
    """What this process was told by signals."""

    def __init__(self) -> None:
        self.number: int | None = None
        """The first signal that asked it to end."""
        self.stopped_seconds = 0.0
        """How long it was stopped (Ctrl-Z), and the command with it."""
        self.group: int | None = None
        """The command's process group."""
        self.on_new_size: Callable[[], object] = lambda: None

    def tell(self, number: int) -> bool:
        """Send a signal to the command and its children; whether there was somebody to hear it.

        On Windows any signal is a Ctrl-Break, which needs a console that both have.
        """
        if self.group is None:
            return False
        with suppress(OSError):  # nobody is left, or it is another user's by now (sudo)
            if sys.platform == "win32":
                os.kill(self.group, signal.CTRL_BREAK_EVENT)
            else:
                os.killpg(self.group, number)
            return True
        return False

    def pass_on(self, number: int, _frame: FrameType | None = None) -> None:
        """The command may do with it what it would do without us, such as print a thread dump."""
        self.tell(number)

    def note(self, number: int, _frame: FrameType | None = None) -> None:
        self.number = self.number or number

    if sys.platform != "win32":

        def stop(self, number: int, _frame: FrameType | None = None) -> None:
            """Stop with the command, and go on with it."""
            began = time.monotonic()
            self.tell(signal.SIGSTOP)  # in a session of its own it need not heed SIGTSTP
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)  # here we stop, until `fg` or `bg`
            signal.signal(number, self.stop)
            self.on_new_size()
            self.tell(signal.SIGCONT)
            self.stopped_seconds += time.monotonic() - began

        def resize(self, _number: int, _frame: FrameType | None = None) -> None:
            """Our terminal has another size."""
            self.on_new_size()
            self.tell(signal.SIGWINCH)


def heed_nothing(_number: int, _frame: FrameType | None) -> None:
    """Neither end nor note it. A handler, as programs that are started would inherit SIG_IGN."""


@contextmanager
def listening(bell: Bell, *, is_last: bool = False) -> Iterator[Signals]:
    """Note the signals that ask this process to end, instead of ending; stop when it is to stop.

    Those that mean something to some programs are passed on. With `is_last`, all that would end
    this process are not heeded any more afterwards.
    """
    signals = Signals()
    handlers: dict[int, Callable[[int, FrameType | None], None]] = {}
    ending: list[int] = []
    if threading.current_thread() is threading.main_thread():  # only it may listen
        for stopping in STOPPING_SIGNALS:
            if signal.getsignal(stopping) not in {signal.SIG_IGN, None}:  # else as under nohup
                handlers[stopping] = signals.note
        for passed_on in PASSED_ON_SIGNALS:
            if signal.getsignal(passed_on) == signal.SIG_DFL:
                handlers[passed_on] = signals.pass_on
        ending = list(handlers) if is_last else []
        if sys.platform != "win32":
            handlers[signal.SIGWINCH] = signals.resize
            if signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL:
                handlers[signal.SIGTSTP] = signals.stop
    if not handlers:
        yield signals
        return
    before_wakeup = signal.set_wakeup_fd(bell.descriptor, warn_on_full_buffer=False)
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield signals
    finally:
        for number, put_back in before.items():
            signal.signal(number, heed_nothing if number in ending else put_back)
        signal.set_wakeup_fd(before_wakeup)
