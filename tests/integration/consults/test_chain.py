"""A second opinion after a first, on both databases: who may be asked, and what they may know of the first."""

import pytest

from consults import chain, offers, repository, request
from telepath.errors import Invalid, NotFound
from tests.consult_story import QUESTION, Story


async def test_a_later_consult_follows_an_answered_one_of_the_same_case_and_asks_somebody_else(story: Story) -> None:
    zoe, anne = story["zoe"], story["anne"].person_id
    open_id = await story.accepted()
    with pytest.raises(Invalid, match="error-chain-unanswered"):
        await request.request(story.db, zoe, story.case_id, QUESTION, anne, follows_id=open_id)
    first, signed = await story.signed()
    elsewhere = await story.case(zoe, "26-00999")
    await story.slide(zoe, elsewhere)
    with pytest.raises(NotFound):
        await request.request(story.db, zoe, elsewhere, QUESTION, anne, follows_id=first)
    with pytest.raises(Invalid, match="error-expert"):
        await request.request(story.db, zoe, story.case_id, QUESTION, story["karim"].person_id, follows_id=first)
    blind = await request.request(story.db, zoe, story.case_id, QUESTION, anne, follows_id=first)
    await offers.accept(story.db, story["anne"], blind)
    story.clock.advance(minutes=1)
    shown = await request.request(story.db, zoe, story.case_id, QUESTION, anne, follows_id=first, shows_earlier=True)
    async with story.db.read() as reader:
        before = await repository.get(reader, first)
        around = await chain.around(reader, before)
        assert [one.id for one in around.later] == [blind, shown]
        assert around.earlier == ()
        after = await repository.get(reader, blind)
        assert [one.id for one in (await chain.around(reader, after)).earlier] == [first]
        assert await chain.known(reader, after) == []
        told = await chain.known(reader, await repository.get(reader, shown))
        assert [one.digest for one in told] == [signed.digest]
        assert await chain.known(reader, before) == []
    (recorded,) = [detail for kind, _, detail in await story.audited() if detail.get("shows_earlier")]
    assert recorded["follows"] == first
