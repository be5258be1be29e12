"""An anchor that is a bucket with object lock (S3): what lies in it can be deleted by nobody before its date.

The one module that imports boto3."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby, islice
from typing import Any, Final, NamedTuple, TypeVar

import boto3
import msgspec
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from telepath.anchors.model import TREE, Forked, Head, Held, away, note_name, size_of, tree_order, troubled
from telepath.anchors.own_thread import OwnThread
from telepath.audit import parse_note

AT_ONCE: Final = 50
"""Notes fetched in one go."""
EXISTS: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
NO_LOCK: Final = "InvalidRequest"
"""What is said to a head with a date when the bucket knows no dates."""
LATER: Final = frozenset({"SlowDown", "RequestTimeout", "ServiceUnavailable", "InternalError", "Throttling"})

log = logging.getLogger("telepath.anchors")

Result = TypeVar("Result")


class Bucket(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is. Without ``key_id`` the machine's own credentials count (environment, role), as boto3 finds them."""

    name: str
    prefix: str
    """Before the keys ``<tree>/<size>.note``; empty, or ended by a slash."""
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

    async def held(self) -> AsyncIterator[str]:
        versions = iter(await self._run(lambda: list(self._versions(""))))
        while some := list(islice(versions, AT_ONCE)):
            for note in await self._run(partial(self._read_all, some)):
                yield note

    async def close(self) -> None:
        if self._made is not None:
            self._made.close()

    async def _run(self, work: Callable[[], Result]) -> Result:
        try:
            return await self._thread.run(work)
        except ClientError as error:
            code, status = error.response["Error"].get("Code", ""), error.response["ResponseMetadata"]["HTTPStatusCode"]
            if code in LATER or status >= 500:
                raise away() from error
            raise troubled("refused") from error
        except (BotoCoreError, OSError) as error:
            raise away() from error

    @property
    def _client(self) -> Any:
        """Made in the thread: boto3 reads files and asks the machine for its credentials."""
        if self._made is None:
            self._made = boto3.client(
                "s3",
                region_name=self._bucket.region,
                endpoint_url=self._bucket.endpoint,
                aws_access_key_id=self._bucket.key_id,
                aws_secret_access_key=self._bucket.secret,
                config=Config(
                    connect_timeout=5,
                    read_timeout=10,
                    retries={"total_max_attempts": 1},
                    s3={"addressing_style": "path"} if self._bucket.endpoint else {},
                ),
            )
        return self._made

    def _put(self, head: Head, held: int) -> str:
        """Returns the version of the object: the receipt."""
        where = {"Bucket": self._bucket.name}
        folder = f"{self._bucket.prefix}{head.shard}/"
        if held and not any(one.size == held for one in self._versions(f"{head.shard}/{note_name(held)}")):
            raise troubled("emptied")
        key = folder + note_name(head.read.size)
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
            code = error.response["Error"].get("Code")
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
        for one in self._versions(f"{head.shard}/{note_name(ours.size)}"):
            note = self._read(one)
            theirs = parse_note(note) if note else None
            if theirs is None or theirs.origin != ours.origin:
                continue
            if theirs.text == ours.text:
                return one.version
            raise Forked(Held(origin=theirs.origin, size=theirs.size, note=note, at=one.at))
        raise troubled("false")

    def _versions(self, below: str) -> Iterator[Version]:
        """Every version of every note below this key: the newest tree and the largest head first; of one key the oldest."""
        found = []
        pages = self._client.get_paginator("list_object_versions")
        for page in pages.paginate(Bucket=self._bucket.name, Prefix=self._bucket.prefix + below):
            for one in page.get("Versions", ()):
                shard, _, name = one["Key"].removeprefix(self._bucket.prefix).rpartition("/")
                size = size_of(name)
                if size is not None and TREE.fullmatch(shard):
                    found.append(Version(shard, size, one["Key"], one["VersionId"], one["LastModified"]))
        # A server lists the versions of a key from the newest on, and tells seconds alone.
        found.reverse()
        found.sort(key=lambda one: one.at)
        return iter(sorted(found, key=lambda one: (tree_order(one.shard), one.size), reverse=True))

    def _newest(self) -> Iterator[Held]:
        for _, versions in groupby(self._versions(""), key=lambda one: one.shard):
            for one in versions:
                if note := self._read(one):
                    read = parse_note(note)
                    yield Held(origin=read.origin, size=read.size, note=note, at=one.at)
                    break

    def _read_all(self, versions: Sequence[Version]) -> list[str]:
        return [note for note in map(self._read, versions) if note]

    def _read(self, version: Version) -> str:
        """Empty: not a note."""
        answer = self._client.get_object(Bucket=self._bucket.name, Key=version.key, VersionId=version.version)
        text: str = answer["Body"].read(65536).decode(errors="replace")
        try:
            parse_note(text)
        except ValueError:
            log.warning("not a note among those of tree %s: %d", version.shard, version.size)
            return ""
        return text
