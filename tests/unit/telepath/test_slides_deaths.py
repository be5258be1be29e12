from telepath.slides.deaths import LIMIT, SLIDE_RESTS, TILE_RESTS, WITHIN, Deaths


def test_a_tile_is_tried_again_once_after_it_ended_a_worker() -> None:
    deaths = Deaths()
    assert not deaths.count("slide", "0-1_1", 0.1, now=100)
    assert not deaths.refused("slide", "0-1_1", now=101)
    deaths.count("slide", "0-1_1", 0.1, now=102)
    assert deaths.refused("slide", "0-1_1", now=103)
    assert not deaths.refused("slide", "0-1_2", now=103)
    assert not deaths.refused("other", "0-1_1", now=103)


def test_it_is_tried_anew_after_a_while() -> None:
    deaths = Deaths()
    deaths.count("slide", "0-1_1", 0.1, now=100)
    deaths.count("slide", "0-1_1", 0.1, now=100)
    assert not deaths.refused("slide", "0-1_1", now=100 + TILE_RESTS + 1)


def test_a_slide_rests_when_many_of_its_tiles_ended_workers() -> None:
    deaths = Deaths()
    rests = [deaths.count("slide", f"0-{column}_0", 0, now=100 + column) for column in range(int(LIMIT))]
    assert rests == [False] * (int(LIMIT) - 1) + [True]
    assert deaths.refused("slide", "5-0_0", now=130)
    assert not deaths.refused("other", "5-0_0", now=130)
    assert not deaths.refused("slide", "5-0_0", now=130 + SLIDE_RESTS)


def test_it_rests_sooner_when_they_took_long_and_longer_each_time() -> None:
    deaths = Deaths()
    assert deaths.count("slide", "0-0_0", LIMIT, now=0)
    assert deaths.count("slide", "0-1_0", LIMIT, now=SLIDE_RESTS)
    assert deaths.refused("slide", "0-2_0", now=2.9 * SLIDE_RESTS)
    assert not deaths.refused("slide", "0-2_0", now=3 * SLIDE_RESTS)


def test_a_few_deaths_now_and_then_are_no_reason() -> None:
    deaths = Deaths()
    assert not any(deaths.count("slide", f"0-{n}_0", 5, now=n * WITHIN) for n in range(50))
