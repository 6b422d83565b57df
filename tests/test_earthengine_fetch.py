"""Fetching from Earth Engine with a server made of NumPy: limits, faults, resume, exact grid."""

import json
from datetime import UTC, datetime
from pathlib import Path

import ee
import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from shapely import box
from support.eelocal import Grid, Session

from ldnkit import landcover
from ldnkit.sources.earthengine import collections, export, fetch, raw, tiles
from ldnkit.sources.earthengine import landcover as ee_landcover
from ldnkit.sources.earthengine.problems import EarthEngineError
from ldnkit.tables import NODATA

ROWS, COLUMNS, CELL = 70, 110, 0.25


def geobox(west=10.0, north=5.0, shape=(ROWS, COLUMNS)):
    return GeoBox(shape, Affine(CELL, 0, west, 0, -CELL, north), "EPSG:4326")


def grid_of(box_):
    t = box_.transform
    return Grid(*box_.shape, (t.a, t.b, t.c, t.d, t.e, t.f))


CODES = np.arange(ROWS * COLUMNS).reshape(ROWS, COLUMNS) % 9 - 1
MASK = CODES == 3
WAITED: list[float] = []


@pytest.fixture
def server():
    """A server with one class image and one of values; its faults are set in ``faults``."""
    place = geobox()
    here = Session(grid_of(place))
    here.add_asset("CLASSES", {"b": np.ma.MaskedArray(CODES.astype(np.int16), MASK)})
    values = np.random.default_rng(1).normal(0, 1e4, CODES.shape)
    here.add_asset("VALUES", {"b": np.ma.MaskedArray(values, MASK)})
    here.values = values
    here.asked, here.faults = [], {}
    WAITED.clear()
    with here.installed(), pytest.MonkeyPatch.context() as patch:
        whole = ee.data.computePixels

        def compute(params):
            number = len(here.asked)
            here.asked.append(params["grid"])
            fault = here.faults.get(number, here.faults.get("always"))
            if isinstance(fault, Exception):
                raise fault
            params = {
                **params,
                "expression": json.loads(params["expression"].serialize(for_cloud_api=True)),
            }
            answer = whole(params)
            return fault(answer) if callable(fault) else answer

        patch.setattr(ee.data, "computePixels", compute)
        yield here


def get(path, image="CLASSES", **options):
    options = {"side": 40, "workers": 1, "pause": WAITED.append} | options
    return fetch.fetch(ee.Image(image), geobox(), path, **options)


def read(path):
    with rasterio.open(path) as source:
        return source.read(1), source


def test_classes_arrive_on_the_exact_grid(server, tmp_path):
    seen = []
    path = get(tmp_path / "classes.tif", progress=lambda done, total: seen.append((done, total)))
    values, source = read(path)
    assert values.dtype == np.int16 and source.nodata == NODATA
    assert source.transform == geobox().transform and source.crs.to_epsg() == 4326
    np.testing.assert_array_equal(values, np.where(MASK, NODATA, CODES))
    assert seen == [(number, 6) for number in range(1, 7)]  # 2 rows × 3 columns of tiles
    assert sorted(each.name for each in tmp_path.iterdir()) == ["classes.tif"]


@pytest.mark.parametrize(("kind", "dtype"), [("value", np.float32), ("persons", np.float64)])
def test_values_arrive_with_gaps(server, tmp_path, kind, dtype):
    values, source = read(get(tmp_path / "values.tif", "VALUES", kind=kind, workers=4))
    assert values.dtype == dtype
    assert (np.isnan(values) == MASK).all()
    np.testing.assert_array_equal(values[~MASK], server.values[~MASK].astype(dtype))


def test_several_bands(server, tmp_path):
    image = ee.Image("CLASSES").addBands(ee.Image("CLASSES").multiply(10))
    path = tmp_path / "bands.tif"
    fetch.fetch(image, geobox(), path, bands=("m01", "m02"), side=64)
    with rasterio.open(path) as source:
        assert source.descriptions == ("m01", "m02")
        first, second = source.read()
    assert (second[~MASK] == 10 * first[~MASK]).all() and (second[MASK] == NODATA).all()


def test_a_file_of_the_same_graph_is_not_asked_for_again(server, tmp_path):
    path = get(tmp_path / "classes.tif")
    asked = len(server.asked)
    get(path)
    assert len(server.asked) == asked
    fetch.fetch(ee.Image("CLASSES").add(1), geobox(), path, side=200)
    assert len(server.asked) == asked + 1, "another graph is another file"
    assert (read(path)[0][~MASK] == CODES[~MASK] + 1).all()


def busy(text="Too Many Requests: try again"):
    return ee.EEException(text)


@pytest.mark.parametrize(
    "fault",
    [
        busy(),
        busy("429: rateLimitExceeded"),
        ee.EEException("Internal error (500)"),
        ee.EEException("An internal error has occurred."),
        TimeoutError("timed out"),
        ConnectionResetError("Connection reset by peer"),
        ValueError("cannot reshape array: the answer is truncated"),
        lambda answer: answer[:-1],
        lambda answer: answer["value"],
    ],
)
def test_passing_faults_are_waited_for(server, tmp_path, fault):
    server.faults = {1: fault, 2: fault, 3: fault}
    values, _ = read(get(tmp_path / "classes.tif"))
    np.testing.assert_array_equal(values, np.where(MASK, NODATA, CODES))
    assert len(server.asked) == 6 + 3
    assert len(WAITED) == 3 and WAITED[0] >= 1 and WAITED[1] >= 2 and WAITED[2] >= 4


def test_a_server_that_stays_busy_is_told_and_the_work_is_kept(server, tmp_path):
    server.faults = {number: busy() for number in range(4, 10)}
    path = tmp_path / "classes.tif"
    with pytest.raises(EarthEngineError, match="found Too Many Requests.*What to do") as told:
        get(path)
    assert told.value.kind == "quota" and not path.exists()
    assert len(list((tmp_path / ".classes.tif.tiles").glob("*.npy"))) == 4
    server.faults = {}
    asked = len(server.asked)
    values, _ = read(get(path))
    assert len(server.asked) - asked == 2, "only the missing tiles are asked for"
    np.testing.assert_array_equal(values, np.where(MASK, NODATA, CODES))


def test_lasting_faults_are_told_at_once(server, tmp_path):
    server.faults = {"always": ee.EEException("Permission denied: token=ya29.a0AfH6SMBsecret")}
    with pytest.raises(EarthEngineError) as told:
        get(tmp_path / "classes.tif")
    assert told.value.kind == "no_access" and len(server.asked) == 1 and not WAITED
    assert "ya29" not in str(told.value) and told.value.__cause__ is None


def test_a_tile_that_is_too_heavy_is_cut_in_four(server, tmp_path):
    heavy = ee.EEException("User memory limit exceeded.")
    server.faults = {0: heavy}
    path = tmp_path / "classes.tif"
    fetch.fetch(ee.Image("CLASSES"), geobox(), path, side=200)
    assert [each["dimensions"]["width"] for each in server.asked] == [110, 55, 55, 55, 55]
    np.testing.assert_array_equal(read(path)[0], np.where(MASK, NODATA, CODES))
    server.faults = {"always": heavy}
    with pytest.raises(EarthEngineError, match="too heavy") as told:
        get(tmp_path / "other.tif")
    assert told.value.kind == "too_heavy"


def test_a_broken_tile_on_disk_is_asked_for_again(server, tmp_path):
    server.faults = {5: ee.EEException("Permission denied")}
    path = tmp_path / "classes.tif"
    with pytest.raises(EarthEngineError):
        get(path)
    held = sorted((tmp_path / ".classes.tif.tiles").glob("*.npy"))
    held[0].write_bytes(held[0].read_bytes()[:50])
    server.faults, asked = {}, len(server.asked)
    np.testing.assert_array_equal(read(get(path))[0], np.where(MASK, NODATA, CODES))
    assert len(server.asked) - asked == 2


def test_work_that_is_interrupted_is_taken_up(server, tmp_path):
    path = tmp_path / "classes.tif"

    def interrupt(done, total):
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(path, progress=interrupt)
    assert not path.exists()
    held = len(list((tmp_path / ".classes.tif.tiles").glob("*.npy")))
    asked = len(server.asked)
    np.testing.assert_array_equal(read(get(path))[0], np.where(MASK, NODATA, CODES))
    assert held >= 3 and len(server.asked) - asked == 6 - held


def test_unknown_codes_stop_the_file(server, tmp_path):
    path = tmp_path / "classes.tif"
    image = ee.Image("CLASSES").where(ee.Image("CLASSES").eq(7), 32767)
    with pytest.raises(ValueError, match=rf"found {(CODES == 7).sum()} cells"):
        fetch.fetch(image, geobox(), path)
    assert not path.exists()
    with pytest.raises(ValueError, match="Unknown kind"):
        get(path, kind="colour")


def test_an_earlier_file_stays_when_the_new_fetch_fails(server, tmp_path):
    path = get(tmp_path / "classes.tif")
    before = path.read_bytes()
    server.faults = {"always": ee.EEException("Permission denied")}
    with pytest.raises(EarthEngineError):
        fetch.fetch(ee.Image("CLASSES").add(1), geobox(), path)
    assert path.read_bytes() == before


# ---- tiles ------------------------------------------------------------------------------------


def test_tiles_cover_the_grid_once_and_respect_the_limits():
    for kind, bands, side in (("class", 1, 1024), ("persons", 12, 1024), ("value", 1000, 4096)):
        grid = geobox(shape=(2500, 3100))
        held = np.zeros(grid.shape, int)
        for tile in tiles.tiles_of(grid, kind=kind, bands=bands, side=side):
            held[tile.row : tile.row + tile.height, tile.column : tile.column + tile.width] += 1
            cells = tile.height * tile.width
            assert cells * tiles.bytes_of_cell(kind, bands) <= tiles.MOST_BYTES
        assert (held == 1).all()
    with pytest.raises(ValueError, match="1 to 1024 bands"):
        tiles.tiles_of(geobox(), bands=2000)


def test_a_grid_across_180_is_cut_there():
    #  longitudes 170 … 197.5: the second side begins at -180
    grid = geobox(west=170.0)
    parts = tiles.tiles_of(grid, side=1000)
    assert [(part.column, part.width) for part in parts] == [(0, 40), (40, 70)]
    west = [tiles.request_grid(grid, part)["affineTransform"]["translateX"] for part in parts]
    assert west == [170.0, -180.0]


def test_the_grid_of_a_request():
    asked = tiles.request_grid(geobox(), tiles.Tile(10, 20, 5, 6))
    assert asked["dimensions"] == {"width": 6, "height": 5}
    assert asked["affineTransform"]["translateX"] == 10 + 20 * CELL
    assert asked["affineTransform"]["translateY"] == 5 - 10 * CELL
    assert asked["crsCode"] == "EPSG:4326"
    sinusoidal = "+proj=sinu +R=6371007.181 +units=m"
    modis = GeoBox((5, 5), Affine(463.3, 0, 0, 0, -463.3, 0), sinusoidal)
    assert "crsWkt" in tiles.request_grid(modis, tiles.Tile(0, 0, 5, 5))


def test_the_estimate_comes_first():
    grid = GeoBox((4000, 4000), Affine(0.0025, 0, 10, 0, -0.0025, 5), "EPSG:4326")
    found = tiles.estimate(grid, workers=4)
    assert found.requests == 16 and round(found.megabytes) == 76
    assert str(found).startswith("16 requests, 76 MB, about 1 minutes")


# ---- export ------------------------------------------------------------------------------------


class FakeTask:
    def __init__(self, states):
        self.states, self.started = list(states), False

    def start(self):
        self.started = True

    def status(self):
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, Exception):
            raise state
        return state


@pytest.fixture
def exports(server, monkeypatch):
    made = []

    def to_drive(**options):
        made.append(options)
        return FakeTask([{"state": "READY"}, {"state": "COMPLETED", "progress": 1}])

    monkeypatch.setattr(ee.batch.Export.image, "toDrive", staticmethod(to_drive))
    return made


def test_export_of_the_exact_grid(exports):
    tasks = export.export(ee.Image("CLASSES"), geobox(), "sdg", folder="KEN")
    assert [task.name for task in tasks] == ["sdg_1"] and tasks[0].task.started
    options = exports[0]
    assert options["crsTransform"] == [CELL, 0, 10, 0, -CELL, 5]
    assert options["dimensions"] == "110x70" and options["folder"] == "KEN"
    assert options["formatOptions"] == {"noData": NODATA}
    export.export(ee.Image("CLASSES"), geobox(west=170.0), "sdg")
    assert [each["crsTransform"][2] for each in exports[1:]] == [170, -180]


def test_tasks_are_watched_to_their_end():
    waits, looks = [], []
    steady = {"state": "RUNNING", "progress": 0.5}
    tasks = [
        export.Task("a", FakeTask([steady, busy(), {"state": "COMPLETED"}])),
        export.Task("b", FakeTask([steady, {"state": "SUCCEEDED"}])),
    ]
    done = export.watch(tasks, pause=waits.append, progress=lambda now: looks.append(now[0].state))
    assert all(task.done for task in done) and waits == [30, 30]
    assert looks == ["RUNNING", "RUNNING", "COMPLETED"]


def test_failed_tasks_are_named():
    tasks = [
        export.Task("good", FakeTask([{"state": "COMPLETED"}])),
        export.Task("bad", FakeTask([{"state": "FAILED", "error_message": "No space left"}])),
    ]
    with pytest.raises(EarthEngineError, match="bad: No space left"):
        export.watch(tasks, pause=WAITED.append)
    with pytest.raises(EarthEngineError, match="not finished yet: found slow"):
        export.watch(
            [export.Task("slow", FakeTask([{"state": "RUNNING"}]))], limit=60, pause=WAITED.append
        )


def write_part(path, values, corner):
    profile = {"driver": "GTiff", "dtype": "int16", "count": 1, "crs": "EPSG:4326"}
    profile |= {"height": values.shape[0], "width": values.shape[1]}
    transform = Affine(CELL, 0, corner[0], 0, -CELL, corner[1])
    with rasterio.open(path, "w", **profile, transform=transform) as target:
        target.write(values.astype(np.int16), 1)


def test_export_files_are_put_together(tmp_path):
    #  170 … 197.5: the files of the second side begin at -180
    grid = geobox(west=170.0)
    write_part(tmp_path / "sdg_1.tif", CODES[:, :40], (170, 5))
    write_part(tmp_path / "sdg_2-0.tif", CODES[:30, 40:], (-180, 5))
    files = sorted(tmp_path.glob("sdg_*.tif"))
    with pytest.raises(ValueError, match="2 files for"):
        export.collect(files, grid, tmp_path / "sdg.tif")
    write_part(tmp_path / "sdg_2-1.tif", CODES[30:, 40:], (-180, 5 - 30 * CELL))
    path = export.collect(tmp_path.glob("sdg_*.tif"), grid, tmp_path / "whole.tif")
    values, source = read(path)
    np.testing.assert_array_equal(values, CODES)
    assert source.transform == grid.transform
    write_part(tmp_path / "sdg_3.tif", CODES[:3, :3], (170.1, 5))
    with pytest.raises(ValueError, match="does not lie on the grid"):
        export.collect(tmp_path.glob("sdg_*.tif"), grid, tmp_path / "again.tif")
    assert not (tmp_path / "again.tif").exists()


# ---- the layers of a country --------------------------------------------------------------------


class Country:
    """As much of a country as the layers need."""

    iso3, language, crosses_180, earth_engine = "XLD", "en", False, None

    def __init__(self, folder, grid):
        self.folder_results, self.grid = Path(folder), grid
        self.boundary = gpd.GeoDataFrame(geometry=[box(12, -8, 20, 2)], crs="EPSG:4326")

    def window(self):
        return self.grid


@pytest.fixture
def country(server, tmp_path):
    codes = np.where(CODES < 0, 10, CODES * 10 + 10)
    server.add_asset(
        collections.asset("esa_cci").asset,
        {f"y{year}": np.where(MASK, 9999, codes).astype(np.int16) for year in (2000, 2015)},
    )
    server.add_asset(collections.asset("soilgrids").asset, {"ocs_0-30cm_mean": server.values})
    people = [({"population": np.abs(server.values)}, {"country": "XLD", "year": 2015})]
    server.add_asset(collections.asset("worldpop").asset, people)
    ages = {f"{sex}_{age}": np.abs(server.values) for sex in "MF" for age in (0, 1, 5)}
    server.add_asset(
        collections.asset("worldpop_sex").asset, [(ages, {"country": "XLD", "year": 2020})]
    )
    day = 86_400_000
    vi = [
        (
            {"NDVI": CODES * 100 + 16 * step, "SummaryQA": np.where(MASK, 3, step % 2)},
            {"system:time_start": 1420070400000 + 16 * day * step},
        )
        for step in range(23)
    ]
    server.add_asset(collections.asset("modis_ndvi").asset, vi)
    pentads = [
        (
            {"precipitation": np.full(CODES.shape, 0.5 * month)},
            {"system:time_start": int(datetime(2015, month, start, tzinfo=UTC).timestamp() * 1000)},
        )
        for month in range(1, 13)
        for start in (1, 6, 11, 16, 21, 26)
    ]
    server.add_asset(collections.asset("chirps").asset, pentads)
    window = GeoBox((20, 24), Affine(CELL, 0, 13, 0, -CELL, 0), "EPSG:4326")
    return Country(tmp_path, window)


def part_of(values):
    """The window 13…19 by 0…-5 of the server's grid: rows 20–40, columns 12–36."""
    return values[20:40, 12:36]


def test_land_cover_as_the_local_engine_wants_it(server, country):
    layer = raw.load(country, "land_cover", 2015)
    assert layer.dims == ("y", "x") and layer.dtype == np.int16
    assert layer.attrs["years_used"] == "2015" and layer.attrs["dataset"] == "esa_cci"
    codes = np.where(CODES < 0, 10, CODES * 10 + 10)
    np.testing.assert_array_equal(layer.values, part_of(np.where(MASK, NODATA, codes)))


def test_both_ways_give_the_same_classes(server, country, tmp_path):
    """Raw layers and the local engine, or the graph on the server: the same file."""
    what = collections.asset("esa_cci")
    codes = np.random.default_rng(4).choice(
        [10, 50, 130, 160, 190, 200, 210, 9999], (2, *CODES.shape)
    )
    bands = dict(zip(("y2000", "y2015"), codes.astype(np.int16)))
    server.add_asset(what.asset, bands)
    cover = [raw.load(country, "land_cover", year) for year in (2000, 2015)]
    local = landcover.degradation(*(landcover.reclassify(each, "esa_cci") for each in cover))
    graphs = [ee_landcover.reclassify(collections.image(what, year)) for year in (2000, 2015)]
    path = tmp_path / "degradation.tif"
    fetch.fetch(ee_landcover.degradation(*graphs), country.grid, path, side=16)
    np.testing.assert_array_equal(read(path)[0], local.values)
    assert set(np.unique(local)) == {NODATA, -1, 0, 1}


def test_the_layers_of_a_country(server, country):
    soil = raw.load(country, "soil_reference")
    np.testing.assert_array_equal(soil.values, part_of(server.values).astype(np.float32))
    people = raw.load(country, "population", 2015)
    assert people.dtype == np.float64 and people.shape != country.grid.shape, "on their own cells"
    men = raw.load(country, "population", 2020, sex="male")
    assert float(men.sum()) == pytest.approx(3 * float(people.sum()))
    rain = raw.load(country, "drought_series", 2015)
    assert rain.dims == ("month", "y", "x")
    assert rain[:, 0, 0].values.tolist() == [3.0 * month for month in range(1, 13)]
    files = sorted(path.name for path in (country.folder_results / "earthengine").iterdir())
    assert "population_worldpop_sex_male.tif" in files


def test_annual_productivity_is_made_on_the_server(server, country):
    asked = raw.request(country, "productivity", 2015)
    assert asked.estimate.requests == 1 and asked.kind == "integer"
    layer = raw.load(country, "productivity", 2015)
    #  23 composites from 16 · 0 to 16 · 22: their mean is 16 · 11; poor quality is masked
    expected = np.where(MASK, np.nan, CODES * 100 + 176)
    values = np.where(layer.values == NODATA, np.nan, layer.values)
    np.testing.assert_array_equal(values, part_of(expected))


def test_layers_that_cannot_be_had(server, country):
    with pytest.raises(ValueError, match="does not serve this layer: found 'gold'"):
        raw.request(country, "gold")
    with pytest.raises(ValueError, match="found chirps .precipitation."):
        raw.request(country, "land_cover", 2000, dataset="chirps")
    with pytest.raises(ValueError, match="found 'moon'"):
        raw.request(country, "land_cover", 2000, dataset="moon")
    with pytest.raises(EarthEngineError, match="What to do") as told:
        raw.request(country, "land_cover", 2000, dataset="glc_fcs30d")  # not on this server
    assert told.value.kind == "no_access"


def test_every_layer_has_one_default_and_a_source():
    table = collections.assets()
    defaults = table[table["default"] == "yes"]
    assert sorted(defaults["layer"]) == sorted(set(table["layer"]))
    assert (table["source"] != "").all() and (table["licence"] != "").all()
    assert set(table["confirmed"]) == {"catalogue", "read"}
    assert table["dataset"].is_unique
    for dataset in table["dataset"]:
        what = collections.asset(dataset)
        assert what.years and what.name(what.years[-1]) is not None
    assert collections.asset("glc_fcs30d").name(2022) == "b23"


def test_asset_ids_stand_in_the_table_only(house):
    ids = [name.split("{")[0] for name in collections.assets()["asset"]]
    for path in (house / "ldnkit").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not [name for name in ids if name in text], path
