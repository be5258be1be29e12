"""What was asked of whom, on which terms, until when; the first diagnosis; and taking the request back."""

from typing import Any

from consults.kinds import ConsultKind
from consults.networks import find
from telepath.access import Action
from web.consult_page.sight import Sight
from web.consult_words import reasons_of


async def context(sight: Sight) -> dict[str, Any]:
    standing, consult = sight.standing, sight.consult
    told = sight.managing or (sight.inside and not consult.blind)  # blind: a section of its own shows it in its time
    return {
        "network": find(consult.network) if consult.kind is ConsultKind.NETWORK else None,
        "first_diagnosis": consult.first_diagnosis if told else "",
        "standing": standing if sight.inside else None,
        "why": reasons_of(sight.t, standing) if standing and sight.managing else [],
        "revocable": sight.managing and not sight.ended,
        "may_identify": sight.can(Action.PATIENT_VIEW, sight.case.ref),
    }
