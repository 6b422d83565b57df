"""What each indicator reads and writes: the step from a country file to the engine.

A plan holds the inputs, the kernel and the outputs of one run over the blocks, and the years,
options and remarks that belong to the result. Making a plan opens no raster of the country grid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ldnkit import remarks
from ldnkit.findings import InputError
from ldnkit.plans import forms, land, people, targets
from ldnkit.plans.shared import Plan

__all__ = ["INDICATORS", "NEEDS", "Plan", "available", "make", "rests_on"]


@dataclass(frozen=True)
class Indicator:
    """How an indicator is made: its plan, those it needs, and what it cannot do without.

    ``sections`` are parts of the country file of which one must be there, ``notebook`` the one
    that helps. ``reads`` are all parts whose files and options decide the result; ``parameters``
    how the names of the parameters begin that do. ``maps`` says whether it needs the grid,
    ``places`` whether the boundary decides its result.
    """

    plan: Callable
    needs: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    notebook: str = ""
    reads: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    maps: bool = True
    places: bool = True


#: Indicators in the order in which they are made.
INDICATORS = {
    "land_cover": Indicator(
        land.land_cover, sections=("land_cover",), notebook="02", reads=("land_cover",)
    ),
    "productivity": Indicator(
        land.productivity,
        needs=("land_cover",),
        reads=("productivity", "land_cover"),
        parameters=("alpha", "trend_", "state_", "performance_", "minimum_"),
    ),
    "soil": Indicator(
        land.soil_carbon,
        needs=("land_cover",),
        reads=("soil", "land_cover"),
        parameters=("soil_",),
    ),
    "degradation": Indicator(
        land.land_degradation,
        needs=("land_cover", "productivity", "soil"),
        parameters=("missing",),
    ),
    "population": Indicator(
        people.population, sections=("population",), notebook="09", reads=("population",)
    ),
    "exposure": Indicator(
        people.exposure,
        needs=("land_cover", "degradation", "population"),
        sections=("population",),
        notebook="09",
        reads=("population",),
        parameters=("population_",),
    ),
    "drought_index": Indicator(
        people.drought_index,
        sections=("drought",),
        notebook="10",
        reads=("drought",),
        parameters=("drought_",),
    ),
    "drought": Indicator(
        people.drought,
        needs=("land_cover", "drought_index"),
        sections=("drought",),
        notebook="10",
    ),
    "drought_exposure": Indicator(
        people.drought_exposure,
        needs=("drought_index", "population"),
        sections=("population",),
        notebook="11",
        reads=("population",),
    ),
    "vulnerability": Indicator(
        people.vulnerability,
        sections=("vulnerability",),
        notebook="12",
        reads=("vulnerability",),
        maps=False,
        places=False,
        parameters=("alpha", "minimum_"),
    ),
    "statistics": Indicator(
        forms.statistics,
        sections=("statistics",),
        notebook="08",
        reads=("statistics",),
        maps=False,
        places=False,
        parameters=("alpha", "minimum_"),
    ),
    "red_list": Indicator(
        forms.red_list,
        sections=("species",),
        notebook="13",
        reads=("species",),
        maps=False,
        places=False,
    ),
    "protected_areas": Indicator(
        forms.protected_areas,
        sections=("key_biodiversity_areas",),
        notebook="13",
        reads=("key_biodiversity_areas",),
        maps=False,
    ),
    "targets": Indicator(
        targets.targets,
        needs=("land_cover", "degradation"),
        sections=("targets",),
        notebook="07",
        reads=("targets",),
    ),
    "finance": Indicator(
        forms.finance,
        sections=("finance",),
        notebook="14",
        reads=("finance",),
        maps=False,
        places=False,
    ),
    "narrative": Indicator(
        forms.narrative,
        sections=("narrative", "additional_indicators"),
        notebook="15",
        reads=("narrative", "additional_indicators"),
        maps=False,
        places=False,
    ),
}
NEEDS = {name: indicator.needs for name, indicator in INDICATORS.items()}


def rests_on(indicator: str) -> list[str]:
    """An indicator and all that it needs, in the order in which they are made.

    Examples
    --------
    >>> rests_on("drought")
    ['land_cover', 'drought_index', 'drought']
    """
    needed = {indicator}
    for name in reversed(INDICATORS):
        if name in needed:
            needed.update(NEEDS[name])
    return [name for name in INDICATORS if name in needed]


def available(country) -> list[str]:
    """The indicators that a country file gives enough for, in the order in which they are made."""
    found: list[str] = []
    for name, indicator in INDICATORS.items():
        given = not indicator.sections or _given(country, indicator)
        if given and all(needed in found for needed in indicator.needs):
            found.append(name)
    return found


def _given(country, indicator: Indicator) -> bool:
    return any(getattr(country, section) for section in indicator.sections)


def make(country, indicator: str, results: Mapping) -> Plan:
    """The plan of an indicator; ``results`` are those it needs.

    Raises
    ------
    InputError
        The country file has no section for it.
    """
    known = INDICATORS[indicator]
    if indicator != "land_cover" and known.sections and not _given(country, known):
        raise InputError([remarks.no_section(country, known.sections[0], known.notebook)])
    return known.plan(country, results)
