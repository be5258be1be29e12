"""Sharing a case: the part of its page, what its form says when it is wrong, and the list of whom it is shared with."""

import html
import re
from pathlib import Path

import httpx2
import msgspec

from auth import groups, suspension
from telepath import standing
from telepath.actor import Actor, Role
from telepath.db.database import Database
from tests.house import House, house, visited
from tests.rooms import Ward
from web import audit_lines
from web.routes import cases, shares, worklist

ROUTES = [*worklist.routes, *shares.routes, *cases.routes]


def text(answer: httpx2.Response) -> str:
    return html.unescape(answer.text)


async def signed_in(services: House, ward: Ward, key: str) -> Actor:
    """The person, with the groups of this moment, is who asks."""
    async with ward.db.read() as reader:
        found = await standing.of(reader, ward.actor(key))
    assert found is not None
    services.actor = found
    return found


async def test_a_case_is_shared_by_its_page_and_found_on_the_list_of_whom_it_is_shared_with(
    database: Database, tmp_path: Path
) -> None:
    ward = await Ward(database).build()
    zoe, max_ = ward.actor("zoe"), ward.actor("max")
    services = house(database, tmp_path)
    page = f"/cases/{ward.case}"
    async with visited(services, ROUTES) as client:
        await signed_in(services, ward, "zoe")
        alone = text(await client.get(page))
        assert "ne fait partie d’aucun groupe" in alone
        assert f'action="{page}/shares"' not in alone
        async with database.write(zoe) as tx:
            group = await groups.add(tx, "regional", "Réseau <des> Trois Rives", zoe.institution_id)
            await groups.join(tx, group, "institution", max_.institution_id)

        form = {"share_with": f"group:{group}", "share_may": "discuss", "share_days": "30"}
        offered = await client.get(page)
        assert re.findall(r'<option value="(\w+):', offered.text) == ["group", "institution"]
        assert "Réseau <des>" not in offered.text
        assert "CHU de Rennes – Rennes" in offered.text
        for wrong, status, said in (
            ({"share_with": f"group:{ward.case}"}, 422, "ne peut pas être partagé avec ce groupe"),
            ({"share_with": "group"}, 422, "ne peut pas être partagé avec ce groupe"),
            ({"share_may": "identity"}, 422, "ne fait pas partie des choix"),
            ({"share_days": "9999"}, 422, "ne fait pas partie des choix"),
        ):
            refused = await client.post(f"{page}/shares", data=form | wrong)
            assert refused.status_code == status
            assert said in text(refused)
            # What was chosen is chosen still, and the form stands open.
            assert ('value="discuss" selected' in refused.text) == ("share_may" not in wrong)
            assert "<details open>\n    <summary>Partager ce dossier" in refused.text
        assert await ward.audited("case.shared") == []
        done = await client.post(f"{page}/shares", data=form)
        assert (done.status_code, done.headers["location"]) == (303, f"{page}?done=case-shared#shares")
        again = await client.post(f"{page}/shares", data=form)
        assert again.status_code == 409
        assert "déjà partagé" in text(again)
        listed = text(await client.get(f"{page}?done=case-shared"))
        for said in (
            "Dossier partagé.",
            "Réseau <des> Trois Rives",
            "par Dr Zoé Marchand",
            "consulter, annoter et discuter",
        ):
            assert said in listed
        english = text(await client.get(page, headers={"Cookie": "lang=en"}))
        assert "Stop sharing with Réseau <des> Trois Rives" in english
        async with database.read() as reader:
            known = await audit_lines.names(reader, [group], services.words("fr"))
        # To the auditor, who finds its identifier in the record.
        assert known.called == {group: "Réseau <des> Trois Rives"}
        (key,) = re.findall(rf'action="{page}/shares/(\w+)/withdraw"', listed)
        assert "Partagés avec nous" not in text(await client.get("/"))

        # Whom it is shared with: the number, and whose it is.
        await signed_in(services, ward, "max")
        mine = text(await client.get("/"))
        assert "Partagés avec nous" in mine
        assert f'href="{page}">26-00417</a>' in mine
        assert "CH de Cayenne" in mine
        assert "Ganglion cervical" not in mine
        case = text(await client.get(page))
        assert "A1 HES" in case
        assert f'action="{page}/lines"' in case
        assert "Aucun avis que vous puissiez voir" in case
        for hidden in ('id="shares"', 'id="patient"', "Réseau"):
            assert hidden not in case
        for path in (f"{page}/shares", f"{page}/shares/{key}/withdraw"):
            assert (await client.post(path, data=form)).status_code == 404

        # Who only prepares cases shares none, and takes none back.
        technician = msgspec.structs.replace(await signed_in(services, ward, "zoe"), roles=frozenset({Role.TECHNICIAN}))
        services.actor = technician
        assert 'id="shares"' not in (await client.get(page)).text
        assert (await client.post(f"{page}/shares/{key}/withdraw")).status_code == 404
        await signed_in(services, ward, "zoe")
        ended = await client.post(f"{page}/shares/{key}/withdraw")
        assert (ended.status_code, ended.headers["location"]) == (303, f"{page}?done=case-unshared#shares")
        after = text(await client.get(f"{page}?done=case-unshared"))
        assert "Partage retiré." in after
        assert "partagé avec aucun groupe" in after
        assert (await client.post(f"{page}/shares/{key}/withdraw")).status_code == 404


async def test_a_share_with_a_group_whose_lead_is_suspended_says_so(database: Database, tmp_path: Path) -> None:
    ward = await Ward(database).build()
    zoe, max_ = ward.actor("zoe"), ward.actor("max")
    async with database.write(max_) as tx:
        group = await groups.add(tx, "national", "Réseau des Brumes", max_.institution_id)
        await groups.join(tx, group, "institution", zoe.institution_id)
    services = house(database, tmp_path)
    async with visited(services, ROUTES) as client:
        await signed_in(services, ward, "zoe")
        page = f"/cases/{ward.case}"
        form = {"share_with": f"group:{group}", "share_may": "look", "share_days": ""}
        assert (await client.post(f"{page}/shares", data=form)).status_code == 303
        assert "jusqu’au retrait du partage" in text(await client.get(page))
        async with database.write(max_) as tx:
            await suspension.suspend_institution(tx, max_.institution_id)
        assert "suspendu" in text(await client.get(page))
