"""An anchor that is a mailbox: whoever keeps the letters holds the heads. It cannot be asked."""

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from telepath.anchors.model import Head, Held, away, note_name, troubled
from telepath.audit import Note
from telepath.errors import Invalid, Unavailable
from telepath.notices.channels import Mailer, compose


class Letter(NamedTuple):
    """What goes with a note: what it is, and what to do with it."""

    subject: str
    text: str


class MailAnchor:
    """Its receipt is the letter's Message-ID."""

    kind = "mail"

    def __init__(
        self, mailer: Mailer, sender: str, to: str, letter: Callable[[Note], Letter], name: str, every: timedelta
    ) -> None:
        self.name = name
        self.every = every
        self._mailer = mailer
        self._sender = sender
        self._to = to
        self._letter = letter

    async def put(self, head: Head, held: int) -> str:
        read = head.read
        subject, text = self._letter(read)
        # The same letter again has the same number, and another mailbox's another.
        number = hashlib.sha256(f"{self._to}\n{head.note}".encode()).hexdigest()[:16]
        try:
            message = compose(
                sender=self._sender,
                to=self._to,
                subject=subject,
                text=f"{text}\n\n{head.note}",
                key=f"audit-{head.shard}-{read.size}-{number}",
                at=head.at,
            )
            message.add_attachment(
                head.note.encode(),
                maintype="application",
                subtype="octet-stream",
                filename=f"{head.shard}-{note_name(read.size)}",
            )
            await self._mailer.send(message)
        except Unavailable as error:
            raise away() from error
        except Invalid as error:
            raise troubled("refused") from error
        return str(message["Message-ID"])

    async def newest(self, heads: Sequence[Head]) -> Sequence[Held] | None:
        return None

    async def held(self, tree: str = "") -> AsyncIterator[str]:
        for note in list[str]():
            yield note

    async def close(self) -> None:
        pass
