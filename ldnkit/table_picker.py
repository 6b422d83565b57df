"""Choose the right cells of a table of official figures, and see at once what would be read.

The form is thin: every step is a plain function that a script can call as well.
It shows the lines of country.yml, and writes them there when its button is pressed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import yaml

from ldnkit.country_file import check
from ldnkit.country_file.forms_layers import ROLES, Statistic
from ldnkit.country_file.splice import put_in_place, with_entry
from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.sources.statistics import examine
from ldnkit.sources.statistics.grids import read_grids
from ldnkit.sources.statistics.headers import layout
from ldnkit.sources.statistics.reader import read_json
from ldnkit.sources.statistics.series import definition

#: Kinds of files that hold official series.
KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".json", ".zip")
#: The choice that leaves the decision to the reader.
FOUND = ""
#: Rows of a preview.
ROWS = 15


def files_in(folder: str | Path) -> list[str]:
    """Names of the files that may hold official series, below a folder.

    Examples
    --------
    >>> files_in("no/such/folder")
    []
    """
    folder = Path(folder)
    found = [path for path in folder.rglob("*") if path.suffix.lower() in KINDS]
    return sorted(path.relative_to(folder).as_posix() for path in found if path.is_file())


def sheets_of(path: str | Path) -> list[str]:
    """Names of the sheets of a workbook that are not empty; none for other files.

    Examples
    --------
    >>> sheets_of("statistics/poverty.xlsx")  # doctest: +SKIP
    ['Notes', 'Data']
    """
    try:
        if read_json(Path(path)) is not None:
            return []
        return [grid.sheet for grid in read_grids(Path(path)) if grid.sheet]
    except InputError:
        return []


def preview(path: str | Path, *, sheet: str | None = None, rows: int = ROWS) -> pd.DataFrame:
    """The first rows of a file as they are; the index is the row as the file counts it.

    Parameters
    ----------
    path : str or Path
        CSV or XLSX, or a ZIP file with one of them; JSON has no rows to choose from.
    sheet : str, optional
        The sheet; the first one by default.
    rows : int
        How many.

    Raises
    ------
    InputError
        The file cannot be read, or has no such sheet.

    Examples
    --------
    >>> preview("statistics/poverty.xlsx", sheet="Data")  # doctest: +SKIP
    """
    if read_json(Path(path)) is not None:
        return pd.DataFrame()
    grids = read_grids(Path(path), sheet=sheet)
    if not grids:
        return pd.DataFrame()
    grid = grids[0]
    cells = [[*row, *[""] * (grid.width - len(row))] for row in grid.cells[:rows]]
    index = pd.Index(grid.numbers[:rows], name=grid.word)
    return pd.DataFrame(cells, index, [str(at + 1) for at in range(grid.width)], dtype=object)


def columns_of(
    path: str | Path, *, sheet: str | None = None, header: int | None = None
) -> list[str]:
    """Names of the columns of a table, its levels joined; empty when no table is found.

    Examples
    --------
    >>> columns_of("statistics/water.csv", header=4)  # doctest: +SKIP
    ['Year', 'Water / Urban', 'Water / Rural']
    """
    try:
        if read_json(Path(path)) is not None:
            return []
        for grid in read_grids(Path(path), sheet=sheet):
            found = layout(grid, header=header)
            return [" / ".join(levels) for levels in found.names if levels]
    except InputError:
        return []
    return []


def statistic_of(folder: str | Path, choice: Mapping[str, object]) -> Statistic:
    """The section of a country file that a choice stands for.

    Parameters
    ----------
    folder : str or Path
        Folder of the country file, from which its paths begin.
    choice : mapping
        file, and if wanted sheet, header, unit, area, release (ISO date) and the columns year,
        value, location, lower, upper, total, urban, rural. Empty values are left to the reader.
    """
    given = {key: value for key, value in choice.items() if value not in (None, "")}
    columns = {role: str(given[role]) for role in ROLES if role in given}
    release = given.get("release")
    return Statistic(
        file=Path(folder) / str(given["file"]),
        sheet=given.get("sheet"),
        header=int(given["header"]) if "header" in given else None,
        columns=columns,
        unit=given.get("unit"),
        area=given.get("area"),
        release=date.fromisoformat(str(release)) if release else None,
        source=str(given.get("source", "default")),
    )


def lines(series: str, choice: Mapping[str, object]) -> str:
    """The lines of country.yml for a choice, to paste below the other sections.

    Examples
    --------
    >>> print(lines("poverty", {"file": "statistics/a.csv", "header": 4, "value": "Rate"}))
    statistics:
      poverty:
        file: statistics/a.csv
        header: 4
        columns:
          value: Rate
    <BLANKLINE>
    """
    tree = {"statistics": {series: entry(series, choice)}}
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=10_000)


def entry(series: str, choice: Mapping[str, object]) -> dict[str, object]:
    """What the section ``statistics`` holds for a choice.

    Examples
    --------
    >>> entry("gini", {"file": "gini.csv", "unit": "", "source": "default"})
    {'file': 'gini.csv'}
    """
    definition(series)
    given = {key: value for key, value in choice.items() if value not in (None, "")}
    section: dict[str, object] = {"file": str(given["file"])}
    for key in ("sheet", "header", "unit", "area", "source"):
        if key in given and (key, given[key]) != ("source", "default"):
            section[key] = given[key]
    columns = {role: str(given[role]) for role in ROLES if role in given}
    if columns:
        section["columns"] = columns
    if "release" in given:
        section["release"] = date.fromisoformat(str(given["release"]))
    if section.get("source") == "national":
        section["metadata"] = dict.fromkeys(("title", "link", "author", "citation"), "")
    return section


def store(path: str | Path, series: str, choice: Mapping[str, object]) -> Path:
    """Write a choice into a country file; its other lines stay as they are.

    The file as it was is kept beside it, with the ending ``.bak``.

    Parameters
    ----------
    path : str or Path
        A country.yml.
    series : str
    choice : mapping
        As for :func:`statistic_of`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        The lines would be wrong, or the section cannot be changed line by line. The file is then
        as it was.

    Examples
    --------
    >>> store("KEN/country.yml", "gini", {"file": "statistics/gini.csv"})  # doctest: +SKIP
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8-sig")
    changed = with_entry(text, "statistics", series, entry(series, choice))
    _, findings = check(changed, path.parent, path.name)
    about = [finding for finding in findings if f"statistics.{series}" in finding.where]
    # the four fields of national data have to be written by hand: reading the file asks for them
    stop_on_errors(finding for finding in about if "metadata" not in finding.where)
    put_in_place(changed, path)
    return path


def outcome(
    series: str, folder: str | Path, choice: Mapping[str, object], *, iso3: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """What would be read with a choice, and everything that is wrong or to know.

    Examples
    --------
    >>> outcome("poverty", "KEN", {"file": "statistics/a.csv"}, iso3="KEN")  # doctest: +SKIP
    """
    try:
        statistic = statistic_of(folder, choice)
    except ValueError as error:
        remedy = "Write the year, the month and the day: 2026-09-15."
        finding = Finding("error", f"statistics.{series}", str(error), "a day", remedy)
        return pd.DataFrame(), [finding]
    return examine(statistic, series, iso3=iso3)


def pick(country, series: str = "poverty", *, language: str | None = None):
    """A form to choose file, sheet, header, columns and unit of an official series.

    Parameters
    ----------
    country : Country
        Its folder is searched for files, its code finds the rows.
    series : str
        The series to begin with.
    language : {"en", "fr", "es", "ru", "ar", "zh"}, optional
        By default that of the country.

    Returns
    -------
    ipywidgets.VBox
        ``form.fields`` holds the widgets by name, ``form.raw`` shows the file, ``form.table`` the
        figures as read, ``form.report`` the findings, ``form.lines`` the lines of country.yml,
        ``form.write`` the button that writes them there and ``form.said`` what came of it.

    Examples
    --------
    >>> form = pick(country, "water")  # doctest: +SKIP
    """
    from ldnkit import table_screen

    return table_screen.form(country, series, language or getattr(country, "language", "en"))
