"""What every mail channel promises: the message arrives as it was, or the caller hears whether to try again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from telepath.errors import Invalid, Unavailable
from telepath.notices.channels import Mailer, compose, mailer
from tests.postmaster import Postmaster, post_office

AT = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


def message(to: str = "marchand@example.org", **changed: str) -> EmailMessage:
    given = {"subject": "Une demande vous attend", "text": "Été : https://telepath.example/consults/1\n", "key": "n1"}
    return compose(sender="telepath@example.org", to=to, at=AT, **(given | changed))


@dataclass
class Channel:
    mailer: Mailer
    arrived: Callable[[], list[bytes]]


@pytest.fixture
async def smtp() -> AsyncIterator[tuple[Postmaster, int]]:
    async with post_office() as made:
        yield made


@pytest.fixture(params=["smtp", "folder"])
def channel(request: pytest.FixtureRequest, smtp: tuple[Postmaster, int], tmp_path: Path) -> Channel:
    if request.param == "smtp":
        postmaster, port = smtp
        return Channel(mailer(f"smtp://127.0.0.1:{port}"), lambda: postmaster.got)
    folder = tmp_path / "été mails"
    return Channel(mailer(folder.as_uri()), lambda: [path.read_bytes() for path in sorted(folder.glob("*.eml"))])


def parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=SMTP)


async def test_a_message_arrives_as_it_was_composed(channel: Channel) -> None:
    await channel.mailer.send(message())
    (content,) = channel.arrived()
    got = parsed(content)
    assert got["To"] == "marchand@example.org"
    assert got["From"] == "telepath <telepath@example.org>"
    assert got["Subject"] == "Une demande vous attend"
    assert got["Message-ID"] == "<n1@example.org>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got.get_content().strip() == "Été : https://telepath.example/consults/1"


async def test_several_messages_all_arrive(channel: Channel) -> None:
    await asyncio.gather(*(channel.mailer.send(message(key=f"n{number}")) for number in range(5)))
    assert {parsed(content)["Message-ID"] for content in channel.arrived()} == {f"<n{n}@example.org>" for n in range(5)}


@pytest.mark.parametrize(
    "wrong",
    [
        {"to": "a@example.org\nBcc: b@example.org"},
        {"to": "a@example.org, b@example.org"},
        {"to": "nobody"},
        {"to": ""},
        {"subject": "x\r\nBcc: b@example.org"},
    ],
)
def test_a_message_with_a_wrong_address_or_header_is_never_made(wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        message(**wrong)


@pytest.mark.parametrize("answer", ["451 try again later", "552 mailbox full is for the mailbox", "554 no"])
async def test_a_server_that_does_not_take_it_is_told_apart(smtp: tuple[Postmaster, int], answer: str) -> None:
    postmaster, port = smtp
    postmaster.answer = answer
    with pytest.raises(Invalid if answer.startswith("552") else Unavailable):
        await mailer(f"smtp://127.0.0.1:{port}").send(message())
    assert postmaster.got == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [("550 no such user", Invalid), ("450 greylisted", Unavailable), ("550 5.7.1 relaying denied", Unavailable)],
)
async def test_a_recipient_that_does_not_exist_is_given_up(
    smtp: tuple[Postmaster, int], answer: str, error: type[Exception]
) -> None:
    postmaster, port = smtp
    postmaster.greeting = answer
    with pytest.raises(error):
        await mailer(f"smtp://127.0.0.1:{port}").send(message())


async def test_no_server_is_unavailable(smtp: tuple[Postmaster, int]) -> None:
    with pytest.raises(Unavailable):
        await mailer("smtp://127.0.0.1:1").send(message())


async def test_a_password_never_travels_without_encryption(smtp: tuple[Postmaster, int]) -> None:
    postmaster, port = smtp
    with pytest.raises(Unavailable):
        await mailer(f"smtp://user:secret@127.0.0.1:{port}").send(message())
    assert postmaster.got == []


async def test_a_server_that_hangs_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telepath.notices.channels.TIME_LIMIT", 3.0)
    left = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        left.set()

    silent = await asyncio.start_server(hang, "127.0.0.1", 0)
    async with silent:
        with pytest.raises(Unavailable):
            await mailer(f"smtp://127.0.0.1:{silent.sockets[0].getsockname()[1]}").send(message())
        await left.wait()


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable):
        await mailer((tmp_path / "file" / "mails").as_uri()).send(message())


def test_an_unknown_scheme_is_refused() -> None:
    with pytest.raises(Invalid):
        mailer("http://127.0.0.1")
