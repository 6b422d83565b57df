"""Which maps go into the package, and what is said of each: title, years, classes, colours.

The list is ``ldnkit/data/package_layers.csv``; a layer that it does not know is an error there.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ldnkit import plans, tables
from ldnkit.labels import LANGUAGES
from ldnkit.scales import Counts

#: What stands in the braces of a pattern.
PARTS = {
    "year": r"(?P<year>\d{4})",
    "first": r"(?P<first>\d{4})",
    "last": r"(?P<last>\d{4})",
    "period": r"(?P<period>baseline|report_\d+)",
}


@dataclass(frozen=True, eq=False)
class Layer:
    """A map of the results and what is said of it.

    Parameters
    ----------
    name : str
        As in the results, for example ``"sdg_baseline"``.
    path : Path
        Its GeoTIFF.
    values : {"classes", "quantities", "counts"}
        Classes are int16 with -32768 for no data, the others float32 with NaN.
    titles : dict of language to str
    years : str
        The year or years that the map speaks of.
    used : dict of int to int
        Nominal year -> year whose data stand in for it, where the two differ.
    classes : DataFrame
        code, colour and a column of names for each language; empty for quantities.
    limits : tuple of float
        First and last value of the colours, or the limits of classes of counts.
    colormap, unit : str
        Of quantities; the unit is the key of a label ``unit.…``.
    indicator, table : str
        The indicator that made it, and the PRAIS table it belongs to.
    """

    name: str
    path: Path
    values: str
    titles: dict[str, str]
    years: str
    used: dict[int, int]
    classes: pd.DataFrame
    limits: tuple[float, ...]
    colormap: str
    unit: str
    indicator: str
    table: str

    def unit_name(self, language: str = "en") -> str:
        """The unit in words; nothing for classes."""
        return tables.label(f"unit.{self.unit}", language) if self.unit else ""


def described(country, results: Mapping) -> list[Layer]:
    """The maps of the results that belong in the package, in the order of the results.

    Parameters
    ----------
    country : Country
    results : mapping of indicator to Result

    Returns
    -------
    list of Layer

    Raises
    ------
    KeyError
        A layer that ``package_layers.csv`` does not know.

    Examples
    --------
    >>> [layer.name for layer in described(country, results)]  # doctest: +SKIP
    """
    found = []
    for indicator, result in results.items():
        for name, path in result.layers.items():
            row, parts = entry(name)
            if row["package"] == "yes":
                found.append(_layer(country, result, indicator, name, Path(path), row, parts))
    return found


def entry(name: str) -> tuple[dict, dict[str, str]]:
    """The row of the list for a layer, and what its name says (year, period, first and last).

    Raises
    ------
    KeyError
        No pattern matches.

    Examples
    --------
    >>> row, parts = entry("drought_worst_2020_2023")
    >>> row["title"], parts
    ('map.drought_window', {'first': '2020', 'last': '2023'})
    """
    for pattern, row in _patterns():
        match = pattern.fullmatch(name)
        if match:
            return row, match.groupdict()
    raise KeyError(
        f"A layer that the package does not know: found {name!r}; "
        "add its pattern to ldnkit/data/package_layers.csv."
    )


@functools.cache
def _patterns() -> list[tuple[re.Pattern, dict]]:
    rows = tables.read("package_layers").fillna("").to_dict("records")
    return [(re.compile(row["pattern"].format(**PARTS)), row) for row in rows]


def _layer(country, result, indicator, name, path, row, parts) -> Layer:
    words = _years(country, row["years"], parts)
    nominal = words.get("year")
    used = result.years.get(nominal, nominal)
    if result.years and nominal is None:
        ends = [year for year in words.values() if result.years.get(year, year) != year]
        used_years = {year: result.years[year] for year in ends}
    else:
        used_years = {nominal: used} if used != nominal else {}
    title = row["title"]
    if title == "map.sdg" and country.error_polygons is not None:
        title = "map.sdg_recoded"
    limits = tuple(float(limit) for limit in str(row["limits"]).split())
    return Layer(
        name=name,
        path=path,
        values=row["values"],
        titles={lang: tables.label(title, lang).format(**words) for lang in LANGUAGES},
        years="–".join(str(year) for year in words.values()),
        used=used_years,
        classes=_classes(country, row),
        limits=limits,
        colormap=row["colormap"],
        unit=row["unit"],
        indicator=indicator,
        table=row["table"],
    )


def _years(country, kind: str, parts: Mapping[str, str]) -> dict[str, int]:
    """The year, or the first and last year, of the title."""
    if "period" not in parts:
        return {name: int(year) for name, year in parts.items()}
    period = country.cycle[parts["period"]]
    if kind == "status_year":
        return {"year": period.status_year}
    first, last = (period.first, period.last) if kind == "period" else getattr(period, kind)
    return {"first": first, "last": last}


def _classes(country, row) -> pd.DataFrame:
    """Code, colour, and the name of each class in every language; no data is none of them."""
    if row["values"] == "counts":
        limits = tuple(float(limit) for limit in str(row["limits"]).split())
        counts = Counts(limits=limits, colormap=row["colormap"])
        shown = counts.classes()[["code", "colour"]]
        return shown.assign(**{lang: counts.classes(lang)["label"] for lang in LANGUAGES})
    if row["values"] != "classes":
        return pd.DataFrame(columns=["code", "colour", *LANGUAGES])
    palettes = {lang: tables.palette(row["palette"], lang) for lang in LANGUAGES}
    shown = palettes["en"][["code", "colour"]]
    shown = shown.assign(**{lang: table["label"] for lang, table in palettes.items()})
    if row["palette"] == "land_cover":
        shown = _national(country.land_cover.legend, shown)
    return shown[shown["code"] != tables.NODATA].reset_index(drop=True)


def _national(legend: pd.DataFrame, unccd: pd.DataFrame) -> pd.DataFrame:
    """The classes of the country's legend; its own names are not translated."""
    shown = legend[["code", "colour"]].reset_index(drop=True)
    if legend["key"].tolist() == tables.legend()["key"].tolist():
        return shown.merge(unccd.drop(columns="colour"), on="code")
    return shown.assign(**dict.fromkeys(LANGUAGES, legend["name"].to_numpy()))


def sources_of(country, indicator: str) -> list[dict[str, str]]:
    """Titles, links, authors and citations of the data behind an indicator, each once.

    Parameters
    ----------
    country : Country
    indicator : str

    Returns
    -------
    list of dict
    """
    found: list[dict[str, str]] = []
    for name in _with_needs(indicator):
        for part in plans.INDICATORS[name].reads:
            section = getattr(country, part, None)
            sections = section.values() if isinstance(section, dict) else [section]
            for each in sections:
                metadata = getattr(each, "metadata", None)
                if metadata is not None and metadata.as_dict() not in found:
                    found.append(metadata.as_dict())
    return [metadata for metadata in found if any(metadata.values())]


def _with_needs(indicator: str) -> list[str]:
    needed = [name for need in plans.NEEDS[indicator] for name in _with_needs(need)]
    return list(dict.fromkeys([*needed, indicator]))
