"""Single cells as people type them: figures, years, choices; and what is wrong with them."""

from __future__ import annotations

import datetime
import functools
import re

import pandas as pd

from ldnkit.finance.columns import choice_words
from ldnkit.team_sheets import Notes, empty, number, plain, separators, text

#: A figure in brackets, as accountants write what was paid back.
BRACKETS = re.compile(r"\((\d[\d.]*)\)")
FIRST_YEAR, LAST_YEAR = 1960, 2100


def advice(cell) -> str:
    """How to write a cell that is no figure.

    Examples
    --------
    >>> advice("1,234,567")
    'Write 1234567: no separators between thousands.'
    >>> advice("12,5")
    'Write 12.5: a point before the decimals.'
    >>> advice("USD 500")
    'Write the figure alone, without currency, unit or remark.'
    """
    written = str(cell).strip()
    if match := BRACKETS.fullmatch(written):
        return f"Write -{match[1]} with a minus sign, not in brackets."
    if remedy := separators(cell):
        return remedy
    if re.search(r"\d", written) and not isinstance(cell, datetime.date):
        return "Write the figure alone, without currency, unit or remark."
    return "Write a figure."


def figures(cells: pd.Series, heading: str, notes: Notes) -> pd.Series:
    """Cells as figures; what is no figure is noted, an empty cell is NaN and allowed here."""
    found = cells.map(number).astype(float)
    wrong = cells[found.isna() & ~cells.map(empty)]
    notes.cells(wrong, heading, "a figure", advice)
    unclear = cells[cells.map(_three_decimals)]
    remedy = "If it means thousands, write it without the point."
    expected = "a figure without thousands separator"
    notes.cells(unclear, heading, expected, remedy, "warning")
    return found


def _three_decimals(cell) -> bool:
    """Text such as 1.200: one thousand two hundred, or one and a fifth?"""
    return isinstance(cell, str) and bool(re.fullmatch(r"[+-]?[1-9]\d{0,2}\.\d{3}", cell.strip()))


def year_cells(cells: pd.Series, heading: str, notes: Notes) -> pd.Series:
    """Cells as years; everything else is noted and becomes NaN."""
    found = cells.map(number).astype(float)
    found = found.where(found.between(FIRST_YEAR, LAST_YEAR) & (found % 1 == 0))
    notes.cells(cells[found.isna()], heading, "a year with four digits", _year_advice)
    return found


def _year_advice(cell) -> str:
    if empty(cell):
        return "Write the year of the payment."
    if re.search(r"total|sum", str(cell), re.IGNORECASE):
        return "Delete rows with totals: they are added up by the workbook."
    if isinstance(cell, datetime.date):
        return f"Write {cell.year}: the year alone."
    if len(re.findall(r"\d{2,4}", str(cell))) > 1:
        return "Write one year per row: split the amount over the years."
    return "Write the year of the payment."


def choice_cells(
    cells: pd.Series, heading: str, notes: Notes, *, name: str, sheet: str, is_open: bool
) -> pd.Series:
    """Cells as choices of a list; an open list keeps other words as they are."""
    words = choice_words(name, sheet)
    allowed = sorted(set(words.values()), key=list(words.values()).index)
    found = cells.map(lambda cell: "" if empty(cell) else words.get(plain(text(cell)), None))
    found = found.astype(object)
    unknown = cells[found.isna()]
    if is_open:
        found.loc[unknown.index] = unknown.map(text)
    else:
        expected = " or ".join(allowed)
        notes.cells(unknown, heading, expected, functools.partial(_choice_advice, name, sheet))
        found = found.where(found.notna(), "")
    return found


def _choice_advice(name: str, sheet: str, cell) -> str:
    everywhere = choice_words(name).get(plain(text(cell)))
    if everywhere is not None:
        return f"This word belongs in another sheet than {sheet}: move the row."
    return "Choose a word from the drop-down list."
