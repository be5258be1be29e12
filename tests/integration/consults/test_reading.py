"""Writing an opinion, and who has looked at the request, on both databases."""

import pytest

from consults import reading, repository
from consults.opinion import Draft, fingerprint
from telepath import grants
from telepath.access import Action
from telepath.errors import Conflict, Refused
from tests import audited
from tests.consult_story import DRAFT, Story, outcomes


async def test_each_draft_that_is_saved_has_its_record_and_the_next_version(story: Story) -> None:
    consult_id = await story.accepted()
    first = await reading.save_draft(story.db, story["karim"], consult_id, 1, Draft("Lymph"))
    second = await reading.save_draft(story.db, story["karim"], consult_id, first.version, Draft("Lymphome"))
    assert (first.version, second.version) == (2, 3)
    one, other = await audited.records(story.db, "opinion.drafted")
    assert one["detail"]["changed"] == other["detail"]["changed"] == ["conclusion"]
    digests = [await audited.of_case(story.db, record) for record in (one, other)]
    assert digests[0]["digest"] == digests[1]["digest_before"] != digests[1]["digest"]
    assert digests[0]["digest"] == fingerprint(Draft("Lymph"))


async def test_of_two_windows_that_save_at_once_neither_overwrites_the_other(story: Story) -> None:
    consult_id = await story.accepted()
    texts = ["De la première fenêtre", "De la seconde"]
    results = await outcomes(
        *(reading.save_draft(story.db, story["karim"], consult_id, 1, Draft(text)) for text in texts)
    )
    assert sorted(str(result) for result in results) == sorted([str(None), str(Conflict)])
    async with story.db.read() as reader:
        kept = await repository.reading_by(reader, consult_id, story["karim"].person_id)
    assert kept.draft.conclusion == texts[results.index(None)]


async def test_the_requester_cannot_write_the_opinion(story: Story) -> None:
    consult_id = await story.accepted()
    with pytest.raises(Refused):
        await reading.save_draft(story.db, story["zoe"], consult_id, 1, DRAFT)


async def test_a_page_that_refreshes_itself_is_one_view_within_the_hour(story: Story) -> None:
    consult_id = await story.requested()
    for _ in range(3):
        async with story.db.read() as reader:
            consult = await repository.get(reader, consult_id)
            allowed = await grants.require(reader, story["karim"], Action.CONSULT_VIEW, consult.ref)
        await reading.record_view(story.db, story["karim"], consult, allowed)
        story.clock.advance(minutes=29)
    assert [record[0] for record in await story.audited()].count("consult.viewed") == 1
    story.clock.advance(minutes=5)
    await reading.record_view(story.db, story["karim"], consult, allowed)
    assert [record[0] for record in await story.audited()].count("consult.viewed") == 2
