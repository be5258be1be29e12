"""``telepath erase`` as an operator meets it: it asks, says what went, and refuses in a sentence."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from telepath.access import ObjectRef
from telepath.db.schema.directory import institution
from telepath.storage_local import LocalStorage
from tests.backups import once
from tests.builders import World
from tests.command_line import Said, tp
from web import keys, verify_audit
from web.settings import Settings

BECAUSE = ("--because", "court-order", "--motive", "Ordonnance 2026-14")


class Ward:
    """A service in a folder, with one case and two people."""

    finess = case_id = slide_id = zoe = ""

    def __init__(self, data: Path) -> None:
        self.data = data

    def erase(self, *arguments: str, language: str = "en") -> Said:
        return tp(self.data, "erase", *arguments, language=language)

    def erase_case(self, *arguments: str, number: str = "26-00417", language: str = "en") -> Said:
        return self.erase("--institution", self.finess, "--case", number, *BECAUSE, *arguments, language=language)

    @property
    def title(self) -> str:
        with closing(sqlite3.connect(self.data / "telepath.db")) as db:
            return str(db.execute('SELECT title FROM "case"').fetchone()[0])


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    made = Ward(tmp_path / "var")
    assert tp(made.data, "migrate").code == 0

    async def fill() -> None:
        db = keys.database(Settings(data=made.data))
        world = World(db)
        zoe = await world.person("zoe", "cayenne", "Zoé", "Marchand")
        made.zoe, made.case_id = zoe.person_id, await world.case(zoe)
        made.slide_id = await world.slide(zoe, made.case_id)
        async with db.write(zoe) as tx:
            thing = ObjectRef("case", made.case_id, zoe.institution_id, case_id=made.case_id)
            await tx.audit("case.changed", thing, private={"title": "Ganglion cervical"})
        async with db.read() as reader:
            made.finess = str(await reader.scalar(select(institution.c.finess)))
        await db.close()
        storage = LocalStorage(made.data / "slides")
        await storage.put_stream(f"{made.slide_id}/files/slide.svs", once(b"II*\0"))
        await storage.close()

    asyncio.run(fill())
    return made


def test_a_case_is_erased_and_it_says_what_went(ward: Ward) -> None:
    said = ward.erase_case("--yes")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(f"Case {ward.case_id} is erased: one slide, no signed opinion.")
    assert "26-00417" not in said.out
    assert ward.title == ""
    assert list((ward.data / "slides").rglob("*.svs")) == []
    assert [path.name for path in (ward.data / "erasures").iterdir()] == [f"case-{ward.case_id}.note"]
    verified = tp(ward.data, "audit", "verify")
    assert verified.code == 0, verified.out
    again = tp(ward.data, "erase-again", language="fr")
    assert (again.code, again.out, again.err) == (0, "Il n’y avait personne à effacer de nouveau.\n", "")


def test_the_record_says_why_in_a_code_and_the_motive_under_a_key(ward: Ward) -> None:
    ward.erase_case("--yes")
    with closing(sqlite3.connect(ward.data / "telepath.db")) as db:
        query = "SELECT record FROM audit_pending WHERE json_extract(record, '$.kind') = 'subject.erased'"
        record = json.loads(db.execute(query).fetchone()[0])
    assert record["detail"]["reason"] == "court-order"
    assert (record["object_kind"], record["object_id"], record["actor"]) == ("case", ward.case_id, "system")
    assert "Ordonnance" not in json.dumps(record)


def test_an_export_of_after_the_erasure_verifies_and_holds_nothing_of_it(ward: Ward, tmp_path: Path) -> None:
    assert tp(ward.data, "audit", "verify").code == 0
    ward.erase_case("--yes")
    said = tp(ward.data, "audit", "export", tmp_path / "export", "--open")
    assert said.code == 0, said.out + said.err
    key = str(keys.public_key(Settings(data=ward.data)))
    assert verify_audit.verify(tmp_path / "export", key).startswith("Intact")
    given = b"".join(path.read_bytes() for path in (tmp_path / "export").rglob("*") if path.is_file())
    assert b"subject.erased" in given
    for gone in (b"26-00417", b"Ganglion", "Adénopathie".encode()):
        assert gone not in given


def test_without_a_terminal_it_must_be_confirmed_by_an_option(ward: Ward) -> None:
    assert "confirm in a terminal" in ward.erase_case().sentence(ward.data)
    assert ward.title == "Ganglion cervical"


def test_in_a_terminal_the_number_is_typed_again(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(typed: str) -> None:
        def asks(prompt: str) -> str:
            asked.append(prompt)
            return typed

        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", asks)

    answer("yes")
    assert "Rien n’a été effacé" in ward.erase_case(language="fr").err
    assert ward.title == "Ganglion cervical"
    answer("26-00417")
    assert ward.erase_case(language="fr").code == 0
    assert ward.title == ""
    assert "une lame" in asked[0]
    assert "aucun avis signé" in asked[0]


def test_a_case_that_is_not_there_or_no_longer_is_named(ward: Ward) -> None:
    assert "99-1" in ward.erase_case("--yes", number="99-1").sentence(ward.data)
    ward.erase_case("--yes")
    assert "26-00417" in ward.erase_case("--yes").sentence(ward.data)


def test_a_person_who_signed_nothing_is_erased(ward: Ward) -> None:
    said = ward.erase("--person", ward.zoe, *BECAUSE, "--yes", language="fr")
    assert (said.code, said.err) == (0, "")
    assert ward.zoe in said.out
    again = ward.erase("--person", ward.zoe, *BECAUSE, "--yes")
    assert ward.zoe in again.sentence(ward.data)


def test_one_of_a_case_and_a_person_is_erased_for_a_reason_of_the_list(
    ward: Ward, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (
        ("--case", "1", "--person", "2", *BECAUSE),
        BECAUSE,
        ("--person", "2", "--because", "tidiness", "--motive", "x"),
        ("--person", "2", "--because", "court-order"),
    ):
        with pytest.raises(SystemExit) as ended:
            ward.erase(*arguments)
        assert ended.value.code == 2
    assert ward.title == "Ganglion cervical"
