"""What a room keeps besides who presents, on both databases: drawings, an agenda, who was called together."""

import asyncio
import hashlib
import json

import pytest

from realtime import admission, drawings, ledger, operations, visits
from realtime.messages import Act, ChangeSlide, Draw, Erase, Gather, GoToItem, HandOver, Item, SetAgenda
from telepath.errors import Forbidden, Invalid, NotFound, Refused, TelepathError
from tests.rooms import Ward

LINE = ((1.0, 2.0), (3.5, 4.25))


class Acting:
    """A room, and people who act in it; each act with an identifier of its own."""

    def __init__(self, ward: Ward, room: str) -> None:
        self.ward, self.room, self._acts = ward, room, 0

    async def do(self, key: str, act: Act) -> operations.Recorded:
        self._acts += 1
        return await operations.perform(self.ward.db, self.ward.actor(key), self.room, f"operation-{self._acts}", act)

    async def drawn(self, slide: str, after: int = 0, limit: int = 200, key: str = "lea") -> list[drawings.Drawn]:
        async with self.ward.db.read() as reader:
            state = await ledger.state_of(reader, self.room)
            await admission.admit(reader, self.ward.actor(key), state)
            await admission.require_slide(reader, self.ward.actor(key), state, slide)
            return await drawings.standing(reader, self.room, slide, after, limit)


@pytest.fixture
async def acting(ward: Ward) -> Acting:
    return Acting(ward, await ward.room())


async def test_a_drawing_stands_until_it_is_erased_and_a_late_page_reads_those_that_do(acting: Acting) -> None:
    ward = acting.ward
    here, beside = ward.slides
    await visits.join(ward.db, ward.actor("zoe"), acting.room)
    await visits.join(ward.db, ward.actor("paul"), acting.room)
    first = await acting.do("paul", Draw(here, LINE))
    second = await acting.do("zoe", Draw(here, LINE))
    await acting.do("paul", Draw(beside, LINE))
    assert [one.seq for one in await acting.drawn(here)] == [2, 3]
    assert (await acting.drawn(here))[0] == drawings.Drawn(
        2, 0, [[1.0, 2.0], [3.5, 4.25]], ward.person("paul"), "Dr Paul Lenoir", 1
    )
    assert [one.seq for one in await acting.drawn(here, after=2)] == [3]
    assert [one.seq for one in await acting.drawn(here, limit=1)] == [2]
    with pytest.raises(Forbidden):
        await acting.do("paul", Erase(second.fact.seq))
    await acting.do("zoe", Erase(first.fact.seq))  # who presents
    with pytest.raises(Invalid) as refused:
        await acting.do("paul", Erase(first.fact.seq))
    assert refused.value.code == "error-room-no-drawing"
    assert [one.seq for one in await acting.drawn(here)] == [3]
    async with ward.db.read() as reader:
        assert (await ledger.state_of(reader, acting.room)).drawings == 2


async def test_what_is_no_drawing_cannot_be_erased(acting: Acting) -> None:
    for seq in (0, 1, 99):
        with pytest.raises(Invalid):
            await acting.do("zoe", Erase(seq))


async def test_the_audit_keeps_how_many_points_and_their_digest_and_not_where_they_are(acting: Acting) -> None:
    ward = acting.ward
    await acting.do("paul", Draw(ward.slides[0], LINE))
    await acting.do("zoe", Erase(2))
    await acting.do("zoe", SetAgenda((Item("item-one", "Le sein de droite", ward.slides[1]),)))
    await acting.do("zoe", GoToItem(1, "item-one"))
    await acting.do("zoe", Gather(2))
    drawn, erased, planned, went, gathered = [one["detail"] for one in await ward.audited("room.fact")]
    digest = hashlib.sha256(b"[[1.0,2.0],[3.5,4.25]]").hexdigest()
    assert drawn == {
        "fact": "drawn", "seq": 2, "epoch": 1, "slide": ward.slides[0], "points": 2, "digest": digest
    }  # fmt: skip
    assert erased == {"fact": "erased", "seq": 3, "epoch": 1, "drawn": 2}
    assert planned == {"fact": "agenda", "seq": 4, "epoch": 1, "items": 1}
    assert went == {"fact": "item", "seq": 5, "epoch": 2, "slide": ward.slides[1], "item": 1}
    assert gathered == {"fact": "gathered", "seq": 6, "epoch": 2}
    assert "sein" not in json.dumps(await ward.audited("room.fact"))


async def test_lines_drawn_at_once_are_all_there(acting: Acting) -> None:
    here = acting.ward.slides[0]
    await asyncio.gather(*(acting.do(key, Draw(here, LINE)) for key in ("zoe", "paul", "lea") * 4))
    assert [one.seq for one in await acting.drawn(here)] == list(range(2, 14))


async def test_the_agenda_and_its_point_at_hand_are_in_the_state(acting: Acting) -> None:
    ward = acting.ward
    items = (Item("item-one", "Cas 1"), Item("item-two", "Cas 2", ward.slides[1], 5))
    await acting.do("zoe", SetAgenda(items))
    gone_on = await acting.do("zoe", GoToItem(1, "item-two"))
    async with ward.db.read() as reader:
        state = await ledger.state_of(reader, acting.room)
    assert (state.agenda, state.item, state.slide, state.epoch) == (items, "item-two", ward.slides[1], 2)
    assert state.since == gone_on.fact.at
    await acting.do("zoe", Gather(2))
    async with ward.db.read() as reader:
        assert (await ledger.state_of(reader, acting.room)).since == gone_on.fact.at


async def test_who_opened_the_room_and_who_presents_make_the_agenda_and_only_the_latter_goes_on(acting: Acting) -> None:
    ward = acting.ward
    await visits.join(ward.db, ward.actor("paul"), acting.room)
    await acting.do("zoe", HandOver(1, ward.person("paul")))
    await acting.do("zoe", SetAgenda((Item("item-one", "Cas 1"),)))
    await acting.do("paul", SetAgenda((Item("item-one", "Cas 1"), Item("item-two", "Cas 2"))))
    with pytest.raises(Forbidden):
        await acting.do("lea", SetAgenda(()))
    with pytest.raises(Forbidden):
        await acting.do("zoe", GoToItem(2, "item-one"))
    await acting.do("paul", GoToItem(2, "item-one"))


async def test_a_slide_of_another_case_is_refused_in_words_only_to_who_may_see_it(acting: Acting) -> None:
    ward = acting.ward
    other = await ward.world.case(ward.actor("zoe"), "26-00418")
    elsewhere = await ward.world.slide(ward.actor("zoe"), other)
    hidden = await ward.world.slide(ward.actor("max"), await ward.world.case(ward.actor("max"), "26-00500"))
    await visits.join(ward.db, ward.actor("paul"), acting.room)

    def acts(slide: str) -> list[Act]:
        return [SetAgenda((Item("item-one", "Cas", slide),)), Draw(slide, LINE), ChangeSlide(1, slide)]

    for act in acts(elsewhere):
        with pytest.raises(Invalid) as refused:
            await acting.do("zoe", act)
        assert refused.value.code == "error-room-other-case"
    for slide in (hidden, "0" * 26):
        for act in acts(slide):
            with pytest.raises(NotFound) as absent:
                await acting.do("zoe", act)
            assert absent.value.code == "error-not-found"
    with pytest.raises(Refused):
        await acting.do("paul", Draw(elsewhere, LINE))
    for slide in (elsewhere, hidden, "0" * 26):
        with pytest.raises(TelepathError):
            await acting.drawn(slide)


async def test_a_line_lies_on_a_focal_plane_that_the_slide_has(acting: Acting) -> None:
    with pytest.raises(Invalid) as refused:
        await acting.do("zoe", Draw(acting.ward.slides[0], LINE, 1))
    assert (refused.value.code, refused.value.params) == ("error-room-plane", {"planes": 1})


async def test_a_stranger_reads_no_drawings(acting: Acting) -> None:
    with pytest.raises(Refused):
        await acting.drawn(acting.ward.slides[0], key="max")
