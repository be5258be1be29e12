"""``telepath slides watch`` as an operator meets it: what is taken, what is put aside and why, and how it ends."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.builders_slides import write_svs
from tests.command_line import CASE, rows, tp
from tests.running import ROOT, TELEPATH

PLACE = CASE[:2]


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "drop"
    (folder / "CAY-26-0412").mkdir(parents=True)
    return folder


def test_what_scanners_dropped_is_taken_or_put_aside_with_the_reason(seeded: Path, drop: Path) -> None:
    before = rows(seeded)["slide"]
    write_svs(drop / "CAY-26-0412" / "Dupont Jean.svs")
    write_svs(drop / "Martin.svs", width=1024, height=768)
    said = tp(seeded, "slides", "watch", drop, *PLACE, "--once", "--quiet", "0.1", language="fr")
    assert said.code == 1  # something was put aside
    assert "Lame ajoutée au dossier CAY-26-0412." in said.out
    assert "son étiquette ne nomme aucun dossier" in said.out
    assert "Dupont" not in said.out + said.err
    assert "Martin" not in said.out + said.err
    assert rows(seeded)["slide"] == before + 1
    [text] = (drop / "refused").glob("*.txt")
    assert "ne nomme aucun dossier" in text.read_text()
    again = tp(seeded, "slides", "watch", drop, *PLACE, "--once", "--quiet", "0.1", language="fr")
    assert (again.code, again.out) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("absent", *PLACE), "This folder does not exist, or the service may not open it."),
        ((".", "--institution", "0C0000099"), "No institution has the FINESS number 0C0000099."),
        ((".", *PLACE, "--as", "899700000000"), "Nobody has the national number 899700000000."),
    ],
)
def test_what_cannot_be_watched_is_said(
    seeded: Path, drop: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], sentence: str
) -> None:
    monkeypatch.chdir(drop)
    assert tp(seeded, "slides", "watch", *arguments, "--once").sentence().startswith(sentence)


def test_it_ends_when_it_is_told_to(seeded: Path, drop: Path) -> None:
    write_svs(drop / "CAY-26-0412" / "a.svs", width=1536, height=768)
    environment = os.environ | {"TELEPATH_DATA": str(seeded), "LC_ALL": "en_GB.UTF-8"}
    command = [*TELEPATH, "slides", "watch", str(drop), *PLACE, "--quiet", "0.1"]
    with subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        line = running.stdout.readline()
        running.send_signal(signal.SIGTERM)
        assert (running.wait(60), line) == (0, "Slide added to case CAY-26-0412.\n")
