"""Signing in by the telephone, through the simulator's, over real HTTP."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select
from starlette.exceptions import HTTPException

from telepath.db.schema.auth import decoupled_login
from tests.audited import records
from tests.entrance import Entrance
from tests.identities import HUGO, INES
from tests.login import browser, location, login, origin_of

Ines, Hugo = INES.subject_name_id, HUGO.subject_name_id
PACE = 6
"""Seconds between two questions to the provider."""
RPPS = f"{Ines[1:4]} {Ines[4:8]} {Ines[8:]}"
ANYBODY = "99700490909"
"""An RPPS number that the simulator knows nobody of."""


async def asked(client: httpx2.AsyncClient, number: str = RPPS, **more: str) -> str:
    """Send the form; the address of the page that waits."""
    answer = await client.post("/login/phone", data={"number": number, "return_to": "/cases"} | more)
    assert answer.status_code == 303, answer.text
    return location(answer)


async def telephone(entrance: Entrance, subject_name_id: str, verdict: str = "approve") -> str:
    """Answer on this person's telephone what waits there; the digits that it shows."""
    async with browser(origin_of(entrance.settings.oidc_issuer)) as phone:
        page = (await phone.get(f"/phone/{subject_name_id}")).text
        call = html.unescape(re.findall(r'name="call" value="([^"]+)"', page)[0])
        (digits,) = re.findall(r'class="digits">([0-9]{2})<', page)
        answer = await phone.post(f"/phone/{subject_name_id}", data={"call": call, "answer": verdict})
        assert location(answer).endswith(f"answered={verdict}")
    return str(digits)


def shown(page: str) -> str:
    """The two digits on the workstation."""
    return "".join(re.findall(r"<span>([0-9])</span>", page))


def plain(page: str) -> str:
    """The page without what is another one each time."""
    return re.sub(r"<span>[0-9]</span>|/login/phone/[\w-]+", "", page)


async def who(client: httpx2.AsyncClient) -> Any:
    return (await client.get("/")).json()


async def test_a_confirmed_request_signs_in_once_and_in_the_browser_that_asked(entrance: Entrance) -> None:
    async with entrance.browser() as client, entrance.browser() as stranger:
        waiting = await asked(client)
        assert Ines[1:] not in waiting
        page = await client.get(waiting)
        assert page.status_code == 200
        assert "Encore 120 secondes" in page.text
        assert Ines[1:] not in page.text
        elsewhere = await stranger.get(waiting)
        assert (elsewhere.status_code, "commencée ailleurs" in elsewhere.text) == (400, True)

        assert await telephone(entrance, Ines) == shown(page.text)
        assert (await client.get(waiting)).status_code == 200, "the provider is not asked before its interval"
        entrance.clock.advance(seconds=PACE)
        done = await client.get(waiting)
        assert (done.status_code, location(done)) == (303, "/cases")
        actor = await who(client)
        assert actor["subject_name_id"] == Ines
        again = await client.get(waiting)
        assert (again.status_code, "n’est plus en cours" in again.text) == (400, True)
    assert await entrance.sessions() == 1
    assert await entrance.audited() == [("session.started", "")]
    async with entrance.db.read() as reader:
        assert await reader.all(select(decoupled_login)) == []


async def test_however_many_pages_ask_the_provider_is_asked_once_an_interval(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        waiting = await asked(client)
        entrance.clock.advance(seconds=PACE)
        for _ in range(5):
            assert (await client.get(waiting)).status_code == 200
        entrance.clock.advance(seconds=PACE)
        assert (await client.get(waiting)).status_code == 200
        # Asked too early, the simulator would have made the interval longer.
        await telephone(entrance, Ines)
        entrance.clock.advance(seconds=PACE)
        assert (await client.get(waiting)).status_code == 303


async def test_a_provider_that_wants_fewer_questions_is_asked_five_seconds_less_often(entrance: Entrance) -> None:
    async def row() -> Any:
        async with entrance.db.read() as reader:
            return await reader.one(select(decoupled_login))

    async with entrance.browser() as client:
        waiting = await asked(client)
        before = await row()
        entrance.clock.advance(seconds=PACE)
        # Somebody else's question comes right before ours.
        assert await entrance.identity.poll_decoupled(before["request"], authenticated_since=None) is None
        assert (await client.get(waiting)).status_code == 200
        after = await row()
        assert after["interval"] == before["interval"] + 5
        assert after["poll_at"] == entrance.clock.now + timedelta(seconds=after["interval"])
        await telephone(entrance, Ines)
        entrance.clock.advance(seconds=after["interval"])
        assert (await client.get(waiting)).status_code == 303


async def test_the_script_is_told_how_long_and_where_to_go(plain_entrance: Entrance) -> None:
    entrance, json = plain_entrance, {"Accept": "application/json"}
    async with entrance.browser() as client:
        waiting = await asked(client)
        entrance.clock.advance(seconds=30)
        assert (await client.get(waiting, headers=json)).json() == {"left": 90, "silent": False}
        await telephone(entrance, Ines)
        entrance.clock.advance(seconds=PACE)
        assert (await client.get(waiting, headers=json)).json() == {"go": "/cases"}
        assert (await who(client))["subject_name_id"] == Ines
        over = (await client.get(waiting, headers=json)).json()["go"]
        assert over == "/login/phone/over?why=unknown&return_to=%2F"
        assert "n’est plus en cours" in (await client.get(over)).text
        assert "n’est plus en cours" in (await client.get("/login/phone/over?why=<script>")).text
        over = (await client.get("/login/phone/over?why=disabled")).text
        assert "Votre accès est suspendu" in over


async def test_a_request_that_is_refused_unanswered_or_given_up_gives_no_session(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        waiting = await asked(client)
        await telephone(entrance, Ines, "refuse")
        entrance.clock.advance(seconds=PACE)
        refused = await client.get(waiting)
        assert "refusée dans l’application" in refused.text
        assert "/login/phone?return_to=%2Fcases" in refused.text

        waiting = await asked(client)
        entrance.clock.advance(seconds=120)
        assert "pas été confirmée" in (await client.get(waiting)).text

        waiting = await asked(client)
        given_up = await client.post(f"{waiting}/cancel")
        assert location(given_up) == "/login?return_to=%2Fcases"
        await telephone(entrance, Ines)
        entrance.clock.advance(seconds=PACE)
        assert (await client.get(waiting)).status_code == 400
    assert await entrance.sessions() == 0
    assert await entrance.audited() == [("session.refused", "declined")]


async def test_a_number_that_nobody_has_looks_like_a_telephone_that_nobody_answers(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        pages = []
        for number in (RPPS, ANYBODY):
            waiting = await asked(client, number)
            seen = [await client.get(waiting)]
            entrance.clock.advance(seconds=PACE)
            seen.append(await client.get(waiting))
            entrance.clock.advance(seconds=120 - PACE)
            seen.append(await client.get(waiting))
            pages.append([(page.status_code, plain(page.text)) for page in seen])
        assert pages[0] == pages[1]
    assert await entrance.audited() == []


async def test_what_the_provider_says_of_a_number_that_it_knows_does_not_tell_it(
    plain_entrance: Entrance, caplog: pytest.LogCaptureFixture
) -> None:
    """Some providers have another interval, and another life, than Pro Santé Connect. The number that nobody has comes first:
    nothing was learnt yet."""
    entrance = plain_entrance

    def telling(interval: int) -> Callable[[str, dict[str, Any]], dict[str, Any]]:
        def told(stage: str, document: dict[str, Any]) -> dict[str, Any]:
            if stage == "token":
                return {"error": "expired_token"}
            return document | {"interval": interval, "expires_in": 60} if stage == "telephone" else document

        return told

    async with entrance.browser() as client:
        pages = []
        for number in (ANYBODY, RPPS):
            entrance.alter = telling(5)
            waiting = await asked(client, number)
            async with entrance.db.read() as reader:
                row = await reader.one(select(decoupled_login).order_by(decoupled_login.c.created_at.desc()).limit(1))
            assert bool(row["hint"]) is (number == RPPS)
            assert (row["interval"], row["poll_at"] - row["created_at"]) == (PACE, timedelta(seconds=PACE))
            if number == RPPS:
                await telephone(entrance, Ines)
            seen = []
            for seconds in (PACE, PACE, 120 - 2 * PACE):
                entrance.clock.advance(seconds=seconds)
                seen.append(await client.get(waiting))
            pages.append([(page.status_code, plain(page.text)) for page in seen])
        assert pages[0] == pages[1], "the provider gave up before the page did"
        # A longer interval must be obeyed, and is told of.
        assert "tells numbers" not in caplog.text
        entrance.alter = telling(7)
        await asked(client)
        assert "tells numbers" in caplog.text
        async with entrance.db.read() as reader:
            assert 8 in [row["interval"] for row in await reader.all(select(decoupled_login))]
    assert await entrance.audited() == []


async def test_nobody_is_asked_again_and_again(plain_entrance: Entrance) -> None:
    async with plain_entrance.browser() as client:
        for _ in range(5):
            await asked(client)
        often = await client.post("/login/phone", data={"number": RPPS, "return_to": "/"})
        assert (often.status_code, "Trop de tentatives" in often.text) == (429, True)
        await asked(client, HUGO.subject_name_id)
        plain_entrance.clock.advance(minutes=10)
        await asked(client)


async def test_what_is_no_number_is_said_beside_the_field(plain_entrance: Entrance) -> None:
    async with plain_entrance.browser() as client:
        for number, sentence in (
            ("", "Indiquez"),
            ("123", "onze chiffres"),
            ("١٢٣٤٥٦٧٨٩٠١", "onze chiffres"),
            ("8" * 300, "compte 300 caractères"),
        ):
            page = await client.post("/login/phone", data={"number": number, "return_to": "/"})
            assert (page.status_code, sentence in page.text) == (422, True), number


@pytest.mark.parametrize("stage", ["claims", "userinfo"])
async def test_somebody_else_s_answer_opens_nothing(plain_entrance: Entrance, stage: str) -> None:
    """The provider confirms another person than was asked for."""
    entrance = plain_entrance

    def other(at: str, document: dict[str, Any]) -> dict[str, Any]:
        return (
            document | {"SubjectNameID": Hugo}
            if at in {"claims", "userinfo"} and (at == stage or stage == "claims")
            else document
        )

    async with entrance.browser() as client:
        waiting = await asked(client)
        await telephone(entrance, Ines)
        entrance.alter = other
        entrance.clock.advance(seconds=PACE)
        assert (await client.get(waiting)).status_code == 403
    assert await entrance.sessions() == 0
    kinds = [kind for kind, _ in await entrance.audited()]
    assert kinds == ["session.refused"]


async def test_a_provider_that_is_away_for_a_moment_does_not_end_the_waiting(plain_entrance: Entrance) -> None:
    entrance = plain_entrance

    def broken(stage: str, document: dict[str, Any]) -> dict[str, Any]:
        raise HTTPException(503)

    async with entrance.browser() as client:
        waiting = await asked(client)
        entrance.clock.advance(seconds=PACE)
        entrance.alter = broken
        page = await client.get(waiting)
        assert (page.status_code, "ne répond pas pour l’instant" in page.text) == (200, True)
        entrance.alter = None
        await telephone(entrance, Ines)
        entrance.clock.advance(seconds=8)
        assert (await client.get(waiting)).status_code == 303


async def test_a_signed_in_person_proves_by_telephone_again_who_they_are(entrance: Entrance) -> None:
    async with entrance.browser() as client:
        assert (await client.get("/login/phone?step_up=1")).status_code == 303, "only who is signed in"
        await login(client, Ines)
        entrance.clock.advance(minutes=20)
        before = await who(client)
        assert "Inès Flamboyant" in (await client.get("/login/phone?step_up=1")).text
        waiting = await asked(client, Hugo, step_up="1")
        await telephone(entrance, Ines)
        entrance.clock.advance(seconds=PACE)
        assert location(await client.get(waiting)) == "/cases"
        after = await who(client)
    assert after["auth_time"] > before["auth_time"]
    assert after["session_id"] != before["session_id"]
    assert [kind for kind, _ in await entrance.audited()] == ["session.started", "session.stepped-up"]


async def test_a_renewal_that_is_refused_is_told_of_whose_session_it_is(plain_entrance: Entrance) -> None:
    entrance = plain_entrance
    async with entrance.browser() as client:
        await login(client, Ines)
        person_id = (await who(client))["person_id"]
        waiting = await asked(client, step_up="1")
        await telephone(entrance, Ines, "refuse")
        entrance.clock.advance(seconds=PACE)
        assert "refusée dans l’application" in (await client.get(waiting)).text
    (told,) = await records(entrance.db, "session.step-up-refused")
    assert (told["actor"], told["detail"]["reason"]) == (person_id, "declined")
    assert await records(entrance.db, "session.refused") == []
