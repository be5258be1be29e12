"""What a story finds when it begins: done at the database of its node, by the actions that the pages call."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from consults import offers, request
from consults.deadlines import Urgency
from consults.model import Question
from telepath import directory
from telepath.actor import Actor
from telepath.db.database import Database
from telepath.db.schema.cases import case
from telepath.db.transaction import Reader
from telepath.slides.decoder_pool import DecoderPool
from tests.browser.windows import CASE
from tests.running import Node, in_its_own_loop
from tests.town import mislabelled
from web import keys, settings
from web.bootstrap import choose_storage
from web.demo import PEOPLE, PLACES

T = TypeVar("T")


@contextmanager
def seeing_cases(node: Node, who: str) -> Iterator[None]:
    """For this story ``who`` has, besides their own, a role at their institution by which they see its cases."""
    member = PEOPLE[who]
    roles = ("people", "roles", member.subject_name_id, "--institution", PLACES[member.place].finess)
    usual = [word for role in member.roles for word in ("--role", role.value)]
    assert node.command(*roles, *usual, "--role", "requester").returncode == 0
    yield
    assert node.command(*roles, *usual).returncode == 0


def at_database(node: Node, act: Callable[[Database], Awaitable[T]]) -> T:
    """What ``act`` says, with the node's own keys."""

    async def run() -> T:
        db = keys.database(settings.read(node.environment))
        try:
            return await act(db)
        finally:
            await db.close()

    return in_its_own_loop(run())


async def actor(db: Database, who: str) -> Actor:
    """Somebody of the demonstration, who proved a moment ago who they are."""
    member = PEOPLE[who]
    async with db.read() as reader:
        person = await directory.person_by_subject(reader, member.subject_name_id)
        place = await directory.institution_by_finess(reader, PLACES[member.place].finess)
    assert person is not None
    assert place is not None
    return Actor(
        person_id=person.id,
        name=person.name,
        institution_id=place.id,
        institution_name=place.name,
        roles=frozenset(member.roles),
        subject_name_id=member.subject_name_id,
        acr="eidas1",
        auth_time=db.clock(),
        time_zone=place.time_zone,
    )


async def case_of(reader: Reader, number: str) -> str:
    """The identifier of a case of the demonstration."""
    return str(await reader.scalar(select(case.c.id).where(case.c.number == number)))


def asked(node: Node, question: str, expert: str = "claire", *, accepted: bool = False) -> str:
    """The path of a consult that Inès asks for on CASE."""

    async def ask(db: Database) -> str:
        ines, reader_of_it = await actor(db, "ines"), await actor(db, expert)
        async with db.read() as reader:
            case_id = await case_of(reader, CASE)
        wanted = Question(question, "", "digestive", Urgency.STANDARD)
        consult = await request.request(db, ines, case_id, wanted, reader_of_it.person_id)
        if accepted:
            await offers.accept(db, reader_of_it, consult)
        return f"/consults/{consult}"

    return at_database(node, ask)


def sends_mislabelled(node: Node, who: str, number: str, folder: Path) -> None:
    """Somebody sends a slide whose label reads 26-00999, block B1, to the case of this number."""

    async def send(db: Database) -> None:
        sender = await actor(db, who)
        async with db.read() as reader:
            case_id = await case_of(reader, number)
        storage = choose_storage(settings.read(node.environment))
        async with DecoderPool(storage, 1) as decoders:
            await mislabelled(db, storage, decoders, sender, case_id, folder)

    at_database(node, send)
