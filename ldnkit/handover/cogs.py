"""The maps of the results as Cloud Optimized GeoTIFFs, with what they mean written into them.

Deflate at level 6 is used although zstd takes a third less time: every GIS program reads deflate,
some programs are built without zstd. A map of 10 000 × 10 000 cells takes 3 s (classes) to 21 s
(quantities) on two processors. The layers of the results themselves stay zstd.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from ldnkit import __version__, tables
from ldnkit.handover import styles
from ldnkit.handover.layers import Layer, described, sources_of

#: Cells along a side of a tile; a map that fits in one tile has no overviews.
TILE = 512
#: Memory for rasters while a file is written.
CACHE = 128 * 2**20
OPTIONS = {
    "driver": "COG",
    "compress": "DEFLATE",
    "level": 6,
    "predictor": "YES",
    "blocksize": TILE,
    "bigtiff": "IF_SAFER",
    "num_threads": 2,
}


def write(
    country,
    results: Mapping,
    folder: str | Path,
    *,
    language: str | None = None,
    licence: str = "",
    progress: Callable[[str], None] | None = None,
) -> dict[Path, str]:
    """Write every map of the results that belongs in the package.

    Beside each GeoTIFF lie a QGIS style (``.qml``) and, for classes, an attribute table
    (``.tif.aux.xml``).

    Parameters
    ----------
    country : Country
    results : mapping of indicator to Result
    folder : path
        Made when it does not exist.
    language : {"en", "fr", "es", "ru", "ar", "zh"}, optional
        Language of titles and class names beside English; by default that of the country.
    licence : str
        Licence of the report, as a tag.
    progress : callable, optional
        Called with the title of each map before it is written.

    Returns
    -------
    dict of Path to str
        Each file and what it is.

    Raises
    ------
    KeyError
        A layer that the list of layers does not know.
    OSError
        A layer cannot be read, or the disk is full.

    Examples
    --------
    >>> write(country, ldnkit.results(country), "layers")  # doctest: +SKIP
    """
    language, folder = language or country.language, Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written: dict[Path, str] = {}
    for layer in described(country, results):
        if progress is not None:
            progress(layer.titles[language])
        tags = tags_of(country, layer, results[layer.indicator], language, licence)
        path = folder / f"{layer.name}.tif"
        convert(layer, path, tags, language)
        written[path] = layer.titles[language]
        written |= styles.write(layer, path, language)
    return written


def tags_of(country, layer: Layer, result, language: str, licence: str = "") -> dict[str, str]:
    """What is written into the file of a map.

    Parameters
    ----------
    country : Country
    layer : Layer
    result : Result
        The one the layer belongs to.
    language : str
    licence : str

    Returns
    -------
    dict of str to str
    """
    metadata = sources_of(country, layer.indicator)
    cited = [each["citation"] or each["title"] for each in metadata]
    tags = {
        "TITLE": layer.titles["en"],
        "COUNTRY": country.iso3,
        "INDICATOR": layer.indicator,
        "PRAIS_TABLE": layer.table,
        "YEARS": layer.years,
        "YEARS_USED": ", ".join(f"{year}: {used}" for year, used in layer.used.items()),
        "UNIT": layer.unit_name(),
        "METHOD": country.method,
        "SOURCE": "; ".join(dict.fromkeys(cited)),
        "LICENCE": licence,
        "SOFTWARE": f"ldnkit {__version__}",
        "RESULT_KEY": result.key,
        "SYNTHETIC": tables.label("notice.synthetic") if country.synthetic else "",
        "DISCLAIMER": tables.label("notice.boundaries"),
    }
    if layer.values == "classes":
        for each in layer.classes.to_dict("records"):
            tags[f"CLASS_{each['code']}"] = each["en"]
            tags[f"COLOUR_{each['code']}"] = each["colour"]
        tags[f"CLASS_{tables.NODATA}"] = tables.label("no_data")
    if language != "en":
        tags |= _in(language, layer)
    return {name: text for name, text in tags.items() if text}


def _in(language: str, layer: Layer) -> dict[str, str]:
    """Title, unit and class names in another language; their tags end with its code."""
    ending = language.upper()
    tags = {
        f"TITLE_{ending}": layer.titles[language],
        f"UNIT_{ending}": layer.unit_name(language),
    }
    if layer.values == "classes":
        for each in layer.classes.to_dict("records"):
            tags[f"CLASS_{each['code']}_{ending}"] = each[language]
    return tags


def convert(layer: Layer, path: Path, tags: Mapping[str, str], language: str = "en") -> None:
    """Write one map as a Cloud Optimized GeoTIFF; its values stay the same to the bit.

    Overviews show the nearest cell of classes and the average of quantities.
    GDAL reads and writes tile by tile, so memory does not grow with the map.

    Parameters
    ----------
    layer : Layer
    path : Path
        Appears only when it is complete.
    tags : mapping of str to str
    language : str
        Of the description of the band.
    """
    import rasterio
    import rasterio.shutil

    resampling = "NEAREST" if layer.values == "classes" else "AVERAGE"
    unfinished = path.with_name(f"{path.name}.part")
    # a virtual copy carries the tags: tags written afterwards would break the layout of the file
    virtual = f"/vsimem/{uuid.uuid4().hex}.vrt"
    with rasterio.Env(GDAL_CACHEMAX=CACHE, GDAL_PAM_ENABLED="NO"):
        rasterio.shutil.copy(str(layer.path.resolve()), virtual, driver="VRT")
        try:
            with rasterio.open(virtual, "r+") as copy:
                copy.update_tags(**tags)
                copy.set_band_description(1, layer.titles[language])
                if layer.unit:
                    copy.units = (layer.unit_name(),)
            options = OPTIONS | {"overview_resampling": resampling}
            rasterio.shutil.copy(virtual, str(unfinished), **options)
        finally:
            rasterio.shutil.delete(virtual, driver="VRT")
    unfinished.replace(path)
