"""Layers from loopback servers: the same cells as in the files, whatever happens on the way."""

import gzip
import json
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from support.open_data_servers import catalogue_rows, item, serve, write_cog

from ldnkit.findings import InputError
from ldnkit.sources import catalogue, open_data
from ldnkit.sources.open_data import stac, web, windows
from ldnkit.sources.open_data.cache import Cache, sidecar_of
from ldnkit.sources.open_data.places import Place
from ldnkit.sources.open_data.problems import Again, Offline, Unreachable
from ldnkit.sources.open_data.remote import Remote

# the world of these tests: 1-degree cells from 20 W, 30 N; the country lies in the middle
#   columns 0 … 39 → 20 W … 20 E, rows 0 … 29 → 30 N … 0
CELL, WEST, NORTH, SHAPE = 1.0, -20.0, 30.0, (30, 40)
TRANSFORM = Affine(CELL, 0, WEST, 0, -CELL, NORTH)
RNG = np.random.default_rng(7)
WORLD = RNG.integers(1, 250, SHAPE).astype(np.uint8)
#: The country: 2 … 6 E, 10 … 14 N; rows 16 … 19, columns 22 … 25; with 4 cells of margin:
WINDOW = (slice(12, 24), slice(18, 30))


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(web, "patience", lambda: web.Patience(5, 0.01, 0.05, 2.0))


@pytest.fixture
def server(tmp_path, patient):
    (tmp_path / "served").mkdir()
    with serve(tmp_path / "served") as running:
        yield running


@pytest.fixture
def country(tmp_path):
    return a_country(tmp_path / "country", shapely.box(2, 10, 6, 14))


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache")


def a_country(folder, shape, iso3="KEN"):
    """What fetching asks of an open country."""
    import geopandas

    from ldnkit.periods import Cycle

    folder.mkdir(parents=True, exist_ok=True)
    frame = geopandas.GeoDataFrame({"iso3": [iso3]}, geometry=[shape], crs="EPSG:4326")
    path = folder / "country.yml"
    return SimpleNamespace(iso3=iso3, boundary=frame, folder=folder, path=path, cycle=Cycle(2026))


def rows(monkeypatch, tmp_path, way, layer="land_cover", **dataset):
    """Put one dataset with one way into a team's own catalogue."""
    one = {
        "dataset": "loopback", "title": "Loopback map", "variable": "v", "layer": layer,
        "first": 2000, "last": 2023, "step": "year", "licence": "CC BY 4.0", "link": "x",
        "author": "a", "citation": "c", "nesting": "unccd", "recommended": 1, **dataset,
    }  # fmt: skip
    ways = [{"route": "loopback.way", "dataset": "loopback", **each} for each in way]
    folder = catalogue_rows(tmp_path / "rows", [one], ways)
    monkeypatch.setenv(catalogue.OWN, str(folder))


def values(path, band=1):
    with rasterio.open(path) as file:
        return file.read(band)


def leftovers(cache):
    """Everything in the cache but the index, the locks, and the files with their notes."""
    known = {cache.path(name) for name in cache.summary()["file"]}
    known |= {sidecar_of(path) for path in known}
    files = [path for path in cache.folder.rglob("*") if path.is_file()]
    names = [path for path in files if path not in known and ".locks" not in path.parts]
    return [path.name for path in names if not path.name.startswith(("index.json", ".index"))]


FAULTS = [[], ["cut"], ["500", "503"], ["429"], ["slow"], ["cut", "500", "cut"]]


# ---- rasters by window -------------------------------------------------------------------------


@pytest.mark.parametrize("faults", FAULTS, ids="-".join)
def test_a_window_of_a_cog(server, country, cache, monkeypatch, tmp_path, faults):
    write_cog(server.folder / "map_2000.tif", WORLD, TRANSFORM, nodata=0)
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/map_{{year}}.tif"}])
    server.faults["/map_2000.tif"] = list(faults)
    paths = open_data.fetch(country, "loopback", year=2000, cache=cache, progress=False)
    assert list(paths) == [2000]
    np.testing.assert_array_equal(values(paths[2000]), WORLD[WINDOW])
    with rasterio.open(paths[2000]) as file:
        assert file.transform == TRANSFORM @ Affine.translation(18, 12)
        assert (file.nodata, file.dtypes[0], file.crs.to_epsg()) == (0, "uint8", 4326)
    assert leftovers(cache) == []
    assert server.faults["/map_2000.tif"] == [], "every fault was met"
    count = len(server.asked)
    assert open_data.fetch(country, "loopback", year=2000, cache=cache, offline=True) == paths
    assert len(server.asked) == count, "what is kept is not asked for again"


@pytest.mark.parametrize("fault", ["500", "404", "cut"])
def test_a_fault_that_stays_leaves_nothing(server, country, cache, monkeypatch, tmp_path, fault):
    write_cog(server.folder / "map_2000.tif", WORLD, TRANSFORM, nodata=0)
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/map_{{year}}.tif"}])
    server.always["/map_2000.tif"] = fault
    with pytest.raises(Unreachable, match="map_2000.tif could not be read: found .*;"):
        open_data.fetch(country, "loopback", year=2000, cache=cache, progress=False)
    assert cache.summary().empty and leftovers(cache) == []


def test_a_truncated_cog_is_found_out(server, country, cache, monkeypatch, tmp_path):
    file = write_cog(server.folder / "map_2000.tif", WORLD, TRANSFORM, nodata=0)
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * 0.6)])
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/map_{{year}}.tif"}])
    with pytest.raises(Unreachable, match="cannot be read"):
        open_data.fetch(country, "loopback", year=2000, cache=cache, progress=False)
    assert cache.summary().empty and leftovers(cache) == []


def test_a_file_that_changes_meanwhile_is_read_from_the_beginning(
    server, country, cache, monkeypatch, tmp_path
):
    write_cog(server.folder / "map_2000.tif", WORLD, TRANSFORM, nodata=0)
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/map_{{year}}.tif"}])
    asked = []
    check = Remote.check

    def changed_once(remote):
        if not asked:
            asked.append(1)
            server.versions["/map_2000.tif"] = 1
        return check(remote)

    monkeypatch.setattr(Remote, "check", changed_once)
    paths = open_data.fetch(country, "loopback", year=2000, cache=cache, progress=False)
    np.testing.assert_array_equal(values(paths[2000]), WORLD[WINDOW])
    assert asked, "the file did change"


def test_a_vrt_of_tiles(server, country, cache, monkeypatch, tmp_path):
    """As SoilGrids offers its maps: a small text that points to files beside it."""
    write_cog(server.folder / "a.tif", WORLD[:, :24], TRANSFORM, nodata=0)
    write_cog(server.folder / "b.tif", WORLD[:, 24:], TRANSFORM @ Affine.translation(24, 0),
              nodata=0)  # fmt: skip
    place = "<GeoTransform>-20,1,0,30,0,-1</GeoTransform><SRS>EPSG:4326</SRS>"
    sources = "".join(
        f'<SimpleSource><SourceFilename relativeToVRT="1">{name}</SourceFilename>'
        f'<SourceBand>1</SourceBand><SrcRect xOff="0" yOff="0" xSize="{wide}" ySize="30"/>'
        f'<DstRect xOff="{at}" yOff="0" xSize="{wide}" ySize="30"/></SimpleSource>'
        for name, at, wide in (("a.tif", 0, 24), ("b.tif", 24, 16))
    )
    (server.folder / "map.vrt").write_text(
        f'<VRTDataset rasterXSize="40" rasterYSize="30">{place}<VRTRasterBand dataType="Byte" '
        f'band="1"><NoDataValue>0</NoDataValue>{sources}</VRTRasterBand></VRTDataset>'
    )
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/map.vrt"}],
         layer="soil_reference", step="once", last=2000)  # fmt: skip
    paths = open_data.fetch(country, "loopback", cache=cache, progress=False)
    np.testing.assert_array_equal(values(paths[2000]), WORLD[WINDOW])


@pytest.mark.parametrize("start", [-180, 0], ids=["from -180", "from 0"])
def test_a_country_across_180(server, cache, monkeypatch, tmp_path, start):
    """178 E … 178 W: columns from both ends of the file, longitudes run on beyond 180."""
    globe = np.arange(20 * 360).reshape(20, 360).astype(np.int16)  # 1 degree, 10 N … 10 S
    turn = globe if start == -180 else np.roll(globe, 180, axis=1)
    write_cog(server.folder / "map.tif", turn, Affine(1, 0, start, 0, -1, 10), nodata=-1)
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/map.tif"}])
    fiji = a_country(tmp_path / "fiji", shapely.box(178, -2, 182, 0), "FJI")
    path = open_data.fetch(fiji, "loopback", year=2000, cache=cache, progress=False)[2000]
    with rasterio.open(path) as file:
        assert tuple(file.bounds) == (174, -6, 186, 4)
    # columns of the plain globe: 174 E is column 354; 180 is 0 again
    expected = np.concatenate([globe[6:16, 354:], globe[6:16, :6]], axis=1)
    np.testing.assert_array_equal(values(path), expected)


def test_a_country_beyond_the_file(server, cache, monkeypatch, tmp_path):
    write_cog(server.folder / "map.tif", WORLD, TRANSFORM, nodata=0)
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/map.tif"}])
    away = a_country(tmp_path / "away", shapely.box(100, 10, 101, 11))
    with pytest.raises(ValueError, match=r"does not touch KEN: found the bounds"):
        open_data.fetch(away, "loopback", year=2000, cache=cache, progress=False)


@pytest.mark.parametrize("crs", ["+proj=sinu +R=6371007.181", "+proj=igh"])
def test_a_map_that_ends_at_180(tmp_path, crs):
    """Fiji on the grid of MODIS or of SoilGrids: one side on the left edge, one on the right."""
    fiji = Place("FJI", shapely.box(177, -19, 181, -16), tmp_path, tmp_path, 2023)
    with pytest.raises(ValueError, match="FJI cannot be cut in one piece"):
        fiji.bounds_in(crs)
    west, south, east, north = fiji.bounds_in("EPSG:32760")  # UTM zone 60 runs on across it
    assert 300_000 < east - west < 600_000 and 300_000 < north - south < 400_000


def test_two_at_the_same_time_fetch_once(server, country, cache, monkeypatch, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    write_cog(server.folder / "map_2000.tif", WORLD, TRANSFORM, nodata=0)
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/map_{{year}}.tif"}])

    def ask(_):
        return open_data.fetch(country, "loopback", year=2000, cache=cache, progress=False)

    with ThreadPoolExecutor(3) as together:
        found = list(together.map(ask, range(3)))
    assert found[0] == found[1] == found[2] and leftovers(cache) == []
    first_bytes = [each for each in server.asked if each[2] == "bytes=0-0"]
    assert len(first_bytes) == 2, "opened once and checked once, by one of them"
    np.testing.assert_array_equal(values(found[0][2000]), WORLD[WINDOW])


def test_tiles_by_name(server, country, cache, monkeypatch, tmp_path):
    """10-degree tiles named by their north-west corner; 2 … 6 E lies in one, 10 … 14 N in one."""
    for west, name in ((0, "20N_000E"), (10, "20N_010E")):
        part = WORLD[10:20, west + 20 : west + 30]
        write_cog(server.folder / "2000" / f"{name}.tif", part, Affine(1, 0, west, 0, -1, 20))
    way = {"kind": "cog", "address": f"{server.base}/{{year}}/{{tile}}.tif"}
    rows(monkeypatch, tmp_path, [way])
    path = open_data.fetch(country, "loopback", year=2000, cache=cache, progress=False)[2000]
    # only the tile of the country itself: its margin ends where the tile ends
    np.testing.assert_array_equal(values(path), WORLD[12:20, 20:30])


@pytest.mark.parametrize("name", ["s3://bucket/map.tif", "no raster.tif"])
def test_what_is_no_raster(tmp_path, name):
    (tmp_path / "no raster.tif").write_text("a page that says sorry")
    address = name if "://" in name else tmp_path / name
    with pytest.raises(Unreachable, match="found no raster that can be read"):
        Remote(address).dataset()


def test_files_of_another_grid_are_refused(tmp_path):
    write_cog(tmp_path / "a.tif", WORLD, TRANSFORM)
    write_cog(tmp_path / "b.tif", WORLD, Affine(1, 0, 0.5, 0, -1, 30))
    place = Place("KEN", shapely.box(2, 10, 6, 14), tmp_path, tmp_path, 2023)
    with pytest.raises(ValueError, match="found another grid"):
        windows.plan([Remote(tmp_path / name) for name in ("a.tif", "b.tif")], place, margin=4)


def test_gaps_between_tiles_need_a_fill(tmp_path):
    write_cog(tmp_path / "a.tif", WORLD[:16, :], TRANSFORM)
    write_cog(tmp_path / "b.tif", WORLD[18:, :], TRANSFORM @ Affine.translation(0, 18))
    place = Place("KEN", shapely.box(2, 10, 6, 14), tmp_path, tmp_path, 2023)
    remotes = [Remote(tmp_path / name) for name in ("a.tif", "b.tif")]
    cut = windows.plan(remotes, place, margin=4)
    with pytest.raises(ValueError, match="leave gaps"):
        cut.read(0, 0, *cut.shape)
    filled = windows.plan(remotes, place, margin=4, fill=0)
    expected = WORLD.copy()
    expected[16:18] = 0
    np.testing.assert_array_equal(filled.read(0, 0, *filled.shape), expected[WINDOW])


# ---- whole files, months, people ---------------------------------------------------------------


@pytest.mark.parametrize("kind", ["cog", "gz"])
def test_twelve_months_become_one_file(server, country, cache, monkeypatch, tmp_path, kind):
    rain = RNG.random((12, *SHAPE)).astype(np.float32) * 100
    rain[:, 17, 23] = -9999
    for month in range(1, 13):
        file = write_cog(server.folder / f"p.1981.{month:02d}.tif", rain[month - 1], TRANSFORM)
        if kind == "gz":
            (server.folder / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
            file.unlink()
    ending = ".gz" if kind == "gz" else ""
    way = {"kind": "http" if kind == "gz" else "cog", "fill": -9999, "unpack": ending.strip("."),
           "address": f"{server.base}/p.{{year}}.{{month}}.tif{ending}"}  # fmt: skip
    rows(monkeypatch, tmp_path, [way], layer="precipitation", first=1981, step="month")
    server.faults[f"/p.1981.03.tif{ending}"] = ["cut", "500"]
    path = open_data.fetch(country, "loopback", year=1981, cache=cache, progress=False)[1981]
    with rasterio.open(path) as file:
        assert (file.count, file.nodata, file.descriptions[2]) == (12, -9999, "1981-03")
        np.testing.assert_array_equal(file.read(), rain[(slice(None), *WINDOW)])
    assert leftovers(cache) == [], "the whole months are not kept"
    text = open_data.country_section(country, "precipitation", {1981: path})
    assert "loopback_{year}_" in text and "time_step: month" in text


def test_a_gz_file_that_is_broken_on_the_server(server, country, cache, monkeypatch, tmp_path):
    file = write_cog(server.folder / "map.tif", WORLD, TRANSFORM)
    packed = gzip.compress(file.read_bytes())
    (server.folder / "map.tif.gz").write_bytes(packed[: len(packed) // 2])
    way = {"kind": "http", "address": f"{server.base}/map.tif.gz", "unpack": "gz"}
    rows(monkeypatch, tmp_path, [way])
    with pytest.raises(Unreachable, match="a gz file that is broken"):
        open_data.fetch(country, "loopback", year=2000, cache=cache, progress=False)
    assert cache.summary().empty and leftovers(cache) == []


def test_people_by_age_are_added_up(server, country, cache, monkeypatch, tmp_path):
    """Two age groups; fractions stay; a cell without data in one group has none in the sum."""
    ages = RNG.random((2, 2, *SHAPE)).astype(np.float32)  # sex, age
    ages[0, 1, 16, 22] = -99999
    for at, sex in enumerate("fm"):
        for number, age in enumerate((0, 80)):
            name = f"2000/KEN/ken_{sex}_{age}_2000.tif"
            write_cog(server.folder / name, ages[at, number], TRANSFORM, nodata=-99999)
    address = f"{server.base}/{{year}}/{{iso3}}/{{iso3_lower}}_{{sex}}_{{age}}_{{year}}.tif"
    way = {"kind": "http", "address": address, "variable": "0|80"}
    rows(monkeypatch, tmp_path, [way], layer="population")
    server.faults["/2000/KEN/ken_m_80_2000.tif"] = ["cut", "429"]
    paths = open_data.fetch(country, "loopback", year=2000, cache=cache, progress=False)
    assert set(paths[2000]) == {"female", "male"}
    found = values(paths[2000]["female"])
    expected = ages[0].astype(np.float64).sum(axis=0)
    expected[16, 22] = np.nan
    np.testing.assert_array_equal(found, expected[WINDOW])
    men = ages[1].astype(np.float64).sum(axis=0)
    np.testing.assert_array_equal(values(paths[2000]["male"]), men[WINDOW])
    assert leftovers(cache) == []
    section = open_data.sections.section_of(country, "population", paths)
    assert set(section) == {"source", "female", "male", "unit", "metadata"}


def test_a_package_stays_as_it_is(server, country, cache, monkeypatch, tmp_path):
    content = gzip.compress(b"rasters" * 1000)
    (server.folder / "KEN_SDG15.tar.gz").write_bytes(content)
    way = {"kind": "package", "address": f"{server.base}/{{iso3}}_SDG15.tar.gz"}
    rows(monkeypatch, tmp_path, [way], layer="package", step="once")
    goal = tmp_path / "goal"
    paths = open_data.fetch(country, "loopback", folder=goal, cache=cache, progress=False)
    assert paths[2000] == goal / "KEN_SDG15.tar.gz" and paths[2000].read_bytes() == content
    note = json.loads(sidecar_of(paths[2000]).read_text(encoding="utf-8"))
    assert note["dataset"] == "loopback" and len(note["sha256"]) == 64
    (server.folder / "KEN_SDG15.tar.gz").write_bytes(content[:50])
    with pytest.raises(Unreachable, match="a package that is broken"):
        open_data.fetch(country, "loopback", cache=cache, progress=False, refresh=True)
    assert paths[2000].read_bytes() == content, "the good one stays"


# ---- STAC --------------------------------------------------------------------------------------


def with_items(server, years=(2000, 2001), tiles=2):
    """A collection of yearly maps in tiles of 20 columns; returns the maps by year."""
    maps = {}
    for year in years:
        maps[year] = np.roll(WORLD, year, axis=0)
        for tile in range(tiles):
            part, west = maps[year][:, tile * 20 : tile * 20 + 20], WEST + tile * 20
            name = f"files/{year}_{tile}.tif"
            write_cog(server.folder / name, part, Affine(1, 0, west, 0, -1, NORTH), nodata=0)
            box = (west, 0, west + 20, NORTH)
            item(server, f"{year}_{tile}", "cover", f"{year}-01-01", f"{year}-12-31", box,
                 classes=name)  # fmt: skip
    return maps


def stac_way(server, **more):
    return {"kind": "stac", "address": f"{server.base}/stac", "collection": "cover",
            "asset": "classes", **more}  # fmt: skip


@pytest.mark.parametrize("page", [1, 100], ids=["pages of one", "one page"])
def test_yearly_maps_from_stac(server, country, cache, monkeypatch, tmp_path, page):
    maps = with_items(server)
    server.page = page
    rows(monkeypatch, tmp_path, [stac_way(server)])
    server.faults["/stac/search"] = ["429", "500"]
    server.faults["/files/2000_1.tif"] = ["cut"]
    paths = open_data.fetch(country, "loopback", years=[2000, 2001], cache=cache, progress=False)
    for year, path in paths.items():
        # the country lies in the tile from 0 to 20 E; its margin reaches into the other one
        found = values(path)
        with rasterio.open(path) as file:
            column = round(file.transform.c - WEST)
        np.testing.assert_array_equal(found, maps[year][12:24, column : column + found.shape[1]])
    assert leftovers(cache) == []


def test_signatures_are_made_and_renewed(server, country, cache, monkeypatch, tmp_path):
    maps = with_items(server, years=(2000,))
    server.signed = True
    token = f"{server.base}/token/{{collection}}"
    rows(monkeypatch, tmp_path, [stac_way(server, token=token)])
    read = Remote.read
    forgotten = []

    def expire_once(remote, *arguments):
        if not forgotten:
            forgotten.append(server.valid.copy())
            server.valid.clear()
            remote.close()
        return read(remote, *arguments)

    monkeypatch.setattr(Remote, "read", expire_once)
    path = open_data.fetch(country, "loopback", year=2000, cache=cache, progress=False)[2000]
    found = values(path)
    np.testing.assert_array_equal(found, maps[2000][12:24, 20 : 20 + found.shape[1]])
    assert forgotten and server.token_requests == 2
    assert "sig=" not in sidecar_of(path).read_text(encoding="utf-8"), "signatures are not kept"


def test_a_signature_is_asked_for_again_before_it_ends(server):
    server.token_life = 60.0  # less than the five minutes that are kept as a reserve
    signer = stac.Signer(f"{server.base}/token/cover")
    assert signer("http://x/a.tif") == "http://x/a.tif?sig=token1"
    assert signer("http://x/a.tif?b=1") == "http://x/a.tif?b=1&sig=token2"
    server.token_life = 3600.0
    assert [signer("a")[-1], signer("a")[-1]] == ["3", "3"]


def test_a_collection_without_the_year(server, country, cache, monkeypatch, tmp_path):
    with_items(server, years=(2000,))
    rows(monkeypatch, tmp_path, [stac_way(server)])
    with pytest.raises(Unreachable, match="no item of cover for 2005"):
        open_data.fetch(country, "loopback", year=2005, cache=cache, progress=False)


def test_an_asset_of_another_name(server, country, cache, monkeypatch, tmp_path):
    with_items(server, years=(2000,))
    rows(monkeypatch, tmp_path, [stac_way(server) | {"asset": "cover"}])
    with pytest.raises(Unreachable, match="no asset cover among classes"):
        open_data.fetch(country, "loopback", year=2000, cache=cache, progress=False)


def test_a_catalogue_without_a_service(server, country, cache, monkeypatch, tmp_path):
    """As OpenLandMap offers its maps: collection.json leads to item.json leads to a GeoTIFF."""
    write_cog(server.folder / "soil/map.tif", WORLD, TRANSFORM, nodata=0)
    collection = {"links": [{"rel": "item", "href": "./item.json"}, {"rel": "root", "href": "x"}]}
    one = {
        "id": "soil", "properties": {"datetime": "2000-01-01T00:00:00Z"},
        "assets": {"thumbnail": {"href": "a.png"}, "map": {"href": "map.tif"}},
    }  # fmt: skip
    (server.folder / "soil/collection.json").write_text(json.dumps(collection))
    (server.folder / "soil/item.json").write_text(json.dumps(one))
    way = {"kind": "stac_static", "address": f"{server.base}/{{collection}}/collection.json",
           "collection": "soil"}  # fmt: skip
    rows(monkeypatch, tmp_path, [way], layer="units", step="once", last=2000)
    paths = open_data.fetch(country, "units", route="loopback.way", cache=cache, progress=False)
    np.testing.assert_array_equal(values(paths[2000]), WORLD[WINDOW])
    text = open_data.country_section(country, "units", paths)
    assert text.startswith("productivity:\n  units:\n    soil: ")


def test_the_day_of_an_item():
    assert stac.begin_of({"properties": {"datetime": "2001-02-03T04:05:06Z"}}) == date(2001, 2, 3)


# ---- without network, other years, the country file -------------------------------------------


def test_offline_says_everything_that_is_missing(country, cache, monkeypatch, tmp_path, patient):
    way = {"kind": "cog", "address": "http://127.0.0.1:9/map_{year}.tif"}
    rows(monkeypatch, tmp_path, [way])
    with pytest.raises(Offline) as caught:
        open_data.fetch(country, "loopback", years=[2000, 2001], cache=cache, offline=True)
    message = str(caught.value)
    assert message.startswith("2 files are missing and there is no network")
    assert "1. map_2000.tif  from  http://127.0.0.1:9/map_2000.tif" in message
    assert str(cache.incoming) in message and "USB stick" in message
    with pytest.raises(Offline, match="no connection") as caught:
        open_data.fetch(country, "loopback", years=[2000, 2001], cache=cache, progress=False)
    assert len(caught.value.missing) == 2
    monkeypatch.setenv("LDNKIT_OFFLINE", "1")
    with pytest.raises(Offline, match="was asked for"):
        open_data.fetch(country, "loopback", year=2000, cache=cache)


def test_files_brought_by_hand_are_used(country, cache, monkeypatch, tmp_path, patient):
    way = {"kind": "cog", "address": "http://127.0.0.1:9/map_{year}.tif"}
    rows(monkeypatch, tmp_path, [way])
    write_cog(cache.incoming / "map_2000.tif", WORLD, TRANSFORM, nodata=0)
    paths = open_data.fetch(country, "loopback", year=2000, cache=cache, offline=True)
    np.testing.assert_array_equal(values(paths[2000]), WORLD[WINDOW])


def test_other_years_and_ways_are_said(country, cache, monkeypatch, tmp_path):
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": "http://x/a.tif", "last": 2010}])
    with pytest.raises(ValueError, match="found none for 2015, but 2000–2010; ask for 2010"):
        open_data.fetch(country, "loopback", year=2015, cache=cache)
    with pytest.raises(ValueError, match="has no way 'stac': found loopback.way"):
        open_data.fetch(country, "loopback", year=2000, route="stac", cache=cache)
    with pytest.raises(ValueError, match="cannot be had without an account"):
        open_data.fetch(country, "viirs_vi", cache=cache)
    with pytest.raises(ValueError, match="are figures, not a layer"):
        open_data.fetch(country, "world_bank", cache=cache)
    with pytest.raises(ValueError, match="Unknown dataset: found 'loopbak'"):
        open_data.fetch(country, "loopbak", cache=cache)


COUNTRY = """# our country
schema: 1
iso3: KEN
name: Kenya
party: affected
cycle: 2026
boundary: {file: boundary.gpkg}
grid: {from: land_cover}

land_cover:
  source: default
  # our own remark
  files: land_cover/land_cover_{year}.tif
  years: [2000, 2015]
  nesting: esa_cci
productivity: null
soil: null
population: null
drought: null
vulnerability: null
statistics: null
finance: null
"""


@pytest.fixture
def country_file(tmp_path):
    import geopandas

    folder = tmp_path / "kenya"
    folder.mkdir()
    shape = shapely.box(2, 10, 6, 14)
    frame = geopandas.GeoDataFrame({"n": [1]}, geometry=[shape], crs="EPSG:4326")
    frame.to_file(folder / "boundary.gpkg")
    (folder / "country.yml").write_text(COUNTRY, encoding="utf-8")
    return folder / "country.yml"


def test_prepare_writes_the_country_file(server, country_file, cache, monkeypatch, tmp_path):
    import ldnkit
    from ldnkit import sources

    maps = {year: (WORLD % 7 + 1).astype(np.uint8) for year in (2000, 2015, 2019, 2023)}
    for year, map_ in maps.items():
        write_cog(server.folder / f"map_{year}.tif", map_, TRANSFORM, nodata=0)
    way = {"kind": "cog", "address": f"{server.base}/map_{{year}}.tif"}
    rows(monkeypatch, tmp_path, [way], flags="share_alike|unclear")
    done = open_data.prepare(
        country_file, {"land_cover": "loopback"}, years={"land_cover": list(maps)}, cache=cache,
        progress=False,
    )  # fmt: skip
    assert [one.severity for one in done.findings] == ["info", "warning", "warning"]
    text = country_file.read_text(encoding="utf-8")
    assert "# our country" in text and "# our own remark" in text
    assert "2000: open_data/loopback/loopback_2000.tif" in text and "years: null" in text
    assert country_file.with_suffix(".yml.bak").read_text(encoding="utf-8") == COUNTRY
    opened = ldnkit.open_country(country_file, outputs=tmp_path / "outputs")
    assert opened.land_cover.metadata.title == "Loopback map"
    assert opened.grid.shape == (4, 4)
    found = sources.load(opened, "land_cover", year=2015)
    np.testing.assert_array_equal(found.values, maps[2015][16:20, 22:26])
    note = country_file.parent / "open_data/loopback/loopback_2000.tif.json"
    assert json.loads(note.read_text(encoding="utf-8"))["flags"] == ["share_alike", "unclear"]


def test_a_country_file_stays_when_a_layer_is_missing(country_file, cache, monkeypatch, tmp_path):
    monkeypatch.setenv("LDNKIT_OFFLINE", "1")
    with pytest.raises(Offline):
        open_data.prepare(country_file, {"land_cover": "esa_cci"}, cache=cache)
    assert country_file.read_text(encoding="utf-8") == COUNTRY
    assert not country_file.with_suffix(".yml.bak").exists()


def test_the_country_file_says_what_to_fetch(server, country_file, cache, monkeypatch, tmp_path):
    """Two ways to one dataset: the country file takes the second, and gets its values."""
    import ldnkit

    for name, value in (("first", 1), ("second", 2)):
        for year in (2000, 2015):
            path = server.folder / f"{name}_{year}.tif"
            write_cog(path, np.full_like(WORLD, value), TRANSFORM, nodata=0)
    ways = [
        {
            "route": f"loopback.{name}",
            "kind": "cog",
            "address": f"{server.base}/{name}_{{year}}.tif",
        }
        for name in ("first", "second")
    ]
    rows(monkeypatch, tmp_path, ways)
    country_file.write_text(COUNTRY + "open_data: {land_cover: loopback.second}\n", "utf-8")
    assert open_data.wishes(country_file) == {"land_cover": "loopback.second"}
    options = {"years": [2000, 2015], "cache": cache, "progress": False}
    (done,) = open_data.bring(country_file, **options)
    assert set(values(done.paths["land_cover"][2000]).ravel()) == {2}
    opened = ldnkit.open_country(country_file, outputs=tmp_path / "outputs")
    assert set(opened.land_cover.files) == {2000, 2015}
    # what is asked for on the spot goes first; an empty text leaves it to the country file
    (done,) = open_data.bring(country_file, {"land_cover": "loopback"}, **options)
    assert set(values(done.paths["land_cover"][2015]).ravel()) == {1}
    assert open_data.wishes(country_file, {"land_cover": ""}) == {"land_cover": "loopback.second"}
    assert open_data.wishes(country_file, {"soil_reference": ""}) == {
        "soil_reference": "soil_reference"
    }


def test_layers_before_a_broken_one_stay(server, country_file, cache, monkeypatch, tmp_path):
    for year in (2000, 2015):
        write_cog(server.folder / f"map_{year}.tif", WORLD, TRANSFORM, nodata=0)
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/map_{{year}}.tif"}])
    wanted = {"land_cover": "loopback", "soil_reference": "soilgrids"}
    monkeypatch.setattr("ldnkit.sources.open_data.country_wishes.prepare", _broken_after(1))
    with pytest.raises(Unreachable):
        list(open_data.bring(country_file, wanted, years=[2000, 2015], cache=cache, progress=False))
    assert "open_data/loopback/loopback_2000.tif" in country_file.read_text(encoding="utf-8")


def _broken_after(many):
    """``prepare`` that finds the line cut after some layers."""
    done = []

    def prepare(*arguments, **options):
        if len(done) == many:
            raise Unreachable("https://example.org", "the line was cut")
        done.append(open_data.prepare(*arguments, **options))
        return done[-1]

    return prepare


def test_wishes_that_cannot_be_met_are_told_at_once(country_file):
    country_file.write_text(
        COUNTRY + "open_data: {land_cover: esa_cc, soil_reference: chirps}\n", "utf-8"
    )
    with pytest.raises(InputError) as error:
        open_data.wishes(country_file, {"land_cover": "", "soil_reference": "", "sand": "x"})
    text = str(error.value)
    for part in ("open_data.land_cover: found esa_cc;", "Did you mean esa_cci?",
                 "open_data.soil_reference: found chirps;", "soilgrids", "layer sand"):  # fmt: skip
        assert part in text, part


def test_the_verb_fetch(server, country_file, monkeypatch, tmp_path, capsys):
    from ldnkit.__main__ import main

    monkeypatch.setenv("LDNKIT_CACHE", str(tmp_path / "cache"))
    for year in (2000, 2015):
        write_cog(server.folder / f"map_{year}.tif", WORLD, TRANSFORM, nodata=0)
    rows(monkeypatch, tmp_path, [{"kind": "cog", "address": f"{server.base}/map_{{year}}.tif"}])
    words = ["fetch", str(country_file), "land_cover=loopback", "--years", "2000,2015"]
    assert main(words) == 0
    said = capsys.readouterr()
    assert "Loopback map, 2000–2015, licence CC BY 4.0" in said.out and "report" in said.out
    assert "2015: open_data/loopback/loopback_2015.tif" in country_file.read_text(encoding="utf-8")
    # without the internet: what is kept is enough, and what is not is told
    monkeypatch.setenv("LDNKIT_OFFLINE", "1")
    assert main(words) == 0
    assert main(["fetch", str(country_file), "land_cover=loopback", "--years", "2016-2017"]) == 1
    assert "What arrived is kept" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["land_cove"], "Did you mean land_cover?"),
        (["land_cover=loopbak"], "open_data.land_cover: found loopbak"),
        ([], "found no layer"),
        (["land_cover", "--years", "2000-x"], "These are no years: found '2000-x'"),
        (["land_cover", "--years", "2023-2015"], "found '2023-2015'"),
        (["land_cover", "--years", ","], "found ''"),
        (["land_cover", "--years", "2000-"], "found '2000-'"),
        (["land_cover", "land_cover=glad"], "asked for twice"),
    ],
)
def test_the_verb_fetch_says_what_is_wrong(country_file, words, said, capsys):
    from ldnkit.__main__ import main

    assert main(["fetch", str(country_file), *words]) == 2
    assert said in capsys.readouterr().err
    assert main(["fetch", str(country_file.parent / "nowhere.yml"), *words]) == 2
    assert country_file.read_text(encoding="utf-8") == COUNTRY


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ("open_data: land_cover", "open_data: found 'land_cover'; expected a line for every layer"),
        ("open_data: [a]", "open_data: found a list of 1"),
        ("open_data: {a", "country.yml"),
        ("\topen_data: x", "a tab before the text"),
    ],
)
def test_a_section_that_was_written_wrong(country_file, section, said):
    country_file.write_text(COUNTRY + section + "\n", "utf-8")
    with pytest.raises(InputError) as error:
        open_data.wishes(country_file)
    assert said in str(error.value)
    country_file.write_bytes("name: Côte".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        open_data.wishes(country_file)


def test_a_layer_without_a_dataset_takes_the_recommended_one(country_file):
    country_file.write_text(COUNTRY + "open_data:\n  land_cover:\n", "utf-8")
    assert open_data.wishes(country_file) == {"land_cover": "land_cover"}


def test_years_are_for_layers_that_have_years(country_file, monkeypatch):
    asked = []

    def prepare(country, layers, *, years=None, **options):
        asked.append((layers, years, options))

    monkeypatch.setattr("ldnkit.sources.open_data.country_wishes.prepare", prepare)
    wanted = {"land_cover": "", "soil_reference": ""}
    list(open_data.bring(country_file, wanted, years=[2015]))
    assert asked == [
        ({"land_cover": "land_cover"}, {"land_cover": [2015]}, {}),
        ({"soil_reference": "soil_reference"}, None, {}),
    ]


def test_nothing_to_fetch(country_file):
    with pytest.raises(InputError, match="found no layer; .*land_cover: esa_cci"):
        open_data.wishes(country_file)


def test_a_country_file_without_a_boundary(tmp_path, cache):
    (tmp_path / "country.yml").write_text("iso3: KEN\n", encoding="utf-8")
    with pytest.raises(InputError, match="boundary: none"):
        open_data.fetch(tmp_path / "country.yml", "esa_cci", cache=cache)


def test_an_outline_to_begin_with(server, monkeypatch, tmp_path):
    outline = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]}
    collection = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {}, "geometry": outline}]}  # fmt: skip
    (server.folder / "ken.geojson").write_text(json.dumps(collection))
    (server.folder / "api").write_text(json.dumps({"gjDownloadURL": f"{server.base}/ken.geojson"}))
    way = {"kind": "http", "address": f"{server.base}/api", "field": "gjDownloadURL"}
    rows(monkeypatch, tmp_path, [way], layer="boundary", step="once")
    path = open_data.fetch_boundary("KEN", tmp_path / "here", dataset="loopback")
    assert json.loads(path.read_text())["features"][0]["geometry"] == outline
    (server.folder / "ken.geojson").write_text("version https://git-lfs.github.com/spec/v1")
    with pytest.raises(Unreachable, match="a file without polygons"):
        open_data.fetch_boundary("KEN", tmp_path / "here", dataset="loopback")
    assert json.loads(path.read_text())["features"], "the good one stays"


def test_landia_is_not_on_any_server(tmp_path):
    landia = a_country(tmp_path, shapely.box(0, 0, 1, 1), "XLD")
    with pytest.raises(ValueError, match="Landia is fictional"):
        open_data.prepare(landia, {"land_cover": "esa_cci"})


def test_again_is_no_connection_error():
    """What is asked again must not be taken for a final answer."""
    assert not issubclass(Again, OSError)
