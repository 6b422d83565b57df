"""Plans and their financial needs (SO5-5)."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from ldnkit.finance import cells
from ldnkit.finance.columns import NEEDS, columns
from ldnkit.finance.sheets import Sheet, read_sheets
from ldnkit.findings import Finding, stop_on_errors
from ldnkit.team_sheets import empty, text

HORIZON = re.compile(r"(\d{4})(?:\s*[-–—/]\s*(\d{4}))?")


def needs_columns() -> list[str]:
    """The columns of the table of needs."""
    return columns(NEEDS)["key"].tolist()


def read_needs(path: str | Path) -> pd.DataFrame:
    """Plans and needs of a template or a table, checked: one row per plan and objective.

    Parameters
    ----------
    path : str or Path
        XLSX (sheet ``SO5-5``) or CSV with the columns objective and, if wanted, plan, targets,
        measures, need_usd, horizon (2025 or 2025–2030), impact, communities, information.

    Returns
    -------
    DataFrame
        One row per plan; need_usd [US dollars] is NaN where a need is only described.

    Raises
    ------
    InputError
        Every problem of the table.

    References
    ----------
    UNCCD reporting manual, 2026 process, SO5-5.

    Examples
    --------
    >>> needs = read_needs("finance/needs.csv")  # doctest: +SKIP
    """
    table, findings = examine_needs(read_sheets(path, NEEDS))
    stop_on_errors(findings)
    table.attrs["findings"] = findings
    return table


def examine_needs(sheets: list[Sheet]) -> tuple[pd.DataFrame, list[Finding]]:
    """Plans and needs of all sheets with every problem found in them, errors too."""
    parts = [pd.DataFrame(columns=needs_columns())]
    findings = []
    for sheet in sheets:
        if sheet.kind == NEEDS:
            if len(sheet.rows):
                parts.append(_typed(sheet))
            findings += sheet.notes.findings
    kept = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(kept, ignore_index=True).astype({"need_usd": float}), findings


def _typed(sheet: Sheet) -> pd.DataFrame:
    notes = sheet.notes
    table = pd.DataFrame(index=sheet.rows.index)
    for key in needs_columns():
        table[key] = sheet.column(key).map(text)
    need = cells.figures(sheet.column("need_usd"), sheet.heading("need_usd"), notes)
    table["need_usd"] = need
    heading = sheet.heading("need_usd")
    negative = table.index[need < 0]
    if len(negative):
        notes.add(negative, heading, "a negative need", "zero or more", "Correct the sign.")
    without = table.index[sheet.column("need_usd").map(empty)]
    if len(without):
        remedy = "A need may be described without a figure; give one where you can."
        notes.add(without, heading, "nothing", "an amount in USD", remedy, "info")
    if "objective" in sheet.rows:
        heading = sheet.heading("objective")
        notes.add_empty(table["objective"], heading, "Fill the cell.", "an objective")
    wrong = table["horizon"][~table["horizon"].map(_is_horizon)]
    expected = "one year or two, such as 2025–2030"
    notes.cells(wrong, sheet.heading("horizon"), expected, "Write the first and the last year.")
    return table


def _is_horizon(written: str) -> bool:
    match = HORIZON.fullmatch(written)
    return written == "" or bool(match and (match[2] is None or match[1] <= match[2]))
