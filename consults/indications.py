"""Which national networks a case is one for, and why. Pure."""

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from consults.entities import Sign, signs
from consults.networks import NETWORKS, Network, Rule
from telepath.cases.codings import Coding


class ByCode(msgspec.Struct, frozen=True):
    """A code of the case names a kind of tumour that the network asks about."""

    coding: Coding
    entity: str
    """Worded as ``entity-<code>``."""


class ByCircumstance(msgspec.Struct, frozen=True):
    circumstance: str
    """Worded as ``circumstance-<code>``."""


Ground: TypeAlias = ByCode | ByCircumstance


class Indication(msgspec.Struct, frozen=True):
    """A network to be asked. ``systematic``: its own rule says so; else it may be asked."""

    network: Network
    systematic: bool
    grounds: tuple[Ground, ...]


def indications(organ: str, codings: Iterable[Coding], circumstances: Iterable[str]) -> tuple[Indication, ...]:
    """The networks whose rules this case meets: the systematic ones first, then in the order of NETWORKS."""
    named, held = signs(codings), tuple(circumstances)
    found = [
        Indication(
            network,
            any(rule.systematic for rule, _ in met),
            tuple(dict.fromkeys(ground for _, grounds in met for ground in grounds)),
        )
        for network in NETWORKS
        if (met := [(rule, grounds) for rule in network.rules if (grounds := _grounds(rule, organ, named, held))])
    ]
    return tuple(sorted(found, key=lambda indication: not indication.systematic))


def _grounds(rule: Rule, organ: str, named: tuple[Sign, ...], held: tuple[str, ...]) -> tuple[Ground, ...]:
    """Empty: the rule is not met."""
    codes = [
        ByCode(sign.coding, sign.entity) for sign in named if sign.entity in rule.entities and _there(rule, organ, sign)
    ]
    if rule.entities and not codes:
        return ()
    if not rule.entities and rule.organs and organ not in rule.organs:
        return ()
    matters = [ByCircumstance(one) for one in held if one in rule.circumstances]
    if rule.circumstances and not matters:
        return ()
    return (*codes, *matters)


def _there(rule: Rule, organ: str, sign: Sign) -> bool:
    anywhere = not rule.organs and not rule.sites
    return anywhere or organ in rule.organs or (rule.sites != () and sign.site.startswith(rule.sites))
