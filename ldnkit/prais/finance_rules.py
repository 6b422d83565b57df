"""Rule 8: trends agree with figures, no amount counts twice, SO5-4 equals the flagged rows."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from ldnkit import finance
from ldnkit.finance.columns import COUNTED, DIRECTIONS, TECHNOLOGY, TRANSFER
from ldnkit.finance.doubles import identity
from ldnkit.findings import Finding
from ldnkit.prais.breaches import breach, close
from ldnkit.prais.finance import YES, direction_column, shown
from ldnkit.prais.report import Report, Table
from ldnkit.team_sheets import number

#: Amounts are compared to the cent.
CENT = 0.01


def usd(value: float) -> str:
    return f"{value:,.2f} USD"


def check(report: Report) -> Iterator[Finding]:
    """Every breach of rule 8 in the tables of a report."""
    yield from trends(report)
    yield from doubles(report)
    yield from sums(report)
    yield from technology(report)


def trends(report: Report) -> Iterator[Finding]:
    """A declared trend is the one that the figures of the form show."""
    for form, directions in DIRECTIONS.items():
        declared, figures = report.tables.get(f"{form}.T1"), report.tables.get(f"{form}.T2")
        if declared is None or figures is None:
            continue
        for key in map(shown, directions):
            if key not in declared.frame.index or key not in figures.frame:
                continue
            said = str(declared.frame.loc[key, "trend"] or "")
            found = finance.trend(_yearly(figures, key))
            if said and found.trend != "unknown" and said != found.trend:
                change = "" if pd.isna(found.change) else f", {found.change:+.0f} %"
                yield breach(
                    "finance_trend",
                    declared,
                    f"{key}, trend",
                    said,
                    f"{found.trend}: from {usd(found.first)} to {usd(found.last)} a year{change}",
                    "Declare the trend of the figures, complete the figures, or say in the "
                    "comments why they differ.",
                )


def _yearly(table: Table, key: str) -> dict[int, float]:
    """Amounts by year; a year without counted activities has none."""
    values = {int(year): number(cell) for year, cell in table.frame[key].items()}
    counts = f"{key}.activities"
    if table.help is None or counts not in table.help:
        return values
    return {
        year: value
        for year, value in values.items()
        if value > 0 or table.help.loc[str(year), counts] > 0
    }


def _listed(report: Report) -> pd.DataFrame:
    """The activities of SO5-1 to SO5-3 in one table."""
    parts = []
    for form in COUNTED:
        table = report.tables.get(f"{form}.T3")
        if table is None or table.frame.empty:
            continue
        frame = table.frame
        amount = "amount_usd" if "amount_usd" in frame else "private_amount_usd"
        columns = {
            "form": form,
            "row": frame.index,
            "crs_id": frame["crs_id"].astype(str),
            "year": frame["year"].astype(str),
            "direction": frame[direction_column(form)],
            "amount": frame[amount].map(number),
            "counted": frame["counted"],
            "counted_usd": frame["counted_usd"].map(number),
            "technology": frame["technology_transfer"],
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def doubles(report: Report) -> Iterator[Finding]:
    """The same identifier, year and amount under two of the forms SO5-1 to SO5-3."""
    rows = _listed(report)
    if rows.empty:
        return
    rows = rows.assign(identity=rows["crs_id"].map(identity))
    rows = rows[(rows["identity"] != "") & (rows["amount"] > 0)]
    keys = [rows["identity"], rows["year"], (rows["amount"] / CENT).round()]
    for _, group in rows.groupby(keys, sort=False):
        if group["form"].nunique() < 2:
            continue
        first = group.iloc[0]
        for row in group[group["form"] != first["form"]].to_dict("records"):
            yield breach(
                "finance_double",
                f"{row['form']}.T3",
                f"{row['row']}, amount",
                f"{usd(row['amount'])} of {row['crs_id']} in {row['year']}, as in "
                f"{first['form']}.T3, {first['row']}",
                "the same amount under one form only",
                "A co-financed project has its own amount under each form: correct one of the "
                "two rows in the activity sheet, or delete it, and compute finance again.",
            )


def sums(report: Report) -> Iterator[Finding]:
    """The amounts by year are the sums of the activities that count."""
    rows = _listed(report)
    for form in COUNTED:
        table = report.tables.get(f"{form}.T2")
        if table is None or f"{form}.T3" not in report.tables:
            continue
        yield from _compared(
            "finance_sum",
            table,
            _sums(rows[(rows["form"] == form) & (rows["counted"] == YES)]),
            f"the sum of the counted rows of {form}.T3",
            "Correct the activities and compute finance again.",
        )


def technology(report: Report) -> Iterator[Finding]:
    """SO5-4 by year and direction is the sum of the rows flagged in SO5-1 to SO5-3."""
    table, rows = report.tables.get(f"{TECHNOLOGY}.T2"), _listed(report)
    if table is None or rows.empty:
        return
    rows = rows[(rows["technology"] == YES) & (rows["counted"] == YES)]
    transfer = {shown(name): end for name, end in TRANSFER.items()}
    yield from _compared(
        "finance_technology",
        table,
        _sums(rows.assign(direction=rows["direction"].map(transfer))),
        "the rows of SO5-1 to SO5-3 with technology transfer",
        "Let the sheet SO5-4 repeat all those rows with their amounts, or leave it empty.",
    )


def _sums(rows: pd.DataFrame) -> dict[tuple[str, str], float]:
    return rows.groupby(["direction", "year"])["counted_usd"].sum().to_dict()


def _compared(rule: str, table: Table, expected: dict, what: str, remedy: str) -> Iterator[Finding]:
    """Every amount of T2 that is not the expected one; an empty cell is nothing."""
    for key in table.numbers:
        for year, cell in table.frame[key].items():
            value, wanted = number(cell), expected.get((key, str(year)), 0.0)
            value = 0.0 if pd.isna(value) else value
            if not close(value, wanted):
                found, said = usd(value), f"{usd(wanted)}, {what}"
                yield breach(rule, table, f"{year}, {key}", found, said, remedy)
