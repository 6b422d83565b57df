"""The columns of the SO5 sheets and the words they accept, read from packaged tables."""

from __future__ import annotations

import functools

import pandas as pd

from ldnkit import tables
from ldnkit.team_sheets import plain

#: Indicators with an activity sheet; an amount may stand in one of the first three only.
SHEETS = ("SO5-1", "SO5-2", "SO5-3", "SO5-4")
COUNTED = SHEETS[:3]
TECHNOLOGY = "SO5-4"
NEEDS, RATES = "SO5-5", "rates"
#: Directions of the summary tables, in the order of the platform.
DIRECTIONS = {
    "SO5-1": ("provided", "received"),
    "SO5-2": ("spending", "funding"),
    "SO5-3": ("provided", "received", "domestic"),
    "SO5-4": ("provided", "received", "domestic"),
}
#: Type of flow of SO5-2 -> direction.
DOMESTIC_FLOWS = {
    "expenditure": "spending",
    "investment": "spending",
    "revenue": "funding",
    "borrowing": "funding",
}
#: Direction of an amount in SO5-4; funding is not technology transfer, the spending of it may be.
TRANSFER = {name: name for name in DIRECTIONS[TECHNOLOGY]} | {"spending": "domestic"}
SUPPORT = ("principal", "significant")
#: Columns of which one holds the amount that counts, the first that is filled.
AMOUNTS = {"SO5-3": ("private_amount_usd", "amount")}
NOTEBOOK = "14"


def years() -> range:
    """The years of the summary tables."""
    first, last = (int(tables.constant(f"finance_{end}_year")) for end in ("first", "last"))
    return range(first, last + 1)


def amounts(indicator: str) -> tuple[str, ...]:
    """The columns of a sheet that may hold the amount."""
    return AMOUNTS.get(indicator, ("amount",))


@functools.cache
def _columns() -> pd.DataFrame:
    table = tables.read("finance_columns")
    table["required"] = table["required"] == "yes"
    table["indicators"] = table["indicators"].str.split(";")
    return table


@functools.cache
def columns(sheet: str) -> pd.DataFrame:
    """The columns of a sheet: key, label, type, choices, required, help, width and more.

    Parameters
    ----------
    sheet : {"SO5-1", "SO5-2", "SO5-3", "SO5-4", "SO5-5", "rates"}

    References
    ----------
    UNCCD reporting manual, 2026 process, SO5, activity-level template; ``confirmed`` says what
    the manual spells out.

    Examples
    --------
    >>> columns("SO5-2")["key"].tolist()[:4]
    ['year', 'provider', 'country', 'recipient']
    """
    table = _columns()
    mine = table[[sheet in sheets for sheets in table["indicators"]]]
    return mine.reset_index(drop=True)


@functools.cache
def keys() -> tuple[str, ...]:
    """The columns of all activities together, each once."""
    found = dict.fromkeys(key for sheet in SHEETS for key in columns(sheet)["key"])
    return ("indicator", *found)


@functools.cache
def headings(sheet: str | None) -> dict[str, str]:
    """Plain heading -> column: keys, labels in six languages, other names.

    The columns of other sheets are known too: a currency, for example, must not be overlooked.
    """
    sheets = SHEETS if sheet is None else (sheet,)
    others = () if sheet in (NEEDS, RATES) else SHEETS
    found = dict.fromkeys(_words(["indicator"], "column.indicator"), "indicator")
    for name in dict.fromkeys((*sheets, *others)):
        for row in columns(name).to_dict("records"):
            aliases = [row["key"], *filter(None, row["aliases"].split("|"))]
            for word in _words(aliases, row["label"]):
                found.setdefault(word, row["key"])
    return found


@functools.cache
def _choices() -> pd.DataFrame:
    table = tables.read("finance_choices").astype(str)
    for column in ("indicators", "codes", "aliases"):
        table[column] = table[column].str.split("|" if column == "aliases" else ";")
    return table


def choices(name: str, sheet: str | None = None) -> list[str]:
    """The keys of a list of choices, as far as they may stand in a sheet.

    Examples
    --------
    >>> choices("flow", "SO5-2")
    ['expenditure', 'investment', 'revenue', 'borrowing', 'other_kind']
    """
    table = _choices()
    table = table[table["list"] == name]
    fits = [sheets == [""] or sheet is None or sheet in sheets for sheets in table["indicators"]]
    return list(dict.fromkeys(table.loc[fits, "key"]))


def choice_label(key: str) -> str:
    """The label of a choice."""
    return key if key in ("yes", "no") else f"finance.{key}"


@functools.cache
def choice_words(name: str, sheet: str | None = None) -> dict[str, str]:
    """Plain word -> choice: keys, labels in six languages, other names."""
    table = _choices()
    allowed = choices(name, sheet)
    rows = table[(table["list"] == name) & table["key"].isin(allowed)].to_dict("records")
    found: dict[str, str] = {}
    for row in rows:
        for word in _words([row["key"], *filter(None, row["aliases"])], choice_label(row["key"])):
            found.setdefault(word, row["key"])
    return found


def _words(names, label: str) -> list[str]:
    said = [tables.label(label, language) for language in tables.LANGUAGES]
    return [plain(word) for word in (*names, *said)]


def sector_of(code: str) -> str:
    """The macro sector of a CRS sector or purpose code; empty when there is none.

    Examples
    --------
    >>> sector_of("31130"), sector_of("140"), sector_of("")
    ('agriculture', 'water_supply', '')
    """
    table = _choices()
    found = [
        (len(start), row["key"])
        for row in table[table["list"] == "sector"].to_dict("records")
        for start in row["codes"]
        if start and code.startswith(start)
    ]
    return max(found)[1] if found else ""
