"""The identity provider of the demonstration."""

from starlette.applications import Starlette

from auth.simulator.provider import Client, create_app
from web.demo.people import identities
from web.settings import Settings


def simulator(settings: Settings) -> Starlette:
    """The identity provider of the demonstration, to be served at its own origin. Raises Invalid: in production."""
    client = Client(
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        name="telepath",
        redirect_uris=(f"{settings.origin}/login/callback",),
        logout_uris=(f"{settings.origin}/login/left",),
        backchannel_logout_uri=f"{settings.origin}/login/backchannel-logout/psc",
    )
    return create_app(settings.oidc_issuer, [client], identities(), production=settings.production)
