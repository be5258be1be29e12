"""A second opinion in each of its states: asked, late, being read, waiting for material, blind, disputed, declined, contested.

A scene is played once: one that was interrupted stays as it was left."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from consults import adoption, blind, incidents, material, offers, outcomes
from consults.deadlines import Urgency
from consults.grades import Graded
from consults.kinds import (
    Adoption,
    ConsultKind,
    DeclineCode,
    Grade,
    IncidentKind,
    MaterialKind,
    OutcomeKind,
    Policy,
    Trigger,
    Verdict,
)
from consults.opinion import Draft
from consults.pools import of_institution
from consults.repository import get, offers_of, readings_of
from consults.terms import Terms
from telepath.cases import key_regions
from telepath.geometry import View
from telepath.slides import catalogue
from web.demo.stage import Stage

SECOND_READING: Final = Terms(
    kind=ConsultKind.NETWORK, network="LYMPHOPATH", trigger=Trigger.SYSTEMATIC, policy=Policy.CHAIN, blind=True
)


async def play(stage: Stage) -> None:
    for number, scene in SCENES.items():
        if not await stage.first_consult(number):
            await scene(stage, number)
    await _adopted(stage)


async def _asked(stage: Stage, number: str) -> None:
    with stage.ago(timedelta(hours=3)):
        text = "Tumeur folliculaire de potentiel incertain, ou carcinome à invasion minime ?"
        await stage.ask(number, "ines", "claire", text, terms=Terms(policy=Policy.CHAIN))


async def _of_a_pool(stage: Stage, number: str) -> None:
    async with stage.db.read() as reader:
        pool = (await of_institution(reader, stage.actors["solene"].institution_id))[0]
    with stage.ago(timedelta(hours=2)):
        terms = Terms(policy=Policy.POOL, pool_id=pool.id)
        await stage.ask(number, "paul", "claire", "Gastrite lymphoïde, ou lymphome du MALT débutant ?", terms=terms)


async def _late(stage: Stage, number: str) -> None:
    with stage.ago(timedelta(days=3)):
        await stage.ask(number, "ines", "maelle", "Papillome, ou carcinome papillaire in situ ?", Urgency.URGENT)


async def _being_read(stage: Stage, number: str) -> None:
    with stage.ago(timedelta(days=2)):
        consult_id = await stage.ask(number, "ines", "hugo", "Dermatofibrosarcome ? Faut-il reprendre les marges ?")
    with stage.ago(timedelta(days=1)):
        await offers.accept(stage.db, stage.person("hugo"), consult_id)
        await stage.draft("hugo", consult_id, Draft(description="Prolifération storiforme, sans atypie franche."))
        slide = (await _slides(stage, number))[0]
        middle = View(slide.width / 2, slide.height / 2, slide.width / 4, slide.height / 4)
        await key_regions.pin(
            stage.db,
            stage.storage,
            stage.decoders,
            stage.person("hugo"),
            slide.id,
            middle,
            "Aspect storiforme",
            consult_id,
        )


async def _waiting_for_material(stage: Stage, number: str) -> None:
    with stage.ago(timedelta(days=6)):
        consult_id = await stage.ask(number, "ines", "yann", "Adénocarcinome, ou adénose ?")
    with stage.ago(timedelta(days=5)):
        await offers.accept(stage.db, stage.person("yann"), consult_id)
        await material.ask(
            stage.db,
            stage.person("yann"),
            consult_id,
            MaterialKind.IHC,
            "P63 et AMACR sur le foyer du bloc A1, s’il vous plaît : les cellules basales ne se jugent pas sur l’HES.",
        )


async def _read_blind(stage: Stage, number: str) -> None:
    with stage.ago(timedelta(days=7)):
        text = "Seconde lecture systématique. Phénotype disponible sur demande."
        consult_id = await stage.ask(number, "ines", "tom", text, terms=SECOND_READING)
    with stage.ago(timedelta(days=4)):
        await offers.accept(stage.db, stage.person("tom"), consult_id)
        draft = Draft(
            conclusion="Infiltration par un lymphome B à petites cellules, d’architecture intrasinusoïdale.",
            description="Moelle de richesse normale. Amas intrasinusoïdaux de petites cellules lymphoïdes.",
        )
        version = await stage.draft("tom", consult_id, draft)
        await blind.commit(stage.db, stage.person("tom"), consult_id, version)


async def _disputed(stage: Stage, number: str) -> None:
    """A major discordance: nothing is answered before a third reader has signed."""
    with stage.ago(timedelta(days=22)):
        consult_id = await stage.ask(number, "ines", "claire", "Seconde lecture systématique.", terms=SECOND_READING)
    with stage.ago(timedelta(days=20)):
        await offers.accept(stage.db, stage.person("claire"), consult_id)
        draft = Draft(
            conclusion="Lymphome folliculaire de grade 1-2.",
            description="Follicules serrés, sans polarité ni macrophages à corps tingibles.",
            codings="CIM-O 9690/3",
        )
        version = await stage.draft("claire", consult_id, draft)
        await blind.commit(stage.db, stage.person("claire"), consult_id, version)
        graded = Graded(Grade.MAJOR, "Lymphome et non hyperplasie : le traitement change.")
        await stage.sign("claire", consult_id, draft, graded)
    with stage.ago(timedelta(days=18)):
        async with stage.db.read() as reader:
            if (await get(reader, consult_id)).dispute is None:
                return
        await offers.accept(stage.db, stage.person(await _third_reader(stage, consult_id)), consult_id)


async def _declined(stage: Stage, number: str) -> None:
    """On hold: it waits for its requester."""
    with stage.ago(timedelta(days=1, hours=6)):
        consult_id = await stage.ask(number, "ines", "hugo", "Fasciite nodulaire, ou sarcome de bas grade ?")
    with stage.ago(timedelta(days=1)):
        reason = "En congrès jusqu’à vendredi : un collègue sera plus rapide."
        await offers.decline(stage.db, stage.person("hugo"), consult_id, reason, DeclineCode.OVERLOADED)


async def _unread(stage: Stage, number: str) -> None:
    with stage.ago(timedelta(days=5)):
        consult_id = await stage.ask(number, "paul", "maelle", "Carcinome basocellulaire infiltrant ?")
    with stage.ago(timedelta(days=1)):
        await offers.accept(stage.db, stage.person("maelle"), consult_id)
        draft = Draft(
            conclusion="Carcinome basocellulaire nodulaire. Pas de composante infiltrante sur ce fragment.",
            remarks="Une lame, un fragment : la pièce d’exérèse le confirmera.",
            codings="CIM-O 8097/3",
        )
        await stage.sign("maelle", consult_id, draft, Graded(Grade.CONCORDANT))


async def _contested(stage: Stage, number: str) -> None:
    with stage.ago(timedelta(days=15)):
        consult_id = await stage.ask(number, "ines", "maelle", "Mélanome ? Indice de Breslow ?")
    with stage.ago(timedelta(days=12)):
        await offers.accept(stage.db, stage.person("maelle"), consult_id)
        await incidents.note(
            stage.db, stage.person("maelle"), consult_id, IncidentKind.IMAGE, "Flou sur le bord droit de la lame."
        )
        draft = Draft(
            conclusion="Nævus dysplasique, complètement réséqué.", remarks="Bord droit flou : lecture limitée."
        )
        await stage.sign("maelle", consult_id, draft, Graded(Grade.MINOR, "Atypies plus marquées à l’épaule."))
    with stage.ago(timedelta(days=10)):
        why = "Le bord flou est celui où l’atypie est la plus marquée : nouvelle numérisation, à relire."
        await adoption.decide(stage.db, stage.person("ines"), consult_id, Adoption.CONTESTED, why)


async def _adopted(stage: Stage) -> None:
    """The opinion that was signed first: adopted, and followed up."""
    consult_id = await stage.first_consult("CAY-26-0398")
    async with stage.db.read() as reader:
        if (await get(reader, consult_id)).adoption is not None:
            return
    ines = stage.person("ines")
    text = "Pièce d’exérèse : pas de foyer infiltrant."
    await outcomes.record(stage.db, ines, consult_id, OutcomeKind.EXCISION, Verdict.CONFIRMS, text)
    await adoption.decide(stage.db, ines, consult_id, Adoption.ADOPTED, "")


async def _third_reader(stage: Stage, consult_id: str) -> str:
    """Who was asked by itself for a third reading."""
    async with stage.db.read() as reader:
        read_already = {one.expert_id for one in await readings_of(reader, consult_id)}
        asked = [one.expert_id for one in await offers_of(reader, consult_id) if one.open]
    return next(
        name for name, one in stage.actors.items() if one.person_id in asked and one.person_id not in read_already
    )


async def _slides(stage: Stage, number: str) -> list[catalogue.Slide]:
    async with stage.db.read() as reader:
        return await catalogue.of_case(reader, stage.cases[number].id)


SCENES: Final[dict[str, Callable[[Stage, str], Awaitable[None]]]] = {
    "CAY-26-0342": _disputed,
    "CAY-26-0365": _contested,
    "CAY-26-0376": _read_blind,
    "CAY-26-0389": _waiting_for_material,
    "REU-26-1052": _unread,
    "CAY-26-0401": _late,
    "CAY-26-0407": _being_read,
    "CAY-26-0410": _declined,
    "CAY-26-0415": _asked,
    "REU-26-1081": _of_a_pool,
}
"""Number of the case → what happens to it, the oldest first."""
