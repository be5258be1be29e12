"""How a tile leaves: what of it lies in a file is sent from there by the kernel, which copies nothing.

Past the transport, on a socket of its own for the same connection, and only while the transport itself has nothing to send.
What the kernel does not take at once the transport sends."""

import asyncio
import os
import socket
from contextlib import suppress
from typing import Final

from web.stored_tiles import Whole

FAMILIES: Final = frozenset({socket.AF_INET, socket.AF_INET6})


class Outlet:
    """One connection's."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.write = transport.write
        plug = transport.get_extra_info("socket")
        # Through TLS all goes by the transport.
        plain = plug is not None and plug.family in FAMILIES and transport.get_extra_info("sslcontext") is None
        self._socket: socket.socket | None = None
        if plain:
            with suppress(OSError):  # no more files may be open: then all goes by the transport
                self._socket = plug.dup()

    def send(self, whole: Whole) -> None:
        head, body, file, offset = whole
        plug, sent, size = self._socket, 0, len(head) + len(body)
        if plug is not None and not self._transport.get_write_buffer_size():
            try:
                sent = plug.send(head, socket.MSG_MORE)
                if sent == len(head):
                    sent += os.sendfile(plug.fileno(), file.descriptor, offset, len(body))
            except OSError:
                pass  # no room; or the connection is lost, which the transport finds too
        if sent < size:
            self._transport.write(b"".join((head, body))[sent:])

    def send_copied(self, data: memoryview) -> None:
        """Of many tiles this costs less: the kernel tells the reader once."""
        plug, sent = self._socket, 0
        if plug is not None and not self._transport.get_write_buffer_size():
            with suppress(OSError):
                sent = plug.send(data)
        if sent < len(data):
            self._transport.write(bytes(data[sent:]))

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
