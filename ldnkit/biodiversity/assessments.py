"""Assessments of species as a team gives them, checked whole.

A file and a table made in Python go through the same checks: every problem is told at once,
with the lines of the file or the rows of the table.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ldnkit import csvfiles
from ldnkit.biodiversity.categories import categories, category_of, close_to
from ldnkit.findings import Finding, InputError, listed, stop_on_errors
from ldnkit.team_sheets import Notes, numbers, years

NOTEBOOK = "13"
REQUIRED = ("species", "year", "category")
COLUMNS = (*REQUIRED, "share")
#: Years that an assessment may have.
FIRST_YEAR, LAST_YEAR = 1950, 2100
#: Columns that a file may have and nobody reads.
REMARKS = {
    *("source", "comment", "comments", "note", "notes", "name", "common_name", "group", "class"),
    *("order", "family", "criteria"),
}


def read_assessments(path: str | Path) -> pd.DataFrame:
    """The assessments of a CSV file, checked.

    Parameters
    ----------
    path : str or Path
        CSV file with the columns species, year, category and, if wanted, share (of the range of
        the species that lies inside the country, 0 to 1: for a list taken out of the global Red
        List; without it, or empty, the list is a national one). A category is a code (``VU``) or
        its name (``Vulnerable``). Comma or semicolon, UTF-8, with or without byte order mark.

    Returns
    -------
    DataFrame
        species, year (int), category (code), share (float; NaN in a national list), sorted by
        species and year, each pair once. ``attrs["findings"]`` has the remarks.

    Raises
    ------
    InputError
        Every problem of the file: unknown categories, text in years, a species twice in one year
        with different categories, shares outside 0 to 1 or for some rows only.

    References
    ----------
    Metadata of SDG indicator 15.5.1; UNCCD reporting manual, 2026 process, SO4-2.

    Examples
    --------
    >>> assessments = read_assessments("species/assessments.csv")  # doctest: +SKIP
    """
    table, findings = examine_assessments(path)
    stop_on_errors(findings)
    table.attrs["findings"] = findings
    return table


def examine_assessments(path: str | Path) -> tuple[pd.DataFrame, list[Finding]]:
    """The assessments of a file with every problem found in it, errors too."""
    file = csvfiles.UserTable(
        path, REQUIRED, notebook=NOTEBOOK, wanted="one row per species and year"
    )
    notes = Notes(file.path.name, "line", file.findings, notebook=NOTEBOOK)
    if file.missing or file.rows.empty:
        return pd.DataFrame(columns=list(COLUMNS)), notes.findings
    return _examined(file.rows, notes), notes.findings


def examined(assessments) -> tuple[pd.DataFrame, list[Finding]]:
    """Assessments given as a file or as a table, with every problem found in them."""
    if isinstance(assessments, (str, Path)):
        return examine_assessments(assessments)
    absent = [column for column in REQUIRED if column not in assessments]
    if absent:
        found = "columns " + ", ".join(map(str, assessments.columns))
        expected, remedy = ", ".join(REQUIRED), f"Add {', '.join(absent)}."
        finding = Finding("error", "assessments", found, expected, remedy, NOTEBOOK)
        return pd.DataFrame(columns=list(COLUMNS)), [finding]
    notes = Notes("assessments", notebook=NOTEBOOK)
    rows = assessments.reset_index(drop=True).astype(object)
    rows = rows.where(rows.notna(), "")
    if rows.empty:
        found, remedy = "no rows", "Fill the table."
        expected = "one row per species and year"
        notes.findings.append(Finding("error", "assessments", found, expected, remedy, NOTEBOOK))
    return _examined(rows, notes), notes.findings


def checked(assessments) -> pd.DataFrame:
    """Assessments without a problem; remarks are in ``attrs["findings"]``.

    Raises
    ------
    InputError
        Every problem of the assessments.
    """
    table, findings = examined(assessments)
    errors = [finding for finding in findings if finding.severity == "error"]
    if errors:
        raise InputError(errors)
    table.attrs["findings"] = findings
    return table


def _examined(rows: pd.DataFrame, notes: Notes) -> pd.DataFrame:
    """Typed rows, each species and year once; all problems are noted."""
    for column in [name for name in rows if name not in (*COLUMNS, *REMARKS)]:
        remedy = f"Delete it, or name it one of {', '.join(COLUMNS)}."
        notes.add([], column, "a column that is not read", "the known columns", remedy, "warning")
    rows = rows.assign(share=rows["share"] if "share" in rows else "")[list(COLUMNS)]
    table = rows.assign(
        species=_species(rows["species"], notes),
        year=years(rows["year"], notes, first=FIRST_YEAR, last=LAST_YEAR),
        category=_categories(rows["category"], notes),
    )
    table["share"] = _shares(rows["share"], table["species"], notes)
    repeated = _repeats(table, notes)
    table = table.drop(index=repeated)
    if table["year"].notna().all():
        table["year"] = table["year"].astype(int)
    return table.sort_values(["species", "year"], kind="stable").reset_index(drop=True)


def _species(cells: pd.Series, notes: Notes) -> pd.Series:
    """Names without needless spaces; names that differ in capitals only are noted."""
    names = cells.map(lambda cell: " ".join(str(cell).split()))
    notes.cells(names[names == ""], "species", "a name", "Name the species.")
    for _, alike in names[names != ""].groupby(names.str.casefold(), sort=False):
        ways = list(dict.fromkeys(alike))
        if len(ways) > 1:
            lines = alike.index[alike != ways[0]]
            found = " and ".join(map(repr, ways))
            remedy = f"Write {ways[0]} in each row: otherwise it counts as two species."
            notes.add(lines, "species", found, "one way of writing", remedy)
    return names


def _categories(cells: pd.Series, notes: Notes) -> pd.Series:
    found = cells.map(category_of)
    expected = "a category of the Red List, such as VU or Vulnerable"
    notes.cells(cells[found.isna()], "category", expected, close_to)
    return found


def _shares(cells: pd.Series, species: pd.Series, notes: Notes) -> pd.Series:
    """Shares of the range from 0 to 1: in all rows or in none, one for each species."""
    shares = numbers(cells, "share", notes)
    outside = cells[(shares < 0) | (shares > 1)]
    remedy = "Write a share of the range: 0.3 for 30 percent."
    notes.cells(outside, "share", "a number from 0 to 1", remedy)
    given = shares.notna()
    if given.any() and not given.all():
        lines = shares.index[~given]
        found = f"nothing in {len(lines)} of {len(shares)} rows"
        remedy = "Fill the others, or empty the column: a national list has no shares."
        notes.add(lines, "share", found, "a share in all rows or in none", remedy)
    for name, mine in shares[given].groupby(species, sort=False):
        if mine.nunique() > 1:
            found = f"{listed(f'{share:g}' for share in mine.unique())} for {name}"
            remedy = "Give one share: the index speaks of categories, not of changing ranges."
            notes.add(mine.index, "share", found, "one share per species", remedy)
    if given.any() and shares.sum() == 0:
        notes.add([], "share", "0 in every row", "a share above 0", "Correct the shares.")
    return shares


def _repeats(table: pd.DataFrame, notes: Notes) -> list:
    """Rows to leave out: the species has a row with the same category in that year.

    Different categories are an error, told once for each species and year.
    """
    known = table[table["year"].notna() & table["category"].notna() & (table["species"] != "")]
    same = []
    for (name, year), rows in known.groupby(["species", "year"], sort=False):
        if len(rows) == 1:
            continue
        if rows["category"].nunique() > 1:
            found = f"{' and '.join(rows['category'].unique())} for {name} in {year:.0f}"
            expected = "one category per species and year"
            notes.add(rows.index, "category", found, expected, "Keep the right row.")
        else:
            same += rows.index[1:].tolist()
    if same:
        found = "a species and year a second time, with the same category"
        remedy = "Each species is counted once in a year."
        notes.add(same, "species", found, "", remedy, "info")
    return same


def left_out() -> list[str]:
    """Categories that take a species out of the index without counting it as data deficient."""
    table = categories()
    return table.loc[~table["in_index"] & (table["category"] != "DD"), "category"].tolist()
