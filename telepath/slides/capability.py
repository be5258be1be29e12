"""The tile capability: what a browser shows with each tile instead of asking the database. Pure.

``view.expiry.epoch.signature``, for one slide. It says that the view was allowed and audited; it dies with its time, or
when the view is revoked (web/tile_rights.py keeps the revoked views in memory).
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from typing import Final

import msgspec

from telepath.ids import is_id

LIFETIME: Final = 900
"""Seconds. The viewer renews it while it is open."""


class Capability(msgspec.Struct, frozen=True):
    """``expires`` in Unix seconds; ``epoch`` of the grant that allowed the view."""

    slide_id: str
    view_id: str
    epoch: int
    expires: int


def mint(key: bytes, capability: Capability) -> str:
    """Return the text of the cookie. ``key`` has at least 32 bytes."""
    if len(key) < 32:
        raise ValueError("a key of less than 32 bytes")
    body = f"{capability.view_id}.{capability.expires}.{capability.epoch}"
    return f"{body}.{_sign(key, capability.slide_id, body)}"


def verify(key: bytes, slide_id: str, text: str, now: int) -> Capability | None:
    """What ``text`` allows on this slide at ``now`` (Unix seconds), or None: forged, for another slide, or expired."""
    body, dot, signature = text.rpartition(".")
    if not dot or len(text) > 200 or not text.isascii():
        return None
    if not hmac.compare_digest(signature, _sign(key, slide_id, body)):
        return None
    view_id, expires, epoch = body.split(".")  # ours: the signature holds
    if int(expires) <= now or not is_id(view_id):
        return None
    return Capability(slide_id, view_id, int(epoch), int(expires))


def _sign(key: bytes, slide_id: str, body: str) -> str:
    digest = hmac.digest(key, f"tile\0{slide_id}\0{body}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
