"""What is done with a case. Each verb is one function and one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from telepath import grants
from telepath.access import Action, Allowed, institution_ref
from telepath.actor import Actor
from telepath.cases import repository
from telepath.cases.model import SPECIMENS_LIMIT, Case, CaseFacts, Specimen, specimen_facts
from telepath.db.database import Database
from telepath.db.schema.cases import case_view
from telepath.errors import Conflict, TooLarge

SEEN_FOR: Final = timedelta(hours=1)
"""A session that reloads a case within this time is recorded once."""


async def create_case(db: Database, actor: Actor, facts: CaseFacts) -> Case:
    """Open a case in the actor's institution. Raises Refused; Invalid; Conflict: the number is taken."""
    facts = facts.checked()
    home = institution_ref(actor.institution_id)
    with _unique("error-case-number-taken", number=facts.number):
        async with db.write(actor) as tx:
            allowed = await grants.require(tx, actor, Action.CASE_CREATE, home)
            made = Case(
                id=tx.new_id(),
                institution_id=actor.institution_id,
                created_by=actor.person_id,
                created_at=tx.now,
                active_at=tx.now,
                version=1,
                **facts.columns(),
            )
            await repository.insert(tx, made)
            said = {"number": made.number, "organ": made.organ, "title": made.title}
            await tx.audit("case.created", made.ref, because=allowed, private=said)
    return made


async def edit_case(db: Database, actor: Actor, case_id: str, seen: int, facts: CaseFacts) -> None:
    """Change what is written about a case. Raises Refused; Invalid; Conflict: number taken, or ``seen`` is not the last."""
    facts = facts.checked()
    written = facts.columns()
    with _unique("error-case-number-taken", number=facts.number):
        async with db.write(actor) as tx:
            case = await repository.get(tx, case_id)
            allowed = await grants.require(tx, actor, Action.CASE_EDIT, case.ref)
            changed = sorted(field for field, value in written.items() if getattr(case, field) != value)
            await repository.save(tx, case_id, seen, **written)
            before, after = ({name: of[name] for name in changed} for of in (msgspec.structs.asdict(case), written))
            said = msgspec.to_builtins({"before": before, "after": after})
            await tx.audit("case.changed", case.ref, because=allowed, private=said, changed=changed, version=seen + 1)


async def add_specimen(db: Database, actor: Actor, case_id: str, label: str, description: str) -> Specimen:
    """Raises Refused; Invalid: no label, or too many specimens; Conflict: the label is taken."""
    label, description = specimen_facts(label, description)
    with _unique("error-specimen-taken", label=label):
        async with db.write(actor) as tx:
            case = await repository.get(tx, case_id)
            allowed = await grants.require(tx, actor, Action.CASE_EDIT, case.ref)
            if len(await repository.specimens(tx, case_id)) >= SPECIMENS_LIMIT:
                raise TooLarge("error-specimen-too-many", limit=SPECIMENS_LIMIT)
            made = Specimen(id=tx.new_id(), case_id=case_id, label=label, description=description)
            await repository.add_specimen(tx, made)
            await repository.touch(tx, case_id)
            said = {"label": made.label, "description": made.description}
            await tx.audit(
                "case.changed", case.ref, because=allowed, private=said, changed=["specimens"], specimen=made.id
            )
    return made


@contextmanager
def _unique(code: str, **params: str) -> Iterator[None]:
    """The database's own constraint decides whether something is taken: two people at the same instant included."""
    try:
        yield
    except IntegrityError:
        raise Conflict(code, **params) from None


async def record_view(db: Database, actor: Actor, case: Case, allowed: Allowed) -> None:
    """Record that this session sees the case, before anything of it is shown; at most once in SEEN_FOR.

    Two pages opened at the same instant are one view: the second finds the first one's row."""
    seen = (case_view.c.case_id == case.id) & (case_view.c.session_id == actor.session_id)
    async with db.read() as reader:
        if await reader.scalar(select(case_view.c.seen_at).where(seen, case_view.c.seen_at > reader.now - SEEN_FOR)):
            return
    try:
        async with db.write(actor) as tx:
            await tx.execute(delete(case_view).where(case_view.c.seen_at <= tx.now - SEEN_FOR))
            await tx.execute(insert(case_view).values(case_id=case.id, session_id=actor.session_id, seen_at=tx.now))
            await tx.audit("case.viewed", case.ref, because=allowed)
    except IntegrityError:
        return
