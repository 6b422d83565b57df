"""Exchange rates, and amounts in US dollars."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ldnkit.finance import cells
from ldnkit.finance.activities import USD, completed, known_currency
from ldnkit.finance.columns import NOTEBOOK, RATES, years
from ldnkit.finance.sheets import Sheet, read_sheets
from ldnkit.findings import Finding, listed, stop_on_errors
from ldnkit.team_sheets import empty, text

COLUMNS = ["year", "currency", "usd"]


def read_rates(path: str | Path) -> pd.DataFrame:
    """Exchange rates of a table with the columns year, currency and usd or per_usd.

    Parameters
    ----------
    path : str or Path
        XLSX or CSV. ``usd`` holds the US dollars for one unit of the currency, ``per_usd`` the
        units of the currency for one US dollar, as the World Bank gives them: one of the two.

    Returns
    -------
    DataFrame
        year (int), currency (ISO 4217), usd (US dollars for one unit).

    Raises
    ------
    InputError
        Every problem of the file.

    Examples
    --------
    >>> rates = read_rates("finance/rates.csv")  # doctest: +SKIP
    """
    table, findings = examine_rates(read_sheets(path, RATES))
    stop_on_errors(findings)
    return table.astype({"year": int})


def examine_rates(sheets: list[Sheet]) -> tuple[pd.DataFrame, list[Finding]]:
    """The exchange rates of all sheets with every problem found in them, errors too."""
    parts, findings = [pd.DataFrame(columns=COLUMNS)], []
    for sheet in sheets:
        if sheet.kind == RATES:
            if len(sheet.rows):
                parts.append(_typed(sheet))
            findings += sheet.notes.findings
    kept = [part for part in parts if len(part)] or parts[:1]
    table = pd.concat(kept, ignore_index=True)
    return table.astype({"usd": float}), findings


def _typed(sheet: Sheet) -> pd.DataFrame:
    notes = sheet.notes
    year = cells.year_cells(sheet.column("year"), sheet.heading("year"), notes)
    currency = sheet.column("currency").map(text).str.upper()
    unknown = currency[~currency.map(known_currency)]
    expected = "a currency code of three letters (ISO 4217)"
    notes.cells(unknown, sheet.heading("currency"), expected, "Write EUR, KES or another code.")
    given = {}
    for key in ("usd", "per_usd"):
        given[key] = cells.figures(sheet.column(key), sheet.heading(key), notes)
        wrong = given[key][given[key] <= 0].map(lambda value: f"{value:g}")
        notes.cells(wrong, sheet.heading(key), "a rate above 0", "Correct the rate.")
        given[key] = given[key].where(given[key] > 0)
    filled = {key: ~sheet.column(key).map(empty) for key in given}
    none, both = ~filled["usd"] & ~filled["per_usd"], filled["usd"] & filled["per_usd"]
    expected = "usd (dollars for one unit) or per_usd (units for one dollar)"
    for rows, found in ((none, "no rate"), (both, "two rates")):
        if rows.any():
            notes.add(rows.index[rows], "", found, expected, "Give one of the two.")
    table = pd.DataFrame({"year": year, "currency": currency})
    table["usd"] = given["usd"].fillna(1 / given["per_usd"])
    repeated = table.duplicated(["year", "currency"]) & table["year"].notna()
    if repeated.any():
        found = "a year and currency a second time"
        notes.add(table.index[repeated], "", found, "one rate each", "Delete a row.")
    dollars = (table["currency"] == USD) & table["usd"].notna() & (table["usd"] != 1)
    if dollars.any():
        notes.add(table.index[dollars], "", "a US dollar that is not 1 USD", "1", "Correct it.")
    return table


def in_dollars(activities: pd.DataFrame, rates: pd.DataFrame | str | Path) -> pd.DataFrame:
    """Activities with their amount in US dollars, at the rate of their year.

    Parameters
    ----------
    activities : DataFrame
        With year, amount and currency.
    rates : DataFrame or path
        year, currency, usd (US dollars for one unit); US dollars need no rate.

    Returns
    -------
    DataFrame
        The activities with the columns usd (rate) and amount_usd.

    Raises
    ------
    InputError
        A year and currency without a rate: every one is listed. Nothing is taken from another
        year.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO5-2: amounts in domestic currency, totals in USD.

    Examples
    --------
    >>> rates = pd.DataFrame({"year": [2021], "currency": ["EUR"], "usd": [1.18]})
    >>> paid = pd.DataFrame({"year": [2021], "direction": ["received"],
    ...                      "amount": [1000.0], "currency": ["EUR"]})
    >>> in_dollars(paid, rates)["amount_usd"].tolist()
    [1180.0]
    """
    if not isinstance(rates, pd.DataFrame):
        rates = read_rates(rates)
    table, findings = examine_dollars(completed(activities), rates)
    stop_on_errors(findings)
    return table


def examine_dollars(
    activities: pd.DataFrame, rates: pd.DataFrame
) -> tuple[pd.DataFrame, list[Finding]]:
    """Amounts in US dollars, and an error for every year and currency without a rate."""
    known = {(row.year, row.currency): row.usd for row in rates.itertuples()}
    pairs = list(zip(activities["year"], activities["currency"], strict=True))
    usd = [1.0 if code == USD else known.get((year, code), float("nan")) for year, code in pairs]
    table = activities.assign(usd=pd.Series(usd, activities.index, dtype=float))
    table["amount_usd"] = table["amount"] * table["usd"]
    valid = table["year"].isin(years()) & table["currency"].map(known_currency)
    lacking = table[valid & table["usd"].isna()]
    findings = []
    for (year, code), rows in lacking.groupby(["year", "currency"]):
        found = f"no rate of {code} in {year:.0f}, which {len(rows)} "
        found += "activities need" if len(rows) > 1 else "activity needs"
        if (rows["place"] != "").all():
            found += f" ({listed(rows['place'])})"
        expected = "a row with year, currency, usd"
        remedy = f"Add the average rate of {year:.0f} to the exchange rates."
        where = "finance: exchange_rates"
        findings.append(Finding("error", where, found, expected, remedy, NOTEBOOK))
    return table, findings
