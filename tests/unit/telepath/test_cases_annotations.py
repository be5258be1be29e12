"""Marks on a slide."""

import math

import pytest

from telepath.cases.annotations import Drawing, Point, Rectangle, Shape
from telepath.errors import Invalid, TooLarge
from telepath.geometry import Size

SLIDE = Size(40_000, 30_000)


def drawing(shape: Shape, operation_id: str = "operation-1", label: str = "") -> Drawing:
    return Drawing(operation_id=operation_id, shape=shape, label=label)


@pytest.mark.parametrize("shape", [Point(0, 0), Point(40_000, 30_000), Rectangle(0, 0, 40_000, 30_000)])
def test_a_shape_may_touch_the_edge_of_the_slide(shape: Shape) -> None:
    assert drawing(shape, label=" mitose ").checked(SLIDE).label == "mitose"


@pytest.mark.parametrize("shape", [Point(-0.5, 0), Point(0, 30_001), Rectangle(39_999, 0, 2, 2)])
def test_a_shape_that_leaves_the_slide_is_refused(shape: Shape) -> None:
    with pytest.raises(Invalid) as caught:
        drawing(shape).checked(SLIDE)
    assert caught.value.code == "error-annotation-outside"


@pytest.mark.parametrize(
    "shape",
    [
        Point(math.nan, 0),
        Point(0, math.inf),
        Rectangle(0, 0, 0, 5),
        Rectangle(5, 5, -1, 5),
        Rectangle(0, 0, math.nan, 1),
    ],
)
def test_a_shape_that_is_none_is_refused(shape: Shape) -> None:
    with pytest.raises(Invalid) as caught:
        drawing(shape).checked(SLIDE)
    assert caught.value.code == "error-annotation-geometry"


@pytest.mark.parametrize("operation_id", ["", "short", "x" * 41, "with space", "../../../etc"])
def test_an_operation_needs_an_identifier_of_its_own(operation_id: str) -> None:
    with pytest.raises(Invalid) as caught:
        drawing(Point(1, 1), operation_id).checked(SLIDE)
    assert caught.value.code == "error-annotation-operation"


def test_a_label_has_at_most_two_hundred_characters() -> None:
    with pytest.raises(TooLarge):
        drawing(Point(1, 1), label="x" * 201).checked(SLIDE)
