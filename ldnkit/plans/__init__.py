"""What each indicator reads and writes: the step from a country file to the engine.

A plan holds the inputs, the kernel and the outputs of one run over the blocks, and the years,
options and remarks that belong to the result. Making a plan opens no raster of the country grid.
"""

from __future__ import annotations

from collections.abc import Mapping

from ldnkit.plans import land, people
from ldnkit.plans.shared import Plan

__all__ = ["NEEDS", "Plan", "make"]

#: Indicators in the order in which they are made, each with those it needs.
NEEDS = {
    "land_cover": (),
    "productivity": ("land_cover",),
    "soil": ("land_cover",),
    "degradation": ("land_cover", "productivity", "soil"),
    "population": (),
    "exposure": ("land_cover", "degradation", "population"),
    "drought_index": (),
    "drought": ("land_cover", "drought_index"),
    "drought_exposure": ("drought_index", "population"),
    "vulnerability": (),
}

_PLANS = {
    "land_cover": land.land_cover,
    "productivity": land.productivity,
    "soil": land.soil_carbon,
    "degradation": land.land_degradation,
    "population": people.population,
    "exposure": people.exposure,
    "drought_index": people.drought_index,
    "drought": people.drought,
    "drought_exposure": people.drought_exposure,
    "vulnerability": people.vulnerability,
}


def make(country, indicator: str, results: Mapping) -> Plan:
    """The plan of an indicator; ``results`` are those it needs."""
    return _PLANS[indicator](country, results)
