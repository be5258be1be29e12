"""The peers' room: a plain WebSocket that tells the field, and nginx that speaks HTTP/2 in front of the same node."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from websockets.asyncio.server import ServerConnection, broadcast, serve

from tests.bench.sharp.network import HERE
from tests.bench.sharp.script import Field
from tests.bench.sharp.stage import Teller
from tests.bench.tiles import servers
from tests.certificates import Certificates
from tests.login import free_port
from tests.tools import nginx

HTTP_2: Final = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
user root;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream node {{ server 127.0.0.1:{node}; keepalive 64; }}
    server {{
        listen {port} ssl http2;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        location / {{
            proxy_pass http://node;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host {here}:{node};
        }}
    }}
}}
"""


class PlainTeller(Teller):
    """Tells every field to whoever is connected, as JSON."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.listeners: set[ServerConnection] = set()
        self._sequence = 0

    async def tell(self, field: Field, end: Field, left: float) -> int:
        self._sequence += 1
        (width, height) = field.size
        said = {"sequence": self._sequence, "x": field.x, "y": field.y, "width": width, "height": height}
        broadcast(self.listeners, json.dumps(said))
        return self._sequence


@asynccontextmanager
async def telling(certificates: Certificates | None) -> AsyncIterator[PlainTeller]:
    """``certificates``: behind TLS, as a page of https needs it."""
    teller = PlainTeller(free_port())

    async def one(connection: ServerConnection) -> None:
        teller.listeners.add(connection)
        try:
            await connection.wait_closed()
        finally:
            teller.listeners.discard(connection)

    context: ssl.SSLContext | None = certificates.server() if certificates is not None else None
    # The line, and with it the address, comes and goes.
    async with serve(one, "0.0.0.0", teller.port, ssl=context, compression=None):  # noqa: S104
        yield teller


@contextmanager
def over_http_2(folder: Path, certificates: Certificates, node: int) -> Iterator[int]:
    """The port of nginx in front of the node on ``node``; its defaults, and connections that are kept."""
    program = nginx()
    assert program is not None
    folder.mkdir(exist_ok=True)
    port, log, configuration = free_port(), folder / "error.log", folder / "nginx.conf"
    configuration.write_text(
        HTTP_2.format(folder=folder, node=node, here=HERE, port=port, chain=certificates.chain, key=certificates.key)
    )
    with servers.process([program, "-e", str(log), "-c", str(configuration)], log=log, core=None) as running:
        servers.listening(running, log, port=port)
        yield port


async def somebody(teller: PlainTeller) -> None:
    """Wait until a follower is connected."""
    while not teller.listeners:  # noqa: ASYNC110  # the library tells nobody
        await asyncio.sleep(0.02)
