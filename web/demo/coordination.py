"""What lies around the scenes: a pool with its duties, a swap, a rule, an absence, filters, a preferred
expert, and what is attached to a case."""

from datetime import time, timedelta
from pathlib import Path
from typing import Final

from auth import absences
from consults import duties, duty_swaps, pools, preferred_experts, rules, saved_filters, typesetting
from consults.roster import Pattern
from consults.routing_rules import Effect, Target
from consults.rules import Wanted
from consults.wish import View as Tab
from consults.wish import Wish
from telepath.cases import attachments, key_regions
from telepath.geometry import View
from telepath.slides import catalogue
from web.demo.stage import Stage

FIRST: Final = "CAY-26-0412"
LETTER: Final = Path(__file__).with_name("letter.typ")
GROSS: Final = (
    "Biopsie du côlon sigmoïde, adressée dans le formol, en un flacon.",
    "Quatre fragments blanchâtres de 2 à 4 mm, inclus en totalité (bloc A1). Trois niveaux de coupe, HES.",
    "Immunohistochimie en cours : p53, Ki-67.",
)
WEEKS: Final = 4


async def arrange(stage: Stage) -> None:
    await _pool(stage)
    await _rule(stage)
    await _absence(stage)
    await _filters(stage)
    await _preferred(stage)
    await _attached(stage)


async def _pool(stage: Stage) -> None:
    """Nights in two territories; one of them is to be swapped."""
    db, leads = stage.db, stage.person("solene")
    async with db.read() as reader:
        if await pools.of_institution(reader, leads.institution_id):
            return
    pool_id = await pools.make(db, leads, pools.Facts("Digestif, avis rapide", ("digestive",)))
    today = stage.now.date()
    for name, territory, days, phone in (
        ("claire", "32", {0, 1, 2, 3}, "03 20 00 00 10"),
        ("yann", "53", {4, 5, 6}, "02 99 00 00 20"),
    ):
        await pools.admit(db, leads, pool_id, stage.actors[name].person_id)
        nights = Pattern(
            territory=territory,
            days=frozenset(days),
            begins=time(18),
            ends=time(8),
            first=today,
            last=today + timedelta(weeks=WEEKS),
        )
        await duties.enter(db, leads, pool_id, stage.actors[name].person_id, phone, nights)
    async with db.read() as reader:
        mine = await duties.of_person(reader, stage.actors["claire"].person_id)
    await duty_swaps.ask(db, stage.person("claire"), mine[-1].id, stage.actors["yann"].person_id)


async def _rule(stage: Stage) -> None:
    leads, told = stage.person("solene"), "Convention entre nos deux établissements."
    async with stage.db.read() as reader:
        if await rules.of_institution(reader, leads.institution_id):
            return
    maelle = stage.actors["maelle"]
    wanted = Wanted(
        organ="breast",
        effect=Effect.PREFER,
        target_kind=Target.INSTITUTION,
        target_id=maelle.institution_id,
        note=told,
    )
    await rules.make(stage.db, leads, wanted)


async def _absence(stage: Stage) -> None:
    hugo = stage.person("hugo")
    async with stage.db.read() as reader:
        if await absences.of_institution(reader, hugo.institution_id):
            return
    begin = stage.now + timedelta(days=12)
    await absences.say(stage.db, hugo, person_id=hugo.person_id, starts_at=begin, ends_at=begin + timedelta(days=9))


async def _filters(stage: Stage) -> None:
    ines = stage.person("ines")
    async with stage.db.read() as reader:
        there = {one.name for one in await saved_filters.of_person(reader, ines)}
    for name, wish in (
        ("Réseau LYMPHOPATH", Wish(view=Tab.INSTITUTION, network="LYMPHOPATH")),
        ("Urgences du service", Wish(view=Tab.INSTITUTION, urgency="urgent")),
    ):
        if name not in there:
            await saved_filters.save(stage.db, ines, name, wish)


async def _preferred(stage: Stage) -> None:
    """Whom what is to be tried says to choose comes first."""
    ines, claire = stage.person("ines"), stage.actors["claire"].person_id
    async with stage.db.read() as reader:
        if claire in await preferred_experts.of_person(reader, ines.person_id):
            return
    await preferred_experts.prefer(stage.db, ines, claire)


async def _attached(stage: Stage) -> None:
    """A letter and a picture beside the slide of the first case, and a field that is worth seeing."""
    db, ines, case = stage.db, stage.person("ines"), stage.cases[FIRST]
    async with db.read() as reader:
        if await attachments.of_case(reader, case.id):
            return
        slide = (await catalogue.of_case(reader, case.id))[0]
    half = View(slide.width * 0.45, slide.height * 0.5, slide.width / 6, slide.height / 6)
    region = await key_regions.pin(db, stage.storage, stage.decoders, ines, slide.id, half, "Foyer à confirmer")
    overview = View(slide.width / 2, slide.height / 2, slide.width, slide.height)
    picture = await stage.decoders.field(
        catalogue.files_key(slide.folder), slide.entry, overview, reader=ines.person_id
    )
    data = {
        "title": "Description macroscopique",
        "author": ines.institution_name,
        "language": "fr",
        "date": {"year": stage.now.year, "month": stage.now.month, "day": stage.now.day},
        "parts": [f"Dossier {case.number}.", *GROSS],
    }
    letter = await typesetting.pdf(LETTER, data, region.pinned_at)
    for title, content in (("Vue d’ensemble du bloc A1", picture), ("Description macroscopique", letter)):
        await attachments.add(db, stage.storage, stage.decoders, ines, case.id, title, content)
