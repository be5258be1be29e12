"""What is agreed with an identity provider beforehand."""

from collections.abc import Mapping
from typing import Final

import msgspec

from auth.client_authentication import Credentials
from auth.foreign import ClaimNames
from telepath.identifiers import PSC

LONGEST_ACR: Final = 255
"""Characters of a level of authentication, as sessions and signatures keep it."""


class Provider(msgspec.Struct, frozen=True, kw_only=True):
    """What is agreed with the provider beforehand. Nothing that it says later may widen this."""

    key: str = PSC
    issuer: str
    discovery: str = ""
    """Address of the discovery document; empty: Pro Santé Connect's suffix, which is not the standard one."""
    endpoints: Mapping[str, str] = {}
    """Addresses that hold whatever discovery says, by their names there."""
    client_id: str
    client_secret: str = ""
    credentials: Credentials | None = None
    """None: the secret."""
    redirect_uri: str
    after_logout: str
    scope: str = "openid scope_all"
    acr_values: str = "eidas1"
    accepted_acr: frozenset[str] = frozenset({"eidas1", "eidas2", "eidas3"})
    channel: str = ""
    """``CARD`` or ``MOBILE``: where Pro Santé Connect is to ask in a decoupled login. Empty: wherever it likes."""
    max_age: int | None = None
    """Seconds that an authentication may be old. To ask for it makes a provider tell ``auth_time`` that would not otherwise."""
    claims: ClaimNames | None = None
    """Where a provider of foreign experts tells who somebody is; None: Pro Santé Connect."""

    @property
    def discovery_url(self) -> str:
        return self.discovery or f"{self.issuer}/.well-known/wallet-openid-configuration"
