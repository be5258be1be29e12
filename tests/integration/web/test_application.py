"""The whole service as a stranger meets it: every address, asked for by people who may not have what it leads to.

One real node on SQLite. What is absent and what is refused must be the same bytes; nothing may answer 5xx; each state-changing
address must leave its audit record."""

import asyncio
import http.client
import json
import re
import sqlite3
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec
import pytest
from sqlalchemy import select, update
from starlette.routing import BaseRoute, Route, WebSocketRoute
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from auth import break_glass, delegations, emergency, groups, institutions, invitations, links
from auth import repository as logins
from auth.bearer import digest
from auth.invitations import Invitee
from auth.links import Wish
from consults import offers, reading, request, signing
from consults.deadlines import Urgency
from consults.model import Question
from consults.opinion import Draft
from realtime import ledger
from telepath import directory
from telepath.actor import SYSTEM, Actor, Role
from telepath.cases import annotation_store, sharing
from telepath.cases.annotations import Drawing, Point
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.db.schema.auth import emergency_code
from telepath.db.schema.directory import person
from telepath.db.schema.links import break_glass as break_glass_table
from telepath.db.schema.links import share_link
from telepath.ids import is_id, make_id
from telepath.slides import ingest
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders import MASTER_KEY, VAULT_KEY, session_of
from tests.builders_slides import write_svs
from tests.rooms import Ward
from tests.running import service
from web.app import ROUTES
from web.settings import Settings
from web.words import Words

ABSENT = make_id(1_700_000_000_000, b"nowhere-at")
"""An identifier that is well formed, and of nothing."""
UNASKED = {"case": make_id(1_700_000_000_000, b"never-here")}
"""Another, which no administrator's address was tried with: whose place that is has the refusal in its audit."""
SECRETS = ("26-00417", "Ganglion cervical", "Adénopathie", "A1 HES", "Lymphome", "hilaire", "Lenoir", "Marchand")
"""What stands in the case, its slide, its consult and its line; who is of it."""
STRANGERS = ("max", "nina")
"""A requester and an auditor of another institution."""
HTML = {"Accept": "text/html"}
JSON = {"Accept": "application/json"}
FRAGMENT = {"Accept": "text/html", "HX-Request": "true"}

Names = Mapping[str, str]
WORDS = Words()
UNUSED = ssl.create_default_context()
"""Made once: a client would make its own, which takes longer than a request."""


@dataclass
class Row:
    """Who an address is for, and how it is asked for. ``{case}`` and the like stand for identifiers, in the body too."""

    needs: str
    """``anybody``; ``person``: who is signed in; ``auditor``; ``administrator``; else the object whose right is needed."""
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    json: bool = False


TEXT = {"line": "Un mot."}
DRAFT = {"version": "1", "conclusion": "Lymphome.", "description": "Folliculaire."}
MARK = {"operation_id": "an-operation-of-a-test", "shape": {"kind": "point", "x": 5, "y": 5}, "label": ""}
LEAVE = {"type": "op", "id": "an-operation-of-a-test", "act": {"kind": "close"}}
ASKED = {
    "case": "{case}",
    "question": "Bénin ?",
    "context": "",
    "organ": "lymphoid",
    "urgency": "standard",
    "expert": "{expert}",
}
PATIENT = {
    "seen": "",
    "status": "provisional",
    "birth_name": "Essai",
    "given_names": "Zélie",
    "birth_date": "1979-03-01",
    "sex": "f",
}
SHARED = {"share_with": "group:{circle}", "share_may": "look", "share_days": "30"}
EMERGENCY = {
    "institution": "{institution}",
    "number": "26-00417",
    "reason": "Reprise au bloc dans vingt minutes, personne ne répond.",
}
VERDICT = {"verdict": "justified", "note": "Rappelé, c’était urgent."}
FACTS = {"version": "1", "number": "26-00999", "organ": "breast", "title": "Sein", "context": ""}

INVITED = {
    "consult": "{consult}",
    "guest_name": "Ada Invitée",
    "guest_email": "ada@example.org",
    "guest_language": "fr",
    "hours": "24",
}
CODE = "7QK2-M4XD-0101-ZZZZ-ABCD-EFGH-JKMN"
TOKEN = "a-token-that-a-letter-carries".ljust(43, "-")
GUEST = f"ada; telepath-guest={TOKEN}"
"""Whose browser keeps that token, and has no session."""

PLACE = {"name": "CH de Cayenne", "city": "Rémire", "region": "03", "time_zone": "America/Cayenne"}
HOURS = {"days": "1", "opens": "07:30", "closes": "16:00", "closed": "10/06/2026"}
REGISTER = {"authority": "Ordre des médecins", "register_number": "1-23456-78", "country": "BE"}
INVITEE = {"rpps": "99700421110", "given_name": "Gaëlle", "family_name": "Goff", "roles": "requester"}
LETTER = "/invitations/" + "x" * 43

TABLE = {
    "GET /": Row("person", "/"),
    "GET /login": Row("anybody", "/login"),
    "GET /login/start": Row("anybody", "/login/start"),
    "GET /login/step-up": Row("person", "/login/step-up"),
    "GET /login/callback": Row("anybody", "/login/callback?code=x&state=y"),
    "GET /login/institution": Row("anybody", "/login/institution"),
    "POST /login/institution": Row("anybody", "/login/institution", {"institution": "{institution}"}),
    "GET /login/left": Row("anybody", "/login/left"),
    "POST /login/backchannel-logout/{provider}": Row(
        "anybody", "/login/backchannel-logout/psc", {"logout_token": "e30.e30.AA"}
    ),
    "GET /login/phone": Row("anybody", "/login/phone"),
    "POST /login/phone": Row("anybody", "/login/phone", {"number": "99700421003"}),
    "GET /login/phone/over": Row("anybody", "/login/phone/over"),
    "GET /login/phone/{key}": Row("anybody", "/login/phone/of-nobody"),
    "POST /login/phone/{key}/cancel": Row("anybody", "/login/phone/of-nobody/cancel"),
    "GET /login/emergency": Row("anybody", "/login/emergency"),
    "POST /login/emergency": Row("anybody", "/login/emergency", {"number": "99700421003", "code": "7QK2"}),
    "GET /administration/emergency": Row("administrator", "/administration/emergency"),
    "POST /administration/emergency": Row("administrator", "/administration/emergency", {"hours": "2"}),
    "POST /administration/emergency/end": Row("administrator", "/administration/emergency/end"),
    "POST /administration/emergency/codes": Row(
        "administrator", "/administration/emergency/codes", {"person": "{requester}"}
    ),
    "POST /logout": Row("anybody", "/logout"),
    "GET /cases": Row("person", "/cases"),
    "POST /cases": Row("person", "/cases", FACTS),
    "GET /cases/new": Row("person", "/cases/new"),
    "GET /cases/{id}": Row("case", "/cases/{case}"),
    "GET /cases/{id}/edit": Row("case", "/cases/{case}/edit"),
    "POST /cases/{id}/edit": Row("case", "/cases/{case}/edit", FACTS),
    "POST /cases/{id}/specimens": Row("case", "/cases/{case}/specimens", {"label": "B", "description": "B"}),
    "POST /cases/{id}/lines": Row("case", "/cases/{case}/lines", TEXT),
    "POST /cases/{id}/shares": Row("case", "/cases/{case}/shares", SHARED),
    "POST /cases/{id}/shares/{share}/withdraw": Row("case", "/cases/{case}/shares/{share}/withdraw"),
    "GET /cases/{id}/patient": Row("case", "/cases/{case}/patient"),
    "GET /cases/{id}/patient/edit": Row("case", "/cases/{case}/patient/edit"),
    "POST /cases/{id}/patient/edit": Row("case", "/cases/{case}/patient/edit", PATIENT),
    "GET /break-glass": Row("person", "/break-glass"),
    "POST /break-glass": Row("person", "/break-glass", EMERGENCY),
    "POST /break-glass/{id}/end": Row("glass", "/break-glass/{glass}/end"),
    "GET /administration/break-glass": Row("administrator", "/administration/break-glass"),
    "GET /administration/break-glass/{id}": Row("glass", "/administration/break-glass/{glass}"),
    "POST /administration/break-glass/{id}": Row("glass", "/administration/break-glass/{glass}", VERDICT),
    "GET /slides/{id}": Row("slide", "/slides/{slide}"),
    "POST /slides/{id}/view": Row("slide", "/slides/{slide}/view"),
    "GET /slides/{id}/thumbnail": Row("slide", "/slides/{slide}/thumbnail"),
    "GET /slides/{id}/annotations": Row("slide", "/slides/{slide}/annotations"),
    "POST /slides/{id}/annotations": Row("slide", "/slides/{slide}/annotations", MARK, json=True),
    "DELETE /slides/{id}/annotations/{annotation}": Row("slide", "/slides/{slide}/annotations/{annotation}"),
    "GET /consults/new": Row("case", "/consults/new?case={case}"),
    "POST /consults/new": Row("case", "/consults/new", ASKED),
    "GET /consults/{id}": Row("consult", "/consults/{consult}"),
    "POST /consults/{id}/accept": Row("consult", "/consults/{consult}/accept"),
    "POST /consults/{id}/decline": Row("consult", "/consults/{consult}/decline", {"decline-reason": "Absent."}),
    "POST /consults/{id}/offers": Row("consult", "/consults/{consult}/offers", {"expert": "{expert}"}),
    "POST /consults/{id}/revoke": Row("consult", "/consults/{consult}/revoke"),
    "POST /consults/{id}/lines": Row("consult", "/consults/{consult}/lines", TEXT),
    "POST /consults/{id}/draft": Row("consult", "/consults/{consult}/draft", DRAFT),
    "POST /consults/{id}/sign": Row("consult", "/consults/{consult}/sign", DRAFT),
    "POST /consults/{id}/addendum": Row("consult", "/consults/{consult}/addendum", DRAFT),
    "GET /consults/{id}/report.pdf": Row("consult", "/consults/{consult}/report.pdf"),
    "POST /rooms": Row("slide", "/rooms", {"slide": "{slide}"}),
    "GET /rooms/{id}": Row("room", "/rooms/{room}"),
    "GET /rooms/{id}/slide": Row("room", "/rooms/{room}/slide"),
    "GET /rooms/{id}/facts": Row("room", "/rooms/{room}/facts"),
    "POST /rooms/{id}/operations": Row("room", "/rooms/{room}/operations", LEAVE, json=True),
    "WS /rooms/{id}/live": Row("room", "/rooms/{room}/live"),
    "GET /links": Row("person", "/links"),
    "POST /links": Row("consult", "/links", INVITED),
    "GET /links/new": Row("consult", "/links/new?consult={consult}"),
    "POST /links/{id}/letter": Row("link", "/links/{link}/letter"),
    "POST /links/{id}/withdraw": Row("link", "/links/{link}/withdraw"),
    "GET /guest": Row("anybody", "/guest"),
    "POST /guest/leave": Row("anybody", "/guest/leave", {"leave": "1"}),
    "GET /guest/standing": Row("person", "/guest/standing"),
    "GET /guest/enter": Row("anybody", "/guest/enter"),
    "POST /guest/enter": Row("anybody", "/guest/enter", {"digits": "12345678"}),
    "POST /guest/enter/code": Row("anybody", "/guest/enter/code", {"send": "1"}),
    "GET /guest/{token}": Row("anybody", "/guest/a-token"),
    "GET /notices": Row("person", "/notices"),
    "POST /notices": Row("person", "/notices", {"up_to": "1"}),
    "GET /notices/stream": Row("person", "/notices/stream"),
    "GET /administration": Row("administrator", "/administration"),
    "GET /administration/institution": Row("administrator", "/administration/institution"),
    "POST /administration/institution": Row("administrator", "/administration/institution", PLACE),
    "POST /administration/institution/calendar": Row("administrator", "/administration/institution/calendar", HOURS),
    "GET /administration/departments": Row("administrator", "/administration/departments"),
    "POST /administration/departments": Row("administrator", "/administration/departments", {"department": "Frottis"}),
    "POST /administration/departments/{id}": Row(
        "administrator", "/administration/departments/{department}", {"department": "Cytologie"}
    ),
    "POST /administration/departments/{id}/remove": Row(
        "administrator", "/administration/departments/{department}/remove"
    ),
    "GET /administration/members": Row("administrator", "/administration/members"),
    "GET /administration/members/{id}": Row("administrator", "/administration/members/{member}"),
    "POST /administration/members/{id}": Row(
        "administrator", "/administration/members/{member}", {"roles": "technician", "seen": "requester/"}
    ),
    "POST /administration/members/{id}/end": Row("administrator", "/administration/members/{member}/end"),
    "GET /administration/credentials": Row("administrator", "/administration/credentials"),
    "POST /administration/credentials/{id}": Row("administrator", "/administration/credentials/{member}", REGISTER),
    "POST /administration/credentials/{id}/withdraw": Row(
        "administrator", "/administration/credentials/{member}/withdraw"
    ),
    "GET /administration/invitations": Row("administrator", "/administration/invitations"),
    "GET /administration/invitations/new": Row("administrator", "/administration/invitations/new"),
    "POST /administration/invitations/new": Row("administrator", "/administration/invitations/new", INVITEE),
    "POST /administration/invitations/{id}/resend": Row(
        "administrator", "/administration/invitations/{invitation}/resend", {"email": "noe@example.org"}
    ),
    "POST /administration/invitations/{id}/withdraw": Row(
        "administrator", "/administration/invitations/{invitation}/withdraw"
    ),
    "GET /invitations/{token}": Row("anybody", LETTER),
    "GET /invitations/{token}/login": Row("anybody", f"{LETTER}/login"),
    "GET /administration/groups": Row("administrator", "/administration/groups"),
    "POST /administration/groups": Row(
        "administrator", "/administration/groups", {"kind": "gcs", "name": "GCS d’essai"}
    ),
    "POST /administration/groups/{id}/join": Row(
        "group", "/administration/groups/{group}/join", {"number": "899700421003"}
    ),
    "POST /administration/groups/{id}/leave": Row(
        "group", "/administration/groups/{group}/leave", {"kind": "institution", "member": "{institution}"}
    ),
    "POST /administration/groups/{id}/end": Row("group", "/administration/groups/{group}/end"),
    "GET /administration/sessions": Row("administrator", "/administration/sessions"),
    "POST /administration/sessions/end": Row("administrator", "/administration/sessions/end", {"session": "{handle}"}),
    "GET /session": Row("person", "/session"),
    "POST /session/seen": Row("person", "/session/seen"),
    "GET /session/renewed": Row("person", "/session/renewed"),
    "GET /sessions": Row("person", "/sessions"),
    "POST /sessions/end": Row("person", "/sessions/end", {"session": "{handle}"}),
    "GET /absence": Row("person", "/absence"),
    "POST /absence": Row("person", "/absence", {"delegate": "{person}", "first": "2030-01-01", "last": "2030-01-09"}),
    "POST /absence/{id}/end": Row("delegation", "/absence/{delegation}/end"),
    "GET /statistics": Row("administrator", "/statistics"),
    "GET /audit": Row("auditor", "/audit"),
    "GET /audit/records": Row("auditor", "/audit/records"),
    "GET /audit/slide": Row("auditor", "/audit/slide"),
    "GET /audit/opinion": Row("auditor", "/audit/opinion"),
    "GET /audit/integrity": Row("auditor", "/audit/integrity"),
    "GET /audit/{question}": Row("auditor", "/audit/rights"),
    "GET /audit/mine": Row("person", "/audit/mine"),
    "GET /audit/cases/{id}": Row("case", "/audit/cases/{case}"),
    "GET /audit/extract": Row("case", "/audit/extract?case={case}"),
    "GET /audit/slides/{id}/picture": Row("slide", "/audit/slides/{slide}/picture"),
    "POST /audit/verify": Row("auditor", "/audit/verify"),
    "POST /audit/checkpoint": Row("auditor", "/audit/checkpoint", {"note": "none"}),
    "POST /audit/{question}/csv": Row("auditor", "/audit/rights/csv", {"person": ""}),
    "POST /audit/{question}/zip": Row("auditor", "/audit/rights/zip", {"person": ""}),
    "GET /check": Row("anybody", "/check"),
    "GET /check/payload": Row("anybody", "/check/payload?size=16"),
    "WS /check/socket": Row("anybody", "/check/socket"),
    "GET /about": Row("anybody", "/about"),
    "GET /language": Row("anybody", "/language?lang=fr"),
    "GET /theme": Row("anybody", "/theme?theme=dark"),
    "GET /health": Row("anybody", "/health"),
    "GET /health/live": Row("anybody", "/health/live"),
}
OBJECTS = sorted(
    name for name, row in TABLE.items() if row.needs not in {"anybody", "person", "auditor", "administrator"}
)
SIGNED = {"POST /login/backchannel-logout/{provider}"}
"""What a provider's server sends, from no page: its token is tried in tests/integration/auth/test_backchannel_logout.py."""
CHANGING = sorted(name for name in TABLE if name.split()[0] not in {"GET", "WS"} and name not in SIGNED)


def named(route: BaseRoute) -> Iterator[str]:
    if isinstance(route, WebSocketRoute):
        yield f"WS {route.path}"
    else:
        assert isinstance(route, Route)
        yield from (f"{method} {route.path}" for method in sorted((route.methods or set()) - {"HEAD"}))


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
        content = filled(row.body if body is None else body, names)
        sent: dict[str, Any] = {"json": content} if row.json else {"data": content} if content else {}
        method = route.split()[0]
        with self.visitor(key) as client:
            return client.request(method, row.path.format_map(names), headers=dict(headers), **sent)

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


def filled(body: dict[str, Any], names: Names) -> dict[str, Any]:
    return {key: value.format_map(names) if isinstance(value, str) else value for key, value in body.items()}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
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
            path = write_svs(folder / "slide.svs", width=1024, height=768)
            slide = await ingest.add(
                db, storage, decoders, zoe, path, case_id=ward.case, institution_id=zoe.institution_id, label="A1 HES"
            )
            other = await ingest.add(
                db, storage, decoders, zoe, path, case_id=ward.case, institution_id=zoe.institution_id, label="A2 HES"
            )
        async with db.write(zoe) as tx:
            drawing = Drawing(operation_id="a-first-operation", shape=Point(x=9, y=9))
            mark, _ = await annotation_store.draw(tx, zoe, slide.id, drawing)
        question = Question("Lymphome ? Ganglion hilaire.", "", "lymphoid", Urgency.STANDARD)
        consult = await request.request(db, zoe, ward.case, question, paul.person_id)
        await offers.accept(db, paul, consult)
        saved = await reading.save_draft(db, paul, consult, 1, Draft(conclusion="Lymphome.", description="Oui."))
        await signing.sign(db, paul, consult, saved.version, timedelta(hours=4))
        room = await ledger.open_room(db, zoe, slide.id)
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
        async with db.read() as reader:
            finess = (await directory.institutions(reader, [paul.institution_id]))[paul.institution_id].finess
        return {
            "group": group,
            "circle": circle,
            "share": share,
            "delegation": delegation,
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


@pytest.fixture(scope="module")
def absent(town: Town) -> dict[str, str]:
    """As many names, of nothing."""
    return dict.fromkeys(town.names, ABSENT)


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


# The table


def test_every_address_of_the_service_has_its_row_and_every_row_its_address() -> None:
    routes = [name for route in ROUTES for name in named(route)]
    assert sorted(routes) == sorted(TABLE)
    assert len(routes) == len(set(routes))


@pytest.mark.parametrize("route", [name for name in TABLE if not name.startswith("WS")])
def test_nobody_is_shown_the_door_where_one_must_be_signed_in_and_the_page_elsewhere(
    town: Town, absent: dict[str, str], route: str
) -> None:
    row = TABLE[route]
    answers = [town.ask("", route, names) for names in (town.names, absent)]
    says_nothing(answers[0])
    if row.needs == "anybody":
        assert answers[0].status_code < 500
        return
    assert seen(answers[0], town.names) == seen(answers[1], absent)
    if route.startswith("GET"):
        assert answers[0].status_code == 303
        assert answers[0].headers["location"].startswith(("/login?return_to=", "/login/step-up?return_to="))
    else:
        assert answers[0].status_code == 401
    machine = town.ask("", route, town.names, JSON)
    assert machine.status_code == 401
    says_nothing(machine)


@pytest.mark.parametrize("who", STRANGERS)
@pytest.mark.parametrize("route", [name for name in OBJECTS if not name.startswith("WS")])
def test_what_is_not_theirs_answers_a_stranger_like_what_is_not_there(
    town: Town, absent: dict[str, str], route: str, who: str
) -> None:
    before = town.content()
    for headers in (HTML, JSON, FRAGMENT):
        for body in BODIES:
            refused = town.ask(who, route, town.names, headers, body=body)
            missing = town.ask(who, route, absent, headers, body=body)
            assert seen(refused, town.names) == seen(missing, absent)
            says_nothing(refused)
            assert refused.status_code == 404 or (body == {} and 400 <= refused.status_code < 500)
    assert town.content() == before


@pytest.mark.parametrize("route", sorted(name for name in TABLE if TABLE[name].needs == "administrator"))
def test_who_administers_nothing_finds_no_administration(town: Town, absent: dict[str, str], route: str) -> None:
    either = town.names | {"absent": ABSENT}  # Zoé's own identifier stands in each page of hers
    for who in ("max", "zoe"):
        refused, missing = (town.ask(who, route, names) for names in (town.names, absent))
        assert seen(refused, either) == seen(missing, either)
        assert refused.status_code == 404


@pytest.mark.parametrize("route", ["GET /audit", "POST /audit/verify"])
@pytest.mark.parametrize("who", ["max", "zoe"])
def test_who_is_no_auditor_finds_no_audit(town: Town, route: str, who: str) -> None:
    refused = town.ask(who, route, town.names)
    with town.visitor(who) as client:
        missing = client.request(route.split()[0], "/nowhere", headers=HTML)
    assert refused.status_code == missing.status_code == 404
    assert "journal" not in refused.text


def test_a_refusal_is_known_to_the_auditor_and_what_is_absent_is_not(town: Town) -> None:
    town.ask("max", "GET /cases/{id}", UNASKED)
    town.ask("max", "GET /cases/{id}", town.names)
    assert town.recorded("access.refused", UNASKED["case"]) == 0
    assert town.recorded("access.refused", town.names["case"]) >= 1


BODIES: tuple[dict[str, str] | None, ...] = (None, {})
"""The one in TABLE, and an empty one: it is refused for its own sake, and in the same way."""


STREAMS = ("GET /rooms/{id}/facts", "GET /notices/stream", "GET /guest/standing")


@pytest.mark.parametrize("route", [name for name in OBJECTS if name.startswith("GET") and name not in STREAMS])
def test_those_whom_it_is_for_have_it(town: Town, route: str) -> None:
    keeper = "adele" if route.startswith("GET /administration") else "zoe"
    who = "rosa" if route.startswith("GET /audit") else keeper
    assert town.ask(who, route, town.names).status_code == 200


@pytest.mark.parametrize("route", [name for name in OBJECTS if not name.startswith("WS") and "{id}" in name])
@pytest.mark.parametrize("key", ["x", "%00", "0" * 400, "..%2f..", "%F0%9F%98%80", "'; DROP TABLE cases; --", "ID "])
def test_what_cannot_be_an_identifier_is_not_found(town: Town, route: str, key: str) -> None:
    for who in ("zoe", "max"):
        answer = town.ask(who, route, dict.fromkeys(town.names, key))
        assert 400 <= answer.status_code < 500
        assert "Traceback" not in answer.text


def test_a_stranger_s_own_pages_say_nothing_of_others(town: Town) -> None:
    for route, row in TABLE.items():
        if row.needs == "person" and route.startswith("GET") and route not in STREAMS:
            answer = town.ask("max", route, town.names)
            assert answer.status_code < 400
            says_nothing(answer)
    with town.visitor("max") as client:
        for path in ("/cases?q=26-00417", "/cases?q=Ganglion", f"/cases?q={town.names['case']}"):
            answer = client.get(path, headers=HTML)
            assert answer.status_code == 200
            assert "Ganglion cervical" not in answer.text
            assert f'/cases/{town.names["case"]}"' not in answer.text


def test_a_refusal_tells_the_auditor_of_whom_it_was_refused_to_no_more_than_it_told_them(town: Town) -> None:
    for route in ("GET /cases/{id}", "GET /slides/{id}", "GET /consults/{id}", "GET /rooms/{id}"):
        assert town.ask("max", route, town.names).status_code == 404
    with town.visitor("nina") as client:
        listed = client.get("/audit/records?outcome=refused", headers=HTML)
        asked, other = (
            client.get(f"/audit/records?case={number}", headers=HTML) for number in ("26-00417", "26-99999")
        )
        by_id = client.get(f"/audit/records?case={town.names['case']}", headers=HTML)
    assert "Max Inconnu" in listed.text
    says_nothing(listed)
    for page in (asked, other, by_id):
        assert WORDS("fr")("audit-none") in page.text
    refused, missing = (town.ask("nina", "GET /audit/cases/{id}", names) for names in (town.names, UNASKED))
    assert seen(refused, town.names) == seen(missing, UNASKED)
    assert refused.status_code == 404


def test_a_guest_reaches_what_they_were_invited_to_and_nothing_else(town: Town, absent: dict[str, str]) -> None:
    """Whatever a route would say: what is not named for guests does not exist for them."""
    own = {"GET /slides/{id}", "GET /slides/{id}/thumbnail", "GET /slides/{id}/annotations", "POST /slides/{id}/view"}
    for route, row in TABLE.items():
        if route.startswith("WS") or route in {"POST /guest/leave", "POST /logout", *STREAMS}:
            continue
        answer = town.ask("gina", route, town.names)
        if route in own:
            assert answer.status_code == 200, route
            assert "26-00417" not in answer.text, route
        elif route in {"GET /", "GET /login"}:
            assert (answer.status_code, answer.headers["location"]) == (303, "/guest")
        elif not re.match(r"\w+ /(guest|session|login/|check|about|language|theme|health)", route):
            assert answer.status_code == 404, route
            says_nothing(answer)
            assert seen(answer, town.names) == seen(town.ask("gina", route, absent), absent), route
        else:
            assert answer.status_code < 500, route
            assert row.needs in {"anybody", "person"}, route
    with town.visitor("gina") as client:
        page = client.get("/guest", headers=HTML).text
    assert f'/slides/{town.names["slide"]}"' in page
    assert "26-00417" not in page
    assert "Ganglion cervical" not in page


def test_the_door_for_guests_tells_no_address_from_another(town: Town) -> None:
    addresses = (TOKEN, "a-token-that-a-letter-carriez".ljust(43, "-"), "no-token", "é" * 30, "a" * 300, ABSENT)
    answers = []
    for token in addresses:
        with town.visitor() as client:
            letter = client.get(f"/guest/{token}", headers=HTML)
            assert (letter.status_code, letter.headers["location"]) == (303, "/guest/enter")
            assert letter.headers["referrer-policy"] == "no-referrer"
            assert letter.headers["cache-control"] == "no-store"
            assert "noindex" in letter.headers["x-robots-tag"]
            door = client.get("/guest/enter", headers=HTML)
            tried = client.post("/guest/enter", headers=HTML, data={"digits": "00000000"})
            assert token not in door.text + tried.text
            answers.append([(one.status_code, one.text, sorted(set(one.headers) - {"date"})) for one in (door, tried)])
    assert answers == answers[:1] * len(addresses)
    assert [status for status, _, _ in answers[0]] == [200, 403]


def test_a_slide_beside_that_was_not_given_answers_the_expert_like_what_is_not_there(town: Town) -> None:
    """Paul was given the slides of his consult. What came to the case since is not his."""
    with town.visitor("remi") as client:
        answers = [client.get(f"/slides/{key}", headers=HTML) for key in (town.names["other"], ABSENT)]
    assert answers[0].status_code == answers[1].status_code == 404


# Sockets


def handshake(town: Town, path: str, who: str, origin: str | None = None) -> tuple[int, list[tuple[str, str]], bytes]:
    """How the node refuses it. Raises AssertionError: it does not."""
    headers = {"Cookie": f"telepath=cookie-of-{who}"} if who else {}
    uri = town.origin.replace("http", "ws", 1) + path
    try:
        with connect(
            uri, origin=Origin(origin or town.origin), additional_headers=headers, compression=None, open_timeout=20
        ):
            raise AssertionError("the handshake was accepted")
    except InvalidStatus as refused:
        answer = refused.response
        kept = [(name.lower(), value) for name, value in answer.headers.raw_items() if name.lower() != "date"]
        return answer.status_code, kept, bytes(answer.body or b"")


@pytest.mark.parametrize("who", STRANGERS)
def test_the_socket_of_a_room_answers_a_stranger_as_that_of_no_room(town: Town, who: str) -> None:
    refused = handshake(town, f"/rooms/{town.names['room']}/live", who)
    assert refused == handshake(town, f"/rooms/{ABSENT}/live", who)
    assert refused[0] == 404


def test_nobody_gets_no_socket(town: Town) -> None:
    refused = handshake(town, f"/rooms/{town.names['room']}/live", "")
    assert refused == handshake(town, f"/rooms/{ABSENT}/live", "")
    assert refused[0] == 401


@pytest.mark.parametrize("evil", ["https://evil.example", "null", "http://localhost", "{origin}.evil.example"])
def test_a_page_of_another_origin_gets_no_socket_whoever_is_signed_in(town: Town, evil: str) -> None:
    for key in (town.names["room"], ABSENT):
        assert handshake(town, f"/rooms/{key}/live", "zoe", evil.format(origin=town.origin))[0] == 403


def test_the_owner_gets_the_socket_and_the_stream(town: Town) -> None:
    uri = f"{town.origin.replace('http', 'ws', 1)}/rooms/{town.names['room']}/live"
    cookie = {"Cookie": "telepath=cookie-of-zoe"}
    with connect(uri, origin=Origin(town.origin), additional_headers=cookie, compression=None) as socket:
        socket.send(json.dumps({"type": "hello", "protocol": 1, "last_seq": 0, "epoch": 0}))
        assert json.loads(socket.recv(timeout=20))["type"] == "welcome"
    for path in (f"/rooms/{town.names['room']}/facts", "/notices/stream"):
        with town.visitor("zoe") as client, client.stream("GET", path) as stream:
            assert stream.status_code == 200
            assert stream.headers["content-type"].startswith("text/event-stream")


# Tiles


def tile_cookie(town: Town, key: str) -> dict[str, str]:
    with town.visitor("zoe") as client:
        page = client.get(f"/slides/{key}", headers=HTML)
    cookie = re.search(r"telepath_tiles=([^;]+); ", page.headers["set-cookie"])
    assert cookie is not None
    return {"Cookie": f"telepath_tiles={cookie[1]}"}


def test_a_tile_that_may_not_be_had_and_one_that_is_not_there_are_the_same_bytes(town: Town) -> None:
    mine, others = tile_cookie(town, town.names["slide"]), tile_cookie(town, town.names["other"])
    place = f"/slides/{town.names['slide']}/tiles"
    altered = {"Cookie": mine["Cookie"][:-3] + ("AAA" if not mine["Cookie"].endswith("AAA") else "BBB")}
    session = {"Cookie": "telepath=cookie-of-zoe"}
    with town.visitor() as client:
        good = client.get(f"{place}/0/0_0", headers=mine)
        assert (good.status_code, good.headers["content-type"]) == (200, "image/jpeg")
        wrong = [
            client.get(f"{place}/0/0_0"),
            client.get(f"{place}/0/0_0", headers=session),
            client.get(f"{place}/0/0_0", headers=others),
            client.get(f"{place}/0/0_0", headers=altered),
            client.get(f"{place}/0/0_0", headers=mine | {"Sec-Fetch-Site": "cross-site"}),
            client.get(f"{place}/0/4_0", headers=mine),
            client.get(f"{place}/0/0_3", headers=mine),
            client.get(f"{place}/3/0_0", headers=mine),
            client.get(f"{place}/99/999999_999999", headers=mine),
            client.get(f"{place}/0/-1_0", headers=mine),
            client.get(f"{place}/0/0_0.jpg", headers=mine),
            client.get(f"{place}/0/0_0/", headers=mine),
            client.get(f"{place}/", headers=mine),
            client.get(f"/slides/{ABSENT}/tiles/0/0_0", headers=mine),
            client.get("/slides/x/tiles/0/0_0", headers=mine),
            client.get(f"/slides/{town.names['slide'].upper()}/tiles/0/0_0", headers=mine),
        ]
        keys = {name: key for name, key in town.names.items() if is_id(key)}
        refused = {name: client.request("POST", f"/slides/{key}/tiles/0/0_0") for name, key in keys.items()}
    answers = {(answer.status_code, str(seen(answer, {})[1]), answer.content) for answer in wrong}
    assert len(answers) == 1
    assert wrong[0].status_code == 404
    assert {answer.status_code for answer in refused.values()} == {405}


# Tricks


def raw(town: Town, target: str, who: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
    """One request with this very target and these headers, as no browser would send it."""
    parts = urlsplit(town.origin)
    client = http.client.HTTPConnection(str(parts.hostname), int(parts.port or 80), timeout=30)
    client._validate_path = lambda _target: None  # type: ignore[attr-defined]  # odd targets are what is tested
    try:
        client.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Host": parts.netloc, "Accept": "text/html", "Cookie": f"telepath=cookie-of-{who}"} | names
        for name, value in sent.items():
            client.putheader(name, value)
        client.endheaders()
        answer = client.getresponse()
        answer.whole = answer.read()  # type: ignore[attr-defined]
        return answer
    finally:
        client.close()


def whole(answer: http.client.HTTPResponse) -> str:
    body: bytes = answer.whole  # type: ignore[attr-defined]
    return body.decode("utf-8", "replace") + str(answer.getheaders())


FORGED = [
    {"Host": "evil.example"},
    {"Host": "evil.example@localhost"},
    {"Host": ""},
    {"Host": "localhost/cases"},
    {"X_Forwarded_Host": "evil.example"},
    {"X_Forwarded_Proto": "https"},
    {"X_Forwarded_For": "10.0.0.1, evil"},
    {"X_Forwarded_For": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1;host=evil.example"},
    {"X_Original_URL": "/audit"},
    {"X_Rewrite_URL": "/audit"},
    {"X_HTTP_Method_Override": "DELETE"},
    {"X_Forwarded_Prefix": "/evil.example"},
]


@pytest.mark.parametrize("headers", FORGED, ids=str)
@pytest.mark.parametrize("who", ["zoe", "max", ""])
def test_forged_headers_change_no_decision_and_are_repeated_nowhere(
    town: Town, headers: dict[str, str], who: str
) -> None:
    target = f"/cases/{town.names['case']}"
    plain, forged = raw(town, target, who), raw(town, target, who, **headers)
    assert forged.status < 500
    assert "evil.example" not in whole(forged)
    if forged.status != 400:  # the server itself may refuse a malformed Host
        assert forged.status == plain.status
        assert ("26-00417" in whole(forged)) == (who == "zoe")
    assert forged.getheader("location") == plain.getheader("location") or forged.status == 400


ODD = [
    "/{path}",
    "//evil.example/{path}",
    "/./{path}",
    "/x/../{path}",
    "/%2e%2e/{path}",
    "/%2e/{path}",
    "/{path}/",
    "/{path};x=1",
    "/{path}%00",
    "/{path}%2f",
    "/{path}%0d%0aSet-Cookie:%20a=b",
    "/{path}\\",
    "/{path}%20",
    "/{path}/.",
    "/{path}%c0%ae",
    "/static/../{path}",
    "/static/%2e%2e/{path}",
    "/static/..%2f{path}",
    "/health/../{path}",
    "/health;/{path}",
    "http://evil.example/{path}",
    "{path}",
    "*",
    "/{path}?%00",
    "/{path}#fragment",
    "/" + "a/" * 2000,
    "/%",
    "/%zz",
]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_odd_paths_open_nothing_that_the_plain_path_does_not(town: Town, odd: str) -> None:
    target = odd.replace("{path}", f"cases/{town.names['case']}")
    for who in ("max", ""):
        answer = raw(town, target, who)
        assert answer.status < 500
        assert [word for word in SECRETS if word in whole(answer)] == []
        location = answer.getheader("location") or "/"
        assert location.startswith("/")
        assert not location.startswith(("//", "/\\"))
        assert answer.getheader("set-cookie") is None
    owner = raw(town, target, "zoe")
    assert owner.status < 500
    assert (owner.status == 200) == ("26-00417" in whole(owner)) or target == "*"


@pytest.mark.parametrize(
    "target",
    [
        "/static/../settings.py",
        "/static/%2e%2e/settings.py",
        "/static/..%2fsettings.py",
        "/static//etc/passwd",
        "/static/%2fetc%2fpasswd",
        "/static/....//settings.py",
        "/static/manifest.json%00.css",
        "/static/",
        "/static",
    ],
)
def test_the_built_files_are_all_that_static_gives(town: Town, target: str) -> None:
    answer = raw(town, target, "")
    assert answer.status in {400, 404}
    assert "TELEPATH" not in whole(answer)
    assert "root:" not in whole(answer)


def test_where_to_return_after_signing_in_is_never_another_site(town: Town) -> None:
    with town.visitor("zoe") as client:
        for path in ("//evil.example", "https://evil.example", "/\\evil.example", "%2f%2fevil.example", "javascript:0"):
            for page in (f"/login?return_to={path}", f"/language?lang=fr&return_to={path}"):
                location = client.get(page, headers=HTML).headers.get("location", "/")
                assert location.startswith("/")
                assert not location.startswith(("//", "/\\"))


@pytest.mark.parametrize("route", CHANGING)
def test_another_site_cannot_make_a_browser_change_anything(town: Town, route: str) -> None:
    before, records = town.content(), town.kinds().count("session.ended")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": town.origin, "Sec-Fetch-Site": "cross-site"},
        {"Origin": f"{town.origin}.evil.example"},
    ):
        assert town.ask("zoe", route, town.names, HTML | headers).status_code == 403
    assert (town.content(), town.kinds().count("session.ended")) == (before, records)


@pytest.mark.parametrize("route", sorted(SIGNED))
def test_a_server_that_proves_nothing_ends_nothing(town: Town, route: str) -> None:
    before, records = town.content(), town.kinds()
    for headers in ({}, {"Origin": "https://evil.example"}, {"Origin": town.origin}):
        answer = town.ask("zoe", route, town.names, headers)
        assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
    assert (town.content(), town.kinds()) == (before, records)


# What each change leaves


@dataclass
class Step:
    """One act of the story: who does it, and the kind of the audit record that it leaves."""

    route: str
    who: str
    leaves: str
    of: dict[str, str] = field(default_factory=dict)
    """Which of the names stands for the one in TABLE."""
    body: dict[str, str] | None = None
    """Another one than in TABLE."""
    gives: str = ""
    """The name that the identifier in the answer's Location gets."""
    times: int = 1
    """How many such records: who is invited is entered, becomes a member, and is invited."""


CASE, CONSULT, THIRD = (
    {kind: f"{which} {kind}"} for which, kind in (("new", "case"), ("new", "consult"), ("third", "consult"))
)
STORY = [
    Step("POST /cases", "zoe", "case.created", body=FACTS | {"number": "26-00500"}, gives="new case"),
    Step("POST /cases/{id}/edit", "zoe", "case.changed", CASE, FACTS | {"organ": "lymphoid"}),
    Step("POST /cases/{id}/specimens", "zoe", "case.changed", CASE),
    Step("POST /cases/{id}/lines", "zoe", "thread.written", CASE),
    Step("POST /cases/{id}/patient/edit", "zoe", "patient.changed", CASE),
    Step("POST /cases/{id}/shares", "zoe", "case.shared", CASE),
    Step("POST /cases/{id}/shares/{share}/withdraw", "zoe", "case.unshared"),
    Step("POST /administration/break-glass/{id}", "adele", "break-glass.reviewed"),
    Step("POST /break-glass/{id}/end", "remi", "break-glass.ended"),
    Step("POST /break-glass", "max", "break-glass.opened"),
    Step("POST /slides/{id}/view", "zoe", ""),
    Step("POST /slides/{id}/annotations", "zoe", "annotation.created"),
    Step("DELETE /slides/{id}/annotations/{annotation}", "zoe", "annotation.deleted"),
    Step("POST /consults/new", "zoe", "consult.requested", CASE, gives="new consult"),
    Step("POST /consults/{id}/decline", "paul", "offer.declined", CONSULT),
    Step("POST /consults/{id}/offers", "zoe", "offer.made", CONSULT | {"expert": "second"}),
    Step("POST /consults/{id}/accept", "remi", "offer.accepted", CONSULT),
    Step("POST /consults/{id}/lines", "remi", "thread.written", CONSULT),
    Step("POST /consults/{id}/draft", "remi", "opinion.drafted", CONSULT),
    Step("POST /consults/{id}/sign", "remi", "opinion.signed", CONSULT, {"version": "2"}),
    Step("POST /consults/{id}/addendum", "remi", "opinion.drafted", CONSULT, DRAFT | {"version": "3"}),
    Step("POST /consults/{id}/addendum", "remi", "opinion.amended", CONSULT, {"version": "4"}),
    Step("POST /consults/new", "zoe", "consult.requested", CASE, gives="third consult"),
    Step("POST /consults/{id}/revoke", "zoe", "consult.revoked", THIRD),
    Step("POST /rooms/{id}/operations", "zoe", "room.closed"),  # while it lasts, nobody opens another one
    Step("POST /rooms", "zoe", "room.opened"),
    Step("POST /links", "zoe", "link.made"),
    Step("POST /guest/enter", GUEST, "link.opened"),
    Step("POST /guest/enter/code", GUEST, ""),
    Step("POST /guest/leave", "gina", "session.ended"),
    Step("POST /links/{id}/letter", "zoe", "link.made"),
    Step("POST /links/{id}/withdraw", "zoe", "link.withdrawn"),
    Step("POST /login/phone", "zoe", "", body={"number": "99700421011"}),
    Step("POST /login/phone/{key}/cancel", "zoe", ""),
    Step("POST /login/emergency", "", "emergency.code-used", body={"number": "{identifier}", "code": CODE}),
    Step("POST /administration/institution", "adele", "directory.changed"),
    Step("POST /administration/institution/calendar", "adele", "directory.changed"),
    Step("POST /administration/departments", "adele", "directory.changed"),
    Step("POST /administration/departments/{id}", "adele", "directory.changed"),
    Step("POST /administration/departments/{id}/remove", "adele", "directory.changed"),
    Step("POST /administration/members/{id}", "adele", "directory.changed"),
    Step("POST /administration/credentials/{id}", "cora", "credential.verified"),
    Step("POST /administration/credentials/{id}/withdraw", "cora", "credential.withdrawn"),
    Step("POST /administration/members/{id}/end", "adele", "directory.changed"),
    Step("POST /administration/invitations/new", "adele", "directory.changed", times=3),
    Step("POST /administration/invitations/{id}/resend", "adele", "directory.changed"),
    Step("POST /administration/invitations/{id}/withdraw", "adele", "directory.changed", times=2),
    Step("POST /administration/emergency", "adele", "emergency.activated"),
    Step("POST /administration/emergency/codes", "adele", "emergency.code-made"),
    Step("POST /administration/emergency/end", "adele", "emergency.ended"),
    Step("POST /administration/groups", "adele", "directory.changed", body={"kind": "gcs", "name": "Autre"}, times=2),
    Step("POST /administration/groups/{id}/join", "adele", "directory.changed", body={"number": "{finess}"}),
    Step(
        "POST /administration/groups/{id}/leave",
        "adele",
        "directory.changed",
        body={"kind": "institution", "member": "{far}"},
    ),
    Step("POST /administration/groups/{id}/end", "adele", "directory.changed"),
    Step("POST /absence/{id}/end", "lea", "delegation.ended"),
    Step("POST /absence", "zoe", "delegation.given"),
    Step("POST /session/seen", "zoe", ""),
    Step("POST /notices", "zoe", ""),
    Step("POST /audit/verify", "rosa", "audit.verified"),
    Step("POST /audit/checkpoint", "rosa", "audit.read"),
    Step("POST /audit/{question}/csv", "rosa", "audit.exported"),
    Step("POST /audit/{question}/zip", "rosa", "audit.exported"),
    Step("POST /administration/sessions/end", "adele", "session.ended", body={"session": "{lea}"}),
    Step("POST /login/institution", "zoe", "session.activity-chosen"),
    Step("POST /sessions/end", "rosa", "session.ended", body={"session": "{rosa}"}),
    Step("POST /logout", "cora", "session.ended"),
]
"""In order. ``leaves`` is empty where a record would say nothing: renewing a view that was audited, one's own notices."""


BY_ITSELF = {"room.left", "access.refused"}
"""What is recorded a while after it happened: who left a room, and how often the same was refused within a minute."""


def test_the_story_goes_through_every_address_that_changes_something() -> None:
    assert sorted({step.route for step in STORY}) == CHANGING


def test_every_change_leaves_its_audit_record(town: Town) -> None:
    """Last in this file: two of its people are signed out after it."""
    names = dict(town.names)
    for step in STORY:
        before = town.kinds()
        meant = names | {name: names[which] for name, which in step.of.items()}
        answer = town.ask(step.who, step.route, meant, body=step.body)
        assert answer.status_code in {200, 201, 204, 303}, f"{step.route}: {answer.status_code} {answer.text[-2000:]}"
        assert not answer.headers.get("location", "").startswith("/login?"), step.route
        if step.gives:
            names[step.gives] = answer.headers["location"].rpartition("/")[2].partition("?")[0]
        after = town.kinds()
        if step.leaves:
            assert after.count(step.leaves) == before.count(step.leaves) + step.times, step.route
        else:
            assert [kind for kind in after if kind not in BY_ITSELF] == [
                kind for kind in before if kind not in BY_ITSELF
            ]
