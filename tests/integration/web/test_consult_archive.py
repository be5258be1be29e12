"""A consult leaves one instance as an archive and comes back equal on another; a wrong archive is refused whole, in a word."""

import hashlib
import html
import io
import json
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from auth.erasure import NAMELESS
from consults import request
from consults.deadlines import Urgency
from consults.model import Question
from telepath import grants
from telepath.access import Action, ObjectRef
from telepath.actor import Subject
from telepath.cases.erasure import Erasure, Reason, erase_case
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.schema import metadata
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult, consult_import, opinion
from telepath.db.schema.directory import institution, membership, person
from telepath.errors import TelepathError
from telepath.slides import catalogue, ingest, leftovers
from tests.archives import CONCLUSION, LINE, Instance, answered, content, instance, members, packed, signed_anew, two
from tests.audited import records
from tests.builders import MASTER_KEY
from tests.builders_slides import add_label, barcode, made_tile, write_svs
from tests.conftest import as_owner
from tests.house import house, visited
from tests.running import in_its_own_loop
from web import audit_opinions, erasures, keys, verify_audit
from web.consult_archive import DOCUMENT, REPORT
from web.routes import cases as case_pages
from web.routes import consults as consult_pages
from web.routes import key_regions as region_pages

Both = tuple[Instance, Instance]


class Sent(NamedTuple):
    """``one``: its keys are still there, and its identifiers."""

    one: Instance
    consult_id: str
    path: Path


@pytest.fixture
async def both(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[Both]:
    async with two(new_database, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def sent(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    """One instance that is no more, its consult, and its archive."""
    folder = tmp_path_factory.mktemp("sent")
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, folder / 'telepath.db')}"

    async def send() -> Sent:
        async with instance(url, folder / "a") as one:
            consult_id = await answered(one, folder)
            await one.export(consult_id, folder / "first.zip")
            return Sent(one, consult_id, folder / "first.zip")

    return in_its_own_loop(send())


@pytest.fixture
async def other(new_database: Callable[[], str], tmp_path: Path, sent: Sent) -> AsyncIterator[Instance]:
    """Another instance, three days later."""
    async with instance(new_database(), tmp_path / "other") as made:
        made.clock.now = sent.one.clock.now + timedelta(days=3)
        yield made


@pytest.fixture
async def small(sqlite_url: str, tmp_path: Path, sent: Sent) -> AsyncIterator[Instance]:
    """The same on SQLite, for what never gets as far as the database."""
    async with instance(sqlite_url, tmp_path / "other") as made:
        made.clock.now = sent.one.clock.now + timedelta(days=3)
        yield made


def ruling(db: Database) -> Database:
    """The same database as the role that owns its tables."""
    return Database(as_owner(db.url.render_as_string(hide_password=False)), MASTER_KEY)


async def count(made: Instance, table: Any) -> int:
    async with made.db.read() as reader:
        return int(await reader.scalar(select(func.count()).select_from(table)))


async def test_a_consult_comes_back_equal_on_another_instance(both: Both, tmp_path: Path) -> None:
    one, other = both
    consult_id, path = await answered(one, tmp_path), tmp_path / "first.zip"
    await one.export(consult_id, path)
    other.clock.now = one.clock.now + timedelta(days=3)
    rows = json.loads(members(path)[DOCUMENT])["rows"]
    assert {name for name, found in rows.items() if not found} == {"concordance", "opinion_signature"}
    came = await other.bring(path, one.key)
    assert (came.consult_id, came.slides, came.origin) == (consult_id, 1, one.settings.log_name)
    other.clock.advance(days=1)
    await other.export(consult_id, tmp_path / "second.zip")
    first, second = content(path), content(tmp_path / "second.zip")
    assert sorted(first) == sorted(second)
    assert {name for name, data in first.items() if second[name] != data} == set()
    assert {DOCUMENT, REPORT} < set(first)


async def test_its_pages_show_the_same_to_who_asked_and_the_slide_opens(both: Both, tmp_path: Path) -> None:
    one, other = both
    consult_id, path = await answered(one, tmp_path), tmp_path / "first.zip"
    await one.export(consult_id, path)
    await other.bring(path, one.key)
    shown = []
    for number, made in enumerate(both):
        folder = tmp_path / f"house-{number}"
        folder.mkdir()
        services = house(made.db, folder)
        services.storage, services.actor = made.storage, made.again("zoe")
        async with visited(services, [*consult_pages.routes, *case_pages.routes, *region_pages.routes]) as browser:
            page = await browser.get(f"/consults/{consult_id}")
            assert page.status_code == 200, page.text
            shown.append(html.unescape(page.text))
            pictures = [part.split('"')[0] for part in page.text.split('src="') if part.startswith("/regions/")]
            assert [(await browser.get(picture)).status_code for picture in pictures] == [200]
    for words in (CONCLUSION, "Ki67 à 20 %.", LINE, "Centre", "Karim Haddad", "CHU de Lille", "C82.0", "Confirmé."):
        assert all(words in page for page in shown), words
    assert ["Reprise d’une archive" in page for page in shown] == [False, True]
    slide_id = json.loads(members(path)[DOCUMENT])["rows"]["slide"][0]["id"]
    async with other.db.read() as reader:
        slide = await catalogue.get(reader, slide_id)
        before = await _slide(one, slide_id)
    assert (slide.pyramid, slide.mpp, slide.objective, slide.source) == before
    tile = await made_tile(
        other.decoders, catalogue.files_key(slide.folder), slide.pyramid.levels[0], 0, 0, entry=slide.entry
    )
    assert tile.startswith(b"\xff\xd8")


async def _slide(made: Instance, slide_id: str) -> tuple[Any, ...]:
    async with made.db.read() as reader:
        slide = await catalogue.get(reader, slide_id)
    return slide.pyramid, slide.mpp, slide.objective, slide.source


@pytest.mark.parametrize("name", ["crafted/mirax/HE-mirax.mrxs", "dicom-wsi/cmu-1-small-region"])
async def test_a_slide_of_many_files_comes_back(
    small: Instance, tmp_path: Path, sqlite_template: Path, real_slide: Callable[[str], Path], name: str
) -> None:
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'many.db')}"
    async with instance(url, tmp_path / "many") as one:
        consult_id = await answered(one, tmp_path, real_slide(name))
        await one.export(consult_id, tmp_path / "many.zip")
        await small.bring(tmp_path / "many.zip", one.key)
        assert {file for file in one.files if "/files/" in file} == {file for file in small.files if "/files/" in file}
        await small.export(consult_id, tmp_path / "again.zip")
        assert content(tmp_path / "again.zip") == content(tmp_path / "many.zip")


async def test_a_file_that_is_of_no_slide_does_not_come_along(small: Instance, sent: Sent, tmp_path: Path) -> None:
    one, _, path = sent
    found, files = members(path), small.files
    slide = next(name for name in found if "/files/" in name)
    more = f"{slide.rpartition('/')[0]}/more.html"
    digests = {
        name.rpartition("/")[2]: hashlib.sha256(data).hexdigest() for name, data in found.items() if name == slide
    }
    digests |= {"more.html": hashlib.sha256(b"<script>").hexdigest()}
    change = _set("slide", digest=ingest.digest_of(digests))
    with refused("error-slide-file-name"):
        await small.bring(changed(tmp_path / "bad.zip", found | {more: b"<script>"}, change, one), one.key)
    assert small.files == files


async def test_nobody_gets_a_right_and_nothing_begins(other: Instance, sent: Sent, tmp_path: Path) -> None:
    one, consult_id, path = sent
    before = {name: await count(other, table) for name, table in metadata.tables.items()}
    await other.bring(path, one.key)
    after = {name: await count(other, table) for name, table in metadata.tables.items()}
    for name in ("grants", "membership", "session", "timer", "notice", "outbox", "invitation", "expertise"):
        assert after[name] == before[name], name
    async with other.db.read() as reader:
        people = {row["family_name"]: row for row in await reader.all(select(person))}
        places = {row["name"]: row for row in await reader.all(select(institution))}
        members_of = {row["person_id"] for row in await reader.all(select(membership))}
        names = await reader.scalar(select(consult_import.c.names))
    assert people["Haddad"]["id"] not in members_of
    assert people["Haddad"]["first_seen_at"] is None
    assert places["CHU de Lille"]["disabled_at"] is not None
    assert places["CH de Cayenne"]["disabled_at"] is None
    # Zoé and her hospital were here, under identifiers of their own.
    assert names["person"] == {one.actors["zoe"].person_id: other.actors["zoe"].person_id}
    assert names["institution"] == {one.places["cayenne"]: other.places["cayenne"]}
    (record,) = [found for found in await records(other.db) if found["kind"] == "consult.imported"]
    assert record["detail"]["origin"] == one.settings.log_name
    assert record["detail"]["digest"] == hashlib.sha256(members(path)["manifest.json"]).hexdigest()
    assert (record["object_id"], record["owner"]) == (consult_id, other.places["cayenne"])


async def test_an_expert_of_that_name_here_sees_nothing_by_it(other: Instance, sent: Sent, tmp_path: Path) -> None:
    one, consult_id, path = sent
    karim = await other.expert("karim", "lille", "Karim", "Haddad")
    await other.bring(path, one.key)
    async with other.db.read() as reader:
        ref = ObjectRef("consult", consult_id, other.places["cayenne"])
        assert not await grants.decide(reader, karim, Action.CONSULT_VIEW, ref)
        assert await grants.decide(reader, other.actors["zoe"], Action.CONSULT_VIEW, ref)
    await other.export(consult_id, tmp_path / "second.zip")
    assert content(tmp_path / "second.zip") == content(path)


async def test_its_opinions_are_held_against_the_record_of_the_import(other: Instance, sent: Sent) -> None:
    one, consult_id, path = sent
    await other.expert("karim", "lille", "Karim", "Haddad")
    await other.bring(path, one.key)
    await audit_log.seal_all(other.db, other.settings.log_name)
    async with other.db.read() as reader:
        (found,) = await audit_opinions.of(reader, other.db.keys, [consult_id], other.actors["zoe"])
    assert [(version.author, version.verdict) for version in found.versions] == [("Dr Karim Haddad", "same")] * 2
    assert {entry.record.kind for entry in found.entries} == {"consult.imported"}
    owner = ruling(other.db)
    async with owner.write(other.actors["zoe"], unaudited="past the service") as tx:
        words = {"conclusion": "Bénin.", "description": "", "remarks": "", "codings": []}
        await tx.execute(update(opinion).where(opinion.c.number == 2).values(content=words))
    await owner.close()
    async with other.db.read() as reader:
        (found,) = await audit_opinions.of(reader, other.db.keys, [consult_id], other.actors["zoe"])
    assert [version.verdict for version in found.versions] == ["same", "altered"]


def test_the_audit_in_it_is_accepted_by_an_outsider(sent: Sent, tmp_path: Path) -> None:
    one, consult_id, path = sent
    for name, data in members(path).items():
        if name.startswith("audit/"):
            (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "out" / name).write_bytes(data)
    said = verify_audit.verify(tmp_path / "out" / "audit", str(one.key))
    assert said.startswith("Intact: ")
    lines = [json.loads(line) for line in (tmp_path / "out/audit/records.ndjson").read_text().splitlines()]
    kinds = {line["kind"] for line in lines if line["object_id"] == consult_id}
    assert {"consult.requested", "opinion.signed", "opinion.amended", "consult.exported"} <= kinds


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(TelepathError) as told:
        yield
    assert told.value.code == code


def changed(path: Path, found: dict[str, bytes], change: Callable[[Any], object], made: Instance) -> Path:
    """An archive in which the document was changed by who holds the key."""
    document = json.loads(found[DOCUMENT])
    change(document)
    return packed(path, signed_anew(made, found | {DOCUMENT: json.dumps(document).encode()}))


def _set(table: str, **values: Any) -> Callable[[Any], None]:
    return lambda document: document["rows"][table][0].update(values)


WRONG: dict[str, tuple[str, Callable[[Any], object]]] = {
    "another version": ("error-archive-version", lambda document: document.update(version=2)),
    "an unknown field": ("error-archive-consult", _set("case", patient="x")),
    "an unknown table": ("error-archive-consult", lambda document: document["rows"].update(grants=[])),
    "a missing table": ("error-archive-consult", lambda document: document["rows"].pop("incident")),
    "a missing field": ("error-archive-consult", lambda document: document["rows"]["case"][0].pop("title")),
    "a second case": (
        "error-archive-consult",
        lambda document: document["rows"]["case"].append(document["rows"]["case"][0]),
    ),
    "an unknown status": ("error-archive-consult", _set("consult", status="lost")),
    "a consult that goes on": ("error-archive-open", _set("consult", status="active")),
    "an offer that is open": ("error-archive-open", _set("offer", status="proposed")),
    "a title too long": ("error-archive-consult", _set("case", title="x" * 201)),
    "a NUL": ("error-archive-consult", _set("thread_line", text="a\0b")),
    "an instant before time": ("error-archive-consult", _set("incident", noted_at="0001-01-01T00:00:00+14:00")),
    "an instant without zone": ("error-archive-consult", _set("incident", noted_at="2026-03-11T12:00:00")),
    "a mark outside its slide": ("error-archive-consult", _set("annotation", geometry={"x": 9e9, "y": 0.0})),
    "a line by nobody": ("error-archive-consult", _set("thread_line", author_id="0" * 26)),
    "a line of another case": ("error-archive-consult", _set("thread_line", case_id="0" * 26)),
    "a picture elsewhere": ("error-archive-consult", _set("key_region", image="../../etc/passwd")),
    "an identifier that is none": ("error-archive-consult", _set("slide", id="../x")),
    "other words in an opinion": (
        "error-archive-opinion",
        lambda document: document["rows"]["opinion"][0]["content"].update(conclusion="Bénin."),
    ),
    "another author": (
        "error-archive-opinion",
        lambda document: document["rows"]["opinion"][0].update(author_id=document["rows"]["case"][0]["created_by"]),
    ),
    "a slide whose digest is another": ("error-archive-members", _set("slide", digest="0" * 64)),
    "an entry that is no file": ("error-slide-unsupported", _set("slide", entry="other.svs")),
    "another size of the slide": ("error-slide-unreadable", _set("slide", width=1601)),
    "an institution that is not here": (
        "error-archive-institution",
        lambda document: [place.update(finess=f"9Z{n:07d}") for n, place in enumerate(document["institutions"])],
    ),
    "a number of no professional": (
        "error-archive-consult",
        lambda document: document["people"][0].update(subject_name_id="admin"),
    ),
}


async def test_whatever_does_not_fit_is_refused_and_nothing_is_left_of_it(
    small: Instance, sent: Sent, tmp_path: Path
) -> None:
    one, _, path = sent
    found, bad = members(path), tmp_path / "bad.zip"
    people, files = await count(small, person), small.files
    for name, (code, change) in WRONG.items():
        with refused(code):
            await small.bring(changed(bad, found, change, one), one.key)
        left = [await count(small, consult), await count(small, case), await count(small, person) - people]
        assert (left, small.files) == ([0, 0, 0], files), name
    await small.bring(path, one.key)


async def test_members_that_do_not_fit_are_refused_though_they_are_signed(
    small: Instance, sent: Sent, tmp_path: Path
) -> None:
    one, _, path = sent
    found, bad = members(path), tmp_path / "bad.zip"
    files = small.files
    slide = next(name for name in found if "/files/" in name)
    region = next(name for name in found if "/regions/" in name)
    page = next(name for name in found if name.startswith("attachments/"))
    none: dict[str, bytes] = {}
    tries = [
        ("error-archive-members", {DOCUMENT}, none),
        ("error-archive-members", {slide}, none),
        ("error-archive-members", {region}, none),
        ("error-archive-members", {page}, none),
        ("error-archive-members", set(), {"more.txt": b""}),
        ("error-archive-members", set(), {region: picture("JPEG")}),
        ("error-archive-pictures", set(), {page: picture("WEBP")}),
        ("error-attachment-unreadable", set(), {page: b"<script>alert(1)</script>"}),
        ("error-archive-audit", {"audit/proofs.ndjson"}, none),
        ("error-archive-audit", {name for name in found if name.startswith("audit/")}, none),
        ("error-archive-consult", set(), {DOCUMENT: b"\xff"}),
        ("error-archive-consult", set(), {DOCUMENT: b"["}),
    ]
    for code, less, more in tries:
        kept = {name: data for name, data in found.items() if name not in less}
        with refused(code):
            await small.bring(packed(bad, signed_anew(one, kept | more)), one.key)
        assert (await count(small, consult), small.files) == (0, files), (code, less, more)


def picture(kind: str) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(target, kind)
    return target.getvalue()


async def test_a_slide_that_the_sandbox_refuses_or_whose_label_names_another_case_is_refused(
    small: Instance, sent: Sent, tmp_path: Path
) -> None:
    one, _, path = sent
    found, bad, files = members(path), tmp_path / "bad.zip", small.files
    slide = next(name for name in found if "/files/" in name)
    other_case = write_svs(tmp_path / "labelled.svs", width=1600, height=1200, steps=(1, 4))
    add_label(other_case, barcode("26-00999"))
    for code, data in (
        ("error-slide-unsupported", b"no slide at all" * 100),
        ("error-archive-label", other_case.read_bytes()),
    ):
        digest = hashlib.sha256(data).hexdigest()
        with refused(code):
            await small.bring(changed(bad, found | {slide: data}, _set("slide", digest=digest), one), one.key)
        assert (await count(small, consult), small.files) == (0, files)


async def test_the_signer_must_be_one_that_is_known(small: Instance, sent: Sent, tmp_path: Path) -> None:
    _, _, path = sent
    with refused("error-archive-key"):
        await small.bring(path)


async def test_it_comes_in_once_and_not_where_its_case_or_number_is(
    other: Instance, sent: Sent, tmp_path: Path
) -> None:
    one, consult_id, path = sent
    again = await other.case(other.actors["zoe"])
    with refused("error-archive-number"):
        await other.bring(path, one.key)
    async with other.db.write(other.actors["zoe"], unaudited="a test's world") as tx:
        await tx.execute(update(case).where(case.c.id == again).values(number="26-00418"))
    await other.bring(path, one.key)
    files = other.files
    with refused("error-archive-here"):
        await other.bring(path, one.key)
    assert other.files == files
    async with other.db.read() as reader:
        assert await reader.scalar(select(consult.c.id)) == consult_id


async def test_what_was_erased_does_not_come_back(other: Instance, sent: Sent, tmp_path: Path) -> None:
    one, consult_id, path = sent
    await other.bring(path, one.key)
    case_id = json.loads(members(path)[DOCUMENT])["rows"]["case"][0]["id"]
    owner = ruling(other.db)

    async def listed(_: object) -> None:
        """No list outside."""

    await erase_case(owner, other.storage, other.actors["zoe"], case_id, Reason.MISTAKE, "Lettre 12", listed)
    await owner.close()
    assert {name for name in other.files if consult_id in name or case_id in name} == set()
    assert other.files == set()
    with refused("error-archive-here"):
        await other.bring(path, one.key)
    with refused("error-archive-consult-unknown"):
        await other.export(consult_id, tmp_path / "second.zip")


async def test_what_the_list_of_erasures_names_does_not_come_into_a_new_database(small: Instance, sent: Sent) -> None:
    one, _, path = sent
    case_id = json.loads(members(path)[DOCUMENT])["rows"]["case"][0]["id"]
    erased = Erasure(Subject("case", case_id), Reason.COURT, small.clock.now)
    erasures.add(small.settings.erasures, keys.audit_key(small.settings), small.settings.log_name, erased)
    with refused("error-archive-case-here"):
        await small.bring(path, one.key)


async def test_whom_the_list_of_erasures_names_comes_without_a_name(small: Instance, sent: Sent) -> None:
    one, _, path = sent
    (karim,) = [each for each in json.loads(members(path)[DOCUMENT])["people"] if each["family_name"] == "Haddad"]
    erased = Erasure(Subject("person", karim["id"]), Reason.RIGHT, small.clock.now)
    erasures.add(small.settings.erasures, keys.audit_key(small.settings), small.settings.log_name, erased)
    await small.bring(path, one.key)
    async with small.db.read() as reader:
        row = await reader.one(select(person).where(person.c.id == karim["id"]))
    assert (row["given_name"], row["family_name"]) == ("", NAMELESS)
    assert karim["subject_name_id"] not in row["subject_name_id"]


async def test_it_does_not_come_where_nobody_could_see_it(small: Instance, sent: Sent) -> None:
    one, _, path = sent
    async with small.db.write(small.actors["zoe"], unaudited="a test's world") as tx:
        await tx.execute(update(institution).values(disabled_at=tx.now))
    with refused("error-archive-institution"):
        await small.bring(path, one.key)


async def test_what_is_not_over_or_not_there_or_not_whole_does_not_leave(small: Instance, tmp_path: Path) -> None:
    one = small
    target = tmp_path / "out" / "first.zip"
    target.parent.mkdir()
    with refused("error-archive-consult-unknown"):
        await one.export("0" * 26, target)
    case_id = await one.case(one.actors["zoe"], "26-00500")
    await one.slide(one.actors["zoe"], case_id)
    expert = await one.expert("anne", "rennes", "Anne", "Le Goff")
    question = Question("Lymphome ?", "", "lymphoid", Urgency.STANDARD)
    open_one = await request.request(one.db, one.actors["zoe"], case_id, question, expert.person_id)
    with refused("error-archive-open"):
        await one.export(open_one, target)
    consult_id = await answered(one, tmp_path)
    with refused("error-archive-write"):
        await one.export(consult_id, tmp_path / "nowhere" / "first.zip")
    target.write_bytes(b"somebody's")
    with refused("error-archive-target"):
        await one.export(consult_id, target)
    target.unlink()
    (file,) = [name for name in one.files if name.endswith("slide.svs")]
    (one.storage.root / file).write_bytes(b"II*\0 damaged")
    with refused("error-archive-slide-files"):
        await one.export(consult_id, target)
    assert list(target.parent.iterdir()) == []
    recorded = [found["kind"] for found in await records(one.db)]
    assert recorded.count("consult.exported") == 2  # before it was known that nothing could be written


async def test_an_import_that_was_killed_leaves_files_that_go_after_a_day(
    other: Instance, sent: Sent, tmp_path: Path
) -> None:
    one, _, path = sent
    document = json.loads(members(path)[DOCUMENT])
    slide_id = document["rows"]["slide"][0]["id"]
    async with other.db.write(other.actors["zoe"], unaudited="a test's world") as tx:
        by = tx.new_id()

    async def bytes_of_it() -> AsyncIterator[bytes]:
        yield b"II*\0"

    # The slide is old, and the import that was killed young.
    await leftovers.mark(other.storage, slide_id, by)
    await other.storage.put_stream(f"{slide_id}/files/slide.svs", bytes_of_it())
    other.clock.advance(hours=23)
    with refused("error-archive-under-way"):
        await other.bring(path, one.key)
    assert f"{slide_id}/files/slide.svs" in other.files
    other.clock.advance(hours=2)
    assert await leftovers.remove(other.db, other.storage) == 1
    assert other.files == set()
    await other.bring(path, one.key)
    assert await other.storage.names(leftovers.MARKS) == []
