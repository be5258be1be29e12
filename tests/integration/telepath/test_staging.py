"""Local copies in a folder of bounded size: one made at a time, whole, and there as long as somebody reads it."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from telepath.staging import Part, Staging
from tests.rooms import until

MEGABYTE = 1 << 20
ROOT = Path(__file__).parents[3]


class Source:
    """Gives the parts of a slide, and counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.waits: asyncio.Event | None = None

    async def __call__(self, part: Part, path: Path) -> None:
        self.asked += 1
        path.write_bytes(b"x" * part.size)
        if self.waits is not None:
            await self.waits.wait()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def staging(tmp_path: Path) -> Staging:
    return Staging(tmp_path / "staged", 10 * MEGABYTE)


def slide(name: str, size: int = 4 * MEGABYTE) -> tuple[str, list[Part]]:
    return f"{name}/files", [Part("a.mrxs", f"{name}/files/a.mrxs", "1", 10), Part("a/1.dat", "x", "1", size - 10)]


def copies(staging: Staging) -> set[str]:
    return {key for key, names in staging.keys().items() for name in names if (staging.root / name).is_dir()}


async def test_a_copy_has_its_folders_and_is_read_only(staging: Staging, source: Source) -> None:
    async with staging.lent(*slide("one"), source) as path:
        assert path.name == "files"
        assert (path / "a.mrxs").stat().st_size == 10
        assert (path / "a" / "1.dat").stat().st_size == 4 * MEGABYTE - 10
        for one in (path, *path.rglob("*")):
            assert stat.S_IMODE(one.stat().st_mode) == (0o500 if one.is_dir() else 0o400)


async def test_who_comes_later_gets_the_same_copy(staging: Staging, source: Source) -> None:
    async with staging.lent(*slide("one"), source) as path:
        pass
    async with staging.lent(*slide("one"), source) as again:
        assert again == path
    assert source.asked == 2  # each part once


async def test_who_comes_while_it_is_made_waits_for_it(staging: Staging, source: Source) -> None:
    source.waits = asyncio.Event()

    async def read() -> Path:
        async with staging.lent(*slide("one"), source) as path:
            return path

    readers = [asyncio.create_task(read()) for _ in range(5)]
    await until(lambda: source.asked == 2)
    source.waits.set()
    assert len(set(await asyncio.gather(*readers))) == 1
    assert source.asked == 2


async def test_another_state_is_another_copy(staging: Staging, source: Source) -> None:
    key, parts = slide("one")
    async with staging.lent(key, parts, source) as path:
        pass
    async with staging.lent(key, [part._replace(state="2") for part in parts], source) as other:
        assert other != path


async def test_the_one_that_was_used_least_recently_goes(staging: Staging, source: Source) -> None:
    for name in ("one", "two", "one", "three"):
        async with staging.lent(*slide(name), source):
            pass
    assert copies(staging) == {"one/files", "three/files"}


async def test_what_somebody_reads_stays_over_the_limit_until_they_are_done(staging: Staging, source: Source) -> None:
    async with staging.lent(*slide("one"), source) as first:
        async with staging.lent(*slide("two"), source) as second, staging.lent(*slide("three"), source) as third:
            assert all((path / "a.mrxs").exists() for path in (first, second, third))
        assert first.exists()
    assert len(copies(staging)) == 2


async def test_what_is_larger_than_the_limit_is_lent_and_not_kept(staging: Staging, source: Source) -> None:
    async with staging.lent(*slide("huge", 11 * MEGABYTE), source) as path:
        assert (path / "a.mrxs").exists()
    assert copies(staging) == set()
    assert list(staging.root.iterdir()) == []


async def test_a_copy_that_fails_leaves_nothing(staging: Staging) -> None:
    async def fails(part: Part, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("dropped")

    with pytest.raises(OSError, match="dropped"):
        async with staging.lent(*slide("one"), fails):
            raise AssertionError("lent half a copy")
    assert list(staging.root.iterdir()) == []


async def test_who_leaves_while_it_is_made_leaves_it_to_the_next(staging: Staging, source: Source) -> None:
    source.waits = asyncio.Event()

    async def read() -> None:
        async with staging.lent(*slide("one"), source):
            pass

    leaves, stays = asyncio.create_task(read()), asyncio.create_task(read())
    await until(lambda: source.asked == 2)
    leaves.cancel()
    await asyncio.gather(leaves, return_exceptions=True)
    source.waits.set()
    await stays
    assert copies(staging) == {"one/files"}


async def test_what_is_forgotten_goes_at_once_or_after_its_last_reader(staging: Staging, source: Source) -> None:
    async with staging.lent(*slide("one", MEGABYTE), source), staging.lent(*slide("two", MEGABYTE), source):
        pass
    async with staging.lent(*slide("one", MEGABYTE), source) as path:
        staging.forget("one")
        staging.forget("two")
        assert (path / "a.mrxs").exists()
        assert "two/files" not in copies(staging)
    assert list(staging.root.iterdir()) == []


HALF = """
import asyncio, sys
from pathlib import Path
from telepath.staging import Part, Staging

async def half(part, path):
    path.write_bytes(b"half")
    print("half", flush=True)
    await asyncio.Event().wait()

async def main():
    async with Staging(Path(sys.argv[1]), 10**7).lent("one/files", [Part("a.mrxs", "k", "1", 10)], half):
        pass

asyncio.run(main())
"""


async def test_what_a_killed_process_leaves_is_never_taken_for_whole(tmp_path: Path, source: Source) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HALF, tmp_path / "staged"], stdout=subprocess.PIPE, cwd=ROOT, env=os.environ
    )
    assert other.stdout is not None
    with other.stdout:
        assert await asyncio.to_thread(other.stdout.readline) == b"half\n"
        living = Staging(tmp_path / "staged", 10 * MEGABYTE)
        assert list(living.root.glob("*.partial/*")), "what another process makes is left alone"
        other.send_signal(signal.SIGKILL)
        await asyncio.to_thread(other.wait)
    async with living.lent("one/files", [Part("a.mrxs", "k", "1", 10)], source) as path:
        assert (path / "a.mrxs").read_bytes() == b"x" * 10
    assert list(living.root.glob("*.partial")) == []


async def test_a_start_removes_what_killed_processes_left(tmp_path: Path, source: Source) -> None:
    staged = tmp_path / "staged"
    (staged / "0123.partial" / "files").mkdir(parents=True)
    (staged / "0123.lock").write_text('{"key":"one/files","bytes":10}')
    (staged / "4567").mkdir()
    Staging(staged, MEGABYTE)
    assert list(staged.iterdir()) == []
