"""/asked: how an expert who never came gets from a letter to the consult."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from auth.attempts import ASKED, LIMITS
from consults.asked_token import mint
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.consults import offer
from telepath.db.schema.directory import person
from telepath.ids import make_id
from telepath.notices.channels import mailer
from tests.consult_desk import Desk
from tests.house import WORDS
from tests.postmaster import post_office
from web import asked_letters
from web.relay import Relay

SECRETS = ("26-00417", "Ganglion", "ympho", "Adénopathie", "lymphoid", "lymphoïde")
"""What the letter and its page say nothing of."""


async def letters(desk: Desk) -> dict[str, EmailMessage]:
    """What a real server got of what is due: the last letter of each mailbox."""
    async with post_office() as (postmaster, port):
        relay = Relay(
            desk.db,
            desk.services.bus,
            mailer(f"smtp://127.0.0.1:{port}"),
            WORDS,
            origin="https://telepath.example",
            sender="avis@telepath.example",
            log_name="telepath.example/audit",
            audit_key=Ed25519PrivateKey.from_private_bytes(bytes(32)),
            door=partial(asked_letters.door, desk.db, desk.services.capability_key),
        )
        while await relay.deliver() or await relay.send_mail():
            pass
        got = [message_from_bytes(content, policy=SMTP) for content in postmaster.got]
    return {str(message["To"]): message for message in got}


def link_in(message: EmailMessage) -> str:
    (line,) = [line for line in message.get_content().split() if line.startswith("https://")]
    return str(line).removeprefix("https://telepath.example")


async def came_before(desk: Desk, key: str) -> None:
    """They have signed in before."""
    async with desk.db.write(desk.actors[key], unaudited="test") as tx:
        await tx.execute(update(person).where(person.c.id == desk.actors[key].person_id).values(first_seen_at=tx.now))


async def opened(desk: Desk) -> list[str]:
    async with desk.db.read() as reader:
        rows = await reader.all(select(audit_pending).order_by(audit_pending.c.position))
    records = [row["record"] for row in rows]
    return [one["outcome"] for one in records if one["kind"] == "offer.opened"]


@pytest.mark.parametrize("language", ["fr", "en"])
async def test_the_letter_to_who_never_came_leads_to_a_page_without_a_login_and_says_no_more(
    desk: Desk, language: str
) -> None:
    karim = desk.actors["karim"]
    async with desk.db.write(karim, unaudited="test") as tx:
        await tx.execute(update(person).where(person.c.id == karim.person_id).values(language=language))
    path = await desk.asked()
    (letter,) = (await letters(desk)).values()
    french = language == "fr"
    assert letter["Subject"] == WORDS(language)("asked-mail-subject")
    assert str(letter["From"]) == "telepath <avis@telepath.example>"
    assert letter["Reply-To"] is None
    assert letter["Auto-Submitted"] == "auto-generated"
    text = letter.get_content()
    assert ("Pour voir le cas" if french else "To see the case") in text
    for secret in (*SECRETS, "Marchand", "Cayenne", "Haddad", path):
        assert secret not in letter.as_string()
    assert link_in(letter).startswith("/asked/")


async def test_the_page_names_who_asks_and_leads_through_the_login_to_the_consult(desk: Desk) -> None:
    path = await desk.asked()
    (letter,) = (await letters(desk)).values()
    link = link_in(letter)
    desk.services.actor = None
    response = await desk.browser.get(link)
    assert (response.headers["referrer-policy"], response.headers["x-robots-tag"]) == (
        "no-referrer",
        "noindex, nofollow",
    )
    page = await desk.page(link)
    for words in ("Dr Zoé Marchand", "CH de Cayenne", "Standard", "Avis à rendre avant", "Pro Santé Connect"):
        assert words in page
    for secret in SECRETS:
        assert secret not in page
    ways = {
        parse_qs(urlsplit(way).query)["return_to"][0]
        for way in page.split('"')
        if way.startswith("/login/start?return_to")
    }
    assert ways == {path, f"{path}?answer=decline"}
    assert await opened(desk) == ["success", "success"]

    # After the login: the consult, with the refusal open where they came to say no.
    desk.sit("karim")
    assert "<details open>" not in await desk.page(path)
    declining = await desk.page(f"{path}?answer=decline")
    assert "<details open>" in declining
    assert 'name="decline-code" value="overloaded">Trop d’avis en cours</button>' in declining  # one click does it
    assert f'href="{path}?answer=decline"' in await desk.page(link)
    await desk.post(f"{path}/decline", **{"decline-code": "overloaded"})
    desk.services.actor = None
    ended = await desk.browser.get(link)

    unknown = f"/asked/{mint(desk.services.capability_key, make_id(7, bytes(10)))}"
    for nothing in (unknown, "/asked/a-token", f"{link}x"):
        answer = await desk.browser.get(nothing)
        assert answer.status_code == ended.status_code == 404
        assert answer.text.replace(nothing, "") == ended.text.replace(link, "")
    assert set((await opened(desk))[3:]) == {"refused"}


async def test_a_withdrawn_offer_and_a_suspended_expert_have_no_page(desk: Desk) -> None:
    path = await desk.asked()
    async with desk.db.read() as reader:
        (row,) = await reader.all(select(offer))
    link = f"/asked/{mint(desk.services.capability_key, row['id'])}"
    desk.services.actor = None
    await desk.page(link)
    karim = desk.actors["karim"]
    for at in (desk.db.clock(), None):
        async with desk.db.write(karim, unaudited="test") as tx:
            await tx.execute(update(person).where(person.c.id == karim.person_id).values(disabled_at=at))
        await desk.page(link, 404 if at else 200)
    desk.sit("zoe")
    await desk.post(f"{path}/revoke", reason="Réglé autrement.")
    desk.services.actor = None
    await desk.page(link, 404)


async def test_who_has_come_before_is_led_to_the_consult_itself(desk: Desk) -> None:
    await came_before(desk, "karim")
    path = await desk.asked()
    (letter,) = (await letters(desk)).values()
    assert link_in(letter) == path
    assert letter["Subject"] == "Une demande vous attend dans telepath"


async def test_whoever_asks_for_many_is_stopped(desk: Desk) -> None:
    desk.services.actor = None
    for _ in range(LIMITS[ASKED].times):
        await desk.browser.get("/asked/a-token")
    stopped = await desk.browser.get("/asked/a-token")
    assert stopped.status_code == 429
    assert "Réessayez dans dix minutes" in stopped.text
    desk.clock.advance(minutes=10)
    await desk.page("/asked/a-token", 404)
