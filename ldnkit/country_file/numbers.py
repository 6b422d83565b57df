"""Periods, parameters and grid of country.yml."""

from __future__ import annotations

from dataclasses import dataclass

from ldnkit import periods, tables
from ldnkit.country_file.document import Document, shown
from ldnkit.country_file.keys import is_number, year
from ldnkit.findings import closest


@dataclass(frozen=True)
class GridChoice:
    """The grid that the country file asks for: a layer's (``layer``), or a cell size and crs."""

    layer: str = "productivity"
    resolution: float | None = None
    crs: str = "EPSG:4326"


def check_periods(document: Document, method: str) -> periods.Cycle | None:
    """The reporting cycle with the years that the file overrides."""
    number = document.values.get("cycle", 2026)
    if not document.usable("cycle"):
        return None
    cycle = periods.Cycle(number, method=method)
    names = [period.name for period in cycle.periods]
    overrides: dict[str, dict] = {}
    for name, parts in (document.values.get("periods") or {}).items():
        here = ("periods", name)
        if name not in names:
            document.problem(here, f"the period '{name}'", ", ".join(names), closest(name, names))
        elif not isinstance(parts, dict):
            remedy = f"Example: {name}: {{trend: [2001, 2015]}}"
            document.problem(here, shown(parts), "parts with their years", remedy)
        else:
            overrides[name] = _period_parts(document, here, parts)
    return periods.Cycle(number, method=method, overrides=overrides)


def _period_parts(document: Document, path: tuple, parts: dict) -> dict[str, tuple[int, int]]:
    good = {}
    for part, pair in parts.items():
        here = (*path, part)
        if part not in periods.OVERRIDES:
            known = list(periods.OVERRIDES)
            document.problem(here, f"the part '{part}'", ", ".join(known), closest(part, known))
        elif not isinstance(pair, list) or len(pair) != 2:
            remedy = f"Example: {part}: [2001, 2015]"
            document.problem(here, shown(pair), "the first and the last year", remedy)
        else:
            first, last = (year(document, here, item) for item in pair)
            if first is None or last is None:
                continue
            if first > last:
                remedy = f"Write {part}: [{last}, {first}]."
                document.problem(here, f"{first} before {last}", "the earlier year first", remedy)
            else:
                good[part] = (first, last)
    return good


def check_parameters(document: Document, method: str) -> dict[str, object]:
    """The parameters of the method, with the changes that the file makes."""
    parameters = tables.method(method)
    for name, value in (document.values.get("parameters") or {}).items():
        here = ("parameters", name)
        if name not in parameters:
            found = f"the unknown parameter '{name}'"
            document.problem(here, found, "a parameter of the method", closest(name, parameters))
            continue
        usual = parameters[name]
        fits = {
            bool: isinstance(value, bool),
            int: isinstance(value, int) and not isinstance(value, bool),
            float: is_number(value),
            str: isinstance(value, str) or is_number(value),
        }[type(usual)]
        if fits:
            parameters[name] = type(usual)(value)
        else:
            words = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
            remedy = f"The method {method} has {name}: {_as_written(usual)}."
            document.problem(here, shown(value), words[type(usual)], remedy)
    return parameters


def _as_written(value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value) or '""'


def check_grid(document: Document) -> GridChoice:
    """The grid: the layer whose cells are used, or a cell size of the team's own."""
    values = document.values
    resolution = values.get("grid.resolution")
    layers = [name for name in ("productivity", "land_cover") if document.given(name)]
    if resolution is not None and document.given("grid.from"):
        document.problem(
            "grid.resolution",
            "both from and resolution",
            "from or resolution",
            "Delete from or resolution, whichever you do not want to use.",
        )
    elif resolution is not None and resolution <= 0:
        document.problem("grid.resolution", f"{resolution:g}", "a number above 0", "Correct it.")
    elif resolution is None and document.given("grid.crs"):
        remedy = "Write resolution: 0.0025, or delete crs."
        document.problem("grid.crs", "crs without resolution", "both or none", remedy)
    elif resolution is None and not layers and document.given("grid.from"):
        remedy = "Write resolution: and crs: instead of from:, or add the layer."
        document.problem("grid.from", "no layer to take the grid from", "a layer", remedy)
    elif resolution is None and layers and values.get("grid.from") not in (None, *layers):
        chosen = values["grid.from"]
        document.problem(
            "grid.from",
            f"{chosen}, which the file does not give",
            layers[0],
            f"The grid of {layers[0]} is used: write from: {layers[0]}.",
            severity="info",
        )
        return GridChoice(layers[0])
    wanted = values.get("grid.from") or (layers[0] if layers else "productivity")
    return GridChoice(wanted, resolution, values.get("grid.crs", "EPSG:4326"))
