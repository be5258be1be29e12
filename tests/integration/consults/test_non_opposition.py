"""What the patient said: noted by whom and when, and a refusal stops whatever would show the case to somebody new."""

import pytest

from auth import links
from consults import offers, request
from consults.lifecycle import ConsultStatus
from telepath.cases import non_opposition, repository, sharing
from telepath.cases.non_opposition import Patient
from telepath.cases.sharing import Level
from telepath.errors import Invalid, Refused
from tests import audited
from tests.consult_story import QUESTION, Story


async def test_a_refusal_stops_requests_offers_shares_and_invitations_until_it_is_taken_back(story: Story) -> None:
    consult_id = await story.requested()
    story.clock.advance(minutes=5)
    await non_opposition.note(story.db, story["zoe"], story.case_id, Patient.REFUSED)
    async with story.db.read() as reader:
        case = await repository.get(reader, story.case_id)
    noted = (case.non_opposition, case.non_opposition_by, case.non_opposition_at)
    assert noted == ("refused", story["zoe"].person_id, story.clock.now)
    assert case.version == 1
    (record,) = await audited.records(story.db, "case.changed")
    assert record["detail"] == {"changed": ["non_opposition"]}
    assert await audited.of_case(story.db, record) == {"before": "informed", "after": "refused"}

    partner, anne = ("institution", story["anne"].institution_id), story["anne"].person_id
    now = story.clock.now
    wish = links.Wish(name="Ada", email="ada@example.org", language="fr", not_before=now, expires_at=now)
    for act in (
        request.request(story.db, story["zoe"], story.case_id, QUESTION, anne),
        offers.reoffer(story.db, story["zoe"], consult_id, anne),
        sharing.share(story.db, story["zoe"], story.case_id, partner, Level.LOOK),
        links.make(story.db, story["zoe"], "consult", consult_id, wish),
    ):
        with pytest.raises(Invalid) as stopped:
            await act
        assert stopped.value.code in ("gap-refused", "error-patient-refused")
    assert await story.status(consult_id) is ConsultStatus.ACTIVE  # what was sent goes on, until it is taken back

    await non_opposition.note(story.db, story["zoe"], story.case_id, Patient.INFORMED)
    await offers.reoffer(story.db, story["zoe"], consult_id, anne)


async def test_only_staff_of_the_case_notes_what_its_patient_says(story: Story) -> None:
    await story.accepted()
    for stranger in ("karim", "paul"):
        with pytest.raises(Refused):
            await non_opposition.note(story.db, story[stranger], story.case_id, Patient.REFUSED)
    async with story.db.read() as reader:
        assert (await repository.get(reader, story.case_id)).non_opposition == Patient.INFORMED
