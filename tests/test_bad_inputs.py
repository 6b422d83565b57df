"""What goes wrong in practice: bad input stops with its areas, odd input still gives true tables.

The last part holds a test for every mistake that is known from other tools and touches the engine.
Others are elsewhere: status from percent layers and totals that differ in test_classroom.py, areas
of the wrong row in test_national.py, maps across 180 degrees in test_rasters.py.
"""

import warnings

import numpy as np
import pytest
from small_country import (
    COVER_YEARS,
    NDVI_YEARS,
    long_area,
    small_country,
    steady_ndvi,
    values_of,
)

import ldnkit
from ldnkit import prais
from ldnkit.findings import InputError

NODATA = -32768
ROW = [[1, 2, 3, 7]]


def compute(country, indicator="land_cover"):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return ldnkit.compute(country, indicator, progress=False)


def problems(country, indicator="land_cover"):
    with pytest.raises(InputError) as error:
        compute(country, indicator)
    return error.value.findings


def layer(result, name):
    return values_of(result.layers[name])[0].tolist()


def published(country) -> list[str]:
    folder = country.folder_results
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not str(path.relative_to(folder)).startswith(".")
    )


# ----------------------------------------------------------------------- years of the maps
def test_missing_years_are_replaced_by_the_closest_and_said(tmp_path):
    cover = {2001: [[1, 1]], 2015: [[3, 1]], 2017: [[1, 1]], 2020: [[1, 3]], 2022: [[5, 3]]}
    world = small_country(tmp_path, cover)
    with pytest.warns(UserWarning) as caught:
        country = world.read(periods={"report_2": {"land_cover": [2012, 2023]}})
        result = ldnkit.compute(country, "land_cover", progress=False)
    assert result.years == {2000: 2001, 2012: 2015, 2015: 2015, 2016: 2015, 2019: 2020, 2023: 2022}
    said = {finding.where: finding for finding in result.findings}
    assert said["land cover 2000"].severity == "info"
    assert said["land cover 2000"].found == "no map of 2000; 2001 stands for it"
    assert said["land cover 2012"].severity == "warning"  # three years away
    assert "land cover 2015" not in said
    assert any("2015 stands for it" in str(each.message) for each in caught)
    # 2016 is one year from 2015 and from 2017: the earlier one counts
    assert layer(result, "land_cover_2016") == [3, 1]
    assert layer(result, "land_cover_2023") == [5, 3]
    assert layer(result, "land_cover_degradation_report_1") == [1, -1]


def test_both_ends_of_a_period_on_the_same_map_stop(tmp_path):
    country = small_country(tmp_path, {2000: ROW, 2014: ROW}).read()
    (finding, *more) = problems(country)
    assert finding.severity == "error"
    assert finding.where == "land_cover, report_1"
    assert "the same map (2014) for 2016 and 2019" in finding.found
    assert "periods in country.yml" in finding.remedy
    # both periods are told at once
    assert [each.where for each in more] == ["land_cover, report_2"]
    assert published(country) == []


def test_without_land_cover_nothing_is_computed(tmp_path):
    world = small_country(tmp_path, ROW)
    country = world.read(land_cover=None, grid={"resolution": 0.01, "crs": "EPSG:4326"})
    (finding,) = problems(country, "degradation")
    assert finding.found == "no land cover"


# --------------------------------------------------------------------------- unknown codes
def test_unknown_codes_are_listed_with_their_areas(tmp_path):
    cover = {year: [[1, 2, 3, 7]] for year in COVER_YEARS}
    cover[2000] = [[1, 99, 99, 7]]
    cover[2023] = [[8, 99, 3, 7]]
    world = small_country(tmp_path, cover)
    country = world.read()
    first, second = problems(country)
    cell = world.area(0)
    assert first.where == "land cover 2000"
    assert first.found == f"codes that the nesting does not know: 99 ({2 * cell:,.2f} km²)"
    assert second.where == "land cover 2023"
    assert f"8 ({cell:,.2f} km²), 99 ({cell:,.2f} km²)" in second.found
    assert "land_cover.nodata" in second.remedy
    assert published(country) == []


def test_unknown_codes_outside_the_country_do_not_matter(tmp_path):
    world = small_country(tmp_path, [[1, 2, 99]])
    world.polygons("inside.gpkg", world.cells(0, 0, 1, 2))
    result = compute(world.read(boundary={"file": "inside.gpkg"}))
    assert layer(result, "land_cover_2000") == [1, 2]


def test_an_unknown_code_that_means_no_data_can_be_declared(tmp_path):
    world = small_country(tmp_path, [[1, 2, 99]])
    country = world.read(land_cover=world.file["land_cover"] | {"nodata": [99]})
    result = compute(country)
    assert layer(result, "land_cover_2000") == [1, 2, NODATA]
    # it stays land of the country
    assert result.tables["land_cover"]["cells"].sum() == 3


def test_an_unknown_code_in_a_year_that_only_soil_reads_is_not_lost(tmp_path):
    """Yearly maps: the year 2007 is in no table of land cover, but it moves soil carbon."""
    cover = dict.fromkeys((*COVER_YEARS, 2007), ROW) | {2007: [[1, 99, 3, 7]]}
    world = small_country(tmp_path, cover, reference=[[80, 80, 80, 0]])
    country = world.read()
    assert not compute(country, "land_cover").reused
    (finding,) = problems(country, "soil")
    assert finding.where == "land cover 2007"
    assert f"99 ({world.area(0):,.2f} km²)" in finding.found


# ----------------------------------------------------------- countries smaller than a cell
# Twelve sixty-fourths of a cell: a quarter high, three quarters wide, away from the centre.
SPECK = (0.125, 1.125, 0.375, 1.875)


def test_a_country_smaller_than_a_cell_stops_with_the_rule_of_centres(tmp_path):
    world = small_country(tmp_path, ROW)
    world.polygons("speck.gpkg", world.cells(*SPECK))
    country = world.read(boundary={"file": "speck.gpkg", "rule": "centre"})
    (finding,) = problems(country)
    assert finding.where == "boundary"
    assert "no cell of the grid with its centre inside" in finding.found
    assert "rule: fraction" in finding.remedy
    assert published(country) == []


def test_a_country_smaller_than_a_cell_has_its_area_with_the_rule_of_fractions(tmp_path):
    world = small_country(tmp_path, ROW, ndvi=steady_ndvi((1, 4)), reference=[[80, 80, 80, 0]])
    world.polygons("speck.gpkg", world.cells(*SPECK))
    country = world.read(boundary={"file": "speck.gpkg", "rule": "fraction"})
    compute(country, "degradation")
    results = ldnkit.results(country)
    expected = 0.25 * 0.75 * world.area(0)
    for table in (
        results["land_cover"].tables["land_cover"],
        results["productivity"].tables["productivity"].query("period == 'report_2'"),
        results["soil"].tables["soil_stock"].query("year == 2000"),
        results["degradation"].tables["status"],
    ):
        assert table["area_km2"].sum() == pytest.approx(expected, rel=1e-6)
        assert table["cells"].sum() == 1
    assert results["land_cover"].tables["land_cover"]["land_cover_2000"].tolist() == [2]


def test_parts_of_cells_add_up_to_the_polygon(tmp_path):
    # two and a half cells wide, one and a half rows high, by eighths of a cell
    world = small_country(tmp_path, [[1, 2, 3, 7], [1, 2, 3, 7]])
    world.polygons("part.gpkg", world.cells(0.5, 0.25, 2, 2.75))
    country = world.read(boundary={"file": "part.gpkg", "rule": "fraction"})
    table = compute(country).tables["land_cover"]
    assert table["area_km2"].sum() == pytest.approx(
        2.5 * (0.5 * world.area(0) + world.area(1)), rel=1e-6
    )
    assert long_area(table, land_cover_2000=1) == pytest.approx(
        0.75 * (0.5 * world.area(0) + world.area(1)), rel=1e-6
    )


def test_an_island_without_a_centre_is_counted_by_fractions_only(tmp_path):
    world = small_country(tmp_path, ROW)
    island = world.cells(0.25, 3.625, 0.75, 3.875)
    world.polygons("islands.gpkg", world.cells(0, 0, 1, 2).union(island))
    centre = compute(world.read(boundary={"file": "islands.gpkg"}))
    assert centre.tables["land_cover"]["cells"].sum() == 2
    parts = compute(world.read(boundary={"file": "islands.gpkg", "rule": "fraction"}))
    assert long_area(parts.tables["land_cover"], land_cover_2000=7) == pytest.approx(
        0.125 * world.area(0), rel=1e-6
    )


# --------------------------------------------------------------------------- productivity
def test_productivity_without_the_history_of_a_period_is_no_data(tmp_path):
    """Maps begin in 2013: the baseline has its recent years only."""
    years = [year for year in NDVI_YEARS if year >= 2013]
    world = small_country(tmp_path, [[1, 2]], ndvi=steady_ndvi((1, 2), years=years))
    result = compute(world.read(), "productivity")
    assert layer(result, "land_productivity_baseline") == [NODATA, NODATA]
    assert layer(result, "state_baseline") == [NODATA, NODATA]
    assert layer(result, "trend_report_2") == [0, 0]  # 2013 to 2023: eleven years
    assert layer(result, "land_productivity_report_2") == [4, 4]
    said = {finding.where: finding for finding in result.findings}
    assert "no map of 2000, 2001" in said["productivity, baseline, history 2000–2012"].found


@pytest.mark.parametrize("method", ["manual", "trends.earth"])
@pytest.mark.parametrize("last", [2000, 2001, 2010])
def test_productivity_of_few_years_is_no_data_where_they_do_not_suffice(tmp_path, last, method):
    years = [year for year in NDVI_YEARS if year <= last]
    world = small_country(tmp_path, [[1, 2]], ndvi=steady_ndvi((1, 2), years=years))
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        result = compute(world.read(method=method), "productivity")
    enough = 0 if last == 2010 else NODATA
    assert layer(result, "trend_baseline") == [enough, enough]
    assert layer(result, "land_productivity_report_2") == [NODATA, NODATA]
    assert layer(result, "state_baseline") == [NODATA, NODATA]  # no recent years


def test_modis_begins_in_2001(tmp_path):
    years = [year for year in NDVI_YEARS if year >= 2001]
    world = small_country(tmp_path, [[1, 2]], ndvi=steady_ndvi((1, 2), years=years, rise=[[0, 90]]))
    result = compute(world.read(), "productivity")
    assert layer(result, "trend_baseline") == [0, 1]
    (finding,) = [each for each in result.findings if "baseline, trend" in each.where]
    assert (finding.severity, finding.found) == ("info", "no map of 2000")


def test_units_beyond_16_bits_are_refused_with_their_codes(tmp_path):
    world = small_country(tmp_path, [[1, 2]], ndvi=steady_ndvi((1, 2)))
    name = world.raster("units.tif", [[70101, 80202]], dtype=np.int32)
    section = world.file["productivity"] | {"units": {"soil": name}}
    with pytest.raises(ValueError, match=r"units\.tif do not fit: found codes from 70101 to 80202"):
        compute(world.read(productivity=section), "productivity")


def test_cells_of_a_fill_value_of_units_have_no_performance(tmp_path):
    world = small_country(tmp_path, [[1, 1, 1]], ndvi=steady_ndvi((1, 3)))
    name = world.raster("units.tif", [[5, 5, 255]], dtype=np.uint8, nodata=255)
    section = world.file["productivity"] | {"units": {"soil": name, "land_cover": True}}
    result = compute(world.read(productivity=section), "productivity")
    assert layer(result, "performance_baseline") == [0, 0, NODATA]


# -------------------------------------------------------------------------------- soil
def test_a_climate_zone_without_a_factor_is_no_data_only_where_land_changes(tmp_path):
    cover = dict.fromkeys(COVER_YEARS, [[2, 2, 2]]) | {2015: [[3, 3, 2]]}
    world = small_country(tmp_path, cover, reference=[[80, 80, 80]])
    name = world.raster("climate.tif", [[2, 0, 0]], dtype=np.uint8)
    section = {"reference": "soc_2000.tif", "climate": name}
    result = compute(world.read(soil=section), "soil")
    assert layer(result, "soil_degradation_baseline") == [-1, NODATA, 0]


def test_no_reference_no_soil(tmp_path):
    world = small_country(tmp_path, ROW, reference=[[80, NODATA, 0, 0]])
    result = compute(world.read(), "soil")
    assert layer(result, "soil_degradation_baseline") == [0, NODATA, NODATA, NODATA]
    table = result.tables["soil_stock"].query("year == 2015")
    assert table["stock_area_km2"].sum() == pytest.approx(world.area(0), rel=1e-7)


# ----------------------------------------------------------------------- error polygons
@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"periods_affected": ["baseline"]}, "lack columns"),
        (
            {
                "periods_affected": ["baseline"],
                "recode_deg_to": [-1],
                "recode_stable_to": [None],
                "recode_imp_to": [5],
            },
            "recode_deg_to = -1.* in polygon 0; recode_imp_to = 5",
        ),
    ],
)
def test_error_polygons_that_mean_nothing_stop(tmp_path, columns, reason):
    world = small_country(tmp_path, ROW)
    world.polygons("errors.gpkg", world.cells(0, 0, 1, 1), **columns)
    with pytest.raises(ValueError, match=reason):
        compute(world.read(error_polygons="errors.gpkg"), "degradation")


# ------------------------------------------------------- mistakes that are known from elsewhere
# A national legend with codes 10, 20, … 80; two classes of water. Raster codes are others again.
LEGEND = {10: 1, 20: 1, 30: 2, 40: 3, 50: 4, 60: 5, 70: 6, 80: 7, 90: 7}
NATIVE = {code: code // 10 + 100 for code in LEGEND}


@pytest.fixture(scope="module")
def national(tmp_path_factory):
    """Nine cells of a national legend; a lake (90) that becomes wetland (50) by 2023."""
    folder = tmp_path_factory.mktemp("legend")
    first = [10, 20, 30, 40, 50, 60, 70, 80, 90]
    last = [40, 20, 30, 40, 50, 60, 70, 80, 50]  # forest (10) to cropland (40)
    cover = {year: [[NATIVE[code] for code in first]] for year in COVER_YEARS}
    cover[2023] = [[NATIVE[code] for code in last]]
    rows = [f"{code},Class {code},{parent}" for code, parent in LEGEND.items()]
    (folder / "legend.csv").write_text("\n".join(["code,name,unccd", *rows]), "utf-8")
    rows = [f"{native},{code}" for code, native in NATIVE.items()]
    (folder / "nesting.csv").write_text("\n".join(["code,to", *rows]), "utf-8")
    pairs = [(a, b) for a in LEGEND for b in LEGEND]
    rows = [
        f"{a},{b},{'-' if (a, b) == (10, 40) else '0'},{'clearing' if (a, b) == (10, 40) else ''}"
        for a, b in pairs
    ]
    (folder / "matrix.csv").write_text("\n".join(["from,to,sign,process", *rows]), "utf-8")
    rows = [f"{a},{b},{0.4 if (a, b) == (10, 40) else 1}" for a, b in pairs]
    (folder / "factors.csv").write_text("\n".join(["from,to,factor", *rows]), "utf-8")
    world = small_country(
        folder,
        cover,
        ndvi=steady_ndvi((1, 9)),
        reference=[[100] * 7 + [0, 0]],
        nesting="nesting.csv",
        dtype=np.uint16,
    )
    land_cover = world.file["land_cover"] | {"legend": "legend.csv", "matrix": "matrix.csv"}
    soil_section = world.file["soil"] | {"factors": "factors.csv"}
    country = world.read(land_cover=land_cover, soil=soil_section)
    compute(country, "degradation")
    return world, country, ldnkit.results(country)


def test_custom_codes_run_through_the_whole_chain(national):
    """Mistake known from elsewhere: codes 10, 20, … crash or count as nothing."""
    _, _, results = national
    cover, stocks = results["land_cover"], results["soil"]
    assert layer(cover, "land_cover_2000") == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert layer(cover, "land_cover_degradation_report_2") == [-1, 0, 0, 0, 0, 0, 0, 0, 0]
    # after the map of 2019, four years of twenty towards 0.4: 100 × (1 - 0.6 × 4/20)
    assert layer(stocks, "soil_stock_2023")[0] == pytest.approx(88)
    assert layer(stocks, "soil_degradation_report_2")[0] == -1
    assert layer(results["degradation"], "sdg_report_2")[0] == -1


def test_a_legend_whose_codes_are_not_1_to_n_keeps_its_water(national):
    """Mistake known from elsewhere: water that is counted as land."""
    world, country, results = national
    cell = world.area(0)
    report = prais.build(country, results)
    profile = report["CP-1.T1"].frame
    assert profile.loc["2015", "water_bodies"] == pytest.approx(2 * cell, rel=1e-6)
    assert profile.loc["2015", "total_land_area"] == pytest.approx(7 * cell, rel=1e-6)
    assert profile.loc["2023", "water_bodies"] == pytest.approx(cell, rel=1e-6)
    for id_ in ("SO1-2.T1", "SO1-2.T2"):
        classes = report[id_].frame.index
        assert not any("80" in str(name) or "90" in str(name) for name in classes)


def test_totals_of_all_sheets_agree(national):
    """Mistake known from elsewhere: totals that differ between sheets."""
    world, country, results = national
    report = prais.build(country, results)
    land = {year: cells * world.area(0) for year, cells in (("2015", 7), ("2023", 8))}
    for id_, column, year in [
        ("SO1-2.T3", "baseline.area", "2015"),
        ("SO1-2.T3", "report_2.area", "2023"),
        ("SO1-3.T2", "baseline.area", "2015"),
        ("SO1-3.T2", "report_2.area", "2023"),
    ]:
        frame = report[id_].frame
        assert frame.iloc[-1][column] == pytest.approx(land[year], rel=1e-6), (id_, column)
        assert frame.iloc[:-1][column].sum() == pytest.approx(land[year], rel=1e-6), (id_, column)
    assert report["SO1-4.T2"].frame.loc["2023", "degraded_share"] == pytest.approx(100 / 8)
    assert not [each for each in prais.check(report) if each.severity == "error"]


def test_shares_leave_water_and_the_outside_out(national):
    """Mistake known from elsewhere: percentages of a total with no data and water in it."""
    world, country, results = national
    frame = prais.build(country, results)["SO1-4.T2"].frame
    assert frame.loc["2023", "degraded_area"] == pytest.approx(world.area(0), rel=1e-6)
    assert frame.loc["2015", "degraded_share"] == 0


@pytest.mark.parametrize(
    ("period", "window"),
    [("baseline", (2000, 2015)), ("report_1", (2004, 2019)), ("report_2", (2008, 2023))],
)
def test_windows_hold_both_their_first_and_their_last_year(tmp_path, period, window):
    """Mistake known from elsewhere: years of a window wrong by one."""
    # Eight valid years is the least. Cells 0 and 1 have eight, the first and the last year of the
    # window among them. Cells 2 and 3 have seven in the window and one just outside it.
    first, last = window
    kept = [
        {*range(first, first + 7), last},
        {first, *range(last - 6, last + 1)},
        {first - 1, *range(first + 1, first + 8)},
        {last + 1, *range(last - 7, last)},
    ]
    ndvi = {year: [[4000 if year in years else NODATA for years in kept]] for year in NDVI_YEARS}
    world = small_country(tmp_path, [[1, 1, 1, 1]], ndvi=ndvi)
    result = compute(world.read(), "productivity")
    assert layer(result, f"trend_{period}") == [0, 0, NODATA, NODATA]
    assert layer(result, f"performance_{period}") == [0, 0, NODATA, NODATA]


def test_recent_years_are_the_last_three(tmp_path):
    """Mistake known from elsewhere: years of a window wrong by one."""
    # The recent mean rises above all history when 2013, 2014 and 2015 are high, and only then.
    history = {year: 4000 + 100 * (year % 3) for year in NDVI_YEARS}
    high = history | {2013: 9000, 2014: 9000, 2015: 9000}
    early = history | {2010: 9000, 2011: 9000, 2012: 9000}
    ndvi = {year: [[high[year], early[year], history[year]]] for year in NDVI_YEARS}
    world = small_country(tmp_path, [[1, 1, 1]], ndvi=ndvi)
    result = compute(world.read(), "productivity")
    state = layer(result, "state_baseline")
    assert state[0] == 1
    assert state[1] <= 0
    # two of the three recent years missing is too few, one missing is enough
    ndvi = {
        year: [[NODATA if year in (2014, 2015) else 4000, NODATA if year == 2014 else 4000]]
        for year in NDVI_YEARS
    }
    world = small_country(tmp_path / "gaps", [[1, 1]], ndvi=ndvi)
    assert layer(compute(world.read(), "productivity"), "state_baseline") == [NODATA, 0]


def test_a_change_of_land_cover_after_the_first_year_reaches_the_soil(tmp_path):
    """Mistake known from elsewhere: only the change from the first map moved soil carbon."""
    cover = {year: [[2, 2]] for year in range(2000, 2024)}
    cover |= {year: [[2, 3]] for year in range(2010, 2024)}
    world = small_country(tmp_path, cover, reference=[[80, 80]], factor=0.5)
    result = compute(world.read(), "soil")
    # first seen in 2010: 1/20 in 2010, six twentieths of one half by 2015
    assert layer(result, "soil_stock_2015") == pytest.approx([80, 80 * (1 - 0.5 * 6 / 20)])
    assert layer(result, "soil_degradation_baseline") == [0, -1]


def test_statistics_are_those_of_the_country_not_of_its_box(tmp_path):
    """Mistake known from elsewhere: the reference of performance over the bounding box."""
    # the country is an L; above its foot, outside, productivity is four times higher
    #   2000 2000 | 8000 8000 8000 8000
    #   2000 2000   2000 2000 2000 2000
    rows = [[2000] * 2 + [8000] * 4, [2000] * 6]
    world = small_country(tmp_path, [[1] * 6] * 2, ndvi=dict.fromkeys(NDVI_YEARS, rows))
    world.polygons("l.gpkg", world.cells(0, 0, 1, 2).union(world.cells(1, 0, 2, 6)))
    result = compute(world.read(boundary={"file": "l.gpkg"}), "productivity")
    found = values_of(result.layers["performance_baseline"])
    assert found.tolist() == [[0] * 2 + [NODATA] * 4, [0] * 6]
    assert result.tables["productivity"].query("period == 'baseline'")["cells"].sum() == 8


def test_missing_observations_are_no_zeros(tmp_path):
    """Mistake known from elsewhere: rejected observations entered means as 0."""
    # Both cells have the same values; the second lacks every third year.
    ndvi = {year: [[4000, NODATA if year % 3 == 0 else 4000]] for year in NDVI_YEARS}
    world = small_country(tmp_path, [[1, 1]], ndvi=ndvi)
    result = compute(world.read(), "productivity")
    for period in ("baseline", "report_1", "report_2"):
        assert layer(result, f"trend_{period}") == [0, 0]
        assert layer(result, f"state_{period}") == [0, 0]
        assert layer(result, f"performance_{period}") == [0, 0]


def test_a_change_of_exactly_ten_percent_depends_on_the_method(tmp_path):
    """Status comes from classes; a percent layer cut to whole numbers is Trends.Earth's way."""
    stocks = {2000: [[100, 100, 100]], 2015: [[90, 89.5, 110]], 2019: [[90, 89.5, 110]]}
    world = small_country(tmp_path, dict.fromkeys(COVER_YEARS, [[1, 1, 1]]))
    files = {
        year: world.raster(f"soc_{year}.tif", rows, dtype=np.float32)
        for year, rows in (stocks | {2023: [[90, 89.5, 110]]}).items()
    }
    section = {"stocks": files, "tier": 2}
    manual = compute(world.read(soil=section), "soil")
    assert layer(manual, "soil_degradation_baseline") == [0, -1, 0]
    assert layer(manual, "soil_degradation_report_2") == [0, 0, 0]
    te = compute(world.read(soil=section, method="trends.earth"), "soil")
    assert layer(te, "soil_degradation_baseline") == [-1, -1, 1]
    # the manual compares the first and the last year of the period, Trends.Earth always 2000
    assert layer(te, "soil_degradation_report_2") == [-1, -1, 1]
