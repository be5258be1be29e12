"""Operations and facts of the live room over real WebSockets: by our own socket class, and by plain ASGI."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from realtime import ledger, operations
from realtime.close_codes import CloseCode
from realtime.frames import StrokeFrame
from realtime.messages import Say
from telepath.cases import threads
from telepath.db.database import Database
from tests.builders import MASTER_KEY
from tests.rooms import Node, Ward


@pytest.fixture
async def ward(sqlite_url: str) -> AsyncIterator[Ward]:
    db = Database(sqlite_url, MASTER_KEY)
    yield await Ward(db).build()
    await db.close()


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
        # What was seen on one slide, and is said when the room shows another.
        assert (await paul.operate("take", epoch=1))["type"] == "ack"
        assert (await paul.operate("slide", epoch=2, slide=ward.slides[1]))["type"] == "ack"
        assert (await paul.operate("say", text="Là.", view=view, slide=ward.slides[0]))["type"] == "ack"
        assert paul.facts[-1]["body"]["slide"] == ward.slides[0]
        absent = await paul.operate("say", text="Nulle part.", view=view, slide="0" * 26)
        assert absent["code"] == "error-not-found"
    written, _ = await ward.audited("thread.written")
    assert written["detail"]["line"] == body["line"]
    assert "Ici" not in str(written)
    async with ward.db.read() as reader:
        assert {line.slide_id for line in await threads.of_case(reader, ward.case)} == {ward.slides[0]}


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
