"""Series: chunks of Zarr stores, and composites that become yearly values block by block."""

import json
import weakref
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
import xarray as xr
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from support.open_data_servers import item, serve, write_cog
from test_open_data import a_country, leftovers, rows, values

from ldnkit import productivity
from ldnkit.sources import open_data
from ldnkit.sources.open_data import composites, web, zarr_stores
from ldnkit.sources.open_data.cache import Cache
from ldnkit.sources.open_data.places import Place
from ldnkit.sources.open_data.problems import Unreachable

NODATA = -32768
RNG = np.random.default_rng(11)


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(web, "patience", lambda: web.Patience(5, 0.01, 0.05, 2.0))
    (tmp_path / "served").mkdir()
    with serve(tmp_path / "served") as running:
        yield running


@pytest.fixture
def country(tmp_path):
    return a_country(tmp_path / "country", shapely.box(2, 10, 6, 14))


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


# ---- Zarr --------------------------------------------------------------------------------------


def store(folder, *, west=-179.5, years=(1981, 1982), north_first=True):
    """Monthly rain of the whole globe on 1-degree cells, stored as tenths in whole numbers."""
    times = pd.date_range(f"{years[0]}-01-01", f"{years[-1]}-12-01", freq="MS")
    stored = RNG.integers(0, 3000, (len(times), 40, 360)).astype(np.int16)
    stored[:, 5, 5] = NODATA
    lat = np.arange(19.5, -20, -1) if north_first else np.arange(-19.5, 20)
    data = xr.DataArray(
        stored, {"time": times, "lat": lat, "lon": west + np.arange(360.0)},
        ("time", "lat", "lon"), attrs={"units": "mm", "scale_factor": 0.1, "_FillValue": NODATA},
    )  # fmt: skip
    data.to_dataset(name="ppt").to_zarr(
        folder, consolidated=True, zarr_format=2, encoding={"ppt": {"chunks": (12, 20, 90)}}
    )
    return data


def place(*box):
    return Place("KEN", shapely.box(*box), None, None, 2023)


@pytest.mark.parametrize("north_first", [True, False])
@pytest.mark.parametrize("faults", [[], ["500"], ["cut", "429"]], ids="-".join)
def test_a_series_from_a_store(server, country, cache, monkeypatch, tmp_path, faults, north_first):
    whole = store(server.folder / "rain.zarr", north_first=north_first)
    way = {"kind": "zarr", "address": f"{server.base}/rain.zarr", "variable": "ppt"}
    rows(monkeypatch, tmp_path, [way], layer="precipitation", first=1981, step="month")
    # chunks of 12 months, 20 rows, 90 columns: the country lies in the northern row
    chunk = f"/rain.zarr/ppt/0.{0 if north_first else 1}.2"
    server.faults[chunk] = list(faults)
    paths = open_data.fetch(country, "loopback", years=[1981, 1982], cache=cache, progress=False)
    assert paths[1981] == paths[1982], "one file holds all years"
    found = xr.open_dataset(paths[1981], mask_and_scale=False)["ppt"]
    # 10 … 14 N and 2 … 6 E are 4 cells each way, and 4 more on each side
    lat = slice(18.5, 5.5) if north_first else slice(5.5, 18.5)
    expected = whole.sel(lat=lat, lon=slice(-2, 10))
    assert found.shape[1:] == (12, 12)
    np.testing.assert_array_equal(found.values, expected.sel(lat=found["lat"]).values)
    assert found.dtype == np.int16 and float(found.attrs["scale_factor"]) == 0.1
    assert server.faults[chunk] == [], "every fault was met"
    assert leftovers(cache) == []
    text = open_data.country_section(country, "precipitation", paths)
    assert "variable: ppt" in text and ".nc" in text


@pytest.mark.parametrize("west", [-179.5, 0.5], ids=["from -180", "from 0"])
@pytest.mark.parametrize("box", [(178, -2, 182, 2), (-2, -2, 2, 2)], ids=["180", "Greenwich"])
def test_a_store_is_cut_round_the_globe(server, tmp_path, west, box):
    whole = store(server.folder / "rain.zarr", west=west, years=(1981,))
    target = tmp_path / "a.nc"
    options = {"variable": "ppt", "years": [1981], "margin": 1}
    zarr_stores.series(f"{server.base}/rain.zarr", place(*box), target, **options)
    found = xr.open_dataset(target, mask_and_scale=False)["ppt"]
    longitudes = np.arange(box[0] - 1, box[2] + 1) + 0.5
    np.testing.assert_array_equal(found["lon"].values, longitudes)
    turned = whole.assign_coords(lon=(whole["lon"] + 180) % 360 - 180).sortby("lon")
    expected = turned.sel(lon=(longitudes + 180) % 360 - 180, lat=found["lat"])
    np.testing.assert_array_equal(found.values, expected.values)


def test_a_store_without_the_variable(server, tmp_path):
    store(server.folder / "rain.zarr", years=(1981,))
    options = {"years": [1981], "margin": 1}
    address, target = f"{server.base}/rain.zarr", tmp_path / "a.nc"
    with pytest.raises(Unreachable, match="no variable rain among ppt"):
        zarr_stores.series(address, place(0, 0, 1, 1), target, variable="rain", **options)
    with pytest.raises(Unreachable, match="the years 1981–1981"):
        options["years"] = [1999]
        zarr_stores.series(address, place(0, 0, 1, 1), target, variable="ppt", **options)
    with pytest.raises(Unreachable, match="no cells around KEN"):
        options["years"] = [1981]
        zarr_stores.series(address, place(0, 70, 1, 71), target, variable="ppt", **options)
    assert not target.exists()


def test_a_fault_of_a_store_that_stays(server, country, cache, monkeypatch, tmp_path):
    store(server.folder / "rain.zarr", years=(1981,))
    way = {"kind": "zarr", "address": f"{server.base}/rain.zarr", "variable": "ppt"}
    rows(monkeypatch, tmp_path, [way], layer="precipitation", first=1981, step="month")
    server.always["/rain.zarr/ppt/0.0.2"] = "500"
    with pytest.raises(Unreachable, match="rain.zarr could not be read: found a broken answer"):
        open_data.fetch(country, "loopback", year=1981, cache=cache, progress=False)
    assert cache.summary().empty and leftovers(cache) == []


# ---- composites --------------------------------------------------------------------------------


def days_of(year, every=16):
    first = date(year, 1, 1)
    return [first + timedelta(days) for days in range(0, 365, every)]


class Simulated:
    """Composites from a rule: the same value for the same cell and day, whatever the block."""

    def __init__(self, shape, days, *, dtype=np.int16):
        self.shape, self.days = shape, list(days)
        self.transform, self.crs = Affine(0.01, 0, 30, 0, -0.01, 10), "EPSG:4326"
        self.dtype, self.living, self.most, self.reads = dtype, weakref.WeakSet(), 0, []

    def read(self, number, top, left, height, width):
        row, column = np.ogrid[top : top + height, left : left + width]
        mixed = (row * 7919 + column * 104729 + number * 1299709) % 1000
        values = np.where(mixed < 150, NODATA, 2000 + mixed * 5).astype(self.dtype)
        self.reads.append((number, top, left))
        return values

    def whole(self):
        layers = [self.read(number, 0, 0, *self.shape) for number in range(len(self.days))]
        self.reads.clear()
        return xr.DataArray(
            np.stack(layers), {"time": pd.to_datetime(self.days)}, ("time", "y", "x")
        )


def yearly(reader, year, **options):
    """What the classroom gives for the whole array."""
    options = {"minimum_share": 0.5, **options}
    return productivity.annual(reader.whole(), **options).sel(year=year).values.astype(np.float32)


@settings(max_examples=15)
@given(
    height=st.integers(1, 40), width=st.integers(1, 40), block=st.integers(3, 50),
    share=st.sampled_from([0.0, 0.5, 0.9, 1.0]), method=st.sampled_from(["integral", "mean"]),
    season=st.sampled_from([None, (4, 9)]),
)  # fmt: skip
def test_blocks_give_what_the_whole_array_gives(
    tmp_path_factory, height, width, block, share, method, season
):
    reader = Simulated((height, width), days_of(2005))
    options = {"method": method, "season": season, "minimum_share": share}
    path = tmp_path_factory.mktemp("c") / "a.tif"
    composites.annual(reader, 2005, path, block=block, progress=False, **options)
    np.testing.assert_array_equal(values(path), yearly(reader, 2005, **options))


def test_a_season_across_the_year_end(tmp_path):
    reader = Simulated((9, 7), [*days_of(2005), *days_of(2006)])
    path = composites.annual(reader, 2005, tmp_path / "a.tif", season=(10, 4), progress=False)
    np.testing.assert_array_equal(values(path), yearly(reader, 2005, season=(10, 4)))


def test_an_interrupted_year_goes_on_with_the_next_block(tmp_path, monkeypatch):
    reader = Simulated((40, 40), days_of(2005))
    target, compute = tmp_path / "a.tif", composites.block_of_year
    computed = []

    def dies_at_third(cube, *arguments, **options):
        if len(computed) == 2:
            raise KeyboardInterrupt
        computed.append(cube.shape)
        return compute(cube, *arguments, **options)

    monkeypatch.setattr(composites, "block_of_year", dies_at_third)
    with pytest.raises(KeyboardInterrupt):
        composites.annual(reader, 2005, target, block=16, progress=False)
    assert not target.exists()
    kept = {path.name for path in (tmp_path / "a.tif.parts").glob("*.npy")}
    assert kept == {"0.npy", "1.npy"}
    monkeypatch.setattr(composites, "block_of_year", compute)
    reader.reads.clear()
    composites.annual(reader, 2005, target, block=16, progress=False)
    assert not [read for read in reader.reads if read[1:] in ((0, 0), (0, 16))], "done already"
    np.testing.assert_array_equal(values(target), yearly(reader, 2005))
    assert [path.name for path in tmp_path.iterdir()] == ["a.tif"]


def test_blocks_of_another_rule_are_thrown_away(tmp_path):
    reader = Simulated((8, 8), days_of(2005))
    parts = tmp_path / "a.tif.parts"
    parts.mkdir()
    np.save(parts / "0.npy", np.zeros((8, 8), np.float32))
    (parts / "key.json").write_text("another rule")
    path = composites.annual(reader, 2005, tmp_path / "a.tif", progress=False)
    np.testing.assert_array_equal(values(path), yearly(reader, 2005))


def test_at_most_two_blocks_are_in_memory(tmp_path, monkeypatch):
    reader = Simulated((60, 60), days_of(2005))
    living, most = [0], [0]
    cube_of = composites._cube

    class Counted(np.ndarray):
        pass

    def gone():
        living[0] -= 1

    def counted(*arguments):
        cube = cube_of(*arguments).view(Counted)
        living[0] += 1
        most[0] = max(most[0], living[0])
        weakref.finalize(cube, gone)
        return cube

    monkeypatch.setattr(composites, "_cube", counted)
    composites.annual(reader, 2005, tmp_path / "a.tif", block=12, progress=False)
    assert 1 <= most[0] <= composites.AT_ONCE, "25 blocks, never more than two at once"


def test_missing_composites_are_said(tmp_path):
    days = [day for day in days_of(2005) if day.month not in (5, 6, 7)]
    reader = Simulated((4, 4), days)
    with pytest.warns(UserWarning, match="Composites are missing in 2005: found 17 days"):
        composites.annual(reader, 2005, tmp_path / "a.tif", progress=False)


def test_a_year_that_begins_late_is_refused(tmp_path):
    reader = Simulated((4, 4), days_of(2000)[3:])  # as MODIS in 2000
    with pytest.raises(ValueError, match="No whole season"):
        composites.annual(reader, 2000, tmp_path / "a.tif", progress=False)
    assert not (tmp_path / "a.tif").exists()


def test_composites_from_stac_with_quality(server, country, cache, monkeypatch, tmp_path):
    """Two tiles a day in sinusoidal metres; cloudy cells (3) and snow (2) do not count."""
    crs = "+proj=sinu +R=6371007.181 +units=m"
    cell, west, north = 20_000.0, 0.0, 1_800_000.0
    shape = (50, 50)
    stored = RNG.integers(1000, 8000, (23, *shape)).astype(np.int16)
    stored[:, 20, 20] = -3000
    quality = RNG.choice([0, 1, 2, 3], (23, *shape), p=[0.5, 0.3, 0.1, 0.1]).astype(np.int8)
    for number, day in enumerate(days_of(2005)):
        for tile in range(2):
            at = Affine(cell, 0, west + tile * 25 * cell, 0, -cell, north)
            part = slice(tile * 25, tile * 25 + 25)
            files = {}
            for name, array in (("ndvi", stored), ("reliability", quality)):
                file = f"files/{name}_{number}_{tile}.tif"
                write_cog(server.folder / file, array[number][:, part], at, crs=crs)
                files[name] = file
            end = day + timedelta(15)
            item(server, f"{number}_{tile}", "vi", day, end, (-20, 0, 20, 30), **files)
    way = {"kind": "stac", "address": f"{server.base}/stac", "collection": "vi", "asset": "ndvi",
           "quality": "reliability", "keep": "0|1", "fill": -3000}  # fmt: skip
    rows(monkeypatch, tmp_path, [way], layer="productivity", step="16 days", index="NDVI",
         scale=10000)  # fmt: skip
    server.faults["/files/ndvi_3_0.tif"] = ["cut", "500"]
    paths = open_data.fetch(country, "loopback", year=2005, cache=cache, progress=False)
    masked = np.where((quality > 1) | (stored == -3000), NODATA, stored).astype(np.int16)
    vi = xr.DataArray(masked, {"time": pd.to_datetime(days_of(2005))}, ("time", "y", "x"))
    expected = productivity.annual(vi).sel(year=2005).values.astype(np.float32)
    with rasterio.open(paths[2005]) as file:
        row, column = round((north - file.transform.f) / cell), round(file.transform.c / cell)
        assert file.shape[0] >= 23 and np.isnan(file.nodata)
        window = (slice(row, row + file.height), slice(column, column + file.width))
        np.testing.assert_array_equal(file.read(1), expected[window])
        assert np.isnan(file.read(1)).any()
    assert [name for name in leftovers(cache)] == []
    section = open_data.sections.section_of(country, "productivity", paths)
    assert section["scale"] == 10000 and section["index"] == "NDVI" and 2005 in section["annual"]


def test_bimonthly_files_have_the_days_in_their_names():
    from ldnkit.sources import catalogue
    from ldnkit.sources.open_data.jobs import Job

    entry = catalogue.entry("modis_evi_openlandmap")
    way = catalogue.routes(entry.dataset)[0]
    where = SimpleNamespace(iso3="KEN", boxes=lambda: [])
    job = Job(entry, way, where, (2004,), None, None, "", 4, None, {})
    names = [address.rpartition("/")[2] for address in job.addresses()]
    assert len(names) == 6 and "_s_20040101_20040229_go_" in names[0], "2004 is a leap year"
    assert "_s_20041101_20041231_go_" in names[5]
    assert [frame.day.month for frame in job._frames(2004)] == [1, 3, 5, 7, 9, 11]


def test_what_lies_beside_a_yearly_file(server, country, cache, monkeypatch, tmp_path):
    write_cog(server.folder / "m.tif", np.ones((30, 40), np.uint8), Affine(1, 0, -20, 0, -1, 30))
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/m.tif"}])
    path = open_data.fetch(country, "loopback", year=2001, cache=cache, progress=False)[2001]
    note = json.loads((path.parent / f"{path.name}.json").read_text(encoding="utf-8"))
    assert note["years"] == [2001] and note["route"] == "loopback.way"
    assert note["address"] == f"{server.base}/m.tif" and note["bytes"] == path.stat().st_size
