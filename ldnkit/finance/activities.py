"""The team's activities: read from the template or from CSV, every problem told at once."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from ldnkit.finance import cells
from ldnkit.finance.cells import Notes
from ldnkit.finance.columns import (
    COUNTED,
    DIRECTIONS,
    DOMESTIC_FLOWS,
    SHEETS,
    amounts,
    columns,
    headings,
    keys,
    plain,
    sector_of,
)
from ldnkit.finance.sheets import Sheet, read_sheets
from ldnkit.findings import Finding, stop_on_errors

#: What every table of activities holds beside the columns of the sheets.
ADDED = ("purpose_code", "source", "place")
FIGURES = ("year", "amount", "private_amount_usd")
USD = "USD"
CURRENCY = re.compile(r"[A-Z]{3}")


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
        for kind, rows in _by_indicator(sheet):
            part = Sheet(kind, sheet.notes, rows, sheet.typed)
            if len(rows):
                parts.append(_typed(part, kind))
        findings += sheet.notes.findings
    kept = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(kept, ignore_index=True)[[*keys(), *ADDED]], findings


def _by_indicator(sheet: Sheet):
    """Rows of one indicator; a sheet without a name tells it row by row."""
    if sheet.kind is not None:
        yield sheet.kind, sheet.rows
        return
    known = {plain(name): name for name in SHEETS}
    found = sheet.column("indicator").map(lambda cell: known.get(plain(cells.text(cell))))
    unknown = sheet.column("indicator")[found.isna()]
    expected = ", ".join(SHEETS)
    sheet.notes.cells(unknown, sheet.heading("indicator"), expected, "Write the indicator.")
    for kind in SHEETS:
        yield kind, sheet.rows[(found == kind).to_numpy(bool)]


def _typed(sheet: Sheet, kind: str) -> pd.DataFrame:
    """Typed rows of one indicator; a wrong cell is noted and becomes NaN or empty."""
    notes = sheet.notes
    defined = columns(kind).drop_duplicates("key").set_index("key")
    table = pd.DataFrame(index=sheet.rows.index)
    for key in keys()[1:]:
        column, heading = sheet.column(key), sheet.heading(key)
        form = defined.loc[key] if key in defined.index else _elsewhere(key)
        if form["type"] == "year":
            table[key] = cells.year_cells(column, heading, notes)
        elif form["type"] == "amount":
            table[key] = cells.figures(column, heading, notes)
        elif form["type"] in ("choice", "open_choice"):
            is_open = form["type"] == "open_choice"
            options = {"name": form["choices"], "sheet": kind, "is_open": is_open}
            table[key] = cells.choice_cells(column, heading, notes, **options)
        else:
            table[key] = column.map(cells.text)
    table["indicator"], table["source"] = kind, "sheet"
    table["place"] = [f"{notes.name} {notes.word} {row}" for row in table.index]
    table["purpose_code"] = sheet.column("sector").map(_code)
    _name_sectors(table)
    _amounts(sheet, table, kind)
    _currencies(sheet, table, kind)
    _directions(sheet, table, kind)
    _required(sheet, table, defined)
    _private(sheet, table)
    return table


def _elsewhere(key: str) -> pd.Series:
    """The form of a column that belongs to other sheets."""
    for kind in SHEETS:
        table = columns(kind).set_index("key")
        if key in table.index:
            return table.loc[key]
    raise KeyError(f"Unknown column: found {key!r}.")


def _code(cell) -> str:
    """The CRS code with which a sector begins."""
    match = re.match(r"\d{3,5}\b", cells.text(cell))
    return match[0] if match else ""


def _name_sectors(table: pd.DataFrame) -> None:
    coded = table["purpose_code"] != ""
    named = table.loc[coded, "purpose_code"].map(sector_of)
    table.loc[named.index[named != ""], "sector"] = named[named != ""]


def _amounts(sheet: Sheet, table: pd.DataFrame, kind: str) -> None:
    """The amount that counts; in SO5-3 the private amount of the transaction, in US dollars."""
    if kind == "SO5-3":
        private = table["private_amount_usd"].notna()
        table.loc[private & (sheet.column("currency").map(cells.text) != ""), "currency"] = ""
        table["amount"] = table["amount"].where(~private, table["private_amount_usd"])
        table.loc[private, "currency"] = USD
        table["private_amount_usd"] = float("nan")
    names = [key for key in amounts(kind) if key in sheet.rows]
    raw = sheet.rows[names].map(cells.empty).all(axis=1) if names else pd.Series(dtype=bool)
    rows = raw.index[raw.to_numpy(bool)]
    if len(rows):
        heading = sheet.heading(names[0])
        remedy = "Write the amount paid in the year, or delete the row."
        sheet.notes.add(rows, heading, "nothing", "a figure", remedy)


def _currencies(sheet: Sheet, table: pd.DataFrame, kind: str) -> None:
    """Three capital letters; without any word an amount is in US dollars, but not in SO5-2."""
    table["currency"] = table["currency"].str.upper()
    given = table["currency"] != ""
    wrong = table["currency"][given & ~table["currency"].map(known_currency)]
    heading = sheet.heading("currency")
    expected = "a currency code with three letters (ISO 4217)"
    sheet.notes.cells(wrong, heading, expected, "Write USD, EUR, KES or another code.")
    if kind != "SO5-2":
        table.loc[~given, "currency"] = USD


def known_currency(code: str) -> bool:
    """Whether a code is one of ISO 4217."""
    from babel.numbers import list_currencies

    return bool(CURRENCY.fullmatch(code)) and code in list_currencies()


def _directions(sheet: Sheet, table: pd.DataFrame, kind: str) -> None:
    """SO5-2: spending or funding, by the type of flow."""
    if kind != "SO5-2":
        return
    table["direction"] = table["direction"].where(
        table["direction"] != "", table["flow_type"].map(DOMESTIC_FLOWS).fillna("")
    )
    rows = table.index[table["direction"] == ""]
    if len(rows):
        remedy = "Choose expenditure, investment, revenue or borrowing; other flows are not added."
        heading = sheet.heading("flow_type")
        found = "a flow that is neither spending nor funding"
        sheet.notes.add(rows, heading, found, ", ".join(DOMESTIC_FLOWS), remedy, "warning")


def _required(sheet: Sheet, table: pd.DataFrame, defined: pd.DataFrame) -> None:
    """Required cells that are empty; years and amounts were looked at before."""
    for key in defined.index[defined["required"]]:
        if key in FIGURES or key not in sheet.rows:
            continue
        rows = table.index[sheet.rows[key].map(cells.empty)]
        if len(rows):
            sheet.notes.add(rows, sheet.heading(key), "nothing", "an entry", "Fill the cell.")
    if "direction" in defined.index and "direction" not in sheet.rows:
        allowed = " or ".join(DIRECTIONS[sheet.kind])
        found = f"no column that says {allowed}"
        if sheet.notes.word == "line":  # a CSV file for several indicators may lack it
            sheet.notes.add(table.index, "direction", found, allowed, "Add the column.")


def _private(sheet: Sheet, table: pd.DataFrame) -> None:
    """A private amount that was mobilised cannot be negative."""
    rows = table.index[table["private_amount_usd"] < 0]
    if len(rows):
        heading = sheet.heading("private_amount_usd")
        sheet.notes.add(rows, heading, "a negative amount", "zero or more", "Correct the sign.")


def completed(activities: pd.DataFrame) -> pd.DataFrame:
    """A table made in Python, with every column that the computation asks for.

    Raises
    ------
    ValueError
        A column without which nothing can be added up is missing.
    """
    known = headings(None)
    names = {name: known.get(plain(name), name) for name in activities}
    taken = {name for name in names if name in (*keys(), *ADDED)}
    renamed = {a: b for a, b in names.items() if b in taken or a == "amount_usd" or a in taken}
    table = activities.rename(columns={a: b for a, b in names.items() if a not in renamed})
    if "amount" not in table and "amount_usd" in table:
        table = table.assign(amount=table["amount_usd"], currency=USD)
    absent = [name for name in ("year", "direction", "amount") if name not in table]
    if absent:
        raise ValueError(
            f"The activities lack columns: found {', '.join(map(str, activities.columns))}; "
            f"add {', '.join(absent)}."
        )
    for key in (*keys(), *ADDED):
        if key not in table:
            table = table.assign(**{key: float("nan") if key in FIGURES else ""})
    words = [key for key in (*keys(), *ADDED) if key not in FIGURES]
    table = table.assign(**{key: table[key].map(cells.text) for key in words})
    table["currency"] = table["currency"].replace("", USD)
    if (table["indicator"] == "").all():
        table["indicator"] = COUNTED[0]
    return table


__all__ = ["Notes", "completed", "examine_activities", "no_activities", "read_activities"]
