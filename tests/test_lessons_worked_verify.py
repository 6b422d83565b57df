"""Every worked number of lesson 06 is recomputed: by plain rules, then with ldnkit."""

import math

import geopandas
import numpy as np
import pandas as pd
import pytest
import rioxarray  # noqa: F401
import xarray as xr
from lesson_pages import blocks_of_table, grid, lesson, number, says, section, table
from shapely import box, union_all

from ldnkit import degradation, reference_sample, tables, verification

NODATA = -32768
CLASSES = {"degraded": -1, "stable": 0, "improved": 1, "water": NODATA}
NAMES = {code: name for name, code in CLASSES.items()}
CELLS = "ABCDEFGHI"


def layer(name):
    """A table of nine cells as a layer of 1 × 1 degrees."""
    values = np.array([CLASSES[text] for text in grid(name).values()], np.int16).reshape(3, 3)
    array = xr.DataArray(values, {"y": [2.5, 1.5, 0.5], "x": [0.5, 1.5, 2.5]}, ("y", "x"))
    return array.rio.write_crs(4326)


def cell(name):
    """The outline of a cell, a little smaller than the cell."""
    row, column = divmod(CELLS.index(name), 3)
    return box(column + 0.1, 2.1 - row, column + 0.9, 2.9 - row)


def polygons():
    """The polygons of table 06.4, in the order of the file."""
    header, *rows = table("06.4")
    assert header[3:] == ["Degraded becomes", "Stable becomes", "Improved becomes"]
    frame = []
    for _, cells, kind, *recodes in rows:
        shape = union_all([cell(name) for name in cells.split(", ")])
        values = [CLASSES.get(text) for text in recodes]
        frame.append((shape, kind, ["report_2"], *values))
    columns = ["geometry", "type", "periods_affected", *degradation.RECODES.values()]
    return geopandas.GeoDataFrame(frame, columns=columns, crs=4326)


def share(classes):
    land = [text for text in classes.values() if text != "water"]
    return land.count("degraded"), len(land)


def test_status_follows_from_the_assessments():
    """Degraded stays degraded unless it improves; otherwise the period decides."""
    for period, status in (("06.2", "06.3"), ("06.5", "06.6")):
        for name, now in grid(period).items():
            was = grid("06.1")[name]
            expected = "degraded" if was == "degraded" and now != "improved" else now
            assert grid(status)[name] == expected, (period, name)
        found = degradation.status(layer("06.1"), layer(period))
        assert found.values.tolist() == layer(status).values.tolist()


def test_corrections_by_the_rules_of_the_table():
    after = dict(grid("06.2"))
    decides = {}
    for row in table("06.4")[1:]:
        decides |= dict.fromkeys(row[1].split(", "), row)  # the later polygon wins
    for name, row in decides.items():
        recodes = dict(zip(("degraded", "stable", "improved"), row[3:], strict=True))
        after[name] = recodes[after[name]] or after[name]
    assert after == grid("06.5")
    assert after["D"] == "improved"


def test_corrections_with_ldnkit():
    frame = polygons()
    found = degradation.recode(layer("06.2"), frame, period="report_2")
    assert found.values.tolist() == layer("06.5").values.tolist()
    same = degradation.recode(layer("06.1"), frame, period="baseline")
    assert same.values.tolist() == layer("06.1").values.tolist()
    desk = verification.Polygons()
    for row in frame.to_dict("records"):
        recodes = {name: row[name] for name in degradation.RECODES.values()}
        desk.add("error", row["geometry"], periods_affected=["report_2"], **recodes)
    assert desk.errors["type"].tolist() == frame["type"].tolist()


def test_shares():
    before, land = share(grid("06.3"))
    after, _ = share(grid("06.6"))
    says("06", f"{before} / {land} × 100 = {100 * before / land:.1f} %")
    says("06", f"{after} / {land} × 100 = {100 * after / land:.1f} %")
    says("06", f"{after} − {before} = {after - before} km²")
    says("06", f"62.5 − 50.0 = {100 * (after - before) / land:.1f} percentage points")
    inside = [grid("06.2")[name] for name in table("06.4")[1][1].split(", ")]
    improved = inside.count("improved")
    says("06", f"{improved} / {len(inside)} × 100 = {100 * improved / len(inside):.1f} %")


@pytest.mark.parametrize(("times", "lower", "upper"), [(1, 7.5, 40.5), (10, 19.0, 29.0)])
def test_the_estimate(times, lower, upper):
    rows = {row[0]: [int(number(text)) * times for text in row[1:]] for row in table("06.7")[1:]}
    (hit, false, many), (missed, right, others) = rows["degraded"], rows["not degraded"]
    assert hit + false == many and missed + right == others
    area = 20 * hit / many + 80 * missed / others
    variance = 0.04 * (hit / many) * (false / many) / (many - 1)
    variance += 0.64 * (missed / others) * (right / others) / (others - 1)
    reach = 1.959964 * math.sqrt(variance) * 100
    assert (round(area - reach, 1), round(area + reach, 1)) == (lower, upper)
    says("06", f"between {lower} and {upper} km²")
    sample = pd.DataFrame(
        [(-1, -1)] * hit + [(-1, 0)] * false + [(0, -1)] * missed + [(0, 0)] * right,
        columns=["stratum", "reference"],
    )
    found = reference_sample.estimate(sample, {-1: 20.0, 0: 80.0}).set_index("code").loc[-1]
    assert found["area_km2"] == pytest.approx(area) == pytest.approx(24)
    assert (found["lower"], found["upper"]) == pytest.approx((area - reach, area + reach), rel=1e-6)
    assert found["users_accuracy"] == pytest.approx(0.8)
    assert found["producers_accuracy"] == pytest.approx(2 / 3)
    level, _ = verification.confidence(reference_sample.estimate(sample, {-1: 20.0, 0: 80.0}))
    assert level == "low"
    says("06", f"is {math.sqrt(variance):.3f}, or 8.4 km²" if times == 1 else "100 points in each")


def test_the_rule_of_thumb_is_that_of_the_table():
    block = blocks_of_table(section(lesson("06"), "Worked example"))[-1]
    rows = [[text.strip() for text in line.strip("|").split("|")] for line in block[2:]]
    for text, level in rows[:2]:
        limit = float(text.split(" ")[0])
        assert limit == tables.constant(f"confidence_{level}_accuracy")
        for accuracy, expected in ((limit, level), (limit - 0.01, None)):
            row = {"code": -1, "mapped_km2": 1.0, "lower": 0.0, "upper": 2.0}
            row |= {"users_accuracy": accuracy / 100, "producers_accuracy": 1.0}
            found, _ = verification.confidence(pd.DataFrame([row]))
            assert (found == level) == (expected == level)
    row |= {"users_accuracy": 0.9, "mapped_km2": 3.0}
    assert verification.confidence(pd.DataFrame([row]))[0] == "medium"
