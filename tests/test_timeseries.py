"""Series of rain: read exactly from every kind of file.

The world of most tests has 3 × 4 cells of 1°, its corner at 30° E, 10° N, and months in which
the value says month, row and column:

    value = 100 × month number + 10 × row from the north + column from the west
"""

import pickle
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import geopandas
import netCDF4
import numpy as np
import pytest
import rasterio
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox
from rasterio.transform import Affine, from_origin
from shapely import box

from ldnkit import tables
from ldnkit.country_file.layers import Drought
from ldnkit.findings import InputError
from ldnkit.periods import Cycle
from ldnkit.sources.timeseries import Series, axes, load_series, series_grid

LATITUDES = np.array([9.5, 8.5, 7.5])
LONGITUDES = np.array([30.5, 31.5, 32.5, 33.5])
UTM = "EPSG:32636"


def numbered(count, rows=3, columns=4):
    """Values that say their month, row and column."""
    month, row, column = np.ogrid[:count, :rows, :columns]
    return 100.0 * month + 10 * row + column


def months_from(first, count):
    """(year, month) of months in a row, from January of a year."""
    return [(first + number // 12, number % 12 + 1) for number in range(count)]


def write_cube(path, values, *, y=LATITUDES, x=LONGITUDES, names=("time", "lat", "lon"),
               time=None, time_units="months since 1981-01-01", calendar=None, variable="rain",
               dtype="f4", degrees=True, others=(), fill=None, **attributes):  # fmt: skip
    """A NetCDF file; ``values`` are as stored, north first unless ``y`` says otherwise."""
    values = np.asarray(values)
    with netCDF4.Dataset(path, "w") as file:
        file.set_auto_maskandscale(False)
        for name, size in zip(names, values.shape):
            file.createDimension(name, size)
        axis = file.createVariable(names[0], "f8", names[:1])
        axis[:] = np.arange(len(values)) if time is None else time
        if time_units:
            axis.units = time_units
        if calendar:
            axis.calendar = calendar
        for name, centres, unit in zip(names[1:], (y, x), ("degrees_north", "degrees_east")):
            centres = np.asarray(centres)
            file.createVariable(name, centres.dtype, (name,))[:] = centres
            if degrees:
                file[name].units = unit
        for name in (variable, *others):
            file.createVariable(name, dtype, names, fill_value=fill)
            file[name].set_auto_maskandscale(False)
            file[name][:] = values
            file[name].setncatts(attributes)
    return str(path)


def write_raster(path, values, *, west=30.0, north=10.0, cell=1.0, crs="EPSG:4326", nodata=None,
                 scale=None, transform=None):  # fmt: skip
    values = np.asarray(values)
    bands = values if values.ndim == 3 else values[np.newaxis]
    path.parent.mkdir(parents=True, exist_ok=True)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=bands.shape[1],
        width=bands.shape[2],
        count=len(bands),
        dtype=bands.dtype,
        crs=crs,
        transform=transform or from_origin(west, north, cell, cell),
        nodata=nodata,
    ) as target:
        target.write(bands)
        if scale:
            target.scales = (scale,) * len(bands)
    return str(path)


def a_country(folder, boundary=None, *, crosses_180=False, **drought):
    """What the functions need of a country."""
    boundary = box(31, 8, 33, 9) if boundary is None else boundary
    return SimpleNamespace(
        drought=Drought(**drought),
        boundary=geopandas.GeoDataFrame({"iso3": ["XLD"]}, geometry=[boundary], crs="EPSG:4326"),
        parameters=tables.method("manual"),
        crosses_180=crosses_180,
        cycle=Cycle(2026),
        path=folder / "country.yml",
    )


def grid_at(west, north, rows, columns, cell=1.0, crs="EPSG:4326"):
    return GeoBox((rows, columns), from_origin(west, north, cell, cell), crs)


WHOLE = grid_at(30, 10, 3, 4)


def same(found, expected):
    np.testing.assert_array_equal(found, expected)
    return True


def problems_of(series):
    with pytest.raises(InputError) as caught:
        series.parts  # noqa: B018
    return [str(finding) for finding in caught.value.findings]


# ------------------------------------------------------------------- however it is stored
@pytest.mark.parametrize("south_first", (False, True))
@pytest.mark.parametrize("east_first", (False, True))
@pytest.mark.parametrize(
    "names",
    [("time", "lat", "lon"), ("T", "latitude", "longitude"), ("valid_time", "y", "x")],
)
def test_a_cube_is_read_north_up_however_it_is_stored(tmp_path, names, south_first, east_first):
    values, y, x = numbered(14), LATITUDES, LONGITUDES
    if south_first:
        values, y = values[:, ::-1], y[::-1]
    if east_first:
        values, x = values[:, :, ::-1], x[::-1]
    series = Series(write_cube(tmp_path / "rain.nc", values, y=y, x=x, names=names))
    assert series.grid == WHOLE
    times, found = series.read(WHOLE)
    assert times == series.times == months_from(1981, 14)
    assert found.dtype == np.float32
    assert same(found, numbered(14))
    # rows 1 and 2, columns 1 and 2
    assert same(series.read(WHOLE[1:3, 1:3])[1], numbered(14)[:, 1:3, 1:3])


def test_axes_in_another_order_and_an_axis_of_one_level(tmp_path):
    path = tmp_path / "rain.nc"
    values = numbered(5)  # stored as (lon, level, lat, time)
    array = xr.DataArray(
        values.transpose(2, 1, 0)[:, None],
        {"lon": LONGITUDES, "lat": LATITUDES, "time": np.arange(5)},
        ("lon", "level", "lat", "time"),
        name="rain",
    )
    array["time"].attrs["units"] = "months since 1990-01-01"
    array.to_netcdf(path)
    assert same(Series(str(path)).read(WHOLE)[1], values)


@given(st.integers(-5, 5), st.integers(-6, 6), st.integers(1, 7), st.integers(1, 8))
@settings(max_examples=25, deadline=None)
def test_a_window_in_any_position_is_that_part_of_the_whole(stored, row, column, rows, columns):
    #            the series in a large sheet of no data is a picture of the whole world
    world = np.pad(numbered(14), ((0, 0), (20, 20), (20, 20)), constant_values=np.nan)
    expected = world[:, 20 + row : 20 + row + rows, 20 + column : 20 + column + columns]
    for series in stored:
        window = grid_at(30 + column, 10 - row, rows, columns)
        assert same(series.read(window)[1], expected)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """The same 14 months as NetCDF from the south, as Zarr, and as one GeoTIFF per month."""
    folder = tmp_path_factory.mktemp("stored")
    cube = write_cube(folder / "rain.nc", numbered(14)[:, ::-1], y=LATITUDES[::-1])
    xr.open_dataset(cube, decode_times=False).to_zarr(folder / "rain.zarr", consolidated=False)
    for (year, month), values in zip(months_from(1981, 14), numbered(14)):
        write_raster(folder / f"rain_{year}_{month:02d}.tif", values.astype(np.float32))
    return (
        Series(cube),
        Series(str(folder / "rain.zarr")),
        Series(str(folder / "rain_{year}_{month}.tif")),
    )


def test_a_window_off_the_cells_is_refused(stored):
    for series in stored:
        with pytest.raises(ValueError, match="does not lie on the cells.*30.25.*series_grid"):
            series.read(grid_at(30.25, 10, 2, 2))
        with pytest.raises(ValueError, match="does not lie on the cells"):
            series.read(grid_at(30, 10, 2, 2, cell=0.5))


def test_a_series_goes_to_other_processes_and_threads(stored):
    for series in stored:
        again = pickle.loads(pickle.dumps(series))
        assert same(again.read(WHOLE)[1], series.read(WHOLE)[1])
        fresh = Series(series.path)
        assert again == fresh == series
        windows = [
            WHOLE[row : row + 1, column : column + 1] for row in (0, 1, 2) for column in (0, 3)
        ]
        with ThreadPoolExecutor(4) as pool:
            for window, (_, values) in zip(windows, pool.map(fresh.read, windows)):
                assert same(values, series.read(window)[1])


def test_thinning_out_takes_every_second_cell(stored):
    for series in stored:
        wide = grid_at(29, 11, 5, 6)  # one cell more on every side
        found = series.values(wide, [(1981, 3), (1982, 2)], every=2)
        expected = np.full((2, 5, 6), np.nan)
        expected[:, 1:4, 1:5] = numbered(14)[[2, 13]]
        assert same(found, expected[:, ::2, ::2])


# ------------------------------------------------------------------------- longitudes
@pytest.mark.parametrize("first", (0.0, -180.0))
def test_longitudes_of_a_whole_turn(tmp_path, first):
    # cells of 30°: 12 around the world; the value of a cell is its western edge in 0 … 360
    edges = first + 30 * np.arange(12)
    values = np.broadcast_to(edges % 360, (2, 2, 12))
    path = write_cube(tmp_path / "world.nc", values, y=[15, -15], x=edges + 15)
    series = Series(path)
    west_africa = a_country(tmp_path, box(-50, -20, 20, 20), precipitation=path)
    grid = series_grid(west_africa)
    # the boundary reaches from the cell at -60 to that at 0; one more on both sides
    assert grid.boundingbox.bbox == (-90, -60, 60, 60)
    #      -90  -60  -30    0   30
    row = [270, 300, 330, 0, 30]
    gap = [np.nan] * 5
    assert same(series.read(grid)[1][0], [gap, row, row, gap])
    pacific = box(170, -10, 200, 10)
    fiji = a_country(tmp_path, pacific, crosses_180=True, precipitation=path)
    grid = series_grid(fiji)
    assert grid.boundingbox.bbox == (120, -60, 240, 60)
    assert same(series.read(grid)[1][1, 1], [120, 150, 180, 210])


def test_longitudes_that_jump_from_180_to_minus_180(tmp_path):
    x = [165, 175, -175, -165]
    path = write_cube(tmp_path / "jump.nc", numbered(2, 2), y=[5, -5], x=x)
    series = Series(path)
    assert series.grid.boundingbox.bbox == (160, -10, 200, 10)
    # the cell at -175 seen from the west of the world
    assert same(series.read(grid_at(-180, 10, 2, 1, cell=10.0))[1], numbered(2, 2)[:, :, 2:3])


def test_the_noise_of_float32_is_taken_off_the_edges(tmp_path):
    x = np.arange(-179.975, 180, 0.05, dtype=np.float64).astype(np.float32)
    y = np.arange(0.975, -1, -0.05, dtype=np.float64).astype(np.float32)
    path = write_cube(tmp_path / "fine.nc", np.zeros((1, len(y), len(x))), y=y, x=x)
    grid = Series(path).grid
    assert tuple(grid.shape) == (40, 7200)
    assert tuple(grid.transform)[:6] == (0.05, 0, -180, 0, -0.05, 1)


@given(
    st.integers(2, 400), st.integers(-150, 150), st.sampled_from([0.5, 0.1, 0.05, 1 / 24, 1.875])
)
@settings(max_examples=50, deadline=None)
def test_the_lattice_of_any_regular_axis(count, first, size):
    centres = first + size / 2 + size * np.arange(count)
    for stored in (centres, centres.astype(np.float32)):
        edge, found = axes.lattice(stored, degrees=True)
        assert abs(found - size) * count < 0.03 * size
        assert abs(edge - first) < 0.01 * size


@pytest.mark.parametrize(
    ("x", "text"),
    [([0, 1, 2, 4], "cells of unequal size, from 1 to 2"), ([0, 1, np.nan, 3], "without a coord")],
)
def test_irregular_cells_are_refused(tmp_path, x, text):
    path = write_cube(tmp_path / "rain.nc", numbered(2), x=np.array(x, float))
    assert text in problems_of(Series(path))[0]


def test_a_single_row_has_the_height_of_its_columns(tmp_path):
    path = write_cube(tmp_path / "row.nc", numbered(2, 1), y=[9.5])
    assert Series(path).grid == WHOLE[:1]
    path = write_cube(tmp_path / "cell.nc", numbered(2, 1, 1), y=[9.5], x=[30.5])
    assert "one cell only" in problems_of(Series(path))[0]


# ------------------------------------------------------------------------ which variable
def test_the_variable_is_chosen_or_asked_for(tmp_path):
    path = write_cube(tmp_path / "two.nc", numbered(2), others=("pet",), units="mm")
    [text] = problems_of(Series(path))
    assert "several variables: rain (mm), pet (mm)" in text
    assert "Write drought: variable: rain" in text
    [text] = problems_of(Series(path, "precip"))
    assert "no variable 'precip'" in text and "one of rain (mm), pet (mm)" in text
    assert same(Series(path, "pet").read(WHOLE)[1], numbered(2))


def test_a_file_without_a_series_lists_what_it_has(tmp_path):
    xr.Dataset({"height": (("row", "column"), np.zeros((2, 2)))}).to_netcdf(tmp_path / "no.nc")
    [text] = problems_of(Series(str(tmp_path / "no.nc")))
    assert "it has height (row, column)" in text and "lat and lon" in text


# --------------------------------------------------------------------------------- times
@pytest.mark.parametrize(
    ("units", "calendar", "values", "expected"),
    [
        ("months since 1981-01-01", "standard", [0, 1, 14], [(1981, 1), (1981, 2), (1982, 3)]),
        ("months since 1960-01-01", "360_day", [252.5, 253.5], [(1981, 1), (1981, 2)]),
        ("Months since 1981-01-16 00:00", "standard", [0, 0.5], [(1981, 1), (1981, 1)]),
        ("days since 1981-01-01", "standard", [0, 31, 59], [(1981, 1), (1981, 2), (1981, 3)]),
        ("days since 2000-01-01", "noleap", [58, 59], [(2000, 2), (2000, 3)]),
        ("days since 2000-01-01", "standard", [58, 59], [(2000, 2), (2000, 2)]),
        ("days since 2000-01-01", "360_day", [59, 60], [(2000, 2), (2000, 3)]),
        ("hours since 1900-01-01 00:00:00", "gregorian", [0, 744], [(1900, 1), (1900, 2)]),
        ("", "standard", [198101, 198112], [(1981, 1), (1981, 12)]),
        ("day as %Y%m%d.%f", "standard", [19810115.5, 19811231.0], [(1981, 1), (1981, 12)]),
    ],
)  # fmt: skip
def test_dates_of_time_axes(units, calendar, values, expected):
    assert [step[:2] for step in axes.steps_of(values, units, calendar)] == expected


@pytest.mark.parametrize(
    ("units", "values", "text"),
    [
        ("", [0, 1, 2], "times without units"),
        ("", [198113, 198101], "times without units"),
        ("weeks of work", [0, 1], "times in 'weeks of work'"),
        ("days since 1981-01-01", [0, np.nan], "1 times without a value"),
        ("lunes since 1981-01-01", [0, 1], "lunes"),
    ],
)
def test_times_that_mean_nothing_are_refused(tmp_path, units, values, text):
    path = write_cube(tmp_path / "rain.nc", numbered(len(values)), time=values, time_units=units)
    [found] = problems_of(Series(path))
    assert text in found and "months since 1981-01-01" in found


def test_a_file_without_steps_is_refused(tmp_path):
    path = write_cube(tmp_path / "rain.nc", numbered(0))
    assert "a time axis without a step" in problems_of(Series(path))[0]


def test_steps_in_any_order_and_months_that_are_missing(tmp_path):
    #                         March        January      May: the files lack February and April
    path = write_cube(tmp_path / "rain.nc", numbered(3), time=[2, 0, 4])
    times, found = Series(path).read(WHOLE)
    assert times == months_from(1981, 5)
    assert same(found[[0, 2, 4]], numbered(3)[[1, 0, 2]])
    assert np.isnan(found[[1, 3]]).all()


def test_a_month_that_comes_twice_is_not_read(tmp_path):
    path = write_cube(tmp_path / "rain.nc", numbered(3), time=[0, 1, 1.5])
    with pytest.raises(InputError, match="1981-02 more than once.*every month once"):
        Series(path).read(WHOLE)


# --------------------------------------------------------------------------------- values
def test_packed_values_and_fill_values(tmp_path):
    #      tenths of mm; -1 declared, -9 undeclared
    stored = np.array([[[5, -1, -9, 30000]]])
    path = write_cube(
        tmp_path / "packed.nc", stored, y=[9.5], dtype="i2", fill=-1, scale_factor=0.1, units="mm"
    )
    series = Series(path)
    assert series.units == "mm"
    _, found = series.read(series.grid)
    np.testing.assert_allclose(found, [[[0.5, np.nan, -0.9, 3000]]], rtol=1e-6)
    _, found = Series(path, nodata=(-9,)).read(series.grid)
    np.testing.assert_allclose(found, [[[0.5, np.nan, np.nan, 3000]]], rtol=1e-6)


def test_missing_value_never_written_and_infinite_are_no_data(tmp_path):
    values = np.array([[[1, 1e20, 9.969209968386869e36, np.inf]]])
    path = write_cube(tmp_path / "rain.nc", values, y=[9.5], missing_value=np.float32(1e20))
    _, found = Series(path).read(WHOLE[:1])
    assert same(found, [[[1, np.nan, np.nan, np.nan]]])


def test_packed_geotiff_with_fill_values(tmp_path):
    stored = np.array([[5, -1, -9, 30000]], np.int16)
    for month in range(1, 13):
        write_raster(tmp_path / f"p_2000_{month}.tif", stored, nodata=-1, scale=0.1)
    series = Series(str(tmp_path / "p_{year}_{month}.tif"), nodata=(-9,))
    _, found = series.read(series.grid)
    np.testing.assert_allclose(found[6], [[0.5, np.nan, np.nan, 3000]], rtol=1e-6)


# ---------------------------------------------------------------------------------- Zarr
@pytest.mark.parametrize("zarr_format", (2, 3))
def test_zarr_of_both_formats(tmp_path, zarr_format):
    values = numbered(13)
    values[4, 1, 2] = np.nan
    time = xr.date_range("1981-01-01", periods=13, freq="MS")
    data = xr.DataArray(
        values,
        {"time": time, "lat": LATITUDES, "lon": LONGITUDES},
        ("time", "lat", "lon"),
        name="p",
    ).to_dataset()
    path = tmp_path / "rain.zarr"
    packed = {"p": {"dtype": "int16", "scale_factor": 0.5, "_FillValue": -1}}
    data.to_zarr(path, zarr_format=zarr_format, encoding=packed, consolidated=False)
    series = Series(str(path))
    assert series.grid == WHOLE and series.times == months_from(1981, 13)
    assert same(series.read(WHOLE)[1], values)


def test_a_folder_that_is_no_zarr_store(tmp_path):
    (tmp_path / "rain").mkdir()
    [text] = problems_of(Series(str(tmp_path / "rain")))
    assert "a Zarr folder that does not open" in text


# ------------------------------------------------------------------------------- GeoTIFF
@pytest.mark.parametrize("form", ("{:d}", "{:02d}"))
@pytest.mark.parametrize("pattern", ("p_{year}_{month}.tif", "{year}/p[1].{month}.tif"))
def test_a_raster_for_every_month(tmp_path, form, pattern):
    for (year, month), values in zip(months_from(1999, 24), numbered(24)):
        name = pattern.replace("{year}", str(year)).replace("{month}", form.format(month))
        write_raster(tmp_path / name, values.astype(np.float32))
    write_raster(tmp_path / pattern.format(year=1999, month="x"), numbered(1)[0])
    series = Series(str(tmp_path / pattern))
    times, found = series.read(WHOLE)
    assert times == months_from(1999, 24)
    assert same(found, numbered(24))


def test_a_raster_for_every_year_with_a_band_per_month(tmp_path):
    for number, year in enumerate((1999, 2000)):
        bands = numbered(24)[12 * number : 12 * number + 12].astype(np.float32)
        write_raster(tmp_path / f"p_{year}.tif", bands)
    series = Series(str(tmp_path / "p_{year}.tif"))
    assert series.times == months_from(1999, 24)
    assert same(series.read(WHOLE[1:, 1:])[1], numbered(24)[:, 1:, 1:])
    write_raster(tmp_path / "p_2001.tif", numbered(8))
    [text] = problems_of(Series(str(tmp_path / "p_{year}.tif")))
    assert "p_2001.tif: found 8 bands; expected 12: one for each month" in text


def test_a_raster_stored_from_the_south(tmp_path):
    up = Affine(1, 0, 30, 0, 1, 7)  # from 7° N northwards
    for month in range(1, 13):
        values = numbered(12)[month - 1, ::-1]
        write_raster(tmp_path / f"p_2000_{month}.tif", values, transform=up)
    series = Series(str(tmp_path / "p_{year}_{month}.tif"))
    assert series.grid == WHOLE
    assert same(series.read(WHOLE[:2])[1], numbered(12)[:, :2])
    assert same(series.values(WHOLE, [(2000, 2)], every=2), numbered(12)[1:2, ::2, ::2])


def test_a_projected_stack(tmp_path):
    # 10 km cells; the country lies in cells (1, 1) and (1, 2)
    for month in range(1, 13):
        place = {"west": 300_000, "north": 1_000_000, "cell": 10_000, "crs": UTM}
        write_raster(tmp_path / f"p_2000_{month}.tif", numbered(12)[month - 1], **place)
    boundary = geopandas.GeoSeries([box(311_000, 981_000, 329_000, 989_000)], crs=UTM)
    pattern = "p_{year}_{month}.tif"
    country = a_country(tmp_path, boundary.to_crs("EPSG:4326")[0], precipitation=pattern)
    grid = series_grid(country)
    assert grid.crs.epsg == 32636
    assert grid.boundingbox.bbox == (300_000, 970_000, 340_000, 1_000_000)
    assert same(load_series(country), numbered(12))


def test_files_on_different_grids_are_refused_by_name(tmp_path):
    for month in range(1, 13):
        values = numbered(1)[0] if month != 5 else numbered(1, 2)[0]
        write_raster(tmp_path / f"p_2000_{month}.tif", values)
    [text] = problems_of(Series(str(tmp_path / "p_{year}_{month}.tif")))
    assert "p_2000_5.tif: found another grid in 1 of 12 files" in text


def test_netcdf_files_by_year(tmp_path):
    for number, year in enumerate((1981, 1982)):
        values = numbered(24)[12 * number : 12 * number + 12]
        write_cube(tmp_path / f"ppt_{year}.nc", values, time_units=f"months since {year}-01-01")
    series = Series(str(tmp_path / "ppt_{year}.nc"))
    assert series.times == months_from(1981, 24)
    assert same(series.read(WHOLE)[1], numbered(24))


# ------------------------------------------------------------------- files that do not do
def test_every_file_with_a_problem_is_named(tmp_path):
    for month in range(1, 13):
        write_raster(tmp_path / f"p_2000_{month}.tif", numbered(1)[0])
    (tmp_path / "p_2000_3.tif").write_bytes(b"nothing")
    with pytest.warns(rasterio.errors.NotGeoreferencedWarning):
        write_raster(
            tmp_path / "p_2000_7.tif", numbered(1)[0], crs=None, transform=Affine.identity()
        )
    write_raster(
        tmp_path / "p_2000_9.tif",
        numbered(1)[0],
        transform=Affine(1, 0.2, 30, 0.2, -1, 10),
    )
    found = problems_of(Series(str(tmp_path / "p_{year}_{month}.tif")))
    assert len(found) == 3
    assert "p_2000_3.tif: found a file that does not open" in found[0]
    assert "p_2000_7.tif: found no coordinate reference system" in found[1]
    assert "p_2000_9.tif: found a rotated raster" in found[2]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("none.nc", "no such file"),
        ("none_{year}.tif", "no file like none_{year}.tif; expected files such as none_2000.tif"),
        ("text.nc", "a NetCDF file that does not open"),
        ("one.tif", "a single raster without dates"),
    ],
)
def test_paths_that_name_no_series(tmp_path, name, text):
    (tmp_path / "text.nc").write_text("rain")
    write_raster(tmp_path / "one.tif", numbered(1)[0])
    [found] = problems_of(Series(str(tmp_path / name)))
    assert text in found


# ------------------------------------------------------------------- reference systems
def test_degrees_without_a_reference_system_are_assumed_and_metres_refused(tmp_path):
    series = Series(write_cube(tmp_path / "degrees.nc", numbered(2)))
    assert series.grid.crs.epsg == 4326 and not series.parts[0].crs_said
    metres = {"y": [25.0, 15, 5], "x": [5.0, 15, 25, 35], "names": ("time", "y", "x")}
    path = write_cube(tmp_path / "metres.nc", numbered(2), degrees=False, **metres)
    [text] = problems_of(Series(path))
    assert "no coordinate reference system" in text


@pytest.mark.parametrize("said", ("crs_wkt", "cf"))
def test_a_reference_system_that_the_file_says(tmp_path, said):
    from pyproj import CRS

    metres = {"y": [25.0, 15, 5], "x": [5.0, 15, 25, 35], "names": ("time", "y", "x")}
    path = write_cube(
        tmp_path / "metres.nc", numbered(2), degrees=False, grid_mapping="utm", **metres
    )
    with netCDF4.Dataset(path, "a") as file:
        mapping = CRS(UTM).to_cf()
        parts = {"crs_wkt": mapping.pop("crs_wkt")} if said == "crs_wkt" else mapping
        file.createVariable("utm", "i4").setncatts(parts)
    series = Series(path)
    assert series.parts[0].crs_said
    assert series.grid.boundingbox.bbox == (0, 0, 40, 30)
    assert "36N" in series.grid.crs.to_wkt() or series.grid.crs.proj.utm_zone == "36N"
    assert same(series.read(series.grid)[1], numbered(2))


def test_a_rotated_pole_is_refused(tmp_path):
    path = write_cube(tmp_path / "rotated.nc", numbered(2), grid_mapping="pole")
    with netCDF4.Dataset(path, "a") as file:
        file.createVariable("pole", "i4").grid_mapping_name = "rotated_latitude_longitude"
    assert "a grid with a rotated pole" in problems_of(Series(path))[0]


# --------------------------------------------------------------------------- daily values
def test_daily_values_become_months(tmp_path):
    # 1 mm on each of the 60 days to 29 February 2000; column 1 lacks the first 5 days of January
    values = np.ones((60, 3, 4))
    values[:5, :, 1] = np.nan
    path = write_cube(
        tmp_path / "days.nc", values, time_units="days since 2000-01-01", units="mm/day"
    )
    series = Series(path, time_step="day")
    assert series.dates[58:] == [(2000, 2, 28), (2000, 2, 29)]
    times, found = series.read(WHOLE)
    assert times == [(2000, 1), (2000, 2)]
    #                    26 of 31 days are 84 %: too few
    assert same(found[0, 0], [31, np.nan, 31, 31])
    assert same(found[1], np.full((3, 4), 29))
    country = a_country(tmp_path, precipitation="days.nc", time_step="day")
    rain = load_series(country)
    assert rain.attrs["units"] == "sum of mm/day"
    assert same(rain.isel(y=1), found[:, 1])


@pytest.mark.parametrize(("calendar", "february"), [("noleap", 28), ("360_day", 30)])
def test_daily_values_of_other_calendars(tmp_path, calendar, february):
    count = 58 + february  # January and February, March begins
    path = write_cube(
        tmp_path / "days.nc",
        np.ones((count, 3, 4)),
        time_units="days since 2000-01-01",
        calendar=calendar,
    )
    series = Series(path, time_step="day")
    assert series.calendar == calendar
    times, found = series.read(WHOLE[:1, :1])
    january = 30 if calendar == "360_day" else 31
    assert times[:2] == [(2000, 1), (2000, 2)]
    assert found[:2, 0, 0].tolist() == [january, february]


@pytest.mark.parametrize(
    ("days", "calendar"), [(366, "standard"), (365, "noleap"), (360, "360_day")]
)
def test_a_raster_for_every_year_with_a_band_per_day(tmp_path, days, calendar):
    write_raster(tmp_path / "p_2000.tif", np.ones((days, 1, 2), np.float32))
    series = Series(str(tmp_path / "p_{year}.tif"), time_step="day")
    assert series.calendar == calendar
    assert len(series.times) == 12
    assert series.read(series.grid)[1].sum() == 2 * days


# ------------------------------------------------------------------------ for the classroom
def test_the_grid_of_a_country_has_one_more_cell_on_every_side(tmp_path):
    write_cube(tmp_path / "rain.nc", numbered(2))
    # the boundary runs along cell edges: columns 31 and 32, row 8; it may reach beyond the file
    country = a_country(tmp_path, box(31, 8, 33, 9), precipitation="rain.nc")
    assert series_grid(country).boundingbox.bbox == (30, 7, 34, 10)
    country = a_country(tmp_path, box(31.5, 5.5, 31.6, 8.5), precipitation="rain.nc")
    assert series_grid(country).boundingbox.bbox == (30, 4, 33, 10)


def test_a_labelled_array_of_the_country(tmp_path):
    write_cube(tmp_path / "rain.nc", numbered(14), units="mm/month")
    country = a_country(tmp_path, precipitation="rain.nc")
    rain = load_series(country)
    assert rain.dims == ("time", "y", "x") and rain.name == "precipitation"
    assert rain.chunks is None
    assert rain["time"].values[[0, 13]].astype("datetime64[D]").astype(str).tolist() == [
        "1981-01-01",
        "1982-02-01",
    ]
    assert rain["y"].values.tolist() == [9.5, 8.5, 7.5]
    assert rain.attrs["units"] == "mm/month"
    assert rain.odc.crs.epsg == 4326 and rain.odc.geobox == WHOLE
    assert same(rain, numbered(14))
    part = load_series(country, window=WHOLE[1:2, :2])
    assert same(part, numbered(14)[:, 1:2, :2])
    balance = a_country(tmp_path, water_balance="rain.nc")
    assert load_series(balance).name == "water_balance"


def test_the_grid_of_a_ready_index(tmp_path):
    write_raster(tmp_path / "spi_2000.tif", numbered(1)[0])
    country = a_country(tmp_path, box(31, 8, 32, 9), index={2000: tmp_path / "spi_2000.tif"})
    assert series_grid(country).boundingbox.bbox == (30, 7, 33, 10)
    with pytest.raises(ValueError, match="no series.*precipitation"):
        Series.of(country)
    write_raster(tmp_path / "spi_2000.tif", numbered(1)[0], transform=Affine(1, 0.2, 0, 0, -1, 0))
    with pytest.raises(InputError, match="a rotated raster"):
        series_grid(country)


def test_opening_reads_no_values_and_gives_all_months_in_one_chunk(tmp_path, monkeypatch):
    from ldnkit.sources import timeseries

    path = write_cube(tmp_path / "rain.nc", numbered(14))
    read = []
    plain = Series.read
    monkeypatch.setattr(Series, "read", lambda self, window: read.append(1) or plain(self, window))
    monkeypatch.setattr(timeseries, "_BLOCK", 14 * 4)  # blocks of 2 × 2 cells
    array = Series(path).open()
    assert not read
    assert array.chunks == ((14,), (2, 1), (2, 2))
    assert same(array.isel(x=3, y=2), numbered(14)[:, 2, 3]) and len(read) == 1
    assert same(array, numbered(14))
    monkeypatch.setattr(timeseries, "_EAGER", 10)
    lazy = load_series(a_country(tmp_path, precipitation="rain.nc"))
    assert lazy.chunks is not None
    assert same(lazy, numbered(14))


def test_importing_opens_no_library_of_files():
    import subprocess
    import sys

    code = (
        "import sys, ldnkit, ldnkit.sources.timeseries, ldnkit.sources.timeseries.checks;"
        "print([name for name in ('netCDF4', 'zarr', 'rasterio', 'cftime', 'scipy.stats')"
        " if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
