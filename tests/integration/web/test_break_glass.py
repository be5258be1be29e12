"""A doctor opens a case of another institution in an emergency: who may, what it opens, who is told, and how it is reviewed."""

import asyncio
import html
import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, select, update

from auth import break_glass
from auth import break_glass_reviews as reviews
from auth.break_glass_reviews import Verdict
from consults import request
from consults.deadlines import Urgency
from consults.model import Question
from telepath import grants
from telepath.access import Action, Right
from telepath.actor import EMERGENCY, SYSTEM, Actor, Role, Subject
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema.directory import membership, person
from telepath.db.schema.grants import grants as grant_rows
from telepath.db.schema.links import break_glass as table
from telepath.db.schema.notices import notice
from telepath.db.schema.outbox import outbox
from telepath.errors import Forbidden, Invalid, NotFound, Refused, StepUpRequired
from telepath.notices.channels import mailer
from telepath.slides import catalogue
from tests.audited import of_actor, of_case, records
from tests.builders import World
from tests.house import WORDS, House, house, visited
from web.relay import Relay
from web.routes import audit, cases, notices, slides
from web.routes import break_glass as pages

WHY = "Reprise au bloc dans vingt minutes, Qzreasonx, le confrère ne répond pas."
NUMBER = "26-00417"
WITHIN = timedelta(minutes=5)
FORM = {"number": NUMBER, "reason": WHY}


class Ward:
    """Zoé's case in Cayenne with two slides; Hugo is a doctor in Lille, whom nobody gave a right."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.world = World(db)
        self.case_id = ""
        self.slides: list[str] = []

    async def built(self) -> "Ward":
        world = self.world
        self.zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
        self.carole = await world.person("carole", "cayenne", "Carole", "Petit", roles=[Role.COORDINATOR])
        self.rosa = await world.person("rosa", "cayenne", "Rosa", "Dumont", roles=[Role.AUDITOR])
        self.hugo = await world.person("hugo", "lille", "Hugo", "Delannoy")
        self.place = self.zoe.institution_id
        self.case_id = await world.case(self.zoe, NUMBER)
        self.slides = [await world.slide(self.zoe, self.case_id, label) for label in ("A1 HES", "A2 HES")]
        return self

    async def open(self, actor: Actor | None = None, *, place: str = "", number: str = NUMBER, why: str = WHY) -> str:
        place = place or self.place
        return await break_glass.open_case(self.db, actor or self.hugo, place, number, why, within=WITHIN)

    async def sees(self, actor: Actor) -> list[bool]:
        """Whether they may see the case, and each slide."""
        async with self.db.read() as reader:
            things = [(Action.CASE_VIEW, (await self.opening()).ref)]
            things += [(Action.SLIDE_VIEW, (await catalogue.get(reader, one)).ref) for one in self.slides]
            return [bool(await grants.decide(reader, actor, action, thing)) for action, thing in things]

    async def opening(self) -> break_glass.Opening:
        async with self.db.read() as reader:
            key = await reader.scalar(select(table.c.id).order_by(table.c.id.desc()).limit(1))
            return await break_glass.get(reader, key)


@pytest.fixture
async def ward(database: Database) -> Ward:
    return await Ward(database).built()


async def test_it_opens_the_case_and_its_slides_for_an_hour_and_nothing_else(ward: Ward) -> None:
    assert await ward.open() == ward.case_id
    opening = await ward.opening()
    assert opening.until - opening.opened_at == timedelta(minutes=60)
    assert await ward.sees(ward.hugo) == [True] * 3
    async with ward.db.read() as reader:
        refused = [
            bool(await grants.decide(reader, ward.hugo, action, opening.ref))
            for action in (Action.PATIENT_VIEW, Action.THREAD_READ, Action.CASE_EDIT, Action.CONSULT_REQUEST)
        ]
    assert refused == [False] * 4
    [made] = await records(ward.db, "break-glass.opened")
    assert (made["owner"], made["case_id"], made["detail"]["slides"]) == (ward.place, ward.case_id, 2)
    assert await of_case(ward.db, made) == {"reason": WHY}
    assert "Qzreasonx" not in json.dumps(made)

    # Again while it stands: the same opening goes on.
    assert await ward.open() == ward.case_id
    assert len(await records(ward.db, "break-glass.opened")) == 1

    # It ends by itself at the minute, and the end is recorded once.
    ward.world.clock.advance(minutes=59, seconds=59)
    assert await ward.sees(ward.hugo) == [True] * 3
    assert not await break_glass.end_expired(ward.db)
    ward.world.clock.advance(seconds=1)
    assert await ward.sees(ward.hugo) == [False] * 3
    assert await break_glass.end_expired(ward.db)
    assert not await break_glass.end_expired(ward.db)
    [ended] = await records(ward.db, "break-glass.ended")
    assert (ended["detail"]["reason"], ended["actor"]) == ("ended-by-time", "system")
    async with ward.db.read() as reader:
        assert await reader.all(select(grant_rows).where(grant_rows.c.revoked_at.is_(None))) == []


async def test_two_tabs_open_it_once_and_all_that_stands_ends_together(ward: Ward) -> None:
    assert await asyncio.gather(*(ward.open() for _ in range(3))) == [ward.case_id] * 3
    assert len(await records(ward.db, "break-glass.opened")) == 1
    opening = await ward.opening()

    async def another() -> str:
        """A second opening of the same case by the same person, beside the one that stands."""
        async with ward.db.write(ward.hugo, unaudited="a test's world") as tx:
            row = dict(await tx.one(select(table).where(table.c.id == opening.id))) | {"id": tx.new_id()}
            row |= {"ended_at": None, "reviewed_at": None, "reviewed_by": None, "review": "", "version": 1}
            await tx.insert(table, **row)
            await tx.grant(
                ("person", ward.hugo.person_id),
                ("case", ward.case_id),
                [Right.VIEW],
                because=break_glass.BECAUSE,
                because_id=row["id"],
                until=opening.until,
            )
            return str(row["id"])

    second = await another()
    await break_glass.end(ward.db, ward.hugo, opening.id)
    assert await ward.sees(ward.hugo) == [False] * 3
    third = await another()
    # The verdict on one that has ended already counts for what stands of the same case.
    await reviews.decide(ward.db, ward.carole, second, Verdict.UNJUSTIFIED, "Personne n’a appelé.")
    assert await ward.sees(ward.hugo) == [False] * 3
    ended = await records(ward.db, "break-glass.ended")
    assert {record["detail"]["opening"]: record["detail"]["reason"] for record in ended} == {
        opening.id: "ended-by-person",
        second: "ended-by-person",
        third: "ended-by-review",
    }
    assert len(ended) == 3


async def test_who_may_not_and_what_is_not_enough(ward: Ward) -> None:
    world = ward.world
    paul = await world.person("paul", "lille", "Paul", "Lenoir", roles=[Role.TECHNICIAN])
    remi = await world.person("remi", "lille", "Rémi", "Roux", roles=[Role.ADMINISTRATOR, Role.AUDITOR])
    nurse = await world.person("nurse", "lille", "Nora", "Blanc")
    async with ward.db.write(nurse, unaudited="a test's world") as tx:
        await tx.execute(update(person).where(person.c.id == nurse.person_id).values(profession="60"))
    guest = msgspec.structs.replace(ward.hugo, roles=frozenset(), institution_id="", link_id="l" * 26)
    for nobody in (paul, remi, nurse, guest):
        with pytest.raises(Refused):
            await ward.open(nobody)
    for reason in ("", "urgent", "a" * 40, "urgence " * 1, "aaaa bbbb aaaa bbbb aaaa", "x" * 501):
        with pytest.raises(Invalid):
            await ward.open(why=reason)
    with pytest.raises(Invalid, match="text-patient"):
        await ward.open(why=f"{WHY} 279035121518989")
    for stale in (None, world.clock.now - timedelta(minutes=5, seconds=1)):
        with pytest.raises(StepUpRequired):
            await ward.open(msgspec.structs.replace(ward.hugo, auth_time=stale))
    with pytest.raises(Forbidden):
        await ward.open(msgspec.structs.replace(ward.hugo, acr=EMERGENCY))
    with pytest.raises(Invalid, match="break-glass-own"):
        await ward.open(ward.zoe)
    assert await records(ward.db, "break-glass.opened", "break-glass.refused") == []

    # A number that is not the whole one, another institution's, one that does not exist: the same answer, each recorded.
    said = set()
    elsewhere = await world.place("rennes")
    for place, number in (("", "26-0041"), (elsewhere, NUMBER), ("x", NUMBER), ("", "%")):
        with pytest.raises(Invalid) as caught:
            await ward.open(place=place, number=number)
        said.add((caught.value.code, caught.value.params["field"]))
    assert said == {("error-break-glass-absent", "number")}
    refused = await records(ward.db, "break-glass.refused")
    assert [record["detail"] for record in refused] == [{"reason": "no-such-case"}] * 4
    assert "26-0041" not in json.dumps(refused)
    assert (await of_actor(ward.db, refused[0]))["private"] == {"asked": {"case": "26-0041"}}

    # The fifth attempt is the last within the hour, sealed records and waiting ones alike.
    await audit_log.seal_all(ward.db, "telepath.test/audit")
    with pytest.raises(Invalid, match="absent"):
        await ward.open(number="26-99999")
    for _ in range(2):
        with pytest.raises(Invalid, match="too-many"):
            await ward.open()
    assert [record["detail"]["reason"] for record in await records(ward.db, "break-glass.refused")][-1] == "too-many"
    world.clock.advance(minutes=61)
    again = world.again("hugo")
    assert await ward.open(again) == ward.case_id


async def test_the_owner_is_told_at_once_and_reviews_it(ward: Ward, tmp_path: Path) -> None:
    adele = await ward.world.person("adele", "cayenne", "Adèle", "Roy", roles=[Role.ADMINISTRATOR, Role.REQUESTER])
    # Whoever asked for an opinion on the case hears of it too, as Zoé who entered it; not who left or was suspended meanwhile.
    amir = await ward.world.person("amir", "cayenne", "Amir", "Ziani")
    gone = await ward.world.person("gone", "cayenne", "Yann", "Parti")
    out = await ward.world.person("out", "cayenne", "Olga", "Suspendue")
    expert = await ward.world.expert("expert", "rennes", "Elsa", "Loin")
    for asking in (amir, gone, out, ward.carole):
        question = Question("Lymphome ?", "", "lymphoid", Urgency.STANDARD)
        await request.request(ward.db, asking, ward.case_id, question, expert.person_id)
    async with ward.db.write(SYSTEM, unaudited="a test's world") as tx:
        await tx.execute(delete(membership).where(membership.c.person_id == gone.person_id))
        await tx.execute(update(person).where(person.c.id == out.person_id).values(disabled_at=tx.now))
        await tx.execute(delete(outbox))
    await ward.open()
    opening = await ward.opening()
    async with ward.db.read() as reader:
        events = [row["body"] for row in await reader.all(select(outbox).where(outbox.c.kind == "break-glass.opened"))]
    reviewing, caring = {ward.carole, ward.rosa, adele}, {ward.zoe, amir}
    assert {(body["person"], body.get("opening"), body.get("case")) for body in events} == {
        *((one.person_id, opening.id, None) for one in reviewing),
        *((one.person_id, None, ward.case_id) for one in caring),
    }
    assert len(events) == 5
    mails = tmp_path / "mail"
    services = house(ward.db, tmp_path)
    relay = Relay(
        ward.db,
        services.bus,
        mailer("smtp://127.0.0.1:9"),
        WORDS,
        origin="http://localhost",
        sender="telepath@localhost",
        log_name="telepath.test/audit",
        audit_key=Ed25519PrivateKey.generate(),
    )
    await relay.deliver()
    await relay.send_mail()  # nobody answers there: the notice stands, and the mail waits
    async with ward.db.read() as reader:
        told = await reader.all(select(notice))
    assert [row["mailed_at"] for row in told] == [None] * 5
    assert all(row["mail_due_at"] is not None for row in told)
    assert {row["path"] for row in told} == {f"/administration/break-glass/{opening.id}", f"/cases/{ward.case_id}"}
    ward.world.clock.advance(minutes=1)
    relay._mailer = mailer(mails.as_uri())
    await relay.send_mail()
    letters = [path.read_text() for path in mails.glob("*.eml")]
    assert len(letters) == 5
    assert not [letter for letter in letters if NUMBER in letter or "Qzreasonx" in letter or "Delannoy" in letter]

    all_pages = [*cases.routes, *slides.routes, *notices.routes, *pages.routes, *audit.routes]
    async with visited(services, all_pages) as browser:
        services.actor = ward.carole
        assert "Dr Hugo Delannoy a ouvert en urgence" in plain((await browser.get("/notices")).text)
        listed = plain((await browser.get("/administration/break-glass")).text)
        assert "À examiner" in listed
        assert NUMBER in listed
        services.actor = ward.hugo
        page = plain((await browser.get(f"/cases/{ward.case_id}")).text)
        assert "Accès d’urgence." in page
        assert "jusqu’à 14:00" in page
        assert f'action="/break-glass/{opening.id}/end"' in page
        assert NUMBER in (await browser.get("/cases")).text

        services.actor = ward.carole
        one = f"/administration/break-glass/{opening.id}"
        shown = plain((await browser.get(one)).text)
        assert "Qzreasonx" in shown
        assert "Dossier consulté" in shown
        assert "CHU de Lille" in shown
        services.actor = ward.rosa
        audited = (await browser.get(one)).text
        assert f"/audit/cases/{ward.case_id}" in audited
        assert 'name="verdict"' not in audited
        refused = [(await browser.post(one, data={"verdict": "justified", "note": "Oui."})).status_code]
        for stranger in (ward.zoe, ward.hugo):
            services.actor = stranger
            refused += [(await browser.get(path)).status_code for path in (one, "/administration/break-glass")]
        assert refused == [404] * 5

        services.actor = ward.carole
        for wrong in ({"verdict": "justified", "note": " "}, {"verdict": "perhaps", "note": "Qznotex"}):
            assert (await browser.post(one, data=wrong)).status_code == 422
        done = await browser.post(one, data={"verdict": "unjustified", "note": "Personne n’a appelé. Qznotex"})
        assert (done.status_code, done.headers["location"]) == (303, f"{one}?done=break-glass-reviewed")
        assert "Qznotex" in (await browser.get(one)).text
        assert (await browser.post(one, data={"verdict": "justified", "note": "Non."})).status_code == 409
        assert await ward.sees(ward.hugo) == [False] * 3  # what was not justified does not go on

        services.actor = ward.rosa
        audit_page = plain((await browser.get("/audit/break-glass")).text)
        for told_of in ("Accès d’urgence ouvert", "Accès d’urgence terminé", "Accès d’urgence examiné", "injustifié"):
            assert told_of in audit_page
        assert "Qzreasonx" in audit_page
        assert "Qznotex" in audit_page
        assert "il ne peut y en avoir aucun" not in audit_page


async def test_an_institution_with_nobody_left_is_no_reason_to_refuse_but_the_operator_hears(
    ward: Ward, caplog: pytest.LogCaptureFixture
) -> None:
    everybody = [one.person_id for one in (ward.zoe, ward.carole, ward.rosa)]
    async with ward.db.write(SYSTEM, unaudited="a test's world") as tx:
        await tx.execute(update(person).where(person.c.id.in_(everybody)).values(disabled_at=tx.now))
    assert await ward.open() == ward.case_id
    (said,) = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert "nobody who could be told" in said
    assert not [one for one in (NUMBER, ward.case_id, ward.hugo.person_id, ward.place) if one in said]


async def test_what_was_typed_survives_proving_again_who_one_is(ward: Ward, tmp_path: Path) -> None:
    services: House = house(ward.db, tmp_path)
    services.actor = msgspec.structs.replace(ward.hugo, auth_time=ward.world.clock.now - timedelta(minutes=30))
    form = FORM | {"institution": ward.place}
    async with visited(services, [*cases.routes, *pages.routes]) as browser:
        assert "de nouveau" in plain((await browser.get("/break-glass")).text)
        away = await browser.post("/break-glass", data=form)
        assert (away.status_code, away.headers["location"]) == (303, "/login/step-up?return_to=%2Fbreak-glass")
        assert "Qzreasonx" not in str(away.headers)
        assert NUMBER not in str(away.headers)
        assert await records(ward.db, "break-glass.opened") == []
        carried = dict(browser.cookies)

        services.actor = ward.world.again("hugo")
        back = plain((await browser.get("/break-glass")).text)
        assert WHY in back
        assert f'value="{NUMBER}"' in back
        assert "Rien n’est encore ouvert" in back
        assert f'<option value="{ward.place}" selected>' in back

        # Another person's browser, or an altered cookie, brings nothing back.
        services.actor = await ward.world.person("paul", "lille", "Paul", "Lenoir")
        assert "Qzreasonx" not in (await browser.get("/break-glass")).text
        services.actor = ward.hugo
        name, value = next(iter(carried.items()))
        for forged in (value[:-6] + "AAAAAA", "x", ""):
            answer = await browser.get("/break-glass", headers={"Cookie": f"{name}={forged}"})
            assert (answer.status_code, "Qzreasonx" in answer.text) == (200, False)

        services.actor = ward.world.again("hugo")
        opened = await browser.post("/break-glass", data=form)
        assert opened.headers["location"] == f"/cases/{ward.case_id}?done=break-glass-opened"
        assert not browser.cookies
        opening = await ward.opening()
        ended = await browser.post(f"/break-glass/{opening.id}/end")
        assert (ended.status_code, ended.headers["location"]) == (303, "/cases?done=break-glass-ended")
        assert (await browser.post(f"/break-glass/{opening.id}/end")).status_code == 303
        assert await ward.sees(ward.hugo) == [False] * 3
        assert (await browser.get(f"/cases/{ward.case_id}")).status_code == 404
        services.actor = ward.zoe
        assert (await browser.post(f"/break-glass/{opening.id}/end")).status_code == 404


async def test_a_review_is_by_somebody_else_in_time_and_goes_with_the_case(ward: Ward) -> None:
    # Hugo also coordinates the institution that owns the case: he may not judge himself.
    await ward.open()
    opening = await ward.opening()
    both = msgspec.structs.replace(ward.hugo, institution_id=ward.place, roles=frozenset({Role.COORDINATOR}))
    with pytest.raises(Forbidden):
        await reviews.decide(ward.db, both, opening.id, Verdict.JUSTIFIED, "Oui.")
    assert not reviews.overdue(opening, opening.opened_at + timedelta(hours=72))
    assert reviews.overdue(opening, opening.opened_at + timedelta(hours=72, seconds=1))
    await reviews.decide(ward.db, ward.carole, opening.id, Verdict.JUSTIFIED, "Rappelé.")
    assert await ward.sees(ward.hugo) == [True] * 3
    assert not reviews.overdue(await ward.opening(), opening.opened_at + timedelta(days=9))
    with pytest.raises(NotFound):
        await reviews.read(ward.db, ward.zoe, opening.id)
    async with ward.db.write(ward.zoe, unaudited="a test's world") as tx:
        await tx.keys.destroy(tx.connection, tx.now, Subject("case", ward.case_id))
    gone = await reviews.read(ward.db, ward.carole, opening.id)
    assert (gone.reason, gone.note, gone.opening.review) == ("", "", "justified")


def plain(page: str) -> str:
    return html.unescape(page).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
