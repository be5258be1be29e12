"""The file of an archive: members, a list of them all with their SHA-256, and that list signed. A ZIP that anybody opens.

Members are stored, not compressed, and written and read as streams: a slide has gigabytes. The signature is a note like those
of the audit (C2SP signed-note, Ed25519), by the same key. Nothing in a file is believed before the signature and every digest
hold."""

import asyncio
import hashlib
import os
import re
import struct
import zipfile
from collections.abc import AsyncIterable, AsyncIterator, Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telepath.audit import ED25519, VerifierKey, parse_signature, parse_verifier_key
from telepath.checkpoints import is_by, signed
from telepath.errors import Invalid, NotFound, TooLarge
from telepath.storage import check_key

MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
FORMAT: Final = "telepath-archive"
VERSION: Final = 1
CHUNK: Final = 4 << 20
MEMBERS_LIMIT: Final = 50_000
DIRECTORY_LIMIT: Final = 32 << 20
MANIFEST_LIMIT: Final = 32 << 20
SIGNATURE_LIMIT: Final = 65_536
"""Bytes; of the list of members at the end of the ZIP, of ours, of its signature."""
STILL: Final = (1980, 1, 1, 0, 0, 0)
"""The date of every member: the same content gives the same file."""


class Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    path: str
    bytes: Annotated[int, msgspec.Meta(ge=0)]
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``by``: the name of the audit log of the instance that made it."""

    format: str
    version: int
    by: str
    made: datetime
    members: tuple[Member, ...]


class _Version(msgspec.Struct, frozen=True):
    format: str = ""
    version: int = 0


class Writer:
    """A new archive at ``path``, which must not exist; ``close`` it. Its methods are awaited one after the other."""

    def __init__(self, path: Path) -> None:
        # For this user alone, as the slides in the storage.
        self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED, allowZip64=True)
        self._members: list[Member] = []

    async def put(self, name: str, chunks: AsyncIterable[bytes]) -> str:
        """Write a member; returns its SHA-256, in hex."""
        digest, size = hashlib.sha256(), 0
        with await asyncio.to_thread(self._open, name) as target:
            async for chunk in chunks:
                await asyncio.to_thread(digest.update, chunk)
                size += await asyncio.to_thread(target.write, chunk)
        self._members.append(Member(path=name, bytes=size, sha256=digest.hexdigest()))
        return digest.hexdigest()

    def _open(self, name: str) -> IO[bytes]:
        info = zipfile.ZipInfo(name, STILL)
        info.external_attr = 0o600 << 16
        return self._zip.open(info, "w", force_zip64=True)

    def finish(self, key: Ed25519PrivateKey, by: str, made: datetime) -> str:
        """Sign what was written, and make it durable; returns the manifest's SHA-256. Blocks."""
        manifest = msgspec.json.encode(
            Manifest(format=FORMAT, version=VERSION, by=by, made=made, members=tuple(self._members))
        )
        digest = hashlib.sha256(manifest).hexdigest()
        for name, data in ((MANIFEST, manifest), (SIGNATURE, signed(key, by, _text(by, digest)).encode())):
            with self._open(name) as target:
                target.write(data)
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        return digest

    def close(self) -> None:
        """Give the file back. Blocks."""
        try:
            self._zip.close()
        finally:
            self._file.close()


def _text(by: str, digest: str) -> str:
    """What is signed: no head of a log, and no export of one."""
    return f"{by} consult 1\n{digest}\n"


class Archive:
    """An archive whose signature and digests held when it was opened. ``digest``: of its manifest; ``key``: whose it is."""

    def __init__(self, file: zipfile.ZipFile, manifest: Manifest, digest: str, key: VerifierKey) -> None:
        self._zip = file
        self.manifest = manifest
        self.digest = digest
        self.key = key
        self.members = {one.path: one for one in manifest.members}

    def data(self, path: str, limit: int) -> bytes:
        """A small member. Raises TooLarge, Invalid. Blocks."""
        if self.members[path].bytes > limit:
            raise TooLarge("error-archive-too-large", file=path)
        return b"".join(_pieces(self._zip, self.members[path]))

    async def chunks(self, path: str) -> AsyncIterator[bytes]:
        """A member, once more against its digest. Raises Invalid: the file changed meanwhile."""
        pieces = _pieces(self._zip, self.members[path])
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece

    def close(self) -> None:
        self._zip.close()


def opened(path: Path, keys: Collection[VerifierKey]) -> Archive:
    """Read an archive that one of ``keys`` signed, and all of it once. Nothing is written. Blocks.

    Raises Invalid: no archive, cut short, of another version, not signed by these keys, or something in it is not what was
    signed; TooLarge; OSError: it cannot be read."""
    _check_end(path)
    try:
        file = zipfile.ZipFile(path)
    except _NOT_ZIP:
        raise Invalid("error-archive-not-one") from None
    try:
        return _checked(file, path.stat().st_size, keys)
    except BaseException:
        file.close()
        raise


_NOT_ZIP: Final = (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError, struct.error)
"""What zipfile raises for a file that is none, or a damaged one."""


def _check_end(path: Path) -> None:
    """The end of the file says how long its list of members is, and that is read as a whole. As ours is written, it is last."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 98))
        tail = file.read().rjust(98, b"\0")
    if tail[76:80] != b"PK\5\6" or tail[96:98] != b"\0\0":
        raise Invalid("error-archive-not-one")
    counts = [struct.unpack("<H", tail[86:88])[0], struct.unpack("<I", tail[88:92])[0]]
    if tail[:4] == b"PK\6\6" and tail[56:60] == b"PK\6\7":
        counts = [struct.unpack("<Q", tail[32:40])[0], struct.unpack("<Q", tail[40:48])[0]]
    if counts[0] > MEMBERS_LIMIT or counts[1] > DIRECTORY_LIMIT:
        raise TooLarge("error-archive-members-limit", limit=MEMBERS_LIMIT)


def _checked(file: zipfile.ZipFile, size: int, keys: Collection[VerifierKey]) -> Archive:
    listed = file.infolist()
    names = {one.filename for one in listed}
    plain = all(
        one.compress_type == zipfile.ZIP_STORED
        and one.file_size == one.compress_size
        and not one.flag_bits & 1
        and one.orig_filename == one.filename
        and _is_path(one.filename)
        for one in listed
    )
    if not plain or len(names) != len(listed) or sum(one.file_size for one in listed) > size:
        raise Invalid("error-archive-members")
    if not {MANIFEST, SIGNATURE} <= names:
        raise Invalid("error-archive-not-one")
    data, note = _small(file, MANIFEST, MANIFEST_LIMIT), _small(file, SIGNATURE, SIGNATURE_LIMIT)
    digest = hashlib.sha256(data).hexdigest()
    key = _signer(note, digest, keys)
    manifest = _manifest(data)
    paths = [one.path for one in manifest.members]
    if manifest.by != key.name or len(set(paths)) != len(paths) or {*paths, MANIFEST, SIGNATURE} != names:
        raise Invalid("error-archive-members")
    for one in manifest.members:
        for _ in _pieces(file, one):
            pass
    return Archive(file, manifest, digest, key)


def _is_path(name: str) -> bool:
    try:
        return check_key(name) == name
    except NotFound:
        return False


def _small(file: zipfile.ZipFile, name: str, limit: int) -> bytes:
    if file.getinfo(name).file_size > limit:
        raise TooLarge("error-archive-too-large", file=name)
    try:
        return file.read(name)
    except _NOT_ZIP:
        raise Invalid("error-archive-altered", file=name) from None


def _signer(note: bytes, digest: str, keys: Collection[VerifierKey]) -> VerifierKey:
    """Whose signature it is. Raises Invalid: of nobody of ``keys``, or not of this manifest."""
    try:
        text, _, tail = note.decode().partition("\n\n")
        signatures = [parse_signature(line) for line in tail.splitlines()]
    except ValueError:
        raise Invalid("error-archive-altered", file=SIGNATURE) from None
    ours = [(key, one) for one in signatures for key in keys if (one.name, one.key_id) == (key.name, key.id)]
    if not ours:
        raise Invalid("error-archive-key")
    for key, one in ours:
        if text + "\n" != _text(key.name, digest) or not is_by(key, one, text + "\n"):
            raise Invalid("error-archive-altered", file=MANIFEST)
    return ours[0][0]


def _manifest(data: bytes) -> Manifest:
    try:
        said = msgspec.json.decode(data, type=_Version)
        if (said.format, said.version) != (FORMAT, VERSION):
            raise Invalid("error-archive-version", version=said.version)
        return msgspec.json.decode(data, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Invalid("error-archive-altered", file=MANIFEST) from None


def _pieces(file: zipfile.ZipFile, member: Member) -> Iterator[bytes]:
    """The bytes of a member. Raises Invalid after the last: they are not those of the list."""
    digest, size = hashlib.sha256(), 0
    try:
        with file.open(member.path) as source:
            while piece := source.read(CHUNK):
                digest.update(piece)
                size += len(piece)
                yield piece
    except _NOT_ZIP:
        size = -1
    if (size, digest.hexdigest()) != (member.bytes, member.sha256):
        raise Invalid("error-archive-altered", file=member.path)


def verifier_keys(text: str) -> list[VerifierKey]:
    """Keys as ``telepath audit key`` prints them, separated by commas. Raises Invalid."""

    try:
        found = [parse_verifier_key(one) for one in re.split(r"[,\s]+", text.strip())]
    except ValueError:
        raise Invalid("error-archive-key-form") from None
    if any(one.kind != ED25519 for one in found):
        raise Invalid("error-archive-key-form")
    return found
