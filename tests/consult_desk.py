"""The pages of consults, and who sits in front of them: Zoé asks, Karim answers; all of it without script."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
from sqlalchemy import select

from consults import repository
from consults.model import Consult, Reading
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from tests.builders import World
from tests.house import House, house, visited
from web.routes import (
    asked,
    attachments,
    cases,
    consult_requests,
    consults,
    follow_up,
    material,
    notice_preferences,
    notices,
    opinions,
    rooms,
    signatures,
    transfers,
    verify,
    worklist,
)

NASTY = '<script>alert(1)</script> "&amp;" #let x = [*bold*] $a$'
TEXTS = {"conclusion": "Lymphome.", "description": "", "remarks": "", "codings": ""}


class Desk(World):
    """Zoé (Cayenne) asks, Karim (Lille) or Anne (Rennes) answers; ``sit`` puts one of them in front of the browser."""

    services: House
    browser: httpx2.AsyncClient
    case_id: str

    def sit(self, key: str, ago: timedelta = timedelta(minutes=1)) -> None:
        self.services.actor = self.again(key, ago)

    async def page(self, path: str, status: int = 200) -> str:
        response = await self.browser.get(path)
        assert response.status_code == status, response.text
        return html.unescape(response.text)

    async def post(self, path: str, status: int = 303, /, **fields: str) -> httpx2.Response:
        response = await self.browser.post(path, data=fields)
        assert response.status_code == status, html.unescape(response.text)
        return response

    async def asked(self, key: str = "karim", **changed: str) -> str:
        """Zoé fills the form; returns the consult's path."""
        self.sit("zoe")
        fields = {
            "case": self.case_id,
            "question": "Lymphome folliculaire ?",
            "context": "Adénopathie.",
            "organ": "lymphoid",
            "urgency": "standard",
            "expert": self.actors[key].person_id,
            "step": "send",
        }
        sent = (await self.post("/consults/new", **(fields | changed))).headers["location"]
        assert sent.endswith("?done=sent")
        return sent.removesuffix("?done=sent")

    async def accepted(self) -> str:
        path = await self.asked()
        self.sit("karim")
        await self.post(f"{path}/accept")
        return path

    async def signed(self, **texts: str) -> str:
        path = await self.accepted()
        text = {"conclusion": "Lymphome folliculaire, grade 1-2.", "description": "", "remarks": "", "codings": ""}
        await self.post(f"{path}/sign", version="1", **(text | texts))
        await self.confirmed(path)
        return path

    async def expert_of_lymph_nodes(self) -> None:
        """Nadia (Nice) can be asked, too."""
        await self.expert("nadia", "nice", "Nadia", "Benali")

    async def amended(self, path: str, text: str) -> httpx2.Response:
        await self.post(f"{path}/addendum", version=str((await self.reading(path)).version), conclusion=text)
        return await self.confirmed(path)

    async def confirmed(self, path: str) -> httpx2.Response:
        """Karim signs what the page shows him: the second of two steps."""
        page = await self.page(f"{path}?sign=1")
        (act, version) = re.findall(
            r'action="([^"]+/(?:sign|addendum))">\s*<input type="hidden" name="version" value="(\d+)"', page
        )[0]
        return await self.post(act, version=version)

    async def reading(self, path: str) -> Reading:
        async with self.db.read() as reader:
            return await repository.reading_by(reader, path.rsplit("/", 1)[1], self.actors["karim"].person_id)

    async def consult(self, path: str) -> Consult:
        async with self.db.read() as reader:
            return await repository.get(reader, path.rsplit("/", 1)[1])

    async def audited(self, kind: str) -> int:
        async with self.db.read() as reader:
            rows = await reader.all(select(audit_pending))
        return sum(row["record"]["kind"] == kind for row in rows)


async def save(desk: Desk, path: str, version: int, **texts: str) -> tuple[int, dict[str, Any]]:
    response = await desk.browser.post(
        f"{path}/draft", json={"version": version, **texts}, headers={"Accept": "application/json"}
    )
    return response.status_code, response.json()


@asynccontextmanager
async def seated(database: Database, folder: Path) -> AsyncIterator[Desk]:
    made = Desk(database)
    zoe = await made.person("zoe", "cayenne", "Zoé", "Marchand")
    await made.expert("karim", "lille", "Karim", "Haddad", networks=["LYMPHOPATH"], median_hours=18.0)
    await made.expert("anne", "rennes", "Anne", "Le Goff", available=False)
    await made.expert("lise", "rennes", "Lise", "Kermarrec", "skin", median_hours=60.0)
    made.case_id = await made.case(zoe)
    await made.slide(zoe, made.case_id)
    made.services = house(database, folder)
    made.sit("zoe")
    asking = [
        *consult_requests.routes,
        *consults.routes,
        *opinions.routes,
        *signatures.routes,
        *attachments.routes,
        *material.routes,
        *follow_up.routes,
        *transfers.routes,
        *verify.routes,
        *notice_preferences.routes,
        *asked.routes,
    ]
    async with visited(
        made.services, [*worklist.routes, *cases.routes, *asking, *notices.routes, *rooms.routes]
    ) as client:
        made.browser = client
        yield made
