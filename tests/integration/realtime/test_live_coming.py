"""Coming to the live room and having to go, over real WebSockets: by our own socket class, and by plain ASGI."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, text

from auth import repository as logins
from realtime import frames
from realtime.bus import REVOKED
from realtime.bus_memory import MemoryBus
from realtime.close_codes import CloseCode
from realtime.frames import ViewportFrame
from realtime.hub import Hub
from realtime.wire import Message
from telepath.actor import Actor
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.rooms import Node, Ward, node, refused_status, until


@pytest.fixture
async def ward(sqlite_url: str) -> AsyncIterator[Ward]:
    db = Database(sqlite_url, MASTER_KEY)
    yield await Ward(db).build()
    await db.close()


async def test_a_late_comer_finds_the_field_in_the_welcome(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        sent = zoe.viewport(5)
        await zoe.send(sent)
        await paul.until(lambda: paul.field == sent)
        async with place.guest("lea", room) as lea:
            assert frames.decode(base64.b64decode(lea.welcome["frames"])) == [sent]
            assert {member["person"] for member in lea.welcome["members"]} == set(
                map(ward.person, ("zoe", "paul", "lea"))
            )


async def test_who_says_no_hello_is_closed(ours: Node, ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.connection.HELLO_WITHIN", 0.2)
    async with ours.guest("zoe", await ward.room(), hello=False) as zoe:
        assert await zoe.closed() == CloseCode.SLOW


async def test_another_version_of_the_protocol_is_told_so(ours: Node, ward: Ward) -> None:
    async with ours.guest("zoe", await ward.room(), hello=False) as zoe:
        await zoe.say({"type": "hello", "protocol": 99})
        assert await zoe.closed() == CloseCode.PROTOCOL_VERSION


async def test_frames_before_the_hello_are_not_of_the_protocol(ours: Node, ward: Ward) -> None:
    async with ours.guest("zoe", await ward.room(), hello=False) as zoe:
        await zoe.send(ViewportFrame(1, 1, 1, 0, 0, 0, 1, 1))
        assert await zoe.closed() == CloseCode.MALFORMED


async def test_no_room_and_no_right_are_refused_alike_before_the_handshake(place: Node, ward: Ward) -> None:
    room = await ward.room()
    assert await refused_status(place.guest("max", room)) == 404
    assert await refused_status(place.guest("zoe", "0" * 26)) == 404
    assert await refused_status(place.guest("zoe", "not-an-id")) == 404
    assert await refused_status(place.guest("zoe", room, cookie="telepath=nobody")) == 401
    stranger = place.guest("zoe", room)
    stranger.origin = "https://evil.example"
    assert await refused_status(stranger) == 403
    refusal, foreign = await ward.audited("access.refused")
    assert (refusal["object_id"], refusal["actor"]) == (room, ward.person("max"))
    assert (foreign["actor"], foreign["detail"]["reason"]) == (ward.person("zoe"), "other-site")


async def test_an_invitation_does_not_open_the_slide(ours: Node, ward: Ward) -> None:
    room = await ward.room("zoe", "max")
    assert await refused_status(ours.guest("max", room)) == 404


async def test_joining_is_in_the_audit_before_the_first_frame_and_leaving_after(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("paul", room) as paul:
        (joined,) = await ward.audited("room.joined")
        assert (joined["actor"], joined["object_id"], joined["case_id"]) == (ward.person("paul"), room, ward.case)
        assert joined["detail"]["stream"] == paul.you
        assert await ward.audited("room.left") == []
    async with ours.guest("zoe", room) as zoe:
        await zoe.until(lambda: ward.person("paul") not in zoe.members)
    await ours.hub.settled()
    assert len(await ward.audited("room.left")) == 2


async def test_who_comes_with_many_is_told_what_they_missed_and_the_ledger_is_read_once_for_all(
    ours: Node, ward: Ward
) -> None:
    """One new, one who knows it all, one who missed a line, and one who knows more than there is."""
    room = await ward.room()
    reads: list[str] = []
    async with ours.guest("zoe", room) as zoe:
        for line in ("Un.", "Deux."):
            await zoe.operate("say", text=line)
        last, epoch = zoe.facts[-1]["seq"], zoe.epoch
        held = ((0, 0), (last, epoch), (last - 1, epoch), (last + 5, epoch))
        live = ours.hub.rooms[room]
        async with AsyncExitStack() as leaving:
            async with live._reading:
                guests = [ours.guest("paul", room, last_seq=seq, epoch=known) for seq, known in held]
                coming = asyncio.gather(*(leaving.enter_async_context(one) for one in guests))
                await until(lambda: len(live._coming) == len(guests))
                event.listen(ward.db.engine.sync_engine, "before_cursor_execute", lambda *told: reads.append(told[2]))
            await coming
            assert [one.welcome["mode"] for one in guests] == ["replay", "replay", "replay", "reset"]
            whole = list(range(1, last + 1))
            assert [[fact["seq"] for fact in one.facts] for one in guests] == [whole, [], [last], whole]
            assert len({one.you for one in guests}) == len(guests)
            streams = {one.you for one in (zoe, *guests)}
            assert all({n for one in told.welcome["members"] for n in one["streams"]} == streams for told in guests)
    assert len([one for one in reads if "FROM room_fact" in one]) == 1


class Prompt:
    """A client next to us, and the socket to it: it says that it follows nobody as soon as it is welcomed."""

    file, full = -1, False

    def __init__(self, hub: Hub, actor: Actor, room: str) -> None:
        self.said = False
        self.connection = hub.connect(self, actor, room, acknowledges=False)
        self.running = asyncio.create_task(self.connection.run())
        self.connection.receive('{"type":"hello","protocol":3}')

    def mend(self, rest: bytes) -> None: ...

    def write(self, message: Message) -> None:
        if message.payload.startswith(b'{"type":"welcome"'):
            asyncio.get_running_loop().call_soon(self.speak)

    def close(self, code: int) -> None: ...

    def speak(self) -> None:
        self.connection.receive('{"type":"following","following":false}')
        self.said = True


async def test_what_is_said_right_after_the_welcome_is_heard_however_many_come(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe:
        live = ours.hub.rooms[room]
        async with live._reading:
            many = [Prompt(ours.hub, ward.actor("paul"), room) for _ in range(5)]
            await until(lambda: len(live._coming) == len(many))
        await until(lambda: all(one.said for one in many))
        assert [seat.following for seat in live._presence.here() if seat.stream != zoe.you] == [False] * len(many)
        for one in many:
            one.connection.lost()
        await asyncio.gather(*(one.running for one in many))


async def test_a_right_that_is_withdrawn_closes_the_socket_at_once(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        async with ward.db.write(ward.actor("zoe"), unaudited="a test's world") as tx:
            await tx.revoke("consult", "c" * 26)
        await ours.hub.bus.publish(REVOKED, b"{}")
        assert await paul.closed() == CloseCode.RIGHT_WITHDRAWN
        assert zoe.close_code is None


async def test_the_end_of_a_session_closes_the_socket_without_any_word_on_the_bus(ward: Ward) -> None:
    async with node(ward.db, MemoryBus(), recheck_every=0.1) as place:
        room = await ward.room()
        async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
            await ward.sign_out("paul")
            assert await paul.closed() == CloseCode.SESSION_ENDED
            assert zoe.close_code is None


async def test_a_socket_that_stands_is_no_sign_of_a_person(ward: Ward) -> None:
    async def seen_at(key: str) -> datetime:
        async with ward.db.read() as reader:
            session = await logins.session_by_id(reader, ward.actor(key).session_id)
        assert session is not None
        return session.seen_at

    async with node(ward.db, MemoryBus(), recheck_every=0.1) as place:
        room = await ward.room()
        before = await seen_at("paul")
        async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
            assert await seen_at("paul") == before
            async with ward.db.write(ward.actor("zoe"), unaudited="half an hour without a sign") as tx:
                await logins.touch(tx, ward.actor("zoe").session_id, before + timedelta(minutes=1))
            place.hub.idle = tx.now - before
            assert await paul.closed() == CloseCode.SESSION_ENDED
            assert zoe.close_code is None


async def test_rights_are_looked_at_again_after_a_check_that_failed(
    ward: Ward, caplog: pytest.LogCaptureFixture
) -> None:
    async def rename(old: str, new: str) -> None:
        async with ward.db.write(ward.actor("zoe"), unaudited="a defect") as tx:
            await tx.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    async with node(ward.db, MemoryBus(), recheck_every=0.1) as place:
        room = await ward.room()
        async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
            place.hub.recheck_every = 3600.0  # nobody is closed for want of an answer
            await rename("membership", "elsewhere")
            await place.hub.bus.publish(REVOKED, b"{}")
            await until(lambda: caplog.text.count("a right could not be checked") >= 2)
            await rename("elsewhere", "membership")
            await ward.sign_out("paul")
            await place.hub.bus.publish(REVOKED, b"{}")
            assert await paul.closed() == CloseCode.SESSION_ENDED
            assert zoe.close_code is None


async def test_a_server_that_stops_serves_until_its_clients_have_gone(ward: Ward) -> None:
    async with node(ward.db, MemoryBus()) as place:
        room = await ward.room()
        async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
            place.server.should_exit = True
            await paul.until(lambda: bool(paul.of("goaway")))
            shown = zoe.viewport(7)
            await zoe.send(shown)
            await paul.until(lambda: paul.field == shown)
            assert (await zoe.operate("say", text="Encore là."))["type"] == "ack"
            assert paul.close_code is None


async def test_a_server_that_stops_lets_nobody_in_any_more(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room, hello=False) as paul:
        ours.server.should_exit = True
        await zoe.until(lambda: bool(zoe.of("goaway")))
        assert await paul.closed() == CloseCode.RESTART
        assert zoe.close_code is None
        assert paul.messages == []


async def test_a_server_that_stops_asks_to_go_and_then_says_restart(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.hub.DRAIN", 0.3)
    async with node(ward.db, MemoryBus()) as place:
        room = await ward.room()
        async with place.guest("zoe", room) as zoe:
            place.server.should_exit = True
            await zoe.until(lambda: bool(zoe.of("goaway")))
            assert 0 <= zoe.of("goaway")[0]["after_ms"] <= 1000
            assert await zoe.closed() == CloseCode.RESTART
