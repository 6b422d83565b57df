"""Layers of a package as single-band GeoTIFFs on their own grid, bit by bit as they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import numpy as np

from ldnkit.findings import Finding, listed, stop_on_errors
from ldnkit.sources.trends_earth import bands
from ldnkit.sources.trends_earth.packages import Package, open_package
from ldnkit.tables import NODATA

#: Rows and columns read at a time.
ROWS, COLUMNS = 512, 16_384
_TILE = 256
_CACHE = 64 * 2**20


def extract(
    package: Package | str | Path,
    folder: str | Path,
    *,
    layers: Collection[str] | None = None,
) -> dict[str, Path]:
    """Write the known layers of a package as GeoTIFFs with one band each.

    Values, grid and reference system stay those of the band: nothing is resampled. No data is
    -32768 in every file; the codes 0 and 15 of land productivity dynamics and the mask -32767 of
    Trends.Earth become no data. Whole numbers are int16, others float32. Stored values keep
    their scale, which the file names in its tags: NDVI × 10 000, SPI × 1000.

    Parameters
    ----------
    package : Package or path
    folder : str or Path
        Where the files go; those of the same name are replaced when all layers are good.
    layers : collection of str, optional
        Names of layers (``package.layers["layer"]``); by default all that are known.

    Returns
    -------
    dict of str to Path
        Output name, such as ``lpd_trends_earth_baseline``, to its file.

    Raises
    ------
    InputError
        Codes or values that such a band cannot hold, two bands for one layer, layers asked for
        and absent. All are listed and no file is written.

    Examples
    --------
    >>> files = extract("KEN_SDG15.tar.gz", "KEN/layers")  # doctest: +SKIP
    """
    package = package if isinstance(package, Package) else open_package(package)
    rows = package.layers[package.layers["layer"] != ""]
    findings: list[Finding] = []
    if layers is not None:
        absent = sorted(set(layers) - set(rows["layer"]))
        findings += [package.missing(name) for name in absent]
        rows = rows[rows["layer"].isin(list(layers))]
    for output, same in rows.groupby("output"):
        if len(same) > 1:
            findings.append(_twice(package, output, same))
    stop_on_errors(findings)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    parts = {
        row["output"]: folder / f".{row['output']}.part.tif" for row in rows.to_dict("records")
    }
    try:
        for row in rows.to_dict("records"):
            findings += _write(package, row, parts[row["output"]])
        stop_on_errors(findings)
        files = {output: folder / f"{output}.tif" for output in parts}
        for output, part in parts.items():
            part.replace(files[output])
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return files


def _twice(package: Package, output: str, same) -> Finding:
    found = "; ".join(f"{row['name']}, {row['first']}-{row['last']}, band {row['band']} of "
                      f"{row['file']}" for row in same.to_dict("records"))  # fmt: skip
    remedy = "Take the files apart: one folder or JSON per package."
    expected = "one band for each layer and period"
    return Finding("error", f"{package.path.name}: {output}", found, expected, remedy, "16")


def _write(package: Package, row: dict, target: Path) -> list[Finding]:
    """Copy one band window by window; what is wrong with its values."""
    import rasterio

    kind = bands.kinds()[bands.simplified(row["name"])]
    strange: Counter = Counter()
    with rasterio.Env(GDAL_CACHEMAX=_CACHE), rasterio.open(package.folder / row["file"]) as source:
        if source.crs is None:
            remedy = "Assign its coordinate reference system in your GIS and save it again."
            return [Finding("error", row["file"], "no coordinate reference system",
                            "a raster that can be placed", remedy, "16")]  # fmt: skip
        dtype = stored_type(row["dtype"], kind.kind)
        profile = {
            "driver": "GTiff", "width": source.width, "height": source.height, "count": 1,
            "dtype": dtype, "crs": source.crs, "transform": source.transform, "nodata": NODATA,
            "tiled": True, "blockxsize": _TILE, "blockysize": _TILE, "compress": "zstd",
            "zstd_level": 3, "BIGTIFF": "IF_SAFER",
        }  # fmt: skip
        with rasterio.open(target, "w", **profile) as copy:
            copy.set_band_description(1, bands.label_of(row["name"], _years(row)))
            copy.update_tags(
                SOURCE=f"Trends.Earth, {package.path.name}",
                LAYER=row["output"],
                SCALE=f"{kind.scale:g}",
                UNIT=kind.unit,
            )
            for window in windows(source.height, source.width):
                values = source.read(row["band"], window=window)
                clean, odd = cleaned(values, kind, row["nodata"], dtype)
                strange.update(odd)
                copy.write(clean, 1, window=window)
    return [_strange(row, kind, strange)] if strange else []


def _years(row: dict) -> dict:
    if row["last"] is None or row["last"] != row["last"]:
        return {}
    return {"year_initial": row["first"], "year_final": row["last"]}


def stored_type(dtype: str, kind: str = "class") -> str:
    """The type in which a band is kept: int16 for classes and small whole numbers, else float32.

    Examples
    --------
    >>> stored_type("uint8"), stored_type("int32", "value"), stored_type("float64", "value")
    ('int16', 'float32', 'float32')
    """
    small = np.can_cast(np.dtype(dtype), np.int16)
    return "int16" if kind == "class" or small else "float32"


def windows(height: int, width: int):
    """Windows that cover a raster once, a bounded number of cells each."""
    from rasterio.windows import Window

    for row in range(0, height, ROWS):
        for column in range(0, width, COLUMNS):
            yield Window(column, row, min(COLUMNS, width - column), min(ROWS, height - row))


def cleaned(values: np.ndarray, kind: bands.Kind, nodata, dtype: str) -> tuple[np.ndarray, Counter]:
    """Values with one value for no data, and those that such a band cannot hold with their cells.

    Examples
    --------
    >>> kind = bands.kinds()["land_productivity_dynamics_from_jrc"]
    >>> clean, odd = cleaned(np.array([0, 3, 15, 9]), kind, -32768, "int16")
    >>> clean.tolist(), dict(odd)
    ([-32768, 3, -32768, 9], {9.0: 1})
    """
    missing = np.isin(values, (*kind.fill, NODATA))
    if nodata is not None and nodata == nodata:
        missing |= values == nodata
    if values.dtype.kind == "f":
        missing |= np.isnan(values)
    outside = np.zeros(values.shape, bool)
    if kind.minimum == kind.minimum:
        outside |= values < kind.minimum
    if kind.maximum == kind.maximum and (kind.kind == "class" or dtype == "int16"):
        outside |= values > kind.maximum
    if kind.kind == "class" and values.dtype.kind == "f":
        outside |= values != np.rint(values)
    odd = _counted(values[outside & ~missing], kind)
    with np.errstate(invalid="ignore", over="ignore"):
        result = np.where(missing, NODATA, values).astype(dtype)
    return result, odd


def _counted(values: np.ndarray, kind: bands.Kind) -> Counter:
    """Strange codes with their cells; of values only the one that is farthest off."""
    if not values.size:
        return Counter()
    if kind.kind == "value":
        low = kind.minimum == kind.minimum and values.min() < kind.minimum
        return Counter({float(values.min() if low else values.max()): int(values.size)})
    found, cells = np.unique(values, return_counts=True)
    return Counter(dict(zip(map(float, found), map(int, cells), strict=True)))


def _strange(row: dict, kind: bands.Kind, strange: Counter) -> Finding:
    codes = [f"{value:g} ({cells} cells)" for value, cells in sorted(strange.items())]
    limits = [f"{limit:g}" for limit in (kind.minimum, kind.maximum) if limit == limit]
    expected = f"values from {' to '.join(limits)}" if len(limits) == 2 else f"from {limits[0]} on"
    remedy = "Ask its publisher what these codes mean; nothing was written."
    where = f"{row['file']}: {bands.label_of(row['name'], _years(row))}"
    return Finding("error", where, listed(codes), expected, remedy, "16")
