"""The answers that only the team can give: a sheet to fill, and what is filled goes into tables.

Directions, drivers, confidence: the platform asks for them, and no map knows them. They stand in
one CSV file that the country file names, so that the report can be made again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ldnkit.csvfiles import UserTable
from ldnkit.findings import Finding, InputError, closest
from ldnkit.prais.report import CHOICES, Report, Table, as_text, wording

#: Columns of the sheet; only the first four are read.
COLUMNS = ("table", "row", "column", "value", "suggested", "choices", "title")


def open_answers(report: Report) -> pd.DataFrame:
    """Every cell that the team still has to fill.

    Parameters
    ----------
    report : Report

    Returns
    -------
    DataFrame
        table, row, column, value (empty), suggested (what the figures say, where they do),
        choices (the words that are accepted, where not all are), title of the table.

    Examples
    --------
    >>> open_answers(prais.build(country, ldnkit.results(country)))  # doctest: +SKIP
    """
    return pd.DataFrame(_open(report), columns=list(COLUMNS))


def write_answer_sheet(report: Report, path: str | Path) -> Path:
    """Write the open answers as a CSV file that the team fills in a spreadsheet.

    Parameters
    ----------
    report : Report
    path : str or Path
        A new file; name it ``answers:`` in the country file when it is filled.

    Raises
    ------
    FileExistsError
        The file is there already: answers are never written over.

    Examples
    --------
    >>> write_answer_sheet(report, "KEN/answers.csv")  # doctest: +SKIP
    """
    path = Path(path)
    if path.exists():
        raise FileExistsError(
            f"The sheet is there already: found {path}; answers are never written over. "
            "Name another file."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    open_answers(report).to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")
    return path


def fill_in(report: Report, path: str | Path) -> list[Finding]:
    """Put the answers of a sheet into the tables of a report.

    Parameters
    ----------
    report : Report
    path : str or Path
        CSV file with the columns table, row, column, value; rows without a value wait.

    Returns
    -------
    list of Finding
        Answers for tables that this report does not have.

    Raises
    ------
    InputError
        Every answer that does not fit, with its line.

    Examples
    --------
    >>> fill_in(report, "KEN/answers.csv")  # doctest: +SKIP
    []
    """
    sheet = UserTable(path, COLUMNS[:4], notebook="17", wanted="answers")
    if not sheet.missing and not sheet.rows.empty:
        for line, cells in sheet.rows.iterrows():
            if cells["value"]:
                _fill(report, sheet, line, *(cells[name] for name in COLUMNS[:4]))
    errors = [finding for finding in sheet.findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)
    return sheet.findings


def _open(report: Report) -> Iterator[tuple]:
    for table in report.tables.values():
        for column in table.answers:
            for row, value in table.frame[column].items():
                if value == "" or pd.isna(value):
                    choices = " | ".join(CHOICES.get(column, ()))
                    suggested = _suggested(table, row, column)
                    title = wording(table.title_key)
                    yield table.id, row, column, "", suggested, choices, title


def _suggested(table: Table, row, column: str) -> str:
    """What the figures suggest for a direction: that of the row itself, else that of the total."""
    if column != "direction" or table.help is None or "suggested" not in table.help:
        return ""
    found = table.help["suggested"]
    for key in (row, "total"):
        if key in found.index:
            return str(found.loc[key])
    return str(found.iloc[0]) if len(found) else ""


def _fill(report: Report, sheet: UserTable, line: int, table_id, row, column, value) -> None:
    place = f"line {line}"
    if table_id not in report.tables:
        remedy = "Run its notebook and build the report again, or delete the line."
        sheet.add(place, f"the table {table_id}", "a table of this report", remedy, "info")
        return
    table = report[table_id]
    rows = {str(key): key for key in table.frame.index}
    open_ones = (*table.answers, *table.optional)
    for kind, found, known in (("row", row, list(rows)), ("column", column, open_ones)):
        if found not in known:
            expected = f"a {kind} of {table_id} that the team fills: {as_text(known)}"
            sheet.add(place, f"the {kind} {found!r}", expected, closest(found, known))
            return
    try:
        report.fill(table_id, rows[row], column, value)
    except ValueError:
        expected = as_text(CHOICES.get(column, ("a figure",)))
        sheet.add(place, f"{column}: {value!r}", expected, "Correct the answer.")
