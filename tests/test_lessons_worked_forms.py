"""Every worked number of lessons 07, 08, 13, 14 and 15 is recomputed.

As in test_lessons_worked: the examples are read out of the Markdown tables and solved a second
time with plain arithmetic written from the methods text, then once more with ldnkit.
"""

import re
from fractions import Fraction
from itertools import combinations, permutations

import geopandas
import numpy as np
import pandas as pd
import pytest
import yaml
from lesson_pages import FOLDER, blocks_of_table, body, cells, grid, lesson, number, says, table
from shapely import box

from ldnkit import (
    biodiversity,
    degradation,
    finance,
    mannkendall,
    narrative,
    outlines,
    statistics,
    tables,
    targets,
)

NODATA = -32768
SIGNS = {"−": -1, "0": 0, "+": 1, "nd": NODATA}
STATUS = {"degraded": -1, "stable": 0, "improved": 1, "no data": NODATA}


def numbers(texts):
    return [number(text) for text in texts]


def signed(value):
    """A difference as the lessons print it."""
    return f"+{value}" if value > 0 else str(value).replace("-", "−")


def rounded(value, decimals):
    return f"{float(value):.{decimals}f}".replace("-", "−")


# ------------------------------------------------------------- 07: targets and neutrality
TYPES = {"tree": 1, "grass": 2, "crop": 3, "water": 7}


def map_07(name):
    """The 16 cells of a map: {"a1": text, …, "d4": text}."""
    head, *rows = table(name)
    assert head == ["", "1", "2", "3", "4"] and [row[0] for row in rows] == list("abcd")
    return {row[0] + head[place]: row[place] for row in rows for place in range(1, 5)}


def land_07():
    """Land type of the cells that are land."""
    return {cell: kind for cell, kind in map_07("07.1").items() if kind != "water"}


def status_07():
    """Status of 2023 by the matrix of lesson 05."""
    head, *rows = table("05.0")
    matrix = {
        (row[0], period): cell.split(" ")[0]
        for row in rows
        for period, cell in zip(head[1:], row[1:], strict=True)
    }
    names = {"−": "degraded", "0": "stable", "+": "improved"}
    baseline, period = map_07("07.2"), map_07("07.3")
    return {
        cell: matrix.get((names.get(baseline[cell]), names.get(period[cell])), "no data")
        for cell in land_07()
    }


def account_07():
    """Land type -> signs of its cells in the period."""
    period = map_07("07.3")
    found = {}
    for cell, kind in land_07().items():
        found.setdefault(kind, []).append(period[cell])
    return found


def plan_07():
    """Table 07.7 as a scenario."""
    return pd.DataFrame(
        {
            "land_type": TYPES[kind],
            "response": response,
            "anticipated_loss_km2": float(number(loss)),
            "anticipated_gain_km2": float(number(gain)),
            "note": note,
        }
        for kind, response, note, loss, gain, _, _ in table("07.7")[1:]
    )


def long_07():
    """The cells as the long table of the indicator degradation."""
    cover, period = map_07("07.1"), map_07("07.3")
    kinds = [TYPES[kind] for kind in cover.values()]
    signs = [SIGNS.get(sign, NODATA) for sign in period.values()]
    return pd.DataFrame(
        {"land_type": kinds, "land_cover_2023": kinds, "sdg_report_2": signs, "area_km2": 1.0}
    )


def test_07_gains_and_losses():
    waters = {
        cell for name in ("07.1", "07.2", "07.3", "07.5") for cell, text in map_07(name).items()
        if text == "water"
    }  # fmt: skip
    assert waters == {"d4"}
    sums = [0] * 5
    for kind, *shown, neutral in table("07.4")[1:-1]:
        signs = account_07()[kind]
        counts = [signs.count(sign) for sign in ("+", "−", "0", "nd")]
        net = counts[0] - counts[1]
        assert shown == [*map(str, counts), signed(net)]
        assert neutral == ("yes" if net >= 0 else "no")
        sums = [a + b for a, b in zip(sums, [*counts, net], strict=True)]
    assert table("07.4")[-1] == ["all", *map(str, sums[:4]), signed(sums[4]), "–"]
    says("07", "Each of the 16 cells has an area of 1 km², and cell d4 is water.")
    says("07", "the forest lost 1 km² more than it gained.", "The gains of the period exceed its")
    says("07", f"losses by {sums[4]} km².", "Cell d3 has no data", "of the year 2000.")
    assert [cell for cell, sign in map_07("07.3").items() if sign == "nd"] == ["d3"]
    says("07", "One land type of three is not neutral.")
    diagram = lesson("07").read_text(encoding="utf-8").split("```text")[1]
    for row in table("07.4")[1:-1]:
        gains, losses, net = row[1], row[2], row[5]
        assert re.search(rf"{row[0]} +{gains} +− +{losses} +{re.escape(net)} +{row[6]}", diagram)


def test_07_status():
    shown = {cell: text for cell, text in map_07("07.5").items() if text != "water"}
    assert shown == status_07()
    before = sum(map_07("07.2")[cell] == "−" for cell in shown)
    after = list(shown.values()).count("degraded")
    assert before == after == 6 and len(shown) == 15
    says("07", f"In 2015 the degraded land is {before} / 15 × 100 = {100 * before / 15:.1f} %")
    says("07", f"In 2023 it is again {after} / 15 × 100 = {100 * after / 15:.1f} %")
    says("07", "So we have three answers to three questions.")


def target_cells():
    return {row[0]: row[2].split() for row in table("07.6")[1:]}


def test_07_land_of_the_targets():
    status, baseline = status_07(), map_07("07.2")
    for name, _, _, *shown in table("07.6")[1:]:
        mine = target_cells()[name]
        found = [status[cell] for cell in mine if cell in status]
        counts = [found.count(kind) for kind in ("degraded", "improved", "stable", "no data")]
        assert numbers(shown[:-1]) == [len(mine), len(found), *counts]
        assert shown[-1] == f"{100 * counts[0] / len(found):.1f}"
    together = [cell for mine in target_cells().values() for cell in mine]
    both = {cell for cell in together if together.count(cell) > 1}
    says("07", f"Targets 2 and 3 share the cells {' and '.join(sorted(both))}.")
    says("07", f"The three polygons have {len(together)} km² together, but they cover only")
    says("07", f"cover only {len(set(together))} km².", "because c4 is in two targets.")
    sick = [cell for cell in together if status.get(cell) == "degraded"]
    says("07", f"add up to {len(sick)} km², but only {len(set(sick))} km² are degraded")
    says("07", f"1 / 3 × 100 = 33.3 % of its land is degraded, and not {100 / 4:.1f} %.")
    says("07", "Target 2 has water inside")
    first = target_cells()["1"]
    early = sum(baseline[cell] == "−" for cell in first)
    late = sum(status[cell] == "degraded" for cell in first)
    says(
        "07",
        f"Its polygon had {early} km² of degraded land in 2015, and it has {late} km² in 2023.",
    )
    says("07", '"restore the forest in the north-west by 2030"')
    says(
        "07",
        f'"by 2030 at most 1 of {len(first)} km² is degraded, compared with {early} km² in 2015"',
    )
    assert {row[1] for row in table("07.6")[1:]} == set(targets.HIERARCHY)
    assert set(together) <= set(map_07("07.1"))
    assert all(set(map_07(name).values()) <= {*SIGNS, "water"} for name in ("07.2", "07.3"))
    assert "nd" not in map_07("07.2").values()


def test_07_plan():
    nets = dict.fromkeys(account_07(), 0)
    for kind, response, _, *figures in table("07.7")[1:]:
        loss, gain, counted, net = numbers(figures)
        assert counted == (0 if response == "avoid" else gain)
        assert net == counted - loss and figures[3] == signed(net)
        nets[kind] += net
    sums = [0, 0, 0]
    for kind, first, planned, balanced, both, neutral in table("07.8")[1:-1]:
        so_far = account_07()[kind].count("+") - account_07()[kind].count("−")
        three = [so_far, nets[kind], so_far + nets[kind]]
        assert [first, planned, both] == list(map(signed, three))
        assert [balanced, neutral] == ["yes" if net >= 0 else "no" for net in three[1:]]
        sums = [a + b for a, b in zip(sums, three, strict=True)]
    assert table("07.8")[-1] == ["all", *map(signed, sums[:2]), "–", signed(sums[2]), "–"]
    rows = {row[0]: row for row in table("07.8")[1:]}
    gap, surplus = number(rows["crop"][4]), number(rows["grass"][4])
    says("07", f"opens a gap of {-gap} km² in cropland.", f"The surplus of {surplus} km² in grass")
    mine = table("07.7")[1]
    assert mine[2] == f"a mine is moved, which saves {mine[4]} km²"
    says("07", f"The mine still takes {mine[3]} km².", f"The {mine[4]} km² that was saved is not")
    loss = number(table("07.7")[4][3])
    says(
        "07",
        f"lose {loss + gap} km² of cropland and not {loss} km².",
        "### Step 5: the plan until 2030",
    )


def test_07_actions_and_the_last_cycle():
    area = sum(numbers(row[2] for row in table("07.9")[1:]))
    says("07", f"= {float(area)} km², if they lie on different land.")
    says("07", f"They cover {float(area)} / 4 × 100 = {100 * float(area) / 4:.1f} % of the area")
    better = [status_07()[cell] for cell in target_cells()["1"]].count("improved")
    says("07", f"But only {better} / 4 × 100 = {100 * better / 4:.1f} % of it is improved in 2023.")
    assert [row[1] for row in table("07.9")[1:]] == ["2018", "2022"]
    says("07", '"restore the forest in the north-west by 2030"')
    assert [row[2] for row in table("07.10")[1:4]] == ["2030"] * 3
    says("07", "Fences of 2022 cannot be seen in a map of 2023.")
    then = {row[0]: row[1] for row in table("07.10")[1:] if row[1]}
    now = {row[0]: row[2] for row in table("07.10")[1:] if row[2]}
    assert then == {"1": "2025", "2": "2030", "4": "2020"}
    for name, _, _, change in table("07.10")[1:]:
        if name in then and name in now:
            assert change == ("unchanged" if then[name] == now[name] else "edited")
        else:
            assert change == ("added" if name in now else "removed")
    says("07", f"Target 4 was for {then['4']}")
    assert number("400") / 100 == 4  # hectares
    says("07", "400 ha are 4 km², and a target of 400 km² is a hundred times too large.")
    assert tables.constant("target_area_tolerance") == 10
    says("07", "differs by more than 10 % from its polygon.")
    assert set(targets.choices("type")) == set(targets.HIERARCHY)
    block = next(b for b in blocks_of_table(body(lesson("07"))) if b[0].startswith("| Order"))
    assert tuple(cells(line)[1] for line in block[2:]) == targets.HIERARCHY
    assert len(targets.LINKS) == 5
    says("07", "A target links to up to five goals")


def test_07_with_ldnkit(tmp_path):
    order = [f"{row}{column}" for row in "abcd" for column in "1234"]
    layers = [
        np.array([SIGNS.get(map_07(name)[cell], NODATA) for cell in order], np.int16).reshape(4, 4)
        for name in ("07.2", "07.3")
    ]
    found = dict(zip(order, np.asarray(degradation.status(*layers)).ravel(), strict=True))
    assert {cell: STATUS[text] for cell, text in status_07().items()} == {
        cell: found[cell] for cell in status_07()
    }
    seen = targets.balance(long_07(), period="report_2", year=2023, water=[7])
    for kind, gains, losses, stable, nothing, net, neutral in table("07.4")[1:-1]:
        (row,) = seen[seen["land_type"] == TYPES[kind]].to_dict("records")
        counts = [row[name] for name in ("gains", "losses", "stable", "no_data", "net")]
        assert counts == [float(number(text)) for text in (gains, losses, stable, nothing, net)]
        assert row["neutral"] == (neutral == "yes")

    plan_07().to_csv(tmp_path / "anticipated.csv", index=False)
    with pytest.warns(UserWarning, match="avoid"):
        plan = targets.read_scenario(tmp_path / "anticipated.csv")
    counted = [float(number(row[5])) for row in table("07.7")[1:]]
    assert plan["counted_gain_km2"].tolist() == counted
    result = targets.counterbalance(plan, seen).set_index("land_type")
    for kind, first, planned, balanced, both, neutral in table("07.8")[1:-1]:
        row = result.loc[TYPES[kind]]
        three = [row[name] for name in ("net_so_far", "net_anticipated", "net")]
        assert three == [float(number(text)) for text in (first, planned, both)]
        assert [row["balanced"], row["neutral"]] == [balanced == "yes", neutral == "yes"]
    said = targets.messages(result.reset_index(), {3: "Cropland"})
    assert said[0].startswith("Cropland: ") and "1.00 km²" in said[0]
    assert "like for like" in said[1]

    rows = table("07.10")[1:]
    lists = [
        pd.DataFrame([{"target": row[0], "year": row[place]} for row in rows if row[place]])
        for place in (1, 2)
    ]
    changes = targets.carry_over(*lists).set_index("target")["change"].to_dict()
    assert changes == {row[0]: row[3] for row in rows}


# ------------------------------------------------------------------- 08: poverty and water
def poverty_08():
    """Year -> percent, the gap left out."""
    return {int(row[0]): number(row[2]) for row in table("08.1")[1:] if row[2]}


def pairs(values):
    """Rising and falling pairs of a series."""
    steps = [later - earlier for earlier, later in combinations(values, 2)]
    return sum(step > 0 for step in steps), sum(step < 0 for step in steps)


def orders():
    """Absolute S -> number of orders of six values, counted one by one."""
    found = {}
    for order in permutations(range(6)):
        up, down = pairs(order)
        found[abs(up - down)] = found.get(abs(up - down), 0) + 1
    return found


def p_08(s):
    return Fraction(sum(count for size, count in orders().items() if size >= abs(s)), 720)


def direction(s, n=6):
    if p_08(s) > Fraction(1, 20):
        return "unknown"  # fewer than eight values
    return "increase" if s > 0 else "decrease"


def test_08_series_are_those_of_the_list():
    known = tables.read("statistics_series").astype(str).set_index("series")
    block = next(b for b in blocks_of_table(body(lesson("08"))) if b[0].startswith("| Series"))
    names = {"poverty": "poverty", "Gini index": "gini", "drinking water": "water"}
    for line in block[2:]:
        name, form, where, code, country, validation = cells(line)
        row = known.loc[names[name]]
        world_bank = where == "World Bank"
        assert code == row["world_bank" if world_bank else "sdg_codes"]
        assert form.startswith(row["form"] + ".T")
        assert validation == {"yes": "no", "no": "yes"}[row["validated"]]
        assert country.startswith("ISO3" if world_bank else "M49")
        assert country.endswith("KEN" if world_bank else outlines.countries().loc["KEN", "m49"])
    places = outlines.countries()
    codes = {code: places.loc[code, "m49"] for code in ("KEN", "BGD", "AUT")}
    says("08", f"M49, for example {codes['KEN']}", "ISO3, for example KEN")
    says("08", f"in M49, {codes['BGD']} is Bangladesh and {codes['AUT']} is Austria.")
    read = yaml.safe_load(codes["BGD"])
    says("08", f"some programs read {codes['BGD']} as the number {read}.")
    assert f"{read:03d}" == codes["AUT"]
    names = {code: outlines.names(code)["en"] for code in ("AUS", "AUT")}
    says("08", f"AUS is {names['AUS']}, and AUT is {names['AUT']}.")


def test_08_percent():
    rows = table("08.1")[1:]
    for _, value, percent in rows:
        assert (value == "..") == (percent == "")
        if percent:
            assert 100 * number(value) == number(percent)
    assert [row[0] for row in rows if row[1] == ".."] == ["2008"]
    says("08", "The two points of 2008 mean", "0.413 must be written as 41.3.")
    says("08", "A value of 0.52 could also mean half a percent.", "so 52 % becomes 0.52 %.")
    assert rows[0][1] == "0.52" and 100 * Fraction("0.413") == Fraction("41.3")


def test_08_pairs():
    years, values = list(poverty_08()), list(poverty_08().values())
    head, *rows = table("08.2")
    assert head[1:-1] == [str(year) for year in years[1:]]
    assert [row[0] for row in rows] == [str(year) for year in years[:-1]]
    for place, row in enumerate(rows):
        signs = ["+" if later > values[place] else "−" for later in values[place + 1 :]]
        assert row[1:-1] == [""] * place + signs
        assert number(row[-1]) == signs.count("+") - signs.count("−")
    up, down = pairs(values)
    says("08", f"There are {up + down} pairs: {down} fall and {up} rises.")
    says("08", f"S = {up} − {down} = −{down - up}.")


def test_08_all_orders():
    counts = orders()
    rows = table("08.3")[1:]
    assert [int(row[0]) for row in rows] == sorted(counts, reverse=True)
    so_far = 0
    for s, here, more, p in rows:
        so_far += counts[int(s)]
        assert (int(here), int(more)) == (counts[int(s)], so_far)
        assert p == f"{so_far / 720:.4f}"
    assert so_far == 720
    one_rising = [order for order in permutations(range(6)) if pairs(order)[0] == 1]
    assert len(one_rising) == 5
    says("08", "In only one of them all pairs fall: S is −15.", "In five of them one pair rises:")
    says("08", f"So 2 × 6 / 720 = {float(p_08(13)):.4f} is", "an S of 13 or more, up or down.")
    least = min(s for s in counts if p_08(s) <= Fraction(1, 20))
    assert least == 13
    says("08", "with six values S must be 13 or 15.", "The limit is 0.05,")
    says("08", f"Here p is {float(p_08(13)):.4f}, and the direction is: {direction(-13)}.")
    says("08", f"S is −11, p is {float(p_08(11)):.4f}, and the direction is: {direction(-11)}.")


def test_08_urban_and_rural():
    without = {}
    for year, *figures in table("08.4")[1:]:
        urban, share_of_urban, rural, share_of_rural, served, total = numbers(figures)
        assert served == urban * share_of_urban / 100 + rural * share_of_rural / 100
        assert figures[-1] == f"{float(100 * served / (urban + rural)):.1f}"
        assert min(share_of_urban, share_of_rural) <= total <= max(share_of_urban, share_of_rural)
        without[year] = urban + rural - served
        mean = (share_of_urban + share_of_rural) / 2
    says("08", f"The mean of the two shares is {float(mean):.1f} %, and it is wrong")
    says("08", "But 3 696 thousand people had no safe water in 2022, and 3 000 thousand in 2000.")
    assert list(without.values()) == [3000, 3696]
    first, last = table("08.4")[1:]
    assert (first[0], last[0]) == ("2000", "2022")
    says("08", "so the total is 3 304 / 7 000 × 100 =", "76 / 100 × 2 800 + 28 / 100 × 4 200")
    says("08", "0.52 × 100 = 52 %", "A Gini index of 0.413 is reported, but the scale is 0 to 100.")
    says("08", "exchange two neighbours of the falling order, and S is −13.")
    ends = [row for row in table("08.5")[1:] if row[0] in ("2000", "2022")]
    assert [numbers(row[1:]) for row in ends] == [
        numbers([row[2], row[4], row[6]]) for row in (first, last)
    ]
    says("08", "In 2022 the people with safe water are")


def test_08_three_directions():
    head, *rows = table("08.5")
    assert [int(row[0]) for row in rows] == [2000, 2005, 2010, 2015, 2020, 2022]
    assert all(len(row[3].partition(".")[2]) == 1 for row in rows)
    for name, *shown in table("08.6")[1:]:
        values = numbers(row[head.index(name.capitalize())] for row in rows)
        up, down = pairs(values)
        p = f"{float(p_08(up - down)):.4f}"
        assert shown == [
            str(up),
            str(down),
            str(up - down).replace("-", "−"),
            p,
            direction(up - down),
        ]
    for _, urban, rural, total in rows:
        assert number(rural) <= number(total) <= number(urban)


def test_08_gaps_and_releases():
    years, values = list(poverty_08()), [float(value) for value in poverty_08().values()]
    filled = np.interp(range(2000, 2023), years, values)
    s = sum(np.sign(b - a) for a, b in combinations(filled.round(9), 2))
    says("08", f"Now there are {len(filled)} values, S is −{-s:.0f}, and p is less than 0.000001.")
    assert mannkendall.exact_p(len(filled))[int(-s)] < 1e-6
    says("08", f"but nobody measured {len(filled) - len(values)} of these values.")
    says(
        "08", f"the {dict(enumerate('one two three four five six'.split(), 1))[len(values)]} values"
    )
    says("08", "each year from 2000 to 2022.")
    _, *rows = table("08.7")
    older, newer, joined = (numbers(row[place] for row in rows) for place in (1, 2, 3))
    assert newer == list(poverty_08().values()) and [int(row[0]) for row in rows] == years
    assert joined == older[:3] + newer[3:]
    found = [up - down for up, down in map(pairs, (older, newer, joined))]
    assert found == [-13, -13, -11]
    says("08", f"Each release has S = −13: {direction(-13)}.")
    says("08", f"The joined series has S = −11: {direction(-11)}.")
    falls = [series[0] - series[-1] for series in (newer, joined)]
    says(
        "08",
        f"poverty fell by {falls[0]} percentage points, and in the joined series by only "
        f"{falls[1]}.",
    )
    assert table("08.7")[0][2].endswith("USD 3.00")
    says("08", "The line is USD 3.00 a day in prices of 2021.")


def test_08_with_ldnkit():
    for row in table("08.3")[1:]:
        assert f"{mannkendall.exact_p(6)[int(row[0])]:.4f}" == row[3]
    least = int(tables.constant("statistics_minimum_years"))
    assert least == 5
    says("08", "Fewer than five values give unknown.", "Five to seven values without a significant")
    head, *rows = table("08.5")
    long = pd.DataFrame(
        {"series": "water", "year": int(row[0]), "location": head[place].lower(),
         "value": float(number(row[place]))}
        for row in rows for place in (1, 2, 3)
    )  # fmt: skip
    found = statistics.directions(long).set_index("location")
    for name, _, _, s, p, said in table("08.6")[1:]:
        row = found.loc[name]
        assert (row["s"], row["direction"], f"{row['p']:.4f}") == (number(s), said, p)
        assert (row["n"], row["first"], row["last"]) == (6, 2000, 2022)
    short = pd.DataFrame({"year": [2000, 2001, 2002, 2003], "value": [4.0, 3.0, 2.0, 1.0]})
    short = short.assign(series="poverty", location="total")
    assert statistics.directions(short)["direction"].tolist() == ["unknown"]
    poverty = pd.DataFrame(
        {"series": "poverty", "location": "total", "year": list(poverty_08()),
         "value": [float(value) for value in poverty_08().values()]}
    )  # fmt: skip
    found = statistics.directions(poverty).iloc[0]
    assert (found["direction"], found["s"], f"{found['p']:.4f}") == ("decrease", -13, "0.0167")
    eight = pd.DataFrame({"year": range(8), "value": [1.0, 3, 2, 4, 2.5, 1.5, 3.5, 0.5]})
    eight = eight.assign(series="poverty", location="total")
    assert statistics.directions(eight)["direction"].tolist() == ["no_change"]


# ------------------------------------------------------- 13: species and protected areas
def weights_13():
    """Code -> weight as the lesson has it; DD has none."""
    block = next(b for b in blocks_of_table(body(lesson("13"))) if b[0].startswith("| Category"))
    found = {}
    for line in block[2:]:
        _, codes, weight = cells(line)
        for code in codes.split(", "):
            found[code] = None if weight == "left out" else int(weight)
    return found


def species_13():
    """Species -> codes of 2010 and 2020, each once."""
    found = {}
    for _, name, *codes in table("13.1")[1:]:
        assert found.setdefault(name, codes) == codes
    return found


def index_13(rows, shares=None):
    """Red List Index of lists of weights, one list per species: a value per year."""
    shares = shares or [1] * len(rows)
    most = 5 * sum(shares)
    years = zip(*rows, strict=True)
    return [1 - sum(w * r for w, r in zip(year, shares, strict=True)) / most for year in years]


def weighted_13():
    """Species that have a weight -> their weights in both years."""
    found = {name: [weights_13()[code] for code in codes] for name, codes in species_13().items()}
    return {name: row for name, row in found.items() if None not in row}


def frame_13(rows, shares=None):
    """Assessments as ldnkit takes them: (species, code of 2010, code of 2020)."""
    long = [
        {"species": name, "year": year, "category": code}
        | ({} if shares is None else {"share": shares[name]})
        for name, *codes in rows
        for year, code in zip((2010, 2020), codes, strict=True)
        if code
    ]
    return pd.DataFrame(long)


def indices_13(rows, shares=None):
    found = biodiversity.red_list_index(frame_13(rows, shares))
    assert found["year"].tolist() == [2010, 2020]
    return found["value"].tolist()


def test_13_weights_are_those_of_the_list():
    known = tables.read("red_list_categories").set_index("category")["weight"]
    for code, weight in weights_13().items():
        if weight is None:
            assert pd.isna(known[code])
        else:
            assert float(known[code]) == weight


def test_13_index():
    rows = weighted_13()
    assert {row[0]: numbers(row[1:]) for row in table("13.2")[1:-1]} == rows
    sums = [sum(year) for year in zip(*rows.values(), strict=True)]
    assert numbers(table("13.2")[-1][1:]) == sums
    assert len(species_13()) == 5 and len(rows) == 4 and len(table("13.1")[1:]) == 6
    assert [row[0] for row in table("13.1")[1:]] == list("123456")
    for name, places in (("13.1", (2, 3)), ("13.2", (1, 2)), ("13.3", (2, 3)), ("13.4", (1, 2))):
        assert [table(name)[0][place] for place in places] == ["2010", "2020"]
    heads = ["Species", "2010", "2020", "Share", "2010 × share", "2020 × share"]
    assert table("13.5")[0] == heads
    first, last = index_13(list(rows.values()))
    says("13", f"The index of 2010 is 1 − {sums[0]} / 20 = {float(first):.2f}, because 5 × 4 = 20.")
    says("13", f"The index of 2020 is 1 − {sums[1]} / 20 = {float(last):.2f}.")
    better = [name for name, (before, after) in rows.items() if after < before]
    worse = [name for name, (before, after) in rows.items() if after > before]
    assert (better, len(worse)) == (["owl"], 2)
    says("13", "The owl recovers, but two species become worse.")


def shown_13(name, ways):
    for (label, *rest), index in zip(table(name)[1:], ways, strict=True):
        first, last = index
        assert rest[-3:] == [
            rounded(first, 2), rounded(last, 2), rounded(last - first, 2)
        ], label  # fmt: skip


def test_13_wrong_ways():
    rows = list(weighted_13().values())
    twice, safe = [*rows, weighted_13()["antelope"]], [*rows, [0, 0]]
    shown_13("13.3", [index_13(rows), index_13(twice), index_13(safe)])
    assert [row[1] for row in table("13.3")[1:]] == [str(len(r)) for r in (rows, twice, safe)]
    critical = index_13([*rows, [4, 4]])[1]
    says("13", f"the index of 2020 would be {float(critical):.2f}.")
    says("13", f"If it were of least concern, it would be {float(index_13(safe)[1]):.2f}.")
    late = [index_13(rows)[0], index_13([*rows, [3, 3]])[1]]
    shown_13("13.4", [late, index_13([*rows, [3, 3]])])
    says("13", "With four species in 2010 and five in 2020", "and it is endangered in 2020.")
    says("13", "So give the lizard the category EN in 2010, too.")


def test_13_shares():
    rows, shares = weighted_13(), {}
    for name, first, last, share, one, two in table("13.5")[1:-1]:
        assert numbers([first, last]) == rows[name]
        shares[name] = number(share)
        assert numbers([one, two]) == [weight * shares[name] for weight in rows[name]]
    all_of = numbers(table("13.5")[-1][3:])
    assert all_of[0] == sum(shares.values())
    for place in (0, 1):
        assert all_of[1 + place] == sum(rows[name][place] * shares[name] for name in rows)
    first, last = index_13(list(rows.values()), [shares[name] for name in rows])
    says("13", f"The index of 2010 is 1 − 3.2 / 10 = {float(first):.2f}, because 5 × 2 = 10.")
    says("13", f"The index of 2020 is 1 − 4.3 / 10 = {float(last):.2f}.")
    plain = index_13(list(rows.values()))
    falls = float(first - last), float(plain[0] - plain[1])
    says("13", f"The fall is {falls[0]:.2f} and not {falls[1]:.2f}, because the frog")
    says("13", f"The index falls by {falls[1]:.2f}.")
    assert shares["frog"] == 1


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_13_index_with_ldnkit():
    rows = [(name, *codes) for name, codes in species_13().items()]
    listed = pd.concat([frame_13([row[1:]]) for row in table("13.1")[1:]], ignore_index=True)
    shown = [float(number(text)) for text in table("13.3")[1][2:4]]
    index = biodiversity.red_list_index(listed)  # the second antelope counts once
    assert index["value"].tolist() == pytest.approx(shown, abs=1e-12)
    assert index["species"].tolist() == [4, 4] and index["data_deficient"].tolist() == [1, 1]
    said = "\n".join(str(finding) for finding in index.attrs["findings"])
    assert "0.5600" in said and "0.7200" in said and "a second time" in said
    other_name = [*rows, ("antelope, old name", *species_13()["antelope"])]
    wrong = [float(number(text)) for text in table("13.3")[2][2:4]]
    assert indices_13(other_name) == pytest.approx(wrong, abs=1e-12)

    known = [row for row in rows if row[0] != "lizard"]
    for lizard, (_, *values, _) in zip((("", "EN"), ("EN", "EN")), table("13.4")[1:], strict=True):
        found = indices_13([*known, ("lizard", *lizard)])
        assert found == pytest.approx([float(number(text)) for text in values], abs=1e-12)
    shares = {row[0]: float(number(row[3])) for row in table("13.5")[1:-1]}
    assert indices_13(known, shares) == pytest.approx([0.68, 0.57], abs=1e-12)


#   site 1: ten cells, park P on cells 1–4 since 1998, park Q on cells 3–6 since 2012
#   site 2: twenty cells, R on five of them since 2005, a proposed park on ten others
#   site 3: four cells, T on two of them, year not known
LATER = (2000, 2010, 2023)


def facts_13():
    """What Table 13.6 says: site -> area, and {park: (km², year)}."""
    found = {}
    for site, area, text in table("13.6")[1:]:
        parks = {
            name: (number(size), int(year) if year else None)
            for name, size, year in re.findall(r"([PQRT]): (\d+) km²(?:, since (\d{4}))?", text)
        }
        found[site] = number(area), parks
    return found


def covered_13(site, year, *, unknown, overlap=2):
    """km² of a site that are protected in a year."""
    _, parks = facts_13()[site]
    here = [
        name for name, (_, since) in parks.items()
        if (unknown if since is None else since <= year)
    ]  # fmt: skip
    return sum(parks[name][0] for name in here) - (overlap if {"P", "Q"} <= set(here) else 0)


def shares_13(year, **options):
    areas = {site: area for site, (area, _) in facts_13().items()}
    return [100 * covered_13(site, year, **options) / area for site, area in areas.items()]


def mean(values):
    return Fraction(sum(values)) / len(values)


def test_13_coverage():
    says("13", "P and Q share 2 km²", "proposed park: 10 km²")
    head, *rows = table("13.7")
    assert head[1:] == [str(year) for year in LATER]
    for place, year in enumerate(LATER, 1):
        last = year == LATER[-1]
        shares = shares_13(year, unknown=last)
        assert [row[place] for row in rows[:3]] == [f"{float(share):.1f}" for share in shares]
        for row, unknown in zip(rows[3:], (last, False, True), strict=True):
            assert row[place] == f"{float(mean(shares_13(year, unknown=unknown))):.2f}"
    assert [row[0] for row in rows[3:]] == ["mean", "lower", "upper"]
    says("13", "60 + 25 + 50 = 135, and the mean is 135 / 3 = 45 %.")
    assert shares_13(2023, unknown=True) == [60, 25, 50]
    says("13", "Part of the rise from 21.67 to 45.00 is only this missing year")
    assert rows[3][2:] == ["21.67", "45.00"]
    diagram = lesson("13").read_text(encoding="utf-8").split("```text")[1].split("```")[0]
    filled = {line.strip().split("   ")[0]: line.count("■") for line in diagram.splitlines()}
    for name, (_, since) in facts_13()["1"][1].items():
        assert f"park {name}, since {since} " in diagram
    assert re.search(r"ten cells +" + " +".join(map(str, range(1, 11))) + r"\n", diagram)
    assert {name: since for name, (_, since) in facts_13()["2"][1].items()} == {"R": 2005}
    says("13", "In 2023 site 1 has 4 + 4 − 2 = 6 km² protected.", "use the parks of 2023 for all")
    assert filled["park P, since 1998"] == filled["park Q, since 2012"] == 4
    assert (filled["protected in 2000"], filled["protected in 2023"]) == (4, 6)
    assert "4 of 10" in diagram and "6 of 10, not 8" in diagram


def test_13_wrong_shares():
    right = shares_13(2023, unknown=True)
    double = shares_13(2023, unknown=True, overlap=0)
    areas = [area for area, _ in facts_13().values()]
    proposed = [right[0], right[1] + 100 * Fraction(10) / areas[1], right[2]]
    head, *rows = table("13.8")
    assert head[1:4] == ["Site 1", "Site 2", "Site 3"]
    assert [row[0] for row in table("13.6")[1:]] == ["1", "2", "3"]
    for row, shares in zip(rows, (right, double, proposed), strict=False):
        assert row[1:4] == [f"{float(share):.1f}" for share in shares]
        assert row[4] == f"{float(mean(shares)):.2f}"
    inside = [covered_13(site, 2023, unknown=True) for site in facts_13()]
    pooled = 100 * Fraction(sum(inside)) / sum(areas)
    assert rows[3][1:] == ["", "", "", f"{float(pooled):.2f}"]
    says(
        "13",
        f"{' + '.join(map(str, inside))} = {sum(inside)} km², and {sum(inside)} / {sum(areas)} ×",
    )
    says("13", "and the mean of 2000 is 45 % and not 13.33 %.")
    says("13", "A mean of 45 % of sites does not say that 45 % of the country is protected.")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_13_coverage_with_ldnkit():
    def cells_of(first, last, row):  # cells in one row have the same area on the ellipsoid
        return box((first - 1) / 100, row / 1e4, last / 100, (row + 1) / 1e4)

    sites = geopandas.GeoDataFrame(
        {"site": ["1", "2", "3"]},
        geometry=[cells_of(1, 10, 0), cells_of(1, 20, 2), cells_of(1, 4, 4)],
        crs=4326,
    )
    shapes = {
        "P": cells_of(1, 4, 0), "Q": cells_of(3, 6, 0), "R": cells_of(1, 5, 2),
        "proposed": cells_of(6, 15, 2), "T": cells_of(1, 2, 4),
    }  # fmt: skip
    years = {name: since for _, parks in facts_13().values() for name, (_, since) in parks.items()}
    parks = geopandas.GeoDataFrame(
        {
            "name": list(shapes),
            "designation_year": [years.get(name) or 0 for name in shapes],
            "STATUS": ["Proposed" if name == "proposed" else "Designated" for name in shapes],
        },
        geometry=list(shapes.values()),
        crs=4326,
    )
    found = biodiversity.site_coverage(sites, parks, years=LATER)
    _, *rows = table("13.7")
    for row in rows[:3]:
        shares = found[found["site"] == row[0].removeprefix("site ")]["share"].tolist()
        assert shares == pytest.approx([float(text) for text in row[1:]], abs=1e-4)
    means = biodiversity.protected_coverage(sites, parks, years=LATER)
    for name, row in zip(("value", "lower", "upper"), rows[3:], strict=True):
        assert [f"{value:.2f}" for value in means[name]] == row[1:]


# --------------------------------------------------------------------------- 14: finance
COLUMNS_14 = ("row", "form", "direction", "year", "crs_id", "promised", "paid", "currency")
COLUMNS_14 += ("support", "technology")
FINANCE_YEARS = ("2020", "2021", "2022", "2023")


def rows_14():
    rows = [dict(zip(COLUMNS_14, row, strict=True)) for row in table("14.1")[1:]]
    for row in rows:
        row["promised"], row["paid"] = number(row["promised"]) or 0, number(row["paid"])
    return rows


def rates_14():
    return {row[0]: number(row[2]) for row in table("14.2")[1:]}


def dollars_14(row):
    return row["paid"] / (rates_14()[row["year"]] if row["currency"] == "domestic" else 1)


def decisions_14():
    """Decision and amount of each row, by the rules of the text."""
    seen, found = {}, {}
    for row in rows_14():
        usd = dollars_14(row)
        key = row["crs_id"], row["year"], usd
        if usd < 0:
            decision = "repayment, shown apart"
        elif usd == 0:
            decision = "nothing paid"
        elif row["crs_id"] and key in seen:
            decision = f"duplicate of row {seen[key]}"
        else:
            decision = "kept"
            seen[key] = row["row"]
        found[row["row"]] = decision, usd if decision == "kept" else 0
    return found


def sums_14(form, direction_, amounts, *, wanted=lambda row: True):
    """Sum of each year over the rows of a form."""
    return [
        sum(
            amounts[row["row"]]
            for row in rows_14()
            if (row["form"], row["direction"], row["year"]) == (form, direction_, year)
            and wanted(row)
        )
        for year in FINANCE_YEARS
    ]


def counted_14():
    """Row -> amount that counts, after the team has corrected row 10."""
    amounts = {name: usd for name, (_, usd) in decisions_14().items()}
    said = re.search(r"The team corrects row (\d+) to (\d+),", body(lesson("14")))
    return amounts | {said[1]: number(said[2])}


def test_14_rates():
    for year, home, units, usd in table("14.2")[1:]:
        (row,) = [row for row in rows_14() if row["form"] == "SO5-2" and row["year"] == year]
        assert number(home) == row["paid"]
        assert number(usd) == row["paid"] / number(units)
    first, last = (number(row[1]) for row in table("14.2")[1:])
    says("14", f"At home the spending grows by {100 * (last / first - 1)} %, and in US dollars it")
    says("14", f"With the rate of 2022 for both years the amount of 2023 would be {last / 125}.")
    assert rates_14()["2022"] == 125 and first * 125 == 2_500_000
    says("14", "If somebody multiplies and does not divide, 20 000 becomes 2 500 000.")


def test_14_decisions():
    found = decisions_14()
    for name, decision, counted in table("14.3")[1:]:
        assert (decision, number(counted)) == found[name]
    assert len(found) == 10 and [row["row"] for row in rows_14()] == list(found)
    assert list(found) == [row[0] for row in table("14.3")[1:]] == list(map(str, range(1, 11)))
    assert {row["technology"] for row in rows_14()} == {"yes", "no"}
    assert {row["crs_id"] for row in rows_14()} == {"A1", "B2", "C3", ""}
    says("14", "The team corrects row 10 to 30, and then it counts in SO5-3.")
    says("14", "its own part was 30, and not 80.", "Rows 2 and 3 have the same identifier")
    says("14", "Row 10 has the identifier, the year and the amount of row 4")
    says("14", "Rows 2 and 3 come from two ministries.", "Row 10 comes from a foundation")
    ten = next(row for row in rows_14() if row["row"] == "10")
    assert ten["paid"] == 80


def test_14_sums():
    amounts = counted_14()
    transfer = {"wanted": lambda row: row["technology"] == "yes"}
    columns = [
        sums_14("SO5-1", "received", amounts),
        sums_14("SO5-2", "spending", amounts),
        sums_14("SO5-3", "received", amounts),
        sums_14("SO5-1", "received", amounts, **transfer),
        sums_14("SO5-2", "spending", amounts, **transfer),
    ]
    for place, year in enumerate(FINANCE_YEARS):
        assert table("14.4")[1 + place] == [year, *(str(column[place]) for column in columns)]
    assert table("14.4")[-1] == ["all", *(str(sum(column)) for column in columns)]
    raw = sum(row["paid"] for row in rows_14() if row["form"] in ("SO5-1", "SO5-3"))
    says("14", f"adds up to {raw} as received.", "SO5-4 repeats rows 1 and 8: its 260 are already")
    says("14", f"The right sum of both forms is {sum(columns[0])} + {sum(columns[2])} = 480.")
    says("14", f"already in {sum(columns[0])} and {sum(columns[1])}.")
    assert sum(columns[3]) + sum(columns[4]) == 260
    flagged = [row["row"] for row in rows_14() if row["technology"] == "yes"]
    heads = ["SO5-1 received", "SO5-2 spending", "SO5-3 received", "SO5-4 received"]
    assert table("14.4")[0] == ["Year", *heads, "SO5-4 domestic"]
    assert table("14.5")[0][1:5] == list(FINANCE_YEARS)
    says("14", 'The column "paid" of the SO5-1 rows and row 10 adds up')
    says("14", "The amount is divided by this rate: 22 000 / 137.5 = 160.")
    assert flagged == ["1", "8"]


def ways_14():
    """The five ways of counting SO5-1 received, by year."""
    amounts = counted_14()
    rows = {row["row"]: row for row in rows_14()}
    paid = {name: row["paid"] for name, row in rows.items()}
    return {
        "all in full": amounts,
        "significant 0.4": {
            name: usd * (Fraction(2, 5) if rows[name]["support"] == "significant" else 1)
            for name, usd in amounts.items()
        },
        "duplicate counted": amounts | {"3": paid["3"]},
        "promises counted": {name: row["promised"] for name, row in rows.items()},
        "repayment taken off": amounts | {"7": paid["7"]},
    }


def test_14_trends():
    limit = tables.constant("finance_trend_change")
    assert limit == 10
    says("14", "Up to 10 % of change the trend is stable")
    ways = ways_14()
    assert [row[0] for row in table("14.5")[1:]] == list(ways)
    for (name, *shown, trend), amounts in zip(table("14.5")[1:], ways.values(), strict=True):
        years = sums_14("SO5-1", "received", amounts)
        first, last = sum(years[:2]) / Fraction(2), sum(years[2:]) / Fraction(2)
        change = 100 * (last / first - 1)
        assert numbers(shown[:6]) == [*years, first, last]
        assert shown[6] == f"{float(change):+.1f}".replace("-", "−")
        assert trend == (
            "stable" if abs(change) <= limit else "increasing" if change > 0 else "declining"
        )
        suggested = finance.trend(dict(zip(finance.years(), map(float, years), strict=True)))
        assert (suggested.trend, suggested.first, suggested.last) == (trend, first, last), name
        assert suggested.change == pytest.approx(float(change))
    spent = {int(row[0]): float(number(row[3])) for row in table("14.2")[1:]}
    assert finance.trend(spent).trend == "unknown"
    says("14", "SO5-2 has no rows in 2020 and 2021, so its trend is unknown")
    assert list(finance.years()) == [int(year) for year in FINANCE_YEARS]
    says("14", "the mean of 2022 and 2023 with the mean of 2020 and 2021.")


def activities_14():
    """Table 14.1 as ldnkit takes it; amounts in single units."""
    return pd.DataFrame(
        {
            "indicator": row["form"],
            "direction": row["direction"],
            "year": int(row["year"]),
            "crs_id": row["crs_id"],
            "amount": float(1000 * row["paid"]),
            "currency": "KES" if row["currency"] == "domestic" else "USD",
            "support": row["support"],
            "technology_transfer": row["technology"],
        }
        for row in rows_14()
    )


def summed(activities, indicator, **options):
    """Direction -> amounts of the four years in thousand USD."""
    found = finance.summary(activities, indicator=indicator, **options)
    return {
        name: (rows["amount_usd"] / 1000).round(6).tolist()
        for name, rows in found.groupby("direction")
    }


def test_14_with_ldnkit():
    rates = pd.DataFrame(
        {"year": int(year), "currency": "KES", "usd": float(1 / units)}
        for year, units in rates_14().items()
    )
    received = finance.in_dollars(activities_14(), rates)
    double = finance.duplicates(received)
    assert double[["duplicate", "first"]].add(1).values.tolist() == [[3, 2], [10, 4]]
    assert summed(received, "SO5-3") == {}  # before the team corrects row 10
    activities = activities_14()
    activities.loc[9, "amount"] = 30_000.0
    activities = finance.in_dollars(activities, rates)
    shown = {
        place: [float(number(row[place])) for row in table("14.4")[1:-1]] for place in range(1, 6)
    }
    assert summed(activities, "SO5-1") == {"received": shown[1]}
    assert summed(activities, "SO5-2") == {"spending": shown[2]}
    assert summed(activities, "SO5-3") == {"received": shown[3]}
    assert summed(activities, "SO5-4") == {"received": shown[4], "domestic": shown[5]}
    weights = {"principal": 1.0, "significant": 0.4}
    weighted = [float(number(text)) for text in table("14.5")[2][1:5]]
    assert summed(activities, "SO5-1", weighting=weights) == {"received": weighted}
    for name in weights:
        assert tables.constant(f"finance_weight_{name}") == 1
    says("14", "Until the team chooses, the workbook counts both kinds in full")


def test_14_forms_and_markers():
    block = next(b for b in blocks_of_table(body(lesson("14"))) if b[0].startswith("| Form"))
    for line in block[2:]:
        form, _, directions, _ = cells(line)
        if directions:
            assert tuple(directions.split(", ")) == finance.DIRECTIONS[form]
    known = tables.read("crs_codes").astype(str)
    markers = known[known["field"] == "desertification"].set_index("code")["key"]
    for code in ("2", "1"):
        says("14", f"Marker {code} means {markers[code]}:")
    required = tables.read("forms").set_index("form")
    for line in block[2:]:
        form, *_, shown = cells(line)
        obligation = required.loc[form, "developed"]
        assert {"required": "yes", "optional": "no"}[obligation] == shown
        assert required.loc[form, "affected"] == obligation
    says("14", "Tier 2 adds the amounts of 2020 to 2023", "Marker 0 means not targeted")


# ------------------------------------------------------- 15: narrative and affected areas
AREA = "DEFGHI"


def cells_05():
    """Cell -> class of 2015 and 2023, from lesson 05."""
    baseline, status = grid("05.4"), grid("05.6")
    return {cell: (baseline[cell], re.sub(r" \d$", "", status[cell])) for cell in sorted(baseline)}


def part_15(wanted):
    """Land and degraded km² of 2015 and 2023."""
    classes = [pair for cell, pair in cells_05().items() if cell in wanted]
    land = [pair for pair in classes if pair[0] != "water"]
    return len(land), *(sum(pair[place] == "degraded" for pair in land) for place in (0, 1))


def test_15_sections():
    names = {
        "action_programmes": "action programmes", "slm_practices": "sustainable land management",
        "knowledge_sharing": "knowledge sharing", "drought_plan": "drought plan",
        "alternative_livelihoods": "alternative livelihoods",
        "drought_risk": "drought risk and early warning",
        "resource_strategy": "resource mobilisation strategy",
        "reporting_process": "reporting process",
    }  # fmt: skip
    block = next(b for b in blocks_of_table(body(lesson("15"))) if b[0].startswith("| Form"))
    shown = {form: text.split(", ") for form, text in map(cells, block[2:])}
    for form, rows in narrative.questions().groupby("form"):
        found = [name for name in dict.fromkeys(rows["section"]) if name != "comments"]
        assert sorted(shown.pop(form)) == sorted(names.get(name, name) for name in found)
    assert not shown


def test_15_facts():
    figures = {row[0]: row[1] for row in table("15.1")[1:]}
    lessons = {row[0]: row[4] for row in table("15.1")[1:]}
    land, before, after = part_15("ABCDEFGHI")
    assert figures["degraded land in 2023"] == f"{100 * after / land:.1f}"
    assert figures["change since 2015"] == f"{100 * (after - before) / land:+.1f}"
    people = {row[0]: row for row in table("09.6")[1:]}
    assert figures["people on degraded land in 2023"] == people["2023"][2]
    dvi = {row[0]: row[4] for row in table("12.3")[1:]}
    assert figures["drought vulnerability in 2020"] == dvi["2020"]
    assert figures["Red List Index in 2020"] == table("13.3")[1][3]
    assert figures["international public resources 2020–2023"] == table("14.4")[-1][1]
    assert [link[1:3] for link in lessons.values()] == ["05", "05", "09", "12", "13", "14"]
    draft = {row[0]: row[1:] for row in table("15.2")[1:]}
    says("15", "One of the five sentences may stay.")
    assert [row[0] for row in draft.values()] == ["yes", "no", "no", "no", "no"]
    assert [row[3] for row in table("15.1")[1:]] == [
        *("SO1-4.T2", "SO1-4.T2", "SO2-3.T1", "SO3-3.T1", "SO4-2.T1", "SO5-1.T2")
    ]
    assert table("15.4")[0] == ["Cell", "2015", "2023"]
    texts = [row[1] for row in draft.values()]
    assert texts[0] == figures["degraded land in 2023"] + " %"
    grown = 100 * (after / before - 1)
    assert texts[1] == f"the share by {figures['change since 2015'][1:]} percentage points, " + (
        f"the area by {grown:.1f} %"
    )
    assert "Degraded land grew by 12.5 %." in draft
    assert texts[2] == figures["people on degraded land in 2023"] + " %"
    assert texts[4].startswith(table("14.5")[1][-1])


def test_15_two_answers():
    rows = table("15.3")[1:]
    assert len(rows) == 6 and [row[1] for row in rows].count("–") == 5
    assert all(row[2] not in ("", "–") for row in rows)
    says("15", "A good answer has six parts.", "Answer 2 has all six parts.")
    listed = re.findall(r"^\d\. ", body(lesson("15")).split("six parts.")[1].split("###")[0], re.M)
    assert len(listed) == 6
    land, before, after = part_15("ABCDEFGHI")
    shares = f"{100 * before / land:.1f} % in 2015 to {100 * after / land:.1f} % in 2023"
    assert rows[2][2] == f"degraded land rose from {shares}"
    assert rows[0][2].endswith("since 2018") and rows[3][2] == "SO1-4.T2"
    assert rows[1][2] == "two districts; 40 groups of farmers, 20 of them led by women"


def test_15_affected_area():
    says("15", "The affected area has the six cells D, E, F, G, H and I.", "Cell I is water.")
    shown = {row[0]: tuple(row[1:]) for row in table("15.4")[1:]}
    assert shown == {cell: pair for cell, pair in cells_05().items() if cell in AREA}
    parts = {"affected area": AREA, "rest of the country": "ABC", "country": "ABCDEFGHI"}
    for name, *row in table("15.5")[1:]:
        land, before, after = part_15(parts[name])
        assert row == [
            *(str(land), str(before), f"{100 * before / land:.1f}"),
            *(str(after), f"{100 * after / land:.1f}"),
        ]
    area, rest, whole = (numbers(row[1:]) for row in table("15.5")[1:])
    for place in (0, 1, 3):
        assert area[place] + rest[place] == whole[place]
    assert (area[4] + rest[4]) / 2 != whole[4]
    says("15", f"{area[3]} + {rest[3]} = {whole[3]} km² in 2023.", "and their mean is not 50.0 %")
    says("15", "2 / 5 × 100 = 40.0 %", "2 / 8 × 100 = 25.0 %", "2 / 6 × 100 = 33.3 %")
    assert (area[0], whole[0], len(AREA)) == (5, 8, 6) and area[3] == 2
    says("15", "nine cells of 1 km²")
    better, worse = (
        [cell for cell in AREA if cells_05()[cell] == pair]
        for pair in (("degraded", "improved"), ("improved", "degraded"))
    )
    says("15", f"but cell {better[0]} became better and cell {worse[0]} became worse.")
    assert (len(better), len(worse)) == (1, 1)


def test_15_crosswalk():
    rows = table("15.6")[1:]
    land, _, after = part_15("ABCDEFGHI")
    assert rows[0][1] == f"{100 * after / land:.1f} % in 2023"
    assert rows[1][1] == f"{after} km² in 2023"
    restored = float(Fraction(30, 100) * after)
    assert f"30 % of it would be {restored} km² under restoration" in rows[1][4]
    says("15", f"30 % of {after} km² are 30 / 100 × {after} = {restored} km².")
    says("15", f"before you write {restored} km².")
    assert rows[4][1] == f"{table('13.3')[1][3]} in 2020"
    known = set(tables.read("prais_tables")["id"])
    for name in ", ".join(row[0] for row in rows).split(", "):
        assert name in known
    series = tables.read("statistics_series").set_index("series")["sdg_indicator"]
    text = body(lesson("15"))
    for name in ("poverty", "water", "red_list", "protected"):
        assert str(series[name]) in text
    assert "SDG indicator 15.3.1" in rows[0][2]
    listed = tables.read("crosswalk").astype(str)
    for name, _, elsewhere, relation, _ in rows:
        codes = re.findall(r"\d+\.\d\.\d", elsewhere)
        codes = codes or ["Target 2" if "target 2" in elsewhere else "GBF target 2"]
        for table_, code in zip(name.split(", "), codes, strict=True):
            mine = listed[(listed["code"] == code) & (listed["unccd"] == table_.partition(".")[0])]
            assert mine["relation"].str.replace("_", " ").tolist() == [relation]
            assert table_ in mine["tables"].item().split(";")


@pytest.mark.parametrize("name", ["07", "08", "13", "14", "15"])
def test_forms_tables_and_indicators_exist(name):
    text = lesson(name).read_text(encoding="utf-8")
    forms = {*tables.read("forms")["form"], *narrative.questions()["form"], "CP-1"}
    known = set(tables.read("prais_tables")["id"])
    found = re.findall(r"\b(SO\d-(?:\d|[A-Z]{2})|CP-1)(\.T\d)?", text)
    assert found
    for form, table_ in found:
        assert form in forms
        assert not table_ or form + table_ in known
    goals = set(tables.read("statistics_series")["sdg_indicator"].astype(str)) | {"15.3.1"}
    for said in re.findall(r"indicators? (\d+\.\d\.\d)(?: and (\d+\.\d\.\d))?", text):
        assert set(said) - {""} <= goals


def test_terms_are_in_the_glossary():
    page = (FOLDER / "glossary.md").read_text(encoding="utf-8")
    terms = {cells(line)[0] for line in blocks_of_table(page)[0][2:]}
    wanted = {"like for like", "counterbalancing", "M49", "ISO3", "release", "Gini index", "OECM"}
    wanted |= {"Red List Index", "data deficient", "principal", "significant", "disbursement"}
    assert terms >= wanted | {"affected area", "crosswalk", "technology transfer", "poverty line"}
