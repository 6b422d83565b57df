"""Lists that a team fills: their cells as people type them, and every problem at once.

Each reader of such a list knows its own columns; what a cell may look like stands here.
"""

from __future__ import annotations

import datetime
import math
import re
import unicodedata
import zipfile
from collections.abc import Collection, Iterable
from numbers import Real
from pathlib import Path

import pandas as pd

from ldnkit.findings import Finding, listed

FIGURE = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
COMMA = re.compile(r"[+-]?\d+,\d+")
#: What stands for "no figure": an empty cell, or two points as in World Bank files.
NO_FIGURE = ("", "..")
SPACES = "\u00a0\u202f\u2009 '\u2019"
#: Figures with other signs, and how to write them: the first that fits.
MANNERS = {
    r"[+-]?\d{1,3},\d{3}": "Write {plain} or {point}: the comma may mean either.",
    r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?": "Write {plain}: no separators between thousands.",
    r"[+-]?\d+,\d+": "Write {point}: a point before the decimals.",
    rf"[+-]?\d{{1,3}}([{SPACES}]\d{{3}})+(\.\d+)?": (
        "Write {plain}: no separators between thousands."
    ),
    rf"[+-]?\d{{1,3}}([{SPACES}.]\d{{3}})+,\d+": (
        "Write {point}: no separators between thousands, a point before the decimals."
    ),
    r"[+-]?\d{1,3}(\.\d{3}){2,}": "Write {whole}: no separators between thousands.",
}
#: Workbooks that can be read, and those that must be saved in another form.
WORKBOOKS, OTHER_WORKBOOKS = (".xlsx", ".xlsm"), (".xls", ".ods")
#: Rows at the top of a sheet in which the headings are sought.
SEARCHED = 15


class Notes:
    """Findings about lines of one file, or rows of one sheet or table."""

    def __init__(
        self, name: str, word: str = "row", findings: Iterable[Finding] = (), *, notebook: str
    ):
        self.name, self.word, self.findings = name, word, list(findings)
        self.notebook = notebook

    def add(self, rows, column, found, expected="", remedy="", severity="error"):
        """Note a problem of a column in one or several rows."""
        rows = list(rows)
        places = [f"{self.word}{'s' * (len(rows) > 1)} {listed(rows)}"] if rows else []
        places += [f"column {column}"] if column else []
        where = " ".join([self.name, ", ".join(places)]).strip()
        found, expected = str(found), str(expected)
        self.findings.append(Finding(severity, where, found, expected, remedy, self.notebook))

    def cells(self, cells: pd.Series, column, expected, remedy, severity="error"):
        """Note cells, one finding for each different one; ``remedy`` may depend on it."""
        for cell, alike in cells.groupby(cells.map(shown), sort=False):
            advice = remedy(alike.iloc[0]) if callable(remedy) else remedy
            self.add(alike.index, column, cell, expected, advice, severity)

    def add_empty(self, cells: pd.Series, column, remedy, expected="an entry"):
        """Note the rows in which a cell of text is empty."""
        rows = cells.index[cells == ""]
        if len(rows):
            self.add(rows, column, "nothing", expected, remedy)


# ------------------------------------------------------------------ single cells
def empty(cell) -> bool:
    """Whether nothing stands in a cell."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return True
    return isinstance(cell, float) and math.isnan(cell)


def shown(cell) -> str:
    """A cell as it is shown in a finding.

    Examples
    --------
    >>> shown("12,5"), shown(" "), shown(1850), shown(datetime.date(2021, 3, 15))
    ("'12,5'", 'nothing', '1850', 'the date 2021-03-15')
    """
    if empty(cell):
        return "nothing"
    if isinstance(cell, datetime.date):
        return f"the date {cell:%Y-%m-%d}"
    if isinstance(cell, datetime.time):
        return "a time"
    return repr(cell) if isinstance(cell, str) else str(cell)


def text(cell) -> str:
    """A cell of any kind as text; a whole number has no decimals, a moment no time.

    Examples
    --------
    >>> text(3.0), text(datetime.datetime(2021, 3, 15)), text(None), text(" two  words ")
    ('3', '2021-03-15', '', 'two words')
    """
    if empty(cell):
        return ""
    if isinstance(cell, datetime.datetime):
        cell = cell.date()
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(str(cell).split())


def plain(words) -> str:
    """Words without case and signs, for comparing.

    Examples
    --------
    >>> plain(" OECD/CRS identifier: "), plain("Area (km²)")
    ('oecd crs identifier', 'area km2')
    """
    words = unicodedata.normalize("NFKC", str(words)).casefold()
    return re.sub(r"[\W_]+", " ", words).strip()


def number(cell) -> float:
    """A cell as a number; NaN when it is none.

    Examples
    --------
    >>> number(" 12.5 "), number("12,5"), number(True)
    (12.5, nan, nan)
    """
    if isinstance(cell, str):
        cell = float(cell) if FIGURE.fullmatch(cell := cell.strip()) else math.nan
    if isinstance(cell, Real) and not isinstance(cell, bool) and math.isfinite(cell):
        return float(cell)
    return math.nan


def separators(cell) -> str:
    """How to write a figure that has other signs than a point; empty when it is none.

    Examples
    --------
    >>> separators("1,234,567"), separators("12,5")
    ('Write 1234567: no separators between thousands.', 'Write 12.5: a point before the decimals.')
    >>> separators("USD 500")
    ''
    """
    written = str(cell).strip()
    remedy = next((said for like, said in MANNERS.items() if re.fullmatch(like, written)), "")
    bare = re.sub(f"[{SPACES}]", "", written)
    return remedy.format(
        plain=bare.replace(",", ""),
        point=bare.replace(".", "").replace(",", "."),
        whole=bare.replace(".", ""),
    )


# ------------------------------------------------------------------ columns
def numbers(cells: pd.Series, column: str, notes: Notes) -> pd.Series:
    """Cells as numbers; what is none is noted, an empty cell is NaN and allowed."""
    cells = cells.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    found = cells.map(number).astype(float)
    wrong = cells[~cells.isin(NO_FIGURE) & found.isna()].map(str)
    commas = wrong[wrong.map(lambda cell: bool(COMMA.fullmatch(cell)))]
    if len(commas):
        example = commas.iloc[0]
        remedy = f"Write {example.replace(',', '.')}: a point before the decimals."
        notes.add(commas.index, column, f"'{example}'", "a number with a point", remedy)
    remedy = (
        "Write the figure alone, without sign or spaces; leave the cell empty if there is none."
    )
    notes.cells(wrong.drop(commas.index), column, "a number", remedy)
    return found


def years(cells: pd.Series, notes: Notes, *, first: int, last: int) -> pd.Series:
    """The cells of the column year; what is none is noted and becomes NaN."""
    found = cells.map(number).astype(float)
    found = found.where(found.between(first, last) & (found % 1 == 0))
    expected = f"a year between {first} and {last}"
    notes.cells(cells[found.isna()], "year", expected, "Write a year with four digits.")
    return found


# ------------------------------------------------------------------ workbooks
def workbook(path: Path, notes: Notes):
    """A workbook with the results of its formulas; None, and why, when it cannot be read."""
    import openpyxl

    if path.suffix.lower() in OTHER_WORKBOOKS:
        remedy = "Open it in the spreadsheet program and save it as XLSX."
        notes.add([], "", f"a file of the type {path.suffix}", "XLSX or CSV", remedy)
    elif not path.is_file():
        notes.add([], "", "no such file", "an XLSX or CSV file", "Check the path.")
    else:
        try:
            return openpyxl.load_workbook(path, data_only=True)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            remedy = "Open it in the spreadsheet program and save it as XLSX, without a password."
            notes.add([], "", f"a file that cannot be read ({error})", "a workbook", remedy)
    return None


def headings_row(rows: pd.DataFrame, known: Collection[str], *, least: int) -> int | None:
    """The row with most known headings, the first of equals; None with fewer than ``least``."""
    counts = rows.iloc[:SEARCHED].map(lambda cell: not empty(cell) and plain(cell) in known)
    counts = counts.sum(axis=1)
    return int(counts.idxmax()) if len(counts) and counts.max() >= least else None
