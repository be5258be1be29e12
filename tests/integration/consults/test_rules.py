"""The rules of coordinators: made, read and ended, for an institution and the groups that it leads."""

import msgspec
import pytest

from auth import groups
from consults import rules
from consults.routing_rules import Effect, Target
from consults.rules import Wanted
from telepath.actor import Role
from telepath.errors import Conflict, Invalid, NotFound, Refused
from tests.consult_story import Story

REGION = Wanted(effect=Effect.REGIONAL_FIRST, urgency="standard")


async def test_coordinators_make_rules_for_their_institution_and_the_groups_that_it_leads(story: Story) -> None:
    db = story.db
    cora = await story.person("cora", "cayenne", "Cora", "Veille", roles=[Role.COORDINATOR])
    lea = await story.person("lea", "lille", "Léa", "Nord", roles=[Role.COORDINATOR])
    karim, home, far = story["karim"].person_id, cora.institution_id, lea.institution_id
    async with db.write(cora) as tx:
        group = await groups.add(tx, "gcs", "GCS du Littoral", home)
        await groups.join(tx, group, "institution", far)
    prefer = Wanted(
        effect=Effect.PREFER, organ="lymphoid", target_kind=Target.PERSON, target_id=karim, note="Convention de 2025."
    )
    first = await rules.make(db, cora, prefer)
    story.clock.advance(minutes=1)
    whole = await rules.make(db, cora, msgspec.structs.replace(REGION, group_id=group, target_id=karim))
    story.clock.advance(minutes=1)
    exclude = Wanted(effect=Effect.EXCLUDE, target_kind=Target.INSTITUTION, target_id=far, kind="frozen")
    theirs = await rules.make(db, lea, msgspec.structs.replace(exclude, target_id=home))
    await rules.make(db, cora, Wanted(effect=Effect.PREFER, target_kind=Target.NETWORK, target_id="LYMPHOPATH"))

    async with db.read() as reader:
        here = await rules.standing(reader, home, {group})
        assert [one.id for one in here[:2]] == [first, whole]
        assert (here[0].note, here[0].target_kind, here[1].target_kind) == ("Convention de 2025.", Target.PERSON, None)
        assert [one.id for one in await rules.standing(reader, far, {group})] == [whole, theirs]
        assert [one.id for one in await rules.standing(reader, far)] == [theirs]
        assert [one.id for one in await rules.of_institution(reader, far)] == [theirs]

    for wrong, error in (
        (prefer, Conflict),
        (msgspec.structs.replace(prefer, target_id=""), Invalid),
        (msgspec.structs.replace(prefer, target_id=home), Invalid),
        (msgspec.structs.replace(prefer, target_kind=Target.NETWORK, target_id="NOPE"), Invalid),
        (msgspec.structs.replace(REGION, urgency="at-once"), Invalid),
        (msgspec.structs.replace(REGION, group_id=karim), NotFound),
    ):
        with pytest.raises(error):
            await rules.make(db, cora, wrong)
    with pytest.raises(NotFound):
        await rules.make(db, lea, msgspec.structs.replace(REGION, group_id=group))
    with pytest.raises(Refused):
        await rules.make(db, story["zoe"], REGION)
    with pytest.raises(NotFound):
        await rules.end(db, cora, theirs)
    with pytest.raises(Refused):
        await rules.end(db, story["zoe"], first)
    await rules.end(db, cora, first)
    with pytest.raises(NotFound):
        await rules.end(db, cora, first)
    await rules.make(db, cora, prefer)
    said = [
        (detail["change"], detail["rule_effect"]) for kind, _, detail in await story.audited() if "rule_of" in detail
    ]
    assert said[:2] == [("rule-made", "prefer"), ("rule-made", "regional-first")]
    assert said[-2:] == [("rule-ended", "prefer"), ("rule-made", "prefer")]
