"""Tells clients that a session of theirs has ended (OpenID Connect Back-Channel Logout 1.0)."""

import asyncio
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import httpx2
import msgspec

from auth.simulator.realm import Client, Provider, WalletSession
from auth.simulator.tokens import logout_token

PAUSES: Final = (0.0, 1.0, 5.0)
"""Seconds before each try."""
PATIENCE: Final = 5.0
"""Seconds for one answer."""
KEPT: Final = 20


class Delivery(msgspec.Struct, kw_only=True):
    """One client to be told of one end."""

    client: str
    person: str
    at: datetime
    tries: int = 0
    status: int = 0
    """The last HTTP answer; 0: none."""
    done: bool = False
    """It was answered, well or badly, or given up."""


class LogoutSender:
    """Sends logout tokens, several at once, and waits for nobody."""

    def __init__(self, provider: Provider, pauses: Sequence[float] = PAUSES) -> None:
        self.provider = provider
        self.pauses = pauses
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT)
        """The newest first."""
        self._under_way: set[asyncio.Task[None]] = set()
        provider.ended = self.tell

    def tell(self, session: WalletSession) -> None:
        """Begin to tell every client of the session that it has ended."""
        for client in session.clients.values():
            if client.backchannel_logout_uri:
                delivery = Delivery(client=client.name, person=session.identity.name, at=self.provider.clock())
                self.deliveries.appendleft(delivery)
                task = asyncio.create_task(self._deliver(session, client, delivery))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Wait until everybody was told or given up."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    async def close(self) -> None:
        """Give up what is under way."""
        under_way = set(self._under_way)
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _deliver(self, session: WalletSession, client: Client, delivery: Delivery) -> None:
        # One token for all tries: its jti lets the client notice that it has heard this before.
        token = logout_token(self.provider, session, client)
        async with httpx2.AsyncClient(timeout=PATIENCE, trust_env=False, follow_redirects=False) as http:
            for pause in self.pauses:
                await asyncio.sleep(pause)
                delivery.tries += 1
                try:
                    answer = await http.post(client.backchannel_logout_uri, data={"logout_token": token})
                except (httpx2.HTTPError, httpx2.InvalidURL):
                    continue
                delivery.status = answer.status_code
                # 2.8: 200 when it succeeded, 400 when the token or the logout failed. Neither gets better by repetition.
                if answer.status_code < 500:
                    break
        delivery.done = True
