"""What each side learns of what happened to a consult, and when."""

import msgspec
import pytest
from sqlalchemy import select

from consults import board, material, offers, repository, timeline, worklist
from consults.grades import Graded
from consults.kinds import Grade, MaterialKind
from consults.wish import View, Wish
from telepath.db.database import Database
from telepath.db.schema.outbox import outbox
from tests.network_story import NetworkStory

MAJOR = Graded(Grade.MAJOR, "Un lymphome, non une hyperplasie.")


@pytest.fixture
async def story(database: Database) -> NetworkStory:
    return await NetworkStory(database).set_up()


async def told(story: NetworkStory, consult_id: str) -> list[str]:
    """The kinds of moments that the requester's side is shown."""
    async with story.db.read() as reader:
        return [one.kind for one in await timeline.of_consult(reader, await repository.get(reader, consult_id))]


async def test_a_signature_that_waits_for_another_shows_as_little_as_a_draft(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True)
    await story.writes("karim", consult_id)
    drafted = await told(story, consult_id)
    assert drafted[-1] == "drafting"
    await story.signs("karim", consult_id, graded=MAJOR)
    assert await told(story, consult_id) == drafted
    await offers.accept(story.db, story["nadia"], consult_id)
    assert await told(story, consult_id) == drafted


async def test_who_reads_third_has_no_name_for_who_asked_before_the_answer_is_out(story: NetworkStory) -> None:
    consult_id = await story.asked(network=True)
    await story.signs("karim", consult_id, graded=MAJOR)
    before = len(await story.told())
    nadia, cora = story["nadia"].person_id, await story.person("cora", "cayenne", "Cora", "Maripa")
    await offers.accept(story.db, story["nadia"], consult_id)
    wanted = await material.ask(story.db, story["nadia"], consult_id, MaterialKind.IHC, "CD10.")
    await material.withdraw(story.db, story["nadia"], consult_id, wanted)

    async def named(key: str) -> set[str]:
        async with story.db.read() as reader:
            hidden = await repository.unnamed(reader, story.case_id, story[key].person_id)
            consult = await repository.get(reader, consult_id)
            return {one.person_id for one in await timeline.of_consult(reader, consult, None, hidden)}

    assert nadia not in await named("zoe")
    assert nadia not in await named("cora")
    assert nadia in await named("karim")
    async with story.db.read() as reader:
        rows = await reader.all(
            select(outbox.c.body).where(outbox.c.kind.in_(("consult.suspended", "consult.resumed")))
        )
        lines = [
            *(await worklist.of_person(reader, story["zoe"])).waiting,
            *(await board.of_institution(reader, cora.institution_id)).lines,
        ]
        everything = str([msgspec.to_builtins(lines), *(row["body"] for row in rows)])
        found = await worklist.page(reader, story["zoe"], Wish(view=View.WAITING, words="Belkacem"), [])
    assert nadia not in everything
    assert "Belkacem" not in everything
    assert "Haddad" in everything
    assert found.entries == []
    assert ("consult.suspended", "zoe") in (await story.told())[before:]

    await story.signs("nadia", consult_id, "Lymphome.", graded=MAJOR)
    assert nadia in await named("zoe")
