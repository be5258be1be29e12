"""Whether a printed report is genuine: what anybody may learn of a signed statement by its code.

Who signed, when, where, and whether something was signed later: nothing of the patient, of the case or of what it says."""

import re
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import select

from consults import repository
from consults.versions import versions
from telepath import directory
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult, opinion
from telepath.db.transaction import Reader
from telepath.directory import Institution, Person
from telepath.ids import ALPHABET

LENGTH: Final = 12
_MISREAD: Final = str.maketrans("OIL", "011")
_CODE: Final = re.compile(f"[{ALPHABET.upper()}]{{{LENGTH}}}")


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A genuine statement. ``title`` and ``ordinal``: as of Version."""

    code: str
    title: str
    ordinal: int
    author: Person
    place: Institution
    signed_at: datetime
    beside: tuple[Person, ...]
    """Who signed it too."""
    digest: str
    replaced_at: datetime | None
    """When an amendment took its place; None: it stands."""
    added_at: datetime | None
    """When the latest statement after it was signed; None: it is the last."""


def normal(typed: str) -> str:
    """The code as it is kept, whatever somebody made of hyphens, spaces, capitals and letters that look like digits; "" when it
    cannot be one."""
    letters = "".join(letter for letter in typed.upper() if letter.isalnum()).translate(_MISREAD)
    return "-".join((letters[:4], letters[4:8], letters[8:])) if _CODE.fullmatch(letters) else ""


async def check(db: Database, actor: Actor, typed: str) -> Checked | None:
    """What the code says, recorded; None: it is of no report. ``actor``: whoever asks, who may be nobody.

    What the requester may not see yet, and what was erased, is not there."""
    code = normal(typed)
    async with db.read() as reader:
        row = await reader.first(
            select(opinion.c.id, opinion.c.consult_id)
            .join(consult, consult.c.id == opinion.c.consult_id)
            .join(case, case.c.id == consult.c.case_id)
            .where(
                opinion.c.verification == code,
                opinion.c.number <= consult.c.opinions_released,
                case.c.erased_at.is_(None),
            )
        )
        if not code or row is None:
            found = None
        else:
            found = await _checked(reader, row["consult_id"], row["id"])
            thing = (await repository.get(reader, row["consult_id"])).ref
    if found is None:
        await db.record(actor, "report.checked", outcome="failure")
    else:
        await db.record(actor, "report.checked", thing, digest=found.digest)
    return found


async def _checked(reader: Reader, consult_id: str, opinion_id: str) -> Checked:
    released = (await repository.get(reader, consult_id)).opinions_released
    opinions = [one for one in await repository.opinions_of(reader, consult_id) if one.number <= released]
    signatures = await repository.signatures_of(reader, consult_id)
    told = versions(opinions, await repository.readings_of(reader, consult_id), signatures)
    signed = {one.number: one.signed_at for one in opinions}
    this = next(one for one in told if one.opinion.id == opinion_id)
    people = await directory.people(reader, {this.opinion.author_id, *(one.person_id for one in this.beside)})
    places = await directory.institutions(reader, [this.opinion.institution_id])
    return Checked(
        code=this.opinion.verification,
        title=this.title,
        ordinal=this.ordinal,
        author=people[this.opinion.author_id],
        place=places[this.opinion.institution_id],
        signed_at=this.opinion.signed_at,
        beside=tuple(people[one.person_id] for one in this.beside),
        digest=this.opinion.digest,
        replaced_at=signed.get(this.superseded_by),
        added_at=max((at for number, at in signed.items() if number > this.opinion.number), default=None),
    )
