"""A country computed, kept and reused: worked by hand, stale when it must be, whole always."""

import dataclasses
import json
import multiprocessing
import os
import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from shapely import box
from small_country import COVER_YEARS, long_area, small_country, steady_ndvi, values_of

import ldnkit
from ldnkit import blocks, degradation, fingerprints, national, sources
from ldnkit.findings import InputError

NODATA = -32768


def compute(country, indicator="degradation", **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return ldnkit.compute(country, indicator, progress=False, **options)


def said(result, *words) -> bool:
    return any(all(word in str(finding) for word in words) for finding in result.findings)


# --------------------------------------------------------------------- worked by hand
# Codes of land cover, one row of five cells:
#               0  1  2  3  4
BEFORE = [[1, 1, 2, 3, 7]]  # 2000 and 2016
MIDDLE = [[1, 3, 2, 1, 7]]  # 2015: cell 1 deforested (-), cell 3 afforested (+)
AFTER = [[1, 1, 3, 3, 2]]  # 2019 and 2023: cell 2 became cropland (+), the lake (4) grassland
COVER = {2000: BEFORE, 2015: MIDDLE, 2016: BEFORE, 2019: AFTER, 2023: AFTER}
# Soil, f = 0.8: forest to cropland loses 0.2 × 15/20 = 15 % by 2015.
STOCK = [[80, 80, 80, 80, 0]]


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    world = small_country(
        tmp_path_factory.mktemp("worked"),
        COVER,
        ndvi=steady_ndvi((1, 5), start=[[4000, 4000, 4000, 4000, 500]]),
        reference=STOCK,
    )
    country = world.read()
    compute(country)
    results = ldnkit.results(country)
    layers, tables = {}, {}
    for result in results.values():
        layers |= {name: values_of(path)[0].tolist() for name, path in result.layers.items()}
        tables |= result.tables
    return world, layers, tables


def test_land_cover_by_hand(worked):
    _, layers, _ = worked
    assert layers["land_cover_2015"] == MIDDLE[0]
    assert layers["land_cover_degradation_baseline"] == [0, -1, 0, 1, 0]
    assert layers["land_cover_degradation_report_1"] == [0, 0, 1, 0, 0]
    assert layers["land_cover_degradation_report_2"] == [0, 0, 1, 0, 0]


def test_soil_by_hand(worked):
    _, layers, _ = worked
    # cell 1: 80 × (1 - 0.2 × 15/20) = 68, a loss of 15 %. Forest again in 2016: it heads for
    # 68 × 1/0.8 = 85 over 20 years. Cell 3, cropland to forest: the factor is 1/0.8, so
    # 80 × (1 + 0.25 × 15/20) = 95 in 2015, a gain of 18.75 %.
    assert layers["soil_stock_2015"][:4] == [80, 68, 80, 95]
    assert layers["soil_degradation_baseline"][:4] == [0, -1, 0, 1]
    assert layers["soil_degradation_baseline"][4] == NODATA  # no soil under the lake


def test_assessment_by_hand(worked):
    _, layers, _ = worked
    # steady productivity is stable everywhere; where soil is unknown and nothing is degraded
    # there is no assessment
    assert layers["productivity_degradation_baseline"][:4] == [0, 0, 0, 0]
    assert layers["sdg_baseline"] == [0, -1, 0, 1, NODATA]
    sdg = layers["sdg_report_2"]
    # cell 2, grassland to cropland between 2016 and 2023: gained by the matrix; its soil lost
    # 0.2 × 7/20 = 7 %, which is less than 10 %
    assert sdg[2] == 1
    # cell 3: cropland before 2015, forest in 2015, cropland in 2016: it loses 7/20 of 20 %
    assert (
        layers["status_report_2"]
        == degradation.status(
            np.array(layers["sdg_baseline"], np.int16), np.array(sdg, np.int16)
        ).tolist()
    )


def test_areas_by_hand(worked):
    world, _, tables = worked
    cell = world.area(0)
    cover = tables["land_cover"]
    assert cover["area_km2"].sum() == pytest.approx(5 * cell, rel=1e-7)
    assert long_area(cover, land_cover_2000=1, land_cover_2015=3) == pytest.approx(cell, rel=1e-7)
    assert long_area(cover, degradation_baseline=-1) == pytest.approx(cell, rel=1e-7)
    assert long_area(cover, land_cover_2000=7) == pytest.approx(cell, rel=1e-7)
    assert long_area(cover, land_cover_2023=7) == 0
    # the stock of 2015: 80 + 68 + 80 + 95 t/ha on 100 ha per km²
    stock = tables["soil_stock"].query("year == 2015")
    assert stock["stock_tonnes"].sum() == pytest.approx(323 * 100 * cell, rel=1e-7)
    assert stock["stock_area_km2"].sum() == pytest.approx(4 * cell, rel=1e-7)
    assert stock["area_km2"].sum() == pytest.approx(5 * cell, rel=1e-7)


def test_former_water_is_land_without_history(worked):
    """The lake of 2015 is grassland in 2023: land of 2023, its assessment no data."""
    _, _, tables = worked
    lake = tables["sub_indicators"].query("period == 'baseline' and land_cover == 7")
    assert lake["sdg"].tolist() == [NODATA]
    now = tables["status"].query("land_cover_2015 == 7")
    assert now["land_cover_2023"].tolist() == [2]
    assert now["status_report_2"].tolist() == [NODATA]


def test_degraded_cells_are_counted_where_they_lie(tmp_path):
    """Mistake known from elsewhere: zonal areas of the wrong latitude row (+23 % at 55° N)."""
    # three rows of 5 degrees, 65 to 50 north; only the northernmost row changes
    cover = {year: [[1], [1], [1]] for year in COVER_YEARS} | {2015: [[3], [1], [1]]}
    world = small_country(tmp_path, cover, west=20, north=65, cell=5)
    table = compute(world.read(), "land_cover").tables["land_cover"]
    degraded = long_area(table, degradation_baseline=-1)
    assert degraded == pytest.approx(world.area(0), rel=1e-6)
    assert world.area(2) / world.area(0) > 1.2  # the other rows would be far from it


# ------------------------------------------------------------------------- kept, reused
@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A country with all its results; every test gets a copy of its own."""
    world = small_country(
        tmp_path_factory.mktemp("finished"), COVER, ndvi=steady_ndvi((1, 5)), reference=STOCK
    )
    compute(world.read())
    return world


@pytest.fixture
def kept(finished, tmp_path):
    shutil.copytree(finished.folder, tmp_path / "kept")
    return dataclasses.replace(finished, folder=tmp_path / "kept")


def freshness(country) -> set[str]:
    """The indicators whose kept results are still fresh."""
    return set(ldnkit.results(country))


ALL = {"land_cover", "productivity", "soil", "degradation"}


def test_prerequisites_are_made_and_everything_is_reused(kept):
    assert freshness(kept.read()) == ALL
    again = compute(kept.read())
    assert again.reused
    assert set(json.loads((kept.folder / "outputs/XLD/results.json").read_text("utf-8"))) == ALL
    assert not list((kept.folder / "outputs/XLD").glob(".work*"))


def test_a_reused_result_is_the_same_as_a_fresh_one(kept, tmp_path_factory):
    elsewhere = ldnkit.open_country(
        kept.folder / "country.yml", outputs=tmp_path_factory.mktemp("elsewhere")
    )
    for indicator in ("land_cover", "productivity", "soil", "degradation"):
        fresh, again = compute(elsewhere, indicator), compute(kept.read(), indicator)
        assert (fresh.reused, again.reused) == (False, True)
        assert fresh.years == again.years
        assert fresh.findings == again.findings
        assert fresh.parameters == again.parameters
        assert set(fresh.layers) == set(again.layers)
        assert list(fresh.tables) == list(again.tables)
        for name, table in fresh.tables.items():
            pd.testing.assert_frame_equal(table, again.tables[name], check_exact=True)


def touch(world, name):
    path = world.folder / name
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 10**9))


@pytest.mark.parametrize(
    ("name", "still_fresh"),
    [
        ("land_cover_2015.tif", set()),
        ("ndvi_2010.tif", {"land_cover", "soil"}),
        ("soc_2000.tif", {"land_cover", "productivity"}),
        ("boundary.gpkg", set()),
    ],
)
def test_a_changed_file_makes_what_rests_on_it_stale(kept, name, still_fresh):
    touch(kept, name)
    assert freshness(kept.read()) == still_fresh
    assert not compute(kept.read()).reused
    assert freshness(kept.read()) == ALL


def swapped_years(world):
    files = world.file["land_cover"]["files"]
    swapped = files | {2000: files[2015], 2015: files[2000]}
    return {"land_cover": world.file["land_cover"] | {"files": swapped}}


def matrix_changed(world):
    table = ldnkit.tables.transition_matrix()[["from", "to", "sign", "process"]]
    table.loc[(table["from"] == 1) & (table["to"] == 3), "sign"] = 0
    table.to_csv(world.folder / "matrix.csv", index=False)
    return {"land_cover": world.file["land_cover"] | {"matrix": "matrix.csv"}}


def nesting_changed(world):
    rows = "\n".join(f"{code},{to}" for code, to in zip(range(1, 8), (2, 2, 3, 4, 5, 6, 7)))
    (world.folder / "nesting.csv").write_text("code,to\n" + rows + "\n", "utf-8")
    return {"land_cover": world.file["land_cover"] | {"nesting": "nesting.csv"}}


def region_added(world):
    world.polygons("west.gpkg", world.cells(0, 0, 1, 5))
    return {"regions": [{"name": "West", "file": "west.gpkg"}]}


CHANGES = {
    "a parameter": (
        lambda world: {"parameters": {"soil_threshold": 12}},
        {"land_cover", "productivity"},
    ),
    "the method": (lambda world: {"method": "trends.earth"}, set()),
    "the periods": (lambda world: {"periods": {"report_2": {"land_cover": [2015, 2023]}}}, set()),
    "files that changed places": (swapped_years, set()),
    "the matrix": (matrix_changed, set()),
    "the nesting": (nesting_changed, set()),
    "a region": (region_added, set()),
    "the boundary rule": (
        lambda world: {"boundary": {"file": "boundary.gpkg", "rule": "fraction"}},
        set(),
    ),
    "the scale": (
        lambda world: {"productivity": world.file["productivity"] | {"scale": 8000}},
        {"land_cover", "soil"},
    ),
    "a fill value": (
        lambda world: {"soil": world.file["soil"] | {"nodata": [-1]}},
        {"land_cover", "productivity"},
    ),
    "the factor": (
        lambda world: {"soil": world.file["soil"] | {"factor": 0.58}},
        {"land_cover", "productivity"},
    ),
    "soil left out": (lambda world: {"soil": None}, {"land_cover", "productivity"}),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_country_file_makes_results_stale(kept, change):
    changes, still_fresh = CHANGES[change]
    assert freshness(kept.read(**changes(kept))) == still_fresh


def test_another_layer_of_the_boundary_file_is_another_boundary(tmp_path):
    world = small_country(tmp_path, [[1, 2, 3]])
    for layer, last in (("all", 3), ("most", 2.6)):  # both cover the same grid
        world.polygons("layers.gpkg", world.cells(0, 0, 1, last), layer=layer)
    world.polygons("layers.gpkg", world.cells(0, 0, 1, 2.4), layer="some")
    compute(world.read(boundary={"file": "layers.gpkg", "layer": "all"}), "land_cover")
    country = world.read(boundary={"file": "layers.gpkg", "layer": "some"})
    found = compute(country, "land_cover")
    assert not found.reused
    assert found.tables["land_cover"]["cells"].sum() == 2


def test_an_edited_table_makes_results_stale(kept):
    changes = matrix_changed(kept)
    compute(kept.read(**changes), "land_cover")
    path = kept.folder / "matrix.csv"
    path.write_text(path.read_text("utf-8").replace("2,1,1", "2,1,0"), "utf-8")
    assert freshness(kept.read(**changes)) == set()


def test_language_and_metadata_do_not_make_results_stale(kept):
    section = kept.file["land_cover"] | {"metadata": {"title": "Another title"}}
    country = kept.read(land_cover=section, name="Another name")
    assert freshness(country) == ALL


def test_changed_code_makes_results_stale(kept, monkeypatch):
    monkeypatch.setattr(fingerprints, "_code", lambda: "another version of the code")
    assert freshness(kept.read()) == set()


def test_the_fingerprint_of_the_code_follows_modules_and_tables(tmp_path, monkeypatch):
    for name in ("national.py", "data/table.csv", "prais/rules.py", "data/README.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("one", "utf-8")
    monkeypatch.setattr(fingerprints, "__file__", str(tmp_path / "national.py"))
    code = fingerprints._code.__wrapped__
    first = code()
    assert code() == first
    for name, changes in [
        ("data/README.md", False),
        ("data/table.csv", True),
        ("national.py", True),
    ]:
        before = code()
        (tmp_path / name).write_text("two", "utf-8")
        assert (code() != before) == changes, name


@pytest.mark.parametrize(
    "lost", ["layers/sdg_baseline.tif", "crosstabs/status.csv", "results.json"]
)
def test_a_lost_output_is_made_again(kept, lost):
    (kept.folder / "outputs/XLD" / lost).unlink()
    assert not compute(kept.read()).reused
    assert (kept.folder / "outputs/XLD" / lost).exists()


def test_force_computes_again(kept):
    assert not compute(kept.read(), "land_cover", force=True).reused
    assert compute(kept.read(), "land_cover").reused


def test_an_unknown_indicator_is_refused(kept):
    with pytest.raises(ValueError, match="found 'landcover'; use one of land_cover, productivity"):
        ldnkit.compute(kept.read(), "landcover")


# ------------------------------------------------------------------- interrupted, resumed
def everything_in(folder) -> dict:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    }


def other_map(world):
    world.raster("land_cover_2015.tif", [[3, 3, 3, 3, 7]], dtype=np.uint8)


@pytest.mark.parametrize("name", ["land_cover_2000.tif", "land_cover_2019.tif", "land_cover.csv"])
def test_an_interrupted_publication_leaves_earlier_outputs_whole(kept, monkeypatch, name):
    folder = kept.folder / "outputs/XLD"
    before = everything_in(folder)
    other_map(kept)
    country, replace = kept.read(), Path.replace

    def fails(self, target):
        for path in (self, Path(target)):
            if path.name == name and path.parent.name in ("layers", "crosstabs"):
                raise PermissionError("the file is open in another program")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(PermissionError):
        compute(country, "land_cover")
    monkeypatch.undo()
    assert everything_in(folder) == before
    # and the next attempt succeeds
    again = compute(kept.read(), "land_cover")
    assert not again.reused
    assert values_of(again.layers["land_cover_2015"])[0].tolist() == [3, 3, 3, 3, 7]


def test_a_publication_that_was_killed_is_never_taken_for_fresh(kept, monkeypatch):
    """Half of the layers are new, the rest old; then the team goes back to the old matrix."""
    before = values_of(kept.folder / "outputs/XLD/layers/land_cover_degradation_baseline.tif")
    replace, done = Path.replace, []

    class Killed(BaseException):
        pass

    def killed(self, target):
        if len(done) >= 6 and Path(target).suffix in (".tif", ".csv"):
            raise Killed  # from here on nothing is done any more, not even tidying up
        if Path(target).parent.name == "layers":
            done.append(target)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", killed)
    with pytest.raises(Killed):
        compute(kept.read(**matrix_changed(kept)), "land_cover")
    monkeypatch.undo()
    again = compute(kept.read(), "land_cover")
    assert not again.reused
    after = values_of(again.layers["land_cover_degradation_baseline"])
    np.testing.assert_array_equal(after, before)


def test_bad_input_leaves_earlier_outputs_whole(kept):
    folder = kept.folder / "outputs/XLD"
    before = everything_in(folder)
    kept.raster("land_cover_2019.tif", [[1, 99, 3, 3, 2]], dtype=np.uint8)
    with pytest.raises(InputError):
        compute(kept.read())
    assert everything_in(folder) == before


def test_a_computation_goes_on_where_it_stopped(tmp_path, monkeypatch):
    cover = np.tile([[1, 2], [3, 4]], (4, 4))
    world = small_country(tmp_path, dict.fromkeys(COVER_YEARS, cover) | {2015: cover[::-1]})
    run, one, calls = blocks.run, blocks._one, []

    def in_small_blocks(*arguments, **options):
        return run(*arguments, **options | {"block": 4, "workers": 1})

    def stops(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return one(*arguments)

    monkeypatch.setattr(national.blocks, "run", in_small_blocks)
    monkeypatch.setattr(blocks, "_one", stops)
    with pytest.raises(KeyboardInterrupt):
        compute(world.read(), "land_cover")
    assert not (world.folder / "outputs/XLD/results.json").exists()
    found = compute(world.read(), "land_cover")
    assert 4 <= len(calls) <= 6  # of four blocks, two or more were not done again
    assert found.tables["land_cover"]["cells"].sum() == 64
    np.testing.assert_array_equal(values_of(found.layers["land_cover_2015"]), cover[::-1])


def test_what_an_interrupted_run_with_other_inputs_left_is_removed(kept):
    left = kept.folder / "outputs/XLD/.work-land_cover-0123456789abcdef"
    left.mkdir()
    other_map(kept)
    compute(kept.read(), "land_cover")
    assert not left.exists()


# ---------------------------------------------------------------------- two at a time
def ask(path, outputs, barrier, answers):
    warnings.simplefilter("ignore")
    country = ldnkit.open_country(path, outputs=outputs)
    barrier.wait()
    answers.put(ldnkit.compute(country, "land_cover", progress=False).reused)


def test_two_processes_that_ask_at_once_compute_once(tmp_path):
    country = small_country(tmp_path, COVER).read()
    ways = multiprocessing.get_all_start_methods()
    processes = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")
    if "forkserver" in ways:
        multiprocessing.set_forkserver_preload([__name__, "ldnkit.national", "rasterio"])
    barrier, answers = processes.Barrier(2, timeout=120), processes.Queue()
    options = (country.path, tmp_path / "shared", barrier, answers)
    asking = [processes.Process(target=ask, args=options, daemon=True) for _ in range(2)]
    for process in asking:
        process.start()
    found = sorted(answers.get(timeout=120) for _ in asking)
    for process in asking:
        process.join(timeout=30)
    assert found == [False, True]
    table = pd.read_csv(tmp_path / "shared/XLD/crosstabs/land_cover.csv")
    assert table["cells"].sum() == 5


# ---------------------------------------------------------------- regions and matrices
def regional(tmp_path, *shapes, rule="centre"):
    """One row of four cells of forest that becomes cropland; the east calls that no loss."""
    cover = {year: [[1, 1, 1, 1]] for year in COVER_YEARS} | {2015: [[3, 3, 3, 3]]}
    world = small_country(tmp_path, cover)
    matrix_changed(world)  # forest to cropland: 0
    regions = []
    for number, shape in enumerate(shapes, 1):
        file = world.polygons(f"region_{number}.gpkg", world.cells(*shape))
        matrix = ["unccd", "matrix.csv"][number - 1]
        regions.append({"name": f"Region {number}", "file": file, "matrix": matrix})
    return world, {"regions": regions, "boundary": {"file": "boundary.gpkg", "rule": rule}}


def test_each_region_has_its_matrix(tmp_path):
    world, changes = regional(tmp_path, (0, 0, 1, 2), (0, 2, 1, 4))
    result = compute(world.read(**changes), "land_cover")
    assert values_of(result.layers["land_cover_degradation_baseline"])[0].tolist() == [-1, -1, 0, 0]
    table = result.tables["land_cover"]
    assert sorted(set(table["zone"])) == [1, 2]
    assert long_area(table, zone=2, degradation_baseline=0) == pytest.approx(
        2 * world.area(0), rel=1e-7
    )
    assert not said(result, "no region")


def test_a_gap_between_regions_is_said_with_its_area(tmp_path):
    world, changes = regional(tmp_path, (0, 0, 1, 1), (0, 2, 1, 4))
    country = world.read(**changes)
    with pytest.warns(UserWarning, match="in no region"):
        result = ldnkit.compute(country, "land_cover", progress=False)
    assert said(result, "Warning", "regions", f"{world.area(0):,.2f} km²", "no region")
    # the national matrix is used in the gap
    assert values_of(result.layers["land_cover_degradation_baseline"])[0].tolist() == [-1, -1, 0, 0]
    assert set(result.tables["land_cover"]["zone"]) == {0, 1, 2}


def test_parts_of_cells_belong_to_a_region_too(tmp_path):
    """With parts of cells the country may reach into a cell whose centre is in no region."""
    world, changes = regional(tmp_path, (0, 0, 1, 2), (0, 2, 1, 3.25), rule="fraction")
    world.polygons("part.gpkg", world.cells(0, 0, 1, 3.25))
    changes["boundary"]["file"] = "part.gpkg"
    result = compute(world.read(**changes), "land_cover")
    table = result.tables["land_cover"]
    assert table["area_km2"].sum() == pytest.approx(3.25 * world.area(0), rel=1e-7)
    assert not said(result, "no region")
    assert long_area(table, zone=2) == pytest.approx(1.25 * world.area(0), rel=1e-7)


# --------------------------------------------------------- sub-indicators that are not there
def test_without_soil_the_assessment_rests_on_two_and_says_so(tmp_path):
    world = small_country(tmp_path, COVER, ndvi=steady_ndvi((1, 5)))
    country = world.read()
    with pytest.warns(UserWarning, match="2 of three sub-indicators"):
        result = ldnkit.compute(country, "degradation", progress=False)
    results = ldnkit.results(country)
    assert said(result, "2 of three sub-indicators: productivity and land cover degradation")
    assert said(results["soil"], "Warning", "soil organic carbon", "no data")
    assert set(results["soil"].tables["soil"]["degradation"]) == {NODATA}
    assert results["soil"].tables["soil_stock"]["stock_tonnes"].sum() == 0
    assert values_of(result.layers["sdg_baseline"])[0].tolist() == [0, -1, 0, 1, 0]
    assert result.parameters["sub_indicators_absent"] == ["soil"]
    assert set(result.tables["sub_indicators"]["soil"]) == {NODATA}


def test_with_land_cover_alone(tmp_path):
    result = compute(small_country(tmp_path, COVER).read())
    assert said(result, "1 of three sub-indicators: land cover degradation")
    assert values_of(result.layers["sdg_baseline"])[0].tolist() == [0, -1, 0, 1, 0]
    assert values_of(result.layers["status_detail_report_2"])[0].tolist() == [4, 3, 6, 5, 4]


def test_ready_maps_of_productivity(tmp_path):
    world = small_country(tmp_path, COVER)
    # 0 and 15 mean no data in these products
    maps = {"baseline": [[1, 2, 3, 4, 5]], "report_1": [[0, 15, 3, 4, 5]], "report_2": [[5] * 5]}
    files = {
        name: world.raster(f"lpd_{name}.tif", rows, dtype=np.uint8) for name, rows in maps.items()
    }
    country = world.read(productivity={"lpd": files})
    result = compute(country, "productivity")
    layer = {name: values_of(path)[0].tolist() for name, path in result.layers.items()}
    assert layer["land_productivity_baseline"] == [1, 2, 3, 4, 5]
    assert layer["productivity_degradation_baseline"] == [-1, -1, 0, 0, 1]
    assert layer["land_productivity_report_1"] == [NODATA, NODATA, 3, 4, 5]
    assert not any(name.startswith("trend") for name in layer)  # nobody knows the parts
    table = result.tables["productivity"].query("period == 'baseline'")
    assert table.set_index("lpd")["degradation"].to_dict() == {1: -1, 2: -1, 3: 0, 4: 0, 5: 1}


def test_stocks_of_the_country_itself(tmp_path):
    """Tier 2: given stocks; the factors of Tier 1 play no part. 2019 is missing: 2018 stands."""
    world = small_country(tmp_path, COVER)
    stocks = {
        2000: [[100, 100, 100, 100, -1]],
        2015: [[100, 89, 111, 90, -1]],
        2016: [[50, 50, 50, 50, -1]],
        2018: [[50, 44, 56, 45, 50]],
        2023: [[50, 50, 50, 50, 50]],
    }
    files = {
        year: world.raster(f"soc_{year}.tif", rows, dtype=np.float32)
        for year, rows in stocks.items()
    }
    country = world.read(soil={"stocks": files, "tier": 2, "nodata": [-1]})
    result = compute(country, "soil")
    layer = {name: values_of(path)[0] for name, path in result.layers.items()}
    assert layer["soil_degradation_baseline"].tolist() == [0, -1, 1, 0, NODATA]
    assert layer["soil_degradation_report_1"].tolist() == [0, -1, 1, 0, NODATA]
    assert layer["soil_stock_2019"].tolist() == [50, 44, 56, 45, 50]
    assert result.years[2019] == 2018
    assert said(result, "2019", "2018 stands for it")


# ------------------------------------------------------------------------- error polygons
def test_error_polygons_before_and_after_by_hand(tmp_path):
    #                 0    1    2    3    4
    # sdg, baseline   0   -1    0    1    0        (land cover alone)
    # polygon 1       .    x    x    .    .        degraded becomes stable: a false negative
    # polygon 2       x    .    .    .    .        stable becomes degraded, in report_2 only
    # polygon 3       between two centres: no cell
    world = small_country(tmp_path, COVER)
    world.polygons(
        "errors.gpkg",
        world.cells(0, 1, 1, 3),
        world.cells(0, 0, 1, 1),
        world.cells(0, 3.6, 1, 4.4),
        periods_affected=['["baseline", "report_1", "report_2"]', "report_2", "baseline"],
        recode_deg_to=[0, None, 1],
        recode_stable_to=[None, -1, None],
        recode_imp_to=[None, None, None],
    )
    country = world.read(error_polygons="errors.gpkg")
    result = compute(country)
    layer = {name: values_of(path)[0].tolist() for name, path in result.layers.items()}
    assert layer["sdg_baseline"] == [0, 0, 0, 1, 0]
    assert layer["sdg_report_2"] == [-1, 0, 1, 0, 0]
    assert layer["status_report_2"] == [-1, 0, 1, 1, 0]
    table, cell = result.tables["error_polygons"], world.area(0)
    for period, stage, polygon, sdg, cells in [
        ("baseline", "before", 1, -1, 1),
        ("baseline", "before", 1, 0, 1),
        ("baseline", "after", 1, -1, 0),
        ("baseline", "after", 1, 0, 2),
        ("report_2", "before", 2, 0, 1),
        ("report_2", "after", 2, -1, 1),
        ("report_2", "after", 1, 1, 1),
        ("report_2", "after", 1, 0, 1),
    ]:
        found = long_area(table, period=period, stage=stage, polygon=polygon, sdg=sdg)
        assert found == pytest.approx(cells * cell, rel=1e-7), (period, stage, polygon, sdg)
    assert table.query("period == 'baseline' and polygon == 2").empty
    assert said(result, "Warning", "error polygons", "number 3")
    assert sources.error_polygons(country)["type"].tolist() == [
        "false negative", "false positive", "false negative",
    ]  # fmt: skip


def test_error_polygons_that_hold_no_cell_at_all(tmp_path):
    world = small_country(tmp_path, COVER)
    world.polygons(
        "errors.gpkg",
        box(world.west + 0.001, world.north - 0.004, world.west + 0.004, world.north - 0.001),
        periods_affected=["baseline"],
        recode_deg_to=[0],
        recode_stable_to=[None],
        recode_imp_to=[None],
    )
    result = compute(world.read(error_polygons="errors.gpkg"))
    assert result.tables["error_polygons"].empty
    assert said(result, "number 1")
    assert compute(world.read(error_polygons="errors.gpkg")).reused


# ------------------------------------------------------------------------- projections
@pytest.mark.parametrize(
    "place",
    [
        {"west": 500_000, "north": 1_000_000, "cell": 1000, "crs": "EPSG:32636"},
        {"west": 3_300_000, "north": 1_000_000, "cell": 926.6254331, "crs": "ESRI:54008"},
    ],
    ids=["UTM", "sinusoidal"],
)
def test_a_country_on_a_projected_grid(tmp_path, place):
    world = small_country(tmp_path, COVER, ndvi=steady_ndvi((1, 5)), reference=STOCK, **place)
    country = world.read()
    assert country.grid.shape == (1, 5)
    result = compute(country)
    assert values_of(result.layers["sdg_baseline"])[0].tolist() == [0, -1, 0, 1, NODATA]
    table = ldnkit.results(country)["land_cover"].tables["land_cover"]
    assert table["cells"].sum() == 5
    # UTM is 0.08 % too small in the middle of its zone; the sphere of the sinusoidal grid and the
    # ellipsoid differ by less than 1 %
    assert table["area_km2"].sum() == pytest.approx(5 * (place["cell"] / 1000) ** 2, rel=0.01)
    if place["crs"] == "EPSG:32636":
        exact = 5 / 0.9996**2
        assert table["area_km2"].sum() == pytest.approx(exact, rel=1e-5)
