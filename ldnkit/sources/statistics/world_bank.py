"""The World Bank: answers of its API (JSON) and its tables with a year in every column."""

from __future__ import annotations

import re
from datetime import datetime

from ldnkit.sources.statistics.grids import Grid, problem
from ldnkit.sources.statistics.records import Records, frame
from ldnkit.sources.statistics.series import normal

#: Headings of the tables that tell them from others.
CODES = ("country code", "indicator code"), ("country code", "series code")


def is_answer(answer) -> bool:
    """Whether JSON is an answer of the API: a list of two, what and the rows."""
    return isinstance(answer, list) and bool(answer) and isinstance(answer[0], dict)


def from_answer(name: str, answer: list) -> Records:
    """Records of an answer ``[about, rows]``.

    Raises
    ------
    InputError
        The answer is an error message, has no rows, or is one page of several.
    """
    about = answer[0]
    messages = about.get("message")
    if messages:
        texts = [str(each.get("value", each)) for each in messages if isinstance(each, dict)]
        remedy = "Check the code of the indicator and of the country."
        raise problem(name, f"a message: {'; '.join(texts)}", "rows with figures", remedy)
    rows = answer[1] if len(answer) > 1 else None
    if not isinstance(rows, list):
        remedy = "Ask the API again with format=json, and save its whole answer."
        raise problem(name, "no rows", "[about, rows], the answer of the API", remedy)
    pages = int(about.get("pages") or 1)
    if pages > 1 and len(rows) < int(about.get("total") or 0):
        found, expected = f"page {about.get('page')} of {pages}", "all pages in one file"
        remedy = "Ask again with per_page=20000, or let the workbook fetch it."
        raise problem(name, found, expected, remedy)
    records = [_row(number, entry) for number, entry in enumerate(rows, 1)]
    release = str(about.get("lastupdated") or "")
    return Records(name, "world_bank", frame(records), "entry", release=release)


def _row(number: int, entry: dict) -> dict:
    indicator, country = entry.get("indicator") or {}, entry.get("country") or {}
    return {
        "place": number,
        "series": indicator.get("id"),
        "area": entry.get("countryiso3code") or country.get("id"),
        "year": entry.get("date"),
        "value": entry.get("value"),
        "note": entry.get("obs_status"),
        "text": indicator.get("value"),
    }


def is_table(grid: Grid) -> bool:
    """Whether a grid is a table of the World Bank: codes, and a year in every column."""
    rows = [{normal(cell) for cell in row} for row in grid.cells[:10]]
    return any(set(pair) <= heads for heads in rows for pair in CODES)


def updated(grid: Grid) -> str:
    """The day of the last update that stands above the table, or below it; else empty."""
    for row in grid.cells:
        for place, cell in enumerate(row):
            text = normal(cell)
            if text == "last updated date" and place + 1 < len(row):
                return _day(str(row[place + 1]))
            if match := re.search(r"last updated: ?(\d\d/\d\d/\d{4})", text):
                return _day(match[1])
    return ""


def _day(text: str) -> str:
    """A day as year, month, day; a text that is none stays."""
    try:
        return datetime.strptime(text, "%m/%d/%Y").strftime("%Y-%m-%d")
    except ValueError:
        return text.strip()
