"""What a trainer sets on the simulator's pages, what becomes of it, and what the service makes of each trouble."""

import re
from datetime import timedelta

import pytest

from auth.simulator.conditions import NORMAL, Conditions, Lifetimes, Stage, Trouble
from tests.entrance import Entrance
from tests.identities import CAMILLE, EDITH, HUGO, INES
from tests.login import login
from tests.simulator_stand import Stand

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_conditions_are_set_on_a_page_without_script_for_one_login_or_for_all(stand: Stand) -> None:
    provider, page = stand.provider, f"{stand.provider.origin}/conditions"
    for language, word in (("fr-FR", "Tout est normal"), ("en-GB", "Everything is normal")):
        shown = await stand.http.get(page, headers={"Accept-Language": language})
        assert f'<html lang="{language[:2]}">' in shown.text
        assert word in shown.text
        assert "<script" not in shown.text
        assert "style=" not in shown.text
    once = {"acr": "eidas2", "means": "MOBILE", "places": "several", "profession": "nurse", "refresh": "0"}
    assert (await stand.http.post(page, data=once | {"lasting": "once"})).status_code == 303
    shown = await stand.http.get(page)
    assert "Pour la prochaine connexion seulement" in shown.text
    assert "Conditions particulières" in (await stand.http.get(stand.wallet())).text
    given = await stand.log_in()
    claims = stand.claims(given["id_token"])
    assert (claims["acr"], claims["authMode"]) == ("eidas2", "MOBILE")
    assert "refresh_token" not in given
    [practice] = (await stand.person(given)).json()["SubjectRefPro"]["exercices"]
    assert practice["codeProfession"] == "60"
    assert len(practice["activities"]) == 3
    assert provider.conditions == NORMAL
    assert stand.claims((await stand.log_in())["id_token"])["acr"] == "eidas1"
    await stand.http.post(page, data={"acr": "absent", "lasting": "always"})
    for _ in range(2):
        assert "acr" not in stand.claims((await stand.log_in())["id_token"])
    await stand.http.post(page, data={"reset": "1"})
    assert provider.conditions == NORMAL
    await stand.http.post(page, data={"acr": "nonsense", "trouble": "", "session": "-1", "lasting": "always"})
    assert provider.conditions == NORMAL
    refused = await stand.http.post(page, data={"trouble": "down"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert provider.conditions == NORMAL


async def test_lifetimes_are_those_of_the_login_that_they_were_set_for(stand: Stand) -> None:
    short = Lifetimes(refresh=timedelta(seconds=20), session=timedelta(minutes=1), access=timedelta(seconds=10))
    stand.provider.conditions = Conditions(lifetimes=short, once=True)
    given = await stand.log_in()
    assert (given["expires_in"], given["refresh_expires_in"]) == (10, 20)
    stand.clock.advance(seconds=10)
    assert (await stand.person(given)).status_code == 401
    given = await stand.refresh(given)
    stand.clock.advance(seconds=49)
    assert (await stand.refresh(given))["error"] == "invalid_grant"
    stand.clock.advance(seconds=1)
    assert (await stand.log_in())["refresh_expires_in"] == 1800


async def test_a_trouble_of_the_renewal_waits_for_it(stand: Stand) -> None:
    provider = stand.provider
    given = await stand.log_in()
    for trouble, error in ((Trouble.REFRESH_DOWN, "temporarily_unavailable"), (Trouble.REFRESH_OTHER, "")):
        provider.conditions = Conditions(trouble=trouble, once=True)
        await stand.log_in()
        assert provider.conditions.trouble is trouble
        answer = await stand.refresh(given)
        assert answer.get("error", "") == error
        assert provider.conditions == NORMAL
        given = given if error else answer
    assert stand.claims(given["id_token"])["sub"] != provider.sub(INES)
    provider.conditions = Conditions(trouble=Trouble.REFRESH_REFUSED)
    assert (await stand.refresh(given))["error"] == "invalid_grant"


async def test_a_provider_that_is_down_answers_no_service_and_can_be_brought_back(stand: Stand) -> None:
    given = await stand.log_in()
    stand.provider.conditions = Conditions(trouble=Trouble.DOWN, once=True)
    well_known = f"{stand.provider.issuer}/.well-known/wallet-openid-configuration"
    for address in (well_known, f"{stand.provider.connect}/certs", stand.wallet()):
        assert (await stand.http.get(address)).status_code == 503
    assert (await stand.refresh(given))["error"] == "temporarily_unavailable"
    assert (await stand.person(given)).status_code == 503
    await stand.http.post(f"{stand.provider.origin}/conditions", data={"reset": "1"})
    assert (await stand.http.get(well_known)).status_code == 200
    assert "access_token" in await stand.refresh(given)


async def test_identities_of_other_origins_have_no_practice(stand: Stand) -> None:
    for identity in (EDITH, CAMILLE):
        given = await stand.log_in(identity, prompt="login")
        claims, person = stand.claims(given["id_token"]), (await stand.person(given)).json()
        assert claims["SubjectNameID"] == person["SubjectNameID"] == identity.subject_name_id
        assert person["otherIds"] == [
            {"identifiant": identity.subject_name_id, "origine": identity.origin, "qualite": 1}
        ]
        assert person["SubjectRefPro"]["exercices"] == []
        assert ("codeCivilite" in person) is (identity.origin == "EDIT")
        assert (await stand.http.get(f"{stand.provider.origin}/phone/{identity.subject_name_id}")).status_code == 200
    page = await stand.http.get(stand.wallet(prompt="login"))
    headings = re.findall(r"<h2[^>]*>([^<]+)</h2>", page.text)
    assert headings == [INES.institution_name, HUGO.institution_name, "Sans lieu d’exercice"]
    assert "et aussi" in page.text
    assert HUGO.other_activities[0].institution_name in page.text


MET = {
    Trouble.CANCELLED: (200, ""),
    Trouble.UNAVAILABLE: (503, ""),
    Trouble.CODE_REFUSED: (403, "code-rejected"),
    Trouble.EXCHANGE_DOWN: (503, ""),
    Trouble.SLOW: (503, ""),
    Trouble.USERINFO_DOWN: (503, ""),
    Trouble.NEW_KEY: (303, "session.started"),
    Trouble.UNKNOWN_KEY: (403, "key-unknown"),
    Trouble.FORGED: (403, "signature"),
    Trouble.WRONG_NONCE: (403, "nonce"),
    Trouble.WRONG_ISSUER: (403, "issuer"),
    Trouble.WRONG_AUDIENCE: (403, "audience"),
    Trouble.EXPIRED: (403, "expired"),
    Trouble.LONG_AGO: (403, "stale"),
    Trouble.OTHER_SUBJECT: (403, "userinfo-subject"),
    Trouble.NO_IDENTIFIER: (403, "subject-name-id-missing"),
    Trouble.OTHER_STATE: (400, ""),
}
"""The status of the service's answer, and what its audit keeps. It keeps nothing of somebody who turns back, nor of a provider
in trouble."""


@pytest.mark.asyncio(loop_scope="function")
async def test_the_service_meets_every_trouble_of_a_login_as_the_page_says(
    plain_entrance: Entrance, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(MET) == {one for one in Trouble if one.stage is Stage.LOGIN} - {Trouble.NONE}
    monkeypatch.setattr("auth.endpoints.PATIENCE", 1.0)
    monkeypatch.setattr("auth.simulator.endpoints.SLOW", 1.3)
    for trouble, (status, kept) in MET.items():
        with subtests.test(trouble.value):
            before = len(await plain_entrance.audited())
            plain_entrance.simulator.conditions = Conditions(trouble=trouble, once=True)
            await plain_entrance.db.refusals.close()
            plain_entrance.clock.advance(seconds=11)  # the service fetches new keys every ten seconds at most
            async with plain_entrance.browser() as client:
                assert (await login(client, INES.subject_name_id)).status_code == status
                assert ((await client.get("/")).json() is not None) is (status == 303)
            assert plain_entrance.simulator.conditions == NORMAL
            assert [why or kind for kind, why in (await plain_entrance.audited())[before:]] == [kept] * bool(kept)
    assert await plain_entrance.sessions() == 1
