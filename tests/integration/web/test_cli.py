"""The command line as an operator meets it: what it does, and the one sentence it says when it cannot."""

import asyncio
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from consults import request
from consults.deadlines import Urgency
from telepath import directory
from telepath.actor import Actor, Role
from telepath.anchors.pusher import Pusher
from telepath.cases import repository as cases
from telepath.db import audit_log
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from telepath.db.schema.cases import case as case_table
from telepath.db.transaction import Transaction
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.synthetic import write_slide
from telepath.storage_local import LocalStorage
from tests.builders import MASTER_KEY
from tests.builders_slides import add_label, barcode, write_svs
from tests.command_line import Said, tp
from web import demo, keys, outside
from web.checks import CHECKS
from web.settings import Settings, read
from web.words import LANGUAGES, Words

ROOT = Path(__file__).parents[3]
WORDS = Words()
CASE = ("--institution", demo.PLACES["cayenne"].finess, "--case", "CAY-26-0412")
PATIENCE = 60.0
DEMO = ("demo", "--seed-only", "--bare")
"""What the commands are tried on; the whole of it: test_demo.py."""


def rows(data: Path) -> dict[str, int]:
    """How many rows each table has."""
    with closing(sqlite3.connect(data / "telepath.db")) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608


def stored(data: Path) -> set[str]:
    return {path.relative_to(data).as_posix() for path in (data / "slides").rglob("*")}


def pending(data: Path) -> list[str]:
    """The kinds of the audit records that are not sealed yet, in order."""
    query = "SELECT json_extract(record, '$.kind') FROM audit_pending ORDER BY position"
    with closing(sqlite3.connect(data / "telepath.db")) as db:
        return [kind for (kind,) in db.execute(query)]


@pytest.fixture(scope="module")
def slides(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four small slides: the first case of the demonstration gets two of them."""
    folder = tmp_path_factory.mktemp("given")
    made = [write_svs(folder / f"slide {letter}.svs", width=1024, height=768) for letter in "ABC"]
    asyncio.run(write_slide(folder / "slide D.tiff", width=1024, height=1024, seed=5))
    return [*made, folder / "slide D.tiff"]


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory, slides: list[Path]) -> Path:
    data = tmp_path_factory.mktemp("demo") / "var"
    said = tp(data, *DEMO, "--slides", *slides, language="fr")
    assert (said.code, said.err) == (0, ""), said.err
    assert "telepath prépare sa démonstration" in said.out
    assert "telepath est prêt" not in said.out
    return data


@pytest.fixture
def seeded(first_start: Path, tmp_path: Path) -> Path:
    """A copy of the demonstration's data."""
    return Path(shutil.copytree(first_start, tmp_path / "var"))


# The demonstration


def test_the_demonstration_has_its_institutions_people_cases_slides_and_consults(first_start: Path) -> None:
    found = rows(first_start)
    wanted = {
        "institution": 4,
        "person": 8,
        "cases": 3,
        "specimen": 3,
        "slide": 4,
        "consult": 2,
        "opinion": 1,
        "care_group": 1,
    }
    assert {name: found.get(name, found.get(name.rstrip("s"), 0)) for name in wanted} == wanted


@pytest.mark.parametrize("urgency", [Urgency.STANDARD, Urgency.SYSTEMATIC])
@pytest.mark.parametrize("hour", [2, 6, 10, 14, 20])
async def test_the_expert_whom_the_demonstration_names_is_the_first_who_is_proposed_at_any_hour(
    first_start: Path, urgency: Urgency, hour: int
) -> None:
    claire = demo.PEOPLE["claire"]
    name = f"{claire.title} {claire.given_name} {claire.family_name}"
    db = Database(
        Settings(data=first_start).database_url, MASTER_KEY, clock=lambda: datetime(2026, 11, 25, hour, 30, tzinfo=UTC)
    )
    async with db.read() as reader:
        row = await reader.one(select(case_table.c.id).where(case_table.c.number == "CAY-26-0412"))
        case = await cases.get(reader, row["id"])
        person = await directory.person_by_subject(reader, demo.PEOPLE["ines"].subject_name_id)
        assert person is not None
        ines = Actor(
            person_id=person.id,
            name=person.name,
            institution_id=case.institution_id,
            roles=frozenset({Role.REQUESTER}),
        )
        ranking = await request.proposals(reader, ines, case, case.organ, urgency)
    await db.close()
    assert [name in WORDS(language)("demo-ready", address="") for language in LANGUAGES] == [True, True]
    assert ranking.proposals[0].expert.name == name


def test_a_second_start_finds_its_data_again_and_writes_nothing(seeded: Path, slides: list[Path]) -> None:
    before, files, records = rows(seeded), stored(seeded), pending(seeded)
    for given in (["--slides", *map(str, slides)], []):
        said = tp(seeded, *DEMO, *given)
        assert (said.code, said.err) == (0, "")
    assert (rows(seeded), stored(seeded), pending(seeded)) == (before, files, records)


def test_slides_that_are_given_later_join_those_that_are_there(seeded: Path, tmp_path: Path) -> None:
    later = write_svs(tmp_path / "later.svs", width=512, height=512)
    assert tp(seeded, *DEMO, "--slides", later).code == 0
    assert rows(seeded)["slide"] == 5


class Interrupted(Exception):
    """The power went off."""


class Mortal(Database):
    """Commits one transaction, and the power goes off before the next."""

    left = 1

    @asynccontextmanager
    async def write(self, actor: Actor, *, unaudited: str = "") -> AsyncIterator[Transaction]:
        if not self.left:
            raise Interrupted
        async with super().write(actor, unaudited=unaudited) as tx:
            yield tx
        self.left -= 1


@pytest.mark.timeout(400)
async def test_a_seeding_that_is_cut_short_after_any_of_its_steps_is_taken_up_where_it_was(
    first_start: Path, tmp_path: Path, slides: list[Path]
) -> None:
    data = tmp_path / "var"
    data.mkdir()
    url = Settings(data=data).database_url
    await upgrade(url)
    storage = LocalStorage(data / "slides")
    cuts = 0
    async with DecoderPool(storage, 1) as decoders:
        while True:
            db = Mortal(url, MASTER_KEY)
            try:
                await demo.seed(db, storage, decoders, data, lambda _name, _share: None, slides, bare=True)
                break
            except Interrupted:
                cuts += 1
            finally:
                await db.close()
    assert cuts > 10
    assert rows(data) == rows(first_start)
    assert pending(data) == pending(first_start)
    assert len(stored(data)) == len(stored(first_start))


def test_a_seeding_that_is_killed_is_taken_up_where_it_was(
    first_start: Path, tmp_path: Path, slides: list[Path]
) -> None:
    data = tmp_path / "var"
    tp(data, "migrate")
    command = [sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())", *DEMO]
    running = subprocess.Popen(
        [*command, "--slides", *map(str, slides)],
        cwd=ROOT,
        env=os.environ | {"TELEPATH_DATA": str(data)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + PATIENCE
    while rows(data)["slide"] == 0 and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)  # it is another process: there is nothing else to wait on
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert 1 <= rows(data)["slide"] < 4
    assert tp(data, *DEMO, "--slides", *slides).code == 0
    assert rows(data) == rows(first_start)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_demonstration_does_not_start_in_production(tmp_path: Path, language: str) -> None:
    said = tp(tmp_path, "demo", language=language, **real())
    assert said.sentence(tmp_path) == WORDS(language)("error-demo-in-production")


def test_a_given_file_that_is_no_slide_is_named_as_the_reason_and_the_next_start_goes_on(
    tmp_path: Path, slides: list[Path]
) -> None:
    data, bad = tmp_path / "var", tmp_path / "page.svs"
    bad.write_text("<!doctype html><title>Not found</title>")
    said = tp(data, *DEMO, "--slides", slides[0], bad, slides[2])
    assert said.code == 1
    assert said.err == f"telepath: {WORDS('en')('error-slide-unsupported')}\n"
    assert tp(data, *DEMO, "--slides", *slides[:3]).code == 0
    assert rows(data)["slide"] == 3


# Adding slides


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_good_slide_is_added_to_its_case_and_audited(seeded: Path, tmp_path: Path, language: str) -> None:
    before = rows(seeded)
    path = write_svs(tmp_path / "Dupont Jean 1958.svs")
    of_glass = ("--label", "A2 HES", "--block", "A2", "--section", "N2")
    said = tp(seeded, "slides", "add", path, *CASE, *of_glass, language=language)
    words = WORDS(language)("command-slide-added", number="CAY-26-0412", width=2048, height=1536, format="aperio")
    unverified = WORDS(language)("command-slide-unverified")  # its label shows no barcode
    assert (said.code, said.out, said.err) == (0, f"{words}\n{unverified}\n", "")
    changed = {name: count - before[name] for name, count in rows(seeded).items() if count != before[name]}
    # The first command of all also gets the key under which its account is kept.
    assert changed == {"slide": 1, "audit_pending": 1, "subject_key": 1}
    assert pending(seeded)[-1] == "slide.added"
    assert not any("Dupont" in name for name in stored(seeded))
    with closing(sqlite3.connect(seeded / "telepath.db")) as db:
        assert "Dupont" not in "\n".join(db.iterdump())
        last = db.execute("SELECT block, stain, section FROM slide ORDER BY added_at DESC LIMIT 1").fetchone()
    assert last == ("A2", "HES", "N2")


@pytest.mark.parametrize(
    ("given", "label"),
    [(("--stain", "HES", "--block", "A1"), "A1 HES"), ((), "HES"), (("--label", "Marges", "--block", "B"), "Marges")],
)
def test_a_slide_that_is_given_no_label_has_that_of_its_block_and_stain(
    seeded: Path, slides: list[Path], given: tuple[str, ...], label: str
) -> None:
    assert tp(seeded, "slides", "add", slides[0], *CASE, *given).code == 0
    with closing(sqlite3.connect(seeded / "telepath.db")) as db:
        assert db.execute("SELECT label FROM slide ORDER BY added_at DESC LIMIT 1").fetchone() == (label,)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("option", "value", "code"),
    [
        ("--institution", "0D00000\udce917", "error-directory-finess"),
        ("--institution", "", "error-directory-finess"),
        ("--case", "CAY-26-\udce9", "error-text-control"),
        ("--label", "\udce9tiquette", "error-text-control"),
        ("--stain", "Coloration \udce0 faire", "error-text-control"),
        ("--block", "A1\x1b[2J", "error-text-control"),
        ("--label", "A" * 81, "error-text-too-long"),
        ("--stain", "A" * 41, "error-text-too-long"),
        ("--section", "N" * 21, "error-text-too-long"),
    ],
)
def test_what_cannot_be_read_or_kept_of_a_slide_is_a_sentence(
    seeded: Path, slides: list[Path], option: str, value: str, code: str, language: str
) -> None:
    before = rows(seeded)
    said = tp(seeded, "slides", "add", slides[0], *CASE, option, value, language=language)
    limit = {"--label": 80, "--section": 20}.get(option, 40)
    assert said.sentence(seeded) == WORDS(language)(code, field=option, limit=limit)
    assert rows(seeded) == before


def test_a_slide_whose_label_names_another_case_waits_for_the_command_line(seeded: Path, tmp_path: Path) -> None:
    words = WORDS("en")
    path = add_label(write_svs(tmp_path / "one.svs", steps=(1, 4)), barcode("CAY-26-0398-B2"))
    before = rows(seeded)["slide"]
    said = tp(seeded, "slides", "add", path, *CASE)
    told = {"kind": "case", "expected": "CAY-26-0412", "found": "CAY-26-0398"}
    assert said.sentence(seeded) == words("error-slide-held", **told)
    assert pending(seeded)[-1] == "slide.mismatched"
    listed = tp(seeded, "slides", "held").out
    assert words("held-problem", **told) in listed
    held = listed.split()[0]
    assert tp(seeded, "slides", "let-in", held, *CASE).code == 1
    place = (*CASE[:2], "--case", "CAY-26-0398")
    assert tp(seeded, "slides", "let-in", held, *place, "--block", "A1").code == 1
    let_in = tp(seeded, "slides", "let-in", held, *place, "--block", "B2")
    assert (let_in.code, let_in.out) == (0, words("command-slide-let-in", number="CAY-26-0398") + "\n")
    assert rows(seeded)["slide"] == before + 1
    assert tp(seeded, "slides", "held").out == words("held-none") + "\n"
    # And one that is given up.
    assert tp(seeded, "slides", "add", path, *CASE).code == 1
    held = tp(seeded, "slides", "held").out.split()[0]
    assert tp(seeded, "slides", "discard", "nothing").sentence() == words("error-slide-not-held")
    files = len(stored(seeded))
    assert tp(seeded, "slides", "discard", held).code == 0
    assert len(stored(seeded)) < files
    assert pending(seeded)[-1] == "slide.discarded"


def bad_files(folder: Path) -> dict[str, Path]:
    good = write_svs(folder / "good.svs")
    files = {name: folder / f"{name}.svs" for name in ("absent", "empty", "half", "tenth", "html", "text", "jpeg")}
    files["empty"].write_bytes(b"")
    files["half"].write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    files["tenth"].write_bytes(good.read_bytes()[: good.stat().st_size // 10])
    files["html"].write_text("<!doctype html><html><title>502 Bad Gateway</title></html>")
    files["text"].write_text("not a slide\n" * 1000)
    files["jpeg"].write_bytes(bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + b"\0" * 5000)
    files["nothing inside"] = folder / "nothing inside"
    files["nothing inside"].mkdir()
    files["pipe"] = folder / "pipe.svs"
    os.mkfifo(files["pipe"])
    files["link"] = folder / "link.svs"
    files["link"].symlink_to(folder / "nowhere.svs")
    return files


BAD = [
    ("absent", "error-slide-file-absent", "fr"),
    ("link", "error-slide-file-absent", "en"),
    ("empty", "error-slide-empty", "fr"),
    ("half", "error-slide-incomplete", "fr"),
    ("tenth", "error-slide-incomplete", "en"),
    ("html", "error-slide-unsupported", "fr"),
    ("text", "error-slide-unsupported", "en"),
    ("jpeg", "error-slide-unsupported", "fr"),
    ("nothing inside", "error-slide-unsupported", "en"),
    ("pipe", "error-slide-unsupported", "fr"),
]


@pytest.mark.parametrize(("what", "code", "language"), BAD)
def test_a_file_that_is_no_slide_is_refused_with_the_reason_and_nothing_of_it_stays(
    seeded: Path, tmp_path: Path, what: str, code: str, language: str
) -> None:
    before, files, records = rows(seeded), stored(seeded), pending(seeded)
    path = bad_files(tmp_path)[what]
    said = tp(seeded, "slides", "add", path, *CASE, language=language)
    assert said.sentence(tmp_path, path) == WORDS(language)(code)
    refused = [] if code == "error-slide-file-absent" else ["slide.refused"]
    assert pending(seeded) == records + refused
    assert stored(seeded) == files
    after = rows(seeded)
    recorded = {"audit_pending", "subject_key"} if refused else set()
    assert {name for name in after if after[name] != before[name]} == recorded


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("institution", "case"),
    [("0D0000017", "CAY-00-0000"), ("0X0000000", "CAY-26-0412"), ("0L0000033", "CAY-26-0412"), ("0D0000017", "")],
)
def test_an_unknown_case_or_institution_is_named_and_the_slide_is_not_even_opened(
    seeded: Path, slides: list[Path], institution: str, case: str, language: str
) -> None:
    before = rows(seeded), stored(seeded)
    said = tp(seeded, "slides", "add", slides[0], "--institution", institution, "--case", case, language=language)
    words = WORDS(language)("error-case-unknown", number=case, institution=institution)
    assert said.sentence(slides[0]) == words
    assert (rows(seeded), stored(seeded)) == before


# The audit


@pytest.fixture
def sealed(seeded: Path) -> Path:
    """The demonstration's log, sealed, signed and copied outside."""

    async def seal() -> None:
        settings = Settings(data=seeded)
        db = keys.database(settings)
        try:
            await audit_log.seal_all(db, settings.log_name)
            await audit_log.checkpoint(db, settings.log_name, keys.audit_key(settings))
            async with outside.anchors(settings) as anchors:
                pusher = Pusher(db, anchors, outside.log_of(settings))
                await pusher.enrol()
                assert all([await pusher.push(anchor) for anchor in anchors])
        finally:
            await db.close()

    asyncio.run(seal())
    return seeded


def test_a_log_that_nobody_touched_verifies(sealed: Path) -> None:
    records = rows(sealed)["audit_log"]
    said = tp(sealed, "audit", "verify")
    words = WORDS("en")("command-audit-unaltered", records=records, checkpoints=1, anchored=1)
    assert (said.code, said.out, said.err) == (0, words + "\n", "")
    assert pending(sealed) == ["audit.verified"]
    with closing(sqlite3.connect(sealed / "telepath.db")) as db:
        (compared,) = db.execute("SELECT json_extract(record, '$.detail.compared') FROM audit_pending").fetchone()
    (of_folder,) = json.loads(compared).values()
    assert list(of_folder.values()) == [records], "how far others would have noticed"


EDITS = {
    "a space": (
        "UPDATE audit_log SET body = replace(body, '\"seq\":3', '\"seq\":3 ') WHERE seq = 3",
        "record-altered",
        3,
    ),
    "who did it": ("UPDATE audit_log SET actor = 'somebody else' WHERE seq = 2", "copy-altered", 2),
    "a missing record": ("DELETE FROM audit_log WHERE seq = 1", "record-missing", 1),
    "the newest record gone": (
        "DELETE FROM audit_log WHERE seq = (SELECT max(seq) FROM audit_log)",
        "records-missing",
        None,
    ),
    "the tree": ("UPDATE audit_shard SET size = size - 1", "tree-altered", None),
}
"""What → the statement, the code of what is found, and of which record."""


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_in_the_database_is_found_told_and_recorded(sealed: Path, edit: str, language: str) -> None:
    statement, code, seq = EDITS[edit]
    with closing(sqlite3.connect(sealed / "telepath.db")) as db:
        for (trigger,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{trigger}"')
        assert db.execute(statement).rowcount == 1
        db.commit()
    said = tp(sealed, "audit", "verify", language=language)
    assert (said.code, said.err) == (1, "")
    sentence = WORDS(language)(f"audit-problem-{code}", seq=55, next=55, tree="TREE", signed=55, present=55, records=55)
    first = said.out.splitlines()[0]
    assert re.fullmatch(re.sub(r"TREE|55", ".+", re.escape(sentence)), first)
    assert seq is None or re.search(rf"\b{seq}\b", first)
    alarm = {"fr": "LE JOURNAL A ÉTÉ ALTÉRÉ", "en": "THE LOG WAS ALTERED"}[language]
    assert said.out.splitlines()[-1].startswith(alarm)
    assert pending(sealed) == ["audit.verified"]


def test_a_log_that_was_signed_by_another_key_does_not_verify(sealed: Path) -> None:
    other = Ed25519PrivateKey.generate().private_bytes_raw().hex()
    said = tp(sealed, "audit", "verify", audit_key=other)
    assert said.code == 1
    assert "another key" in said.out


def test_an_empty_place_has_nothing_to_verify(tmp_path: Path) -> None:
    said = tp(tmp_path / "var", "audit", "verify")
    assert (said.code, said.err) == (0, "")


# Settings, keys, checks


def real() -> dict[str, str]:
    return {
        "production": "true",
        "origin": "https://telepath.example.org",
        "oidc_issuer": "https://wallet.example.org/realm",
        "oidc_client_secret": "of the real provider",
        "secret_key": "1" * 64,
        "audit_key": "2" * 64,
        "vault_key": "3" * 64,
        "audit_anchors": "/srv/telepath-anchors mailto:audit@hopital.example",
        "mail": "smtp://mail.example.org",
    }


def test_keys_are_values_that_the_settings_accept_and_new_each_time(tmp_path: Path) -> None:
    first, second = (tp(tmp_path, "keys") for _ in range(2))
    assert (first.code, first.err) == (0, "")
    values = dict(line.split("=") for line in first.out.splitlines())
    assert set(values) == {"TELEPATH_SECRET_KEY", "TELEPATH_AUDIT_KEY", "TELEPATH_VAULT_KEY"}
    assert len({*values.values(), *(line.split("=")[1] for line in second.out.splitlines())}) == 6
    common = {f"TELEPATH_{name.upper()}": value for name, value in real().items()}
    assert read(common | values).production


def test_in_production_numbers_must_fit_their_check_digits(tmp_path: Path) -> None:
    place = ("institutions", "add", "--finess", "9A0000017", "--name", "CHU", "--city", "Lille", "--region", "32")
    who = ("people", "add", "--rpps", "99700421101", "--given-name", "Léa", "--family-name", "Arbousier")
    assert tp(tmp_path / "real", "migrate", **real()).code == 0
    for command, code in ((place, "error-directory-finess-key"), (who, "error-directory-rpps-key")):
        assert tp(tmp_path / "real", *command, **real()).sentence() == WORDS("en")(code)
    unusual = tp(tmp_path / "real", *place, "--unusual", **real())
    assert (unusual.code, "Beware" in unusual.out) == (0, True)


def test_the_database_is_made_by_migrate_and_a_second_run_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "deep" / "var"
    for _ in range(2):
        said = tp(data, "migrate")
        assert (said.code, said.out, said.err) == (0, WORDS("en")("command-migrated") + "\n", "")
    assert set(rows(data).values()) <= {0, 1}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_check_says_one_thing_of_each_part_and_fails_while_nothing_runs(seeded: Path, language: str) -> None:
    nowhere = f"http://localhost:{closed_port()}"
    said = tp(seeded, "check", language=language, origin=nowhere, oidc_issuer=nowhere)
    assert (said.code, said.err) == (1, "")
    for part in CHECKS:
        assert WORDS(language)(f"operations-check-{part}") in said.out
    assert "Traceback" not in said.out


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("setting", "value"),
    [("prot", "8000"), ("port", "eighty"), ("log_level", "loud"), ("database", "mysql://x/y"), ("bus", "pigeon:")],
)
def test_a_wrong_setting_is_refused_with_a_sentence_that_names_it(
    tmp_path: Path, setting: str, value: str, language: str
) -> None:
    sentence = tp(tmp_path, "serve", language=language, **{setting: value}).sentence(tmp_path)
    assert f"TELEPATH_{setting.upper()}" in sentence


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", ["migrate", "audit verify", "serve", "demo"])
def test_a_database_that_does_not_answer_is_named_and_what_to_do_said(
    tmp_path: Path, command: str, language: str
) -> None:
    away = f"postgresql+psycopg://nobody:s3cret@127.0.0.1:{closed_port()}/telepath"
    sentence = tp(tmp_path, *command.split(), language=language, database=away).sentence(tmp_path)
    t = WORDS(language)
    assert sentence == f"{t('error-unavailable', what='database')} {t('command-unavailable')}"
    assert {"fr": "base de données", "en": "database"}[language] in sentence
    assert "telepath check" in sentence


@pytest.mark.parametrize("command", ["migrate", "audit verify", "serve", "demo"])
def test_a_data_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path, command: str) -> None:
    (tmp_path / "var").write_text("a file where the folder should be")
    sentence = tp(tmp_path / "var", *command.split()).sentence(tmp_path)
    assert "TELEPATH_DATA" in sentence


# Starting the service


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"secret_key": ""}, "error-setting-key-missing"),
        ({"audit_key": ""}, "error-setting-key-missing"),
        ({"oidc_issuer": Settings().oidc_issuer}, "error-setting-insecure-issuer"),
        ({"oidc_client_secret": Settings().oidc_client_secret}, "error-setting-simulator"),
        ({"oidc_client_secret": ""}, "error-setting-secret-missing"),
        ({"origin": "http://telepath.example.org"}, "error-setting-insecure-origin"),
        ({"session_hours": "100"}, "error-session-limits"),
        ({}, "error-database-not-migrated"),
    ],
)
def test_a_real_service_does_not_start_on_what_is_only_for_a_trial(
    tmp_path: Path, changed: dict[str, str], code: str, language: str
) -> None:
    sentence = tp(tmp_path, "serve", language=language, **real() | changed).sentence(tmp_path)
    pattern = re.escape(WORDS(language)(code, name="NAME", hours=4, minutes=30)).replace("NAME", r"TELEPATH_\w+")
    assert re.fullmatch(pattern, sentence)


@pytest.fixture
def taken() -> Iterator[str]:
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield str(listener.getsockname()[1])


def test_a_port_that_is_taken_ends_the_service_with_the_reason_in_its_log(tmp_path: Path, taken: str) -> None:
    said = tp(tmp_path, "serve", port=taken)
    assert said.sentence(tmp_path) == WORDS("en")("error-command-not-started")
    assert "address already in use" in said.err


def test_a_port_that_is_taken_ends_the_demonstration_too(seeded: Path, taken: str) -> None:
    command = [sys.executable, "-c", "import sys; from web.cli import main; sys.exit(main())", "demo", "--bare"]
    settings = {"TELEPATH_DATA": str(seeded), "TELEPATH_PORT": taken, "TELEPATH_SIMULATOR_PORT": str(closed_port())}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert Said(done.returncode, done.stdout, done.stderr).sentence()
    assert "address already in use" in done.stderr


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
