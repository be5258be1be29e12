"""Every version of an opinion held against the log: who signed what when, and what was written before and after."""

import difflib
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

import msgspec

from consults import archive, repository
from consults.archive import Renamed
from consults.model import Consult, Opinion
from consults.opinion import Content, Statement, digest
from telepath import directory
from telepath.actor import Actor
from telepath.audit_catalogue import CATALOGUE, family
from telepath.cases import repository as cases
from telepath.db import audit_search
from telepath.db.audit_search import Entry, Search
from telepath.db.transaction import Reader
from telepath.db.vault_store import Keys
from telepath.errors import NotFound

IMPORTED: Final = "consult.imported"
KINDS: Final = frozenset(kind for kind in CATALOGUE if family(kind) == "opinion") | {"case.changed", IMPORTED}
SIGNED: Final = frozenset({"opinion.signed", "opinion.amended"})
RECORDS: Final = 500
"""Of one consult: the newest are shown."""


class Piece(msgspec.Struct, frozen=True):
    """A part of a text: ``same``, ``del`` (only in the version before) or ``ins`` (only in this one)."""

    tag: str
    text: str


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One signed statement. ``verdict``: ``same`` as the log says, ``altered`` since, or ``absent`` from the log."""

    opinion: Opinion
    author: str
    place: str
    digest: str
    """SHA-256 of what is stored now."""
    logged: str
    """SHA-256 that the log holds since the signature, or since it came from another instance; empty: none."""
    seq: int | None
    verdict: str
    texts: tuple[tuple[str, tuple[Piece, ...]], ...]
    """(field, what changed since the version before)."""


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """One consult: its versions, and every record of how they came about, newest first."""

    consult: Consult
    case_number: str
    versions: tuple[Version, ...]
    entries: tuple[Entry, ...]


async def of(reader: Reader, keys: Keys, places: Iterable[str], actor: Actor) -> list[Examined]:
    """The consults of these cases, or with these identifiers, as far as the auditor's institution may know them: what it asked
    for, or what its members signed."""
    found = []
    for place in places:
        for consult in await _consults(reader, place):
            one = await _examined(reader, keys, consult, actor)
            if one is not None:
                found.append(one)
    return found


async def _consults(reader: Reader, place: str) -> list[Consult]:
    """What the case holds, or the consult itself; none of a case that was erased."""
    found = []
    for key in [one.id for one in await repository.of_case(reader, place)] or [place]:
        with suppress(NotFound):
            found.append(await repository.get(reader, key))
    return found


async def _examined(reader: Reader, keys: Keys, consult: Consult, actor: Actor) -> Examined | None:
    opinions = await repository.opinions_of(reader, consult.id)
    own = consult.institution_id == actor.institution_id
    if not own and not any(one.institution_id == actor.institution_id for one in opinions):
        return None
    wanted = Search(institution=actor.institution_id, places=frozenset({consult.id, consult.case_id}), kinds=KINDS)
    entries = [
        entry
        for entry in await audit_search.search(reader, keys, wanted, RECORDS)
        if entry.record.object_id == consult.id or (own and entry.record.kind == "case.changed")
    ]
    there = (await archive.renamed(reader, consult.id)).back
    people = await directory.people(reader, {one.author_id for one in opinions})
    houses = await directory.institutions(reader, {one.institution_id for one in opinions})
    versions = [
        _version(
            consult, one, opinions[:index], entries, people[one.author_id].name, houses[one.institution_id].name, there
        )
        for index, one in enumerate(opinions)
        if own or one.institution_id == actor.institution_id
    ]
    return Examined(
        consult=consult,
        case_number=(await cases.get(reader, consult.case_id)).number if own else "",
        versions=tuple(versions),
        entries=tuple(entries),
    )


def _version(
    consult: Consult,
    opinion: Opinion,
    earlier: list[Opinion],
    entries: list[Entry],
    author: str,
    place: str,
    there: Renamed,
) -> Version:
    stored = digest(
        Statement(
            consult_id=consult.id,
            number=opinion.number,
            kind=opinion.kind,
            question=consult.question,
            author_id=there.person.get(opinion.author_id, opinion.author_id),
            institution_id=there.institution.get(opinion.institution_id, opinion.institution_id),
            signed_at=opinion.signed_at,
            content=opinion.content,
            previous=earlier[-1].digest if earlier else "",
            identified_by=opinion.identified_by,
        )
    )
    sealed = [(entry, said) for entry in entries if (said := _logged(entry, opinion))]
    logged = sealed[-1][1] if sealed else ""
    verdict = "absent" if not logged else "same" if logged == stored == opinion.digest else "altered"
    before = earlier[-1].content if earlier else None
    return Version(
        opinion=opinion,
        author=author,
        place=place,
        digest=stored,
        logged=logged,
        seq=sealed[-1][0].seq if sealed else None,
        verdict=verdict,
        texts=tuple(_texts(before, opinion.content)),
    )


def _logged(entry: Entry, opinion: Opinion) -> str:
    """The digest of this statement in a record of its signature, or of the import that it came with; "": in no such record."""
    kind, detail = entry.record.kind, entry.record.detail
    if entry.record.outcome != "success":
        return ""
    if kind == IMPORTED:
        texts = detail.get("signed_texts", [])
        return str(texts[opinion.number - 1]) if opinion.number <= len(texts) else ""
    return str(detail.get("digest", "")) if kind in SIGNED and detail.get("opinion") == opinion.id else ""


def _texts(before: Content | None, after: Content) -> Iterable[tuple[str, tuple[Piece, ...]]]:
    for field in ("conclusion", "description", "remarks", "codings"):
        old, new = (_plain(content, field) for content in (before, after))
        if old or new:
            yield field, pieces(old, new) if before is not None else (Piece("same", new),)


def _plain(content: Content | None, field: str) -> str:
    if content is None:
        return ""
    if field == "codings":
        return "\n".join(f"{coding.system} {coding.code}" for coding in content.codings)
    return str(getattr(content, field))


def pieces(old: str, new: str) -> tuple[Piece, ...]:
    """What changed from ``old`` to ``new``, word by word."""
    before, after = (re.findall(r"\s+|[^\s]+", text) for text in (old, new))
    found = []
    for tag, low, high, start, end in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            found.append(Piece("same", "".join(after[start:end])))
            continue
        found += [
            Piece(name, text)
            for name, text in (("del", "".join(before[low:high])), ("ins", "".join(after[start:end])))
            if text
        ]
    return tuple(found)
