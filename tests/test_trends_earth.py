"""Packages of Trends.Earth: unpacking, finding bands by name and years, extraction."""

from __future__ import annotations

import io
import json
import tarfile
from types import SimpleNamespace

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import box
from trends_earth_packages import NODATA, PLACE, Band, Writer

from ldnkit import InputError, tables
from ldnkit.sources import trends_earth
from ldnkit.sources.trends_earth import archives, bands, downloads, extraction, sepal

SHAPE = (11, 13)
LPD = "Land Productivity Dynamics (from Trends.Earth)"
PERIODS = {"baseline": (2001, 2015), "report_1": (2005, 2019), "report_2": (2008, 2023)}


def drawn(low, high, *, seed, gaps=(NODATA,), dtype=np.int16):
    """Values from low to high, with a cell of each gap in the first row."""
    values = np.random.default_rng(seed).integers(low, high + 1, SHAPE).astype(dtype)
    values[0, : len(gaps)] = gaps
    return values


def land_bands():
    """The Int16 bands of a national package, in no order that helps."""
    found = [
        Band("Land cover (7 class)", {"year": year}, drawn(1, 7, seed=year))
        for year in (2019, 2000, 2015, 2022)
    ]
    for number, (first, last) in enumerate(PERIODS.values()):
        pair = {"year_initial": first, "year_final": last}
        found.append(Band(LPD, pair, drawn(1, 5, seed=number, gaps=(NODATA, 0, 15, -32767))))
        found.append(Band("SDG 15.3.1 Indicator", pair, drawn(-1, 1, seed=last + 1)))
    found.insert(1, Band("Soil organic carbon", {"year": 2015}, drawn(0, 300, seed=8)))
    found.insert(4, Band("Soil organic carbon", {"year": 2000}, drawn(0, 300, seed=9)))
    found.append(Band("SDG 15.3.1 Indicator (status)", {"year_initial": 2000, "year_final": 2023},
                      drawn(1, 7, seed=3), activated=False))  # fmt: skip
    found.append(Band("Standardized Precipitation Index (SPI)", {"year": 2020, "lag": 12},
                      drawn(-3090, 3090, seed=4)))  # fmt: skip
    return found


def people_bands():
    rng = np.random.default_rng(5)
    found = []
    for year in (2015, 2023):
        for sex in ("female", "male", "total"):
            values = rng.gamma(0.3, 40, SHAPE).astype(np.float32)
            values[0, 0] = NODATA
            found.append(Band("Population (number of people)", {"year": year, "type": sex}, values))
    return found


def expected_of(band):
    """What the extracted file holds: the band, with one value for no data."""
    fill = (NODATA, -32767, *((0, 15) if band.name == LPD else ()))
    return np.where(np.isin(band.values, fill), NODATA, band.values)


def check_layers(package, folder, found):
    """Every band comes back bit by bit, on its grid."""
    files = trends_earth.extract(package, folder)
    rows = package.layers.to_dict("records")
    assert len(rows) == len(found) == len(files)
    for band in found:
        first, last = bands.years_of(band.metadata)
        wanted = (band.name, first, last, band.metadata.get("type", ""))
        (row,) = [
            row for row in rows if (row["name"], row["first"], row["last"], row["type"]) == wanted
        ]
        with rasterio.open(files[row["output"]]) as source:
            values = source.read(1)
            assert source.count == 1 and source.nodata == NODATA
            assert source.crs == "EPSG:4326" and source.transform == PLACE
            assert source.tags()["SCALE"] == f"{row['scale']:g}"
        assert values.dtype == band.values.dtype
        np.testing.assert_array_equal(values, expected_of(band))
    return files


# ------------------------------------------------------------------------ bands come back whole


@pytest.mark.parametrize(
    "options",
    [{}, {"compress": "lzw"}, {"compress": "deflate", "predictor": 2, "tiled": True,
     "blockxsize": 16, "blockysize": 16}, {"compress": "zstd", "interleave": "pixel"}],
    ids=["plain", "lzw", "deflate tiled", "zstd by pixel"],
)  # fmt: skip
@pytest.mark.parametrize("tiled", [False, True])
def test_a_packed_package_gives_its_bands_back(tmp_path, options, tiled):
    writer = Writer(tmp_path / "files", options=options)
    land, people = land_bands(), people_bands()
    write = writer.tiles if tiled and "tiled" not in options else lambda *a, **k: [
        writer.raster(f"{a[0]}.tif", *a[1:], **k)]  # fmt: skip
    rasters = {"Int16": (land, *write("land", land)),
               "Float32": (people, *write("people", people, dtype="float32"))}  # fmt: skip
    writer.results("KEN.json", rasters)
    writer.area(box(30, 9.89, 30.13, 10))
    archive = writer.packed(tmp_path / "KEN.tar.gz")
    package = trends_earth.open_package(archive)
    assert package.folder == tmp_path / "KEN" and [a.name for a in package.areas] == [
        "area.geojson"
    ]
    check_layers(package, tmp_path / "layers", land + people)


def test_bands_are_found_by_name_and_years_never_by_position(tmp_path):
    writer = Writer(tmp_path)
    found = land_bands()
    file = writer.raster("land.tif", found)
    path = writer.results("one.json", {"Int16": (found, file)})
    package = trends_earth.open_package(path)
    row = package.find("lpd_trends_earth", period="report_1")
    wanted = next(band for band in found if band.metadata.get("year_final") == 2019)
    with rasterio.open(package.folder / row["file"]) as source:
        np.testing.assert_array_equal(source.read(int(row["band"])), wanted.values)
    status = package.find("status_detail")
    assert (status["period"], status["activated"]) == ("report_2", False)
    assert package.find("spi")["scale"] == 1000
    assert package.find("soil_stock", last=2000)["output"] == "soil_stock_2000"
    with pytest.raises(InputError, match="Land cover .7 class. 2019, Soil organic carbon 2015"):
        package.find("soil_stock", last=2019)


@pytest.mark.parametrize("name", ["LAND COVER (7 Class)", " land cover  (7 class) "])
def test_names_match_whatever_their_case(tmp_path, name):
    writer = Writer(tmp_path)
    found = [Band(name, {"year": "2015"}, drawn(1, 7, seed=1))]
    path = writer.results("a.json", {"Int16": (found, writer.raster("a.tif", found))})
    assert trends_earth.open_package(path).layers["output"].tolist() == ["land_cover_2015"]


def test_a_raster_with_described_bands(tmp_path):
    found = land_bands()
    writer = Writer(tmp_path)
    labels = {id(band): bands.label_of(band.name, band.metadata) for band in found}
    writer.raster("land.tif", found, describe=lambda band: labels[id(band)])
    check_layers(trends_earth.open_package(tmp_path / "land.tif"), tmp_path / "out", found)


def test_descriptions_overrule_the_order_of_the_json(tmp_path):
    found = land_bands()
    writer = Writer(tmp_path)
    file = writer.raster(
        "land.tif", found[::-1], describe=lambda band: bands.label_of(band.name, band.metadata)
    )
    path = writer.results("land.json", {"Int16": (found, file)})
    check_layers(trends_earth.open_package(path), tmp_path / "out", found)


def test_the_file_of_a_task_holds_results(tmp_path):
    writer = Writer(tmp_path)
    found = land_bands()
    path = writer.results("x.json", {"Int16": (found, writer.raster("land.tif", found))})
    results = json.loads(path.read_text())
    path.write_text(json.dumps({"task_name": "Kenya", "results": [results]}))
    assert len(trends_earth.open_package(tmp_path).layers) == len(found)


def test_a_raster_named_like_its_json_is_found(tmp_path):
    writer = Writer(tmp_path)
    found = land_bands()
    file = writer.raster("from_the_cloud.tif", found)
    writer.results("task_1.json", {"Int16": (found, file)})
    file.rename(tmp_path / "task_1.tif")
    package = trends_earth.open_package(tmp_path / "task_1.json")
    assert set(package.layers["file"]) == {"task_1.tif"}


def test_the_global_raster_is_recognised_only_when_told(tmp_path):
    layout = tables.read("trends_earth_global")
    found = [Band(row["band"], {}, drawn(1, 1, seed=row["number"]))
             for row in layout.to_dict("records")]  # fmt: skip
    Writer(tmp_path).raster("global.tif", found)
    with pytest.raises(InputError, match='layout="global-14"'):
        trends_earth.open_package(tmp_path / "global.tif")
    package = trends_earth.open_package(tmp_path / "global.tif", layout="global-14")
    outputs = package.layers.set_index("band")["output"]
    assert outputs[[1, 2, 3, 4]].tolist() == [
        "sdg_baseline", "lpd_trends_earth_baseline", "land_cover_degradation_baseline",
        "soil_change_baseline",
    ]  # fmt: skip
    assert outputs[[9, 10, 14]].tolist() == [
        "status_detail_report_1",
        "sdg_report_2",
        "status_detail_report_2",
    ]
    check = trends_earth.extract(package, tmp_path / "out")
    assert len(check) == 14
    Writer(tmp_path).raster("three.tif", found[:3])
    with pytest.raises(InputError, match="3 bands of int16"):
        trends_earth.open_package(tmp_path / "three.tif", layout="global-14")
    with pytest.raises(ValueError, match="Unknown layout: found 'global'"):
        trends_earth.open_package(tmp_path / "three.tif", layout="global")


def test_unknown_bands_are_listed_and_not_used(tmp_path):
    writer = Writer(tmp_path)
    found = [*land_bands(), Band("Moon phase", {"year": 2015}, drawn(0, 1, seed=2))]
    path = writer.results("a.json", {"Int16": (found, writer.raster("a.tif", found))})
    package = trends_earth.open_package(path)
    assert "Moon phase" in package.findings[-1].found
    assert "" not in trends_earth.extract(package, tmp_path / "out")


# ------------------------------------------------------------------------------- what goes wrong


def test_strange_codes_stop_with_their_cells_and_write_nothing(tmp_path):
    # two bands with codes that they cannot hold: both are named, no file appears
    cover, lpd = drawn(1, 7, seed=1), drawn(1, 5, seed=2)
    cover[3, :4], lpd[5, :2] = 77, 9
    pair = {"year_initial": 2001, "year_final": 2015}
    found = [Band("Land cover (7 class)", {"year": 2015}, cover), Band(LPD, pair, lpd)]
    writer = Writer(tmp_path)
    path = writer.results("a.json", {"Int16": (found, writer.raster("a.tif", found))})
    with pytest.raises(InputError) as error:
        trends_earth.extract(path, tmp_path / "out")
    said = str(error.value)
    assert "77 (4 cells)" in said and "9 (2 cells)" in said and "1 to 7" in said
    assert list((tmp_path / "out").iterdir()) == []


def test_two_bands_for_one_layer(tmp_path):
    found = [Band(LPD, {"year_initial": first, "year_final": 2015}, drawn(1, 5, seed=first))
             for first in (2000, 2001)]  # fmt: skip
    writer = Writer(tmp_path)
    path = writer.results("a.json", {"Int16": (found, writer.raster("a.tif", found))})
    with pytest.raises(InputError, match="one band for each layer and period"):
        trends_earth.extract(path, tmp_path / "out")


def test_layers_can_be_chosen(tmp_path):
    writer = Writer(tmp_path)
    found = land_bands()
    path = writer.results("a.json", {"Int16": (found, writer.raster("a.tif", found))})
    files = trends_earth.extract(path, tmp_path / "out", layers=["soil_stock"])
    assert sorted(files) == ["soil_stock_2000", "soil_stock_2015"]
    with pytest.raises(InputError, match="population"):
        trends_earth.extract(path, tmp_path / "out", layers=["population"])


def test_an_absent_raster_and_a_wrong_number_of_bands(tmp_path):
    writer = Writer(tmp_path)
    found = land_bands()
    file = writer.raster("a.tif", found)
    people = people_bands()
    path = writer.results(
        "a.json", {"Int16": (found[:3], file), "Float32": (people, tmp_path / "gone.tif")}
    )
    file.rename(tmp_path / "kept.tif")
    writer.raster("a.tif", found)
    with pytest.raises(InputError) as error:
        trends_earth.open_package(path)
    said = str(error.value)
    assert f"{len(found)} bands in a.tif; expected 3 bands" in said
    assert "no file gone.tif" in said and "Population (number of people) 2015 female" in said


def test_nothing_there_and_nothing_known(tmp_path):
    with pytest.raises(FileNotFoundError, match="found nothing at"):
        trends_earth.open_package(tmp_path / "KEN.tar.gz")
    with pytest.raises(InputError, match="no JSON and no raster"):
        trends_earth.open_package(tmp_path)
    (tmp_path / "a.json").write_text("{not json")
    with pytest.raises(InputError, match="expected a JSON file"):
        trends_earth.open_package(tmp_path / "a.json")


@pytest.mark.parametrize(
    "name", ["../outside.tif", "/etc/hosts", "/vsicurl/http://127.0.0.1/a.tif", "C:\\a.tif"]
)
def test_a_vrt_may_not_point_outside(tmp_path, name):
    writer = Writer(tmp_path / "package")
    found = [Band("Land cover (7 class)", {"year": 2015}, drawn(1, 7, seed=1))]
    vrt, *tiles = writer.tiles("land", found)
    vrt.write_text(vrt.read_text().replace(tiles[0].name, name))
    Writer(tmp_path).raster("outside.tif", found)
    writer.results("a.json", {"Int16": (found, vrt, *tiles)})
    with pytest.raises(InputError, match="tiles inside the package|every tile that it joins"):
        trends_earth.open_package(tmp_path / "package")


# ----------------------------------------------------------------------------- unpacking archives


def tar_with(path, *members):
    """An archive with members: (name, content) or a TarInfo that is no file."""
    with tarfile.open(path, "w:gz") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            archive.addfile(info, io.BytesIO(member[1]))
    return path


def special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize(
    "member",
    [
        ("../evil.txt", b"x"),
        ("/etc/evil.txt", b"x"),
        ("a/../../evil.txt", b"x"),
        ("C:/evil.txt", b"x"),
        ("..\\evil.txt", b"x"),
        special("link", tarfile.SYMTYPE, "/etc/hosts"),
        special("hard", tarfile.LNKTYPE, "good.txt"),
        special("pipe", tarfile.FIFOTYPE),
        ("GOOD.txt", b"again"),
    ],
    ids=["up", "absolute", "up inside", "drive", "backslash", "symbolic link", "hard link", "pipe",
         "same name"],
)  # fmt: skip
def test_unsafe_members_leave_nothing_behind(tmp_path, member):
    archive = tar_with(tmp_path / "KEN.tar.gz", ("good.txt", b"good"), member)
    with pytest.raises(InputError):
        archives.unpack(archive)
    assert [path.name for path in tmp_path.iterdir()] == ["KEN.tar.gz"]


def test_every_unsafe_member_is_listed(tmp_path):
    archive = tar_with(tmp_path / "KEN.tar.gz", ("../a", b"x"), special("b", tarfile.SYMTYPE, "c"))
    with pytest.raises(InputError) as error:
        archives.unpack(archive)
    assert len(error.value.findings) == 2


@pytest.mark.parametrize("keep", [20, 500, -9])
def test_a_damaged_archive_leaves_nothing_behind(tmp_path, keep):
    noise = np.random.default_rng(1).bytes(5000)
    archive = tar_with(tmp_path / "KEN.tar.gz", ("a.txt", noise), ("b.txt", noise))
    archive.write_bytes(archive.read_bytes()[:keep])
    with pytest.raises(InputError, match="a damaged archive"):
        archives.unpack(archive)
    assert [path.name for path in tmp_path.iterdir()] == ["KEN.tar.gz"]


def test_a_full_disk_stops_the_unpacking(tmp_path, monkeypatch):
    archive = tar_with(tmp_path / "KEN.tar.gz", ("zeros.bin", bytes(10**6)))
    free = SimpleNamespace(free=archives.RESERVE + 10**5)
    monkeypatch.setattr(archives.shutil, "disk_usage", lambda folder: free)
    with pytest.raises(InputError, match="enough free disk"):
        archives.unpack(archive)
    assert [path.name for path in tmp_path.iterdir()] == ["KEN.tar.gz"]


def test_the_same_archive_is_unpacked_once(tmp_path):
    archive = tar_with(tmp_path / "KEN.tgz", ("sub/a.txt", b"one"))
    folder = archives.unpack(archive)
    assert folder == tmp_path / "KEN" and (folder / "sub" / "a.txt").read_bytes() == b"one"
    (folder / "mine.txt").write_text("kept")
    assert archives.unpack(archive) == folder and (folder / "mine.txt").exists()
    tar_with(archive, ("sub/a.txt", b"two"))  # another archive of that name
    with pytest.raises(FileExistsError, match="give another one with folder="):
        archives.unpack(archive)
    assert (archives.unpack(archive, tmp_path / "new") / "sub" / "a.txt").read_bytes() == b"two"


# ----------------------------------------------------------------------------------------- pieces


def test_periods_of_last_years():
    # 2022 is the last land cover of Trends.Earth in the second reporting period
    found = {year: bands.period_of(year) for year in (2015, 2019, 2022, 2023, 2016, 2018)}
    assert found == {2015: "baseline", 2019: "report_1", 2022: "report_2", 2023: "report_2",
                     2016: "", 2018: ""}  # fmt: skip


def test_every_kind_of_band_has_limits_and_fill():
    for kind in bands.kinds().values():
        assert kind.scale > 0 and -32767 in kind.fill
        assert kind.kind in ("class", "value") and kind.time in ("period", "year")
    known = {kind.band for kind in bands.kinds().values()}
    assert set(tables.read("trends_earth_global")["band"]) <= known


@given(
    st.sampled_from(sorted(kind.band for kind in bands.kinds().values())),
    st.integers(1990, 2030),
    st.integers(0, 30),
)
def test_a_label_says_what_the_metadata_said(name, first, length):
    metadata = {"year": first} if length == 0 else {
        "year_initial": first, "year_final": first + length}  # fmt: skip
    kind, found = bands.described(bands.label_of(name, metadata))
    assert kind.band == name and bands.years_of(found) == bands.years_of(metadata)


@given(st.integers(1, 2000), st.integers(1, 40_000))
def test_windows_cover_a_raster_once(height, width):
    found = list(extraction.windows(height, width))
    assert sum(window.height * window.width for window in found) == height * width
    assert max(window.height * window.width for window in found) <= 512 * 16_384
    corners = {(window.row_off, window.col_off) for window in found}
    assert len(corners) == len(found)


def test_cleaning_of_floats_keeps_bits():
    kind = bands.kinds()["population_number_of_people"]
    values = np.array([[0.1, np.nan], [-32768, -3]], np.float32)
    clean, odd = extraction.cleaned(values, kind, -32768.0, "float32")
    assert clean.dtype == np.float32 and clean[0, 0] == np.float32(0.1)
    assert clean[0, 1] == clean[1, 0] == NODATA and dict(odd) == {-3.0: 1}


@pytest.mark.parametrize(
    ("dtype", "kind", "expected"),
    [("int16", "class", "int16"), ("uint8", "value", "int16"), ("uint16", "value", "float32"),
     ("int32", "value", "float32"), ("int32", "class", "int16"), ("float32", "class", "int16"),
     ("float32", "value", "float32")],
)  # fmt: skip
def test_types_that_hold_every_value(dtype, kind, expected):
    assert extraction.stored_type(dtype, kind) == expected


def test_counts_beyond_16_bits_are_kept(tmp_path):
    people = np.full(SHAPE, 70_000, np.int32)
    found = [Band("Population (number of people)", {"year": 2015, "type": "total"}, people)]
    writer = Writer(tmp_path)
    path = writer.results(
        "a.json", {"Int32": (found, writer.raster("a.tif", found, dtype="int32"))}
    )
    files = trends_earth.extract(path, tmp_path / "out")
    with rasterio.open(files["population_total_2015"]) as source:
        assert source.dtypes == ("float32",) and (source.read(1) == 70_000).all()


# -------------------------------------------------------------------------------------- downloads


def test_addresses():
    base = "https://data.trends.earth/unccd_reporting/2016-2023/packages/"
    assert trends_earth.address("KEN", "JRC") == (
        f"{base}KEN_GeoBoundaries_SDG15_JRC-LPD-5_UNCCD-legend.tar.gz"
    )
    assert trends_earth.address("KEN", "Drought") == f"{base}KEN_GeoBoundaries_Drought.tar.gz"
    with pytest.raises(ValueError, match="Unknown package: found 'MODIS'"):
        trends_earth.address("KEN", "MODIS")
    with pytest.raises(ValueError, match="Unknown country code"):
        trends_earth.address("XXX")


# ------------------------------------------------------------------------------------------ SEPAL

# | 0 1 |    no data  degraded
# | 2 3 |    stable   improved
SDG = np.array([[0, 1], [2, 3]], np.uint8)


def sepal_raster(path, values, **options):
    profile = {"driver": "GTiff", "height": 2, "width": 2, "count": 1, "crs": "EPSG:4326",
               "dtype": values.dtype, "transform": PLACE, **options}  # fmt: skip
    with rasterio.open(path, "w", **profile) as target:
        target.write(values, 1)
    return path


def test_sepal_degradation(tmp_path):
    array = sepal.read(sepal_raster(tmp_path / "sdg.tif", SDG), "degradation")
    assert array.dims == ("y", "x") and array.dtype == np.int16
    assert array.values.tolist() == [[NODATA, -1], [0, 1]]
    assert array.odc.crs == "EPSG:4326"


def test_sepal_land_cover_and_every_code(tmp_path):
    codes = np.array([[0, 10], [40, 70]], np.uint8)
    path = sepal_raster(tmp_path / "cover.tif", codes, nodata=0)
    target = sepal.read(path, "land_cover", target=tmp_path / "out" / "land_cover_2015.tif")
    with rasterio.open(target) as source:
        assert source.read(1).tolist() == [[NODATA, 1], [4, 7]] and source.nodata == NODATA
    every = sepal.codes("land_cover")
    assert every["code"].tolist() == list(range(0, 80, 10))
    assert sepal.classes(every["code"].to_numpy(np.int16), "land_cover").tolist() == [
        NODATA, 1, 2, 3, 4, 5, 6, 7,
    ]  # fmt: skip


def test_sepal_unknown_codes_and_kinds(tmp_path):
    path = sepal_raster(tmp_path / "sdg.tif", np.array([[0, 4], [4, 3]], np.uint8))
    with pytest.raises(InputError, match=r"4 \(2 cells\)"):
        sepal.read(path, "degradation", target=tmp_path / "out.tif")
    assert not (tmp_path / "out.tif").exists()
    with pytest.raises(ValueError, match="Unknown kind of SEPAL raster"):
        sepal.read(path, "soil")


def test_names_of_the_package_of_modules():
    assert callable(trends_earth.new_country) and trends_earth.sepal is sepal
    assert set(trends_earth.__all__) <= set(dir(trends_earth))
    with pytest.raises(AttributeError, match="has no 'open'"):
        _ = trends_earth.open
    assert downloads.fetch is trends_earth.fetch
