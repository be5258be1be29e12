"""A running node with one case of Cayenne in it, and the people who come to it: who may have it, who may not, and a guest."""

import asyncio
import re
import sqlite3
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import msgspec
from sqlalchemy import select, update

from auth import absences, break_glass, delegations, emergency, groups, institutions, invitations, links
from auth import repository as logins
from auth.bearer import digest
from auth.invitations import Invitee
from auth.links import Wish
from consults import offers, reading, request, saved_filters, signing
from consults.deadlines import Urgency
from consults.model import Question
from consults.opinion import Draft
from consults.wish import wish_of
from realtime import opening
from telepath import directory
from telepath.actor import SYSTEM, Actor, Role
from telepath.cases import annotation_store, attachments, key_regions, sharing
from telepath.cases import repository as cases
from telepath.cases.annotations import Drawing, Point
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.db.schema.auth import emergency_code
from telepath.db.schema.cases import case
from telepath.db.schema.directory import person
from telepath.db.schema.links import break_glass as break_glass_table
from telepath.db.schema.links import share_link
from telepath.errors import SlideHeld
from telepath.geometry import View
from telepath.slides import ingest
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage import Storage
from telepath.storage_local import LocalStorage
from telepath.uploads import store
from telepath.uploads.manifest import Sent
from telepath.uploads.parts import Parts
from telepath.uploads.store import Wanted
from tests.addresses import CODE, EMERGENCY, TABLE, TOKEN, Names, filled
from tests.builders import MASTER_KEY, VAULT_KEY, session_of
from tests.builders_attachments import picture
from tests.builders_slides import add_label, add_profile, barcode, plain_label, write_svs
from tests.colours import ADOBE, matrix_profile
from tests.coordination import coordinated
from tests.rooms import Ward
from tests.running import service
from web.settings import Settings

SECRETS = ("26-00417", "Ganglion cervical", "Adénopathie", "A1 HES", "Lymphome", "hilaire", "Lenoir", "Marchand")
"""What stands in the case, its slide, its consult and its line; who is of it."""
STRANGERS = ("max", "nina")
"""A requester and an auditor of another institution."""
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}
UNUSED = ssl.create_default_context()
"""Made once: a client would make its own, which takes longer than a request."""


@dataclass
class Town:
    """The running node, what lies in it, and who may come."""

    origin: str
    database: Path
    names: dict[str, str]

    def visitor(self, key: str = "") -> httpx2.Client:
        """A browser of this person; nobody's without a key. Always the same French pages."""
        cookies = {"Cookie": f"telepath=cookie-of-{key}"} if key else {}
        headers = {"Origin": self.origin, "Accept-Language": "fr"} | cookies
        return httpx2.Client(base_url=self.origin, headers=headers, trust_env=False, timeout=30, verify=UNUSED)

    def ask(
        self,
        key: str,
        route: str,
        names: Names,
        headers: Mapping[str, str] = HTML,
        *,
        body: dict[str, str] | None = None,
    ) -> httpx2.Response:
        """``body``: another one than in TABLE."""
        row = TABLE[route]
        if row.first:
            self.ask(key, row.first, names, headers)
        content = filled(row.body if body is None else body, names)
        sent: dict[str, Any] = {"json": content} if row.json else {"data": content} if content else {}
        if row.file:
            sent["files"] = {"file": ("file", row.file)}
        if row.piece is not None:
            sent = {"content": row.piece}
        method = route.split()[0]
        with self.visitor(key) as client:
            return client.request(method, row.path.format_map(names), headers=dict(headers) | row.headers, **sent)

    def kinds(self) -> list[str]:
        """Every audit record, sealed or not."""
        query = "SELECT kind FROM audit_log UNION ALL SELECT json_extract(record, '$.kind') FROM audit_pending"
        with closing(sqlite3.connect(self.database)) as db:
            return sorted(kind for (kind,) in db.execute(query))

    def recorded(self, kind: str, object_id: str) -> int:
        """How many records of this kind there are about this object, sealed or not."""
        query = (
            "SELECT count(*) FROM (SELECT kind, object_id FROM audit_log UNION ALL"
            " SELECT json_extract(record, '$.kind'), json_extract(record, '$.object_id') FROM audit_pending)"
            " WHERE kind = ? AND object_id = ?"
        )
        with closing(sqlite3.connect(self.database)) as db:
            number: int = db.execute(query, (kind, object_id)).fetchone()[0]
        return number

    def content(self) -> list[str]:
        """All that the people of the service wrote; not the audit, the sessions and the bookkeeping."""
        tables = (
            "cases",
            "specimen",
            "thread",
            "annotation",
            "slide",
            "consult",
            "offer",
            "reading",
            "opinion",
            "room",
        )
        with closing(sqlite3.connect(self.database)) as db:
            there = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            found = [name for name in there if name in tables or name.rstrip("s") in tables]
            return [repr(db.execute(f'SELECT * FROM "{name}"').fetchall()) for name in sorted(found)]  # noqa: S608


@contextmanager
def running(folder: Path) -> Iterator[Town]:
    """One real node on SQLite, with the simulator, in the world of ``build``. Nothing in its log may be a crash."""
    settings = Settings(data=folder / "data")
    settings.data.mkdir()
    names = asyncio.run(build(settings, folder))
    with service(folder, {"step_up_minutes": "240", "vault_key": VAULT_KEY}) as (node,):
        yield Town(node.origin, settings.data / "telepath.db", names)
    assert '"trace"' not in node.log.read_text()


async def build(settings: Settings, folder: Path) -> dict[str, str]:
    """A case of Cayenne with a real slide, a mark, a line, a signed consult and a room; the names of all of it."""
    await upgrade(settings.database_url)
    db = Database(settings.database_url, MASTER_KEY)
    storage = LocalStorage(settings.data / "slides")
    try:
        ward = await Ward(db).build()
        await ward.world.person("nina", "rennes", "Nina", "Étrangère", roles=(Role.AUDITOR,))
        await ward.world.person("rosa", "cayenne", "Rosa", "Registre", roles=(Role.AUDITOR,))
        await ward.world.expert("remi", "rennes", "Rémi", "Douzième")
        await ward.world.person("adele", "cayenne", "Adèle", "Intendante", roles=(Role.ADMINISTRATOR,))
        await ward.world.person("cora", "cayenne", "Cora", "Veille", roles=(Role.COORDINATOR,))
        lotte = await ward.world.person("lotte", "cayenne", "Lotte", "Maas")
        adele = ward.world.actors["adele"]
        async with db.write(adele) as tx:
            await tx.execute(person.update().where(person.c.id == lotte.person_id).values(provider="leuven"))
            await tx.audit("directory.changed", change="provider")
        department = await institutions.add_department(db, adele, "Anatomie pathologique")
        expected = Invitee(
            subject_name_id="899700421128", given_name="Noé", family_name="Sarment", roles=frozenset({Role.REQUESTER})
        )
        letter = await invitations.invite(db, adele, expected)
        for key in ("nina", "rosa", "remi", "adele", "cora"):
            await ward.sign_in(key)
        zoe, paul = (fresh(ward.actor(key), db) for key in ("zoe", "paul"))
        async with DecoderPool(storage, 1) as decoders:
            bare = write_svs(folder / "slide.svs", width=1024, height=768)
            path = add_label(add_profile(bare, matrix_profile(ADOBE, 2.2)), plain_label())
            slide = await ingest.add(
                db, storage, decoders, zoe, path, case_id=ward.case, institution_id=zoe.institution_id, label="A1 HES"
            )
            other = await ingest.add(
                db, storage, decoders, zoe, path, case_id=ward.case, institution_id=zoe.institution_id, label="A2 HES"
            )
            stopped = [await mislabelled(db, storage, decoders, zoe, ward.case, folder) for _ in range(2)]
            view = View(300, 200, 200, 150)
            region = await key_regions.pin(db, storage, decoders, zoe, slide.id, view, "Mitoses")
            scan = await attachments.add(db, storage, decoders, zoe, ward.case, "Scanner", picture())
        async with db.write(zoe) as tx:
            drawing = Drawing(operation_id="a-first-operation", shape=Point(x=9, y=9))
            mark, _ = await annotation_store.draw(tx, zoe, slide.id, drawing)
        async with db.write(zoe, unaudited="a test's world") as tx:
            await tx.execute(update(case).where(case.c.id == ward.case).values(proposed_diagnosis="Hyperplasie."))
        question = Question("Lymphome ? Ganglion hilaire.", "", "lymphoid", Urgency.STANDARD)
        consult = await request.request(db, zoe, ward.case, question, paul.person_id)
        await offers.accept(db, paul, consult)
        saved = await reading.save_draft(db, paul, consult, 1, Draft(conclusion="Lymphome.", description="Oui."))
        await signing.sign(db, paul, consult, saved.version, timedelta(hours=4))
        room = await opening.open_room(db, zoe, slide.id)
        link = await invited(ward, zoe, consult)
        await let_in(ward, "max")
        lea = ward.actor("lea")
        async with db.write(zoe) as tx:
            group = await groups.add(tx, "gcs", "GCS du Littoral", zoe.institution_id)
            circle = await groups.add(tx, "regional", "Cercle du Fleuve", zoe.institution_id)
        share = await sharing.share(db, zoe, ward.case, ("group", group), sharing.Level.LOOK)
        now = db.clock()
        delegation = await delegations.give(
            db,
            lea,
            absent_id=lea.person_id,
            delegate_id=zoe.person_id,
            starts_at=now + timedelta(days=1),
            ends_at=now + timedelta(days=2),
        )
        away = await absences.say(
            db, lea, person_id=lea.person_id, starts_at=now + timedelta(days=30), ends_at=now + timedelta(days=31)
        )
        async with db.read() as reader:
            finess = (await directory.institutions(reader, [paul.institution_id]))[paul.institution_id].finess
        return {
            "group": group,
            "circle": circle,
            "share": share,
            "delegation": delegation,
            "away": away,
            "filter": await saved_filters.save(db, zoe, "À suivre", wish_of({"urgency": "frozen"})),
            **await coordinated(db, ward.actor("cora"), paul, ward.actor("remi")),
            "asked": "a-token",
            "handle": zoe.session_id[:16],
            "lea": ward.actor("lea").session_id[:16],
            "rosa": ward.actor("rosa").session_id[:16],
            "far": paul.institution_id,
            "finess": finess,
            "person": lea.person_id,
            "case": ward.case,
            "slide": slide.id,
            "other": other.id,
            "annotation": mark.id,
            "attachment": scan.id,
            "upload": await sending(db, settings, zoe, ward.case),
            "held": stopped[0],
            "other held": stopped[1],
            "region": region.id,
            "consult": consult,
            "room": room,
            "link": link,
            "glass": await broken(ward, zoe),
            "expert": paul.person_id,
            "second": ward.person("remi"),
            "institution": zoe.institution_id,
            "department": department,
            "invitation": letter.invitation.id,
            "member": lotte.person_id,
            "requester": zoe.person_id,
            "identifier": ward.actor("max").subject_name_id,
        }
    finally:
        await db.close()
        await storage.close()


async def sending(db: Database, settings: Settings, sender: Actor, case_id: str) -> str:
    """A slide that somebody is sending, of four bytes."""
    async with db.read() as reader:
        found = await cases.get(reader, case_id)
    return (await store.begin(db, Parts(settings.uploads_at), sender, found, Wanted([Sent("a.svs", 4)]))).id


async def mislabelled(
    db: Database, storage: Storage, decoders: DecoderPool, actor: Actor, case_id: str, folder: Path
) -> str:
    """A slide that is kept apart, because its label reads 26-00999."""
    path = write_svs(folder / "mislabelled.svs", width=1024, height=512, steps=(1, 4))
    try:
        await ingest.add(
            db,
            storage,
            decoders,
            actor,
            add_label(path, barcode("26-00999-B1")),
            case_id=case_id,
            institution_id=actor.institution_id,
            label="A1 HES",
        )
    except SlideHeld as stopped:
        return str(stopped.params["slide"])
    raise AssertionError("it was let in")


async def let_in(ward: Ward, key: str) -> None:
    """Somebody holds an emergency code of their institution: CODE."""
    who = ward.actor(key)
    async with ward.db.write(SYSTEM) as tx:
        active = await emergency.activate(tx, who.institution_id, timedelta(hours=24))
        code = await emergency.make_code(tx, active, who.person_id)
        known = {"code": digest(CODE), "expires_at": active.until}
        await tx.execute(update(emergency_code).where(emergency_code.c.code == digest(code)).values(**known))


async def broken(ward: Ward, zoe: Actor) -> str:
    """Rémi has opened another case of Cayenne in an emergency."""
    await ward.world.case(zoe, "26-00418")
    remi = fresh(ward.actor("remi"), ward.db)
    why, within = EMERGENCY["reason"], timedelta(minutes=5)
    await break_glass.open_case(ward.db, remi, zoe.institution_id, "26-00418", why, within=within)
    async with ward.db.read() as reader:
        return str(await reader.scalar(select(break_glass_table.c.id)))


async def invited(ward: Ward, zoe: Actor, consult: str) -> str:
    """A guest whose letter carries TOKEN, who is in already, and whose next code is 12345678."""
    db, now = ward.db, ward.db.clock()
    wish = Wish(
        name="Ada Invitée", email="ada@example.org", language="fr", not_before=now, expires_at=now + timedelta(hours=4)
    )
    link = (await links.make(db, zoe, "consult", consult, wish)).link
    guest = Actor(person_id=link.person_id, name="", institution_id="", link_id=link.id)
    async with db.write(guest, unaudited="a test's world") as tx:
        known = {"token": digest(TOKEN), "code": digest(f"{TOKEN} 12345678"), "code_until": now + timedelta(minutes=5)}
        await tx.execute(update(share_link).values(**known))
        session = session_of(guest, digest("cookie-of-gina"), now)
        await logins.keep_session(tx, msgspec.structs.replace(session, institution_id=None, link_id=link.id))
    return link.id


def fresh(actor: Actor, db: Database) -> Actor:
    return msgspec.structs.replace(actor, auth_time=db.clock())


REFERENCE = re.compile(rb"\b[0-9a-f]{8}\b")
"""Under which the log has an error: another one each time."""


def seen(answer: httpx2.Response, names: Names) -> tuple[int, list[tuple[str, str]], bytes]:
    """Everything of an answer but its date, its reference and the identifiers that were asked for."""
    body = REFERENCE.sub(b"-", answer.content)
    headers = [(name, value) for name, value in answer.headers.multi_items() if name != "date"]
    for name in {*names.values()}:
        body = body.replace(name.encode(), b"~")
        headers = [(key, value.replace(name, "~")) for key, value in headers]
    return answer.status_code, headers, body


def says_nothing(answer: httpx2.Response) -> None:
    whole = answer.text + str(answer.headers)
    assert [word for word in SECRETS if word in whole] == []
