"""The demonstration: four invented institutions, invented professionals, cases with slides, and two consults to look at.

Seeding is done by the same actions as people use, is audited as they are, and picks up where it was interrupted."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import select, update
from starlette.applications import Starlette

from auth import administration, groups
from auth.simulator.identities import Identity
from auth.simulator.provider import Client, create_app
from consults import offers, reading, repository, request, signing
from consults.deadlines import Urgency
from consults.model import Question
from consults.opinion import Draft
from telepath import directory
from telepath.actor import SYSTEM, Actor, Role
from telepath.cases import actions as cases
from telepath.cases import non_opposition, sharing
from telepath.cases import repository as case_rows
from telepath.cases.model import Case, CaseFacts
from telepath.cases.non_opposition import Patient
from telepath.db.database import Database
from telepath.db.schema.cases import case as case_table
from telepath.db.schema.directory import person as person_table
from telepath.db.transaction import Transaction
from telepath.slides import catalogue, ingest
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.synthetic import write_slide
from telepath.slides.synthetic_tissue import Kind
from telepath.storage import Storage
from web.settings import Settings


class Place(msgspec.Struct, frozen=True):
    finess: str
    name: str
    city: str
    region: str
    time_zone: str


class Member(msgspec.Struct, frozen=True, kw_only=True):
    subject_name_id: str
    title: str
    given_name: str
    family_name: str
    place: str
    roles: tuple[Role, ...]
    know_how: str = "SM01"
    organs: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    median_hours: float | None = None
    try_this: str = ""
    try_this_en: str = ""
    """What to try with this identity, in French and in English; shown by the simulator."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """A case of the demonstration; its slide is generated with this seed and size unless real slides are given."""

    place: str
    author: str
    facts: CaseFacts
    specimen: str
    block: str
    stain: str
    seed: int
    width: int
    height: int
    tissue: Kind = Kind.COLON


PLACES: Final = {
    "cayenne": Place("0D0000017", "Hôpital de l’Estuaire", "Cayenne", "03", "America/Cayenne"),
    "reunion": Place("0R0000025", "Hôpital du Vétiver", "Saint-Denis de La Réunion", "04", "Indian/Reunion"),
    "lille": Place("0L0000033", "Hôpital du Beffroi", "Lille", "32", "Europe/Paris"),
    "rennes": Place("0B0000041", "Hôpital des Ajoncs", "Rennes", "53", "Europe/Paris"),
}
"""Invented. FINESS numbers with a letter, as those of the national test cards."""

PEOPLE: Final = {
    "ines": Member(
        subject_name_id="899700421003",
        title="Dr",
        given_name="Inès",
        family_name="Flamboyant",
        place="cayenne",
        roles=(Role.REQUESTER,),
        try_this="Pathologiste à Cayenne : ouvrir un dossier, demander un avis.",
        try_this_en="Pathologist in Cayenne: open a case, ask for an opinion.",
    ),
    # The first of those proposed for the digestive cases: what is to be tried says to choose her.
    "claire": Member(
        subject_name_id="899700421011",
        title="Dr",
        given_name="Claire",
        family_name="Houblon",
        place="lille",
        roles=(Role.EXPERT, Role.REQUESTER),
        organs=("digestive", "endocrine", "lymphoid"),
        networks=("LYMPHOPATH", "ENDOCAN"),
        median_hours=5.0,
        try_this="Experte à Lille : accepter la demande, rejoindre en direct, signer.",
        try_this_en="Expert in Lille: accept the request, join live, sign.",
    ),
    "hugo": Member(
        subject_name_id="899700421029",
        title="Dr",
        given_name="Hugo",
        family_name="Beffroi",
        place="lille",
        roles=(Role.EXPERT,),
        organs=("soft-tissue", "bone", "skin"),
        networks=("NETSARC+",),
        median_hours=26.0,
        try_this="Expert à Lille : sarcomes et peau.",
        try_this_en="Expert in Lille: sarcomas and skin.",
    ),
    "yann": Member(
        subject_name_id="899700421037",
        title="Dr",
        given_name="Yann",
        family_name="Goémon",
        place="rennes",
        roles=(Role.EXPERT, Role.REQUESTER),
        organs=("digestive", "urology"),
        median_hours=9.0,
        try_this="Expert à Rennes : digestif, un avis déjà signé.",
        try_this_en="Expert in Rennes: digestive, one opinion signed already.",
    ),
    "maelle": Member(
        subject_name_id="899700421045",
        title="Dr",
        given_name="Maëlle",
        family_name="Ajonc",
        place="rennes",
        roles=(Role.EXPERT,),
        organs=("breast", "gynaecology", "skin"),
        median_hours=20.0,
        try_this="Experte à Rennes : sein, gynécologie, peau.",
        try_this_en="Expert in Rennes: breast, gynaecology, skin.",
    ),
    "paul": Member(
        subject_name_id="899700421052",
        title="Dr",
        given_name="Paul",
        family_name="Vétiver",
        place="reunion",
        roles=(Role.REQUESTER, Role.EXPERT),
        organs=("skin", "digestive"),
        median_hours=30.0,
        try_this="Pathologiste à La Réunion : une demande en attente, un dossier partagé par Cayenne.",
        try_this_en="Pathologist in La Réunion: one request waiting, one case shared by Cayenne.",
    ),
    "nadia": Member(
        subject_name_id="899700421060",
        title="Mme",
        given_name="Nadia",
        family_name="Registre",
        place="cayenne",
        roles=(Role.AUDITOR,),
        know_how="",
        try_this="Auditrice à Cayenne : qui a vu et fait quoi.",
        try_this_en="Auditor in Cayenne: who saw and did what.",
    ),
    "solene": Member(
        subject_name_id="899700421078",
        title="Dr",
        given_name="Solène",
        family_name="Balata",
        place="cayenne",
        roles=(Role.COORDINATOR, Role.ADMINISTRATOR),
        try_this="Coordonne et administre à Cayenne : membres, invitations, groupes, accès en urgence.",
        try_this_en="Coordinates and administers in Cayenne: members, invitations, groups, emergency openings.",
    ),
}

SAMPLES: Final = (
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0412",
            organ="digestive",
            title="Biopsie du côlon sigmoïde, lésion de 2 cm",
            clinical_context="Patient de 58 ans. Rectorragies. Lésion sessile de 2 cm du sigmoïde, biopsiée.",
            proposed_diagnosis="Adénome en dysplasie de haut grade ; foyer infiltrant possible.",
            gross_description="Quatre fragments de 2 à 4 mm, inclus en totalité.",
        ),
        specimen="Côlon sigmoïde, biopsie",
        block="A1",
        stain="HES",
        seed=412,
        width=40_960,
        height=30_720,
    ),
    Sample(
        place="cayenne",
        author="ines",
        facts=CaseFacts(
            number="CAY-26-0398",
            organ="digestive",
            title="Polype rectal, pièce de mucosectomie",
            clinical_context="Patiente de 64 ans. Polype rectal de 3 cm, exérèse endoscopique.",
            proposed_diagnosis="Adénome tubulo-villeux.",
            gross_description="Pièce de mucosectomie de 34 x 28 mm, épinglée.",
        ),
        specimen="Rectum, mucosectomie",
        block="B2",
        stain="HES",
        seed=398,
        width=8_192,
        height=6_144,
    ),
    Sample(
        place="reunion",
        author="paul",
        facts=CaseFacts(
            number="REU-26-1077",
            organ="soft-tissue",
            title="Lésion de la cuisse, micro-biopsie",
            clinical_context="Patient de 45 ans. Masse profonde de la cuisse, 7 cm, évolution rapide.",
            proposed_diagnosis="Sarcome à cellules fusiformes, type à préciser.",
            gross_description="Six carottes de 8 à 15 mm.",
            codings="CIM-O 8801/3",
        ),
        specimen="Cuisse, micro-biopsie",
        block="A1",
        stain="HES",
        seed=1077,
        width=8_192,
        height=6_144,
        tissue=Kind.SPINDLE,
    ),
)

LABEL: Final = 40
"""Characters that are kept of the name of a given slide."""

Told = Callable[[str, float], None]
"""Called with what is being done and how far it is, 0 to 1."""


def identities() -> list[Identity]:
    """Who can be picked in the simulator."""
    return [
        Identity(
            subject_name_id=one.subject_name_id,
            given_name=one.given_name,
            family_name=one.family_name,
            title=one.title,
            profession="10" if one.know_how else "86",
            know_how=one.know_how,
            finess=PLACES[one.place].finess,
            institution_name=f"{PLACES[one.place].name}, {PLACES[one.place].city}",
            description=one.try_this,
            description_en=one.try_this_en,
        )
        for one in PEOPLE.values()
    ]


async def seed(
    db: Database, storage: Storage, decoders: DecoderPool, work: Path, told: Told, slides: Sequence[Path] = ()
) -> None:
    """Make what is not there yet. ``slides``: real files to use instead of generated ones, dealt out to the cases in turn;
    ``work``: a folder for the slide while it is generated.

    Raises SlideUnreadable: one of the given files; what was made before it stays."""
    actors = await _people(db)
    cases_ = await _cases(db, actors)
    for number, sample in enumerate(SAMPLES):
        given = list(slides[number :: len(SAMPLES)])
        await _slides(
            db, storage, decoders, actors[sample.author], cases_[sample.facts.number], sample, given, work, told
        )
    await _consults(db, actors, cases_)
    await _network(db, actors, cases_["CAY-26-0398"])


async def _people(db: Database) -> dict[str, Actor]:
    async with db.read() as reader:
        have = {place.finess: place.id for place in (await directory.institutions(reader)).values()}
    if not set(have) >= {place.finess for place in PLACES.values()}:
        async with db.write(SYSTEM) as tx:
            for place in PLACES.values():
                have[place.finess] = await administration.add_institution(
                    tx,
                    finess=place.finess,
                    name=place.name,
                    city=place.city,
                    region=place.region,
                    time_zone=place.time_zone,
                )
            for one in PEOPLE.values():
                await _add(tx, one, have[PLACES[one.place].finess])
    async with db.read() as reader:
        actors = {}
        for name, one in PEOPLE.items():
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


async def _cases(db: Database, actors: Mapping[str, Actor]) -> dict[str, Case]:
    made = {}
    for sample in SAMPLES:
        actor = actors[sample.author]
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
        made[sample.facts.number] = case
    return made


async def _slides(
    db: Database,
    storage: Storage,
    decoders: DecoderPool,
    actor: Actor,
    case: Case,
    sample: Sample,
    given: Sequence[Path],
    work: Path,
    told: Told,
) -> None:
    async with db.read() as reader:
        there = Counter(slide.label for slide in await catalogue.of_case(reader, case.id))
    if there and not given:
        return
    for path in given:
        label = path.stem[:LABEL]
        if there[label]:
            there[label] -= 1
            continue
        told(path.name, 0.0)
        await ingest.add(
            db,
            storage,
            decoders,
            actor,
            path,
            case_id=case.id,
            institution_id=case.institution_id,
            label=label,
            stain=sample.stain,
            block=sample.block,
        )
        told(path.name, 1.0)
    if given:
        return
    path = work / f"{sample.facts.number}.tiff"
    await write_slide(
        path,
        width=sample.width,
        height=sample.height,
        seed=sample.seed,
        kind=sample.tissue,
        progress=lambda share: told(sample.facts.number, share),
    )
    try:
        await ingest.add(
            db,
            storage,
            decoders,
            actor,
            path,
            case_id=case.id,
            institution_id=case.institution_id,
            label=f"{sample.block} {sample.stain}",
            stain=sample.stain,
            block=sample.block,
        )
    finally:
        path.unlink(missing_ok=True)


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


def simulator(settings: Settings) -> Starlette:
    """The identity provider of the demonstration, to be served at its own origin. Raises Invalid: in production."""
    client = Client(
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        name="telepath",
        redirect_uris=(f"{settings.origin}/login/callback",),
        logout_uris=(f"{settings.origin}/login/left",),
        backchannel_logout_uri=f"{settings.origin}/login/backchannel-logout/psc",
    )
    return create_app(settings.oidc_issuer, [client], identities(), production=settings.production)
