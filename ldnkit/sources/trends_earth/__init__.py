"""Files of Trends.Earth and SEPAL: packages, summaries, error polygons, legends.

Teams mostly have such files on disk already. :func:`open_package` says what a national package
holds, :func:`new_country` makes a country folder of it. Error polygons, legends, nestings and
transition matrices are read into the forms that a country file takes. ``sepal`` reads the
rasters of SEPAL's module for SDG 15.3.1.
"""

from __future__ import annotations

import importlib

_HOMES = {
    "Package": "packages",
    "open_package": "packages",
    "extract": "extraction",
    "NewCountry": "country_folder",
    "new_country": "country_folder",
    "address": "downloads",
    "fetch": "downloads",
    "read_error_polygons": "error_polygons",
    "write_error_polygons": "error_polygons",
    "take_error_polygons": "error_polygons",
    "read_legend": "legends",
    "read_nesting": "legends",
    "read_matrix": "legends",
    "read_summary": "summaries",
}
__all__ = [*_HOMES, "sepal"]


def __getattr__(name: str):
    if name == "sepal":
        return importlib.import_module("ldnkit.sources.trends_earth.sepal")
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(
        f"ldnkit.sources.trends_earth has no '{name}'. It has {', '.join(__all__)}."
    )


def __dir__():
    return sorted({*globals(), *__all__})
