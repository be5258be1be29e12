"""What it costs to decide: the capability that each tile shows, ``may()``, and the question to the database.

Beside them in the same run: the bare HMAC, a signed JWT (joserfc, HS256) as others give out for tiles, and a two-hop query on
an SQLite in memory, which is what asking a table for each tile would cost without any driver between."""

import asyncio
import hashlib
import hmac
import sqlite3
import tempfile
import timeit
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from joserfc import jwt
from joserfc.jwk import OctKey

from telepath import grants
from telepath.access import Action, Grant, ObjectRef, Right, may
from telepath.actor import Actor, Role
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.ids import make_id
from telepath.slides import capability
from telepath.slides.capability import Capability
from tests.builders import MASTER_KEY

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECONDS: Final = int(NOW.timestamp())
SLIDE: Final = make_id(SECONDS * 1000, b"a slide 01")
VIEW: Final = make_id(SECONDS * 1000, b"a view  01")
KEY: Final = bytes(range(32))
THING: Final = ObjectRef("slide", SLIDE, "owner")
EXPERT: Final = Actor(person_id="expert", name="", institution_id="elsewhere", roles=frozenset({Role.EXPERT}))
HELD: Final = (1, 10, 100)
"""Grants that the person holds; the fitting one comes last."""
GRANTS: Final = 2000
"""In the database: an expert's of a year."""


def microseconds(once: Callable[[], object]) -> float:
    """The best of five runs of a fifth of a second each: what else the machine does only adds."""
    timer = timeit.Timer(once)
    number, took = timer.autorange()
    number = max(1, int(number * 0.2 / took))
    return min(timer.repeat(5, number)) / number * 1e6


def grant(slide: str, number: int) -> Grant:
    return Grant(
        f"grant-{number}", "person", "expert", "slide", slide, frozenset({Right.VIEW}), None, "consult", "consult-1", 1
    )


def holding(number: int) -> list[Grant]:
    return [grant(f"slide-{one}", one) for one in range(number - 1)] + [grant(SLIDE, number)]


def print_line(name: str, took: float, beside: float, peer: str) -> None:
    print(f"  {name:44} {took:9.2f} µs   {took / beside:6.2f} × {peer}")


def tiles() -> None:
    text = capability.mint(KEY, Capability(SLIDE, VIEW, 1, SECONDS + 900))
    body = text.encode()
    bare = microseconds(lambda: hmac.digest(KEY, body, hashlib.sha256))
    key = OctKey.import_key(KEY)
    token = jwt.encode({"alg": "HS256"}, {"slide": SLIDE, "view": VIEW, "exp": SECONDS + 900}, key)
    signed = microseconds(lambda: jwt.decode(token, key, algorithms=["HS256"]))
    ours = microseconds(lambda: capability.verify(KEY, SLIDE, text, SECONDS))
    print("the capability of a tile")
    print_line("peer: the bare HMAC", bare, bare, "HMAC")
    print_line("peer: a signed JWT (joserfc)", signed, bare, "HMAC")
    print_line("capability.verify", ours, bare, "HMAC")
    print(f"  verify is {signed / ours:.1f} × faster than the JWT")


def decisions() -> None:
    table = sqlite3.connect(":memory:")
    table.executescript(
        "CREATE TABLE party (person, consult); CREATE TABLE covers (consult, slide);"
        "CREATE INDEX a ON party (person); CREATE INDEX b ON covers (consult, slide);"
    )
    table.execute("INSERT INTO party VALUES ('expert', 'consult-1')")
    table.execute("INSERT INTO covers VALUES ('consult-1', ?)", (SLIDE,))
    query = "SELECT 1 FROM party JOIN covers USING (consult) WHERE person = ? AND slide = ?"
    asked = microseconds(lambda: table.execute(query, ("expert", SLIDE)).fetchone())
    print("may()")
    print_line("peer: a two-hop query, SQLite in memory", asked, asked, "query")
    for number in HELD:
        held = holding(number)
        assert may(EXPERT, Action.SLIDE_VIEW, THING, held, NOW)
        took = microseconds(lambda held=held: may(EXPERT, Action.SLIDE_VIEW, THING, held, NOW))  # type: ignore[misc]
        print_line(f"may, {number} grants held", took, asked, "query")


async def with_the_database() -> None:
    """Reading the grants of a person, and deciding: what each page does once."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        await upgrade(url)
        db = Database(url, MASTER_KEY)
        async with db.write(EXPERT, unaudited="a bench's world") as tx:
            for one in range(GRANTS):
                thing = ("slide", SLIDE if one == GRANTS - 1 else make_id(SECONDS * 1000, f"slide {one:04}".encode()))
                await tx.grant(("person", "expert"), thing, [Right.VIEW], because="consult", because_id=VIEW)
        loop, rounds = asyncio.get_running_loop(), 500
        async with db.read() as reader:
            begun = loop.time()
            for _ in range(rounds):
                await grants.decide(reader, EXPERT, Action.SLIDE_VIEW, THING)
            took = (loop.time() - begun) / rounds * 1e6
        print(f"  {'grants.decide with the SQLite file':44} {took:9.2f} µs   once a page, never a tile")
        await db.close()


def main() -> None:
    tiles()
    decisions()
    asyncio.run(with_the_database())


if __name__ == "__main__":
    main()
