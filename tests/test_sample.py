"""The training country: the same everywhere, well-formed, and its planted stories really happen."""

import ast
import csv
import hashlib
import inspect
import json
from itertools import pairwise

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import rasterio
import xarray as xr
from PIL import Image
from shapely.geometry import box

from ldnkit import tables
from ldnkit.country import Country
from ldnkit.sources import (
    canvas,
    landia,
    landia_climate,
    landia_people,
    landia_stories,
    sample,
    sample_files,
)
from ldnkit.sources.canvas import Canvas, hashed
from ldnkit.sources.landia import Landia
from ldnkit.sources.landia_stories import LAND_COVER_YEARS, NODATA, PERIODS, STORIES, YEARS

SMALL = (60, 75)
HASHED = 4181053464168214103  # hashed(1, 2, 3)
KEPT = {
    "cover": "819f66db7c0492c6",
    "ndvi": "ea93c79369c721e8",
    "rain": "07a22c6e44c12efb",
    "carbon": "8979903b8bcb3a81",
    "truth": "7b32304b82723060",
}
TREE, GRASS, CROP, WETLAND, ARTIFICIAL, OTHER, WATER = range(1, 8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The lesson country, made once."""
    return sample.make(tmp_path_factory.mktemp("made") / "landia")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return sample.make(tmp_path_factory.mktemp("made") / "small", size=SMALL)


@pytest.fixture(scope="module")
def inside(folder):
    """Cells whose centre is in the country: True in the truth's land and in its lakes."""
    return Landia(sample.LESSON).country > 0


@pytest.fixture(scope="module")
def seven(folder):
    """The seven UNCCD classes of every year, as one array (year, y, x); 0 where not mapped."""
    nesting = tables.nesting("esa_cci")
    classes = np.zeros(256, np.uint8)
    classes[nesting["code"]] = nesting["to"]
    return np.stack([classes[read(folder, f"land_cover/land_cover_{y}")] for y in LAND_COVER_YEARS])


@pytest.fixture(scope="module")
def ndvi(folder):
    stack = np.stack([read(folder, f"productivity/ndvi_{year}") for year in YEARS]).astype(float)
    return np.where(stack == NODATA, np.nan, stack)


def read(folder, name):
    with rasterio.open(folder / f"{name}.tif") as file:
        return file.read(1)


def fingerprint(folder):
    """SHA-256 of the values of every raster; what is in all other files."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".tif":
            values = read(path.parent, path.stem)
            kept = "<f4" if values.dtype.kind == "f" else "<i2"
            found[name] = hashlib.sha256(values.astype(kept).tobytes()).hexdigest()
        elif path.suffix == ".nc":
            with xr.open_dataset(path, mask_and_scale=False) as file:
                found[name] = file.load().to_dict()
        elif path.suffix == ".gpkg":
            found[name] = gpd.read_file(path).to_json()
        elif path.suffix == ".xlsx":
            book = openpyxl.load_workbook(path)
            found[name] = {page.title: list(page.values) for page in book.worksheets}
        elif path.suffix == ".png":
            found[name] = np.asarray(Image.open(path)).tolist()
        elif path.is_file():
            found[name] = path.read_bytes().decode()
    return found


# ---- the same everywhere ---------------------------------------------------------------------


def test_the_same_seed_gives_the_same_values(small, tmp_path):
    again = sample.make(tmp_path / "again", size=SMALL)
    assert fingerprint(again) == fingerprint(small)


def test_another_seed_gives_another_country():
    one, other = Landia(SMALL, seed=1), Landia(SMALL, seed=2)
    assert (one.cover(2000) != other.cover(2000)).mean() > 0.02
    assert (one.ndvi(2000) != other.ndvi(2000)).mean() > 0.2


def test_values_are_the_same_on_every_platform():
    # kept numbers: they change only with a new VERSION
    def digest(values):
        return hashlib.sha256(values.astype("<i2").tobytes()).hexdigest()[:16]

    land = Landia(SMALL)
    assert int(hashed(1, 2, 3)[0]) == HASHED
    assert {
        "cover": digest(land.cover(2022)),
        "ndvi": digest(land.ndvi(2023)),
        "rain": digest(land.rain(2015)),
        "carbon": digest(land.soil_carbon),
        "truth": digest(land.truth("report_2")[1]),
    } == KEPT


def test_only_exact_arithmetic_is_used():
    # sin, exp, powers, interpolation, means and random numbers may differ in their last bit
    allowed = {
        "abs", "any", "arange", "asarray", "atleast_1d", "clip", "copyto", "float64", "floor",
        "int16", "int64", "int8", "isin", "maximum", "minimum", "rint", "sqrt", "uint64", "uint8",
        "where", "zeros",
    }  # fmt: skip
    people = {"float32", "isnan", "nan"}
    others = {
        landia_people: people | {"radians"},  # the area of a cell, for the density only
        landia_climate: {"concatenate", "log"},  # the logarithm: for the truth only
    }
    for module in (canvas, landia, landia_stories, *others):
        tree = ast.parse(inspect.getsource(module))
        used = {
            node.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "np"
        }
        assert used <= allowed | others.get(module, set())
        powers = [node for node in ast.walk(tree) if isinstance(node, ast.Pow)]
        assert len(powers) <= 2  # 2**64 and 2.0**52, both exact


@pytest.mark.parametrize("draw", ["cover", "ndvi", "rain"])
def test_a_window_equals_the_same_window_of_the_whole(draw):
    whole = getattr(Landia(SMALL), draw)(2011)
    part = getattr(Landia(SMALL, (slice(17, 40), slice(5, 61))), draw)(2011)
    np.testing.assert_array_equal(part, whole[17:40, 5:61])


def test_blocks_and_tiles_do_not_show(tmp_path, monkeypatch):
    monkeypatch.setattr(sample, "TILE", 16)
    monkeypatch.setattr(sample, "WIDEST", 32)
    blocks = sample.make(tmp_path / "blocks", size=SMALL)
    for name in ("land_cover/land_cover_2022", "productivity/ndvi_2003", "truth/cause_report_1"):
        layer = next(layer for layer in sample.layers() if layer.path == f"{name}.tif")
        np.testing.assert_array_equal(read(blocks, name), layer.draw(Landia(SMALL)))


def test_the_country_looks_alike_at_every_size():
    # cell centres of 60 x 75 lie in the middle of 5 x 5 cells of 300 x 375: same coordinates
    small, large = Landia(SMALL).cover(2010), Landia((300, 375)).cover(2010)
    np.testing.assert_array_equal(small, large[2::5, 2::5])


def test_grain_is_centred_and_as_wide_as_said():
    grain = Canvas((200, 200), (1.0, 1.0)).grain(5)
    assert abs(grain.mean()) < 0.01
    assert grain.std() == pytest.approx((4 / 12) ** 0.5, abs=0.01)  # four uniform numbers


# ---- the files -------------------------------------------------------------------------------


def test_every_raster_says_what_it_is(folder):
    paths = sorted(folder.rglob("*.tif"))
    assert len(paths) == 23 + 24 + 24 + 3 + 6 + 2 * 24 + 1 + 2
    for path in paths:
        with rasterio.open(path) as file:
            tags = file.tags()
            assert file.crs.to_epsg() == 4326
            assert file.bounds == pytest.approx((179.2, -17.0, 180.45, -16.0))
            assert file.profile["tiled"]
            assert file.compression.value == "ZSTD"
            assert tags["SYNTHETIC"] == "yes"
            assert "Landia synthetic training data" in tags["TITLE"]
            assert "fictional" in tags["COUNTRY"]
            if path.stem[-4:].isdigit():
                assert tags["YEAR"] == path.stem[-4:]


def test_grids_and_no_data_values(folder):
    def look(name):
        with rasterio.open(folder / f"{name}.tif") as file:
            return file.shape, file.dtypes[0], file.nodata

    assert look("productivity/ndvi_2001") == ((400, 500), "int16", NODATA)
    assert look("land_cover/land_cover_2000") == ((400, 500), "uint8", None)
    assert look("land_cover/land_cover_2011") == ((400, 500), "uint8", 0)
    assert look("soil/soc_2000") == ((400, 500), "int16", NODATA)
    assert look("soil/soil_units") == ((400, 500), "uint8", 0)
    assert look("soil/climate_zones") == ((12, 15), "int16", NODATA)
    assert look("climate/rain_2023") == ((20, 25), "int16", NODATA)
    for name, shape in (
        ("female_2000", (120, 150)),
        ("density_2020", (60, 75)),
        ("coarse_2020_male", (40, 50)),
    ):
        found = look(f"population/{name}")
        assert found[:2] == (shape, "float32") and np.isnan(found[2])


def test_land_cover_has_only_known_classes(folder):
    known = set(tables.nesting("esa_cci")["code"])
    for year in LAND_COVER_YEARS:
        found = set(np.unique(read(folder, f"land_cover/land_cover_{year}")).tolist())
        assert (0 in found) == (year == 2011)
        assert found - {0} <= known
        assert len(found) >= 14


def test_ndvi_is_missing_over_water_and_clouds(folder, inside, ndvi):
    for year in (2000, 2015, 2022):
        water = read(folder, f"land_cover/land_cover_{year}") == 210
        assert np.isnan(ndvi[year - 2000])[water].all()
        assert np.isnan(ndvi[year - 2000])[~water & inside].mean() < 0.02
    assert np.nanmin(ndvi) >= 50
    assert np.nanmax(ndvi) <= 9500
    gaps = np.isnan(ndvi)[:, (read(folder, "land_cover/land_cover_2000") != 210) & inside].sum(0)
    assert ((gaps >= 3) & (gaps <= 16)).sum() > 200  # one cloudy region
    assert 0 < (gaps > 16).mean() < 0.05  # its core has too few years for a trend


def test_soil_carbon_is_zero_where_there_is_no_soil(folder):
    carbon, cover = read(folder, "soil/soc_2000"), read(folder, "land_cover/land_cover_2000")
    sea = Landia(sample.LESSON).land <= 0
    np.testing.assert_array_equal(carbon == NODATA, sea)
    np.testing.assert_array_equal(carbon == 0, np.isin(cover, (210, 220)) & ~sea)
    assert 100 < carbon.max() < 250


def test_climate_and_rain(folder):
    assert set(np.unique(read(folder, "soil/climate_zones"))) == {9, 10, 11, 12}
    mean = np.stack([read(folder, f"climate/rain_{year}") for year in YEARS]).mean(0)
    assert mean[15, 1] < 150 < 1800 < mean[9, 20]  # hyper-arid south-west, wet windward island
    inside = Landia(sample.RAIN).country > 0
    rain = {year: read(folder, f"climate/rain_{year}")[inside].mean() for year in YEARS}
    assert set(sorted(rain, key=rain.get)[:5]) == {2002, 2009, 2015, 2016, 2019}  # droughts


def test_soil_units_are_named(folder):
    rows = list(csv.DictReader((folder / "soil/soil_units.csv").open(encoding="utf-8")))
    codes = {int(row["code"]) for row in rows}
    assert set(np.unique(read(folder, "soil/soil_units"))) == codes | {0}


def test_the_boundary_holds_the_cell_centres_of_the_country(folder, inside):
    import shapely

    boundary = gpd.read_file(folder / "boundary.gpkg")
    shape = boundary.geometry[0]
    land = Landia(sample.LESSON)
    x, y = np.broadcast_arrays(179.2 + land.x, -16.0 - land.y)
    found = shapely.contains_xy(shape, np.where(x > 180, x - 360, x), y)
    specks = (found != inside).sum()  # islets smaller than half a cell are left out
    assert specks <= 3
    assert boundary.crs.to_epsg() == 4326
    assert shape.is_valid
    assert shape.bounds[0] == -180.0
    assert shape.bounds[2] == 180.0  # in two parts
    assert boundary["iso3"].tolist() == ["XLD"]


def test_regions_share_out_the_country(folder):
    country = gpd.read_file(folder / "boundary.gpkg").geometry[0]
    regions = gpd.read_file(folder / "regions.gpkg")
    assert regions["name"].tolist() == ["North", "South"]
    north, south = regions.geometry
    assert north.area + south.area == pytest.approx(country.area, rel=1e-4)
    assert north.intersection(south).area < 1e-9
    assert 0.3 < north.area / country.area < 0.7
    for name, shape in zip(("north", "south"), regions.geometry, strict=True):
        assert gpd.read_file(folder / f"regions/{name}.gpkg").geometry[0].equals(shape)


def test_a_shape_across_180_is_in_two_parts():
    # 179.5 to 181 -> 179.5 to 180 and -180 to -179
    parts = sample_files.split_at_180(box(179.5, -17, 181, -16)).geoms
    assert [part.bounds for part in parts] == [(179.5, -17, 180, -16), (-180, -17, -179, -16)]
    whole = sample_files.split_at_180(box(170, 1, 171, 2))
    assert [part.bounds for part in whole.geoms] == [(170, 1, 171, 2)]


def test_error_polygons_follow_the_published_schema(folder):
    frame = gpd.read_file(folder / "error_polygons.gpkg")
    assert len(frame) == 2
    assert frame["uuid"].is_unique
    assert [json.loads(text) for text in frame["periods_affected"]] == [
        ["baseline", "report_1", "report_2"],
        ["report_1", "report_2"],
    ]
    allowed = {
        "recode_deg_to": {NODATA, 0, 1},
        "recode_stable_to": {NODATA, -1, 1},
        "recode_imp_to": {NODATA, -1, 0},
    }
    for name, codes in allowed.items():
        assert set(frame[name].dropna()) <= codes
    invader, clearing = frame.to_dict("records")
    assert invader["recode_imp_to"] == invader["recode_stable_to"] == -1
    assert clearing["recode_deg_to"] == 1
    equal_area = frame.to_crs("+proj=cea +lat_ts=-16.5 +ellps=WGS84").area / 1e6
    np.testing.assert_allclose(frame["area_km_sq"], equal_area, rtol=1e-3)
    assert frame.geometry[0].bounds[0] == -180.0  # the invader grows across the 180th meridian


def test_the_country_files_are_read(folder, tmp_path):
    plain = Country.read(folder / "country.yml", outputs=tmp_path)
    verified = Country.read(folder / "country_verified.yml", outputs=tmp_path)
    assert plain.iso3 == "XLD"
    assert plain.synthetic
    assert plain.error_polygons is None
    assert verified.error_polygons.name == "error_polygons.gpkg"
    for name in ("country.yml", "country_verified.yml", "README.txt", "truth/README.md"):
        text = (folder / name).read_text(encoding="utf-8")
        assert "fictional" in text
    assert "synthetic" in (folder / "README.txt").read_text(encoding="utf-8")


# ---- making the folder -----------------------------------------------------------------------


def test_the_stamp_tells_whether_to_make_it_again(small, monkeypatch):
    assert sample.is_current(small, size=SMALL)
    assert not sample.is_current(small)  # another size
    assert not sample.is_current(small, size=SMALL, seed=1)
    monkeypatch.setattr(sample, "VERSION", sample.VERSION + 1)
    assert not sample.is_current(small, size=SMALL)
    assert not sample.is_current(small / "nowhere")


def test_an_older_landia_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    folder = sample.make(tmp_path / "landia", size=(20, 25))
    (folder / "left_over.txt").write_text("old", encoding="utf-8")
    sample.make(folder, size=(20, 25), seed=7)
    assert not (folder / "left_over.txt").exists()
    assert sample.is_current(folder, size=(20, 25), seed=7)
    assert [path.name for path in tmp_path.iterdir()] == ["landia"]


def test_a_failure_leaves_the_older_folder_whole(tmp_path, monkeypatch):
    folder = sample.make(tmp_path / "landia", size=(20, 25))

    def fail(*_):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(sample_files, "write_texts", fail)
    with pytest.raises(RuntimeError, match="the disk is full"):
        sample.make(folder, size=(20, 25), seed=7)
    assert sample.is_current(folder, size=(20, 25))
    assert [path.name for path in tmp_path.iterdir()] == ["landia"]


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match="holds other files"):
        sample.make(tmp_path, size=(20, 25))
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("size", ["huge", (400,), (10, 500), (400.5, 500), 400, None])
def test_an_unknown_size_is_refused(tmp_path, size):
    with pytest.raises(ValueError, match="Unknown size"):
        sample.make(tmp_path / "landia", size=size)
    assert not list(tmp_path.iterdir())


def test_a_year_without_a_map_is_refused():
    with pytest.raises(ValueError, match="No land cover map for 2023"):
        Landia(SMALL).cover(2023)


# ---- the stories -----------------------------------------------------------------------------


def cells(seven, inside, year, kind):
    return int(((seven[year - 2000] == kind) & inside).sum())


def moved(seven, inside, first, last, before, after):
    change = (seven[first - 2000] == before) & (seven[last - 2000] == after)
    return int((change & inside).sum())


@pytest.mark.parametrize(("first", "last"), [(2000, 2015), (2016, 2019), (2016, 2022)])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TREE, CROP),  # the forest front
        (CROP, ARTIFICIAL),  # the city
        (WETLAND, CROP),  # the drained delta
        (CROP, GRASS),  # abandoned fields
    ],
)
def test_losses_go_on_in_every_period(seven, inside, first, last, before, after):
    assert moved(seven, inside, first, last, before, after) >= 20


def test_the_front_and_the_city_only_advance(seven, inside):
    years = [year for year in LAND_COVER_YEARS if year != 2011]
    city = [cells(seven, inside, year, ARTIFICIAL) for year in years]
    wetland = [cells(seven, inside, year, WETLAND) for year in years]
    assert all(later >= earlier for earlier, later in pairwise(city))
    assert city[-1] > 3 * city[0]
    assert all(later <= earlier for earlier, later in pairwise(wetland))
    assert 0 < wetland[-1] < 0.9 * wetland[0]


def test_restoration_brings_grass_and_trees(seven, inside):
    assert moved(seven, inside, 2000, 2015, OTHER, GRASS) > 1000
    assert moved(seven, inside, 2000, 2022, OTHER, TREE) > 500
    assert moved(seven, inside, 2016, 2022, GRASS, TREE) > 500


def test_the_lake_shrinks_and_the_reservoir_fills(folder):
    cover = {y: read(folder, f"land_cover/land_cover_{y}") for y in (2000, 2010, 2013, 2022)}
    lake = np.s_[200:265, 20:90]  # rows and columns around the lake
    water = [(cover[year][lake] == 210).sum() for year in (2000, 2010, 2022)]
    assert water[0] > 1.2 * water[1] > 1.2 * 1.3 * water[2] > 0
    bed = (cover[2000][lake] == 210) & (cover[2022][lake] != 210)
    assert set(cover[2022][lake][bed]) == {130, 200}
    reservoir = np.s_[185:230, 170:210]
    assert (cover[2013][reservoir] == 210).sum() > (cover[2010][reservoir] == 210).sum() + 200


def test_the_glacier_retreats_to_rock(folder):
    first, last = (read(folder, f"land_cover/land_cover_{year}") for year in (2000, 2022))
    assert 0 < (last == 220).sum() < 0.7 * (first == 220).sum()
    assert set(last[(first == 220) & (last != 220)]) == {200}


def test_the_hole_of_2011_is_in_the_country(folder, inside):
    hole = read(folder, "land_cover/land_cover_2011") == 0
    assert 0.002 < (hole & inside).sum() / inside.sum() < 0.02


@pytest.mark.parametrize("story", [s for s in STORIES.values() if s.depth], ids=lambda s: s.key)
def test_greenness_follows_every_slow_story(ndvi, inside, story):
    strength = Landia(sample.LESSON).strength(story.key)
    core = (strength > 0.9) & inside
    before = np.nanmean(ndvi[: story.first - 2000, core])
    after = np.nanmean(ndvi[-3:, core])
    assert core.sum() > 100
    if story.depth < 0:
        assert after < 0.85 * before
    else:
        assert after > 1.15 * before


# ---- the truth -------------------------------------------------------------------------------


def test_truth_and_causes_agree(folder, inside):
    rows = list(csv.DictReader((folder / "truth/causes.csv").open(encoding="utf-8")))
    signs = {int(row["code"]): int(row["sign"]) for row in rows} | {0: 0, NODATA: NODATA}
    assert len(signs) == len(STORIES) + 2
    for period, (_, end, _) in PERIODS.items():
        truth, cause = (read(folder, f"truth/{name}_{period}") for name in ("truth", "cause"))
        assert set(np.unique(truth)) == {-1, 0, 1, NODATA}
        np.testing.assert_array_equal(truth, np.vectorize(signs.get)(cause))
        water = read(folder, f"land_cover/land_cover_{min(end, 2022)}") == 210
        differs = (truth != NODATA) != (inside & ~water)
        assert differs.sum() <= (100 if end == 2023 else 0)  # the lake shrinks on in 2023


@pytest.mark.parametrize("period", PERIODS)
def test_shares_make_an_interesting_map(folder, period):
    truth = read(folder, f"truth/truth_{period}")
    land = (truth != NODATA).sum()
    assert 0.10 < (truth == -1).sum() / land < 0.20
    assert 0.05 < (truth == 1).sum() / land < 0.10


def test_causes_begin_when_they_begin(folder):
    found = {p: set(np.unique(read(folder, f"truth/cause_{p}")).tolist()) for p in PERIODS}
    code = {key: story.code for key, story in STORIES.items()}
    for key in ("mining", "restoration_2016", "clearing"):  # after 2015
        assert code[key] not in found["baseline"]
        assert code[key] in found["report_1"] & found["report_2"]
    for key in ("overgrazing", "salinisation", "invader", "restoration_2005", "forest_front"):
        assert all(code[key] in found[period] for period in PERIODS)


def mann_kendall(stack):
    """S and the number of years, cell by cell; for the check of the planted trends only."""
    s = np.zeros(stack.shape[1:])
    for later in range(1, len(stack)):
        for earlier in range(later):
            s += np.nan_to_num(np.sign(stack[later] - stack[earlier]))
    return s, (~np.isnan(stack)).sum(0)


@pytest.mark.parametrize("period", PERIODS)
def test_planted_trends_can_be_found(folder, ndvi, period):
    start, end, _ = PERIODS[period]
    s, years = mann_kendall(ndvi[start - 2000 : end - 1999])
    cause = read(folder, f"truth/cause_{period}")
    complete = years == 16

    def share(keys, hit):
        here = complete & np.isin(cause, [STORIES[key].code for key in keys])
        return (here & hit).sum() / here.sum()

    # |S| of 46 and more: 5 % level of 16 years
    assert share(("overgrazing", "overgrazing_south"), s <= -46) > 0.85
    assert share(("restoration_2005", "recovery"), s >= 46) > 0.85
    assert share(("invader",), s >= 46) > 0.80  # degraded, yet it looks improved
    quiet = complete & (cause == 0)
    assert (quiet & (s <= -46)).sum() / quiet.sum() < 0.03
    assert (quiet & (s >= 46)).sum() / quiet.sum() < 0.03
