"""/verify: what anybody learns of a report by its code."""

from sqlalchemy import select

from auth.attempts import LIMITS, REPORT_CODE
from consults import repository
from consults.verification import normal
from telepath.db.schema.audit import audit_pending
from tests.consult_desk import Desk


async def codes(desk: Desk, path: str) -> list[str]:
    async with desk.db.read() as reader:
        return [one.verification for one in await repository.opinions_of(reader, path.rsplit("/", 1)[1])]


async def test_anybody_learns_who_signed_and_when_and_nothing_of_the_case(desk: Desk) -> None:
    path = await desk.signed(conclusion="Lymphome folliculaire, grade 1-2.")
    (code,) = await codes(desk, path)
    desk.services.actor = None
    form = await desk.page(f"/verify?code={code}")
    assert f'value="{code}"' in form
    assert "Compte rendu authentique" not in form
    told = (await desk.post("/verify", 200, code=f" {code.lower().replace('-', ' ')} ")).text
    for words in (
        "Compte rendu authentique",
        "Dr Karim Haddad",
        "CHU de Lille",
        "11 mars 2026",
        code,
        "dernière version",
    ):
        assert words in told
    for secret in ("26-00417", "Ganglion", "Lymphome", "Zoé", "Cayenne", "grade"):
        assert secret not in told
    wrong = (await desk.post("/verify", 200, code="7K3M-9QWD-2XRT")).text
    assert "aucun compte rendu" in wrong
    assert "aucun compte rendu" in (await desk.post("/verify", 200, code="<b>")).text

    async with desk.db.read() as reader:
        rows = await reader.all(select(audit_pending).order_by(audit_pending.c.position))
    checks = [row["record"] for row in rows if row["record"]["kind"] == "report.checked"]
    assert [(one["outcome"], one["object_id"]) for one in checks] == [
        ("success", path.rsplit("/", 1)[1]),
        ("failure", ""),
        ("failure", ""),
    ]

    desk.sit("karim")
    await desk.amended(path, "Ki67 à 20 %.")
    second = (await codes(desk, path))[1]
    desk.services.actor = None
    assert "a été complété depuis" in (await desk.post("/verify", 200, code=code)).text
    assert "Addendum n° 1" in (await desk.post("/verify", 200, code=second)).text.replace("\xa0", " ")


async def test_whoever_guesses_is_stopped(desk: Desk) -> None:
    desk.services.actor = None
    for _ in range(LIMITS[REPORT_CODE].times):
        await desk.post("/verify", 200, code="7K3M-9QWD-2XRT")
    stopped = await desk.post("/verify", 429, code="7K3M-9QWD-2XRT")
    assert "Trop de vérifications" in stopped.text
    assert stopped.headers["retry-after"] == "600"
    desk.clock.advance(minutes=10)
    await desk.post("/verify", 200, code="7K3M-9QWD-2XRT")


def test_a_code_is_read_as_people_copy_it() -> None:
    assert normal("7k3m 9qwd 2xrt") == "7K3M-9QWD-2XRT"
    assert normal("OIL0-0000-0000") == "0110-0000-0000"
    assert normal("7K3M-9QWD-2XR") == ""
    assert normal("7K3M-9QWD-2XRTA") == ""
    assert normal("UUUU-UUUU-UUUU") == ""  # not a letter of the alphabet
