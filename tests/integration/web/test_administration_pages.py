"""The pages of /administration: who finds what there, what forms do, and that every page has its words in both languages."""

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import msgspec
import pytest
from sqlalchemy import update

from auth import suspension
from auth.identity_oidc import OpenIdProvider
from auth.providers import Listed, Registry
from telepath import directory
from telepath.actor import SYSTEM, Actor, Role
from telepath.db.database import Database
from telepath.db.schema.directory import person
from telepath.ids import make_id
from tests.audited import records
from tests.builders import World
from tests.house import House, house, leads_to, visited
from web.bootstrap import provider_of
from web.routes import administration, invitations, members

ABSENT = make_id(0, bytes(10))
FINESS = "9A0000001"
INVITEE = {
    "rpps": "99700421110",
    "given_name": "Gaëlle",
    "family_name": "Le Goff",
    "title": "Dr",
    "language": "fr",
    "email": "gaelle@example.org",
    "roles": "requester",
}
UNUSUAL = {"rpps": "8 99700421111", "family_name": "Autre", "email": ""}


@pytest.fixture
def world(database: Database) -> World:
    return World(database)


@pytest.fixture
async def ada(world: World) -> Actor:
    return await world.person("ada", "lille", "Ada", "Registre", roles=[Role.ADMINISTRATOR])


@pytest.fixture
def services(database: Database, ada: Actor, tmp_path: Path) -> House:
    made = house(database, tmp_path)
    psc = OpenIdProvider(provider_of(made.settings))
    made.providers = Registry(psc, [(Listed(key="be-eid", name="KU Leuven", institution=FINESS), psc)])
    made.actor = ada
    return made


@pytest.fixture
async def browser(services: House) -> AsyncIterator[httpx2.AsyncClient]:
    async with visited(services, [*administration.routes, *members.routes, *invitations.routes]) as client:
        yield client


def link_in(page: str) -> str:
    return str(re.findall(r"/invitations/[A-Za-z0-9_-]{43}", html.unescape(page))[0])


def mails(folder: Path) -> list[str]:
    return [path.read_bytes().decode() for path in sorted((folder / "mail").glob("*.eml"))]


async def test_an_administrator_sets_up_the_institution(
    browser: httpx2.AsyncClient, world: World, services: House, ada: Actor
) -> None:
    index = await browser.get("/administration")
    for path in ("institution", "departments", "members", "invitations"):
        assert f'href="/administration/{path}"' in index.text
        for language in ("fr", "en"):
            page = await browser.get(f"/administration/{path}", headers={"Cookie": f"lang={language}"})
            assert page.status_code == 200, path
    assert "/administration/credentials" not in index.text
    assert (await browser.get("/administration/credentials")).status_code == 404

    page = await browser.get("/administration/institution")
    assert FINESS in page.text
    assert "Clé inhabituelle" in page.text
    facts = {"name": "CHU de Lille", "city": "Loos", "region": "32", "time_zone": "Europe/Paris"}
    saved = await browser.post("/administration/institution", data=facts)
    assert saved.headers["location"] == "/administration/institution?done=institution-changed"
    again = await browser.post("/administration/institution", data=facts)
    assert again.headers["location"] == "/administration/institution"
    for wrong, field in (({"name": " "}, "name"), ({"region": "05"}, "region"), ({"time_zone": "EST"}, "time_zone")):
        refused = await browser.post("/administration/institution", data=facts | wrong)
        assert refused.status_code == 422
        assert leads_to(refused.text, field)
    hours = {"days": ["0", "2"], "opens": "09:00", "closes": "17:30", "closed": "24/12/2026\n2026-12-31"}
    assert (await browser.post("/administration/institution/calendar", data=hours)).status_code == 303
    page = await browser.get("/administration/institution?done=calendar-changed")
    for text in ("Horaires modifiés.", 'value="09:00"', "24/12/2026\n31/12/2026", 'value="2" checked'):
        assert text in page.text
    for wrong_hours, code in (
        ({"days": []}, "au moins un jour"),
        ({"opens": "matin"}, "attend une heure"),
        ({"closes": "08:00"}, "doit venir après"),
        ({"closed": "Noël"}, "n’est pas un jour"),
    ):
        refused = await browser.post("/administration/institution/calendar", data=hours | wrong_hours)
        assert refused.status_code == 422
        assert leads_to(refused.text, *wrong_hours)
        assert code in refused.text

    assert (await browser.post("/administration/departments", data={"department": "Cytologie"})).status_code == 303
    assert (await browser.post("/administration/departments", data={"department": "Cytologie"})).status_code == 409
    assert (await browser.post("/administration/departments", data={"department": " "})).status_code == 422
    async with world.db.read() as reader:
        (place,) = await directory.departments(reader, ada.institution_id)
    unnamed = await browser.post(f"/administration/departments/{place.id}", data={"department": " "})
    assert leads_to(unnamed.text, f"department-{place.id}")
    renamed = await browser.post(f"/administration/departments/{place.id}", data={"department": "Frottis"})
    assert renamed.headers["location"].endswith("done=department-renamed")
    assert "Frottis" in (await browser.get("/administration/departments")).text
    assert (await browser.post(f"/administration/departments/{place.id}/remove")).status_code == 303
    assert (await browser.post(f"/administration/departments/{place.id}/remove")).status_code == 404

    # Who is none has no such pages: the same answer as for what does not exist.
    services.actor = await world.person("zoe", "lille", "Zoé", "Marchand")
    nowhere = await browser.get("/administration/nowhere")
    for route in (*administration.routes, *members.routes):
        path = route.path.replace("{id}", ABSENT)  # type: ignore[attr-defined]
        method = "POST" if "POST" in route.methods else "GET"  # type: ignore[attr-defined]
        form = facts | hours | {"department": "X", "authority": "X", "register_number": "1", "country": "BE"}
        answer = await browser.request(method, path, data=form if method == "POST" else None)
        assert (answer.status_code, len(answer.content)) in {(404, len(nowhere.content)), (404, len(answer.content))}
        assert "Page introuvable" in answer.text or "n’existe pas" in answer.text, path


async def test_an_administrator_changes_roles_and_ends_memberships(
    browser: httpx2.AsyncClient, world: World, ada: Actor
) -> None:
    zoe = await world.person("zoe", "lille", "Zoé", "Marchand")
    paul = await world.person("paul", "rennes", "Paul", "Lenoir")
    listed = await browser.get("/administration/members")
    assert "Dr Zoé Marchand" in listed.text
    assert "Paul" not in listed.text
    assert "jamais venu" in listed.text
    path = f"/administration/members/{zoe.person_id}"
    page = await browser.get(path)
    seen = html.unescape(re.findall(r'name="seen" value="([^"]*)"', page.text)[0])
    changed = await browser.post(path, data={"roles": ["requester", "expert"], "seen": seen})
    assert changed.headers["location"] == f"{path}?done=member-changed"
    late = await browser.post(path, data={"roles": ["technician"], "seen": seen})
    assert late.status_code == 409
    assert "vient de modifier les rôles" in late.text
    own = f"/administration/members/{ada.person_id}"
    locked_out = await browser.post(own, data={"roles": ["auditor"], "seen": "administrator/"})
    assert locked_out.status_code == 409
    assert "vous laisserait dehors" in html.unescape(locked_out.text)
    assert (await browser.post(path, data={"roles": [], "seen": "expert requester/"})).status_code == 422
    assert (await browser.post(path, data={"roles": ["king"], "seen": "expert requester/"})).status_code == 422
    assert (await browser.get(f"/administration/members/{paul.person_id}")).status_code == 404
    assert (await browser.post(f"/administration/members/{paul.person_id}/end")).status_code == 404
    assert (await browser.post(f"{own}/end")).status_code == 409
    # Suspending counts everywhere, and is not an institution's to do: its pages say so, and show it.
    assert "cette équipe seule peut la suspendre" in html.unescape((await browser.get(path)).text)
    async with world.db.write(SYSTEM) as tx:
        await suspension.suspend_person(tx, zoe.person_id)
    for shown in (path, "/administration/members"):
        assert "Accès suspendu" in (await browser.get(shown)).text
    assert (await browser.post(f"{path}/end")).headers["location"] == "/administration/members?done=member-ended"
    assert (await browser.get(path)).status_code == 404
    assert len(await records(world.db, "directory.read")) == 5


async def test_somebody_is_invited_by_a_letter_that_names_no_patient(
    browser: httpx2.AsyncClient, services: House, world: World, tmp_path: Path
) -> None:
    form = "/administration/invitations/new"
    assert "KU Leuven" in (await browser.get(form)).text
    for wrong, field in (
        ({"rpps": "123"}, "rpps"),
        ({"family_name": " "}, "family_name"),
        ({"email": "nobody"}, "email"),
        ({"roles": []}, "roles"),
    ):
        refused = await browser.post(form, data=INVITEE | wrong)
        assert refused.status_code == 422, field
        assert "L’invitation n’est pas partie" in refused.text
        assert leads_to(refused.text, field)
        assert 'value="Gaëlle"' in refused.text
    assert (await browser.post(form, data=INVITEE | {"department": ABSENT})).status_code == 422
    assert (await browser.post(form, data=INVITEE | {"provider": "evil"})).status_code == 422
    strict = msgspec.structs.replace(services.settings, production=True)
    lenient, services.settings = services.settings, strict
    assert "n’existe pas" in (await browser.post(form, data=INVITEE | {"rpps": "99700421111"})).text
    services.settings = lenient
    assert "99700421111" in (await browser.post(form, data=INVITEE | UNUSUAL)).text

    letter = await browser.post(form, data=INVITEE)
    assert letter.status_code == 200
    assert "Lettre envoyée à gaelle@example.org" in letter.text
    assert (await browser.post(form, data=INVITEE)).status_code == 409
    (mail,) = mails(tmp_path)
    assert "To: gaelle@example.org" in mail
    assert link_in(letter.text) in mail.replace("=\r\n", "")
    waiting = await browser.get("/administration/invitations")
    assert "Le Goff" in waiting.text
    again = re.findall(r'action="([^"]*/resend)"><input[^>]*> <button[^>]*Le Goff', waiting.text)[0]
    withdrawn = again.replace("resend", "withdraw")

    # What the letter leads to needs no session, and says who invites.
    inviter, services.actor = services.actor, None
    door = await browser.get(link_in(letter.text))
    for text in ("CHU de Lille vous invite", "Demandeur", "Se connecter avec Pro Santé Connect"):
        assert text in html.unescape(door.text)
    assert "Le Goff" not in door.text
    absent = "/invitations/" + "x" * 43
    assert (await browser.get(absent)).status_code == 404
    assert (await browser.get(f"{absent}/login")).status_code == 404
    assert (await browser.get("/invitations/x")).status_code == 404
    services.actor = inviter
    assert (await browser.post(again, data={"email": "nobody"})).status_code == 422
    # Whoever typed the address before, it is not shown and nothing goes there.
    second = await browser.post(again)
    assert "gaelle@example.org" not in second.text
    assert len(mails(tmp_path)) == 1
    second = await browser.post(again, data={"email": "gaelle.legoff@example.org"})
    assert "Lettre envoyée à gaelle.legoff@example.org" in second.text
    assert link_in(second.text) != link_in(letter.text)
    assert (await browser.get(link_in(letter.text))).status_code == 404
    assert (await browser.get(link_in(second.text), headers={"Cookie": "lang=en"})).status_code == 200
    assert (await browser.post(withdrawn)).headers["location"].endswith("?done=invitation-withdrawn")
    assert (await browser.post(withdrawn)).status_code == 409
    assert (await browser.get(link_in(second.text))).status_code == 404
    services.settings = msgspec.structs.replace(services.settings, mail="smtp://127.0.0.1:1")
    unsent = await browser.post(form, data=INVITEE | {"rpps": "99700421136"})
    assert "n’a pas pu être envoyée" in html.unescape(unsent.text)
    services.actor = await world.person("zoe", "lille", "Zoé", "Marchand")
    assert (await browser.post(form, data=INVITEE)).status_code == 404
    assert (await browser.get(form)).status_code == 404


async def test_a_coordinator_notes_the_credential_of_who_has_no_rpps_number(
    browser: httpx2.AsyncClient, services: House, world: World
) -> None:
    foreign = INVITEE | {"provider": "be-eid", "rpps": "", "roles": "expert", "family_name": "Maas", "language": "en"}
    letter = await browser.post("/administration/invitations/new", data=foreign)
    assert "your role: expert" in letter.text.lower()
    door = await browser.get(link_in(letter.text))
    assert "Se connecter avec KU Leuven" in door.text
    services.actor = await world.person("cora", "lille", "Cora", "Veille", roles=[Role.COORDINATOR])
    index = await browser.get("/administration")
    assert "/administration/credentials" in index.text
    assert "titre à vérifier" not in index.text, "nobody has come yet"
    assert "/administration/members" not in index.text
    page = await browser.get("/administration/credentials")
    assert "Titre à vérifier" in page.text
    (person_id,) = re.findall(r'id="person-(\w{26})"', page.text)
    path = f"/administration/credentials/{person_id}"
    found = {"authority": "Ordre des médecins", "register_number": "1-23456-78", "country": "be"}
    # Before the first login there is nobody to check.
    assert "Attend sa première connexion" in page.text
    assert f'action="{path}"' not in page.text
    early = await browser.post(path, data=found)
    assert early.status_code == 409
    assert "première connexion de" in early.text
    async with world.db.write(services.actor, unaudited="a test's world") as tx:
        await tx.execute(update(person).where(person.c.id == person_id).values(subject_name_id="be-eid:42"))
    assert f'action="{path}"' in (await browser.get("/administration/credentials")).text
    assert "1 titre à vérifier" in (await browser.get("/administration")).text
    for wrong in ({"authority": ""}, {"register_number": ""}, {"country": "Belgique"}):
        refused = await browser.post(path, data=found | wrong)
        assert refused.status_code == 422
        assert leads_to(refused.text, f"{next(iter(wrong))}-{person_id}")
    assert (await browser.post(path, data=found)).headers["location"].endswith("?done=credential-verified")
    assert "titre à vérifier" not in (await browser.get("/administration")).text
    for language, text in (("fr", "Titre vérifié"), ("en", "Credential checked")):
        assert text in (await browser.get("/administration/credentials", headers={"Cookie": f"lang={language}"})).text
    services.actor = world.actors["ada"]
    shown = await browser.get(f"/administration/members/{person_id}")
    for text in ("1-23456-78", "Dr Cora Veille", "BE"):
        assert text in shown.text
    services.actor = world.actors["cora"]
    assert (await browser.post(f"{path}/withdraw")).headers["location"].endswith("?done=credential-withdrawn")
    assert (await browser.post(f"{path}/withdraw")).status_code == 404
    assert "Titre à vérifier" in (await browser.get("/administration/credentials")).text
