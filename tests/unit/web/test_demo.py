"""web/demo/: what the demonstration promises before anything of it is made."""

from telepath.identifiers import PSC
from web.demo import SAMPLES, simulator
from web.middleware import BACK_CHANNEL
from web.settings import Settings


def test_the_first_slide_is_as_large_as_a_scanners() -> None:
    first = SAMPLES[0]
    assert first.width >= 40_000
    assert first.height >= 30_000
    assert first.facts.number == "CAY-26-0412"  # the case that README and `telepath demo` say to open


def test_the_simulator_tells_the_demonstration_of_logouts() -> None:
    settings = Settings(origin="http://localhost:8000")
    (client,) = simulator(settings).state.provider.clients.values()
    assert client.backchannel_logout_uri == f"{settings.origin}{BACK_CHANNEL}{PSC}"
