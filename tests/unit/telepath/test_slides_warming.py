from array import array

from telepath.geometry import View
from telepath.slides import warming
from telepath.slides.pyramid import Level
from telepath.slides.tile_index import Decoded, File, Header, Stored, TileIndex
from telepath.slides.tile_request import TileName
from telepath.slides.warming import Screen

SIDE = 256
SCREEN = Screen(1600, 900)


def level(width: int, height: int, downsample: float) -> Level:
    return Level(width=width, height=height, downsample=downsample, tile_width=SIDE, tile_height=SIDE)


LEVELS = (level(40_960, 40_960, 1), level(10_240, 10_240, 4), level(2_560, 2_560, 16))


def tissue(column: int, row: int, columns: int) -> bool:
    """A third of the width, on the left."""
    return column < columns / 3


def stored() -> TileIndex:
    tables = []
    for one in LEVELS:
        lengths = [
            15_000 if tissue(column, row, one.columns) else 900
            for row in range(one.rows)
            for column in range(one.columns)
        ]
        tables.append((array("Q", [0] * len(lengths)), array("I", lengths)))
    ways = tuple(Stored(file=0, prefix=b"", blank=b"") for _ in LEVELS)
    return TileIndex(Header(entry="a.svs", levels=LEVELS, ways=ways, files=(File("a.svs", 1 << 40),)), tables)


def decoded() -> TileIndex:
    ways = tuple(Decoded(number) for number in range(len(LEVELS)))
    return TileIndex(Header(entry="a.mrxs", levels=LEVELS, ways=ways), [None] * len(LEVELS))


def chosen(index: TileIndex, *fields: View, limit: int = warming.SLIDE_BYTES) -> list[TileName]:
    return warming.tiles(index, fields, SCREEN, mpp=0.25, objective=None, limit=limit)[0]


def test_the_key_is_of_one_session_and_one_slide() -> None:
    secret = bytes(32)
    keys = {warming.key(secret, session, slide) for session in ("a", "b") for slide in ("x", "y")}
    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    assert warming.key(secret, "a", "x") in keys
    assert warming.key(bytes(31) + b"1", "a", "x") not in keys


def test_without_a_field_the_overview_comes_first_and_then_the_tissue_at_ten() -> None:
    names = chosen(stored())
    assert {name.level for name in names} == {1, 2}, "level 1 is that of ×10; nothing finer is sent"
    assert names[0].level == 2
    at_ten = [name for name in names if name.level == 1]
    assert {tissue(name.column, name.row, LEVELS[1].columns) for name in at_ten} == {True}
    assert len(at_ten) == 14 * 40
    assert len(names) == len(set(names))


def test_of_a_level_whose_tiles_are_made_when_asked_for_nothing_tells_glass() -> None:
    names = chosen(decoded(), limit=1 << 30)
    assert sum(name.level == 1 for name in names) == LEVELS[1].columns * LEVELS[1].rows


def test_a_pinned_field_comes_at_every_scale_up_to_that_of_the_screen() -> None:
    field = View(20_000, 20_000, 1_600, 900)
    names = chosen(stored(), field)
    finest = [name for name in names if name.level == 0]
    assert {(name.column, name.row) for name in finest} >= {
        (column, row) for column in range(75, 82) for row in range(77, 80)
    }
    assert len(finest) < 120
    assert (names.index(finest[0])) < next(at for at, name in enumerate(names) if name.level == 1 and name.column == 0)
    wide = View(20_000, 20_000, 16_000, 9_000)
    assert not [name for name in chosen(stored(), wide) if name.level == 0], "ten px of the slide to one of the screen"


def test_a_turned_field_is_covered() -> None:
    upright = {name for name in chosen(stored(), View(20_000, 20_000, 3_000, 300)) if name.level == 0}
    turned = {name for name in chosen(stored(), View(20_000, 20_000, 3_000, 300, rotation=90)) if name.level == 0}
    assert max(name.row for name in turned) > max(name.row for name in upright)


def test_it_ends_at_the_limit_and_says_how_much_it_is() -> None:
    names, total = warming.tiles(stored(), [], SCREEN, mpp=0.25, objective=None, limit=2_000_000)
    assert 1_900_000 < total <= 2_000_000
    assert 100 < len(names) < 400


def test_without_a_scale_the_objective_tells_ten() -> None:
    names, _ = warming.tiles(stored(), [], SCREEN, mpp=None, objective=10, limit=1 << 40)
    assert {name.level for name in names} == {0, 1, 2}


def test_a_level_of_more_tiles_than_any_scan_has_is_not_looked_through() -> None:
    """Its file may say eight million; the fields of it that somebody pinned come all the same."""
    side = 2800 * SIDE
    index = TileIndex(Header(entry="a.mrxs", levels=(level(side, side, 1),), ways=(Decoded(0),)), [None])
    assert chosen(index) == []
    assert chosen(index, View(100, 100, 150, 100)) == [TileName(0, 0, 0)]
