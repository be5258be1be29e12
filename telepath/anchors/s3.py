"""An anchor that is a bucket with object lock (S3): what lies in it can be deleted by nobody before its date."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby, islice
from typing import Any, Final, NamedTuple, TypeVar

import msgspec

from telepath import s3_client
from telepath.anchors.model import (
    NOTE_LIMIT,
    TREE,
    Forked,
    Head,
    Held,
    away,
    is_of,
    note_name,
    size_of,
    tree_order,
    troubled,
)
from telepath.anchors.own_thread import OwnThread
from telepath.audit import parse_note
from telepath.s3_client import BotoCoreError, ClientError, refusal

AT_ONCE: Final = 50
"""Notes fetched in one go."""
LARGEST: Final = 10**12 - 1
"""Records of a tree: the largest number of twelve digits."""
EXISTS: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
NO_LOCK: Final = "InvalidRequest"
"""What is said to a head with a date when the bucket knows no dates."""
LATER: Final = frozenset({"SlowDown", "RequestTimeout", "ServiceUnavailable", "InternalError", "Throttling"})

log = logging.getLogger("telepath.anchors")

Result = TypeVar("Result")


def key_name(size: int) -> str:
    """The last part of a key. A server lists keys as they sort: so the largest head comes first, however many there are."""
    return f"{LARGEST - size:012d}-{note_name(size)}"


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is. Without ``key_id`` the machine's own credentials count (environment, role), as boto3 finds them."""

    name: str
    prefix: str
    """Before the keys ``<tree>/<what is left to LARGEST>-<size>.note``; empty, or ended by a slash."""
    region: str | None
    endpoint: str | None
    """None: Amazon's."""
    key_id: str | None
    secret: str | None
    kept_for: timedelta
    """How long nobody can delete what is put there from now on."""


class Version(NamedTuple):
    """One version of an object: it stays when another is put over it, or a mark of deletion."""

    shard: str
    size: int
    key: str
    version: str
    at: datetime


class S3Anchor:
    """Reads all versions of what lies there: whoever puts a forgery over a head, or marks it as deleted, hides nothing."""

    kind = "bucket"

    def __init__(self, bucket: Bucket, name: str, every: timedelta) -> None:
        self.name = name
        self.every = every
        self._bucket = bucket
        self._thread = OwnThread(f"anchor {name}")
        self._made: Any = None

    async def put(self, head: Head, held: int) -> str:
        return await self._run(partial(self._put, head, held))

    async def newest(self, heads: Sequence[Head]) -> Sequence[Held] | None:
        return await self._run(lambda: list(self._newest()))

    async def held(self, tree: str = "") -> AsyncIterator[str]:
        versions = await self._run(partial(self._all, tree))
        while some := await self._run(lambda: [self._read(one) for one in islice(versions, AT_ONCE)]):
            for note in filter(None, some):
                yield note

    async def close(self) -> None:
        if self._made is not None:
            self._made.close()

    async def _run(self, work: Callable[[], Result]) -> Result:
        try:
            return await self._thread.run(work)
        except ClientError as error:
            code, status = refusal(error)
            if code in LATER or status >= 500:
                raise away() from error
            raise troubled("refused") from error
        except (BotoCoreError, OSError) as error:
            raise away() from error

    @property
    def _client(self) -> Any:
        """Made in the thread: boto3 reads files and asks the machine for its credentials."""
        if self._made is None:
            self._made = s3_client.made(
                region=self._bucket.region,
                endpoint=self._bucket.endpoint,
                key_id=self._bucket.key_id,
                secret=self._bucket.secret,
            )
        return self._made

    def _put(self, head: Head, held: int) -> str:
        """Returns the version of the object: the receipt."""
        where = {"Bucket": self._bucket.name}
        folder = f"{self._bucket.prefix}{head.shard}/"
        if held and not any(self._versions(f"{head.shard}/{key_name(held)}")):
            raise troubled("emptied")
        key = folder + key_name(head.read.size)
        try:
            done = self._client.put_object(
                **where,
                Key=key,
                Body=head.note.encode(),
                ContentType="text/plain; charset=utf-8",
                ObjectLockMode="COMPLIANCE",
                ObjectLockRetainUntilDate=head.at + self._bucket.kept_for,
                IfNoneMatch="*",
            )
        except ClientError as error:
            code, _ = refusal(error)
            if code == NO_LOCK:
                raise troubled("unlocked") from error
            if code not in EXISTS:
                raise
            return self._same(head)
        version: str = done.get("VersionId", "")
        # Some servers take the words of a lock and do not lock.
        made = self._client.head_object(**where, Key=key, **({"VersionId": version} if version else {}))
        if not version or made.get("ObjectLockMode") != "COMPLIANCE":
            raise troubled("unlocked")
        return version

    def _same(self, head: Head) -> str:
        """There is such an object already: the version that holds this very head. Raises Forked."""
        ours = head.read
        for one in self._versions(f"{head.shard}/{key_name(ours.size)}"):
            note = self._read(one)
            theirs = parse_note(note) if note else None
            if theirs is None or theirs.origin != ours.origin:
                continue
            if theirs.text == ours.text:
                return one.version
            raise Forked(Held(origin=theirs.origin, size=theirs.size, note=note, at=one.at))
        raise troubled("false")

    def _versions(self, below: str, at_once: int = 1000) -> Iterator[Version]:
        """Every version of every note below this key, the largest head first, of one key the oldest. Lists as it is read."""
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket.name, Prefix=self._bucket.prefix + below, PaginationConfig={"PageSize": at_once}
        )
        listed = (one for page in pages for one in page.get("Versions", ()))
        for key, versions in groupby(listed, key=lambda one: str(one["Key"])):
            shard, _, name = key.removeprefix(self._bucket.prefix).rpartition("/")
            size = size_of(name.partition("-")[2])
            if size is not None:
                # A server lists them from the newest on.
                for one in reversed(list(versions)):
                    yield Version(shard, size, key, one["VersionId"], one["LastModified"])

    def _trees(self) -> list[str]:
        """The newest first; those too of which every note is marked as deleted."""
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket.name, Prefix=self._bucket.prefix, Delimiter="/"
        )
        listed = (one["Prefix"] for page in pages for one in page.get("CommonPrefixes", ()))
        names = {key.removeprefix(self._bucket.prefix).rstrip("/") for key in listed}
        return sorted((name for name in names if TREE.fullmatch(name)), key=tree_order, reverse=True)

    def _all(self, named: str) -> Iterator[Version]:
        for tree in [named] if named else self._trees():
            yield from self._versions(f"{tree}/")

    def _newest(self) -> Iterator[Held]:
        for tree in self._trees():
            for one in self._versions(f"{tree}/", at_once=10):
                if note := self._read(one):
                    read = parse_note(note)
                    yield Held(origin=read.origin, size=read.size, note=note, at=one.at)
                    break

    def _read(self, version: Version) -> str:
        """Empty: not a note of this head."""
        answer = self._client.get_object(Bucket=self._bucket.name, Key=version.key, VersionId=version.version)
        text: str = answer["Body"].read(NOTE_LIMIT).decode(errors="replace")
        if is_of(text, version.shard, version.size):
            return text
        log.warning("not a note among those of tree %s: %d", version.shard, version.size)
        return ""
