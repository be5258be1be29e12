"""Native tiles over HTTP: our node and its peers on one file, one core for whoever serves, another for whoever asks.

The measure is the processor's time for a tile, all processes of a server together. Rounds are interleaved, and ratios are of
one round: another minute of the same machine gives other figures."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import msgspec

from telepath.slides.catalogue import Slide
from tests.bench import tools
from tests.bench.tiles import servers
from tests.bench.tiles.load import Asked, Measured, by_http2, fetched, for_a_while
from tests.bench.tiles.node import BATCH, House, Tile, some_tiles, stored_levels
from tests.bench.tiles.rows import Row, Spread, Table, at_least, at_most, ratio
from tests.bench.tiles.slides import WIDTH
from tests.certificates import make_certificates

ADDRESSES: Final = 5_000
MANY: Final = 64
DEEPEST: Final = 16
"""Deep Zoom's number of the finest level: it counts each halving of 40,000 px, from 1 px on."""
LANE, PLAIN = "telepath, fast lane", "telepath, ASGI"
IIP, NGINX, CACHED = "iipimage-server", "nginx, files", "nginx, files, open_file_cache"
DEFAULTS, KINDEST = "Deep Zoom app, its defaults", "Deep Zoom app, 256/0, threads"
BATCHES: Final = f"telepath, batches of {BATCH}"
AGAIN: Final = "telepath, asked again (304)"
BEHIND: Final = "telepath, HTTP/2 behind nginx"
FILES_2: Final = "nginx, files, HTTP/2"


class Target(msgspec.Struct, frozen=True):
    """``tiles``: how many come with one answer; ``http2``: asked by h2load."""

    asked: Asked
    tiles: int = 1
    http2: bool = False


class Served(msgspec.Struct):
    """What was measured of one target, round by round. By HTTP/2 only with many connections."""

    tiles: int
    many: list[Measured] = []
    one: list[Measured] = []

    @property
    def costs(self) -> list[float]:
        """µs of processor for each tile."""
        return [measured.cost / self.tiles for measured in self.many]


def measure(house: House, slide: Slide, folder: Path, *, rounds: int, seconds: float) -> tuple[list[Row], list[Table]]:
    with ExitStack() as stack:
        targets = dict(_targets(stack, house, slide, folder))
        served = {name: Served(target.tiles) for name, target in targets.items()}
        for target in targets.values():
            _ask(target, 1.0, folder)
            target.asked.server.settle()  # what a node does behind its first tiles has the same core
        for _ in range(rounds):
            for name, target in targets.items():
                served[name].many.append(_ask(target, seconds, folder))
                target.asked.server.settle()
                if not target.http2:
                    served[name].one.append(for_a_while(target.asked, 1, max(1.0, seconds / 2), folder))
    return _rows(served), [_table(served)]


def _ask(target: Target, seconds: float, folder: Path) -> Measured:
    return (by_http2 if target.http2 else for_a_while)(target.asked, MANY, seconds, folder)


def _targets(stack: ExitStack, house: House, slide: Slide, folder: Path) -> Iterator[tuple[str, Target]]:
    """Every server that can be had, started."""
    tiles = some_tiles(slide, stored_levels(house.index(slide)), ADDRESSES, 7)
    node = stack.enter_context(house.serve({}))
    plain = stack.enter_context(house.serve({"tile_lane": "false"}))
    ours = house.asked(node, slide, tiles)
    tags, files = _kept(ours, tiles, folder / "files")
    yield LANE, Target(ours)
    yield PLAIN, Target(Asked(plain, ours.paths, ours.header))
    yield BATCHES, Target(house.in_batches(node, slide, tiles), BATCH)
    yield AGAIN, Target(Asked(node, ours.paths, ours.header, tags))
    if tools.found()["nginx-light"]:
        root = f"root {folder / 'files'};"
        yield NGINX, Target(Asked(stack.enter_context(servers.nginx(folder / "nginx", root)), files))
        kept = f"{root} {servers.OPEN_FILE_CACHE}"
        yield CACHED, Target(Asked(stack.enter_context(servers.nginx(folder / "cached", kept)), files))
    if tools.found()["nginx-light"] and tools.found()["nghttp2-client"]:
        yield from _by_http2(stack, ours, files, folder)
    if tools.found()["nginx-light"] and tools.IIPSRV.exists():
        iip = stack.enter_context(servers.iipimage(folder / "iip", house.file(slide).parent))
        yield IIP, Target(Asked(iip, [_iip(slide, tile) for tile in tiles]))
    if tools.gunicorn():
        yield from _in_python(stack, house.file(slide), tiles, folder)


def _kept(ours: Asked, tiles: Sequence[Tile], root: Path) -> tuple[list[str], list[str]]:
    """The ETags of the tiles; and the same bytes as files below ``root``, for nginx: their addresses."""
    tags, files = [], []
    for (_, answer, body), (level, column, row) in zip(fetched(ours), tiles, strict=True):
        assert answer.status == 200
        tags.append(answer.headers["etag"])
        files.append(f"/{level}/{column}_{row}.jpg")
        path = root / files[-1][1:]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return tags, files


def _by_http2(stack: ExitStack, ours: Asked, files: list[str], folder: Path) -> Iterator[tuple[str, Target]]:
    certificates = make_certificates(folder)
    secure = f"ssl_certificate {certificates.chain}; ssl_certificate_key {certificates.key}; ssl_protocols TLSv1.3;"
    lasting = "keepalive_requests 1000000;"  # h2load opens no connection anew
    upstream = f"{lasting} upstream node {{ server 127.0.0.1:{ours.server.port}; keepalive 64; }}"
    handed = 'location / { proxy_pass http://node; proxy_http_version 1.1; proxy_set_header Connection ""; }'
    front = servers.nginx(folder / "front", f"{secure} {handed}", *ours.server.roots, http=upstream, listen="ssl http2")
    yield BEHIND, Target(Asked(stack.enter_context(front), ours.paths, ours.header), http2=True)
    alone = servers.nginx(folder / "secure", f"{secure} root {folder / 'files'};", http=lasting, listen="ssl http2")
    yield FILES_2, Target(Asked(stack.enter_context(alone), files), http2=True)


def _in_python(stack: ExitStack, path: Path, tiles: Sequence[Tile], folder: Path) -> Iterator[tuple[str, Target]]:
    for name, app, options in (
        (DEFAULTS, f'deep_zoom:create("{path.parent}", 254, 1)', ()),
        (KINDEST, f'deep_zoom:create("{path.parent}", 256, 0)', servers.THREADS),
    ):
        server = stack.enter_context(servers.gunicorn(app, folder, *options))
        yield name, Target(Asked(server, [deep_zoom(path.name, tile) for tile in tiles]))
    for kind in ("tiff", "openslide"):
        app = f'girder_tiles:create("{kind}", "{path}")'
        server = stack.enter_context(servers.gunicorn(app, folder, *servers.THREADS))
        coarsest = (-(-WIDTH // 256) - 1).bit_length()
        paths = [f"/{coarsest - level}/{column}_{row}.jpeg" for level, column, row in tiles]
        yield f"large_image, {kind}", Target(Asked(server, paths))


def deep_zoom(name: str, tile: Tile) -> str:
    """The address of one of our tiles in steps of two, as the app counts levels."""
    level, column, row = tile
    return f"/{name}/{DEEPEST - level}/{column}_{row}.jpeg"


def _iip(slide: Slide, tile: Tile) -> str:
    level, column, row = tile
    levels = slide.pyramid.levels
    return f"/iip?FIF={slide.entry}&JTL={len(levels) - 1 - level},{row * levels[level].columns + column}"


def _rows(served: Mapping[str, Served]) -> list[Row]:
    rows = []
    lane, plain = served[LANE], served[PLAIN]
    for peer, goal, floor in ((IIP, 45.0, None), (DEFAULTS, 150.0, None), (NGINX, 0.9, 0.4)):
        if peer not in served:
            rows.append(
                Row(f"native tile, {MANY} connections, beside {peer}", f"≥ {goal:g} ×", "this peer is not installed")
            )
            continue
        costs = served[peer].costs
        rows.append(at_least(f"native tile, {MANY} connections", ratio(costs, lane.costs), goal, peer))
        if floor:
            rows.append(at_least("the same by ASGI alone", ratio(costs, plain.costs), floor, peer))
    if NGINX in served:
        found = ratio(served[NGINX].costs, served[BATCHES].costs)
        rows.append(at_least(f"{BATCH} tiles in one request", found, 2.5, f"{NGINX}, one by one"))
    rows.append(at_most("p50 with 1 connection", Spread.of(one.p50 for one in lane.one).median, 0.2, "ms"))
    if IIP in served:
        late = ratio((one.p99 for one in lane.many), (one.p99 for one in served[IIP].many))
        rows.append(
            Row(f"p99 with {MANY} connections", f"≤ 1/8 of {IIP}", f"1/{1 / late.median:.0f}", late.median <= 1 / 8)
        )
    return rows


def _table(served: Mapping[str, Served]) -> Table:
    lines = []
    for name, one in served.items():
        per_core = Spread.of(1e6 / cost for cost in one.costs)
        held = sum(measured.held_back for measured in one.many)
        lines.append(
            (
                name,
                Spread.of(one.costs).words(1 if min(one.costs) < 1000 else 0),
                f"{per_core.median:.0f}",
                f"{Spread.of(each.rate * one.tiles for each in one.many).median:.0f}{'*' if held else ''}",
                f"{Spread.of(each.p50 for each in one.many).median:.2f}",
                f"{Spread.of(each.p99 for each in one.many).median:.2f}",
                f"{Spread.of(each.p50 for each in one.one).median:.3f}" if one.one else "",
                f"{Spread.of(each.p99 for each in one.one).median:.3f}" if one.one else "",
            )
        )
    headings = (
        "server",
        "µs CPU a tile",
        "tiles/s a busy core",
        "tiles/s",
        "p50 ms",
        "p99 ms",
        "p50 ms, 1 conn.",
        "p99 ms, 1 conn.",
    )
    title = (
        f"Native tiles of one generic TIFF over {MANY} connections, median (least to most) of the rounds. *: whoever asked was"
        " the limit, not the server. HTTP/2: mean and longest instead of p50 and p99."
    )
    return Table(title, headings, lines)
