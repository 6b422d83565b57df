"""Species and protected areas (SO4-2, SO4-3): the Red List Index and the cover of key sites.

Plain tables and polygons in, plain tables out. The published series of both indicators come from
the statistics of the country file; what is here computes them from a team's own files. Polygons
of key biodiversity areas and of protected areas are licensed: a team brings its own, none is
packaged.
"""

from ldnkit.biodiversity.assessments import read_assessments
from ldnkit.biodiversity.categories import categories
from ldnkit.biodiversity.computed import compute_coverage, compute_red_list, look
from ldnkit.biodiversity.coverage import protected_coverage, site_coverage
from ldnkit.biodiversity.red_list import red_list_index

__all__ = [
    "categories",
    "compute_coverage",
    "compute_red_list",
    "look",
    "protected_coverage",
    "read_assessments",
    "red_list_index",
    "site_coverage",
]
