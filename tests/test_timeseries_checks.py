"""What is told about series and ready indices before a long run.

The good series has 60 mm in each month from January 1981 to December 2023: 720 mm a year.
"""

import netCDF4
import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from shapely import box
from test_timeseries import a_country, write_cube, write_raster

from ldnkit import tables
from ldnkit.periods import time_spans
from ldnkit.sources.timeseries import units
from ldnkit.sources.timeseries import values as value_checks
from ldnkit.sources.timeseries.checks import look

MONTHS = 516


def rain(count=MONTHS, *, amount=60.0):
    return np.full((count, 3, 4), amount)


def told(country, *severities):
    """The findings as text, without the remark on the reference system."""
    findings = [str(f) for f in look(country) if not severities or f.severity in severities]
    return [text for text in findings if "EPSG:4326" not in text]


def of_cube(folder, values, *, key="precipitation", drought=None, **options):
    write_cube(folder / "rain.nc", values, **options)
    return told(a_country(folder, **{key: "rain.nc"}, **(drought or {})))


# --------------------------------------------------------------------------- nothing wrong
def test_a_good_series_has_nothing_but_a_remark_on_its_reference_system(tmp_path):
    write_cube(tmp_path / "rain.nc", rain(), units="mm/month")
    [finding] = look(a_country(tmp_path, precipitation="rain.nc"))
    assert finding.severity == "info"
    assert "longitude and latitude (EPSG:4326) are assumed" in finding.found


def test_without_the_section_there_is_nothing_to_look_at(tmp_path):
    country = a_country(tmp_path)
    assert look(country) == []
    country.drought = None
    assert look(country) == []


# -------------------------------------------------------------------------- the time axis
def test_every_gap_and_every_repeat_is_listed(tmp_path):
    time = np.arange(MONTHS)
    keep = ~np.isin(time, [120, 124, 125, 300])  # 1991-01, 1991-05, 1991-06, 2006-01
    time = np.append(time[keep], [12, 13])  # 1982-01 and 1982-02 once more
    found = of_cube(tmp_path, rain(len(time)), time=time)
    assert "a step back to 1982-01; expected times in order" in found[0]
    assert "Error" in found[1] and "1982-01 to 1982-02 more than once" in found[1]
    assert "Warning" in found[2]
    assert "no 1991-01, 1991-05 to 1991-06, 2006-01; expected every month from 1981-01" in found[2]
    # two of the Decembers are lost: those of 1991 and 2006
    assert "28 complete sums of 12 months up to month 12" in found[3]
    assert "(none for 1991, 2006)" in found[3]
    assert "no complete sum for 2006; expected every year from 2000 to 2023" in found[4]
    assert len(found) == 5


@pytest.mark.parametrize(
    ("first", "count", "severity"),
    [(1981, 30, None), (1982, 29, "Warning"), (1985, 26, "Warning"), (1986, 25, "Error")],
)
def test_sums_of_the_reference_period(tmp_path, first, count, severity):
    months = 12 * (2024 - first)
    found = of_cube(tmp_path, rain(months), time_units=f"months since {first}-01-01")
    if severity is None:
        assert found == []
    else:
        [text] = found
        assert text.startswith(severity)
        assert f"{count} complete sums of 12 months" in text
        assert f"none for 1981{'' if first == 1982 else f' to {first - 1}'})" in text


def test_other_scales_months_and_reference_periods(tmp_path):
    write_cube(tmp_path / "rain.nc", rain())
    country = a_country(tmp_path, precipitation="rain.nc")
    country.parameters |= {"drought_month": 6}  # the first June lacks half its months
    assert "29 complete sums of 12 months up to month 6" in told(country)[0]
    country.parameters |= {"drought_scale": 3}
    assert told(country) == []
    country.parameters |= {"drought_reference_first": 1991}  # twenty years: 17 are enough
    [text] = told(country, "warning")
    assert "20 complete sums" in text and "expected 30 sums" in text


def test_years_of_the_tables_without_a_sum(tmp_path):
    [text] = of_cube(tmp_path, rain(MONTHS - 13))
    assert "no complete sum for 2022 to 2023" in text and text.startswith("Warning")
    found = of_cube(tmp_path, rain(228))  # to the end of 1999
    assert any(text.startswith("Error") and "for 2000 to 2023" in text for text in found)


@pytest.mark.parametrize(
    ("step", "options", "text"),
    [
        ("month", {"time_units": "days since 1981-01-01"}, "write drought: time_step: day"),
        ("day", {}, "Write drought: time_step: month"),
        ("day", {"time_units": "hours since 1981-01-01"}, "Add the hours up to days first"),
        ("month", {"time": np.arange(MONTHS) / 3}, "about 3 for each month"),
    ],
)
def test_another_time_step_than_the_country_file_says(tmp_path, step, options, text):
    found = of_cube(tmp_path, rain(), drought={"time_step": step}, **options)
    assert sum(text in line for line in found) == 1
    assert all("more than once" not in line for line in found)


def test_calendars_of_months_are_a_remark(tmp_path):
    found = of_cube(tmp_path, rain(), calendar="360_day", time=np.arange(MONTHS) * 30,
                    time_units="days since 1981-01-01")  # fmt: skip
    [text] = found
    assert text.startswith("Info") and "calendar 360_day" in text


@pytest.mark.parametrize(
    ("calendar", "days", "severity", "words"),
    [
        ("noleap", 365, "Info", "no 29 February"),
        ("360_day", 360, "Warning", "not those of the civil calendar"),
    ],
)
def test_calendars_of_days(tmp_path, calendar, days, severity, words):
    found = of_cube(
        tmp_path,
        np.full((43 * days, 1, 1), 2.0).repeat(4, axis=2),
        y=[8.5],
        calendar=calendar,
        time_units="days since 1981-01-01",
        drought={"time_step": "day"},
    )
    [text] = found
    assert text.startswith(severity) and words in text


def test_missing_days_count_when_they_are_many(tmp_path):
    days = np.arange(43 * 365 + 10)
    lost = ((days > 40) & (days < 45)) | (days == 365)  # four days of February 1981: 24 of 28 left
    lost |= (days >= 3652) & (days < 3657)  # five days of January 1991: 26 of 31 are too few
    values = np.full((len(days) - lost.sum(), 1, 4), 2.0)
    found = of_cube(
        tmp_path, values, y=[8.5], time=days[~lost], time_units="days since 1981-01-01",
        drought={"time_step": "day"},
    )  # fmt: skip
    assert "no 1981-02-11 to 1981-02-14, 1982-01-01, 1991-01-01 to 1991-01-05" in found[0]
    assert "29 complete sums" in found[1] and "(none for 1991)" in found[1]
    assert len(found) == 2


def test_times_at_the_end_of_their_months(tmp_path):
    edges = np.cumsum([0, *[30.4375] * MONTHS])
    path = write_cube(
        tmp_path / "rain.nc", rain(), time=edges[1:] + 0.4, time_units="days since 1981-01-01"
    )
    with netCDF4.Dataset(path, "a") as file:
        file.createDimension("ends", 2)
        file["time"].bounds = "time_bnds"
        file.createVariable("time_bnds", "f8", ("time", "ends"))[:] = np.c_[edges[:-1], edges[1:]]
    found = told(a_country(tmp_path, precipitation="rain.nc"))
    assert any("times that stand at the end of their months" in text for text in found)


# ------------------------------------------------------------------------------- the place
def test_a_series_elsewhere(tmp_path):
    write_cube(tmp_path / "rain.nc", rain())
    [text] = told(a_country(tmp_path, box(10, 40, 12, 42), precipitation="rain.nc"))
    assert text.startswith("Error")
    assert "does not touch the country (30.00, 7.00, 34.00, 10.00)" in text


def test_a_series_that_ends_inside_the_country(tmp_path):
    write_cube(tmp_path / "rain.nc", rain())
    # eight cells, of which two are beyond 34° E
    [text] = told(a_country(tmp_path, box(31, 8, 35, 10), precipitation="rain.nc"))
    assert "25.0 % of its cells are outside" in text and text.startswith("Warning")


def test_cells_without_values_at_a_coast(tmp_path):
    values = rain()
    values[:, 1, 2] = np.nan
    [text] = of_cube(tmp_path, values)  # the country has two cells, (1, 1) and (1, 2)
    assert "no value at all in 50.0 % of the country's cells" in text
    assert of_cube(tmp_path, np.where(np.isnan(values), 1, np.nan)) != []


def test_a_country_smaller_than_a_cell(tmp_path):
    write_cube(tmp_path / "rain.nc", rain())
    assert told(a_country(tmp_path, box(31.1, 8.1, 31.2, 8.2), precipitation="rain.nc")) == []


def test_a_country_across_180(tmp_path):
    x = np.arange(-175, 180, 10.0)
    values = np.full((MONTHS, 2, 36), 60.0)
    write_cube(tmp_path / "rain.nc", values, y=[5.0, -5.0], x=x)
    country = a_country(tmp_path, box(172, -8, 188, 8), crosses_180=True, precipitation="rain.nc")
    assert told(country) == []


def test_a_series_without_values(tmp_path):
    [text] = of_cube(tmp_path, np.full((MONTHS, 3, 4), np.nan))
    assert text.startswith("Error") and "no valid value in the country" in text


def test_months_without_any_value(tmp_path):
    values = rain()
    values[[7, 8, 100]] = np.nan
    [text] = of_cube(tmp_path, values)
    assert "no value anywhere in 1981-08 to 1981-09, 1989-05" in text


# ------------------------------------------------------------------------------ the values
@pytest.mark.parametrize("fill", (-9999.0, -99.9, -5.0))
def test_negative_precipitation_is_an_error(tmp_path, fill):
    values = rain()
    values[::2, 0, 0] = fill  # one of twelve cells in half of the months
    write_cube(tmp_path / "rain.nc", values)
    [text] = told(a_country(tmp_path, precipitation="rain.nc"))
    assert text.startswith("Error") and "4.2 % of the values looked at" in text
    if fill == -5.0:
        assert "negative precipitation" in text and "down to -5" in text
    else:
        assert f"write drought: nodata: [{fill:g}] in country.yml" in text
    # declared in the country file, it is no data
    assert told(a_country(tmp_path, precipitation="rain.nc", nodata=(fill,))) == []


def test_negative_roundings_are_told_as_such(tmp_path):
    values = rain()
    values[3, 1, 1] = -1e-6
    [text] = of_cube(tmp_path, values)
    assert text.startswith("Error") and "These are roundings: set them to 0" in text


def test_fill_values_far_above_the_rain(tmp_path):
    values = (rain() * 10).astype(np.int16)  # tenths of mm
    values[:, 0, 0] = 32767
    options = {"dtype": "i2", "scale_factor": 0.1}
    [text] = of_cube(tmp_path, values, **options)
    assert "32767 in 8.3 % of the values looked at" in text and "nodata: [32767]" in text
    assert of_cube(tmp_path, values, drought={"nodata": (32767,)}, **options) == []
    values = rain()
    values[:, 0, 0] = 1e20
    [text] = of_cube(tmp_path, values)
    assert "nodata: [1e+20]" in text
    assert of_cube(tmp_path, values, drought={"nodata": (1e20,)}) == []


def test_zero_declared_as_no_data(tmp_path):
    values = rain()
    values[::12, :, :2] = 0
    found = of_cube(tmp_path, values, fill=0.0)
    assert found[0].startswith("Warning") and "months without rain count as missing" in found[0]


def test_a_water_balance_may_be_negative(tmp_path):
    values = rain()
    values[::2] = -99.0  # a value that often stands for no data, but not among others like it
    values[::3, 1] = -130.0
    assert of_cube(tmp_path, values, key="water_balance") == []
    [text] = of_cube(tmp_path, rain(), key="water_balance")
    assert "no negative value; the lowest is 60" in text and text.startswith("Warning")
    values[:, 0, 0] = -9999
    [text] = of_cube(tmp_path, values, key="water_balance")
    assert "-9999 in 8.3 %" in text


# ------------------------------------------------------------------------------- the units
@pytest.mark.parametrize(
    ("amount", "declared", "words"),
    [
        (2.0, "", "mm per day (× 30.44 (the days of each month), which gives 730 mm a year)"),
        (0.06, "", "m (× 1,000, which gives 720 mm a year)"),
        (2.3e-5, "", "kg m-2 s-1 (mm per second) (× 2,629,800, which gives 726 mm a year)"),
        (6.0, "mm", "cm (× 10, which gives 720 mm a year)"),
        (2.0, "mm/day", "multiply the values by 30.44 (the days of each month)"),
        (0.06, "m", "multiply the values by 1,000"),
        (2.3e-5, "kg m-2 s-1", "multiply the values by 2,629,800"),
        (60.0, "mm/day", "the total is plausible, so the unit may be wrong"),
        (20000.0, "0.01 mm", "multiply the values by 0.01"),
        (6000.0, "", "tenths of mm (× 0.1, which gives 7,200 mm a year)"),
    ],
)
def test_units_are_suspected_and_nothing_is_converted(tmp_path, amount, declared, words):
    [text] = of_cube(tmp_path, rain(amount=amount), units=declared)
    assert text.startswith("Warning") and words in text
    assert "Nothing is converted" in text


@pytest.mark.parametrize(
    "declared", ("mm", "mm/month", "mm month-1", "kg m-2", "kg m**-2", "Millimeters", "precip")
)
def test_units_that_mean_millimetres(tmp_path, declared):
    assert of_cube(tmp_path, rain(), units=declared) == []


def test_the_limits_of_a_plausible_year_belong_to_it(tmp_path):
    low, high = (tables.constant(f"rain_plausible_{end}") for end in ("minimum", "maximum"))
    dry = rain(amount=8.0)
    dry[11::12] = low - 88  # eleven months of 8 mm and a December
    assert of_cube(tmp_path, dry) == []
    dry[11] -= 1
    [text] = of_cube(tmp_path, dry)
    assert "A desert may be as dry" in text and "expected 100 to 12,000 mm" in text
    wet = rain(amount=high / 12)
    assert of_cube(tmp_path, wet) == []
    wet[0] += 1
    [text] = of_cube(tmp_path, wet)
    assert "desert" not in text


def test_days_have_units_of_their_own(tmp_path):
    days = 43 * 365 + 10
    options = {"y": [8.5], "time_units": "days since 1981-01-01", "drought": {"time_step": "day"}}
    values = np.full((days, 1, 4), 2.0)
    assert of_cube(tmp_path, values, units="mm/day", **options) == []
    assert of_cube(tmp_path, values, units="mm", **options) == []
    [text] = of_cube(tmp_path, values / 1000, units="", **options)
    assert "m (× 1,000, which gives 730 mm a year)" in text


@pytest.mark.parametrize(
    ("text", "step", "factor"),
    [
        ("mm", "month", 1), ("mm", "day", 1), ("mm/day", "day", 1), ("mm day-1", "month", 30.4375),
        ("mm d^-1", "month", 30.4375), ("mm per day", "month", 30.4375), ("mm/mon", "month", 1),
        ("mm/month", "day", 1 / 30.4375), ("m", "month", 1000), ("meters", "day", 1000),
        ("m s-1", "day", 86_400_000), ("kg m-2 s-1", "day", 86400), ("kg/m2/s", "day", 86400),
        ("cm/month", "month", 10), ("inches", "month", 25.4), ("mm/hr", "day", 24),
        ("mm/year", "month", 1 / 12), ("m of water equivalent", "month", 1000),
        ("K", "month", None), ("1", "month", None), ("", "month", None),
    ],
)  # fmt: skip
def test_factors_of_units(text, step, factor):
    found = units.factor_of(text, step)
    assert found == (None if factor is None else pytest.approx(factor, rel=1e-12))


# ------------------------------------------------------------------------- many or few files
def test_a_stack_of_rasters_is_looked_at_alike(tmp_path):
    place = {"west": 300_000, "north": 1_000_000, "cell": 10_000, "crs": "EPSG:32636"}
    for year in range(1981, 2024):
        values = np.full((12, 3, 4), 60, np.int16)
        values[0, 0, 0] = -9999
        write_raster(tmp_path / f"p_{year}.tif", values, **place)
    country = a_country(tmp_path, box(31.2, 8.9, 31.4, 9), precipitation="p_{year}.tif")
    [text] = told(country)
    assert "nodata: [-9999]" in text
    (tmp_path / "p_1990.tif").write_bytes(b"nothing")
    [text] = told(country)
    assert text.startswith("Error, precipitation (p_1990.tif): found a file that does not open")


def test_a_long_series_is_looked_at_in_some_of_its_years(tmp_path, monkeypatch):
    values = rain()
    values[:12, 1, 1] = -9999  # the first and the last year are always looked at
    write_cube(tmp_path / "rain.nc", values)
    monkeypatch.setattr(value_checks, "_UNPACKED", 12 * 12 * 3)
    assert "nodata: [-9999]" in told(a_country(tmp_path, precipitation="rain.nc"))[0]
    monkeypatch.setattr(value_checks, "SAMPLE", 2)
    assert told(a_country(tmp_path, precipitation="rain.nc", nodata=(-9999,))) == []


def test_files_stored_in_large_pieces_are_a_remark(tmp_path, monkeypatch):
    from ldnkit.sources.timeseries import checks

    write_raster(tmp_path / "p_2000.tif", np.full((12, 40, 400), 60.0), cell=0.1)
    country = a_country(tmp_path, box(31, 8.05, 31.2, 8.06), precipitation="p_{year}.tif")
    monkeypatch.setattr(checks, "_LONG", 1)
    assert any("pieces much larger than the country" in text for text in told(country, "info"))


def test_several_problems_are_told_at_once(tmp_path):
    values = rain(240, amount=0.06)
    values[:, 0, 0] = -9999
    found = of_cube(tmp_path, values, time=np.r_[0:120, 121:241])
    words = ["no 1991-01", "19 complete sums", "no complete sum for 2001 to 2023", "-9999", "m (×"]
    assert len(found) == len(words)
    for text, word in zip(found, words):
        assert word in text


def test_times_are_shown_in_spans():
    years = [(year,) for year in range(2000, 2006)]
    assert time_spans([], years) == ""
    assert (
        time_spans([(2000,), (2001,), (2003,), (2004,), (2005,)], years)
        == "2000 to 2001, 2003 to 2005"
    )
    assert time_spans([(2000, 2), (2000, 1)]) == "2000-02, 2000-01"


# ---------------------------------------------------------------------------- a ready index
def index_country(folder, values, *, years=range(2000, 2024), scale=1.0, nodata=(), **place):
    """The same map for every year."""
    files = {}
    for year in years:
        files[year] = folder / f"spi_{year}.tif"
        write_raster(files[year], values, **place)
    return a_country(folder, index=files, index_scale=scale, nodata=nodata)


NORMAL = np.array([[-2.5, -1, 0.5, 1], [0, 0.2, -0.7, 3.09], [1, 2, -3.09, 0.1]], np.float32)


def test_a_good_index(tmp_path):
    assert look(index_country(tmp_path, NORMAL)) == []
    stored = (NORMAL * 1000).astype(np.int16)
    assert look(index_country(tmp_path, stored, scale=1000)) == []


@pytest.mark.parametrize(
    ("values", "scale", "words"),
    [
        (NORMAL * 1000, 1, "Write drought: index_scale: 1000."),
        (NORMAL * 100, 1000, None),
        (NORMAL * 1000, 100, "Write drought: index_scale: 1000."),
        (NORMAL, 1000, "Write drought: index_scale: 1."),
        (NORMAL * 20_000, 1, "Check that this is an index."),
    ],
)
def test_the_scale_of_an_index(tmp_path, values, scale, words):
    found = told(index_country(tmp_path, values.astype(np.float32), scale=scale))
    if words is None:
        assert found == []
    else:
        [text] = found
        assert text.startswith("Error") and words in text
        assert f"with index_scale: {scale}" in text


def test_classes_instead_of_an_index(tmp_path):
    classes = np.array([[0, 1, 2, 3], [4, 0, 0, 1], [0, 0, 0, 0]], np.uint8)
    [text] = told(index_country(tmp_path, classes))
    assert text.startswith("Warning")
    assert "whole numbers from 0 to 4, as of classes" in text


def test_fill_values_of_an_index(tmp_path):
    stored = (NORMAL * 1000).astype(np.int16)
    stored[0, 0] = -32768
    [text] = told(index_country(tmp_path, stored, scale=1000))
    assert "write drought: nodata: [-32768]" in text
    assert told(index_country(tmp_path, stored, scale=1000, nodata=(-32768,))) == []
    for path in sorted(tmp_path.glob("spi_*.tif")):
        with rasterio.open(path, "r+") as file:
            file.nodata = -32768
    assert told(a_country(tmp_path, index=dict(enumerate(sorted(tmp_path.glob("spi_*.tif")), 2000)),
                          index_scale=1000.0)) == []  # fmt: skip


def test_rasters_of_an_index_that_do_not_do_are_named(tmp_path):
    country = index_country(tmp_path, NORMAL, years=range(2001, 2023))
    country.drought.index[2005].write_bytes(b"nothing")
    write_raster(country.drought.index[2006], NORMAL, west=100)
    write_raster(country.drought.index[2007], NORMAL, transform=Affine(1, 0.1, 30, 0.1, -1, 10))
    write_raster(country.drought.index[2008], np.full((3, 4), np.nan))
    found = told(country)
    assert "2005 (spi_2005.tif): found a file that does not open" in found[0]
    assert "2006 (spi_2006.tif): found a raster that does not touch the country (100.00" in found[1]
    assert "2007 (spi_2007.tif): found a rotated raster" in found[2]
    assert "2008 (spi_2008.tif): found no valid value" in found[3]
    assert "no index for 2000, 2023; expected every year from 2000 to 2023" in found[4]
    assert len(found) == 5


def test_an_index_of_no_wanted_year_is_an_error(tmp_path):
    [text] = told(index_country(tmp_path, NORMAL, years=[1999]))
    assert text.startswith("Error") and "no index for 2000 to 2023" in text
