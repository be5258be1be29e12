"""A registered slide is read again in the sandbox: its facts, the table of its colours, its small picture, its index. For
slides that came in before these were read, or were read so well. What is the same already is left alone.

Its levels keep their numbers, for views and audit name them: where they would be others today, the index stays as it is, and
with it what stands on it, channels and focal planes."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from sqlalchemy import select

from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.slides import slide as slides
from telepath.errors import NotFound
from telepath.slides import catalogue, deidentified, pyramid_builder
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.messages import Inspection
from telepath.storage import Storage


class Reread(msgspec.Struct, frozen=True):
    changed: tuple[str, ...]
    """What is another now: ``facts``, ``colours``, ``thumbnail``, ``findings``, ``index``. Worded as ``reread-<name>``."""
    levels_kept: bool
    """Its levels would be others today."""


async def every(db: Database) -> list[str]:
    """All slides that there are, oldest first."""
    async with db.read() as reader:
        return [
            row["id"]
            for row in await reader.all(select(slides.c.id).where(slides.c.folder != "").order_by(slides.c.id))
        ]


async def reread(db: Database, storage: Storage, decoders: DecoderPool, actor: Actor, slide_id: str) -> Reread:
    """Raises NotFound, also when it was erased meanwhile: then nothing of it is left; SlideUnreadable: it cannot be read any
    more, and stays as it was; Conflict: it was changed meanwhile; Unavailable. Killed half way, it is mended by doing it
    again."""
    async with db.read() as reader:
        slide = await catalogue.get(reader, slide_id)
    async with storage.fetch(catalogue.files_key(slide.folder)) as folder:
        found = await decoders.inspect(folder, slide.entry)
    fits = found.pyramid == slide.pyramid
    kept = {
        "colours": (catalogue.lut_key(slide.folder), found.lut),
        "thumbnail": (catalogue.thumbnail_key(slide.folder), found.thumbnail or b""),
        "findings": (deidentified.key(slide.folder), deidentified.written(found.identifying)),
        "index": (catalogue.index_key(slide.folder), found.index if fits else b""),
    }
    other = {name: one for name, one in kept.items() if one[1] and await _stored(storage, one[0]) != one[1]}
    for key, data in other.values():
        await storage.put_stream(key, _once(data))
    facts = _facts(slide, found, fits=fits)
    changed = (("facts",) if facts else ()) + tuple(other)
    if changed:
        erased = False
        try:
            async with db.write(actor) as tx:
                erased = await tx.scalar(select(slides.c.folder).where(slides.c.id == slide_id)) == ""
                if erased:
                    raise NotFound
                if facts:
                    await tx.update(slides, slide.id, slide.version, **facts)
                if {"channels", "planes"} & facts.keys():  # the built levels are of those that it had
                    now = msgspec.structs.replace(slide, channels=found.channels, planes=found.planes)
                    await pyramid_builder.want_anew(tx, now)
                await tx.audit("slide.reread", slide.ref, case_id=slide.case_id, changed=list(changed))
        finally:
            if erased:
                await storage.delete(slide.folder)
    return Reread(changed, not fits)


def _facts(slide: Slide, found: Inspection, *, fits: bool) -> dict[str, Any]:
    """Columns of the slide's row that are others now. A scale that somebody entered stays."""
    said: dict[str, Any] = {
        "format": found.vendor,
        "objective": found.objective,
        "mpp_read": found.mpp,
        "mpp_offered": found.mpp_offered,
        "profile": found.profile,
    }
    if slide.mpp_source == "file":
        said["mpp"] = found.mpp
    if fits:
        said |= {name: getattr(found, name) for name in ("source", "channels", "planes", "plane_spacing", "background")}
    other = {name: value for name, value in said.items() if getattr(slide, name) != value}
    for name in {"profile", "channels"} & other.keys():
        other[name] = msgspec.json.encode(other[name]).decode()
    if "source" in other:
        other["source"] = found.source.value
    return other


async def _stored(storage: Storage, key: str) -> bytes | None:
    try:
        return await storage.read(key, 0, await storage.size(key))
    except NotFound:
        return None


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data
