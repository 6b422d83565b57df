"""Rasters of SEPAL's module for SDG 15.3.1, in the codes of the workbook."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ldnkit import lookup, tables
from ldnkit.findings import Finding, InputError
from ldnkit.tables import NODATA


def kinds() -> tuple[str, ...]:
    """What :func:`read` can read.

    Examples
    --------
    >>> kinds()
    ('degradation', 'land_cover')
    """
    return tuple(dict.fromkeys(tables.read("sepal_codes")["kind"]))


def codes(kind: str) -> pd.DataFrame:
    """Code of SEPAL and class of the workbook: code, class, name.

    Raises
    ------
    ValueError
        Unknown kind.

    Examples
    --------
    >>> codes("degradation")[["code", "class"]].values.tolist()
    [[0, -32768], [1, -1], [2, 0], [3, 1]]
    """
    if kind not in kinds():
        raise ValueError(f"Unknown kind of SEPAL raster: found {kind!r}; use {', '.join(kinds())}.")
    table = tables.read("sepal_codes")
    return table.loc[table["kind"] == kind, ["code", "class", "name"]].reset_index(drop=True)


def classes(values, kind: str):
    """Codes of SEPAL as classes: degradation -1, 0, 1, or land cover 1 to 7.

    Parameters
    ----------
    values : ndarray or DataArray, integers
        Codes; -32768 is no data, too. Dask arrays stay lazy.
    kind : {"degradation", "land_cover"}
        Degradation (also of a sub-indicator): 0 no data, 1 degraded, 2 stable, 3 improved. Land
        cover: 10, 20, … 70 in the order of the seven UNCCD classes, 0 no data.

    Raises
    ------
    InputError
        Codes that are not in the list; they are named.

    References
    ----------
    SEPAL, module for SDG 15.3.1, codes of its rasters.

    Examples
    --------
    >>> classes(np.array([[0, 1], [2, 3]], np.int16), "degradation").tolist()
    [[-32768, -1], [0, 1]]
    """
    table = codes(kind)
    return lookup.apply(table, ["code"], "class", values, what=f"codes of SEPAL, {kind}")


def read(path: str | Path, kind: str, *, target: str | Path | None = None):
    """Read a raster of SEPAL, or write it as a GeoTIFF that a country file can name.

    Parameters
    ----------
    path : str or Path
        The raster; its first band is read.
    kind : {"degradation", "land_cover"}
    target : str or Path, optional
        Write here, window by window, and return the path; for whole countries.

    Returns
    -------
    DataArray, dims (y, x), int16, or Path
        On the raster's own grid, with -32768 for no data.

    Raises
    ------
    InputError
        Unknown codes, with the number of their cells; no file is written.

    Examples
    --------
    >>> sdg = read("sdg_15_3_1.tif", "degradation")  # doctest: +SKIP
    """
    import rasterio

    path = Path(path)
    table = codes(kind)
    with rasterio.open(path) as source:
        _check(source, table, path, kind)
        if target is not None:
            return _write(source, table, Path(target))
        values = _translated(source.read(1), table, source.nodata)
        return _labelled(values, source, path.stem)


def _check(source, table, path, kind) -> None:
    from ldnkit.sources.trends_earth.extraction import windows

    known = [*table["code"], NODATA, *([] if source.nodata is None else [source.nodata])]
    strange: dict[float, int] = {}
    for window in windows(source.height, source.width):
        values = source.read(1, window=window)
        odd = values[~np.isin(values, known) & ~np.isnan(values.astype(float))]
        for code, cells in zip(*np.unique(odd, return_counts=True), strict=True):
            strange[float(code)] = strange.get(float(code), 0) + int(cells)
    if strange:
        found = ", ".join(f"{code:g} ({cells} cells)" for code, cells in sorted(strange.items()))
        expected = f"the codes {', '.join(map(str, table['code']))} of {kind}"
        remedy = "Choose the other kind, or give the raster with its own nesting in country.yml."
        raise InputError([Finding("error", path.name, found, expected, remedy, "16")])


def _translated(values, table, nodata) -> np.ndarray:
    result = np.full(values.shape, NODATA, np.int16)
    for code, to in zip(table["code"], table["class"], strict=True):
        if code != nodata:
            result[values == code] = to
    return result


def _labelled(values, source, name):
    import xarray as xr
    from odc.geo.geobox import GeoBox
    from odc.geo.xr import xr_coords

    grid = GeoBox(values.shape, source.transform, source.crs.to_wkt())
    coords = dict(xr_coords(grid))
    rows, columns = (each for each in coords if each != "spatial_ref")
    array = xr.DataArray(values, coords, (rows, columns), name=name)
    return array if (rows, columns) == ("y", "x") else array.rename({rows: "y", columns: "x"})


def _write(source, table, target: Path) -> Path:
    import rasterio

    from ldnkit.sources.trends_earth.extraction import windows

    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.stem}.part.tif")
    profile = {
        "driver": "GTiff", "width": source.width, "height": source.height, "count": 1,
        "dtype": "int16", "crs": source.crs, "transform": source.transform, "nodata": NODATA,
        "tiled": True, "blockxsize": 256, "blockysize": 256, "compress": "zstd",
    }  # fmt: skip
    try:
        with rasterio.open(part, "w", **profile) as copy:
            for window in windows(source.height, source.width):
                values = source.read(1, window=window)
                copy.write(_translated(values, table, source.nodata), 1, window=window)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target
