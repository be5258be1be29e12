"""The file of an archive: what was signed comes out, and what is wrong with a file is said before anything is taken from it."""

import json
import struct
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telepath.audit import checkpoint_text
from telepath.checkpoints import signed, verifier_key
from telepath.errors import Invalid, TelepathError
from web import archive_file
from web.archive_file import MANIFEST, SIGNATURE, Writer

KEY = Ed25519PrivateKey.generate()
BY = "telepath.example/audit"
SIGNERS = (verifier_key(KEY, BY),)
AT = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
CONTENT = {"consult.json": b"{}", "slides/a/files/slide.svs": bytes(range(256)) * 40_000, "empty": b""}


async def chunks(data: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(data), 1_000_000):
        yield data[start : start + 1_000_000]


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    writer = Writer(tmp_path / "good.zip")
    for name, data in CONTENT.items():
        await writer.put(name, chunks(data))
    writer.finish(KEY, BY, AT)
    writer.close()
    return tmp_path / "good.zip"


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(path: Path, *found: tuple[str, bytes], how: int = zipfile.ZIP_STORED) -> Path:
    target = path.with_name("other.zip")
    with zipfile.ZipFile(target, "w", how) as file:
        for name, data in found:
            file.writestr(zipfile.ZipInfo(name), data, how)
    return target


def resigned(path: Path, *found: tuple[str, bytes], key: Ed25519PrivateKey = KEY, **changed: object) -> Path:
    """These members under a manifest that names them, signed."""
    listed = [{"path": name, "bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in found]
    manifest = json.dumps(json.loads(members(path)[MANIFEST]) | {"members": listed} | changed).encode()
    note = signed(key, BY, f"{BY} consult 1\n{sha256(manifest).hexdigest()}\n").encode()
    return packed(path, *found, (MANIFEST, manifest), (SIGNATURE, note))


def refusal(path: Path) -> str:
    with pytest.raises(TelepathError) as refused:
        archive_file.opened(path, SIGNERS)
    return refused.value.code


async def test_what_was_put_in_comes_out_and_anybody_can_open_it(path: Path) -> None:
    archive = archive_file.opened(path, SIGNERS)
    assert {name: b"".join([chunk async for chunk in archive.chunks(name)]) for name in archive.members} == CONTENT
    assert (archive.manifest.by, archive.manifest.made, archive.key) == (BY, AT, SIGNERS[0])
    archive.close()
    assert {name: data for name, data in members(path).items() if name in CONTENT} == CONTENT
    assert path.stat().st_size < sum(map(len, CONTENT.values())) + 4096


async def test_the_same_content_is_the_same_file(path: Path, tmp_path: Path) -> None:
    writer = Writer(tmp_path / "again.zip")
    for name, data in CONTENT.items():
        await writer.put(name, chunks(data))
    writer.finish(KEY, BY, AT)
    writer.close()
    assert (tmp_path / "again.zip").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("kept", [0, 21, 22, 1000, 5_000_000, -1, -30])
async def test_a_file_that_was_cut_short_is_no_archive(path: Path, kept: int) -> None:
    path.write_bytes(path.read_bytes()[:kept])
    assert refusal(path) == "error-archive-not-one"


async def test_anything_else_is_no_archive(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "letter.pdf"
    other.write_bytes(b"%PDF-1.7\n" + bytes(4096))
    assert refusal(other) == "error-archive-not-one"
    assert refusal(packed(path, ("letter.txt", b"Bonjour"))) == "error-archive-not-one"


async def test_an_archive_of_another_signer_is_refused(path: Path) -> None:
    other = Ed25519PrivateKey.generate()
    assert refusal(resigned(path, ("consult.json", b"{}"), key=other)) == "error-archive-key"
    with pytest.raises(Invalid, match="error-archive-key"):
        archive_file.opened(path, [verifier_key(KEY, "another.example/audit")])


async def test_a_changed_member_is_named(path: Path) -> None:
    found = members(path) | {"slides/a/files/slide.svs": bytes(256) * 40_000}
    with pytest.raises(Invalid) as refused:
        archive_file.opened(packed(path, *found.items()), SIGNERS)
    assert (refused.value.code, refused.value.params) == (
        "error-archive-altered",
        {"file": "slides/a/files/slide.svs"},
    )


async def test_bytes_that_were_changed_in_place_are_found(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[2_000_000] ^= 1
    path.write_bytes(data)
    assert refusal(path) == "error-archive-altered"


async def test_a_changed_manifest_and_a_head_of_the_log_in_place_of_its_signature_are_refused(path: Path) -> None:
    found = members(path)
    longer = packed(path, *(found | {MANIFEST: found[MANIFEST] + b" "}).items())
    assert refusal(longer) == "error-archive-altered"
    head = signed(KEY, BY, checkpoint_text(f"{BY}/2026", 12, sha256(found[MANIFEST]).digest()))
    assert refusal(packed(path, *(found | {SIGNATURE: head.encode()}).items())) == "error-archive-altered"
    assert refusal(packed(path, *(found | {SIGNATURE: b"\xff"}).items())) == "error-archive-altered"


async def test_a_missing_an_added_and_a_doubled_member_are_refused(path: Path) -> None:
    found = members(path)
    less = {name: data for name, data in found.items() if name != "empty"}
    assert refusal(packed(path, *less.items())) == "error-archive-members"
    assert refusal(packed(path, *found.items(), ("more.txt", b""))) == "error-archive-members"
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = packed(path, *found.items(), ("consult.json", b"{}"))
    assert refusal(twice) == "error-archive-members"


@pytest.mark.parametrize(
    "name",
    [
        "../outside",
        "/etc/passwd",
        "slides/../../x",
        "a\\b",
        "slides//x",
        "-rf",
        "slides/.hidden",
        "folder/",
        "C:x",
        "é",
    ],
)
async def test_a_name_that_could_lead_anywhere_is_refused_though_it_is_signed(path: Path, name: str) -> None:
    assert refusal(resigned(path, ("consult.json", b"{}"), (name, b""))) == "error-archive-members"


async def test_what_is_compressed_or_says_another_size_is_refused(path: Path) -> None:
    bomb = packed(path, *members(path).items(), ("zeros", bytes(50_000_000)), how=zipfile.ZIP_DEFLATED)
    assert refusal(bomb) == "error-archive-members"
    data = bytearray(path.read_bytes())
    entry = data.rindex(b"PK\1\2", 0, data.rindex(b"PK\1\2"))
    data[entry + 20 : entry + 28] = struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)
    path.write_bytes(data)
    assert refusal(path) == "error-archive-members"


async def test_more_members_than_any_archive_has_are_refused_before_they_are_read(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-14:-10] = struct.pack("<HH", 0xFFFE, 0xFFFE)
    path.write_bytes(data)
    assert refusal(path) == "error-archive-members-limit"
    data[-14:-10] = struct.pack("<HH", 5, 5)
    data[-10:-6] = struct.pack("<I", 1 << 30)
    path.write_bytes(data)
    assert refusal(path) == "error-archive-members-limit"


async def test_another_version_is_told_from_a_damaged_list(path: Path) -> None:
    assert refusal(resigned(path, ("consult.json", b"{}"), version=2)) == "error-archive-version"
    assert refusal(resigned(path, ("consult.json", b"{}"), format="something")) == "error-archive-version"
    assert refusal(resigned(path, ("consult.json", b"{}"), more=1)) == "error-archive-altered"
    assert refusal(resigned(path, ("consult.json", b"{}"), by="another.example")) == "error-archive-members"
    assert refusal(resigned(path, ("consult.json", b"{}"), members=[{"path": "x"}])) == "error-archive-altered"


async def test_a_file_that_changes_after_it_was_checked_is_found_when_it_is_read(path: Path) -> None:
    archive = archive_file.opened(path, SIGNERS)
    data = bytearray(path.read_bytes())
    data[2_000_000] ^= 1
    path.write_bytes(data)
    with pytest.raises(Invalid, match="error-archive-altered"):
        [chunk async for chunk in archive.chunks("slides/a/files/slide.svs")]
    archive.close()


@pytest.mark.parametrize("text", ["", "x", "name+00000000+AAAA", "not a key at all"])
def test_what_is_no_key_is_said(text: str) -> None:
    with pytest.raises(Invalid, match="error-archive-key-form"):
        archive_file.verifier_keys(text)


def test_several_keys_are_read() -> None:
    text = ", ".join(str(one) for one in SIGNERS * 2)
    assert archive_file.verifier_keys(text) == [*SIGNERS, *SIGNERS]
