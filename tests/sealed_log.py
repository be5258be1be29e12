"""A long sealed log, written in bulk: the year of a network of hospitals, the same for the same seed.

Straight into the tables, with right leaves, subtrees and heads, so that verification accepts it: through transactions of its
own every record would take a thousand times longer. ``await write(url, 1_000_000)``."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import psycopg
from sqlalchemy import insert, make_url

from telepath.actor import SYSTEM, Subject
from telepath.audit import AuditRecord, Frontier, canonical, leaf_hash
from telepath.db.audit_log import KEPT_LEVEL, copied
from telepath.db.database import Database
from telepath.db.schema.audit import audit_log, audit_node, audit_shard, subject_key
from telepath.db.schema.cases import case
from telepath.db.schema.directory import institution, membership, person
from telepath.db.schema.slides import slide
from telepath.ids import make_id
from telepath.vault import Vault
from tests.builders import MASTER_KEY

LOG_NAME: Final = "test/audit"
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
YEAR: Final = timedelta(days=300)
PLACES, PEOPLE, CASES = 40, 600, 20_000
READERS: Final = 40
"""People who ever open the busiest case."""
CHUNK: Final = 10_000

MIX: Final = {
    "slide.regions": 360,
    "slide.viewed": 180,
    "case.viewed": 140,
    "consult.viewed": 80,
    "opinion.drafted": 60,
    "session.started": 40,
    "session.ended": 38,
    "annotation.created": 35,
    "room.fact": 25,
    "access.refused": 10,
    "thread.written": 8,
    "right.given": 7,
    "right.withdrawn": 5,
    "audit.read": 4,
    "report.printed": 3,
    "opinion.signed": 2,
    "case.created": 2,
    "case.changed": 1,
}
"""Records in a thousand. Besides, a few of the rarest kinds, and the clock every hour."""
RARE: Final = (
    "subject.erased",
    "key.changed",
    "setting.changed",
    "audit.exported",
    "audit.verified",
    "directory.changed",
)
WITHOUT_OBJECT: Final = frozenset({"session.started", "session.ended", "audit.read"})


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """Who and what the log is about; the first of each is the busiest, the last hardly ever seen."""

    places: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    """(person, their institution)."""
    cases: tuple[tuple[str, str], ...]
    """(case, the institution that owns it)."""
    slides: tuple[str, ...]
    """One of each case."""


def town(seed: int) -> Town:
    chance = random.Random(seed)

    def ids(count: int) -> list[str]:
        return [make_id(int(START.timestamp() * 1000) + number, chance.randbytes(10)) for number in range(count)]

    places = ids(PLACES)
    return Town(
        places=tuple(places),
        people=tuple(
            (key, places[_low(chance, PLACES - 1) if number else 0]) for number, key in enumerate(ids(PEOPLE))
        ),
        cases=tuple((key, places[_low(chance, PLACES - 1) if number else 0]) for number, key in enumerate(ids(CASES))),
        slides=tuple(ids(CASES)),
    )


def _low(chance: random.Random, count: int) -> int:
    """A number below ``count``, small ones far more often."""
    return int(count * chance.random() ** 3)


def records(count: int, seed: int = 1) -> Iterator[AuditRecord]:
    """``count`` records in the order of time; the first opens the tree."""
    here, chance = town(seed), random.Random(seed + 1)
    vault = Vault(MASTER_KEY, chance.randbytes)
    keys = {subject: vault.new_key() for subject in subjects(here)}
    kinds = chance.choices(list(MIX), list(MIX.values()), k=count)
    step = YEAR / count
    yield _record(chance, START, "audit.tree-opened", actor=SYSTEM.person_id, institution=SYSTEM.institution_id)
    for number in range(1, count):
        at = START + number * step
        if number % 2_000 == 0:
            yield _record(
                chance,
                at,
                "clock.measured",
                actor=SYSTEM.person_id,
                institution=SYSTEM.institution_id,
                detail={"source": "kernel"},
            )
            continue
        kind = chance.choice(RARE) if number % 20_000 == 7 else kinds[number]
        of = chance.randrange(CASES) if number % 200 else 0
        who, home = here.people[_low(chance, PEOPLE if of else READERS)]
        case_id, owner = here.cases[of]
        on_slide = kind.startswith("slide.")
        private = {
            "subject_name_id": f"8997{number % PEOPLE:08d}",
            "address": f"10.{number % 250}.3.4",
            "device": "Firefox",
        }
        record = _record(
            chance,
            at,
            kind,
            outcome="refused" if kind == "access.refused" else "success",
            actor=who,
            institution=home,
            roles=("auditor",) if kind.startswith("audit.") else ("expert",),
            acr="eidas1",
            session=f"{number % 9973:016x}",
            object_kind="" if kind in WITHOUT_OBJECT else "slide" if on_slide else "case",
            object_id="" if kind in WITHOUT_OBJECT else here.slides[of] if on_slide else case_id,
            case_id="" if kind in WITHOUT_OBJECT else case_id,
            owner=home if kind in WITHOUT_OBJECT else owner,
            because="institution" if home == owner else "consult",
            detail=_detail(kind, number),
        )
        closed = vault.closed(keys[record.actor_subject], record.id, private)
        yield msgspec.structs.replace(record, actor_private=closed)


def _detail(kind: str, number: int) -> dict[str, Any]:
    if kind != "slide.regions":
        return {}
    x = number * 97 % 30_000
    return {
        "tiles": number % 60 + 1,
        "levels": [0, 1, 2],
        "box": [x, 100, 9000, 7000],
        "boxes": {"0": [x, 900, 800, 600]},
    }


def _record(chance: random.Random, at: datetime, kind: str, **fields: Any) -> AuditRecord:
    return AuditRecord(id=make_id(int(at.timestamp() * 1000), chance.randbytes(10)), at=at, kind=kind, **fields)


def subjects(here: Town) -> list[Subject]:
    return [Subject("person", key) for key, _ in here.people]


async def write(url: str, count: int, seed: int = 1) -> Town:
    """Fill the empty database of ``url`` (its owner's), which has the schema. Keys of the vault: under ``MASTER_KEY``."""
    here = town(seed)
    db = Database(url, MASTER_KEY)
    frontier = Frontier()
    nodes: list[dict[str, Any]] = []

    def rows() -> Iterator[dict[str, Any]]:
        for seq, record in enumerate(records(count, seed)):
            body = canonical(record, seq)
            leaf = leaf_hash(body)
            nodes.extend(
                {"shard": "2026", "level": node.level, "index": node.index, "hash": node.hash}
                for node in frontier.append(leaf)
                if node.level >= KEPT_LEVEL
            )
            yield copied(record) | {"seq": seq, "body": body.decode(), "leaf": leaf}

    try:
        async with db.write(SYSTEM, unaudited="a test's world") as tx:
            await _write_town(tx, here, seed)
        (_into_sqlite if db.is_sqlite else _into_postgresql)(url, rows())
        async with db.write(SYSTEM, unaudited="a test's world") as tx:
            await tx.execute(insert(audit_node), nodes)
            hashes = [digest.hex() for digest in frontier.hashes]
            origin = f"{LOG_NAME}/2026"
            await tx.insert(
                audit_shard, name="2026", origin=origin, start=0, size=frontier.size, hashes=hashes, opened_at=START
            )
    finally:
        await db.close()
    return here


async def _write_town(tx: Any, here: Town, seed: int) -> None:
    chance = random.Random(seed + 1)
    vault = Vault(MASTER_KEY, chance.randbytes)
    keys = {subject: vault.new_key() for subject in subjects(here)}  # as ``records`` makes them
    await tx.execute(
        insert(institution),
        [
            {
                "id": key,
                "finess": f"9A{number:07d}",
                "name": f"CH {number}",
                "city": "Lille",
                "region": "32",
                "time_zone": "Europe/Paris",
            }
            for number, key in enumerate(here.places)
        ],
    )
    await tx.execute(insert(person), [_person(key, number) for number, (key, _) in enumerate(here.people)])
    await tx.execute(
        insert(membership),
        [{"person_id": key, "institution_id": place, "roles": ["expert"]} for key, place in here.people],
    )
    await tx.execute(
        insert(subject_key),
        [
            {"kind": one.kind, "id": one.id, "wrapped": vault.wrapped(one, key), "made_at": START, "destroyed_at": None}
            for one, key in keys.items()
        ],
    )
    await tx.execute(
        insert(case),
        [
            {
                "id": key,
                "institution_id": owner,
                "number": f"26-{number:05d}",
                "organ": "lymphoid",
                "title": "Ganglion",
                "clinical_context": "",
                "created_by": here.people[0][0],
                "created_at": START,
                "active_at": START,
                "version": 1,
            }
            for number, (key, owner) in enumerate(here.cases)
        ],
    )
    await tx.execute(insert(slide), [_slide(here, number) for number in (0, CASES - 1)])


def _person(key: str, number: int) -> dict[str, Any]:
    return {
        "id": key,
        "subject_name_id": f"8997{number:08d}",
        "title": "Dr",
        "given_name": "Zoé",
        "family_name": f"Marchand{number}",
        "profession": "10",
        "know_how": "SM01",
        "email": f"zoe{number}@example.org",
        "language": "fr",
        "created_at": START,
    }


def _slide(here: Town, number: int) -> dict[str, Any]:
    return {
        "id": here.slides[number],
        "institution_id": here.cases[number][1],
        "case_id": here.cases[number][0],
        "label": "A1 HES",
        "stain": "HES",
        "block": "A1",
        "folder": here.slides[number],
        "entry": "slide.svs",
        "format": "svs",
        "source": "passthrough",
        "width": 40_000,
        "height": 30_000,
        "mpp": 0.25,
        "levels": "[]",
        "digest": "0" * 64,
        "bytes": 1,
        "added_by": here.people[0][0],
        "added_at": START,
        "version": 1,
    }


COLUMNS: Final = tuple(column.name for column in audit_log.columns)


def _into_sqlite(url: str, rows: Iterator[dict[str, Any]]) -> None:
    database = make_url(url).database
    assert database is not None
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous = OFF")
    # Indexes are made anew afterwards: sorted at once, not a leaf at a time.
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'audit_log' AND sql IS NOT NULL"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    statement = f"INSERT INTO audit_log ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608
    for chunk in _chunks(rows):
        for row in chunk:
            row["at"] = f"{row['at']:%Y-%m-%d %H:%M:%S.%f}"
        connection.executemany(statement, [[row[name] for name in COLUMNS] for row in chunk])
    for _, made in indexes:
        connection.execute(made)
    connection.commit()
    connection.close()


def _into_postgresql(url: str, rows: Iterator[dict[str, Any]]) -> None:
    plain = url.replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(plain, autocommit=True) as connection:
        with connection.cursor().copy(f"COPY audit_log ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([row[name] for name in COLUMNS])
        connection.execute("VACUUM ANALYZE audit_log")  # as the server does by itself a while after so many new rows


def _chunks(rows: Iterator[dict[str, Any]]) -> Iterator[Sequence[dict[str, Any]]]:
    chunk: list[dict[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    yield chunk
