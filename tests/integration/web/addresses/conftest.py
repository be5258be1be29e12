"""One town for all that is asked here: a node takes seconds to start."""

from collections.abc import Iterator

import pytest

from tests.addresses import ABSENT
from tests.town import Town, running


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running(tmp_path_factory.mktemp("town")) as made:
        yield made


@pytest.fixture(scope="package")
def absent(town: Town) -> dict[str, str]:
    """As many names, of nothing."""
    return dict.fromkeys(town.names, ABSENT)
