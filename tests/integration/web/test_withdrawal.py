"""What ends closes what is open through it on every node: page, tile and the room's socket (tests/endings.py).

By the news of the bus, from one node to another; within thirty seconds where it is away, by reading again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest

from consults import offers, request
from consults import repository as consults
from consults.deadlines import Urgency
from consults.model import Question
from realtime import hub, live_room, opening
from realtime.bus_redis import RedisBus
from telepath import grants
from telepath.access import Action
from telepath.db.database import Database
from telepath.slides import ingest, views
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders import MASTER_KEY, VAULT_KEY
from tests.builders_slides import write_svs
from tests.endings import WAYS, Stage, measured
from tests.login import free_port
from tests.rooms import Ward, node
from tests.running import service
from web import tile_rights, tiles
from web.tile_rights import REREAD_SECONDS

WITHOUT_BUS = 30.0


@pytest.fixture
async def stage(postgres_url: str, valkey: str, tmp_path: Path) -> AsyncIterator[Stage]:
    db = Database(postgres_url, MASTER_KEY)
    (tmp_path / "data").mkdir()
    made = await Stage(db, tmp_path).build()
    with service(tmp_path, {"database": postgres_url, "bus": valkey, "vault_key": VAULT_KEY}, nodes=2) as made.nodes:
        yield made
    await db.close()


async def test_what_ends_closes_pages_tiles_and_sockets_of_another_node_as_soon_as_the_bus_says_it(
    stage: Stage, subtests: pytest.Subtests
) -> None:
    for name, (way, code, status) in WAYS.items():
        with subtests.test(name):
            # News, and not what is found by reading again; how quick it is, tests/bench/bench_endings.py measures.
            assert await measured(stage, name, await way(stage, name), code, status) < REREAD_SECONDS / 2


async def test_an_offer_that_another_expert_took_is_gone_at_once(sqlite_url: str, tmp_path: Path) -> None:
    db = Database(sqlite_url, MASTER_KEY)
    ward = await Ward(db).build()
    paul, zoe = ward.actor("paul"), ward.actor("zoe")
    quicker = await ward.world.expert("eve", "rennes", "Ève", "Preste")
    question = Question("Lymphome ?", "", "lymphoid", Urgency.STANDARD)
    consult = await request.request(db, zoe, ward.case, question, paul.person_id)
    await offers.reoffer(db, zoe, consult, quicker.person_id)

    async def sees() -> bool:
        async with db.read() as reader:
            asked = (await consults.get(reader, consult)).ref
            return bool(await grants.decide(reader, paul, Action.CONSULT_VIEW, asked))

    assert await sees()
    await offers.accept(db, quicker, consult)
    assert not await sees()
    await db.close()


async def test_without_the_bus_it_is_noticed_by_reading_again(sqlite_url: str, tmp_path: Path) -> None:
    assert hub.RECHECK + 2 * live_room.TICK <= WITHOUT_BUS
    assert REREAD_SECONDS + tile_rights.RETRY_SECONDS <= tile_rights.STALE_SECONDS <= WITHOUT_BUS
    async with AsyncExitStack() as stack:
        db = Database(sqlite_url, MASTER_KEY)
        stack.push_async_callback(db.close)
        bus = RedisBus(f"redis://127.0.0.1:{free_port()}")  # nobody is there
        stack.push_async_callback(bus.close)
        storage = LocalStorage(tmp_path / "slides")
        stack.push_async_callback(storage.close)
        ward = await Ward(db).build()
        zoe = ward.actor("zoe")
        decoders = await stack.enter_async_context(DecoderPool(storage, 1))
        path, home = write_svs(tmp_path / "slide.svs", width=600, height=400, steps=(1,)), zoe.institution_id
        slide = await ingest.add(db, storage, decoders, zoe, path, case_id=ward.case, institution_id=home)
        lane = await stack.enter_async_context(
            tiles.TileService(db, storage, decoders, bytes(range(32)), bus, reread_every=0.1)
        )
        async with db.write(zoe) as tx:
            view = await views.open_view(tx, slide, await grants.require(tx, zoe, Action.SLIDE_VIEW, slide.ref))
        cookie = lane.mint_cookie(view)
        room = await opening.open_room(db, zoe, slide.id)
        client = await stack.enter_async_context(
            httpx2.AsyncClient(transport=httpx2.ASGITransport(lane), base_url="http://test")
        )

        async def tile() -> int:
            headers = {"Cookie": f"{cookie.name}={cookie.value}"}
            return (await client.get(f"/slides/{slide.id}/tiles/0/0_0", headers=headers)).status_code

        async with node(db, bus, recheck_every=0.1) as place, place.guest("zoe", room) as guest:
            assert await tile() == 200
            await ward.sign_out("zoe")
            assert await guest.closed() == 4401
            async with asyncio.timeout(20):
                while await tile() == 200:  # noqa: ASYNC110 - the answer is what we wait for
                    await asyncio.sleep(0.01)
            assert await tile() == 404
