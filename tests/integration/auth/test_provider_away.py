"""The identity provider is away, slow, broken or another one: a clear page within five seconds, and no way around."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from auth.attempts import Attempts
from auth.endpoints import PATIENCE
from auth.identity_oidc import OpenIdProvider
from auth.providers import Registry
from tests.certificates import make_certificates
from tests.entrance import Entrance
from tests.identities import HUGO, INES
from tests.login import free_port, login, pick

LONGEST = 5.0
"""Seconds to the whole page, as it was asked for."""
NOISE = 2.0
"""Seconds that a busy machine may add: less than another patience."""

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(answer: Answer, folder: Path | None = None) -> AsyncIterator[str]:
    """Something on a port of its own that is no provider; its origin. With a folder: by TLS, under an authority that nobody
    knows."""
    tls = make_certificates(folder).server() if folder else None
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()  # until the other side gives up
    writer.close()


async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte now and then: no single wait is long, and the whole never ends."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    while not reader.at_eof() and not writer.is_closing():
        writer.write(b" ")
        try:
            await writer.drain()
            async with asyncio.timeout(0.5):
                await reader.read()
        except TimeoutError:
            continue
        except OSError:
            break
    writer.close()


def saying(text: str) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(text.encode())
        await writer.drain()
        writer.close()

    return answer


BUSY = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
MAINTENANCE = (
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<h1>Pause</h1>\r\n"
)
ELSEWHERE = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


async def test_every_door_says_so_within_five_seconds_and_sessions_live_on(
    plain_entrance: Entrance, tmp_path: Path
) -> None:
    entrance = plain_entrance
    agreed = entrance.identity.provider

    def asks(origin: str) -> None:
        """From now on the provider is what answers there."""
        other = msgspec.structs.replace(agreed, issuer=f"{origin}/realm")
        entrance.identity = OpenIdProvider(other, clock=entrance.clock)
        entrance.providers = Registry(entrance.identity)
        entrance.attempts = Attempts()

    async with entrance.browser() as client, entrance.browser() as stranger:
        await login(client, INES.subject_name_id)

        async def refused(case: str) -> float:
            """How long both doors took, at once."""
            before = time.monotonic()
            number = {"number": INES.subject_name_id[1:], "return_to": "/"}
            answers = await asyncio.gather(
                stranger.get("/login/start?return_to=/cases"), stranger.post("/login/phone", data=number)
            )
            for answer in answers:
                assert answer.status_code == 503, case
                assert "Pro Santé Connect ne répond pas" in answer.text, case
                assert "Autres moyens de se connecter" in answer.text, case
            assert (await client.get("/")).json()["name"] == "Dr Inès Flamboyant", case
            return time.monotonic() - before

        # Both are on their way back when the provider falls silent.
        returning = await pick(stranger, "/login/start?return_to=/cases", HUGO.subject_name_id)
        stepping = await pick(client, "/login/step-up?return_to=/cases", INES.subject_name_id)

        asks(f"http://127.0.0.1:{free_port()}")
        assert await refused("nobody listens") < PATIENCE
        for case, answer in {"busy": BUSY, "a page of maintenance": MAINTENANCE, "sent elsewhere": ELSEWHERE}.items():
            async with listening(saying(answer)) as origin:
                asks(origin)
                assert await refused(case) < PATIENCE
        async with listening(silence, tmp_path) as origin:
            asks(origin)
            assert await refused("a certificate that nobody signed") < PATIENCE
        async with listening(silence) as origin, listening(drip) as dripping:
            asks(origin)
            before = time.monotonic()
            others = stranger.get(returning), client.get(stepping), client.get("/login/step-up")
            _, answers = await asyncio.gather(refused("silence"), asyncio.gather(*others))
            assert PATIENCE <= LONGEST - 1
            assert time.monotonic() - before < PATIENCE + NOISE, "all that is asked shares one patience"
            for back in answers:
                assert (back.status_code, "Pro Santé Connect ne répond pas" in back.text) == (503, True), back.url
            asks(dripping)
            assert await refused("a drop now and then") < LONGEST
    assert await entrance.sessions() == 1
