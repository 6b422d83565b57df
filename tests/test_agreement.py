"""Agreement of two maps and areas from a reference sample, against figures worked out by hand."""

import numpy as np
import pandas as pd
import pytest
import rioxarray  # noqa: F401
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from odc.geo.geobox import GeoBox

from ldnkit import agreement, reference_sample
from ldnkit.findings import InputError

NODATA = -32768


def world(values, cell=1.0):
    """A small map in degrees around 30° E, 1° N."""
    values = np.array(values, np.int16)
    rows, columns = values.shape
    grid = GeoBox.from_bbox(
        (30, 0, 30 + columns * cell, rows * cell), "EPSG:4326", shape=values.shape
    )
    y, x = (axis.values for axis in grid.coordinates.values())
    made = xr.DataArray(values, {"y": y, "x": x}, ("y", "x"))
    return made.rio.write_crs("EPSG:4326")


#   first    second     area
#   1 1      1 2        4 1
#   2 nd     2 2        4 1
FIRST = np.array([[1, 1], [2, NODATA]], np.int16)
SECOND = np.array([[1, 2], [2, 2]], np.int16)
AREA = np.array([[4.0, 1.0], [4.0, 1.0]])


def test_by_hand():
    table = agreement.matrix(FIRST, SECOND, area=AREA)
    found = agreement.measures(table)
    # known: 4 (1,1), 1 (1,2), 4 (2,2) = 9; first: class 1 = 5, class 2 = 4; second: 4 and 5
    assert found["area_km2"] == 9
    assert found["no_data_km2"] == 1
    assert found["agreement"] == pytest.approx(8 / 9)
    assert found["quantity"] == pytest.approx(1 / 9)
    assert found["allocation"] == pytest.approx(0, abs=1e-12)
    chance = (5 * 4 + 4 * 5) / 81
    assert found["kappa"] == pytest.approx((8 / 9 - chance) / (1 - chance))
    classes = agreement.by_class(table).set_index("code")
    assert classes.loc[1].tolist() == pytest.approx([5, 4, 4, 4 / 5, 1])
    assert agreement.difference(FIRST, SECOND).tolist() == [[0, 1], [0, 2]]


def test_the_same_areas_at_other_places():
    table = agreement.matrix(np.array([[1, 2]]), np.array([[2, 1]]), area=np.ones((1, 1)))
    found = agreement.measures(table)
    assert (found["quantity"], found["allocation"], found["kappa"]) == (0, 1, -1)


def test_nothing_in_common_says_so():
    table = agreement.matrix(np.array([[1]]), np.array([[NODATA]], np.int16), area=np.ones((1, 1)))
    found = agreement.measures(table)
    assert found["area_km2"] == 0
    assert found[["agreement", "kappa", "quantity", "allocation"]].isna().all()


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=40))
def test_parts_add_up_and_order_does_not_matter(pairs):
    first, second = (np.array([list(side)]) for side in zip(*pairs, strict=True))
    one = agreement.measures(agreement.matrix(first, second, area=np.ones((1, 1))))
    other = agreement.measures(agreement.matrix(second, first, area=np.ones((1, 1))))
    assert one["agreement"] + one["quantity"] + one["allocation"] == pytest.approx(1)
    pd.testing.assert_series_equal(one, other)


def test_other_grids_are_refused():
    with pytest.raises(ValueError, match="other places"):
        agreement.matrix(world([[1, 2], [1, 2]]), world([[1, 2], [1, 2]], cell=0.5))
    with pytest.raises(ValueError, match="differ in size"):
        agreement.difference(np.ones((1, 2), int), np.ones((2, 1), int))


# ------------------------------------------------------------------ reference sample
#: Sample counts of Olofsson et al. (2014), table 8: deforestation, forest gain, forest, other.
COUNTS = [[66, 0, 5, 4], [0, 55, 8, 12], [1, 0, 153, 11], [2, 1, 9, 313]]
#: Mapped pixels of the same example.
PIXELS = {1: 200_000, 2: 150_000, 3: 3_200_000, 4: 6_450_000}


def sample_of(counts):
    rows = [
        {"stratum": stratum, "reference": reference}
        for stratum, line in enumerate(counts, 1)
        for reference, many in enumerate(line, 1)
        for _ in range(many)
    ]
    return pd.DataFrame(rows)


def test_the_published_example():
    found = reference_sample.estimate(sample_of(COUNTS), PIXELS).set_index("code")
    # published: 235,086 pixels of deforestation, 95 % interval of 68,418
    assert found.loc[1, "area_km2"] == pytest.approx(235_086, abs=1)
    assert found.loc[1, "upper"] - found.loc[1, "area_km2"] == pytest.approx(68_418, abs=60)
    assert found["users_accuracy"].round(2).tolist() == [0.88, 0.73, 0.93, 0.96]
    assert found["users_margin"].round(2).tolist() == [0.07, 0.10, 0.04, 0.02]
    assert found["producers_accuracy"].round(2).tolist() == [0.75, 0.85, 0.93, 0.96]
    # forest gain by hand: share 0.011 + 0.645/325 = 0.012985, accuracy 0.011/0.012985 = 0.8471,
    # variance (0.015² · 0.1529² · 0.002643 + 0.8471² · 0.645² · 9.47e-6) / 0.012985² = 0.1298²
    margins = found["producers_margin"]
    assert margins[1] == pytest.approx(0.21, abs=0.005)
    assert margins[2] == pytest.approx(1.96 * 0.1298, abs=0.0005)


def test_overall_accuracy_of_the_published_example():
    found = reference_sample.estimate(sample_of(COUNTS), PIXELS)
    assert round(found.attrs["overall"], 2) == 0.95
    assert round(found.attrs["overall_margin"], 2) == 0.02
    assert found["area_km2"].sum() == pytest.approx(sum(PIXELS.values()))


def test_a_perfect_sample_gives_the_map_back():
    found = reference_sample.estimate(sample_of([[5, 0], [0, 5]]), {1: 30.0, 2: 70.0})
    assert found["area_km2"].tolist() == [30, 70]
    assert found["standard_error"].tolist() == [0, 0]


def test_a_class_without_points_stops():
    with pytest.raises(ValueError, match="fewer than two points: found 2"):
        reference_sample.estimate(sample_of([[5, 0], [1, 0]]), {1: 30.0, 2: 70.0})
    with pytest.raises(ValueError, match="does not have: found 2"):
        reference_sample.estimate(sample_of([[5, 0], [5, 0]]), {1: 30.0})


@pytest.mark.parametrize(
    ("shares", "number", "points"),
    [
        ({-1: 10, 0: 90}, 200, {-1: 50, 0: 150}),
        ({-1: 50, 0: 50}, 201, {-1: 101, 0: 100}),
        ({-1: 1, 0: 99}, 20, {-1: 10, 0: 10}),  # too few for fifty each
        ({-1: 0, 0: 7, 1: 3}, 10, {0: 5, 1: 5}),
    ],
)
def test_allocation(shares, number, points):
    assert reference_sample.allocate(shares, number).to_dict() == points


@given(
    st.dictionaries(st.integers(1, 8), st.floats(0.001, 1e6), min_size=1, max_size=8),
    st.integers(16, 700),
)
def test_allocation_adds_up(shares, number):
    points = reference_sample.allocate(shares, number)
    assert points.sum() == number
    assert (points >= min(2, number // len(points))).all()


def test_points_lie_in_their_class():
    layer = world([[1, 1, 2], [1, 2, NODATA]], cell=0.5)
    sheet = reference_sample.draw(layer, number=4, seed=3, minimum=2)
    assert sorted(sheet["stratum"]) == [1, 1, 2, 2]
    for point in sheet.to_dict("records"):
        there = layer.sel(x=point["longitude"], y=point["latitude"], method="nearest")
        assert int(there) == point["stratum"]
    again = reference_sample.draw(layer, number=4, seed=3, minimum=2)
    pd.testing.assert_frame_equal(sheet, again)


def test_a_filled_sheet_is_read_with_every_problem_at_once(tmp_path):
    path = tmp_path / "sheet.csv"
    path.write_text(
        "point,stratum,reference\n1,-1,Degraded\n1,0,blue\n2,0,\n", encoding="utf-8-sig"
    )
    classes = {-1: "Degraded", 0: "Stable"}
    with pytest.raises(InputError) as told:
        reference_sample.read(path, classes=classes)
    assert [finding.where for finding in told.value.findings] == [
        "sheet.csv line 3: reference",
        "sheet.csv",
    ]
    path.write_text("point,stratum,reference\n1,-1,stable\n2,0,\n", encoding="utf-8")
    with pytest.warns(UserWarning, match="1 of 2 points"):
        found = reference_sample.read(path, classes=classes)
    assert found[["stratum", "reference"]].values.tolist() == [[-1, 0]]
