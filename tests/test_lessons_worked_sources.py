"""Every worked number of lesson 16 is recomputed: by plain arithmetic, then with ldnkit."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from lesson_pages import grid, number, says, table

from ldnkit import agreement, tables

CODES = {"T": 1, "G": 2, "C": 3}
FIRST, SECOND = grid("16.1"), grid("16.2")
CELLS = "ABCDEFGHI"


def array(cells):
    return np.array([CODES[cells[cell]] for cell in CELLS]).reshape(3, 3)


def crossed():
    return Counter((FIRST[cell], SECOND[cell]) for cell in CELLS)


def by_hand():
    """Agreement, chance, quantity by fractions, as the lesson explains them."""
    pairs, total = crossed(), len(CELLS)
    rows, columns = Counter(FIRST.values()), Counter(SECOND.values())
    agreed = Fraction(sum(pairs[code, code] for code in CODES), total)
    chance = Fraction(sum(rows[code] * columns[code] for code in CODES), total**2)
    quantity = Fraction(sum(abs(rows[code] - columns[code]) for code in CODES), 2 * total)
    return agreed, chance, quantity


def test_cells_that_agree():
    assert [cell for cell in CELLS if FIRST[cell] == SECOND[cell]] == list("ACEGI")
    says(
        "16",
        "Cells A, C, E, G and I have the same class in both maps.",
        "Cells B, D, F and H differ.",
    )


def test_the_table_closes():
    head, *rows = table("16.3")
    pairs = crossed()
    assert head[1:] == [*CODES, "all"]
    for row in rows[:-1]:
        expected = [pairs[row[0], code] for code in CODES]
        assert [int(cell) for cell in row[1:]] == [*expected, sum(expected)]
    columns = [sum(pairs[row, code] for row in CODES) for code in CODES]
    assert [int(cell) for cell in rows[-1][1:]] == [*columns, 9]


def test_agreement_kappa_quantity_and_allocation():
    agreed, chance, quantity = by_hand()
    assert (agreed, chance, quantity) == (Fraction(5, 9), Fraction(31, 81), Fraction(2, 9))
    kappa = (agreed - chance) / (1 - chance)
    allocation = 1 - agreed - quantity
    says(
        "16",
        f"The agreement is 5 / 9 = {float(agreed):.3f}.",
        f"(3 × 1 + 4 × 6 + 2 × 2) / 81 = 31 / 81 = {float(chance):.3f}.",
        f"= {float(kappa):.3f}.",
        f"The disagreement is 4 / 9 = {float(1 - agreed):.3f}.",
        f"So the quantity is 2 / 9 = {float(quantity):.3f}.",
        f"4 / 9 − 2 / 9 = {float(allocation):.3f}.",
        f"agreement {float(agreed):.3f}, kappa {float(kappa):.3f}, quantity {float(quantity):.3f}",
    )


def test_areas_of_the_classes():
    rows, columns = Counter(FIRST.values()), Counter(SECOND.values())
    for code, first, second, difference in table("16.4")[1:]:
        assert [number(first), number(second)] == [rows[code], columns[code]]
        assert number(difference) == abs(rows[code] - columns[code])


def test_ldnkit_finds_the_same():
    agreed, chance, quantity = by_hand()
    found = agreement.matrix(array(FIRST), array(SECOND), area=np.ones((3, 1)))
    measures = agreement.measures(found)
    assert measures["agreement"] == pytest.approx(float(agreed))
    assert measures["kappa"] == pytest.approx(float((agreed - chance) / (1 - chance)))
    assert measures["quantity"] == pytest.approx(float(quantity))
    assert measures["allocation"] == pytest.approx(float(1 - agreed - quantity))
    difference = agreement.difference(array(FIRST), array(SECOND))
    assert [cell for cell, code in zip(CELLS, difference.ravel()) if code == 1] == list("BDFH")


def test_the_trap():
    """The default matrix on the two maps: what would be reported as change."""
    from ldnkit import landcover

    matrix = tables.read("land_cover_transitions").set_index(["from", "to"])["sign"]
    by_table = {
        cell: int(matrix[CODES[FIRST[cell]], CODES[SECOND[cell]]]) if FIRST[cell] != SECOND[cell]
        else 0
        for cell in CELLS
    }  # fmt: skip
    found = landcover.degradation(array(FIRST), array(SECOND)).ravel()
    assert dict(zip(CELLS, found.tolist())) == by_table
    assert [cell for cell in CELLS if by_table[cell] == -1] == list("BDH")
    assert [cell for cell in CELLS if by_table[cell] == 1] == ["F"]
    says("16", f"3 / 9 × 100 = {100 * 3 / 9:.1f} % of the land as degraded.")
