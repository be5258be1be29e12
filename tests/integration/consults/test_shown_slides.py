"""An opinion says in which colours and on what display its author saw the slides, and the digest covers it."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
import pytest
from sqlalchemy import update

from consults import repository, shown_slides, signing
from consults.model import Opinion, next_statement
from consults.opinion import Content, Display, SlideSeen, digest
from telepath import grants
from telepath.access import Action
from telepath.db.schema.slides import slide
from telepath.errors import Invalid
from telepath.slides import catalogue, display_check, views
from telepath.slides.display_check import Result, Screen
from telepath.slides.profile import Profile, State
from telepath.slides.views import Showing
from tests.consult_story import FIVE_MINUTES, Story

CONTENT = Content("Lymphome folliculaire.")
PROFILE = Profile("Scanner", "82395fa228679502" + "0" * 48, 452, State.APPLIED)
SCREEN = Screen(width=2560, height=1440, ratio=1.0, depth=24, gamut="p3")


async def shown(story: Story, slide_id: str, *showings: Showing) -> None:
    """The expert opens a slide, and the viewer says how it shows it."""
    karim = story["karim"]
    async with story.db.write(karim) as tx:
        one = await catalogue.get(tx, slide_id)
        allowed = await grants.require(tx, karim, Action.SLIDE_VIEW, one.ref)
        await views.open_view(tx, one, allowed)
    for showing in showings:
        async with story.db.write(karim, unaudited="as the route does") as tx:
            await views.renew(tx, one, allowed, showing)


async def slides_of(story: Story, consult_id: str) -> list[str]:
    async with story.db.read() as reader:
        consult = await repository.get(reader, consult_id)
        return await catalogue.ids_of_case(reader, consult.case_id)


async def profiled(story: Story, slide_id: str) -> None:
    async with story.db.write(story["zoe"], unaudited="a test's world") as tx:
        kept = msgspec.json.encode(PROFILE).decode()
        await tx.execute(update(slide).where(slide.c.id == slide_id).values(profile=kept))


async def signed(story: Story, consult_id: str, version: int) -> Opinion:
    return await signing.sign(story.db, story.again("karim"), consult_id, version, FIVE_MINUTES)


async def test_the_colours_of_the_slides_are_signed_with_the_opinion(story: Story) -> None:
    consult_id, version = await story.drafted()
    (slide_id, *_) = await slides_of(story, consult_id)
    await profiled(story, slide_id)
    await shown(story, slide_id, Showing("icc", "reduced"), Showing("off", "native"), Showing("none", "holy"))
    opinion = await signed(story, consult_id, version)
    (seen,) = opinion.content.slides
    assert (seen.slide_id, seen.colours, seen.profile) == (slide_id, ("icc", "off"), "82395fa2")
    assert seen.qualities == ("native", "reduced")
    async with story.db.read() as reader:
        consult = await repository.get(reader, consult_id)
        (kept,) = await repository.opinions_of(reader, consult_id)
        done = await repository.reading_by(reader, consult_id, story["karim"].person_id)
    assert kept == opinion
    assert kept.digest == digest(next_statement(consult, done, kept.content, [], kept.signed_at))
    other = msgspec.structs.replace(kept.content, slides=(msgspec.structs.replace(seen, colours=("icc",)),))
    assert kept.digest != digest(next_statement(consult, done, other, [], kept.signed_at))


async def test_what_a_viewer_did_not_say_is_not_made_up(story: Story) -> None:
    consult_id, version = await story.drafted()
    (slide_id, *_) = await slides_of(story, consult_id)
    await shown(story, slide_id)
    (seen,) = (await signed(story, consult_id, version)).content.slides
    assert (seen.colours, seen.profile, seen.qualities) == ((), "", ())


async def test_an_opinion_of_who_opened_nothing_says_nothing_of_slides(story: Story) -> None:
    consult_id, version = await story.drafted()
    content = (await signed(story, consult_id, version)).content
    assert (content.slides, content.display) == ((), None)


async def test_the_last_display_check_is_signed_with_the_opinion(story: Story) -> None:
    consult_id, version = await story.drafted()
    for seen, faintest in ((3, 2.0), (11, 1.1)):
        story.clock.advance(minutes=1)
        await display_check.keep(story.db, story["karim"], Result("0123456789abcdef", 12, seen, faintest, SCREEN))
    at = story.clock.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    opinion = await signed(story, consult_id, version)
    assert opinion.content.display == Display(at=at, seen=11, trials=12, faintest=1.1)
    assert [kind for kind, _, _ in await story.audited()].count("display.checked") == 2


@pytest.mark.parametrize(
    "bent",
    [
        {"seen": 13},
        {"seen": 0},
        {"trials": 0},
        {"faintest": None},
        {"faintest": 0.01},
        {"device": "<script>"},
        {"screen": Screen(width=-1, height=1, ratio=1, depth=24)},
        {"screen": Screen(width=1, height=1, ratio=1, depth=24, gamut="cmyk")},
    ],
)
async def test_a_result_that_no_page_of_ours_sends_is_refused(story: Story, bent: Mapping[str, object]) -> None:
    good = Result("0123456789abcdef", 12, 9, 1.5, SCREEN)
    with pytest.raises(Invalid):
        await display_check.keep(story.db, story["karim"], msgspec.structs.replace(good, **bent))


def test_the_words_say_each_slide_and_the_display() -> None:
    def words(message: str, /, **params: object) -> str:
        return f"{message}{sorted(params.items())}"

    def day(at: datetime) -> str:
        return at.date().isoformat()

    content = msgspec.structs.replace(
        CONTENT,
        slides=(SlideSeen("s", "A1 HES", ("icc", "off"), "82395fa2", ("native",)), SlideSeen("t", "")),
        display=Display(at="2026-11-23T08:00:00Z", seen=11, trials=12, faintest=1.1),
    )
    first, second, display = shown_slides.lines(content, words, day)
    assert "A1 HES" in first
    assert all(part in first for part in ("shown-colours-icc", "shown-colours-off", "shown-quality-native", "82395fa2"))
    assert "shown-unsaid" in second
    assert display.startswith("shown-display[('at', '2026-11-23')")
    assert shown_slides.lines(CONTENT, words, day) == []
