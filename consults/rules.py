"""The rules of coordinators: who is asked first, or not at all, for an institution or a group that it leads.

What they mean for a request is consults/routing_rules.py's; here they are written and read."""

from collections.abc import Collection
from typing import Final

import msgspec
from sqlalchemy import RowMapping, Select, select, update

from consults.deadlines import Urgency
from consults.kinds import ConsultKind
from consults.networks import NETWORKS
from consults.routing_rules import Effect, Rule, Target
from telepath import grants
from telepath.access import Action, Allowed, ObjectRef, institution_ref
from telepath.actor import Actor
from telepath.cases.model import ORGANS
from telepath.cases.wording import plain
from telepath.db.database import Database
from telepath.db.schema.consults import routing_rule
from telepath.db.schema.directory import care_group, institution, person
from telepath.db.transaction import Reader, Transaction
from telepath.errors import Conflict, Invalid, NotFound

NOTE_LIMIT: Final = 200
NAMED: Final = {Target.PERSON: person, Target.INSTITUTION: institution, Target.GROUP: care_group}


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a coordinator wants a rule to say. "" of ``organ``, ``kind`` and ``urgency``: any."""

    group_id: str = ""
    """Of the group that it counts for, which the institution leads; "": for the institution itself."""
    organ: str = ""
    kind: str = ""
    urgency: str = ""
    effect: Effect
    target_kind: Target | None = None
    target_id: str = ""
    note: str = ""

    def checked(self) -> "Wanted":
        """The same, trimmed. Raises Invalid: a code that we do not know, nobody named where somebody must be; TooLarge."""
        for field, value, known in (
            ("organ", self.organ, set(ORGANS)),
            ("kind", self.kind, set(ConsultKind)),
            ("urgency", self.urgency, set(Urgency)),
        ):
            if value and value not in known:
                raise Invalid("error-field-choice", field=field)
        note = plain(self.note, field="note", limit=NOTE_LIMIT)
        if self.effect is Effect.REGIONAL_FIRST:
            return msgspec.structs.replace(self, target_kind=None, target_id="", note=note)
        if self.target_kind is None or not self.target_id:
            raise Invalid("error-rule-nobody", field="target")
        return msgspec.structs.replace(self, note=note)


async def standing(reader: Reader, institution_id: str, groups: Collection[str] = ()) -> list[Rule]:
    """The rules that count for the requests of an institution: its own, and those of its groups; the oldest first."""
    own = (routing_rule.c.scope_kind == "institution") & (routing_rule.c.scope_id == institution_id)
    together = (routing_rule.c.scope_kind == "group") & routing_rule.c.scope_id.in_(list(groups))
    return [_rule(row) for row in await reader.all(_standing().where(own | together))]


async def led(reader: Reader, institution_id: str) -> dict[str, str]:
    """The groups for which an institution may make rules, because it leads them: id → name, by name."""
    leads = (care_group.c.institution_id == institution_id) & care_group.c.ended_at.is_(None)
    rows = await reader.all(select(care_group.c.id, care_group.c.name).where(leads).order_by(care_group.c.name))
    return {row["id"]: row["name"] for row in rows}


async def of_institution(reader: Reader, institution_id: str) -> list[Rule]:
    """The rules that its coordinators keep: its own, and those of the groups that it leads; the oldest first."""
    return await standing(reader, institution_id, await led(reader, institution_id))


async def make(db: Database, actor: Actor, wanted: Wanted) -> str:
    """Let a rule count from now on, and return its id.

    Raises Refused; Invalid, TooLarge: as ``Wanted.checked``, or it names what is not there; NotFound: a group that the
    institution does not lead; Conflict: the same rule stands already."""
    place = actor.institution_id
    async with db.write(actor) as tx:
        allowed = await grants.require(tx, actor, Action.ROUTING_MANAGE, institution_ref(place))
        wanted = wanted.checked()
        if wanted.group_id and wanted.group_id not in await led(tx, place):
            raise NotFound
        await _known(tx, wanted)
        scope = ("group", wanted.group_id) if wanted.group_id else ("institution", place)
        made = Rule(
            id=tx.new_id(),
            scope_kind=scope[0],
            scope_id=scope[1],
            organ=wanted.organ,
            kind=wanted.kind,
            urgency=wanted.urgency,
            effect=wanted.effect,
            target_kind=wanted.target_kind,
            target_id=wanted.target_id,
            note=wanted.note,
        )
        # The institution's row is the lock: of two alike at once, one sees the other.
        await tx.first(select(institution.c.id).where(institution.c.id == place).with_for_update(key_share=True))
        if any(_says(one) == _says(made) for one in await of_institution(tx, place)):
            raise Conflict("error-rule-exists")
        row = msgspec.structs.asdict(made) | {"target_kind": made.target_kind or ""}
        await tx.insert(routing_rule, **row, made_by=actor.person_id, made_at=tx.now)
        await _record(tx, "rule-made", made, place, allowed)
    return made.id


async def end(db: Database, actor: Actor, rule_id: str) -> None:
    """Let a rule count no more. Raises Refused; NotFound: none that the institution keeps, or it has ended."""
    place = actor.institution_id
    async with db.write(actor) as tx:
        allowed = await grants.require(tx, actor, Action.ROUTING_MANAGE, institution_ref(place))
        found = next((one for one in await of_institution(tx, place) if one.id == rule_id), None)
        still = (routing_rule.c.id == rule_id) & routing_rule.c.ended_at.is_(None)
        done = await tx.execute(update(routing_rule).where(still).values(ended_at=tx.now)) if found else None
        if found is None or done is None or done.rowcount != 1:
            raise NotFound
        await _record(tx, "rule-ended", found, place, allowed)


async def _known(tx: Transaction, wanted: Wanted) -> None:
    """Raises Invalid: the rule names nobody that there is."""
    if wanted.target_kind is None:
        return
    if wanted.target_kind is Target.NETWORK:
        there = wanted.target_id in {network.code for network in NETWORKS}
    else:
        table = NAMED[wanted.target_kind]
        there = await tx.scalar(select(table.c.id).where(table.c.id == wanted.target_id)) is not None
    if not there:
        raise Invalid("error-field-choice", field="target")


async def _record(tx: Transaction, change: str, rule: Rule, place: str, allowed: Allowed) -> None:
    await tx.audit(
        "routing.changed",
        ObjectRef("rule", rule.id, place),
        because=allowed,
        private={"note": rule.note},
        change=change,
        rule_of=rule.scope_id,
        rule_effect=rule.effect.value,
        rule_target=rule.target_id,
        organ=rule.organ,
        rule_kind=rule.kind,
        urgency=rule.urgency,
    )


def _standing() -> Select[tuple[object, ...]]:
    return (
        select(routing_rule)
        .where(routing_rule.c.ended_at.is_(None))
        .order_by(routing_rule.c.made_at, routing_rule.c.id)
    )


def _rule(row: RowMapping) -> Rule:
    known = {str(name): value for name, value in row.items()}
    return msgspec.convert(known | {"target_kind": row["target_kind"] or None}, Rule)


def _says(rule: Rule) -> tuple[object, ...]:
    """What makes two rules the same, whatever is noted with them."""
    return tuple(getattr(rule, name) for name in Rule.__struct_fields__ if name not in {"id", "note"})
