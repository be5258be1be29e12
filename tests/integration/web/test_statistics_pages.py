"""The figures of an institution, its activity statement, and their files; who has them, and how far."""

import csv
import html
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pypdf
import pytest
from sqlalchemy import update

from telepath.actor import Role
from telepath.db.database import Database
from telepath.db.schema.consults import concordance, consult
from telepath.db.schema.directory import person
from tests.consult_desk import TEXTS, Desk, seated
from tests.house import visited
from web.routes import activity, statistics

ROUTES = [*statistics.routes, *activity.routes]


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with seated(database, tmp_path) as made:
        yield made


def table(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


async def test_what_was_answered_graded_and_noted_is_drawn(desk: Desk) -> None:
    path = await desk.accepted()
    desk.clock.advance(hours=3)
    desk.sit("karim")
    await desk.post(f"{path}/sign", version="1", **TEXTS)
    await desk.confirmed(path)
    await desk.post(f"{path}/incidents", **{"incident-kind": "network", "incident-text": "Lames lentes à s’afficher."})
    cora = await desk.person("cora", "cayenne", "Cora", "Maripa", roles=[Role.COORDINATOR])
    reading = await desk.reading(path)
    async with desk.db.write(cora, unaudited="a test's world") as tx:
        await tx.execute(update(consult).values(network="LYMPHOPATH"))
        await tx.insert(
            concordance,
            id=tx.new_id(),
            consult_id=reading.consult_id,
            reading_id=reading.id,
            side="expert",
            grade="major",
            comment="",
            graded_by=reading.expert_id,
            graded_at=tx.now,
            version=1,
        )
    async with visited(desk.services, ROUTES) as browser:
        desk.services.actor = cora
        page = (await browser.get("/statistics")).text
    plots = {html.unescape(one) for one in re.findall(r'<svg role="img" aria-label="([^"]+)"', page)}
    assert plots >= {
        "Délai médian, et délai de neuf réponses sur dix, par urgence",
        "Part signée dans le délai, par urgence",
        "Accord avec le premier diagnostic, en nombre d’avis",
        "Demandes par réseau national",
        "Incidents techniques notés",
    }


async def test_each_side_has_its_own_figures_and_a_file_of_them(desk: Desk) -> None:
    path = await desk.asked(urgency="urgent")
    await desk.asked(urgency="urgent")
    desk.sit("karim")
    await desk.post(f"{path}/decline", **{"decline-code": "overloaded", "decline-reason": "En congé."})
    taken = await desk.asked(urgency="standard")
    desk.sit("karim")
    await desk.post(f"{taken}/accept")
    cora = await desk.person("cora", "cayenne", "Cora", "Maripa", roles=[Role.COORDINATOR])
    luc = await desk.person("luc", "lille", "Luc", "Vanier", roles=[Role.COORDINATOR])
    nina = await desk.person("nina", "nice", "Nina", "Ferri", roles=[Role.COORDINATOR])
    async with desk.db.write(cora, unaudited="a test's world") as tx:
        karim = person.c.id == desk.actors["karim"].person_id
        await tx.execute(update(person).where(karim).values(title="=1+1"))
    async with visited(desk.services, ROUTES) as browser:
        desk.services.actor = cora
        page = (await browser.get("/statistics")).text
        plots = re.findall(r'<svg role="img" aria-label="([^"]+)"', page)
        assert plots[:2] == ["Demandes par mois", "Ce que les experts sollicités ont répondu"]
        assert {"Demandes par expert", "Demandes par organe", "Demandes par région"} <= set(plots)
        assert "26-00417" not in page
        rows = table((await browser.get("/statistics/table.csv")).content)
        assert ["Ensemble", "", "3", "0", "0", "0", "", "", ""] in rows
        assert ["Urgence", "Urgent", "2", "0", "0", "0", "", "", ""] in rows
        assert ["Sollicitations", "Déclinées", "1"] in rows
        # Another month has nothing; what cannot be a month is the last twelve.
        assert "Aucune demande sur cette période" in (await browser.get("/statistics?from=2025-01&to=2025-02")).text
        assert "Aucune demande" not in (await browser.get("/statistics?from=2026-99&to=x")).text
        # The other side: what Lille's expert reads; no name of a case, and no formula in the file.
        desk.services.actor = luc
        assert "Aucune demande sur cette période" in (await browser.get("/statistics")).text
        assert "Karim Haddad" in (await browser.get("/statistics?side=answered")).text
        rows = table((await browser.get("/statistics/activity.csv")).content)
        (line,) = rows[1:]
        assert line[2:6] == ["CHU de Lille", "Demandes reçues", "CH de Cayenne", "'=1+1 Karim Haddad"]
        assert line[-2:] == ["1", "0"]
        assert "CH de Cayenne" in (await browser.get("/statistics/activity")).text
        # A third institution has nothing of either, by whatever it asks for.
        desk.services.actor = nina
        for side in ("asked", "answered"):
            assert table((await browser.get(f"/statistics/table.csv?side={side}")).content)[1][2] == "0"
        assert len(table((await browser.get("/statistics/activity.csv")).content)) == 1
        desk.sit("zoe")
        for address in ("", "/table.csv", "/activity", "/activity.csv", "/activity.pdf"):
            address = f"/statistics{address}"
            assert (await browser.get(address)).status_code == 404
    assert await desk.audited("statistics.exported") == 5


async def test_a_statement_is_of_an_institution_of_one_expert_or_of_one_convention_as_page_table_and_archive(
    desk: Desk,
) -> None:
    first = await desk.signed()
    await desk.asked("karim", urgency="urgent")
    await desk.expert_of_lymph_nodes()
    taken = await desk.asked("nadia")
    desk.sit("nadia")
    await desk.post(f"{taken}/accept")
    cora = await desk.person("cora", "cayenne", "Cora", "Maripa", roles=[Role.COORDINATOR])
    luc = await desk.person("luc", "lille", "Luc", "Vanier", roles=[Role.COORDINATOR])
    karim, nadia = desk.actors["karim"], desk.actors["nadia"]
    async with visited(desk.services, ROUTES) as browser:

        async def of(query: str = "") -> list[list[str]]:
            return [row[3:] for row in table((await browser.get(f"/statistics/activity.csv{query}")).content)[1:]]

        desk.services.actor = cora
        kind = ["Avis d’expert", "Standard", "Ganglion, moelle, rate"]
        lille = ["Demandes faites", "CHU de Lille", "Dr Karim Haddad", *kind, "1", "1"]
        assert lille in await of()
        nobody = "Sans expert (pas encore acceptée, ou annulée)"
        assert {row[1] for row in await of()} == {nobody, "CHU de Lille", "CHU de Nice"}
        assert await of(f"?expert={karim.person_id}") == [lille]
        assert await of(f"?partner={nadia.institution_id}&expert={karim.person_id}") == []
        assert await of("?partner=nowhere") == await of()
        page = (await browser.get(f"/statistics/activity?partner={karim.institution_id}")).text
        assert re.findall(r'<td class="numeric">(\d)</td>', page)[:4] == ["1", "1", "0", "0"]
        assert first.rsplit("/", 1)[1] not in page
        # The other side of the same convention.
        desk.services.actor = luc
        page = (await browser.get(f"/statistics/activity?partner={cora.institution_id}")).text
        assert re.findall(r'<td class="numeric">(\d)</td>', page)[:4] == ["0", "0", "1", "1"]
        answer = await browser.get("/statistics/activity.pdf")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["cache-control"] == "no-store"
        pdf = pypdf.PdfReader(io.BytesIO(answer.content))
        text = " ".join("".join(one.extract_text() for one in pdf.pages).split())
        for said in ("Relevé d’activité", "CHU de Lille", "CH de Cayenne", "Karim Haddad", "Luc Vanier", "mars 2026"):
            assert said in text
        assert "26-00417" not in text
        described: Any = pdf.root_object["/Metadata"].get_object()
        assert b"<pdfaid:part>2</pdfaid:part>" in described.get_data()
        # An expert has their own readings, whomever they ask for.
        desk.sit("nadia")
        assert [row[2] for row in await of(f"?expert={karim.person_id}")] == ["Dr Nadia Benali"]
        assert "Karim" not in (await browser.get("/statistics/activity")).text
        assert (await browser.get("/statistics")).status_code == 404


async def test_a_file_of_the_region_withholds_what_its_page_withholds(desk: Desk) -> None:
    zoe = desk.actors["zoe"]
    for number in range(12):
        await desk.consult_row(zoe, desk.case_id, organ="skin" if number else "bone")
    olga = await desk.person("olga", "cayenne", "Olga", "Vigie", roles=[Role.OBSERVER])
    cora = await desk.person("cora", "cayenne", "Cora", "Maripa", roles=[Role.COORDINATOR])
    async with visited(desk.services, ROUTES) as browser:
        desk.services.actor = olga
        # An observer who asks for an institution's months has the region's year.
        rows = table((await browser.get("/statistics/table.csv?side=asked&from=2026-03&to=2026-03")).content)
        assert {tuple(row[1:]) for row in rows if row[0] == "Organe"} == {
            ("Os", "non montré", "non montré", "non montré"),
            ("Peau", "non montré", "non montré", "non montré"),
        }
        assert (await browser.get("/statistics/activity")).status_code == 404
        # A coordinator knows their own exactly: of the region they have the others.
        desk.services.actor = cora
        page = (await browser.get("/statistics?scope=region")).text
        assert "Le vôtre n’y est pas compté" in page
        assert "Trop peu de demandes" in page
