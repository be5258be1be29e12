"""A house that receives slides over a real socket, and what senders do: say what comes, send it by tus, commit, wait."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from tusclient.client import TusClient

from consults import offers
from telepath.actor import SYSTEM, Actor
from telepath.db.database import Database
from telepath.slides.decoder_pool import DecoderPool
from telepath.uploads import tus
from telepath.uploads.intake import Intake
from telepath.uploads.parts import Parts
from tests.builders import World
from tests.house import House, application, decoding, house
from tests.login import free_port, serving
from web.routes import cases, held_slides, uploads

ENDED = {"registered", "held", "refused"}
PIECES = {"Content-Type": tus.PIECES, "Tus-Resumable": tus.VERSION}


@dataclass
class Desk(House):
    """Somebody of Cayenne with a case, and the address at which the house answers."""

    world: World | None = None
    owner: Actor = SYSTEM
    case_id: str = ""
    origin: str = ""

    def address(self, path: str) -> str:
        return self.origin + path

    @property
    def parts(self) -> Parts:
        assert self.uploads is not None
        return self.uploads.parts


@asynccontextmanager
async def receiving(database: Database, folder: Path, *, take_in: bool = True) -> AsyncIterator[Desk]:
    """``take_in``: what is committed is taken in beside."""
    plain = house(database, folder)
    world = World(database)
    owner = await world.person("ines", "cayenne", "Inès", "Flamboyant")
    case_id = await world.case(owner)
    plain.actor = owner
    async with decoding(plain) as decoders:
        plain.uploads = intake(database, plain, decoders, folder)
        port = free_port()
        desk = Desk(**vars(plain), world=world, owner=owner, case_id=case_id, origin=f"http://127.0.0.1:{port}")
        made = application(desk, [*uploads.routes, *cases.routes, *held_slides.routes])
        async with serving(made, port):
            if take_in:
                async with plain.uploads:
                    yield desk
            else:
                yield desk


def intake(database: Database, house: House, decoders: DecoderPool, folder: Path) -> Intake:
    return Intake(database, house.storage, decoders, Parts(folder / "uploads"), offers.give_slide)


def sender(desk: Desk) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=desk.origin, headers={"Accept-Language": "fr"}, trust_env=False, timeout=60, follow_redirects=False
    )


def named(paths: Iterable[Path], root: Path) -> list[dict[str, Any]]:
    return [{"path": path.relative_to(root).as_posix(), "size": path.stat().st_size} for path in paths]


async def begin(client: httpx2.AsyncClient, case_id: str, files: list[dict[str, Any]], **facts: str) -> dict[str, Any]:
    answer = await client.post(f"/cases/{case_id}/uploads", json={"files": files} | facts)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def send(desk: Desk, made: dict[str, Any], root: Path, *, piece: int = 1 << 20) -> None:
    """Each file by tuspy, the tus project's own client, in pieces with a checksum."""

    def one(path: str) -> None:
        client = TusClient(desk.address(f"/uploads/{made['id']}/files"))
        with (root / path).open("rb") as file:
            metadata = {"path": path}
            client.uploader(file_stream=file, metadata=metadata, chunk_size=piece, upload_checksum=True).upload()

    for file in made["files"]:
        if file["bytes"]:
            await asyncio.to_thread(one, file["path"])


async def commit(client: httpx2.AsyncClient, made: dict[str, Any]) -> dict[str, Any]:
    """Until it is decided."""
    answer = await client.post(f"/uploads/{made['id']}/commit")
    assert answer.status_code == 202, answer.text
    return await decided(client, made["id"])


async def decided(client: httpx2.AsyncClient, upload_id: str) -> dict[str, Any]:
    async with asyncio.timeout(60):
        while True:
            state: dict[str, Any] = (await client.get(f"/uploads/{upload_id}")).json()
            if state["status"] in ENDED:
                return state
            await asyncio.sleep(0.02)


async def put(client: httpx2.AsyncClient, address: str, offset: int, data: bytes, **headers: str) -> httpx2.Response:
    """One PATCH."""
    return await client.patch(address, content=data, headers=PIECES | {"Upload-Offset": str(offset)} | headers)


async def offset(client: httpx2.AsyncClient, address: str) -> int:
    answer = await client.head(address, headers={"Tus-Resumable": tus.VERSION})
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])
