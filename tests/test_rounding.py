"""Rounded tables add up, stay close to the exact figures, and do not depend on order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ldnkit.prais import rounding

amounts = st.floats(0, 1e6, allow_nan=False, allow_infinity=False)
columns_of_figures = st.lists(amounts, min_size=1, max_size=12)
matrices = hnp.arrays(
    float,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6),
    elements=st.one_of(amounts, st.integers(0, 20).map(lambda n: n / 8)),
)
relaxed = settings(max_examples=60, deadline=None)


def labelled(values):
    return pd.DataFrame(
        values,
        [f"row {i}" for i in range(values.shape[0])],
        [f"column {j}" for j in range(values.shape[1])],
    )


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (0.125, 2, 0.13),
        (1.005, 2, 1.01),  # 1.005 is stored as 1.00499999999999989...
        (2.5, 0, 3.0),
        (-2.5, 0, -3.0),
        (-0.001, 2, 0.0),
        (1e9 + 0.004, 2, 1e9),
    ],
)
def test_nearest(value, decimals, expected):
    assert rounding.nearest(value, decimals=decimals) == expected


def test_nearest_keeps_a_missing_figure():
    assert np.isnan(rounding.nearest(float("nan")))


def test_largest_remainder_by_hand():
    # three thirds of 100: 33.33 each leaves one hundredth, which goes to the first label
    thirds = pd.Series({"a": 100 / 3, "b": 100 / 3, "c": 100 / 3})
    assert rounding.largest_remainder(thirds).to_dict() == {"a": 33.34, "b": 33.33, "c": 33.33}


def test_largest_remainder_prefers_the_larger_of_equal_remainders():
    # 0.5 + 7.5 = 8: one unit to give, both remainders 0.5, the larger figure takes it
    rounded = rounding.largest_remainder(pd.Series({"a": 0.5, "b": 7.5}), decimals=0)
    assert rounded.to_dict() == {"a": 0.0, "b": 8.0}


def test_largest_remainder_meets_a_prescribed_total():
    # 1.6 + 1.6 = 3.2 is 3 by itself; an earlier table printed it as 4
    rounded = rounding.largest_remainder(pd.Series([1.6, 1.6]), decimals=0, total=4)
    assert rounded.tolist() == [2.0, 2.0]


def test_largest_remainder_refuses_a_total_out_of_reach():
    with pytest.raises(ValueError, match="total that the figures cannot meet"):
        rounding.largest_remainder(pd.Series([1.6, 1.6]), decimals=0, total=6)


@pytest.mark.parametrize("bad", [-1.0, float("nan"), float("inf")])
def test_bad_figures_are_refused(bad):
    with pytest.raises(ValueError, match="cannot be rounded"):
        rounding.largest_remainder(pd.Series([1.0, bad]))
    with pytest.raises(ValueError, match="cannot be rounded"):
        rounding.controlled(labelled(np.array([[1.0, bad]])))


def test_no_figures_round_to_none():
    assert rounding.largest_remainder(pd.Series([], dtype=float)).empty


@relaxed
@given(columns_of_figures, st.integers(0, 3))
def test_largest_remainder_keeps_sum_and_closeness(values, decimals):
    exact = pd.Series(values, [f"label {i}" for i in range(len(values))])
    rounded = rounding.largest_remainder(exact, decimals=decimals)
    unit = 10.0**-decimals
    total = rounding.nearest(exact.sum(), decimals=decimals)
    assert round(rounded.sum(), decimals) == pytest.approx(total, abs=unit / 100)
    assert ((rounded - exact).abs() <= unit * (1 + 1e-6) + 1e-9).all()


@relaxed
@given(columns_of_figures, st.randoms())
def test_largest_remainder_does_not_depend_on_order(values, random):
    exact = pd.Series(values, [f"label {i}" for i in range(len(values))])
    shuffled = list(exact.index)
    random.shuffle(shuffled)
    again = rounding.largest_remainder(exact[shuffled])
    pd.testing.assert_series_equal(again[exact.index], rounding.largest_remainder(exact))


def test_controlled_by_hand():
    #        x     y  | sum          x  y | sum
    #   a  0.6   0.6  | 1.2      a   0  1 |  1      each cell alone would give a total of 3;
    #   b  0.6   0.2  | 0.8  ->  b   1  0 |  1      the nearest margins leave two tables,
    #      1.2   0.8  | 2.0          1  1 |  2      and this one rounds 0.6 up, not 0.2
    exact = pd.DataFrame({"x": [0.6, 0.6], "y": [0.6, 0.2]}, ["a", "b"])
    rounded = rounding.controlled(exact, decimals=0)
    assert rounded.to_dict("split")["data"] == [[0.0, 1.0], [1.0, 0.0]]


def test_controlled_with_prescribed_rows():
    # 0.5 in each cell; the rows were printed as 2 and 0 before, so the second row is empty
    rounded = rounding.controlled(
        pd.DataFrame(0.5, ["a", "b"], ["x", "y"]), decimals=0, rows=pd.Series({"a": 2, "b": 0})
    )
    assert rounded.to_numpy().tolist() == [[1.0, 1.0], [0.0, 0.0]]


def test_prescribed_margins_win_over_closeness():
    # rows ask for (1, 0), columns for (0, 1): the cell a-y must become 1 although it is exactly 0
    rounded = rounding.controlled(
        pd.DataFrame([[0.5, 0.0], [0.0, 0.5]], ["a", "b"], ["x", "y"]),
        decimals=0,
        rows=pd.Series({"a": 1, "b": 0}),
        columns=pd.Series({"x": 0, "y": 1}),
    )
    assert rounded.to_numpy().tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_contradicting_margins_are_refused():
    with pytest.raises(ValueError, match="contradict"):
        rounding.controlled(
            pd.DataFrame(0.5, ["a", "b"], ["x", "y"]),
            decimals=0,
            rows=pd.Series({"a": 2, "b": 2}),
            columns=pd.Series({"x": 1, "y": 1}),
        )


def test_a_group_is_rounded_to_a_neighbour_too():
    # 0.4 + 0.4 + 0.3 + 0.3 + 0.3 + 0.3 = 2: a and b are largest and would take both units,
    # but their group is 0.8 in all and prints as 1, so one unit goes to c
    exact = pd.DataFrame({"x": [0.4, 0.4, 0.3, 0.3, 0.3, 0.3]}, list("abcdef"))
    alone = rounding.controlled(exact, decimals=0)
    assert alone["x"].tolist() == [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    grouped = rounding.controlled(exact, decimals=0, groups=[([("a", "x"), ("b", "x")], None)])
    assert grouped["x"].tolist() == [1.0, 0.0, 1.0, 0.0, 0.0, 0.0]
    asked = rounding.controlled(exact, decimals=0, groups=[([("a", "x"), ("b", "x")], 2.0)])
    assert asked["x"].tolist() == alone["x"].tolist()


@relaxed
@given(matrices, st.integers(0, 2))
def test_controlled_adds_up_within_one_unit(values, decimals):
    exact = labelled(values)
    rounded = rounding.controlled(exact, decimals=decimals)
    unit = 10.0**-decimals
    close = unit * (1 + 2e-5)
    assert ((rounded - exact).abs() <= close).all(axis=None)
    assert ((rounded.sum(axis=0) - exact.sum(axis=0)).abs() <= close).all()
    assert ((rounded.sum(axis=1) - exact.sum(axis=1)).abs() <= close).all()
    total = rounding.nearest(exact.to_numpy().sum(), decimals=decimals)
    assert rounded.to_numpy().sum() == pytest.approx(total, abs=unit / 10)


@relaxed
@given(matrices, st.randoms())
def test_controlled_does_not_depend_on_order(values, random):
    exact = labelled(values)
    rows, columns = list(exact.index), list(exact.columns)
    random.shuffle(rows)
    random.shuffle(columns)
    again = rounding.controlled(exact.loc[rows, columns])
    pd.testing.assert_frame_equal(again.loc[exact.index, exact.columns], rounding.controlled(exact))


@relaxed
@given(matrices)
def test_figures_with_few_decimals_are_left_alone(values):
    exact = labelled(np.round(values, 2))
    pd.testing.assert_frame_equal(rounding.controlled(exact), exact.round(2))


@relaxed
@given(matrices, st.integers(0, 1))
def test_prescribed_rows_are_met_exactly(values, decimals):
    exact = labelled(values)
    rows = rounding.largest_remainder(exact.sum(axis=1), decimals=decimals)
    rounded = rounding.controlled(exact, decimals=decimals, rows=rows, total=rows.sum())
    assert rounded.sum(axis=1).round(decimals).tolist() == pytest.approx(rows.tolist())
