"""Within what time an institution wants its answers, as its coordinators say."""

from datetime import timedelta

import pytest

from consults import repository, turnaround
from consults.deadlines import USUAL, Turnaround, Unit, Urgency
from telepath.actor import Role
from telepath.db.schema.consults import turnaround as table
from telepath.errors import Invalid, Refused
from tests.builders import NOON
from tests.consult_story import Story


async def test_coordinators_say_within_what_time_their_institution_wants_its_answers(story: Story) -> None:
    db = story.db
    cora = await story.person("cora", "cayenne", "Cora", "Veille", roles=[Role.COORDINATOR])
    three = Turnaround(3, Unit.HOURS)
    await turnaround.set_all(db, cora, {Urgency.STANDARD: three, Urgency.URGENT: USUAL[Urgency.URGENT]})
    async with db.read() as reader:
        assert await turnaround.of_institution(reader, cora.institution_id) == USUAL | {Urgency.STANDARD: three}
        assert await turnaround.of_institution(reader, story["karim"].institution_id) == USUAL
    consult_id = await story.requested()
    async with db.read() as reader:
        consult = await repository.get(reader, consult_id)
    assert consult.due_at == NOON + timedelta(hours=3)

    async with db.write(cora, unaudited="what the operator said for all") as tx:
        await tx.insert(table, institution_id="", urgency=Urgency.FROZEN, amount=15, unit=Unit.MINUTES)
    await turnaround.set_all(db, cora, {Urgency.FROZEN: USUAL[Urgency.FROZEN]})
    async with db.read() as reader:
        assert await turnaround.of_institution(reader, cora.institution_id) == USUAL
        others = await turnaround.of_institution(reader, story["karim"].institution_id)
    assert others[Urgency.FROZEN] == Turnaround(15, Unit.MINUTES)
    said = [(who, detail) for kind, who, detail in await story.audited() if kind == "routing.changed"]
    assert said == [
        ("cora", {"change": "turnaround", "turnaround": {"standard": "3 hours"}}),
        ("cora", {"change": "turnaround", "turnaround": {"frozen": "20 minutes", "standard": "5 working-days"}}),
    ]

    with pytest.raises(Invalid):
        await turnaround.set_all(db, cora, {Urgency.FROZEN: Turnaround(0, Unit.MINUTES)})
    with pytest.raises(Refused):
        await turnaround.set_all(db, story["zoe"], {})
