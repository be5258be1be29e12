"""An operator enters the first institution and its people, on each kind of database; wrong input is a sentence."""

import asyncio
import shutil
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pytest
from sqlalchemy import select

from consults.networks import NETWORKS
from telepath import directory
from telepath.actor import Role
from telepath.cases.model import ORGANS
from telepath.db.database import Database
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.auth import emergency
from telepath.db.schema.outbox import outbox
from telepath.errors import TelepathError
from telepath.notices.channels import compose
from telepath.territories import REGIONS
from tests.audited import of_actor
from tests.builders import MASTER_KEY, NOON, VAULT_KEY
from tests.command_line import Said, tp
from tests.entrance import Entrance, opened
from tests.identities import UNKNOWN
from tests.login import login
from web import cli
from web.operator import OPERATOR
from web.words import LANGUAGES, Words

WORDS = Words()
FINESS, RPPS = "0C0000058", "99700421102"
LEA = f"8{RPPS}"
ADA = "899700421003"
PLACE = {"--finess": FINESS, "--name": "Hôpital du Maquis", "--city": "Ajaccio", "--region": "94"}
PERSON = {"--rpps": RPPS, "--given-name": "Léa", "--family-name": "Arbousier", "--email": "lea.arbousier@example.org"}
AT = ("--institution", FINESS)


class Operator(Protocol):
    def __call__(self, *arguments: str, language: str = "en") -> Said: ...


@pytest.fixture
def operator(database_url: str, tmp_path: Path) -> Operator:
    """Whoever types ``telepath …`` on a server with this database."""
    return partial(tp, tmp_path / "var", database=database_url, vault_key=VAULT_KEY)


@pytest.fixture
def entered(operator: Operator) -> Operator:
    """The same; one institution and one person of no institution are entered."""
    for command, options in (("institutions", PLACE), ("people", PERSON)):
        done(operator(command, "add", *flat(options)))
    return operator


def flat(options: dict[str, str]) -> list[str]:
    return [word for option in options.items() for word in option]


def done(said: Said) -> list[str]:
    """The lines of a command that succeeded."""
    assert (said.code, said.err) == (0, "")
    return said.out.splitlines()


def audited(url: str) -> list[dict[str, Any]]:
    async def records() -> list[dict[str, Any]]:
        db = Database(url, MASTER_KEY)
        async with db.read() as reader:
            rows = await reader.all(select(audit_pending.c.record).order_by(audit_pending.c.position))
        await db.close()
        return [row["record"] for row in rows]

    return asyncio.run(records())


def of_actors(url: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each record keeps in the vault of who acted."""

    async def opened() -> list[dict[str, Any]]:
        db = Database(url, MASTER_KEY)
        try:
            return [await of_actor(db, record) for record in records]
        finally:
            await db.close()

    return asyncio.run(opened())


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_institution_and_its_people_are_entered_and_listed(operator: Operator, language: str) -> None:
    tell = partial(operator, language=language)
    t = WORDS(language)
    assert done(tell("institutions", "list")) == [t("command-institutions-none")]
    assert done(tell("people", "list")) == [t("command-people-none")]
    place = {"name": PLACE["--name"], "finess": FINESS}
    # Outside of production a test number is said to be one, and entered.
    said = done(tell("institutions", "add", *flat(PLACE)))
    assert said == [t("command-institution-added", **place), t("command-finess-unusual")]
    who = {"name": "Dr Léa Arbousier", "institution": PLACE["--name"]}
    said = done(tell("people", "add", *flat(PERSON)))
    assert said == [t("command-person-added", name=who["name"], identifier=LEA)]
    said = done(tell("people", "roles", LEA, *AT, "--role", "requester", "--role", "expert"))
    assert said == [t("command-roles-set", **who, roles="expert, requester")]
    said = done(tell("people", "expertise", LEA, *AT, "--organ", "skin", "--organ", "lymphoid", "--network", "rreps"))
    assert said == [t("command-expertise-set", **who, organs="skin, lymphoid")]

    assert done(tell("institutions", "list")) == [f"{FINESS}  Hôpital du Maquis  Ajaccio  94  Europe/Paris"]
    listed = f"{LEA}  Dr Léa Arbousier  lea.arbousier@example.org  {FINESS}: expert, requester  lymphoid, skin"
    assert done(tell("people", "list")) == [listed]


async def test_the_directory_reads_back_what_was_entered(entered: Operator, database: Database) -> None:
    other = {"--subject-name-id": "3A0000017/42", "--given-name": "Noé", "--family-name": "Ciste", "--title": ""}
    other |= {"--profession": "86", "--language": "en"}
    for arguments in (
        ["people", "add", *flat(other)],
        ["people", "roles", LEA, *AT, "--role", "expert"],
        ["people", "expertise", LEA, *AT, "--organ", "skin", "--network", "RRePS", "--network", "CARADERM"],
    ):
        done(await asyncio.to_thread(entered, *arguments))
    async with database.read() as reader:
        (expertise,) = await directory.experts(reader, "skin")
        noe = await directory.person_by_subject(reader, "3A0000017/42")
    lea, place = expertise.person, expertise.institution
    assert (place.finess, place.name, place.city) == (FINESS, "Hôpital du Maquis", "Ajaccio")
    assert (place.region, place.time_zone) == ("94", "Europe/Paris")
    assert (lea.subject_name_id, lea.name, lea.email) == (LEA, "Dr Léa Arbousier", "lea.arbousier@example.org")
    assert (lea.profession, lea.know_how, lea.language) == ("10", "SM01", "fr")
    assert (expertise.networks, expertise.languages) == (("NETSARC+", "CARADERM"), ("fr",))
    assert expertise.available
    assert noe is not None
    assert (noe.name, noe.profession, noe.know_how, noe.language, noe.email) == ("Noé Ciste", "86", "", "en", "")


def test_each_change_is_audited_as_the_command_line_s(entered: Operator, database_url: str) -> None:
    done(entered("people", "roles", LEA, *AT, "--role", "auditor", "--role", "expert"))
    done(entered("people", "expertise", LEA, *AT, "--organ", "skin"))
    done(entered("people", "list"))
    *records, last = audited(database_url)
    assert (last["kind"], last["actor"]) == ("directory.read", "system")
    assert [record["detail"]["change"] for record in records] == [
        "institution-added",
        "person-added",
        "membership-set",
        "expertise-set",
    ]
    assert {(record["kind"], record["actor"]) for record in records} == {("directory.changed", "system")}
    assert OPERATOR.device.startswith("command line, ")
    assert of_actors(database_url, records) == [{"device": OPERATOR.device}] * 4
    assert records[2]["detail"]["roles"] == ["auditor", "expert"]
    assert records[2]["detail"]["roles_before"] == []


async def test_who_is_entered_and_has_a_role_signs_in_until_it_is_taken_away(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    who = UNKNOWN.subject_name_id
    at = (who, "--institution", "0L0000033")

    async def told(*arguments: str) -> Said:
        settings = {"database": database_url, "vault_key": VAULT_KEY}
        return await asyncio.to_thread(tp, tmp_path / "var", *arguments, **settings)

    unregistered, homeless = (WORDS("fr")(f"login-problem-no-{what}") for what in ("account", "institution"))

    async def signs_in(entrance: Entrance) -> str:
        async with entrance.browser() as client:
            page = await login(client, who)
            return str(page.status_code) if page.status_code == 303 else page.text

    async with opened(database, tmp_path) as entrance:
        assert unregistered in await signs_in(entrance)
        names = ("--given-name", "Zélie", "--family-name", "Garrigue")
        done(await told("people", "add", "--subject-name-id", who, *names))
        assert homeless in await signs_in(entrance)
        done(await told("people", "roles", *at, "--role", "requester"))
        assert await signs_in(entrance) == "303"
        async with entrance.browser() as client:
            await login(client, who)
            # What the operator typed stands until the provider says who it is.
            assert (await client.get("/")).json()["name"] == "Dr Personne Inconnue"
            done(await told("people", "roles", *at))
            assert (await client.get("/")).json() is None
        assert homeless in await signs_in(entrance)


async def test_who_left_or_is_away_is_not_asked_and_the_last_word_counts(entered: Operator, database: Database) -> None:
    async def asked() -> list[bool]:
        async with database.read() as reader:
            return [one.available for one in await directory.experts(reader, "bone")]

    async def say(*arguments: str) -> list[str]:
        return done(await asyncio.to_thread(entered, "people", *arguments))

    bone = ("expertise", LEA, *AT, "--organ", "bone")
    await say("roles", LEA, *AT, "--role", "requester")
    assert (await asyncio.to_thread(entered, "people", *bone)).code != 0
    await say(*bone, "--unavailable")
    assert await asked() == []
    await say("roles", LEA, *AT, "--role", "expert")
    await say(*bone)
    assert await asked() == [True]
    await say(*bone, "--unavailable")
    assert await asked() == [False]
    assert (await say("list"))[0].endswith("(bone)")
    await say(*bone)
    assert await asked() == [True]
    await say("roles", LEA, *AT)
    assert await asked() == []
    assert (await say("list"))[0].endswith("example.org  -")
    nurse = {"--subject-name-id": "3A0000017/42", "--given-name": "Noé", "--family-name": "Ciste", "--title": ""}
    await say("add", *flat(nurse | {"--profession": "60"}))
    await say("roles", "3A0000017/42", *AT, "--role", "expert")
    wrong = await asyncio.to_thread(entered, "people", "expertise", "3A0000017/42", *AT, "--organ", "bone")
    assert "Noé Ciste" in wrong.err
    assert await asked() == []


# What is refused


class Refusing:
    """A database with one institution and one person, in which nothing more is to be written."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.url = f"sqlite+aiosqlite:///{data / 'telepath.db'}"

    def __call__(self, *arguments: str, strict: bool = False) -> TelepathError:
        """What a command raises, as long as it is worded in every language. Without the time that reading all words takes."""

        async def run() -> None:
            db = Database(self.url, MASTER_KEY)
            try:
                await wanted.act(db, OPERATOR, wanted, WORDS("en"))
            finally:
                await db.close()

        wanted = cli._parser().parse_args(arguments)
        wanted.strict = strict
        with pytest.raises(TelepathError) as refused:
            asyncio.run(run())
        assert all(WORDS(language)(refused.value.code, **refused.value.params) for language in LANGUAGES)
        assert self.written() == 2
        return refused.value

    def written(self) -> int:
        return len(audited(self.url))


@pytest.fixture(scope="module")
def refusing(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Refusing:
    """On SQLite only: what is wrong with an input is seen before the database is asked."""
    made = Refusing(tmp_path_factory.mktemp("refusing"))
    shutil.copy(sqlite_template, made.data / "telepath.db")
    for command, options in (("institutions", PLACE), ("people", PERSON)):
        done(tp(made.data, command, "add", *flat(options), database=made.url))
    return made


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("arguments", "code", "params"),
    [
        (["institutions", "add", *flat(PLACE)], "error-directory-institution-exists", {"finess": FINESS}),
        (["people", "add", *flat(PERSON)], "error-directory-person-exists", {"subject_name_id": LEA}),
        (
            ["people", "add", *flat(PERSON | {"--family-name": "\udcff"})],
            "error-text-control",
            {"field": "--family-name"},
        ),
        (["people", "roles", "\udcff", *AT, "--role", "expert"], "error-directory-identifier", {}),
    ],
)
def test_a_refusal_is_one_sentence_and_nothing_is_written(
    refusing: Refusing, arguments: list[str], code: str, params: dict[str, Any], language: str
) -> None:
    said = tp(refusing.data, *arguments, language=language, database=refusing.url)
    assert said.sentence(refusing.data) == WORDS(language)(code, **params)
    assert refusing.written() == 2


Wrong: TypeAlias = tuple[str, dict[str, Any]]
"""Code and parameters of an error."""


def choice(field: str, known: Iterable[str]) -> Wrong:
    return "error-directory-choice", {"field": field, "known": ", ".join(known)}


def too_long(field: str, limit: int) -> Wrong:
    return "error-text-too-long", {"field": field, "limit": limit}


def missing(field: str) -> Wrong:
    return "error-field-missing", {"field": field}


def unreadable(field: str) -> Wrong:
    return "error-text-control", {"field": field}


def no_code(field: str, limit: int) -> Wrong:
    return "error-directory-code", {"field": field, "limit": limit}


NO_FINESS: Wrong = ("error-directory-finess", {})
NO_ZONE: Wrong = ("error-directory-time-zone", {})
NO_RPPS: Wrong = ("error-directory-rpps", {})
NO_IDENTIFIER: Wrong = ("error-directory-identifier", {})
NO_EMAIL: Wrong = ("error-directory-email", {})
NO_MEMBER: Wrong = (
    "error-directory-not-a-member",
    {"name": "Dr Léa Arbousier", "institution": PLACE["--name"]},
)
NO_REGION: Wrong = (
    "error-directory-region",
    {"known": ", ".join(f"{one.code} {one.name}" for one in REGIONS.values())},
)


@pytest.mark.parametrize(
    ("option", "value", "wrong"),
    [
        ("--finess", "12345678", NO_FINESS),
        ("--finess", "A2A000017", NO_FINESS),
        ("--finess", "2A000001\udcff", NO_FINESS),
        ("--finess", "", NO_FINESS),
        ("--finess", FINESS.lower(), ("error-directory-institution-exists", {"finess": FINESS})),
        ("--name", " ", missing("--name")),
        ("--name", "H" * 201, too_long("--name", 200)),
        ("--name", "Hôp\x1b[2Jital", unreadable("--name")),
        ("--name", "H\udcffpital", unreadable("--name")),
        ("--city", "", missing("--city")),
        ("--city", "A" * 101, too_long("--city", 100)),
        ("--region", "05", NO_REGION),
        ("--time-zone", "Europe/Ajaccio", NO_ZONE),
        ("--time-zone", "europe/paris", NO_ZONE),
        ("--time-zone", "../../etc/passwd", NO_ZONE),
        ("--time-zone", "/etc/localtime", NO_ZONE),
        ("--time-zone", "localtime", NO_ZONE),
    ],
)
def test_what_is_wrong_with_an_institution_is_said(refusing: Refusing, option: str, value: str, wrong: Wrong) -> None:
    other = PLACE | {"--finess": "0C0000066"}
    refused = refusing("institutions", "add", *flat(other | {option: value}))
    assert (refused.code, refused.params) == wrong


@pytest.mark.parametrize(
    ("option", "value", "wrong"),
    [
        ("--rpps", "9970042111", NO_RPPS),
        ("--rpps", "999700421110", NO_RPPS),
        ("--rpps", "9970042111٠", NO_RPPS),
        ("--rpps", "", NO_RPPS),
        ("--rpps", "99 70042 1102", ("error-directory-person-exists", {"subject_name_id": LEA})),
        ("--rpps", "8 99 70042 1102", ("error-directory-person-exists", {"subject_name_id": LEA})),
        ("--subject-name-id", "", NO_IDENTIFIER),
        ("--subject-name-id", "3A 1", NO_IDENTIFIER),
        ("--subject-name-id", "é", NO_IDENTIFIER),
        ("--subject-name-id", "1" * 65, NO_IDENTIFIER),
        ("--title", "D" * 11, too_long("--title", 10)),
        ("--given-name", "", missing("--given-name")),
        ("--given-name", "L" * 101, too_long("--given-name", 100)),
        ("--family-name", "\t", missing("--family-name")),
        ("--family-name", "Arbou\nsier", unreadable("--family-name")),
        ("--family-name", "A" * 101, too_long("--family-name", 100)),
        ("--email", "lea.example.org", NO_EMAIL),
        ("--email", "lea@example", NO_EMAIL),
        ("--email", "léa@example.org", NO_EMAIL),
        ("--email", "Léa <lea@example.org>", NO_EMAIL),
        ("--email", "lea@example.org,noe@example.org", NO_EMAIL),
        ("--email", "lea..a@example.org", NO_EMAIL),
        ("--email", "l" * 189 + "@example.org", too_long("--email", 200)),
        ("--language", "de", choice("--language", LANGUAGES)),
        ("--profession", "doctor", no_code("--profession", 4)),
        ("--profession", "", no_code("--profession", 4)),
        ("--know-how", "sm01", no_code("--know-how", 10)),
    ],
)
def test_what_is_wrong_with_a_person_is_said(refusing: Refusing, option: str, value: str, wrong: Wrong) -> None:
    other = PERSON | {"--rpps": "99700421110"} | {option: value}
    if option == "--subject-name-id":
        del other["--rpps"]
    refused = refusing("people", "add", *flat(other))
    assert (refused.code, refused.params) == wrong


@pytest.mark.parametrize(
    ("arguments", "wrong"),
    [
        (["roles", LEA, *AT, "--role", "member"], choice("--role", Role)),
        (["roles", RPPS, *AT, "--role", "expert"], ("error-directory-person-unknown", {"identifier": RPPS})),
        (["roles", "\udcff", *AT, "--role", "expert"], NO_IDENTIFIER),
        (["roles", LEA, "--institution", "Ajaccio", "--role", "expert"], NO_FINESS),
        (
            ["roles", LEA, "--institution", "0C0000066", "--role", "expert"],
            ("error-directory-institution-unknown", {"finess": "0C0000066"}),
        ),
        (["roles", LEA, *AT], NO_MEMBER),
        (["expertise", LEA, *AT, "--organ", "skin"], NO_MEMBER),
        (["expertise", LEA, *AT, "--organ", "skin", "--organ", "liver"], choice("--organ", ORGANS)),
        (
            ["expertise", LEA, *AT, "--organ", "skin", "--network", "RÉSEAU"],
            choice("--network", (network.code for network in NETWORKS)),
        ),
        (["expertise", LEA, *AT, "--organ", "skin", "--language", "pt"], choice("--language", LANGUAGES)),
    ],
)
def test_what_is_wrong_with_roles_and_expertise_is_said(refusing: Refusing, arguments: list[str], wrong: Wrong) -> None:
    refused = refusing("people", *arguments)
    assert (refused.code, refused.params) == wrong


@pytest.mark.parametrize("number", ["899700421101", "99700421101", "99704021110"])
def test_in_production_a_wrong_check_digit_is_refused(refusing: Refusing, number: str) -> None:
    person = PERSON | {"--rpps": number}
    assert refusing("people", "add", *flat(person), strict=True).code == "error-directory-rpps-key"
    # A FINESS number is entered all the same where the register has it so: only then is it found to be there already.
    for finess, more, code in (
        ("0C0000066", (), "error-directory-finess-key"),
        ("123456789", (), "error-directory-finess-key"),
        (FINESS, ("--unusual",), "error-directory-institution-exists"),
    ):
        place = PLACE | {"--finess": finess}
        assert refusing("institutions", "add", *flat(place), *more, strict=True).code == code


def test_elsewhere_a_wrong_check_digit_is_said_and_entered(operator: Operator) -> None:
    said = done(operator("people", "add", *flat(PERSON | {"--rpps": "99700421101"})))
    assert said[1].startswith("Beware: the check digit of this RPPS number does not fit.")
    assert "899700421101" in operator("people", "list").out


def test_names_as_long_as_they_may_be_are_kept_whole(operator: Operator) -> None:
    place = PLACE | {
        "--finess": "2A0000000",
        "--name": "é" * 200,
        "--city": "œ" * 100,
        "--time-zone": "America/Argentina/ComodRivadavia",
    }
    done(operator("institutions", "add", *flat(place)))
    person = PERSON | {"--given-name": "é" * 100, "--family-name": "œ" * 100, "--title": "D" * 10}
    person |= {"--profession": "1" * 4, "--know-how": "S" * 10, "--email": "l" * 188 + "@example.org"}
    done(operator("people", "add", *flat(person)))
    assert "é" * 200 in operator("institutions", "list").out
    assert "œ" * 100 in operator("people", "list").out


@pytest.mark.parametrize("address", ["lea@example.org", "o'neill+tp@sub.example-hopital.fr", "l_a.b@x1.example.org"])
def test_mail_can_be_written_to_every_address_that_is_taken(operator: Operator, address: str) -> None:
    done(operator("people", "add", *flat(PERSON | {"--email": address})))
    mail = compose(sender="telepath@example.org", to=address, subject="", text="", key="1", at=NOON)
    assert mail["To"] == address


def test_the_operator_lets_members_in_when_no_administrator_can(entered: Operator, database_url: str) -> None:
    asked_by, ada = ("--by", ADA[1:]), {"--given-name": "Ada", "--family-name": "Lande", "--subject-name-id": ADA}
    done(entered("people", "add", *flat(ada)))
    assert "not active" in entered("emergency", "off", *AT).sentence()
    assert "24" in entered("emergency", "on", *AT, *asked_by, "--hours", "24.1").sentence()
    with pytest.raises(SystemExit):
        entered("emergency", "on", *AT)
    # Only at the word of somebody who administers this institution, and is not suspended.
    no_administrator = "Dr Ada Lande does not administer Hôpital du Maquis"
    for roles in (("expert", "auditor", "coordinator"), ("administrator",)):
        assert no_administrator in entered("emergency", "on", *AT, *asked_by).sentence()
        done(entered("people", "roles", ADA, *AT, *(word for role in roles for word in ("--role", role))))
    done(entered("people", "suspend", ADA))
    assert no_administrator in entered("emergency", "on", *AT, *asked_by).sentence()
    done(entered("people", "restore", ADA))
    assert "899700009999" in entered("emergency", "on", *AT, "--by", "99700009999").sentence()
    done(entered("people", "roles", LEA, *AT, "--role", "expert"))
    (on,) = done(entered("emergency", "on", *AT, *asked_by, "--hours", "2"))
    assert on.startswith("Emergency access is active for Hôpital du Maquis until ")
    assert on.endswith(" (UTC), at the request of Dr Ada Lande.")
    assert "already" in entered("emergency", "on", *AT, "--by", ADA).sentence()
    assert "no clinical" in entered("emergency", "code", LEA, *AT, *asked_by).sentence(), (
        "an expert's role is none in an emergency"
    )
    done(entered("people", "roles", LEA, *AT, "--role", "requester"))
    assert "does not administer" in entered("emergency", "code", LEA, *AT, "--by", LEA).sentence()
    name, code, once = done(entered("emergency", "code", LEA, *AT, *asked_by))
    assert (name, len(code), once.split()[-1]) == (
        "Code for Dr Léa Arbousier, to be handed over or read on the telephone:",
        34,
        "/login/emergency",
    )
    done(entered("emergency", "off", *AT))
    found = [record for record in audited(database_url) if record["kind"].startswith("emergency.")]
    started, made, _ = found
    assert [record["kind"] for record in found] == ["emergency.activated", "emergency.code-made", "emergency.ended"]
    assert {record["actor"] for record in found} == {"system"}, "the operator"
    assert started["detail"]["asked_by"] == made["detail"]["asked_by"]
    activated_by, told = asyncio.run(of_emergency(database_url, started["detail"]["emergency"]))
    assert (activated_by, told) == (started["detail"]["asked_by"], [(activated_by, activated_by)]), (
        "she hears of it herself"
    )
    assert code not in str(audited(database_url))


async def of_emergency(url: str, key: str) -> tuple[str, list[tuple[str, str]]]:
    """Who is said to have activated it, and whom that was told of whom."""
    db = Database(url, MASTER_KEY)
    try:
        async with db.read() as reader:
            by = await reader.scalar(select(emergency.c.activated_by).where(emergency.c.id == key))
            rows = await reader.all(select(outbox.c.body).where(outbox.c.kind == "emergency.activated"))
        return str(by), [(row["body"]["person"], row["body"]["by"]) for row in rows]
    finally:
        await db.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_and_an_institution_are_suspended_and_restored(
    entered: Operator, database_url: str, language: str
) -> None:
    tell, t = partial(entered, language=language), WORDS(language)
    for what, name, target in (
        ("person", "Dr Léa Arbousier", ("people", LEA)),
        ("institution", PLACE["--name"], ("institutions", "--finess", FINESS)),
    ):
        for act, said in (("suspend", "suspended"), ("restore", "restored")):
            command = (target[0], act, *target[1:])
            assert done(tell(*command)) == [t(f"command-{what}-{said}", name=name)]
            assert done(tell(*command)) == [t(f"command-{what}-{said}-already", name=name)]
    changes = [record["detail"].get("change") for record in audited(database_url)][-4:]
    assert changes == ["person-suspended", "person-restored", "institution-suspended", "institution-restored"]
    assert "0C0000059" in tell("institutions", "suspend", "--finess", "0C0000059").sentence()
