"""Earth Engine: the same method on Google's servers, or raw layers for the local engine.

Sign in with :func:`signin.connect` and the team's own project. Then either

* ``raw.load(country, "land_cover", 2015)`` and ``raw.fetch_layer(…)`` bring layers to the cache
  folder of the country, for the local engine; or
* the graph functions of :mod:`landcover`, :mod:`productivity`, :mod:`soil`, :mod:`degradation`,
  :mod:`population` and :mod:`drought` compute on the server, and ``fetch.fetch(…)`` or
  ``export.export(…)`` bring finished classes.

The graph functions take and give Earth Engine images and never ask the server. They carry the
tables of the local engine. They are tested by an evaluator of graphs that works without a server:
graph, local engine and plain loops give the same classes. What only the server itself can show
stays unverified until the tests marked ``live`` have run with a project:

* values of the assets, their bands and fill values, and which years are there;
* resampling when a graph mixes grids (raw layers are fetched on their own grid, so there is none);
* ``reduceResolution``, which shares people among classes, and cells that touch an edge;
* the order of the arguments of ``gammainc`` (the graph finds it out) and its digits;
* that arithmetic in double stays double from end to end;
* limits, quota and speed.

The percentile of the server is not used: its interpolation is not documented.
"""

import importlib

_MODULES = (
    "collections",
    "degradation",
    "drought",
    "export",
    "fetch",
    "landcover",
    "layers",
    "population",
    "problems",
    "productivity",
    "raw",
    "shared",
    "signin",
    "significance",
    "soil",
    "tiles",
)

__all__ = [*_MODULES]


def __getattr__(name):
    if name in _MODULES:  # only then is the client of Earth Engine imported
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"{__name__} has no {name!r}. It has {', '.join(_MODULES)}.")
