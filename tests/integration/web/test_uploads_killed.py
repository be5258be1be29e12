"""A node that receives slides is ended by kill -9, amid a piece and right after a commit: what it acknowledged stays."""

import asyncio
import socket
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import msgspec
from sqlalchemy import select

from auth import repository as logins
from auth.bearer import digest
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.db.schema.slides import slide
from telepath.uploads import tus
from tests.builders import MASTER_KEY, VAULT_KEY, World, session_of
from tests.builders_slides import write_svs
from tests.running import TELEPATH, Node, process, service
from web.settings import Settings

COOKIE = {"Cookie": "telepath=cookie-of-zoe"}
PIECES = {"Content-Type": tus.PIECES, "Tus-Resumable": tus.VERSION}


async def prepared(settings: Settings) -> str:
    """A case, and its requester with a session."""
    await upgrade(settings.database_url)
    db = Database(settings.database_url, MASTER_KEY)
    try:
        world = World(db)
        zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
        case_id = await world.case(zoe)
        now, identity = datetime.now(UTC), digest("cookie-of-zoe")
        there = msgspec.structs.replace(zoe, session_id=identity, auth_time=now)
        async with db.write(there, unaudited="a test's world") as tx:
            await logins.keep_session(tx, session_of(there, identity, now))
        return case_id
    finally:
        await db.close()


async def registered(settings: Settings) -> int:
    db = Database(settings.database_url, MASTER_KEY)
    try:
        async with db.read() as reader:
            return len(await reader.all(select(slide.c.id)))
    finally:
        await db.close()


def killed(node: Node) -> None:
    node.process.kill()
    node.process.wait()


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    settings.data.mkdir()
    case_id = asyncio.run(prepared(settings))
    path = write_svs(tmp_path / "a.svs")
    path.write_bytes(path.read_bytes().ljust(12_000_000, b"\0"))
    content, half = path.read_bytes(), 4_000_000
    with service(tmp_path, {"vault_key": VAULT_KEY}) as (node,), ExitStack() as later:

        def again() -> None:
            log = tmp_path / "again.log"
            later.enter_context(process([*TELEPATH, "serve"], node.environment, f"{node.origin}/health", log))

        headers = {"Origin": node.origin} | COOKIE
        with httpx2.Client(base_url=node.origin, headers=headers, trust_env=False, timeout=60) as client:
            sent = {"files": [{"path": "a.svs", "size": len(content)}]}
            made = client.post(f"/cases/{case_id}/uploads", json=sent).json()
            address = made["files"][0]["address"]

            def put(offset: int, data: bytes) -> int:
                return client.patch(address, content=data, headers=PIECES | {"Upload-Offset": str(offset)}).status_code

            def offset() -> int:
                return int(client.head(address, headers={"Tus-Resumable": tus.VERSION}).headers["Upload-Offset"])

            assert put(0, content[:half]) == 204
            host, port = node.origin.removeprefix("http://").split(":")
            with socket.create_connection((host, int(port))) as line:
                told = headers | PIECES | {"Host": host, "Upload-Offset": str(half), "Content-Length": str(half)}
                head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
                line.sendall(f"PATCH {address} HTTP/1.1\r\n{head}\r\n".encode() + content[half : 2 * half - 1000])
                lying = next((settings.data / "uploads").rglob("slide.svs"))
                while lying.stat().st_size <= half:
                    offset()  # until some of it is on the disk, and none of it is acknowledged
                killed(node)
            again()
            assert offset() == half
            assert put(half, content[half : 2 * half]) == 204
            assert put(2 * half, content[2 * half :]) == 204
            assert client.post(f"/uploads/{made['id']}/commit").status_code == 202
        later.close()
    assert asyncio.run(registered(settings)) <= 1


def test_what_was_committed_is_taken_in_by_the_next_node_and_once(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    settings.data.mkdir()
    case_id = asyncio.run(prepared(settings))
    content = write_svs(tmp_path / "a.svs").read_bytes()
    with service(tmp_path, {"vault_key": VAULT_KEY}) as (node,), ExitStack() as later:
        headers = {"Origin": node.origin} | COOKIE
        with httpx2.Client(base_url=node.origin, headers=headers, trust_env=False, timeout=60) as client:
            sent = {"files": [{"path": "a.svs", "size": len(content)}]}
            made = client.post(f"/cases/{case_id}/uploads", json=sent).json()
            headers = PIECES | {"Upload-Offset": "0"}
            assert client.patch(made["files"][0]["address"], content=content, headers=headers).status_code == 204
            assert client.post(f"/uploads/{made['id']}/commit").status_code == 202
            killed(node)
            log = tmp_path / "again.log"
            later.enter_context(process([*TELEPATH, "serve"], node.environment, f"{node.origin}/health", log))
            while (state := client.get(f"/uploads/{made['id']}").json())["status"] in {"waiting", "checking"}:
                pass
            assert state["status"] == "registered", state
            assert client.post(f"/uploads/{made['id']}/commit").status_code == 202
        later.close()
    assert asyncio.run(registered(settings)) == 1
