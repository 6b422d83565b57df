"""Rasters on the country's grid: read exactly, filled with no data, resampled as written."""

import numpy as np
import pytest
import rasterio
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rasterio.transform import from_origin
from small_country import small_country

from ldnkit import blocks, sources
from ldnkit.sources.rasters import Raster, Stack

NODATA = -32768
SINUSOIDAL = "+proj=sinu +R=6371007.181 +units=m"


def write(path, values, *, west=30.0, north=10.0, cell=1.0, crs="EPSG:4326", nodata=None):
    values = np.asarray(values)
    bands = values if values.ndim == 3 else values[np.newaxis]
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=bands.shape[1],
        width=bands.shape[2],
        count=len(bands),
        dtype=values.dtype,
        crs=crs,
        transform=from_origin(west, north, cell, cell),
        nodata=nodata,
    ) as target:
        target.write(bands)
    return path


def grid_at(west, north, rows, columns, cell=1.0, crs="EPSG:4326"):
    return GeoBox((rows, columns), from_origin(west, north, cell, cell), crs)


def same(found, expected):
    np.testing.assert_array_equal(found, expected)
    return True


# ------------------------------------------------------------------- on its own grid
VALUES = np.arange(1, 21, dtype=np.int16).reshape(4, 5)


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    return write(tmp_path_factory.mktemp("own") / "own.tif", VALUES)


def test_its_own_grid_is_read_exactly(own):
    found = Raster(own).read(grid_at(30, 10, 4, 5))
    assert found.dtype == np.int16
    assert same(found, VALUES)
    assert Raster(own).resampling(grid_at(30, 10, 4, 5)) == "none"


@given(st.integers(-7, 7), st.integers(-7, 7), st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=25, deadline=None)
def test_a_window_in_any_position_has_no_data_outside_the_raster(own, row, column, rows, columns):
    #            the raster, padded with no data on all sides, is a picture of the whole world
    world = np.pad(VALUES, 20, constant_values=NODATA)
    expected = world[20 + row : 20 + row + rows, 20 + column : 20 + column + columns]
    window = grid_at(30 + column, 10 - row, rows, columns)
    assert same(Raster(own).read(window), expected)


def test_values_keep_integers_on_their_own_grid_and_floats_elsewhere(tmp_path, own):
    assert Raster(own, "value").read(grid_at(30, 10, 2, 2)).dtype == np.int16
    assert Raster(own, "value").read(grid_at(30.25, 10, 2, 2)).dtype == np.float32
    wide = write(tmp_path / "wide.tif", VALUES.astype(np.uint16))
    assert Raster(wide, "value").read(grid_at(30, 10, 2, 2)).dtype == np.float32


def test_another_band(tmp_path):
    path = write(tmp_path / "bands.tif", np.stack([VALUES, VALUES * 2]))
    assert same(Raster(path, band=2).read(grid_at(30, 10, 4, 5)), VALUES * 2)


def test_a_raster_that_is_south_up_is_turned(tmp_path, own):
    path = tmp_path / "south_up.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=4,
        width=5,
        count=1,
        dtype="int16",
        crs="EPSG:4326",
        transform=rasterio.Affine(1, 0, 30, 0, 1, 6),
    ) as target:
        target.write(VALUES[::-1], 1)
    assert same(Raster(path).read(grid_at(30, 10, 4, 5)), VALUES)


def test_a_raster_without_reference_system_is_refused(tmp_path):
    path = write(tmp_path / "nowhere.tif", VALUES, crs=None)
    with pytest.raises(ValueError, match=r"nowhere\.tif has no coordinate reference system"):
        Raster(path).read(grid_at(30, 10, 4, 5))


# --------------------------------------------------------------------------- no data
@pytest.mark.parametrize(
    ("dtype", "declared", "extra", "missing"),
    [
        (np.uint8, 0, (), [0]),
        (np.uint8, None, (255,), [255]),
        (np.uint8, 0, (255, 254), [0, 255, 254]),
        (np.int8, None, (-128, 255), [-128]),
        (np.uint8, None, (-128, 255), [255]),
        (np.int16, -32768, (), [-32768]),
        (np.int16, -9999, (-3000,), [-9999, -3000]),
        (np.uint16, None, (65533, 65535), [65533, 65535]),
        (np.uint16, 65535, (65533,), [65533, 65535]),
        (np.int32, -2147483648, (), [-2147483648]),
        (np.float32, -9999.0, (), [-9999.0]),
        (np.float32, None, (), [np.nan, np.inf]),
        (np.float32, -3.4028234663852886e38, (), [-3.4028234663852886e38]),
        (np.float64, float("nan"), (-1.0,), [np.nan, -1.0]),
    ],
)
@pytest.mark.parametrize("kind", ["class", "value"])
def test_fill_values_become_no_data(tmp_path, dtype, declared, extra, missing, kind):
    values = np.array([*missing, 7, 100], dtype)[np.newaxis]
    path = write(tmp_path / "fill.tif", values, nodata=declared)
    found = Raster(path, kind, extra).read(grid_at(30, 10, 1, values.size))[0]
    if found.dtype == np.int16:
        assert found.tolist() == [NODATA] * len(missing) + [7, 100]
    else:
        assert np.isnan(found[: len(missing)]).all()
        assert found[len(missing) :].tolist() == [7, 100]
    assert found.dtype == np.int16 or kind == "value"


def test_a_zero_that_nobody_declared_is_a_class(tmp_path):
    path = write(tmp_path / "zero.tif", np.array([[0, 1]], np.uint8))
    assert Raster(path).read(grid_at(30, 10, 1, 2)).tolist() == [[0, 1]]


def test_fill_values_never_enter_a_mean_or_a_line_between_cells(tmp_path):
    values = np.array([[100, 65533, 300, 65535]] * 2, np.uint16)
    path = write(tmp_path / "fill.tif", values, nodata=65535)
    raster = Raster(path, "value", (65533,))
    assert raster.read(grid_at(30, 10, 1, 2, cell=2)).tolist() == [[100, 300]]
    finer = raster.read(grid_at(30, 10, 4, 8, cell=0.5))
    assert set(finer[np.isfinite(finer)].tolist()) <= {100.0, 300.0}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.array([[1, 65535]], np.uint16), "found codes from 1 to 65535"),
        (np.array([[1, 32767]], np.int32), "found codes from 1 to 32767"),
        (np.array([[1, -40000]], np.int32), "found codes from -40000 to 1"),
        (np.array([[1, 2.5]], np.float32), "found fractions such as 2.5"),
    ],
)
def test_classes_that_do_not_fit_are_refused_with_their_values(tmp_path, values, reason):
    path = write(tmp_path / "codes.tif", values)
    with pytest.raises(ValueError, match=reason) as error:
        Raster(path).read(grid_at(30, 10, 1, 2))
    assert "codes.tif" in str(error.value)


def test_float_classes_that_are_whole_are_classes(tmp_path):
    path = write(tmp_path / "float.tif", np.array([[10.0, 210.0, np.nan]], np.float32))
    assert Raster(path).read(grid_at(30, 10, 1, 3)).tolist() == [[10, 210, NODATA]]


# ----------------------------------------------------------------------- resampling
def nearest(values, transform, grid, crs="EPSG:4326"):
    """The value of the pixel that holds each cell's centre; independent of GDAL."""
    rows, columns = grid.shape
    column, row = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    x, y = grid.transform.a * column + grid.transform.c, grid.transform.e * row + grid.transform.f
    to_source = Transformer.from_crs(grid.crs.to_wkt(), crs, always_xy=True)
    x, y = to_source.transform(x, y)
    column, row = (x - transform.c) / transform.a, (y - transform.f) / transform.e
    inside = (row >= 0) & (row < values.shape[0]) & (column >= 0) & (column < values.shape[1])
    found = np.full(grid.shape, np.nan)
    found[inside] = values[row[inside].astype(int), column[inside].astype(int)]
    return found, row - 0.5, column - 0.5


def bilinear(values, row, column):
    """Between the four pixel centres around a place; NaN at the edges of the raster."""
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    inside = (top >= 0) & (left >= 0)
    inside &= (top < values.shape[0] - 1) & (left < values.shape[1] - 1)
    top, left = np.where(inside, top, 0), np.where(inside, left, 0)
    down, right = row - top, column - left
    upper = values[top, left] * (1 - right) + values[top, left + 1] * right
    lower = values[top + 1, left] * (1 - right) + values[top + 1, left + 1] * right
    return np.where(inside, upper * (1 - down) + lower * down, np.nan)


RANDOM = np.random.default_rng(7)
CODES = RANDOM.integers(1, 8, (60, 80)).astype(np.int16)
NUMBERS = RANDOM.integers(0, 9000, (60, 80)).astype(np.int16)
PIXEL = 0.01
TARGETS = {
    "shifted": grid_at(30.1037, 9.9011, 30, 40, 0.01),
    "finer": grid_at(30.1, 9.9, 50, 60, 0.0033),
    "a little coarser": grid_at(30.1, 9.9, 30, 40, 0.0127),
    "UTM": grid_at(180_000, 1_090_000, 30, 40, 1000, "EPSG:32636"),
    "UTM, finer": grid_at(180_000, 1_090_000, 40, 40, 250, "EPSG:32636"),
    "sinusoidal": grid_at(3_302_000, 1_095_000, 30, 40, 926.6254, SINUSOIDAL),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("resampled")
    write(folder / "codes.tif", CODES, cell=PIXEL)
    write(folder / "numbers.tif", NUMBERS, cell=PIXEL)
    return folder


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_classes_go_by_nearest_neighbour_to_cells_of_like_size(folder, target):
    raster = Raster(folder / "codes.tif")
    expected, _, _ = nearest(CODES, from_origin(30, 10, PIXEL, PIXEL), target)
    assert raster.resampling(target) == "nearest"
    assert same(raster.read(target), np.where(np.isnan(expected), NODATA, expected))
    assert np.isfinite(expected).mean() > 0.9


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_values_go_bilinearly_to_cells_of_like_size(folder, target):
    raster = Raster(folder / "numbers.tif", "value")
    _, row, column = nearest(NUMBERS, from_origin(30, 10, PIXEL, PIXEL), target)
    expected = bilinear(NUMBERS.astype(float), row, column)
    assert raster.resampling(target) == "bilinear"
    inside = np.isfinite(expected)
    np.testing.assert_allclose(raster.read(target)[inside], expected[inside], atol=0.01)
    assert inside.mean() > 0.9


def test_a_coarser_grid_takes_the_most_frequent_class(tmp_path):
    # three by three cells become one:    1 1 2    7 7 .
    #                                     1 2 2    . . .   (. is no data and never wins)
    #                                     2 3 3    . . 7
    values = np.array([[1, 1, 2, 7, 7, 0], [1, 2, 2, 0, 0, 0], [2, 3, 3, 0, 0, 7]], np.uint8)
    path = write(tmp_path / "codes.tif", values, nodata=0)
    coarse = grid_at(30, 10, 1, 2, cell=3)
    assert Raster(path).resampling(coarse) == "mode"
    assert Raster(path).read(coarse).tolist() == [[2, 7]]


def test_a_coarser_grid_takes_the_most_frequent_class_everywhere(folder):
    coarse = grid_at(30.1, 9.9, 10, 20, cell=0.03)
    found = Raster(folder / "codes.tif").read(coarse)
    for row in range(10):
        for column in range(20):
            block = CODES[10 + 3 * row :, 10 + 3 * column :][:3, :3]
            counts = np.bincount(block.ravel())
            assert counts[found[row, column]] == counts.max()


def test_a_coarser_grid_takes_the_mean_of_values(folder):
    coarse = grid_at(30.1, 9.9, 10, 20, cell=0.03)
    found = Raster(folder / "numbers.tif", "value").read(coarse)
    blocks_of_nine = NUMBERS[10:40, 10:70].reshape(10, 3, 20, 3).astype(float)
    assert Raster(folder / "numbers.tif", "value").resampling(coarse) == "average"
    np.testing.assert_allclose(found, blocks_of_nine.mean(axis=(1, 3)), rtol=1e-6)


def test_the_mean_weighs_pixels_by_their_share(tmp_path):
    # cells of 1.6 pixels: the first holds 1 and 0.6 of the pixels in both directions
    values = np.array([[100, 200, 300, 400]] * 4, np.float32)
    path = write(tmp_path / "numbers.tif", values)
    found = Raster(path, "value").read(grid_at(30, 10, 2, 2, cell=1.6))
    first = (100 + 0.6 * 200) / 1.6
    second = (0.4 * 200 + 300 + 0.2 * 400) / 1.6
    np.testing.assert_allclose(found, [[first, second]] * 2, rtol=1e-6)


def test_the_mean_leaves_no_data_out(tmp_path):
    values = np.array([[100, np.nan], [300, np.nan]], np.float32)
    path = write(tmp_path / "numbers.tif", values)
    assert Raster(path, "value").read(grid_at(30, 10, 1, 1, cell=2)).tolist() == [[200]]


@pytest.mark.parametrize(
    ("cell", "expected"), [(0.11, "nearest"), (0.14, "nearest"), (0.16, "mode"), (1, "mode")]
)
def test_what_is_coarser_is_told_by_the_cells(tmp_path, cell, expected):
    path = write(tmp_path / "codes.tif", np.ones((20, 20), np.uint8), cell=0.1)
    assert Raster(path).resampling(grid_at(30.5, 9.5, 2, 2, cell)) == expected


@pytest.mark.parametrize(
    ("metres", "expected"), [(1000, "nearest"), (8000, "nearest"), (30000, "mode")]
)
@pytest.mark.parametrize("crs", ["EPSG:32636", "EPSG:3460", "EPSG:3832", SINUSOIDAL])
def test_a_map_of_the_world_is_as_fine_as_its_pixels(tmp_path, metres, expected, crs):
    # pixels of 0.1 degrees are 11 km; the bounds of the world say nothing in a map projection
    path = write(
        tmp_path / "world.tif", np.ones((180, 360), np.uint8), west=-180, north=90, cell=0.1
    )
    assert Raster(path).resampling(grid_at(500_000, 1_000_000, 2, 2, metres, crs)) == expected


def assembled(source, grid, block):
    rows = None
    for row, column, part in blocks.windows(grid, block):
        piece = source.read(part)
        rows = np.zeros(grid.shape, piece.dtype) if rows is None else rows
        rows[row : row + piece.shape[0], column : column + piece.shape[1]] = piece
    return rows


COARSE = {
    "coarser": grid_at(30.1, 9.9, 20, 20, 0.025),
    "UTM, coarser": grid_at(180_000, 1_090_000, 15, 15, 2800, "EPSG:32636"),
}


@pytest.mark.parametrize("name", [*TARGETS, *COARSE])
def test_resampled_blocks_fit_together(folder, name, block=11):
    target = (TARGETS | COARSE)[name]
    classes = Raster(folder / "codes.tif")
    assert same(assembled(classes, target, block), classes.read(target))
    values = Raster(folder / "numbers.tif", "value")
    np.testing.assert_allclose(
        assembled(values, target, block), values.read(target), rtol=1e-6, atol=1e-3
    )


# -------------------------------------------------------------------- across 180 degrees
WORLD = (np.arange(36 * 72).reshape(36, 72) % 251).astype(np.int16)  # pixels of 5 degrees


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The same map with its seam at 180 degrees and at Greenwich."""
    folder = tmp_path_factory.mktemp("worlds")
    return (
        write(folder / "world_180.tif", WORLD, west=-180, north=90, cell=5),
        write(folder / "world_360.tif", np.roll(WORLD, 36, axis=1), west=0, north=90, cell=5),
    )


def test_maps_in_180_and_in_360_give_the_same_array_across_180(worlds):
    grid = grid_at(165, 0, 3, 6, cell=5)  # 165 to 195 degrees east
    expected = np.concatenate([WORLD[18:21, 69:], WORLD[18:21, :3]], axis=1)
    for path in worlds:
        for kind in ("class", "value"):
            assert same(Raster(path, kind).read(grid), expected)


@pytest.mark.parametrize(
    "target",
    [
        grid_at(170.3, -10.1, 9, 40, cell=0.5),
        grid_at(2_000_000, 4_000_000, 9, 30, 10_000, "EPSG:3460"),
        grid_at(3_200_000, -1_700_000, 9, 30, 10_000, "EPSG:3832"),
        grid_at(700_000, 8_200_000, 9, 20, 10_000, "EPSG:32760"),
        grid_at(18_900_000, -1_700_000, 9, 30, 10_000, SINUSOIDAL),
        grid_at(300_000, 1_200_000, 9, 20, 10_000, "EPSG:32618"),
    ],
    ids=["degrees", "Fiji map grid", "PDC Mercator", "UTM 60", "sinusoidal", "UTM 18, America"],
)
def test_both_maps_give_the_same_classes_on_any_grid(worlds, target):
    first, second = (Raster(path).read(target) for path in worlds)
    to_degrees = Transformer.from_crs(target.crs.to_wkt(), 4326, always_xy=True)
    rows, columns = target.shape
    column, row = np.meshgrid(np.arange(columns) + 0.5, np.arange(rows) + 0.5)
    east, north = to_degrees.transform(
        target.transform.a * column + target.transform.c,
        target.transform.e * row + target.transform.f,
    )
    east = (east + 180) % 360
    expected = WORLD[((90 - north) / 5).astype(int), (east / 5).astype(int)]
    assert same(first, expected)
    assert same(second, expected)


def test_both_maps_give_the_same_values_beyond_half_a_pixel_from_the_seam(worlds):
    grid = grid_at(170.3, -10.1, 9, 40, cell=0.5)
    first, second = (Raster(path, "value").read(grid) for path in worlds)
    east = 170.3 + 0.5 * (np.arange(40) + 0.5)
    away = np.abs(east - 180) > 2.5
    np.testing.assert_allclose(first[:, away], second[:, away], rtol=1e-6)
    assert np.isfinite(first).all() and np.isfinite(second).all()


def test_a_country_across_180_reads_all_its_land(tmp_path):
    # four cells, two on each side of 180 degrees; the maps run from -180 to 180
    land = np.zeros((1, 36), np.uint8)
    land[0, :2], land[0, -2:] = (3, 4), (1, 2)
    world = small_country(tmp_path, land, west=-180, north=0, cell=10, cover_nodata=0)
    west, east = world.cells(0, 0, 1, 2), world.cells(0, 34, 1, 36)
    world.polygons("across.gpkg", west.union(east))
    country = world.read(boundary={"file": "across.gpkg"})
    assert country.grid.boundingbox.bbox == (160, -10, 200, 0)
    assert sources.load(country, "land_cover", year=2000).values.tolist() == [[1, 2, 3, 4]]
    assert sources.load(country, "zones").values.tolist() == [[1, 1, 1, 1]]


# ------------------------------------------------------------------------ many rasters
def test_a_stack_of_integers_stays_integer(tmp_path, own):
    other = write(tmp_path / "other.tif", VALUES * 3)
    found = Stack((Raster(own), Raster(other))).read(grid_at(30, 10, 4, 5))
    assert found.dtype == np.int16
    assert same(found, np.stack([VALUES, VALUES * 3]))


def test_a_stack_of_integers_and_floats_has_nan_for_no_data(tmp_path):
    whole = write(tmp_path / "whole.tif", np.array([[5, -32768]], np.int16), nodata=-32768)
    parts = write(tmp_path / "parts.tif", np.array([[0.5, np.nan]], np.float32))
    found = Stack((Raster(whole, "value"), Raster(parts, "value"))).read(grid_at(30, 10, 1, 2))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, [[[5, np.nan]], [[0.5, np.nan]]])


def test_fill_values_that_change_with_the_year(tmp_path):
    """-128 in an int8 map of one year, 255 in a uint8 map of the next, 0 declared in a third."""
    world = small_country(tmp_path, np.array([[1, 2]]))
    maps = {
        2000: world.raster("a.tif", np.array([[1, -128]], np.int8)),
        2015: world.raster("b.tif", np.array([[255, 2]], np.uint8)),
        2023: world.raster("c.tif", np.array([[0, 2]], np.uint8), nodata=0),
    }
    country = world.read(
        land_cover=world.file["land_cover"] | {"files": maps, "nodata": [-128, 255]}
    )
    found = sources.load(country, "land_cover")
    assert found["year"].values.tolist() == [2000, 2015, 2023]
    assert found.values.tolist() == [[[1, NODATA]], [[NODATA, 2]], [[NODATA, 2]]]
    assert found.dtype == np.int16


# --------------------------------------------------------------------------- sources.load
def test_load_says_which_years_it_read(tmp_path):
    country = small_country(tmp_path, {2001: [[1]], 2022: [[2]]}).read()
    found = sources.load(country, "land_cover", year=2023)
    assert found.attrs["years_used"] == "2022"
    assert found.dims == ("y", "x")
    assert found.odc.geobox == country.grid
    assert sources.load(country, "land_cover").sizes["year"] == 2


def test_load_of_a_projected_country_has_y_and_x(tmp_path):
    place = {"west": 500_000, "north": 1_000_000, "cell": 1000, "crs": "EPSG:32636"}
    country = small_country(tmp_path, [[1, 2, 3]], **place).read()
    found = sources.load(country, "land_cover", year=2000)
    assert found.dims == ("y", "x")
    assert found["x"].values.tolist() == [500_500, 501_500, 502_500]
    assert found["y"].values.tolist() == [999_500]


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        ("landcover", "Unknown layer: found 'landcover'; use one of zones, affected, land_cover"),
        ("productivity", "XLD has no productivity"),
        ("soil_stock", "XLD has no soil_stock"),
    ],
)
def test_load_refuses_what_the_country_does_not_have(tmp_path, layer, reason):
    country = small_country(tmp_path, [[1]]).read()
    with pytest.raises(ValueError, match=reason):
        sources.load(country, layer)
