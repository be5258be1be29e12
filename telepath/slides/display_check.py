"""The display check: whether a reader sees, at one screen, the small differences of colour that stains make.

A minute, letters one or two ΔE00 from their ground in the colours of haematoxylin and eosin, made and judged in the browser
(web/client/src/display_check.ts). It tries the whole chain of screen, room and eyes at colours; it says nothing of resolution,
luminance or calibration, and keeps nobody out. After the idea of the point-of-use test of Leeds
(J Pathol Inform 2020, 11:17)."""

import re
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import select

from telepath.access import ObjectRef
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.slides import display_check
from telepath.db.transaction import Reader
from telepath.errors import Invalid

TRIALS: Final = range(1, 41)
FAINT: Final = (0.5, 10.0)
"""ΔE00 that letters may have."""
ENOUGH: Final = 0.75
"""Share of the letters that a reader reads where nothing is amiss."""
DEVICE: Final = re.compile(r"[0-9a-z]{8,26}")


class Screen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the browser says of its screen; CSS px, and device px per CSS px. ``gamut``: ``srgb``, ``p3``, ``rec2020``."""

    width: int
    height: int
    ratio: float
    depth: int
    gamut: str = ""


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the page sends. ``faintest``: ΔE00 of the faintest letter that was read; None: none was."""

    device: str
    trials: int
    seen: int
    faintest: float | None
    screen: Screen

    def check(self) -> None:
        """Raises Invalid: no page of ours sends that."""
        screen = self.screen
        sizes = (
            0 < screen.width < 100_000
            and 0 < screen.height < 100_000
            and 0 < screen.ratio < 20
            and 0 < screen.depth < 99
        )
        faintest = self.faintest is None or FAINT[0] <= self.faintest <= FAINT[1]
        counts = self.trials in TRIALS and 0 <= self.seen <= self.trials
        known = screen.gamut in {"", "srgb", "p3", "rec2020"} and DEVICE.fullmatch(self.device)
        if not (sizes and faintest and counts and known and (self.faintest is None) == (self.seen == 0)):
            raise Invalid("error-request")


class Check(msgspec.Struct, frozen=True):
    """One that was done."""

    device: str
    done_at: datetime
    trials: int
    seen: int
    faintest: float | None

    @property
    def enough(self) -> bool:
        return self.seen >= ENOUGH * self.trials


async def keep(db: Database, actor: Actor, result: Result) -> Check:
    """Raises Invalid."""
    result.check()
    async with db.write(actor) as tx:
        check = Check(result.device, tx.now, result.trials, result.seen, result.faintest)
        await tx.insert(
            display_check,
            id=tx.new_id(),
            person_id=actor.person_id,
            screen=msgspec.to_builtins(result.screen),
            **msgspec.structs.asdict(check),
        )
        who = ObjectRef("person", actor.person_id, actor.institution_id)
        await tx.audit("display.checked", who, seen=check.seen, trials=check.trials)
    return check


async def last_of(reader: Reader, person_id: str) -> Check | None:
    """On whichever screen."""
    found = select(display_check).where(display_check.c.person_id == person_id)
    row = await reader.first(found.order_by(display_check.c.done_at.desc(), display_check.c.id.desc()).limit(1))
    if row is None:
        return None
    return Check(row["device"], row["done_at"], row["trials"], row["seen"], row["faintest"])
