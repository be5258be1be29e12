"""A Pro-Santé-Connect-like OpenID provider with invented identities, for demonstration, training and tests."""

from auth.simulator.identities import Activity, Identity
from auth.simulator.provider import Client, Provider, create_app

__all__ = ["Activity", "Client", "Identity", "Provider", "create_app"]
