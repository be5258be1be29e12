"""An auditor at a real window: who saw a slide that was really looked at, is the log whole, and proof taken along."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.windows import CASE, Person, open_slide, wait_reloading
from tests.running import ROOT, Node

At = Callable[..., Person]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


def test_an_auditor_finds_who_saw_a_slide_verifies_the_log_and_takes_proof_along(
    one_node: Node, at: At, tmp_path: Path
) -> None:
    ines = at(one_node, "ines")
    open_slide(ines)
    ines.page.context.close()

    nadia = at(one_node, "nadia")
    nadia.go("/audit")
    nadia.page.get_by_role("link", name="Qui a vu cette lame").click()
    nadia.page.get_by_label("Dossier ou identifiant").fill(CASE)
    nadia.page.get_by_role("button", name="Rechercher").click()
    wait_reloading(nadia, nadia.page.locator(".seen-people").get_by_text("Flamboyant"))
    expect(nadia.page.locator(".seen-picture image")).to_have_count(1)

    nadia.go("/audit/integrity")
    nadia.page.get_by_role("button", name="Vérifier maintenant").click()
    expect(nadia.page.locator(".chain .chip.good", has_text="intact")).to_have_count(1)
    key = nadia.page.locator("#key pre").inner_text()

    nadia.go(f"/audit/records?case={CASE}")
    with nadia.page.expect_download() as started:
        nadia.page.get_by_role("button", name="Export vérifiable").click()
    archive = tmp_path / "export.zip"
    started.value.save_as(archive)
    assert CASE not in started.value.suggested_filename
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "export")
    folder = next(path.parent for path in (tmp_path / "export").rglob("records.ndjson"))
    verifier = ROOT / "web" / "verify_audit.py"  # an outsider's own copy, not the one of the download
    checked = subprocess.run(
        [sys.executable, "-I", verifier, folder, key], capture_output=True, text=True, check=False, timeout=120
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr

    nadia.go("/audit/exports")
    expect(nadia.page.locator(".audit tbody").first).to_contain_text("Nadia Registre")
    assert not nadia.complaints
