"""Every worked number of lessons 09 to 12 is recomputed.

As in test_lessons_worked: the examples are read out of the Markdown tables and solved a second
time with plain arithmetic written from the methods text, then once more with ldnkit.
"""

import math
import re
from fractions import Fraction
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from lesson_pages import FOLDER, blocks_of_table, body, cells, lesson, number, says, table
from odc.geo.geobox import GeoBox
from scipy import integrate

from ldnkit import drought, drought_fits, periods, population, tables, timeaxis, vulnerability
from ldnkit.prais import people

NODATA = -32768
WATER = 7  # any code of its own
LAND = {"degraded": -1, "improved": 1, "stable": 0, "no data": NODATA, "water": WATER}
DROUGHT = {"none": 0, "mild": 1, "moderate": 2, "severe": 3, "extreme": 4, "no data": NODATA}
SEXES = ("female", "male", "total")
UNDER = ("mild", "moderate", "severe", "extreme")


def numbers(texts):
    return [number(text) for text in texts]


def near(found, shown, decimals):
    """Whether a printed number is the exact one, rounded to its decimals."""
    return abs(found - float(number(shown))) <= 0.5 * 10**-decimals + 1e-9


def square(values):
    return np.array([float(value) for value in values]).reshape(2, 2)


# ---------------------------------------------------------------- 09: people on degraded land
# population cells P Q    land cells  a1 a2 | a3 a4
#                  R S                b1 b2 | b3 b4
#                                     ------+------
#                                     c1 c2 | c3 c4
#                                     d1 d2 | d3 d4
COARSE = GeoBox.from_bbox((0, 0, 4000, 4000), "EPSG:3857", resolution=2000)
FINE = GeoBox.from_bbox((0, 0, 4000, 4000), "EPSG:3857", resolution=1000)


def people_of_09(name):
    """Persons by population cell and group; the last row must be the sum."""
    rows = {row[0]: dict(zip(SEXES, numbers(row[-3:]), strict=True)) for row in table(name)[1:]}
    whole = rows.pop("all")
    for row in rows.values():
        assert row["female"] + row["male"] == row["total"]
    assert whole == {sex: sum(row[sex] for row in rows.values()) for sex in SEXES}
    return rows


def people_2015():
    rows = {row[0]: numbers(row[1:4]) for row in table("09.5")[1:-1]}
    assert numbers(table("09.5")[-1][1:4]) == [sum(each) for each in zip(*rows.values())]
    assert all(female + male == total for female, male, total in rows.values())
    return {cell: dict(zip(SEXES, row, strict=True)) for cell, row in rows.items()}


def land_cells_09():
    """Class of the 16 land cells: {"a1": class, …}."""
    head, *rows = table("09.2")
    return {
        row[0] + head[place]: name for row in rows for place, name in enumerate(row) if place > 0
    }


def covered():
    """Population cell -> its four land cells, as the text says."""
    said = re.findall(r"^Cell ([P-S]) covers (.*)\.$", body(lesson("09")), re.M)
    return {cell: re.findall(r"[a-d]\d", text) for cell, text in said}


def layer_09():
    land = land_cells_09()
    return np.array([LAND[land[cell]] for cell in sorted(land)], np.int16).reshape(4, 4)


def exposed_09(persons, shares):
    return {sex: sum(persons[cell][sex] * shares[cell] for cell in persons) for sex in SEXES}


def degraded_shares():
    """Share of each population cell whose land is degraded, in 2015 and 2023."""
    land = land_cells_09()
    last = {
        cell: Fraction([land[each] for each in four].count("degraded"), 4)
        for cell, four in covered().items()
    }
    baseline = {row[0]: row[4].split(" of ") for row in table("09.5")[1:-1]}
    return {cell: Fraction(int(a), int(b)) for cell, (a, b) in baseline.items()}, last


def test_09_cells_and_split():
    quarter = {"P": "a1 a2 b1 b2", "Q": "a3 a4 b3 b4", "R": "c1 c2 d1 d2", "S": "c3 c4 d3 d4"}
    assert covered() == {cell: text.split() for cell, text in quarter.items()}
    persons, land = people_of_09("09.1"), land_cells_09()
    assert table("09.3")[0][4:] == list(LAND)
    for cell, *shown in table("09.3")[1:]:
        assert numbers(shown[:3]) == [persons[cell][sex] / 4 for sex in SEXES]
        found = [land[each] for each in covered()[cell]]
        assert numbers(shown[3:]) == [found.count(name) for name in LAND]
    says("09", "2.4 persons in a cell", "Each of them covers four land cells of 1 km²")
    says("09", "cells P, Q, R and S have an area of 4 km² each.")
    assert table("09.2")[0] == table("09.8")[0] == ["", "1", "2", "3", "4"]


def test_09_people_by_class():
    persons, land = people_of_09("09.1"), land_cells_09()
    totals = dict.fromkeys(LAND, Fraction(0))
    for name, *shown in table("09.4")[1:-1]:
        found = [
            sum(persons[cell][sex] / 4 for cell in persons for each in covered()[cell]
                if land[each] == name)
            for sex in SEXES
        ]  # fmt: skip
        assert numbers(shown) == found
        totals[name] = found[2]
    assert table("09.4")[-1] == ["all", *table("09.1")[-1][2:]]
    assert sum(totals.values()) == 500
    says("09", f"2 × 0.4 = {float(totals['degraded'])}.")


def test_09_baseline_and_shares():
    both = degraded_shares()
    assert table("09.5")[-1][4] == f"{sum(int(4 * share) for share in both[0].values())} of 16"
    results = {}
    for (year, *shown), persons, shares in zip(
        table("09.6")[1:], (people_2015(), people_of_09("09.1")), both, strict=True
    ):
        exposed = exposed_09(persons, shares)
        results[year] = {}
        for place, sex in enumerate(("total", "female", "male")):
            share = 100 * exposed[sex] / sum(row[sex] for row in persons.values())
            assert number(shown[2 * place]) == exposed[sex]
            assert shown[2 * place + 1] == f"{float(share):.1f}"
            results[year][sex] = exposed[sex], share
    (before, first), (after, last) = results["2015"]["total"], results["2023"]["total"]
    says(
        "09",
        f"rises by {float(after - before)} persons, and the share falls by "
        f"{float(round(first, 1) - round(last, 1)):.1f} percentage points",
    )
    assert abs((first - last) - Fraction("1.5")) < Fraction("0.05")
    women = people_2015()["Q"]["female"] * both[0]["Q"]
    says("09", f"2 / 4 × 42 = {women}.")
    classes = list(land_cells_09().values())
    degraded, land = classes.count("degraded"), 16 - classes.count("water")
    says("09", f"{degraded} / {land} × 100 = {100 * degraded / land:.1f} % of the land")
    says("09", f"but only {float(last):.1f} % of the people live on it")
    says("09", "In 2023 the degraded land is")


def test_09_rounding_and_repeating():
    persons = people_of_09("09.1")
    lost = {}
    for cell, *shown in table("09.7")[1:-1]:
        each = persons[cell]["total"] / 4
        whole = (each + Fraction(1, 2)) // 1
        lost[cell] = persons[cell]["total"] - 4 * whole
        assert numbers(shown) == [each, whole, 4 * whole, lost[cell]]
    assert numbers(table("09.7")[-1][3:]) == [500 - sum(lost.values()), sum(lost.values())]
    sparse = persons["R"]["total"] + persons["S"]["total"]
    gone = lost["R"] + lost["S"]
    says(
        "09",
        f"{float(gone)} of {float(sparse)} persons are lost, which is "
        f"{100 * float(gone / sparse):.1f} %",
    )
    densities = sum(row["total"] for row in persons.values()) / 4  # cells of 4 km²
    says(
        "09",
        f"here the total would be {densities} and not 500",
        "the 500 people become 4 × 500 = 2 000 people",
    )
    tolerance = tables.constant("population_tolerance")
    says("09", f"If they differ by more than {tolerance:g} %, the workbook stops")


def bilinear(values):
    """Values of 2 × 2 cells in the middles of 4 × 4 cells; NaN is left out of the weights."""
    near_far = np.array([[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]])
    known = ~np.isnan(values)
    weights = near_far @ known @ near_far.T
    sums = near_far @ np.nan_to_num(values) @ near_far.T
    nearest = np.kron(known, np.ones((2, 2))) > 0
    with np.errstate(invalid="ignore"):
        return np.where(nearest, sums / weights, np.nan)


def warped(values):
    """The same with GDAL."""
    from rasterio.warp import Resampling, reproject

    result = np.full((4, 4), np.nan)
    options = {"src_crs": "EPSG:3857", "dst_crs": "EPSG:3857"}
    reproject(
        np.nan_to_num(values, nan=-1.0),
        result,
        src_transform=COARSE.transform,
        dst_transform=FINE.transform,
        src_nodata=-1.0,
        dst_nodata=np.nan,
        resampling=Resampling.bilinear,
        **options,
    )
    return result


def test_09_bilinear():
    counts = square(row["total"] for row in people_of_09("09.1").values())
    smooth = bilinear(counts)
    np.testing.assert_allclose(warped(counts), smooth)
    shown = np.array([[float(number(cell)) for cell in row[1:]] for row in table("09.8")[1:]])
    assert np.abs(shown - smooth / 4).max() <= 0.005 + 1e-9
    assert smooth.sum() / 4 == pytest.approx(500)
    says("09", "The total of this small square is still 500,")
    wrong = smooth[layer_09() == -1].sum() / 4
    says("09", f"exposed persons are {wrong:.1f} and not 152.4")
    says("09", f"which is {100 * (wrong / 152.4 - 1):.0f} % too many")
    counts[1, 1] = np.nan
    smooth = bilinear(counts)
    np.testing.assert_allclose(warped(counts), smooth)
    says(
        "09",
        f"With no data in cell S, {np.nansum(counts):.1f} persons become "
        f"{np.nansum(smooth) / 4:.1f} persons",
    )


def test_09_with_ldnkit():
    persons, layer = people_of_09("09.1"), layer_09()
    split = {
        sex: population.regrid((square(row[sex] for row in persons.values()), COARSE), FINE)
        for sex in ("female", "male")
    }
    for sex, counts in split.items():
        per_cell = [float(number(row[1 + SEXES.index(sex)])) for row in table("09.3")[1:]]
        np.testing.assert_allclose(counts, np.kron(square(per_cell), np.ones((2, 2))))
    found = population.exposed(layer, split).set_index("class")
    for name, *shown in table("09.4")[1:-1]:
        expected = [float(value) for value in numbers(shown)]
        assert found.loc[LAND[name], list(SEXES)].tolist() == pytest.approx(expected)
    percent = found.loc[-1, ["total_percent", "female_percent", "male_percent"]]
    for value, shown in zip(percent, table("09.6")[2][2::2], strict=True):
        assert f"{value:.1f}" == shown
    back = population.regrid((split["female"], FINE), COARSE)  # small cells are added up
    np.testing.assert_allclose(back, square(row["female"] for row in persons.values()))


# ---------------------------------------------------------------- 10: drought hazard
NORMAL = NormalDist()
WINDOW = ["2020", "2021", "2022", "2023"]


def sums_10():
    return [int(row[1]) for row in table("10.1")[1:-1]]


def thom(sums):
    mean = sum(sums) / len(sums)
    spread = math.log(mean) - sum(math.log(value) for value in sums) / len(sums)
    shape = (1 + math.sqrt(1 + 4 * spread / 3)) / (4 * spread)
    return shape, mean / shape


def probability(amount, shape, scale):
    """G by adding up the density of the gamma distribution."""

    def density(x):
        return x ** (shape - 1) * math.exp(-x / scale) / (math.gamma(shape) * scale**shape)

    return integrate.quad(density, 0, amount, epsabs=1e-12)[0]


def class_10(index, *, closed=True):
    """Class of an SPI by the sentences; closed: a boundary belongs to the drier class."""
    for name, upper in (("extreme", -2), ("severe", -1.5), ("moderate", -1), ("mild", 0)):
        if index < upper or (closed and index == upper):
            return name
    return "none"


def index_10():
    """SPI of four cells by year; None is no data."""
    return {
        row[0]: [None if text == "nd" else number(text) for text in row[1:]]
        for row in table("10.4")[1:]
    }


def classes_10(**options):
    return {
        cell: ["no data" if index is None else class_10(index, **options) for index in values]
        for cell, values in index_10().items()
    }


def highest(names):
    return max((name for name in names if name != "no data"), key=DROUGHT.get)


def test_10_expected_years():
    below = [NORMAL.cdf(limit) for limit in (0, -1, -1.5, -2)]
    shares = [1 - below[0], *(a - b for a, b in zip(below, below[1:])), below[3]]
    rows = table("10.0")[1:]
    assert [row[2] for row in rows] == [f"{100 * share:.1f}" for share in shares]
    names = ["none", *(row[0] for row in rows[1:])]
    for row, name in zip(rows, names, strict=True):
        first = re.match(r"−?[\d.]+", row[1])
        if first:  # the wetter boundary belongs to the class
            assert class_10(number(first.group())) == name
    limit = tables.constant("drought_minimum_sums"), tables.constant("drought_full_sums")
    says("10", f"With fewer than {limit[1]:g} sums the workbook gives a warning.")
    says("10", f"With fewer than {limit[0]:g} sums it stops, because 26 is 85 % of 30.")
    assert limit[0] == math.ceil(0.85 * 30)
    assert f"{NORMAL.cdf(-3.09):.3f}" == "0.001"


def test_10_logarithms_and_thom():
    sums = sums_10()
    for row, value in zip(table("10.1")[1:-1], sums, strict=True):
        assert row[2] == f"{math.log(value):.4f}"
    logarithms = [number(row[2]) for row in table("10.1")[1:-1]]
    assert numbers(table("10.1")[-1][1:]) == [sum(sums), sum(logarithms)]
    assert [row[0] for row in table("10.1")[1:-1]] == list("123456")
    mean, of_logarithms = sum(sums) / 6, float(sum(logarithms) / 6)
    says("10", f"3 000 / 6 = {mean:.0f} mm", f"The logarithm of the mean is {math.log(mean):.4f}.")
    assert f"{of_logarithms:.4f}" == f"{sum(map(math.log, sums)) / 6:.4f}"
    says("10", f"{float(sum(logarithms))} / 6 = {of_logarithms:.4f}")
    spread = round(round(math.log(mean), 4) - round(of_logarithms, 4), 4)
    says("10", f"= {spread:.4f}.", f"First 4 × {spread} / 3 = {4 * spread / 3:.4f}")
    root = math.sqrt(1 + round(4 * spread / 3, 4))
    says("10", f"square root of {1 + 4 * spread / 3:.4f} is {root:.4f}")
    by_hand = (1 + round(root, 4)) / (4 * spread)
    shape, scale = thom(sums)
    assert f"{by_hand:.1f}" == f"{shape:.1f}"
    says("10", f"shape = {1 + root:.4f} / {4 * spread:.2f} = {shape:.1f}")
    says("10", f"{mean:.0f} / {shape:.1f} = {scale:.1f} mm")
    says("10", "shape = (1 + √(1 + 4 A / 3)) / (4 A).")


def test_10_from_sum_to_class():
    for shown, index in table("10.2")[1:]:
        assert near(NORMAL.inv_cdf(float(shown)), index, 2)
    read = {number(shown): index for shown, index in table("10.2")[1:]}
    shape, scale = thom(sums_10())
    for year, amount, h, index, name in table("10.3")[1:]:
        exact = probability(float(amount), shape, scale)
        assert near(exact, h, len(h.partition(".")[2])), year
        assert read[number(h)] == index
        assert near(NORMAL.inv_cdf(exact), index, 2)
        assert class_10(number(index)) == {"no drought": "none"}.get(name, name)
    years = {row[0]: row for row in table("10.3")[1:]}
    assert float(years["2020"][1]) == sum(sums_10()) / 6
    assert list(years) == table("10.4")[0][1:] == table("10.5")[0][1:5] == WINDOW
    says("10", "The year 2020 has exactly the mean rain, but its SPI is not 0.")
    says("10", "In 2022 H is 0.05: five years of 100 are as dry or drier.")


def test_10_zero_sums():
    read = {number(shown): index for shown, index in table("10.2")[1:]}
    for zeros, sentence in (
        (6, "has H = 0.2, and Table 10.2 gives an SPI of {}."),
        (12, "With 12 zero sums of 30, a year without rain has an SPI of {}."),
    ):
        says("10", sentence.format(read[Fraction(zeros, 30)]))
    h = Fraction(6, 30) + (1 - Fraction(6, 30)) * Fraction("0.25")
    says("10", "Of its 30 sums, 6 are zero, so q = 6 / 30 = 0.2.", "the program gives G = 0.25.")
    says("10", f"H = 0.2 + 0.8 × 0.25 = {float(h)}, and the SPI is {read[h]}.")
    assert Fraction(12, 30) > Fraction(1, 3) > Fraction(6, 30)
    assert class_10(number(read[Fraction(1, 5)])) == "mild"


def test_10_classes_windows_and_areas():
    found, rows = classes_10(), table("10.5")[1:]
    assert {row[0]: row[1:5] for row in rows} == found
    assert {row[0]: row[5] for row in rows} == {cell: highest(of) for cell, of in found.items()}
    assert index_10()["B"] == [number(row[3]) for row in table("10.3")[1:]]
    says("10", f"the highest class of cell B would be {highest(found['B'][:3])}.")
    other = {cell: highest(names) for cell, names in classes_10(closed=False).items()}
    assert {cell for cell in other if other[cell] != highest(found[cell])} == {"C", "D"}
    says("10", f"cell C has a highest class of {other['C']}, and cell D has a highest class of")
    assert other == {"A": "moderate", "B": "extreme", "C": "mild", "D": "moderate"}
    assert table("10.6")[0][1:-1] == list(DROUGHT)
    assert [row[0] for row in table("10.6")[1:]] == WINDOW
    says("10", "Each cell has 25 km² of land.", "With only 2020, 2021 and 2022 the highest class")
    for place, (_, *shown) in enumerate(table("10.6")[1:]):
        names = [of[place] for of in found.values()]
        areas = [25 * names.count(name) for name in DROUGHT]
        assert numbers(shown) == [*areas, 25 * sum(name in UNDER for name in names)]
    assert {of[1] for of in found.values()} == {"mild", "no data"}
    says("10", "in 2021 all droughts were mild, and in 2023 a quarter of the land had an extreme")
    says("10", "0 is no drought, −1 is mild, and −1.5 is moderate.")
    assert [class_10(limit, closed=False) for limit in (0, -1, -1.5)] == list(DROUGHT)[:3]


def monthly_10(years):
    """A monthly series from sums by year; the whole year falls in equal parts."""
    first, last = min(years), max(years)
    time = xr.date_range(f"{first}-01-01", periods=12 * (last - first + 1), freq="MS")
    sums = [years[year] for year in range(first, last + 1)]
    return xr.DataArray(np.repeat(sums, 12) / 12.0, dims="time", coords={"time": time})


def test_10_with_ldnkit():
    sums = np.array(sums_10(), float)
    found = drought_fits.gamma_fit(sums[:, None])
    np.testing.assert_allclose(np.ravel(found), thom(sums), rtol=1e-12)
    says("10", f"shape = 2.0182 / 0.11 = {found[0][0]:.1f}")
    # the six sums five times over are 30 years with the same mean of sums and of logarithms
    years = dict(zip(range(1981, 2011), np.tile(sums, 5), strict=True))
    years |= dict.fromkeys(range(2011, 2020), 500.0)
    years |= {int(row[0]): float(row[1]) for row in table("10.3")[1:]}
    index = drought.spi(monthly_10(years), month=12)
    shape, scale = thom(sums)
    for year, amount, _, shown, name in table("10.3")[1:]:
        value = float(index.sel(year=int(year)))
        exact = NORMAL.inv_cdf(probability(float(amount), shape, scale))
        assert value == pytest.approx(exact, abs=1e-5)
        assert near(value, shown, 2)
        expected = DROUGHT[{"no drought": "none"}.get(name, name)]
        assert int(drought.classes(index).sel(year=int(year))) == expected
    assert float(drought.spi(monthly_10(years), month=12, limit=2).min()) == -2
    # only six sums are refused; January to November have 29 sums and are said
    with pytest.raises(ValueError, match="6 sums"):
        drought.spi(monthly_10({year: years[year] for year in range(1981, 1987)}), month=12)
    times = [(year, month) for year in range(1981, 2024) for month in range(1, 13)]
    problems = timeaxis.reference_problems(times, months=range(1, 13))
    assert [problem.severity for problem in problems] == ["warning"]
    assert problems[0].found.startswith("29 sums") and ", 11" in problems[0].found
    assert "12" not in problems[0].found.replace("of 12 months", "")


@pytest.mark.parametrize(("zeros", "quality"), [(6, 0), (12, 1)])
def test_10_zeros_with_ldnkit(zeros, quality):
    sums = np.linspace(20, 200, 30)
    sums[:zeros] = 0
    series = monthly_10(dict(zip(range(1981, 2011), sums, strict=True)))
    index = drought.spi(series, month=12)
    read = {number(shown): text for shown, text in table("10.2")[1:]}
    assert near(float(index[0]), read[Fraction(zeros, 30)], 2)
    assert float(index.min()) == float(index[0])  # no year can be drier
    assert int(drought.quality(series)) == quality


def test_10_unit_hardly_shows():
    rain = np.random.default_rng(1).gamma(2, 40, 360)
    time = xr.date_range("1981-01-01", periods=360, freq="MS")
    month = xr.DataArray(rain, dims="time", coords={"time": time})
    per_day = month / month["time"].dt.days_in_month
    right, wrong = (drought.spi(each, month=12) for each in (month, per_day))
    assert 0 < np.abs(right - wrong).max() < 0.25
    assert np.corrcoef(right, wrong)[0, 1] > 0.99
    assert 29 < float(month.sum() / per_day.sum()) < 32


def test_10_windows_with_ldnkit():
    index = xr.DataArray(
        [[np.nan if value is None else float(value) for value in of] for of in index_10().values()],
        dims=("cell", "year"),
        coords={"year": range(2020, 2024)},
    )
    found = drought.classes(index)
    assert found.values.tolist() == [[DROUGHT[name] for name in of] for of in classes_10().values()]
    shown = [DROUGHT[row[5]] for row in table("10.5")[1:]]
    assert drought.worst(found, years=(2020, 2023)).values.tolist() == shown
    assert int(drought.worst(found, years=(2020, 2022))[1]) == DROUGHT["severe"]
    other = drought.worst(drought.classes(index, compat="trends.earth"), years=(2020, 2023))
    expected = [highest(of) for of in classes_10(closed=False).values()]
    assert other.values.tolist() == [DROUGHT[name] for name in expected]
    assert drought.windows(2023)[-1] == (2020, 2023)


# ---------------------------------------------------------------- 11: people in drought
def people_11():
    """Persons inside the country by cell and group, after checking the columns."""
    rows = {row[0]: numbers(row[1:]) for row in table("11.1")[1:]}
    whole = rows.pop("all")
    for on_map, share, inside, female, male in rows.values():
        assert on_map * share == inside == female + male
    sums = [sum(of) for of in zip(*rows.values())]
    assert [whole[0], *whole[2:]] == [sums[0], *sums[2:]]
    return {
        cell: dict(zip(("total", "female", "male"), row[2:], strict=True))
        for cell, row in rows.items()
    }


def classes_11():
    head, *rows = table("11.3")
    grid = {(row[0], head[place]): row[place] for row in rows for place in (1, 2)}
    found = {}
    for cell, middle, to_west, to_east, name in table("11.4")[1:]:
        west, east = abs(int(middle) - 10), abs(int(middle) - 30)
        assert numbers([to_west, to_east]) == [west, east] and west != east
        row = "north" if cell in "ABC" else "south"
        found[cell] = grid[row, "west" if west < east else "east"]
        assert name == found[cell]
    says("11", "are 10 km wide, and the drought cells are 20 km wide.", "are 10 km and 30 km from")
    return found


def shares_11():
    """Exposed persons and their share by group."""
    persons, classes = people_11(), classes_11()
    result = {}
    for sex in ("total", "female", "male"):
        exposed = sum(persons[cell][sex] for cell in persons if classes[cell] in UNDER)
        result[sex] = exposed, Fraction(exposed, sum(row[sex] for row in persons.values()))
    return result


def official_11():
    rows = {row[0]: numbers(row[1:]) for row in table("11.2")[1:]}
    assert all(total == female + male for total, female, male in rows.values())
    return rows


def test_11_two_totals():
    inside = sum(row["total"] for row in people_11().values())
    on_map = number(table("11.1")[-1][1])
    figures = official_11()
    before, now = figures["2020"][0], figures["2023"][0]
    gap = 100 * (inside - now) / now
    says("11", f"The map has {inside} inside the country, and the figure of 2023 is 1 000.")
    says("11", "The difference is −100 / 1 000 × 100", "Of the 100, 950", "already in 2020.")
    says(
        "11", f"100 = −{float(-gap):.1f} %.", f"950 − 900 = {before - inside} come from the method"
    )
    says("11", f"The other 1 000 − 950 = {now - before} were added by growth")
    assert (before - inside) + (now - before) == now - inside == 100
    above = float(100 * (on_map - now) / now)
    assert on_map == 1020
    says("11", f"all cells is 1 020, which is only {above:.1f} % above the figure")
    says("11", f"{on_map - inside} of these people are not inside the country")
    assert abs(gap) < tables.constant("population_tolerance") == 20
    says("11", "stops only when the difference is more than 20 %.", "its last year is 2020.")
    says("11", "We need the year 2023, and the closest year of the map is 2020.")
    says("11", "Half of cell C is sea", "Four fifths of cell F belong to the neighbour country.")


def test_11_exposure_table():
    persons, classes = people_11(), classes_11()
    assert [row[0] for row in table("11.5")[1:-1]] == list(DROUGHT)
    for name, *shown in table("11.5")[1:]:
        for place, sex in enumerate(("total", "female", "male")):
            whole = sum(row[sex] for row in persons.values())
            here = sum(row[sex] for cell, row in persons.items() if name in (classes[cell], "all"))
            assert number(shown[2 * place]) == here
            assert shown[2 * place + 1] == f"{float(100 * here / whole):.1f}"
    (exposed, share), (women, of_women), (men, of_men) = shares_11().values()
    says("11", f"270 + 540 = {exposed}, and their share is {exposed} / 900 × 100 = ")
    says("11", f"= {100 * float(share):.1f} %.")
    says("11", f"{women} / 464 × 100 = {100 * float(of_women):.2f} %")
    says("11", f"{men} / 436 × 100 = {100 * float(of_men):.2f} %")


def test_11_platform():
    figures = dict(zip(("total", "female", "male"), official_11()["2023"], strict=True))
    made = {}
    for sex, share, figure, exposed in table("11.6")[1:]:
        assert share == f"{100 * float(shares_11()[sex][1]):.2f}"
        assert number(figure) == figures[sex]
        made[sex] = number(share) / 100 * figures[sex]
        assert exposed == f"{float(made[sex]):.1f}"
        assert f"{float(shares_11()[sex][1] * figures[sex]):.1f}" == exposed  # not the rounding
    says("11", f"= {float(made['female'] + made['male']):.1f}, and not {float(made['total']):.1f}")
    says(
        "11",
        f"{100 * 464 / 900:.1f} % and {100 * 510 / 1000:.1f} %",
        "Women are 51.6 % of the people",
    )
    wrong = shares_11()["total"][0] / figures["total"]
    says("11", f"810 / 1 000 × 100 = {100 * float(wrong):.1f} %", "finds only 810 exposed people")
    missed = made["total"] - wrong * figures["total"]
    says("11", f"0.9 × 100 = {missed} of them are exposed")
    says("11", "The 100 who are missing on the map", "the official figure of 2023.")


def test_11_with_ldnkit():
    rows = {row[0]: numbers(row[1:3]) for row in table("11.1")[1:-1]}
    cells_of = GeoBox.from_bbox((0, 0, 30_000, 20_000), "EPSG:3857", resolution=10_000)
    fine = cells_of.zoom_out(0.1)
    mask = np.ones(fine.shape)
    mask[:10, 25:] = 0  # half of cell C is sea
    mask[10:, 22:] = 0  # four fifths of cell F are abroad
    share = population.inside_share(mask, fine, cells_of)
    np.testing.assert_allclose(share.ravel(), [float(row[1]) for row in rows.values()])
    on_map = np.reshape([float(row[0]) for row in rows.values()], (2, 3))
    persons = people_11()
    inside = [float(row["total"]) for row in persons.values()]
    np.testing.assert_allclose((on_map * share).ravel(), inside)
    kept = population.regrid((on_map, cells_of), fine) * mask  # the same people on small cells
    assert kept.sum() == pytest.approx(sum(inside)) == 900

    drought_grid = xr.DataArray(
        [[DROUGHT[name] for name in row[1:]] for row in table("11.3")[1:]],
        coords={"y": [15_000, 5_000], "x": [10_000, 30_000]},
        dims=("y", "x"),
    )
    here = drought_grid.sel(y=[15_000, 5_000], x=[5_000, 15_000, 25_000], method="nearest")
    counts = {
        sex: np.reshape([float(row[sex]) for row in persons.values()], (2, 3))
        for sex in ("female", "male")
    }
    found = population.exposed(here.values.astype(np.int16), counts).set_index("class")
    for name, *shown in table("11.5")[1:-1]:
        if DROUGHT[name] not in found.index:
            assert set(shown) == {"0", "0.0"}
            continue
        for place, sex in enumerate(("total", "female", "male")):
            assert found.loc[DROUGHT[name], sex] == pytest.approx(float(shown[2 * place]))
            assert f"{found.loc[DROUGHT[name], sex + '_percent']:.1f}" == shown[2 * place + 1]
    assert people.difference(900, 1000) == pytest.approx(-10)
    assert people.percent(810, 900) == pytest.approx(90)
    assert periods.closest_year(2023, range(2000, 2021)) == 2020


# ---------------------------------------------------------------- 12: drought vulnerability
KEYS = {
    "literacy": "literacy",
    "poverty headcount": "poverty_headcount",
    "safely managed water": "safely_managed_water",
    "rural population": "rural_population",
}
YEARS = (2000, 2010, 2020)


def factors_12(name):
    """{(factor, arrow): values by year}."""
    return {tuple(row[0].rsplit(" ", 1)): numbers(row[1:4]) for row in table(name)[1:]}


def normalised(values, arrow):
    low, high = min(values), max(values)
    shares = [(value - low) / (high - low) for value in values]
    return shares if arrow == "↑" else [1 - share for share in shares]


def indices_12(factors):
    """Mean of three factors, one per component, by year."""
    scaled = [normalised(values, arrow) for (_, arrow), values in factors.items()]
    return [sum(year) / 3 for year in zip(*scaled, strict=True)]


def with_2023():
    said = re.search(
        r"the year 2023: literacy (\d+), poverty (\d+) and water (\d+)", body(lesson("12"))
    )
    return {
        key: [*values, Fraction(new)]
        for (key, values), new in zip(factors_12("12.1").items(), said.groups(), strict=True)
    }


def rural():
    said = re.search(
        r"rural population ↑ with (\d+), (\d+) and (\d+) %, which gives (\S+), (\S+) and (\S+)\.\n",
        body(lesson("12")),
    )
    values, scaled = numbers(said.groups()[:3]), numbers(said.groups()[3:])
    assert scaled == normalised(values, "↑")
    return values, scaled


def literacy_by_sex():
    return {row[0]: numbers(row[1:4]) for row in table("12.6")[1:]}


def frame_12(factors, years=YEARS):
    rows = [
        {"year": year, "factor": KEYS[name], "sex": "total", "value": float(value)}
        for (name, _), values in factors.items()
        for year, value in zip(years, values, strict=True)
    ]
    return pd.DataFrame(rows)


def index_of(index, sex="total"):
    return index[index["sex"] == sex].set_index("year")["dvi"]


def test_12_factors_are_those_of_the_list():
    known = tables.read("drought_factors")
    names = {
        "agriculture in GDP": "agriculture_share",
        "energy use per capita": "energy_use",
        "population aged 15 to 64": "population_15_64",
        "renewable water per capita": "renewable_water",
        "cultivated area equipped for irrigation": "irrigated_share",
    }
    said = [
        (component, core, *text.rsplit(" ", 1))
        for component, first, others in table("12.0")[1:]
        for core, some in (("yes", first), ("no", others))
        for text in some.split(", ")
    ]
    shown = {
        (component, names.get(name, name.lower().replace(" ", "_")), arrow, core)
        for component, core, name, arrow in said
    }
    arrows = known["direction"].map({"up": "↑", "down": "↓"})
    assert shown == set(zip(known["component"], known["factor"], arrows, known["core"]))
    assert len(said) == 13


def test_12_three_factors():
    factors, scaled = factors_12("12.1"), factors_12("12.2")
    for row in table("12.1")[1:]:
        assert numbers(row[4:]) == [min(numbers(row[1:4])), max(numbers(row[1:4]))]
    assert scaled == {key: normalised(values, key[1]) for key, values in factors.items()}
    rows = table("12.3")[1:]
    for name in ("12.1", "12.2", "12.4", "12.6"):
        assert table(name)[0][1:4] == [str(year) for year in YEARS]
    says("12", "Literacy in 2010 is 10 above the minimum, and the range is 40.")
    says("12", "Poverty in 2000 is 10 above the minimum, and the range is 20.", "So 10 / 20 = 0.5,")
    assert [int(row[0]) for row in rows] == list(YEARS)
    for row, components, index in zip(
        rows, zip(*scaled.values(), strict=True), indices_12(factors), strict=True
    ):
        assert numbers(row[1:4]) == list(components)
        assert row[4] == f"{float(index):.4f}"
    says("12", f"(0.75 + 1 + 0) / 3 = {float(indices_12(factors)[1]):.4f}")


def test_12_two_countries():
    one, two = factors_12("12.1"), factors_12("12.4")
    assert list(one) == list(two)
    for key in one:
        assert normalised(one[key], key[1]) == normalised(two[key], key[1])
    assert indices_12(one) == indices_12(two)
    first, second, third = (f"{float(index):.4f}" for index in indices_12(two))
    says("12", f"and so is the DVI: {first}, {second} and {third}.")
    poverty = "poverty headcount", "↑"
    says("12", f"In 2010 poverty is {one[poverty][1]} % in country X and {two[poverty][1]} %")
    says("12", f"both have the DVI {second}.")
    wrong = round(float(indices_12(one)[1]) * 10000) / 1000
    says("12", f"A DVI of {wrong} cannot be right")


def test_12_a_new_year():
    before, after = indices_12(factors_12("12.1")), indices_12(with_2023())
    for place, (_, old, new) in enumerate(table("12.5")[1:]):
        assert old == (f"{float(before[place]):.4f}" if place < 3 else "")
        assert new == f"{float(after[place]):.4f}"
    literacy = normalised(with_2023()["literacy", "↓"], "↓")[1]
    assert [row[0] for row in table("12.5")[1:]] == ["2000", "2010", "2020", "2023"]
    says("12", "The maximum of literacy is now 100, and the range is 50.")
    says("12", "Literacy in 2010 was 0.75, and now", "Nothing happened in 2010, but its DVI is")
    says("12", f"1 − 10 / 50 = {float(literacy)}")


def test_12_weights_and_gaps():
    scaled, (_, second) = factors_12("12.2"), rural()
    literacy, poverty, water = (values[1] for values in scaled.values())
    social = (3 * literacy + second[1]) / 4
    says("12", f"(3 × 0.75 + 1 × 0.5) / 4 = {float(social):.4f}")
    says("12", f"({float(social)} + 1 + 0) / 3 = {float((social + poverty + water) / 3):.4f}")
    alone = (second[1] + poverty + water) / 3
    assert float(second[1]) == float(alone) == 0.5
    says("12", "Literacy has the weight 3, and rural population has the weight 1.")
    says("12", "The social component of 2010", "The DVI of 2010", "The value of literacy in 2010")
    says("12", "without poverty in 2010 there is no DVI in 2010.", "is Tier 1 enhanced.")
    says("12", "component is 0.5, from rural population alone, and the DVI is 0.5.")


def test_12_sexes():
    groups, scaled = literacy_by_sex(), factors_12("12.2")
    assert groups["total"] == factors_12("12.1")["literacy", "↓"]
    for total, female, male in zip(*groups.values(), strict=True):
        assert 2 * total == female + male
    assert table("12.6")[0][4:] == ["DVI 2000", "DVI 2020"]
    every = [value for values in groups.values() for value in values]
    low, high = min(every), max(every)
    says("12", f"The minimum is now {low} and the maximum is {high}, over all groups together.")
    for row in table("12.6")[1:]:
        for place, shown in ((0, row[4]), (2, row[5])):
            literacy = 1 - (groups[row[0]][place] - low) / (high - low)
            others = [values[place] for (name, _), values in scaled.items() if name != "literacy"]
            assert shown == f"{float((literacy + sum(others)) / 3):.4f}"
    for sex in ("female", "male"):  # a scale of its own: both from 1 to 0
        own = normalised(groups[sex], "↓")
        assert (own[0], own[2]) == (1, 0)
    says("12", f"from {table('12.3')[1][4]} to {table('12.6')[1][4]} in 2000")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_12_with_ldnkit():
    shown = [float(row[4]) for row in table("12.3")[1:]]
    for name in ("12.1", "12.4"):
        index = vulnerability.dvi(frame_12(factors_12(name)))
        assert index_of(index).tolist() == pytest.approx(shown, abs=5e-5)
        assert index.attrs["tier"] == "1"
    index = vulnerability.dvi(frame_12(with_2023(), (*YEARS, 2023)))
    after = [float(row[2]) for row in table("12.5")[1:]]
    assert index_of(index).tolist() == pytest.approx(after, abs=5e-5)

    table_ = frame_12(factors_12("12.1") | {("rural population", "↑"): rural()[0]})
    weights = {"literacy": 3, "rural_population": 1}
    index = vulnerability.dvi(table_, weights=weights)
    assert index_of(index)[2010] == pytest.approx(0.5625)
    assert index.attrs["tier"] == "1 enhanced"
    here = table_["year"] == 2010
    gap = table_[~(here & (table_["factor"] == "literacy"))]
    assert index_of(vulnerability.dvi(gap, weights=weights))[2010] == pytest.approx(0.5)
    gap = table_[~(here & (table_["factor"] == "poverty_headcount"))]
    assert index_of(vulnerability.dvi(gap, weights=weights)).isna().tolist() == [False, True, False]

    rows = [
        {"year": year, "factor": "literacy", "sex": sex, "value": float(value)}
        for sex, values in literacy_by_sex().items()
        for year, value in zip(YEARS, values, strict=True)
    ]
    plain = frame_12(factors_12("12.1"))
    plain = plain[plain["factor"] != "literacy"]
    index = vulnerability.dvi(pd.concat([plain, pd.DataFrame(rows)], ignore_index=True))
    for sex, *_, first, last in table("12.6")[1:]:
        found = index_of(index, sex)[[2000, 2020]].tolist()
        assert found == pytest.approx([float(first), float(last)], abs=5e-5)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_12_tiers():
    def rows(names, sex="total", unit="national"):
        values = {"female": 20, "male": 40, "total": 30}
        return [
            {"year": year, "factor": name, "sex": sex, "unit": unit, "value": values[sex] + add}
            for name in names
            for year, add in ((2000, 0), (2010, 5))
        ]

    core = ["literacy", "poverty_headcount", "safely_managed_water"]
    more = [*core, "rural_population", "agriculture_share", "irrigated_share"]

    def by_sex(unit="national"):
        return [row for sex in ("female", "male") for row in rows(["literacy"], sex, unit)]

    local = [*rows(["literacy"], unit="north"), *by_sex("north")]
    made = {
        "1": rows(core),
        "1 enhanced": rows(more),
        "2": [*rows(more), *by_sex()],
        "3": [*rows(more), *by_sex(), *local],
    }
    text = lesson("12").read_text(encoding="utf-8")
    shown = [cells(line)[0] for line in re.findall(r"^\| [123].* \| (?:yes|no) \|$", text, re.M)]
    assert shown == list(made)
    for name, given in made.items():
        assert vulnerability.tier(pd.DataFrame(given)) == name


def test_terms_are_in_the_glossary():
    page = (FOLDER / "glossary.md").read_text(encoding="utf-8")
    terms = {cells(line)[0] for line in blocks_of_table(page)[0][2:]}
    assert terms >= {"DVI", "SPI", "SPEI", "gamma distribution", "exposure", "reference period"}
