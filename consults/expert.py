"""An expert who may be asked, and what the proposals are for: all that consults/routing.py weighs. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from consults.deadlines import Turnaround, Urgency
from consults.expectation import Away
from consults.kinds import ConsultKind
from consults.routing_rules import Belonging, Rule
from telepath.territories import USUAL as USUAL_CALENDAR
from telepath.territories import Calendar

Param: TypeAlias = str | int | float


class Reason(msgspec.Struct, frozen=True):
    """A code with what its sentence needs."""

    code: str
    params: Mapping[str, Param] = {}


class Identity(StrEnum):
    """Who answers for who this expert is."""

    PSC = "psc"
    """Signed in through Pro Santé Connect, with an RPPS number."""
    CREDENTIAL = "credential"
    """From abroad; a coordinator checked the register."""
    EXPECTED = "expected"
    """Registered, and never came: the first request is an invitation."""


SUBSPECIALTIES: Final[Mapping[str, tuple[str, ...]]] = {
    "DSM211": ("skin",),
    "DSM212": ("other",),
    "DSM225": ("nervous",),
}
"""Know-how (TRE_R38, as Pro Santé Connect gives it) → organs it speaks for: dermatopathology, foetopathology, neuropathology.
SM01, pathology itself, is what every pathologist has."""


class Conflict(msgspec.Struct, frozen=True):
    """A conflict of interest, computed (consults/conflicts.py). Worded as ``exclusion-conflict-<code>`` where it ``bars``, else
    as ``reason-conflict-<code>``: a warning."""

    code: str
    bars: bool
    params: Mapping[str, Param] = {}


class Expert(msgspec.Struct, frozen=True, kw_only=True):
    """One expert who may be asked, at the place where they read."""

    person_id: str
    name: str
    institution_id: str
    institution_name: str
    city: str
    region: str
    time_zone: str
    calendar: Calendar = USUAL_CALENDAR
    organs: tuple[str, ...]
    networks: tuple[str, ...] = ()
    coordinates: frozenset[str] = frozenset()
    """Codes of the networks of which their institution is a coordinating centre."""
    centre_of: frozenset[str] = frozenset()
    """And of those of which it is one of the centres."""
    languages: tuple[str, ...] = ("fr",)
    available: bool = True
    answers: bool = True
    """False: no expert where they read any more, or may not sign in."""
    identity: Identity = Identity.PSC
    know_how: str = ""
    median_hours: float | None = None
    """Usual time from the offer to the signature."""
    answered: int = 0
    """How many signed opinions ``median_hours`` was measured on; 0: it was only said."""
    load: int = 0
    """Consults that wait for this expert, accepted or not."""
    away: tuple[Away, ...] = ()
    on_duty: bool = False
    """Astreinte, now."""
    pools: tuple[str, ...] = ()
    """Names of the pools for this organ that they belong to, of the asking side."""
    groups: frozenset[str] = frozenset()
    conflicts: tuple[Conflict, ...] = ()
    answered_before: int = 0
    """Opinions that this requester has had from them."""

    def belonging(self, networks: frozenset[str]) -> Belonging:
        """What a rule can know them by; ``networks``: codes of theirs."""
        return Belonging(
            person_id=self.person_id, institution_id=self.institution_id, groups=self.groups, networks=networks
        )


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """What the proposals are for."""

    organ: str
    urgency: Urgency
    institution_id: str
    region: str
    language: str = "fr"
    requester_id: str = ""
    already_asked: frozenset[str] = frozenset()
    """Persons who were already offered this consult."""
    within: Turnaround | None = None
    """Within what time the asking institution wants the answer; None: the usual one."""
    kind: ConsultKind = ConsultKind.EXPERT
    network: str = ""
    """Code of the network that is asked for a second reading; its members alone are proposed."""
    centres_of: str = ""
    """Code of the network whose coordinating centres come first: who is sought reads, or signs, beside its expert."""
    apart_from: str = ""
    """Institution of the expert whose opinion is to be settled: nobody from there."""
    pool: frozenset[str] | None = None
    """Persons of the pool that is asked; they alone are proposed. None: no pool."""
    preferred: frozenset[str] = frozenset()
    """Persons whom the requester would like."""
    rules: tuple[Rule, ...] = ()
    """Those of the requester's institution and groups, also the ones that do not apply here."""
