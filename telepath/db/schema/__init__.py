"""Every table, one file per owner, on one MetaData. SQLAlchemy Core: the domain stays plain."""

from telepath.db.schema import (
    audit,
    auth,
    cases,
    consults,
    directory,
    grants,
    links,
    notices,
    outbox,
    rooms,
    slides,
    timers,
    uploads,
)
from telepath.db.schema.columns import metadata

__all__ = [
    "audit",
    "auth",
    "cases",
    "consults",
    "directory",
    "grants",
    "links",
    "metadata",
    "notices",
    "outbox",
    "rooms",
    "slides",
    "timers",
    "uploads",
]
