"""What every anchor promises: it keeps what it was given, it does not take what contradicts it, and it holds up nobody."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from telepath.anchors import addresses
from telepath.anchors.addresses import Outside
from telepath.anchors.mail import Letter
from telepath.anchors.model import Anchor, Forked, note_name
from telepath.anchors.s3 import S3Anchor, key_name
from telepath.audit import Note, parse_note, parse_signature
from telepath.checkpoints import is_by
from telepath.errors import Invalid, Unavailable
from tests.anchors import KEY, S3, Tree, Witness, s3_server, silent
from tests.login import free_port
from tests.postmaster import Postmaster, post_office

PUBLIC = KEY.public_key().public_bytes_raw()
MAILBOX = "audit@hopital.example"
TREE = Tree()


def opened(address: str, mail: str = "smtp://127.0.0.1:1") -> Anchor:
    def letter(language: str, note: Note) -> Letter:
        return Letter("Audit", f"Été {note.size} ({language})")

    outside = Outside(mail=mail, sender="telepath@example.org", letter=letter)
    (anchor,) = addresses.opened(addresses.read(address), outside)
    return anchor


@dataclass
class Place:
    """An anchor, and what lies on the other side."""

    anchor: Anchor
    kept: Callable[[], list[str]]
    """The notes there, in the order in which they came."""
    can_be_asked: bool = True
    shows_all: bool = True


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def bucket(s3: S3) -> str:
    name = f"anchors-{uuid4().hex[:8]}"
    s3.owner.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    return name


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Witness]:
    with Witness(tmp_path / "witness.json", PUBLIC).serving() as serving:
        yield serving


@pytest.fixture
async def smtp() -> AsyncIterator[tuple[Postmaster, int]]:
    async with post_office() as made:
        yield made


@pytest.fixture(params=["folder", "mail", "witness", "bucket"])
async def place(request: pytest.FixtureRequest, smtp: tuple[Postmaster, int], tmp_path: Path) -> AsyncIterator[Place]:
    made = _made(request, smtp, tmp_path)
    yield made
    await made.anchor.close()


def _made(request: pytest.FixtureRequest, smtp: tuple[Postmaster, int], tmp_path: Path) -> Place:
    if request.param == "folder":
        folder = tmp_path / "à côté"
        anchor = opened(folder.as_uri())
        return Place(anchor, lambda: [path.read_text() for path in sorted(folder.glob("*/*.note"))])
    if request.param == "mail":
        postmaster, port = smtp
        anchor = opened(f"mailto:{MAILBOX}", f"smtp://127.0.0.1:{port}")
        return Place(anchor, lambda: [attached(one) for one in postmaster.got], False, False)
    if request.param == "witness":
        witness: Witness = request.getfixturevalue("witness")
        anchor = opened(f"{witness.address}?vkey={witness.key}")
        # It keeps no note, only how far it saw the tree.
        return Place(anchor, lambda: [str(size) for size, _ in witness.seen.values()], True, False)
    s3, bucket = request.getfixturevalue("s3"), request.getfixturevalue("bucket")

    def objects() -> list[str]:
        keys = sorted((one["Key"] for one in s3.versions(bucket)), reverse=True)
        return [s3.owner.get_object(Bucket=bucket, Key=key)["Body"].read().decode() for key in keys]

    return Place(opened(s3.address(bucket)), objects)


def attached(letter: bytes) -> str:
    (attachment,) = message_from_bytes(letter, policy=SMTP).iter_attachments()
    content = attachment.get_content()
    return content.decode() if isinstance(content, bytes) else str(content)


def sizes(place: Place) -> list[int]:
    return [int(one) if one.isdecimal() else parse_note(one).size for one in place.kept()]


async def test_what_was_put_is_held(place: Place) -> None:
    head = TREE.grown(3).head()
    receipt = await place.anchor.put(head, 0)
    (kept,) = place.kept()
    assert kept in (head.note, "3")
    assert (receipt == "") == (place.anchor.kind == "folder")


async def test_to_put_the_same_again_changes_nothing(place: Place) -> None:
    head = TREE.grown(3).head()
    await place.anchor.put(head, 0)
    await place.anchor.put(head, 3)
    assert set(sizes(place)) == {3}
    if place.anchor.kind != "mail":  # two letters with one number: a mailbox shows them as one
        assert len(place.kept()) == 1


async def test_it_holds_a_log_as_it_grows_and_says_how_far(place: Place) -> None:
    before = 0
    for size in (3, 7, 8, 20):
        await place.anchor.put(TREE.grown(size).head(), before)
        before = size
    assert sizes(place)[-1] == 20
    newest = await place.anchor.newest([TREE.grown(20).head()])
    assert (newest is not None) == place.can_be_asked
    assert [(one.origin, one.size) for one in newest or ()] == [(TREE.origin, 20)] * place.can_be_asked
    shown = [parse_note(note).size async for note in place.anchor.held()]
    assert shown == ([20, 8, 7, 3] if place.shows_all else [])


async def test_it_holds_each_tree_by_itself(place: Place) -> None:
    first, second = TREE.grown(5).head(), Tree("2026-2").grown(2).head()
    await place.anchor.put(first, 0)
    await place.anchor.put(second, 0)
    newest = await place.anchor.newest([first, second])
    expected = {("telepath.example/audit/2026", 5), ("telepath.example/audit/2026-2", 2)}
    assert {(one.origin, one.size) for one in newest or ()} == (expected if place.can_be_asked else set())
    for head in (first, second):
        assert [note async for note in place.anchor.held(head.shard)] == [head.note] * place.shows_all


async def test_another_head_of_the_same_size_is_not_taken_for_the_first(place: Place) -> None:
    await place.anchor.put(TREE.grown(7).head(), 0)
    if not place.can_be_asked:
        await place.anchor.put(TREE.grown(7, rewritten=2).head(), 7)
        assert len(set(place.kept())) == 2, "whoever reads the mailbox sees that they contradict each other"
        return
    with pytest.raises(Forked) as caught:
        await place.anchor.put(TREE.grown(7, rewritten=2).head(), 7)
    assert (caught.value.held.origin, caught.value.held.size) == (TREE.origin, 7)
    assert caught.value.held.refuses or caught.value.held.note == TREE.grown(7).head().note
    newest = await place.anchor.newest([TREE.grown(7).head()])
    assert newest is not None
    assert newest[0].note.startswith(TREE.grown(7).head().note)


async def test_its_name_is_that_of_a_place_without_credentials(place: Place) -> None:
    assert 0 < len(place.anchor.name) <= 120
    assert S3.SECRET not in place.anchor.name
    assert "vkey" not in place.anchor.name
    assert place.anchor.every == timedelta(seconds={"folder": 0, "mail": 3600}.get(place.anchor.kind, 30))


def nowhere(kind: str, tmp_path: Path, port: int) -> Anchor:
    """An anchor of this kind behind ``port``, or behind a file where its folder should be."""
    (tmp_path / "file").write_text("not a folder")
    key = str(Witness(tmp_path / "none", PUBLIC).key)
    return {
        "folder": lambda: opened((tmp_path / "file" / "anchors").as_uri()),
        "mail": lambda: opened(f"mailto:{MAILBOX}", f"smtp://127.0.0.1:{port}"),
        "witness": lambda: opened(f"http://127.0.0.1:{port}?vkey={key}"),
        "bucket": lambda: opened(S3(f"http://127.0.0.1:{port}").address("anchors")),
    }[kind]()


@pytest.mark.parametrize("kind", ["folder", "mail", "witness", "bucket"])
async def test_one_that_is_away_says_so(kind: str, tmp_path: Path) -> None:
    anchor = nowhere(kind, tmp_path, free_port())
    with pytest.raises(Unavailable, match="error-anchor-away"):
        await anchor.put(TREE.grown(3).head(), 0)
    await anchor.close()


@pytest.mark.parametrize("kind", ["folder", "mail", "witness", "bucket"])
async def test_one_that_hangs_is_away_after_its_time_and_is_not_waited_for_at_the_end(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("telepath.anchors.model.LIMIT", "telepath.notices.channels.TIME_LIMIT"):
        monkeypatch.setattr(module, 0.5)
    with ExitStack() as stack:
        if kind == "folder":
            anchor = opened(tmp_path.as_uri())
            (tmp_path / "2026").mkdir()
            # Reading it waits for somebody who writes, as a network folder waits for its server.
            pipe = tmp_path / "2026" / note_name(3)
            os.mkfifo(pipe)
            stack.callback(lambda: pipe.write_bytes(b"x"))
        else:
            anchor = nowhere(kind, tmp_path, stack.enter_context(silent()))
        for _ in range(2):
            begun = time.monotonic()
            with pytest.raises(Unavailable):
                await anchor.put(TREE.grown(3).head(), 0)
            assert time.monotonic() - begun < 10
        await asyncio.wait_for(anchor.close(), 10)


# A folder


async def test_half_a_note_is_completed(tmp_path: Path) -> None:
    anchor, head = opened(str(tmp_path)), TREE.grown(3).head()
    path = tmp_path / "2026" / note_name(3)
    path.parent.mkdir()
    path.write_bytes(head.note.encode()[:50])
    assert [note async for note in anchor.held()] == []
    await anchor.put(head, 0)
    assert path.read_text() == head.note


async def test_a_folder_that_lost_what_it_held_is_in_trouble_and_not_fresh(tmp_path: Path) -> None:
    anchor = opened(str(tmp_path))
    await anchor.put(TREE.grown(3).head(), 0)
    (tmp_path / "2026").rename(tmp_path / "unmounted")
    with pytest.raises(Invalid, match="error-anchor-emptied"):
        await anchor.put(TREE.grown(4).head(), 3)


@pytest.mark.parametrize(
    ("there", "code"),
    [
        (Tree(log="another.example/audit").grown(3).head().note, "error-anchor-refused"),
        ("nothing that can be read", "error-anchor-false"),
    ],
)
async def test_what_is_not_ours_is_no_fork(tmp_path: Path, there: str, code: str) -> None:
    path = tmp_path / "2026" / note_name(3)
    path.parent.mkdir()
    path.write_text(there)
    with pytest.raises(Invalid, match=code):
        await opened(str(tmp_path)).put(TREE.grown(3).head(), 0)
    assert path.read_text() == there


async def test_the_same_head_signed_with_a_new_key_is_the_same(tmp_path: Path) -> None:
    anchor = opened(str(tmp_path))
    await anchor.put(TREE.grown(3).head(), 0)
    await anchor.put(TREE.grown(3).head(Ed25519PrivateKey.generate()), 3)
    assert [note async for note in anchor.held()] == [TREE.grown(3).head().note]


async def test_what_a_restore_set_aside_is_not_looked_at(tmp_path: Path) -> None:
    anchor = opened(str(tmp_path))
    await anchor.put(TREE.grown(9).head(), 0)
    (tmp_path / "2026").rename(tmp_path / "lost-20260311T120000Z")
    assert await anchor.newest([]) == []


# A mailbox


async def test_a_letter_has_the_note_itself_and_says_what_to_do_with_it(smtp: tuple[Postmaster, int]) -> None:
    postmaster, port = smtp
    head = TREE.grown(3).head()
    receipt = await opened(f"mailto:{MAILBOX}?language=en", f"smtp://127.0.0.1:{port}").put(head, 0)
    message = message_from_bytes(postmaster.got[0], policy=SMTP)
    assert (message["To"], message["Message-ID"]) == (MAILBOX, receipt)
    body = message.get_body()
    assert body is not None
    text = body.get_content()
    assert "Été 3 (en)" in text
    assert head.note in text.replace("\r\n", "\n")
    assert attached(postmaster.got[0]) == head.note


async def test_a_mailbox_that_does_not_exist_is_refused(smtp: tuple[Postmaster, int]) -> None:
    postmaster, port = smtp
    postmaster.greeting = "550 no such user"
    with pytest.raises(Invalid, match="error-anchor-refused"):
        await opened(f"mailto:{MAILBOX}", f"smtp://127.0.0.1:{port}").put(TREE.grown(3).head(), 0)


# A witness


def told(witness: Witness) -> Anchor:
    return opened(f"{witness.address}?vkey={witness.key}")


async def test_the_receipt_is_a_cosignature_that_outsiders_can_check(witness: Witness) -> None:
    head = TREE.grown(3).head()
    receipt = await told(witness).put(head, 0)
    assert is_by(witness.key, parse_signature(receipt), head.read.text)
    assert not is_by(witness.key, parse_signature(receipt), TREE.grown(4).head().read.text)
    assert parse_note(head.note + receipt).signatures[1].name == witness.key.name


async def test_a_witness_that_saw_another_size_is_shown_the_way_from_there(witness: Witness) -> None:
    anchor = told(witness)
    await anchor.put(TREE.grown(5).head(), 0)
    await anchor.put(TREE.grown(12).head(), 0)
    await anchor.put(TREE.grown(30).head(), 5)
    assert witness.asked == ["old 0", "old 0", "old 5", "old 5", "old 12"]
    assert witness.seen[TREE.origin][0] == 30


@pytest.mark.parametrize("rewritten", [0, 3, 6])
async def test_a_witness_refuses_a_log_that_was_rewritten(witness: Witness, rewritten: int) -> None:
    anchor = told(witness)
    await anchor.put(TREE.grown(7).head(), 0)
    with pytest.raises(Forked) as caught:
        await anchor.put(TREE.grown(20, rewritten=rewritten).head(), 7)
    assert (caught.value.held.size, caught.value.held.refuses) == (7, True)
    assert witness.seen[TREE.origin][0] == 7


async def test_a_witness_that_saw_more_says_how_much(witness: Witness) -> None:
    anchor = told(witness)
    await anchor.put(TREE.grown(20).head(), 0)
    with pytest.raises(Forked) as caught:
        await anchor.put(TREE.grown(12).head(), 0)
    assert (caught.value.held.size, caught.value.held.refuses) == (20, False)
    assert await anchor.newest([TREE.grown(12).head()]) == [caught.value.held]


async def test_a_cosignature_of_another_key_is_none(witness: Witness) -> None:
    head = TREE.grown(3).head()
    witness.instead = (200, witness.cosignature(head.read, Ed25519PrivateKey.generate()))
    with pytest.raises(Invalid, match="error-anchor-false"):
        await told(witness).put(head, 0)


async def test_cosignatures_of_unknown_keys_and_kinds_are_ignored(witness: Witness, tmp_path: Path) -> None:
    head = TREE.grown(3).head()
    stranger = Witness(tmp_path / "none", PUBLIC, "other.example/w9")
    ours = witness.cosignature(head.read)
    witness.instead = (200, f"— pq.example {'A' * 3000}\n{stranger.cosignature(head.read)}{ours}")
    assert await told(witness).put(head, 0) == ours


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (403, "no", Invalid, "error-anchor-refused"),
        (404, "no", Invalid, "error-anchor-refused"),
        (429, "later", Unavailable, "error-anchor-away"),
        (500, "oops", Unavailable, "error-anchor-away"),
        (503, "oops", Unavailable, "error-anchor-away"),
        (200, "", Invalid, "error-anchor-false"),
        (200, "x" * 100_000, Invalid, "error-anchor-false"),
        (301, "elsewhere", Invalid, "error-anchor-refused"),
    ],
)
async def test_an_answer_that_is_none_is_no_fork(
    witness: Witness, status: int, body: str, error: type[Exception], code: str
) -> None:
    witness.instead = (status, body)
    with pytest.raises(error, match=code):
        await told(witness).put(TREE.grown(3).head(), 0)


async def test_a_witness_does_not_know_a_log_that_others_sign(witness: Witness) -> None:
    with pytest.raises(Invalid, match="error-anchor-refused"):
        await told(witness).put(TREE.grown(3).head(Ed25519PrivateKey.generate()), 0)


# A bucket


async def test_nobody_can_delete_what_a_bucket_holds(s3: S3, bucket: str) -> None:
    anchor = opened(f"{s3.address(bucket)}&years=7")
    head = TREE.grown(3).head()
    version = await anchor.put(head, 0)
    where = {"Bucket": bucket, "Key": f"telepath/2026/{key_name(3)}", "VersionId": version}
    locked = s3.owner.get_object_retention(**where)["Retention"]
    assert locked["Mode"] == "COMPLIANCE"
    assert locked["RetainUntilDate"].date() == (head.at + timedelta(days=7 * 365.25)).date()
    sooner = {"Mode": "COMPLIANCE", "RetainUntilDate": datetime.now(UTC) + timedelta(seconds=1)}
    weaker = {"Mode": "GOVERNANCE", "RetainUntilDate": locked["RetainUntilDate"]}
    refused: list[Callable[[], object]] = [
        lambda: s3.owner.delete_object(**where, BypassGovernanceRetention=True),
        lambda: s3.owner.put_object_retention(**where, Retention=sooner),
        lambda: s3.owner.put_object_retention(**where, Retention=weaker),
        lambda: s3.owner.delete_bucket(Bucket=bucket),
    ]
    for act in refused:
        with pytest.raises(ClientError):
            act()
    assert [note async for note in anchor.held()] == [head.note]
    await anchor.close()


async def test_a_forgery_over_a_head_and_a_mark_of_deletion_hide_nothing(s3: S3, bucket: str) -> None:
    anchor, key = opened(s3.address(bucket)), f"telepath/2026/{key_name(7)}"
    head, forged = TREE.grown(7).head(), TREE.grown(7, rewritten=2).head()
    await anchor.put(head, 0)
    s3.owner.put_object(Bucket=bucket, Key=key, Body=forged.note.encode())
    s3.owner.delete_object(Bucket=bucket, Key=key)
    newest = await anchor.newest([])
    assert newest is not None
    assert [one.note for one in newest] == [head.note]
    assert [note async for note in anchor.held()] == [head.note, forged.note]
    with pytest.raises(Invalid, match="error-anchor-emptied"):
        await anchor.put(TREE.grown(9).head(), 8)
    await anchor.put(TREE.grown(9).head(), 7)
    await anchor.close()


async def test_the_newest_of_many_is_found_without_listing_them_all(
    s3: S3, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchor, most = opened(s3.address(bucket)), 25
    assert isinstance(anchor, S3Anchor)
    for size in range(1, most + 1):
        await anchor.put(TREE.grown(size).head(), size - 1)
    listed: list[int] = []

    def answered(parsed: dict[str, Any], **_: Any) -> None:
        listed.append(len(parsed.get("Versions", ())))

    anchor._client.meta.events.register("after-call.s3.ListObjectVersions", answered)
    newest = await anchor.newest([])
    assert newest is not None
    assert [one.size for one in newest] == [most]
    assert 0 < sum(listed) < most
    listed.clear()
    monkeypatch.setattr("telepath.anchors.s3.AT_ONCE", 7)
    assert [parse_note(note).size async for note in anchor.held()] == list(range(most, 0, -1))
    assert sum(listed) == most
    await anchor.close()


async def test_a_bucket_that_locks_nothing_is_no_anchor(s3: S3) -> None:
    s3.owner.create_bucket(Bucket="plain")
    anchor = opened(s3.address("plain"))
    with pytest.raises(Invalid, match="error-anchor-unlocked"):
        await anchor.put(TREE.grown(3).head(), 0)
    await anchor.close()


async def test_a_wrong_secret_is_refused(s3: S3, bucket: str) -> None:
    anchor = opened(s3.address(bucket).replace(S3.SECRET, "wrong"))
    with pytest.raises(Invalid, match="error-anchor-refused"):
        await anchor.put(TREE.grown(3).head(), 0)
    await anchor.close()
