"""Who is asked, until when, and handing over: as both sides see it on the page of the consult."""

from datetime import timedelta

from telepath.db import timers
from telepath.db.schema.consults import duty, pool, pool_member
from tests.builders import NOON
from tests.consult_desk import Desk
from web.timers import HANDLERS


async def test_a_chain_says_until_when_and_who_is_asked_next(desk: Desk) -> None:
    await desk.expert_of_lymph_nodes()
    path = await desk.asked(policy="chain")
    zoe = await desk.page(path)
    assert "Les experts sont sollicités l’un après l’autre" in zoe
    assert "a jusqu’au" in zoe
    assert "12 mars 2026" in zoe
    desk.sit("karim")
    assert "Sans réponse de votre part le" in await desk.page(path)
    desk.clock.now = NOON + timedelta(hours=31)
    assert await timers.fire(desk.db, HANDLERS) == 1
    await desk.page(path, 404)
    desk.sit("nadia")
    assert "Accepter" in await desk.page(path)
    desk.sit("zoe")
    zoe = await desk.page(path)
    assert "Sans réponse de Dr Karim Haddad" in zoe
    desk.clock.now = NOON + timedelta(days=3)
    await timers.fire(desk.db, HANDLERS)
    assert "choisir vous-même un autre expert" in await desk.page(path)


async def test_a_frozen_section_shows_whom_to_telephone_to_the_asking_side_alone(desk: Desk) -> None:
    path = await desk.asked(expert="", kind="frozen", policy="ring")
    none = await desk.page(path)
    assert "Un expert est appelé" in none
    assert "Personne n’est inscrit de garde" in none
    karim = desk.actors["karim"]
    async with desk.db.write(karim, unaudited="a test's world") as tx:
        place = {"institution_id": karim.institution_id}
        times = {"created_at": tx.now, "version": 1}
        await tx.insert(pool, id="p" * 26, name="Hémato Nord", organs=[], network="", **place, **times)
        await tx.insert(pool_member, pool_id="p" * 26, person_id=karim.person_id, since=tx.now, **place)
        await tx.insert(
            duty,
            id=tx.new_id(),
            pool_id="p" * 26,
            territory="32",
            person_id=karim.person_id,
            phone="+33 3 20 00 00 00",
            starts_at=tx.now,
            ends_at=tx.now + timedelta(hours=12),
            version=1,
        )
    shown = await desk.page(path)
    assert 'href="tel:+33320000000"' in shown
    assert "Hauts-de-France" in shown
    desk.sit("karim")
    assert "tel:" not in await desk.page(path)
    await desk.post(f"{path}/accept")
    desk.sit("zoe")
    assert "tel:" not in await desk.page(path)  # somebody reads it


async def test_the_expert_hands_it_over_and_says_why(desk: Desk) -> None:
    await desk.expert_of_lymph_nodes()
    path = await desk.accepted()
    page = await desk.page(path)
    assert "Transmettre à un autre expert" in page
    assert "Dr Nadia Benali – Nice" in page
    empty = await desk.post(f"{path}/transfer", 422, **{"transfer-reason": " ", "transfer-to": ""})
    assert "La demande n’a pas été transmise" in empty.text
    done = await desk.post(f"{path}/transfer", **{"transfer-reason": "Hors de <i>mon</i> champ.", "transfer-to": ""})
    assert done.headers["location"] == "/?done=transferred"
    await desk.page(path, 404)
    desk.sit("zoe")
    page = await desk.page(path)
    assert "Dr Karim Haddad a transmis la demande" in page
    assert page.count("Hors de <i>mon</i> champ.") == 2  # in the notice, and in what happened
    assert "Transmettre à un autre expert" not in page
    await desk.post(f"{path}/offers", expert=desk.actors["nadia"].person_id)
    assert "a transmis la demande</" not in await desk.page(path)
    desk.sit("nadia")
    await desk.post(f"{path}/accept")
    assert "Hors de <i>mon</i> champ." not in await desk.page(path)
    english = await desk.browser.get(path, headers={"Accept-Language": "en"})
    assert "Hand over to another expert" in english.text
