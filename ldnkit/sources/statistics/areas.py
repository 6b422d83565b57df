"""Whose figures they are: the country among the areas of a file, by code or name."""

from __future__ import annotations

import re

import pandas as pd

from ldnkit import outlines
from ldnkit.findings import listed
from ldnkit.sources.statistics.records import Notes
from ldnkit.sources.statistics.series import normal


def keys_of(iso3: str) -> set[str]:
    """Every way in which a file may write a country: ISO3, ISO2, M49, its names.

    Examples
    --------
    >>> sorted(keys_of("KEN"))[:3]
    ['404', 'ke', 'ken']
    """
    code = str(iso3).strip().upper()
    known = outlines.countries()
    if code not in known.index:
        return {normal(code)}
    row, names = known.loc[code], set(outlines.names(code).values())
    return {normal(text) for text in (code, row["iso2"], _digits(row["m49"]), *names)}


def _code(area: str) -> set[str]:
    return {normal(_digits(area))}


def _digits(text) -> str:
    """An M49 code without leading zeros; other texts as they are."""
    text = str(text).strip()
    text = text.removesuffix(".0") if re.fullmatch(r"\d+\.0", text) else text
    return str(int(text)) if re.fullmatch(r"\d+", text) else text


def iso3_of(area: str) -> str:
    """ISO3 code of a country written as M49, ISO2 or ISO3; empty when it is none.

    Examples
    --------
    >>> iso3_of("404"), iso3_of("KE"), iso3_of("001")
    ('KEN', 'KEN', '')
    """
    text, known = _digits(area).upper(), outlines.countries()
    if text in known.index:
        return text
    for column in ("m49", "iso2"):
        found = known.index[known[column].map(_digits) == text]
        if len(found):
            return found[0]
    return ""


def of_country(rows: pd.DataFrame, area: str | None, iso3: str, notes: Notes) -> pd.DataFrame:
    """The rows of the country; all rows when the file names no area.

    ``area`` is the code of the country in the file, from the country file. A file with another
    country is an error; so is a file with several areas of which none is the country.
    """
    if area is not None and not _same_country(area, iso3, notes):
        return rows.iloc[:0]
    keys = rows["area"].map(lambda text: normal(_digits(text)))
    if (keys == "").all():
        return rows
    wanted = keys_of(iso3) if area is None else keys_of(iso3_of(area) or area) | _code(area)
    mine = keys.isin(wanted)
    if mine.any():
        return rows[mine]
    areas = list(dict.fromkeys(str(_digits(text)) for text in rows["area"] if text != ""))
    shown = [f"{text} ({iso3_of(text)})" if iso3_of(text) else text for text in areas[:8]]
    more = f" … ({len(areas)} in all)" if len(areas) > 8 else ""
    expected = f"rows of {iso3}" + (f" ({_m49(iso3)} in M49)" if _m49(iso3) else "")
    remedy = "Give the file of your country, or write area: and the code that the file has."
    notes.add("error", [], f"rows of {listed(shown)}{more}", expected, remedy)
    return rows.iloc[:0]


def _m49(iso3: str) -> str:
    known = outlines.countries()
    return _digits(known.at[iso3, "m49"]) if iso3 in known.index else ""


def _same_country(area: str, iso3: str, notes: Notes) -> bool:
    """Whether the area of the country file is the country; a code of no country only warns."""
    meant = iso3_of(area)
    if meant == iso3 or normal(area) == normal(iso3):
        return True
    if meant:
        name = outlines.names(meant)["en"]
        m49 = _m49(iso3)
        remedy = f"Write area: {m49}, or delete the line." if m49 else "Delete the line area."
        found = f"area: {area}, which is {name} ({meant})"
        notes.add("error", [], found, f"the code of {iso3}", remedy)
        return False
    remedy = "Check the code: the figures of that area are reported for the country."
    notes.add("warning", [], f"area: {area}, the code of no country", f"a code of {iso3}", remedy)
    return True
