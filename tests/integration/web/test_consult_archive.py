"""A consult leaves one instance as an archive and comes back equal on another; a wrong archive is refused in a sentence, whole."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.archives import Instance, answered, content, two


@pytest.fixture
async def both(new_database: Callable[[], str], tmp_path: Path) -> AsyncIterator[tuple[Instance, Instance]]:
    async with two(new_database, tmp_path) as made:
        yield made


async def test_a_consult_comes_back_equal_on_another_instance(both: tuple[Instance, Instance], tmp_path: Path) -> None:
    one, other = both
    consult_id = await answered(one, tmp_path)
    made = await one.export(consult_id, tmp_path / "first.zip")
    other.clock.now = one.clock.now
    came = await other.bring(tmp_path / "first.zip", one.key)
    assert (came.consult_id, came.slides, made.slides) == (consult_id, 1, 1)
    await other.export(consult_id, tmp_path / "second.zip")
    first, second = content(tmp_path / "first.zip"), content(tmp_path / "second.zip")
    assert sorted(first) == sorted(second)
    assert {name for name, data in first.items() if second[name] != data} == set()
