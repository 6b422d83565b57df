"""Earth Engine graphs, evaluated without a server: graph = local engine = plain Python loops."""

import datetime as dt
import hashlib
import json
import math
from fractions import Fraction
from itertools import product
from pathlib import Path

import ee
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import reference as loops
import xarray as xr
from odc.geo.geobox import GeoBox
from odc.geo.xr import xr_coords
from series import random_series
from shapely import box
from support.eelocal import Grid, Session

from ldnkit import (
    degradation,
    drought,
    drought_kernels,
    landcover,
    lookup,
    productivity,
    soil,
    tables,
    vegetation,
)
from ldnkit import productivity_kernels as kernels
from ldnkit.sources.earthengine import degradation as ee_degradation
from ldnkit.sources.earthengine import drought as ee_drought
from ldnkit.sources.earthengine import landcover as ee_landcover
from ldnkit.sources.earthengine import population as ee_population
from ldnkit.sources.earthengine import productivity as ee_productivity
from ldnkit.sources.earthengine import shared, significance
from ldnkit.sources.earthengine import soil as ee_soil
from ldnkit.tables import NODATA

BASELINE = (2000, 2015)
HISTORY, RECENT = (2000, 2012), (2013, 2015)


# ---- how an array becomes an asset and an image an array ----------------------------------------


def as_row(values):
    """Cells (…, n) as rasters of one row (…, 1, n), no data masked."""
    values = np.asarray(values)
    missing = np.isnan(values) if values.dtype.kind == "f" else values == NODATA
    return np.ma.MaskedArray(values, missing)[..., np.newaxis, :]


def session(cells, **options):
    return Session(Grid(1, cells), **options)


def add_series(here, name, values, years):
    """Cells × years as a collection with the property year."""
    rows = as_row(np.asarray(values).T)
    here.add_asset(name, [({"b": row}, {"year": int(year)}) for row, year in zip(rows, years)])


def add_layer(here, name, values):
    here.add_asset(name, {"b": as_row(values)})


def found(here, image, band=0):
    """Classes as int16 with -32768, or values with NaN, of the only row."""
    bands = list(here.pixels(image).values())
    array = bands[band][0]
    if array.dtype.kind == "i":
        return array.filled(NODATA)
    return array.filled(np.nan)


def dims(values, years):
    """Cells × years as the DataArray of the local engine."""
    return xr.DataArray(
        np.asarray(values).T[:, np.newaxis, :],
        dims=("year", "y", "x"),
        coords={"year": list(years)},
    )


# ---- class tables -------------------------------------------------------------------------------


def test_unknown_is_the_code_of_the_local_tables():
    table = pd.DataFrame({"code": [1], "to": [2]})
    assert lookup.Kernel(table, ["code"], "to").lookup(np.array([9], np.int16)) == shared.UNKNOWN


def test_every_code_of_a_nesting():
    codes = np.array([*range(256), NODATA], np.int16)
    here = session(len(codes))
    add_layer(here, "LC", codes)
    with here.installed():
        for name in ("esa_cci", "glc_fcs30d", "glad"):
            nesting = tables.nesting(name)
            expected = lookup.Kernel(nesting, ["code"], "to").lookup(codes)
            assert (found(here, ee_landcover.reclassify(ee.Image("LC"), name)) == expected).all()
            known = np.isin(codes, nesting["code"])
            local = landcover.reclassify(codes[known], name)
            assert (expected[known] == local).all()
            assert (expected[~known & (codes != NODATA)] == shared.UNKNOWN).all()
        esa = found(here, ee_landcover.reclassify(ee.Image("LC")))
    for to, members in loops.ESA_CCI.items():
        assert set(codes[esa == to]) == set(members)


def test_every_transition_and_regional_matrices():
    pairs = np.array(list(product([NODATA, *range(1, 8)], repeat=2)), np.int16)
    first, last = pairs.T
    regions = np.resize(np.array([1, 2, NODATA], np.int16), len(first))
    other = tables.transition_matrix().assign(sign=lambda table: -table["sign"])
    matrices = {1: "unccd", 2: other}
    here = session(len(first))
    for name, values in {"A": first, "B": last, "R": regions}.items():
        add_layer(here, name, values)
    with here.installed():
        a, b, r = ee.Image("A"), ee.Image("B"), ee.Image("R")
        signs = found(here, ee_landcover.degradation(a, b))
        regional = found(here, ee_landcover.degradation(a, b, matrix=matrices, regions=r))
        moved = found(here, ee_landcover.transitions(a, b))
        with pytest.raises(ValueError, match="matrix for each region"):
            ee_landcover.degradation(a, b, matrix=matrices)
    assert signs.tolist() == landcover.degradation(first, last).tolist()
    assert signs.tolist() == [loops.land_cover_degradation(*pair) for pair in pairs]
    expected = landcover.degradation(first, last, matrix=matrices, regions=regions)
    assert (regional == expected).all() and (regional != signs).any()
    assert (moved == landcover.transitions(first, last)).all()


def test_every_combination_of_sub_indicators_and_status():
    triples = np.array(list(product([NODATA, -1, 0, 1], repeat=3)), np.int16)
    productivity_, cover, carbon = triples.T
    here = session(len(triples))
    for name, values in {"P": productivity_, "L": cover, "S": carbon}.items():
        add_layer(here, name, values)
    with here.installed():
        p, c, s = ee.Image("P"), ee.Image("L"), ee.Image("S")
        for missing in ("manual", "trends.earth"):
            sdg = found(here, ee_degradation.one_out_all_out(p, c, s, missing=missing))
            local = degradation.one_out_all_out(productivity_, cover, carbon, missing=missing)
            assert sdg.tolist() == local.tolist()
            assert sdg.tolist() == [
                loops.one_out_all_out(*map(int, triple), missing=missing) for triple in triples
            ]
        now = found(here, ee_degradation.status(p, c))
        detail = found(here, ee_degradation.status_detail(p, c))
    assert now.tolist() == degradation.status(productivity_, cover).tolist()
    assert now.tolist() == [loops.status(int(a), int(b)) for a, b, _ in triples]
    assert detail.tolist() == [loops.status_detail(int(a), int(b)) for a, b, _ in triples]


def test_an_image_that_ends_early_has_no_data_beyond():
    """A sub-indicator whose image ends: degraded still wins, as in the local engine."""
    here = session(2)
    add_layer(here, "P", np.array([-1, -1], np.int16))
    add_layer(here, "S", np.array([0, NODATA], np.int16))
    with here.installed():
        image = ee_degradation.one_out_all_out(ee.Image("P"), ee.Image("S"), ee.Image("S"))
        assert found(here, image).tolist() == [-1, -1]
        unmasks = list(calls_of(graph(image), "Image.unmask"))
    assert unmasks and all("sameFootprint" in each["arguments"] for each in unmasks)


def test_recode_by_polygons():
    #   columns   0   1   2   3      polygon 1 holds 0–2, polygon 2 holds 2–3
    #   before   -1   0   1  no data
    before = np.array([-1, 0, 1, NODATA], np.int16)
    polygons = gpd.GeoDataFrame(
        {
            "periods_affected": [["baseline"], "baseline, report_1", ["report_1"]],
            "recode_deg_to": [0, None, 1],
            "recode_stable_to": [-1, None, 1],
            "recode_imp_to": [-1, NODATA, -1],
        },
        geometry=[box(0, 0, 3, 1), box(2, 0, 4, 1), box(0, 0, 4, 1)],
        crs="EPSG:4326",
    )
    here = Session(Grid(1, 4, (1, 0, 0, 0, -1, 1)))
    here.add_asset("SDG", {"b": as_row(before)})
    with here.installed():
        after = found(here, ee_degradation.recode(ee.Image("SDG"), polygons, period="baseline"))
    assert after.tolist() == [0, -1, NODATA, NODATA]
    grid = GeoBox.from_bbox((0, 0, 4, 1), "EPSG:4326", resolution=1)
    coords = xr_coords(grid)
    local = xr.DataArray(before[np.newaxis], coords, tuple(coords)[:2])
    local = degradation.recode(local, polygons, period="baseline")
    assert local.values.ravel().tolist() == after.tolist()


# ---- productivity -------------------------------------------------------------------------------


@pytest.mark.parametrize("season", [None, (4, 9), (10, 4)])
@pytest.mark.parametrize("method", ["integral", "mean"])
def test_annual_productivity(season, method):
    random = np.random.default_rng(3)
    days = pd.date_range("2000-01-01", "2003-12-31", freq="D")
    days = days[[(day.day_of_year - 1) % 16 == 0 for day in days]]  # as MODIS counts
    values = random.integers(0, 9000, (40, len(days))).astype(np.int16)
    values[random.random(values.shape) < 0.45] = NODATA
    here = session(40)
    milliseconds = [int(day.timestamp() * 1000) for day in days]
    here.add_asset(
        "VI",
        [
            ({"NDVI": row}, {"system:time_start": at})
            for row, at in zip(as_row(values.T), milliseconds)
        ],
    )
    vi = xr.DataArray(values.T[:, None, :], dims=("time", "y", "x"), coords={"time": days})
    local = vegetation.annual(vi, season=season, method=method)
    years = tuple(int(year) for year in local["year"].values[[0, -1]])
    with here.installed():
        yearly = ee_productivity.annual(
            ee.ImageCollection("VI"), years=years, season=season, method=method
        )
        for year in local["year"].values:
            image = yearly.filter(ee.Filter.eq("year", int(year))).first()
            np.testing.assert_allclose(
                found(here, image), local.sel(year=year).values[0], rtol=1e-14
            )
        empty = ee_productivity.annual(ee.ImageCollection("VI"), years=(1990, 1990))
        assert np.isnan(found(here, empty.first())).all(), "a year without composites is no data"
    assert local.isnull().any() and local.notnull().any()


def hard_series(n=16):
    """Series that lie exactly on a critical S, at every parity, with and without ties and gaps."""
    rows = []
    for wanted in (34, 36, 38, 40, 42, 44, 46, 48):  # n = 16: 46 is significant, 36 in the table
        order = list(range(n))
        excess = (n * (n - 1) // 2 - wanted) // 2  # inversions that bring S down to `wanted`
        for _ in range(excess):  # one exchange of neighbours is one inversion
            place = next(i for i in range(n - 1) if order[i] < order[i + 1])
            order[place], order[place + 1] = order[place + 1], order[place]
        assert loops.kendall_s(order) == wanted
        rows += [[5000 + 20 * each for each in order], [5000 - 20 * each for each in order]]
    rows.append([5000] * n)
    rows.append([5000] * 8 + [NODATA] * 8)
    rows.append([5000, *[5001] * (n - 1)])
    rows += [[NODATA] * (n - valid) + list(range(100, 100 + valid)) for valid in range(n + 1)]
    return np.array(rows, np.int16)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("compat", [None, "trends.earth"])
@pytest.mark.parametrize("slope", ["linear", "theil_sen"])
def test_trend(seed, compat, slope):
    values = np.concatenate([hard_series(), random_series(seed, cells=120)])
    here = session(len(values))
    add_series(here, "ANNUAL", values, range(2000, 2016))
    local = productivity.trend(dims(values, range(2000, 2016)), compat=compat, slope=slope).isel(
        y=0
    )
    options = {"years": BASELINE, "compat": compat, "slope": slope}
    with here.installed():
        image = ee_productivity.trend(ee.ImageCollection("ANNUAL"), detail=True, **options)
        bands = here.pixels(image)
        alone = found(here, ee_productivity.trend(ee.ImageCollection("ANNUAL"), **options))
    classes = bands["trend"][0].filled(NODATA)
    assert classes.tolist() == local["trend"].values.tolist() == alone.tolist()
    years = list(range(2000, 2016))
    expected = [loops.trend(years, row, compat=compat, slope=slope) for row in values.tolist()]
    assert classes.tolist() == [each[4] for each in expected]
    valid = classes != NODATA
    assert (bands["s"][0].filled(0)[valid] == local["s"].values[valid]).all()
    assert (bands["n"][0].filled(0)[valid] == local["n"].values[valid]).all()
    np.testing.assert_allclose(bands["p"][0].filled(np.nan), local["p"].values, rtol=1e-9)
    np.testing.assert_allclose(
        bands["slope"][0].filled(np.nan), local["slope"].values, rtol=1e-9, atol=1e-9
    )
    assert len(set(classes[valid])) == 3


def test_trend_of_a_short_and_of_a_long_window():
    random = np.random.default_rng(5)
    for n in (15, 45):  # exact, and too long for the exact distribution
        years = range(1980, 1980 + n)
        values = np.arange(n) * random.normal(0, 30, (60, 1)) + random.normal(0, 300, (60, n))
        values = (5000 + values).round().astype(np.int16)
        here = session(60)
        add_series(here, "ANNUAL", values, years)
        with here.installed():
            image = ee_productivity.trend(ee.ImageCollection("ANNUAL"), years=(years[0], years[-1]))
            assert (
                found(here, image) == productivity.trend(dims(values, years))["trend"].values[0]
            ).all()
    with here.installed(), pytest.raises(ValueError, match="found 45 years"):
        ee_productivity.trend(
            ee.ImageCollection("ANNUAL"), years=(1980, 2024), compat="trends.earth"
        )


def test_trend_when_a_year_is_missing_from_the_collection():
    values = random_series(8, cells=50)
    kept = [0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15]
    years = [2000 + place for place in kept]
    here = session(50)
    add_series(here, "ANNUAL", values[:, kept], years)
    with here.installed():
        image = ee_productivity.trend(ee.ImageCollection("ANNUAL"), years=BASELINE)
        classes = found(here, image)
    assert (classes == productivity.trend(dims(values[:, kept], years))["trend"].values[0]).all()


def edges_of_state():
    """Recent means that lie exactly on a decile of the history, and just beside it."""
    rows = []
    for start, step in ((1000, 70), (3000, 10), (5000, 0)):
        history = [start + step * place for place in range(13)]
        margin = Fraction(max(history) - min(history), 20)
        longer = sorted([*history, min(history) - margin, max(history) + margin])
        for decile in range(10, 100, 10):
            edge = loops.percentile(longer, decile)
            for beside in (-1, 0, 1):
                whole = math.floor(edge) + beside
                rows.append([*history, whole, whole, whole])
    return np.array(rows, np.int16)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("method", ["percentile", "zscore"])
@pytest.mark.parametrize("compat", [None, "trends.earth"])
def test_state(seed, method, compat):
    values = np.concatenate([edges_of_state(), random_series(seed, cells=150)])
    here = session(len(values))
    add_series(here, "ANNUAL", values, range(2000, 2016))
    options = {"history": HISTORY, "recent": RECENT, "method": method, "compat": compat}
    with here.installed():
        classes = found(here, ee_productivity.state(ee.ImageCollection("ANNUAL"), **options))
    local = productivity.state(dims(values, range(2000, 2016)), **options).values[0]
    assert classes.tolist() == local.tolist()
    expected = [
        loops.state(row[:13], row[13:], method=method, compat=compat) for row in values.tolist()
    ]
    assert classes.tolist() == expected
    assert len(set(classes)) == 4
    assert not here.notes["percentile"], "the server's own percentile is not used"


def test_state_of_decimals():
    """Floats whose means lie exactly on an edge: rounding never decides."""
    values = edges_of_state() / 10_000
    here = session(len(values))
    add_series(here, "ANNUAL", values, range(2000, 2016))
    with here.installed():
        image = ee_productivity.state(
            ee.ImageCollection("ANNUAL"), history=HISTORY, recent=RECENT, scale=1
        )
        classes = found(here, image)
    local = productivity.state(
        dims(values, range(2000, 2016)), history=HISTORY, recent=RECENT, scale=1
    )
    assert (classes == local.values[0]).all()


def units_of(values, seed=1):
    units = np.random.default_rng(seed).integers(1, 5, len(values)).astype(np.int32) * 100_000 + 50
    units[::17] = NODATA
    return units


@pytest.mark.parametrize("inclusive", [False, True])
def test_performance_in_two_steps(inclusive):
    random = np.random.default_rng(11)
    values = random.integers(500, 9000, (300, 1)) + random.integers(-50, 50, (300, 16))
    values[random.random(values.shape) < 0.3] = NODATA
    values = values.astype(np.int16)
    units = units_of(values)
    # unit 900 050: eleven cells, p90 = 6000; a cell of exactly half, one below, one above
    values[:11], units[:11] = 6000, 900_050
    values[0], values[1], values[2] = 3000, 2999, 3001
    # unit 800 050: never positive, so it has no reference
    values[20:25], units[20:25] = -100, 800_050
    here = session(len(values))
    add_series(here, "ANNUAL", values, range(2000, 2016))
    add_layer(here, "UNITS", units)
    with here.installed():
        means = ee_productivity.mean(ee.ImageCollection("ANNUAL"), years=BASELINE)
        place = {"crs": here.grid.crs, "crs_transform": here.grid.t}
        region = ee.Geometry.Rectangle([0, 0, 1, 1], proj="EPSG:4326", geodesic=False)
        counts = ee_productivity.performance_counts(
            means, ee.Image("UNITS"), region=region, **place
        )
        table = ee_productivity.performance_reference(counts.getInfo())
        classes = found(
            here,
            ee_productivity.performance(
                means, ee.Image("UNITS"), reference=table, inclusive=inclusive
            ),
        )
    annual, unit = dims(values, range(2000, 2016)), xr.DataArray(units[None], dims=("y", "x"))
    local = productivity.performance_reference(annual, unit)
    pd.testing.assert_frame_equal(table, local)
    expected = productivity.performance(annual, unit, reference=local, inclusive=inclusive)
    assert classes.tolist() == expected.values[0].tolist()
    assert classes[:3].tolist() == [-1 if inclusive else 0, -1, 0]
    assert set(classes[20:25]) == {NODATA}
    for cell in range(0, 300, 7):  # the plain loop, with exact fractions
        series = [value for value in values[cell].tolist() if value != NODATA]
        p90 = local.set_index("unit")["p90"].get(units[cell])
        if len(series) >= 8 and p90 and p90 > 0:
            mean = Fraction(sum(series), len(series))
            assert classes[cell] == loops.performance(mean, Fraction(p90), inclusive=inclusive)


def test_dynamics_of_every_combination():
    triples = np.array(
        list(product([NODATA, -1, 0, 1], [NODATA, -1, 0, 1], [NODATA, -1, 0])), np.int16
    )
    here = session(len(triples))
    for name, values in zip("TSP", triples.T):
        add_layer(here, name, values)
    with here.installed():
        lpd = ee_productivity.dynamics(*(ee.Image(name) for name in "TSP"))
        five = found(here, lpd)
        three = found(here, ee_productivity.degradation(lpd))
    assert five.tolist() == productivity.dynamics(*triples.T).tolist()
    assert three.tolist() == productivity.degradation(five.astype(np.int16)).tolist()
    for triple, lpd_class in zip(triples.tolist(), five.tolist()):
        assert lpd_class == loops.productivity_dynamics(*triple)


# ---- soil organic carbon ------------------------------------------------------------------------


def covers(seed, years, cells=200):
    random = np.random.default_rng(seed)
    steps = random.random((cells, len(years))) < random.choice([0.05, 0.3], (cells, 1))
    cover = random.integers(1, 8, (cells, len(years)))
    for place in range(1, len(years)):
        cover[:, place] = np.where(steps[:, place], cover[:, place], cover[:, place - 1])
    cover[random.random(cover.shape) < random.choice([0, 0.15], (cells, 1))] = NODATA
    return cover.astype(np.int16)


@pytest.mark.parametrize(
    ("years", "timing"),
    [
        (list(range(2000, 2024)), "start"),
        ([2000, 2015], "start"),
        ([2000, 2005, 2010, 2015, 2022], "middle"),
        ([1992, 1998, 2003, 2015], "start"),
        ([1992, 1998, 2003, 2015], "middle"),
    ],
)
@pytest.mark.parametrize("seed", range(2))
def test_soil_stocks(years, timing, seed):
    cover = covers(seed, years)
    random = np.random.default_rng(seed)
    reference = random.uniform(0, 150, len(cover)).round(1)
    reference[::13] = np.nan
    f = random.choice([0.80, 0.69, 0.58, 0.48, 0.64, np.nan], len(cover)).astype(np.float32)
    wanted = [2000, 2004, 2015, 2020]
    here = session(len(cover))
    add_series(here, "LC", cover[:, ::-1], years[::-1])  # out of order: it is sorted
    add_layer(here, "REF", reference)
    add_layer(here, "F", f)
    with here.installed():
        image = ee_soil.stocks(
            ee.Image("REF"),
            ee.ImageCollection("LC"),
            ee.Image("F"),
            wanted=wanted,
            years=years,
            timing=timing,
        )
        bands = here.pixels(image)
    local = soil.stock_kernel(
        reference,
        cover.T,
        f,
        years=years,
        wanted=wanted,
        factors=soil.factor_table(),
        timing=timing,
    )
    assert list(bands) == [f"y{year}" for year in wanted]
    for year, expected in zip(wanted, local):
        values = bands[f"y{year}"][0].filled(np.nan)
        np.testing.assert_allclose(values, expected, rtol=1e-13)
        assert np.isnan(expected).any() and (~np.isnan(expected)).any()
    if years[0] != 2000:
        return
    for cell in range(0, len(cover), 9):
        maps = dict(zip(years, map(int, cover[cell])))
        factor = None if np.isnan(f[cell]) else round(float(f[cell]), 6)
        origin = None if np.isnan(reference[cell]) else float(reference[cell])
        exact = loops.soil_stocks(origin, maps, factor, timing=timing)
        for year in wanted:
            expected = exact.get(year, exact[max(exact)])
            value = bands[f"y{year}"][0].filled(np.nan)[cell]
            if expected is None:
                assert np.isnan(value)
            elif year in exact:
                assert value == pytest.approx(float(expected), rel=1e-12)


def test_soil_stock_by_hand():
    #  grassland to cropland right after 2000, f = 0.80: 100 → 80 in 20 years, so 85 in 2015
    here = session(1)
    add_series(here, "LC", np.array([[2, 3]], np.int16), [2000, 2015])
    add_layer(here, "REF", np.array([100.0]))
    with here.installed():
        image = ee_soil.stocks(
            ee.Image("REF"), ee.ImageCollection("LC"), 0.8, wanted=[2000, 2015], years=[2000, 2015]
        )
        assert [float(found(here, image, band)[0]) for band in (0, 1)] == [100, 85]
        with pytest.raises(ValueError, match="not in order"):
            ee_soil.stocks(
                ee.Image("REF"), ee.ImageCollection("LC"), 0.8, wanted=[2015], years=[2015, 2000]
            )


@pytest.mark.parametrize(
    "options", [{}, {"inclusive": True}, {"inclusive": True, "truncate": True}]
)
def test_soil_change_at_the_threshold(options):
    first = np.array([100.0, 100, 100, 100, 0, np.nan, 50, 30, 70, 100, 100])
    last = np.array([90.0, 110, 90 - 1e-5, 110 + 1e-5, 5, 5, 45, 33, 77, 89.9999999, 110.9])
    random = np.random.default_rng(2)
    first = np.append(first, random.uniform(1, 150, 200).round(2))
    last = np.append(last, first[11:] * random.choice([0.9, 1.1, 0.85, 1.0, 1.2], 200))
    here = session(len(first))
    add_layer(here, "A", first)
    add_layer(here, "B", last)
    with here.installed():
        percent = ee_soil.change(ee.Image("A"), ee.Image("B"))
        values = found(here, percent)
        classes = found(here, ee_soil.degradation(percent, **options))
    local = soil.change(first, last)
    np.testing.assert_array_equal(values, local)
    assert classes.tolist() == soil.degradation(local, **options).tolist()
    inclusive = options.get("inclusive", False)
    if "truncate" not in options:
        exact = [
            loops.soil_degradation(
                None if np.isnan(each) else Fraction(str(round(float(each), 6))),
                inclusive=inclusive,
            )
            for each in local
        ]
        assert classes.tolist() == exact
    assert classes[:2].tolist() == ([-1, 1] if inclusive else [0, 0])


def test_halves_are_rounded_as_numpy_rounds():
    values = np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999, 10000000.5, -7.2, 3.0, 1e9])
    here = session(len(values))
    add_layer(here, "V", values)
    with here.installed():
        assert found(here, shared.rint(ee.Image("V"))).tolist() == np.rint(values).tolist()


# ---- drought ------------------------------------------------------------------------------------


def rain(cells=60, first=1981, last=2012, seed=0):
    """Months of rain: wet and dry places, places where it rarely rains, gaps."""
    random = np.random.default_rng(seed)
    months = (last - first + 1) * 12
    shape = random.uniform(0.3, 6, (1, cells))
    series = random.gamma(shape, random.uniform(2, 60, (1, cells)), (months, cells)).round(1)
    dry = random.choice([0, 0, 0.6, 0.97], (1, cells))
    series[random.random(series.shape) < dry] = 0
    series[:, 0] = 0  # it never rains
    series[:, 1] = 10  # always the same
    series[random.random(series.shape) < random.choice([0, 0, 0.01], (1, cells))] = np.nan
    return series


def add_months(here, name, series, first):
    images = []
    for place, row in enumerate(as_row(series)):
        start = dt.datetime(first + place // 12, place % 12 + 1, 1, tzinfo=dt.UTC)
        at = {"system:time_start": int(start.timestamp() * 1000)}
        images.append(({"precipitation": row}, at))
    here.add_asset(name, images)


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("scale", "month"), [(12, 12), (3, 6)])
def test_spi(scale, month, order):
    series = rain()
    here = session(series.shape[1], gammainc_shape=order)
    add_months(here, "RAIN", series, 1981)
    times = [(year, month_) for year in range(1981, 2013) for month_ in range(1, 13)]
    years, local, _ = drought_kernels.index_of_month(series, times, scale=scale, month=month)
    with here.installed():
        index = ee_drought.spi(
            ee.ImageCollection("RAIN"), years=(1981, 2012), month=month, scale=scale
        )
        for place in (0, 1, 5, 20, 31):
            image = index.filter(ee.Filter.eq("year", int(years[place]))).first()
            values = found(here, image)
            np.testing.assert_allclose(values, local[place], atol=2e-7)
            classes = found(here, ee_drought.classes(image))
            assert classes.tolist() == drought.classes(local[place]).tolist()
    assert np.isnan(local).any() and (local == np.float32(-3.09)).any()


def test_spi_by_a_plain_loop():
    """Thom's fit and the mixed distribution, one cell, from the formulas."""
    from scipy import stats

    series = rain(seed=4)
    cell = int(np.flatnonzero(np.isfinite(series).all(axis=0) & (series.mean(axis=0) > 3))[2])
    sums = [float(series[12 * year : 12 * year + 12, cell].sum()) for year in range(32)]
    known = [amount for amount in sums[:30] if amount > 0]
    mean = sum(known) / len(known)
    a = math.log(mean) - sum(map(math.log, known)) / len(known)
    shape = (1 + math.sqrt(1 + 4 * a / 3)) / (4 * a)
    q = (30 - len(known)) / 30
    here = session(series.shape[1])
    add_months(here, "RAIN", series, 1981)
    with here.installed():
        index = ee_drought.spi(ee.ImageCollection("RAIN"), years=(1981, 2012))
        for year in (1981, 1995, 2011):
            h = q + (1 - q) * stats.gamma.cdf(sums[year - 1981], shape, scale=mean / shape)
            expected = min(max(stats.norm.ppf(h), -3.09), 3.09)
            value = found(here, index.filter(ee.Filter.eq("year", year)).first())[cell]
            assert value == pytest.approx(expected, abs=2e-7)
        with pytest.raises(ValueError, match="inside the years"):
            ee_drought.spi(ee.ImageCollection("RAIN"), years=(1990, 2012))


def test_normal_score():
    from scipy import special

    p = np.concatenate(
        [np.linspace(1e-6, 1 - 1e-6, 999), special.ndtr([-2, -1.5, -1, 0, 1.5]), [0, 1]]
    )
    here = session(len(p))
    add_layer(here, "P", p)
    with here.installed():
        score = found(here, ee_drought.normal_score(ee.Image("P")))
    np.testing.assert_allclose(score[:-2], special.ndtri(p[:-2]), atol=1e-12, rtol=1e-12)
    assert score[-2] < -5.9 and score[-1] > 5.9


@pytest.mark.parametrize("compat", [None, "trends.earth"])
def test_drought_classes_at_the_thresholds(compat):
    edges = np.array([0, -1, -1.5, -2], np.float32)
    below, above = (
        np.nextafter(edges, -9, dtype=np.float32),
        np.nextafter(edges, 9, dtype=np.float32),
    )
    index = np.concatenate([edges, below, above, [3.09, -3.09, np.nan]]).astype(np.float32)
    here = session(len(index))
    add_layer(here, "I", index)
    with here.installed():
        classes = found(here, ee_drought.classes(ee.Image("I"), compat=compat))
    assert classes.tolist() == drought.classes(index, compat=compat).tolist()
    assert classes[:4].tolist() == ([0, 1, 2, 3] if compat else [1, 2, 3, 4])


def test_worst_class_of_a_window():
    classes = np.array([[0, 1, 1, 4, 2], [NODATA, 3, NODATA, 0, 1], [NODATA] * 4 + [4]], np.int16)
    here = session(3)
    add_series(here, "C", classes, range(2000, 2005))
    with here.installed():
        worst = found(here, ee_drought.worst(ee.ImageCollection("C"), years=(2000, 2003)))
    local = drought.worst(dims(classes, range(2000, 2005)), years=(2000, 2003))
    assert worst.tolist() == local.values[0].tolist() == [4, 3, NODATA]


# ---- people -------------------------------------------------------------------------------------


def test_people_by_class():
    #  class    -1   0   1  no data  -1      persons  10  20  30  40  no data
    classes = np.array([-1, 0, 1, NODATA, -1], np.int16)
    people = np.array([10.0, 20, 30, 40, np.nan])
    here = session(5)
    add_layer(here, "C", classes)
    add_layer(here, "N", people)
    with here.installed():
        place = {"crs": here.grid.crs, "crs_transform": here.grid.t}
        place["region"] = ee.Geometry.Rectangle([0, 0, 1, 1], proj="EPSG:4326", geodesic=False)
        nearest = ee_population.exposed(ee.Image("C"), ee.Image("N"), **place).getInfo()
        shares = ee_population.exposed_by_share(
            ee.Image("C"), (-1, 0, 1), ee.Image("N"), **place
        ).getInfo()
    for answer in (nearest, shares):
        table = ee_population.exposed_table(answer)
        assert table["class"].tolist() == [NODATA, -1, 0, 1]
        assert table["persons"].tolist() == [40, 10, 20, 30]
        assert table["share"].tolist() == [40, 10, 20, 30]


# ---- the graphs themselves ----------------------------------------------------------------------


def graph(value):
    return json.loads(value.serialize(for_cloud_api=True))


def calls_of(node, name):
    """Every call of a function in a graph."""
    if isinstance(node, dict):
        if node.get("functionName") == name:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for part in node:
            yield from calls_of(part, name)


def small(value):
    """Bytes and nodes of a graph."""
    text = value.serialize(for_cloud_api=True)
    return len(text), text.count('"functionName"')


def graphs(years=16):
    """Name to graph, for a window of some years."""
    last = 1999 + years
    annual, index = ee.ImageCollection("ANNUAL"), ee.ImageCollection("RAIN")
    reference = pd.DataFrame({"unit": [100_050, 200_050], "p90": [6000.0, 7000.0]})
    a, b, c = ee.Image("A"), ee.Image("B"), ee.Image("C")
    maps = list(range(2000, last + 1))
    return {
        "reclassify": ee_landcover.reclassify(a),
        "land_cover_degradation": ee_landcover.degradation(a, b),
        "annual": ee_productivity.annual(ee.ImageCollection("VI"), years=(2000, last)),
        "trend": ee_productivity.trend(annual, years=(2000, last)),
        "state": ee_productivity.state(annual, history=(2000, last - 3), recent=(last - 2, last)),
        "performance": ee_productivity.performance(
            ee_productivity.mean(annual, years=(2000, last)), a, reference=reference
        ),
        "dynamics": ee_productivity.dynamics(a, b, c),
        "soil": ee_soil.stocks(a, ee.ImageCollection("LC"), b, wanted=[2000, last], years=maps),
        "soil_degradation": ee_soil.degradation(ee_soil.change(a, b)),
        "sdg": ee_degradation.one_out_all_out(a, b, c),
        "status": ee_degradation.status(a, b),
        "spi": ee_drought.spi(index, years=(1981, 1996 + years)).first(),
        "drought": ee_drought.classes(a),
    }


#: Most bytes and function calls that a graph may have.
LIMITS = {
    "reclassify": (4_500, 20),
    "land_cover_degradation": (4_000, 25),
    "annual": (6_000, 45),
    "trend": (17_000, 125),
    "state": (17_000, 130),
    "performance": (5_500, 40),
    "dynamics": (5_500, 35),
    "soil": (24_000, 165),
    "soil_degradation": (5_000, 40),
    "sdg": (5_500, 35),
    "status": (3_500, 25),
    "spi": (30_000, 230),
    "drought": (2_500, 20),
}


def test_graphs_are_small():
    with session(1).installed():
        for name, value in graphs().items():
            size, calls = small(value)
            most = LIMITS[name]
            assert size <= most[0] and calls <= most[1], f"{name}: {size} bytes, {calls} calls"


def test_graphs_do_not_grow_with_pairs_of_years():
    with session(1).installed():
        short, long = graphs(16), graphs(32)
        for name in short:
            (size, calls), (size_long, calls_long) = small(short[name]), small(long[name])
            assert calls_long == calls, name
            assert size_long - size < 1_000, name  # a few constants for each year at most


@pytest.mark.parametrize("name", sorted(LIMITS))
def test_graph_as_kept(name, request):
    """The graph is the kept one; a change is a decision (pytest --update-golden)."""
    folder = Path(__file__).parent / "golden_earthengine"
    with session(1).installed():
        value = graphs()[name]
        text = json.dumps(graph(value), sort_keys=True)
        size, calls = small(value)
    now = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "bytes": size, "calls": calls}
    path = folder / f"{name}.json"
    if request.config.getoption("--update-golden"):
        folder.mkdir(exist_ok=True)
        path.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
        return
    assert json.loads(path.read_text(encoding="utf-8")) == now


def test_the_critical_values_are_those_of_the_tables():
    with session(1).installed():
        n = ee.Image.constant(1)
        text = significance.significant(n, n, n, length=16, alpha=0.05).serialize()
    from ldnkit.mannkendall import critical_s

    assert json.dumps([critical_s(count, 0.05) for count in range(17)])[1:-1] in text


def test_kernels_and_graphs_share_the_scale():
    assert ee_productivity.SCALE == kernels.SCALE
