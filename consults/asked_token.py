"""What the letter to an expert who never came carries instead of a name: it opens what they were asked, before any login. Pure.

``offer.signature``. No row keeps it: it is worth what the offer is, and nothing once that was answered, withdrawn or ended."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from telepath.ids import is_id


def mint(key: bytes, offer_id: str) -> str:
    """Return the last part of the address. ``key`` has at least 32 bytes."""
    if len(key) < 32:
        raise ValueError("a key of less than 32 bytes")
    return f"{offer_id}.{_sign(key, offer_id)}"


def offer_of(key: bytes, text: str) -> str:
    """The offer that ``text`` opens; "": none, it was not made here."""
    offer_id, _, signature = text.partition(".")
    if not text.isascii() or not is_id(offer_id) or not hmac.compare_digest(signature, _sign(key, offer_id)):
        return ""
    return offer_id


def _sign(key: bytes, offer_id: str) -> str:
    # The first word keeps it apart from what else is signed with the key (telepath/slides/capability.py).
    digest = hmac.digest(key, f"asked\0{offer_id}".encode(), hashlib.sha256)
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
