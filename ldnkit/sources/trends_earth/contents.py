"""Files of a package: what a JSON file holds, where a raster is, what a VRT joins."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import unquote
from xml.etree import ElementTree

from ldnkit.findings import Finding

#: Endings of rasters.
RASTERS = (".tif", ".tiff", ".vrt")
_NOTEBOOK = "16"


def read_json(file: Path, findings: list[Finding], *, required: bool):
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except (ValueError, OSError) as error:
        severity = "error" if required else "warning"
        remedy = "Get the file again; without it, its layers are not known."
        findings.append(
            Finding(severity, file.name, f"no JSON ({error})", "a JSON file", remedy, _NOTEBOOK)
        )
        return None


def is_area(content) -> bool:
    """Polygons of an area; error polygons, which have recodes, are something else."""
    if not isinstance(content, Mapping) or content.get("type") != "FeatureCollection":
        return False
    features = content.get("features") or []
    recodes = any("recode_deg_to" in (each.get("properties") or {}) for each in features)
    shapes = {(each.get("geometry") or {}).get("type") for each in features}
    return bool(shapes & {"Polygon", "MultiPolygon"}) and not recodes


def rasters_of(content) -> Iterator[Mapping]:
    """Every raster of a RasterResults, alone or inside the file of a task."""
    if isinstance(content, list):
        for part in content:
            yield from rasters_of(part)
    elif isinstance(content, Mapping):
        rasters = content.get("rasters")
        if isinstance(rasters, Mapping):
            yield from (each for each in rasters.values() if isinstance(each, Mapping))
        elif "results" in content:
            yield from rasters_of(content["results"])


def file_of(uri) -> str:
    """The file name in a uri: plain, or inside ``{"uri": …}``; folders elsewhere are left out."""
    while isinstance(uri, Mapping):
        uri = uri.get("uri")
    if not uri:
        return ""
    text = unquote(str(uri).partition("?")[0])
    return PureWindowsPath(PurePosixPath(text).name).name


def located(name: str, text: Path, folder: Path, stems: tuple[str, ...] = ()) -> Path | None:
    """The raster: by its name beside the JSON or in the package, else by one of the stems."""
    if name:
        beside = text.parent / name
        if beside.is_file():
            return beside
        elsewhere = sorted(folder.rglob(_escaped(name)))
        if len(elsewhere) == 1:
            return elsewhere[0]
    for stem in stems:
        for ending in RASTERS:
            candidate = text.parent / f"{stem}{ending}"
            if candidate.is_file():
                return candidate
    return None


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "[]*?" else letter for letter in name)


def vrt_sources(file: Path, folder: Path, findings: list[Finding]) -> set[Path]:
    """Files that a VRT joins; those outside the package are refused."""
    if file.suffix.lower() != ".vrt":
        return set()
    try:
        root = ElementTree.fromstring(file.read_bytes())
    except ElementTree.ParseError as error:
        found, remedy = f"no VRT ({error})", "Get the file again."
        findings.append(Finding("error", file.name, found, "a VRT file", remedy, _NOTEBOOK))
        return set()
    sources = set()
    named = (each for each in root.iter() if each.tag in ("SourceFilename", "SourceDataset"))
    for element in named:
        name = (element.text or "").strip()
        placed = element.get("relativeToVRT", element.get("relativetoVRT")) == "1"
        source = (file.parent / name).resolve() if name and placed else None
        remedy = "Get the package again from its publisher."
        if source is None or not source.is_relative_to(folder.resolve()):
            expected = "tiles inside the package, named from the VRT on"
            findings.append(Finding("error", file.name, name, expected, remedy, _NOTEBOOK))
        elif not source.is_file():
            found, expected = f"no file {name}", "every tile that it joins"
            findings.append(Finding("error", file.name, found, expected, remedy, _NOTEBOOK))
        else:
            sources.add(file.parent / name)
    return sources


def facts_of(file: Path, findings: list[Finding]) -> dict | None:
    """Number of bands, types, fill values and descriptions of a raster."""
    if any(f.severity == "error" and f.where == file.name for f in findings):
        return None
    import rasterio

    try:
        with rasterio.open(file) as source:
            return {
                "count": source.count,
                "dtypes": source.dtypes,
                "nodata": source.nodatavals,
                "descriptions": [text or "" for text in source.descriptions],
                "tags": [source.tags(number) for number in source.indexes],
            }
    except rasterio.RasterioIOError as error:
        remedy = "Get the file again."
        findings.append(
            Finding("error", file.name, str(error), "a raster that opens", remedy, _NOTEBOOK)
        )
        return None
