"""The steps of the notebooks give, cell by cell, what the engine gives for the whole country.

Landia is fictional and its data are synthetic. A small Landia (the same country in fewer cells)
serves where every method, every correction and many blocks are tried.
"""

import functools
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from small_country import long_area, values_of

import ldnkit
from ldnkit import (
    areas,
    blocks,
    degradation,
    drought,
    landcover,
    national,
    productivity,
    soil,
    sources,
)

NODATA = -32768
WATER = 7
PERIODS = ("baseline", "report_1", "report_2")
REPORTS = PERIODS[1:]

#: Years written out once more from the guidance, not taken from the packaged tables.
TREND = {"baseline": (2000, 2015), "report_1": (2004, 2019), "report_2": (2008, 2023)}
HISTORY = {"baseline": (2000, 2012), "report_1": (2004, 2016), "report_2": (2008, 2020)}
RECENT = {"baseline": (2013, 2015), "report_1": (2017, 2019), "report_2": (2021, 2023)}
COVER = {
    "manual": {"baseline": (2000, 2015), "report_1": (2016, 2019), "report_2": (2016, 2023)},
    "trends.earth": {"baseline": (2000, 2015), "report_1": (2015, 2019), "report_2": (2015, 2022)},
}
STATUS_YEAR = {"baseline": 2015, "report_1": 2019, "report_2": 2023}
USED = {2023: 2022}  # Landia has no map of 2023 yet


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Results of a small Landia by name: each method, and with the team's error polygons."""
    folder = tmp_path_factory.mktemp("small")
    sources.sample.make(folder / "landia", size=(90, 114))
    text = (folder / "landia" / "country.yml").read_text(encoding="utf-8")
    text = text.replace("method: manual", "method: trends.earth")
    (folder / "landia" / "country_te.yml").write_text(text, encoding="utf-8")
    files = {
        "manual": "country.yml",
        "trends.earth": "country_te.yml",
        "verified": "country_verified.yml",
    }
    found = {}
    for name, file in files.items():
        country = ldnkit.open_country(folder / "landia" / file, outputs=folder / name)
        found[name] = SimpleNamespace(country=country, results=computed(country))
    return found


def computed(country):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        ldnkit.compute(country, "degradation", progress=False)
        return ldnkit.results(country)


def layers_of(results) -> dict:
    """Every layer of every result as an array."""
    return {
        name: values_of(path) for result in results.values() for name, path in result.layers.items()
    }


def classroom(country, method) -> dict:
    """Every layer, made step by step with the public functions on the whole grid."""
    te = method == "trends.earth"
    load = functools.partial(sources.load, country, window=country.grid)
    inside = load("zones") != NODATA

    def land(layer):
        return xr.where(inside, layer, NODATA).astype("int16")

    made = {}
    # SO1-1
    raw = load("land_cover")
    cover = landcover.reclassify(raw, "esa_cci")
    cover = xr.where(inside, cover, NODATA).transpose("year", "y", "x").astype("int16")
    pairs = COVER[method]
    for year in {year for pair in pairs.values() for year in pair} | set(STATUS_YEAR.values()):
        made[f"land_cover_{year}"] = cover.sel(year=USED.get(year, year))
    for period, (first, last) in pairs.items():
        made[f"land_cover_degradation_{period}"] = landcover.degradation(
            made[f"land_cover_{first}"], made[f"land_cover_{last}"]
        )
    # SO1-2
    annual = load("productivity")
    annual = xr.where(inside, annual, NODATA).transpose("year", "y", "x").astype("int16")
    compat = "trends.earth" if te else None
    for period in PERIODS:
        window = annual.sel(year=slice(*TREND[period]))
        trend = productivity.trend(window, compat=compat)["trend"]
        state = productivity.state(
            annual, history=HISTORY[period], recent=RECENT[period], compat=compat
        )
        units = load("units", period=period)
        performance = productivity.performance(window, units, inclusive=te)
        lpd = productivity.dynamics(trend, state, performance)
        made[f"trend_{period}"], made[f"state_{period}"] = trend, state
        made[f"performance_{period}"] = performance
        made[f"land_productivity_{period}"] = lpd
        made[f"productivity_degradation_{period}"] = productivity.degradation(lpd)
    # SO1-3
    stock = soil.stocks(load("soil_reference"), cover, load("soil_climate_factor"))
    stock = stock.where(inside)
    for year in (2000, 2015, 2019, 2023):
        made[f"soil_stock_{year}"] = stock.sel(year=USED.get(year, year)).astype("float32")
    for period, (first, last) in pairs.items():
        first = 2000 if te else first
        change = soil.change(stock.sel(year=first), stock.sel(year=USED.get(last, last)))
        made[f"soil_degradation_{period}"] = soil.degradation(change, inclusive=te, truncate=te)
    # SO1-4
    polygons = sources.error_polygons(country)
    for period in PERIODS:
        assessed = degradation.one_out_all_out(
            made[f"productivity_degradation_{period}"],
            made[f"land_cover_degradation_{period}"],
            made[f"soil_degradation_{period}"],
            missing=method,
        )
        if polygons is not None:
            assessed = degradation.recode(assessed, polygons, period=period)
        made[f"sdg_{period}"] = assessed
    for report in REPORTS:
        both = made["sdg_baseline"], made[f"sdg_{report}"]
        made[f"status_{report}"] = degradation.status(*both)
        made[f"status_detail_{report}"] = degradation.status_detail(*both)
    return {name: np.asarray(layer) for name, layer in made.items()}


#: Indicators of land: the steps of notebooks 02 to 05.
LAND = ("land_cover", "productivity", "soil", "degradation")


def compare(found: dict, made: dict):
    assert set(found) - {"zones"} == set(made)
    for name, layer in made.items():
        np.testing.assert_array_equal(found[name], layer, err_msg=name)


def test_the_classroom_equals_the_country(landia, landia_results):
    land = {name: landia_results[name] for name in LAND}
    compare(layers_of(land), classroom(landia, "manual"))


def test_the_classroom_equals_the_country_in_drought(landia, landia_results):
    rain = sources.load(landia, "drought_series")
    index = drought.spi(rain, month=12).sel(year=slice(2000, None))
    classes = drought.classes(index)
    found = layers_of({"drought_index": landia_results["drought_index"]})
    for year in range(2000, 2024):
        np.testing.assert_array_equal(found[f"drought_index_{year}"], index.sel(year=year))
        np.testing.assert_array_equal(found[f"drought_{year}"], classes.sel(year=year))
    for first, last in drought.windows(2023):
        worst = drought.worst(classes, years=(first, last))
        np.testing.assert_array_equal(found[f"drought_worst_{first}_{last}"], worst)


@pytest.mark.parametrize("name", ["trends.earth", "verified"])
def test_the_classroom_equals_the_country_with_other_choices(small, name):
    one = small[name]
    method = "trends.earth" if name == "trends.earth" else "manual"
    compare(layers_of(one.results), classroom(one.country, method))


def test_every_class_occurs_somewhere(landia_results):
    """So that the comparisons above say something."""
    found = layers_of(landia_results)
    for name, classes in {
        "trend_report_2": {-1, 0, 1},
        "state_report_2": {-1, 0, 1},
        "performance_report_2": {-1, 0},
        "land_productivity_report_2": {1, 2, 3, 4, 5},
        "land_cover_degradation_report_2": {-1, 0, 1},
        "soil_degradation_report_2": {-1, 0, 1},
        "status_detail_report_2": {1, 2, 3, 4, 5, 6, 7},
        "land_cover_2023": {1, 2, 3, 4, 5, 6, 7},
    }.items():
        assert set(np.unique(found[name])) == classes | {NODATA}, name


# ------------------------------------------------------------------------ many blocks
def test_many_blocks_give_the_same_country(small, tmp_path, monkeypatch):
    whole = small["verified"]
    monkeypatch.setattr(national.blocks, "run", functools.partial(blocks.run, block=50))
    country = ldnkit.open_country(whole.country.path, outputs=tmp_path)
    in_blocks = computed(country)
    compare(layers_of(in_blocks), layers_of(whole.results))
    for indicator, result in whole.results.items():
        for name, table in result.tables.items():
            pd.testing.assert_frame_equal(in_blocks[indicator].tables[name], table, rtol=1e-12)


# ------------------------------------------------------------------------------ totals
def parts_of(results):
    """Every table, cut by period or year: (name of the part, rows)."""
    for result in results.values():
        for name, table in result.tables.items():
            by = next((column for column in ("period", "year") if column in table), None)
            if name == "error_polygons":
                continue  # polygons only
            if by is None:
                yield name, table
            else:
                yield from ((f"{name} {key}", rows) for key, rows in table.groupby(by))


@pytest.mark.parametrize("name", ["manual", "trends.earth", "verified"])
def test_every_table_adds_up_to_the_country(small, name):
    """Mistake known from elsewhere: totals that differ between sheets."""
    country = small[name].country
    inside = sources.load(country, "zones", window=country.grid).values != NODATA
    area = np.broadcast_to(areas.cell_area(country.grid), inside.shape)[inside].sum()
    parts = dict(parts_of(small[name].results))
    assert len(parts) == 1 + 3 + 3 + 4 + 3 + 1
    for part, rows in parts.items():
        assert rows["area_km2"].sum() == pytest.approx(area, rel=1e-9), part
        assert rows["cells"].sum() == inside.sum(), part


@pytest.mark.parametrize("name", ["manual", "trends.earth", "verified"])
def test_every_table_has_the_same_land(small, name):
    results = small[name].results
    cover = results["land_cover"].tables["land_cover"]
    for period, year in STATUS_YEAR.items():
        land = cover.loc[cover[f"land_cover_{year}"] != WATER, "area_km2"].sum()
        for indicator, table in (
            ("productivity", "productivity"),
            ("soil", "soil"),
            ("degradation", "sub_indicators"),
        ):
            rows = results[indicator].tables[table]
            rows = rows[(rows["period"] == period) & (rows["land_cover"] != WATER)]
            assert rows["area_km2"].sum() == pytest.approx(land, rel=1e-9), (table, period)
        status = results["degradation"].tables["status"]
        rows = status[status[f"land_cover_{year}"] != WATER]
        assert rows["area_km2"].sum() == pytest.approx(land, rel=1e-9), ("status", period)


def test_the_tables_say_what_the_layers_show(small):
    one = small["verified"]
    found, tables = layers_of(one.results), {}
    for result in one.results.values():
        tables |= result.tables
    area = np.broadcast_to(areas.cell_area(one.country.grid), found["sdg_baseline"].shape)

    def shown(**classes):
        here = np.logical_and.reduce([found[name] == code for name, code in classes.items()])
        return area[here].sum()

    for code in (-1, 0, 1):
        for period in PERIODS:
            assert long_area(
                tables["productivity"], period=period, degradation=code
            ) == pytest.approx(shown(**{f"productivity_degradation_{period}": code}), rel=1e-9)
            assert long_area(tables["soil"], period=period, degradation=code) == pytest.approx(
                shown(**{f"soil_degradation_{period}": code}), rel=1e-9
            )
            sdg = shown(**{f"sdg_{period}": code})
            assert long_area(tables["sub_indicators"], period=period, sdg=code) == pytest.approx(
                sdg, rel=1e-9
            )
            assert long_area(tables["status"], **{f"sdg_{period}": code}) == pytest.approx(
                sdg, rel=1e-9
            )
        for report in REPORTS:
            assert long_area(tables["status"], **{f"status_{report}": code}) == pytest.approx(
                shown(**{f"status_{report}": code}), rel=1e-9
            )
    for last in range(1, 8):
        assert long_area(
            tables["land_cover"], land_cover_2000=1, land_cover_2023=last
        ) == pytest.approx(shown(land_cover_2000=1, land_cover_2023=last), rel=1e-9)


def test_stocks_in_the_tables_are_those_of_the_layers(small):
    one = small["manual"]
    found = layers_of(one.results)
    table = one.results["soil"].tables["soil_stock"]
    area = np.broadcast_to(areas.cell_area(one.country.grid), found["sdg_baseline"].shape)
    for year in (2000, 2015, 2019, 2023):
        stock = found[f"soil_stock_{year}"].astype(float)
        here = (stock > 0) & (found[f"land_cover_{year}"] == 1)
        rows = table[(table["year"] == year) & (table["land_cover"] == 1)]
        hectares = rows["stock_area_km2"].sum() * 100
        assert hectares == pytest.approx(area[here].sum() * 100, rel=1e-9)
        mean = np.average(stock[here], weights=area[here])
        assert rows["stock_tonnes"].sum() / hectares == pytest.approx(mean, rel=1e-6)


# ---------------------------------------------------------------------- the two methods
def test_methods_differ_only_where_they_must(small):
    manual, te = (layers_of(small[name].results) for name in ("manual", "trends.earth"))
    same = ["land_cover_degradation_baseline", "soil_stock_2015", "soil_stock_2023"]
    same += [f"land_cover_{year}" for year in (2000, 2015, 2019, 2023)]
    for name in same:
        np.testing.assert_array_equal(manual[name], te[name], err_msg=name)
    assert "land_cover_2016" not in te
    assert "land_cover_2022" not in manual
    for period in PERIODS:
        # trend: a lower critical value, but slopes of 10 and less are stable; never another sign
        first, second = manual[f"trend_{period}"], te[f"trend_{period}"]
        assert ((first == NODATA) == (second == NODATA)).all()
        assert not ((first * second == -1) & (first != NODATA)).any()
        assert ((second != 0) & (second != NODATA)).sum() > ((first != 0) & (first != NODATA)).sum()
        # state: only small differences of means become stable
        first, second = manual[f"state_{period}"], te[f"state_{period}"]
        assert (second[first != second] == 0).all()
        # performance: only a ratio of exactly one half
        assert (manual[f"performance_{period}"] != te[f"performance_{period}"]).mean() < 0.001
        # one out, all out: a missing sub-indicator is no data
        parts = [
            te[f"{name}_{period}"]
            for name in ("productivity_degradation", "land_cover_degradation", "soil_degradation")
        ]
        missing = np.logical_or.reduce([part == NODATA for part in parts])
        assert (te[f"sdg_{period}"][missing] == NODATA).all()
        assert (te[f"sdg_{period}"][~missing] != NODATA).all()
    # soil: from 2000 in all periods, so the baseline differs at the threshold only
    differs = manual["soil_degradation_baseline"] != te["soil_degradation_baseline"]
    assert differs.mean() < 0.01
    lost = te["soil_degradation_report_2"] == -1
    assert lost.sum() > (manual["soil_degradation_report_2"] == -1).sum()


def test_the_manual_counts_a_degraded_cell_without_soil_data(small):
    manual, te = (layers_of(small[name].results) for name in ("manual", "trends.earth"))
    known = manual["soil_degradation_baseline"] != NODATA
    here = ~known & (manual["productivity_degradation_baseline"] == -1)
    here &= te["soil_degradation_baseline"] == NODATA
    assert here.any()
    assert (manual["sdg_baseline"][here] == -1).all()
    assert (te["sdg_baseline"][here] == NODATA).all()


# ----------------------------------------------------------- mistakes known from elsewhere
def test_status_comes_from_classes_not_from_percent(small):
    """Mistake known from elsewhere: status from layers that hold a percent change (0 km²)."""
    found = layers_of(small["trends.earth"].results)
    for report in REPORTS:
        classes = found[f"soil_degradation_{report}"]
        assert set(np.unique(classes)) <= {-1, 0, 1, NODATA}
        lost = (classes == -1) & (found[f"sdg_{report}"] != NODATA)
        assert lost.any()
        assert (found[f"sdg_{report}"][lost] == -1).all()
        known = lost & (found["sdg_baseline"] != NODATA)
        assert (found[f"status_{report}"][known] == -1).all()
