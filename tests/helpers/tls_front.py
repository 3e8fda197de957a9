"""TLS before a server that speaks none, as a proxy or a sidecar ends it; on the loopback."""

import asyncio
import queue
import ssl
import threading
from contextlib import contextmanager, suppress

PIECE_BYTES = 65_536


@contextmanager
def tls_front(port, certificate, *, clients_of=None):
    """The port at which `port` is spoken to by TLS, with a certificate's file.

    `clients_of`: the file of the authority whose certificate each client must have.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if clients_of is not None:
        context.load_verify_locations(clients_of)
        context.verify_mode = ssl.CERT_REQUIRED
    began = queue.SimpleQueue()
    thread = threading.Thread(target=asyncio.run, args=(_serving(port, context, began),))
    thread.start()
    front_port, end = began.get()
    try:
        yield front_port
    finally:
        end()
        thread.join()


async def _serving(port, context, began):
    loop, is_over, open_ones = asyncio.get_running_loop(), asyncio.Event(), set()
    loop.set_exception_handler(lambda *_: None)  # handshakes that fail are what is tested

    async def relayed(reader, writer):
        open_ones.add(writer)
        with suppress(OSError):
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", port)
            open_ones.add(back_writer)
            await asyncio.gather(_copy(reader, back_writer), _copy(back_reader, writer))

    server = await asyncio.start_server(relayed, "127.0.0.1", 0, ssl=context)
    end = loop.call_soon_threadsafe
    began.put((server.sockets[0].getsockname()[1], lambda: end(is_over.set)))
    await is_over.wait()
    server.close()
    for writer in open_ones:
        writer.transport.abort()
    await asyncio.sleep(0)


async def _copy(reader, writer):
    try:
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
    finally:
        writer.close()
