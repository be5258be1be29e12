"""Whom the news of a withdrawn right means."""

import pytest

from realtime.revocations import News, names, read
from telepath.actor import Actor, Role

ZOE = Actor(person_id="zoe", name="Dr Zoé Marchand", institution_id="chu", session_id="0123456789abcdef" * 4)


@pytest.mark.parametrize("payload", [b"", b"{}", b"[]", b"\xff", b'{"because": 1}', b'"grant"', b"what is this?"])
def test_what_cannot_be_read_names_nobody(payload: bytes) -> None:
    assert read(payload) == News()
    assert ("", "") not in names(ZOE)


def test_a_session_a_person_and_what_they_belong_to_are_meant_by_name() -> None:
    assert read(b'{"because": "session", "because_id": "0123456789abcdef"}') == News("session", "0123456789abcdef")
    assert names(ZOE) == {("session", "0123456789abcdef"), ("erased", "zoe"), ("person", "zoe")}
    working = Actor(
        person_id="zoe", name="", institution_id="chu", roles=frozenset({Role.REQUESTER}), groups=frozenset({"gcs"})
    )
    assert names(working) >= {("institution", "chu"), ("group", "gcs")}
    guest = Actor(person_id="guest", name="", institution_id="", link_id="link", session_id="fedcba9876543210")
    assert names(guest) >= {("link", "link"), ("session", "fedcba9876543210")}
