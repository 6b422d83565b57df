"""A package of Landia in the form of a Trends.Earth package, for the lesson on exchange.

It holds results of the workbook, not of Trends.Earth, and all of it is synthetic.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from pathlib import Path

from ldnkit.sources.rasters import Raster
from ldnkit.tables import NODATA

NAME = "XLD_synthetic_SDG15_TrendsEarth-LPD-5_UNCCD-legend.tar.gz"


def write(country, results, folder: str | Path) -> Path:
    """Write land cover and land productivity of a country as one archive.

    Parameters
    ----------
    country : Country
        Landia.
    results : mapping of str to Result
        With ``land_cover`` and ``productivity``.
    folder : str or Path
        Made when absent; an archive that is there already is replaced.

    Returns
    -------
    Path
        The tar.gz archive: a GeoTIFF with a band for each map, its RasterResults, the area.

    Examples
    --------
    >>> write(country, ldnkit.results(country), "outputs/package")  # doctest: +SKIP
    """
    bands = []
    for year in country.cycle.land_cover_years:
        layer = results["land_cover"].layers[f"land_cover_{year}"]
        bands.append(("Land cover (7 class)", {"year": year}, layer))
    for period in country.cycle.periods:
        layer = results["productivity"].layers[f"land_productivity_{period.name}"]
        years = {"year_initial": period.trend_years[0], "year_final": period.trend_years[-1]}
        bands.append(("Land Productivity Dynamics (from Trends.Earth)", years, layer))
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".package-") as temporary:
        made = Path(temporary)
        _raster(country.grid, [layer for *_, layer in bands], made / "XLD_synthetic.tif")
        text = json.dumps(_results(bands, "XLD_synthetic.tif"), indent=1)
        (made / "XLD_synthetic.json").write_text(text, encoding="utf-8")
        country.boundary.to_file(made / "XLD_area.geojson", driver="GeoJSON")
        partial = made / "archive"
        with tarfile.open(partial, "w:gz") as archive:
            for file in sorted(made.glob("XLD_*")):
                archive.add(file, file.name)
        return partial.replace(folder / NAME)


def _raster(grid, layers, path: Path) -> None:
    import rasterio

    height, width = grid.shape
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=height,
        width=width,
        count=len(layers),
        dtype="int16",
        crs=grid.crs.to_wkt(),
        transform=grid.transform,
        nodata=NODATA,
        compress="zstd",
    ) as target:
        for number, layer in enumerate(layers, 1):
            target.write(Raster(layer).read(grid), number)


def _results(bands, file: str) -> dict:
    listed = [
        {"name": name, "metadata": years, "no_data_value": NODATA, "activated": True,
         "add_to_map": True}
        for name, years, _ in bands
    ]  # fmt: skip
    raster = {
        "datatype": "Int16",
        "filetype": "GeoTiff",
        "type": "One file raster",
        "uri": {"uri": file, "type": "local"},
        "bands": listed,
    }
    return {
        "type": "RasterResults",
        "name": "Landia, synthetic training data",
        "uri": None,
        "data": {},
        "rasters": {"Int16": raster},
    }
