"""web/bootstrap.py: what the settings ask for is what is made of them."""

from auth.identity_oidc import OpenIdProvider
from web.bootstrap import choose_identity
from web.settings import Settings


def test_accepted_levels_may_be_listed_with_spaces() -> None:
    provider = choose_identity(Settings(oidc_accepted_acr="eidas2, eidas3")).psc
    assert isinstance(provider, OpenIdProvider)
    assert provider.provider.accepted_acr == {"eidas2", "eidas3"}
