"""What ``prais_tables.csv`` says of a table: its rows, columns, years, and what it must fill."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from ldnkit import finance, tables
from ldnkit.country_file.layers import SEXES
from ldnkit.periods import Cycle, years_between
from ldnkit.prais.degraded import SUB_INDICATORS
from ldnkit.prais.report import DROUGHT, DYNAMICS, NO_DATA, Report, legend_of, water_keys

#: Words of a definition that leave rows or columns to the team.
FREE_ROWS = (
    *("entry", "class", "polygon", "number", "target_number", "indicator", "question", "topic"),
    "provided_or_received",
)
FREE = {"rows": FREE_ROWS, "columns": ("activities",)}


@dataclass(frozen=True)
class Keys:
    """The keys of one axis of a table: those that must be there, and those that may."""

    required: tuple
    allowed: frozenset


@functools.cache
def definitions() -> dict[str, dict[str, Any]]:
    """Table id -> its row of ``prais_tables.csv``, in the order of the platform."""
    return {row["id"]: row for row in tables.prais_tables().to_dict("records")}


@functools.cache
def rules() -> dict[str, dict[str, Any]]:
    """Rule -> its row of ``prais_rules.csv``, in the order of the rules."""
    return {row["rule"]: row for row in tables.read("prais_rules").to_dict("records")}


def expanded(part: str, cycle: Cycle) -> list[str]:
    """Row or column keys of a definition; words that the country decides stay as they are.

    ``period:area;period:share`` gives area and share of one period, then of the next;
    ``sub_indicator:degraded``, ``sex:exposed`` and ``drought:area`` likewise give one key per
    sub-indicator, group or class.

    Examples
    --------
    >>> expanded("year;sex:share", Cycle(2026))
    ['year', 'total.share', 'female.share', 'male.share']
    """
    names = {
        "drought": list(DROUGHT.values()),
        "sex": list(SEXES),
        "period": [cycle.baseline.name, cycle.last.name],
        "sub_indicator": list(SUB_INDICATORS.values()),
    }
    keys = []
    for kind, tokens in groupby(part.split(";"), lambda token: token.partition(":")[0]):
        rest = [token.partition(":")[2] for token in tokens]
        ending = ".share" if kind == "sub_indicator" else ""
        if kind in names:
            keys += [f"{name}.{each}{ending}" for name in names[kind] for each in rest]
        else:
            keys.append(kind)
    return keys


def keys_of(report: Report, table_id: str, axis: str) -> Keys | None:
    """The keys that a table must and may have, or None where the team decides.

    Parameters
    ----------
    report : Report
    table_id : str
    axis : {"rows", "columns"}

    Examples
    --------
    >>> keys_of(report, "SO1-2.T3", "rows").required          # doctest: +SKIP
    ('degraded', 'improved', 'stable', 'no_data', 'total')
    """
    definition = definitions()[table_id]
    country = report.country
    legend = legend_of(country)["key"].tolist()
    water = water_keys(country)
    land = [key for key in legend if key not in water]
    groups = {
        "land_cover": legend,
        "land_cover_first": legend,
        "land_cover_last": legend,
        "land_classes": land,
        "lpd": [key for key in DYNAMICS.values() if key != NO_DATA],
    }
    parts = expanded(definition[axis], country.cycle)
    if "region" in parts:
        named = [region.name for region in country.regions] or ["whole_country"]
        pairs = tuple((region, key) for region in named for key in legend)
        return Keys(pairs, frozenset(pairs))
    if any(part in FREE[axis] for part in parts):
        return None
    required: list = []
    allowed: list = []
    for part in parts:
        if part == "year" and definition["years"]:
            must, may = years_of(definition["years"], country.cycle)
            required += map(str, must)
            allowed += map(str, may)
        else:
            required += groups.get(part, [part])
    return Keys(tuple(required), frozenset([*required, *allowed]))


def years_of(kind: str, cycle: Cycle) -> tuple[Sequence[int], Sequence[int]]:
    """Years that a table must have and may have, by the word in the column ``years``.

    Parameters
    ----------
    kind : str
        ``every`` year of the report, any ``some`` of them, those of the ``soil`` stocks, of the
        land ``cover``, of the ``status``, the two ``ends``, or those of ``finance``.
    cycle : Cycle

    Examples
    --------
    >>> years_of("ends", Cycle(2026))
    ([2015, 2023], [2015, 2023])
    """
    every = list(years_between(cycle.baseline.first, cycle.last.last))
    status = sorted({period.status_year for period in cycle.periods})
    must = {
        "every": every,
        "some": [],
        "soil": list(cycle.soil_years),
        "cover": list(cycle.land_cover_years),
        "status": status,
        "ends": [cycle.baseline.status_year, cycle.last.status_year],
        "finance": list(finance.years()),
    }[kind]
    return must, every if kind in ("some", "cover") else must
