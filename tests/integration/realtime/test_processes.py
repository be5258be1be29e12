"""Two real processes of the service on one database and one Valkey, as they run past one machine."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from realtime.presence import TTL
from telepath.db.database import Database
from tests.builders import MASTER_KEY, VAULT_KEY
from tests.rooms import Guest, Ward
from tests.running import Node, service

pytestmark = pytest.mark.slow


@pytest.fixture
async def nodes(postgres_url: str, valkey: str, tmp_path: Path) -> AsyncIterator[list[Node]]:
    settings = {"database": postgres_url, "bus": valkey, "log_level": "info", "vault_key": VAULT_KEY}
    with service(tmp_path, settings, nodes=2) as running:
        yield running


@pytest.fixture
async def ward(postgres_url: str) -> AsyncIterator[Ward]:
    db = Database(postgres_url, MASTER_KEY)
    yield await Ward(db).build()
    await db.close()


async def test_a_room_on_two_processes_survives_the_death_of_one_and_the_stop_of_the_other(
    nodes: list[Node], ward: Ward
) -> None:
    room = await ward.room()
    one, two = (node.origin for node in nodes)
    async with Guest(one, "zoe", room) as zoe, Guest(two, "lea", room), Guest(two, "paul", room) as paul:
        await zoe.until(lambda: len(zoe.members) == 3)
        shown = zoe.viewport(1)
        await zoe.send(shown)
        await paul.until(lambda: paul.field == shown)
        await paul.operate("take", epoch=1)
        await zoe.until(lambda: zoe.epoch == 2)
        seen = paul.facts[-1]["seq"]

        nodes[1].process.send_signal(signal.SIGKILL)
        loop = asyncio.get_running_loop()
        died = loop.time()
        assert await paul.closed() == 1006
        async with Guest(one, "paul", room, last_seq=seen, epoch=2) as back:
            assert (back.welcome["mode"], back.facts) == ("replay", [])
            assert back.welcome["presenter"] == ward.person("paul")
            again = back.viewport(2)
            await back.send(again)
            await zoe.until(lambda: zoe.field == again)
            await zoe.until(lambda: set(zoe.members) == {ward.person("zoe"), ward.person("paul")})
            # The last word of the dead node may have come just before, and is looked at once a second.
            assert loop.time() - died < 2 * TTL

            nodes[0].process.send_signal(signal.SIGTERM)
            await back.until(lambda: bool(back.of("goaway")))
            assert await back.closed() == 1012
        await asyncio.to_thread(nodes[0].process.wait, 20)
    left = {record["detail"]["stream"] for record in await ward.audited("room.left")}
    assert left >= {zoe.you, back.you}, "a node that is asked to stop writes down who left"
