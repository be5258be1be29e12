"""``telepath audit verify``: of a log that nobody touched, and of one that somebody did."""

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telepath.anchors.pusher import Pusher
from telepath.db import audit_log
from tests.command_line import pending, rows, tp
from web import keys, outside
from web.settings import Settings
from web.words import Words

WORDS = Words()


@pytest.fixture
def sealed(seeded: Path) -> Path:
    """The demonstration's log, sealed, signed and copied outside."""

    async def seal() -> None:
        settings = Settings(data=seeded)
        db = keys.database(settings)
        try:
            await audit_log.seal_all(db, settings.log_name)
            await audit_log.checkpoint(db, settings.log_name, keys.audit_key(settings))
            async with outside.anchors(settings) as anchors:
                pusher = Pusher(db, anchors, outside.log_of(settings))
                await pusher.enrol()
                assert all([await pusher.push(anchor) for anchor in anchors])
        finally:
            await db.close()

    asyncio.run(seal())
    return seeded


def test_a_log_that_nobody_touched_verifies(sealed: Path) -> None:
    records = rows(sealed)["audit_log"]
    said = tp(sealed, "audit", "verify")
    words = WORDS("en")("command-audit-unaltered", records=records, checkpoints=1, anchored=1)
    assert (said.code, said.out, said.err) == (0, words + "\n", "")
    assert pending(sealed) == ["audit.verified"]
    with closing(sqlite3.connect(sealed / "telepath.db")) as db:
        (compared,) = db.execute("SELECT json_extract(record, '$.detail.compared') FROM audit_pending").fetchone()
    (of_folder,) = json.loads(compared).values()
    assert list(of_folder.values()) == [records], "how far others would have noticed"


EDITS = {
    "a space": (
        "UPDATE audit_log SET body = replace(body, '\"seq\":3', '\"seq\":3 ') WHERE seq = 3",
        "record-altered",
        3,
    ),
    "who did it": ("UPDATE audit_log SET actor = 'somebody else' WHERE seq = 2", "copy-altered", 2),
    "a missing record": ("DELETE FROM audit_log WHERE seq = 1", "record-missing", 1),
    "the newest record gone": (
        "DELETE FROM audit_log WHERE seq = (SELECT max(seq) FROM audit_log)",
        "records-missing",
        None,
    ),
    "the tree": ("UPDATE audit_shard SET size = size - 1", "tree-altered", None),
}
"""What → the statement, the code of what is found, and of which record."""


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_in_the_database_is_found_told_and_recorded(sealed: Path, edit: str, language: str) -> None:
    statement, code, seq = EDITS[edit]
    with closing(sqlite3.connect(sealed / "telepath.db")) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{trigger}"')
        assert db.execute(statement).rowcount == 1
        db.commit()
    said = tp(sealed, "audit", "verify", language=language)
    assert (said.code, said.err) == (1, "")
    sentence = WORDS(language)(f"audit-problem-{code}", seq=55, next=55, tree="TREE", signed=55, present=55, records=55)
    first = said.out.splitlines()[0]
    assert re.fullmatch(re.sub(r"TREE|55", ".+", re.escape(sentence)), first)
    assert seq is None or re.search(rf"\b{seq}\b", first)
    alarm = {"fr": "LE JOURNAL A ÉTÉ ALTÉRÉ", "en": "THE LOG WAS ALTERED"}[language]
    assert said.out.splitlines()[-1].startswith(alarm)
    assert pending(sealed) == ["audit.verified"]


def test_a_log_that_was_signed_by_another_key_does_not_verify(sealed: Path) -> None:
    other = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    said = tp(sealed, "audit", "verify", audit_key=other)
    assert said.code == 1
    assert "another key" in said.out


def test_an_empty_place_has_nothing_to_verify(tmp_path: Path) -> None:
    said = tp(tmp_path / "var", "audit", "verify")
    assert (said.code, said.err) == (0, "")
