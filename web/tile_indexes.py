"""The index of a slide in memory, with what its tiles' answers say the same each time."""

import hashlib
from collections.abc import Iterator
from typing import Final

import msgspec

from telepath.slides import catalogue, tile_names
from telepath.slides.tile_cache import MADE
from telepath.slides.tile_index import Built, Stored, TileIndex
from web.stored_tiles import Levels, Ready
from web.tile_answers import JPEG

BATCH_BYTES: Final = 16 << 20
"""Of one batch, were each of its tiles as long as the slide's longest; what would pass it is answered 503, and had alone."""
USUAL_BYTES: Final = BATCH_BYTES // tile_names.BATCH_LIMIT


class Held(msgspec.Struct, frozen=True):
    index: TileIndex
    size: int
    """Bytes."""
    tag: str
    """What the ETags of its stored tiles begin with; ``made``: those of the others."""
    made: str
    files: str
    """The storage key of its files; ``built``: of the levels that they lack."""
    built: str
    stored: tuple[bool, ...]
    """Which levels lie ready in a file."""
    room: int
    """How many of its tiles go into one batch."""
    looked_at: float
    """When it was read; again after LOOK_AGAIN where levels were still being built."""
    whole: bool
    ready: Levels
    """Those that lie in a file, for the lane."""


def held_index(index: TileIndex, data: bytes, slide_id: str, looked_at: float) -> Held:
    """``data``: as it is stored."""
    tag, ways = hashlib.sha256(data).hexdigest()[:12], index.header.ways
    files, built = catalogue.files_key(slide_id), catalogue.built_tiles_key(slide_id)
    return Held(
        index=index,
        size=len(data),
        tag=tag,
        made=f"{tag}.{MADE}",
        files=files,
        built=built,
        stored=tuple(isinstance(way, Stored) for way in ways),
        room=max(1, BATCH_BYTES // max(index.longest, USUAL_BYTES)),
        looked_at=looked_at,
        whole=not any(isinstance(way, Built) for way in ways),
        ready=dict(_ready(index, tag, files, built)),
    )


def kept_as(held: Held, text: str) -> str:
    """The name under which a tile or picture that is made is kept: another one when the slide was read again since."""
    return f"{held.made} {text}"


def key_of(held: Held, name: str) -> str:
    """The storage key of a file that the index names."""
    return _key(held.files, held.built, name)


def _key(files: str, built: str, name: str) -> str:
    return built if name == catalogue.BUILT_TILES else f"{files}/{name}"


def _ready(index: TileIndex, tag: str, files: str, built: str) -> Iterator[tuple[bytes, Ready]]:
    header = index.header
    for number, (level, way, table) in enumerate(zip(header.levels, header.ways, index.tables, strict=True)):
        if isinstance(way, Stored) and table is not None:
            file = header.files[way.file]
            yield (
                b"%d" % number,
                Ready(
                    level=number,
                    columns=level.columns,
                    rows=level.rows,
                    offsets=table[0],
                    lengths=table[1],
                    key=_key(files, built, file.name),
                    size=file.size,
                    prefix=way.prefix,
                    headers=JPEG.wire + b'etag: "%b-' % tag.encode(),
                ),
            )
