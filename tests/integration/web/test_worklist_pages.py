"""The tabs of the worklist, what is looked for on them, and filters under a name; all of it without script."""

import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from telepath.actor import Role
from telepath.db.database import Database
from tests.consult_desk import Desk, seated


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> AsyncIterator[Desk]:
    async with seated(database, tmp_path) as made:
        yield made


def lines(page: str) -> int:
    return page.count('href="/consults/')


async def test_each_tab_has_its_own_and_says_how_many(desk: Desk) -> None:
    urgent = await desk.asked(urgency="urgent")
    await desk.asked(urgency="systematic")
    page = await desk.page("/")
    assert re.search(r'href="/\?view=waiting"[^>]*>En attente <span class="count">2</span>', page)
    assert 'data-view="all"' not in page, "for coordinators"
    assert lines(await desk.page("/?view=waiting")) == 2
    assert "Rien n’attend votre action" in await desk.page("/?view=to-answer")
    assert "Aucune échéance dépassée" in await desk.page("/?view=late")
    desk.clock.advance(hours=25)
    desk.sit("zoe")
    late = await desk.page("/?view=late")
    assert lines(late) == 1
    assert urgent in late
    whole = await desk.page("/?view=institution")
    assert lines(whole) == 2
    assert "Demandeur" in whole
    assert lines(await desk.page("/?view=all")) == 0
    # Nobody of another place sees them; the one who was asked has them on a tab of their own.
    desk.sit("karim")
    assert lines(await desk.page("/?view=institution")) == 0
    assert lines(await desk.page("/?view=to-answer")) == 2
    cora = await desk.person("cora", "cayenne", "Cora", "Maripa", roles=[Role.COORDINATOR])
    desk.services.actor = cora
    assert lines(await desk.page("/?view=all")) == 2
    assert lines(await desk.page("/?view=all&q=Haddad")) == 2
    assert lines(await desk.page("/?view=all&q=Ganglion&urgency=urgent")) == 1
    assert "Aucune demande ne correspond" in await desk.page("/?view=all&q=mélanome")


async def test_a_search_finds_only_by_what_its_reader_sees(desk: Desk) -> None:
    await desk.asked()
    for wanted in ("00417", "cervical", "haddad", "moelle"):  # number, title, name, organ in French
        assert lines(await desk.page(f"/?q={wanted}")) == 1, wanted
    assert lines(await desk.page("/?q=Marchand")) == 0, "one’s own name says nothing"
    assert "Aucune demande ne correspond" in await desk.page("/?q=%25")
    desk.sit("karim")
    assert lines(await desk.page("/?q=00417")) == 1
    assert lines(await desk.page("/?q=marchand")) == 1
    assert lines(await desk.page("/?q=cervical")) == 0, "the title comes with the acceptance"
    for nonsense in ("?view=nobody&sort=x&urgency=x", "?after=zz", "?view=waiting&after=9999999999999999_" + "0" * 26):
        await desk.page(f"/{nonsense}")


async def test_a_filter_is_kept_under_a_name_and_is_nobody_elses(desk: Desk) -> None:
    await desk.asked(urgency="urgent")
    found = await desk.page("/?urgency=urgent&q=ganglion")
    assert lines(found) == 1
    query = re.findall(r'name="query" value="([^"]+)"', found)[0]
    kept = await desk.post("/worklist/filters", **{"filter-name": " Urgents  du ganglion ", "query": query})
    assert kept.headers["location"] == f"/?{query}&done=filter-saved"
    page = await desk.page(kept.headers["location"])
    assert "Filtre enregistré." in page
    assert f'<a href="/?{query}" aria-current="page">Urgents du ganglion</a>' in page
    again = await desk.post("/worklist/filters", 409, **{"filter-name": "Urgents du ganglion", "query": query})
    assert "Vous avez déjà un filtre du nom de « Urgents du ganglion »" in html.unescape(again.text).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert lines(again.text) == 1, "the list is still there"
    await desk.post("/worklist/filters", 422, **{"filter-name": " ", "query": query})
    await desk.post("/worklist/filters", 413, **{"filter-name": "n" * 61, "query": query})
    # Nothing that a database cannot keep is looked for.
    await desk.post("/worklist/filters", 422, **{"filter-name": "", "query": "view=waiting&q=%00a"})
    (key,) = re.findall(r"/worklist/filters/(\w{26})/remove", page)
    desk.sit("karim")
    assert "Urgents du ganglion" not in await desk.page("/")
    await desk.post(f"/worklist/filters/{key}/remove", 404)
    desk.sit("zoe")
    await desk.post(f"/worklist/filters/{key}/remove")
    assert "Urgents du ganglion" not in await desk.page("/?done=filter-removed")
