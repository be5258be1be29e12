"""telepath/db/audit_log.py: whatever is altered in the database is found."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from telepath.access import ObjectRef
from telepath.actor import SYSTEM
from telepath.db import audit_log
from telepath.db.database import Database

SLIDE = ObjectRef("slide", "s" * 26, "i" * 26)


async def fill(db: Database, key: Ed25519PrivateKey, anchors: Path, records: int = 12) -> None:
    for number in range(records):
        async with db.write(SYSTEM) as tx:
            await tx.audit("slide.viewed", SLIDE, number=number)
    while await audit_log.seal(db):
        pass
    await audit_log.checkpoint(db, key, anchors)


async def test_an_untouched_log_verifies(database: Database, tmp_path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    await fill(database, key, tmp_path / "anchors")
    await fill(database, key, tmp_path / "anchors", records=5)
    verdict = await audit_log.verify(database, key.public_key().public_bytes_raw(), tmp_path / "anchors")
    assert verdict == audit_log.Verdict(records=17, checkpoints=2, anchored=2, problems=())


async def test_a_head_that_could_not_be_copied_outside_is_copied_with_the_next(
    database: Database, tmp_path: Path
) -> None:
    key = Ed25519PrivateKey.generate()
    blocked = tmp_path / "anchors"
    blocked.write_text("a file stands where the folder should be")
    with pytest.raises(OSError, match="anchors"):
        await fill(database, key, blocked)
    blocked.unlink()
    await fill(database, key, blocked, records=3)
    verdict = await audit_log.verify(database, key.public_key().public_bytes_raw(), blocked)
    assert (verdict.checkpoints, verdict.anchored, verdict.problems) == (2, 2, ())


TAMPERINGS = {
    "an edited record": "UPDATE audit_log SET body = replace(body, 'slide.viewed', 'slide.missed') WHERE seq = 3",
    "an edited copy of a column": "UPDATE audit_log SET actor = 'x' WHERE seq = 3",
    "a deleted record": "DELETE FROM audit_log WHERE seq = 3",
    "a truncated log": "DELETE FROM audit_log WHERE seq >= 6",
    "two records exchanged": "UPDATE audit_log SET seq = CASE seq WHEN 3 THEN 104 ELSE 103 END WHERE seq IN (3, 4)",
    "a damaged tree": "UPDATE audit_tree SET size = 6",
    "a truncated log with its tree": "DELETE FROM audit_log WHERE seq >= 6; UPDATE audit_tree SET size = 6;"
    " DELETE FROM audit_checkpoint",
}


@pytest.mark.parametrize("tampering", list(TAMPERINGS))
async def test_verification_finds(database: Database, tmp_path: Path, tampering: str) -> None:
    key = Ed25519PrivateKey.generate()
    await fill(database, key, tmp_path / "anchors")
    async with database.write(SYSTEM, unaudited="a crime") as tx:
        for statement in TAMPERINGS[tampering].split(";"):
            await tx.execute(text(statement))
    verdict = await audit_log.verify(database, key.public_key().public_bytes_raw(), tmp_path / "anchors")
    assert verdict.problems


async def test_a_log_signed_by_another_key_is_false(database: Database, tmp_path: Path) -> None:
    await fill(database, Ed25519PrivateKey.generate(), tmp_path / "anchors")
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    verdict = await audit_log.verify(database, other, tmp_path / "anchors")
    assert "a checkpoint is false: signed by another key" in verdict.problems
