"""The team's activities: read from the template or from CSV, every problem told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from ldnkit.finance import cells
from ldnkit.finance.columns import (
    DOMESTIC_FLOWS,
    SHEETS,
    amounts,
    columns,
    headings,
    keys,
    sector_of,
)
from ldnkit.finance.sheets import Sheet, read_sheets, required
from ldnkit.findings import Finding, stop_on_errors
from ldnkit.team_sheets import empty, plain, text

#: What every table of activities holds beside the columns of the sheets.
ADDED = ("purpose_code", "source", "place")
FIGURES = ("year", "amount", "private_amount_usd")
USD = "USD"


def read_activities(path: str | Path) -> pd.DataFrame:
    """The activities of a template or a CSV file, checked.

    One row is one activity in one year. In a workbook the sheets ``SO5-1`` to ``SO5-4`` are read;
    a CSV file has a column ``indicator`` and one line of headings. Headings and choices may be
    written in any of the six languages or as keys.

    Parameters
    ----------
    path : str or Path
        XLSX or CSV (UTF-8, comma or semicolon).

    Returns
    -------
    DataFrame
        indicator, direction (provided, received, domestic; SO5-2: spending, funding), year,
        provider, country, recipient, channel, title, amount, currency, crs_id, sector, …,
        purpose_code, source (``sheet``) and place (file, sheet and row). Amounts as typed, in
        ``currency``; a negative one is a repayment. ``attrs["findings"]`` has the warnings.

    Raises
    ------
    InputError
        Every problem of the file: missing columns, text or separators in figures, unknown
        choices, missing years, merged cells.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO5, activity-level template.

    Examples
    --------
    >>> activities = read_activities("finance/activities.xlsx")  # doctest: +SKIP
    """
    table, findings = examine_activities(read_sheets(path))
    stop_on_errors(findings)
    table.attrs["findings"] = findings
    return table


def no_activities() -> pd.DataFrame:
    """An empty table of activities."""
    table = pd.DataFrame(columns=[*keys(), *ADDED], dtype=object)
    return table.astype(dict.fromkeys(FIGURES, float))


def examine_activities(sheets: list[Sheet]) -> tuple[pd.DataFrame, list[Finding]]:
    """The activities of all sheets with every problem found in them, errors too."""
    parts, findings = [no_activities()], []
    for sheet in sheets:
        if sheet.kind not in (None, *SHEETS):
            continue
        parts += [_typed(part) for part in _by_indicator(sheet) if len(part.rows)]
        findings += sheet.notes.findings
    kept = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(kept, ignore_index=True)[[*keys(), *ADDED]], findings


def _by_indicator(sheet: Sheet) -> Iterator[Sheet]:
    """The rows of every indicator; a sheet without a name tells it row by row."""
    if sheet.kind is not None:
        yield sheet
        return
    known = {plain(name): name for name in SHEETS}
    found = sheet.column("indicator").map(lambda cell: known.get(plain(text(cell)), ""))
    if "indicator" in sheet.rows:
        unknown = sheet.rows["indicator"][found == ""]
        remedy, expected = "Write the indicator.", ", ".join(SHEETS)
        sheet.notes.cells(unknown, sheet.heading("indicator"), expected, remedy)
    for kind in SHEETS:
        yield Sheet(kind, sheet.notes, sheet.rows[found == kind], sheet.typed, mixed=True)


def _typed(sheet: Sheet) -> pd.DataFrame:
    """Typed rows of one indicator; a wrong cell is noted and becomes NaN or empty."""
    notes, kind = sheet.notes, sheet.kind
    table = pd.DataFrame(index=sheet.rows.index)
    for key in keys()[1:]:
        column, heading, form = sheet.column(key), sheet.heading(key), _form(key, kind)
        if key in FIGURES and key not in sheet.rows:
            table[key] = float("nan")
        elif form["type"] == "year":
            table[key] = cells.year_cells(column, heading, notes)
        elif form["type"] == "amount":
            table[key] = cells.figures(column, heading, notes)
        elif form["type"] in ("choice", "open_choice"):
            is_open = form["type"] == "open_choice"
            options = {"name": form["choices"], "sheet": kind, "is_open": is_open}
            table[key] = cells.choice_cells(column, heading, notes, **options)
        else:
            table[key] = column.map(text)
    table["indicator"], table["source"] = kind, "sheet"
    table["place"] = [f"{notes.name} {notes.word} {row}" for row in table.index]
    table["purpose_code"] = sheet.column("sector").map(_code)
    named = table["purpose_code"].map(sector_of)
    table["sector"] = table["sector"].where(named == "", named)
    _currencies(sheet, table)
    _amounts(sheet, table)
    _directions(sheet, table)
    _required(sheet)
    rows = table.index[table["private_amount_usd"] < 0]
    if len(rows):
        heading = sheet.heading("private_amount_usd")
        notes.add(rows, heading, "a negative amount", "zero or more", "Correct the sign.")
    return table


def _form(key: str, kind: str) -> pd.Series:
    """How a column is filled in a sheet, or in the first other sheet that has it."""
    for sheet in (kind, *SHEETS):
        found = columns(sheet)
        found = found[found["key"] == key]
        if len(found):
            return found.iloc[0]
    raise KeyError(f"Unknown column: found {key!r}; use one of {', '.join(keys())}.")


def _code(cell) -> str:
    """The CRS code with which a sector begins."""
    match = re.match(r"\d{3,5}\b", text(cell))
    return match[0] if match else ""


def _currencies(sheet: Sheet, table: pd.DataFrame) -> None:
    """Three capital letters; without any word an amount is in US dollars, but not in SO5-2."""
    table["currency"] = table["currency"].str.upper()
    given = table["currency"] != ""
    wrong = table["currency"][given & ~table["currency"].map(known_currency)]
    expected = "a currency code of three letters (ISO 4217)"
    remedy = "Write USD, EUR, KES or another code."
    sheet.notes.cells(wrong, sheet.heading("currency"), expected, remedy)
    if sheet.kind != "SO5-2":
        table.loc[~given, "currency"] = USD


def known_currency(code: str) -> bool:
    """Whether a code is one of ISO 4217."""
    from babel.numbers import list_currencies

    return code in list_currencies()


def _amounts(sheet: Sheet, table: pd.DataFrame) -> None:
    """The amount that counts; in SO5-3 the private amount of the transaction, in US dollars."""
    if sheet.kind == "SO5-3":
        private = table["private_amount_usd"].notna()
        rows = table.index[private & table["amount"].notna()]
        if len(rows):
            remedy = "Only the private amount counts in SO5-3."
            heading = sheet.heading("amount")
            sheet.notes.add(rows, heading, "a second amount", remedy=remedy, severity="info")
        table["amount"] = table["amount"].where(~private, table["private_amount_usd"])
        table.loc[private, "currency"] = USD
        table["private_amount_usd"] = float("nan")
    names = [key for key in amounts(sheet.kind) if key in sheet.rows]
    if not names:
        return
    nothing = sheet.rows[names].map(empty).all(axis=1)
    if nothing.any():
        remedy = "Write the amount paid in the year, or delete the row."
        rows, heading = table.index[nothing], sheet.heading(names[0])
        sheet.notes.add(rows, heading, "nothing", "a figure", remedy)


def _directions(sheet: Sheet, table: pd.DataFrame) -> None:
    """SO5-2: spending or funding, by the type of flow."""
    if sheet.kind != "SO5-2":
        return
    derived = table["flow_type"].map(DOMESTIC_FLOWS).fillna("")
    table["direction"] = table["direction"].where(table["direction"] != "", derived)
    rows = table.index[table["direction"] == ""]
    if len(rows):
        remedy = "Choose one of these; an amount of another flow is in no total."
        heading, expected = sheet.heading("flow_type"), ", ".join(DOMESTIC_FLOWS)
        found = "neither spending nor funding"
        sheet.notes.add(rows, heading, found, expected, remedy, "warning")


def _required(sheet: Sheet) -> None:
    """Required cells that are empty (years and amounts apart), and columns a mixed file lacks."""
    for group in required(sheet.kind):
        present = [key for key in group if key in sheet.rows]
        if not present and sheet.mixed:
            expected = f"a column {' or '.join(group)} for {sheet.kind}"
            sheet.notes.add([], "", "no such column", expected, "Add the column.")
        if not present or group[0] in FIGURES:
            continue
        rows = sheet.rows.index[sheet.rows[present[0]].map(empty)]
        if len(rows):
            heading = sheet.heading(present[0])
            sheet.notes.add(rows, heading, "nothing", "an entry", "Fill the cell.")


def completed(activities: pd.DataFrame) -> pd.DataFrame:
    """A table made in Python, with every column that the computation asks for.

    Raises
    ------
    ValueError
        A column without which nothing can be added up is missing.
    """
    known, ours = headings(None), {*keys(), *ADDED, "amount_usd"}
    names = {name: known.get(plain(name)) for name in activities if name not in ours}
    names = {name: key for name, key in names.items() if key and key not in activities}
    table = activities.rename(columns=names).reset_index(drop=True)
    if "amount" not in table and "amount_usd" in table:
        table = table.assign(amount=table["amount_usd"], currency=USD)
    absent = [name for name in ("year", "direction", "amount") if name not in table]
    if absent:
        raise ValueError(
            f"The activities lack columns: found {', '.join(map(str, activities.columns))}; "
            f"add {', '.join(absent)}."
        )
    for key in (*keys(), *ADDED):
        if key in FIGURES:
            table[key] = pd.to_numeric(table[key]).astype(float) if key in table else float("nan")
        else:
            table[key] = table[key].map(text) if key in table else ""
    table["currency"] = table["currency"].replace("", USD)
    return table
