"""Default, national and previous figures side by side, with what explains their differences.

A team copies figures from the platform, or from its previous submission, into a sheet
(:func:`template`, :func:`read`); :func:`compare` lines them up and :func:`page` writes them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ldnkit.csvfiles import UserTable
from ldnkit.findings import Finding, InputError, closest
from ldnkit.labels import label
from ldnkit.prais.explanations import Sides, explain
from ldnkit.prais.report import Report
from ldnkit.prais.written import Book, Written, as_book, in_order, is_figure, row_text

#: Columns of the sheet; the team fills value, source, year and note.
SHEET = ("table", "row", "column", "label", "unit", "value", "source", "year", "note")
#: Columns that a sheet must have.
NEEDED = ("table", "row", "column", "value")
COLUMNS = (
    *("table", "row", "column", "unit", "default", "national", "previous"),
    *("difference_national_default", "percent_national_default"),
    *("difference_to_previous", "percent_to_previous", "explanation"),
)
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?")
COMMA = re.compile(r"[+-]?\d{1,3}(,\d+)+(\.\d+)?|[+-]?\d[\d\s.]*,\d+")
YEAR = re.compile(r"\d{4}([-–]\d{4})?")

__all__ = ["compare", "explain", "page", "read", "template"]


def page(frame: pd.DataFrame, folder: str | Path, language: str = "en") -> dict[str, Path]:
    """Write a comparison as comparison.html and comparison.csv.

    Parameters
    ----------
    frame : DataFrame
        What :func:`compare` gave.
    folder : str or Path
        Made when it does not exist.
    language : {"en", "fr", "es", "ru", "ar", "zh"}

    Returns
    -------
    dict
        ``html``: a page that needs no network, tables in the order of the platform, in each the
        largest relative differences first. ``csv``: all rows, UTF-8 with a byte order mark.

    Examples
    --------
    >>> page(compare(report, previous="prais_KEN_2022.json"), "report")   # doctest: +SKIP
    """
    from ldnkit.prais import comparison_page

    return comparison_page.write(frame, folder, language)


def template(report: Report, path: str | Path) -> Path:
    """Write a sheet with every figure of a report to be filled with figures copied from elsewhere.

    Lists of processes, polygons, targets or activities are left out: their rows have no names.

    Parameters
    ----------
    report : Report
        Its values do not go into the sheet.
    path : str or Path
        A new CSV file; name it ``platform:`` or ``previous:`` in the country file when it is
        filled.

    Raises
    ------
    FileExistsError
        The file is there already: what a team has copied is never written over.

    Examples
    --------
    >>> template(report, "KEN/platform_figures.csv")            # doctest: +SKIP
    """
    path = Path(path)
    if path.exists():
        raise FileExistsError(
            f"The sheet is there already: found {path}; figures are never written over. "
            "Name another file."
        )
    rows = list(_sheet(report))
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame(rows, columns=list(SHEET))
    frame.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    return path


def _sheet(report: Report) -> Iterator[tuple]:
    language = report.country.language
    book = as_book(report)
    for table_id, table in report.tables.items():
        written = book.tables[report.label(table_id)]
        if written.is_list:
            continue
        for place, key in enumerate(table.frame.index):
            parts = key if isinstance(key, tuple) else (key,)
            row = ", ".join(table.heading(str(part), language) for part in parts)
            for column in table.numbers:
                words = f"{row}: {table.heading(column, language)}"
                cell = (written.id, written.rows[place], column, words, table.unit_of(column))
                yield (*cell, "", "", "", "")


def read(path: str | Path, report: Report | None = None) -> pd.DataFrame:
    """Read a sheet of figures that a team has filled, with every problem at once.

    Parameters
    ----------
    path : str or Path
        CSV file with the columns table, row, column, value, and if there are any unit, source,
        year, note. Rows without a value are left out.
    report : Report, optional
        With it rows, columns and units are checked too.

    Returns
    -------
    DataFrame
        table, row, column, label, unit, value (float), source, year, note. Remarks, such as a
        table that this report does not have yet, are in ``attrs["findings"]``.

    Raises
    ------
    InputError
        Unknown tables, rows or columns, text or a decimal comma instead of a number, a cell
        twice, another unit, a year that is none: each with its line.

    Examples
    --------
    >>> read("KEN/platform_figures.csv")                        # doctest: +SKIP
    """
    sheet = UserTable(path, NEEDED, notebook="17", wanted="figures")
    if sheet.missing or sheet.rows.empty:
        raise InputError(sheet.findings)
    rows = sheet.rows.reindex(columns=list(SHEET), fill_value="")
    rows = rows[rows["value"] != ""]
    known = as_book(report).tables if report is not None else None
    seen: dict[tuple, int] = {}
    numbers = []
    for line, cells in rows.iterrows():
        _check_place(sheet, line, cells, known)
        _check_year(sheet, line, cells["year"])
        place = tuple(cells[name] for name in NEEDED[:3])
        if place in seen:
            found = f"{', '.join(place)} a second time (first in line {seen[place]})"
            sheet.add(f"line {line}", found, "each cell once", "Delete one of the two lines.")
        seen.setdefault(place, line)
        numbers.append(_number(sheet, line, cells["value"]))
    errors = [finding for finding in sheet.findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)
    filled = rows.assign(value=numbers).reset_index(drop=True)
    filled.attrs["findings"] = sheet.findings
    return filled


def _check_place(sheet: UserTable, line: int, cells, known) -> None:
    table, where = cells["table"], f"line {line}"
    if known is None:
        names = in_order(_platform_tables())
        if table.removeprefix("AA-") not in names:
            remedy = closest(table, names)
            sheet.add(where, f"the table {table!r}", "a table of the platform", remedy)
        return
    if table not in known:
        if table.removeprefix("AA-") in _platform_tables():
            found, remedy = f"the table {table}", "It is compared when its notebook has run."
            sheet.add(where, found, "a table of this report", remedy, "info")
        else:
            remedy = closest(table, known)
            sheet.add(where, f"the table {table!r}", "a table of this report", remedy)
        return
    figures = [name for name in known[table].columns if name not in known[table].text]
    for kind, names in (("row", known[table].rows), ("column", figures)):
        if cells[kind] not in names:
            expected = f"a {kind} of {table} with figures"
            sheet.add(where, f"the {kind} {cells[kind]!r}", expected, closest(cells[kind], names))
            return
    unit = known[table].unit_of(cells["column"])
    if cells["unit"] not in ("", unit):
        remedy = f"Convert the value and write {unit}."
        sheet.add(where, f"the unit {cells['unit']!r}", unit or "no unit", remedy)


def _platform_tables() -> list[str]:
    from ldnkit import tables

    return tables.prais_tables()["id"].tolist()


def _check_year(sheet: UserTable, line: int, text: str) -> None:
    if text and not YEAR.fullmatch(text):
        found, expected = f"the year {text!r}", "a year, such as 2022, or a span, 2016-2023"
        sheet.add(f"line {line}", found, expected, "Correct the year.")


def _number(sheet: UserTable, line: int, text: str) -> float:
    if NUMBER.fullmatch(text):
        return float(text)
    remedy = "Write the number alone, in the unit of the column unit."
    if COMMA.fullmatch(text):
        remedy = "Write a decimal point, and no sign between thousands: 1234.5."
    elif NUMBER.fullmatch(re.sub(r"[\s'’]", "", text)):
        remedy = "Write the number without blanks: 1234.5."
    sheet.add(f"line {line}, column value", repr(text), "a number", remedy)
    return math.nan


def compare(
    report: Report, *, default=None, national=None, previous=None, language: str | None = None
) -> pd.DataFrame:
    """Default estimate, national estimate and previous submission, cell by cell.

    Parameters
    ----------
    report : Report
        The report of the country.
    default, previous : Report, DataFrame, dict, str or Path, optional
        Another report, what :func:`read` gave, or the path of a filled sheet or of a written
        report (JSON). By default ``platform:`` and ``previous:`` of the country file.
    national : Report, optional
        By default the report. When its table rests on default data alone and no default is
        given, its figures are the default ones.
    language : str, optional
        Language of the explanations; by default that of the country.

    Returns
    -------
    DataFrame
        table, row, column, unit, default, national, previous, difference_national_default and
        difference_to_previous (this report, else the default, minus the previous figure), both
        also in percent of the figure they are compared with, explanation.
        Cells with at least two of the three figures, in the order of the platform.

    Raises
    ------
    InputError
        A sheet has mistakes; all are listed.

    Notes
    -----
    Periods of two processes have keys of their own (``report_1``, ``report_2``): their figures
    do not meet. Years and the baseline do.

    Examples
    --------
    >>> compare(report, previous="prais_KEN_2022.json")         # doctest: +SKIP
    """
    country, language = report.country, language or report.country.language
    default = getattr(country, "platform", None) if default is None else default
    previous = getattr(country, "previous", None) if previous is None else previous
    ours = as_book(report if national is None else national)
    sides = {"default": _side(default, report), "previous": _side(previous, report)}
    found = []
    for table_id in in_order(ours.tables):
        found += _of_table(table_id, ours, sides["default"], sides["previous"], language)
    frame = pd.DataFrame(found, columns=list(COLUMNS))
    names = list(COLUMNS[4:-1])
    frame[names] = frame[names].astype(float)
    frame.attrs = {
        "country": country.name(language),
        "iso3": country.iso3,
        "cycle": country.cycle.year,
        "synthetic": bool(country.synthetic),
    }
    return frame


def _side(source, report: Report) -> Book | None:
    """Figures to compare with, from whatever they come."""
    if source is None:
        return None
    if isinstance(source, (str, Path)) and Path(source).suffix.lower() == ".csv":
        source = read(source, report)
    if not isinstance(source, pd.DataFrame):
        return as_book(source)
    wanting = [name for name in NEEDED if name not in source]
    if wanting:
        where, found = "comparison", f"columns {', '.join(map(str, source.columns))}"
        remedy = "Give what comparison.read gave."
        raise InputError([Finding("error", where, found, ", ".join(NEEDED), remedy, "17")])
    return _book_of_sheet(source)


def _book_of_sheet(sheet: pd.DataFrame) -> Book:
    rows = sheet.reindex(columns=list(SHEET), fill_value="")
    found: dict[str, Written] = {}
    for cells in rows.to_dict("records"):
        table = found.setdefault(cells["table"], Written(cells["table"]))
        place = row_text(cells["row"]), cells["column"]
        table.exact[place] = table.printed[place] = float(cells["value"])
        for name, known in zip(place, (table.rows, table.columns), strict=True):
            if name not in known:
                known.append(name)
        if re.fullmatch(r"\d{4}", str(cells["year"])):
            nominal = next((key for key in place if re.fullmatch(r"\d{4}", key)), None)
            if nominal and nominal != str(cells["year"]):
                table.used[nominal] = int(cells["year"])
        source = {"layer": "", "source": "", "title": cells["source"]}
        if cells["source"] and source not in table.sources:
            table.sources.append(source)
    return Book(found)


def _of_table(
    table_id: str, ours: Book, default: Book | None, previous: Book | None, language: str
) -> list[tuple]:
    """Rows of one table, every cell with at least two figures."""
    books = {"national": ours, "default": default, "previous": previous}
    parts = {name: book.tables.get(table_id) if book else None for name, book in books.items()}
    mine = parts["national"]
    if mine is None or mine.is_list:
        return []
    if default is None and mine.sources and all(s["source"] == "default" for s in mine.sources):
        parts["default"], parts["national"] = mine, None
        books["default"], books["national"] = ours, None
    found = []
    for place in mine.exact:
        values = {name: _figure(part, place) for name, part in parts.items()}
        if sum(not math.isnan(value) for value in values.values()) < 2:
            continue
        own = "default" if math.isnan(values["national"]) else "national"
        first = _difference(values["national"], values["default"])
        second = _difference(values[own], values["previous"])
        said = []
        for other, one, pair in (("default", "national", first), ("previous", own, second)):
            if pair[0] and not math.isnan(pair[0]):
                sides = Sides(books[one], books[other], parts[one], parts[other])
                reasons = "; ".join(explain(sides, place, values[one], values[other], language))
                if reasons:
                    said.append(label(f"compare.against_{other}", language).format(reasons))
        found.append(
            (table_id, *place, mine.unit_of(place[1]))
            + tuple(values[name] for name in ("default", "national", "previous"))
            + (*first, *second, " ".join(said))
        )
    return found


def _figure(table: Written | None, place: tuple[str, str]) -> float:
    """The exact figure of a cell, NaN when there is none."""
    value = table.exact.get(place) if table is not None else None
    return float(value) if is_figure(value) else math.nan


def _difference(value: float, other: float) -> tuple[float, float]:
    difference = value - other
    return difference, 100 * difference / abs(other) if other else math.nan
