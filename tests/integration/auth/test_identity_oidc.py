"""What a provider may do differently and is still believed, and what becomes of a login while it is in trouble."""

import asyncio
from itertools import product
from typing import Any

import httpx2
import msgspec
import pytest
from joserfc.jwk import KeySet
from starlette.exceptions import HTTPException

from auth.agreement import Provider
from auth.foreign import ClaimNames
from auth.identity_oidc import OpenIdProvider
from auth.model import LoginFailed, VerifiedIdentity
from telepath.errors import Unavailable
from tests.entrance import Entrance
from tests.forgeries import OTHER_KEY, Document, later, part, with_, without
from tests.identities import INES
from tests.login import altering, free_port, issuer_at, location, login, pick, pick_at


async def test_a_token_that_expired_within_the_leeway_is_still_good(plain_entrance: Entrance) -> None:
    plain_entrance.alter = altering(claims=later("exp", -149))
    async with plain_entrance.browser() as client:
        assert (await login(client, INES.subject_name_id)).status_code == 303


async def test_every_accepted_level_is_accepted(plain_entrance: Entrance) -> None:
    for acr in ("eidas1", "eidas2", "eidas3"):
        plain_entrance.alter = altering(claims=with_(acr=acr))
        async with plain_entrance.browser() as client:
            assert (await login(client, INES.subject_name_id)).status_code == 303
            assert (await client.get("/")).json()["acr"] == acr


async def test_a_new_signing_key_is_fetched_once_when_it_first_appears(plain_entrance: Entrance) -> None:
    fetched = 0

    def count(stage: str, document: Document) -> Document:
        nonlocal fetched
        fetched += stage == "keys"
        return document

    plain_entrance.alter = count
    async with plain_entrance.browser() as client:
        await login(client, INES.subject_name_id)
        await login(client, INES.subject_name_id)
        assert fetched == 1
        plain_entrance.simulator.rotate_key()
        plain_entrance.clock.advance(seconds=10)
        assert (await login(client, INES.subject_name_id)).status_code == 303
        assert fetched == 2


async def test_a_key_that_stays_unknown_is_asked_for_once_per_login(plain_entrance: Entrance) -> None:
    fetched = 0

    def stranger(stage: str, document: Document) -> Document:
        nonlocal fetched
        fetched += stage == "keys"
        return document | {"kid": "unheard-of"} if stage == "header" else document

    plain_entrance.alter = stranger
    async with plain_entrance.browser() as client:
        assert "key-unknown" in (await login(client, INES.subject_name_id)).text
    assert fetched == 1


async def test_a_key_that_nobody_can_use_leaves_the_others_good(plain_entrance: Entrance) -> None:
    odd: list[Any] = [
        {"kty": "EC", "kid": "curve", "crv": "brainpoolP256r1", "x": "AA", "y": "AA"},
        {"kty": "EC", "kid": "point", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA", "kid": "half", "n": "AQAB"},
        {"kty": ["RSA"], "kid": "kind"},
        {"kid": "nothing"},
        "text",
    ]
    plain_entrance.alter = altering(keys=lambda sent: {"keys": [*odd, *sent["keys"]]})
    async with plain_entrance.browser() as client:
        assert (await login(client, INES.subject_name_id)).status_code == 303
        plain_entrance.clock.advance(hours=2)
        plain_entrance.alter = altering(keys=lambda _sent: {"keys": odd})
        assert (await login(client, INES.subject_name_id)).status_code == 503


async def test_a_flood_of_odd_keys_makes_one_request_in_ten_seconds(plain_entrance: Entrance) -> None:
    fetched = 0

    def count(stage: str, document: Document) -> Document:
        nonlocal fetched
        fetched += stage == "keys"
        return document

    async def odd(number: int) -> None:
        with pytest.raises(LoginFailed) as refused:
            await plain_entrance.identity.read_logout(f"{part({'alg': 'RS256', 'kid': f'odd-{number}'})}.e30.AA")
        assert refused.value.reason == "key-unknown"

    plain_entrance.alter = count
    for _ in range(2):
        await asyncio.gather(*(odd(number) for number in range(30)))
        await odd(0)
        plain_entrance.clock.advance(seconds=10)
    assert fetched == 2
    # A clock that was put back shuts nobody out: what was fetched in its future is old.
    plain_entrance.clock.advance(days=-1)
    async with plain_entrance.browser() as client:
        assert (await login(client, INES.subject_name_id)).status_code == 303
    assert fetched == 3


async def test_somebody_from_abroad_is_bound_under_their_provider_and_nothing_else_is_believed(
    plain_entrance: Entrance,
) -> None:
    """The simulator as another provider: at the standard address, with all that it says of practices."""
    door = plain_entrance.identity.provider
    abroad = OpenIdProvider(
        Provider(
            key="leuven",
            issuer=door.issuer,
            discovery=f"{door.issuer}/.well-known/openid-configuration",
            client_id=door.client_id,
            client_secret=door.client_secret,
            redirect_uri=door.redirect_uri,
            after_logout=door.after_logout,
            scope="openid profile",
            accepted_acr=frozenset({"eidas1"}),
            max_age=4 * 3600,
            claims=ClaimNames(family_name="SubjectNameID"),
        ),
        clock=plain_entrance.clock,
    )

    async def come() -> VerifiedIdentity:
        started = await abroad.start(fresh=False)
        assert "max_age=14400" in started.url
        async with plain_entrance.browser() as client:
            answer = httpx2.URL(await pick_at(client, started.url, INES.subject_name_id)).params
        return await abroad.finish(
            dict(answer), nonce=started.nonce, verifier=started.verifier, authenticated_since=None
        )

    plain_entrance.alter = altering(claims=without("SubjectNameID"))
    subject = plain_entrance.simulator.sub(INES)
    proven = await come()
    assert (proven.provider, proven.subject, proven.subject_name_id) == ("leuven", subject, f"leuven:{subject}")
    assert proven.practices == ()
    assert proven.finess == frozenset()
    assert proven.family_name == INES.subject_name_id  # shown as a name, and bound to nobody
    renewed = await abroad.refresh(proven.refresh_token)
    assert (renewed.subject, renewed.subject_name_id) == (subject, f"leuven:{subject}")
    for spoilt, reason in (
        (altering(claims=with_(acr="eidas2")), "acr"),
        (altering(claims=without("auth_time")), "auth-time-missing"),
        (altering(claims=with_(sub="s" * 58), userinfo=with_(sub="s" * 58)), "subject-name-id-too-long"),
    ):
        plain_entrance.alter = spoilt
        with pytest.raises(LoginFailed) as refused:
            await come()
        assert refused.value.reason == reason


async def test_addresses_of_the_settings_hold_over_those_of_discovery(plain_entrance: Entrance) -> None:
    door = plain_entrance.identity.provider
    fixed = msgspec.structs.replace(door, endpoints={"authorization_endpoint": "http://wallet.example/pick"})
    started = await OpenIdProvider(fixed, clock=plain_entrance.clock).start(fresh=False)
    assert started.url.startswith("http://wallet.example/pick?")


async def test_a_token_may_leave_the_only_key_unnamed_but_not_one_of_several(plain_entrance: Entrance) -> None:
    plain_entrance.alter = altering(header=without("kid"))
    async with plain_entrance.browser() as client:
        assert (await login(client, INES.subject_name_id)).status_code == 303
    two = KeySet([plain_entrance.simulator.key, OTHER_KEY]).as_dict(private=False)
    plain_entrance.simulator.rotate_key()
    plain_entrance.alter = altering(header=without("kid"), keys=lambda sent: {"keys": [*sent["keys"], *two["keys"]]})
    plain_entrance.clock.advance(seconds=10)
    async with plain_entrance.browser() as client:
        assert "key-unknown" in (await login(client, INES.subject_name_id)).text


async def test_a_provider_in_trouble_is_unavailable_not_a_refusal(
    plain_entrance: Entrance, subtests: pytest.Subtests
) -> None:
    for stage, status in product(("token", "userinfo", "keys", "discovery"), (500, 502, 503, 504)):

        def trouble(at: str, document: Document, stage: str = stage, status: int = status) -> Document:
            if at == stage:
                raise HTTPException(status)
            return document

        with subtests.test(f"{stage} {status}"):
            plain_entrance.alter = trouble
            plain_entrance.clock.advance(hours=1)
            async with plain_entrance.browser() as client:
                if stage == "discovery":
                    page = await client.get("/login/start")
                else:
                    page = await login(client, INES.subject_name_id)
                assert page.status_code == 503
                assert "Ce n’est pas un refus" in page.text
    assert await plain_entrance.sessions() == 0
    assert await plain_entrance.audited() == []


async def test_a_code_is_worth_nothing_without_its_verifier(plain_entrance: Entrance) -> None:
    """Whoever stole a code from a log cannot redeem it."""
    async with plain_entrance.browser() as client:
        callback = await pick(client, "/login/start", INES.subject_name_id)
        for code in plain_entrance.simulator.codes.values():
            code.asked = type(code.asked)(
                **{name: getattr(code.asked, name) for name in code.asked.__struct_fields__ if name != "challenge"},
                challenge="A" * 43,
            )
        assert "code-rejected" in (await client.get(callback)).text


async def test_the_wallet_sends_nobody_to_an_address_that_is_not_registered(plain_entrance: Entrance) -> None:
    async with plain_entrance.browser() as client:
        away = location(await client.get("/login/start"))
        for wrong in (away.replace("client_id=telepath", "client_id=evil"), away.replace("callback", "callback2")):
            page = await client.get(wrong)
            assert page.status_code == 400
            assert "location" not in page.headers


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (("code_challenge_method=S256", "code_challenge_method=plain"), "invalid_request"),
        (("response_type=code", "response_type=token"), "unsupported_response_type"),
        (("scope=openid+scope_all", "scope=profile"), "invalid_scope"),
    ],
)
async def test_the_wallet_refuses_what_the_real_one_would(
    plain_entrance: Entrance, change: tuple[str, str], error: str
) -> None:
    async with plain_entrance.browser() as client:
        away = location(await client.get("/login/start"))
        assert change[0] in away
        answer = await client.get(away.replace(*change))
        assert f"error={error}" in location(answer)


async def test_the_wallet_page_is_in_english_for_an_english_browser(plain_entrance: Entrance) -> None:
    async with plain_entrance.browser() as client:
        client.headers["Accept-Language"] = "en-GB,en;q=0.9"
        page = await client.get(location(await client.get("/login/start")))
    assert '<html lang="en">' in page.text
    assert "This is not Pro Santé Connect." in page.text


async def test_the_wallet_page_says_that_its_identities_are_invented_and_has_no_script(
    plain_entrance: Entrance,
) -> None:
    async with plain_entrance.browser() as client:
        page = await client.get(location(await client.get("/login/start")))
    assert "Simulateur" in page.text
    assert "identités fictives" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"form-action 'self' {plain_entrance.origin}" in policy


def unreachable(port: int) -> OpenIdProvider:
    return OpenIdProvider(
        Provider(
            issuer=issuer_at(port),
            client_id="telepath",
            client_secret="secret",
            redirect_uri="http://127.0.0.1:1/login/callback",
            after_logout="http://127.0.0.1:1/login/left",
        )
    )


async def test_a_provider_that_is_not_there_is_unavailable_and_no_error_at_start() -> None:
    provider = unreachable(free_port())
    await provider.prepare()
    with pytest.raises(Unavailable):
        await provider.start(fresh=False)


async def test_a_provider_that_never_answers_is_given_up_within_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.endpoints.PATIENCE", 0.2)
    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        gone.set()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(Unavailable):
            await unreachable(port).start(fresh=False)
        await gone.wait()
