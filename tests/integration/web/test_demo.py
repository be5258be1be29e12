"""The whole demonstration: every state of a second opinion is there, a second start adds nothing, and every page opens."""

import html
import re
from collections import Counter
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

import httpx2
import pytest
from sqlalchemy import func, select

from consults import request
from consults.deadlines import Urgency
from consults.lifecycle import ConsultStatus
from consults.worklist import numbers
from telepath.actor import Actor
from telepath.cases import repository as cases
from telepath.db.database import Database
from telepath.db.schema import metadata
from telepath.db.schema.audit import audit_pending
from telepath.db.schema.cases import case
from telepath.db.schema.consults import consult, opinion, reading
from telepath.slides.decoder_pool import DecoderPool
from telepath.storage_local import LocalStorage
from tests.builders_slides import write_svs
from tests.login import browser, free_port, login
from tests.running import TELEPATH, process, telepath
from web import demo
from web.demo.people import MORE, PEOPLE
from web.words import LANGUAGES

AWAY = ("/language?", "/theme?", "/login")
"""What leads back to another page."""
EACH = 2
"""So many pages of one address are opened for each person."""
CODE = re.compile(r"[0-9a-hjkmnp-tv-z]{26}")


async def seeded(database: Database, folder: Path) -> dict[str, Actor]:
    slide = write_svs(folder / "slide.svs", width=1024, height=768)
    storage = LocalStorage(folder / "slides")
    work = folder / "work"
    work.mkdir(exist_ok=True)
    async with DecoderPool(storage, 1) as decoders:
        return await demo.seed(database, storage, decoders, work, lambda _name, _share: None, [slide] * 3)


async def counts(database: Database) -> dict[str, int]:
    async with database.read() as reader:
        return {
            table.name: await reader.scalar(select(func.count()).select_from(table)) for table in metadata.sorted_tables
        }


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_every_state_is_there_and_a_second_start_adds_nothing(database: Database, tmp_path: Path) -> None:
    people = await seeded(database, tmp_path)
    before = await counts(database)
    async with database.read() as reader:
        rows = await reader.all(select(case.c.number, consult).join(case, case.c.id == consult.c.case_id))
        found = {row["number"]: row for row in rows if "-26-" in row["number"]}
        committed = await reader.scalar(select(func.count()).where(reading.c.committed_digest != ""))
        kinds = {row["record"]["kind"] for row in await reader.all(select(audit_pending))}
        waiting = {name: await numbers(reader, actor) for name, actor in people.items()}
        signed = await reader.all(select(opinion.c.digest))
        first = await cases.get(reader, found["CAY-26-0398"]["case_id"])
        ranking = await request.proposals(reader, people["ines"], first, "digestive", Urgency.STANDARD)
    assert found["CAY-26-0389"]["held_because"] == "material"
    assert found["CAY-26-0410"]["held_because"] == "declined"
    assert (found["CAY-26-0342"]["dispute"], found["CAY-26-0342"]["opinions_released"]) == ("third", 0)
    assert found["CAY-26-0365"]["adoption"] == "contested"
    assert found["CAY-26-0398"]["adoption"] == "adopted"
    assert found["REU-26-1081"]["policy"] == "pool"
    assert committed == 2
    assert ranking.proposals[0].expert.person_id == people["claire"].person_id
    assert {"opinion.committed", "opinion.contested", "routing.changed", "attachment.added"} <= kinds
    assert waiting["ines"].late >= 1
    assert waiting["maelle"].to_do >= 1
    assert waiting["rose"].to_do + waiting["tom"].to_do >= 2
    ended = Counter(row["status"] for row in rows)
    assert ended[ConsultStatus.COMPLETED] > 200
    assert len({row["digest"] for row in signed}) == len(signed)
    await seeded(database, tmp_path)
    assert await counts(database) == before


def shape(address: str) -> str:
    """An address without what names one thing of many."""
    parts = urlsplit(address)
    return CODE.sub("*", parts.path) + "?" + "&".join(sorted(one.partition("=")[0] for one in parts.query.split("&")))


async def opened(client: httpx2.AsyncClient) -> dict[str, int]:
    """Address → status of what a person comes to by links, from the first page on."""
    found: dict[str, int] = {}
    seen: Counter[str] = Counter()
    coming = ["/"]
    while coming:
        address = coming.pop(0)
        if address in found or address.startswith(AWAY) or seen[shape(address)] >= EACH:
            continue
        seen[shape(address)] += 1
        answer = await client.get(address, follow_redirects=True)
        found[address] = answer.status_code
        if answer.headers.get("content-type", "").startswith("text/html"):
            links = re.findall(r'<a [^>]*href="(/[^"]*)"', answer.text)
            coming += [urldefrag(html.unescape(link)).url for link in links]
    return found


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_it_starts_and_every_page_that_its_people_come_to_opens(tmp_path: Path) -> None:
    port, issuer_port = free_port(), free_port()
    origin = f"http://localhost:{port}"
    settings = {
        "TELEPATH_DATA": str(tmp_path / "var"),
        "TELEPATH_ORIGIN": origin,
        "TELEPATH_PORT": str(port),
        "TELEPATH_SIMULATOR_PORT": str(issuer_port),
        "TELEPATH_OIDC_ISSUER": f"http://localhost:{issuer_port}/auth/realms/esante-wallet",
    }
    slide = write_svs(tmp_path / "slide.svs", width=1024, height=768)
    made = telepath(settings, "demo", "--seed-only", "--slides", *[str(slide)] * 3)
    assert made.returncode == 0, made.stdout + made.stderr
    with process([*TELEPATH, "demo"], settings, f"{origin}/health", tmp_path / "node.log"):
        for name in ("ines", "claire", "rose", "solene", "nadia", "octave"):
            person = (PEOPLE | MORE)[name]
            async with browser(origin) as client:
                await login(client, person.subject_name_id)
                for language in LANGUAGES if name in ("ines", "solene") else LANGUAGES[:1]:
                    client.headers["Accept-Language"] = language
                    found = await opened(client)
                    wrong = {address: code for address, code in found.items() if code != 200}
                    assert wrong == {}
                    assert len(found) >= 5
