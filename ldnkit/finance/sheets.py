"""XLSX and CSV files as tables of raw cells under known columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ldnkit import csvfiles
from ldnkit.finance.columns import NEEDS, NOTEBOOK, RATES, SHEETS, amounts, columns, headings
from ldnkit.findings import listed
from ldnkit.team_sheets import (
    OTHER_WORKBOOKS,
    WORKBOOKS,
    Notes,
    empty,
    headings_row,
    plain,
    text,
    workbook,
)

#: Headings that must be known, of a sheet whose kind is known and of another one.
KNOWN, KNOWN_OF_OTHER = 2, 4
NAMES = {plain(name): name for name in (*SHEETS, NEEDS)} | {RATES: RATES}


@dataclass
class Sheet:
    """Raw cells of one sheet.

    ``kind`` is the indicator, ``rates`` or None when a column ``indicator`` tells it. The index
    of ``rows`` is the row in the sheet (the line in a CSV file), the columns are known keys;
    ``typed`` maps them to the headings as typed. ``mixed``: the rows are those of one indicator in
    a sheet for several.
    """

    kind: str | None
    notes: Notes
    rows: pd.DataFrame = field(default_factory=pd.DataFrame)
    typed: dict[str, str] = field(default_factory=dict)
    mixed: bool = False

    def heading(self, key: str) -> str:
        """The heading of a column as it stands in the file."""
        return self.typed.get(key, key)

    def column(self, key: str) -> pd.Series:
        """The cells of a column; empty ones where the sheet does not have it."""
        if key in self.rows:
            return self.rows[key]
        return pd.Series("", self.rows.index, dtype=object)


def read_sheets(path: str | Path, kind: str | None = None) -> list[Sheet]:
    """Every sheet of a file that holds activities, needs or rates.

    Parameters
    ----------
    path : str or Path
        XLSX or CSV (UTF-8; comma or semicolon).
    kind : str, optional
        What a CSV file, or a workbook with one unnamed sheet, holds: an indicator or ``rates``.
    """
    path = Path(path)
    if path.suffix.lower() in (*WORKBOOKS, *OTHER_WORKBOOKS) or not path.is_file():
        return _workbook(path, kind)
    return [_comma_file(path, kind)]


def _comma_file(path: Path, kind: str | None) -> Sheet:
    notes = Notes(path.name, "line", notebook=NOTEBOOK)
    try:
        written = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        remedy = 'In the spreadsheet choose "CSV UTF-8" when saving.'
        notes.add([], "", "letters in another encoding", "UTF-8 text", remedy)
        return Sheet(kind, notes)
    table, too_long = csvfiles.parse(written)
    for line in too_long:
        remedy = 'Put text that holds a comma in "quotes"; write numbers with a point.'
        notes.add([line], "", "more cells than columns", "one cell per column", remedy)
    names = [str(name) for name in table.columns]
    return _sheet(kind, notes, dict(enumerate(names)), table.set_axis(range(len(names)), axis=1))


def _workbook(path: Path, kind: str | None) -> list[Sheet]:
    notes = Notes(path.name, notebook=NOTEBOOK)
    book = workbook(path, notes)
    if book is None:
        return [Sheet(kind, notes)]
    found = []
    for sheet in book.worksheets:
        title = plain(sheet.title)
        named = next((name for start, name in NAMES.items() if title.startswith(start)), None)
        raw = pd.DataFrame(
            sheet.iter_rows(values_only=True), index=range(1, sheet.max_row + 1), dtype=object
        )
        if raw.map(empty).all(axis=None):
            continue
        own = named or kind
        top = headings_row(raw, headings(own), least=KNOWN if own else KNOWN_OF_OTHER)
        own_notes = Notes(f"{path.name} {sheet.title}", notebook=NOTEBOOK)
        if top is None:
            if named:
                remedy = "Use the headings of the template."
                expected = "headings in one row, one cell each"
                own_notes.add([], "", "no row with headings", expected, remedy)
                found.append(Sheet(named, own_notes))
            continue
        _merged(sheet, top, own_notes)
        names = {place: cell for place, cell in enumerate(raw.loc[top]) if not empty(cell)}
        found.append(_sheet(own, own_notes, names, raw.loc[top + 1 :]))
    if not found:
        remedy = "Copy your rows into the template of this workbook."
        notes.add([], "", f"sheets {', '.join(book.sheetnames)}", "known headings", remedy)
        found.append(Sheet(kind, notes))
    return found


def _merged(sheet, top: int, notes: Notes) -> None:
    """Merged cells hide what belongs to which row or column."""
    places = [str(area) for area in sheet.merged_cells.ranges if area.max_row >= top]
    if places:
        remedy = "Undo the merge and fill every cell."
        notes.add([], "", f"merged cells {listed(sorted(places))}", "single cells", remedy)


def _sheet(kind: str | None, notes: Notes, names: dict[int, str], raw: pd.DataFrame) -> Sheet:
    """Cells under the known headings; empty rows are left out."""
    known = headings(kind)
    typed: dict[str, str] = {}
    places: dict[str, int] = {}
    unknown = []
    for place, name in names.items():
        key = known.get(plain(re.sub(r"[*†]", "", str(name))))
        if key is None:
            if str(name).strip():
                unknown.append(text(name))
        elif key in places:
            remedy = "Keep one of the two columns."
            notes.add([], text(name), f"'{text(name)}' as well as '{typed[key]}'", "", remedy)
        else:
            places[key], typed[key] = place, text(name)
    if unknown:
        remedy = "Use the headings of the template; nothing of these columns is counted."
        expected = "known headings"
        notes.add([], listed(unknown), "columns that are not read", expected, remedy, "warning")
    rows = raw[list(places.values())].set_axis(list(places), axis=1).astype(object)
    rows = rows.map(lambda cell: cell.strip() if isinstance(cell, str) else cell)
    rows = rows[~rows.map(empty).all(axis=1)]
    _missing(kind, notes, places, names)
    return Sheet(kind, notes, rows, typed)


def _missing(kind: str | None, notes: Notes, places, names) -> None:
    """Required columns that are not there."""
    for group in [("indicator",)] if kind is None else required(kind):
        if not set(group) & set(places):
            found = "columns " + listed(text(name) for name in names.values())
            notes.add([], "", found, f"a column {' or '.join(group)}", "Add the column.")


def required(kind: str) -> list[tuple[str, ...]]:
    """The columns that a sheet must have; of several in one group one is enough."""
    table = columns(kind)
    wanted = table.loc[table["required"], "key"]
    groups = [amounts(kind) if key in amounts(kind) else (key,) for key in wanted]
    return list(dict.fromkeys(groups))
