"""Years of second opinions between many hospitals, written in bulk: the same for the same seed.

Straight into the tables: through transactions of the service it would take hours. ``await write(url, 100_000)``."""

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import psycopg
from sqlalchemy import Table, insert, make_url

from telepath.actor import SYSTEM
from telepath.cases.model import ORGANS
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.schema.consults import concordance, consult, incident, offer, opinion, reading
from telepath.db.schema.directory import institution, membership, person
from telepath.ids import make_id
from tests.builders import MASTER_KEY

NOW: Final = datetime(2026, 11, 22, 9, tzinfo=UTC)
SPAN: Final = timedelta(days=2 * 365)
PLACES, PEOPLE = 40, 600
REGIONS: Final = ("03", "04", "32", "53", "93")
WITHIN: Final = {
    "frozen": timedelta(minutes=20),
    "urgent": timedelta(hours=24),
    "standard": timedelta(days=7),
    "systematic": timedelta(days=20),
}
URGENCIES: Final = (("standard", 60), ("systematic", 25), ("urgent", 12), ("frozen", 3))
OPEN_LATELY: Final = timedelta(days=25)
"""Of what was asked no longer ago, half goes on; of the rest, one in two hundred."""
TITLES: Final = ("Ganglion cervical", "Biopsie mammaire", "Nodule cutané", "Masse du psoas", "Lobectomie")
FAMILIES: Final = ("Marchand", "Haddad", "Payet", "Le Goff", "Delannoy", "Tamarin", "Nguyen", "Fontaine")


class Years(msgspec.Struct, frozen=True):
    """The busiest of each come first."""

    places: tuple[str, ...]
    people: tuple[tuple[str, str], ...]
    """(person, their institution); every fourth is an expert."""

    @property
    def experts(self) -> tuple[tuple[str, str], ...]:
        return self.people[::4]


def _low(chance: random.Random, count: int, power: int = 2) -> int:
    """A number below ``count``, small ones far more often: of forty the first is every sixth."""
    return int(count * chance.random() ** power)


def _id(chance: random.Random, at: datetime) -> str:
    return make_id(int(at.timestamp() * 1000), chance.randbytes(10))


def years(seed: int) -> Years:
    chance = random.Random(seed)
    places = tuple(_id(chance, NOW - SPAN) for _ in range(PLACES))
    people = tuple(
        (_id(chance, NOW - SPAN), places[_low(chance, PLACES) if number > 4 else 0]) for number in range(PEOPLE)
    )
    return Years(places, people)


async def write(url: str, count: int, seed: int = 1) -> Years:
    """Fill the empty database of ``url`` (its owner's), which has the schema."""
    here = years(seed)
    db = Database(url, MASTER_KEY)
    db.clock = lambda: NOW
    tables = (case, consult, offer, reading, opinion, concordance, incident)
    rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in tables}
    for name, row in _consults(here, count, random.Random(seed + 1)):
        rows[name].append(row)
    try:
        async with db.write(SYSTEM, unaudited="a bench's world") as tx:
            for table, of_town in _town(here):
                await tx.execute(insert(table), of_town)
    finally:
        await db.close()
    for table in tables:
        (_into_sqlite if db.is_sqlite else _into_postgresql)(url, table, rows[table.name])
    if not db.is_sqlite:
        _settle(url)
    return here


def _town(here: Years) -> Iterator[tuple[Table, list[dict[str, Any]]]]:
    yield (
        institution,
        [
            {
                "id": key,
                "finess": f"9A{number:07d}",
                "name": f"CH {number}",
                "city": f"Ville {number}",
                "region": REGIONS[number % len(REGIONS)],
                "time_zone": "Europe/Paris",
            }
            for number, key in enumerate(here.places)
        ],
    )
    yield (
        person,
        [
            {
                "id": key,
                "subject_name_id": f"8997{number:08d}",
                "title": "Dr",
                "given_name": f"Zoé{number}",
                "family_name": FAMILIES[number % len(FAMILIES)] + (str(number) if number > 40 else ""),
                "profession": "10",
                "know_how": "SM01",
                "email": f"p{number}@example.org",
                "language": "fr",
                "created_at": NOW - SPAN,
            }
            for number, (key, _) in enumerate(here.people)
        ],
    )
    yield (
        membership,
        [
            {
                "person_id": key,
                "institution_id": place,
                "roles": ["expert", "requester"] if number % 4 == 0 else ["requester"],
            }
            for number, (key, place) in enumerate(here.people)
        ],
    )


def _consults(here: Years, count: int, chance: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    """(table, row), table by table of each consult."""
    for number in range(count):
        at = NOW - SPAN + SPAN * (number / count)
        yield from _story(here, number, at, chance)


def _story(here: Years, number: int, at: datetime, chance: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    requester, place = here.people[_low(chance, PEOPLE, 3)]
    experts = here.experts
    expert, reads_at = experts[_low(chance, len(experts))]
    urgency = chance.choices([one for one, _ in URGENCIES], [weight for _, weight in URGENCIES])[0]
    organ = ORGANS[_low(chance, len(ORGANS))]
    case_id, consult_id, opinion_id = (_id(chance, at) for _ in range(3))
    lately = at > NOW - OPEN_LATELY
    goes_on = chance.random() < (0.5 if lately else 0.005)
    accepted = not goes_on or chance.random() < 0.6
    held = goes_on and chance.random() < 0.1
    due = at + WITHIN[urgency]
    signed = at + WITHIN[urgency] * (chance.random() * 1.15)
    revoked = not goes_on and chance.random() < 0.05
    ended = None if goes_on else min(signed, NOW)
    done = not goes_on and not revoked
    yield (
        "case",
        _defaults(case)
        | {
            "id": case_id,
            "institution_id": place,
            "number": f"{at:%y}-{number:06d}",
            "organ": organ,
            "title": f"{TITLES[number % len(TITLES)]} {number % 977}",
            "clinical_context": "",
            "created_by": requester,
            "created_at": at,
            "active_at": ended or at,
        },
    )
    yield (
        "consult",
        _defaults(consult)
        | {
            "id": consult_id,
            "case_id": case_id,
            "institution_id": place,
            "requester_id": requester,
            "status": "revoked" if revoked else "completed" if done else "on-hold" if held else "active",
            "question": "Lymphome folliculaire ou hyperplasie ?",
            "clinical_context": "",
            "organ": organ,
            "urgency": urgency,
            "requested_at": at,
            "due_at": due,
            "ended_at": ended,
            "opinions_released": int(done),
            "opinions_read": int(done and (not lately or chance.random() < 0.8)),
            "kind": "frozen" if urgency == "frozen" else "network" if urgency == "systematic" else "expert",
            "network": "LYMPHOPATH" if urgency == "systematic" else "",
            "held_because": ("material" if accepted else "declined") if held else None,
            "held_at": at if held else None,
        },
    )
    if chance.random() < 0.25:
        refused, elsewhere = experts[_low(chance, len(experts))]
        silent = chance.random() < 0.3
        yield "offer", _offer(chance, consult_id, refused, elsewhere, "expired" if silent else "declined", at, due)
    standing = "accepted" if accepted else "declined" if held else "withdrawn" if revoked else "proposed"
    yield "offer", _offer(chance, consult_id, expert, reads_at, standing, at, due)
    if not accepted:
        return
    reading_id = _id(chance, at)
    yield (
        "reading",
        _defaults(reading)
        | {
            "id": reading_id,
            "consult_id": consult_id,
            "expert_id": expert,
            "institution_id": reads_at,
            "status": "cancelled" if revoked else "completed" if done else "in-progress",
            "rank": 2,
            "draft": {},
            "started_at": at,
            "ended_at": ended,
        },
    )
    if not done:
        return
    yield (
        "opinion",
        {
            "id": opinion_id,
            "consult_id": consult_id,
            "reading_id": reading_id,
            "number": 1,
            "kind": "opinion",
            "author_id": expert,
            "institution_id": reads_at,
            "content": {"conclusion": "Lymphome."},
            "digest": "0" * 64,
            "signed_at": ended,
            "acr": "eidas1",
            "auth_time": ended,
            "verification": f"{number:012d}",
        },
    )
    for side in ("expert", "requester"):
        grade = chance.choices(("concordant", "minor", "major"), (80, 14, 6))[0]
        yield (
            "concordance",
            {
                "id": _id(chance, at),
                "consult_id": consult_id,
                "reading_id": reading_id,
                "side": side,
                "grade": grade,
                "comment": "",
                "graded_by": expert,
                "graded_at": ended,
                "version": 1,
            },
        )
    if chance.random() < 0.01:
        yield (
            "incident",
            {
                "id": _id(chance, at),
                "consult_id": consult_id,
                "kind": "image",
                "text": "",
                "noted_by": expert,
                "noted_at": ended,
            },
        )


def _offer(
    chance: random.Random, consult_id: str, expert: str, place: str, status: str, at: datetime, due: datetime
) -> dict[str, Any]:
    return _defaults(offer) | {
        "id": _id(chance, at),
        "consult_id": consult_id,
        "expert_id": expert,
        "institution_id": place,
        "status": status,
        "reasons": [],
        "offered_at": at,
        "due_at": due,
        "answered_at": None if status == "proposed" else at + timedelta(hours=2),
        "decline_code": "overloaded" if status == "declined" else None,
    }


def _defaults(table: Table) -> dict[str, Any]:
    """What SQLAlchemy would put in by itself."""
    found = {}
    for column in table.columns:
        value = getattr(column.default, "arg", None)
        found[column.name] = [] if callable(value) else value
    return found


def _plain(table: Table, row: dict[str, Any], *, sqlite: bool) -> list[Any]:
    values = []
    for column in table.columns:
        value = row.get(column.name)
        if isinstance(value, (dict, list)):
            value = json.dumps(value)
        elif sqlite and isinstance(value, datetime):
            value = f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"
        values.append(value)
    return values


def _names(table: Table) -> str:
    return ", ".join(f'"{column.name}"' for column in table.columns)


def _into_sqlite(url: str, table: Table, rows: list[dict[str, Any]]) -> None:
    database = make_url(url).database
    assert database is not None
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous = OFF")
    places = ", ".join("?" * len(table.columns))
    statement = f'INSERT INTO "{table.name}" ({_names(table)}) VALUES ({places})'  # noqa: S608 - names are ours
    connection.executemany(statement, (_plain(table, row, sqlite=True) for row in rows))
    connection.commit()
    connection.close()


def _into_postgresql(url: str, table: Table, rows: list[dict[str, Any]]) -> None:
    with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:"), autocommit=True) as connection:
        statement = f'COPY "{table.name}" ({_names(table)}) FROM STDIN'
        with connection.cursor().copy(statement.encode()) as copy:
            for row in rows:
                copy.write_row(_plain(table, row, sqlite=False))


def _settle(url: str) -> None:
    """As PostgreSQL does by itself a while after so many new rows; SQLite does nothing of the kind."""
    with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:"), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
