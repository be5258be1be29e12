"""What each side learns of what happened to a consult, and when."""

import pytest

from consults import offers, repository, timeline
from consults.grades import Graded
from consults.kinds import Grade
from telepath.db.database import Database
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
