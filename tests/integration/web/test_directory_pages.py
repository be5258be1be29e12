"""Groups, open sessions, absences and statistics, as pages without script."""

import re
from datetime import timedelta
from pathlib import Path

import httpx2
import msgspec

from telepath.actor import EMERGENCY, Role
from telepath.db.database import Database
from tests.house import house, leads_to, visited
from tests.rooms import Ward
from web.routes import absence, groups, open_sessions, statistics

ROUTES = [*groups.routes, *open_sessions.routes, *absence.routes, *statistics.routes]
DAY = timedelta(days=1)


def text(answer: httpx2.Response) -> str:
    return " ".join(re.sub("<[^>]+>", " ", answer.text).split())


async def test_pages_of_groups_sessions_absences_and_statistics(database: Database, tmp_path: Path) -> None:
    ward = await Ward(database).build()
    zoe, lea, max_ = (ward.actor(key) for key in ("zoe", "lea", "max"))
    anna = await ward.world.person("anna", "cayenne", "Anna", "Palétuvier", roles=(Role.ADMINISTRATOR,))
    olga = await ward.world.person("olga", "cayenne", "Olga", "Vigie", roles=(Role.OBSERVER,))
    place = house(database, tmp_path)
    async with visited(place, ROUTES) as client:
        # Groups: an administrator makes one, lets an institution and a person in, and puts them out.
        place.actor = anna
        english = await client.get("/administration/groups", headers={"Accept-Language": "en"})
        assert "Groups of institutions" in english.text
        for form, wrong in (({"kind": "club", "name": "X"}, 422), ({"kind": "gcs", "name": " "}, 422)):
            assert (await client.post("/administration/groups", data=form)).status_code in {400, wrong}
        made = await client.post("/administration/groups", data={"kind": "regional", "name": "Réseau du Fleuve"})
        assert made.status_code == 303
        again = await client.post("/administration/groups", data={"kind": "regional", "name": "Réseau du Fleuve"})
        assert again.status_code == 409
        assert "porte déjà le nom" in text(again)
        page = await client.get("/administration/groups?done=group-added")
        assert "Groupe créé." in text(page)
        (group,) = re.findall(r"/administration/groups/(\w{26})/join", page.text)
        nobody = await client.post(f"/administration/groups/{group}/join", data={"number": "12"})
        assert "ne porte ce numéro" in text(nobody)
        assert leads_to(nobody.text, f"number-{group}")
        assert (
            await client.post(f"/administration/groups/{group}/join", data={"number": max_.subject_name_id})
        ).status_code == 303
        listed = await client.get("/administration/groups")
        assert "Dr Max Inconnu" in text(listed)
        assert "Depuis" in text(listed)
        assert listed.text.count("<time ") == 2, "the institution that leads, and Max"
        put_out = {"kind": "person", "member": max_.person_id}
        assert (await client.post(f"/administration/groups/{group}/leave", data=put_out)).status_code == 303
        lead = {"kind": "institution", "member": anna.institution_id}
        assert (await client.post(f"/administration/groups/{group}/leave", data=lead)).status_code == 409
        place.actor = zoe
        for path in ("/administration/groups", "/administration/sessions"):
            assert (await client.get(path)).status_code == 404
        assert (await client.post(f"/administration/groups/{group}/end")).status_code == 404
        place.actor = anna
        assert (await client.post(f"/administration/groups/{group}/end")).status_code == 303

        # Sessions: who is in; one is put out, and then not there.
        page = await client.get("/administration/sessions")
        assert "Dr Zoé Marchand" in text(page)
        assert "Dr Léa Tamarin" in text(page)
        assert "Dr Paul Lenoir" not in text(page)
        handle = {"session": lea.session_id[:16]}
        assert (await client.post("/administration/sessions/end", data=handle)).status_code == 303
        assert (await client.post("/administration/sessions/end", data=handle)).status_code == 404

        # One's own, after a recent authentication alone.
        place.actor = zoe
        page = await client.get("/sessions")
        assert "votre session" in text(page)
        own = {"session": zoe.session_id[:16]}
        place.actor = msgspec.structs.replace(zoe, auth_time=database.clock() - DAY)
        asked = await client.post("/sessions/end", data=own)
        assert asked.headers["location"].startswith("/login/step-up?return_to=%2Fsessions")
        # A code was used a moment ago, and proved nothing.
        place.actor = msgspec.structs.replace(zoe, auth_time=database.clock(), acr=EMERGENCY)
        page = await client.get("/sessions")
        assert 'action="/sessions/end"' not in page.text
        refused = await client.post("/sessions/end", data=own)
        assert refused.status_code == 403
        for answer in (page, refused):
            assert "La fermeture de vos sessions demande une identité confirmée" in text(answer)
        place.actor = msgspec.structs.replace(zoe, auth_time=database.clock())
        assert 'action="/sessions/end"' in (await client.get("/sessions")).text
        assert (await client.post("/sessions/end", data=own)).status_code == 303

        # Absence: one's own, and for others by who administers.
        day = database.clock().date()
        days = {"first": str(day), "last": str(day + DAY)}
        away = {"delegate": lea.person_id, **days}
        assert (await client.post("/absence", data=away | {"last": "demain"})).status_code in {400, 422}
        for first, last in ((day, "9999-12-31"), ("9999-12-31", "9999-12-31"), ("0001-01-01", "0001-01-01")):
            answer = await client.post("/absence", data=away | {"first": str(first), "last": str(last)})
            assert answer.status_code == 422, (first, last)
            assert "9999" not in last or "Indiquez un jour" in text(answer)
        assert (await client.post("/absence", data=away | {"delegate": max_.person_id})).status_code in {400, 422}
        assert (await client.post("/absence", data=away | {"absent": lea.person_id})).status_code == 404
        assert (await client.post("/absence", data=away)).status_code == 303
        page = await client.get("/absence")
        assert "Dr Zoé Marchand Dr Léa Tamarin" in text(page)
        # The last day is within it, as it was typed.
        shown = re.findall(r"<time [^>]*>(\d+) ", page.text)
        assert shown == [str(day.day), str((day + DAY).day)]
        (mine,) = re.findall(r"/absence/(\w{26})/end", page.text)
        place.actor = lea
        assert (await client.post(f"/absence/{mine}/end")).status_code == 404
        place.actor = anna
        assert (await client.post(f"/absence/{mine}/end")).status_code == 303
        other = {"absent": lea.person_id, "delegate": zoe.person_id, **days}
        assert (await client.post("/absence", data=other)).status_code == 303

        # Statistics: for an observer, and no count of a few.
        place.actor = olga
        page = await client.get("/statistics")
        assert "Trop peu de demandes" in text(page)
        for number in range(12):
            await ward.world.consult_row(zoe, ward.case, organ="skin" if number else "bone")
        page = await client.get("/statistics")
        assert "12 demandes d’avis" in text(page)
        assert text(page).count("non montré") == 6
        assert "Bénin" not in page.text
        place.actor = zoe
        assert (await client.get("/statistics")).status_code == 404
    assert [one["actor"] for one in await ward.audited("statistics.viewed")] == [olga.person_id] * 2
