"""How often something may be tried."""

from datetime import timedelta

import pytest

from auth import attempts
from auth.attempts import CODE, LIMITS, TELEPHONE_OF_PERSON, Attempts, network, site
from tests.builders import NOON


def test_so_many_within_a_while_and_no_more() -> None:
    counts, limit = Attempts(), LIMITS[TELEPHONE_OF_PERSON]
    assert all(counts.allow(TELEPHONE_OF_PERSON, "a", NOON) for _ in range(limit.times))
    assert not counts.allow(TELEPHONE_OF_PERSON, "a", NOON + limit.within - timedelta(seconds=1))
    assert counts.allow(TELEPHONE_OF_PERSON, "b", NOON), "somebody else's are counted by themselves"
    assert counts.allow(CODE, "a", NOON), "and so are other acts"
    assert not counts.left(TELEPHONE_OF_PERSON, "a", NOON)
    assert counts.left(TELEPHONE_OF_PERSON, "a", NOON + limit.within)
    assert counts.left(TELEPHONE_OF_PERSON, "c", NOON)
    assert counts.allow(TELEPHONE_OF_PERSON, "a", NOON + limit.within), "what was refused did not count"


def test_the_counts_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "KEPT", 100)
    counts = Attempts()
    for number in range(1000):
        counts.allow(CODE, str(number), NOON)
    assert len(counts._made) == 100


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_one_place_is_an_address_or_the_network_that_one_machine_has(address: str, place: str) -> None:
    assert network(address) == place


def test_one_site_is_the_network_that_one_customer_has() -> None:
    assert site("2001:db8:1:2:3:4:5:6") == site("2001:db8:1:ffff::") == "2001:db8:1::/48"
    assert {site(address) for address in ("192.0.2.7", "::ffff:192.0.2.7", "", "unix:")} == {""}
