"""Assaba, a region of Mauritania: real maps of 463 m from the country file to the PRAIS tables.

The counts and shares were taken from the files with rasterio and NumPy alone.
"""

from __future__ import annotations

import csv
import math

import numpy as np
import pandas as pd
import pymannkendall
import pytest
import real_countries
import reference
from scipy import stats

import ldnkit
from ldnkit import areas, landcover, prais, productivity, sources, tables
from ldnkit.sources.rasters import Raster
from ldnkit.tables import NODATA

pytestmark = [
    pytest.mark.real,
    pytest.mark.filterwarnings("ignore::UserWarning"),  # the findings are looked at as findings
]

INDICATORS = ("land_cover", "productivity", "soil", "degradation")
CELLS = 168_212
BARREN = 60_151  # cells with the fill value 65533 in every year of productivity
SIDE = 463.31271652749996  # metres, MODIS sinusoidal grid
TRANSITIONS = {
    (10, 10): 119_713, (16, 16): 39_791, (10, 16): 4_534, (7, 10): 1_902, (16, 10): 1_520,
    (7, 7): 444, (7, 16): 215, (10, 7): 57, (16, 7): 21, (13, 13): 8, (12, 10): 7,
}  # fmt: skip
PERIODS = ("baseline", "report_1", "report_2")


@pytest.fixture(scope="module")
def data(shared_data):
    return shared_data / "assaba_mauritania"


def open_and_compute(folder, data, **options):
    path = real_countries.assaba(folder / "country", data, **options)
    country = ldnkit.open_country(path, outputs=folder / "outputs")
    return country, {name: ldnkit.compute(country, name, progress=False) for name in INDICATORS}


@pytest.fixture(scope="module")
def as_is(tmp_path_factory, data):
    """The years of the process, of which 2000 to 2009 are missing."""
    return open_and_compute(tmp_path_factory.mktemp("as_is"), data)


@pytest.fixture(scope="module")
def shortened(tmp_path_factory, data):
    """Windows of 10 and 14 years instead of 16."""
    folder = tmp_path_factory.mktemp("shortened")
    return open_and_compute(folder, data, periods=real_countries.SHORT_PERIODS)


@pytest.fixture(scope="module")
def gpp(as_is):
    """Gross primary production 2010 to 2023 on the country's grid."""
    country = as_is[0]
    return sources.load(country, "productivity", window=country.grid)


def read(country, path):
    return Raster(path).read(country.grid)


# ---- what the files hold ---------------------------------------------------------------------


def test_undeclared_fill_value_stops_the_work(tmp_path, data):
    path = real_countries.assaba(tmp_path / "country", data, nodata=())
    country = ldnkit.open_country(path, outputs=tmp_path / "outputs")
    with pytest.raises(ldnkit.InputError) as caught:
        ldnkit.compute(country, "productivity", progress=False)
    findings = caught.value.findings
    assert [finding.where.split()[1] for finding in findings] == [str(y) for y in range(2010, 2024)]
    first = findings[0]  # what is wrong, what was found, what to do
    assert first.where == "productivity 2010 (2010_GP.tif)"
    assert "65533" in first.found and "not declared as no data" in first.found
    assert "productivity.nodata: [65533]" in first.remedy
    assert not (country.folder_results / "layers" / "trend_baseline.tif").exists()


def test_fill_values_of_two_kinds_become_one(as_is, data):
    import rasterio

    kinds = {}
    for year in (2010, 2011):
        with rasterio.open(data / "Land_Cover_Data" / f"{year}LCT.tif") as source:
            kinds[year] = (source.dtypes[0], source.nodata)
    assert kinds == {2010: ("int8", -128), 2011: ("uint8", 255)}
    country = as_is[0]
    maps = {y: sources.load(country, "land_cover", year=y, window=country.grid) for y in kinds}
    for year, layer in maps.items():
        assert layer.dtype == np.int16
        assert int((layer != NODATA).sum()) == CELLS, year
        assert {NODATA, 10, 16} <= set(np.unique(layer)) <= {NODATA, 7, 10, 12, 13, 16}, year
    np.testing.assert_array_equal(maps[2010] == NODATA, maps[2011] == NODATA)


def test_cells_by_centre_are_those_of_the_clipped_maps(as_is):
    country = as_is[0]
    zones = sources.load(country, "zones", window=country.grid)
    land_cover = sources.load(country, "land_cover", year=2023, window=country.grid)
    np.testing.assert_array_equal(zones != NODATA, land_cover != NODATA)


def test_fill_of_productivity_is_no_data(gpp):
    valid = gpp.notnull()
    assert valid.sum(("y", "x")).values.tolist() == [CELLS - BARREN] * 14
    assert (float(gpp.min()), float(gpp.max())) == (171.0, 5514.0)


# ---- areas -----------------------------------------------------------------------------------


def test_area_is_that_of_the_ellipsoid(as_is):
    """The nominal cell is one on a sphere of 6,371,007 m; at 17° north it is 0.34 % too large."""
    from pyproj import Geod

    country, results = as_is
    total = results["land_cover"].tables["land_cover"]["area_km2"].sum()
    nominal = CELLS * SIDE**2 / 1e6
    assert nominal == pytest.approx(36_108, abs=0.5)
    assert total == pytest.approx(35_986.02, abs=0.01)
    sphere, a, f = 6_371_007.181, 6_378_137.0, 1 / 298.257223563
    e2, sine2 = f * (2 - f), math.sin(math.radians(16.8)) ** 2
    expected = a * a * (1 - e2) / (1 - e2 * sine2) ** 2 / sphere**2
    assert total / nominal == pytest.approx(expected, rel=2e-4)
    # the polygon itself, on the ellipsoid: cells by centre are within a tenth of a percent
    polygon, _ = Geod(ellps="WGS84").geometry_area_perimeter(country.boundary.geometry.iloc[0])
    assert total == pytest.approx(abs(polygon) / 1e6, rel=1e-3)


def test_cell_areas_equal_geodesic_polygons(as_is):
    from pyproj import Geod, Transformer

    grid = as_is[0].grid
    area = areas.cell_area(grid)
    back = Transformer.from_crs(grid.crs.to_wkt(), 4326, always_xy=True)
    geod = Geod(ellps="WGS84")
    random = np.random.default_rng(1)
    for row, column in zip(random.integers(0, grid.shape[0], 50), random.integers(0, 505, 50)):
        t = grid.transform
        ring = [(0, 0), (1, 0), (1, 1), (0, 1)]
        x, y = zip(*((t.c + t.a * (column + i), t.f + t.e * (row + j)) for i, j in ring))
        exact, _ = geod.polygon_area_perimeter(*back.transform(x, y))
        assert area[row, column] == pytest.approx(abs(exact) / 1e6, rel=1e-6)


# ---- land cover ------------------------------------------------------------------------------


def test_transitions_of_2010_to_2023(as_is):
    country = as_is[0]
    first, last = (
        sources.load(country, "land_cover", year=y, window=country.grid) for y in (2010, 2023)
    )
    codes, counts = np.unique(landcover.transitions(first, last), return_counts=True)
    found = {divmod(int(code), 1000): int(n) for code, n in zip(codes, counts) if code != NODATA}
    assert found == TRANSITIONS
    assert sum(found.values()) == CELLS


def test_land_cover_degradation_of_2010_to_2023(as_is):
    # 7 and 10 are grassland, 12 cropland, 13 artificial, 16 other land:
    # degraded: 10→16, 7→16 (vegetation loss), 12→10 (withdrawal of agriculture);
    # improved: 16→10, 16→7 (vegetation establishment)
    country = as_is[0]
    first, last = (
        landcover.reclassify(
            sources.load(country, "land_cover", year=y, window=country.grid),
            country.land_cover.nesting,
        )
        for y in (2010, 2023)
    )
    codes, counts = np.unique(landcover.degradation(first, last), return_counts=True)
    found = dict(zip(codes.tolist(), counts.tolist()))
    assert (found[-1], found[1]) == (4_534 + 215 + 7, 1_520 + 21)
    assert found[0] == CELLS - found[-1] - found[1]


# ---- productivity ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trend(gpp):
    return productivity.trend(gpp)


def test_shares_of_mann_kendall(trend):
    """Z by the normal approximation without ties: 0.106 % above 1.96, 0.260 % below -1.96."""
    valid = trend["trend"] != NODATA
    s = trend["s"].where(valid).values
    z = np.sign(s) * np.maximum(np.abs(s) - 1, 0) / np.sqrt(14 * 13 * 33 / 18)
    shares = [100 * (z > 1.96).sum() / valid.sum(), 100 * (z < -1.96).sum() / valid.sum()]
    assert [round(float(share), 3) for share in shares] == [0.106, 0.260]
    # our classes rest on the exact distribution, which asks for as much at n = 14
    assert int((trend["trend"] == 1).sum()) == 115
    assert int((trend["trend"] == -1).sum()) == 281


def test_p_equals_scipy_and_pymannkendall(gpp, trend):
    """300 cells without ties against scipy's exact test, 40 with ties against pymannkendall."""
    years = gpp["year"].values
    series = gpp.values.reshape(14, -1).T
    complete = np.flatnonzero(~np.isnan(series).any(axis=1))
    ours = {name: trend[name].values.ravel() for name in ("s", "p", "slope")}
    distinct = np.array([len(set(row)) for row in series[complete[::7]]])
    untied, tied = complete[::7][distinct == 14], complete[::7][distinct < 14]
    random = np.random.default_rng(2)
    for cell in random.choice(untied, 300, replace=False):
        test = stats.kendalltau(years, series[cell], method="exact")
        assert ours["p"][cell] == pytest.approx(test.pvalue, rel=1e-9)
        assert ours["s"][cell] == round(test.statistic * 14 * 13 / 2)
        assert ours["slope"][cell] == pytest.approx(np.polyfit(years, series[cell], 1)[0], abs=1e-6)
    for cell in random.choice(tied, 40, replace=False):
        test = pymannkendall.original_test(series[cell])
        assert ours["s"][cell] == test.s
        assert ours["p"][cell] == pytest.approx(test.p, abs=1e-12)


def test_too_few_years_are_no_data_and_said(as_is):
    country, results = as_is
    table = results["productivity"].tables["productivity"]
    cells = table.groupby(["period", "lpd"])["cells"].sum()
    assert cells["baseline"].to_dict() == {NODATA: CELLS}  # 6 of 16 years
    assert cells["report_1"].to_dict() == {NODATA: CELLS}  # 10 years, but 7 of history
    assert cells["report_2"].drop(NODATA).sum() == CELLS - BARREN  # 14 years, 11 of history
    trend = table.groupby(["period", "trend"])["cells"].sum()
    assert trend["baseline"].to_dict() == {NODATA: CELLS}
    assert trend["report_1"].drop(NODATA).sum() == CELLS - BARREN
    said = [str(finding) for finding in results["productivity"].findings]
    for period in PERIODS:
        assert any(f"productivity, {period}, trend" in each for each in said)
    assert results["land_cover"].years[2000] == 2010
    assert any("land cover 2000" in str(each) for each in results["land_cover"].findings)


# ---- one out, all out ------------------------------------------------------------------------


def test_two_sub_indicators_are_said(as_is):
    _, results = as_is
    assert results["degradation"].parameters["sub_indicators_absent"] == ["soil"]
    said = [each for each in results["degradation"].findings if each.where == "SDG 15.3.1"]
    assert [each.found for each in said] == [
        "2 of three sub-indicators: productivity and land cover degradation"
    ]
    soil = results["soil"].tables["soil"]
    assert set(soil["degradation"]) == {NODATA}
    assert results["soil"].tables["soil_stock"]["stock_tonnes"].sum() == 0


def test_without_productivity_only_degraded_land_cover_is_known(as_is):
    table = as_is[1]["degradation"].tables["sub_indicators"]
    baseline = table[table["period"] == "baseline"]
    known = baseline[baseline["sdg"] != NODATA]
    assert set(known["sdg"]) == {-1} == set(known["land_cover_degradation"])
    assert known["cells"].sum() == 3_771 + 262 + 46


def test_all_cells_by_the_scalar_reference(shortened):
    """500 cells through slow functions written from the guidance, from raster values to status."""
    country, results = shortened
    grid = country.grid
    gpp = sources.load(country, "productivity", window=grid)
    years = gpp["year"].values
    native = {y: sources.load(country, "land_cover", year=y, window=grid).values
              for y in (2010, 2015, 2016, 2019, 2023)}  # fmt: skip
    nesting = dict(country.land_cover.nesting[["code", "to"]].values.tolist()) | {NODATA: NODATA}
    inside = np.argwhere(native[2010] != NODATA)
    random = np.random.default_rng(3)
    cells = inside[random.choice(len(inside), 500, replace=False)]
    layer = {name: read(country, path) for result in results.values()
             for name, path in result.layers.items()}  # fmt: skip
    seen = set()
    for period in country.cycle.periods:
        chosen = (years >= period.trend_years[0]) & (years <= period.trend_years[1])
        means = gpp.values[chosen].mean(axis=0, dtype=np.float64)
        best = {code: np.nanpercentile(means[native[2010] == code], 90) for code in (7, 10, 12, 13)}
        for row, column in cells:
            values = gpp.values[:, row, column].tolist()
            by_year = dict(zip(years.tolist(), values))
            trend = reference.trend(years[chosen].tolist(), np.array(values)[chosen].tolist())[-1]
            state = reference.state(
                [by_year[y] for y in range(period.history[0], period.history[1] + 1)],
                [by_year[y] for y in range(period.recent[0], period.recent[1] + 1)],
            )
            top = best.get(int(native[2010][row, column]), math.nan)
            performance = reference.performance(float(means[row, column]), top)
            lpd = reference.productivity_dynamics(trend, state, performance)
            first, last = (nesting[int(native[y][row, column])] for y in period.land_cover)
            cover = reference.land_cover_degradation(first, last)
            productive = reference.productivity_degradation(lpd)
            sdg = reference.one_out_all_out(productive, cover, 0)  # no soil: it decides nothing
            expected = {"trend": trend, "state": state, "performance": performance,
                        "land_productivity": lpd, "productivity_degradation": productive,
                        "land_cover_degradation": cover, "sdg": sdg}  # fmt: skip
            if period.name != "baseline":
                before = int(layer["sdg_baseline"][row, column])
                expected["status"] = reference.status(before, sdg)
                expected["status_detail"] = reference.status_detail(before, sdg)
            found = {name: int(layer[f"{name}_{period.name}"][row, column]) for name in expected}
            assert found == expected, (period.name, row, column)
            seen |= {(period.name, "sdg", sdg), ("any", "lpd", lpd)}
    assert {("any", "lpd", code) for code in (NODATA, 1, 2, 3, 4)} <= seen
    assert {(name, "sdg", code) for name in PERIODS for code in (-1, 0)} <= seen


@pytest.mark.parametrize("run", ["as_is", "shortened"])
def test_every_table_closes(run, request):
    _, results = request.getfixturevalue(run)
    area = results["land_cover"].tables["land_cover"]["area_km2"].sum()
    for result in results.values():
        for name, table in result.tables.items():
            by = [column for column in ("indicator", "period") if column in table]
            groups = [part for _, part in table.groupby(by)] if by else [table]
            groups = [part for _, part in table.groupby("year")] if "year" in table else groups
            for part in groups:
                assert part["cells"].sum() == CELLS, name
                assert part["area_km2"].sum() == pytest.approx(area, rel=1e-9), name


def test_kept_results_are_found_again(shortened):
    country, results = shortened
    assert set(ldnkit.results(country)) == set(results)
    assert ldnkit.compute(country, "degradation", progress=False).reused


# ---- PRAIS tables ----------------------------------------------------------------------------


@pytest.mark.parametrize("run", ["as_is", "shortened"])
def test_prais_tables_are_built_and_close(run, request, tmp_path):
    country, results = request.getfixturevalue(run)
    report = prais.build(country, results)
    findings = prais.check(report)
    assert [str(finding) for finding in findings if finding.severity == "error"] == []
    assert {"CP-1.T1", "SO1-1.T4", "SO1-2.T1", "SO1-4.T1", "SO1-4.T2"} <= set(report.tables)
    area = results["land_cover"].tables["land_cover"]["area_km2"].sum()
    land = report["CP-1.T1"].frame["total_country_area"]
    np.testing.assert_allclose(land, area, rtol=1e-9)
    assert "2 of 3 sub-indicators are used." in report["SO1-4.T2"].notes
    paths = prais.write(report, tmp_path)
    assert all(path.exists() for path in paths.values())


def degraded_share(country, results):
    table = prais.build(country, results)["SO1-4.T2"].frame
    return {int(str(year)[:4]): float(share) for year, share in table["degraded_share"].items()}


def test_degraded_share_from_the_layers(shortened):
    """SO1-4.T2 against a count on the layers: one assessment and two statuses."""
    country, results = shortened
    area = areas.cell_area(country.grid)
    inside = sources.load(country, "zones", window=country.grid).values != NODATA
    layers = results["degradation"].layers
    names = {2015: "sdg_baseline", 2019: "status_report_1", 2023: "status_report_2"}
    shares = degraded_share(country, results)
    for year, name in names.items():
        bad = read(country, layers[name]) == -1
        assert shares[year] == pytest.approx(100 * area[bad].sum() / area[inside].sum(), rel=1e-9)


def test_the_page_on_validation_says_these_numbers(as_is, shortened, shared_data, house):
    text = (house / "VALIDATION.md").read_text(encoding="utf-8")
    columns = [degraded_share(*shortened), degraded_share(*as_is)]
    path = shared_data / "unsdg_15_3_1_2026" / "ag_lnd_dgrd_2015_2019.csv"
    with path.open(encoding="utf-8") as file:
        official = next(row for row in csv.DictReader(file) if row["name"] == "Mauritania")
    for year in (2015, 2019, 2023):
        row = next(line for line in text.splitlines() if line.startswith(f"| {year} | "))
        cells = [cell.strip() for cell in row.strip("|").split("|")][1:]
        for cell, shares in zip(cells, columns):
            assert cell.startswith(f"{shares[year]:.1f} %")
        given = official.get(f"pct_{year}")
        assert cells[2] == (f"{given} %" if given else "not published")


def test_nesting_is_complete_and_says_its_sources(house):
    table = pd.read_csv(house / "tests" / "real" / "nesting_modis_igbp.csv")
    assert table["code"].tolist() == list(range(1, 18))
    assert set(table["to"]) <= set(tables.legend()["code"])
    assert table["source"].str.contains("MCD12Q1").all()
