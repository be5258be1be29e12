"""On what terms an opinion is asked: its kind, the network, what called for it, who is asked, blind or not. Pure."""

from typing import Final

import msgspec

from consults.deadlines import Urgency
from consults.kinds import ConsultKind, Policy, Trigger
from consults.networks import find
from telepath.errors import Invalid

ONE_BY_ONE: Final = (Policy.NAMED, Policy.CHAIN)
"""Policies that begin with one expert, whom the requester chooses; the others ask several at once."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    kind: ConsultKind = ConsultKind.EXPERT
    network: str = ""
    """Any name of the network; its code once ``checked``."""
    trigger: Trigger | None = None
    policy: Policy = Policy.NAMED
    pool_id: str | None = None
    blind: bool = False
    """The expert commits an opinion before the first diagnosis is shown."""
    proof: str = ""
    """What is proven already, of the network's ``second_alone``: one reading is then enough."""

    def checked(self, urgency: Urgency) -> "Terms":
        """The same without what its kind and policy do not need. ``urgency``: as ``urgency_of`` gives it.

        Raises Invalid: no network, or nothing that called for it; no pool; an unknown proof; a ring for what can wait."""
        made = self._of_network() if self.kind is ConsultKind.NETWORK else self._without_network()
        if self.policy is Policy.POOL and not self.pool_id:
            raise Invalid("error-pool-missing", field="pool")
        if self.policy is Policy.RING and urgency is not Urgency.FROZEN:
            raise Invalid("error-policy-ring", field="policy")
        return made if self.policy is Policy.POOL else msgspec.structs.replace(made, pool_id=None)

    def urgency_of(self, chosen: Urgency) -> Urgency:
        """A frozen section is as urgent as it is; a systematic second reading has its own time."""
        if self.kind is ConsultKind.FROZEN:
            return Urgency.FROZEN
        if self.kind is ConsultKind.NETWORK and self.trigger is Trigger.SYSTEMATIC:
            return Urgency.SYSTEMATIC
        return chosen

    @property
    def countersigned(self) -> bool:
        """Whether a second signature is needed: the network asks for one, and no proof makes it needless."""
        network = find(self.network)
        return self.kind is ConsultKind.NETWORK and network is not None and network.countersigned and not self.proof

    def _of_network(self) -> "Terms":
        network = find(self.network)
        if network is None:
            raise Invalid("error-network-missing", field="network")
        if self.trigger is None:
            raise Invalid("error-trigger-missing", field="trigger")
        if self.proof and self.proof not in network.second_alone:
            raise Invalid("error-field-choice", field="proof")
        return msgspec.structs.replace(self, network=network.code)

    def _without_network(self) -> "Terms":
        return msgspec.structs.replace(self, network="", trigger=None, proof="")
