"""Workbooks that a team fills in: headings with help, drop-down lists, rows that are known."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

#: Rows of a sheet that have drop-down lists and checks.
ROWS = 1000
#: Row of the headings, counted from 0: the first one, so that the sheet reads like a CSV file.
HEADINGS_ROW = 0
PURPLE, GREEN, GREY, WHITE = "#5b2150", "#e6f0e4", "#f1f1ee", "#ffffff"
FIRST_YEAR, LAST_YEAR = 1960, 2100
#: Name of the hidden sheet with the words of the drop-down lists.
LISTS = "lists"


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    ``kind`` is ``text``, ``year`` (four digits), ``amount`` (zero or more) or ``choice``; an
    ``is_open`` choice also takes other words. ``required`` headings are purple.
    """

    key: str
    heading: str
    kind: str = "text"
    choices: tuple[str, ...] = ()
    is_open: bool = False
    required: bool = False
    help: str = ""
    width: float = 20


@dataclass(frozen=True)
class Sheet:
    """A list to fill: its title, its columns and the rows that are known (columns by key)."""

    title: str
    columns: tuple[Column, ...]
    rows: pd.DataFrame | None = None


@dataclass(frozen=True)
class Words:
    """What the workbook says: a title, lines of advice, and the headings of its first sheet."""

    title: str
    lines: tuple[str, ...] = ()
    overview: str = "Overview"
    headings: tuple[str, str, str, str] = ("Sheet", "Column", "Help", "Choices")


def write(path: str | Path, sheets: Sequence[Sheet], words: Words, *, language: str = "en") -> Path:
    """Write a workbook to fill in.

    Parameters
    ----------
    path : str or Path
        The XLSX file to write. An existing one is not overwritten.
    sheets : sequence of Sheet
        One sheet per list; headings stand in the first row.
    words : Words
        Texts of the first sheet, which explains every column.
    language : str
        Arabic is written from right to left.

    Returns
    -------
    Path

    Raises
    ------
    FileExistsError
        There is such a file already: it may hold the team's work.

    Examples
    --------
    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "new.xlsx"
    >>> year = Column("year", "Year", "year")
    >>> write(place, [Sheet("Targets", (year,))], Words("Targets")).name
    'new.xlsx'
    """
    with new_workbook(path, words.title) as book:
        styles = _styles(book)
        _overview(book, styles, sheets, words, language)
        made = [_headed(book, styles, sheet, language) for sheet in sheets]
        places = _lists(book, [column for sheet in sheets for column in sheet.columns])
        for target, sheet in zip(made, sheets, strict=True):
            _filled(target, styles, sheet)
            for place, column in enumerate(sheet.columns):
                _checked(target, place, column, places)
    return Path(path)


@contextlib.contextmanager
def new_workbook(path: str | Path, title: str):
    """A workbook of XlsxWriter, which is there whole at the end or not at all.

    Raises
    ------
    FileExistsError
        There is such a file already: it may hold the team's work.
    """
    import xlsxwriter

    path = Path(path)
    if path.exists():
        raise FileExistsError(
            f"The file exists already: found {path}; give another name, or move it away first."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.stem}.part.xlsx")
    options = {"strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    try:
        with xlsxwriter.Workbook(str(partial), options) as book:
            book.set_properties({"title": title, "author": ""})
            yield book
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _styles(book) -> dict:
    base = {"font_name": "Calibri", "font_size": 11, "valign": "top"}
    wrapped = base | {"text_wrap": True}
    edged = wrapped | {"border": 1, "border_color": "#9a9a9a"}
    head = edged | {"bold": True, "align": "center"}
    looks = {
        "title": base | {"bold": True, "font_size": 15, "font_color": PURPLE},
        "wrapped": wrapped,
        "cell": edged,
        "text": edged | {"num_format": "@"},
        "row": edged | {"bold": True, "bg_color": GREEN},
        "required": head | {"bg_color": PURPLE, "font_color": WHITE},
        "heading": head | {"bg_color": GREY},
    }
    return {name: book.add_format(look) for name, look in looks.items()}


def _direction(sheet, language: str) -> None:
    if language == "ar":
        sheet.right_to_left()


def _overview(book, styles, sheets, words: Words, language: str) -> None:
    """The first sheet: what to do, and every column with its help and its choices."""
    sheet = book.add_worksheet(words.overview[:31])
    _direction(sheet, language)
    sheet.hide_gridlines(2)
    widths = (22, 30, 70, 60)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, words.title, styles["title"])
    row = 1
    for line in words.lines:
        sheet.merge_range(row, 0, row, 3, line, styles["wrapped"])
        sheet.set_row(row, 15 * len(textwrap.wrap(line, sum(widths)) or [""]))
        row += 1
    row += 1
    for place, heading in enumerate(words.headings):
        sheet.write_string(row, place, heading, styles["required"])
    for part in sheets:
        for column in part.columns:
            row += 1
            cells = (part.title, column.heading, column.help, _named(column.choices))
            for place, cell in enumerate(cells):
                sheet.write_string(row, place, cell, styles["row" if place < 2 else "cell"])
            wanted = zip(cells, widths, strict=True)
            lines = [len(textwrap.wrap(cell, int(width))) for cell, width in wanted]
            sheet.set_row(row, 15 * max(1, *lines))


def _named(choices: Iterable[str]) -> str:
    return "; ".join(choices)


def _headed(book, styles, part: Sheet, language: str):
    """A sheet with its headings; they stay in sight."""
    sheet = book.add_worksheet(part.title[:31])
    _direction(sheet, language)
    for place, column in enumerate(part.columns):
        look = styles["text"] if column.kind in ("text", "choice") else styles["cell"]
        sheet.set_column(place, place, column.width, look)
        kind = styles["required" if column.required else "heading"]
        sheet.write_string(HEADINGS_ROW, place, column.heading, kind)
        if column.help:
            sheet.write_comment(HEADINGS_ROW, place, column.help, {"x_scale": 2})
    sheet.set_row(HEADINGS_ROW, 45)
    sheet.freeze_panes(HEADINGS_ROW + 1, 1)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    return sheet


def _filled(sheet, styles, part: Sheet) -> None:
    """The rows that are known; what is not there stays empty."""
    if part.rows is None:
        return
    for place, column in enumerate(part.columns):
        if column.key not in part.rows:
            continue
        for row, value in enumerate(part.rows[column.key], HEADINGS_ROW + 1):
            if value is None or value == "" or (isinstance(value, float) and value != value):
                continue
            if column.kind in ("year", "amount") and not isinstance(value, str):
                sheet.write_number(row, place, float(value), styles["cell"])
            else:
                sheet.write_string(row, place, str(value), styles["text"])


def _lists(book, columns: Iterable[Column]) -> dict[tuple[str, ...], str]:
    """Every list of words in a column of a hidden sheet: words -> its range."""
    lists = list(dict.fromkeys(column.choices for column in columns if column.choices))
    if not lists:
        return {}
    from xlsxwriter.utility import xl_range_abs

    sheet = book.add_worksheet(LISTS)
    sheet.hide()
    places = {}
    for place, words in enumerate(lists):
        for row, word in enumerate(words):
            sheet.write_string(row, place, word)
        places[words] = f"={LISTS}!{xl_range_abs(0, place, len(words) - 1, place)}"
    return places


def _checked(sheet, place: int, column: Column, places) -> None:
    """The drop-down list of a column, or its check."""
    rule: dict = {}
    if column.choices:
        rule = {"validate": "list", "source": places[column.choices]}
        if column.is_open:
            rule["error_type"] = "information"
    elif column.kind == "year":
        rule = {"validate": "integer", "criteria": "between"}
        rule |= {"minimum": FIRST_YEAR, "maximum": LAST_YEAR}
    elif column.kind == "amount":
        rule = {"validate": "decimal", "criteria": ">=", "value": 0}
    if rule:
        rule |= {"error_title": column.heading[:32], "error_message": column.help[:255]}
        first = HEADINGS_ROW + 1
        sheet.data_validation(first, place, first + ROWS - 1, place, rule)
