import pytest

from consults.networks import NETWORKS, find, vouching
from telepath.cases.model import ORGANS


@pytest.mark.parametrize(
    ("name", "code"), [("RRePS", "NETSARC+"), ("tenpath", "ENDOCAN"), (" lymphopath ", "LYMPHOPATH")]
)
def test_a_network_is_found_by_any_of_its_names(name: str, code: str) -> None:
    network = find(name)
    assert network is not None
    assert network.code == code


def test_an_unknown_name_is_no_network() -> None:
    assert find("PATHONET") is None


def test_a_member_of_a_network_is_vouched_for_only_in_what_it_covers() -> None:
    assert [network.code for network in vouching(("RRePS", "LYMPHOPATH"), "bone")] == ["NETSARC+"]
    assert vouching(("LYMPHOPATH",), "breast") == ()


def test_two_names_of_one_network_count_once() -> None:
    assert len(vouching(("RRePS", "NETSARC+", "RESOS"), "soft-tissue")) == 1


def test_no_two_networks_share_a_name_and_each_covers_known_organs() -> None:
    names = [name.casefold() for network in NETWORKS for name in (network.code, *network.aliases)]
    assert len(names) == len(set(names))
    assert {organ for network in NETWORKS for organ in network.organs} <= set(ORGANS)


def test_what_was_read_of_a_network_s_centres_names_its_source() -> None:
    known = {network.code: network.centres for network in NETWORKS if network.centres is not None}
    assert {code: (one.coordinating, one.expert, one.collegial) for code, one in known.items()} == {
        "NETSARC+": (3, 19, True),
        "ENDOCAN": (None, 22, True),
    }
    assert all(one.source for one in known.values())
