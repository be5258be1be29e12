"""What was typed into the fields of the auditor's screens, as a search; and that every look into the log is itself recorded."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from telepath import directory, grants
from telepath.access import Action, Allowed, ObjectRef, institution_ref
from telepath.actor import Actor
from telepath.audit_catalogue import CATALOGUE
from telepath.db import audit_log, audit_search
from telepath.db.audit_search import Search
from telepath.db.objects import owned
from telepath.db.schema.cases import case as case_table
from telepath.db.schema.directory import person as person_table
from telepath.db.transaction import Reader
from telepath.errors import Invalid, Unavailable
from telepath.ids import is_id
from telepath.territories import instant
from web.audit_questions import Question
from web.pages import clean
from web.services import Services

OUTCOMES: Final = ("success", "refused", "failure")
ALL: Final = "all"
"""Of the field ``acts``: all that a person did, not only what they saw."""
NAMED: Final = 200
"""People whom one name may mean: of more, no index finds the records quickly."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a form, as typed."""

    person: str = ""
    case: str = ""
    kind: str = ""
    outcome: str = ""
    acts: str = ""
    since: str = ""
    until: str = ""

    def given(self) -> dict[str, str]:
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value}

    def of(self, **changes: str) -> "Asked":
        return msgspec.structs.replace(self, **changes)

    def query(self, **more: str) -> str:
        """``?person=…``, or nothing."""
        fields = self.given() | more
        return f"?{urlencode(fields)}" if fields else ""


def asked(request: Request, question: Question, actor: Actor, now: datetime) -> Asked:
    """The fields of this request. A question that proposes a period has it until another is chosen."""
    found = Asked(**{name: typed(request, name) for name in Asked.__struct_fields__})
    if question.days and "since" not in request.query_params:
        today = now.astimezone(ZoneInfo(actor.time_zone)).date()
        found = msgspec.structs.replace(found, since=(today - timedelta(days=question.days)).isoformat())
    return found


def typed(request: Request, name: str, limit: int = 100) -> str:
    return " ".join(clean(request.query_params.get(name, "")[:limit]).split())


def before(request: Request) -> int | None:
    """Where in the log the page begins: older than this place."""
    text = typed(request, "before")
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 18 else None


async def search(reader: Reader, fields: Asked, question: Question, actor: Actor) -> Search:
    """Raises Invalid: a day that is none, or a name that is borne by more than NAMED people."""
    since, until = day(fields.since, "since", actor), day(fields.until, "until", actor, days=1)
    kinds = question.kinds
    if fields.acts == ALL and "acts" in question.fields:
        kinds = None
    if fields.kind in CATALOGUE and "kind" in question.fields:
        kinds = frozenset({fields.kind})
    outcome = fields.outcome if fields.outcome in OUTCOMES and "outcome" in question.fields else ""
    return Search(
        institution=actor.institution_id,
        service=question.service,
        actors=await named(reader, fields.person) if fields.person and "person" in question.fields else None,
        places=await places(reader, fields.case) if fields.case and "case" in question.fields else None,
        kinds=kinds,
        outcome=question.outcome or outcome,
        privileged=question.privileged,
        since=since,
        until=until,
    )


def day(text: str, field: str, actor: Actor, days: int = 0) -> datetime | None:
    """The first instant of this day where the reader is, ``days`` later. Raises Invalid: not a day."""
    if not text:
        return None
    try:
        return instant(datetime.combine(date.fromisoformat(text) + timedelta(days=days), time()), actor.time_zone)
    except (ValueError, OverflowError):
        raise Invalid("error-audit-date", field=field) from None


async def named(reader: Reader, text: str) -> frozenset[str]:
    """The people whose name holds each word of ``text``, or the one with this identifier. Whom the log does not show stays
    unseen. Raises Invalid: they are more than NAMED."""
    if is_id(text):
        return frozenset({text})
    names = person_table.c.title, person_table.c.given_name, person_table.c.family_name
    rows = await reader.all(select(person_table.c.id, *names))
    called = {row["id"]: directory.called(*(row[column.name] for column in names)).casefold() for row in rows}
    words = text.casefold().split()
    found = frozenset(key for key, name in called.items() if all(word in name for word in words))
    if len(found) > NAMED:
        raise Invalid("error-audit-many-people", field="person", count=len(found))
    return found


async def places(reader: Reader, text: str) -> frozenset[str]:
    """A case by its number, or any object by its identifier."""
    if is_id(text):
        return frozenset({text})
    rows = await reader.all(select(case_table.c.id).where(case_table.c.number == text))
    return frozenset(row["id"] for row in rows)


async def about(made: Services, actor: Actor, wanted: Search) -> list[ObjectRef]:
    """The cases that the answer to ``wanted`` tells of, where it asks of a case or of what belongs to one: these patients find
    the reader in their own trail. Raises Refused."""
    if wanted.places is None:
        return []
    await require(made, actor)
    await seal(made)
    async with made.db.read() as reader:
        cases = set()
        for place in wanted.places:
            only = msgspec.structs.replace(wanted, places=frozenset({place}))
            if await audit_search.search(reader, None, only, 1):
                cases.add(await audit_search.case_of(reader, place))
        return list((await owned(reader.connection, (("case", key) for key in cases - {""}))).values())


async def record(
    made: Services, actor: Actor, question: str, what: dict[str, Any], things: Iterable[ObjectRef] = ()
) -> bool:
    """Record the reading of each of ``things``, or of none in particular, committed before anything is shown. Whether the log
    could be sealed up to it. Raises Refused."""
    institution = institution_of(actor)
    private = {"asked": what} if what else None
    async with made.db.write(actor) as tx:
        allowed = await grants.require(tx, actor, Action.AUDIT_READ, institution)
        for thing in list(things) or [institution]:
            await tx.audit("audit.read", thing, because=allowed, question=question, private=private)
    return await seal(made)


async def require(made: Services, actor: Actor) -> Allowed:
    """Raises Refused: not an auditor of their institution."""
    async with made.db.read() as reader:
        return await grants.require(reader, actor, Action.AUDIT_READ, institution_of(actor))


def institution_of(actor: Actor) -> ObjectRef:
    return institution_ref(actor.institution_id)


async def seal(made: Services) -> bool:
    """So that the page holds all that happened before it. False: nothing can be sealed; the page still shows what was."""
    try:
        await audit_log.seal_all(made.db, made.settings.log_name)
    except (Unavailable, DBAPIError):
        return False
    return True
