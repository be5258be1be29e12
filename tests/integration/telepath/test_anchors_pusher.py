"""telepath/anchors/pusher.py: each anchor gets the heads at its own pace, once, whatever happens to it or to others."""

import asyncio
import os
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from realtime.bus_memory import MemoryBus
from telepath.actor import SYSTEM
from telepath.anchors.folder import FolderAnchor
from telepath.anchors.mail import Letter, MailAnchor
from telepath.anchors.model import LIMIT, Anchor, note_name
from telepath.anchors.pusher import FIRST_WAIT, LAST_WAIT, LEASE, Pusher
from telepath.anchors.state import state
from telepath.anchors.witness import WitnessAnchor
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.audit import audit_anchor
from telepath.notices.channels import mailer
from tests.anchors import KEY, LOG, OF, Witness
from tests.audit_copies import copied, fill, put_back, rewrite, sealed
from tests.builders import MASTER_KEY, Clock
from web.relay import Relay
from web.words import Words


async def pusher(db: Database, *anchors: Anchor) -> Pusher:
    made = Pusher(db, anchors, OF)
    await made.enrol()
    return made


async def row(db: Database, name: str) -> dict[str, Any]:
    async with db.read() as reader:
        return dict(await reader.one(select(audit_anchor).where(audit_anchor.c.name == name)))


async def test_a_head_is_given_when_there_is_one_and_then_no_more(
    database: Database, clock: Clock, folder: FolderAnchor, tmp_path: Path
) -> None:
    node = await pusher(database, folder)
    assert not await node.push(folder)
    note = await fill(database, 5)
    assert await node.push(folder)
    assert not await node.push(folder)
    assert (tmp_path / "anchors" / "2026" / note_name(6)).read_text() == note
    kept = await row(database, folder.name)
    assert (kept["shard"], kept["size"], kept["held_at"], kept["attempts"], kept["error"]) == (
        "2026",
        6,
        clock.now,
        0,
        "",
    )
    assert await sealed(database, "audit.anchored") == [], "not every copy is recorded: that would make one more"


async def test_several_nodes_at_once_give_a_head_once(
    database: Database, database_url: str, witness: Witness, told: WitnessAnchor
) -> None:
    await fill(database, 5)
    async with AsyncExitStack() as stack:
        nodes = []
        for _ in range(4):
            db = Database(database_url, MASTER_KEY)
            stack.push_async_callback(db.close)
            nodes.append(Pusher(db, [told], OF))
        await asyncio.gather(*(node.enrol() for node in nodes))
        given = await asyncio.gather(*(node.push(told) for node in nodes for _ in range(3)))
    assert given.count(True) == 1
    assert witness.asked == ["old 0"]
    assert (await row(database, told.name))["receipt"].startswith(f"— {witness.key.name} ")


async def test_a_node_that_dies_with_an_anchor_leaves_it_to_another(
    database: Database, clock: Clock, folder: FolderAnchor
) -> None:
    await fill(database, 5)
    node = await pusher(database, folder)
    async with database.read() as reader:
        seen = await reader.one(select(audit_anchor))
    assert await node._taken(folder, seen)  # and that node dies
    assert not await node.push(folder)
    clock.advance(seconds=LEASE.total_seconds())
    assert await node.push(folder)


async def test_it_waits_longer_after_each_failure_and_records_the_first_and_the_end_of_it(
    database: Database, clock: Clock, folder: FolderAnchor, tmp_path: Path
) -> None:
    (tmp_path / "anchors").write_text("not a folder")
    await fill(database, 5)
    node = await pusher(database, folder)
    waits = []
    for _ in range(12):
        assert not await node.push(folder)
        waits.append((await row(database, folder.name))["due_at"] - clock.now)
        clock.now += waits[-1] - timedelta(milliseconds=1)
        assert not await node.push(folder), "not before its time"
        clock.now += timedelta(milliseconds=1)
    assert waits[:4] == [FIRST_WAIT, FIRST_WAIT * 2, FIRST_WAIT * 4, FIRST_WAIT * 8]
    assert waits[-1] == LAST_WAIT
    kept = await row(database, folder.name)
    assert (kept["attempts"], kept["error"], kept["held_at"]) == (12, "error-anchor-away", None)
    assert [one["outcome"] for one in await sealed(database, "audit.anchored")] == ["failure"]
    (tmp_path / "anchors").unlink()
    assert await node.push(folder)
    assert [one["outcome"] for one in await sealed(database, "audit.anchored")] == ["failure", "success"]
    assert (await row(database, folder.name))["error"] == ""


async def test_a_mailbox_gets_a_letter_an_hour_and_no_two_of_one_head(
    database: Database, clock: Clock, tmp_path: Path
) -> None:
    letters = tmp_path / "mail"
    anchor = MailAnchor(
        mailer(letters.as_uri()),
        "telepath@example.org",
        "audit@hopital.example",
        lambda note: Letter("Audit", "Été"),
        "the mailbox",
        timedelta(hours=1),
    )
    node = await pusher(database, anchor)
    await fill(database, 5)
    assert await node.push(anchor)
    clock.advance(minutes=59)
    await fill(database, 1)
    assert not await node.push(anchor)
    clock.advance(minutes=1)
    assert await node.push(anchor)
    clock.advance(hours=5)
    assert not await node.push(anchor)
    assert len(list(letters.glob("*.eml"))) == 2


async def test_the_last_head_of_a_closed_tree_is_given_before_the_next_tree(
    database: Database, clock: Clock, folder: FolderAnchor, tmp_path: Path
) -> None:
    await fill(database, 5)
    clock.advance(days=365)
    await fill(database, 3)
    node = await pusher(database, folder)
    assert await node.push(folder)
    assert await node.push(folder)
    assert not await node.push(folder)
    held = sorted(path.relative_to(tmp_path / "anchors").as_posix() for path in (tmp_path / "anchors").glob("*/*"))
    assert held == [f"2026/{note_name(6)}", f"2027/{note_name(4)}"]


async def test_an_anchor_that_hangs_delays_neither_the_others_nor_the_end(
    database: Database, folder: FolderAnchor, tmp_path: Path
) -> None:
    hanging = FolderAnchor(tmp_path / "hanging", "the folder that hangs", timedelta())
    pipe = tmp_path / "hanging" / "2026" / note_name(6)
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    relay = Relay(
        database,
        MemoryBus(),
        mailer(tmp_path.as_uri()),
        Words(),
        origin="https://telepath.example",
        sender="telepath@example.org",
        log_name=LOG,
        audit_key=KEY,
        pusher=await pusher(database, hanging, folder),
    )
    for number in range(5):
        async with database.write(SYSTEM) as tx:
            await tx.audit("slide.viewed", number=number)
    async with relay, asyncio.timeout(20):
        while not (tmp_path / "anchors" / "2026" / note_name(6)).exists() or not await _tried(database, hanging):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        begun = time.monotonic()
    assert time.monotonic() - begun < LIMIT / 2
    pipe.write_bytes(b"x")


async def _tried(db: Database, anchor: Anchor) -> bool:
    return (await row(db, anchor.name))["tried_at"] is not None


async def test_a_log_that_was_rewritten_is_refused_by_the_witness_and_goes_on_in_another_tree(
    database: Database, owner: Database, clock: Clock, witness: Witness, told: WitnessAnchor
) -> None:
    await fill(database, 9)
    node = await pusher(database, told)
    assert await node.push(told)
    await rewrite(owner, 3)
    clock.advance(minutes=1)
    await fill(database, 1)
    assert not await node.push(told)
    (gap,) = await sealed(database, "audit.gap-found")
    assert gap["object_id"] == "2026"
    assert (await row(database, told.name))["error"] == "error-anchor-fork"
    await audit_log.checkpoint(database, LOG, KEY)
    assert await node.push(told)
    assert not await node.push(told)
    assert {origin: size for origin, (size, _) in witness.seen.items()} == {f"{LOG}/2026": 10, f"{LOG}/2026-2": 3}
    assert [one["outcome"] for one in await sealed(database, "audit.anchored")] == ["failure", "success"]


async def test_a_folder_that_holds_another_head_of_the_same_size_is_a_fork(
    database: Database, owner: Database, clock: Clock, folder: FolderAnchor, tmp_path: Path
) -> None:
    copy = await copied(database)
    note = await fill(database, 5)
    node = await pusher(database, folder)
    assert await node.push(folder)
    await put_back(owner, copy)
    await node.enrol()
    clock.advance(minutes=1)
    await fill(database, 5)
    assert not await node.push(folder)
    assert (tmp_path / "anchors" / "2026" / note_name(6)).read_text() == note
    assert len(await sealed(database, "audit.gap-found")) == 1


async def test_who_holds_what_is_told(
    database: Database, clock: Clock, folder: FolderAnchor, told: WitnessAnchor
) -> None:
    node = await pusher(database, folder, told)
    await fill(database, 5)
    assert await node.push(told)
    clock.advance(minutes=1)
    late = clock.now
    await fill(database, 2)
    async with database.read() as reader:
        outside = await state(reader)
    first, second = outside.holders
    assert (first.name, first.kind, first.held, first.held_at, first.receipt) == (
        "the folder",
        "folder",
        0,
        None,
        False,
    )
    assert (second.name, second.kind, second.held, second.receipt) == ("the witness", "witness", 6, True)
    assert (outside.held, outside.unheld_since, outside.gaps) == (6, late, ())
    assert await node.push(folder)
    async with database.read() as reader:
        outside = await state(reader)
    assert (outside.held, outside.unheld_since) == (8, None)


async def test_an_anchor_that_the_settings_name_no_more_still_holds_what_it_holds(
    database: Database, clock: Clock, folder: FolderAnchor, told: WitnessAnchor
) -> None:
    node = await pusher(database, folder, told)
    await fill(database, 5)
    assert await node.push(folder)
    await pusher(database, told)
    async with database.read() as reader:
        gone, stays = (await state(reader)).holders
    assert (gone.every, gone.held) == (None, 6)
    assert stays.every == timedelta()
