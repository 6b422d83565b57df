"""Lists of targets and actions as a team keeps them, read whole: every problem at once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ldnkit import csvfiles, tables
from ldnkit.findings import Finding, listed, stop_on_errors
from ldnkit.targets import cells
from ldnkit.targets.columns import (
    LINKS,
    NOTEBOOK,
    OBJECTIVE,
    columns,
    headings,
    keys,
    required,
)
from ldnkit.team_sheets import (
    OTHER_WORKBOOKS,
    WORKBOOKS,
    Notes,
    headings_row,
    plain,
    text,
    workbook,
)

#: Headings of a sheet that must be known.
KNOWN = 2
WANTED = {
    "targets": "one row per target",
    "actions": "one row per action",
    "scenario": "one row per land type and response",
}


def read_register(path: str | Path) -> pd.DataFrame:
    """The voluntary targets of a CSV or XLSX file, checked.

    Parameters
    ----------
    path : str or Path
        Columns as in :func:`ldnkit.targets.columns`: target (number or short name), target_text,
        year, level, and if wanted objective (SO1 to SO4; without the column SO1), location,
        area_km2, type, status, commitment, link_1 to link_5, revision, comments. Headings may be
        those of the template in any of the six languages.

    Returns
    -------
    DataFrame
        One row per target with all columns: text, year (int), area_km2 (km², NaN: none).
        ``attrs["findings"]`` has the warnings.

    Raises
    ------
    InputError
        Every problem of the file: unknown columns or words, empty cells that are needed, numbers
        given twice, figures that are none, a goal named twice.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO1-VT, SO2-VT, SO3-VT, SO4-VT.

    Examples
    --------
    >>> register = read_register("targets/targets.csv")  # doctest: +SKIP
    """
    return _checked(path, "targets")


def read_actions(path: str | Path) -> pd.DataFrame:
    """The implemented actions of a CSV or XLSX file, checked.

    Parameters
    ----------
    path : str or Path
        Columns action, and if wanted target (number of the target served), location, start_date
        (2021-03-15, 2021-03 or 2021), area_km2, funding, polygon_name, comments.

    Returns
    -------
    DataFrame
        One row per action with all columns. ``attrs["findings"]`` has the warnings.

    Raises
    ------
    InputError
        Every problem of the file.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO1-IA.

    Examples
    --------
    >>> actions = read_actions("targets/actions.csv")  # doctest: +SKIP
    """
    return _checked(path, "actions")


def _checked(path, sheet: str) -> pd.DataFrame:
    table, findings = examine(path, sheet)
    table.attrs["findings"] = stop_on_errors(findings)
    return table


def examine(path: str | Path, sheet: str) -> tuple[pd.DataFrame, list[Finding]]:
    """A list of targets or actions with every problem found in it, errors too."""
    rows, notes = raw_rows(path, sheet)
    table = pd.DataFrame(index=rows.index)
    for column in columns(sheet).to_dict("records"):
        key = column["key"]
        table[key] = _typed(rows[key], column, notes)
        if column["required"] == "yes" and key in rows.attrs["given"]:
            notes.add_empty(rows[key], key, "Fill the cell, or delete the row.")
    if sheet == "targets":
        _objectives(table, rows, notes)
        _targets(table, notes)
    return table.reset_index(drop=True), notes.findings


def _typed(written: pd.Series, column: dict, notes: Notes) -> pd.Series:
    """The cells of a column in the kind that the column has."""
    key, kind = column["key"], column["type"]
    if kind == "area":
        return cells.areas(written, key, notes)
    if kind == "year":
        years = cells.years(written, key, notes)
        return years.astype(int) if years.notna().all() else years
    if kind == "date":
        return cells.dates(written, key, notes)
    if kind == "link":
        return cells.goals(written, key, notes)
    if kind in ("choice", "open_choice"):
        is_open = kind == "open_choice"
        return cells.chosen(written, key, notes, column["choices"], is_open=is_open)
    return written


# ------------------------------------------------------------------ what a file holds
def raw_rows(path: str | Path, sheet: str) -> tuple[pd.DataFrame, Notes]:
    """The cells of a list as text under its columns; the index is the row in the file.

    All columns exist; ``attrs["given"]`` names those of the file.
    """
    path = Path(path)
    if path.suffix.lower() in (*WORKBOOKS, *OTHER_WORKBOOKS):
        raw, notes = _workbook(path, sheet)
    else:
        file = csvfiles.UserTable(path, [], notebook=NOTEBOOK, wanted=WANTED[sheet])
        notes = Notes(path.name, "line", file.findings, notebook=NOTEBOOK)
        raw = None if file.findings and file.rows.empty else file.rows
    given: dict[str, int] = {}
    if raw is None:
        rows = pd.DataFrame()
    else:
        given = _places(raw.columns, sheet, notes)
        rows = raw.iloc[:, list(given.values())].set_axis(list(given), axis=1)
        rows = rows[(rows != "").any(axis=1)]
        missing = [key for key in required(sheet) if key not in given]
        if missing:
            found = "columns " + (listed(name for name in raw.columns if name) or "without names")
            remedy = "Add it, or use the template."
            notes.add([], "", found, f"a column {' and a column '.join(missing)}", remedy)
        elif rows.empty and not notes.findings:
            notes.add([], "", "no rows", WANTED[sheet], "Fill the table.")
    rows = rows.reindex(columns=keys(sheet)).astype(object).fillna("")
    rows.attrs["given"] = set(given)
    return rows, notes


def _workbook(path: Path, sheet: str) -> tuple[pd.DataFrame | None, Notes]:
    """The sheet of a workbook that holds the list, as text."""
    notes = Notes(path.name, notebook=NOTEBOOK)
    book = workbook(path, notes)
    if book is None:
        return None, notes
    titles = {plain(tables.label(f"target_template.{sheet}", each)) for each in tables.LANGUAGES}
    found: list[tuple[bool, int, pd.DataFrame, str]] = []
    for page in book.worksheets:
        lines = [[text(cell) for cell in row] for row in page.iter_rows(values_only=True)]
        raw = pd.DataFrame(lines, index=range(1, len(lines) + 1), dtype=object)
        top = headings_row(raw, headings(sheet), least=KNOWN)
        if top is not None:
            named = plain(page.title) in {*titles, sheet}
            known = sum(plain(cell) in headings(sheet) for cell in raw.loc[top])
            body = raw.loc[top + 1 :].set_axis(raw.loc[top].tolist(), axis=1)
            found.append((named, known, body, page.title))
    if not found:
        expected = "a sheet with the headings of the template"
        notes.add([], "", f"sheets {', '.join(book.sheetnames)}", expected, "Use the template.")
        return None, notes
    _, _, body, title = max(found, key=lambda each: each[:2])
    return body, Notes(f"{path.name} {title}", notebook=NOTEBOOK)


def _places(names, sheet: str, notes: Notes) -> dict[str, int]:
    """Column -> its place in the file; unknown and repeated columns are noted."""
    found: dict[str, int] = {}
    unknown = []
    for place, name in enumerate(names):
        key = headings(sheet).get(plain(name))
        if key is None:
            unknown += [name] if name else []
        elif key in found:
            remedy = "Keep one of the two columns."
            notes.add([], name, f"'{name}' as well as '{names[found[key]]}'", "", remedy)
        else:
            found[key] = place
    if unknown:
        expected, remedy = "known columns", f"Use {', '.join(keys(sheet))}, or delete it."
        what = f"columns that are not read: {listed(unknown)}"
        notes.add([], "", what, expected, remedy, "warning")
    return found


# ------------------------------------------------------------------ what a register must obey
def _objectives(table: pd.DataFrame, rows: pd.DataFrame, notes: Notes) -> None:
    """Every target belongs to an objective; without the column to the first."""
    if "objective" not in rows.attrs["given"]:
        table["objective"] = OBJECTIVE
    else:
        notes.add_empty(rows["objective"], "objective", "Write SO1, SO2, SO3 or SO4.")


def _targets(table: pd.DataFrame, notes: Notes) -> None:
    """Numbers once, goals in their rank, areas and types where the form asks for them."""
    named = table["target"][table["target"] != ""]
    for _, alike in named.groupby(named.str.casefold(), sort=False):
        if len(alike) > 1:
            remedy = "Give every target a number of its own."
            found = f"target {alike.iloc[0]} {len(alike)} times"
            notes.add(alike.index, "target", found, "each one once", remedy)
    _links(table, notes)
    national = table[(table["level"] == "national") & table["area_km2"].notna()]
    if len(national):
        found = f"an area for the national target {listed(national['target'])}"
        remedy = "The platform asks for no area here: it is left out, or write sub-national."
        notes.add(national.index, "area_km2", found, "no area", remedy, "warning")
    others = table[(table["objective"] != OBJECTIVE) & (table["type"] != "")]
    if len(others):
        found = f"a type for target {listed(others['target'])}, which is not of {OBJECTIVE}"
        remedy = f"Avoid, reduce and reverse are asked for {OBJECTIVE} only: it is left out."
        notes.add(others.index, "type", found, "no type", remedy, "warning")


def _links(table: pd.DataFrame, notes: Notes) -> None:
    """A goal is named once, ranks have no gaps, and other objectives name SDGs."""
    for row, links in table[list(LINKS)].iterrows():
        named = [link for link in links if link]
        again = sorted({link for link in named if named.count(link) > 1})
        if again:
            notes.add([row], LINKS[0], f"{listed(again)} twice", "each goal once", "Delete one.")
        if "" in links.tolist()[: len(named)]:
            remedy = "Move the goals to the left: their order says which is the most important."
            found = f"{named[-1]} after an empty rank"
            notes.add([row], LINKS[0], found, "ranks without gaps", remedy, "warning")
        others = [link for link in named if not link.startswith("SDG")]
        if others and table.at[row, "objective"] != OBJECTIVE:
            remedy = f"The form of {table.at[row, 'objective']} asks for up to five SDGs."
            notes.add([row], LINKS[0], listed(others), "SDGs", remedy, "warning")


def links_of(row) -> list[str]:
    """The goals that a target serves, the most important one first."""
    return [row[link] for link in LINKS if isinstance(row[link], str) and row[link]]
