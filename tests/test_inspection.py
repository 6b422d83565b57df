"""The table of files before a run: facts of every format, and an estimate of the work."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box
from small_country import CELL, COVER_YEARS, NORTH, WEST, small_country, steady_ndvi

import ldnkit
from ldnkit import tables
from ldnkit.sources import inspection, preflight
from ldnkit.sources.inspection import headers, values
from ldnkit.sources.inspection.lattice import Lattice

SHAPE = (6, 8)
COVER = np.full(SHAPE, 3)
OWN_GRID = {"grid": {"resolution": 0.01, "crs": "EPSG:4326"}}


@pytest.fixture
def world(tmp_path):
    return small_country(tmp_path, COVER, ndvi=steady_ndvi(SHAPE), reference=np.full(SHAPE, 80.0))


def row(country, file, **options):
    table = preflight.report(country, **options)
    (found,) = table[table["file"] == file].to_dict("records")
    return found


# --------------------------------------------------------------------------- the table
def test_one_row_for_every_file(world):
    table = preflight.report(world.read())
    assert list(table.columns) == list(inspection.COLUMNS)
    assert table["file"].is_unique
    counts = table["layer"].value_counts()
    assert counts["land_cover.files"] == len(COVER_YEARS)
    assert counts["productivity.annual"] == 24
    assert counts["soil.reference"] == counts["boundary"] == 1


def test_facts_of_a_good_map(world):
    found = row(world.read(), "ndvi_2003.tif")
    assert found["layer"] == "productivity.annual"
    assert (found["years"], found["format"], found["crs"]) == ("2003", "GeoTIFF", "EPSG:4326")
    assert (found["cell"], round(found["cell_m"])) == ("0.01°", 1113)
    assert (found["coverage"], found["inside_percent"]) == ("covers", 100)
    assert (found["type"], found["nodata"], found["suspected"]) == ("int16", "-32768", "")
    assert (found["unit"], found["to_grid"], found["findings"]) == ("index_10000", "exact", 0)
    assert found["size_mb"] == pytest.approx((world.folder / "ndvi_2003.tif").stat().st_size / 1e6)


@pytest.mark.parametrize(
    ("columns", "coverage", "percent"), [(8, "covers", 100), (4, "part", 50), (2, "part", 25)]
)
def test_part_of_the_country_that_a_map_covers(world, columns, coverage, percent):
    """The country is 8 cells wide; the map has its western columns."""
    world.raster("soc_2000.tif", np.full((6, columns), 80.0), dtype=np.float32)
    found = row(world.read(**OWN_GRID), "soc_2000.tif")
    assert found["coverage"] == coverage
    assert found["inside_percent"] == pytest.approx(percent, abs=0.7)


def test_a_map_of_another_place_misses_and_the_finding_is_counted(world):
    world.raster("land_cover_2015.tif", COVER, dtype=np.uint8, west=100.0)
    found = row(world.read(**OWN_GRID), "land_cover_2015.tif")
    assert (found["coverage"], found["inside_percent"]) == ("misses", 0)
    assert (found["findings"], found["worst"]) == (1, "error")


def test_codes_that_the_legend_lacks(world):
    """5 of 48 cells have code 9, which the seven classes do not know; 3 have the fill 255."""
    cover = COVER.copy()
    cover[0, :5], cover[1, :3] = 9, 255
    world.raster("land_cover_2000.tif", cover, dtype=np.uint8)
    found = row(world.read(), "land_cover_2000.tif")
    assert found["unknown_codes"] == f"9 ({100 * 5 / 48:.1f} %)"
    assert found["suspected"] == f"255 ({100 * 3 / 48:.1f} %)"
    assert found["unit"] == "codes"


def test_fill_values_that_nobody_declared(world):
    ndvi = np.full(SHAPE, 4000)
    ndvi[0, :4] = -9999
    world.raster("ndvi_2003.tif", ndvi, dtype=np.int16)
    country = world.read()
    found = row(country, "ndvi_2003.tif")
    assert found["suspected"] == f"-9999 ({100 * 4 / 48:.1f} %)"
    assert (found["findings"], found["worst"]) == (1, "error")
    declared = replace(country, productivity=replace(country.productivity, nodata=(-9999,)))
    found = row(declared, "ndvi_2003.tif")
    assert (found["nodata"], found["suspected"], found["findings"]) == ("-9999", "", 0)


@pytest.mark.parametrize(("cell", "way"), [(0.01, "exact"), (0.005, "average"), (0.02, "bilinear")])
def test_the_way_to_the_grid_is_that_of_the_reader(world, cell, way):
    size = [int(np.ceil(count * 0.01 / cell)) for count in SHAPE]
    world.raster("soc_2000.tif", np.full(size, 80.0), dtype=np.float32, cell=cell)
    assert row(world.read(), "soc_2000.tif")["to_grid"] == way


def test_a_projected_map_is_placed(world):
    """UTM zone 36 north: the country lies on 30-30.08 E, 9.94-10 N."""
    world.raster("soc_2000.tif", np.full((40, 40), 80.0), dtype=np.float32, crs="EPSG:32636",
                 west=160_000, north=1_115_000, cell=500)  # fmt: skip
    found = row(world.read(**OWN_GRID), "soc_2000.tif")
    assert (found["crs"], found["cell"], found["cell_m"]) == ("EPSG:32636", "500 m", 500)
    assert found["coverage"] == "covers"


def test_files_that_cannot_be_read_are_rows_too(world):
    (world.folder / "land_cover_2016.tif").write_bytes(b"this is no raster at all")
    found = row(world.read(**OWN_GRID), "land_cover_2016.tif")
    assert (found["problem"], found["to_grid"], found["worst"]) == ("does not open", "", "error")


def test_only_the_files_of_some_indicators(world):
    table = preflight.report(world.read(), ["land_cover"])
    assert set(table["layer"]) == {"boundary", "land_cover.files"}


def test_findings_are_those_of_the_check(world):
    world.raster("soc_2000.tif", np.full((3, 4), 80.0), dtype=np.float32, cell=0.02)
    country = world.read()
    found = preflight.report(country).attrs["findings"]
    assert found == preflight.check(country, "soil")


def test_files_that_are_alike_share_a_row(world):
    short = inspection.by_layer(preflight.report(world.read())).set_index("layer")
    assert short.loc["productivity.annual", ["files", "years"]].tolist() == [24, "2000–2023"]
    assert short.loc["land_cover.files", "years"] == "2000, 2015–2016, 2019, 2023"
    assert "file" not in short


def test_landia_has_every_kind_of_file(landia):
    table = preflight.report(landia)
    assert {"GeoTIFF", "NetCDF", "GeoPackage", "CSV", "XLSX", "JSON", "YAML"} <= set(
        table["format"]
    )
    rain = table[table["layer"] == "drought.precipitation"].iloc[0]
    assert (rain["years"], rain["unit"], rain["to_grid"]) == ("1981–2023", "mm/month", "nearest")
    people = table[table["layer"] == "population.female"]
    assert set(people["to_grid"]) == {"shares"} and set(people["unit"]) == {"persons"}
    rasters = table[table["cell"] != ""]
    assert set(rasters["coverage"]) == {"covers"}, "Landia lies across 180 degrees"
    assert not (table["problem"] != "").any()


# ------------------------------------------------------------------------------ formats
def write(path, values, driver="GTiff", **options):
    with rasterio.open(
        path, "w", driver=driver, height=values.shape[0], width=values.shape[1], count=1,
        dtype=values.dtype, crs="EPSG:4326", transform=from_origin(WEST, NORTH, CELL, CELL),
        **options,
    ) as target:  # fmt: skip
        target.write(values, 1)
    return path


def test_cloud_optimised_and_virtual_rasters_are_told_apart(tmp_path):
    values_ = np.ones((20, 30), np.uint8)
    plain = write(tmp_path / "plain.tif", values_)
    cog = write(tmp_path / "cog.tif", values_, driver="COG")
    vrt = tmp_path / "joined.vrt"
    vrt.write_text(
        '<VRTDataset rasterXSize="30" rasterYSize="20"><SRS>EPSG:4326</SRS>'
        f"<GeoTransform>{WEST}, {CELL}, 0, {NORTH}, 0, -{CELL}</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">plain.tif</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    assert [headers.read(path).format for path in (plain, cog, vrt)] == ["GeoTIFF", "COG", "VRT"]
    assert headers.read(vrt).size == vrt.stat().st_size + plain.stat().st_size


def test_a_zarr_folder_is_one_file(world, tmp_path):
    xr = pytest.importorskip("xarray")
    pytest.importorskip("zarr")
    times = pd.date_range("1981-01-01", "2023-12-01", freq="MS")
    latitude = NORTH - CELL * (np.arange(6) + 0.5)
    longitude = WEST + CELL * (np.arange(8) + 0.5)
    rain = xr.DataArray(
        np.random.default_rng(1).gamma(2, 30, (len(times), 6, 8)).astype("float32"),
        {"time": times, "lat": latitude, "lon": longitude},
        ("time", "lat", "lon"),
        "rain",
        {"units": "mm/month"},
    )
    rain.to_dataset().to_zarr(world.folder / "rain.zarr", zarr_format=2)
    country = world.read(drought={"precipitation": "rain.zarr"})
    found = row(country, "rain.zarr", indicators=["drought_index"])
    assert (found["format"], found["years"], found["coverage"]) == ("Zarr", "1981–2023", "covers")
    assert found["layer"] == "drought.precipitation"


def test_shapefiles_count_with_their_companions(world):
    geopandas = pytest.importorskip("geopandas")
    path = world.folder / "areas.shp"
    geopandas.GeoDataFrame(geometry=[box(30, 9.9, 30.1, 10)], crs=4326).to_file(path)
    found = headers.read(path)
    assert (found.format, found.crs, found.dtype) == ("Shapefile", "EPSG:4326", "Polygon")
    assert found.size == sum(file.stat().st_size for file in world.folder.glob("areas.*"))
    path.with_suffix(".prj").unlink()
    assert headers.read(path).problem == "no coordinate reference system"


def test_a_vector_file_that_is_none(tmp_path):
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"nothing": 1}))
    assert headers.read(path).problem == "does not open"


# ------------------------------------------------------------------------- a thin look
def test_large_rasters_are_not_read_as_a_whole(tmp_path, monkeypatch):
    """Above the limit only 8 x 8 patches of 50 x 50 cells are read: the same number of cells."""
    monkeypatch.setattr(preflight, "_WHOLE", 1000)
    cells = np.arange(900 * 1000, dtype=np.int32).reshape(900, 1000)
    path = write(tmp_path / "large.tif", cells, tiled=True, blockxsize=64, blockysize=64)
    with rasterio.open(path) as source:
        thin = preflight.thinned(source)
        part = preflight.thinned(source, 1, slice(100, 160), slice(0, 70))
    assert thin.shape == (400, 400)
    assert len(np.unique(thin)) == 400 * 400
    assert thin.min() < 100_000 and thin.max() > 800_000
    rows, columns = np.divmod(part, 1000)
    assert 100 <= rows.min() and rows.max() < 160 and columns.max() < 70


def test_small_rasters_are_looked_at_cell_by_cell(tmp_path):
    cells = np.arange(48, dtype=np.int16).reshape(6, 8)
    with rasterio.open(write(tmp_path / "small.tif", cells)) as source:
        assert (preflight.thinned(source) == cells).all()


@pytest.mark.parametrize(
    ("layer", "found", "unit"),
    [
        ("productivity.annual", [0.1, 0.8], "index"),
        ("productivity.annual", [20, 200], "index_byte"),
        ("productivity.annual", [1200, 8000], "index_10000"),
        ("productivity.annual", [1e6], "unknown"),
        ("soil.reference", [3, 12], "kilograms"),
        ("soil.reference", [30, 120], "tonnes"),
        ("drought.index", [-2500, 1000], "index_1000"),
        ("land_cover.files", [1, 7], ""),
        ("soil.reference", [], ""),
    ],
)
def test_units_are_guessed_from_the_values(layer, found, unit):
    assert values.guess(np.array(found), layer) == unit


def test_guesses_grow_within_each_layer():
    for _, rows in tables.read("unit_guesses").groupby("layer"):
        assert rows["largest"].is_monotonic_increasing and rows["unit"].is_unique


def test_a_tiny_island_counts_as_little_as_it_is(tmp_path):
    """A second part of 1/100 of the size far away: outside the map, 1 % of the country."""
    far = box(WEST + 1, NORTH - 0.006, WEST + 1.008, NORTH)
    world = small_country(tmp_path, COVER)
    whole = world.cells(0, 0, *SHAPE).union(far)
    world.polygons("boundary.gpkg", whole)
    lattice = Lattice.of(world.read())
    with rasterio.open(world.folder / "land_cover_2000.tif"):
        header = headers.read(world.folder / "land_cover_2000.tif")
    rows, _ = lattice.cells(header.grid)
    assert lattice.share(rows >= 0) == pytest.approx(1 / 1.01, abs=0.02)
    assert lattice.share(rows >= 0) < 1


# ----------------------------------------------------------------------------- estimate
def test_the_estimate_is_the_sum_of_its_coefficients(world):
    """48 cells, 24 maps of productivity, two processors."""
    costs = tables.read("run_costs").set_index("indicator").loc["productivity"]
    table = preflight.estimate(world.read(), ["productivity"])
    found = table.iloc[0]
    work = costs["seconds_per_million"] * 48e-6 * 24
    shared = costs["serial_share"] + (1 - costs["serial_share"]) / 2
    assert found["cells"] == pytest.approx(48e-6)
    assert found["layers"] == 24
    assert found["seconds"] == pytest.approx(costs["seconds"] + work * shared)
    assert table.iloc[-1]["indicator"] == "total"


def test_more_processors_take_less_time_and_the_total_adds_up(landia):
    two, four = (preflight.estimate(landia, processors=count) for count in (2, 4))
    assert (four["seconds"] <= two["seconds"]).all() and four.iloc[-1]["seconds"] > 0
    *parts, total = two.to_dict("records")
    assert total["seconds"] == pytest.approx(sum(part["seconds"] for part in parts))
    assert total["disk_mb"] == pytest.approx(sum(part["disk_mb"] for part in parts))
    assert total["memory_mb"] == max(part["memory_mb"] for part in parts)


def test_the_estimate_repeats_the_benchmark():
    """The land indicators of 4000 x 4000 cells took 36.9 CPU-s, 24 s of clock, 604 MB."""
    costs = tables.read("run_costs").set_index("indicator")
    times = pd.Series({"land_cover": 1, "productivity": 24, "soil": 1, "degradation": 1})
    chain = costs.loc[times.index]
    work = 16 * (chain["seconds_per_million"] * times).sum()
    assert work == pytest.approx(36.9, rel=0.1)
    assert work * (0.3 + 0.7 / 2) == pytest.approx(24, rel=0.1)
    memory = (chain["memory_mb"] + 16 * chain["memory_mb_per_million"]).max()
    assert memory == pytest.approx(604, rel=0.1)


def test_every_indicator_has_a_cost():
    from ldnkit import plans

    assert set(tables.read("run_costs")["indicator"]) == set(plans.INDICATORS)


def test_an_estimate_of_landia_is_near_what_was_measured(landia, landia_results):
    table = preflight.estimate(landia).set_index("indicator")
    measured = sum(result.seconds for result in landia_results.values())
    assert measured / 10 < table.loc["total", "seconds"] < measured * 10


# --------------------------------------------------------------------------------- words
@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_words_in_every_language(landia, language):
    table, costs = preflight.report(landia, ["land_cover", "soil"]), preflight.estimate(landia)
    shown = inspection.labelled(inspection.by_layer(table), language)
    ways = shown[tables.label("preflight.to_grid", language)]
    assert tables.label("preflight.to_grid.exact", language) in set(ways)
    assert tables.label("preflight.suspected", language) not in shown, "an empty column"
    assert inspection.labelled(costs, language).iloc[-1, 0] == tables.label(
        "preflight.total", language
    )
    said = inspection.summary(table, costs, language)
    assert str(len(table)) in said and "{" not in said


def test_every_word_has_a_label():
    keys = set(tables.read("labels")["key"])
    for unit in set(tables.read("unit_guesses")["unit"]) | {"codes", "persons", "density"}:
        assert f"preflight.unit.{unit}" in keys
    estimated = ("indicator", "cells", "layers", "seconds", "memory_mb", "disk_mb")
    for column in (*inspection.COLUMNS, *estimated, "files", "total", "summary", "costs"):
        assert f"preflight.{column}" in keys


def test_nothing_is_computed_and_nothing_written(world):
    country = world.read()
    before = sorted(world.folder.rglob("*"))
    preflight.report(country)
    preflight.estimate(country)
    assert sorted(world.folder.rglob("*")) == before
    assert ldnkit.results(country) == {}
