"""The look at every raster before a run: problems are told early, all at once, with a remedy."""

import warnings

import numpy as np
import pytest
from small_country import COVER_YEARS, NDVI_YEARS, small_country, steady_ndvi

import ldnkit
from ldnkit.findings import InputError
from ldnkit.sources import preflight

SHAPE = (6, 8)
COVER = np.full(SHAPE, 3)
OWN_GRID = {"grid": {"resolution": 0.01, "crs": "EPSG:4326"}}


@pytest.fixture
def world(tmp_path):
    return small_country(tmp_path, COVER, ndvi=steady_ndvi(SHAPE), reference=np.full(SHAPE, 80.0))


def found(country, indicator, severity=None):
    return [
        finding
        for finding in preflight.check(country, indicator)
        if severity in (None, finding.severity)
    ]


def test_good_rasters_have_no_findings(world):
    country = world.read()
    for indicator in ("land_cover", "productivity", "soil", "degradation"):
        assert found(country, indicator) == []


def test_indicators_the_country_does_not_have_have_no_findings(tmp_path):
    country = small_country(tmp_path, COVER).read()
    assert found(country, "productivity") == found(country, "soil") == []


# ------------------------------------------------------------------- rasters to refuse
def truncate(world, name):
    """A raster of which the end is missing, as after a broken download."""
    noise = np.random.default_rng(1).integers(1, 8, (300, 400))
    world.raster(name, noise, dtype=np.uint8, cell=0.001)
    path = world.folder / name
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def spoil(world):
    """Four land cover maps that cannot be used, each in its own way."""
    world.raster("land_cover_2000.tif", COVER, dtype=np.uint8, west=100.0)
    world.raster("land_cover_2015.tif", COVER, dtype=np.uint8)
    path = world.folder / "land_cover_2015.tif"
    _forget_crs(path, COVER)
    (world.folder / "land_cover_2016.tif").write_bytes(b"this is no raster at all")
    truncate(world, "land_cover_2019.tif")


def _forget_crs(path, values):
    import rasterio
    from rasterio.transform import from_origin

    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype="uint8",
        transform=from_origin(30, 10, 0.01, 0.01),
    ) as target:
        target.write(values.astype(np.uint8), 1)


def test_all_problems_are_told_at_once_and_nothing_is_published(world):
    spoil(world)
    country = world.read(**OWN_GRID)
    with pytest.raises(InputError) as error:
        ldnkit.compute(country, "land_cover")
    said = {finding.where: finding for finding in error.value.findings}
    assert len(said) == 4
    for where, words in {
        "land cover 2000 (land_cover_2000.tif)": "does not touch the country (100.00",
        "land cover 2015 (land_cover_2015.tif)": "no coordinate reference system",
        "land cover 2016 (land_cover_2016.tif)": "a file that does not open",
        "land cover 2019 (land_cover_2019.tif)": "a file that does not open",
    }.items():
        assert words in said[where].found
        assert said[where].remedy
    assert not (country.folder_results / "layers").exists()
    assert not (country.folder_results / "results.json").exists()


def test_problems_of_rasters_and_of_years_are_told_together(tmp_path):
    world = small_country(tmp_path, {2000: COVER, 2015: COVER, 2016: COVER})
    (world.folder / "land_cover_2015.tif").write_bytes(b"this is no raster at all")
    with pytest.raises(InputError) as error:
        ldnkit.compute(world.read(**OWN_GRID), "land_cover")
    text = str(error.value)
    assert "a file that does not open" in text
    assert "the same map (2016) for 2016 and 2019" in text


@pytest.mark.parametrize("kind", ["no raster", "no crs"])
def test_the_raster_that_gives_the_grid_is_refused_with_its_name(world, kind):
    if kind == "no crs":
        _forget_crs(world.folder / "land_cover_2000.tif", COVER)
    else:
        (world.folder / "land_cover_2000.tif").write_bytes(b"this is no raster at all")
    with pytest.raises(InputError, match=r"land_cover_2000\.tif"):
        ldnkit.compute(world.read(), "land_cover")


@pytest.mark.parametrize("west", [-180.0, 0.0])
def test_a_map_of_the_world_touches_a_country_across_180(tmp_path, west):
    world = small_country(tmp_path, np.full((18, 36), 3), west=west, north=90, cell=10)
    from shapely import box

    world.polygons("across.gpkg", box(170, -10, 180, 0), box(-180, -10, -170, 0))
    country = world.read(boundary={"file": "across.gpkg"})
    assert country.crosses_180
    assert found(country, "land_cover") == []


# ------------------------------------------------------------------ values and fill values
@pytest.mark.parametrize(
    ("dtype", "fill"),
    [
        (np.uint16, 65533),
        (np.uint16, 65535),
        (np.int16, -9999),
        (np.int16, -3000),
        (np.int16, 32767),
    ],
)
def test_an_undeclared_fill_value_is_an_error_with_its_remedy(world, dtype, fill):
    values = np.full(SHAPE, 4000)
    values[:2] = 5000
    values[0, 0] = fill
    world.raster("ndvi_2007.tif", values, dtype=dtype)
    (finding,) = found(world.read(), "productivity", "error")
    assert finding.where == "productivity 2007 (ndvi_2007.tif)"
    assert finding.found.startswith(f"{fill} in 2.1 % of the cells")  # 1 of 48
    assert f"productivity.nodata: [{fill}]" in finding.remedy
    section = world.file["productivity"] | {"nodata": [fill]}
    assert found(world.read(productivity=section), "productivity") == []


def test_two_undeclared_fill_values_are_named_together(world):
    values = np.full(SHAPE, 4000)
    values[0, :2] = 65533, 65535
    world.raster("ndvi_2007.tif", values, dtype=np.uint16)
    (finding,) = found(world.read(), "productivity", "error")
    assert "65535, 65533" in finding.found


def test_a_usual_value_is_no_fill_value(world):
    values = np.arange(48).reshape(SHAPE) * 10 - 45  # -45 … 425, 255 among them
    assert (values == 255).any()
    world.raster("ndvi_2007.tif", values, dtype=np.int16)
    assert found(world.read(), "productivity") == []


def test_an_undeclared_fill_value_of_soil(world):
    values = np.full(SHAPE, 80.0)
    values[0] = -9999
    world.raster("soc_2000.tif", values, dtype=np.float32)
    (finding,) = found(world.read(), "soil", "error")
    assert "soil.nodata: [-9999]" in finding.remedy


def test_an_undeclared_fill_value_of_rain(world):
    rain = {}
    for year in NDVI_YEARS:
        values = np.full(SHAPE, 500)
        values[0] = -9999 if year == 2003 else 600
        rain[year] = world.raster(f"rain_{year}.tif", values, dtype=np.int16)
    section = world.file["productivity"] | {"climate": rain, "correction": "restrend"}
    (finding,) = found(world.read(productivity=section), "productivity", "error")
    assert finding.where == "climate 2003 (rain_2003.tif)"
    assert "declare it as no data in the file" in finding.remedy


def test_an_undeclared_fill_value_of_classes_is_an_unknown_code(world):
    """Classes are never guessed: the code is listed with its area when the map is read."""
    cover = COVER.copy()
    cover[0, 0] = 255
    world.raster("land_cover_2000.tif", cover, dtype=np.uint8)
    country = world.read()
    assert found(country, "land_cover") == []
    with pytest.raises(InputError, match=r"255 \(1\.2\d km²\)"):
        ldnkit.compute(country, "land_cover")


def test_a_raster_without_any_value_is_a_warning(world):
    world.raster("ndvi_2007.tif", np.full(SHAPE, -32768), dtype=np.int16, nodata=-32768)
    (finding,) = found(world.read(), "productivity")
    assert finding.severity == "warning"
    assert finding.found == "no valid value in a sample of the raster"


@pytest.mark.parametrize(
    ("cell", "how"), [(0.005, "average"), (0.02, "bilinear"), (0.0101, "bilinear")]
)
def test_a_raster_on_another_grid_is_said(world, cell, how):
    size = [int(np.ceil(count * 0.01 / cell)) for count in SHAPE]
    world.raster("soc_2000.tif", np.full(size, 80.0), dtype=np.float32, cell=cell)
    (finding,) = found(world.read(), "soil")
    assert finding.severity == "info"
    assert finding.found == f"another grid; resampled by {how}"


def test_remarks_travel_into_the_result(world):
    world.raster("soc_2000.tif", np.full((3, 4), 80.0), dtype=np.float32, cell=0.02)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        result = ldnkit.compute(world.read(), "soil", progress=False)
    assert [finding.severity for finding in result.findings] == ["info"]


def test_a_warning_is_said_once(world):
    world.raster("ndvi_2007.tif", np.full(SHAPE, -32768), dtype=np.int16, nodata=-32768)
    with pytest.warns(UserWarning) as caught:
        ldnkit.compute(world.read(), "productivity", progress=False)
    assert sum("no valid value" in str(each.message) for each in caught) == 1


def test_every_layer_is_looked_at(world):
    """Each raster of the country file is replaced by nonsense once, and found."""
    units = world.raster("units.tif", COVER, dtype=np.uint8)
    climate = world.raster("climate.tif", np.full(SHAPE, 11), dtype=np.uint8)
    rain = {
        year: world.raster(f"rain_{year}.tif", np.full(SHAPE, 500), dtype=np.int16)
        for year in NDVI_YEARS
    }
    sections = {
        "productivity": world.file["productivity"]
        | {"units": {"soil": units}, "climate": rain, "correction": "restrend"},
        "soil": {"reference": "soc_2000.tif", "climate": climate},
    }
    country = world.read(**sections, **OWN_GRID)
    layers = {
        "land_cover": [f"land_cover_{year}.tif" for year in COVER_YEARS],
        "productivity": ["units.tif", "ndvi_2003.tif", "rain_2003.tif"],
        "soil": ["soc_2000.tif", "climate.tif"],
    }
    for indicator, names in layers.items():
        for name in names:
            path = world.folder / name
            whole = path.read_bytes()
            path.write_bytes(b"this is no raster at all")
            assert [finding.severity for finding in found(country, indicator)] == ["error"], name
            path.write_bytes(whole)


def test_wrong_classes_of_ready_productivity_are_refused(tmp_path):
    world = small_country(tmp_path, [[3, 3]])
    files = {
        period: world.raster(f"lpd_{period}.tif", [[4, 6]], dtype=np.uint8)
        for period in ("baseline", "report_1", "report_2")
    }
    country = world.read(productivity={"lpd": files})
    with pytest.raises(ValueError, match=r"lpd_baseline\.tif .*found classes 6"):
        ldnkit.compute(country, "productivity", progress=False)
    assert not (country.folder_results / "layers" / "trend_baseline.tif").exists()
