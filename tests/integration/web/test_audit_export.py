"""web/audit_export.py and web/verify_audit.py: what is exported is complete, says no more than it may, and is accepted."""

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, func, select, text

from telepath.access import ObjectRef
from telepath.actor import SYSTEM, Actor, Role, Subject
from telepath.audit import parse_note, root_of
from telepath.checkpoints import signed_checkpoint
from telepath.db import audit_log, audit_retire
from telepath.db.audit_search import Search
from telepath.db.database import Database
from telepath.db.schema.audit import audit_checkpoint, audit_shard
from telepath.db.schema.audit import audit_log as log
from telepath.errors import Invalid, Unavailable
from tests import audit_exports
from tests.builders import MASTER_KEY, VAULT_KEY, Clock, World
from tests.command_line import tp
from tests.running import in_its_own_loop
from web import audit_export, keys, verify_audit
from web.audit_export import Selection, export, export_zip
from web.settings import Settings

LILLE, CAYENNE = "l" * 26, "c" * 26
ZOE = Actor(
    person_id="z" * 26,
    name="Dr Zoé Marchand",
    institution_id=CAYENNE,
    roles=frozenset({Role.EXPERT}),
    subject_name_id="899700000001",
    address="192.0.2.7",
    device="Firefox",
    session_id="s" * 64,
    acr="eidas2",
)
AUDITOR = Actor(person_id="a" * 26, name="Alix Auditrice", institution_id=LILLE, roles=frozenset({Role.AUDITOR}))
TYPED = "tumeur du rein gauche"


def slide(case: int, owner: str = CAYENNE) -> ObjectRef:
    return ObjectRef("slide", f"{'s' * 24}{case:02d}", owner, case_id=f"{'k' * 24}{case:02d}")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "var", vault_key=VAULT_KEY)


def key(settings: Settings) -> str:
    return str(keys.public_key(settings))


async def live(db: Database, settings: Settings, records: int = 6, cases: int = 3) -> Clock:
    """Views and a typed text in ``cases`` cases, some owned by Lille; heads signed on the way, also over a year's end."""
    clock = Clock(datetime(2026, 12, 30, 12, 0, tzinfo=UTC))
    db.clock = clock
    audit_key = keys.audit_key(settings)
    for number in range(records):
        async with db.write(ZOE) as tx:
            thing = slide(number % cases, LILLE if number % 2 else CAYENNE)
            await tx.audit("slide.viewed", thing, private={"typed": TYPED}, number=number)
        await audit_log.seal_all(db, settings.log_name)
        if number % 2:
            await audit_log.checkpoint(db, settings.log_name, audit_key)
        clock.advance(hours=13)
    return clock


def lines(folder: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / name).read_bytes().splitlines()]


def kept(folder: Path) -> str:
    return "".join(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())


async def test_an_outsider_accepts_a_whole_export(database: Database, settings: Settings, tmp_path: Path) -> None:
    await live(database, settings)
    done = await export(database, settings, tmp_path / "out", Selection(), AUDITOR)
    async with database.read() as reader:
        sealed = await reader.scalar(select(func.count()).select_from(log))
        trees = await reader.scalar(select(func.count()).select_from(audit_shard))
    assert (done.records, done.trees, done.problem) == (sealed, trees, "")
    assert trees == 2
    said = subprocess.run(
        [sys.executable, "-I", tmp_path / "out" / "verify_audit.py", tmp_path / "out", key(settings)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert f"Intact: {sealed} records" in said.stdout


async def test_the_export_is_recorded_and_in_itself(database: Database, settings: Settings, tmp_path: Path) -> None:
    await live(database, settings, records=2)
    await export(database, settings, tmp_path / "out", Selection(year="2026"), AUDITOR)
    last = lines(tmp_path / "out", "records.ndjson")[-1]
    assert (last["kind"], last["actor"], last["detail"]) == (
        "audit.exported",
        AUDITOR.person_id,
        {"format": "ndjson", "tree": "2026"},
    )


async def test_it_is_written_as_the_tests_own_exports_are(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    """What tests/unit/web/test_verify_audit.py tampers with is what the service writes."""
    await live(database, settings)
    await export(database, settings, tmp_path / "out", Selection(), AUDITOR)
    written, trees = audit_exports.read(tmp_path / "out"), list[audit_exports.Tree]()
    bodies = written["records.ndjson"].splitlines()
    for name in ("2026", "2027"):
        heads = [int(one[-17:-5]) for one in sorted(written) if one.startswith(f"checkpoints/{name}-")]
        start = sum(len(tree.bodies) for tree in trees)
        trees.append(audit_exports.Tree(name, start, bodies[start : start + heads[-1]], heads))
    expected = audit_exports.files(trees, keys.audit_key(settings), settings.log_name)
    del expected["manifest.note"]
    assert {name: data for name, data in written.items() if name in expected} == expected
    assert {name for name in written if name not in expected} == {
        "README.txt",
        "fhir.ndjson",
        "manifest.note",
        "verify_audit.py",
    }


async def test_every_signed_head_that_somebody_kept_is_proven_by_the_whole(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    await live(database, settings)
    async with database.read() as reader:
        notes = [row["note"] for row in await reader.all(select(audit_checkpoint.c.note))]
    await export(database, settings, tmp_path / "out", Selection(), AUDITOR)
    for number, note in enumerate(notes):
        (tmp_path / f"{number}.note").write_text(note)
    paths = [str(tmp_path / f"{number}.note") for number in range(len(notes))]
    assert f"{len(notes)} that you kept" in verify_audit.verify(str(tmp_path / "out"), key(settings), *paths)
    # The service moves to another host: the growing tree keeps its name, and outsiders keep both keys.
    moved = msgspec.structs.replace(settings, origin="https://moved.example.org", audit_old_keys=key(settings))
    assert (await export(database, moved, tmp_path / "moved", Selection(), AUDITOR)).problem == ""
    for name in ("out", "moved"):
        said = verify_audit.verify(str(tmp_path / name), f"{key(moved)},{key(settings)}", *paths)
        assert f"{len(notes)} that you kept" in said


async def test_a_year_that_ended_between_two_signatures_has_a_head_of_its_end(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    clock = await live(database, settings, records=2)
    assert clock.now.year == 2026
    async with database.write(ZOE) as tx:
        await tx.audit("slide.viewed", slide(0))
    await audit_log.seal_all(database, settings.log_name)
    clock.advance(days=30)
    done = await export(database, settings, tmp_path / "out", Selection(year="2026"), AUDITOR)
    async with database.read() as reader:
        old, new = await audit_log.shards(reader)
    assert (done.records, done.problem) == (old.size, "")
    assert (tmp_path / "out" / "checkpoints" / f"2026-{old.size:012d}.note").exists()
    assert new.name == "2027"


def part(**asked: Any) -> Selection:
    """What whoever operates the service may ask for."""
    return Selection(search=Search(everything=True, **asked))


def of(institution: str, **asked: Any) -> Selection:
    """What an auditor of this institution may."""
    return Selection(search=Search(institution=institution, **asked))


SELECTIONS: dict[str, tuple[Selection, Callable[[dict[str, Any]], bool]]] = {
    "a case": (part(places={slide(1).case_id}), lambda one: one["case_id"] == slide(1).case_id),
    "a person": (part(actors={ZOE.person_id}), lambda one: one["actor"] == ZOE.person_id),
    "a time": (
        part(since=datetime(2026, 12, 31, tzinfo=UTC), until=datetime(2027, 1, 1, tzinfo=UTC)),
        lambda one: one["at"].startswith("2026-12-31"),
    ),
    "an institution": (of(LILLE), lambda one: LILLE in (one["owner"], one["institution"])),
    "a case in a time": (
        part(places={slide(0).case_id}, until=datetime(2026, 12, 31, tzinfo=UTC)),
        lambda one: one["case_id"] == slide(0).case_id and one["at"] < "2026-12-31",
    ),
}


@pytest.mark.parametrize("name", list(SELECTIONS))
async def test_a_part_is_what_was_asked_for_and_is_accepted(
    database: Database, settings: Settings, tmp_path: Path, name: str
) -> None:
    selection, fits = SELECTIONS[name]
    await live(database, settings)
    done = await export(database, settings, tmp_path / "out", selection, AUDITOR)
    async with database.read() as reader:
        rows = await reader.all(select(log.c.body).order_by(log.c.seq))
    every = [json.loads(row["body"]) for row in rows]
    chosen = [one for one in every if fits(one) or one["kind"] == "audit.tree-opened"]
    assert 0 < len(chosen) < len(every)
    assert lines(tmp_path / "out", "records.ndjson") == chosen
    assert (done.records, done.problem) == (len(chosen), "")
    assert [one["id"] for one in lines(tmp_path / "out", "fhir.ndjson")] == [one["id"] for one in chosen]
    about = json.loads((tmp_path / "out" / "manifest.note").read_text().split("\n")[1])
    assert about["complete"] is False
    assert about["asked"] == json.loads(msgspec.json.encode(selection, order="deterministic"))


async def test_a_part_proves_a_head_that_is_asked_for(database: Database, settings: Settings, tmp_path: Path) -> None:
    await live(database, settings)
    async with database.read() as reader:
        (tree, *_) = await audit_log.shards(reader)
        rows = await reader.all(select(log.c.leaf).where(log.c.seq < 2).order_by(log.c.seq))
    root = root_of(row["leaf"] for row in rows)
    note = signed_checkpoint(keys.audit_key(settings), settings.log_name, tree.origin, 2, root)
    (tmp_path / "kept.note").write_text(note)
    case = part(places={slide(0).case_id}, since=datetime(2027, 1, 1, tzinfo=UTC))
    await export(database, settings, tmp_path / "without", case, AUDITOR)
    with pytest.raises(ValueError, match="ask for an export with --checkpoint"):
        verify_audit.verify(str(tmp_path / "without"), key(settings), str(tmp_path / "kept.note"))
    asked = msgspec.structs.replace(case, checkpoints=(note,))
    await export(database, settings, tmp_path / "with", asked, AUDITOR)
    said = verify_audit.verify(str(tmp_path / "with"), key(settings), str(tmp_path / "kept.note"))
    assert "1 that you kept" in said
    strange = msgspec.structs.replace(case, checkpoints=(note.replace("\n2\n", "\n3\n"),))
    with pytest.raises(Invalid, match="error-audit-export-checkpoint"):
        await export(database, settings, tmp_path / "strange", strange, AUDITOR)


async def test_what_was_refused_elsewhere_is_not_given_to_an_institution_that_asks_for_a_case(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    await live(database, settings)
    async with database.write(msgspec.structs.replace(ZOE, institution_id=LILLE)) as tx:
        await tx.audit("slide.viewed", slide(0))
        await tx.audit("access.refused", slide(0), outcome="refused", action="slide.view", reason="no-grant")
    asked = {"places": frozenset({slide(0).case_id})}
    await export(database, settings, tmp_path / "lille", of(LILLE, **asked), AUDITOR)
    assert "access.refused" not in {one["kind"] for one in lines(tmp_path / "lille", "records.ndjson")}
    await export(database, settings, tmp_path / "cayenne", of(CAYENNE, **asked), AUDITOR)
    assert "access.refused" in {one["kind"] for one in lines(tmp_path / "cayenne", "records.ndjson")}


async def test_nothing_of_a_person_is_in_it_unless_asked_for(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    await live(database, settings, records=3)
    await export(database, settings, tmp_path / "closed", Selection(), AUDITOR)
    text = kept(tmp_path / "closed")
    assert not [word for word in (TYPED, ZOE.name, ZOE.address, ZOE.subject_name_id, ZOE.device) if word in text]
    await export(database, settings, tmp_path / "opened", Selection(opened=True), AUDITOR)
    seen = [one for one in lines(tmp_path / "opened", "opened.ndjson") if "case" in one]
    assert len(seen) == 3
    for one in seen:
        assert one["case"] == {"typed": TYPED}
        assert one["actor"] == {"address": ZOE.address, "device": ZOE.device, "subject_name_id": ZOE.subject_name_id}
    assert ZOE.address in (tmp_path / "opened" / "fhir.ndjson").read_text()
    records = lines(tmp_path / "opened", "records.ndjson")
    assert [one["seq"] for one in lines(tmp_path / "opened", "opened.ndjson")] == [one["seq"] for one in records]
    assert records[-1]["detail"] == {"format": "ndjson", "opened": True}


async def test_what_was_erased_is_said_to_be_erased_and_the_export_is_accepted(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    await live(database, settings, records=3)
    async with database.write(SYSTEM, unaudited="a test's erasure") as tx:
        assert await database.keys.destroy(tx.connection, tx.now, Subject("case", slide(0).case_id))
        assert await database.keys.destroy(tx.connection, tx.now, Subject("person", ZOE.person_id))
    done = await export(database, settings, tmp_path / "out", Selection(opened=True), AUDITOR)
    assert done.problem == ""
    first, second, third = (one for one in lines(tmp_path / "out", "opened.ndjson") if "erased" in one)
    assert (first["erased"], "case" in first) == (["actor", "case"], False)
    assert (second["erased"], second["case"]) == (["actor"], {"typed": TYPED})
    assert third["case"] == {"typed": TYPED}
    assert ZOE.address not in kept(tmp_path / "out")


async def test_an_altered_log_gives_an_export_that_says_so(
    database: Database, owner: Database, settings: Settings, tmp_path: Path
) -> None:
    await live(database, settings)
    async with owner.write(SYSTEM, unaudited="a crime") as tx:
        await tx.execute(
            text("UPDATE audit_log SET body = replace(body, 'slide.viewed', 'slide.missed') WHERE seq = 2")
        )
    done = await export(database, settings, tmp_path / "out", Selection(), AUDITOR)
    assert "a proof about 3" in done.problem
    with pytest.raises(ValueError, match="a proof about 3"):
        verify_audit.verify(str(tmp_path / "out"), key(settings))


@pytest.mark.parametrize("lacking", [0, 2])
async def test_a_log_that_lacks_a_record_or_a_year_is_not_exported(
    database: Database, owner: Database, settings: Settings, tmp_path: Path, lacking: int
) -> None:
    """Whatever is asked for: what is gone may have belonged to it."""
    await live(database, settings)
    for gone in (log.c.seq == lacking, log.c.seq < 4):
        async with owner.write(SYSTEM, unaudited="a crime") as tx:
            await tx.execute(delete(log).where(gone))
        for selection in (Selection(), part(since=datetime(2027, 1, 1, tzinfo=UTC))):
            with pytest.raises(Unavailable, match="error-audit-tree"):
                await export(database, settings, tmp_path / "out", selection, AUDITOR)
    assert not list(tmp_path.glob("*out*"))


async def test_a_year_that_was_retired_is_not_asked_for(
    database: Database, owner: Database, settings: Settings, tmp_path: Path
) -> None:
    owner.clock = await live(database, settings)

    async def signed() -> None:
        await audit_log.seal_all(owner, settings.log_name)
        await audit_log.checkpoint(owner, settings.log_name, keys.audit_key(settings))

    async with database.read() as reader:
        oldest, newest = await audit_log.shards(reader)
    assert await audit_retire.retire(owner, SYSTEM, oldest, signed) == oldest.size == 4
    done = await export(database, settings, tmp_path / "out", Selection(), AUDITOR)
    assert (done.trees, done.problem) == (1, "")
    assert lines(tmp_path / "out", "records.ndjson")[0]["seq"] == newest.start
    with pytest.raises(Invalid, match="error-audit-export-year"):
        await export(database, settings, tmp_path / "old", Selection(year="2026"), AUDITOR)


async def test_nothing_is_left_of_an_export_that_could_not_be_written(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    await live(database, settings, records=2)
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Unavailable, match="error-audit-export-write"):
        await export(database, settings, tmp_path / "file" / "out", Selection(), AUDITOR)
    for selection, code in (
        (Selection(year="1999"), "error-audit-export-year"),
        (part(actors={"nobody"}), "error-audit-export-empty"),
    ):
        with pytest.raises(Invalid, match=code):
            await export(database, settings, tmp_path / "out", selection, AUDITOR)
    (tmp_path / "there").mkdir()
    with pytest.raises(Invalid, match="error-audit-export-target-exists"):
        await export(database, settings, tmp_path / "there", Selection(), AUDITOR)
    assert not list(tmp_path.glob("*out*"))
    assert not list((tmp_path / "there").iterdir())


async def test_of_a_day_the_last_head_is_kept_and_of_the_newest_day_all(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    clock = Clock(datetime(2026, 3, 11, 12, 0, tzinfo=UTC))
    database.clock = clock
    for _ in range(3):
        for _ in range(3):
            async with database.write(ZOE) as tx:
                await tx.audit("slide.viewed", slide(0))
            await audit_log.seal_all(database, settings.log_name)
            await audit_log.checkpoint(database, settings.log_name, keys.audit_key(settings))
            clock.advance(hours=1)
        clock.advance(hours=21)
    clock.advance(hours=-24)
    await export(database, settings, tmp_path / "out", Selection(), AUDITOR)
    heads = sorted(parse_note(path.read_text()).size for path in (tmp_path / "out" / "checkpoints").iterdir())
    assert heads == [4, 7, 8, 9, 10, 11]


async def test_pages_do_not_show(
    database: Database, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await live(database, settings)
    database.clock = Clock(datetime(2027, 3, 1, tzinfo=UTC))
    january = part(until=datetime(2027, 1, 15, tzinfo=UTC))
    await export(database, settings, tmp_path / "one", january, AUDITOR)
    monkeypatch.setattr(audit_export, "PAGE", 2)
    await export(database, settings, tmp_path / "two", january, AUDITOR)
    for name in ("records.ndjson", "fhir.ndjson"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


async def test_a_zip_holds_the_same_folder(database: Database, settings: Settings, tmp_path: Path) -> None:
    await live(database, settings)
    path, case = tmp_path / "audit-export.zip", part(places={slide(1).case_id})
    done = await export_zip(database, settings, path, case, AUDITOR)
    assert (done.problem, list(tmp_path.glob("audit-export*"))) == ("", [path])
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert "Intact" in verify_audit.verify(str(tmp_path / "unpacked" / "audit-export"), key(settings))
    with pytest.raises(Unavailable, match="error-audit-export-write"):  # there is one already
        await export_zip(database, settings, path, case, AUDITOR)


def test_the_command_says_what_it_wrote_and_how_it_is_checked(tmp_path: Path) -> None:
    assert tp(tmp_path / "var", "migrate").code == 0
    said = tp(tmp_path / "var", "audit", "export", tmp_path / "out")
    assert (said.code, said.err) == (0, "")
    public = re.search(r"localhost:8000/audit\+[0-9a-f]{8}\+\S+", said.out)
    assert public
    assert "Intact" in verify_audit.verify(str(tmp_path / "out"), public[0])
    assert public[0] in (tmp_path / "out" / "README.txt").read_text()
    again = tp(tmp_path / "var", "audit", "export", tmp_path / "out", language="fr")
    assert again.sentence(tmp_path / "out") == (
        "Le dossier de l’export existe déjà. Indiquez le nom d’un nouveau dossier."
    )
    (tmp_path / "no.note").write_bytes(b"\xff\xfe")
    for arguments, sentence in (
        (["--year", "1999"], "The log has no tree 1999."),
        (["--since", "yesterday"], "“--since” is not a date."),
        (["--since", "0001-01-01T00:00+05:00"], "“--since” is not a date."),
        (["--case", "26-1"], "Give the institution of the case too (--institution, FINESS number)."),
        (["--institution", "9A9999999"], "No institution has the FINESS number 9A9999999."),
        (["--person", "z" * 26], "No record fits what was asked for."),
        (["--checkpoint", tmp_path / "no.note"], "One of the heads given is not signed by this log."),
    ):
        assert tp(tmp_path / "var", "audit", "export", tmp_path / "no", *arguments).sentence() == sentence
    assert not (tmp_path / "no").exists()


def test_the_command_exports_a_case_by_its_number(tmp_path: Path) -> None:
    data = tmp_path / "var"
    assert tp(data, "migrate").code == 0

    async def a_case() -> str:
        db = Database(f"sqlite+aiosqlite:///{data / 'telepath.db'}", MASTER_KEY)
        world = World(db)
        made = await world.case(await world.person("noa", "cayenne", "Noa", "Essai"), "26-7")
        await db.close()
        return made

    case_id = in_its_own_loop(a_case())
    where = ("--institution", "9A0000001", "--case")
    missing = tp(data, "audit", "export", tmp_path / "no", *where, "26-1")
    assert missing.sentence().startswith("There is no case 26-1 in institution 9A0000001.")
    assert tp(data, "audit", "export", tmp_path / "out", *where, "26-7").code == 0
    told = [(one["kind"], one["case_id"]) for one in lines(tmp_path / "out", "records.ndjson")]
    assert told == [("audit.tree-opened", ""), ("audit.exported", case_id)]
