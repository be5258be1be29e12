"""web/routes/guest.py, links.py and guest_letters.py: from the form to the letter, the code and the slides; and who guesses."""

import asyncio
import email
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import policy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette
from starlette.types import Message

from auth import guests
from auth.attempts import Attempts
from auth.bearer import digest
from auth.guests import Try
from telepath.actor import Origin
from telepath.db.database import Database
from telepath.db.schema.auth import session
from telepath.db.schema.links import share_link
from tests.audited import records
from tests.practice import Practice
from tests.web_client import SignedIn, words
from web import guest_letters
from web.errors import handlers
from web.middleware import layers
from web.rendering import Pages
from web.routes import guest, links
from web.settings import Settings


class Door:
    """The pages of guests behind the real layers, and those of whoever invites before them, signed in by the test."""

    def __init__(self, practice: Practice, folder: Path) -> None:
        static = folder / "static"
        static.mkdir()
        (static / "manifest.json").write_text(
            '{"app.css": "app.css", "favicon.svg": "favicon.svg", "live.js": "live.js"}'
        )
        self.settings = Settings(data=folder, origin="http://test")
        self.services = SimpleNamespace(
            settings=self.settings,
            db=practice.db,
            words=words(),
            pages=Pages(static=static),
            attempts=Attempts(),
        )
        self.zoe = practice.zoe
        self.outside = Starlette(routes=guest.routes, middleware=layers(self.settings), exception_handlers=handlers)
        self.inside = SignedIn(Starlette(routes=links.routes, exception_handlers=handlers), self.services, practice.zoe)

    @asynccontextmanager
    async def browser(self, *, inside: bool = False) -> AsyncIterator[httpx2.AsyncClient]:
        async def served(scope: Any, receive: Any, send: Any) -> None:
            await self.outside({**scope, "state": {"services": self.services}}, receive, send)

        transport = httpx2.ASGITransport(self.inside if inside else served, raise_app_exceptions=False)
        headers = {"Accept": "text/html", "Accept-Language": "fr", "Origin": "http://test"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers) as made:
            yield made

    def letters(self) -> list[tuple[str, str]]:
        """(to, text), the oldest first."""
        files = sorted((self.settings.data / "mail").glob("*.eml"), key=lambda one: one.stat().st_mtime_ns)
        read = [email.message_from_bytes(one.read_bytes(), policy=policy.default) for one in files]
        return [(str(one["To"]), one.get_content()) for one in read]


@pytest.fixture
async def door(database: Database, tmp_path: Path) -> Door:
    return Door(await Practice(database).build(), tmp_path)


def form(door: Door, consult: str, **changed: str) -> dict[str, Any]:
    asked = {"guest_name": "Pr Ada", "guest_email": "ada@example.org", "guest_language": "en", "hours": "24"}
    return {"consult": consult, "rights": ["annotate", "discuss"]} | asked | changed


async def test_from_the_form_to_the_code(door: Door) -> None:
    async with door.services.db.read() as reader:
        consult = await reader.scalar(select(share_link.metadata.tables["consult"].c.id))
    async with door.browser(inside=True) as zoe:
        page = await zoe.get(f"/links/new?consult={consult}")
        assert page.status_code == 200
        for wrong in (
            {"guest_email": "nobody"},
            {"guest_email": "ada@localhost"},
            {"guest_email": "adá@example.org"},
            {"guest_email": ""},
            {"guest_email": "a@b.example\r\nBcc: c@d.example"},
            {"guest_name": ""},
            {"hours": "73"},
            {"begins": "demain"},
            {"begins": "2030-01-01T10:00"},
            {"begins": "9999-12-31T23:00"},
            {"begins": "9999-12-31T23:00-12:00", "hours": "1"},
            {"begins": "0001-01-01T00:00"},
            {"begins": "0001-01-01T00:00+14:00"},
        ):
            answer = await zoe.post("/links", data=form(door, consult, **wrong))
            assert answer.status_code == 422, wrong
            assert "<li>" in answer.text
        assert door.letters() == []
        made = await zoe.post("/links", data=form(door, consult))
        assert (made.status_code, made.headers["location"]) == (303, f"/links?consult={consult}&done=invited")
        listed = await zoe.get(made.headers["location"])
        assert "Pr Ada" in listed.text
        assert "jamais" in listed.text
        again = re.search(r'action="(/links/\w+/letter)"', listed.text)
        assert again is not None
        await zoe.post(again[1])
    (to, first), (_, text) = door.letters()
    assert to == "ada@example.org"
    for secret in ("26-00417", "Ganglion", "Bénin"):
        assert secret not in text
    addresses = [re.search(r"http://test(/guest/\S+)", one) for one in (first, text)]
    assert addresses[0] is not None
    assert addresses[1] is not None
    async with door.services.db.read() as reader:
        row = await reader.one(select(share_link))
        assert (row["rights"], row["token"]) == (["annotate", "view"], digest(addresses[1][1].removeprefix("/guest/")))

    async with door.browser() as ada:
        for address in (addresses[0][1], addresses[1][1]):  # the first one opens nothing any more
            await ada.get(address)
            assert (await ada.get("/guest/enter")).status_code == 200
            sent = await ada.post("/guest/enter/code", data={"send": "1"})
            assert sent.headers["location"] == "/guest/enter?sent=1"
            await asyncio.gather(*guest_letters._sending)
        (_, _, (to, code)) = door.letters()
        digits = re.search(r"\b\d{8}\b", code)
        assert to == "ada@example.org"
        assert digits is not None
        assert addresses[1][1].removeprefix("/guest/") not in code
        entered = await ada.post("/guest/enter", data={"digits": f" {digits[0][:4]} {digits[0][4:]} "})
        assert (entered.status_code, entered.headers["location"]) == (303, "/guest")
        page = await ada.get("/guest")
        assert "Pr Ada" in page.text
        assert "A1 HES" in page.text
        assert "26-00417" not in page.text
        for path in ("/cases", "/links", "/audit/mine", "/administration"):
            assert (await ada.get(path)).status_code == 404
        assert (await ada.get("/")).headers["location"] == "/guest"
        assert (await ada.post("/guest/leave", data={"leave": "1"})).status_code == 303
        assert "A1 HES" not in (await ada.get("/guest")).text
    kinds = [
        one["kind"] for one in await records(door.services.db) if one["kind"].partition(".")[0] in {"link", "session"}
    ]
    assert kinds == ["link.made", "link.made", "link.opened", "session.ended"]
    assert {one["detail"]["action"] for one in await records(door.services.db, "access.refused")} == {
        "guest.leave-scope"
    }


async def test_a_hundred_thousand_guesses_open_nothing(sqlite_url: str, tmp_path: Path) -> None:
    """From a thousand places, with the right address of a link. One in fifty is a whole request to the application; the others
    come to where that first asks whether it may go on."""
    practice = await Practice(Database(sqlite_url, bytes(range(32)))).build()
    letter, door = await practice.invite(), Door(practice, tmp_path)
    code = {"code": digest(f"{letter.token} 99999999"), "code_until": practice.world.clock.now.replace(hour=23)}
    async with practice.db.write(practice.zoe, unaudited="a code that no guess below is") as tx:
        await tx.execute(update(share_link).values(**code))
    guest.SLOWLY, usual = 0.0, guest.SLOWLY  # type: ignore[misc]  # what is slow by design need not be slow here
    statuses: dict[int, int] = {}
    asked = 0

    def place(number: int) -> str:
        return f"198.51.{number % 1000 // 250}.{number % 250}"

    async def request(number: int) -> None:
        body = f"digits={number:08}".encode()
        headers = {
            "host": "test",
            "origin": "http://test",
            "accept": "text/html",
            "content-type": "application/x-www-form-urlencoded",
            "content-length": str(len(body)),
            "cookie": f"telepath-guest={letter.token}",
        }
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/guest/enter",
            "raw_path": b"/guest/enter",
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": (place(number), 1),
            "server": ("test", 80),
            "scheme": "http",
            "state": {"services": door.services},
        }

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses[message["status"]] = statuses.get(message["status"], 0) + 1

        await door.outside(scope, receive, send)

    try:
        for number in range(100_000):
            if number % 50 == 0:
                await request(number)
                continue
            here = Origin(address=place(number))
            if await guests.may_guess(practice.db, door.services.attempts, letter.token, here) is Try.GO_ON:
                asked += 1
                assert await guests.enter(practice.db, letter.token, f"{number:08}", cookie="", origin=here) is None
    finally:
        guest.SLOWLY = usual  # type: ignore[misc]
    assert sorted(statuses) == [403, 429]
    assert sum(statuses.values()) == 2_000
    assert asked + statuses[403] == 50
    async with practice.db.read() as reader:
        assert await reader.scalar(select(share_link.c.code_tries)) == 5
        assert await reader.first(select(session)) is None

    # Nobody else is shut out by them, nor by five hundred addresses that were invented, nor by what cannot be an address.
    other = await practice.invite()

    async def tried(token: str, address: str) -> Try:
        return await guests.may_guess(practice.db, door.services.attempts, token, Origin(address=address))

    for number in range(500):
        assert await tried(f"{number:043}", f"192.0.2.{number % 25}") is Try.NOTHING
        assert await tried(f"{number}", "203.0.113.1") is Try.NOTHING
    assert await tried("", "203.0.113.1") is Try.NOTHING
    assert await tried(other.token, "203.0.113.1") is Try.GO_ON
    # Who has many IPv6 networks has one site.
    found = [await tried("x" * 43, f"2001:db8:1:{number:x}::1") for number in range(201)]
    assert found == [Try.NOTHING] * 200 + [Try.TOO_OFTEN]
    assert await tried("x" * 43, "2001:db8:2::1") is Try.NOTHING
    await practice.db.close()
