from telepath.actor import Origin
from telepath.slides.pyramid import Level
from telepath.slides.regions import NOWHERE, ORIGINS, Book, Sent

LEVELS = (
    Level(width=1000, height=700, downsample=1.0, tile_width=256, tile_height=256),
    Level(width=250, height=175, downsample=4.0, tile_width=256, tile_height=256),
)
NOON = 1_773_230_400.0
HERE, THERE = Origin("192.0.2.1", "Firefox"), Origin("192.0.2.2", "Chromium")


def sent(*tiles: tuple[int, int, int]) -> Sent:
    made = Sent("s", NOON)
    for number, (level, column, row) in enumerate(tiles):
        made.add(level, column, row, NOON + number)
    return made


def test_the_box_of_a_level_is_in_level_0_px_and_ends_with_the_slide() -> None:
    told = sent((0, 1, 1), (0, 3, 2), (0, 2, 1)).told(LEVELS)
    assert told == {
        "tiles": 3,
        "levels": [0],
        "box": [256, 256, 744, 444],
        "boxes": {"0": [256, 256, 744, 444]},
        "from": "2026-03-11T12:00:00+00:00",
        "to": "2026-03-11T12:00:02+00:00",
    }


def test_each_level_has_its_box_and_one_is_around_them_all() -> None:
    told = sent((0, 0, 1), (1, 0, 0)).told(LEVELS)
    assert told["boxes"] == {"0": [0, 256, 256, 256], "1": [0, 0, 1000, 700]}
    assert told["box"] == [0, 0, 1000, 700]


def test_of_a_slide_whose_levels_are_forgotten_the_tiles_are_still_counted() -> None:
    told = sent((0, 0, 1), (1, 0, 0)).told(())
    assert (told["tiles"], told["levels"], told["boxes"], told["box"]) == (2, [0, 1], {}, [0, 0, 0, 0])


def test_what_could_not_be_written_is_counted_with_what_came_since() -> None:
    book, failed = Book(10), Book(10)
    for into, tile, at in ((failed, (0, 3, 0), NOON), (book, (0, 1, 2), NOON + 60)):
        entry = into.entry("v", HERE, "s", at)
        assert entry is not None
        entry.add(*tile, at)
    lost = failed.entry("w", HERE, "s", NOON)
    assert lost is not None
    lost.refused += 1
    book.take_back(failed)
    entries = dict(book)
    both = entries["v", HERE].told(LEVELS)
    assert (both["tiles"], both["box"]) == (2, [256, 0, 744, 700])
    assert (both["from"], both["to"]) == ("2026-03-11T12:00:00+00:00", "2026-03-11T12:01:00+00:00")
    assert entries["w", HERE].refused == 1
    assert book.views == {"v", "w"}


def test_one_view_from_two_places_is_told_apart() -> None:
    book = Book(10)
    assert book.entry("v", HERE, "s", NOON) is not book.entry("v", THERE, "s", NOON)
    assert book.entry("v", HERE, "s", NOON) is book.entry("v", HERE, "s", NOON + 1)


def test_a_browser_that_calls_itself_differently_each_time_cannot_fill_the_book() -> None:
    book = Book(1000)
    for number in range(500):
        assert book.entry("v", Origin(device=str(number)), "s", NOON) is not None
    assert len(book) == ORIGINS + 1
    assert ("v", NOWHERE) in dict(book)


def test_a_full_book_takes_no_other_view() -> None:
    book = Book(2)
    assert all(book.entry(view, HERE, "s", NOON) is not None for view in ("v", "w"))
    assert book.entry("x", HERE, "s", NOON) is None
    assert book.entry("v", HERE, "s", NOON) is not None
