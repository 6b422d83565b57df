"""Dask arrays stay lazy, and give what NumPy arrays give; integers and floats alike."""

import subprocess
import sys

import dask
import numpy as np
import pandas as pd
import pytest
import reference
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from series import BASELINE, HISTORY, NODATA, RECENT, random_series

from ldnkit import areas, degradation, landcover, productivity, soil

ROWS, COLUMNS = 12, 10


class CountingScheduler:
    """Counts what dask computes and refuses more than is allowed."""

    def __init__(self, allowed=0):
        self.allowed, self.count = allowed, 0

    def __call__(self, graph, keys, **options):
        self.count += 1
        if self.count > self.allowed:
            raise AssertionError(f"dask computed {self.count} times; allowed: {self.allowed}")
        return dask.get(graph, keys, **options)


def grid(values, dtype=np.int16):
    return xr.DataArray(np.asarray(values, dtype).reshape(ROWS, COLUMNS), dims=("y", "x"))


def classes(seed, codes=(-1, 0, 1, NODATA)):
    return grid(np.random.default_rng(seed).choice(codes, ROWS * COLUMNS))


def years_of(values, years, dtype):
    values = np.asarray(values, dtype).reshape(ROWS, COLUMNS, -1)
    return xr.DataArray(
        np.ascontiguousarray(np.moveaxis(values, -1, 0)),
        dims=("year", "y", "x"),
        coords={"year": list(years)},
    )


def annual(dtype=np.int16):
    series = random_series(seed=20, cells=ROWS * COLUMNS)
    if np.dtype(dtype).kind == "f":
        series = np.where(series == NODATA, np.nan, series)
    return years_of(series, BASELINE, dtype)


def land_cover(years=(2000, 2007, 2015)):
    random = np.random.default_rng(21)
    codes = [*range(1, 8), NODATA]
    values = random.choice(codes, (ROWS * COLUMNS, len(years)), p=[0.13] * 7 + [0.09])
    return years_of(values, years, np.int16)


def composites():
    random = np.random.default_rng(22)
    values = random.uniform(0.1, 0.9, (36, ROWS, COLUMNS))
    values[random.random(values.shape) < 0.3] = np.nan
    time = pd.date_range("2000-01-01", periods=36, freq="MS")
    return xr.DataArray(values, dims=("time", "y", "x"), coords={"time": time})


def stock():
    return grid(np.random.default_rng(23).uniform(10, 200, ROWS * COLUMNS), np.float64)


UNITS = classes(24, (1, 2, 3, NODATA))
TABLE = productivity.performance_reference(annual(), UNITS)
MATRICES = {1: "unccd", 2: "unccd"}
WINDOWS = {"history": HISTORY, "recent": RECENT}

# name: (function of the layers, layers)
CASES = {
    "reclassify": (
        lambda cover: landcover.reclassify(cover, "esa_cci"),
        [classes(1, (10, 50, 120, 190, 210, NODATA))],
    ),
    "transitions": (landcover.transitions, [classes(2, range(1, 8)), classes(3, range(1, 8))]),
    "land cover degradation": (
        landcover.degradation,
        [classes(2, (*range(1, 8), NODATA)), classes(3, (*range(1, 8), NODATA))],
    ),
    "land cover degradation by region": (
        lambda first, last, regions: landcover.degradation(
            first, last, matrix=MATRICES, regions=regions
        ),
        [classes(2, range(1, 8)), classes(3, range(1, 8)), classes(4, (1, 2, NODATA))],
    ),
    "annual": (productivity.annual, [composites()]),
    "annual, season across the year end": (
        lambda vi: productivity.annual(vi, season=(10, 4), method="mean"),
        [composites()],
    ),
    "vegetation index": (
        productivity.vegetation_index,
        [abs(stock()) / 1000, abs(stock()) / 500],
    ),
    "trend": (productivity.trend, [annual()]),
    "trend, gaps as NaN": (productivity.trend, [annual(np.float32)]),
    "trend, Theil-Sen": (
        lambda layer: productivity.trend(layer, slope="theil_sen"),
        [annual()],
    ),
    "trend, Trends.Earth": (
        lambda layer: productivity.trend(layer, compat="trends.earth"),
        [annual()],
    ),
    "state": (lambda layer: productivity.state(layer, **WINDOWS), [annual()]),
    "state, z-score": (
        lambda layer: productivity.state(layer, method="zscore", **WINDOWS),
        [annual()],
    ),
    "performance": (
        lambda layer, units: productivity.performance(layer, units, reference=TABLE),
        [annual(), UNITS],
    ),
    "dynamics": (productivity.dynamics, [classes(5), classes(6), classes(7, (-1, 0, NODATA))]),
    "productivity degradation": (productivity.degradation, [classes(8, (1, 2, 3, 4, 5, NODATA))]),
    "restrend": (productivity.restrend, [annual(), annual(np.float64) / 7]),
    "use efficiency": (productivity.use_efficiency, [annual(), annual(np.float64) / 7]),
    "soil stocks": (
        lambda reference, cover, f: soil.stocks(reference, cover, f),
        [stock(), land_cover(), xr.full_like(stock(), 0.58)],
    ),
    "soil change": (soil.change, [stock(), stock()[::-1]]),
    "soil degradation": (soil.degradation, [stock() / 5 - 20]),
    "one out, all out": (degradation.one_out_all_out, [classes(9), classes(10), classes(11)]),
    "status": (degradation.status, [classes(12), classes(13)]),
    "status in detail": (degradation.status_detail, [classes(12), classes(13)]),
}


def chunked(layer):
    """Several blocks of uneven size over the cells, time whole."""
    return layer.chunk({dim: size for dim, size in {"y": 5, "x": 7}.items() if dim in layer.dims})


@pytest.mark.parametrize("name", CASES)
def test_lazy_and_equal_to_numpy(name):
    function, layers = CASES[name]
    expected = function(*layers)
    scheduler = CountingScheduler()
    with dask.config.set(scheduler=scheduler):
        found = function(*(chunked(layer) for layer in layers))
    assert scheduler.count == 0
    variables = found.data_vars.values() if isinstance(found, xr.Dataset) else [found]
    for variable in variables:
        assert dask.is_dask_collection(variable.data), f"{name} is not lazy"
    computed = found.compute(scheduler="synchronous")
    xr.testing.assert_equal(computed, expected)
    for variable, like in zip(
        variables,
        expected.data_vars.values() if isinstance(expected, xr.Dataset) else [expected],
        strict=True,
    ):
        assert variable.dtype == like.dtype, f"{name}: the promised type is not the computed one"
        assert variable.dims == like.dims


def test_the_scheduler_counts():
    """The guard itself: a function that computes does not pass."""
    with (
        dask.config.set(scheduler=CountingScheduler()),
        pytest.raises(AssertionError, match="computed"),
    ):
        chunked(stock()).compute()


def test_unknown_codes_speak_up_when_computed():
    cover = chunked(classes(30, (50, 51)))
    lazy = landcover.reclassify(cover, "esa_cci")
    with pytest.raises(ValueError, match="51"):
        lazy.compute(scheduler="synchronous")


@pytest.mark.parametrize(
    "function",
    [
        productivity.trend,
        lambda layer: productivity.state(layer, **WINDOWS),
        lambda layer: productivity.performance(layer, UNITS, reference=TABLE),
    ],
    ids=["trend", "state", "performance"],
)
def test_years_split_over_chunks_are_refused_kindly(function):
    with pytest.raises(ValueError, match="year=-1"):
        function(annual().chunk(year=4))


def test_soil_years_split_over_chunks_are_refused():
    with pytest.raises(ValueError, match="year"):
        soil.stocks(stock(), land_cover().chunk(year=1), xr.full_like(stock(), 0.58))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("rows", [slice(0, 1), slice(3, 9)])
def test_a_window_gives_what_the_whole_gives(name, rows):
    """Cells are judged one by one: a window of the result is the result of the window."""
    function, layers = CASES[name]
    whole = function(*layers).isel(y=rows)
    xr.testing.assert_equal(function(*(layer.isel(y=rows) for layer in layers)), whole)


@pytest.mark.parametrize("name", CASES)
def test_coordinates_are_kept(name):
    function, layers = CASES[name]
    places = {"y": 10 - np.arange(ROWS) / 400, "x": 20 + np.arange(COLUMNS) / 400}
    found = function(*(layer.assign_coords(places) for layer in layers))
    for dim, values in places.items():
        np.testing.assert_array_equal(found[dim], values)
    assert set(found.dims) <= {"year", "y", "x"}


CLASS_LAYERS = [
    "reclassify", "land cover degradation", "land cover degradation by region", "state",
    "state, z-score", "performance", "dynamics", "productivity degradation", "soil degradation",
    "one out, all out", "status", "status in detail",
]  # fmt: skip


@pytest.mark.parametrize("name", CLASS_LAYERS)
def test_class_layers_are_int16(name):
    function, layers = CASES[name]
    assert function(*layers).dtype == np.int16


@pytest.mark.parametrize("other", [np.int32, np.float32, np.float64])
def test_stored_integers_and_floats_give_the_same_productivity(other):
    stored, same = annual(), annual(other)
    for slope in ("linear", "theil_sen"):
        xr.testing.assert_equal(
            productivity.trend(stored, slope=slope), productivity.trend(same, slope=slope)
        )
    for method in ("percentile", "zscore"):
        xr.testing.assert_equal(
            productivity.state(stored, method=method, **WINDOWS),
            productivity.state(same, method=method, **WINDOWS),
        )
    xr.testing.assert_equal(
        productivity.performance(stored, UNITS), productivity.performance(same, UNITS)
    )


@settings(max_examples=15)
@given(rows=st.integers(1, ROWS), columns=st.integers(1, COLUMNS))
def test_any_chunks_give_the_same(rows, columns):
    layers = classes(14), classes(15), classes(16)
    expected = degradation.one_out_all_out(*layers)
    found = degradation.one_out_all_out(
        *(layer.chunk({"y": rows, "x": columns}) for layer in layers)
    )
    xr.testing.assert_equal(found.compute(scheduler="synchronous"), expected)


@settings(max_examples=15)
@given(rows=st.integers(1, ROWS))
def test_area_is_conserved_over_chunks(rows):
    layer = classes(17)
    area = np.linspace(0.05, 0.08, ROWS)[:, None]
    parts = [
        areas.crosstab(area[start : start + rows], status=layer.values[start : start + rows])
        for start in range(0, ROWS, rows)
    ]
    merged = areas.merge(parts)
    whole = areas.crosstab(area, status=layer.values)
    pd.testing.assert_frame_equal(merged, whole, rtol=1e-12, check_dtype=False)
    expected = reference.crosstab(
        np.broadcast_to(area, (ROWS, COLUMNS)).ravel(), status=layer.values.ravel()
    )
    assert dict(zip(merged["status"], merged["cells"], strict=True)) == {
        key[0]: cells for key, (_, cells) in expected.items()
    }


def test_import_stays_light():
    """`import ldnkit` and the indicators load nothing heavy before it is used."""
    heavy = ["rasterio", "matplotlib", "leafmap", "geemap", "ee"]
    code = (
        "import sys, ldnkit\n"
        "from ldnkit import areas, degradation, landcover, periods, productivity, soil\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
