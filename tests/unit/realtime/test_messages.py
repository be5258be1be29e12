"""realtime/messages.py: what a client may say, and what it is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from realtime import close_codes, messages, presence
from realtime.messages import MAX_BYTES, Agenda, Fact, Item, Member, MessageError, Welcome

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "messages.json").read_text())


@pytest.mark.parametrize("message", VECTORS["client"], ids=json.dumps)
def test_a_clients_message_is_read(message: dict[str, Any]) -> None:
    messages.decode(json.dumps(message))


@pytest.mark.parametrize("text", VECTORS["invalid_client"], ids=lambda text: text[:60])
def test_what_no_client_says_is_refused(text: str) -> None:
    with pytest.raises(MessageError):
        messages.decode(text)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        '{"a":' * 10_000,
        '{"type":"ping","at":1,"x":' + "[" * 5_000,
        '{"type":"ping","at":' + "9" * 400 + "}",
    ],
    ids=["deep list", "deep object", "deep unknown field", "huge number"],
)
def test_hostile_json_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(MessageError):
        messages.decode(text)


def test_a_message_over_64_kilobytes_is_refused() -> None:
    with pytest.raises(MessageError):
        messages.decode('{"type":"ping","at":1}' + " " * MAX_BYTES)


def test_bytes_that_are_not_utf8_are_refused() -> None:
    with pytest.raises(MessageError):
        messages.decode(b'{"type":"ping\xff","at":1}')


def test_what_the_server_says_has_the_keys_of_the_vectors() -> None:
    me = "01hzy3v7q8r9s0t1v2w3x4y5z6"
    other = "01hzy3v7q8r9s0t1v2w3x4y5z7"
    member = Member(me, "Dr Zoé Marchand", "Centre hospitalier de Cayenne", 0, (7, 9), True)
    body = {"presenter": other, "epoch": 3, "before": me}
    fact = Fact(18, "presenter", body, other, "Dr Paul Lenoir", "2026-01-01T12:00:00Z", "0123456789")
    welcome = Welcome(
        room=me,
        you=7,
        members=(member,),
        presenter=me,
        epoch=3,
        slide=other,
        seq=18,
        mode="replay",
        facts=(fact,),
        frames=bytes.fromhex(
            json.loads((Path(__file__).parents[2] / "vectors" / "frames.json").read_text())["valid"][1]["hex"]
        ),
        at=1767268800000,
        every=250,
        agenda=Agenda((Item("Zk3_-x8Q", "Sein gauche, 3 h", me, 10),), "Zk3_-x8Q", "2026-01-01T12:00:00.000Z"),
    )
    said: list[messages.ServerMessage] = [
        welcome,
        fact,
        messages.Acknowledged("0123456789", 18),
        messages.RefusedOperation("0123456789", "error-room-epoch"),
        messages.Presence((member,)),
        messages.Tick(18, 1767268800000, True, 250),
        messages.GoAway(800),
        messages.Pong(1700000000000, 1767268800000),
    ]
    assert [json.loads(messages.encode(message)) for message in said] == VECTORS["server"]


def test_close_codes_and_colours_are_those_of_the_vectors() -> None:
    told = [{"code": int(code), "name": code.name.lower().replace("_", "-")} for code in close_codes.CloseCode]
    assert told == [{"code": one["code"], "name": one["name"]} for one in VECTORS["close_codes"]]
    assert list(presence.COLOURS) == VECTORS["colours"]
