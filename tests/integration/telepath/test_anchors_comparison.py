"""telepath/anchors/comparison.py: a log that is behind what is held outside, or another, is told so when a node starts."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete

from telepath.access import ObjectRef
from telepath.actor import SYSTEM
from telepath.anchors import comparison
from telepath.anchors.comparison import Log, StartComparison, compare, found, outside_notes
from telepath.anchors.folder import FolderAnchor
from telepath.anchors.gaps import Gap
from telepath.anchors.model import LIMIT, Anchor, Held, note_name
from telepath.anchors.pusher import Pusher
from telepath.anchors.state import state
from telepath.anchors.witness import WitnessAnchor
from telepath.audit import parse_note
from telepath.db import audit_check, audit_log, audit_retire
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log as log_table
from telepath.errors import Invalid
from tests.anchors import KEY, LOG, OF, Tree, Witness, silent
from tests.audit_copies import Copy, copied, fill, put_back, rewrite, sealed
from tests.builders import MASTER_KEY, Clock


async def push(db: Database, *anchors: Anchor) -> None:
    node = Pusher(db, anchors, OF)
    await node.enrol()
    for anchor in anchors:
        assert await node.push(anchor)


async def trees(db: Database) -> list[tuple[str, int]]:
    async with db.read() as reader:
        return [(tree.name, tree.size) for tree in await audit_log.shards(reader)]


async def gaps(db: Database) -> tuple[Gap, ...]:
    async with db.read() as reader:
        return (await state(reader)).gaps


@pytest.fixture
async def old_copy(
    database: Database, owner: Database, clock: Clock, folder: FolderAnchor, told: WitnessAnchor
) -> Copy:
    """A log of 11 records, as a backup keeps it; outside they hold heads of 11 and of 48."""
    await fill(database, 10)
    await push(database, folder, told)
    copy = await copied(database)
    clock.advance(minutes=1)
    await fill(database, 37)
    await push(database, folder, told)
    return copy


async def test_a_log_that_goes_on_from_what_is_held_outside_is_as_it_must_be(
    database: Database, old_copy: Copy, folder: FolderAnchor, told: WitnessAnchor
) -> None:
    async with StartComparison(database, [folder, told], OF):
        pass
    assert await gaps(database) == ()
    assert await trees(database) == [("2026", 48)]


async def test_a_restored_copy_is_told_exactly_how_many_records_are_missing(
    database: Database,
    owner: Database,
    old_copy: Copy,
    folder: FolderAnchor,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    held_at = (tmp_path / "anchors" / "2026" / note_name(48)).stat().st_mtime
    await put_back(owner, old_copy)
    with caplog.at_level(logging.ERROR):
        async with StartComparison(database, [folder], OF):
            pass
    assert (
        "the audit lost 37 records: tree 2026 has 11 records, and the folder holds a head that was signed for 48"
        in (caplog.text)
    )
    (gap,) = await gaps(database)
    assert (gap.tree, gap.signed, gap.present, gap.missing, gap.differs) == ("2026", 48, 11, 37, False)
    assert gap.anchor == "the folder"
    assert gap.held_at is not None
    assert abs(gap.held_at.timestamp() - held_at) <= 1
    # The log goes on beside what was lost.
    assert await trees(database) == [("2026", 11), ("2026-2", 1)]
    await fill(database, 3)
    assert await trees(database) == [("2026", 11), ("2026-2", 5)]
    (opened,) = [one for one in await sealed(database, "audit.tree-opened") if one["object_id"] == "2026-2"]
    assert '"because":"restored"' in opened["body"]
    # A verification with what is outside goes on saying so, and one without sees nothing wrong.
    async with database.read() as reader:
        assert (await audit_check.verify(reader, OF.public_keys)).problems == ()
        verdict = await audit_check.verify(reader, OF.public_keys, await outside_notes([folder]))
    (problem,) = verdict.problems
    assert (problem.code, problem.params) == ("records-missing", {"tree": "2026", "signed": 48, "present": 11})


async def test_it_is_told_once_however_often_and_on_however_many_nodes(
    database: Database, database_url: str, owner: Database, old_copy: Copy, folder: FolderAnchor, told: WitnessAnchor
) -> None:
    await put_back(owner, old_copy)
    async with AsyncExitStack() as stack:
        nodes = []
        for _ in range(4):
            db = Database(database_url, MASTER_KEY)
            stack.push_async_callback(db.close)
            nodes.append(StartComparison(db, [folder], OF))
        await asyncio.gather(*(node.__aenter__() for node in nodes))
        await asyncio.gather(*(node.__aexit__(None, None, None) for node in nodes))
    async with StartComparison(database, [folder], OF):
        pass
    assert len(await sealed(database, "audit.gap-found")) == 1
    assert [name for name, _ in await trees(database)] == ["2026", "2026-2"]
    # Another who holds the same is another witness of it, and no reason for another tree.
    async with StartComparison(database, [folder, told], OF):
        pass
    assert {gap.anchor for gap in await gaps(database)} == {"the folder", "the witness"}
    assert [name for name, _ in await trees(database)] == ["2026", "2026-2"]


async def test_a_witness_that_shows_no_head_still_says_how_many_are_missing(
    database: Database, owner: Database, old_copy: Copy, told: WitnessAnchor
) -> None:
    await put_back(owner, old_copy)
    (gap,) = await compare(database, told, OF)
    assert (gap.signed, gap.present, gap.missing) == (48, 11, 37)
    await fill(database, 1)
    await push(database, told)


@pytest.mark.parametrize("who", ["folder", "witness"])
async def test_a_log_that_was_rewritten_whole_is_found(
    database: Database, owner: Database, old_copy: Copy, folder: FolderAnchor, told: WitnessAnchor, who: str
) -> None:
    await rewrite(owner, 7)
    async with database.read() as reader:
        assert (await audit_check.verify(reader, OF.public_keys)).problems == (), "by itself it is without fault"
    async with StartComparison(database, [folder if who == "folder" else told], OF):
        pass
    (gap,) = await gaps(database)
    assert (gap.tree, gap.signed, gap.present, gap.differs, gap.missing) == ("2026", 48, 48, True, 0)
    async with database.read() as reader:
        problems = (await audit_check.verify(reader, OF.public_keys, await outside_notes([folder]))).problems
    assert {problem.code for problem in problems} == {"two-heads"}


async def test_a_tree_without_its_first_record_is_compared_unless_it_was_retired_as_a_whole(
    database: Database, owner: Database, old_copy: Copy, clock: Clock, folder: FolderAnchor
) -> None:
    clock.advance(minutes=1)
    await fill(database, 1)
    copy = await copied(database)
    owner.clock = clock
    clock.advance(days=3 * 365)
    await fill(database, 1)
    async with owner.read() as reader:
        (old,) = await audit_retire.due(reader, 1)
    assert await audit_retire.retire(owner, SYSTEM, old, partial(fill, owner, 0)) == 49
    assert await compare(database, folder, OF) == []
    await put_back(owner, copy)
    await rewrite(owner, 7)
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        await tx.execute(delete(log_table).where(log_table.c.seq == 0))
    (gap,) = await compare(database, folder, OF)
    assert (gap.tree, gap.signed, gap.present, gap.differs) == ("2026", 48, 49, True)


async def test_a_rewriter_who_gives_new_heads_to_a_folder_does_not_hide_the_older_ones(
    database: Database, owner: Database, old_copy: Copy, clock: Clock, folder: FolderAnchor
) -> None:
    await rewrite(owner, 7)
    clock.advance(minutes=1)
    await fill(database, 1)
    await push(database, folder)
    async with database.read() as reader:
        problems = (await audit_check.verify(reader, OF.public_keys, await outside_notes([folder]))).problems
    assert problems


async def test_an_empty_database_does_not_begin_under_a_name_that_is_held_outside(
    database: Database, owner: Database, old_copy: Copy, folder: FolderAnchor
) -> None:
    await put_back(owner, {name: [] for name in old_copy})
    async with StartComparison(database, [folder], OF):
        pass
    (gap,) = await gaps(database)
    assert (gap.signed, gap.present) == (48, 0)
    assert [name for name, _ in await trees(database)] == ["2026-2"]


async def test_a_tree_that_only_others_know_is_missing_and_its_name_is_taken(
    database: Database, owner: Database, old_copy: Copy, clock: Clock, folder: FolderAnchor
) -> None:
    clock.advance(days=365)
    await fill(database, 4)
    await push(database, folder)
    await put_back(owner, old_copy)
    async with StartComparison(database, [folder], OF):
        pass
    found = {gap.tree: gap.missing for gap in await gaps(database)}
    assert found == {"2027": 5, "2026": 37}
    assert [name for name, _ in await trees(database)] == ["2026", "2027-2"]


async def test_heads_of_another_log_are_none_of_ours(
    database: Database, clock: Clock, tmp_path: Path, folder: FolderAnchor
) -> None:
    await folder.put(Tree(log="another.example/audit").grown(50).head(), 0)
    await fill(database, 3)
    assert await compare(database, folder, OF) == []


async def test_a_head_that_we_never_signed_is_a_fault_of_the_anchor_and_no_gap(
    database: Database, clock: Clock, folder: FolderAnchor, caplog: pytest.LogCaptureFixture
) -> None:
    await fill(database, 3)
    await folder.put(Tree().grown(50).head(Ed25519PrivateKey.generate()), 0)
    with pytest.raises(Invalid, match="error-anchor-false"):
        await compare(database, folder, OF)
    async with StartComparison(database, [folder], OF):
        pass
    assert "error-anchor-false" in caplog.text
    assert await gaps(database) == ()
    assert await trees(database) == [("2026", 4)]


async def test_a_head_that_lies_where_a_larger_one_should_does_not_hide_those_between(
    database: Database,
    owner: Database,
    old_copy: Copy,
    tmp_path: Path,
    folder: FolderAnchor,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A forged one is told and passed over; an authentic one of before is none of this place."""
    await put_back(owner, old_copy)
    held = tmp_path / "anchors" / "2026"
    await folder.put(Tree().grown(900).head(Ed25519PrivateKey.generate()), 0)
    for size in (500, 600):
        (held / note_name(size)).write_text((held / note_name(11)).read_text())
    with (held / note_name(700)).open("wb") as endless:
        endless.truncate(2**42)
    with pytest.raises(Invalid, match="error-anchor-false"):
        await compare(database, folder, OF)
    (gap,) = await gaps(database)
    assert (gap.tree, gap.signed, gap.present) == ("2026", 48, 11)
    (held / note_name(900)).unlink()
    assert [one.signed for one in await compare(database, folder, OF)] == [48]
    assert "not a whole note among those of tree 2026: 600" in caplog.text


class Read(FolderAnchor):
    """A folder that knows what was read of it: tree and size."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "the folder", timedelta())
        self.read: list[tuple[str, int]] = []

    async def held(self, tree: str = "") -> AsyncIterator[str]:
        async for note in super().held(tree):
            self.read.append((tree, parse_note(note).size))
            yield note


async def test_what_is_read_behind_heads_that_we_never_signed_is_bounded_in_number_and_in_time(
    database: Database, owner: Database, old_copy: Copy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A forged head makes nobody read all that an anchor holds, again and again."""
    monkeypatch.setattr(comparison, "BEHIND", 3)
    await put_back(owner, old_copy)
    anchor, stranger = Read(tmp_path / "anchors"), Ed25519PrivateKey.generate()
    for size in (4, 5, 6, 7, 8):
        await anchor.put(Tree("2099").grown(size).head(stranger), 0)
    with pytest.raises(Invalid, match="error-anchor-false"):
        await compare(database, anchor, OF)
    assert anchor.read == [("2099", 8), ("2099", 7), ("2099", 6)]
    assert [gap.signed for gap in await gaps(database)] == [48], (
        "what it shows of another tree is compared all the same"
    )
    anchor.read.clear()
    for size in (90, 91):
        await anchor.put(Tree().grown(size).head(stranger), 0)
    with pytest.raises(Invalid, match="error-anchor-false"):
        await compare(database, anchor, OF)
    assert anchor.read[:3] == [("2026", 91), ("2026", 90), ("2026", 48)], "the trees that are here before others"
    anchor.read.clear()
    monkeypatch.setattr(comparison, "BEHIND_FOR", 0)
    with pytest.raises(Invalid, match="error-anchor-false"):
        await compare(database, anchor, OF)
    assert anchor.read == []


async def test_a_head_signed_with_a_former_key_is_ours(
    database: Database, clock: Clock, folder: FolderAnchor, owner: Database
) -> None:
    former, present = Ed25519PrivateKey.generate(), KEY
    await fill(database, 3, former)
    await push(database, folder)
    clock.advance(minutes=1)
    await fill(database, 3, present)
    both = Log(LOG, [key.public_key().public_bytes_raw() for key in (present, former)])
    assert await compare(database, folder, both) == []


async def test_an_anchor_that_hangs_delays_a_start_by_seconds_alone(
    database: Database, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(comparison, "PATIENCE", 0.3)
    await fill(database, 3)
    key = Witness(tmp_path / "none", OF.public_keys[0]).key
    with silent() as port:
        hanging = WitnessAnchor(f"http://127.0.0.1:{port}", key, "the witness that hangs", timedelta())
        begun = time.monotonic()
        async with StartComparison(database, [hanging], OF):
            assert 0.3 <= time.monotonic() - begun < LIMIT / 2
        assert time.monotonic() - begun < LIMIT / 2
        await hanging.close()
    assert "compares with them later" in caplog.text


async def test_an_anchor_that_comes_back_is_compared_with_then(
    database: Database,
    owner: Database,
    old_copy: Copy,
    tmp_path: Path,
    folder: FolderAnchor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(comparison, "AGAIN", 0.05)
    monkeypatch.setattr(comparison, "PATIENCE", 30.0)
    await put_back(owner, old_copy)
    (tmp_path / "anchors").rename(tmp_path / "away")
    (tmp_path / "anchors").write_text("not a folder")
    begun = time.monotonic()
    async with StartComparison(database, [folder], OF), asyncio.timeout(20):
        assert time.monotonic() - begun < 15, "one that answers that it cannot is not waited for"
        assert await gaps(database) == ()
        (tmp_path / "anchors").unlink()
        (tmp_path / "away").rename(tmp_path / "anchors")
        while not await gaps(database):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_gap_stands_until_a_verification_found_nothing_and_the_same_anchor_showed_a_head_as_large(
    database: Database, owner: Database, old_copy: Copy, folder: FolderAnchor, told: WitnessAnchor
) -> None:
    """What the witness alone saw stands, whatever a folder shows that was given heads of the new log."""
    await put_back(owner, old_copy)
    await compare(database, folder, OF)
    await compare(database, told, OF)
    both = ["the folder", "the witness"]
    for outcome, compared, stand in (
        ("success", {}, both),
        ("failure", {"the folder": {"2026": 48}}, both),
        ("success", {"the folder": {"2026": 47, "2026-2": 48}, "another": {"2026": 48}}, both),
        ("success", {"the folder": {"2026": 48}}, ["the witness"]),
    ):
        async with database.write(SYSTEM) as tx:
            await tx.audit("audit.verified", outcome=outcome, anchored=2, compared=compared)
        await audit_log.seal_all(database, LOG)
        assert [gap.anchor for gap in await gaps(database)] == stand


async def test_records_that_say_nothing_neither_hide_a_gap_nor_end_one(
    database: Database, owner: Database, old_copy: Copy, folder: FolderAnchor, caplog: pytest.LogCaptureFixture
) -> None:
    await put_back(owner, old_copy)
    tree = ObjectRef("tree", "2026", "")
    said: dict[str, Any] = {"signed": 48, "present": 11, "differs": False, "anchor": folder.name}
    async with database.write(SYSTEM) as tx:
        await tx.audit("audit.gap-found", tree)
        await tx.audit("audit.gap-found", tree, **said, held_at="yesterday")
    assert await gaps(database) == (), "not sealed yet"
    await audit_log.seal_all(database, LOG)
    assert "a record of a gap in the audit cannot be read" in caplog.text
    await compare(database, folder, OF)
    async with database.write(SYSTEM) as tx:
        await tx.audit("audit.verified", compared={folder.name: "48"})
        await tx.audit("audit.verified", compared=[48])
        await tx.audit("backup.restored", records="none")
        await tx.audit("backup.restored")
    await audit_log.seal_all(database, LOG)
    assert [gap.signed for gap in await gaps(database)] == [48]


async def test_what_a_restore_has_said_is_lost_is_no_alarm_and_what_is_lost_before_and_after_it_is(
    database: Database, owner: Database, old_copy: Copy, clock: Clock, folder: FolderAnchor, told: WitnessAnchor
) -> None:
    await put_back(owner, old_copy)
    await compare(database, folder, OF)
    await audit_log.seal_all(database, LOG)
    records = sum(size for _, size in await trees(database))
    await compare(database, told, OF)
    both = ["the folder", "the witness"]
    for outcome, stand in (("failure", both), ("success", ["the folder"])):
        async with database.write(SYSTEM) as tx:
            await tx.audit("backup.restored", outcome=outcome, records=records)
        await audit_log.seal_all(database, LOG)
        assert [gap.anchor for gap in await gaps(database)] == stand
    lost = Held(origin=f"{LOG}/2027", size=5)
    await found(database, told.name, lost, OF)
    assert [(gap.tree, gap.anchor) for gap in await gaps(database)] == [("2026", "the folder"), ("2027", "the witness")]
