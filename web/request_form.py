"""What the form of a request for an opinion shows, of a case and of what was typed so far."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

import msgspec

from consults import asking, completeness, pools, turnaround
from consults.completeness import Gap
from consults.deadlines import Turnaround, Urgency
from consults.indications import ByCode, Ground, Indication, indications
from consults.kinds import ConsultKind, Policy, Trigger
from consults.lifecycle import ConsultStatus
from consults.model import Consult
from consults.networks import NETWORKS, find
from consults.request import material_of
from consults.routing import Ranking
from consults.terms import ONE_BY_ONE, Terms
from telepath.cases import repository as cases
from telepath.cases.model import Case
from telepath.db.transaction import Reader
from telepath.errors import Invalid
from web.words import Wording

MENDED: Final = {
    "refused": "?then=ask#non-opposition",
    "non-opposition": "?then=ask#non-opposition",
    "slides": "#slides",
    "stain": "?then=ask#slides",
    "block": "?then=ask#slides",
    "diagnosis": "/edit?then=ask#diagnosis",
    "gross": "/edit?then=ask#gross",
    "codings": "/edit?then=ask#codings",
}
"""Gap → where it is mended, after the address of the case."""

Code = TypeVar("Code", bound=StrEnum)


class Proposed(msgspec.Struct, frozen=True):
    """A network that the case is one for, with the reasons in words."""

    code: str
    covers: str
    systematic: bool
    reasons: list[str]


class Missing(msgspec.Struct, frozen=True):
    """Something that is missing, in words, and where it is mended."""

    said: str
    blocks: bool
    path: str


def terms_of(values: Mapping[str, str]) -> Terms:
    """What the form says so far; what it does not say, or says wrongly, is as usual."""
    trigger = values.get("trigger", "")
    return Terms(
        kind=_code(ConsultKind, values.get("kind", ""), ConsultKind.EXPERT),
        network=values.get("network", ""),
        trigger=Trigger(trigger) if trigger in set(Trigger) else None,
        policy=_code(Policy, values.get("policy", ""), Policy.NAMED),
        pool_id=values.get("pool") or None,
        blind=bool(values.get("blind")),
        proof=values.get("proof", ""),
    )


def urgency_of(values: Mapping[str, str]) -> Urgency:
    return terms_of(values).urgency_of(_code(Urgency, values.get("urgency", ""), Urgency.STANDARD))


def taken(values: Mapping[str, str], code: str, case: Case) -> dict[str, str]:
    """The form once the proposed network was taken with one click; as it was if it is not proposed."""
    one = next(
        (one for one in indications(case.organ, case.codings, case.circumstances) if one.network.code == code), None
    )
    if one is None:
        return dict(values)
    trigger = Trigger.SYSTEMATIC if one.systematic else Trigger.PATHOLOGIST
    return dict(values) | {"kind": ConsultKind.NETWORK, "network": one.network.code, "trigger": trigger, "proof": ""}


def settled(values: Mapping[str, str], before: str) -> dict[str, str]:
    """The form once its kind was chosen anew; ``before``: which it was. A frozen section calls everybody who can be reached,
    unless its requester then says otherwise; nothing else does."""
    kind, frozen = values.get("kind", ""), ConsultKind.FROZEN
    if kind == frozen and before != frozen:
        return dict(values) | {"policy": Policy.RING}
    waits = urgency_of(values) is not Urgency.FROZEN
    return dict(values) | ({"policy": Policy.NAMED} if waits and values.get("policy") == Policy.RING else {})


def together(ranking: Ranking, terms: Terms, now: datetime) -> frozenset[str]:
    """Whom the policies that ask several at once would ask now; nobody: it would be refused."""
    try:
        return frozenset(one.expert.person_id for one in asking.all_at_once(terms.policy, ranking, now))
    except Invalid:
        return frozenset()


async def shown(db: Reader, t: Wording, case: Case, organ: str, values: Mapping[str, str]) -> dict[str, Any]:
    """What stands on the form besides the experts. ``organ``: of the request."""
    terms = terms_of(values)
    urgency = urgency_of(values)
    within = await turnaround.of_institution(db, case.institution_id)
    known = indications(organ, case.codings, case.circumstances)
    network = find(terms.network) if terms.kind is ConsultKind.NETWORK else None
    asked = network.code if network else ""
    groups = await pools.covering(db, organ)
    material = material_of(await cases.slides(db, case.id))
    gaps = completeness.gaps(case, material, terms)
    return {
        "terms": terms,
        "kinds": [(str(one), t(f"kind-{one}")) for one in ConsultKind],
        "urgency": urgency,
        "urgency_fixed": urgency
        if urgency is not _code(Urgency, values.get("urgency", ""), Urgency.STANDARD)
        else None,
        "urgencies": [
            (str(one), f"{t(f'urgency-{one}')} – {_time(t, within[one])}")
            for one in Urgency
            if one is not Urgency.SYSTEMATIC or terms.kind is ConsultKind.NETWORK
        ],
        "within": _time(t, within[urgency]),
        "proposed": [_proposed(t, one) for one in known if one.network.code != asked],
        "taken": next((_proposed(t, one) for one in known if one.network.code == asked), None),
        "networks": _networks(organ, known),
        "triggers": [(str(one), t(f"trigger-{one}")) for one in Trigger],
        "proofs": [(code, t(f"proof-{code}")) for code in network.second_alone] if network else [],
        "policies": [
            one
            for one in Policy
            if (one is not Policy.RING or urgency is Urgency.FROZEN) and (one is not Policy.POOL or groups)
        ],
        "one_by_one": terms.policy in ONE_BY_ONE,
        "pools": [(one.id, one.name) for one in groups],
        "missing": [_missing(t, case, one) for one in gaps],
        "stopped": any(gap.blocks for gap in gaps),
    }


def systematic(t: Wording, case: Case, asked: Iterable[Consult]) -> list[Proposed]:
    """The networks that read every such case a second time, and have not been asked; ``asked``: the case's consults."""
    sent = {one.network for one in asked if one.kind is ConsultKind.NETWORK and one.status is not ConsultStatus.REVOKED}
    known = indications(case.organ, case.codings, case.circumstances)
    return [_proposed(t, one) for one in known if one.systematic and one.network.code not in sent]


def _code(codes: type[Code], text: str, usual: Code) -> Code:
    return codes(text) if text in set(codes) else usual


def _time(t: Wording, within: Turnaround) -> str:
    return t("urgency-within", unit=str(within.unit), count=within.amount)


def _networks(organ: str, known: Sequence[Indication]) -> list[tuple[str, str]]:
    """All of them: first those that the case is one for, then those of the organ."""
    first = {one.network.code for one in known}
    order = sorted(NETWORKS, key=lambda one: (one.code not in first, organ not in one.organs, one.code))
    return [(one.code, f"{one.code} – {one.covers}") for one in order]


def _proposed(t: Wording, one: Indication) -> Proposed:
    return Proposed(
        one.network.code, one.network.covers, one.systematic, [_reason(t, ground) for ground in one.grounds]
    )


def _reason(t: Wording, ground: Ground) -> str:
    if isinstance(ground, ByCode):
        system = t("consults-system", system=ground.coding.system)
        return t("indication-code", system=system, code=ground.coding.code, entity=t(f"entity-{ground.entity}"))
    return t("indication-circumstance", circumstance=t(f"circumstance-{ground.circumstance}"))


def _missing(t: Wording, case: Case, gap: Gap) -> Missing:
    return Missing(t(f"gap-{gap.code}", count=gap.count), gap.blocks, f"/cases/{case.id}{MENDED[gap.code]}")
