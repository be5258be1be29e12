"""``telepath slides add`` as an operator meets it: what is taken, and the one sentence of what is not."""

import gc
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from telepath.slides import pictures
from telepath.storage_s3 import S3Storage
from tests import slides_s3
from tests.anchors import SeaweedFS
from tests.builders_slides import add_label, barcode, write_svs
from tests.command_line import CASE, pending, rows, stored, tp
from web.words import LANGUAGES, Words

WORDS = Words()


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
    ("jpeg", "error-slide-picture", "fr"),
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
    assert said.sentence(tmp_path, path) == WORDS(language)(code, format="JPEG")
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


def test_a_copy_without_the_patient_is_written_once_and_audited(seeded: Path, tmp_path: Path) -> None:
    drawn = np.ascontiguousarray(pictures.lettered(["MARTIN Zoe"], 320, 240))
    path = add_label(write_svs(tmp_path / "one.svs", width=512, height=512, steps=(1,)), drawn)
    path.write_bytes(path.read_bytes() + b"MARTIN Zoe, IPP 4711")
    assert tp(seeded, "slides", "add", path, *CASE, "--label", "A2 HES", "--block", "A2").code == 0
    with closing(sqlite3.connect(seeded / "telepath.db")) as db:
        (slide,) = db.execute("SELECT id FROM slide ORDER BY added_at DESC LIMIT 1").fetchone()
    target = tmp_path / "out.svs"
    said = tp(seeded, "slides", "export", slide, target)
    assert (said.code, said.err) == (0, "")
    assert "out.svs" in said.out
    assert target.stat().st_size == path.stat().st_size
    assert target.stat().st_mode & 0o777 == 0o600
    assert b"MARTIN" not in target.read_bytes()
    assert pending(seeded)[-1] == "slide.downloaded"
    again = tp(seeded, "slides", "export", slide, target)
    assert (again.code, again.err) == (1, f"telepath: {WORDS('en')('error-archive-target')}\n")
    assert tp(seeded, "slides", "export", "nothing", tmp_path / "none.svs").code == 1
    assert not (tmp_path / "none.svs").exists()


def test_what_is_done_in_a_bucket_leaves_nothing_open(
    seeded: Path, tmp_path: Path, s3: SeaweedFS, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that nobody closes is a warning, and so an error, when it is forgotten."""
    closed: list[S3Storage] = []
    close = S3Storage.close

    async def told(storage: S3Storage) -> None:
        closed.append(storage)
        await close(storage)

    monkeypatch.setattr(S3Storage, "close", told)
    storage = slides_s3.address(s3, bucket)
    path = add_label(write_svs(tmp_path / "one.svs", steps=(1, 4)), barcode("CAY-26-0398-B2"))
    assert tp(seeded, "slides", "add", write_svs(tmp_path / "two.svs"), *CASE, storage=storage).code == 0
    assert tp(seeded, "slides", "add", path, *CASE, storage=storage).code == 1
    held = tp(seeded, "slides", "held", storage=storage).out.split()[0]
    assert tp(seeded, "slides", "discard", held, storage=storage).code == 0
    with closing(sqlite3.connect(seeded / "telepath.db")) as db:
        [slide] = db.execute("SELECT id FROM slide ORDER BY added_at DESC LIMIT 1").fetchone()
    assert tp(seeded, "slides", "export", slide, tmp_path / "copy.svs", storage=storage).code == 0
    assert tp(seeded, "slides", "export", slide, tmp_path / "copy.svs", storage=storage).code == 1
    assert len(closed) == 5
    gc.collect()


def test_slides_are_read_again_one_or_all_and_nothing_is_new(seeded: Path) -> None:
    with closing(sqlite3.connect(seeded / "telepath.db")) as db:
        ids = [row[0] for row in db.execute("SELECT id FROM slide WHERE folder != '' ORDER BY id")]
    one = tp(seeded, "slides", "reread", ids[0])
    assert (one.code, one.out.count("nothing new")) == (0, 1)
    said = tp(seeded, "slides", "reread", "--all")
    assert (said.code, said.out.count("nothing new")) == (0, len(ids))
    assert tp(seeded, "slides", "reread", "nothing").code == 1
