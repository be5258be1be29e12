"""The figures of an institution, its activity statement, and their files; who has them, and how far."""

import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from telepath.actor import Role
from telepath.db.database import Database
from telepath.db.schema.directory import person
from tests.consult_desk import Desk, seated
from tests.house import visited
from web.routes import statistics

ROUTES = statistics.routes


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with seated(database, tmp_path) as made:
        yield made


def table(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


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
        for address in ("/statistics", "/statistics/table.csv", "/statistics/activity", "/statistics/activity.csv"):
            assert (await browser.get(address)).status_code == 404
    assert await desk.audited("statistics.exported") == 5


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
