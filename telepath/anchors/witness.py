"""An anchor that is a witness: it cosigns a head only when it goes on from the one that it cosigned before.

Source: C2SP tlog-witness (``add-checkpoint``) and tlog-cosignature (``cosignature/v1``)."""

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Final

import httpx2

from telepath.anchors import model
from telepath.anchors.model import Forked, Head, Held, away, troubled
from telepath.audit import VerifierKey, parse_signature
from telepath.checkpoints import is_by

ANSWER: Final = 65_536
"""Bytes of an answer that are read: signatures of a few hundred witnesses."""
SIZE_TYPE: Final = "text/x.tlog.size"
TRIES: Final = 3
"""Another node may have shown it a head meanwhile: then it names another size."""
AWAY: Final = frozenset({httpx2.codes.CONFLICT, httpx2.codes.REQUEST_TIMEOUT, httpx2.codes.TOO_MANY_REQUESTS})


class WitnessAnchor:
    """Its receipt is its cosignature: a line that belongs under the note (C2SP signed-note)."""

    kind = "witness"

    def __init__(self, prefix: str, key: VerifierKey, name: str, every: timedelta) -> None:
        """``prefix``: the witness's submission prefix, without a slash at the end."""
        self.name = name
        self.every = every
        self._address = f"{prefix}/add-checkpoint"
        self._key = key
        self._client = httpx2.AsyncClient(timeout=model.LIMIT)

    async def put(self, head: Head, held: int) -> str:
        try:
            async with asyncio.timeout(model.LIMIT):
                return await self._cosigned(head, held)
        except (TimeoutError, httpx2.HTTPError) as error:
            raise away() from error

    async def newest(self, heads: Sequence[Head]) -> Sequence[Held] | None:
        """tlog-witness: "If a client doesn't have information on the latest cosigned checkpoint, it MAY initially make a
        request with a old size of zero to obtain it"."""
        found = []
        for head in heads:
            try:
                receipt = await self.put(head, 0)
            except Forked as forked:
                found.append(forked.held)
            else:
                found.append(Held(origin=head.read.origin, size=head.read.size, note=head.note + receipt))
        return found

    async def held(self, tree: str = "") -> AsyncIterator[str]:
        for note in list[str]():
            yield note

    async def close(self) -> None:
        await self._client.aclose()

    async def _cosigned(self, head: Head, old: int) -> str:
        size = head.read.size
        for _ in range(TRIES):
            status, answer = await self._add(head, old)
            if status != httpx2.codes.CONFLICT:
                break
            seen = _size(answer) if answer else old
            # "If the old size matches the checkpoint size … If they don't match, the witness MUST respond with a 409"
            if seen > size or seen == old == size:
                raise Forked(Held(origin=head.read.origin, size=seen, refuses=seen == size))
            if seen == old:
                raise troubled("false")
            old = seen
        if status == httpx2.codes.UNPROCESSABLE_CONTENT:
            raise Forked(Held(origin=head.read.origin, size=old, refuses=True))
        if status in AWAY or status >= 500:
            raise away()
        if status != httpx2.codes.OK:
            raise troubled("refused")
        return self._ours(head, answer)

    async def _add(self, head: Head, old: int) -> tuple[int, str]:
        """Status and body of one ``add-checkpoint``; a 409 without the witness's size has no body."""
        proof = await head.prove(old) if 0 < old < head.read.size else []
        lines = [f"old {old}", *(base64.b64encode(one).decode() for one in proof), "", head.note]
        content = "\n".join(lines).encode()
        async with self._client.stream("POST", self._address, content=content) as response:
            body = b""
            async for part in response.aiter_bytes():
                body += part
                if len(body) > ANSWER:
                    raise troubled("false")
            kind = response.headers.get("content-type", "")
        if response.status_code == httpx2.codes.CONFLICT and not kind.startswith(SIZE_TYPE):
            return response.status_code, ""
        return response.status_code, body.decode(errors="replace")

    def _ours(self, head: Head, answer: str) -> str:
        """The line of our witness. "The client MUST ignore any cosignatures from unknown keys"."""
        for line in answer.splitlines():
            try:
                signature = parse_signature(line)
            except ValueError:
                continue  # of a kind that we do not know
            if is_by(self._key, signature, head.read.text):
                return f"{line}\n"
        raise troubled("false")


def _size(answer: str) -> int:
    text = answer.removesuffix("\n")
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise troubled("false")
    return int(text)
