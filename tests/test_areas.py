"""Cell areas against quadrature and geodesic polygons; cross-tables against loops."""

import numpy as np
import pandas as pd
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from odc.geo.geobox import GeoBox
from pyproj import Geod, Transformer

from ldnkit import areas

NODATA = -32768
EARTH = 510_065_621.724  # km², surface of WGS 84
SINUSOIDAL = "+proj=sinu +lon_0=0 +x_0=0 +y_0=0 +R=6371007.181 +units=m +no_defs"


def geographic(west, south, east, north, cell):
    return GeoBox.from_bbox((west, south, east, north), "EPSG:4326", resolution=cell, tight=True)


def projected(crs, west, north, rows, columns, cell):
    box = (west, north - rows * cell, west + columns * cell, north)
    return GeoBox.from_bbox(box, crs, resolution=cell, tight=True)


def geodesic_area(grid, row, column, pieces=1):
    """km² of one cell: a polygon of geodesics through `pieces` points per side."""
    steps = np.arange(pieces) / pieces
    zero, one = np.zeros(pieces), np.ones(pieces)
    dx = np.concatenate([steps, one, 1 - steps, zero])
    dy = np.concatenate([zero, steps, one, 1 - steps])
    x, y = grid.transform * (column + dx, row + dy)
    to_degrees = Transformer.from_crs(grid.crs.to_wkt(), 4326, always_xy=True)
    area, _ = Geod(ellps="WGS84").polygon_area_perimeter(*to_degrees.transform(x, y))
    return abs(area) / 1e6


# ------------------------------------------------------------- geographic grids


@pytest.mark.parametrize(
    ("south", "square_metres"),
    # Cells of 0.0025 degrees whose lower edge is at `south`.
    [(0.0, 76_931.70), (-0.0025, 76_931.70), (45.0, 54_763.75), (-45.0025, 54_763.75)],
)
def test_known_cells(south, square_metres):
    grid = geographic(10.0, south, 10.0025, south + 0.0025, 0.0025)
    assert grid.shape == (1, 1)
    assert areas.cell_area(grid)[0, 0] * 1e6 == pytest.approx(square_metres, abs=0.005)


def test_globe():
    area = areas.cell_area(geographic(-180, -90, 180, 90, 0.25))
    assert area.shape == (720, 1)
    assert area.sum() * 1440 == pytest.approx(EARTH, rel=1e-9)


@pytest.mark.parametrize("cell", [1 / 400, 0.25, 1.0])
def test_rows_agree_with_quadrature(cell):
    grid = geographic(20, 30, 20 + 3 * cell, 30 + 40 * cell, cell)
    area = areas.cell_area(grid)[:, 0]
    for row in range(40):
        north = 30 + (40 - row) * cell
        assert area[row] == pytest.approx(
            reference.ellipsoid_band_area(north - cell, north, cell), rel=1e-8
        )


def test_geodesic_polygon_agrees():
    # A side along a parallel is not a geodesic: many points follow it.
    grid = geographic(20, 59, 21, 60, 0.25)
    assert areas.cell_area(grid)[1, 0] == pytest.approx(
        geodesic_area(grid, 1, 0, pieces=50), rel=1e-6
    )


def test_mistake_6_area_of_the_right_row():
    """Trends.Earth mistake 6: zonal areas at the wrong latitude row, +23 % at 50–60° N."""
    grid = geographic(0, 50, 1, 60, 1.0)
    area = areas.cell_area(grid)[:, 0]
    expected = [reference.ellipsoid_band_area(north - 1, north, 1) for north in range(60, 50, -1)]
    np.testing.assert_allclose(area, expected, rtol=1e-10)
    assert area[0] < area[-1]  # first row is the northern one, hence the smaller
    # Only the northernmost row is degraded: its own area is reported, not the southern row's.
    status = np.where(np.arange(10)[:, None] == 0, -1, 0)
    table = areas.crosstab(areas.cell_area(grid), status=status).set_index("status")
    assert table.loc[-1, "area_km2"] == pytest.approx(expected[0], rel=1e-10)


def test_southern_hemisphere_mirrors_the_northern():
    north = areas.cell_area(geographic(0, 20, 1, 30, 0.5))
    south = areas.cell_area(geographic(0, -30, 1, -20, 0.5))
    np.testing.assert_allclose(south, north[::-1], rtol=1e-12)
    assert south[0, 0] > south[-1, 0]


def test_south_up_grid():
    up = geographic(0, 50, 2, 60, 1.0)
    down = up.flipy()
    np.testing.assert_allclose(areas.cell_area(down), areas.cell_area(up)[::-1], rtol=1e-12)


@pytest.mark.parametrize("west", [-180.0, 0.0, 178.0, 359.0])
def test_longitude_does_not_matter(west):
    grid = geographic(west, -18, west + 4, -16, 0.5)
    np.testing.assert_allclose(
        areas.cell_area(grid), areas.cell_area(geographic(0, -18, 4, -16, 0.5)), rtol=1e-12
    )


# -------------------------------------------------------------- projected grids


@pytest.mark.parametrize("lat_y", [0.0, 4_000_000.0, -6_500_000.0])
def test_equal_area_grid(lat_y):
    """EASE-Grid 2.0 (EPSG:6933) keeps areas: every cell is its nominal size."""
    grid = projected("EPSG:6933", 1_000_000, lat_y, 30, 20, 300)
    area = areas.cell_area(grid)
    assert area.shape == (30, 20)
    np.testing.assert_allclose(area, 0.09, rtol=1e-6)
    for row, column in [(0, 0), (29, 19), (15, 3)]:
        assert area[row, column] == pytest.approx(geodesic_area(grid, row, column), rel=1e-5)


def test_utm_cell():
    # At the central meridian the scale is 0.9996: a 30 m map square is 900 / 0.9996² m².
    grid = projected("EPSG:32633", 499_985, 5_000_000, 1, 1, 30)
    area = areas.cell_area(grid)[0, 0]
    assert area * 1e6 == pytest.approx(900 / 0.9996**2, rel=1e-6)
    assert area == pytest.approx(geodesic_area(grid, 0, 0), rel=1e-6)


def test_utm_far_from_the_meridian():
    # 300 km east the scale exceeds 1: the same map square is smaller on the ground.
    grid = projected("EPSG:32733", 800_000, 8_000_000, 5, 5, 1000)
    area = areas.cell_area(grid)
    assert (area < 1).all()
    for row, column in [(0, 0), (4, 4), (2, 1)]:
        assert area[row, column] == pytest.approx(
            geodesic_area(grid, row, column, pieces=8), rel=1e-6
        )


@pytest.mark.parametrize("north", [0, 3_335_851.559, -4_447_802.079, 6_671_703.118])
def test_modis_sinusoidal(north):
    # MODIS keeps areas on a sphere, so its cells differ from the ellipsoid by up to 0.5 %.
    grid = projected(SINUSOIDAL, 1_111_950.52, north, 40, 40, 463.312716528)
    area = areas.cell_area(grid)
    for row, column in [(0, 0), (39, 39), (20, 7)]:
        assert area[row, column] == pytest.approx(
            geodesic_area(grid, row, column, pieces=4), rel=3e-6
        )
    assert area[0, 0] == pytest.approx(0.463312716528**2, rel=0.007)


@pytest.mark.parametrize(
    ("crs", "west", "north"),
    [
        ("EPSG:32633", 300_000, 7_000_000),
        ("EPSG:3857", 1_000_000, 8_400_000),  # 60° N: the map is four times the ground
        ("EPSG:3035", 4_000_000, 3_000_000),
        (SINUSOIDAL, 2_000_000, 5_000_000),
    ],
)
def test_large_projected_grid_cell_by_cell(crs, west, north):
    """Interpolating between samples keeps a relative 1e-6: whole grid against single cells."""
    grid = projected(crs, west, north, 150, 130, 1000)
    area = areas.cell_area(grid)
    random = np.random.default_rng(6)
    for row, column in zip(random.integers(0, 150, 40), random.integers(0, 130, 40), strict=True):
        single = areas.cell_area(grid[int(row) : int(row) + 1, int(column) : int(column) + 1])
        assert area[row, column] == pytest.approx(single[0, 0], rel=1e-6)


def test_across_the_180th_meridian():
    # Fiji, UTM 1 south, around 180°: cells on both sides and across it are whole.
    x, _ = Transformer.from_crs(4326, 32701, always_xy=True).transform(180.0, -17.0)
    grid = projected("EPSG:32701", round(x) - 50_000, 8_115_000, 4, 100, 1000)
    area = areas.cell_area(grid)
    assert (area > 0.98).all()
    assert (area < 1.01).all()
    assert np.abs(np.diff(area, axis=1)).max() < 1e-3


def test_grid_without_crs():
    grid = GeoBox((2, 2), geographic(0, 0, 2, 2, 1).transform, None)
    with pytest.raises(ValueError, match="coordinate reference system"):
        areas.cell_area(grid)


def test_beyond_the_pole():
    with pytest.raises(ValueError, match="pole"):
        areas.cell_area(geographic(0, 88, 2, 92, 1))


# ------------------------------------------------------------- windows and blocks

edges = st.integers(1, 39)


@given(cut=edges)
def test_area_is_conserved_over_windows(cut):
    grid = geographic(10, -20, 14, 20, 1.0)
    whole = areas.cell_area(grid)
    parts = np.vstack([areas.cell_area(grid[:cut, :]), areas.cell_area(grid[cut:, :])])
    np.testing.assert_allclose(parts, whole, rtol=1e-12)


@given(factor=st.integers(1, 8), south=st.integers(-88, 80))
def test_fine_cells_fill_the_coarse_cell(factor, south):
    coarse = areas.cell_area(geographic(0, south, 1, south + 1, 1.0)).sum()
    fine = areas.cell_area(geographic(0, south, 1, south + 1, 1 / factor)).sum() * factor
    assert fine == pytest.approx(coarse, rel=1e-10)


# ------------------------------------------------------------------- cross-tables

classes = st.sampled_from([-1, 0, 1, NODATA])
layers = hnp.arrays(np.int16, (6, 5), elements=classes)
AREA = np.linspace(0.05, 0.08, 6)[:, None]  # km², one value per row


def as_dict(table, *names):
    keys = zip(*(table[name] for name in names), strict=True)
    return dict(zip(keys, zip(table["area_km2"], table["cells"], strict=True), strict=True))


# | 1 a | 1 b |   areas: 2 km² in the first row,
# | 2 a | 1 a |          3 km² in the second
def test_crosstab_by_hand():
    area = np.array([[2.0], [3.0]])
    first = np.array([[1, 1], [2, 1]], np.int16)
    second = np.array([[7, NODATA], [7, 7]], np.int16)
    table = areas.crosstab(area, first=first, second=second)
    assert list(table.columns) == ["first", "second", "area_km2", "cells"]
    assert as_dict(table, "first", "second") == {
        (1, NODATA): (2.0, 1),
        (1, 7): (5.0, 2),
        (2, 7): (3.0, 1),
    }


def test_crosstab_weights():
    area = np.ones((2, 2))
    people = np.array([[0.25, np.nan], [0.5, 4.0]])
    status = np.array([[-1, -1], [-1, 0]], np.int16)
    table = areas.crosstab(area, weights={"people": people}, status=status).set_index("status")
    assert table.loc[-1, "people"] == 0.75  # not rounded, a missing value counts as zero
    assert table.loc[0, "people"] == 4.0
    assert table["cells"].sum() == 4


@given(first=layers, second=layers)
def test_crosstab_equals_the_loop(first, second):
    table = areas.crosstab(AREA, first=first, second=second)
    full = np.broadcast_to(AREA, first.shape)
    expected = reference.crosstab(full.ravel(), first=first.ravel(), second=second.ravel())
    found = as_dict(table, "first", "second")
    assert found.keys() == expected.keys()
    for key, (area, cells) in expected.items():
        assert found[key][0] == pytest.approx(area, rel=1e-12)
        assert found[key][1] == cells


@given(first=layers, second=layers)
def test_crosstab_totals_equal_the_area(first, second):
    table = areas.crosstab(AREA, first=first, second=second)
    assert table["area_km2"].sum() == pytest.approx(AREA.sum() * 5, rel=1e-12)
    assert table["cells"].sum() == 30


@given(layer=layers, seed=st.integers(0, 1000))
def test_order_of_cells_does_not_matter(layer, seed):
    order = np.random.default_rng(seed).permutation(layer.size)
    area = np.broadcast_to(AREA, layer.shape).ravel()
    straight = areas.crosstab(area, layer=layer.ravel())
    shuffled = areas.crosstab(area[order], layer=layer.ravel()[order])
    pd.testing.assert_frame_equal(straight, shuffled, rtol=1e-12)


@given(first=layers, second=layers, cut=st.integers(1, 5))
def test_blocks_add_up(first, second, cut):
    whole = areas.crosstab(AREA, first=first, second=second)
    parts = [
        areas.crosstab(AREA[rows], first=first[rows], second=second[rows])
        for rows in (slice(None, cut), slice(cut, None))
    ]
    pd.testing.assert_frame_equal(areas.merge(parts), whole, rtol=1e-12, check_dtype=False)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.int64, np.uint8])
def test_mistake_10_codes_10_20_200_of_any_integer_type(dtype):
    codes = np.array([[10, 20], [200, 10]])  # codes need not be 1 to n (mistake 10)
    table = areas.crosstab(np.ones((2, 1)), codes=codes.astype(dtype))
    assert as_dict(table, "codes") == {(10,): (2.0, 2), (20,): (1.0, 1), (200,): (1.0, 1)}


def test_mistake_11_country_not_bounding_box():
    """Mistake 11: statistics over the bounding box instead of the country."""
    inside = np.array([[True, False], [True, False]])
    codes = np.array([[1, 9], [2, 9]], np.int16)
    table = areas.crosstab(np.array([[2.0], [3.0]]), where=inside, codes=codes)
    assert as_dict(table, "codes") == {(1,): (2.0, 1), (2,): (3.0, 1)}


def test_no_cell_gives_an_empty_table():
    codes = np.ones((2, 2), np.int16)
    table = areas.crosstab(np.ones((2, 1)), where=np.zeros((2, 2), bool), codes=codes)
    assert len(table) == 0
    assert list(table.columns) == ["codes", "area_km2", "cells"]
    full = areas.crosstab(np.ones((2, 1)), codes=codes)
    merged = areas.merge([table, full])
    assert as_dict(merged, "codes") == {(1,): (4.0, 4)}
    assert len(areas.merge(part for part in [table, table])) == 0


def test_many_layers_with_many_codes():
    """More possible combinations than memory would hold: only those that occur are listed."""
    random = np.random.default_rng(3)
    many = {f"layer_{i}": random.integers(0, 3000, (20, 20)) for i in range(5)}
    table = areas.crosstab(np.ones((20, 1)), **many)
    expected = reference.crosstab([1.0] * 400, **{k: v.ravel() for k, v in many.items()})
    assert as_dict(table, *many) == expected


def test_layers_of_different_shape():
    with pytest.raises(ValueError, match="shape"):
        areas.crosstab(np.ones((2, 1)), a=np.ones((2, 2), int), b=np.ones((3, 2), int))


def test_layer_of_floats():
    with pytest.raises(ValueError, match="integers"):
        areas.crosstab(np.ones((2, 1)), a=np.ones((2, 2)))
