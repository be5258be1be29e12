"""A real SMTP server whose answers a test chooses."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd import smtp as aiosmtpd


@dataclass
class Postmaster:
    """What the server behind the channel got, and what it says to the next one."""

    got: list[bytes] = field(default_factory=list)
    answer: str = "250 OK"
    greeting: str = "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.greeting.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.greeting

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.got.append(envelope.content)
        return self.answer


@asynccontextmanager
async def post_office() -> AsyncIterator[tuple[Postmaster, int]]:
    """Who answers, and on which loopback port."""
    postmaster = Postmaster()
    server = await asyncio.get_running_loop().create_server(lambda: aiosmtpd.SMTP(postmaster), "127.0.0.1", 0)
    yield postmaster, server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
