"""Attachments: kept as pictures of our own, seen by who sees the case, gone when they are removed."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from telepath.access import Right
from telepath.actor import SYSTEM
from telepath.cases import attachments
from telepath.cases.attachments import Attachment, page_key
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.cases import attachment
from telepath.errors import AttachmentUnreadable, Invalid, NotFound, Refused, TooLarge
from telepath.slides import leftovers
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders import World
from tests.builders_attachments import pdf, picture, pixels_of


class Desk:
    def __init__(self, db: Database, storage: LocalStorage, decoders: DecoderPool) -> None:
        self.db, self.storage, self.decoders = db, storage, decoders
        self.world = World(db)
        self.owner, self.expert = SYSTEM, SYSTEM
        self.case_id = ""

    async def set_up(self) -> "Desk":
        self.owner = await self.world.person("ines", "cayenne", "Inès", "Flamboyant")
        self.expert = await self.world.person("claire", "lille", "Claire", "Houblon")
        self.case_id = await self.world.case(self.owner)
        return self

    async def add(self, data: bytes, title: str = "Compte rendu") -> Attachment:
        return await attachments.add(self.db, self.storage, self.decoders, self.owner, self.case_id, title, data)

    async def shown(self) -> list[Attachment]:
        async with self.db.read() as reader:
            return await attachments.of_case(reader, self.case_id)

    async def records(self) -> list[dict[str, Any]]:
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending))
        return [row["record"] for row in rows if row["record"]["kind"].startswith("attachment.")]

    def stored(self) -> list[str]:
        root = self.storage.root
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    storage = LocalStorage(tmp_path / "storage")
    async with DecoderPool(storage, 1) as decoders:
        yield await Desk(database, storage, decoders).set_up()
    await storage.close()


async def test_an_attachment_is_shown_to_who_sees_the_case_and_goes_when_it_is_removed(desk: Desk) -> None:
    made = await desk.add(pdf(2))
    assert (made.kind, len(made.pages)) == ("pdf", 2)
    assert await desk.shown() == [made]
    assert desk.stored() == [page_key(made.id, 1), page_key(made.id, 2)]  # and nothing of what was sent
    drawn = await attachments.picture(desk.db, desk.storage, desk.owner, made.id, 2)
    assert pixels_of(drawn).shape == (made.pages[1].height, made.pages[1].width, 3)
    for number in (0, 3):
        with pytest.raises(NotFound):
            await attachments.picture(desk.db, desk.storage, desk.owner, made.id, number)
    with pytest.raises(Refused):
        await attachments.picture(desk.db, desk.storage, desk.expert, made.id, 1)
    async with desk.db.write(desk.owner, unaudited="a test's world") as tx:
        await tx.grant(
            ("person", desk.expert.person_id), ("case", desk.case_id), [Right.VIEW], because="consult", because_id="c"
        )
    assert await attachments.picture(desk.db, desk.storage, desk.expert, made.id, 1)
    with pytest.raises(Refused):  # whoever reads for others takes nothing out of their case
        await attachments.remove(desk.db, desk.storage, desk.expert, made.id)
    await attachments.remove(desk.db, desk.storage, desk.owner, made.id)
    assert (await desk.shown(), desk.stored()) == ([], [])
    for again in (desk.owner, desk.expert):
        with pytest.raises(NotFound):
            await attachments.picture(desk.db, desk.storage, again, made.id, 1)
    with pytest.raises(NotFound):
        await attachments.remove(desk.db, desk.storage, desk.owner, made.id)
    async with desk.db.read() as reader:
        row = await reader.one(select(attachment))
    assert (row["title"], row["folder"]) == ("", "")
    told = await desk.records()
    assert [record["kind"].partition(".")[2] for record in told] == ["added", "viewed", "viewed", "deleted"]
    assert {record["case_id"] for record in told} == {desk.case_id}
    assert [record["detail"].get("page") for record in told] == [None, 2, 1, None]
    assert "Compte rendu" not in str(told)  # what was typed is under the key of the case


async def test_what_is_refused_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for data, title, error, field in (
        (b"", "Scanner", AttachmentUnreadable, "file"),
        (b"no picture", "Scanner", AttachmentUnreadable, "file"),
        (bytes(attachments.BYTES_LIMIT + 1), "Scanner", TooLarge, "file"),
        (picture(), "", Invalid, "title"),
        (picture(), "2 79 03 51 215 189 89", Invalid, "title"),
    ):
        with pytest.raises(error) as refused:
            await desk.add(data, title)
        assert refused.value.params["field"] == field
    with pytest.raises(Refused):
        await attachments.add(desk.db, desk.storage, desk.decoders, desk.expert, desk.case_id, "Scanner", picture())
    monkeypatch.setattr(attachments, "PER_CASE", 1)
    await desk.add(picture())
    with pytest.raises(TooLarge):
        await desk.add(picture())
    assert len(desk.stored()) == 1
    # A mark that a killed process left takes nothing away that is registered.
    (kept,) = await desk.shown()
    await leftovers.mark(desk.storage, kept.id)
    desk.world.clock.advance(days=3)
    await leftovers.remove(desk.db, desk.storage)
    assert desk.stored() == [page_key(kept.id, 1)]
