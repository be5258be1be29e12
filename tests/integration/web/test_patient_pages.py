"""Who the patient of a case is: the form, the page, who sees them, and that nothing of it is anywhere else."""

import html
import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from consults import offers, request
from telepath.access import Right
from telepath.actor import Role, Subject
from telepath.cases import patients
from telepath.cases.identity import Identity
from telepath.db.database import Database
from telepath.db.schema import metadata
from telepath.db.schema.cases import case, patient
from telepath.errors import Conflict, NotFound
from tests.audited import of_case, records
from tests.builders import World
from tests.house import house, visited
from web.routes import cases, consult_requests, consults
from web.routes import patients as pages

TYPED = {
    "status": "qualified",
    "matricule": "2 79 03 51 215 189 89",
    "oid": "1.2.250.1.213.1.4.10",
    "birth_name": "Qzbirthx",
    "given_names": "Qzgivenx Anne",
    "used_name": "Qzusedx",
    "used_given_name": "",
    "birth_date": "1979-03-01",
    "sex": "f",
    "birth_place": "51215",
}
SECRETS = ("QZBIRTHX", "QZGIVENX", "QZUSEDX", "279035121518989", "2 79 03 51 215 189 89", "1979-03-01", "51215")


def identity(**changed: str) -> Identity:
    return Identity(**TYPED | changed)


async def everything(db: Database) -> str:
    """All rows of all tables, as text."""
    async with db.read() as reader:
        rows = [await reader.all(select(table)) for table in metadata.tables.values()]
    return json.dumps([[dict(row) for row in found] for found in rows], default=str)


async def test_an_identity_is_entered_shown_and_nowhere_else(database: Database, tmp_path: Path) -> None:
    world = World(database)
    zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand", roles=(Role.TECHNICIAN,))
    case_id = await world.case(zoe)
    services = house(database, tmp_path)
    services.actor = zoe
    there, form = f"/cases/{case_id}/patient", f"/cases/{case_id}/patient/edit"
    async with visited(services, [*cases.routes, *pages.routes]) as browser:
        assert "Aucune identité n’est enregistrée" in (await browser.get(f"/cases/{case_id}")).text
        assert "Pas d’identité enregistrée" in (await browser.get(there)).text

        wrong = await browser.post(
            form, data=TYPED | {"seen": "", "matricule": "279035121518988", "birth_place": "Reims"}
        )
        assert wrong.status_code == 422
        said = html.unescape(wrong.text)
        assert 'id="matricule-error">La clé' in said
        assert 'id="birth_place-error">Le lieu de naissance est un code INSEE' in said
        assert 'value="Qzbirthx"' in said
        assert await records(database, "patient.changed") == []

        made = await browser.post(form, data=TYPED | {"seen": ""})
        assert (made.status_code, made.headers["location"]) == (303, f"{there}?done=patient-changed")
        page = html.unescape((await browser.get(made.headers["location"])).text).replace("\N{NO-BREAK SPACE}", " ")
        for shown in ("QZBIRTHX", "QZGIVENX ANNE", "QZUSEDX", "2 79 03 51 215 189 89", "01/03/1979", "Patient fictif"):
            assert shown in page
        changed_at = page.split("Dernière modification :")[1].strip()
        assert changed_at.startswith(f'<time datetime="{database.clock().date().isoformat()}')
        plain = (await browser.get(f"/cases/{case_id}")).text
        assert "Afficher l’identité" in html.unescape(plain)
        assert not [secret for secret in SECRETS if secret in plain.upper()]

        # A form that was opened before somebody else saved changes nothing.
        late = await browser.post(form, data=TYPED | {"seen": "", "birth_name": "Autre"})
        assert late.status_code == 409
        assert "QZBIRTHX" in (await browser.get(there)).text

    left = (await everything(database)).upper()
    assert not [secret for secret in SECRETS if secret in left]
    viewed = await records(database, "patient.viewed")
    assert len(viewed) == 5  # the page three times, and the two forms that were shown again
    assert {record["case_id"] for record in viewed} == {case_id}
    [changed] = await records(database, "patient.changed")
    assert changed["detail"] == {}
    assert set((await of_case(database, changed))["changed"]) == {name for name, value in TYPED.items() if value}


async def test_only_the_institution_and_the_expert_whom_the_requester_lets_see_it(
    database: Database, tmp_path: Path
) -> None:
    world = World(database)
    zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
    karim = await world.expert("karim", "lille", "Karim", "Fabre")
    paul = await world.person("paul", "lille", "Paul", "Lenoir")
    rosa = await world.person("rosa", "cayenne", "Rosa", "Dumont", roles=(Role.AUDITOR, Role.ADMINISTRATOR))
    case_id = await world.case(zoe)
    await world.slide(zoe, case_id)
    await patients.change(database, zoe, case_id, "", identity())
    other = await world.case(zoe, "26-00900")
    await patients.change(database, zoe, other, "", identity())
    services = house(database, tmp_path)

    async with visited(services, [*cases.routes, *consult_requests.routes, *consults.routes, *pages.routes]) as browser:

        async def answers(who: object) -> list[int]:
            services.actor = who  # type: ignore[assignment]
            return [
                (await browser.get(f"/cases/{case_id}/patient")).status_code,
                (await browser.get(f"/cases/{case_id}/patient/edit")).status_code,
                (await browser.post(f"/cases/{case_id}/patient/edit", data=TYPED | {"seen": ""})).status_code,
            ]

        assert await answers(zoe) == [200, 200, 409]
        assert [await answers(one) for one in (karim, paul, rosa)] == [[404, 404, 404]] * 3

        services.actor = zoe
        ask = {"case": case_id, "organ": "lymphoid", "urgency": "standard", "expert": karim.person_id}
        ask |= {"question": "Lymphome ?", "context": "", "step": "send"}
        quiet = (await browser.post("/consults/new", data=ask)).headers["location"].split("?")[0]
        await offers.accept(database, karim, quiet.rpartition("/")[2])
        assert await answers(karim) == [404, 404, 404]

        services.actor = zoe
        told = await browser.post("/consults/new", data=ask | {"shows_identity": "1"})
        consult = told.headers["location"].split("?")[0]
        assert await answers(karim) == [404, 404, 404]  # asked, and has not accepted yet
        await offers.accept(database, karim, consult.rpartition("/")[2])
        assert await answers(karim) == [200, 404, 404]
        shown = (await browser.get(f"/cases/{case_id}/patient")).text
        assert "QZBIRTHX" in shown
        assert "26-00900" not in shown  # the patient's other cases are the institution's alone
        assert "/patient" in (await browser.get(consult)).text

        await request.revoke(database, zoe, consult.rpartition("/")[2])
        assert await answers(karim) == [404, 404, 404]
    given = [record["detail"]["rights"] for record in await records(database, "right.given")]
    assert len([rights for rights in given if Right.IDENTITY in rights]) == 1


async def test_cases_of_one_patient_are_found_join_and_part(database: Database) -> None:
    world = World(database)
    zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
    paul = await world.person("paul", "lille", "Paul", "Lenoir")
    first, second, third = [await world.case(zoe, f"26-0000{number}") for number in range(3)]
    elsewhere = await world.case(paul)
    for one in (first, second):
        await patients.change(database, zoe, one, "", identity())
    await patients.change(database, paul, elsewhere, "", identity())
    page = await patients.view(database, zoe, first)
    assert [(one.case_id, one.number) for one in page.siblings] == [(second, "26-00001")]
    async with database.read() as reader:
        kept = await reader.all(select(patient))
    assert len(kept) == 2  # one for each institution
    assert len({row["lookup"] for row in kept}) == 2

    # The same INS with other traits is somebody else's, or an error.
    with pytest.raises(Conflict, match="other-traits"):
        await patients.change(database, zoe, third, "", identity(birth_name="Autre"))

    # What is corrected in one case counts for the other.
    assert page.patient
    await patients.change(database, zoe, first, page.patient.seen, identity(birth_name="Qzmendedx"))
    also = await patients.view(database, zoe, second)
    assert also.patient
    assert also.patient.identity.birth_name == "QZMENDEDX"

    # Another INS: this case alone goes to another patient.
    other = identity(matricule="199092A00100134", sex="m", birth_date="1999-09-02", birth_place="2A001")
    await patients.change(database, zoe, second, also.patient.seen, other)
    parted = await patients.view(database, zoe, first)
    assert parted.siblings == ()
    assert parted.patient
    assert parted.patient.identity.birth_name == "QZMENDEDX"

    # Nobody is left to it: nothing of it is kept, and its key is destroyed.
    await patients.remove(database, zoe, first, parted.patient.seen)
    assert (await patients.view(database, zoe, first)).patient is None
    async with database.read() as reader:
        gone = await reader.one(select(patient).where(patient.c.id == parted.patient.id))
        assert (gone["sealed"], gone["lookup"]) == ("", None)
        assert await database.keys.of(reader.connection, [Subject("patient", gone["id"])]) == {}
        assert await reader.scalar(select(case.c.patient_id).where(case.c.id == first)) is None
    await patients.change(database, zoe, first, "", identity())
    with pytest.raises(NotFound):
        await patients.change(database, paul, first, "", identity())


async def test_who_gives_up_or_changes_the_ins_of_one_case_leaves_the_others_as_they_are(database: Database) -> None:
    world = World(database)
    zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
    first, second, third = [await world.case(zoe, f"26-0000{number}") for number in range(3)]
    for one in (first, second, third):
        await patients.change(database, zoe, one, "", identity())

    async def change(case_id: str, **typed: str) -> None:
        seen = (await patients.view(database, zoe, case_id)).patient
        assert seen
        await patients.change(database, zoe, case_id, seen.seen, identity(**typed))

    async def known() -> list[tuple[str, str, int]]:
        """Of each case, the birth name, the INS, and how many other cases the same patient has."""
        pages = [await patients.view(database, zoe, one) for one in (first, second, third)]
        return [
            (page.patient.identity.birth_name, page.patient.identity.matricule, len(page.siblings))
            for page in pages
            if page.patient
        ]

    ins = TYPED["matricule"].replace(" ", "")
    without = {"status": "provisional", "matricule": "", "oid": "", "birth_name": "Qzotherx"}
    await change(second, **without)
    assert await known() == [("QZBIRTHX", ins, 1), ("QZOTHERX", "", 0), ("QZBIRTHX", ins, 1)]
    other = {"matricule": "199092A00100134", "sex": "m", "birth_date": "1999-09-02", "birth_place": "2A001"}
    await change(third, **other, birth_name="Qzthirdx")
    assert await known() == [("QZBIRTHX", ins, 0), ("QZOTHERX", "", 0), ("QZTHIRDX", "199092A00100134", 0)]
    # Cases that share a row without an INS, as none may: each that is saved goes its own way.
    async with database.write(zoe, unaudited="a test's world") as tx:
        shared = await tx.scalar(select(case.c.patient_id).where(case.c.id == second))
        await tx.execute(update(case).where(case.c.id == first).values(patient_id=shared))
    await change(first, **without, given_names="Qzgivenx")
    assert await known() == [("QZOTHERX", "", 0), ("QZOTHERX", "", 0), ("QZTHIRDX", "199092A00100134", 0)]
    await change(first)

    # Alone it stays the same patient, with an INS or without one.
    async with database.read() as reader:
        before = await reader.scalar(select(case.c.patient_id).where(case.c.id == second))
    await change(second, birth_name="Qzbirthx", status="provisional", matricule="", oid="")
    async with database.read() as reader:
        assert await reader.scalar(select(case.c.patient_id).where(case.c.id == second)) == before
    await change(second)
    assert await known() == [("QZBIRTHX", ins, 1), ("QZBIRTHX", ins, 1), ("QZTHIRDX", "199092A00100134", 0)]
