"""Single cells as people type them: figures, years, dates, choices; and what is wrong with them."""

from __future__ import annotations

import datetime
import math
import re

import pandas as pd

from ldnkit.findings import closest
from ldnkit.targets.columns import choice_words, choices, goal
from ldnkit.team_sheets import Notes, plain, separators

FIRST_YEAR, LAST_YEAR = 1990, 2100
FIGURE = re.compile(r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
#: A year, a month of it, a day of it.
DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")


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
    if remedy := separators(cell):
        return remedy
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
