"""Cases that are shared with a group or an institution: who sees what, from when, until when, and what is recorded."""

from datetime import timedelta

import pytest

from auth import groups, suspension
from consults import offers
from telepath import grants, standing
from telepath.access import Action, Allowed, Denied, ObjectRef
from telepath.actor import Actor, Role
from telepath.cases import erasure, repository, sharing, threads
from telepath.cases.erasure import Reason
from telepath.cases.sharing import Level
from telepath.db.database import Database
from telepath.errors import Conflict, Invalid, NotFound, Refused
from telepath.slides import catalogue, views
from telepath.storage_local import LocalStorage
from tests.builders import Clock
from tests.rooms import Ward

READING = (Action.CASE_VIEW, Action.SLIDE_VIEW)
DISCUSSING = (Action.THREAD_READ, Action.THREAD_WRITE, Action.ANNOTATION_WRITE, Action.ROOM_OPEN)
NEVER = (Action.PATIENT_VIEW, Action.PATIENT_EDIT, Action.CASE_EDIT, Action.CASE_SHARE, Action.CONSULT_REQUEST)


class Network:
    """Zoé's institution (Cayenne) leads a group to which Max's (Rennes) belongs, and Paul's (Lille) does not."""

    def __init__(self, ward: Ward) -> None:
        self.ward, self.db = ward, ward.db
        self.zoe, self.max, self.group = ward.actor("zoe"), ward.actor("max"), ""

    async def build(self) -> "Network":
        self.group = await self.made("Réseau des Trois Rives", self.zoe)
        async with self.db.write(self.zoe) as tx:
            await groups.join(tx, self.group, "institution", self.max.institution_id)
        return self

    async def made(self, name: str, lead: Actor) -> str:
        async with self.db.write(lead) as tx:
            return await groups.add(tx, "regional", name, lead.institution_id)

    async def share(self, level: Level = Level.LOOK, days: int | None = None, group: str = "") -> str:
        with_ = ("group", group or self.group)
        return await sharing.share(self.db, self.zoe, self.ward.case, with_, level, days)

    async def now_of(self, key: str) -> Actor | None:
        """The person as the next request of theirs would be."""
        async with self.db.read() as reader:
            return await standing.of(reader, self.ward.actor(key))

    async def may(self, key: str, action: Action, slide: str = "") -> Allowed | Denied:
        actor = await self.now_of(key)
        assert actor is not None
        home = self.zoe.institution_id
        kind, thing = ("case", self.ward.case)
        if action in {Action.SLIDE_VIEW, Action.ANNOTATION_WRITE, Action.ROOM_OPEN}:
            kind, thing = ("slide", slide or self.ward.slides[0])
        async with self.db.read() as reader:
            return await grants.decide(reader, actor, action, ObjectRef(kind, thing, home, case_id=self.ward.case))

    async def all_of(self, key: str, *actions: Action) -> set[bool]:
        return {bool(await self.may(key, action)) for action in actions}

    async def open_view(self, key: str) -> str:
        actor, allowed = await self.now_of(key), await self.may(key, Action.SLIDE_VIEW)
        assert actor is not None
        assert isinstance(allowed, Allowed)
        async with self.db.write(actor) as tx:
            return (await views.open_view(tx, await catalogue.get(tx, self.ward.slides[0]), allowed)).id

    async def closed(self, view: str) -> bool:
        async with self.db.read() as reader:
            return view in await views.revoked(reader)

    async def listed(self) -> list[sharing.Share]:
        async with self.db.read() as reader:
            return await sharing.of_case(reader, self.ward.case)

    async def with_us(self, key: str) -> list[str]:
        actor = await self.now_of(key)
        assert actor is not None
        async with self.db.read() as reader:
            return [one.id for one in await sharing.with_us(reader, actor)]


async def test_who_belongs_to_the_group_sees_the_case_and_its_slides_until_the_share_is_withdrawn(
    database: Database,
) -> None:
    net = await Network(await Ward(database).build()).build()
    async with database.read() as reader:
        before = await repository.listed(reader, net.zoe.institution_id)
    assert await net.all_of("max", *READING, *DISCUSSING) == {False}
    key = await net.share()
    assert await net.all_of("max", *READING) == {True}
    assert await net.all_of("max", *DISCUSSING, *NEVER) == {False}
    assert await net.with_us("max") == [net.ward.case]
    assert await net.with_us("zoe") == []
    async with database.read() as reader:
        assert await repository.listed(reader, net.zoe.institution_id) == before

    (one,) = await net.listed()
    assert (one.id, one.partner.name, one.level, one.until) == (key, "Réseau des Trois Rives", Level.LOOK, None)
    assert one.given_by == "Dr Zoé Marchand"
    view = await net.open_view("max")
    with pytest.raises(Conflict):
        await net.share(Level.DISCUSS)
    with pytest.raises(Refused):
        await sharing.withdraw(database, net.max, net.ward.case, key)
    with pytest.raises(NotFound):
        await sharing.withdraw(database, net.zoe, net.ward.case, view)
    await sharing.withdraw(database, net.zoe, net.ward.case, key)
    assert await net.closed(view)
    assert await net.all_of("max", *READING) == {False}
    assert (await net.with_us("max"), await net.listed()) == ([], [])

    shared, unshared = await net.ward.audited("case.shared", "case.unshared")
    for record in (shared, unshared):
        assert (record["object_id"], record["because"]) == (net.ward.case, "institution")
        said = record["detail"]
        assert (said["subject_kind"], said["subject"], said["basis_id"]) == ("group", net.group, key)
        assert said["rights"] == ["view"]
    given = await net.ward.audited("right.given")
    assert [one["object_id"] for one in given if one["detail"]["basis"] == "share"] == [
        net.ward.case,
        *net.ward.slides,
    ]
    assert len(await net.ward.audited("right.withdrawn")) == 3


async def test_a_share_to_discuss_gives_slides_that_come_later_too_and_ends_at_its_day(
    database: Database,
) -> None:
    net = await Network(await Ward(database).build()).build()
    world, now = net.ward.world, database.clock()
    key = await net.share(Level.DISCUSS, 7)
    assert await net.all_of("max", *READING, *DISCUSSING) == {True}
    assert await net.all_of("max", *NEVER) == {False}
    (one,) = await net.listed()
    assert one.until == one.since + timedelta(days=7)
    late = await world.slide(net.zoe, net.ward.case, "A3 CD20")
    assert not await net.may("max", Action.SLIDE_VIEW, late)
    async with database.write(net.zoe, unaudited="a test's slide") as tx:
        await offers.give_slide(tx, await catalogue.get(tx, late))
    for action in (Action.SLIDE_VIEW, Action.ANNOTATION_WRITE):
        allowed = await net.may("max", action, late)
        assert isinstance(allowed, Allowed)
        assert (allowed.because, allowed.because_id) == ("share", key)

    # Who discusses is told of what is answered; who only could is not.
    async with database.write(await net.now_of("max") or net.max) as tx:
        case = await repository.get(tx, net.ward.case)
        assert net.max.person_id not in await threads.parties(tx, case)
        await threads.write(tx, tx.actor, case, "Centroblastes.")
        assert net.max.person_id in await threads.parties(tx, case)

    held = ObjectRef("slide", late, net.zoe.institution_id)
    actor = await net.now_of("max")
    assert actor is not None
    database.clock = Clock(now + timedelta(days=8))
    async with database.read() as reader:
        assert await grants.decide(reader, actor, Action.SLIDE_VIEW, held) == Denied("expired")
        assert net.max.person_id not in await threads.parties(reader, case)
        assert await sharing.with_us(reader, actor) == []
    assert await net.listed() == []
    after = await world.slide(net.zoe, net.ward.case, "A4 CD3")
    async with database.write(net.zoe, unaudited="a test's slide") as tx:
        await offers.give_slide(tx, await catalogue.get(tx, after))
    async with database.read() as reader:
        assert await grants.decide(reader, actor, Action.SLIDE_VIEW, ObjectRef("slide", after, "")) == Denied(
            "no-grant"
        )


async def test_only_doctors_of_its_institution_share_a_case_and_only_with_those_it_works_with(
    database: Database,
) -> None:
    ward = await Ward(database).build()
    net = await Network(ward).build()
    case, group = ward.case, ("group", net.group)
    tech = await ward.world.person("tess", "cayenne", "Tess", "Lame", roles=(Role.TECHNICIAN, Role.ADMINISTRATOR))
    other = await net.made("Réseau d’ailleurs", net.max)
    for who in (tech, net.max, ward.actor("paul")):
        with pytest.raises(Refused):
            await sharing.share(database, who, case, group, Level.LOOK)
    far, own = ward.actor("paul").institution_id, net.zoe.institution_id
    for stranger in (("group", other), ("institution", far), ("institution", own), ("person", net.max.person_id)):
        with pytest.raises(Invalid):
            await sharing.share(database, net.zoe, case, stranger, Level.LOOK)
    for days in (0, -1, sharing.LONGEST + 1):
        with pytest.raises(Invalid):
            await net.share(days=days)
    with pytest.raises(NotFound):
        await sharing.share(database, net.zoe, net.group, group, Level.LOOK)
    assert await ward.audited("case.shared") == []

    # One institution of the group, and by name: who audits there sees nothing.
    await ward.world.person("nina", "rennes", "Nina", "Registre", roles=(Role.AUDITOR,))
    await ward.sign_in("nina")
    key = await sharing.share(database, net.zoe, case, ("institution", net.max.institution_id), Level.LOOK)
    assert await net.all_of("max", *READING) == {True}
    assert await net.all_of("nina", *READING) == {False}
    assert (await net.with_us("max"), await net.with_us("nina")) == ([case], [])
    with pytest.raises(NotFound):
        await sharing.withdraw(database, net.zoe, await ward.world.case(net.zoe, "26-00418"), key)


async def test_a_share_ends_with_the_group_with_the_leaving_of_it_and_sleeps_while_who_leads_it_is_suspended(
    database: Database,
) -> None:
    ward = await Ward(database).build()
    net = await Network(ward).build()
    # Led by Rennes; Cayenne and Saint-Denis belong to it.
    await ward.world.person("ines", "saint-denis", "Inès", "Brume")
    await ward.sign_in("ines")
    async with database.write(net.max) as tx:
        led = await groups.add(tx, "national", "Réseau des Brumes", net.max.institution_id)
        await groups.join(tx, led, "institution", net.zoe.institution_id)
        await groups.join(tx, led, "institution", ward.actor("ines").institution_id)
    await net.share(group=led)
    view = await net.open_view("ines")

    async with database.write(net.max) as tx:
        await suspension.suspend_institution(tx, net.max.institution_id)
    assert await net.closed(view)
    assert not await net.may("ines", Action.SLIDE_VIEW)
    assert await net.with_us("ines") == []
    assert [one.partner.stands for one in await net.listed()] == [False]
    async with database.read() as reader:
        offered = await sharing.partners(reader, net.zoe.institution_id)
    assert [one.name for one in offered] == ["Réseau des Trois Rives"]
    async with database.write(net.max) as tx:
        await suspension.restore_institution(tx, net.max.institution_id)
    assert await net.may("ines", Action.SLIDE_VIEW)

    view = await net.open_view("ines")
    async with database.write(net.max) as tx:
        await groups.leave(tx, led, "institution", net.zoe.institution_id)
    assert await net.closed(view)
    assert not await net.may("ines", Action.SLIDE_VIEW)
    async with database.write(net.zoe) as tx:
        await groups.join(tx, net.group, "person", ward.person("ines"))
    await net.share()
    # What others shared stays when one institution leaves.
    async with database.write(net.zoe) as tx:
        await groups.leave(tx, net.group, "institution", net.max.institution_id)
    view = await net.open_view("ines")
    async with database.write(net.zoe) as tx:
        await groups.end(tx, net.group)
    assert await net.closed(view)
    assert not await net.may("ines", Action.SLIDE_VIEW)
    assert await net.listed() == []
    reasons = [one["detail"]["reason"] for one in await ward.audited("case.unshared")]
    assert reasons == ["group-left", "group-ended"]


async def test_an_erased_case_is_shared_with_nobody(
    database: Database, owner: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    net = await Network(await Ward(database).build()).build()
    await net.share()
    view = await net.open_view("max")
    storage = LocalStorage(tmp_path_factory.mktemp("slides"))

    async def listed(_erasure: erasure.Erasure) -> None:
        """Noted."""

    await erasure.erase_case(owner, storage, net.zoe, net.ward.case, Reason.MISTAKE, "Saisi deux fois.", listed)
    await storage.close()
    assert await net.closed(view)
    assert await net.with_us("max") == []
    with pytest.raises(NotFound):
        await net.share()
