"""The addresses of anchors: reads them from a setting, and opens what they name.

| address | anchor |
| --- | --- |
| ``file:///srv/anchors``, or a plain path | a folder |
| ``mailto:audit@hopital.example?language=en`` | a mailbox |
| ``https://witness.example/prefix?vkey=name+0a1b2c3d+BA…`` | a witness |
| ``s3://key:secret@bucket/prefix?region=fr-par&endpoint=https://s3.example&years=10`` | a bucket with object lock |

All of them: ``every=3600`` (seconds between two copies), ``name=CHU%20de%20Lille`` (as people read it).
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

import msgspec

from telepath.anchors.folder import FolderAnchor
from telepath.anchors.mail import Letter, MailAnchor
from telepath.anchors.model import Anchor
from telepath.anchors.witness import WitnessAnchor
from telepath.audit import COSIGNATURE, Note, VerifierKey, parse_verifier_key
from telepath.errors import Invalid
from telepath.notices.channels import mailer

NAME_LIMIT: Final = 120
YEAR: Final = timedelta(days=365.25)
PARAMETERS: Final = {
    "file": {"every", "name"},
    "mailto": {"every", "name", "language"},
    "https": {"every", "name", "vkey"},
    "http": {"every", "name", "vkey"},
    "s3": {"every", "name", "region", "endpoint", "years"},
}
EVERY: Final = {
    "mailto": timedelta(hours=1),
    "https": timedelta(seconds=30),
    "http": timedelta(seconds=30),
    "s3": timedelta(seconds=30),
}
"""Between two copies, unless the address says otherwise; a folder gets every head."""
LANGUAGES: Final = ("fr", "en")


class Address(msgspec.Struct, frozen=True):
    """One word of the setting, of a form that can be opened."""

    parts: SplitResult
    parameters: dict[str, str]

    @property
    def scheme(self) -> str:
        return self.parts.scheme

    @property
    def folder(self) -> Path | None:
        """Where a folder's notes lie; None: not a folder."""
        return Path(unquote(self.parts.path)) if self.scheme == "file" else None

    @property
    def name(self) -> str:
        """What people read: a place, and never the user and password that stand in the address."""
        given = self.parameters.get("name") or self._place
        return given if len(given) <= NAME_LIMIT else f"…{given[1 - NAME_LIMIT :]}"

    @property
    def _place(self) -> str:
        place = unquote(self.parts.path)
        if self.scheme in ("https", "http"):
            return f"{self.parts.netloc.rpartition('@')[2]}{place.rstrip('/')}"
        if self.scheme == "s3":
            return f"{self.parts.netloc.rpartition('@')[2]}/{place.strip('/')}".rstrip("/")
        # A page shows it: where folders of the server lie is nobody's business there.
        return Path(place).name if self.scheme == "file" else place

    @property
    def every(self) -> timedelta:
        seconds = self.parameters.get("every")
        return timedelta(seconds=int(seconds)) if seconds else EVERY.get(self.scheme, timedelta())


class Outside(msgspec.Struct, frozen=True, kw_only=True):
    """What anchors need of the service."""

    mail: str
    """The address of its mail channel."""
    sender: str
    letter: Callable[[str, Note], Letter]
    """The letter that goes with a head, in this language."""


def read(setting: str) -> list[Address]:
    """The addresses of a setting, separated by spaces. Raises Invalid: the first that nothing can be made of, and why."""
    found: list[Address] = []
    for number, word in enumerate(setting.split(), 1):
        address = _read(word, number)
        if any(address.name == other.name for other in found):
            raise _invalid(number, "twice")
        found.append(address)
    return found


def opened(addresses: Sequence[Address], outside: Outside) -> list[Anchor]:
    """The anchors at these addresses. Asks none of them anything yet. Raises Invalid: as ``mailer``."""
    return [_opened(address, outside) for address in addresses]


def _read(word: str, number: int) -> Address:
    if ":" not in word.partition("/")[0]:
        word = Path(word).absolute().as_uri()
    try:
        parts = urlsplit(word)
        parameters = dict(_parameter(one) for one in parts.query.split("&") if one)
        _ = parts.port
    except ValueError:
        raise _invalid(number, "form") from None
    if parts.scheme not in PARAMETERS:
        raise _invalid(number, "scheme")
    if not parameters.keys() <= PARAMETERS[parts.scheme]:
        raise _invalid(number, "parameter")
    address = Address(parts, parameters)
    if not (parts.hostname if parts.scheme in ("https", "http", "s3") else parts.path.strip("/")):
        raise _invalid(number, "form")
    if parts.scheme == "mailto" and "@" not in parts.path:
        raise _invalid(number, "form")
    for name in ("every", "years"):
        text = parameters.get(name, "1")
        if not text.isascii() or not text.isdecimal() or not 0 < int(text) <= 10**6:
            raise _invalid(number, "number")
    if parameters.get("language", "fr") not in LANGUAGES:
        raise _invalid(number, "language")
    if parts.scheme in ("https", "http"):
        try:
            _witness_key(address)
        except (KeyError, ValueError):
            raise _invalid(number, "vkey") from None
    return address


def _parameter(text: str) -> tuple[str, str]:
    """A "+" stays one: verifier keys have them, and nobody writes a space so."""
    name, _, value = text.partition("=")
    return name, unquote(value, errors="strict")


def _invalid(number: int, reason: str) -> Invalid:
    return Invalid("error-setting-anchor", number=number, reason=reason)


def _witness_key(address: Address) -> VerifierKey:
    """C2SP tlog-cosignature has a number of its own for cosigners' keys; some publish theirs under that of a log's key."""
    key = parse_verifier_key(address.parameters["vkey"])
    return VerifierKey(key.name, key.public_key, COSIGNATURE)


def _opened(address: Address, outside: Outside) -> Anchor:
    parts, given = address.parts, address.parameters
    if address.folder is not None:
        return FolderAnchor(address.folder, address.name, address.every)
    if parts.scheme == "mailto":
        language = given.get("language", "fr")
        return MailAnchor(
            mailer(outside.mail),
            outside.sender,
            unquote(parts.path),
            lambda note: outside.letter(language, note),
            address.name,
            address.every,
        )
    if parts.scheme == "s3":
        # boto3 takes a third of a second and 40 MB: only for those who use it.
        from telepath.anchors.s3 import Bucket, S3Anchor

        prefix = unquote(parts.path).strip("/")
        bucket = Bucket(
            name=parts.hostname or "",
            prefix=f"{prefix}/" if prefix else "",
            region=given.get("region"),
            endpoint=given.get("endpoint"),
            key_id=unquote(parts.username) if parts.username else None,
            secret=unquote(parts.password) if parts.password else None,
            kept_for=int(given.get("years", "10")) * YEAR,
        )
        return S3Anchor(bucket, address.name, address.every)
    prefix = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
    return WitnessAnchor(prefix, _witness_key(address), address.name, address.every)
