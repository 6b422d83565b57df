"""Form SO1-4, checked by people: error polygons, hotspots, brightspots, and a reference sample.

``start`` opens what there is, ``Effect`` says what the corrections do, ``save`` writes the files
that a country file names, and ``workshop`` is a form with a map for all of it.
"""

from ldnkit.verification.charts import effect_chart, figure, outline_of, share_chart
from ldnkit.verification.checks import findings
from ldnkit.verification.effect import Effect, degraded, shares_of
from ldnkit.verification.files import read, restore, save, start, store, with_files
from ldnkit.verification.geometries import geometry
from ldnkit.verification.polygons import KINDS, PROCESSES, Polygons
from ldnkit.verification.sampling import confidence, draw, error_matrix, mapped, practice

__all__ = [
    "KINDS",
    "PROCESSES",
    "Effect",
    "Polygons",
    "confidence",
    "degraded",
    "draw",
    "effect_chart",
    "error_matrix",
    "figure",
    "findings",
    "geometry",
    "interactive",
    "mapped",
    "outline_of",
    "practice",
    "read",
    "restore",
    "save",
    "share_chart",
    "shares_of",
    "start",
    "store",
    "with_files",
    "workshop",
]


def interactive(*arguments, **options):
    """The map with all polygons (see :func:`ldnkit.verification.webmap.interactive`)."""
    from ldnkit.verification.webmap import interactive as make

    return make(*arguments, **options)


def workshop(*arguments, **options):
    """A form with a map (see :func:`ldnkit.verification.desk.workshop`)."""
    from ldnkit.verification.desk import workshop as make

    return make(*arguments, **options)
