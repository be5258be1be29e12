"""Emergency access: activated, codes handed out and used, ended; over real HTTP, on each kind of database."""

import asyncio
import html
import re
from typing import Any

import httpx2
import msgspec
import pytest
from sqlalchemy import select, text, update

from auth import actions, administration, emergency, opening, repository, suspension
from auth.bearer import digest
from auth.emergency import ALPHABET, normal
from auth.model import LoginFailed
from auth.sessions import Limits
from telepath import directory
from telepath.actor import SYSTEM, Origin, Role
from telepath.db.schema.auth import emergency_code, session
from telepath.db.schema.outbox import outbox
from tests.audited import of_actor, records
from tests.entrance import Entrance
from tests.identities import HOMELESS, HUGO, INES
from tests.login import location, login

Ines, Hugo, Audrey = (who.subject_name_id for who in (INES, HUGO, HOMELESS))
PATH, DOOR = "/administration/emergency", "/login/emergency"


@pytest.fixture
async def house(entrance: Entrance) -> dict[str, str]:
    """Inès administers Cayenne; Hugo is there too, with more roles than an emergency leaves; Audrey audits. Their ids.
    Serge was all that, and is suspended."""
    roles = {
        Ines: {Role.REQUESTER, Role.ADMINISTRATOR},
        Hugo: {Role.REQUESTER, Role.EXPERT, Role.ADMINISTRATOR},
        Audrey: {Role.AUDITOR},
    }
    ids = {}
    async with entrance.db.write(SYSTEM) as tx:
        for number, held in roles.items():
            person = await directory.person_by_subject(tx, number)
            assert person is not None
            ids[number] = person.id
            await administration.set_membership(tx, person.id, entrance.places["cayenne"], held)
        serge = await administration.add_person(
            tx, subject_name_id="899700421185", given_name="Serge", family_name="Parti"
        )
        await administration.set_membership(tx, serge, entrance.places["cayenne"], {*roles[Ines], *roles[Audrey]})
        await suspension.suspend_person(tx, serge)
    return ids


async def who(client: httpx2.AsyncClient) -> Any:
    return (await client.get("/")).json()


async def code_for(client: httpx2.AsyncClient, person_id: str) -> str:
    page = await client.post(f"{PATH}/codes", data={"person": person_id})
    assert page.status_code == 200, page.text
    groups = re.findall(r"<span>([^<]+)</span>", re.findall(r'<p class="code"[^>]*>(.*?)</p>', page.text)[0])
    assert "no-store" in page.headers["cache-control"]
    return "-".join(groups)


async def use(client: httpx2.AsyncClient, number: str, code: str) -> httpx2.Response:
    return await client.post(DOOR, data={"number": number, "code": code, "return_to": "/cases"})


async def opened(client: httpx2.AsyncClient, hours: int = 4) -> None:
    answer = await client.post(PATH, data={"hours": str(hours)})
    assert (answer.status_code, location(answer)) == (303, PATH)


async def test_from_the_activation_to_its_end(entrance: Entrance, house: dict[str, str]) -> None:
    async with entrance.browser() as ines, entrance.browser() as hugo, entrance.browser() as audrey:
        assert (await hugo.get(DOOR)).status_code == 404
        assert "Accès de secours" not in (await hugo.get("/login")).text
        await login(ines, Ines)
        await login(audrey, Audrey)
        assert "est désactivé" in (await ines.get(PATH)).text
        early = await ines.post(f"{PATH}/codes", data={"person": house[Hugo]})
        assert (early.status_code, "pas actif" in early.text) == (409, True)
        await opened(ines)
        assert (await ines.post(PATH, data={"hours": "4"})).status_code == 409
        assert "/login/emergency?return_to=%2F" in (await hugo.get("/login")).text

        page = html.unescape((await ines.get(PATH)).text)
        assert "Hugo Beffroi" in page
        assert "Serge Parti" not in page
        assert "Ancien Membre" not in page, "an auditor alone could do nothing with a code"
        told = html.unescape((await audrey.get(PATH)).text)
        assert "Activé par Dr Inès Flamboyant le " in told
        assert '<form method="post" action="/administration' not in told
        assert (await audrey.post(f"{PATH}/end")).status_code == 404

        # Hugo is a member of three institutions, and comes in for the one that lets him.
        code = await code_for(ines, house[Hugo])
        for number, typed, sentence in (("123", code, "onze chiffres"), (Hugo[1:], "7" * 300, "compte 300 caractères")):
            refused = await use(hugo, number, typed)
            assert (refused.status_code, sentence in refused.text) == (422, True), number
        entered = await use(hugo, Hugo[1:], code.lower().replace("-", " "))
        assert (entered.status_code, location(entered)) == (303, "/cases")
        actor = await who(hugo)
        assert (actor["institution_id"], actor["roles"], actor["acr"]) == (
            entrance.places["cayenne"],
            ["requester"],
            "emergency",
        )
        banner = (await hugo.get("/login/institution")).text
        assert "n’a pas confirmé votre identité" in html.unescape(banner)
        assert (await hugo.get(PATH)).status_code == 404, "whoever came by a code opens the door to nobody"
        assert (await use(audrey, Hugo[1:], code)).status_code == 403
        away = await hugo.get("/login/step-up?return_to=/cases")
        assert "prompt=login" in location(away)

        assert location(await ines.post(f"{PATH}/end")) == PATH
        assert await who(hugo) is None
        assert (await who(ines))["name"] == "Dr Inès Flamboyant"
        assert (await hugo.get(DOOR)).status_code == 404

    assert [kind for kind, _ in await entrance.audited()] == [
        "session.started",
        "session.started",
        "emergency.activated",
        "access.refused",
        "emergency.code-made",
        "emergency.code-used",
        "session.started",
        "access.refused",
        "session.refused",
        "session.ended",
        "emergency.ended",
    ]
    kinds = ("emergency.activated", "emergency.code-made", "emergency.code-used", "emergency.ended")
    found = await records(entrance.db, *kinds)
    assert [(one["actor"], one["object_id"]) for one in found] == [
        (house[Ines], entrance.places["cayenne"]),
        (house[Ines], house[Hugo]),
        (house[Hugo], house[Hugo]),
        (house[Ines], entrance.places["cayenne"]),
    ]
    assert len({one["detail"]["emergency"] for one in found}) == 1
    started = [one for one in await records(entrance.db, "session.started") if one["acr"] == "emergency"]
    assert [one["detail"]["emergency"] for one in started] == [found[0]["detail"]["emergency"]]
    async with entrance.db.read() as reader:
        rows = await reader.all(
            select(outbox).where(outbox.c.kind.startswith("emergency.")).order_by(outbox.c.position)
        )
        stored = await reader.all(select(emergency_code.c.code))
    others = {house[Audrey], house[Hugo]}
    assert {kind: {row["body"]["person"] for row in rows if row["kind"] == kind} for kind in kinds} == {
        "emergency.activated": others,
        "emergency.code-made": set(),
        "emergency.code-used": others | {house[Ines]},
        "emergency.ended": others,
    }
    assert code not in str(stored)


async def test_it_asks_for_a_recent_authentication_and_is_for_administrators(
    entrance: Entrance, house: dict[str, str]
) -> None:
    async with entrance.browser() as ines, entrance.browser() as audrey:
        await login(ines, Ines)
        await login(audrey, Audrey)
        assert (await audrey.post(PATH, data={"hours": "4"})).status_code == 404
        entrance.clock.advance(minutes=6)
        answer = await ines.post(PATH, data={"hours": "4"})
        assert location(answer).startswith("/login/step-up?")
        assert (await ines.post(PATH, data={"hours": "25"})).status_code == 422
        async with entrance.db.read() as reader:
            assert not await emergency.anywhere(reader)
        # While the provider is away nobody can authenticate anew: a code is made all the same.
        async with entrance.db.write(SYSTEM) as tx:
            await emergency.activate(tx, entrance.places["cayenne"], emergency.LONGEST)
        assert await code_for(ines, house[Hugo])
        nobody = await ines.post(f"{PATH}/codes", data={"person": house[Audrey]})
        assert (nobody.status_code, "ne peut pas recevoir" in nobody.text) == (409, True)


async def test_a_code_is_of_one_person_for_a_quarter_of_an_hour_and_of_one_use(
    entrance: Entrance, house: dict[str, str]
) -> None:
    async with entrance.browser() as ines, entrance.browser() as hugo:
        await login(ines, Ines)
        await opened(ines)
        code = await code_for(ines, house[Hugo])
        assert (await use(hugo, Ines[1:], code)).status_code == 403, "somebody else's"
        (refused,) = await records(entrance.db, "session.refused")
        told = await of_actor(entrance.db, refused)
        assert (refused["actor"], told.get("subject_name_id", ""), told["private"]["number"]) == ("", "", Ines), (
            "Inès was not there"
        )
        entrance.clock.advance(minutes=15)
        assert (await use(hugo, Hugo[1:], code)).status_code == 403, "too old"
        first, second = await code_for(ines, house[Hugo]), await code_for(ines, house[Hugo])
        assert (await use(hugo, Hugo[1:], first)).status_code == 403, "another was made since"
        async with entrance.browser() as one, entrance.browser() as other:
            answers = await asyncio.gather(use(one, Hugo[1:], second), use(other, Hugo[1:], second))
        assert sorted(answer.status_code for answer in answers) == [303, 403]

        code = await code_for(ines, house[Hugo])
        statuses = [(await use(hugo, Hugo[1:], f"{number:028}")).status_code for number in range(37)]
        assert statuses.count(429) >= 1
        unheard = await use(hugo, Hugo[1:], code)
        assert unheard.status_code == 429, "whoever guesses is not heard any more"
        for words in ("Trop de demandes ont été faites depuis ce poste", "Attendez un quart d’heure"):
            assert words in html.unescape(unheard.text)
        hugo.headers["X-Forwarded-For"] = "203.0.113.9"
        assert (await use(hugo, Hugo[1:], code)).status_code == 303, "who comes from elsewhere is"


async def test_it_ends_by_itself_and_is_told_once(entrance: Entrance, house: dict[str, str]) -> None:
    async with entrance.browser() as ines, entrance.browser() as hugo:
        await login(ines, Ines)
        await opened(ines, 1)
        code = await code_for(ines, house[Hugo])
        await use(hugo, Hugo[1:], code)
        async with entrance.db.read() as reader:
            until = await reader.scalar(select(session.c.expires_at).where(session.c.person_id == house[Hugo]))
        assert (until - entrance.clock()).total_seconds() == 3600
        entrance.clock.advance(minutes=25)
        assert (await who(hugo)) is not None
        entrance.clock.advance(minutes=25)
        assert (await who(hugo)) is not None
        entrance.clock.advance(minutes=10)
        assert (await who(hugo)) is None
        assert (await hugo.get(DOOR)).status_code == 404
    assert any(await asyncio.gather(*(emergency.end_expired(entrance.db) for _ in range(3))))
    assert not await emergency.end_expired(entrance.db)
    (ended,) = await records(entrance.db, "emergency.ended")
    assert ended["actor"] == "system"


async def test_a_session_that_goes_on_under_another_id_while_it_ends_ends_too(
    entrance: Entrance, house: dict[str, str]
) -> None:
    db, place = entrance.db, entrance.places["cayenne"]
    waiting = select(text("count(*) FROM pg_locks WHERE NOT granted"))
    async with db.write(SYSTEM) as tx:
        found = await emergency.activate(tx, place, emergency.LONGEST)
        code = await emergency.make_code(tx, found, house[Hugo])

    async def ending() -> bool:
        async with db.write(SYSTEM) as tx:
            return await emergency.end(tx, found)

    async with entrance.browser() as hugo:
        await use(hugo, Hugo[1:], code)
        cookie = hugo.cookies["telepath"]
        (choice,) = await actions.choices(db, cookie, Limits())
        async with db.write(SYSTEM, unaudited="as another choice of this moment") as tx:
            old = await repository.session_by_id(tx, digest(cookie))
            assert old is not None
            await opening.replace(tx, old, msgspec.structs.replace(old, id=digest("another")), Origin())
            end = asyncio.create_task(ending())
            while not db.is_sqlite and not await tx.scalar(waiting):
                await asyncio.wait([end], timeout=0.01)
        assert await end
        assert await actions.recognise(db, "another", Limits(), Origin()) is None
        assert await entrance.sessions() == 0

        async with db.write(SYSTEM, unaudited="a session that lived on") as tx:
            await tx.execute(update(session).values(ended_at=None))
        assert await actions.choices(db, "another", Limits()) == []
        with pytest.raises(LoginFailed) as refused:
            await actions.choose(db, "another", choice.key, limits=Limits(), origin=Origin())
        assert refused.value.code == "error-login-not-a-choice"


def test_a_code_is_read_however_it_was_typed() -> None:
    code = "7QK2-M4XD-0101-ZZZZ-ABCD-EFGH-JKMN"
    for typed in (code.lower(), code.replace("-", ""), " 7qk2 m4xd oiol zzzz abcd efgh jkmn ", code.replace("-", "–")):
        assert normal(typed) == code
    assert len(ALPHABET) == 32
    assert 5 * emergency.GROUPS * emergency.GROUP >= 128
