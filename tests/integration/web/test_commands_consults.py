"""``telepath consults export`` and ``import`` as operators of two services meet them."""

import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from telepath.db.database import utc_now
from telepath.slides import leftovers
from telepath.storage_local import LocalStorage
from tests.archives import answered, instance
from tests.builders import VAULT_KEY
from tests.command_line import Said, tp
from tests.running import in_its_own_loop
from web import keys
from web.settings import Settings


class Sender(NamedTuple):
    data: Path
    consult_id: str
    finess: str

    def run(self, *arguments: str | Path, language: str = "en") -> Said:
        return tp(self.data, *arguments, language=language, vault_key=VAULT_KEY)


@pytest.fixture(scope="module")
def sender(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Sender:
    data = tmp_path_factory.mktemp("sender") / "var"
    data.mkdir()

    async def fill() -> Sender:
        async with instance(f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, data / 'telepath.db')}", data) as one:
            return Sender(data, await answered(one, data.parent), "9A0000001")

    return in_its_own_loop(fill())


def test_a_consult_goes_from_one_service_to_another(sender: Sender, tmp_path: Path) -> None:
    file, other = tmp_path / "avis.zip", tmp_path / "other"
    left = sender.run("consults", "export", sender.consult_id, "--to", file)
    assert (left.code, left.err) == (0, "")
    first, digest, key, secret = left.out.splitlines()
    assert first.startswith("The consult lies in the archive, with one slide: ")
    assert digest.startswith("Digest of the whole (SHA-256 of manifest.json): ")
    assert "not encrypted" in secret
    assert file.stat().st_mode & 0o077 == 0
    assert tp(other, "migrate").code == 0
    key = sender.run("audit", "key").out.strip()
    refused = tp(other, "consults", "import", file)
    assert "signed by nobody of those whose key you gave" in refused.sentence(file)
    absent = tp(other, "consults", "import", file, "--key", key, language="fr")
    assert (
        "L’établissement demandeur, CH de Cayenne (FINESS 9A0000001), n’est pas ici, ou est suspendu"
        in absent.sentence(file)
    )
    place = ("--finess", sender.finess, "--name", "CH de Cayenne", "--city", "Cayenne", "--region", "03")
    added = tp(other, "institutions", "add", *place, "--time-zone", "America/Cayenne")
    assert added.code == 0, added.err
    came = tp(other, "consults", "import", file, "--key", key)
    assert (came.code, came.err) == (0, "")
    assert came.out.startswith("The consult of case 26-00417 is here, with one slide; its archive was signed by ")
    assert f"/consults/{sender.consult_id}" in came.out
    again = tp(other, "consults", "import", file, "--key", key)
    assert again.sentence(file).startswith("This consult is here already")
    assert tp(other, "audit", "verify").code == 0


def test_what_cannot_be_exported_is_said(sender: Sender, tmp_path: Path) -> None:
    for unknown in ("0" * 26, "../../etc", ""):
        said = sender.run("consults", "export", unknown, "--to", tmp_path / "avis.zip", language="fr")
        assert said.sentence().startswith("Cette demande d’avis n’est pas ici.")
    (tmp_path / "there.zip").write_bytes(b"")
    said = sender.run("consults", "export", sender.consult_id, "--to", tmp_path / "there.zip")
    assert said.sentence(tmp_path).startswith("The file of the archive exists already.")


def test_what_cannot_be_imported_is_said(sender: Sender, tmp_path: Path) -> None:
    letter = tmp_path / "letter.pdf"
    letter.write_bytes(b"%PDF-1.7")
    assert sender.run("consults", "import", letter).sentence(letter).startswith("This file is no archive")
    assert sender.run("consults", "import", tmp_path / "absent.zip").code == 1
    said = sender.run("consults", "import", letter, "--key", "nonsense")
    assert said.sentence(letter).startswith("What was given with --key is no key.")


def test_an_import_that_is_killed_brings_all_or_nothing(sender: Sender, tmp_path: Path) -> None:
    file, data = tmp_path / "avis.zip", tmp_path / "other"
    assert sender.run("consults", "export", sender.consult_id, "--to", file).code == 0
    key = sender.run("audit", "key").out.strip()
    place = ("--finess", sender.finess, "--name", "CH de Cayenne", "--city", "Cayenne", "--region", "03")
    assert tp(data, "institutions", "add", *place, "--time-zone", "America/Cayenne").code == 0
    program = "import sys; from web.cli import main; sys.exit(main())"
    environment = {**os.environ, "TELEPATH_DATA": str(data), "LANG": "en_GB.UTF-8"}
    arguments = [sys.executable, "-c", program, "consults", "import", str(file), "--key", key]
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL) as running:
        until = time.monotonic() + 60
        while not list((data / "slides").rglob("slide.svs")) and time.monotonic() < until and running.poll() is None:
            time.sleep(0.01)  # it is another process: there is nothing else to wait on
        running.kill()
    assert list((data / "slides").rglob("slide.svs"))
    again = tp(data, "consults", "import", file, "--key", key)
    assert again.code == 1
    if again.err.splitlines()[-1].startswith("telepath: This consult is here already"):
        return  # it had ended before it was killed
    assert "being imported already" in again.sentence(file)

    async def a_day_later() -> int:
        settings = Settings(data=data)
        db, storage = keys.database(settings), LocalStorage(data / "slides")
        db.clock = lambda: utc_now() + timedelta(hours=25)
        removed = await leftovers.remove(db, storage)
        await storage.close()
        await db.close()
        return removed

    assert in_its_own_loop(a_day_later()) >= 1
    assert list((data / "slides").rglob("*.svs")) == []
    assert tp(data, "consults", "import", file, "--key", key).code == 0
