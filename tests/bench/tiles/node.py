"""Our side of the bench: the node that ``telepath serve`` runs, its database, its slides, and the addresses of their tiles."""

import asyncio
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from telepath import grants
from telepath.access import Action
from telepath.db.database import Database, utc_now
from telepath.db.migrations import upgrade
from telepath.slides import capability, catalogue, ingest, tile_index, views
from telepath.slides.catalogue import Slide
from telepath.slides.decoder_pool import DecoderPool
from telepath.slides.tile_index import Halved, Stored
from telepath.storage_local import LocalStorage
from tests.bench.tiles import servers
from tests.bench.tiles.load import Asked
from tests.bench.tiles.servers import Server
from tests.builders import MASTER_KEY, World
from web.tile_rights import COOKIE

KEY: Final = bytes(range(32))
FINEST: Final = 0.7
"""Share of the tiles that are asked of level 0."""
BATCH: Final = 32

Tile = tuple[int, int, int]
"""Level, column and row."""


class House:
    """A database, a storage, and who owns all slides. Nodes are processes of their own."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        self.storage = LocalStorage(self.data / "slides")
        self._runner = asyncio.Runner()
        self._runner.run(self._open())

    async def _open(self) -> None:
        url = f"sqlite+aiosqlite:///{self.data / 'telepath.db'}"
        await upgrade(url)
        self.db = Database(url, MASTER_KEY)
        world = World(self.db)
        world.clock.now = utc_now()
        self.owner = await world.person("ines", "cayenne", "Inès", "Flamboyant")
        self._case = await world.case(self.owner)
        self.db.clock = utc_now

    def close(self) -> None:
        self._runner.run(self.db.close())
        self._runner.close()

    def add(self, paths: Iterable[Path]) -> list[Slide]:
        """As ``telepath slides add`` does, one after the other."""

        async def all_of_them() -> list[Slide]:
            async with DecoderPool(self.storage, 1) as decoders:
                return [await self._add(decoders, path) for path in paths]

        return self._runner.run(all_of_them())

    async def _add(self, decoders: DecoderPool, path: Path) -> Slide:
        return await ingest.add(
            self.db,
            self.storage,
            decoders,
            self.owner,
            path,
            case_id=self._case,
            institution_id=self.owner.institution_id,
        )

    def serve(
        self, settings: Mapping[str, str], *, core: int | None = servers.SERVED_ON
    ) -> AbstractContextManager[Server]:
        """A node. ``settings``: without their TELEPATH_, in small letters."""
        common = {
            "data": str(self.data),
            "secret_key": KEY.hex(),
            "vault_key": MASTER_KEY.hex(),
            "log_level": "warning",
        }
        environment = {f"TELEPATH_{name.upper()}": value for name, value in (common | dict(settings)).items()}
        return servers.telepath(self.data.parent, environment, core=core)

    def cookie(self, slide: Slide) -> str:
        """The header that a browser sends with each tile, from a view that was allowed and audited."""

        async def opened() -> views.View:
            async with self.db.write(self.owner) as tx:
                allowed = await grants.require(tx, self.owner, Action.SLIDE_VIEW, slide.ref)
                return await views.open_view(tx, slide, allowed)

        view = self._runner.run(opened())
        return f"Cookie: {COOKIE}={capability.mint(KEY, view.capability)}"

    def asked(self, node: Server, slide: Slide, tiles: Iterable[Tile]) -> Asked:
        return Asked(node, [path_of(slide, tile) for tile in tiles], self.cookie(slide))

    def in_batches(self, node: Server, slide: Slide, tiles: Sequence[Tile]) -> Asked:
        """Requests for BATCH tiles each."""
        names = [f"{level}-{column}_{row}" for level, column, row in tiles]
        whole = [names[start : start + BATCH] for start in range(0, len(names) - BATCH + 1, BATCH)]
        paths = [f"/slides/{slide.id}/tiles/batch/{'+'.join(part)}" for part in whole]
        return Asked(node, paths, self.cookie(slide))

    def index_bytes(self, slide: Slide) -> bytes:
        return self._runner.run(self.storage.read(catalogue.index_key(slide.id), 0, 1 << 30))

    def index(self, slide: Slide) -> tile_index.TileIndex:
        return tile_index.load(self.index_bytes(slide))

    def file(self, slide: Slide) -> Path:
        """What opens the slide in our own storage."""
        return self.storage.root / slide.folder / catalogue.FILES / slide.entry


def path_of(slide: Slide, tile: Tile) -> str:
    level, column, row = tile
    return f"/slides/{slide.id}/tiles/{level}/{column}_{row}"


def stored_levels(index: tile_index.TileIndex) -> list[int]:
    return [number for number, way in enumerate(index.header.ways) if isinstance(way, Stored)]


def halved_levels(index: tile_index.TileIndex) -> list[int]:
    return [number for number, way in enumerate(index.header.ways) if isinstance(way, Halved)]


def some_tiles(slide: Slide, levels: Sequence[int], count: int, seed: int) -> list[Tile]:
    """As viewers ask: most of the finest of ``levels``."""
    chance = random.Random(seed)
    return [
        _any(slide, levels[0] if chance.random() < FINEST or len(levels) == 1 else chance.choice(levels[1:]), chance)
        for _ in range(count)
    ]


def distinct_tiles(slide: Slide, levels: Sequence[int], seed: int) -> Iterator[Tile]:
    """All tiles of these levels that lie wholly on the slide, in an order that is drawn by lot."""
    every = [
        (level, column, row)
        for level in levels
        for column in range(int(slide.pyramid.levels[level].width // slide.pyramid.levels[level].tile_width))
        for row in range(int(slide.pyramid.levels[level].height // slide.pyramid.levels[level].tile_height))
    ]
    random.Random(seed).shuffle(every)
    return iter(every)


def _any(slide: Slide, level: int, chance: random.Random) -> Tile:
    grid = slide.pyramid.levels[level]
    return level, chance.randrange(grid.columns), chance.randrange(grid.rows)
