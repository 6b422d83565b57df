"""What explains the difference of two figures: area, year, period, method, source, unit."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ldnkit import tables
from ldnkit.labels import label
from ldnkit.prais.report import wording
from ldnkit.prais.written import Book, Written, is_figure

#: Totals that decide a figure by its unit: table and column.
TOTALS = {
    "km2": ("CP-1.T1", "total_land_area"),
    "persons": ("CP-1.T2", "total_population"),
}
#: Tables whose areas are parts of the whole country, water included.
WITH_WATER = ("SO1-1.T7", "SO1-1.T4", "SO1-1.T5", "SO1-1.T6")
#: A relative difference below this is none.
SAME = 1e-6


@dataclass(frozen=True)
class Sides:
    """Two reports, and one table of each: ``ours`` is explained against ``other``."""

    our_book: Book
    other_book: Book
    ours: Written
    other: Written


def explain(
    sides: Sides, place: tuple[str, str], value: float, other: float, language: str = "en"
) -> list[str]:
    """What is known to differ between two figures of one cell, each with its number.

    Parameters
    ----------
    sides : Sides
    place : (row, column)
    value, other : float
        Our figure and the one it is compared with.
    language : str

    Returns
    -------
    list of str
        Unit, boundary, year, period, method, source: those that differ; empty when the two
        figures are equal.

    Notes
    -----
    A difference of the total area (or population) alone explains ``other × (t₁ / t₂ − 1)`` when
    the shares are equal; that number is given. All else is named, not measured.

    Examples
    --------
    >>> table = Written("CP-1.T1", unit="km2", exact={("2015", "total_land_area"): 50.0})
    >>> sides = Sides(Book({}), Book({}), table, table)
    >>> explain(sides, ("2015", "total_land_area"), 50.0, 5000.0)[0]
    'unit: the ratio of 100 suggests hectares instead of km² there'
    """
    if value == other or math.isclose(value, other, rel_tol=SAME):
        return []
    reasons = (_unit, _total, _year, _period, _method, _source)
    found = [
        label(f"compare.why.{key}", language).format(*values)
        for reason in reasons
        for key, *values in reason(sides, place, value, other, language)
    ]
    return found or [label("compare.why.nothing", language)]


def _unit(sides: Sides, place, value, other, language) -> Iterator[tuple]:
    unit = sides.ours.unit_of(place[1])
    there = sides.other.unit_of(place[1]) if sides.other.unit else unit
    if there != unit:
        yield "unit", _unit_name(unit, language), _unit_name(there, language)
        return
    units = tables.read("unit_slips")
    for slip in units[units["unit"] == unit].to_dict("records"):
        if value and math.isclose(other / value, slip["ratio"], rel_tol=0.02):
            yield "slip", f"{slip['ratio']:g}", label(f"compare.slip.{slip['suggests']}", language)


def _unit_name(unit: str, language: str) -> str:
    return label(f"unit.{unit}", language) if unit else "–"


def _total(sides: Sides, place, value, other, language) -> Iterator[tuple]:
    """A larger country has larger areas: how much of the difference that is."""
    unit = sides.ours.unit_of(place[1])
    unit = "persons" if unit == "thousand_persons" else unit
    if unit not in TOTALS:
        return
    table, column = TOTALS[unit]
    if sides.ours.id.removeprefix("AA-") in WITH_WATER:
        column = "total_country_area"
    if sides.ours.id.removeprefix("AA-") == table:
        return  # the profile is the total itself
    prefix = "AA-" if sides.ours.id.startswith("AA-") else ""
    pair = [
        _total_of(book.tables.get(prefix + table), column, _year_of(sides, place))
        for book in (sides.our_book, sides.other_book)
    ]
    if None in pair or not pair[1] or math.isclose(*pair, rel_tol=SAME):
        return
    percent = 100 * (pair[0] / pair[1] - 1)
    explained = other * (pair[0] / pair[1] - 1)
    own = sides.ours.unit_of(place[1])
    figure = f"{explained:+,.{0 if own == 'persons' else 2}f} {_unit_name(own, language)}"
    kind = "boundary" if unit == "km2" else "total"
    yield kind, label(f"column.{column}", language), f"{percent:+.2f}", figure


def _total_of(table: Written | None, column: str, year: str | None) -> float | None:
    """A total of the profile in a year; without a year the last one."""
    if table is None:
        return None
    rows = [row for row in table.rows if is_figure(table.exact.get((row, column)))]
    if year is not None:
        rows = [row for row in rows if row == year]
    return table.exact[rows[-1], column] if rows else None


def _year_of(sides: Sides, place) -> str | None:
    """The year a cell speaks of: in its row, its column, or at the end of its period."""
    for key in place:
        if re.fullmatch(r"\d{4}", key.partition(".")[0]):
            return key.partition(".")[0]
    from ldnkit.periods import Cycle

    periods = {
        period.name: period.status_year
        for period in Cycle(sides.our_book.country.get("cycle") or 2026).periods
    }
    name = place[1].partition(".")[0]
    if name in periods:
        return str(periods[name])
    years = re.findall(r"\d{4}", sides.ours.period.partition(" (")[0])
    return years[-1] if years else None


def _year(sides: Sides, place, value, other, language) -> Iterator[tuple]:
    year = _year_of(sides, place)
    if year is None:
        return
    ours = sides.ours.used.get(year, year)
    theirs = sides.other.used.get(year, year)
    if str(ours) != str(theirs):
        yield "year", ours, theirs, year


def _period(sides: Sides, place, value, other, language) -> Iterator[tuple]:
    """Tables of one period: the same heading may stand for other years."""
    named = any(re.match(r"\d{4}|baseline|report_", key) for key in place)
    pair = [re.sub(r" \(\d{4} [^)]*\)", "", part.period) for part in (sides.ours, sides.other)]
    if not named and all(pair) and pair[0] != pair[1]:
        yield "period", *pair


def _method(sides: Sides, place, value, other, language) -> Iterator[tuple]:
    methods = [book.country.get("method") for book in (sides.our_book, sides.other_book)]
    if all(methods) and methods[0] != methods[1]:
        yield "method", *methods
    ours, theirs = sides.our_book.parameters, sides.other_book.parameters
    if ours is None or theirs is None:
        return
    beginnings = _parameters_of(sides.ours.id)
    for name in sorted(set(ours) & set(theirs)):
        if name.startswith(beginnings) and ours[name] != theirs[name]:
            yield "parameter", name, _shown(ours[name]), _shown(theirs[name])


def _parameters_of(table_id: str) -> tuple[str, ...]:
    """How the names of the parameters begin that decide a table."""
    from ldnkit import plans
    from ldnkit.prais.builder import MAKERS

    indicator = MAKERS.get(table_id.removeprefix("AA-"), (None, None))[0]
    if indicator not in plans.INDICATORS:
        return ()
    used = plans.rests_on(indicator)
    return tuple(part for name in used for part in plans.INDICATORS[name].parameters)


def _shown(value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value) or "–"


def _source(sides: Sides, place, value, other, language) -> Iterator[tuple]:
    """National against default, or another title."""
    ours = {source["layer"]: source for source in sides.ours.sources}
    theirs = {source["layer"]: source for source in sides.other.sources}
    if "" in theirs:  # a sheet names its source, not the layer
        titles = [source.get("title", "") for source in sides.ours.sources]
        known = [source["title"] for source in sides.other.sources]
        if not set(known) & set(titles):
            yield "source", ", ".join(filter(None, titles)) or "–", ", ".join(known)
        return
    for layer in ours:
        if layer in theirs:
            pair = [_source_name(side[layer], language) for side in (ours, theirs)]
            if pair[0] != pair[1]:
                yield "source_of", wording(f"indicator.{layer}", language), *pair


def _source_name(source, language: str) -> str:
    kind = source.get("source") or ""
    kind = label(f"provenance.source_{kind}", language) if kind else ""
    title = source.get("title") or ""
    return f"{kind} ({title})" if title else kind
