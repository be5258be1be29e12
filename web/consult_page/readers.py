"""For the consult's expert: what the answer still needs, who is asked for it, and whom else to ask."""

from typing import Any

import msgspec

from consults import further_readers, repository
from consults.completion import SIGNS_BESIDE, missing, reading_of
from consults.further_readers import BESIDE
from consults.kinds import Dispute, ReadingRole
from consults.lifecycle import ConsultStatus, ReadingStatus
from consults.model import in_force
from consults.routing import Proposal
from telepath import directory
from telepath.cases.non_opposition import Patient
from web.consult_page.sight import Sight


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who reads or signs beside the expert. ``state``: ``asked``, ``accepted``, ``returned`` or ``signed``."""

    person_id: str
    name: str
    role: ReadingRole
    state: str
    remark: str = ""
    """Why they sent the text back."""


async def context(sight: Sight) -> dict[str, Any] | None:
    """None: not the expert, or nobody is, was, can or must be beside them."""
    lead = reading_of(sight.readings, ReadingRole.EXPERT)
    if lead is None or lead.expert_id != sight.actor.person_id or not sight.answering:
        return None
    signatures = await repository.signatures_of(sight.db, sight.consult.id)
    text = in_force(sight.opinions, lead.id)
    signed = {one.person_id for one in signatures if text is not None and one.opinion_id == text.id}
    people = await directory.people(
        sight.db, {one.expert_id for one in sight.offers} | {one.expert_id for one in sight.readings}
    )
    beside = []
    for reading in sight.readings:
        if reading.role not in BESIDE or reading.status is ReadingStatus.CANCELLED:
            continue
        returned = text is not None and reading.drafted_at is not None and reading.drafted_at >= text.signed_at
        returned = returned and reading.role in SIGNS_BESIDE
        done = reading.expert_id in signed if reading.role in SIGNS_BESIDE else reading.signed
        beside.append(
            Beside(
                person_id=reading.expert_id,
                name=people[reading.expert_id].name,
                role=reading.role,
                state="signed" if done else "returned" if returned else "accepted",
                remark=reading.draft.remarks if returned and not done else "",
            )
        )
    beside += [
        Beside(person_id=one.expert_id, name=people[one.expert_id].name, role=one.role, state="asked")
        for one in sight.offers
        if one.open and one.role in BESIDE
    ]
    roles = [role for role in BESIDE if further_readers.wanted(sight.consult, sight.readings, role)]
    choices: dict[ReadingRole, tuple[Proposal, ...]] = {}
    for role in roles:
        ranking = await further_readers.candidates(sight.db, sight.actor, sight.consult, role)
        choices[role] = ranking.proposals
    waiting = text is not None and sight.consult.status is ConsultStatus.ACTIVE
    if not beside and not waiting and not any(choices.values()):
        return None
    wanting = missing(sight.consult, sight.readings, sight.opinions, signatures) if text is not None else ()
    return {
        "beside": beside,
        "choices": choices,
        "missing": wanting,
        "waiting": waiting,
        "refused": sight.case.non_opposition == Patient.REFUSED,
        "dispute": sight.consult.dispute if sight.consult.dispute is not Dispute.SETTLED else None,
    }
