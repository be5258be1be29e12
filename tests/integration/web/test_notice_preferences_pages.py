"""/notices/preferences: of what one wants to hear by mail and in the browser."""

import json
from collections import Counter

from telepath.actor import Actor
from telepath.notices import preferences, store
from telepath.notices.model import KINDS
from telepath.notices.preferences import ALWAYS, Channel
from tests.consult_desk import Desk
from tests.house import WORDS
from web.routes.notice_preferences import GROUPS
from web.routes.notices import _told


def test_every_kind_is_on_the_page_once() -> None:
    assert Counter(kind for kinds in GROUPS.values() for kind in kinds) == Counter(list(KINDS))


async def test_everybody_chooses_for_themselves_without_script(desk: Desk) -> None:
    listed = await desk.page("/notices")
    assert 'href="/notices/preferences"' in listed
    page = await desk.page("/notices/preferences")
    assert "Un confrère a signé l’avis demandé." in page
    assert 'value="opinion.signed:mail" checked>' in page
    assert 'value="consult.accepted:mail">' in page
    for kind in ALWAYS:
        assert f'value="{kind}:browser" checked disabled>' in page

    sent = await desk.browser.post(
        "/notices/preferences", data={"wanted": ["consult.accepted:mail", "thread.written:browser"]}
    )
    assert sent.headers["location"] == "/notices/preferences?done=notices-chosen"
    page = await desk.page("/notices/preferences?done=notices-chosen")
    assert "Vos choix sont enregistrés." in page
    assert 'value="opinion.signed:mail">' in page
    assert 'value="consult.accepted:mail" checked>' in page
    desk.sit("karim")
    assert 'value="opinion.signed:mail" checked>' in await desk.page("/notices/preferences")
    for wrong in ("opinion.signed", "opinion.signed:pigeon", "of.nothing:mail"):
        assert (await desk.post("/notices/preferences", 422, wanted=wrong)).status_code == 422


async def test_an_open_page_hears_whether_the_browser_is_to_show_it(desk: Desk) -> None:
    zoe = desk.actors["zoe"]

    async def shown(to: Actor, kind: str, source: str) -> bool:
        made = await store.store(desk.db, source, kind, {"person": to.person_id, "consult": desk.case_id})
        assert made is not None
        async with desk.db.read() as db:
            told = _told(made, 1, WORDS("fr"), await preferences.of(db, to.person_id))
        return bool(json.loads(json.dumps(told.browser)))

    assert await shown(zoe, "opinion.signed", "1")
    await preferences.choose(desk.db, zoe, [("consult.accepted", Channel.BROWSER)])
    assert not await shown(zoe, "opinion.signed", "2")
    assert await shown(zoe, "consult.accepted", "3")
    assert await shown(zoe, "consult.ringing", "4")
