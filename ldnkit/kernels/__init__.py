"""What the engine does with one block of each indicator.

:func:`ldnkit.blocks.run` calls every kernel as ``kernel(arrays, grid)`` and gets layers and
partial tables. Kernels use the same pure functions as the notebooks; options are bound with
``functools.partial``.
"""

from ldnkit.kernels.land import (
    land_cover,
    land_degradation,
    productivity_dynamics,
    productivity_reference,
    ready_dynamics,
    soil_carbon,
)
from ldnkit.kernels.people import (
    drought_areas,
    drought_exposure,
    drought_index,
    given_index,
    land_exposure,
    population,
)
from ldnkit.kernels.targets import target_areas

__all__ = [
    "drought_areas",
    "drought_exposure",
    "drought_index",
    "given_index",
    "land_cover",
    "land_degradation",
    "land_exposure",
    "population",
    "productivity_dynamics",
    "productivity_reference",
    "ready_dynamics",
    "soil_carbon",
    "target_areas",
]
