"""The mail channel: a message that something waits, by SMTP or into a folder."""

import asyncio
import os
import re
import ssl
from collections.abc import Callable
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from telepath.errors import Invalid, Unavailable

TIME_LIMIT: Final = 20.0
"""Seconds for a whole delivery: a server that hangs is one that does not answer."""
# The addr-spec of RFC 5322 without quotes, comments and literals.
_ADDRESS: Final = re.compile(
    r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", re.ASCII | re.IGNORECASE
)


class Mailer(Protocol):
    """Hands a message over. When ``send`` returns, the other side has it; when it raises, it may have it or not, and the
    same message (same Message-ID) may be sent again."""

    async def send(self, message: EmailMessage) -> None:
        """Raises Unavailable: try again later; Invalid: this message will never be taken."""


def is_address(text: str) -> bool:
    """Whether a message can be written to it."""
    return _ADDRESS.fullmatch(text) is not None


def compose(*, sender: str, to: str, subject: str, text: str, key: str, at: datetime) -> EmailMessage:
    """A plain message. ``key`` makes its Message-ID: a second copy of the same message is recognised as such.

    Raises Invalid: an address or a header that cannot be (line ends included: RFC 5322 2.2)."""
    message = EmailMessage(policy=SMTP)
    try:
        author = Address(addr_spec=sender)
        message["From"] = Address("telepath", author.username, author.domain)
        message["To"] = Address(addr_spec=to)
        message["Subject"] = subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{key}@{author.domain or 'localhost'}>"
    except (ValueError, HeaderParseError, IndexError):
        raise Invalid("error-mail-address") from None
    # RFC 3834 section 5: so that no vacation responder answers us.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


class SmtpMailer:
    """``smtp://host:25`` (TLS when the server offers it), ``smtp://user:password@host:587`` (TLS required),
    ``smtps://user:password@host:465``."""

    def __init__(self, url: SplitResult) -> None:
        self._implicit = url.scheme == "smtps"
        self._host = url.hostname or "localhost"
        self._port = url.port or (465 if self._implicit else 25)
        self._user = unquote(url.username) if url.username else None
        self._password = unquote(url.password) if url.password else None
        # A password never travels in clear; without one, TLS is taken when it is offered (None).
        self._start_tls = False if self._implicit else (True if self._user else None)

    async def send(self, message: EmailMessage) -> None:
        try:
            async with asyncio.timeout(TIME_LIMIT):
                await aiosmtplib.send(
                    message,
                    hostname=self._host,
                    port=self._port,
                    username=self._user,
                    password=self._password,
                    use_tls=self._implicit,
                    start_tls=self._start_tls,
                    tls_context=ssl.create_default_context(),
                    timeout=TIME_LIMIT,
                )
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _outcome(error.recipients[0].code, error.recipients[0].message) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _outcome(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise Unavailable(what="mail") from error


def _outcome(code: int, text: str) -> Invalid | Unavailable:
    """Of what RFC 5321 4.2.1 calls permanent only what concerns the mailbox or the message is final for us: a refused
    login or a refused relaying (RFC 3463: X.7.X, policy) is the operator's to mend, and the mail waits for it."""
    final = code in {550, 551, 552, 553} and not text.startswith("5.7.")
    return Invalid("error-mail-refused") if final else Unavailable(what="mail")


class FolderMailer:
    """``file:///folder``: one ``.eml`` file for each message, complete when it appears. For trying out and for tests."""

    def __init__(self, url: SplitResult) -> None:
        self._folder = Path(unquote(url.path))

    async def send(self, message: EmailMessage) -> None:
        name = message["Message-ID"].strip("<>").partition("@")[0]
        try:
            await asyncio.to_thread(self._write, f"{name}.eml", message.as_bytes())
        except OSError as error:
            raise Unavailable(what="mail") from error

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f".{name}.part"
        part.write_bytes(content)
        os.replace(part, self._folder / name)


_BY_SCHEME: Final[dict[str, Callable[[SplitResult], Mailer]]] = {
    "smtp": SmtpMailer,
    "smtps": SmtpMailer,
    "file": FolderMailer,
}


def mailer(url: str) -> Mailer:
    """The channel of this address. Raises Invalid: a scheme that is not one of smtp, smtps, file."""
    parts = urlsplit(url)
    if parts.scheme not in _BY_SCHEME:
        raise Invalid("error-mail-scheme", scheme=parts.scheme)
    return _BY_SCHEME[parts.scheme](parts)
