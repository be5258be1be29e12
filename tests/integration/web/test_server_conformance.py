"""web/server.py: Autobahn's cases recreated for both ways of ``tests/conformance/echo.py``. Numbers are Autobahn's; what only a
room can show is in test_server.py, and all 301 are `make conformance`."""

import asyncio
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
import uvloop
from websockets.frames import Close, Opcode

from tests.conformance import autobahn
from tests.conformance.echo import WAYS, echoing
from tests.conformance.raw import NORMAL, Raw, connected, framed
from tests.tools import ToolMissing

ROOT = Path(__file__).parents[3]
LONGEST = 1 << 20
TEXT, BINARY, CONT, PING, PONG, CLOSE = (
    Opcode.TEXT,
    Opcode.BINARY,
    Opcode.CONT,
    Opcode.PING,
    Opcode.PONG,
    Opcode.CLOSE,
)
LENGTHS = (0, 1, 125, 126, 127, 128, 65535, 65536, 65537)
Anew = Callable[[], AbstractAsyncContextManager[Raw]]


@pytest.fixture(params=WAYS)
async def anew(request: pytest.FixtureRequest) -> AsyncIterator[Anew]:
    """``async with anew() as raw``: connected to the echo, each way."""
    async with echoing(LONGEST) as (_, port):
        yield lambda: connected(f"127.0.0.1:{port}", f"/{request.param}")


@pytest.fixture
async def raw(anew: Anew) -> AsyncIterator[Raw]:
    async with anew() as client:
        yield client


async def over(raw: Raw, *left: tuple[Opcode, bytes]) -> None:
    """The connection is in order to its end: what is ``left`` comes, then the answer to our close, and no more."""
    raw.put(CLOSE, NORMAL)
    assert await raw.frames() == [*left, (CLOSE, NORMAL)]


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
async def test_1_messages_of_every_length_of_header_come_back(opcode: Opcode, raw: Raw) -> None:
    for length in LENGTHS:
        raw.put(opcode, b"*" * length)
        assert await raw.frame() == (opcode, b"*" * length)
    await over(raw)


@pytest.mark.parametrize("size", [1, 2, 3, 7])
async def test_2_6_what_comes_in_small_segments_is_the_same(size: int, raw: Raw) -> None:
    message = b"".join((framed(BINARY, b"0123456789"), framed(PING, b"p" * 125), framed(TEXT, "Ελλ".encode())))
    await raw.chopped(message, size)
    found = [await raw.frame() for _ in range(3)]
    # By ASGI an answer waits for the application; a pong does not.
    assert sorted(found) == sorted([(BINARY, b"0123456789"), (PONG, b"p" * 125), (TEXT, "Ελλ".encode())])
    await over(raw)


async def test_1_2_8_a_message_of_two_segments_is_cut_anywhere(raw: Raw) -> None:
    for length in (5, 126, 300):
        whole = framed(BINARY, os.urandom(length))
        for place in range(1, len(whole), 1 + length // 20):
            await raw.chopped(whole[:place], place)
            raw.writer.write(whole[place:])
            assert len((await raw.frame())[1]) == length
    await over(raw)


async def test_many_messages_in_one_segment_are_many_messages(raw: Raw) -> None:
    bodies = [bytes((number,)) * (number % 140) for number in range(250)]
    raw.writer.write(b"".join(framed(BINARY, body) for body in bodies))
    assert [await raw.frame() for _ in bodies] == [(BINARY, body) for body in bodies]
    await over(raw)


async def test_2_9_pings_are_answered_in_order_and_pongs_are_not(raw: Raw) -> None:
    raw.put(PONG, b"nobody asked")
    for number in range(10):
        raw.put(PING, b"%d" % number)
    raw.put(PING, b"\xff\xfe not text")
    await over(raw, *((PONG, b"%d" % number) for number in range(10)), (PONG, b"\xff\xfe not text"))


async def refused(anew: Anew, sent: bytes, code: int = 1002) -> None:
    """``sent`` after a message that comes back ends the connection with ``code``."""
    async with anew() as raw:
        raw.put(TEXT, b"before")
        assert await raw.frame() == (TEXT, b"before")
        raw.writer.write(sent)
        assert await raw.end_code() == code, sent


async def test_2_5_a_control_frame_over_125_bytes_is_a_protocol_error(anew: Anew) -> None:
    for opcode in (PING, PONG, CLOSE):
        await refused(anew, framed(opcode, struct.pack("!H", 1000) + b"r" * 124))


async def test_5_1_a_control_frame_in_fragments_is_a_protocol_error(anew: Anew) -> None:
    for opcode in (PING, PONG, CLOSE):
        await refused(anew, framed(opcode, NORMAL, fin=False) + framed(CONT))


async def test_3_reserved_bits_are_a_protocol_error(anew: Anew) -> None:
    for opcode in (TEXT, BINARY, PING, CLOSE):
        for reserved in range(1, 8):
            await refused(anew, framed(opcode, NORMAL, reserved=reserved))


async def test_4_reserved_opcodes_are_a_protocol_error(anew: Anew) -> None:
    for opcode in (*range(3, 8), *range(11, 16)):
        await refused(anew, framed(opcode, b"something"))


async def test_a_frame_without_a_mask_is_a_protocol_error(anew: Anew) -> None:
    for first in (0x81, 0x82, 0x88, 0x89):
        await refused(anew, bytes((first, 2)) + b"ab")


async def test_5_19_control_frames_between_fragments_are_answered_at_once(raw: Raw) -> None:
    for part in (b"one", b"two"):
        raw.put(TEXT if part == b"one" else CONT, part, fin=False)
    raw.put(PING, b"first")
    assert await raw.frame() == (PONG, b"first")
    raw.put(CONT, b"three", fin=False)
    raw.put(PING, b"second")
    assert await raw.frame() == (PONG, b"second")
    raw.put(CONT, b"four")
    assert await raw.frame() == (TEXT, b"onetwothreefour")
    await over(raw)


async def test_5_9_a_continuation_of_nothing_is_a_protocol_error(anew: Anew) -> None:
    for fin in (True, False):
        await refused(anew, framed(CONT, b"of nothing", fin=fin))


async def test_5_18_a_new_message_inside_another_is_a_protocol_error(anew: Anew) -> None:
    for opcode in (TEXT, BINARY):
        await refused(anew, framed(BINARY, b"fragment1", fin=False) + framed(opcode, b"fragment2"))


async def test_6_2_a_letter_cut_between_fragments_and_segments_is_whole_again(raw: Raw) -> None:
    letters = "Hello-µ@ßöäüàá-UTF-8!!😀".encode()
    for place in range(len(letters)):
        raw.put(TEXT if place == 0 else CONT, letters[place : place + 1], fin=place == len(letters) - 1)
    assert await raw.frame() == (TEXT, letters)
    await raw.chopped(framed(TEXT, letters), 1)
    assert await raw.frame() == (TEXT, letters)
    await over(raw)


NOT_UTF8 = (
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited",  # 6.3.1
    b"\xf8\x88\x80\x80\x80",  # 6.12
    b"\xc0\xaf",  # 6.20
    b"\xed\xbf\xbf",  # 6.21
    b"\xf4\x90\x80\x80",  # 6.9
    b"\xe1\xbd",  # 6.6: the beginning of a letter
    b"\xff",
)


async def test_6_text_that_is_not_utf8_is_closed_with_1007(anew: Anew) -> None:
    for bad in NOT_UTF8:
        await refused(anew, framed(TEXT, bad), 1007)


async def test_6_4_text_that_is_not_utf8_in_fragments_is_closed_with_1007(raw: Raw) -> None:
    raw.put(TEXT, "κόσμε".encode(), fin=False)
    raw.put(CONT, b"\xf4\x90\x80\x80", fin=False)
    raw.put(CONT, b"edited")
    assert await raw.end_code() == 1007


async def test_7_1_1_a_message_then_a_close_is_a_message_then_a_close(raw: Raw) -> None:
    raw.put(TEXT, b"Hello World!")
    assert await raw.frame() == (TEXT, b"Hello World!")
    await over(raw)


async def test_7_1_2_a_second_close_is_not_answered(raw: Raw) -> None:
    raw.put(CLOSE, NORMAL)
    raw.put(CLOSE, NORMAL)
    assert await raw.frames() == [(CLOSE, NORMAL)]


async def test_7_1_3_what_comes_after_the_close_is_not_read(anew: Anew) -> None:
    for after in (framed(PING, b"late"), framed(TEXT, b"late"), framed(TEXT, b"la", fin=False)):
        async with anew() as raw:
            raw.writer.write(framed(CLOSE, NORMAL) + after)
            assert await raw.frames() == [(CLOSE, NORMAL)]


async def test_7_1_5_a_close_in_the_middle_of_a_message_is_answered_in_kind(raw: Raw) -> None:
    raw.put(TEXT, b"fragment1", fin=False)
    raw.put(CLOSE, NORMAL)
    raw.put(CONT, b"fragment2")
    assert await raw.frames() == [(CLOSE, NORMAL)]


async def test_7_1_6_a_close_behind_a_long_message_ends_in_order(raw: Raw) -> None:
    long = b"BAsd7&jh23" * (LONGEST // 10)
    raw.put(TEXT, long)
    raw.put(TEXT, b"Hello World!")
    raw.put(CLOSE, NORMAL)
    raw.put(PING, b"late")
    found = await raw.frames()
    # How much of it is still answered is left open; nothing but that may come, and the close last.
    assert found[-1] == (CLOSE, NORMAL)
    assert found[:-1] in ([], [(TEXT, long)], [(TEXT, long), (TEXT, b"Hello World!")])


async def test_7_3_1_a_close_without_a_code_is_answered_without_one(raw: Raw) -> None:
    raw.put(CLOSE, b"")
    assert await raw.frames() == [(CLOSE, b"")]


async def test_7_3_2_a_close_of_one_byte_is_a_protocol_error(raw: Raw) -> None:
    raw.put(CLOSE, b"a")
    assert await raw.end_code() == 1002


async def test_7_3_5_a_reason_may_have_123_bytes(raw: Raw) -> None:
    body = Close(1000, "*" * 123).serialize()
    raw.put(CLOSE, body)
    assert await raw.end_code() == 1000


async def test_7_5_1_a_reason_that_is_not_utf8_is_an_error(raw: Raw) -> None:
    raw.put(CLOSE, struct.pack("!H", 1000) + b"\xce\xba\xed\xa0\x80")
    assert await raw.end_code() in {1002, 1007}


async def test_7_7_a_code_that_exists_is_answered_with_itself(anew: Anew) -> None:
    for code in (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999):
        await refused(anew, framed(CLOSE, struct.pack("!H", code)), code)


async def test_7_9_a_code_that_does_not_exist_is_a_protocol_error(anew: Anew) -> None:
    for code in (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535):
        await refused(anew, framed(CLOSE, struct.pack("!H", code)))


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("fragment", [64, 4096, LONGEST])
async def test_9_1_to_9_4_a_long_message_comes_back_however_it_is_cut(opcode: Opcode, fragment: int, raw: Raw) -> None:
    long = b"*" * (LONGEST if fragment > 64 else 1 << 16)
    for place in range(0, len(long), fragment):
        last = place + fragment >= len(long)
        raw.put(opcode if place == 0 else CONT, long[place : place + fragment], fin=last)
    assert await raw.frame() == (opcode, long)
    await over(raw)


@pytest.mark.parametrize("size", [64, 1024])
async def test_9_5_a_long_message_comes_back_in_whatever_segments_it_came(size: int, raw: Raw) -> None:
    long = os.urandom(1 << 17)
    sending = asyncio.create_task(raw.chopped(framed(BINARY, long), size))
    assert await raw.frame() == (BINARY, long)
    await sending
    await over(raw)


@pytest.mark.parametrize("length", [0, 16, 125, 1024])
async def test_9_7_a_thousand_messages_one_after_the_other_come_back(length: int, raw: Raw) -> None:
    for _ in range(1000):
        raw.put(BINARY, b"*" * length)
        assert await raw.frame() == (BINARY, b"*" * length)
    await over(raw)


async def test_a_message_over_the_limit_is_closed_with_1009_before_it_is_read(raw: Raw) -> None:
    raw.writer.write(b"\x82\xff" + struct.pack("!Q", LONGEST + 1) + b"\0\0\0\0")
    assert await raw.end_code() == 1009


async def test_fragments_over_the_limit_together_are_closed_with_1009(raw: Raw) -> None:
    raw.put(BINARY, b"*" * (LONGEST - 10), fin=False)
    raw.put(CONT, b"*" * 11, fin=False)
    assert await raw.end_code() == 1009


@pytest.mark.parametrize("fin", [True, False])
async def test_a_length_in_more_bytes_than_it_needs_does_no_harm(fin: bool, raw: Raw) -> None:
    """RFC 6455 5.2: "the minimal number of bytes MUST be used"; Autobahn does not ask. Read or refused, nothing else."""
    raw.writer.write(bytes((0x80 * fin | 2, 0xFE)) + struct.pack("!H", 3) + b"\0\0\0\0abc")
    raw.put(CLOSE, NORMAL)
    found = await raw.frames()
    assert found[-1][0] is CLOSE
    assert found[:-1] in ([], [(BINARY, b"abc")])


@pytest.mark.parametrize("way", WAYS)
def test_the_loop_that_the_service_runs_on_does_the_same(way: str) -> None:
    """web/cli.py takes uvloop, whose transports are not asyncio's."""

    async def story() -> None:
        async with echoing(LONGEST) as (_, port), connected(f"127.0.0.1:{port}", f"/{way}") as raw:
            for length in LENGTHS:
                raw.put(BINARY, b"*" * length)
                assert await raw.frame() == (BINARY, b"*" * length)
            raw.put(TEXT, b"fragment1", fin=False)
            await over(raw)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(story())


async def test_a_report_of_the_run_before_is_not_taken_for_this_one(tmp_path: Path) -> None:
    (tmp_path / "index.json").write_text('{"attached": {}}')
    idle = Path(shutil.which("true") or "")
    with pytest.raises(ToolMissing, match="wstest ended with 0"):
        await autobahn.run(idle, 1, ("attached",), ["*"], tmp_path)


def test_without_python_2_7_make_conformance_says_what_to_do(tmp_path: Path) -> None:
    alone = os.environ | {"PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "tests.conformance"], cwd=ROOT, env=alone, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stdout.startswith("no python2.7 on PATH")
    assert "make conformance" in done.stdout
    recipe = (ROOT / "Makefile").read_text()
    assert "\t$(BIN)/python -m tests.conformance\n" in recipe
