"""Land degradation for UNCCD reporting: from layers to indicators to PRAIS tables.

Start with ``country = ldnkit.open_country("landia")``, the fictional training country,
then ``ldnkit.compute(country, "land_cover")``.
Nothing heavy is loaded before it is used.
"""

from __future__ import annotations

import importlib
import sys

from ldnkit.findings import Finding, InputError

__version__ = "0.1.0"
__all__ = ["Finding", "InputError", "compute", "indicators", "open_country", "results"]

_HOMES = {
    "open_country": "ldnkit.country",
    "compute": "ldnkit.national",
    "results": "ldnkit.national",
    "indicators": "ldnkit.national",
}
_MODULES = (
    "agreement",
    "areas",
    "biodiversity",
    "classroom",
    "country",
    "course",
    "crosswalk",
    "degradation",
    "drought",
    "exercises",
    "finance",
    "handover",
    "helpdesk",
    "landcover",
    "maps",
    "messages",
    "narrative",
    "national",
    "periods",
    "population",
    "prais",
    "productivity",
    "provenance",
    "reference_sample",
    "runner",
    "sensitivity",
    "soil",
    "sources",
    "statistics",
    "table_picker",
    "tables",
    "targets",
    "travel",
    "travel_widget",
    "verification",
    "vulnerability",
    "widgets",
)


def __getattr__(name: str):
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in _MODULES:
        importlib.import_module(f"ldnkit.{name}")
        return sys.modules[__name__].__dict__[name]
    raise AttributeError(
        f"ldnkit has no '{name}'. It has {', '.join(__all__)} "
        f"and the modules {', '.join(_MODULES)}."
    )


def __dir__():
    return sorted({*globals(), *_HOMES, *_MODULES})
