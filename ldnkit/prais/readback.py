"""Read a written report back: the same printed tables from XLSX, CSV and JSON."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pandas as pd

#: Row of the headings of every table, counted from 0; the cells to paste begin below it.
HEADINGS_ROW = 6
#: Sheets of the workbook that are no tables.
OTHER_SHEETS = ("Overview", "Changes")
DECIMALS = re.compile(r"0(?:\.(0+))?$")


def read(path: str | Path) -> dict[str, pd.DataFrame]:
    """The tables of a written report, as they are printed.

    Parameters
    ----------
    path : str or Path
        The workbook (``.xlsx``), the JSON file or the folder of CSV files that
        :func:`ldnkit.prais.write` has made.

    Returns
    -------
    dict of str to DataFrame
        Table id -> its cells as text, headings as columns.  The three kinds of file give the
        same text: figures with a point and their decimals, an empty cell as ``""``.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder.
    ValueError
        The file is none of the three, or not one that the workbook has written.

    Examples
    --------
    >>> prais.read("outputs/KEN/report/csv")["CP-1.T1"]                      # doctest: +SKIP
    """
    path = Path(path)
    if path.is_dir():
        return {file.stem: _csv(file) for file in sorted(path.glob("*.csv"))}
    if not path.exists():
        raise FileNotFoundError(
            f"No report to read: found no {path}; give the workbook, the JSON file or the folder "
            "of CSV files that the report has written."
        )
    if path.suffix == ".json":
        return _json(path)
    if path.suffix == ".xlsx":
        return _xlsx(path)
    raise ValueError(
        f"Not a written report: found {path.name}; give a workbook (.xlsx), a .json file or the "
        "folder of CSV files."
    )


def _csv(path: Path) -> pd.DataFrame:
    with path.open(encoding="utf-8-sig", newline="") as file:
        headings, *rows = csv.reader(file)
    return _frame(headings, rows)


def _json(path: Path) -> dict[str, pd.DataFrame]:
    document = json.loads(path.read_text(encoding="utf-8"))
    tables = document.get("tables") if isinstance(document, dict) else None
    if not isinstance(tables, dict) or any("shown" not in table for table in tables.values()):
        raise ValueError(
            f"Not a written report: found {path.name} without printed tables; give the file "
            "prais_<country>_<cycle>.json."
        )
    return {name: _frame(table["headings"], table["shown"]) for name, table in tables.items()}


def _xlsx(path: Path) -> dict[str, pd.DataFrame]:
    import openpyxl

    book = openpyxl.load_workbook(path)
    return {
        sheet.title: _sheet(sheet) for sheet in book.worksheets if sheet.title not in OTHER_SHEETS
    }


def _sheet(sheet) -> pd.DataFrame:
    """Headings up to the first empty one, rows up to the first without a name."""
    lines = sheet.iter_rows(min_row=HEADINGS_ROW + 1)
    headings = []
    for cell in next(lines, ()):
        if cell.value in (None, ""):
            break
        headings.append(str(cell.value))
    rows = []
    for line in lines:
        if not headings or line[0].value in (None, ""):
            break
        rows.append([_text(cell) for cell in line[: len(headings)]])
    return _frame(headings, rows)


def _text(cell) -> str:
    """A cell as it is printed, with a point and without separators of thousands."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    found = DECIMALS.search(cell.number_format)
    if found is None:
        return str(value)
    return f"{float(value):.{len(found[1] or '')}f}"


def _frame(headings: list[str], rows: list[list[str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=headings, dtype=object)
