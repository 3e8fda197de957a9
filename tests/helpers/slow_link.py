"""A slow network: a port of the loopback behind which another one is reached late."""

import socket
import threading
import time
from contextlib import contextmanager, suppress
from queue import Queue


@contextmanager
def slow_link(port, seconds):
    """A port that passes on to another one what it gets, each way so many seconds later."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_serve, args=(listener, port, seconds), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _serve(listener, port, seconds):
    while True:
        try:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", port))
        except OSError:
            return
        for source, target in ((near, far), (far, near)):
            late = Queue()
            threading.Thread(target=_read, args=(source, late, seconds), daemon=True).start()
            threading.Thread(target=_write, args=(target, late), daemon=True).start()


def _read(source, late, seconds):
    chunk = b"first"
    while chunk:
        try:
            chunk = source.recv(65_536)
        except OSError:
            chunk = b""
        late.put((time.monotonic() + seconds, chunk))


def _write(target, late):
    with target, suppress(OSError):
        while True:
            at, chunk = late.get()
            time.sleep(max(0.0, at - time.monotonic()))
            if not chunk:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(chunk)
