"""web/bootstrap.py: what happens when the services are opened."""

from pathlib import Path

from telepath.ids import make_id
from telepath.slides import leftovers
from tests.login import free_port
from web.bootstrap import open_services
from web.settings import Settings


async def test_a_service_that_starts_removes_what_killed_ingests_left(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, oidc_issuer=f"http://127.0.0.1:{free_port()}/away")
    slide_id = make_id(1_700_000_000_000, b"long ago..")
    for name in (f"{slide_id}/files/slide.svs", f"{leftovers.MARKS}/{slide_id}"):
        (tmp_path / "slides" / name).parent.mkdir(parents=True)
        (tmp_path / "slides" / name).write_bytes(b"half")
    async with open_services(settings):
        assert [path for path in (tmp_path / "slides").rglob("*") if path.is_file()] == []
