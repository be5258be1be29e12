"""What coordinators say of who is asked: their rules, and whom each of them means. Pure.

A rule belongs to an institution or a group, and counts for the requests of its members. It says nothing by itself:
consults/routing.py turns it into a reason or an exclusion that is shown, with the coordinator's own words."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec


class Effect(StrEnum):
    """Worded as ``rule-effect-<code>``."""

    PREFER = "prefer"
    EXCLUDE = "exclude"
    REGIONAL_FIRST = "regional-first"
    """Experts of the requester's region first; the whole country when none of them is free. Means nobody in particular."""


class Target(StrEnum):
    """What kind of thing a rule names. Worded as ``rule-target-<code>``."""

    PERSON = "person"
    INSTITUTION = "institution"
    GROUP = "group"
    NETWORK = "network"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the table routing_rule that stands."""

    id: str
    scope_kind: str
    """``institution`` or ``group``."""
    scope_id: str
    organ: str = ""
    """"": any; likewise ``kind`` (ConsultKind) and ``urgency``."""
    kind: str = ""
    urgency: str = ""
    effect: Effect
    target_kind: Target | None = None
    """None: of REGIONAL_FIRST."""
    target_id: str = ""
    """An identifier, or the code of a network."""
    note: str = ""
    """The coordinator's own words, shown with it."""

    def applies(self, organ: str, kind: str, urgency: str) -> bool:
        """Whether it counts for such a request."""
        return self.organ in ("", organ) and self.kind in ("", kind) and self.urgency in ("", urgency)


class Belonging(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule can know an expert by. ``networks``: codes."""

    person_id: str
    institution_id: str
    groups: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()

    def named_by(self, rule: Rule) -> bool:
        match rule.target_kind:
            case Target.PERSON:
                return rule.target_id == self.person_id
            case Target.INSTITUTION:
                return rule.target_id == self.institution_id
            case Target.GROUP:
                return rule.target_id in self.groups
            case Target.NETWORK:
                return rule.target_id in self.networks
            case None:
                return False


_PARTICULAR = (Target.PERSON, Target.INSTITUTION, Target.GROUP, Target.NETWORK)
"""The most particular first: who excludes a hospital may still prefer one of its experts."""


def decisive(rules: Iterable[Rule], whom: Belonging) -> Rule | None:
    """Of the rules that name them, the one that counts: the most particular; of two such, the one that excludes, then the one
    of the institution, then the older one."""
    return min(
        (rule for rule in rules if rule.target_kind is not None and whom.named_by(rule)),
        key=lambda rule: (
            _PARTICULAR.index(rule.target_kind or Target.NETWORK),
            rule.effect is not Effect.EXCLUDE,
            rule.scope_kind != "institution",
            rule.id,
        ),
        default=None,
    )
