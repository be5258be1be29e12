"""A draft that was acknowledged is there after the node is killed, and no second window overwrites it."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import httpx2

from consults import offers, request
from consults.deadlines import Urgency
from consults.model import Question
from telepath.db.database import Database
from telepath.db.migrations import upgrade
from tests.builders import MASTER_KEY, VAULT_KEY
from tests.rooms import Ward
from tests.running import TELEPATH, process, service
from tests.town import fresh
from web.settings import Settings

ACKNOWLEDGED_WITHIN = timedelta(seconds=2)
QUESTION = Question("Lymphome ?", "", "lymphoid", Urgency.STANDARD)


async def accepted(settings: Settings) -> str:
    """A consult that Paul reads; his browser is signed in."""
    await upgrade(settings.database_url)
    db = Database(settings.database_url, MASTER_KEY)
    try:
        ward = await Ward(db).build()
        zoe, paul = (fresh(ward.actor(key), db) for key in ("zoe", "paul"))
        consult_id = await request.request(db, zoe, ward.case, QUESTION, paul.person_id)
        await offers.accept(db, paul, consult_id)
        return consult_id
    finally:
        await db.close()


def test_what_was_acknowledged_outlives_a_killed_node_and_the_other_window_is_told(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    settings.data.mkdir()
    path = f"/consults/{asyncio.run(accepted(settings))}"
    with service(tmp_path, {"vault_key": VAULT_KEY}) as (node,):
        headers = {"Origin": node.origin, "Cookie": "telepath=cookie-of-paul", "Accept": "application/json"}
        with httpx2.Client(base_url=node.origin, headers=headers, trust_env=False, timeout=30) as browser:
            begun = time.monotonic()
            saved = browser.post(f"{path}/draft", json={"version": 1, "conclusion": "Lymphome folliculaire."})
            assert saved.status_code == 200, saved.text
            assert time.monotonic() - begun < ACKNOWLEDGED_WITHIN.total_seconds()
            node.process.kill()
            node.process.wait()
            again = process([*TELEPATH, "serve"], node.environment, f"{node.origin}/health", tmp_path / "again.log")
            with again:
                page = browser.get(path, headers={"Accept": "text/html"})
                assert "Lymphome folliculaire." in page.text
                assert f'data-version="{saved.json()["version"]}"' in page.text
                late = browser.post(f"{path}/draft", json={"version": 1, "conclusion": "D’une autre fenêtre."})
                assert (late.status_code, late.json()["conclusion"]) == (409, "Lymphome folliculaire.")
                goes_on = {"version": saved.json()["version"], "conclusion": "Lymphome folliculaire, grade 1."}
                assert browser.post(f"{path}/draft", json=goes_on).status_code == 200
