"""What stands in front of every route."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import websockets
from websockets.exceptions import InvalidStatus

from telepath.db.database import Database
from tests.audited import of_actor, records
from tests.builders import MASTER_KEY
from tests.entrance import Entrance, opened
from tests.identities import INES
from tests.login import login
from web.middleware import address_of, content_security_policy, session_cookie, session_limits
from web.settings import Settings
from web.words import LANGUAGES


@pytest.fixture
async def door(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Entrance]:
    db = Database(sqlite_url, MASTER_KEY)
    async with opened(db, tmp_path) as made:
        yield made
    await db.close()


def foreign(origin: str) -> dict[str, str | None]:
    """Origins that are not ``origin``, by what is wrong with them; None: no header at all."""
    host = origin.removeprefix("http://")
    return {
        "evil": "https://evil.example",
        "null": "null",
        "none": None,
        "empty": "",
        "suffix": f"{origin}.evil.example",
        "prefix": f"http://evil.{host}",
        "another port": f"http://127.0.0.1:{int(host.split(':')[1]) + 1}",
        "another scheme": f"https://{host}",
        "with a path": f"{origin}/",
        "upper case": origin.upper(),
        "two in one": f"{origin} https://evil.example",
    }


async def post(client: httpx2.AsyncClient, **headers: str) -> httpx2.Response:
    """A change, with these headers and no Origin of the client's own."""
    request = client.build_request("POST", "/change", content=b"x")
    del request.headers["Origin"]
    request.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return await client.send(request)


async def test_a_change_is_only_taken_from_our_own_pages(door: Entrance, subtests: pytest.Subtests) -> None:
    async with door.browser() as client:
        for name, origin in foreign(door.origin).items():
            with subtests.test(name):
                answer = await post(client, **({} if origin is None else {"Origin": origin}))
                assert answer.status_code == 403
                assert door.origin in answer.text
        assert (await post(client, Origin=door.origin)).status_code == 200
    assert await records(door.db, "access.refused") == []  # nobody's session was used


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", "SAME-ORIGIN", ""])
async def test_what_the_browser_says_of_the_site_is_believed(door: Entrance, site: str) -> None:
    async with door.browser() as client:
        assert (await post(client, Origin=door.origin, Sec_Fetch_Site=site)).status_code == 403
        assert (await post(client, Sec_Fetch_Site="same-origin")).status_code == 200
        assert (await post(client, Sec_Fetch_Site="same-origin", Origin="null")).status_code == 403


async def test_reading_needs_no_origin(door: Entrance) -> None:
    async with door.browser() as client:
        assert (await client.get("/", headers={"Origin": "https://evil.example"})).status_code == 200


async def test_a_socket_is_opened_for_our_own_pages_only_and_the_auditor_learns_of_others(
    door: Entrance, subtests: pytest.Subtests
) -> None:
    async with door.browser() as client:
        await login(client, INES.subject_name_id)
        cookie = {"Cookie": f"telepath={client.cookies['telepath']}"}
        await post(client, Origin="https://evil.example")
    address = door.origin.replace("http:", "ws:") + "/socket"
    for name, origin in foreign(door.origin).items():
        with subtests.test(name):
            headers = cookie if origin is None else cookie | {"Origin": origin}
            with pytest.raises(InvalidStatus) as refused:
                async with websockets.connect(address, additional_headers=headers, proxy=None):
                    pass
            assert refused.value.response.status_code == 403
    ours = cookie | {"Origin": door.origin}
    async with websockets.connect(address, additional_headers=ours, proxy=None) as socket:
        assert await socket.recv() == "Dr Inès Flamboyant"
    await door.db.refusals.close()
    found = await records(door.db, "access.refused")
    assert {(one["object_kind"], one["outcome"], one["institution"]) for one in found} == {
        ("person", "refused", door.places["cayenne"])
    }
    assert [(one["detail"]["action"], one["detail"].get("times")) for one in found] == [
        ("request.send", None),
        ("socket.open", None),
        ("socket.open", len(foreign(door.origin)) - 1),
    ]
    assert (await of_actor(door.db, found[1]))["subject_name_id"] == INES.subject_name_id
    for language in LANGUAGES:
        t = door.words(language)
        assert all(t.has(f"audit-action-{one['detail']['action'].replace('.', '-')}") for one in found)
        assert t.has(f"audit-reason-{found[0]['detail']['reason']}")


async def test_a_socket_knows_nobody_without_a_living_session(door: Entrance) -> None:
    address = door.origin.replace("http:", "ws:") + "/socket"
    for cookie in ("telepath=invented", "other=1"):
        with pytest.raises(InvalidStatus) as refused:
            async with websockets.connect(
                address, additional_headers={"Origin": door.origin, "Cookie": cookie}, proxy=None
            ):
                pass
        assert refused.value.response.status_code == 403


async def test_a_page_keeps_to_itself(door: Entrance) -> None:
    async with door.browser() as client:
        page = await client.get("/login")
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert page.headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in page.headers["permissions-policy"]
    assert "strict-transport-security" not in page.headers
    policy = dict(part.split(" ", 1) for part in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["connect-src"] == f"'self' {door.origin.replace('http:', 'ws:')}"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    provider = door.settings.oidc_issuer.removesuffix("/auth/realms/esante-wallet")
    assert policy["form-action"] == f"'self' {provider}"
    assert "unsafe" not in page.headers["content-security-policy"]


async def test_pages_of_a_signed_in_person_are_not_kept_but_built_files_are(door: Entrance) -> None:
    async with door.browser() as client:
        assert "cache-control" not in (await client.get("/")).headers
        await login(client, INES.subject_name_id)
        assert (await client.get("/")).headers["cache-control"] == "no-store"
        style = await client.get("/static/app.css")
        assert "immutable" in style.headers["cache-control"]
        assert style.headers["x-content-type-options"] == "nosniff"


async def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(door: Entrance) -> None:
    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(101):
            yield b"x" * 10_000

    async with door.browser() as client:
        assert (await client.post("/change", content=b"x" * 1_000_000)).text == "1000000"
        announced = await client.post("/change", content=b"x" * 1_000_001)
        assert announced.status_code == 413
        assert "1000 ko" in announced.text.replace("\N{NARROW NO-BREAK SPACE}", "").replace("\N{NO-BREAK SPACE}", "")
        assert (await client.post("/change", content=unannounced())).status_code == 413


async def test_an_unknown_or_malformed_cookie_is_nobody(door: Entrance) -> None:
    async with door.browser() as client:
        for cookie in ("", "x", "x" * 4000, "%00", "a b;c"):
            answer = await client.get("/", headers={"Cookie": f"telepath={cookie}"})
            assert (answer.status_code, answer.json()) == (200, None)


async def test_the_host_header_changes_nothing(door: Entrance) -> None:
    async with door.browser() as client:
        away = await client.get("/login/start", headers={"Host": "evil.example"})
        assert "evil" not in away.headers["location"]
        answer = await client.post("/change", headers={"Host": "evil.example", "Origin": "http://evil.example"})
        assert answer.status_code == 403


def test_the_address_is_the_nearest_one_that_is_no_proxy_of_ours() -> None:
    settings = Settings(trusted_proxies="127.0.0.1,10.0.0.0/8")
    assert address_of("192.0.2.7", [], settings) == "192.0.2.7"
    assert address_of("192.0.2.7", ["203.0.113.9"], settings) == "192.0.2.7", "no proxy of ours said so"
    assert address_of("127.0.0.1", ["203.0.113.9"], settings) == "203.0.113.9"
    assert address_of("127.0.0.1", ["198.51.100.1, 203.0.113.9, 10.1.2.3"], settings) == "203.0.113.9"
    assert address_of("127.0.0.1", ["198.51.100.1", "203.0.113.9"], settings) == "203.0.113.9"
    assert address_of("127.0.0.1", ["2001:db8::1"], settings) == "2001:db8::1"
    assert address_of("127.0.0.1", ["<script>"], settings) == "127.0.0.1"
    assert address_of("127.0.0.1", ["10.1.2.3"], settings) == "10.1.2.3"
    assert address_of("", ["203.0.113.9"], settings) == ""


def test_over_https_the_cookie_belongs_to_the_host_alone_and_sockets_are_encrypted() -> None:
    settings = Settings(origin="https://telepath.example")
    assert session_cookie(settings) == "__Host-telepath"
    assert "connect-src 'self' wss://telepath.example;" in content_security_policy(settings.origin, [])


def test_a_session_is_as_long_as_the_settings_say() -> None:
    limits = session_limits(Settings(session_hours=2, session_idle_minutes=10))
    assert (limits.longest.total_seconds(), limits.idle.total_seconds()) == (7200, 600)
