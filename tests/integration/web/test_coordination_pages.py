"""What coordinators keep, and each expert's own duties, as pages without script."""

import re
from pathlib import Path

import httpx2

from telepath.actor import Role
from telepath.db.database import Database
from tests.builders import World
from tests.house import house, leads_to, visited
from web.routes import absence, duties, pools, routing_rules

ROUTES = [*pools.routes, *routing_rules.routes, *duties.routes, *absence.routes]
NIGHTS = {
    "territory": "03",
    "phone": "05 94 00 00 00",
    "days": ["0", "1", "2", "3", "4"],
    "begins": "18:00",
    "ends": "08:00",
    "first": "2026-03-09",
    "last": "2026-03-13",
    "every": "1",
}
"""The working nights of the week of NOON, in Guyane."""


def text(answer: httpx2.Response) -> str:
    return " ".join(re.sub("<[^>]+>", " ", answer.text).replace("\u00a0", " ").split())


async def test_a_coordinator_keeps_a_pool_and_its_roster_and_sees_when_nobody_answers(
    database: Database, tmp_path: Path
) -> None:
    world = World(database)
    cora = await world.person("cora", "lille", "Cora", "Veille", roles=(Role.COORDINATOR,))
    zoe = await world.person("zoe", "lille", "Zoé", "Marchand")
    karim = await world.expert("karim", "lille", "Karim", "Haddad")
    anne = await world.expert("anne", "cayenne", "Anne", "Le Goff")
    place = house(database, tmp_path)
    async with visited(place, ROUTES) as client:
        place.actor = cora
        empty = await client.get("/coordination")
        assert "Aucun groupe d’experts" in text(empty)
        english = await client.get("/coordination", headers={"Accept-Language": "en"})
        assert "Pools of experts" in text(english)
        wrong = await client.post("/coordination/pools", data={"name": " ", "organs": ["bone"]})
        assert wrong.status_code in {400, 422}
        assert leads_to(wrong.text, "name")
        made = await client.post("/coordination/pools", data={"name": "Extemporanés", "organs": ["lymphoid"]})
        pool = made.headers["location"].partition("?")[0]
        again = await client.post("/coordination/pools", data={"name": "Extemporanés"})
        assert again.status_code == 409
        assert "a déjà un groupe nommé « Extemporanés »" in text(again)

        page = await client.get(pool)
        assert "Sans membre, personne ne reçoit" in text(page)
        nobody = await client.get(f"{pool}/duties")
        assert "Ajoutez d’abord des experts au groupe." in text(nobody)
        for one in (karim, anne):
            assert (await client.post(f"{pool}/members", data={"person": one.person_id})).status_code == 303
        twice = await client.post(f"{pool}/members", data={"person": karim.person_id})
        assert twice.status_code in {400, 422}
        page = await client.get(pool)
        assert "Dr Karim Haddad" in text(page)
        assert "Tous les experts connus pour ces organes font déjà partie du groupe." in text(page)
        changed = {"version": "1", "name": "Extemporanés de nuit", "organs": ["lymphoid"], "network": "LYMPHOPATH"}
        assert (await client.post(pool, data=changed)).status_code == 303
        stale = await client.post(pool, data=changed | {"name": "Autre"})
        assert stale.status_code == 409

        # A week: Lille's clock, and Cayenne's, four hours behind in March.
        for wrong_field, value in (("begins", "tard"), ("first", "hier"), ("days", []), ("phone", "x"), ("every", "0")):
            form = NIGHTS | {"person": anne.person_id, wrong_field: value}
            refused = await client.post(f"{pool}/duties", data=form)
            assert refused.status_code in {400, 422}, wrong_field
            assert leads_to(refused.text, wrong_field), wrong_field
        entered = await client.post(f"{pool}/duties", data=NIGHTS | {"person": anne.person_id})
        assert entered.headers["location"] == f"{pool}/duties?week=2026-03-09&done=duties-entered"
        assert (await client.post(f"{pool}/duties", data=NIGHTS | {"person": anne.person_id})).status_code == 409
        week = await client.get(f"{pool}/duties?week=2026-03-12")
        shown = text(week)
        assert week.text.count("/withdraw") == 3  # what was over when they were entered is not on it
        assert "22:00 – jeudi 12:00 Guyane : 18:00 – jeudi 08:00 Dr Anne Le Goff 05 94 00 00 00" in shown.replace(
            " à ", " – "
        )
        # Lille works from 8 to 18, Cayenne from 12 to 22 of Lille's hours; Anne's nights fill the rest, but not the weekend.
        assert "Personne ne répond" in shown
        holes = re.findall(r"<li>(.*?)</li>", week.text[week.text.index("holes") :], re.DOTALL)
        assert [" ".join(re.sub("<[^>]+>", " ", one).split()) for one in holes] == [
            "lundi 00:00 – 08:00",
            "lundi 22:00 – mardi 08:00",
            "mardi 22:00 – mercredi 08:00",
            "samedi 12:00 – lundi 00:00",
        ]
        assert 'class="shift nobody alone"' in week.text
        for odd in ("nonsense", "0001-01-01", "9999-12-31"):
            assert (await client.get(f"{pool}/duties?week={odd}")).status_code == 200
        other = await client.get(f"{pool}/duties?week=2026-04-01")
        assert "Dr Anne Le Goff 05 94" not in text(other)
        (duty, *_) = re.findall(r"/coordination/duties/(\w{26})/withdraw", week.text)
        gone = await client.post(f"/coordination/duties/{duty}/withdraw")
        assert gone.headers["location"] == f"{pool}/duties?week=2026-03-11&done=duty-withdrawn"
        listed = await client.get("/coordination")
        assert "2 membres" in text(listed)

        # Anne sees her own, and asks Karim.
        place.actor = anne
        mine = await client.get("/duties")
        assert "Vous faites partie de : Extemporanés de nuit." in text(mine)
        (first, *_) = re.findall(r"/duties/(\w{26})/ask", mine.text)
        asked = await client.post(f"/duties/{first}/ask", data={"colleague": karim.person_id})
        assert asked.headers["location"] == "/duties?done=swap-asked"
        twice = await client.post(f"/duties/{first}/ask", data={"colleague": karim.person_id})
        assert twice.status_code == 409
        assert leads_to(twice.text, f"colleague-{first}") or "déjà sollicité" in text(twice)
        assert "jeudi 12 mars 2026 , 18:00 – vendredi 08:00" in text(twice)
        assert "Demandé à Dr Karim Haddad" in text(await client.get("/duties"))
        place.actor = karim
        waiting = await client.get("/duties")
        assert "Dr Anne Le Goff vous demande de prendre cette astreinte." in text(waiting)
        assert "12 mars 2026 , 22:00 – vendredi 12:00 Guyane : 18:00 à vendredi 08:00" in text(waiting)
        (swap,) = re.findall(r"/duties/asked/(\w{26})", waiting.text)
        uncalled = await client.post(f"/duties/asked/{swap}", data={"answer": "taken", "phone": "?"})
        assert leads_to(uncalled.text, f"phone-{swap}")
        taken = await client.post(f"/duties/asked/{swap}", data={"answer": "taken", "phone": "03 20 00 00 00"})
        assert taken.headers["location"] == "/duties?done=swap-taken"
        late = await client.post(f"/duties/asked/{swap}", data={"answer": "declined"})
        assert late.status_code == 409
        assert "03 20 00 00 00" in text(await client.get("/duties"))

        # Who coordinates nothing finds no coordination, and who is no expert no duties.
        place.actor = zoe
        for path in (
            "/coordination",
            pool,
            f"{pool}/duties",
            "/coordination/rules",
            "/coordination/turnaround",
            "/duties",
        ):
            assert (await client.get(path)).status_code == 404, path
        place.actor = cora
        assert (await client.post(f"{pool}/members/remove", data={"person": anne.person_id})).status_code == 303
        assert (await client.post(f"{pool}/end")).headers["location"] == "/coordination?done=pool-ended"
        assert (await client.get(pool)).status_code == 404


async def test_rules_stand_as_sentences_and_turnaround_as_a_table(database: Database, tmp_path: Path) -> None:
    world = World(database)
    cora = await world.person("cora", "lille", "Cora", "Veille", roles=(Role.COORDINATOR,))
    karim = await world.expert("karim", "cayenne", "Karim", "Haddad")
    place = house(database, tmp_path)
    async with visited(place, ROUTES) as client:
        place.actor = cora
        assert "Aucune règle" in text(await client.get("/coordination/rules"))
        rule = {
            "effect": "prefer",
            "target": f"person:{karim.person_id}",
            "organ": "lymphoid",
            "urgency": "urgent",
            "note": "Convention de 2025.",
        }
        assert (await client.post("/coordination/rules", data=rule)).status_code == 303
        assert (await client.post("/coordination/rules", data=rule)).status_code == 409
        assert (await client.post("/coordination/rules", data={"effect": "regional-first"})).status_code == 303
        for wrong in ({"target": ""}, {"target": "person:nobody"}, {"target": "cat:tom"}):
            refused = await client.post("/coordination/rules", data=rule | wrong)
            assert refused.status_code in {400, 422}
            assert leads_to(refused.text, "target")
        assert (await client.post("/coordination/rules", data=rule | {"scope": karim.person_id})).status_code in {
            400,
            422,
        }
        page = await client.get("/coordination/rules")
        assert "Proposer d’abord Dr Karim Haddad, CH de Cayenne." in text(page)
        assert "Urgent Convention de 2025." in text(page)
        assert "Proposer d’abord les experts de la région" in text(page)
        (first, *_) = re.findall(r"/coordination/rules/(\w{26})/end", page.text)
        assert (await client.post(f"/coordination/rules/{first}/end")).status_code == 303
        assert (await client.post(f"/coordination/rules/{first}/end")).status_code == 404

        times = {"amount-frozen": "15", "amount-urgent": "12", "amount-standard": "1", "amount-systematic": "20"}
        times |= {
            "unit-frozen": "minutes",
            "unit-urgent": "hours",
            "unit-standard": "working-days",
            "unit-systematic": "days",
        }
        assert "5 jours ouvrés" in text(await client.get("/coordination/turnaround"))
        assert (await client.post("/coordination/turnaround", data=times)).status_code == 303
        page = await client.get("/coordination/turnaround")
        assert re.search(r'name="amount-frozen" value="15"', page.text)
        refused = await client.post("/coordination/turnaround", data=times | {"amount-urgent": "9999"})
        assert refused.status_code in {400, 422}
        assert "Délai urgent" in text(refused)
        assert leads_to(refused.text, "amount-urgent")


async def test_an_absence_needs_no_delegate(database: Database, tmp_path: Path) -> None:
    world = World(database)
    zoe = await world.person("zoe", "lille", "Zoé", "Marchand")
    lea = await world.person("lea", "lille", "Léa", "Tamarin")
    place = house(database, tmp_path)
    async with visited(place, ROUTES) as client:
        place.actor = zoe
        days = {"delegate": "", "first": "2026-03-16", "last": "2026-03-20"}
        said = await client.post("/absence", data=days)
        assert said.headers["location"] == "/absence?done=absence-said"
        again = await client.post("/absence", data=days)
        assert again.status_code == 409
        assert "Une absence est déjà annoncée" in text(again)
        page = await client.get("/absence")
        assert "Sans remplaçant" in text(page)
        assert "16 mars 2026 – 20 mars 2026" in text(page)
        (away,) = re.findall(r"/absence/away/(\w{26})/end", page.text)
        place.actor = lea
        assert (await client.post(f"/absence/away/{away}/end")).status_code == 404
        assert "16 mars 2026" not in text(await client.get("/absence"))
        place.actor = zoe
        assert (await client.post(f"/absence/away/{away}/end")).headers["location"] == "/absence?done=absence-ended"
        assert "Aucune absence annoncée" in text(await client.get("/absence"))
