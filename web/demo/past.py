"""A year of second opinions between the four hospitals, as rows: what the figures and the statements of activity show.

Written at once or not at all, the same for everybody but for their identifiers, and signed as opinions are: each digest and
each code can be checked. Nothing of it waits for anybody, and nobody is told."""

import random
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import select, update

from consults import repository
from consults.deadlines import USUAL, Urgency, due_at
from consults.grades import Concordance
from consults.kinds import ConsultKind, DeclineCode, Grade, IncidentKind, MaterialKind, ReadingRole, Side, Trigger
from consults.lifecycle import ConsultStatus, OfferStatus, ReadingStatus
from consults.model import Consult, Offer, Opinion, Reading, next_statement
from consults.opinion import Content, Draft, Kind, digest, verification_code
from telepath.cases import repository as cases
from telepath.cases.model import Case
from telepath.cases.non_opposition import Patient
from telepath.db.schema.cases import case as case_table
from telepath.db.schema.consults import consult as consult_table
from telepath.db.schema.consults import incident, material_request
from telepath.db.transaction import Transaction
from web.demo.stage import Stage

COUNT: Final = 240
DAYS: Final = 350
LATEST: Final = 32
"""Days ago. What is younger stands on people's lists: that is for the scenes."""
REQUESTERS: Final = (("ines", "CAY", 9), ("paul", "REU", 6), ("yann", "REN", 1), ("claire", "LIL", 1))
"""Who asked, how their numbers begin, how often."""


class Story(NamedTuple):
    organ: str
    title: str
    question: str
    conclusion: str
    experts: tuple[str, ...]
    network: str = ""


STORIES: Final = (
    Story(
        "digestive", "Polype du côlon", "Dysplasie ? Marges ?", "Adénome en dysplasie de bas grade.", ("claire", "yann")
    ),
    Story("digestive", "Biopsies gastriques", "Métaplasie ?", "Gastrite chronique atrophique.", ("yann", "claire")),
    Story("skin", "Lésion pigmentée", "Mélanome ?", "Nævus composé, sans atypie.", ("maelle", "hugo")),
    Story("breast", "Microbiopsie du sein", "Lésion à risque ?", "Hyperplasie canalaire atypique.", ("maelle", "tom")),
    Story("soft-tissue", "Masse de la cuisse", "Sarcome ?", "Fibromatose desmoïde.", ("hugo",)),
    Story("lymphoid", "Ganglion", "Lymphome ?", "Lymphome folliculaire.", ("claire", "tom", "rose"), "LYMPHOPATH"),
    Story("urology", "Biopsies de prostate", "Gleason ?", "Adénocarcinome, score de Gleason 3+4.", ("yann",)),
    Story("gynaecology", "Curetage", "Hyperplasie ?", "Hyperplasie sans atypie.", ("maelle",)),
)
GRADES: Final = (Grade.CONCORDANT, Grade.MINOR, Grade.MAJOR)
BROKE: Final = (IncidentKind.IMAGE, IncidentKind.NETWORK, IncidentKind.SCANNER)


async def write(stage: Stage) -> None:
    chance = random.Random(2026)  # noqa: S311 - the same year for everybody, and no secret
    async with stage.db.read() as reader:
        old = case_table.c.number.like("___-__-00__") & (
            case_table.c.institution_id == stage.actors["ines"].institution_id
        )
        if await reader.first(select(case_table.c.id).where(old).limit(1)) is not None:
            return
    async with stage.db.write(stage.actors["ines"], unaudited="the past of a demonstration") as tx:
        for number in range(COUNT):
            days = DAYS - (DAYS - LATEST) * number / COUNT
            at = stage.now - timedelta(days=days, minutes=chance.randrange(600))
            await _one(tx, stage, chance, number, at)
        ended = consult_table.c.status == ConsultStatus.COMPLETED
        read = consult_table.c.opinions_released
        before = consult_table.c.ended_at < stage.now - timedelta(days=LATEST - 12)
        await tx.execute(update(consult_table).where(ended, before).values(opinions_read=read))


async def _one(tx: Transaction, stage: Stage, chance: random.Random, number: int, at: datetime) -> None:
    story = chance.choice(STORIES)
    who, prefix, _ = chance.choices(REQUESTERS, [often for *_, often in REQUESTERS])[0]
    requester = stage.actors[who]
    able = [name for name in story.experts if stage.actors[name].institution_id != requester.institution_id]
    if not able:
        return
    expert = stage.actors[able[0] if chance.random() < 0.6 else able[-1]]
    case = Case(
        id=tx.new_id(),
        institution_id=requester.institution_id,
        number=f"{prefix}-{at:%y}-{number + 1:04d}",
        organ=story.organ,
        title=story.title,
        clinical_context="",
        created_by=requester.person_id,
        created_at=at,
        active_at=at,
        proposed_diagnosis=story.conclusion,
        non_opposition=Patient.INFORMED,
        non_opposition_by=requester.person_id,
        non_opposition_at=at,
        version=1,
    )
    await cases.insert(tx, case)
    network = bool(story.network) and chance.random() < 0.8
    urgency = Urgency.SYSTEMATIC if network else chance.choices(list(USUAL), (4, 22, 74, 0))[0]
    kind = ConsultKind.NETWORK if network else ConsultKind.FROZEN if urgency is Urgency.FROZEN else ConsultKind.EXPERT
    due = due_at(USUAL[urgency], at, expert.time_zone)
    revoked = chance.random() < 0.04
    signed_at = at + (due - at) * min(1.6, chance.betavariate(2.2, 3.6) * 1.55)
    paused = chance.random() < 0.14 and urgency is not Urgency.FROZEN
    consult = Consult(
        id=tx.new_id(),
        case_id=case.id,
        institution_id=case.institution_id,
        requester_id=requester.person_id,
        status=ConsultStatus.REVOKED if revoked else ConsultStatus.COMPLETED,
        question=story.question,
        clinical_context="",
        organ=story.organ,
        urgency=urgency,
        requested_at=at,
        due_at=due,
        ended_at=signed_at,
        opinions_released=0 if revoked else 1,
        kind=kind,
        network=story.network if network else "",
        trigger=Trigger.SYSTEMATIC if network else None,
        first_diagnosis=story.conclusion,
        paused_seconds=int((signed_at - at).total_seconds() / 4) if paused else 0,
    )
    await repository.insert_consult(tx, consult)
    for name in able:
        if stage.actors[name] is not expert and chance.random() < 0.35:
            silent = chance.random() < 0.4
            refused = OfferStatus.EXPIRED if silent else OfferStatus.DECLINED
            await _offer(tx, stage, consult, name, refused, at)
    reads = next(name for name in able if stage.actors[name] is expert)
    await _offer(tx, stage, consult, reads, OfferStatus.WITHDRAWN if revoked else OfferStatus.ACCEPTED, at)
    if not revoked:
        await _answered(tx, stage, chance, consult, reads, story, signed_at, paused=paused)


async def _offer(
    tx: Transaction, stage: Stage, consult: Consult, expert: str, status: OfferStatus, at: datetime
) -> None:
    offer = Offer(
        id=tx.new_id(),
        consult_id=consult.id,
        expert_id=stage.actors[expert].person_id,
        institution_id=stage.actors[expert].institution_id,
        status=status,
        reasons=[],
        offered_at=at,
        due_at=consult.due_at,
        answered_at=at + (consult.due_at - at) / 10,
        decline_code=DeclineCode.OVERLOADED if status is OfferStatus.DECLINED else None,
    )
    await repository.insert_offer(tx, offer)


async def _answered(
    tx: Transaction,
    stage: Stage,
    chance: random.Random,
    consult: Consult,
    expert: str,
    story: Story,
    signed_at: datetime,
    *,
    paused: bool,
) -> None:
    actor = stage.actors[expert]
    reading = Reading(
        id=tx.new_id(),
        consult_id=consult.id,
        expert_id=actor.person_id,
        institution_id=actor.institution_id,
        status=ReadingStatus.COMPLETED,
        rank=2,
        draft=Draft(),
        started_at=consult.requested_at,
        ended_at=signed_at,
        role=ReadingRole.EXPERT,
    )
    await repository.insert_reading(tx, reading)
    statement = next_statement(consult, reading, Content(story.conclusion), [], signed_at)
    opinion = Opinion(
        id=tx.new_id(),
        consult_id=consult.id,
        reading_id=reading.id,
        number=1,
        kind=Kind.OPINION,
        author_id=actor.person_id,
        institution_id=actor.institution_id,
        content=statement.content,
        digest=digest(statement),
        signed_at=signed_at,
        acr=actor.acr,
        auth_time=signed_at,
        verification=verification_code(tx.random(8)),
    )
    await repository.insert_opinion(tx, opinion)
    grade = chance.choices(GRADES, (82, 13, 5))[0]
    for side, person_id in ((Side.EXPERT, actor.person_id), (Side.REQUESTER, consult.requester_id)):
        if side is Side.REQUESTER and chance.random() < 0.3:
            continue
        graded = Concordance(
            id=tx.new_id(),
            consult_id=consult.id,
            reading_id=reading.id,
            side=side,
            grade=grade if side is Side.EXPERT or chance.random() < 0.9 else Grade.CONCORDANT,
            comment="" if grade is not Grade.MAJOR else "Le traitement change.",
            graded_by=person_id,
            graded_at=signed_at,
        )
        await repository.insert_grade(tx, graded)
    if chance.random() < 0.05:
        await tx.insert(
            incident,
            id=tx.new_id(),
            consult_id=consult.id,
            kind=chance.choice(BROKE),
            text="",
            noted_by=actor.person_id,
            noted_at=signed_at,
        )
    if paused:
        await tx.insert(
            material_request,
            id=tx.new_id(),
            consult_id=consult.id,
            reading_id=reading.id,
            kind=MaterialKind.IHC,
            text="Immunohistochimie, s’il vous plaît.",
            asked_by=actor.person_id,
            asked_at=consult.requested_at + (signed_at - consult.requested_at) / 4,
            answer="provided",
            answer_text="Lames ajoutées au dossier.",
            answered_by=consult.requester_id,
            answered_at=consult.requested_at + (signed_at - consult.requested_at) / 2,
        )
