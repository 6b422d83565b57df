"""SO3-1: time axes, sums, classes, windows; and the index where it can be worked out by hand."""

import subprocess
import sys
import warnings

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from test_lazy import CountingScheduler

from ldnkit import drought, drought_kernels, tables, timeaxis
from ldnkit.findings import InputError
from ldnkit.tables import NODATA

CELLS = {"y": 2, "x": 3}
# series from January 1981 have 29 sums for January to November: a warning of its own test
pytestmark = pytest.mark.filterwarnings("ignore:.*29 sums of")


def months_from(first, count, **calendar):
    return xr.date_range(f"{first}-01", periods=count, freq="MS", **calendar)


def rain(years=30, *, first=1981, seed=0, wet=1.2, shape=(2, 3), **calendar):
    """Months of gamma-distributed rain (mm) in a few cells."""
    time = months_from(f"{first}-01", 12 * years, **calendar)
    values = np.random.default_rng(seed).gamma(wet, 40, (len(time), *shape))
    return xr.DataArray(
        values,
        dims=("time", "y", "x")[: 1 + len(shape)],
        coords={"time": time, "spatial_ref": ((), 0, {"crs_wkt": "EPSG:4326"})},
    )


def yearly(values, first=1981):
    """A series with the same amount in every month of a year, one cell."""
    time = months_from(f"{first}-01", 12 * len(values))
    return xr.DataArray(
        np.repeat(np.asarray(values, float), 12), dims="time", coords={"time": time}
    )


# ---- the index by hand -----------------------------------------------------------------------


def test_worked_example_of_four_years():
    """Sums 10, 20, 30 and 0 mm in a reference of four years.

    Positive sums: mean = 20, ln 20 = 2.995732
    mean of ln = (2.302585 + 2.995732 + 3.401197) / 3 = 2.899838
    A = 0.095894;  shape = (1 + √(1 + 4 × 0.095894 / 3)) / (4 × 0.095894) = 5.3757
    scale = 20 / 5.3757 = 3.7204;  q = 1/4
    0 mm:   H = 1/4                        SPI = Φ⁻¹(0.25) = -0.6745
    20 mm:  x = 20 / 3.7204 = 5.3757
            G = xᵃ e⁻ˣ / Γ(a + 1) × (1 + x/(a + 1) + x²/((a + 1)(a + 2)) + …)
              = 0.1694 × 3.2900 = 0.5574
            H = 0.25 + 0.75 × 0.5574 = 0.6680                     SPI = Φ⁻¹(0.6680) = 0.4345
    """
    time = xr.date_range("2000-01-01", periods=48, freq="MS")
    amounts = np.zeros(48)
    amounts[::12] = [10, 20, 30, 0]
    series = xr.DataArray(amounts, dims="time", coords={"time": time})
    with pytest.warns(UserWarning, match="4 sums of 1 months for month 1; expected 30 sums"):
        index = drought.spi(series, scale=1, month=1, reference=(2000, 2003))
    assert index["year"].values.tolist() == [2000, 2001, 2002, 2003]
    assert float(index[3]) == pytest.approx(-0.6745, abs=5e-5)
    assert float(index[1]) == pytest.approx(0.4345, abs=1e-4)


def test_december_speaks_for_the_year():
    """Twelve months that end in December: the whole calendar year, nothing of another."""
    amounts = np.arange(1.0, 31)
    series = yearly(amounts)
    december = drought.spi(series, month=12)
    assert december.dims == ("year",) and december["year"].values.tolist() == [*range(1981, 2011)]
    ordered = december.sortby(xr.DataArray(amounts, dims="year"))
    assert (np.diff(ordered) > 0).all()
    sums = drought.accumulate(series, 12)
    assert sums[11::12].values.tolist() == (12 * amounts).tolist()
    assert np.isnan(sums[:11]).all() and sums[12] == 11 * 1 + 2


def test_all_months_hold_the_december():
    series = rain()
    whole, december = drought.spi(series), drought.spi(series, month=12)
    np.testing.assert_array_equal(whole.values[11::12], december.values)
    assert np.isnan(whole[:11]).all() and not np.isnan(whole[11:]).any()


def test_what_a_result_is_called():
    series = rain().chunk(time=-1).compute()
    index = drought.spi(series, month=12, fit="ml")
    assert index.dtype == np.float32 and index.dims == ("year", "y", "x") and index.name == "spi"
    assert index.attrs == {
        "long_name": "SPI-12",
        "units": "1",
        "reference": "1981-2010",
        "distribution": "gamma (ml)",
        "limit": 3.09,
    }
    assert index["spatial_ref"].attrs == {"crs_wkt": "EPSG:4326"}
    assert drought.spei(series, month=12).attrs["distribution"] == "log-logistic"
    assert drought.spi(series.transpose("y", "time", "x"), scale=3).dims == ("y", "time", "x")


def test_defaults_are_those_of_the_methods_table():
    method = tables.method("manual")
    defaults = drought.spi.__kwdefaults__
    assert defaults["scale"] == method["drought_scale"]
    assert defaults["fit"] == method["drought_fit"]
    assert defaults["limit"] == method["drought_limit"]
    reference = method["drought_reference_first"], method["drought_reference_last"]
    assert defaults["reference"] == drought.spei.__kwdefaults__["reference"] == reference
    assert drought_kernels.needed_sums(reference) == tables.constant("drought_minimum_sums")
    assert tables.constant("drought_full_sums") == reference[1] - reference[0] + 1


def test_beyond_the_limit_is_cut():
    """The reference knows 90 to 110 mm; 2011 brings 900 mm, 2012 nothing at all."""
    series = yearly([*np.linspace(90, 110, 30), 900, 0])
    index = drought.spi(series, month=12)
    assert float(index.sel(year=2011)) == np.float32(3.09)
    assert float(index.sel(year=2012)) == np.float32(-3.09)  # H(0) = q = 0
    wider = drought.spi(series, month=12, limit=8)
    assert 3.09 < float(wider.sel(year=2011)) <= 8 and float(wider.sel(year=2012)) == -8
    assert drought.spei(series, month=12).sel(year=[2011, 2012]).values.tolist() == [
        np.float32(3.09),
        np.float32(-3.09),
    ]


def test_years_outside_the_reference_use_its_fit():
    series = rain(years=40)
    whole = drought.spi(series, month=12)
    changed = series.copy()
    changed[360:] *= 3
    again = drought.spi(changed, month=12)
    np.testing.assert_array_equal(
        whole.sel(year=slice(None, 2010)), again.sel(year=slice(None, 2010))
    )
    assert (again.sel(year=slice(2012, None)) > whole.sel(year=slice(2012, None))).all()


# ---- zeros, gaps, cells without an index -----------------------------------------------------


def zeros_and_rain(dry, years=30):
    """``dry`` years without rain among years of 11, 12, … mm."""
    amounts = np.arange(11.0, 11 + years)
    amounts[:dry] = 0
    return yearly(amounts)


def test_a_dry_sum_has_the_share_of_dry_sums():
    """q = 6/30 = 0.2: H(0) = 0.2, SPI = Φ⁻¹(0.2) = -0.8416; any rain gives more."""
    index = drought.spi(zeros_and_rain(6), month=12)
    assert index[:6].values == pytest.approx(np.full(6, -0.8416), abs=5e-5)
    assert (index[6:] > index[0]).all()


# A third of 30 sums is 10: not more than a third.
@pytest.mark.parametrize("dry, flag", [(0, 0), (9, 0), (10, 0), (11, 1), (28, 1)])
def test_more_than_a_third_dry_is_flagged(dry, flag):
    series = zeros_and_rain(dry)
    assert int(drought.quality(series)) == flag
    assert not np.isnan(drought.spi(series, month=12)).any()


@pytest.mark.parametrize("years, dry", [(27, 9), (33, 11), (60, 20)])
def test_exactly_a_third_is_not_more(years, dry):
    series = zeros_and_rain(dry, years)
    reference = (1981, 1980 + years)
    assert int(drought.quality(series, reference=reference)) == 0
    more = zeros_and_rain(dry + 1, years)
    assert int(drought.quality(more, reference=reference)) == 1


@pytest.mark.parametrize(
    "amounts",
    [np.zeros(30), np.full(30, 41.7), [5.0] + 29 * [0.0], [5.0, 5.0] + 28 * [0.0]],
    ids=["never", "always the same", "once", "twice the same"],
)
def test_nothing_to_fit(amounts):
    series = yearly(amounts)
    assert np.isnan(drought.spi(series, month=12)).all()
    assert np.isnan(drought.spi(series, month=12, fit="ml")).all()
    assert int(drought.quality(series)) == 3


def test_a_balance_that_never_changes_has_no_index():
    series = yearly(np.full(30, -17.3))
    assert np.isnan(drought.spei(series, month=12)).all()
    assert int(drought.quality(series, kind="SPEI")) == 3
    # zero is a value like others
    assert int(drought.quality(yearly([0.0] * 20 + [*range(10)]), kind="SPEI")) == 0


def test_a_missing_month_takes_its_twelve_sums():
    series = rain()
    series[100, 0, 0] = np.nan  # May 1989
    whole, index = drought.spi(rain()), drought.spi(series)
    missing = np.isnan(index[:, 0, 0].values)
    assert np.flatnonzero(missing).tolist() == [*range(11), *range(100, 112)]
    np.testing.assert_array_equal(index[:, 1, 2], whole[:, 1, 2])
    assert drought.quality(series)[0].values.tolist() == [4, 0, 0]


# 85 % of 30 years are 25.5: 26 sums are enough.
@pytest.mark.parametrize("gaps, code", [(0, 0), (4, 4), (5, 2), (30, 2)])
def test_sums_that_a_reference_needs(gaps, code):
    series = rain(years=35)
    series[5 : 12 * gaps : 12, 0, 0] = np.nan  # June of the first years
    index = drought.spi(series, month=12)[:, 0, 0]
    assert int(drought.quality(series)[0, 0]) == code
    assert np.isnan(index).sum() == (35 if code == 2 else gaps)
    assert int(drought.quality(series)[1, 1]) == 0


def test_the_sea_is_no_data():
    series = rain()
    series[:, 0, 1] = np.nan
    assert np.isnan(drought.spi(series)[:, 0, 1]).all()
    assert drought.quality(series)[0].values.tolist() == [0, NODATA, 0]


def test_stored_integers():
    """-32768 is no data, as everywhere; other integers are mm."""
    series = rain().round().astype(np.int16)
    series[100, 0, 0] = NODATA
    same = series.astype(float).where(series != NODATA)
    np.testing.assert_array_equal(drought.spi(series), drought.spi(same))
    np.testing.assert_array_equal(drought.spi(series), drought.spi(same.astype(np.float32)))


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_is_no_data(value):
    series, gap = rain(), rain()
    series[50, 1, 1], gap[50, 1, 1] = value, np.nan
    np.testing.assert_array_equal(drought.spi(series), drought.spi(gap))


def test_negative_precipitation_is_refused():
    series = rain()
    series[7, 1, 1] = -9999
    message = r"negative: found -9999 mm in 1 cells.*declare the fill value"
    with pytest.raises(ValueError, match=message):
        drought.spi(series)
    with pytest.raises(ValueError, match=message):
        drought.spi(series.chunk(x=1), month=12).compute()
    assert not np.isnan(drought.spei(series, month=12)).any()


# ---- how long the series must be -------------------------------------------------------------


def test_sums_of_a_series_from_january_1981():
    """30 sums of twelve months for December, 29 for the others: a warning for these."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drought.spi(rain(), month=12)
        drought.spi(rain(years=31, first=1980))
    with pytest.warns(UserWarning, match="29 sums of 12 months for months 1, 2, .*10, 11; expec"):
        drought.spi(rain())


@pytest.mark.parametrize(
    "first, december, others",
    [("1980-02", "", ""), ("1981-01", "", "29"), ("1985-01", "26", "25"), ("1985-02", "25", "25")],
)
def test_a_late_start(first, december, others):
    times = timeaxis.months(
        xr.DataArray(np.zeros(400), dims="time", coords={"time": months_from(first, 400)})
    )
    for months, count in ((12,), december), ((1, 2, 11), others):
        found = timeaxis.reference_problems(times, months=months)
        assert [finding.found[:2] for finding in found] == ([count] if count else [])
        severity = ["error" if count < "26" else "warning"] if count else []
        assert [finding.severity for finding in found] == severity


def test_too_short_for_the_reference():
    with pytest.raises(InputError, match="25 sums of 12 months for month 12; expected at least 26"):
        drought.spi(rain(years=25), month=12)
    with pytest.raises(InputError) as stopped:
        drought.spi(rain(years=26, first=1985))
    assert len(stopped.value.findings) == 1 and "25 sums" in str(stopped.value)
    assert "it goes from 1985-01 to 2010-12" in str(stopped.value)
    with pytest.raises(InputError, match="0 sums"):
        drought.spi(rain(), reference=(1951, 1980), month=12)
    # the engine asks for the codes instead
    assert (drought.quality(rain(), reference=(1951, 1980)) == 2).all()
    assert (drought.quality(rain(), kind="SPEI", reference=(1951, 1980)) == 2).all()


def test_another_reference():
    series = rain(years=43)
    index = drought.spi(series, month=12, reference=(1991, 2020))
    assert abs(float(index.sel(year=slice(1991, 2020)).mean())) < 0.02
    assert not np.allclose(index, drought.spi(series, month=12))


@pytest.mark.parametrize(
    "options, message",
    [
        ({"fit": "moments"}, "Unknown fit: found 'moments'; use thom or ml"),
        ({"scale": 0}, "scale is a whole number of at least 1: found 0"),
        ({"scale": 1.5}, "scale is a whole number"),
        ({"month": 13}, "month is a whole number from 1 to 12: found 13"),
        ({"reference": (2010, 1981)}, r"found \(2010, 1981\); use \(1981, 2010\)"),
        ({"limit": 0}, "limit must be positive: found 0"),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ValueError, match=message):
        drought.spi(rain(), **options)


def test_unknown_kind():
    with pytest.raises(ValueError, match="Unknown kind: found 'PDSI'; use SPI or SPEI"):
        drought.quality(rain(), kind="PDSI")


# ---- time axes -------------------------------------------------------------------------------


@pytest.mark.parametrize("calendar", ["noleap", "360_day", "standard"])
def test_calendars(calendar):
    series = rain(calendar=calendar, use_cftime=True)
    np.testing.assert_array_equal(drought.spi(series), drought.spi(rain()))
    np.testing.assert_array_equal(drought.spi(series)["time"], series["time"])


def test_any_day_of_the_month():
    series = rain()
    middle = series.assign_coords(time=series["time"] + np.timedelta64(14, "D"))
    np.testing.assert_array_equal(drought.spi(middle), drought.spi(series))


def test_every_problem_of_a_time_axis_at_once():
    series = rain()
    # without June to September 1981 and 1990-03; 1989-09 twice; 1989-05 and -06 out of order
    steps = np.r_[0:5, 9:100, 104, 101, 100, 102, 103, 104, 105:110, 111:360]
    with pytest.raises(InputError) as stopped:
        drought.spi(series.isel(time=steps))
    found = [finding.found for finding in stopped.value.findings]
    assert found == [
        "1989-06 after 1989-09, 1989-05 after 1989-06",
        "1989-09 more than once",
        "no 1981-06 to 1981-09, 1990-03",
    ]
    for finding in stopped.value.findings:
        assert finding.severity == "error" and finding.expected and finding.remedy


def test_the_remedies_work():
    series = rain().astype(np.float32)
    gappy = series.isel(time=np.r_[0:5, 9:360])
    mended = gappy.resample(time="MS").asfreq()
    assert timeaxis.months(mended) == timeaxis.months(series)
    assert np.isnan(mended[5:9]).all()
    upside_down = series[::-1]
    with pytest.raises(InputError, match="2010-11 after 2010-12.* and 354 more places"):
        drought.spi(upside_down)
    xr.testing.assert_equal(drought.spi(upside_down.sortby("time")), drought.spi(series))


def test_days_are_not_months():
    time = xr.date_range("1981-01-01", periods=90, freq="D")
    with pytest.raises(InputError, match="1981-01 to 1981-03 more than once.*drought.monthly"):
        drought.spi(xr.DataArray(np.ones(90), dims="time", coords={"time": time}))


@pytest.mark.parametrize(
    "series, message",
    [
        (xr.DataArray(np.ones((2, 2)), dims=("y", "x")), "needs a dimension time: found"),
        (xr.DataArray(np.ones(12), dims="time"), "must hold dates: found none"),
        (
            xr.DataArray(np.ones(3), dims="time", coords={"time": [1, 2, 3]}),
            "found values of type int64; decode them",
        ),
        (
            xr.DataArray(
                np.ones(2), dims="time", coords={"time": np.array(["1981-01", "NaT"], "M8[ns]")}
            ),
            "no date at step 1",
        ),
        (rain().isel(time=slice(0)), "found no month"),
    ],
)
def test_axes_without_dates(series, message):
    with pytest.raises(ValueError, match=message):
        drought.spi(series)


def test_a_dataset_is_not_a_series():
    with pytest.raises(TypeError, match="found Dataset; take one variable"):
        drought.spi(rain().to_dataset(name="rain"))


@pytest.mark.parametrize("steps", [np.r_[0:5, 6:400], np.r_[0:9, 8:400], np.r_[1, 0, 2:400]])
def test_the_kernels_refuse_incomplete_months(steps):
    times = [(1981 + row // 12, row % 12 + 1) for row in steps]
    for kernel in (drought_kernels.index_of_month, drought_kernels.index_of_all):
        with pytest.raises(ValueError, match="must follow one another.*month_problems"):
            kernel(np.ones((len(times), 1)), times)


def test_a_series_without_the_month():
    times = [(1981, month) for month in range(1, 8)]
    years, index, quality = drought_kernels.index_of_month(np.ones((7, 2)), times, month=12)
    assert len(years) == len(index) == 0 and quality.tolist() == [2, 2]


# ---- days to months --------------------------------------------------------------------------


def daily(first, last, **calendar):
    time = xr.date_range(first, last, freq="D", **calendar)
    return xr.DataArray(np.ones(len(time)), dims="time", coords={"time": time})


# 85 % of 31, 30, 29 and 28 days are 26.35, 25.5, 24.65 and 23.8
@pytest.mark.parametrize(
    "month, days, needed",
    [("2001-01", 31, 27), ("2001-04", 30, 26), ("2004-02", 29, 25), ("2001-02", 28, 24)],
)
def test_days_that_a_month_needs(month, days, needed):
    whole = daily(f"{month}-01", f"{month}-{days}")
    enough, few = whole.copy(), whole.copy()
    enough[: days - needed] = np.nan
    few[: days - needed + 1] = np.nan
    assert drought.monthly(whole).values.tolist() == [days]
    assert drought.monthly(enough).values.tolist() == [needed]  # not scaled up to the month
    assert np.isnan(drought.monthly(few)).all()
    # days that the axis lacks are missing too
    assert drought.monthly(whole[days - needed :]).values.tolist() == [needed]
    assert np.isnan(drought.monthly(whole[days - needed + 1 :])).all()


def test_share_of_days_hit_exactly():
    whole = daily("2001-04-01", "2001-04-30")
    assert drought.monthly(whole[:27], minimum_share=90).values.tolist() == [27]
    assert np.isnan(drought.monthly(whole[:26], minimum_share=90)).all()
    assert drought.monthly(whole[:21], minimum_share=70).values.tolist() == [21]
    assert drought.monthly(whole[:1], minimum_share=0).values.tolist() == [1]


def test_a_month_without_any_day_stays_on_the_axis():
    series = daily("2001-01-01", "2001-04-30")
    series = series.isel(time=np.r_[0:31, 90:120])  # no February, no March
    found = drought.monthly(series)
    assert timeaxis.months(found) == [(2001, 1), (2001, 2), (2001, 3), (2001, 4)]
    np.testing.assert_array_equal(found, [31, np.nan, np.nan, 30])


@pytest.mark.parametrize(
    "calendar, expected", [("noleap", [31, 28, 31]), ("360_day", [30, 30, 30])]
)
def test_months_of_other_calendars(calendar, expected):
    series = daily("2004-01-01", "2004-03-30", calendar=calendar, use_cftime=True)
    found = drought.monthly(series)
    assert found.values.tolist() == expected[:2] + [30]
    assert np.isnan(drought.monthly(series[:-5])[2])  # 25 of 30 or 31 days
    assert found["time"].dt.calendar == calendar


def test_days_as_integers_in_cells():
    series = daily("2001-01-01", "2001-02-28").astype(np.int16).expand_dims(y=2, x=2)
    series = series.transpose("y", "time", "x").copy()
    series[0, 31:40, 1] = NODATA
    found = drought.monthly(series)
    assert found.dims == ("y", "time", "x") and found.attrs == {"units": "mm"}
    np.testing.assert_array_equal(found[0, :, 1], [31, np.nan])
    np.testing.assert_array_equal(found[1, :, 1], [31, 28])


def test_days_out_of_order_or_twice():
    series = daily("2001-01-01", "2001-01-31")
    with pytest.raises(InputError) as stopped:
        drought.monthly(series.isel(time=np.r_[0:3, 2:5, 4, 9, 8]))
    assert [finding.found for finding in stopped.value.findings] == [
        "2001-01-09 after 2001-01-10",
        "2001-01-03, 2001-01-05 more than once",
    ]
    hours = xr.date_range("2001-01-01", periods=72, freq="h")
    with pytest.raises(InputError, match="2001-01-01 to 2001-01-03 more than once.*hours of a day"):
        drought.monthly(xr.DataArray(np.ones(72), dims="time", coords={"time": hours}))


# ---- classes ---------------------------------------------------------------------------------

# index just above, exactly on and just below each boundary
BOUNDARIES = {
    # boundary: (above, manual on it, Trends.Earth on it, below)
    0.0: (0, 1, 0, 1),
    -1.0: (1, 2, 1, 2),
    -1.5: (2, 3, 2, 3),
    -2.0: (3, 4, 3, 4),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_boundaries_hit_exactly(boundary, dtype):
    above, manual, compat, below = BOUNDARIES[boundary]
    one = dtype(boundary)
    index = np.array([np.nextafter(one, dtype(9)), one, np.nextafter(one, dtype(-9))])
    assert drought.classes(index).tolist() == [above, manual, below]
    assert drought.classes(index, compat="trends.earth").tolist() == [above, compat, below]


def test_classes_in_between():
    index = np.array([3.09, 0.5, -0.5, -0.99, -0.995, -1.2, -1.7, -2.5, -3.09, np.nan, -0.0])
    expected = [0, 0, 1, 1, 1, 2, 3, 4, 4, NODATA, 1]
    assert drought.classes(index).tolist() == expected
    assert drought.classes(index, compat="trends.earth").tolist() == [*expected[:-1], 0]
    stored = np.array([2, 0, -1, -2, NODATA], np.int16)
    assert drought.classes(stored).tolist() == [0, 1, 2, 4, NODATA]


def test_classes_are_those_of_the_palette():
    table, palette = tables.read("drought_classes"), tables.palette("drought")
    named = palette[palette["code"] != NODATA]
    assert table[["code", "key"]].values.tolist() == named[["code", "key"]].values.tolist()
    assert table["upper"].dropna().tolist() == [0, -1, -1.5, -2]


def test_unknown_compat():
    with pytest.raises(ValueError, match="Unknown compat: found 'te'; use None or 'trends.earth'"):
        drought.classes(np.zeros(1), compat="te")
    assert drought.classes(np.zeros(1), compat="").tolist() == [1]  # an empty cell of methods.csv


def test_classes_keep_labels():
    index = drought.spi(rain(), month=12)
    found = drought.classes(index)
    assert found.dtype == np.int16 and found.dims == index.dims and found.attrs == {}
    assert found["spatial_ref"].attrs == {"crs_wkt": "EPSG:4326"}


# ---- windows ---------------------------------------------------------------------------------


def world(years):
    """Classes of a 2 × 2 world, one small map a year."""
    values = np.array(list(years.values()), np.int16).reshape(len(years), 2, 2)
    return xr.DataArray(values, dims=("year", "y", "x"), coords={"year": list(years)})


def test_a_window_of_four_years_has_four_years():
    # 1999   2000   2001   2002   2003   2004        2000–2003
    # | 4 4  | 1 0  | 0 0  | 2 0  | 0 3  | 4 4        | 2 3
    # | 4 4  | 0 -  | 0 1  | 0 -  | 0 0  | 4 4        | 0 1     (- no data)
    classes = world(
        {
            1999: [4, 4, 4, 4],
            2000: [1, 0, 0, NODATA],
            2001: [0, 0, 0, 1],
            2002: [2, 0, 0, NODATA],
            2003: [0, 3, 0, 0],
            2004: [4, 4, 4, 4],
        }
    )
    found = drought.worst(classes, years=(2000, 2003))
    assert found.values.tolist() == [[2, 3], [0, 1]]
    assert found.dtype == np.int16
    assert found.attrs == {"first": 2000, "last": 2003, "years_used": [2000, 2001, 2002, 2003]}


@pytest.mark.parametrize("year", range(2000, 2024))
def test_every_year_counts_in_one_window_only(year):
    """A drought of one year shows in the window that holds it, also in its first and last year."""
    empty = {other: [0, 0, 0, 0] for other in range(2000, 2024)}
    classes = world(empty | {year: [4, 0, 0, 0]})
    hit = [
        window
        for window in drought.windows(2023)
        if int(drought.worst(classes, years=window).max()) == 4
    ]
    assert hit == [(year - year % 4, year - year % 4 + 3)]


def test_windows():
    assert drought.windows(2023) == [
        (2000, 2003), (2004, 2007), (2008, 2011), (2012, 2015), (2016, 2019), (2020, 2023),
    ]  # fmt: skip
    assert drought.windows(2020)[-1] == (2020, 2023)
    assert drought.windows(2019)[-1] == (2016, 2019)
    assert drought.windows(2009, first=2000, length=5) == [(2000, 2004), (2005, 2009)]


def test_missing_years_of_a_window():
    classes = world({2000: [NODATA, 1, 0, NODATA], 2002: [NODATA, NODATA, 0, 4]})
    found = drought.worst(classes, years=(2000, 2003))
    assert found.values.tolist() == [[NODATA, 1], [0, 4]]
    assert found.attrs["years_used"] == [2000, 2002]
    none = drought.worst(classes, years=(2004, 2007))
    assert (none == NODATA).all() and none.dtype == np.int16 and none.attrs["years_used"] == []


def test_windows_the_wrong_way_round():
    classes = world({2000: [0, 0, 0, 0]})
    with pytest.raises(ValueError, match=r"years is a first and a last year: found \(2003, 2000\)"):
        drought.worst(classes, years=(2003, 2000))
    with pytest.raises(ValueError, match="need a dimension year"):
        drought.worst(classes[0], years=(2000, 2003))


# ---- what must not matter --------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(range(6)), size=st.integers(1, 6), scale=st.sampled_from([1, 3, 12]))
def test_the_company_of_a_cell_does_not_matter(order, size, scale):
    """Any order of cells, any part of them: the very same digits."""
    series = rain(wet=0.3, shape=(6,))
    series[:, 1] = np.where(series[:, 1] < 20, 0, series[:, 1])
    series[40:50, 2] = np.nan
    index = drought.spi(series, scale=scale)
    some = list(order)[:size]
    np.testing.assert_array_equal(drought.spi(series[:, some], scale=scale), index[:, some])
    balance = series - 30
    np.testing.assert_array_equal(
        drought.spei(balance[:, some], month=12), drought.spei(balance, month=12)[:, some]
    )


@settings(max_examples=20, deadline=None)
@given(rows=st.integers(1, 5), columns=st.integers(1, 7), block=st.integers(1, 40))
def test_chunks_and_blocks_do_not_matter(rows, columns, block):
    series = rain(shape=(5, 7))
    series[:, 2, 3] = np.nan
    expected = drought.spi(series)
    chunked = drought.spi(series.chunk(y=rows, x=columns))
    xr.testing.assert_identical(chunked.compute(scheduler="synchronous"), expected)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drought_kernels, "CELLS", block)
        xr.testing.assert_identical(drought.spi(series), expected)


@settings(max_examples=25, deadline=None)
@given(factor=st.floats(0.01, 1000), dry=st.integers(0, 12), fit=st.sampled_from(["thom", "ml"]))
def test_the_unit_of_rain_does_not_matter(factor, dry, fit):
    series = rain(shape=())
    series[: 12 * dry] = 0
    index = drought.spi(series, month=12, fit=fit)
    scaled = drought.spi(series * factor, month=12, fit=fit)
    np.testing.assert_allclose(scaled, index, atol=1e-6)


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-1000, 1000), factor=st.floats(0.1, 100))
def test_the_level_of_a_balance_does_not_matter(shift, factor):
    series = rain(shape=())
    index = drought.spei(series, month=12)
    np.testing.assert_allclose(drought.spei(series * factor + shift, month=12), index, atol=1e-5)


@settings(max_examples=40, deadline=None)
@given(more=st.floats(0, 500), amount=st.floats(0, 500), dry=st.integers(0, 12))
def test_more_rain_is_never_drier(more, amount, dry):
    """A year outside the reference, with less and with more rain."""
    wet = np.random.default_rng(3).gamma(2, 50, 30)
    wet[:dry] = 0
    less = drought.spi(yearly([*wet, amount]), month=12)
    than = drought.spi(yearly([*wet, amount + more]), month=12)
    assert float(than[-1]) >= float(less[-1])
    assert float(drought.classes(than)[-1]) <= float(drought.classes(less)[-1])
    np.testing.assert_array_equal(less[:-1], than[:-1])
    assert np.abs(less).max() <= np.float32(3.09)
    balance = drought.spei(yearly([*wet, amount]) - 60, month=12)
    higher = drought.spei(yearly([*wet, amount + more]) - 60, month=12)
    assert float(higher[-1]) >= float(balance[-1])


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_threads_do_not_matter(workers, monkeypatch):
    monkeypatch.setattr(drought_kernels, "CELLS", 4)
    series = rain(shape=(5, 7))
    times = timeaxis.months(series)
    index = drought_kernels.index_of_all(series.values, times, workers=workers)
    np.testing.assert_array_equal(index, drought.spi(series))
    years, december, quality = drought_kernels.index_of_month(series.values, times, workers=workers)
    assert years.tolist() == [*range(1981, 2011)] and december.dtype == np.float32
    np.testing.assert_array_equal(december, index[11::12])
    assert quality.dtype == np.int16 and (quality == 0).all() and quality.shape == (5, 7)


# ---- laziness --------------------------------------------------------------------------------

SERIES = rain(shape=(5, 7))
LAZY = {
    "spi": (drought.spi, SERIES),
    "spi of a month": (lambda layer: drought.spi(layer, month=6, scale=3, fit="ml"), SERIES),
    "spei": (lambda layer: drought.spei(layer, month=12), SERIES - 40),
    "quality": (drought.quality, SERIES),
    "accumulate": (lambda layer: drought.accumulate(layer, 12), SERIES),
    "classes": (drought.classes, drought.spi(SERIES, month=12)),
    "worst": (
        lambda layer: drought.worst(layer, years=(2000, 2003)),
        drought.classes(drought.spi(SERIES, month=12)),
    ),
    "monthly": (drought.monthly, daily("2001-01-01", "2001-03-31").expand_dims(y=5, x=7)),
}


@pytest.mark.parametrize("name", LAZY)
def test_lazy_and_equal_to_numpy(name):
    import dask

    function, layer = LAZY[name]
    expected = function(layer)
    scheduler = CountingScheduler()
    with dask.config.set(scheduler=scheduler):
        found = function(layer.chunk(y=2, x=4))
    assert scheduler.count == 0
    assert dask.is_dask_collection(found.data), f"{name} is not lazy"
    assert found.dtype == expected.dtype and found.dims == expected.dims
    computed = found.compute(scheduler="synchronous")
    assert computed.dtype == expected.dtype
    xr.testing.assert_identical(computed, expected)


@pytest.mark.parametrize("name", ["spi", "spei", "quality", "accumulate"])
def test_time_split_over_chunks_is_refused_kindly(name):
    function, layer = LAZY[name]
    with pytest.raises(ValueError, match=r"found 3 chunks; use series.chunk\(time=-1\)"):
        function(layer.chunk(time=120))


def test_days_and_windows_may_be_split_over_chunks():
    function, layer = LAZY["monthly"]
    xr.testing.assert_identical(function(layer.chunk(time=40)).compute(), function(layer))
    function, layer = LAZY["worst"]
    xr.testing.assert_identical(function(layer.chunk(year=4)).compute(), function(layer))


def test_import_stays_light():
    heavy = ["rasterio", "matplotlib", "netCDF4", "zarr", "scipy.stats", "numba", "dask.array"]
    code = (
        f"import sys\nfrom ldnkit import drought\nprint([n for n in {heavy} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
