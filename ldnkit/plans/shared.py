"""What a plan is, and what the plans of all indicators share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from ldnkit import blocks, remarks, sources, tables
from ldnkit.blocks import Output
from ldnkit.findings import Finding
from ldnkit.periods import closest_year
from ldnkit.sources.rasters import Raster
from ldnkit.tables import NODATA

#: Palette of a layer by the beginning of its name.
PALETTES = {
    "drought": "drought",
    "land_cover_degradation": "degradation",
    "land_cover": "land_cover",
    "land_productivity": "productivity",
    "productivity_degradation": "degradation",
    "soil_degradation": "degradation",
    "status_detail": "status_detail",
    "status": "degradation",
    "sdg": "sdg",
    "trend": "trend",
    "state": "state",
    "performance": "performance",
}


@dataclass
class Plan:
    """One run of the engine.

    ``first`` is an optional first pass: a kernel, and what makes the kernel of the main pass from
    its tables. ``check`` looks at the tables afterwards. ``block`` is smaller where many layers
    are read at once. ``grid`` is the grid of the run, by default the country's; ``inside`` names
    the input that says which of its cells count. An indicator without rasters has ``tables``.
    """

    inputs: Mapping[str, object] = field(default_factory=dict)
    kernel: Callable | None = None
    outputs: Mapping[str, Output] = field(default_factory=dict)
    years: Mapping[int, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    parameters: dict = field(default_factory=dict)
    first: tuple[Callable, Callable] | None = None
    check: Callable | None = None
    block: int = blocks.BLOCK
    grid: object = None
    inside: str | None = "zones"
    tables: Mapping[str, pd.DataFrame] | None = None


def frame(country) -> dict[str, object]:
    """The inputs that say which cells are the country's, and how much of them."""
    zones = sources.layer_input(country, "zones")
    fraction = country.boundary_rule == "fraction"
    inputs = {"zones": zones} | ({"coverage": zones.coverage()} if fraction else {})
    if country.affected_area is not None:
        inputs["affected"] = sources.layer_input(country, "affected")
    return inputs


def ends(country) -> dict[str, int]:
    """The last year of every period: its land cover decides what is land in the tables."""
    return {period.name: period.status_year for period in country.cycle.periods}


def starts(country) -> dict[str, int]:
    """The first year of every period's land cover change."""
    return {period.name: period.land_cover[0] for period in country.cycle.periods}


def covers(results, years) -> dict[str, Raster]:
    """Land cover of these years, in the classes of the legend."""
    layers = results["land_cover"].layers
    return {f"cover_{year}": Raster(layers[f"land_cover_{year}"]) for year in years}


def yearly(country, layer, years):
    """The layer of several years as one input."""
    return sources.layer_input(country, layer, years=tuple(years))


def used_years(country, layer, wanted) -> tuple[dict[int, int], list[Finding]]:
    """The year that stands for each wanted year, and a remark for every replacement."""
    available = sources.years_of(country, layer)
    used = {year: closest_year(year, available) for year in wanted}
    return used, remarks.replaced_years(layer.replace("_", " "), used)


def class_layers(country, names, nominal: Mapping[int, int] | None = None) -> dict[str, Output]:
    """Rasters of classes with the colours of their palette."""
    return {
        name: Output("int16", _tags(country, name, nominal), _colours(country, name))
        for name in names
    }


def value_layers(country, names) -> dict[str, Output]:
    """Rasters of measured values: float32, NaN for no data."""
    return {name: Output("float32", _tags(country, name)) for name in names}


def _tags(country, name, nominal=None) -> dict[str, str]:
    tags = {"TITLE": name.replace("_", " "), "COUNTRY": country.iso3, "SOFTWARE": "ldnkit"}
    if country.synthetic:
        tags["SYNTHETIC"] = "yes"
    for year, used in (nominal or {}).items():
        if name == f"land_cover_{year}":
            tags["YEAR_USED"] = str(used)
    return tags


def _colours(country, name) -> dict[int, str]:
    beginning = next(each for each in PALETTES if name.startswith(each))
    if beginning == "land_cover":
        table = country.land_cover.legend
    else:
        table = tables.palette(PALETTES[beginning])
    return {
        int(code): colour
        for code, colour in zip(table["code"], table["colour"], strict=True)
        if code != NODATA
    }
