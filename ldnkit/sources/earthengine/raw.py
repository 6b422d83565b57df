"""Layers of a country from Earth Engine, as files for the local engine.

Every layer is fetched on the data set's own grid: nothing is resampled on the server, and the
local engine brings it to the country's grid by its own rules. The files can be named in
country.yml like any others.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from ldnkit.periods import closest_year
from ldnkit.sources.earthengine import signin
from ldnkit.sources.earthengine import tiles as cutting
from ldnkit.sources.earthengine.fetch import fetch

#: Layer -> (how its values travel, layer in the table of assets).
LAYERS = {
    "land_cover": ("class", "land_cover"),
    "productivity": ("integer", "productivity"),
    "units": ("class", "units"),
    "soil_reference": ("value", "soil_reference"),
    "soil_climate": ("class", "soil_climate"),
    "population": ("persons", "population"),
    "drought_series": ("value", "precipitation"),
}


@dataclass(frozen=True)
class Request:
    """What will be asked for: image, grid, kind, bands, file, and the year that is used."""

    image: object
    grid: object
    kind: str
    bands: tuple[str, ...]
    path: Path
    dataset: str
    year: int

    @property
    def estimate(self) -> cutting.Estimate:
        """Requests, megabytes and minutes, before anything is fetched."""
        return cutting.estimate(self.grid, kind=self.kind, bands=len(self.bands))


def request(country, layer, year=None, *, dataset=None, sex="total", season=None) -> Request:
    """What fetching a layer would ask for; look at its ``estimate`` first.

    Parameters
    ----------
    country : Country
    layer : str
        land_cover, productivity, units, soil_reference, soil_climate, population, drought_series.
    year : int, optional
        The year or, where the data set lacks it, the closest; the only one for layers without.
    dataset : str, optional
        Another data set of ``earthengine_assets.csv`` than the default.
    sex : {"total", "female", "male"}
        For ``population``; female and male exist for 2020 only.
    season : (int, int), optional
        Months of the growing season, for ``productivity``.

    Raises
    ------
    ValueError
        Unknown layer or data set.
    EarthEngineError
        Not signed in, or the data set cannot be reached.
    """
    if layer not in LAYERS:
        raise ValueError(
            f"Earth Engine does not serve this layer: found {layer!r}; use one of "
            f"{', '.join(LAYERS)}."
        )
    signin.require(country)
    from ldnkit.sources.earthengine import collections
    from ldnkit.sources.earthengine.problems import explained

    kind, name = LAYERS[layer]
    if layer == "population" and sex != "total":
        name = "population_sex"
    what = collections.asset(dataset) if dataset else collections.default_of(name)
    if what.layer != name:
        raise ValueError(
            f"The data set does not hold this layer: found {what.dataset} ({what.layer}); use one "
            f"of {', '.join(collections.assets(name)['dataset'])}."
        )
    used = closest_year(what.years[0] if year is None else year, list(what.years))
    bands = tuple(f"m{month:02d}" for month in range(1, 13)) if layer == "drought_series" else ()
    image = _image(collections, layer, what, used, country.iso3, sex, season)
    try:
        grid = native_grid(collections.native(what, used, iso3=country.iso3), country)
    except Exception as error:
        raise explained(error, country.language) from None
    parts = [layer, what.dataset, *([sex] if layer == "population" else [])]
    parts += [str(used)] if len(what.years) > 1 else []
    path = country.folder_results / "earthengine" / f"{'_'.join(parts)}.tif"
    return Request(image, grid, kind, bands or ("value",), path, what.dataset, used)


def _image(collections, layer, what, year, iso3, sex, season):
    if layer == "drought_series":
        return collections.months(what, year)
    if layer == "productivity" and what.kind == "collection":
        from ldnkit.sources.earthengine import productivity, shared

        composites = collections.composites(what, year, year)
        yearly = productivity.annual(composites, years=(year, year), season=season)
        import ee

        return shared.rint(ee.Image(yearly.first()))
    return collections.image(what, year, iso3=iso3, sex=sex)


def fetch_layer(country, layer, year=None, *, dataset=None, sex="total", season=None, **options):
    """Fetch a layer into ``outputs/<ISO3>/earthengine`` and return the file's path.

    A file that is there is not fetched again; a fetch that stopped is taken up.

    Parameters
    ----------
    country, layer, year, dataset, sex, season
        As for :func:`request`.
    **options
        ``side``, ``workers``, ``attempts``, ``progress``, ``pause`` of :func:`.fetch.fetch`.

    Returns
    -------
    Path

    Examples
    --------
    >>> fetch_layer(country, "land_cover", 2015)  # doctest: +SKIP
    """
    asked = request(country, layer, year, dataset=dataset, sex=sex, season=season)
    return fetch(
        asked.image,
        asked.grid,
        asked.path,
        kind=asked.kind,
        bands=asked.bands,
        language=country.language,
        **options,
    )


def load(country, layer, year=None, *, window=None, dataset=None, sex="total", **options):
    """A layer from Earth Engine as a labelled array, like :func:`ldnkit.sources.load`.

    Parameters
    ----------
    country, layer, year, dataset, sex
        As for :func:`request`.
    window : GeoBox, optional
        The part of the country's grid; ``country.window()`` by default. People and precipitation
        stay on their own grid.

    Returns
    -------
    DataArray
        Dims (y, x), or (month, y, x) for ``drought_series``; int16 with -32768 or floats with
        NaN. Attributes ``years_used`` and ``dataset``.
    """
    import numpy as np
    import xarray as xr
    from odc.geo.xr import xr_coords

    from ldnkit.sources.rasters import Raster

    asked = request(country, layer, year, dataset=dataset, sex=sex)
    path = fetch(
        asked.image,
        asked.grid,
        asked.path,
        kind=asked.kind,
        bands=asked.bands,
        language=country.language,
        **options,
    )
    own = layer in ("population", "drought_series")
    grid = asked.grid if own else (country.window() if window is None else window)
    if own:
        import rasterio

        with rasterio.open(path) as source:
            values = source.read()
        values = values if len(asked.bands) > 1 else values[0]
    else:
        values = Raster(path, "class" if asked.kind == "class" else "value").read(grid)
    coords = dict(xr_coords(grid))
    dims = tuple(name for name in coords if name != "spatial_ref")
    if values.ndim == 3:
        coords["month"] = np.arange(1, 13)
        dims = ("month", *dims)
    array = xr.DataArray(values, coords, dims, name=layer)
    array = array.rename({dims[-2]: "y", dims[-1]: "x"}) if dims[-2:] != ("y", "x") else array
    return array.assign_attrs(years_used=str(asked.year), dataset=asked.dataset)


def native_grid(image, country):
    """The cells of an image's own grid that cover the country (GeoBox), north up.

    Across 180° in a projected grid (MODIS) the country's own grid is taken instead.
    """
    from affine import Affine
    from odc.geo.geobox import GeoBox
    from pyproj import CRS

    info = image.projection().getInfo()
    code = info.get("crs", "")
    known = code.startswith("EPSG:")
    system = CRS.from_user_input(code if known else image.projection().wkt().getInfo())
    if country.crosses_180 and system.is_projected:
        return country.grid
    a, b, c, d, e, f = info["transform"]
    if b or d:
        return country.grid
    width, height = abs(a), abs(e)
    outline = country.boundary
    outline = outline if system.is_geographic else outline.to_crs(system)
    west, south, east, north = outline.total_bounds
    left, right = math.floor((west - c) / width) - 1, math.ceil((east - c) / width) + 1
    top, bottom = math.floor((f - north) / height) - 1, math.ceil((f - south) / height) + 1
    corner = Affine(width, 0, c + left * width, 0, -height, f - top * height)
    return GeoBox((bottom - top, right - left), corner, code if known else system.to_wkt())
