"""Lesson 17: the matrix that closes, solved a second time by trying every way."""

from fractions import Fraction
from itertools import product

import pandas as pd
from lesson_pages import number, says, table

CLASSES = ("tree", "crop")


def cells_of(name):
    """The cells of a matrix by (row, column), without totals."""
    head, *rows = table(name)
    place = {column: head.index(column) for column in CLASSES}
    return {
        (row[0], column): number(row[place[column]])
        for row in rows
        if row[0] in CLASSES
        for column in CLASSES
    }


def sums(cells):
    """Row totals, column totals and the grand total."""
    rows = [sum(cells[row, column] for column in CLASSES) for row in CLASSES]
    columns = [sum(cells[row, column] for row in CLASSES) for column in CLASSES]
    return rows, columns, sum(cells.values())


def printed(value):
    return (value + Fraction(1, 2)) // 1


def margins():
    """The printed totals of the rows and of the columns."""
    rows, columns, _ = sums(cells_of("17.6"))
    return list(map(printed, rows)), list(map(printed, columns))


def ways():
    """Every choice of cells to round up that meets all totals, with the sum of remainders."""
    exact = cells_of("17.6")
    found = {}
    for up in product((0, 1), repeat=len(exact)):
        chosen = dict(zip(exact, up, strict=True))
        tried = {cell: value // 1 + chosen[cell] for cell, value in exact.items()}
        if sums(tried)[:2] == margins():
            cells = frozenset(cell for cell in exact if chosen[cell])
            found[cells] = (sum(exact[cell] % 1 for cell in cells), tried)
    return found


def test_17_exact_matrix_and_its_totals():
    rows, columns, total = sums(cells_of("17.6"))
    _, tree, crop, foot, printed_foot = table("17.6")
    assert [number(tree[3]), number(crop[3])] == rows
    assert [number(text) for text in foot[1:4]] == [*columns, total]
    assert [number(tree[4]), number(crop[4])] == [printed(value) for value in rows]
    assert [number(text) for text in printed_foot[1:4]] == [
        *map(printed, columns),
        printed(total),
    ]
    assert number(foot[4]) == printed(total) == sum(margins()[0]) == sum(margins()[1])


def test_17_ordinary_rounding_does_not_close():
    exact = cells_of("17.6")
    ordinary = {cell: printed(value) for cell, value in exact.items()}
    down = {cell: value // 1 for cell, value in exact.items()}
    says(
        "17",
        "Ordinary rounding of the cells gives {} and {}, {} and {}.".format(*ordinary.values()),
    )
    says("17", "Rounding down gives {} and {}, {} and {}".format(*down.values()))
    (_, crop_row), (tree_column, _), _ = sums(ordinary)
    says("17", f"The row crop then has {crop_row} and not {margins()[0][1]}")
    says("17", f"the column tree has {tree_column} and not {margins()[1][0]}")
    rows, columns, _ = sums(down)
    assert [m - s for m, s in zip(sum(margins(), []), [*rows, *columns], strict=True)] == [1] * 4


def test_17_two_ways_and_the_closer_one():
    told = {
        frozenset(tuple(part.split(" to ")) for part in cells.split(", ")): number(remainders)
        for cells, remainders in table("17.7")[1:]
    }
    assert told == {cells: rest for cells, (rest, _) in ways().items()}
    best = max(ways().values(), key=lambda way: way[0])[1]
    assert cells_of("17.8") == best
    assert list(told)[1] == max(ways(), key=lambda cells: ways()[cells][0])
    rows, columns, total = sums(best)
    assert [number(row[3]) for row in table("17.8")[1:]] == [*rows, total]
    assert [number(text) for text in table("17.8")[3][1:]] == [*columns, total]
    exact = cells_of("17.6")
    says("17", f"The cell crop to tree was {float(exact['crop', 'tree'])}, and 1 is printed.")
    assert all(abs(best[cell] - exact[cell]) < 1 for cell in exact)


def test_17_matrix_with_ldnkit():
    from ldnkit.prais import rounding

    exact, wanted = cells_of("17.6"), cells_of("17.8")
    frame = pd.DataFrame(0.0, list(CLASSES), list(CLASSES))
    for (row, column), value in exact.items():
        frame.loc[row, column] = float(value)
    rows, columns = (pd.Series(map(float, part), list(CLASSES)) for part in margins())
    made = rounding.controlled(frame, decimals=0, rows=rows, columns=columns)
    assert {cell: made.loc[cell] for cell in wanted} == wanted
    free = rounding.controlled(frame, decimals=0)
    assert {cell: free.loc[cell] for cell in wanted} == wanted
