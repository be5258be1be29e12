"""Built files leave compressed for whoever accepts that, each coding under a tag of its own."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from web.built_files import BuiltFiles, accepts
from web.rendering import STATIC

SCRIPT = b"export const words = 'telepath';\n" * 300
BROTLI = b"stands for a Brotli stream"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    (tmp_path / "viewer-1.js").write_bytes(SCRIPT)
    (tmp_path / "viewer-1.js.br").write_bytes(BROTLI)
    (tmp_path / "viewer-1.js.gz").write_bytes(gzip.compress(SCRIPT, mtime=0))
    (tmp_path / "small.svg").write_bytes(b"<svg/>")
    app = Starlette(routes=[Mount("/static", BuiltFiles(directory=tmp_path))])
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://test") as made:
        yield made


async def raw(
    client: httpx2.AsyncClient, accepted: str, path: str = "viewer-1.js", **headers: str
) -> tuple[httpx2.Response, bytes]:
    """The answer, and its bytes as they came."""
    async with client.stream("GET", f"/static/{path}", headers={"Accept-Encoding": accepted, **headers}) as answer:
        return answer, b"".join([part async for part in answer.aiter_raw()])


@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", BROTLI),
        ("gzip;q=1.0, BR;q=0.5", "br", BROTLI),
        ("br;q=0, gzip", "gzip", gzip.compress(SCRIPT, mtime=0)),
        ("br;q=0.000,gzip;q=0", None, SCRIPT),
        ("identity", None, SCRIPT),
        ("*", None, SCRIPT),
        ("", None, SCRIPT),
    ],
)
async def test_who_accepts_a_coding_gets_it(
    client: httpx2.AsyncClient, accepted: str, coding: str | None, body: bytes
) -> None:
    answer, came = await raw(client, accepted)
    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == coding
    assert came == body
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]
    assert int(answer.headers["content-length"]) == len(came)


async def test_each_coding_has_a_tag_of_its_own_and_is_not_sent_twice(client: httpx2.AsyncClient) -> None:
    tags = {accepted: (await raw(client, accepted))[0].headers["etag"] for accepted in ("br", "gzip", "identity")}
    assert len(set(tags.values())) == 3
    answer, came = await raw(client, "br", **{"If-None-Match": tags["br"]})
    assert (answer.status_code, came) == (304, b"")
    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"
    answer, _ = await raw(client, "gzip", **{"If-None-Match": tags["br"]})
    assert answer.status_code == 200


async def test_what_has_no_copy_is_sent_as_it_is_and_what_is_not_there_is_not_there(client: httpx2.AsyncClient) -> None:
    answer, came = await raw(client, "br, gzip", "small.svg")
    assert (answer.status_code, came, answer.headers.get("content-encoding")) == (200, b"<svg/>", None)
    for path in ("absent.js", "../built_files.py", "%2e%2e/built_files.py"):
        assert (await raw(client, "br, gzip", path))[0].status_code == 404
    assert (await client.post("/static/viewer-1.js")).status_code == 405


def test_a_coding_that_is_not_wanted_is_not_accepted() -> None:
    assert accepts("br; q=0 , gzip ;q=0.1,,deflate") == {"gzip", "deflate", ""}


@pytest.mark.parametrize("name", ["viewer.js", "room.js", "live.js", "app.css", "viewer.css"])
def test_the_build_leaves_copies_of_less_than_a_third(name: str) -> None:
    built = STATIC / json.loads((STATIC / "manifest.json").read_text())[name]
    plain = built.read_bytes()
    assert gzip.decompress(built.with_name(f"{built.name}.gz").read_bytes()) == plain
    assert built.with_name(f"{built.name}.br").stat().st_size < len(plain) / 3
