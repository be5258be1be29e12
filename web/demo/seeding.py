"""Makes what the demonstration shows, and only what is not there yet."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import select, update

from auth import administration, groups
from consults import offers, reading, repository, request, signing
from consults.deadlines import Urgency
from consults.model import Question
from consults.opinion import Draft
from telepath import directory
from telepath.actor import SYSTEM, Actor
from telepath.cases import actions as cases
from telepath.cases import non_opposition, sharing
from telepath.cases import repository as case_rows
from telepath.cases.model import Case
from telepath.cases.non_opposition import Patient
from telepath.db.database import Database
from telepath.db.schema.cases import case as case_table
from telepath.db.schema.directory import person as person_table
from telepath.db.transaction import Transaction
from telepath.slides import catalogue, ingest
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.synthetic import write_slide
from telepath.slides.synthetic_fluorescence import write_fluorescence
from telepath.slides.synthetic_profile import scanner_profile
from telepath.storage import Storage
from web.demo import coordination, past, people, samples, scenes
from web.demo.people import PEOPLE, PLACES, Member
from web.demo.samples import SAMPLES, Sample
from web.demo.stage import Stage

LABEL: Final = 40
"""Characters that are kept of the name of a given slide."""

SMALL_SLIDES: Final = f"{samples.MORE[0].facts.number} – {samples.MORE[-1].facts.number}"
"""What the small ones are called together, while they are made."""

Told = Callable[[str, float], None]
"""Called with what is being done and how far it is, 0 to 1."""


async def seed(
    db: Database,
    storage: Storage,
    decoders: DecoderPool,
    work: Path,
    told: Told,
    slides: Sequence[Path] = (),
    *,
    bare: bool = False,
) -> dict[str, Actor]:
    """Make what is not there yet, and return who is there, by their keys.

    ``slides``: real files to use instead of generated ones, dealt out to the first cases in turn; ``work``: a folder for the
    slide while it is generated; ``bare``: the first people, their cases and two consults alone.
    Raises SlideUnreadable: one of the given files; what was made before it stays."""
    stage = Stage(db, storage, decoders, await _people(db, PEOPLE))
    for number, sample in enumerate(SAMPLES):
        stage.cases[sample.facts.number] = case = await _case(db, stage.actors[sample.author], sample)
        await _slides(stage, case, sample, slides[number :: len(SAMPLES)], work, told)
    await _consults(db, stage.actors, stage.cases)
    await _network(db, stage.actors, stage.cases["CAY-26-0398"])
    if bare:
        return stage.actors
    stage.actors |= await _people(db, people.MORE)
    await _small_slides(stage, work, told)
    await _fluorescence(stage, work, told)
    await past.write(stage)
    await coordination.arrange(stage)
    await scenes.play(stage)
    return stage.actors


async def _people(db: Database, wanted: Mapping[str, Member]) -> dict[str, Actor]:
    async with db.read() as reader:
        have = {place.finess: place.id for place in (await directory.institutions(reader)).values()}
        known = [await directory.person_by_subject(reader, one.subject_name_id) for one in wanted.values()]
    if not all(known):
        async with db.write(SYSTEM) as tx:
            for place in PLACES.values():
                if place.finess in have:
                    continue
                have[place.finess] = await administration.add_institution(
                    tx,
                    finess=place.finess,
                    name=place.name,
                    city=place.city,
                    region=place.region,
                    time_zone=place.time_zone,
                )
            for one, there in zip(wanted.values(), known, strict=True):
                if there is None:
                    await _add(tx, one, have[PLACES[one.place].finess])
    async with db.read() as reader:
        actors = {}
        for name, one in wanted.items():
            person = await directory.person_by_subject(reader, one.subject_name_id)
            if person is not None:
                place = PLACES[one.place]
                actors[name] = Actor(
                    person_id=person.id,
                    name=person.name,
                    institution_id=have[place.finess],
                    institution_name=place.name,
                    roles=frozenset(one.roles),
                    subject_name_id=one.subject_name_id,
                    acr="eidas1",
                    auth_time=reader.now,
                    time_zone=place.time_zone,
                    device="demonstration",
                )
        return actors


async def _add(tx: Transaction, one: Member, institution_id: str) -> None:
    person_id = await administration.add_person(
        tx,
        subject_name_id=one.subject_name_id,
        given_name=one.given_name,
        family_name=one.family_name,
        title=one.title,
        profession="10" if one.know_how else "86",
        know_how=one.know_how,
    )
    await administration.set_membership(tx, person_id, institution_id, one.roles)
    # They have worked with it before: nobody of the demonstration is only expected.
    await tx.execute(update(person_table).where(person_table.c.id == person_id).values(first_seen_at=tx.now))
    for organ in one.organs:
        await administration.set_expertise(
            tx, person_id, institution_id, organ, networks=one.networks, median_hours=one.median_hours
        )


async def _case(db: Database, actor: Actor, sample: Sample) -> Case:
    async with db.read() as reader:
        row = await reader.first(
            select(case_table).where(
                case_table.c.institution_id == actor.institution_id, case_table.c.number == sample.facts.number
            )
        )
    if row is None:
        case = await cases.create_case(db, actor, sample.facts)
    else:
        case = msgspec.convert({str(name): value for name, value in row.items()}, Case)
    if not case.non_opposition:
        await non_opposition.note(db, actor, case.id, Patient.INFORMED)
    async with db.read() as reader:
        specimens = await case_rows.specimens(reader, case.id)
    if not specimens:
        await cases.add_specimen(db, actor, case.id, sample.block, sample.specimen)
    return case


async def _slides(stage: Stage, case: Case, sample: Sample, given: Sequence[Path], work: Path, told: Told) -> None:
    there = await _labels(stage, case)
    for path in given:
        label = path.stem[:LABEL]
        if there[label]:
            there[label] -= 1
            continue
        told(path.name, 0.0)
        await _register(stage, case, sample, path, label)
        told(path.name, 1.0)
    if there or given:
        return
    path = await _drawn(sample, work, lambda share: told(sample.facts.number, share))
    try:
        await _register(stage, case, sample, path)
    finally:
        path.unlink(missing_ok=True)


async def _small_slides(stage: Stage, work: Path, told: Told) -> None:
    """A slide for each of the other cases: of one seed the same is drawn once."""
    drawn: dict[int, Path] = {}
    try:
        for number, sample in enumerate(samples.MORE):
            with stage.ago(timedelta(days=sample.days)):
                actor = stage.actors[sample.author]
                stage.cases[sample.facts.number] = case = await _case(stage.db, actor, sample)
                if await _labels(stage, case):
                    continue
                told(SMALL_SLIDES, number / len(samples.MORE))
                if sample.seed not in drawn:
                    drawn[sample.seed] = await _drawn(sample, work)
                await _register(stage, case, sample, drawn[sample.seed])
                told(SMALL_SLIDES, (number + 1) / len(samples.MORE))
    finally:
        for path in drawn.values():
            path.unlink(missing_ok=True)


async def _fluorescence(stage: Stage, work: Path, told: Told) -> None:
    number, label, stain, seed = samples.FLUORESCENCE
    sample = next(one for one in SAMPLES if one.facts.number == number)
    if (await _labels(stage, stage.cases[number]))[label]:
        return
    path = work / f"{number}.ome.tiff"
    told(label, 0.0)
    try:
        await write_fluorescence(path, seed)
        await _register(stage, stage.cases[number], msgspec.structs.replace(sample, stain=stain), path, label)
    finally:
        path.unlink(missing_ok=True)
    told(label, 1.0)


async def _labels(stage: Stage, case: Case) -> Counter[str]:
    async with stage.db.read() as reader:
        return Counter(slide.label for slide in await catalogue.of_case(reader, case.id))


async def _drawn(sample: Sample, work: Path, progress: Callable[[float], None] = lambda _: None) -> Path:
    path = work / f"{sample.facts.number}.tiff"
    size = {"width": sample.width, "height": sample.height}
    profile = scanner_profile() if sample.profiled else b""
    await write_slide(path, **size, seed=sample.seed, kind=sample.tissue, profile=profile, progress=progress)
    return path


async def _register(stage: Stage, case: Case, sample: Sample, path: Path, label: str = "") -> None:
    """``label``: the usual one without."""
    await ingest.add(
        stage.db,
        stage.storage,
        stage.decoders,
        stage.actors[sample.author],
        path,
        case_id=case.id,
        institution_id=case.institution_id,
        label=label or f"{sample.block} {sample.stain}",
        stain=sample.stain,
        block=sample.block,
    )


async def _consults(db: Database, actors: Mapping[str, Actor], cases_: Mapping[str, Case]) -> None:
    """One answered, one waiting: lists that are not empty at first sight."""
    yann = actors["yann"]
    answered = await _asked(
        db,
        actors["ines"],
        cases_["CAY-26-0398"],
        Question(
            "Dysplasie de haut grade sur l’ensemble du polype ? Limites latérales saines ?",
            "Exérèse en un fragment, orientée.",
            "digestive",
            Urgency.STANDARD,
        ),
        yann,
    )
    async with db.read() as reader:
        accepted = await repository.readings_of(reader, answered)
    if not accepted:
        await offers.accept(db, yann, answered)
    async with db.read() as reader:
        begun = await repository.reading_by(reader, answered, yann.person_id)
        signed = await repository.opinions_of(reader, answered)
    version = begun.version
    if not signed and begun.draft.empty:
        draft = Draft(
            conclusion="Adénome tubulo-villeux en dysplasie de bas grade, foyer de haut grade de 2 mm. Limites saines.",
            description="Muqueuse de type rectal. Glandes serrées, noyaux allongés, stratification limitée au tiers basal.",
            remarks="Lecture à distance sur une lame. Pas de foyer infiltrant sur le plan examiné.",
        )
        version = (await reading.save_draft(db, yann, answered, version, draft)).version
    if not signed:
        await signing.sign(db, yann, answered, version, timedelta(minutes=5))
    await _asked(
        db,
        actors["paul"],
        cases_["REU-26-1077"],
        Question(
            "Sarcome ? Quel complément immunohistochimique proposer ?",
            "Micro-biopsie sous échographie, deux fragments.",
            "soft-tissue",
            Urgency.URGENT,
        ),
        actors["hugo"],
    )


async def _network(db: Database, actors: Mapping[str, Actor], case: Case) -> None:
    """Cayenne leads a network, shares a case with it, and lets Saint-Denis in last: then all is there."""
    leads, author, guest = actors["solene"], actors["ines"], actors["paul"]
    async with db.read() as reader:
        theirs = await groups.of_institution(reader, leads.institution_id)
        shared = await sharing.of_case(reader, case.id)
    if any(member.id == guest.institution_id for group in theirs for member in group.members):
        return
    network = theirs[0].id if theirs else await groups.found(db, leads, "regional", "Réseau des outre-mer")
    if not shared:
        await sharing.share(db, author, case.id, ("group", network), sharing.Level.DISCUSS)
    await groups.admit(db, leads, network, PLACES["reunion"].finess)


async def _asked(db: Database, actor: Actor, case: Case, question: Question, expert: Actor) -> str:
    """The first consult of this case; requested now if there is none."""
    async with db.read() as reader:
        there = await repository.of_case(reader, case.id)
    if there:
        return min(there, key=lambda consult: consult.requested_at).id
    return await request.request(db, actor, case.id, question, expert.person_id)
