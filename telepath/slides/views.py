"""Who opened which slide, and until when: one row and one audit record before the first byte."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import RowMapping, Select, func, select, update

from telepath.access import Allowed
from telepath.actor import Actor
from telepath.db.schema.directory import delegation
from telepath.db.schema.grants import grants
from telepath.db.schema.slides import slide_view
from telepath.db.transaction import Reader, Transaction
from telepath.slides import shown
from telepath.slides.capability import LIFETIME, Capability
from telepath.slides.catalogue import Slide

CLOCK_LEEWAY: Final = timedelta(minutes=1)


class Showing(msgspec.Struct, frozen=True):
    """What a viewer says of how it shows the slide now, in words of shown.py; empty: it does not say."""

    colour: str = ""
    quality: str = ""
    kept: tuple[str, ...] = ()
    """Names of tiles that it showed out of what had been sent ahead: as tile_names.written, once each."""


SILENT: Final = Showing()


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One opening of one slide by one person in one session."""

    id: str
    slide_id: str
    person_id: str
    session_id: str
    because: str
    because_id: str
    epoch: int
    opened_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    colour: str = ""
    """Words of shown.py."""
    quality: str = ""
    warming: bool = False
    """Its tiles were sent ahead, and nobody looked."""

    @property
    def capability(self) -> Capability:
        """What its tile cookie says."""
        return Capability(self.slide_id, self.id, self.epoch, int(self.expires_at.timestamp()))


async def open_view(tx: Transaction, slide: Slide, allowed: Allowed, *, warming: bool = False) -> View:
    """Record that the person opens the slide, before they see anything of it. ``allowed`` is what ``grants.require`` gave.
    ``warming``: that their browser is sent tiles ahead, which is not looking at them."""
    actor = tx.actor
    view = View(
        id=tx.new_id(),
        slide_id=slide.id,
        person_id=actor.person_id,
        session_id=actor.session_id,
        because=allowed.because,
        because_id=allowed.because_id,
        epoch=allowed.epoch,
        opened_at=tx.now,
        expires_at=await _end(tx, slide, allowed),
        warming=warming,
    )
    await tx.insert(slide_view, **msgspec.structs.asdict(view))
    kind = "slide.warmed" if warming else "slide.viewed"
    await tx.audit(kind, slide.ref, because=allowed, case_id=slide.case_id, view=view.id)
    return view


async def renew(tx: Transaction, slide: Slide, allowed: Allowed, showing: Showing = SILENT) -> View:
    """Lengthen the view that this person has open, in this session and for the same reason; open one when there is none.
    ``showing`` is kept with it, beside what was said before.

    The same opening going on is not audited again."""
    row = await tx.first(_standing(tx, slide, allowed, warming=False))
    before = await open_view(tx, slide, allowed) if row is None else _view(row)
    view = msgspec.structs.replace(
        before,
        expires_at=await _end(tx, slide, allowed),
        colour=shown.colours(
            before.colour, showing.colour, profiled=slide.profile.applied, channels=bool(slide.channels)
        ),
        quality=shown.qualities(before.quality, showing.quality),
    )
    said = {"expires_at": view.expires_at, "colour": view.colour, "quality": view.quality}
    await tx.execute(update(slide_view).where(slide_view.c.id == view.id).values(**said))
    return view


async def warm(tx: Transaction, slide: Slide, allowed: Allowed) -> View:
    """The view under which tiles are sent ahead to this session: lengthened, or opened and recorded."""
    row = await tx.first(_standing(tx, slide, allowed, warming=True))
    if row is None:
        return await open_view(tx, slide, allowed, warming=True)
    view = msgspec.structs.replace(_view(row), expires_at=await _end(tx, slide, allowed))
    await tx.execute(update(slide_view).where(slide_view.c.id == view.id).values(expires_at=view.expires_at))
    return view


async def warming(reader: Reader, actor: Actor, slide_id: str) -> View | None:
    """The view under which tiles of this slide may be sent ahead to this session now."""
    return await _of_session(reader, actor, slide_id, warming=True)


async def looking(reader: Reader, actor: Actor, slide_id: str) -> View | None:
    """The view that this session has of the slide now: what is pushed to it is sent under that one."""
    return await _of_session(reader, actor, slide_id, warming=False)


async def _of_session(reader: Reader, actor: Actor, slide_id: str, *, warming: bool) -> View | None:
    row = await reader.first(
        select(slide_view)
        .where(
            slide_view.c.slide_id == slide_id,
            slide_view.c.person_id == actor.person_id,
            slide_view.c.session_id == actor.session_id,
            slide_view.c.warming.is_(warming),
            slide_view.c.revoked_at.is_(None),
            slide_view.c.expires_at > reader.now,
        )
        .order_by(slide_view.c.id.desc())
        .limit(1)
    )
    return None if row is None else _view(row)


def _standing(tx: Transaction, slide: Slide, allowed: Allowed, *, warming: bool) -> Select[Any]:
    """The latest of this person, in this session and for the same reason, that can go on."""
    actor = tx.actor
    return (
        select(slide_view)
        .where(
            slide_view.c.slide_id == slide.id,
            slide_view.c.person_id == actor.person_id,
            slide_view.c.session_id == actor.session_id,
            slide_view.c.because == allowed.because,
            slide_view.c.because_id == allowed.because_id,
            slide_view.c.epoch == allowed.epoch,
            slide_view.c.warming.is_(warming),
            slide_view.c.revoked_at.is_(None),
            slide_view.c.expires_at > tx.now - timedelta(seconds=LIFETIME),
        )
        .order_by(slide_view.c.id.desc())
        .limit(1)
    )


async def showings(
    reader: Reader, person_id: str, slide_ids: Collection[str], since: datetime
) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Of these slides those that this person opened since then, in which colours and qualities (shown.py) each was shown."""
    rows = await reader.all(
        select(slide_view.c.slide_id, slide_view.c.colour, slide_view.c.quality).where(
            slide_view.c.person_id == person_id,
            slide_view.c.slide_id.in_(slide_ids),
            slide_view.c.expires_at > since,
            ~slide_view.c.warming,
        )
    )
    said: dict[str, list[RowMapping]] = {}
    for row in rows:
        said.setdefault(row["slide_id"], []).append(row)
    return {
        slide_id: (
            shown.words((one["colour"] for one in views), shown.COLOURS),
            shown.words((one["quality"] for one in views), shown.QUALITIES),
        )
        for slide_id, views in said.items()
    }


async def revoked(reader: Reader) -> frozenset[str]:
    """The ids of revoked views whose capability would still be good on a node whose clock is a minute late."""
    rows = await reader.all(
        select(slide_view.c.id).where(
            slide_view.c.revoked_at.is_not(None), slide_view.c.expires_at > reader.now - CLOCK_LEEWAY
        )
    )
    return frozenset(row["id"] for row in rows)


async def _end(tx: Transaction, slide: Slide, allowed: Allowed) -> datetime:
    """When the view ends unless it is renewed: soon, and never after the grant that it stands on."""
    ends: list[datetime | None] = [tx.now + timedelta(seconds=LIFETIME)]
    if allowed.epoch:
        ends.append(
            await tx.scalar(
                select(grants.c.until).where(
                    grants.c.object_kind == "slide",
                    grants.c.object_id == slide.id,
                    grants.c.because == allowed.because,
                    grants.c.because_id == allowed.because_id,
                    grants.c.epoch == allowed.epoch,
                    grants.c.revoked_at.is_(None),
                    grants.c.until.is_not(None),
                )
            )
        )
    if allowed.on_behalf_of:
        # Nor after the absence: the delegation ends by itself, and nobody is told then.
        standing = (
            (delegation.c.absent_id == allowed.on_behalf_of)
            & (delegation.c.delegate_id == tx.actor.person_id)
            & (delegation.c.institution_id == tx.actor.institution_id)
            & (delegation.c.starts_at <= tx.now)
            & delegation.c.ended_at.is_(None)
        )
        ends.append(await tx.scalar(select(func.max(delegation.c.ends_at)).where(standing)))
    return min(end for end in ends if end is not None)


def _view(row: RowMapping) -> View:
    return View(**dict(row))


async def end_through(tx: Transaction, subject: tuple[str, str], people: Collection[str]) -> None:
    """Revoke the views that these people have through rights of ``subject`` (kind, id), to which they no longer belong, and
    tell the nodes. The caller's transaction audits why."""
    held = (grants.c.subject_kind == subject[0]) & (grants.c.subject_id == subject[1]) & grants.c.revoked_at.is_(None)
    for reason in await tx.all(select(grants.c.because, grants.c.because_id).where(held).distinct()):
        standing = (
            slide_view.c.person_id.in_(people)
            & (slide_view.c.because == reason["because"])
            & (slide_view.c.because_id == reason["because_id"])
            & slide_view.c.revoked_at.is_(None)
        )
        await tx.execute(update(slide_view).where(standing).values(revoked_at=tx.now))
    await tx.emit("grant.revoked", because=subject[0], because_id=subject[1])
