"""Single cells as people type them: figures, years, choices; and what is wrong with them."""

from __future__ import annotations

import datetime
import functools
import math
import re
from collections.abc import Iterable
from numbers import Real

import pandas as pd

from ldnkit.finance.columns import NOTEBOOK, choice_words, plain
from ldnkit.findings import Finding

#: Rows that one finding lists.
SHOWN = 8
SPACES = "\u00a0\u202f\u2009 '\u2019"
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
#: Figures that are written in another manner, and how to write them: the first that fits.
MANNERS = (
    (r"\((?P<figure>\d[\d.]*)\)", "Write {plain} with a minus sign, not in brackets.", "-"),
    (r"[+-]?\d{1,3},\d{3}", "Write {plain} or {point}: the comma may mean either.", ""),
    (r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", "Write {plain}: no separators between thousands.", ""),
    (r"[+-]?\d+,\d+", "Write {point}: a point before the decimals.", ""),
    (
        rf"[+-]?\d{{1,3}}([{SPACES}]\d{{3}})+(\.\d+)?",
        "Write {plain}: no separators between thousands.",
        "",
    ),
    (
        rf"[+-]?\d{{1,3}}([{SPACES}.]\d{{3}})+,\d+",
        "Write {point}: no separators between thousands, a point before the decimals.",
        "",
    ),
    (r"[+-]?\d{1,3}(\.\d{3}){2,}", "Write {dotless}: no separators between thousands.", ""),
)
FIRST_YEAR, LAST_YEAR = 1960, 2100


class Notes:
    """Findings about rows of one sheet or lines of one file."""

    def __init__(self, name: str, word: str = "row", findings: Iterable[Finding] = ()):
        self.name, self.word, self.findings = name, word, list(findings)

    def add(self, rows, column, found, expected="", remedy="", severity="error"):
        """Note a problem of a column, by its heading, in one or several rows."""
        rows = list(rows)
        places = [f"{self.word}{'s' * (len(rows) > 1)} {listed(rows)}"] if rows else []
        places += [f"column {column}"] if column else []
        where = " ".join([self.name, ", ".join(places)]).strip()
        self.findings.append(Finding(severity, where, str(found), str(expected), remedy, NOTEBOOK))

    def cells(self, cells: pd.Series, column, expected, remedy, severity="error"):
        """Note cells, one finding for each different one; ``remedy`` may depend on it."""
        for cell, alike in cells.groupby(cells.map(shown), sort=False):
            advice = remedy(alike.iloc[0]) if callable(remedy) else remedy
            self.add(alike.index, column, cell, expected, advice, severity)


def listed(items: Iterable) -> str:
    """Items in one line; of many only the first, with their number.

    Examples
    --------
    >>> listed(range(3, 13))
    '3, 4, 5, 6, 7, 8, 9, 10 … (10 in all)'
    """
    items = [str(item) for item in items]
    if len(items) <= SHOWN:
        return ", ".join(items)
    return f"{', '.join(items[:SHOWN])} … ({len(items)} in all)"


def empty(cell) -> bool:
    """Whether nothing stands in a cell."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return True
    return isinstance(cell, float) and math.isnan(cell)


def shown(cell) -> str:
    """A cell as it is shown in a finding."""
    if empty(cell):
        return "nothing"
    if isinstance(cell, (datetime.date, datetime.time)):
        return f"the date {cell:%Y-%m-%d}" if isinstance(cell, datetime.date) else "a time"
    return repr(str(cell))


def text(cell) -> str:
    """A cell as text; a whole number without decimals, so that identifiers stay what they are."""
    if empty(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


def figure(cell) -> float:
    """A cell as a figure; NaN when it is none."""
    if isinstance(cell, str):
        cell = cell.strip()
        return float(cell) if PLAIN.fullmatch(cell) else math.nan
    if isinstance(cell, Real) and not isinstance(cell, bool):
        return float(cell) if math.isfinite(cell) else math.nan
    return math.nan


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
    for pattern, remedy, sign in MANNERS:
        match = re.fullmatch(pattern, written)
        if match:
            inside = match.groupdict().get("figure") or written
            bare = re.sub(f"[{SPACES}]", "", inside)
            return remedy.format(
                plain=sign + bare.replace(",", ""),
                point=_point(bare),
                dotless=bare.replace(".", ""),
            )
    if re.search(r"\d", written) and not isinstance(cell, datetime.date):
        return "Write the figure alone, without currency, unit or remark."
    return "Write a figure."


def _point(figure_text: str) -> str:
    """A figure with a decimal comma, with a point instead."""
    return figure_text.replace(".", "").replace(",", ".")


def figures(cells: pd.Series, heading: str, notes: Notes) -> pd.Series:
    """Cells as figures; what is no figure is noted, an empty cell is NaN and allowed here."""
    found = cells.map(figure).astype(float)
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
    found = cells.map(figure).astype(float)
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
