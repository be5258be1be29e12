"""Whom the news of a withdrawn right or an ended session means: their sockets are looked at before everybody's. Pure."""

import msgspec

from telepath.access import subjects
from telepath.actor import Actor


class News(msgspec.Struct, frozen=True):
    """The body of a ``grant.revoked``: for which reason something was given. Empty: it names nobody, and means everybody."""

    because: str = ""
    because_id: str = ""


_news = msgspec.json.Decoder(News)


def read(payload: bytes) -> News:
    """Whatever cannot be read names nobody."""
    try:
        return _news.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return News()


def names(actor: Actor) -> frozenset[tuple[str, str]]:
    """The (reason, id) of news, and the (kind, id) of the subjects of grants, by which somebody may be meant."""
    return frozenset(subjects(actor)) | {("session", actor.session_id[:16]), ("erased", actor.person_id)}
