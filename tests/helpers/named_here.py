"""A proxy behind which every name is a server of a test's, for commands that name one."""

import socket
import threading
from contextlib import contextmanager, suppress


@contextmanager
def named_here(port):
    """The URL of a proxy that takes a CONNECT to whatever place to a port of the loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_accept, args=(listener, port), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)


def _accept(listener, port):
    with suppress(OSError):
        while True:
            near, _ = listener.accept()
            threading.Thread(target=_serve, args=(near, port), daemon=True).start()


def _serve(near, port):
    with near, near.makefile("rb") as asked, suppress(OSError):
        assert asked.readline().startswith(b"CONNECT ")
        while asked.readline().strip():
            pass
        with socket.create_connection(("127.0.0.1", port)) as far:
            near.sendall(b"HTTP/1.1 200 Here\r\n\r\n")
            back = threading.Thread(target=_pass_on, args=(far, near), daemon=True)
            back.start()
            _pass_on(near, far)
            back.join()


def _pass_on(source, target):
    with suppress(OSError):
        while part := source.recv(65_536):
            target.sendall(part)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
