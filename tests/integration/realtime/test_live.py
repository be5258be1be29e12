"""The live room over real WebSockets on one node: by our own socket class, and by plain ASGI."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import msgspec
import pytest
from sqlalchemy import event, text

from auth import repository as logins
from realtime import calls, frames, ledger, operations
from realtime.bus import REVOKED
from realtime.bus_memory import MemoryBus
from realtime.calls import Call
from realtime.close_codes import CloseCode
from realtime.frames import ReceiptFrame, StrokeFrame, ViewportFrame
from realtime.hub import Hub
from realtime.messages import Say
from realtime.presence import Seat
from realtime.wire import Message
from telepath.actor import Actor
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.rooms import Guest, Node, Ward, node, refused_status, until


@pytest.fixture
async def ward(sqlite_url: str) -> AsyncIterator[Ward]:
    db = Database(sqlite_url, MASTER_KEY)
    yield await Ward(db).build()
    await db.close()


@pytest.fixture(params=["our own socket", "plain ASGI"])
async def place(request: pytest.FixtureRequest, ward: Ward) -> AsyncIterator[Node]:
    async with node(ward.db, MemoryBus(), plain=request.param == "plain ASGI") as running:
        yield running


@pytest.fixture
async def ours(ward: Ward) -> AsyncIterator[Node]:
    async with node(ward.db, MemoryBus()) as running:
        yield running


async def test_a_follower_sees_the_presenters_field_and_everybodys_pointer(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        sent = zoe.viewport(256 * 20_480)
        await zoe.send(sent)
        await paul.until(lambda: paul.field == sent)
        pointing = paul.pointer(77)
        await paul.send(pointing)
        await zoe.until(lambda: pointing in zoe.frames)
        await zoe.until(lambda: len(zoe.members) == 2)
        assert zoe.field is None, "nobody gets their own frames back"


async def test_a_late_comer_finds_the_field_in_the_welcome(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        sent = zoe.viewport(5)
        await zoe.send(sent)
        await paul.until(lambda: paul.field == sent)
        async with place.guest("lea", room) as lea:
            assert frames.decode(base64.b64decode(lea.welcome["frames"])) == [sent]
            assert {member["person"] for member in lea.welcome["members"]} == set(
                map(ward.person, ("zoe", "paul", "lea"))
            )


async def test_the_newest_of_many_frames_arrives(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        for x in range(100):
            last = zoe.viewport(x)
            await zoe.send(last)
        await paul.until(lambda: paul.field == last)
        came = [frame.sequence for frame in paul.frames]
        assert came == sorted(set(came))


async def test_the_presentation_is_handed_over_and_the_old_presenters_frames_stop(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        answer = await zoe.operate("hand-over", epoch=1, to=ward.person("paul"))
        assert answer["type"] == "ack"
        await paul.until(lambda: paul.epoch == 2)
        await zoe.until(lambda: zoe.epoch == 2)
        await zoe.send(zoe.viewport(1, epoch=1), zoe.viewport(2))
        shown = paul.viewport(3)
        await paul.send(shown)
        await zoe.until(lambda: zoe.field == shown)
        assert paul.field is None
        (fact,) = [fact for fact in paul.facts if fact["kind"] == "presenter"]
        assert fact["body"] == {"presenter": ward.person("paul"), "epoch": 2, "before": ward.person("zoe")}
        assert (fact["actor"], fact["name"]) == (ward.person("zoe"), "Dr Zoé Marchand")


async def test_of_two_who_take_at_once_one_wins(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room), place.guest("paul", room) as paul, place.guest("lea", room) as lea:
        answers = await asyncio.gather(paul.operate("take", epoch=1), lea.operate("take", epoch=1))
        assert sorted(answer["type"] for answer in answers) == ["ack", "refused"]
        (loser,) = [answer for answer in answers if answer["type"] == "refused"]
        assert loser["code"] == "error-room-epoch"
        await paul.until(lambda: paul.epoch == 2)
        await lea.until(lambda: lea.epoch == 2)
        presenters = {
            fact["body"]["presenter"] for guest in (paul, lea) for fact in guest.facts if fact["kind"] == "presenter"
        }
        assert len(presenters) == 1


@pytest.mark.parametrize("attempt", ["stream", "epoch", "future", "role", "replay", "leap"])
async def test_forged_old_and_repeated_frames_are_dropped_and_the_room_goes_on(
    attempt: str, place: Node, ward: Ward
) -> None:
    room = await ward.room()
    async with (
        place.guest("zoe", room) as zoe,
        place.guest("paul", room) as paul,
        place.guest("lea", room) as lea,
    ):
        first = zoe.viewport(1)
        await zoe.send(first)
        await lea.until(lambda: lea.field == first)
        wrong = {
            "stream": (paul, paul.viewport(666, stream=zoe.you, sequence=99)),
            "epoch": (zoe, zoe.viewport(666, epoch=0)),
            "future": (zoe, zoe.viewport(666, epoch=7)),
            "role": (paul, paul.viewport(666)),
            "replay": (zoe, first),
            "leap": (zoe, zoe.viewport(666, sequence=2**32 - 1)),
        }[attempt]
        await wrong[0].send(wrong[1])
        last = zoe.viewport(2, sequence=1000)
        await zoe.send(last)
        await lea.until(lambda: lea.field == last)
        assert [frame.x for frame in lea.frames] == [1, 2]
        assert paul.close_code is None


@pytest.mark.parametrize(
    ("what", "code"),
    [
        ("not json", CloseCode.MALFORMED),
        ('{"type":"op","id":"12345678","act":{"kind":"rule"}}', CloseCode.MALFORMED),
        ('{"type":"hello","protocol":3}', CloseCode.MALFORMED),
        (b"\xff" * 20, CloseCode.MALFORMED),
        (b"", CloseCode.MALFORMED),
        (frames.encode(frames.AckRecord(10**6)), CloseCode.MALFORMED),
        ("x" * (64 * 1024 + 1), 1009),
        (b"\x01" * (64 * 1024 + 1), 1009),
    ],
    ids=[
        "text",
        "unknown act",
        "second hello",
        "bytes",
        "empty",
        "an ack that lies",
        "text too long",
        "bytes too long",
    ],
)
async def test_who_breaks_the_protocol_is_closed_and_the_room_goes_on(
    what: str | bytes, code: int, place: Node, ward: Ward
) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("lea", room) as lea, place.guest("paul", room) as paul:
        await paul.say(what)
        assert await paul.closed() == code
        await lea.until(lambda: ward.person("paul") not in lea.members)
        last = zoe.viewport(2)
        await zoe.send(last)
        await lea.until(lambda: lea.field == last)


async def test_a_flood_is_closed_and_the_others_notice_nothing(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("lea", room) as lea, place.guest("paul", room) as paul:
        flood = asyncio.create_task(_flood(paul))
        while paul.close_code is None:
            shown = zoe.viewport(zoe._sequence)
            await zoe.send(shown)
            await lea.until(lambda shown=shown: lea.field is not None and lea.field.sequence >= shown.sequence)  # type: ignore[misc]
            await asyncio.sleep(1 / 60)
        await flood
        assert await paul.closed() == CloseCode.FLOOD
        assert (zoe.close_code, lea.close_code) == (None, None)


async def _flood(guest: Guest) -> None:
    for _ in range(10_000):
        await guest.send(guest.pointer())
        if guest.close_code is not None:
            return


async def test_too_many_operations_are_refused_without_closing(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe:
        for number in range(80):
            await zoe.say({"type": "op", "id": f"operation-{number}", "act": {"kind": "say", "text": f"{number}"}})
        await zoe.until(lambda: len(zoe.of("ack")) + len(zoe.of("refused")) == 80)
        assert {refused["code"] for refused in zoe.of("refused")} == {"error-room-too-fast"}
        said = [fact["body"]["text"] for fact in zoe.facts if fact["kind"] == "said"]
        assert said == sorted(said, key=int)
        assert len(said) == len(zoe.of("ack"))


async def test_who_says_no_hello_is_closed(ours: Node, ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.connection.HELLO_WITHIN", 0.2)
    async with ours.guest("zoe", await ward.room(), hello=False) as zoe:
        assert await zoe.closed() == CloseCode.SLOW


async def test_another_version_of_the_protocol_is_told_so(ours: Node, ward: Ward) -> None:
    async with ours.guest("zoe", await ward.room(), hello=False) as zoe:
        await zoe.say({"type": "hello", "protocol": 99})
        assert await zoe.closed() == CloseCode.PROTOCOL_VERSION


async def test_frames_before_the_hello_are_not_of_the_protocol(ours: Node, ward: Ward) -> None:
    async with ours.guest("zoe", await ward.room(), hello=False) as zoe:
        await zoe.send(ViewportFrame(1, 1, 1, 0, 0, 0, 1, 1))
        assert await zoe.closed() == CloseCode.MALFORMED


async def test_no_room_and_no_right_are_refused_alike_before_the_handshake(place: Node, ward: Ward) -> None:
    room = await ward.room()
    assert await refused_status(place.guest("max", room)) == 404
    assert await refused_status(place.guest("zoe", "0" * 26)) == 404
    assert await refused_status(place.guest("zoe", "not-an-id")) == 404
    assert await refused_status(place.guest("zoe", room, cookie="telepath=nobody")) == 401
    stranger = place.guest("zoe", room)
    stranger.origin = "https://evil.example"
    assert await refused_status(stranger) == 403
    refusal, foreign = await ward.audited("access.refused")
    assert (refusal["object_id"], refusal["actor"]) == (room, ward.person("max"))
    assert (foreign["actor"], foreign["detail"]["reason"]) == (ward.person("zoe"), "other-site")


async def test_an_invitation_does_not_open_the_slide(ours: Node, ward: Ward) -> None:
    room = await ward.room("zoe", "max")
    assert await refused_status(ours.guest("max", room)) == 404


async def test_joining_is_in_the_audit_before_the_first_frame_and_leaving_after(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("paul", room) as paul:
        (joined,) = await ward.audited("room.joined")
        assert (joined["actor"], joined["object_id"], joined["case_id"]) == (ward.person("paul"), room, ward.case)
        assert joined["detail"]["stream"] == paul.you
        assert await ward.audited("room.left") == []
    async with ours.guest("zoe", room) as zoe:
        await zoe.until(lambda: ward.person("paul") not in zoe.members)
    await ours.hub.settled()
    assert len(await ward.audited("room.left")) == 2


async def test_an_operation_sent_twice_is_done_once(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        first = await zoe.operate("say", operation_id="the-same-one", text="Voyez-vous la mitose ?")
        again = await zoe.operate("say", operation_id="the-same-one", text="Voyez-vous la mitose ?")
        assert first == again
        stolen = await paul.operate("say", operation_id="the-same-one", text="Oui.")
        assert (stolen["type"], stolen["code"]) == ("refused", "error-room-operation")
        await paul.operate("say", text="Oui.")
        assert [fact["body"]["text"] for fact in zoe.facts if fact["kind"] == "said"] == [
            "Voyez-vous la mitose ?",
            "Oui.",
        ]


async def test_who_comes_back_gets_the_facts_they_missed(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe:
        async with place.guest("paul", room) as paul:
            await zoe.operate("say", text="un")
            await paul.until(lambda: len(paul.facts) == 2)
            last, stream = paul.facts[-1]["seq"], paul.you
        await zoe.operate("say", text="deux")
        await zoe.operate("hand-over", epoch=1, to=ward.person("paul"))
        async with place.guest("paul", room, last_seq=last, epoch=1) as paul:
            assert paul.welcome["mode"] == "replay"
            assert [fact["seq"] for fact in paul.facts] == [3, 4]
            assert [fact["kind"] for fact in paul.facts] == ["said", "presenter"]
            assert (paul.welcome["presenter"], paul.welcome["epoch"]) == (ward.person("paul"), 2)
            assert paul.you > stream


async def test_a_room_where_very_much_was_said_still_lets_people_in(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    for number in range(80):
        await operations.perform(ward.db, ward.actor("zoe"), room, f"operation-{number}", Say("\N{MICROSCOPE}" * 4000))
    for last_seq in (0, 2):
        async with ours.guest("paul", room, last_seq=last_seq) as paul:
            assert paul.welcome["mode"] == "reset"
            assert paul.facts[-1]["seq"] == paul.welcome["seq"] == 81
            seqs = [fact["seq"] for fact in paul.facts]
            assert seqs == list(range(seqs[0], 82))


@pytest.mark.parametrize(
    ("last_seq", "epoch"), [(99, 1), (1, 99)], ids=["a fact of the future", "an epoch of the future"]
)
async def test_who_knows_more_than_the_ledger_starts_anew(last_seq: int, epoch: int, ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe:
        await zoe.operate("say", text="un")
    async with ours.guest("paul", room, last_seq=last_seq, epoch=epoch) as paul:
        assert paul.welcome["mode"] == "reset"
        assert [fact["seq"] for fact in paul.facts] == [1, 2]


async def test_who_comes_with_many_is_told_what_they_missed_and_the_ledger_is_read_once_for_all(
    ours: Node, ward: Ward
) -> None:
    """One new, one who knows it all, one who missed a line, and one who knows more than there is."""
    room = await ward.room()
    reads: list[str] = []
    async with ours.guest("zoe", room) as zoe:
        for line in ("Un.", "Deux."):
            await zoe.operate("say", text=line)
        last, epoch = zoe.facts[-1]["seq"], zoe.epoch
        held = ((0, 0), (last, epoch), (last - 1, epoch), (last + 5, epoch))
        live = ours.hub.rooms[room]
        async with AsyncExitStack() as leaving:
            async with live._reading:
                guests = [ours.guest("paul", room, last_seq=seq, epoch=known) for seq, known in held]
                coming = asyncio.gather(*(leaving.enter_async_context(one) for one in guests))
                await until(lambda: len(live._coming) == len(guests))
                event.listen(ward.db.engine.sync_engine, "before_cursor_execute", lambda *told: reads.append(told[2]))
            await coming
            assert [one.welcome["mode"] for one in guests] == ["replay", "replay", "replay", "reset"]
            whole = list(range(1, last + 1))
            assert [[fact["seq"] for fact in one.facts] for one in guests] == [whole, [], [last], whole]
            assert len({one.you for one in guests}) == len(guests)
            streams = {one.you for one in (zoe, *guests)}
            assert all({n for one in told.welcome["members"] for n in one["streams"]} == streams for told in guests)
    assert len([one for one in reads if "FROM room_fact" in one]) == 1


class Prompt:
    """A client next to us, and the socket to it: it says that it follows nobody as soon as it is welcomed."""

    file, full = -1, False

    def __init__(self, hub: Hub, actor: Actor, room: str) -> None:
        self.said = False
        self.connection = hub.connect(self, actor, room, acknowledges=False)
        self.running = asyncio.create_task(self.connection.run())
        self.connection.receive('{"type":"hello","protocol":3}')

    def mend(self, rest: bytes) -> None: ...

    def write(self, message: Message) -> None:
        if message.payload.startswith(b'{"type":"welcome"'):
            asyncio.get_running_loop().call_soon(self.speak)

    def close(self, code: int) -> None: ...

    def speak(self) -> None:
        self.connection.receive('{"type":"following","following":false}')
        self.said = True


async def test_what_is_said_right_after_the_welcome_is_heard_however_many_come(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe:
        live = ours.hub.rooms[room]
        async with live._reading:
            many = [Prompt(ours.hub, ward.actor("paul"), room) for _ in range(5)]
            await until(lambda: len(live._coming) == len(many))
        await until(lambda: all(one.said for one in many))
        assert [seat.following for seat in live._presence.here() if seat.stream != zoe.you] == [False] * len(many)
        for one in many:
            one.connection.lost()
        await asyncio.gather(*(one.running for one in many))


async def test_a_person_with_two_tabs_is_one_member(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as one, ours.guest("zoe", room) as two, ours.guest("paul", room) as paul:
        zoe = paul.members[ward.person("zoe")]
        assert zoe["streams"] == [one.you, two.you]
        assert paul.members[ward.person("paul")]["colour"] != zoe["colour"]
        shown = two.viewport(9)
        await two.send(shown)
        await paul.until(lambda: paul.field == shown)
        await one.until(lambda: one.field == shown)


async def test_breaking_away_is_visible_to_all(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        await paul.say({"type": "following", "following": False})
        await zoe.until(lambda: zoe.members.get(ward.person("paul"), {}).get("following") is False)


async def test_how_wide_somebodys_window_is_is_told_to_all(place: Node, ward: Ward) -> None:
    """At the same magnification a field cannot be shown without it."""
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        window = {"type": "window", "height": 900, "ratio": 1.0, "reduced": False, "push": False, "same": False}
        for width in (1440, 1100):
            await zoe.say(window | {"width": width})
            await paul.until(lambda: paul.members[ward.person("zoe")]["width"] == width)  # noqa: B023  # awaited here


async def test_whom_somebody_follows_is_visible_and_only_followers_see_who_does_not_present(
    place: Node, ward: Ward
) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul, place.guest("lea", room) as lea:
        await paul.send(paul.viewport(1))  # nobody follows: dropped
        await paul.say({"type": "ping", "at": 1})
        await paul.until(lambda: bool(paul.of("pong")))
        await lea.say({"type": "following", "following": True, "whom": ward.person("paul")})
        await paul.until(lambda: paul.members.get(ward.person("lea"), {}).get("whom") == ward.person("paul"))
        shown = paul.viewport(2)
        await paul.send(shown)
        await lea.until(lambda: lea.field == shown)
        async with place.guest("lea", room) as late:
            await late.say({"type": "following", "following": True, "whom": ward.person("paul")})
            await late.until(lambda: late.field == shown)
        presented = zoe.viewport(3)
        await zoe.send(presented)
        await lea.until(lambda: presented in lea.frames)
        assert [frame.x for frame in lea.frames] == [2, 3]
        assert [frame.x for frame in zoe.frames] == []


async def test_one_follows_nobody_who_is_not_there_and_not_oneself(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        for whom in (ward.person("max"), "0" * 26):
            await paul.say({"type": "following", "following": False, "whom": whom})
        await paul.say({"type": "following", "following": False, "whom": ward.person("paul")})
        await zoe.until(lambda: zoe.members.get(ward.person("paul"), {}).get("following") is False)
        assert zoe.members[ward.person("paul")]["whom"] == ""


async def test_who_toggles_whom_they_follow_makes_no_flood_of_lists(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        await zoe.until(lambda: len(zoe.members) == 2)
        before = len(zoe.of("presence"))
        for number in range(81):
            await paul.say({"type": "following", "following": number % 2 == 1})
        await zoe.until(lambda: zoe.members[ward.person("paul")]["following"] is False)
        await paul.say({"type": "ping", "at": 1})
        await paul.until(lambda: bool(paul.of("pong")))
        assert len(zoe.of("presence")) - before < 20


async def test_who_toggles_on_another_node_makes_no_flood_of_lists_and_of_calls(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    bus, subject = ours.hub.bus, calls.topic(room, calls.PRESENCE)
    async with ours.guest("zoe", room) as zoe, bus.subscribe(subject) as called:
        lists = len(zoe.of("presence"))
        for number in range(81):
            there = Seat(
                1000, ward.person("paul"), "Dr Paul", "Lille", 1, following=number % 2 == 1, width=1000 + number
            )
            await bus.publish(subject, calls.encode(Call("the other", (there,), b"", 0)))
        await zoe.until(lambda: zoe.members.get(ward.person("paul"), {}).get("width") == 1080)
        assert len(zoe.of("presence")) - lists < 20
        nodes = [calls.decode((await anext(called))[1]).node for _ in range(81)]
        assert nodes.count("the other") > 70, "to hear of it is nothing to tell of"


async def test_a_receipt_reaches_the_presenter_alone(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul, place.guest("lea", room) as lea:
        field = zoe.viewport(1)
        await zoe.send(field)
        await paul.until(lambda: paul.field == field)
        answer = ReceiptFrame(paul.you, 1, 2, 0, zoe.you, field.sequence, 0, 0, 256, 256, sharp=True)
        await paul.send(
            msgspec.structs.replace(answer, of=4242, sequence=1),
            msgspec.structs.replace(answer, stream=zoe.you),
            answer,
        )
        await zoe.until(lambda: answer in zoe.frames)
        assert zoe.frames == [answer]
        pointing = paul.pointer(7)
        await paul.send(pointing)
        await lea.until(lambda: pointing in lea.frames)
        assert lea.frames == [field, pointing]


async def test_ink_is_seen_while_it_is_drawn_and_stays_when_it_is_let_go(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        ink = StrokeFrame(paul.you, 1, 1, 0, 256, 512, steps=((1, 1), (-3, 700)))
        await paul.send(ink)
        await zoe.until(lambda: ink in zoe.frames)
        answer = await paul.operate("draw", slide=ward.slides[0], points=[[1, 2], [2, 3]])
        assert answer == {"type": "ack", "op": answer["op"], "seq": 2}
        await zoe.until(lambda: zoe.facts[-1]["kind"] == "drawn")
        assert zoe.facts[-1]["body"] == {"slide": ward.slides[0], "plane": 0, "points": [[1.0, 2.0], [2.0, 3.0]]}
        assert (await zoe.operate("erase", drawn=2))["type"] == "ack"
        await paul.until(lambda: paul.facts[-1]["body"] == {"drawn": 2})


async def test_a_fact_that_is_too_large_never_reaches_the_ledger(place: Node, ward: Ward) -> None:
    room = await ward.room()
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        points = [[number, number] for number in range(1001)]
        act = {"kind": "draw", "slide": ward.slides[0], "points": points}
        await paul.say({"type": "op", "id": "one-point-too-many", "act": act})
        assert await paul.closed() == CloseCode.MALFORMED
        async with place.guest("lea", room) as lea:
            act = {"kind": "say", "text": "x" * 10_000_000}
            await lea.say({"type": "op", "id": "ten-megabytes", "act": act})
            assert await lea.closed() == 1009
        answer = await zoe.operate("draw", slide=ward.slides[0], points=points[:1000])
        assert answer["seq"] == 2


async def test_the_agenda_is_gone_through_together_and_told_to_who_comes_late(place: Node, ward: Ward) -> None:
    room = await ward.room()
    items = [
        {"id": "item-one", "label": "Sein gauche", "slide": "", "minutes": 5, "room": ""},
        {"id": "item-two", "label": "Sein droit", "slide": ward.slides[1], "minutes": 10, "room": ""},
    ]
    async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
        assert zoe.welcome["agenda"] is None
        assert (await zoe.operate("agenda", items=items))["type"] == "ack"
        assert (await zoe.operate("item", epoch=1, item="item-two"))["type"] == "ack"
        assert (await zoe.operate("gather", epoch=2))["type"] == "ack"
        await paul.until(lambda: [fact["kind"] for fact in paul.facts][-3:] == ["agenda", "item", "gathered"])
        _, item, gathered = paul.facts[-3:]
        assert item["body"] == {"item": "item-two", "slide": ward.slides[1], "epoch": 2, "before": ""}
        assert gathered["body"] == {"epoch": 2}
        async with place.guest("lea", room) as lea:
            assert lea.welcome["agenda"] == {"items": items, "now": "item-two", "since": item["at"]}
            assert (lea.welcome["slide"], lea.welcome["epoch"]) == (ward.slides[1], 2)


async def test_the_presenter_changes_to_a_slide_of_the_case_and_to_no_other(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    other = await ward.world.case(ward.actor("zoe"), "26-00418")
    elsewhere = await ward.world.slide(ward.actor("zoe"), other)
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        refused = await zoe.operate("slide", epoch=1, slide=elsewhere)
        assert (refused["type"], refused["code"]) == ("refused", "error-room-other-case")
        refused = await paul.operate("slide", epoch=1, slide=ward.slides[1])
        assert refused["code"] == "error-room-not-presenter"
        assert (await zoe.operate("slide", epoch=1, slide=ward.slides[1]))["type"] == "ack"
        await paul.until(lambda: paul.epoch == 2)
        assert paul.facts[-1]["body"] == {"slide": ward.slides[1], "epoch": 2}


async def test_a_slide_that_the_presenter_may_not_see_is_refused_like_one_that_is_not_there(
    ours: Node, ward: Ward
) -> None:
    room = await ward.room()
    later = await ward.world.slide(ward.actor("zoe"), ward.case, "A3 HES")
    async with ours.guest("paul", room) as paul:
        assert (await paul.operate("take", epoch=1))["type"] == "ack"
        hidden = await paul.operate("slide", epoch=2, slide=later)
        absent = await paul.operate("slide", epoch=2, slide="0" * 26)
    assert (hidden["code"], hidden["params"]) == (absent["code"], absent["params"])


async def test_a_line_said_in_the_room_is_a_line_of_the_case(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    view = {"x": 1.5, "y": 2.0, "width": 300.0, "height": 200.0, "rotation": 90.0, "flip": True}
    async with ours.guest("paul", room) as paul:
        await paul.operate("say", text="Ici.", view=view)
        body = paul.facts[-1]["body"]
        assert (body["text"], body["view"], body["slide"]) == ("Ici.", view, ward.slides[0])
    (written,) = await ward.audited("thread.written")
    assert written["detail"]["line"] == body["line"]
    assert "Ici" not in str(written)


async def test_closing_the_room_ends_it_for_everyone_and_withdraws_the_invitations(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        refused = await paul.operate("close")
        assert refused["code"] == "error-room-not-presenter"
        await zoe.say({"type": "op", "id": "close-it-now", "act": {"kind": "close"}})
        assert await paul.closed() == CloseCode.CLOSED
        assert await zoe.closed() == CloseCode.CLOSED
        assert paul.facts[-1]["kind"] == "closed"
    (closed,) = await ward.audited("room.closed")
    assert closed["actor"] == ward.person("zoe")
    async with ward.db.read() as reader:
        assert (await ledger.state_of(reader, room)).closed
    async with ours.guest("lea", room, hello=False) as lea:
        await lea.say({"type": "hello", "protocol": 3})
        assert await lea.closed() == CloseCode.CLOSED


async def test_a_right_that_is_withdrawn_closes_the_socket_at_once(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        async with ward.db.write(ward.actor("zoe"), unaudited="a test's world") as tx:
            await tx.revoke("consult", "c" * 26)
        await ours.hub.bus.publish(REVOKED, b"{}")
        assert await paul.closed() == CloseCode.RIGHT_WITHDRAWN
        assert zoe.close_code is None


async def test_the_end_of_a_session_closes_the_socket_without_any_word_on_the_bus(ward: Ward) -> None:
    async with node(ward.db, MemoryBus(), recheck_every=0.1) as place:
        room = await ward.room()
        async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
            await ward.sign_out("paul")
            assert await paul.closed() == CloseCode.SESSION_ENDED
            assert zoe.close_code is None


async def test_a_socket_that_stands_is_no_sign_of_a_person(ward: Ward) -> None:
    async def seen_at(key: str) -> datetime:
        async with ward.db.read() as reader:
            session = await logins.session_by_id(reader, ward.actor(key).session_id)
        assert session is not None
        return session.seen_at

    async with node(ward.db, MemoryBus(), recheck_every=0.1) as place:
        room = await ward.room()
        before = await seen_at("paul")
        async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
            assert await seen_at("paul") == before
            async with ward.db.write(ward.actor("zoe"), unaudited="half an hour without a sign") as tx:
                await logins.touch(tx, ward.actor("zoe").session_id, before + timedelta(minutes=1))
            place.hub.idle = tx.now - before
            assert await paul.closed() == CloseCode.SESSION_ENDED
            assert zoe.close_code is None


async def test_rights_are_looked_at_again_after_a_check_that_failed(
    ward: Ward, caplog: pytest.LogCaptureFixture
) -> None:
    async def rename(old: str, new: str) -> None:
        async with ward.db.write(ward.actor("zoe"), unaudited="a defect") as tx:
            await tx.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    async with node(ward.db, MemoryBus(), recheck_every=0.1) as place:
        room = await ward.room()
        async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
            place.hub.recheck_every = 3600.0  # nobody is closed for want of an answer
            await rename("membership", "elsewhere")
            await place.hub.bus.publish(REVOKED, b"{}")
            await until(lambda: caplog.text.count("a right could not be checked") >= 2)
            await rename("elsewhere", "membership")
            await ward.sign_out("paul")
            await place.hub.bus.publish(REVOKED, b"{}")
            assert await paul.closed() == CloseCode.SESSION_ENDED
            assert zoe.close_code is None


async def test_a_follower_who_acknowledges_nothing_gets_only_what_credit_allows(
    ours: Node, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.mailbox.START", 4096)
    room = await ward.room()
    async with (
        ours.guest("zoe", room) as zoe,
        ours.guest("paul", room, acks=False) as paul,
        ours.guest("lea", room) as lea,
    ):
        for x in range(150):
            shown = zoe.viewport(x)
            await zoe.send(shown)
            await lea.until(lambda shown=shown: lea.field == shown)  # type: ignore[misc]
            await asyncio.sleep(0.01)  # under the 120 messages a second that a presenter may send
        assert sum(len(frames.encode(frame)) for frame in paul.frames) < 4096
        assert paul.field != shown
        await paul.send(frames.AckRecord(paul.received))
        await paul.until(lambda: paul.field == shown)


async def test_a_tick_comes_each_second_with_the_newest_fact(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe:
        await zoe.operate("say", text="un")
        await zoe.until(lambda: bool(zoe.of("tick")) and zoe.of("tick")[-1]["seq"] == 2)
        assert zoe.of("tick")[-1]["linked"] is True
        await zoe.say({"type": "ping", "at": 12})
        await zoe.until(lambda: bool(zoe.of("pong")))
        assert zoe.of("pong")[0]["at"] == 12


async def test_a_room_in_which_something_moves_ticks_four_times_a_second(
    ours: Node, ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.live_room.LIVELY", 2.0)
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room) as paul:
        assert zoe.welcome["every"] == 1000
        await zoe.send(zoe.viewport(1))
        await paul.until(lambda: paul.field is not None)
        async with ours.guest("lea", room) as lea:
            assert lea.welcome["every"] == 250
        await paul.until(lambda: [tick["every"] for tick in paul.of("tick")].count(250) >= 4)
        await paul.until(lambda: paul.of("tick")[-1]["every"] == 1000)
        told = [tick for tick in paul.of("tick") if tick["every"] == 250]
        assert (told[-1]["at"] - told[0]["at"]) / (len(told) - 1) < 600, "nominally 250 ms"


async def test_a_server_that_stops_serves_until_its_clients_have_gone(ward: Ward) -> None:
    async with node(ward.db, MemoryBus()) as place:
        room = await ward.room()
        async with place.guest("zoe", room) as zoe, place.guest("paul", room) as paul:
            place.server.should_exit = True
            await paul.until(lambda: bool(paul.of("goaway")))
            shown = zoe.viewport(7)
            await zoe.send(shown)
            await paul.until(lambda: paul.field == shown)
            assert (await zoe.operate("say", text="Encore là."))["type"] == "ack"
            assert paul.close_code is None


async def test_a_server_that_stops_lets_nobody_in_any_more(ours: Node, ward: Ward) -> None:
    room = await ward.room()
    async with ours.guest("zoe", room) as zoe, ours.guest("paul", room, hello=False) as paul:
        ours.server.should_exit = True
        await zoe.until(lambda: bool(zoe.of("goaway")))
        assert await paul.closed() == CloseCode.RESTART
        assert zoe.close_code is None
        assert paul.messages == []


async def test_a_server_that_stops_asks_to_go_and_then_says_restart(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.hub.DRAIN", 0.3)
    async with node(ward.db, MemoryBus()) as place:
        room = await ward.room()
        async with place.guest("zoe", room) as zoe:
            place.server.should_exit = True
            await zoe.until(lambda: bool(zoe.of("goaway")))
            assert 0 <= zoe.of("goaway")[0]["after_ms"] <= 1000
            assert await zoe.closed() == CloseCode.RESTART
