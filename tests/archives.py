"""Two instances, each with its own database, storage and keys, and a consult that went through everything, to be sent from one
to the other."""

import json
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from consults import adoption, incidents, material, offers, outcomes, reading, repository, request, signing
from consults.deadlines import Urgency
from consults.kinds import Adoption, IncidentKind, MaterialAnswer, MaterialKind, OutcomeKind, Verdict
from consults.model import Question
from consults.opinion import Draft
from telepath import grants
from telepath.access import Action
from telepath.audit import VerifierKey
from telepath.cases import annotation_store, attachments, key_regions, threads
from telepath.cases import repository as cases
from telepath.cases.annotations import Drawing, Rectangle
from telepath.checkpoints import signed
from telepath.db.database import Database
from telepath.db.schema.cases import specimen
from telepath.geometry import Look, View
from telepath.slides import catalogue, ingest, views
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders import MASTER_KEY, World
from tests.builders_attachments import pdf
from tests.builders_slides import write_svs
from tests.web_client import words
from web import consult_archive, consult_import, keys
from web.archive_file import MANIFEST, SIGNATURE
from web.consult_archive import Made
from web.consult_import import Brought
from web.settings import Settings

LOOK = Look(z=0, channels="0:0000ff:120:3000", colours="off")
FIELD = View(700, 500, 400, 300, rotation=90.0, look=LOOK)
HERE_AND_THERE = timedelta(minutes=5)
CONCLUSION = "Lymphome folliculaire, grade 1-2."
LINE = "Ce champ, svp."


class Instance(World):
    """A service of its own: nothing of it is another's. Zoé works in Cayenne."""

    def __init__(self, db: Database, settings: Settings, storage: LocalStorage, decoders: DecoderPool) -> None:
        super().__init__(db)
        self.settings, self.storage, self.decoders = settings, storage, decoders

    @property
    def key(self) -> VerifierKey:
        return keys.public_key(self.settings)

    async def export(self, consult_id: str, target: Path) -> Made:
        zoe = self.actors["zoe"]
        return await consult_archive.export(
            self.db, self.settings, self.storage, zoe, consult_id, target, words()("fr")
        )

    async def bring(self, path: Path, *signers: VerifierKey) -> Brought:
        zoe = self.actors["zoe"]
        return await consult_import.bring(
            self.db, self.settings, self.storage, self.decoders, zoe, path, signers or (self.key,)
        )

    @property
    def files(self) -> set[str]:
        """What lies in its storage."""
        root = self.storage.root
        return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@asynccontextmanager
async def instance(url: str, folder: Path) -> AsyncIterator[Instance]:
    folder.mkdir(exist_ok=True)
    db = Database(url, MASTER_KEY)
    storage = LocalStorage(folder / "slides")
    try:
        async with DecoderPool(storage, 1) as decoders:
            made = Instance(db, Settings(data=folder), storage, decoders)
            await made.person("zoe", "cayenne", "Zoé", "Marchand")
            yield made
    finally:
        await storage.close()
        await db.close()


@asynccontextmanager
async def two(new_database: Callable[[], str], folder: Path) -> AsyncIterator[tuple[Instance, Instance]]:
    async with instance(new_database(), folder / "a") as one, instance(new_database(), folder / "b") as other:
        yield one, other


async def answered(made: Instance, folder: Path, real: Path | None = None) -> str:
    """A consult with something in every table that goes with one; its identifier. ``real``: a slide that is not ours."""
    zoe = made.actors["zoe"]
    karim = await made.expert("karim", "lille", "Karim", "Haddad", networks=["LYMPHOPATH"])
    case_id = await made.case(zoe)
    async with made.db.write(zoe, unaudited="a test's world") as tx:
        specimen_id = tx.new_id()
        await tx.insert(specimen, id=specimen_id, case_id=case_id, label="A", description="Ganglion")
    slide = await ingest.add(
        made.db,
        made.storage,
        made.decoders,
        zoe,
        real or write_svs(folder / "slide.svs", width=1600, height=1200, steps=(1, 4)),
        case_id=case_id,
        institution_id=zoe.institution_id,
        specimen_id=specimen_id,
        label="A1 HES",
        block="A1",
    )
    await attachments.add(made.db, made.storage, made.decoders, zoe, case_id, "Compte rendu", pdf(2))
    question = Question("Lymphome folliculaire ?", "Adénopathie.", "lymphoid", Urgency.STANDARD)
    consult_id = await request.request(made.db, zoe, case_id, question, karim.person_id)
    await offers.accept(made.db, karim, consult_id)
    made.clock.advance(minutes=1)
    await _talk(made, consult_id, case_id, slide.id)
    await material.ask(made.db, karim, consult_id, MaterialKind.IHC, "CD20")
    made.clock.advance(hours=3)
    await material.answer(made.db, zoe, consult_id, "", MaterialAnswer.PROVIDED, "Fait.")
    await incidents.note(made.db, karim, consult_id, IncidentKind.NETWORK, "Lent.")
    await _sign(made, consult_id, Draft(conclusion=CONCLUSION, codings="CIM-10 C82.0"))
    await _sign(made, consult_id, Draft(conclusion="Ki67 à 20 %."))
    await adoption.decide(made.db, zoe, consult_id, Adoption.ADOPTED, "")
    await outcomes.record(made.db, zoe, consult_id, OutcomeKind.EXCISION, Verdict.CONFIRMS, "Confirmé.")
    made.clock.advance(hours=1)
    return consult_id


async def _talk(made: Instance, consult_id: str, case_id: str, slide_id: str) -> None:
    karim = made.actors["karim"]
    drawing = Drawing(operation_id="operation-1", shape=Rectangle(10, 20, 300, 400.5, LOOK), label="Mitoses")
    async with made.db.write(karim) as tx:
        of = await cases.get(tx, case_id)
        await threads.write(tx, karim, of, LINE, consult_id=consult_id, slide_id=slide_id, view=FIELD)
        await annotation_store.draw(tx, karim, slide_id, drawing)
        slide = await catalogue.get(tx, slide_id)
        await views.open_view(tx, slide, await grants.require(tx, karim, Action.SLIDE_VIEW, slide.ref))
    await key_regions.pin(made.db, made.storage, made.decoders, karim, slide_id, FIELD, "Centre", consult_id)


async def _sign(made: Instance, consult_id: str, draft: Draft) -> None:
    made.clock.advance(minutes=10)
    karim = made.again("karim")
    async with made.db.read() as reader:
        seen = (await repository.reading_by(reader, consult_id, karim.person_id)).version
    saved = await reading.save_draft(made.db, karim, consult_id, seen, draft)
    await signing.sign(made.db, karim, consult_id, saved.version, HERE_AND_THERE)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def content(path: Path) -> dict[str, bytes]:
    """All but the extract of the audit and the list of members, which say when and where it was made."""
    beside = {MANIFEST, SIGNATURE}
    return {name: data for name, data in members(path).items() if name not in beside and not name.startswith("audit/")}


def packed(path: Path, found: Mapping[str, bytes]) -> Path:
    """These members, and nothing else: what was signed, and what was not, as they are given."""
    path.unlink(missing_ok=True)
    with zipfile.ZipFile(path, "x", zipfile.ZIP_STORED) as file:
        for name, data in found.items():
            file.writestr(name, data)
    return path


def signed_anew(made: Instance, found: Mapping[str, bytes], **changed: Any) -> dict[str, bytes]:
    """The same members under a manifest that ``made`` signs: what a service that is wrong, or lies, would send."""
    kept = {name: data for name, data in found.items() if name not in {MANIFEST, SIGNATURE}}
    manifest = json.loads(found[MANIFEST]) | {
        "members": [
            {"path": name, "bytes": len(data), "sha256": sha256(data).hexdigest()} for name, data in kept.items()
        ]
    }
    data = msgspec.json.encode(manifest | changed)
    by = made.settings.log_name
    note = signed(keys.audit_key(made.settings), by, f"{by} consult 1\n{sha256(data).hexdigest()}\n")
    return kept | {MANIFEST: data, SIGNATURE: note.encode()}
