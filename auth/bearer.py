"""What somebody is given once and shows later: a cookie, the address in a letter, the key of a page.

Whoever has it is believed. So it is 256 bits of chance, and of it the database keeps a hash."""

import hashlib
import secrets


def new_secret() -> str:
    """43 characters of base64url."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a secret: whoever reads the database cannot use it."""
    return hashlib.sha256(secret.encode()).hexdigest()
