"""Additional national indicators (AI): a register with one row per indicator, checked whole."""

from __future__ import annotations

import difflib
import functools
import io
import re
import zipfile
from pathlib import Path

import pandas as pd

from ldnkit import csvfiles, tables
from ldnkit.country_file.layers import METADATA
from ldnkit.csvfiles import UserTable
from ldnkit.findings import Finding, stop_on_errors
from ldnkit.narrative.forms import NOTEBOOK
from ldnkit.team_sheets import WORKBOOKS
from ldnkit.yearly_change import DIRECTIONS

#: Columns of the register; the first three must be there and filled.
COLUMNS = ("name", "objective", "direction", "image", *METADATA, "comments")
REQUIRED = COLUMNS[:3]
#: Strategic objectives that may have additional indicators (reporting manual, 6.3).
OBJECTIVES = ("SO1", "SO2", "SO3", "SO4")
IMAGES = (".png", ".jpg", ".jpeg")
OBJECTIVE = re.compile(r"(?:so|os|сц)?[\s-]*([1-4])", re.IGNORECASE)


def read_additional(path: str | Path) -> pd.DataFrame:
    """Read the register of additional indicators; every problem is reported at once.

    Parameters
    ----------
    path : str or Path
        CSV (UTF-8) or XLSX (first sheet) with the columns name, objective (SO1 to SO4), direction
        (increase, decrease, no_change or unknown, also in words of the six languages) and, if
        wanted, image (a PNG or JPEG file beside the register), title, link, author, citation
        (the four metadata fields), comments.

    Returns
    -------
    DataFrame
        All these columns as text, image as an absolute path. ``attrs["findings"]`` holds the
        warnings.

    Raises
    ------
    InputError
        Missing columns or names, unknown objectives or directions, names that repeat, images that
        are not there or cannot be opened.

    References
    ----------
    UNCCD reporting manual, 2026 process, 6.3 and Annex II.

    Examples
    --------
    >>> read_additional("additional/indicators.csv")  # doctest: +SKIP
    """
    table, findings = examine_additional(path)
    table.attrs["findings"] = stop_on_errors(findings)
    return table


def examine_additional(path: str | Path) -> tuple[pd.DataFrame, list[Finding]]:
    """The register as :func:`read_additional` gives it, and every problem of the file."""
    file = _Register(path, REQUIRED, notebook=NOTEBOOK, wanted="one row per indicator")
    rows = file.rows
    _columns(file)
    rows = rows.reindex(columns=list(COLUMNS)).astype(object).fillna("")
    file.rows = rows
    file.match("name", re.compile(r".+", re.DOTALL), "the name of the indicator")
    _repeats(file)
    rows["objective"] = _read(file, "objective", _objective, f"one of {', '.join(OBJECTIVES)}")
    rows["direction"] = _read(file, "direction", _direction, f"one of {', '.join(DIRECTIONS)}")
    rows["image"] = _images(file)
    return rows.reset_index(drop=True), file.findings


class _Register(UserTable):
    """A register in a CSV file or on the first sheet of a workbook."""

    def _read(self, names) -> pd.DataFrame:
        if self.path.suffix.lower() not in WORKBOOKS or not self.path.is_file():
            return super()._read(names)
        import openpyxl

        try:
            book = openpyxl.load_workbook(self.path, read_only=True, data_only=True)
            rows = [[_plain(cell) for cell in row] for row in book.worksheets[0].values]
            book.close()
        except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
            remedy = "Open it in the spreadsheet program and save it as XLSX, without a password."
            self.add("", f"a file that cannot be read ({error})", "a workbook", remedy)
            return pd.DataFrame()
        # rows keep their numbers, empty ones above the headings too
        top = next((place for place, row in enumerate(rows) if any(row)), len(rows))
        text = io.StringIO()
        pd.DataFrame(rows[top:]).to_csv(text, header=False, index=False)
        table, _ = csvfiles.parse(text.getvalue())
        sheet = [place for place, row in enumerate(rows[top + 1 :], top + 2) if any(row)]
        table.index = pd.Index(sheet, dtype="int64")
        return table.loc[:, [bool(name) for name in table.columns]]


def _plain(cell) -> str:
    return "" if cell is None else str(cell).strip()


def _columns(file: _Register) -> None:
    """Say which columns are not read, with the name that may be meant."""
    for column in file.rows.columns.difference(COLUMNS, sort=False):
        close = difflib.get_close_matches(str(column).casefold(), COLUMNS, 1, 0.6)
        remedy = f"Did you mean {close[0]}?" if close else "Put it into comments, or leave it out."
        file.add(f"column {column}", "a column that is not read", "", remedy, "warning")


def _repeats(file: _Register) -> None:
    names = file.rows["name"].str.casefold()
    for line in names.index[names.duplicated() & (names != "")]:
        expected = "each indicator once"
        remedy = "Join the two rows, or make the names different."
        file.add_cell(line, "name", expected, remedy)


def _read(file: _Register, column: str, read, expected: str) -> pd.Series:
    """A column in our words; what cannot be understood is a problem."""
    cells = file.rows[column]
    if column in file.missing:
        return cells
    found = cells.map(read)
    for line in found.index[found == ""]:
        file.add_cell(line, column, expected, "Correct the cell.")
    return found


def _objective(cell: str) -> str:
    match = OBJECTIVE.fullmatch(cell.strip())
    return f"SO{match[1]}" if match else ""


def _direction(cell: str) -> str:
    return _directions().get(_spelled(cell), "")


def _spelled(word: str) -> str:
    return " ".join(word.casefold().replace("_", " ").split())


@functools.cache
def _directions() -> dict[str, str]:
    """Directions as keys and in the words of six languages."""
    words = {_spelled(key): key for key in DIRECTIONS}
    for key in DIRECTIONS:
        for language in tables.LANGUAGES:
            words[_spelled(tables.label(f"column.{key}", language))] = key
    return words


def _images(file: _Register) -> pd.Series:
    """Absolute paths of the images; a path begins in the folder of the register."""
    found = file.rows["image"].copy()
    for line, cell in found.items():
        if not cell:
            continue
        path = (file.path.parent / cell.replace("\\", "/")).resolve()
        found[line] = str(path)
        if path.suffix.lower() not in IMAGES:
            file.add_cell(line, "image", "a PNG or JPEG file", "Save the map or chart as PNG.")
        elif not path.is_file():
            remedy = "Put the image beside the register, and write its name."
            file.add_cell(line, "image", f"a file in {path.parent.name}", remedy)
        elif not _opens(path):
            remedy = "Open the image and save it as PNG again."
            file.add_cell(line, "image", "an image that opens", remedy)
    return found


def _opens(path: Path) -> bool:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            image.verify()
    except (OSError, UnidentifiedImageError, SyntaxError, ValueError):
        return False
    return True
