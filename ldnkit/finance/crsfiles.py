"""CRS files as they come: spreadsheets, commas or bars, old and new names of columns."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
from pathlib import Path

import pandas as pd

from ldnkit import tables
from ldnkit.finance.columns import NOTEBOOK
from ldnkit.findings import listed
from ldnkit.team_sheets import Notes, plain

SEPARATORS = "|,;\t"
ENCODINGS = ("utf-8-sig", "utf-16", "cp1252")


def read_table(path: str | Path) -> tuple[pd.DataFrame, Notes]:
    """The columns of a CRS file that are used, under our names; the index is the row or line.

    Every column exists; one that the file does not have is empty.
    """
    path = Path(path)
    notes = Notes(path.name, "line", notebook=NOTEBOOK)
    nothing = pd.DataFrame(columns=_fields()["field"])
    if not path.is_file():
        expected = "an activity file of the CRS"
        notes.add([], "", "no such file", expected, "Check the path.")
        return nothing, notes
    spreadsheet = path.suffix.lower() in (".xlsx", ".xlsm")
    notes.word = "row" if spreadsheet else "line"
    try:
        names, rows = _spreadsheet(path) if spreadsheet else _text_file(path)
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, csv.Error) as error:
        expected = "XLSX, CSV, or CSV in gz or zip"
        remedy = "Download the file again, or save it as CSV UTF-8."
        notes.add([], "", f"a file that cannot be read ({error})", expected, remedy)
        return nothing, notes
    places = _places(names)
    _check(names, places, notes)
    table = rows[[*places.values()]].set_axis([*places], axis=1)
    table = table.reindex(columns=_fields()["field"]).astype(object)
    table = table.where(table.notna(), "")
    return table, notes


def _fields() -> pd.DataFrame:
    return tables.read("crs_columns")


def _tight(name) -> str:
    """A heading without case and signs: CrsID and crs_id are one."""
    return plain(name).replace(" ", "")


def _places(names: list) -> dict[str, int]:
    """Field -> place of the first heading that stands for it."""
    known = [_tight(name) for name in names]
    places = {}
    for row in _fields().to_dict("records"):
        wanted = [_tight(name) for name in row["names"].split("|")]
        found = [known.index(name) for name in wanted if name in known]
        if found:
            places[row["field"]] = found[0]
    return places


def _check(names: list, places: dict[str, int], notes: Notes) -> None:
    if {"measure", "observation"} <= set(places):
        remedy = "Download the activity-level file (microdata) of the CRS."
        notes.add(
            [], "", "an aggregated table (MEASURE, OBS_VALUE)", "one row per activity", remedy
        )
        return
    fields = _fields()
    absent = [
        row["names"].replace("|", " or ")
        for row in fields[fields["required"] == "yes"].to_dict("records")
        if row["field"] not in places
    ]
    if absent:
        found = f"columns {listed(names)}"
        expected = "columns " + "; ".join(absent)
        notes.add([], "", found, expected, "Download the file with all its columns.")


def _spreadsheet(path: Path) -> tuple[list, pd.DataFrame]:
    """The first sheet with the headings of activities; without one the first sheet."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        sheets = {sheet.title: sheet.iter_rows(values_only=True) for sheet in book.worksheets}
        headings = {title: list(next(rows, ())) for title, rows in sheets.items()}
        chosen = max(headings, key=lambda title: len(_places(headings[title])))
        names = ["" if name is None else name for name in headings[chosen]]
        rows = pd.DataFrame(list(sheets[chosen]), columns=range(len(names)), dtype=object)
    finally:
        book.close()
    rows.index += 2
    return names, rows[rows.notna().any(axis=1)]


def _text_file(path: Path) -> tuple[list, pd.DataFrame]:
    content = path.read_bytes()
    if path.suffix.lower() == ".gz":
        content = gzip.decompress(content)
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            content = archive.read(archive.namelist()[0])
    written = _decoded(content)
    header = written.partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    names = next(csv.reader([header], delimiter=separator), [])
    places = sorted(set(_places(names).values()))
    rows = pd.read_csv(
        io.StringIO(written),
        sep=separator,
        header=None,
        skiprows=1,
        names=range(len(names)),
        usecols=places,
        dtype=str,
        keep_default_na=False,
        skip_blank_lines=False,
    )
    rows.index += 2
    return names, rows[(rows != "").any(axis=1)]


def _decoded(content: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or the code page of Western Europe."""
    for encoding in ENCODINGS:
        if encoding == "utf-16" and content[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ValueError("letters in an unknown encoding")
