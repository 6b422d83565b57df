"""Key biodiversity areas and protected areas as a team gives them, checked and made comparable."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from ldnkit import tables
from ldnkit.biodiversity.polygons import NOTEBOOK, Polygons, column, prepare, read
from ldnkit.findings import Finding, listed
from ldnkit.team_sheets import number, shown

#: Columns that name a site, that give the year of designation and the legal status.
SITE = ("site", "SitRecID", "IntName", "NatName")
YEAR = ("designation_year", "STATUS_YR")
STATUS = ("STATUS",)
NAME = ("name", "NAME_ENG", "NAME", "WDPAID")
DESIGNATION = ("DESIG_ENG",)
#: How the designation of a biosphere reserve begins.
BIOSPHERE = "UNESCO-MAB"
#: Years of designation that can be true.
FIRST_YEAR, LAST_YEAR = 1000, 2100


def prepared_sites(source, site: str | None = None, where: str | None = None) -> Polygons:
    """The sites of a file or table, each once, with every problem found."""
    frame, where, findings = _opened(source, where, "key biodiversity areas")
    if frame is None:
        return Polygons(findings=findings)
    key, findings = _column(frame, site, SITE, where, "the name of the site", needed=False)
    names = _names(frame, key)
    polygons = prepare(frame, names, where)
    polygons.findings = [*findings, *polygons.findings]
    if _usable(polygons, where, "sites"):
        _joined(polygons, where)
    return polygons


def prepared_protected(
    source,
    year: str | None = None,
    name: str | None = None,
    unknown_year: str = "last",
    where: str | None = None,
) -> tuple[Polygons, np.ndarray]:
    """The protected areas that count, and their years of designation (NaN: not known)."""
    frame, where, findings = _opened(source, where, "protected areas")
    if frame is None:
        return Polygons(findings=findings), np.empty(0)
    key, wrong = _column(frame, year, YEAR, where, "the year of designation")
    label, absent = _column(frame, name, NAME, where, "the name", needed=False)
    findings = [*wrong, *absent]
    names = np.array(_names(frame, label), object)
    counted, remarks = _counted(frame, names, where)
    findings += remarks
    frame, names = frame[counted], names[counted]
    years, remarks = _years(frame, key, names, where)
    findings += remarks
    polygons = prepare(frame, names.tolist(), where)
    polygons.findings = [*findings, *polygons.findings]
    _usable(polygons, where, "protected areas")
    designated = years[polygons.rows]
    unknown = np.isnan(designated)
    if unknown.any():
        polygons.findings.append(_on_unknown(polygons, unknown, unknown_year, where))
    return polygons, designated


def _opened(source, where: str | None, what: str):
    """A GeoDataFrame, the name of the place for messages, and what was wrong with the file."""
    if not isinstance(source, (str, Path)) and not hasattr(source, "file"):
        return source, where or what, []
    file, layer = getattr(source, "file", source), getattr(source, "layer", None)
    where = where or f"{what} ({Path(file).name})"
    frame, findings = read(file, layer, where)
    return frame, where, findings


def _column(frame, asked, known, where, what, *, needed=True):
    """The column that was asked for, or the first known one."""
    names = (asked,) if asked else known
    found = column(frame, names)
    if found is not None or not (asked or needed):
        return found, []
    attributes = [str(name) for name in frame.columns if name != frame.geometry.name]
    expected = f"a column {' or '.join(names)} with {what}"
    remedy = "Name the column in country.yml, or add it to the file."
    said = f"columns {', '.join(attributes) or 'none'}"
    return None, [Finding("error", where, said, expected, remedy, NOTEBOOK)]


def _names(frame, key) -> list[str]:
    """A name for every row; a row without one has its number, counted from 1."""
    if key is None:
        return [f"number {number}" for number in range(1, len(frame) + 1)]
    cells = [_text(cell) for cell in frame[key]]
    return [cell or f"number {number}" for number, cell in enumerate(cells, 1)]


def _text(cell) -> str:
    if cell is None or (isinstance(cell, float) and math.isnan(cell)) or cell is pd.NA:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def _usable(polygons: Polygons, where: str, what: str) -> bool:
    """Whether there is a polygon to work with; if not, an error says so."""
    if any(finding.severity == "error" for finding in polygons.findings):
        return False
    if not len(polygons.shapes):
        remedy = "Look at the file and at what was left out."
        said = f"no polygons of {what}"
        polygons.findings.append(Finding("error", where, said, "polygons", remedy, NOTEBOOK))
    return bool(len(polygons.shapes))


def _joined(polygons: Polygons, where: str) -> None:
    """Polygons of one name become one site."""
    import shapely

    names = np.array(polygons.names, object)
    unique = list(dict.fromkeys(polygons.names))
    if len(unique) == len(names):
        return
    places = [np.flatnonzero(names == name) for name in unique]
    several = [name for name, mine in zip(unique, places, strict=True) if len(mine) > 1]
    found = f"sites of several polygons: {listed(several)}"
    remedy = "Polygons of one name are one site."
    polygons.findings.append(Finding("info", where, found, "", remedy, NOTEBOOK))
    polygons.shapes = np.array(
        [shapely.union_all(polygons.shapes[mine]) for mine in places], object
    )
    polygons.rows = np.array([polygons.rows[mine[0]] for mine in places], int)
    polygons.names = unique


def _counted(frame, names, where) -> tuple[np.ndarray, list[Finding]]:
    """Which rows are protected in law or in fact, by the column STATUS where there is one."""
    counted, findings = np.ones(len(frame), bool), []
    key = column(frame, STATUS)
    if key is not None:
        known = tables.read("protected_statuses")
        words = known.loc[known["counted"] == "yes", "status"]
        cells = pd.Series([_text(cell) for cell in frame[key]], dtype=object)
        counted = cells.str.casefold().isin(words.str.casefold()).to_numpy(bool)
        for status, mine in cells[~counted].groupby(cells[~counted], sort=False):
            found = f"areas with status {shown(status)}: {listed(names[mine.index])}"
            expected = " or ".join(words)
            remedy = "They are left out: only areas that are in force count."
            findings.append(Finding("warning", where, found, expected, remedy, NOTEBOOK))
    key = column(frame, DESIGNATION)
    if key is not None:
        reserve = np.array([_text(cell).upper().startswith(BIOSPHERE) for cell in frame[key]], bool)
        if (reserve & counted).any():
            mine = names[reserve & counted]
            found = f"biosphere reserves: {listed(mine)}"
            remedy = "The official method leaves them out. They are counted here: take them out "
            remedy += "of the file if their zones are not protected in law."
            findings.append(Finding("warning", where, found, "", remedy, NOTEBOOK))
    return counted, findings


def _years(frame, key, names, where) -> tuple[np.ndarray, list[Finding]]:
    """Years of designation; empty and 0 are not known (NaN), what is no year is an error."""
    if key is None:
        return np.full(len(frame), math.nan), []
    cells = [_text(cell) for cell in frame[key]]
    years = np.array([0.0 if cell == "" else number(cell) for cell in cells], float)
    wrong = ~((years == 0) | ((years >= FIRST_YEAR) & (years <= LAST_YEAR) & (years % 1 == 0)))
    findings = []
    for cell in dict.fromkeys(np.array(cells, object)[wrong]):
        mine = names[np.array(cells, object) == cell]
        found = f"{shown(cell)} in column {key} of {listed(mine)}"
        expected = f"a year between {FIRST_YEAR} and {LAST_YEAR}, or nothing"
        remedy = "Correct the year, or leave it empty when it is not known."
        findings.append(Finding("error", where, found, expected, remedy, NOTEBOOK))
    return np.where(years == 0, math.nan, years), findings


def _on_unknown(polygons: Polygons, unknown, chosen: str, where: str) -> Finding:
    names = np.array(polygons.names, object)[unknown]
    did = {
        "last": "They count in the last year only; the bounds are without them and with them.",
        "all": "They count in all years; the lower bound is without them.",
        "none": "They do not count; the upper bound is with them.",
    }[chosen]
    found = f"areas without year of designation: {listed(names)}"
    remedy = f"{did} The official method draws a year by lot: better find the year."
    return Finding("warning", where, found, "the year of each", remedy, NOTEBOOK)
