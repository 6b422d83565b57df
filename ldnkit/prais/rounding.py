"""Rounding that still adds up.

A column of figures is rounded by largest remainders: every figure goes down to the last printed
decimal, then the figures that lost most go up by one unit until the rounded total is met.
A matrix has totals at its right and at its foot, and some sums inside it are printed elsewhere.
There the same idea is a small integer programme: every cell takes the printed value just below
or just above it, every margin does the same, and of all such choices the one closest to the
exact figures is taken.  For a matrix with free margins such a choice always exists.
When margins are prescribed by an earlier table it may not: then single cells or free margins
move one unit further, as few as possible, and everything still adds up.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

#: Distance from a printed value, in its last unit, below which a figure counts as that value.
SNAP = 1e-5
#: Cost of every unit beyond the two neighbouring printed values; within them it is at most 1.
OUTSIDE = 1e4
#: Weight of the closeness of a row total, column total or group against that of one cell.
SUM_WEIGHT = 2.0
#: Cost that orders cells with equal remainders by their labels.
TIE = 1e-5


def nearest(value: float, *, decimals: int = 2) -> float:
    """Round one figure to the nearest printed value, halves away from zero.

    Examples
    --------
    >>> nearest(0.125), nearest(-2.5, decimals=0)
    (0.13, -3.0)
    """
    if math.isnan(value):
        return value
    units = _half_up(abs(value) * 10**decimals)
    return math.copysign(_figure(units, decimals), value) if units else 0.0


def largest_remainder(
    values: pd.Series, *, decimals: int = 2, total: float | None = None
) -> pd.Series:
    """Round figures so that they add up to the rounded total.

    Parameters
    ----------
    values : Series of float
        Figures that are zero or positive; their order does not matter.
    decimals : int
        Printed decimals.
    total : float, optional
        The printed total to meet; by default the sum, rounded to the nearest printed value.

    Returns
    -------
    Series
        Rounded figures, same labels.
        Equal remainders go to the larger figure first, then by label.

    Raises
    ------
    ValueError
        A figure is missing or negative, or the total cannot be met.

    Examples
    --------
    >>> largest_remainder(pd.Series({"a": 1.4, "b": 1.4, "c": 0.2}), decimals=0).tolist()
    [2.0, 1.0, 0.0]
    """
    units = _checked(values.to_numpy(dtype=float), decimals)
    floors = np.floor(units).astype(np.int64)
    wanted = _wanted(total, units, decimals)
    missing = wanted - int(floors.sum())
    if not 0 <= missing <= len(units):
        raise ValueError(
            f"A total that the figures cannot meet: found {_figure(wanted, decimals)}, the figures "
            f"add up to {float(np.sum(values))}; give the rounded sum or leave total out."
        )
    labels = [str(label) for label in values.index]
    order = sorted(range(len(units)), key=lambda i: (-(units[i] - floors[i]), -units[i], labels[i]))
    floors[order[:missing]] += 1
    return pd.Series([_figure(unit, decimals) for unit in floors], values.index, name=values.name)


def controlled(
    values: pd.DataFrame,
    *,
    decimals: int = 2,
    rows: pd.Series | None = None,
    columns: pd.Series | None = None,
    total: float | None = None,
    groups: Iterable[tuple[Collection[tuple], float | None]] = (),
) -> pd.DataFrame:
    """Round a matrix so that its rows, its columns and its total add up.

    Parameters
    ----------
    values : DataFrame of float
        Cells that are zero or positive, without totals.
    decimals : int
        Printed decimals.
    rows, columns : Series, optional
        Printed totals that the rows or columns must meet; a missing label leaves its total free.
    total : float, optional
        Printed grand total; by default the sum, rounded to the nearest printed value.
    groups : iterable of (cells, printed sum or None), optional
        Cells, each a (row, column) label, whose sum is printed as well: it meets the printed sum,
        or stays close to its exact value when that is None.

    Returns
    -------
    DataFrame
        Rounded cells, same labels.
        Each cell is within one unit of its exact value, as is each free margin;
        only prescribed margins or overlapping groups can push one further.

    Raises
    ------
    ValueError
        A cell is missing or negative, or the prescribed totals contradict each other.

    Notes
    -----
    Labels are put in order first: the result does not depend on the order of rows and columns.

    Examples
    --------
    >>> half = pd.DataFrame(0.5, ["a", "b"], ["x", "y"])
    >>> rounded = controlled(half, decimals=0)
    >>> rounded.sum(axis=0).tolist(), rounded.sum(axis=1).tolist()
    ([1.0, 1.0], [1.0, 1.0])
    """
    ordered = values.loc[sorted(values.index, key=str), sorted(values.columns, key=str)]
    units = _checked(ordered.to_numpy(dtype=float), decimals)
    place = np.arange(units.size).reshape(units.shape)
    cells = [(place.ravel(), _wanted(total, units, decimals))]
    cells += [(place[i], _prescribed(rows, row, decimals)) for i, row in enumerate(ordered.index)]
    cells += [
        (place[:, j], _prescribed(columns, column, decimals))
        for j, column in enumerate(ordered.columns)
    ]
    position = {
        (row, column): place[i, j]
        for i, row in enumerate(ordered.index)
        for j, column in enumerate(ordered.columns)
    }
    for group, printed in groups:
        members = np.array([position[cell] for cell in group], dtype=int)
        cells.append((members, None if printed is None else round(_units(printed, decimals))))
    solved = _solve(units.ravel(), cells).reshape(units.shape)
    figures = [[_figure(unit, decimals) for unit in row] for row in solved]
    return pd.DataFrame(figures, ordered.index, ordered.columns).loc[values.index, values.columns]


def _solve(units: np.ndarray, sums: list[tuple[np.ndarray, int | None]]) -> np.ndarray:
    """Whole units per cell; each sum is (cells, prescribed units or None when it is free).

    Cells and free sums are rounded alike.  Each has three variables: ``up`` (0 or 1, the printed
    value just above), ``over`` and ``under`` (units beyond the two neighbouring values).
    """
    free = [members for members, target in sums if target is None]
    exact = np.concatenate([units, [_snapped(units[members].sum()) for members in free]])
    floors = np.floor(exact)
    remainders = exact - floors
    # one line per sum: its cells, minus the sum itself where it is free, equal its target or zero
    lines = sparse.lil_array((len(sums), len(exact)))
    targets = np.zeros(len(sums))
    following = iter(range(len(units), len(exact)))
    for line, (members, target) in enumerate(sums):
        lines[line, members] = 1
        if target is None:
            lines[line, next(following)] = -1
        else:
            targets[line] = target
    lines = lines.tocsr()
    weights = np.where(np.arange(len(exact)) < len(units), 1.0, SUM_WEIGHT)
    ties = TIE * np.arange(len(exact)) / max(len(exact), 1)
    beyond = np.full(2 * len(exact), OUTSIDE)
    upper = [np.where(remainders > 0, 1.0, 0.0), np.full(len(exact), np.inf), floors]
    solution = milp(
        np.concatenate([weights * (1 - 2 * remainders) + ties, beyond]),
        constraints=LinearConstraint(
            sparse.hstack([lines, lines, -lines]).tocsc(),
            targets - lines @ floors,
            targets - lines @ floors,
        ),
        bounds=Bounds(0.0, np.concatenate(upper)),
        integrality=np.ones(3 * len(exact)),
        options={"mip_rel_gap": 0.0},
    )
    if solution.x is None:
        raise ValueError(
            "Totals that contradict each other: found no table that meets them all; "
            "give row totals and column totals with one and the same sum."
        )
    up, over, under = np.rint(solution.x).reshape(3, len(exact))
    return (floors + up + over - under).astype(np.int64)[: len(units)]


def _checked(values: np.ndarray, decimals: int) -> np.ndarray:
    """Values in printed units, snapped to whole ones; bad values stop here."""
    bad = ~np.isfinite(values) | (values < 0)
    if bad.any():
        raise ValueError(
            f"Figures that cannot be rounded to add up: found {values[bad][:3].tolist()}; "
            "give finite figures that are zero or positive."
        )
    return np.array([_units(value, decimals) for value in values.ravel()]).reshape(values.shape)


def _wanted(total: float | None, units: np.ndarray, decimals: int) -> int:
    if total is None:
        return _half_up(float(units.sum()))
    return round(_units(total, decimals))


def _prescribed(margin: pd.Series | None, label, decimals: int) -> int | None:
    if margin is None or label not in margin.index or pd.isna(margin[label]):
        return None
    return round(_units(float(margin[label]), decimals))


def _units(value: float, decimals: int) -> float:
    return _snapped(float(value) * 10**decimals)


def _half_up(units: float) -> int:
    return math.floor(units + 0.5 + SNAP)


def _snapped(units: float) -> float:
    whole = round(units)
    return float(whole) if abs(units - whole) < SNAP else units


def _figure(units: float, decimals: int) -> float:
    return round(int(units) / 10**decimals, decimals)
