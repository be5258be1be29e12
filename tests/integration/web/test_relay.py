"""What transactions left behind reaches people, once, whatever fails."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from realtime.bus import REVOKED, Bus
from realtime.bus_memory import MemoryBus
from telepath.actor import SYSTEM, Actor
from telepath.anchors.comparison import Log
from telepath.anchors.folder import FolderAnchor
from telepath.anchors.pusher import Pusher
from telepath.db import audit_check, audit_log, outbox, timers
from telepath.db.database import Database, utc_now
from telepath.db.schema.audit import audit_anchor, audit_pending
from telepath.db.schema.notices import notice
from telepath.db.schema.outbox import outbox as outbox_table
from telepath.db.timers import Handler, Timer
from telepath.db.transaction import Transaction
from telepath.ids import make_id
from telepath.notices import store
from telepath.notices.channels import Mailer, mailer
from tests.builders import World
from web import relay
from web.relay import Relay, topic
from web.words import Words

CONSULT = make_id(1, bytes(10))
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
LOG = "telepath.example/audit"
OF = Log(LOG, [KEY.public_key().public_bytes_raw()])
WORDS = Words()


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def zoe(world: World) -> Actor:
    return await world.person("zoe", "cayenne", "Zoé", "Marchand")


@pytest.fixture
async def paul(world: World) -> Actor:
    return await world.person("paul", "lille", "Paul", "Lenoir")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


@pytest.fixture
async def pusher(database: Database, tmp_path: Path) -> Pusher:
    made = Pusher(database, [FolderAnchor(tmp_path / "anchors", "folder", timedelta())], OF)
    await made.enrol()
    return made


@pytest.fixture
def make(database: Database, folder: Path, pusher: Pusher) -> Callable[..., Relay]:
    def relay(bus: Bus | None = None, by: Mailer | None = None, timed: Mapping[str, Handler] | None = None) -> Relay:
        return Relay(
            database,
            bus or MemoryBus(),
            by or mailer(folder.as_uri()),
            WORDS,
            origin="https://telepath.example",
            sender="telepath@example.org",
            log_name=LOG,
            audit_key=KEY,
            pusher=pusher,
            timed=timed,
        )

    return relay


async def offer(db: Database, by: Actor, to: Actor, kind: str = "consult.offered") -> None:
    async with db.write(by, unaudited="test") as tx:
        await tx.emit(kind, person=to.person_id, consult=CONSULT, by=by.person_id)


async def count(db: Database, table: str) -> int:
    tables = {"notice": notice, "outbox": outbox_table, "pending": audit_pending}
    async with db.read() as reader:
        return int(await reader.scalar(select(func.count()).select_from(tables[table])))


def mails(folder: Path) -> list[EmailMessage]:
    return [message_from_bytes(path.read_bytes(), policy=SMTP) for path in sorted(folder.glob("*.eml"))]


async def test_an_event_becomes_a_notice_and_is_announced_on_the_bus(
    database: Database, bus: Bus, zoe: Actor, paul: Actor, make: Callable[..., Relay]
) -> None:
    await offer(database, zoe, paul)
    async with bus.subscribe(topic(paul.person_id)) as wakes:
        assert await make(bus).deliver()
        heard_on, payload = await anext(wakes)
    async with database.read() as reader:
        (told,) = await store.latest(reader, paul.person_id)
    assert heard_on == topic(paul.person_id)
    assert json.loads(payload) == {"id": told.id, "kind": "consult.offered", "path": f"/consults/{CONSULT}"}
    assert await count(database, "outbox") == 0
    assert not await make(bus).deliver()


async def test_a_withdrawn_right_is_announced_to_all_nodes(
    database: Database, zoe: Actor, make: Callable[..., Relay]
) -> None:
    bus = MemoryBus()
    async with database.write(zoe, unaudited="test") as tx:
        await tx.revoke("consult", CONSULT)
    async with bus.subscribe(REVOKED) as wakes:
        await make(bus).deliver()
        _, payload = await anext(wakes)
    assert json.loads(payload) == {"because": "consult", "because_id": CONSULT}


async def test_a_node_that_dies_after_claiming_leaves_the_event_to_another(
    database: Database, world: World, zoe: Actor, paul: Actor, make: Callable[..., Relay]
) -> None:
    await offer(database, zoe, paul)
    assert len(await outbox.claim(database)) == 1  # and that node dies
    assert not await make().deliver()
    world.clock.advance(seconds=31)
    assert await make().deliver()
    assert (await count(database, "notice"), await count(database, "outbox")) == (1, 0)


async def test_a_node_that_dies_between_the_notice_and_the_end_of_its_event_tells_once(
    database: Database, world: World, zoe: Actor, paul: Actor, make: Callable[..., Relay]
) -> None:
    await offer(database, zoe, paul)
    (event,) = await outbox.claim(database)
    await store.store(database, f"outbox:{event.position}", event.kind, event.body)  # and that node dies
    world.clock.advance(seconds=31)
    assert await make().deliver()
    assert (await count(database, "notice"), await count(database, "outbox")) == (1, 0)


async def test_two_nodes_at_once_tell_each_event_once(
    database: Database, zoe: Actor, paul: Actor, make: Callable[..., Relay]
) -> None:
    for _ in range(20):
        await offer(database, zoe, paul)
    nodes = [make(), make()]
    while any(await asyncio.gather(*(node.deliver() for node in nodes))):
        pass
    assert (await count(database, "notice"), await count(database, "outbox")) == (20, 0)


async def test_a_number_of_the_outbox_is_never_used_again(
    database: Database, zoe: Actor, paul: Actor, make: Callable[..., Relay]
) -> None:
    relay = make()
    for _ in range(3):  # each time the outbox is empty again
        await offer(database, zoe, paul)
        await relay.deliver()
    assert await count(database, "notice") == 3


async def test_an_event_that_cannot_be_delivered_waits_and_the_others_go_on(
    database: Database, world: World, zoe: Actor, paul: Actor, make: Callable[..., Relay]
) -> None:
    await offer(database, zoe, paul, "of.a.newer.version")
    await offer(database, zoe, paul)
    await make().deliver()
    assert (await count(database, "notice"), await count(database, "outbox")) == (1, 1)
    assert not await make().deliver(), "not at once again"
    world.clock.advance(seconds=3)
    assert await make().deliver()


async def test_an_event_for_nobody_is_dropped(
    database: Database, zoe: Actor, make: Callable[..., Relay], caplog: pytest.LogCaptureFixture
) -> None:
    async with database.write(zoe, unaudited="test") as tx:
        await tx.emit("consult.offered", person="nobody", consult=CONSULT)
    await make().deliver()
    assert await count(database, "outbox") == 0
    assert "somebody unknown" in caplog.text


async def test_the_mail_says_that_something_waits_and_nothing_else(
    database: Database, zoe: Actor, paul: Actor, folder: Path, make: Callable[..., Relay]
) -> None:
    await offer(database, zoe, paul)
    relay = make()
    await relay.deliver()
    assert await relay.send_mail()
    (message,) = mails(folder)
    text = message.get_content()
    assert (message["To"], message["Subject"]) == ("lenoir@example.org", "Une demande vous attend dans telepath")
    assert f"https://telepath.example/consults/{CONSULT}" in text
    assert "Marchand" not in message.as_string()
    assert not await relay.send_mail()


async def test_a_mail_that_was_not_taken_is_tried_again_while_the_screen_already_tells(
    database: Database, world: World, zoe: Actor, paul: Actor, folder: Path, make: Callable[..., Relay]
) -> None:
    (nowhere := folder.parent / "nowhere").write_text("")
    await offer(database, zoe, paul)
    failing = make(by=mailer((nowhere / "mail").as_uri()))
    await failing.deliver()
    assert await failing.send_mail()
    assert await count(database, "notice") == 1
    working = make()
    assert not await working.send_mail(), "not before its time"
    world.clock.advance(seconds=11)
    assert await working.send_mail()
    assert len(mails(folder)) == 1


async def test_a_mail_held_by_a_node_that_died_is_sent_by_another(
    database: Database, world: World, zoe: Actor, paul: Actor, folder: Path, make: Callable[..., Relay]
) -> None:
    await offer(database, zoe, paul)
    relay = make()
    await relay.deliver()
    (letter,) = await store.claim_letters(database, 8)  # and that node dies, having sent it or not
    assert not await relay.send_mail()
    world.clock.advance(seconds=61)
    await relay.send_mail()
    (message,) = mails(folder)
    # The same whichever node sends it: a second copy is recognised as one.
    assert message["Message-ID"] == f"<{letter.notice_id}@example.org>"


async def test_records_are_sealed_and_signed(
    database: Database, zoe: Actor, make: Callable[..., Relay], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "BATCH", 2)
    async with database.write(zoe) as tx:
        for _ in range(3):
            await tx.audit("audit.read")
    relay = make()
    assert await relay.seal()  # there may be more
    assert not await relay.seal()
    await relay.sign()
    async with database.read() as reader:
        verdict = await audit_check.verify(reader, OF.public_keys)
    assert (verdict.records, verdict.checkpoints, verdict.problems) == (4, 1, ())


async def until(done: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a state that nothing announces: it is another task's work."""
    async with asyncio.timeout(20):
        while not await done():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_running_relay_does_all_of_it_by_itself(
    database: Database, zoe: Actor, paul: Actor, folder: Path, make: Callable[..., Relay]
) -> None:
    bus = MemoryBus()

    async def all_done() -> bool:
        return bool(mails(folder)) and not await count(database, "pending") and not await count(database, "outbox")

    async with bus.subscribe(topic(paul.person_id)) as wakes, make(bus):
        async with database.write(zoe) as tx:
            await tx.audit("audit.read")
            await tx.emit("consult.offered", person=paul.person_id, consult=CONSULT)
        await anext(wakes)
        await until(all_done)


async def test_what_this_process_commits_waits_for_no_look(
    database: Database, zoe: Actor, paul: Actor, make: Callable[..., Relay], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "LOOK_EVERY", 600.0)
    bus = MemoryBus()

    async def sealed() -> bool:
        return not await count(database, "pending")

    async with bus.subscribe(topic(paul.person_id)) as wakes, make(bus), asyncio.timeout(20):
        for _ in range(4):  # after the first it has looked at nothing, and waits
            async with database.write(zoe) as tx:
                await tx.audit("audit.read")
                await tx.emit("consult.offered", person=paul.person_id, consult=CONSULT)
            await anext(wakes)
            await until(sealed)


async def test_a_running_relay_outlives_what_fails_in_it(
    database: Database, world: World, zoe: Actor, make: Callable[..., Relay], tmp_path: Path
) -> None:
    anchors = tmp_path / "anchors"
    anchors.write_text("the disk of the anchors is away: a file stands in its place")

    async def refused() -> bool:
        async with database.read() as reader:
            return bool(await reader.scalar(select(audit_anchor.c.attempts)))

    async def held() -> bool:
        return bool(list(anchors.glob("*/*.note")))

    async with database.write(zoe) as tx:
        await tx.audit("audit.read")
    async with make():
        await until(refused)
        anchors.unlink()
        world.clock.advance(minutes=1)
        await until(held)


async def test_a_timer_is_late_by_less_than_a_second(database: Database, make: Callable[..., Relay]) -> None:
    database.clock = utc_now
    fired: asyncio.Queue[timedelta] = asyncio.Queue()

    async def handler(tx: Transaction, due: Timer) -> None:
        fired.put_nowait(tx.now - due.due_at)

    async with make(timed={"consult.alarm": handler}), asyncio.timeout(20):
        async with database.write(SYSTEM, unaudited="test") as tx:
            await timers.put(tx, "consult.alarm", CONSULT, tx.now + timedelta(seconds=0.4))
        assert timedelta() <= await fired.get() < timedelta(seconds=1)
