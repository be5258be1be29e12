"""Asking for an opinion and taking it back, on both databases: rows, rights, audit and events live or die together."""

import pytest

from consults import offers, reading, repository, request
from consults.deadlines import Urgency
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from telepath.cases import repository as cases
from telepath.errors import Conflict, Invalid, InvalidTransition, NotFound, Refused
from tests.consult_story import DRAFT, QUESTION, Story


async def test_a_request_makes_an_offer_with_its_reasons_and_tells_the_expert(story: Story) -> None:
    consult_id = await story.requested()
    async with story.db.read() as reader:
        consult = await repository.get(reader, consult_id)
        (offer,) = await repository.offers_of(reader, consult_id)
    assert consult.status is ConsultStatus.ACTIVE
    assert (offer.expert_id, offer.status) == (story["karim"].person_id, OfferStatus.PROPOSED)
    assert {"code": "network", "params": {"network": "LYMPHOPATH"}} in offer.reasons
    assert consult.due_at == offer.due_at
    assert await story.told() == [("consult.offered", "karim")]
    (record,) = await story.audited()
    assert record[:2] == ("consult.requested", "zoe")


async def test_an_offer_opens_the_request_but_neither_the_case_nor_a_slide(story: Story) -> None:
    consult_id = await story.requested()
    assert await story.rights("karim", consult_id) == {"consult.view"}
    assert await story.rights("anne", consult_id) == set()
    assert await story.rights("paul", consult_id) == set()


async def test_only_staff_of_the_owning_institution_may_ask(story: Story) -> None:
    for stranger in ("karim", "paul"):
        with pytest.raises(Refused):
            await request.request(story.db, story[stranger], story.case_id, QUESTION, story["anne"].person_id)
    assert await story.audited() == []


@pytest.mark.parametrize("expert", ["zoe", "nobody"])
async def test_only_a_proposed_expert_can_be_asked(story: Story, expert: str) -> None:
    person_id = story.actors[expert].person_id if expert in story.actors else "nobody"
    with pytest.raises(Invalid) as refused:
        await request.request(story.db, story["zoe"], story.case_id, QUESTION, person_id)
    assert refused.value.code == "error-expert-not-proposed"


async def test_who_has_consults_waiting_is_proposed_with_that_load(story: Story) -> None:
    await story.requested()
    await story.accepted()
    async with story.db.read() as reader:
        case = await cases.get(reader, story.case_id)
        ranking = await request.proposals(reader, story["zoe"], case, "lymphoid", Urgency.STANDARD)
    proposal = ranking.proposal_of(story["karim"].person_id)
    assert proposal is not None
    assert proposal.expert.load == 2


async def test_revoking_ends_every_right_that_the_request_gave(story: Story) -> None:
    consult_id, version = await story.drafted()
    await request.revoke(story.db, story["zoe"], consult_id)
    assert await story.status(consult_id) is ConsultStatus.REVOKED
    assert await story.rights("karim", consult_id) == set()
    with pytest.raises(NotFound):
        await reading.save_draft(story.db, story["karim"], consult_id, version, DRAFT)
    assert ("consult.revoked", "karim") in await story.told()
    async with story.db.read() as reader:
        (cancelled,) = await repository.readings_of(reader, consult_id)
    assert cancelled.status is ReadingStatus.CANCELLED
    assert cancelled.draft == DRAFT


async def test_an_offer_that_is_revoked_is_taken_from_the_expert(story: Story) -> None:
    consult_id = await story.requested()
    await request.revoke(story.db, story["zoe"], consult_id)
    assert await story.rights("karim", consult_id) == set()
    with pytest.raises(Conflict):
        await offers.accept(story.db, story["karim"], consult_id)


async def test_an_expert_cannot_revoke_and_a_signed_opinion_cannot_be_revoked(story: Story) -> None:
    consult_id, _ = await story.signed()
    with pytest.raises(Refused):
        await request.revoke(story.db, story["karim"], consult_id)
    with pytest.raises(InvalidTransition):
        await request.revoke(story.db, story["zoe"], consult_id)


async def test_the_parties_of_a_consult_are_its_requester_and_who_accepted(story: Story) -> None:
    waiting = await story.requested("anne")
    taken = await story.accepted()
    async with story.db.read() as reader:
        assert await repository.parties(reader, waiting) == (story["zoe"].person_id,)
        assert await repository.parties(reader, taken) == (story["zoe"].person_id, story["karim"].person_id)
        assert await repository.parties(reader, "0" * 26) == ()
