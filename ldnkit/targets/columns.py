"""The columns of registers of targets, actions and scenarios, and the words they accept."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

import pandas as pd

from ldnkit import tables
from ldnkit.team_sheets import plain

#: The lists a team keeps, as in ``target_columns.csv``.
SHEETS = ("targets", "actions", "scenario")
#: The most important goal that a target serves first.
LINKS = tuple(f"link_{rank}" for rank in range(1, 6))
#: The order in which responses to land degradation are chosen.
HIERARCHY = ("avoid", "reduce", "reverse")
#: The objective of a register without the column.
OBJECTIVE = "SO1"
NOTEBOOK = "07"
#: Number of a target below a Sustainable Development Goal: 15.3 of goal 15.
TARGET_OF_GOAL = re.compile(r"(?P<goal>\D*\d{1,2})[. ](?P<number>[0-9]{1,2}|[a-d])([. ]\d)?")


@functools.cache
def columns(sheet: str) -> pd.DataFrame:
    """The columns of a list: key, label, type, choices, required, help, width and more.

    Parameters
    ----------
    sheet : {"targets", "actions", "scenario"}

    References
    ----------
    UNCCD reporting manual, 2026 process, SO1-VT and SO1-IA; the column ``source`` of each row.

    Examples
    --------
    >>> columns("scenario")["key"].tolist()[:2]
    ['land_type', 'response']
    """
    table = tables.read("target_columns")
    if sheet not in SHEETS:
        raise ValueError(f"Unknown list: found {sheet!r}; use one of {', '.join(SHEETS)}.")
    return table[table["sheet"] == sheet].reset_index(drop=True)


def keys(sheet: str) -> list[str]:
    """The columns of a list by key."""
    return columns(sheet)["key"].tolist()


def required(sheet: str) -> list[str]:
    """Columns in which no cell may be empty."""
    table = columns(sheet)
    return table.loc[table["required"] == "yes", "key"].tolist()


@functools.cache
def headings(sheet: str) -> dict[str, str]:
    """Plain heading -> column: keys first, then labels in six languages, then other names."""
    rows = columns(sheet).to_dict("records")
    found: dict[str, str] = {plain(row["key"]): row["key"] for row in rows}
    for row in rows:
        for language in tables.LANGUAGES:
            found.setdefault(plain(tables.label(row["label"], language)), row["key"])
    for row in rows:
        for word in row["aliases"].split("|"):
            found.setdefault(plain(word), row["key"])
    return {word: key for word, key in found.items() if word}


def choices(name: str) -> list[str]:
    """The keys of a list of choices.

    Examples
    --------
    >>> choices("status")
    ['achieved', 'not_achieved', 'ongoing', 'extended', 'partially_achieved']
    """
    return _choices(name)["key"].tolist()


def choice_label(key: str, language: str = "en") -> str:
    """A choice in words; objectives and goals are the same in every language."""
    if key in (*choices("objective"), *choices("link")):
        return key
    return tables.label(f"target.{key}", language)


@functools.cache
def _choices(name: str) -> pd.DataFrame:
    table = tables.read("target_choices").astype(str)
    return table[table["list"] == name]


@functools.cache
def choice_words(name: str) -> dict[str, str]:
    """Plain word -> choice: keys, labels in six languages, other names."""
    found: dict[str, str] = {}
    for row in _choices(name).to_dict("records"):
        said = (choice_label(row["key"], language) for language in tables.LANGUAGES)
        for word in (row["key"], *said, *filter(None, row["aliases"].split("|"))):
            found.setdefault(plain(word), row["key"])
    return found


def goal(text: str) -> str | None:
    """A goal or target that a voluntary target serves; None when it is not known.

    A target of a Sustainable Development Goal keeps its number.

    Examples
    --------
    >>> goal("sdg 15.3"), goal("GBF target 2"), goal("SDG 18")
    ('SDG 15.3', 'GBF 2', None)
    """
    words = choice_words("link")
    if plain(text) in words:
        return words[plain(text)]
    match = TARGET_OF_GOAL.fullmatch(text.strip().lower())
    known = words.get(plain(match["goal"])) if match else None
    return f"{known}.{match['number']}" if known and known.startswith("SDG") else None


def land_types(legend: pd.DataFrame | None = None) -> dict[str, int]:
    """Plain word -> code of a land cover class: code, key, name, and the labels of UNCCD classes.

    Parameters
    ----------
    legend : DataFrame, optional
        code, key and name of the country's classes; by default the seven UNCCD classes.
    """
    legend = tables.legend() if legend is None else legend
    rows = legend.to_dict("records")
    found: dict[str, int] = {}
    for words in (_own_words, _labels_of):
        for row in rows:
            for word in words(row):
                found.setdefault(plain(word), int(row["code"]))
    return found


def _own_words(row) -> Iterable[str]:
    return (row["key"], row["name"], str(row["code"]))


def _labels_of(row) -> Iterable[str]:
    """The labels of a UNCCD class; classes of a country's own have none."""
    try:
        return [tables.label(f"land_cover.{row['key']}", name) for name in tables.LANGUAGES]
    except KeyError:
        return ()
