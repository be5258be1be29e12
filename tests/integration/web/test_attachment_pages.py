"""Attachments on the page of their case: sent by a form, refused in words, served as pictures and nothing else."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from telepath.access import Right
from telepath.actor import SYSTEM, Actor
from telepath.db.database import Database
from tests.builders import World
from tests.builders_attachments import pdf, picture, pixels_of, secretive
from tests.house import House, decoding, house, leads_to, visited
from web.routes import attachments, cases


@dataclass
class Desk(House):
    """A house with a case of Cayenne in it."""

    owner: Actor = SYSTEM
    guest: Actor = SYSTEM
    case_id: str = ""


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    plain = house(database, tmp_path)
    world = World(database)
    owner = await world.person("ines", "cayenne", "Inès", "Flamboyant")
    colleague = await world.person("claire", "lille", "Claire", "Houblon")
    case_id = await world.case(owner)
    async with database.write(owner, unaudited="a test's world") as tx:
        await tx.grant(
            ("person", colleague.person_id), ("case", case_id), [Right.VIEW], because="share", because_id="s"
        )
    plain.actor = owner
    async with decoding(plain):
        yield Desk(**vars(plain), owner=owner, guest=colleague, case_id=case_id)


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    async with visited(desk, [*cases.routes, *attachments.routes]) as made:
        yield made


async def test_a_file_is_attached_seen_and_removed_on_the_page_of_its_case(
    desk: Desk, browser: httpx2.AsyncClient
) -> None:
    address = f"/cases/{desk.case_id}/attachments"

    async def send(data: bytes, title: str = "Scanner") -> httpx2.Response:
        return await browser.post(address, data={"title": title}, files={"file": ("MARTIN.pdf", data)})

    refused = await send(pdf(password="secret"))
    assert refused.status_code == 422
    assert leads_to(refused.text, "file")
    assert "protégé par un mot de passe" in refused.text
    assert 'value="Scanner"' in refused.text  # what was typed is not typed again
    assert leads_to((await send(picture(), "")).text, "title")
    assert leads_to((await browser.post(address, data={"title": "Scanner"})).text, "file") is False
    sent = await send(secretive("JPEG"))
    assert sent.status_code == 303
    assert sent.headers["location"] == f"/cases/{desk.case_id}?done=attachment-added#attachments"
    page = (await browser.get(f"/cases/{desk.case_id}?done=attachment-added")).text
    assert "Pièce jointe ajoutée" in page
    assert "MARTIN" not in page
    picture_address = page.partition('loading="lazy"')[0].rpartition('src="')[2].partition('"')[0]
    assert 'alt="Scanner, page 1 sur 1"' in page
    got = await browser.get(picture_address)
    assert pixels_of(got.content).shape == (64, 48, 3)
    assert {name: got.headers[name] for name in ("content-type", "cache-control", "x-content-type-options")} == {
        "content-type": "image/webp",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    assert "sandbox" in got.headers["content-security-policy"]
    removal = picture_address.partition("/pages")[0] + "/remove"
    assert removal in page
    desk.actor = desk.guest  # who sees the case sees the pages, and changes nothing
    assert (await browser.get(picture_address)).status_code == 200
    shared = (await browser.get(f"/cases/{desk.case_id}")).text
    assert picture_address in shared
    assert removal not in shared
    assert "multipart/form-data" not in shared
    assert (await browser.post(removal)).status_code == 404
    assert (await send(picture())).status_code == 404
    desk.actor = desk.owner
    assert (await browser.post(removal)).headers["location"].endswith("?done=attachment-removed#attachments")
    assert (await browser.get(picture_address)).status_code == 404
    assert (await browser.get(picture_address.replace("/1", "/x"))).status_code == 404
