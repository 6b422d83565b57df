"""The shapes of Trends.Earth's summaries: area lists, cross-tables, values by year, legends."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ldnkit import tables
from ldnkit.country_file.layers import SEXES
from ldnkit.prais.inputs import Inputs
from ldnkit.tables import NODATA

KM2 = "sq km"
#: Signs of the transition matrix in the words of Trends.Earth.
MEANINGS = {-1: "degradation", 0: "stable", 1: "improvement"}


def classes_of(group: str) -> dict[int, str]:
    """Code -> name of the classes of a group, in the order of the summary.

    Examples
    --------
    >>> classes_of("change")
    {1: 'Improved', 0: 'Stable', -1: 'Degraded', -32768: 'No data'}
    """
    rows = tables.read("trends_earth_names")
    rows = rows[rows["group"] == group]
    return {int(code): name for code, name in zip(rows["code"], rows["name"], strict=True)}


def sexes() -> dict[str, str]:
    """Group -> its name in a summary.

    Examples
    --------
    >>> sexes()["female"]
    'Female population'
    """
    rows = tables.read("trends_earth_names")
    rows = rows[rows["group"] == "sex"]
    return dict(zip(rows["code"], rows["name"], strict=True))


def area_list(name: str, sums: Mapping, names: Mapping[int, str]) -> dict:
    """Areas by class, every class present.

    Examples
    --------
    >>> area_list("Productivity", {1: 2.5}, {1: "Improved", 0: "Stable"})["areas"]
    [{'name': 'Improved', 'area': 2.5}, {'name': 'Stable', 'area': 0.0}]
    """
    areas = [{"name": label, "area": float(sums.get(code, 0.0))} for code, label in names.items()]
    return {"name": name, "unit": KM2, "areas": areas}


def cross_tab(name: str, pairs, names: Mapping[int, str], first: int, last: int) -> dict:
    """Areas by first and last class, every pair present; without ``pairs`` an empty list."""
    values = [
        {
            "initial_label": initial,
            "final_label": final,
            "value": float(pairs.get((code, other), 0.0)),
        }
        for code, initial in (names.items() if pairs is not None else ())
        for other, final in names.items()
    ]
    years = {"initial_year": int(first), "final_year": int(last)}
    return {"name": name, "unit": KM2, **years, "values": values}


def values_by_year(name: str, unit: str, values: Mapping[int, Mapping], names) -> dict:
    """Values by year and class, with the class of no data."""
    found = {
        str(year): {label: float(sums.get(code, 0.0)) for code, label in names.items()}
        for year, sums in values.items()
    }
    return {"name": name, "unit": unit, "values": found}


def population_list(name: str, rows: pd.DataFrame, sums: pd.DataFrame, names) -> dict:
    """People by sex and class, rounded once; a sex that is not known is left out."""
    lists = {}
    for sex, label in sexes().items():
        if sex not in SEXES or rows[sex].isna().any():
            continue
        values = [
            {"name": each, "population": _whole(sums[sex].get(code, 0.0)), "type": label}
            for code, each in names.items()
        ]
        lists[label] = {"name": name, "values": values}
    return lists


def _whole(persons: float) -> int:
    """The nearest whole number, halves up."""
    return int(float(persons) + 0.5)


# -------------------------------------------------------------------------------- legends
def names_of(inputs: Inputs) -> dict[int, str]:
    """Code -> name of every class of the reporting legend, no data last."""
    own = inputs.country.land_cover.legend_name != "unccd"
    known = classes_of("land_cover")
    names = {
        int(row["code"]): str(row["name"]) if own else known[int(row["code"])]
        for row in inputs.legend.to_dict("records")
    }
    return names | {NODATA: known[NODATA]}


def _entry(code: int, name: str, long_name: str, colour: str) -> dict:
    return {"code": int(code), "name_short": name, "name_long": long_name, "description": None,
            "color": colour}  # fmt: skip


def _unccd_entries() -> dict[int, dict]:
    rows = tables.read("trends_earth_names")
    rows = rows[rows["group"] == "land_cover"]
    return {
        int(row["code"]): _entry(row["code"], row["name"], row["long_name"], row["colour"])
        for row in rows.to_dict("records")
    }


def _legend(name: str, entries: list[dict]) -> dict:
    return {"name": name, "key": entries, "nodata": _unccd_entries()[NODATA]}


def legend_of(inputs: Inputs) -> dict:
    """The reporting legend: the seven UNCCD classes, or the country's own."""
    if inputs.country.land_cover.legend_name == "unccd":
        entries = [entry for code, entry in _unccd_entries().items() if code != NODATA]
        return _legend("UNCCD Land Cover", entries)
    rows = inputs.legend.to_dict("records")
    return _legend(
        "Custom Land Cover",
        [_entry(row["code"], row["name"], row["name"], row["colour"]) for row in rows],
    )


def nesting_of(inputs: Inputs) -> dict:
    """How the reporting legend nests in the seven UNCCD classes."""
    unccd = _unccd_entries()
    nested = {
        str(code): [int(c) for c in inputs.legend.loc[inputs.legend["unccd"] == code, "code"]]
        for code in unccd
        if code != NODATA
    }
    parent = _legend("UNCCD Land Cover", [entry for code, entry in unccd.items() if code > 0])
    return {
        "parent": parent,
        "child": legend_of(inputs) | {"name": "Custom Land Cover"},
        "nesting": nested | {str(NODATA): [NODATA]},
    }


def matrix_of(inputs: Inputs) -> dict:
    """The transition matrix; the national one, also for a country with regions."""
    legend = legend_of(inputs)
    entries = {entry["code"]: entry for entry in legend["key"]}
    matrix = inputs.country.land_cover.matrix.sort_values(["from", "to"])
    changes = [
        {
            "initial": entries[int(row["from"])],
            "final": entries[int(row["to"])],
            "meaning": MEANINGS[int(row["sign"])],
        }
        for row in matrix.to_dict("records")
    ]
    return {
        "legend": legend,
        "name": "Land cover transition definition matrix",
        "definitions": {"transitions": changes, "name": "Degradation matrix"},
    }
