"""Single cells as people type them: figures, years, dates, choices; and what is wrong with them."""

from __future__ import annotations

import datetime
import difflib
import math
import re
from collections.abc import Callable, Iterable

import pandas as pd

from ldnkit.findings import Finding
from ldnkit.targets.columns import NOTEBOOK, choice_words, choices, goal, plain

#: Rows that one finding lists.
SHOWN = 8
FIRST_YEAR, LAST_YEAR = 1990, 2100
FIGURE = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
#: A year, a month of it, a day of it.
DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


class Notes:
    """Findings about lines of one file, or rows of one sheet or table."""

    def __init__(self, name: str, word: str = "row", findings: Iterable[Finding] = ()):
        self.name, self.word, self.findings = name, word, list(findings)

    def add(self, rows, column, found, expected="", remedy="", severity="error"):
        """Note a problem of a column in one or several rows."""
        rows = list(rows)
        places = [f"{self.word}{'s' * (len(rows) > 1)} {listed(rows)}"] if rows else []
        places += [f"column {column}"] if column else []
        where = " ".join([self.name, ", ".join(places)]).strip()
        self.findings.append(Finding(severity, where, str(found), expected, remedy, NOTEBOOK))

    def cells(self, cells: pd.Series, column, expected, remedy, severity="error"):
        """Note cells, one finding for each different one; ``remedy`` may depend on it."""
        for cell, alike in cells.groupby(cells, sort=False):
            advice = remedy(cell) if isinstance(remedy, Callable) else remedy
            self.add(alike.index, column, shown(cell), expected, advice, severity)

    def add_empty(self, cells: pd.Series, column, remedy):
        """Note the rows in which a cell is empty."""
        empty = cells.index[cells == ""]
        if len(empty):
            self.add(empty, column, "nothing", "an entry", remedy)


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


def shown(cell: str) -> str:
    """A cell as it is shown in a finding."""
    return repr(cell) if cell else "nothing"


def as_text(cell) -> str:
    """A cell of any kind as text; a whole number has no decimals, a moment no time.

    Examples
    --------
    >>> as_text(3.0), as_text(datetime.datetime(2021, 3, 15)), as_text(None)
    ('3', '2021-03-15', '')
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return ""
    if isinstance(cell, datetime.datetime):
        cell = cell.date()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


def areas(cells: pd.Series, column: str, notes: Notes) -> pd.Series:
    """Cells as km²; what is no figure is noted, an empty cell is NaN."""
    fits = cells.map(lambda cell: bool(FIGURE.fullmatch(cell)))
    found = cells.where(fits).astype(float)
    found = found.where(found.map(math.isfinite))
    wrong = cells[found.isna() & (cells != "")]
    notes.cells(wrong, column, "an area in km², zero or more", _area_advice)
    return found


def _area_advice(cell: str) -> str:
    """How to write a cell that is no area."""
    if re.fullmatch(r"[-−]\s*\d.*", cell):
        return "Write an area without a minus sign."
    if re.fullmatch(r"\d{1,3},\d{3}", cell):
        plainly, point = cell.replace(",", ""), cell.replace(",", ".")
        return f"Write {plainly} or {point}: the comma may mean either."
    if re.fullmatch(r"\d+,\d+", cell):
        return f"Write {cell.replace(',', '.')}: a point before the decimals."
    if re.fullmatch(r"\d{1,3}([ ,'’]\d{3})+(\.\d+)?", cell):
        plainly = re.sub(r"[ ,'’]", "", cell)
        return f"Write {plainly}: no separators between thousands."
    if re.search(r"\bha\b|hectare", cell, re.IGNORECASE):
        return "Write the area in km²: divide the hectares by 100."
    return "Write the figure alone, in km², without unit or remark."


def years(cells: pd.Series, column: str, notes: Notes) -> pd.Series:
    """Cells as years; everything else is noted and becomes NaN; an empty cell is NaN."""
    found = pd.to_numeric(cells.where(cells.str.fullmatch(r"\d{4}")), errors="coerce")
    found = found.where(found.between(FIRST_YEAR, LAST_YEAR)).astype(float)
    wrong = cells[found.isna() & (cells != "")]
    expected = f"a year between {FIRST_YEAR} and {LAST_YEAR}"
    notes.cells(wrong, column, expected, "Write one year with four digits.")
    return found


def dates(cells: pd.Series, column: str, notes: Notes) -> pd.Series:
    """Cells as days, months or years, written 2021-03-15; what is none of them is noted."""
    found = cells.map(_date)
    remedy = "Write year, month and day as 2021-03-15, or the year alone."
    notes.cells(cells[found.isna()], column, "a date", remedy)
    return found.fillna("")


def _date(cell: str) -> str | None:
    """A date with as many parts as it has; None when it is none."""
    match = DATE.fullmatch(cell)
    if not cell or match is None:
        return None if cell else ""
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        datetime.date(year, month, day)
    except ValueError:
        return None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    return "-".join(f"{int(part):02d}" for part in match.groups() if part)


def chosen(cells: pd.Series, column: str, notes: Notes, name: str, *, is_open=False) -> pd.Series:
    """Cells as choices of a list; an open list keeps other words as they are."""
    words = choice_words(name)
    found = cells.map(lambda cell: words.get(plain(cell), "" if not cell else None))
    unknown = cells[found.isna()]
    if is_open:
        return found.where(found.notna(), cells)
    known = choices(name)
    notes.cells(unknown, column, " or ".join(known), lambda cell: closest(cell, known))
    return found.fillna("")


def goals(cells: pd.Series, column: str, notes: Notes) -> pd.Series:
    """Cells as goals of other agreements; an unknown one is noted."""
    found = cells.map(lambda cell: goal(cell) if cell else "")
    known = choices("link")
    expected = f"a goal such as {known[14]}, a target such as GBF 2, or NDC"
    remedy = "Choose one of the drop-down list; write one goal per column."
    notes.cells(cells[found.isna()], column, expected, remedy)
    return found.fillna("")


def closest(word: str, known: Iterable[str]) -> str:
    """The remedy for a word that is not among the known ones."""
    known = list(known)
    close = difflib.get_close_matches(word.lower().replace(" ", "_"), known, 1, 0.6)
    return f"Did you mean {close[0]}?" if close else f"Use one of {', '.join(known)}."
