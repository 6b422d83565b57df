"""Every worked number of the lessons is recomputed.

The examples are read out of the Markdown tables and solved a second time here, with plain Python
written from the methods text; then once more with ldnkit.  A number changed in a lesson, or a rule
changed in the code, makes a test fail.
"""

import math
import re
from fractions import Fraction
from itertools import combinations, permutations, product

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from lesson_pages import LESSONS, body, column, grid, lesson, number, says, table

NODATA = -32768
SIGNS = {"−": -1, "0": 0, "+": 1, "nd": NODATA}
CLASSES = {"degraded": -1, "stable": 0, "improved": 1, "no data": NODATA}
COVERS = ["tree", "grass", "crop", "wetland", "artificial", "other", "water"]


def raster(values):
    """Nine values A … I as a 3 × 3 class layer."""
    return xr.DataArray(np.array(list(values)).reshape(3, 3).astype(np.int16), dims=("y", "x"))


def flat(layer):
    return np.asarray(layer).ravel().tolist()


def areas_by_class(values):
    values = list(values)
    return {name: values.count(code) for name, code in CLASSES.items()}


# ---------------------------------------------------------------- sums in the sentences
NUMBER = r"(?:\d{1,3}(?: \d{3})+|\d+(?:\.\d+)?)"
SUM = re.compile(rf"(?<![\w.])(−?{NUMBER}(?: [×/+−] {NUMBER})+) = (−?{NUMBER})")


def value_of(text):
    """Value of a sum such as "2 × 0.98 + 3 × 0.99", products before sums."""
    total = Fraction(0)
    for operator, term in re.findall(r"(^| [+−] )((?:(?! [+−] ).)+)", text):
        first, *others = re.split(r" ([×/]) ", term)
        product_ = number(first)
        for sign, factor in zip(others[::2], others[1::2], strict=True):
            product_ = product_ * number(factor) if sign == "×" else product_ / number(factor)
        total += -product_ if "−" in operator else product_
    return total


def test_value_of_a_sum():
    assert value_of("2 × 0.98 + 3 × 0.99 − 1") == Fraction("3.93")
    assert value_of("−10 / 50 × 100") == -20
    assert value_of("1 256 / 40 320") == Fraction(1256, 40320)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_every_sum_in_the_sentences_is_right(path):
    sums = SUM.findall(body(path))
    assert sums
    for left, right in sums:
        decimals = len(right.partition(".")[2])
        assert abs(value_of(left) - number(right)) * 10**decimals <= Fraction(1, 2), (left, right)


# ---------------------------------------------------------------- 00 and 01: areas
def test_00_share_of_degraded_land():
    found = list(grid("00.1").values())
    for name, count, area in table("00.2")[1:-1]:
        assert (int(count), int(area)) == (found.count(name), 2 * found.count(name))
    assert table("00.2")[-1][1:] == ["9", "18"]
    land = 18 - 2 * found.count("water")
    degraded = 2 * found.count("degraded")
    says("00", f"{degraded} / {land} × 100 = {100 * degraded / land:.1f} %")
    says("00", f"{degraded} / 18 × 100 = {100 * degraded / 18:.1f} %")
    known = land - 2 * found.count("no data")
    says("00", "each cell has an area of 2 km²")
    says("00", f"{degraded} / {known} × 100 = {100 * degraded / known:.1f} %")


def areas_of_rows(name):
    areas = [number(row[4]) for row in table(name)[1:]]
    return dict(zip("ABCDEFGHI", [area for area in areas for _ in range(3)], strict=True))


@pytest.mark.parametrize(("map_name", "year"), [("01.1", "2000"), ("01.2", "2023")])
def test_01_land_and_water(map_name, year):
    area, cover = areas_of_rows(map_name), grid(map_name)
    water = sum(area[cell] for cell in cover if cover[cell] == "water")
    country = sum(area[cell] for cell in cover if cover[cell] != "outside")
    row = next(row for row in table("01.3") if row[0] == year)
    assert [number(cell) for cell in row[1:]] == [country - water, water, country]
    says("01", f"= {float(country):.2f} km²", f"That is {float(8 - country):.2f} km² too much")
    says("01", f"{float(water):.2f} km²")
    north, middle, south = (f"{float(area[cell]):.2f} km²" for cell in "ADG")
    says(
        "01", f"north row have {north} each, those of the middle row {middle}", f"south row {south}"
    )
    cells = [cell for cell in cover if cover[cell] == "water"]
    says("01", f"The water of {year} is cells {', '.join(cells[:-1])} and {cells[-1]}:")


def test_01_what_changed():
    before, after = (column("01.3", 1)[year] for year in ("2000", "2023"))
    says("01", f"The land area grew by {float(after - before):.2f} km²")
    inside = sum(cell != "outside" for cell in grid("01.1").values())
    says("01", f"With a nominal cell of 1 km² the country would have {inside} km².")


def test_01_closest_year_and_population():
    series = re.search(r"has the years (.*)\.", body(lesson("01"))).group(1)
    available = [int(year) for year in re.findall(r"\d{4}", series)]
    for asked, used, distance in (map(int, row) for row in table("01.4")[1:]):
        assert distance == abs(used - asked)
        assert [year for year in available if abs(year - asked) <= distance] == [used]
    gaps = [number(row[1]) - number(row[2]) - number(row[3]) for row in table("01.5")[1:]]
    assert gaps == [0, Fraction("0.1")]
    says("01", f"{float(gaps[1])} thousand, which is {int(gaps[1] * 1000)} persons")
    for year, _, male, female in table("01.5")[1:]:
        says("01", f"For {year}, {male} + {female} = {float(number(male) + number(female)):.1f}")
    says("01", f"but the total says {table('01.5')[2][1]}.")


def test_01_with_ldnkit():
    periods = pytest.importorskip("ldnkit.periods")
    available = [2001, 2004, 2008, 2012, 2015, 2018, 2022]
    for asked, used, _ in (map(int, row) for row in table("01.4")[1:]):
        assert periods.closest_year(asked, available) == used
    assert periods.closest_year(2010, [2009, 2011]) == 2009  # equally close: the earlier one


# ---------------------------------------------------------------- 02: land cover
def matrix_02():
    rows = table("02.0")
    assert rows[0][1:] == COVERS and [row[0] for row in rows[1:]] == COVERS
    return {
        (row[0], to): SIGNS[s] for row in rows[1:] for to, s in zip(COVERS, row[1:], strict=True)
    }


def results_02():
    first, last, matrix = grid("02.1"), grid("02.2"), matrix_02()
    return {cell: matrix.get((first[cell], last[cell]), NODATA) for cell in first}


def test_02_cells_follow_the_matrix():
    first, last, results = grid("02.1"), grid("02.2"), results_02()
    for cell, before, after, _, sign, result in table("02.3")[1:]:
        assert (before, after) == (first[cell], last[cell])
        assert CLASSES[result] == results[cell] == SIGNS.get(sign, NODATA)


def test_02_areas_and_change_matrix_close():
    first, last = list(grid("02.1").values()), list(grid("02.2").values())
    for name, before, after, net in table("02.4")[1:-1]:
        assert (int(before), int(after)) == (first.count(name), last.count(name))
        assert number(net) == int(after) - int(before)
    assert table("02.4")[-1][1:] == ["9", "9", "0"]
    names = [*COVERS, "no data"]
    change = {row[0]: [int(cell) for cell in row[1:]] for row in table("02.5")[1:]}
    pairs = list(zip(first, last, strict=True))
    for name in names:
        assert change[name] == [pairs.count((name, to)) for to in names] + [first.count(name)]
    assert change["all"] == [last.count(name) for name in names] + [9]
    gained = sum(after == "crop" != before for before, after in pairs)
    lost = sum(before == "crop" != after for before, after in pairs)
    says("02", f"Cropland grew by only {gained - lost} km².")
    says("02", f"But {gained} km² became cropland, and {lost} km² of cropland was lost.")


def test_02_shares():
    counts = areas_by_class(results_02().values())
    assert {row[0]: int(row[1]) for row in table("02.6")[1:-1]} == counts
    shares = [round(100 * count / 9, 1) for count in counts.values()]
    assert sorted(float(row[2]) for row in table("02.6")[1:-1]) == sorted(shares)
    says("02", f"add up to {sum(shares):.1f}, not to 100.0")


def test_02_with_ldnkit():
    landcover = pytest.importorskip("ldnkit.landcover")
    tables = pytest.importorskip("ldnkit.tables")
    code = dict(zip([*COVERS, "no data"], [*range(1, 8), NODATA], strict=True))
    first, last = (raster(code[name] for name in grid(key).values()) for key in ("02.1", "02.2"))
    assert flat(landcover.degradation(first, last)) == list(results_02().values())
    signs = tables.transition_matrix()[["from", "to", "sign"]].itertuples(index=False)
    assert {(COVERS[a - 1], COVERS[b - 1]): sign for a, b, sign in signs} == matrix_02()


# ---------------------------------------------------------------- 03: land productivity
def mann_kendall(values):
    return sum((b > a) - (b < a) for a, b in combinations(values, 2))


def orders_with(n):
    """How many of the n! orders have |S| at least s, counted by adding one value at a time."""
    orders = {0: 1}
    for size in range(1, n):  # the new largest value falls below `lower` of the earlier places
        grown = {}
        for s, lower in product(orders, range(size + 1)):
            grown[s + size - 2 * lower] = grown.get(s + size - 2 * lower, 0) + orders[s]
        orders = grown
    return lambda least: sum(count for s, count in orders.items() if abs(s) >= least)


def series_03():
    return [int(row[1]) for row in table("03.1")[1:-1]]


def test_counting_orders_agrees_with_writing_them_all_down():
    seen = [mann_kendall(order) for order in permutations(range(6))]
    assert [orders_with(6)(s) for s in (1, 9, 15)] == [
        sum(abs(s) >= least for s in seen) for least in (1, 9, 15)
    ]


def test_03_trend():
    values = series_03()
    for place, row in enumerate(table("03.1")[1:-1]):
        higher = sum(later > values[place] for later in values[place + 1 :])
        lower = sum(later < values[place] for later in values[place + 1 :])
        assert [number(cell) for cell in row[2:]] == [higher, lower, higher - lower]
    s, count = mann_kendall(values), orders_with(8)
    assert [number(cell) for cell in table("03.1")[-1][2:]] == [5, 23, s] and s == -18
    assert math.factorial(8) == 40320 and len(set(values)) == 8
    for least, orders, p, answer in table("03.2")[1:]:
        assert number(orders) == count(int(least))
        assert f"{count(int(least)) / 40320:.3f}" == p
        assert answer == ("yes" if count(int(least)) / 40320 <= 0.05 else "no")
    half = count(-s) // 2
    says("03", f"In {half} of them S is {-s} or more, and in {half} of them S is −{-s} or less.")
    says("03", "There are 28 pairs: 5 rise and 23 fall.", "can stand in 40 320 orders")
    says("03", "p = 1 256 / 40 320 = 0.031", "S = 6 − 22 = −16, and p = 0.061")
    says("03", f"asks for S of 14, which is p = {count(14) / 40320:.3f}")
    says("03", f"{values[7]} comes first and {values[6]} comes last")
    slope = np.polyfit(np.arange(8), values, 1)[0]
    says("03", f"slope of the line is {slope:.2f} units".replace("-", "−"))
    swapped = [*values[:6], values[7], values[6]]
    assert mann_kendall(swapped) == -16 and np.polyfit(np.arange(8), swapped, 1)[0] < 0


@pytest.mark.parametrize(("n", "critical"), [(15, 41), (16, 46)])
def test_03_critical_s_of_a_full_window(n, critical):
    # S has the parity of n(n-1)/2, so the value before the critical one is two lower
    level, count = math.factorial(n) // 20, orders_with(n)
    assert count(critical) <= level < count(critical - 2)
    if n == 16:
        says("03", f"S is at least {critical}, or at most −{critical}")


def history_and_recent():
    text = body(lesson("03"))
    history = re.search(r"^The history is (.*)\.$", text, re.M).group(1)
    recent = re.search(r"^The recent years are (.*)\.$", text, re.M).group(1)
    return [[int(value) for value in re.findall(r"\d+", part)] for part in (history, recent)]


def test_03_state():
    history, recent = history_and_recent()
    margin = Fraction(max(history) - min(history), 20)
    ordered = sorted([*history, min(history) - margin, max(history) + margin])
    says("03", ", ".join(str(value) for value in ordered) + ".")
    limits = []
    for tenth in range(1, 10):
        place = Fraction(tenth * (len(ordered) - 1), 10)
        low = ordered[int(place)]
        limits.append(low + (place - int(place)) * (ordered[int(place) + 1] - low))
    assert [number(cell) for cell in table("03.3")[1]] == limits
    means = [Fraction(sum(years), len(years)) for years in (history, recent)]
    classes = [1 + sum(mean > limit for limit in limits) for mean in means]
    says("03", f"{sum(history)} / 8 = {float(means[0])}", f"its class is {classes[0]}")
    says("03", f"{sum(recent)} / 3 = {float(means[1])}", f"its class is {classes[1]}")
    assert classes == [6, 3]
    says("03", f"5 % of it is {margin}.", "p10 lies 0.9 steps from the first value")
    says("03", "The difference is 3 − 6 = −3.")


def unit_means():
    text = re.search(r"over the window are (.*)\.", body(lesson("03"))).group(1)
    return [int(value) for value in re.findall(r"\d+", text)]


def test_03_performance():
    means = sorted(unit_means())
    reference = means[9]  # eleven values: the 90th percentile is the tenth
    assert len(means) == 11 and reference == 60
    says("03", f"so the 90th percentile is the tenth value: {reference}.")
    for mean, ratio, answer in table("03.4")[1:]:
        assert int(mean) in means and ratio == f"{int(mean) / reference:.2f}"
        assert answer == ("−" if 2 * int(mean) < reference else "0")


def lpd_rule(trend, state, performance):
    """The eight rows of the methods text, in words."""
    if NODATA in (trend, state, performance):
        return NODATA
    if trend == -1:
        return 1
    if state == performance == -1:
        return 2 if trend == 1 else 1
    if trend == 1:
        return 5
    if state == -1:
        return 2
    return 3 if (state, performance) == (0, -1) else 4


LPD_RESULT = {1: -1, 2: -1, 3: 0, 4: 0, 5: 1, NODATA: NODATA}


def combinations_03():
    """Trend, state, performance of the land cells A … H."""
    found = grid("03.5")
    assert found.pop("I") == "water"
    return {cell: tuple(SIGNS[sign] for sign in text.split()) for cell, text in found.items()}


def test_03_rule_table():
    seen = {}
    for trend, state, performance, lpd, result in table("03.0")[1:]:
        for signs in product((-1, 0, 1), (-1, 0, 1), (-1, 0)):
            words = zip(signs, (trend, state, performance), strict=True)
            fits = all(word.startswith("any") or SIGNS[word] == sign for sign, word in words)
            if fits and not ("but not" in state and signs[1:] == (-1, -1)):
                assert signs not in seen
                seen[signs] = (int(lpd[0]), CLASSES[result])
    assert len(seen) == 18
    assert seen == {signs: (lpd_rule(*signs), LPD_RESULT[lpd_rule(*signs)]) for signs in seen}


def test_03_nine_cells_and_tables():
    lpd = {cell: lpd_rule(*signs) for cell, signs in combinations_03().items()}
    shown = grid("03.6")
    for cell, code in lpd.items():
        name = next(name for name, value in CLASSES.items() if value == LPD_RESULT[code])
        assert shown[cell] == (name if code == NODATA else f"{code} {name}")
    assert shown["I"] == "water"
    codes = [1, 2, 3, 4, 5, NODATA]
    for (name, *found), row in zip(
        table("03.7")[1:], ("ABC", "DEF", "GH", "ABCDEFGH"), strict=True
    ):
        inside = [lpd[cell] for cell in row]
        assert [int(cell) for cell in found] == [inside.count(c) for c in codes] + [len(row)], name
    counts = areas_by_class(LPD_RESULT[code] for code in lpd.values())
    for name, area, share in table("03.8")[1:-1]:
        assert (int(area), float(share)) == (counts[name], 100 * counts[name] / 8)


def over_years(rows, first_year=2000):
    """DataArray (year, y, x): one row of cells, given year by year."""
    values = np.array(rows, float)[:, None, :]
    years = range(first_year, first_year + len(values))
    return xr.DataArray(values, dims=("year", "y", "x"), coords={"year": list(years)})


def test_03_with_ldnkit():
    productivity = pytest.importorskip("ldnkit.productivity")
    values = series_03()
    both = over_years(list(zip(values, [*values[:6], values[7], values[6]], strict=True)))
    result = productivity.trend(both)
    assert flat(result["s"]) == [-18, -16] and flat(result["trend"]) == [-1, 0]
    assert np.round(result["p"].values.ravel(), 3).tolist() == [0.031, 0.061]
    default_data = productivity.trend(both, compat="trends.earth", scale=100)
    assert flat(default_data["trend"]) == [-1, -1]

    history, recent = history_and_recent()
    annual = over_years([[value] for value in history + recent])
    assert flat(productivity.state(annual, history=(2000, 2007), recent=(2008, 2010))) == [-1]

    annual = over_years([unit_means()] * 8)
    units = xr.zeros_like(annual[0], dtype=np.int16)
    expected = [-1 if mean == 20 else 0 for mean in unit_means()]
    assert flat(productivity.performance(annual, units, scale=100)) == expected
    expected = [-1 if mean <= 30 else 0 for mean in unit_means()]
    assert flat(productivity.performance(annual, units, scale=100, inclusive=True)) == expected

    layers = zip(*[*combinations_03().values(), (NODATA,) * 3], strict=True)
    lpd = productivity.dynamics(*(raster(layer) for layer in layers))
    expected = [lpd_rule(*signs) for signs in combinations_03().values()] + [NODATA]
    assert flat(lpd) == expected
    assert flat(productivity.degradation(lpd)) == [LPD_RESULT[code] for code in expected]


# ---------------------------------------------------------------- 04: soil organic carbon
F = Fraction("0.80")
YEARS = range(2000, 2024)


def factors_04():
    rows = table("04.0")
    assert rows[0][1:] == COVERS and [row[0] for row in rows[1:]] == COVERS
    words = {"f": F, "1/f": 1 / F, "1/0.71": 1 / Fraction("0.71")}
    return {
        (row[0], to): words[cell] if cell in words else Fraction(cell)
        for row in rows[1:]
        for to, cell in zip(COVERS, row[1:], strict=True)
    }


def histories_04():
    """Class of every year 2000–2023 of the nine cells."""
    covers = {}
    for cell, text in grid("04.1").items():
        before, _, change = text.partition(", ")
        after, _, year = change.partition(" in ")
        begin = int(year) if year else 9999
        covers[cell] = [after if this >= begin else before for this in YEARS]
    return covers


def stocks_04(reference, covers):
    """Stock of each year: a straight line over 20 years to stock × factor."""
    factors, stocks = factors_04(), [Fraction(reference)]
    step = left = 0
    for before, after in zip(covers, covers[1:], strict=False):
        if after != before:
            step, left = stocks[-1] * (factors[before, after] - 1) / 20, 20
        stocks.append(stocks[-1] + (step if left > 0 else 0))
        left -= 1
    return dict(zip(YEARS, stocks, strict=True))


def change_04(stocks, first, last):
    return 100 * (stocks[last] - stocks[first]) / stocks[first]


def soil_class(change):
    return (change > 10) - (change < -10)


def all_stocks_04():
    """Stocks of the land cells, from the references in table 04.2."""
    reference = {cell: value for cell, value in column("04.2", 1).items() if value}
    covers = histories_04()
    assert set(reference) == set("ABCDEFGH") and set(covers["I"]) == {"water"}
    return {cell: stocks_04(stock, covers[cell]) for cell, stock in reference.items()}


def test_04_nine_cells():
    covers, factors = histories_04(), factors_04()
    stocks = all_stocks_04()
    for cell, *found, result in table("04.2")[1:-1]:
        first, last = covers[cell][0], covers[cell][15]
        factor = factors[first, last]
        steps = sum(cover != first for cover in covers[cell][:16])
        change = change_04(stocks[cell], 2000, 2015)
        expected = [stocks[cell][2000], factor, stocks[cell][2000] * factor, steps]
        assert [number(text) for text in found] == [*expected, stocks[cell][2015], change], cell
        assert CLASSES[result] == soil_class(change)
    assert table("04.2")[-1][0] == "I" and table("04.2")[-1][-1] == "water"


def test_04_tables():
    stocks, covers = all_stocks_04(), histories_04()
    counts = areas_by_class(soil_class(change_04(s, 2000, 2015)) for s in stocks.values())
    for name, area, share in table("04.3")[1:-1]:
        assert (int(area), float(share)) == (counts[name], 100 * counts[name] / 8)
    for year, inside, mean in table("04.4")[1:]:
        crop = [cell for cell in stocks if covers[cell][int(year) - 2000] == "crop"]
        assert inside == ", ".join(crop)
        assert number(mean) == sum(stocks[cell][int(year)] for cell in crop) / len(crop)


def test_04_one_cell():
    stock = all_stocks_04()["B"]
    level = stock[2000] * F
    step = float((stock[2000] - level) / 20)
    says("04", f"Cell B is grass in 2000 with {stock[2000]} t/ha.", "in the map of 2001.")
    says(
        "04",
        f"is {stock[2000]} × 0.80 = {level} t/ha",
        f"in 20 years, which is {step} t/ha per year",
    )
    says("04", f"From 2001 to 2015 there are 15 steps: 15 × {step} = {15 * step} t/ha.")
    says("04", f"In 2015 the stock is {stock[2000]} − {15 * step} = {float(stock[2015])} t/ha.")
    says("04", f"The change is −{15 * step} / 50 × 100 = −15 %")
    says("04", f"From 2017 to 2023 there are 7 steps: 7 × {step} = {7 * step} t/ha.")
    says("04", f"from 2016 to 2023 is −{7 * step} / 50 × 100 = −7 %")
    says("04", "Cell C becomes crop in 2006, so it has 10 steps until 2015.")
    says("04", f"The loss is 10 × {step} = 5 t/ha, and 5 / 50 × 100 = 10 %.")
    says("04", "Cell B has 16 steps in 2016, and its stock is 42 t/ha.")
    says("04", "In 2020 the 20 years are complete, and the stock stays at 40 t/ha.")


def test_04_seven_steps_ten_percent_and_an_old_change():
    late = stocks_04(50, ["grass"] * 17 + ["crop"] * 7)
    assert late[2023] == Fraction("46.5") and change_04(late, 2016, 2023) == -7
    says("04", "In 2023 the stock is 46.5 t/ha.", "= −7 %, so the cell is stable")
    stocks = all_stocks_04()
    assert change_04(stocks["B"], 2000, 2015) == -15
    assert change_04(stocks["C"], 2000, 2015) == -10 and soil_class(-10) == 0
    assert (stocks["B"][2016], stocks["B"][2020], stocks["B"][2023]) == (42, 40, 40)
    change = float(change_04(stocks["B"], 2016, 2023))
    says("04", f"−2 / 42 × 100 = {change:.1f} %, so cell B is stable".replace("= -", "= −"))
    assert change_04(stocks["B"], 2000, 2023) == -20
    says("04", "−10 / 50 × 100 = −20 %, which is degraded")


def test_04_with_ldnkit():
    soil = pytest.importorskip("ldnkit.soil")
    covers, stocks = histories_04(), all_stocks_04()
    codes = np.array([[COVERS.index(name) + 1 for name in covers[cell]] for cell in covers])
    land_cover = xr.DataArray(
        codes.T.reshape(-1, 3, 3).astype(np.int16),
        dims=("year", "y", "x"),
        coords={"year": list(YEARS)},
    )
    reference = [float(stocks[cell][2000]) if cell in stocks else np.nan for cell in covers]
    reference = xr.DataArray(np.reshape(reference, (3, 3)), dims=("y", "x"))
    made = soil.stocks(reference, land_cover, xr.full_like(reference, 0.80))
    for place, cell in enumerate("ABCDEFGH"):
        series = made.values.reshape(len(YEARS), 9)[:, place]
        np.testing.assert_allclose(series, [float(stocks[cell][year]) for year in YEARS])
    change = soil.change(made.sel(year=2000), made.sel(year=2015))
    expected = [soil_class(change_04(stocks[cell], 2000, 2015)) for cell in "ABCDEFGH"]
    assert flat(soil.degradation(change)) == [*expected, NODATA]
    expected[2] = -1  # cell C, exactly -10 %
    assert flat(soil.degradation(change, inclusive=True)) == [*expected, NODATA]


# ---------------------------------------------------------------- 05: degraded land
def sub_indicators_05():
    """Productivity, land cover and soil of the land cells A … H in the baseline."""
    layers = [grid(name) for name in ("05.1", "05.2", "05.3")]
    assert all(layer.pop("I") == "water" for layer in layers)
    return {cell: tuple(SIGNS[layer[cell]] for layer in layers) for cell in "ABCDEFGH"}


def one_out_all_out(signs, *, strict=False):
    if strict and NODATA in signs:
        return NODATA
    if -1 in signs:
        return -1
    return NODATA if NODATA in signs else max(signs)


def status(baseline, period):
    """Class and detail, from the sentences: the last change decides, else the baseline stays."""
    if NODATA in (baseline, period):
        return NODATA, NODATA
    detail = {
        -1: {-1: 1, 0: 2, 1: 2},
        0: {-1: 3, 0: 4, 1: 5},
        1: {-1: 6, 0: 6, 1: 7},
    }[period][baseline]
    return (period or baseline), detail


def classes_05(name):
    layer = grid(name)
    assert layer.pop("I") == "water"
    return {cell: CLASSES[text] for cell, text in layer.items()}


def status_05():
    baseline, period = classes_05("05.4"), classes_05("05.5")
    return {cell: status(baseline[cell], period[cell]) for cell in baseline}


def test_05_one_out_all_out():
    signs, shown = sub_indicators_05(), classes_05("05.4")
    assert shown == {cell: one_out_all_out(values) for cell, values in signs.items()}
    strict = {cell: one_out_all_out(values, strict=True) for cell, values in signs.items()}
    assert {cell for cell in shown if shown[cell] != strict[cell]} == {"H"}
    period = classes_05("05.5")
    degraded = sum(status(strict[cell], period[cell])[0] == -1 for cell in strict)
    first, last = 100 * list(strict.values()).count(-1) / 8, 100 * degraded / 8
    says("05", f"the shares are {first:.1f} % and {last:.1f} %")
    status_share = [code for code, _ in status_05().values()].count(-1) / 8 * 100
    says(
        "05", f"One cell without carbon data moves the result by {status_share - last:.1f} percent"
    )


def test_05_status_matrix_and_nine_cells():
    for baseline, *row in table("05.0")[1:]:
        for period, text in zip(table("05.0")[0][1:], row, strict=True):
            name, detail = re.fullmatch(r"(\w+) \((\d)\)", text).groups()
            expected = status(CLASSES[baseline], CLASSES[period])
            assert (CLASSES[name], int(detail)) == expected
    shown = grid("05.6")
    assert shown.pop("I") == "water"
    for cell, (code, detail) in status_05().items():
        name = next(name for name, value in CLASSES.items() if value == code)
        assert shown[cell] == (name if code == NODATA else f"{name} {detail}")


def test_05_tables():
    baseline, period = classes_05("05.4"), classes_05("05.5")
    pairs = [(baseline[cell], period[cell]) for cell in baseline]
    rows = {row[0]: [int(cell) for cell in row[1:]] for row in table("05.7")[1:]}
    for name, code in CLASSES.items():
        expected = [pairs.count((code, to)) for to in CLASSES.values()]
        assert rows[name] == [*expected, sum(expected)]
    assert rows["all"] == [sum(rows[name][k] for name in CLASSES) for k in range(5)]
    last = [code for code, _ in status_05().values()]
    for (year, *found), codes in zip(table("05.8")[1:], (baseline.values(), last), strict=True):
        counts = list(areas_by_class(codes).values())
        assert [int(cell) for cell in found] == [*counts, 8, 1, 9]
        share = f"{counts[0]} / 8 × 100 = {100 * counts[0] / 8:.1f} %"
        says("05", f"In {year} the share is {share}.")
    before, after = list(baseline.values()).count(-1), last.count(-1)
    points = 100 * (after - before) / 8
    says("05", f"+{after - before} km² and +{points:.1f} percentage points")
    says("05", f'Do not write "+{points:.1f} %": the degraded area grew by')
    grown = 100 * (after - before) / before
    says("05", f"grew by {grown:.1f} %, and the share by {points:.1f} percentage points")
    assessed = list(period.values()).count(-1)
    says("05", f"Only {assessed} km² are degraded", f"The status says {after} km²")


def test_05_with_ldnkit():
    degradation = pytest.importorskip("ldnkit.degradation")
    signs = [*sub_indicators_05().values(), (NODATA,) * 3]
    layers = [raster(layer) for layer in zip(*signs, strict=True)]
    baseline = degradation.one_out_all_out(*layers)
    assert flat(baseline) == [one_out_all_out(values) for values in signs]
    strict = degradation.one_out_all_out(*layers, missing="trends.earth")
    assert flat(strict) == [one_out_all_out(values, strict=True) for values in signs]
    period = raster([*classes_05("05.5").values(), NODATA])
    expected = [*status_05().values(), (NODATA, NODATA)]
    assert flat(degradation.status(baseline, period)) == [code for code, _ in expected]
    assert flat(degradation.status_detail(baseline, period)) == [detail for _, detail in expected]


# ---------------------------------------------------------------- 17: the report
ORDER_17 = ["degraded", "improved", "stable", "no data"]


def largest_remainder(values, unit):
    """Printed values: rounded down, then one unit each to the largest remainders."""
    down = [value // unit for value in values]
    missing = (sum(values) / unit + Fraction(1, 2)) // 1 - sum(down)
    ranked = sorted(range(len(values)), key=lambda k: down[k] - values[k] / unit)
    return [(down[k] + (k in ranked[:missing])) * unit for k in range(len(values))]


def test_17_totals_and_the_wrong_table():
    signs = sub_indicators_05()
    right = {
        "SO1-1.T7, baseline": [*(values[1] for values in signs.values()), 0],  # water is stable
        "SO1-2.T3, baseline": [values[0] for values in signs.values()],
        "SO1-3.T2, baseline": [values[2] for values in signs.values()],
        "SO1-4.T1, status 2023": [code for code, _ in status_05().values()],
    }
    assert table("17.1")[0][1:5] == ORDER_17
    wrong = []
    for name, *found, total, must_equal in table("17.1")[1:]:
        counts = areas_by_class(right[name])
        expected = [counts[key] for key in ORDER_17]
        assert int(total) == sum(map(int, found))
        assert int(must_equal.split()[0]) == sum(expected)
        if list(map(int, found)) != expected:
            wrong.append((name, int(found[2]) - expected[2], int(total) - sum(expected)))
            says("17", f"the right value is {expected[2]} km²")
    assert wrong == [("SO1-2.T3, baseline", 1, 1)]
    says("17", "So the country has 9 km², the water 1 km², and the land 8 km².")
    says("17", "SO1-2.T3 has 9 km², but the land has 8 km².", "The difference is 1 km²")
    says("17", "Count again in Table 05.1: there are four stable land cells")
    diagram = lesson("17").read_text(encoding="utf-8")
    assert "Error, SO1-2.T3: found a sum of 9 km²; expected 8 km² (land area)." in diagram


def test_17_status_tables():
    baseline = list(classes_05("05.4").values()).count(-1)
    last = [code for code, _ in status_05().values()].count(-1)
    assert [row[1:] for row in table("17.2")[1:]] == [
        [str(baseline), str(baseline), "yes"],
        [str(last), str(last), "yes"],
    ]


def test_17_rounded_areas():
    area, classes = areas_of_rows("17.3"), grid("17.3")
    exact = [sum(area[cell] for cell in area if classes[cell] == name) for name in ORDER_17]
    assert [row[0] for row in table("17.4")[1:]] == [*ORDER_17, "all"]
    columns = list(zip(*table("17.4")[1:], strict=True))[1:]
    exact_shown, ordinary, down, remainders, printed = ([number(c) for c in col] for col in columns)
    nearest = [(value + Fraction(1, 2)) // 1 for value in exact]
    floors = [value // 1 for value in exact]
    assert exact_shown == [*exact, sum(exact)]
    assert ordinary == [*nearest, sum(nearest)]
    assert down == [*floors, sum(floors)]
    rest = [value % 1 for value in exact]
    assert remainders == [*rest, sum(rest)]
    rounded = largest_remainder(exact, Fraction(1))
    assert printed == [*rounded, sum(rounded)] and sum(rounded) == 7 != sum(nearest)
    says("17", f"The exact total is {float(sum(exact))}, so the printed total is {sum(rounded)}.")
    says(
        "17",
        f"Rounding down gives {sum(floors)}, so {sum(rounded) - sum(floors)} units are missing.",
    )
    first, second = sorted(map(float, rest), reverse=True)[:2]
    says("17", f"The largest remainders are {first:.3f} and {second:.3f}.")
    says("17", f"get one unit each, and the parts add up to {sum(rounded)}.")


def test_17_rounded_shares():
    counts = areas_by_class(results_02().values())
    exact = [Fraction(100 * counts[name], 9) for name in ORDER_17]
    unit = Fraction(1, 10)
    columns = list(zip(*table("17.5")[1:], strict=True))
    down = [value // unit * unit for value in exact]
    rounded = largest_remainder(exact, unit)
    rest = [value - low for value, low in zip(exact, down, strict=True)]
    assert list(columns[0]) == [*ORDER_17, "all"]
    for shown, values, form in zip(
        columns[1:], (exact, down, rest, rounded), (".3f", ".1f", ".3f", ".1f"), strict=True
    ):
        assert list(shown) == [format(float(value), form) for value in [*values, sum(values)]]
    says("17", f"added up to {float(sum(down)):.1f} %", "so one unit is 0.1 %")
    says(
        "17", f"Its printed share is {float(rounded[0]):.1f} %, although 44.444 is nearer to 44.4."
    )


def test_17_with_ldnkit():
    rounding = pytest.importorskip("ldnkit.prais.rounding")
    for name, places, decimals in (("17.4", (1, 5), 0), ("17.5", (1, 4), 1)):
        exact = pd.Series({row[0]: float(number(row[places[0]])) for row in table(name)[1:-1]})
        printed = [float(number(row[places[1]])) for row in table(name)[1:-1]]
        total = float(number(table(name)[-1][places[1]]))
        made = rounding.largest_remainder(exact, decimals=decimals, total=total)
        assert made.tolist() == pytest.approx(printed)
