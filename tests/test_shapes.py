"""Polygons on a grid: whose centre is inside, what share is covered, blocks that fit together."""

import geopandas
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from shapely import Polygon, box
from shapely.affinity import rotate

from ldnkit import blocks
from ldnkit.shapes import Coverage, Polygons, place

NODATA = -32768

# Four by four cells of one degree; rows run south from 4° N, columns east from 0°.
#
#       0   1   2   3   4
#   4   +---+---+---+---+
#       | . | . | . | . |     centres at half degrees
#   3   +---+---+---+---+
GRID = GeoBox.from_bbox((0, 0, 4, 4), "EPSG:4326", resolution=1)


def read(*shapes, grid=GRID, crs="EPSG:4326", outside=0):
    return Polygons(shapes, crs, outside=outside).read(grid).tolist()


def assembled(source, grid, block):
    """The whole grid put together from blocks."""
    rows = None
    for row, column, part in blocks.windows(grid, block):
        piece = source.read(part)
        rows = np.zeros(grid.shape, piece.dtype) if rows is None else rows
        rows[row : row + piece.shape[0], column : column + piece.shape[1]] = piece
    return rows


def test_a_cell_belongs_to_the_polygon_that_holds_its_centre():
    # from 0.4 to 2.6: the centres 0.5, 1.5 and 2.5 are inside, in both directions
    assert read(box(0.4, 0.4, 2.6, 2.6)) == [
        [0, 0, 0, 0],
        [1, 1, 1, 0],
        [1, 1, 1, 0],
        [1, 1, 1, 0],
    ]


def test_a_polygon_between_centres_holds_no_cell():
    assert read(box(0.6, 0.6, 1.4, 1.4)) == [[0] * 4] * 4


def test_the_later_polygon_counts_where_two_overlap():
    assert read(box(0, 0, 3, 4), box(2, 0, 4, 4))[0] == [1, 1, 2, 2]
    assert read(box(2, 0, 4, 4), box(0, 0, 3, 4))[0] == [2, 2, 2, 1]


def test_none_and_empty_polygons_keep_their_number_and_hold_nothing():
    assert read(None, Polygon(), box(0, 0, 4, 4)) == [[3] * 4] * 4
    assert read(None) == [[0] * 4] * 4
    assert read() == [[0] * 4] * 4


def test_outside_is_no_data_unless_said():
    numbers = Polygons((box(0, 0, 1, 1),), "EPSG:4326").read(GRID)
    assert numbers.dtype == np.int16
    assert numbers[3].tolist() == [1, NODATA, NODATA, NODATA]


def test_a_hole_is_outside():
    ring = box(0, 0, 4, 4).difference(box(1, 1, 3, 3))
    assert read(ring) == [[1, 1, 1, 1], [1, 0, 0, 1], [1, 0, 0, 1], [1, 1, 1, 1]]


@pytest.mark.parametrize(
    "shape",
    [box(179, 0, 181, 1), box(-181, 0, -179, 1), box(179, 0, 180, 1).union(box(-180, 0, -179, 1))],
    ids=["0 to 360", "below -180", "in two parts"],
)
@pytest.mark.parametrize("west", [178, -182], ids=["grid in 0 to 360", "grid below -180"])
def test_a_polygon_across_180_lies_on_any_turn(shape, west):
    grid = GeoBox.from_bbox((west, 0, west + 4, 1), "EPSG:4326", resolution=1)
    assert read(shape, grid=grid) == [[0, 1, 1, 0]]


def test_polygons_reach_a_grid_in_another_reference_system():
    grid = GeoBox.from_bbox((250_000, 990_000, 290_000, 1_030_000), "EPSG:32636", resolution=10_000)
    shape = box(260_000, 1_000_000, 280_000, 1_020_000)
    degrees = geopandas.GeoSeries([shape], crs="EPSG:32636").to_crs(4326)
    expected = [[0, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 0]]
    assert read(shape, grid=grid, crs="EPSG:32636") == expected
    assert read(degrees.iloc[0], grid=grid) == expected


def test_a_grid_in_metres_knows_no_turns():
    grid = GeoBox.from_bbox((0, 0, 40, 40), "EPSG:32636", resolution=10)
    far = box(360, 0, 400, 40)
    assert place((far,), "EPSG:32636", grid) == []


@given(
    st.lists(st.tuples(*[st.floats(-1, 5)] * 4, st.floats(0, 90)), max_size=4),
    st.integers(1, 5),
)
@settings(max_examples=30, deadline=None)
def test_blocks_fit_together(corners, block):
    shapes = tuple(
        rotate(box(min(a, c), min(b, d), max(a, c), max(b, d)), turn)
        for a, b, c, d, turn in corners
    )
    source = Polygons(shapes, "EPSG:4326", outside=0)
    assert (assembled(source, GRID, block) == source.read(GRID)).all()


# ---------------------------------------------------------------------- shares of cells
def test_coverage_by_hand():
    # columns 0 to 1.5, rows 1 to 2.25 from the top:
    #   row 1: one whole cell and half a cell; row 2: a quarter of these
    share = Coverage(box(0, 1.75, 1.5, 3), "EPSG:4326").read(GRID)
    assert share.dtype == np.float32
    assert share.tolist() == [[0, 0, 0, 0], [1, 0.5, 0, 0], [0.25, 0.125, 0, 0], [0, 0, 0, 0]]


def test_a_polygon_smaller_than_a_cell_has_its_share():
    share = Coverage(box(1.25, 1.25, 1.75, 1.5), "EPSG:4326").read(GRID)
    assert share[2, 1] == 0.125  # half a cell wide, a quarter high
    assert share.sum() == 0.125


def test_coverage_of_a_slanted_polygon_is_near_its_area():
    shape = rotate(box(0.7, 0.9, 3.1, 2.8), 30)
    exact = shape.area
    share = Coverage(shape, "EPSG:4326").read(GRID)
    assert share.sum() == pytest.approx(exact, rel=0.01)
    for row in range(4):
        for column in range(4):
            cell = box(column, 3 - row, column + 1, 4 - row)
            assert share[row, column] == pytest.approx(cell.intersection(shape).area, abs=0.1)


@pytest.mark.parametrize("block", [1, 3])
def test_coverage_of_blocks_fits_together(block):
    source = Coverage(rotate(box(0.7, 0.9, 3.1, 2.8), 30), "EPSG:4326")
    assert (assembled(source, GRID, block) == source.read(GRID)).all()
