"""Packages of Trends.Earth: which layers there are, and in which file and band each lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ldnkit import tables
from ldnkit.findings import Finding, InputError, listed, stop_on_errors
from ldnkit.sources.trends_earth import archives, bands, contents

#: Columns of the table of layers.
COLUMNS = ("name", "layer", "output", "period", "first", "last", "type", "file", "band", "dtype",
           "nodata", "activated", "scale", "unit")  # fmt: skip
_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz")
#: Layouts of rasters whose bands have no names, which are recognised only when told.
LAYOUTS = {"global-14": "trends_earth_global"}
_NOTEBOOK = "16"


@dataclass(frozen=True)
class Package:
    """What a package holds.

    Parameters
    ----------
    path : Path
        The archive, folder or file that was opened.
    folder : Path
        The folder with the files.
    layers : DataFrame
        One row per band: ``name`` as found, ``layer`` (our name; empty when the band is not
        known), ``output`` (name of the extracted file), ``period``, ``first`` and ``last`` year,
        ``type`` (population: total, female, male), ``file``, ``band``, ``dtype``, ``nodata``,
        ``activated``, ``scale`` (stored value that means 1 ``unit``), ``unit``.
    metadata : list of dict
        The metadata of every band, in the order of ``layers``.
    areas, summaries : tuple of Path
        Polygons of the area (GeoJSON), and summaries (JSON).
    findings : list of Finding
        Remarks made while opening.
    """

    path: Path
    folder: Path
    layers: pd.DataFrame = field(repr=False)
    metadata: list[dict] = field(repr=False)
    areas: tuple[Path, ...] = ()
    summaries: tuple[Path, ...] = ()
    findings: list[Finding] = field(default_factory=list, repr=False)

    def select(self, layer: str, **wanted) -> pd.DataFrame:
        """The rows of a layer with these values, for example ``period="baseline"``."""
        rows = self.layers[self.layers["layer"] == layer]
        for column, value in wanted.items():
            rows = rows[rows[column] == value]
        return rows

    def find(self, layer: str, **wanted) -> pd.Series:
        """The one row of a layer with these values.

        Raises
        ------
        InputError
            There is none, or there are several; what was found is listed.
        """
        rows = self.select(layer, **wanted)
        if len(rows) == 1:
            return rows.iloc[0]
        said = ", ".join(f"{column} {value}" for column, value in wanted.items())
        many = f"{len(rows)} bands for {layer} {said}: " if len(rows) else ""
        raise InputError([self.missing(f"{layer} {said}".strip(), many)])

    def missing(self, what: str, many: str = "") -> Finding:
        """The finding about a band that is needed and not there; it lists what was found."""
        found = self.bands_found()
        text = many + (found if found else "no band with a known name")
        remedy = "Take the package that carries it, or name the layer in country.yml by hand."
        return Finding("error", f"{self.path.name}: {what}", text, what, remedy, _NOTEBOOK)

    def bands_found(self) -> str:
        """The bands in one line, all of them."""
        rows = zip(self.layers["name"], self.metadata, strict=True)
        return ", ".join(bands.label_of(name, metadata) for name, metadata in rows)


def open_package(
    path: str | Path,
    *,
    folder: str | Path | None = None,
    layout: str | None = None,
    cycle: int = 2026,
) -> Package:
    """Open a national package, a folder, one raster result, or one raster with named bands.

    Parameters
    ----------
    path : str or Path
        A tar archive (unpacked into a folder of its own); a folder; the JSON file of a raster
        result, with its raster beside it; or a GeoTIFF or VRT whose bands have descriptions.
    folder : str or Path, optional
        Where an archive is unpacked; by default beside it.
    layout : {"global-14"}, optional
        For a raster whose bands have no names: the published global raster with 14 bands.
        Nothing is guessed without it.
    cycle : int
        Reporting cycle whose periods the years are matched with.

    Returns
    -------
    Package

    Raises
    ------
    FileNotFoundError
        There is nothing at the path.
    InputError
        No raster with named bands; rasters that are named and absent; numbers of bands that
        differ; a VRT that points outside the folder; an unsafe or damaged archive.

    References
    ----------
    Trends.Earth, national packages for UNCCD reporting; RasterResults.

    Examples
    --------
    >>> package = open_package("KEN_SDG15.tar.gz")  # doctest: +SKIP
    >>> package.layers[["name", "layer", "period", "last"]]  # doctest: +SKIP
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(
            f"There is no package: found nothing at {path}; give a tar.gz archive, a folder, "
            "a RasterResults JSON or a GeoTIFF."
        )
    if layout is not None and layout not in LAYOUTS:
        raise ValueError(f"Unknown layout: found {layout!r}; use one of {', '.join(LAYOUTS)}.")
    if path.is_dir():
        return _of_folder(path, path, layout, cycle)
    if path.suffix.lower() in _ARCHIVES:
        return _of_folder(path, archives.unpack(path, folder), layout, cycle)
    if path.suffix.lower() == ".json":
        return _of_results(path, path.parent, [path], [], layout, cycle)
    return _of_results(path, path.parent, [], [path], layout, cycle)


def _of_folder(path: Path, folder: Path, layout, cycle) -> Package:
    files = sorted(
        file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".")
    )
    texts = [file for file in files if file.suffix.lower() in (".json", ".geojson")]
    rasters = [file for file in files if file.suffix.lower() in contents.RASTERS]
    return _of_results(path, folder, texts, rasters, layout, cycle)


def _of_results(path: Path, folder: Path, texts, rasters, layout, cycle) -> Package:
    rows: list[dict] = []
    metadata: list[dict] = []
    findings: list[Finding] = []
    areas, summaries, described = [], [], set()
    for text in texts:
        content = contents.read_json(text, findings, required=text == path)
        if content is None:
            continue
        if contents.is_area(content):
            areas.append(text)
        elif isinstance(content, Mapping) and {"land_condition", "drought", "report"} & {*content}:
            summaries.append(text)
        results = list(contents.rasters_of(content))
        for raster in results:
            # a file named like the JSON is its raster; with several, the type is in the name
            stems = (f"{text.stem}_{raster.get('datatype')}", *[text.stem][len(results) - 1 :])
            described |= _add_result(raster, text, folder, stems, rows, metadata, findings, cycle)
    for raster in rasters:
        if raster not in described:
            _add_raster(raster, folder, rows, metadata, findings, layout, cycle)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame = frame.astype({"first": "Int64", "last": "Int64", "band": int, "activated": bool})
    package = Package(path, folder, frame, metadata, tuple(areas), tuple(summaries), findings)
    if not rows and not any(finding.severity == "error" for finding in findings):
        findings.append(_no_bands(path, [*texts, *rasters]))
    findings += _unknown_bands(package)
    findings[:] = stop_on_errors(findings)
    return package


def _add_result(raster, text, folder, stems, rows, metadata, findings, cycle) -> set[Path]:
    """Add the bands of a raster of a RasterResults; say which files it describes."""
    named = [band for band in raster.get("bands") or [] if isinstance(band, Mapping)]
    tiles = [contents.file_of(uri) for uri in raster.get("tile_uris") or []]
    name = contents.file_of(raster.get("uri"))
    if not name and len(tiles) == 1:
        name = tiles[0]
    file = contents.located(name, text, folder, stems)
    found_tiles = {each for tile in tiles if (each := contents.located(tile, text, folder))}
    if file is None:
        findings.append(_no_raster(text, name, raster, tiles))
        return found_tiles
    known = {file, *found_tiles, *contents.vrt_sources(file, folder, findings)}
    facts = contents.facts_of(file, findings)
    if facts is None:
        return known
    pairs = [(str(band.get("name", "")), band.get("metadata") or {}) for band in named]
    if len(pairs) != facts["count"]:
        found = f"{facts['count']} bands in {file.name}"
        remedy = "Get the file again: the raster and its JSON do not belong together."
        findings.append(
            Finding("error", text.name, found, f"{len(pairs)} bands", remedy, _NOTEBOOK)
        )
        return known
    numbers = _band_numbers(pairs, facts["descriptions"], file, findings)
    for band, (label, years), number in zip(named, pairs, numbers, strict=True):
        rows.append(
            _row(label, years, file, folder, number, facts, cycle)
            | {"activated": band.get("activated") is not False}
        )
        if rows[-1]["nodata"] is None:
            rows[-1]["nodata"] = band.get("no_data_value")
        metadata.append(dict(years))
    return known


def _band_numbers(pairs, descriptions, file, findings) -> list[int]:
    """The band of every entry of the JSON: by description where bands have one, else in order."""
    order = list(range(1, len(pairs) + 1))
    wanted = bands.sanitised(pairs)
    found = [bands.simplified(text) for text in descriptions]
    if sorted(found) == sorted(wanted) and len(set(found)) == len(found):
        return [found.index(name) + 1 for name in wanted]
    for number, (name, _), text in zip(order, pairs, found, strict=True):
        kind, _ = bands.described(text)
        if kind is not None and kind.band != name and bands.simplified(name) in bands.kinds():
            remedy = "Get the file again: the raster and its JSON do not belong together."
            findings.append(
                Finding("error", f"{file.name}: band {number}", text, name, remedy, _NOTEBOOK)
            )
    return order


def _add_raster(raster, folder, rows, metadata, findings, layout, cycle) -> None:
    """Add the bands of a raster without JSON: by descriptions, or by the layout that was told."""
    known = {raster, *contents.vrt_sources(raster, folder, findings)}
    facts = contents.facts_of(raster, findings)
    if facts is None or not known:
        return
    if layout is not None:
        return _add_layout(raster, folder, rows, metadata, findings, layout, facts, cycle)
    for number, text in enumerate(facts["descriptions"], 1):
        kind, said = bands.described(text)
        tags = {key.lower(): value for key, value in facts["tags"][number - 1].items()}
        said = said | {key: tags[key] for key in ("year", "year_initial", "year_final", "type",
                                                  "lag") if key in tags}  # fmt: skip
        if not text:
            continue
        rows.append(
            _row(kind.band if kind else text, said, raster, folder, number, facts, cycle)
            | {"activated": True}
        )
        metadata.append(said)


def _add_layout(raster, folder, rows, metadata, findings, layout, facts, cycle) -> None:
    table = tables.read(LAYOUTS[layout])
    if facts["count"] != len(table) or set(facts["dtypes"]) != {"int16"}:
        found = f"{facts['count']} bands of {listed(sorted(set(facts['dtypes'])))}"
        remedy = "Open it without layout=, or give the published global raster."
        expected = f"{len(table)} bands of int16"
        findings.append(Finding("error", raster.name, found, expected, remedy, _NOTEBOOK))
        return
    for row in table.to_dict("records"):
        years = {name: row[name] for name in ("year_initial", "year_final")}
        rows.append(
            _row(row["band"], years, raster, folder, row["number"], facts, cycle)
            | {"activated": True}
        )
        metadata.append(years)


def _row(name, metadata, file, folder, number, facts, cycle) -> dict:
    kind = bands.kinds().get(bands.simplified(name))
    first, last = bands.years_of(metadata)
    row = {
        "name": name,
        "layer": kind.layer if kind else "",
        "output": bands.file_name(kind, metadata, cycle) if kind else "",
        "period": bands.period_of(last, cycle) if kind and kind.time == "period" else "",
        "first": first,
        "last": last,
        "type": bands.sex_of(metadata) if kind and kind.layer == "population" else "",
        "file": file.relative_to(folder).as_posix(),
        "band": number,
        "dtype": facts["dtypes"][number - 1],
        "nodata": facts["nodata"][number - 1],
        "scale": kind.scale if kind else float("nan"),
        "unit": kind.unit if kind else "",
    }
    return row


def _no_raster(text: Path, name: str, raster: Mapping, tiles: list[str]) -> Finding:
    found = f"no file {name or '(its name is not given)'}"
    if tiles:
        found += f", which joins {len(tiles)} tiles"
    labels = [bands.label_of(str(band.get("name")), band.get("metadata") or {})
              for band in raster.get("bands") or []]  # fmt: skip
    remedy = f"Download it and put it beside {text.name}. Its bands: {listed(labels)}."
    return Finding("error", text.name, found, "the raster beside its JSON", remedy, _NOTEBOOK)


def _no_bands(path: Path, files: list[Path]) -> Finding:
    names = listed(file.name for file in files) if files else "no JSON and no raster"
    remedy = (
        "Give the RasterResults JSON that lies beside the raster. For the published global "
        'raster of 14 bands say layout="global-14".'
    )
    found = f"no band with a name ({names})"
    return Finding("error", path.name, found, "rasters with named bands", remedy, _NOTEBOOK)


def _unknown_bands(package: Package) -> list[Finding]:
    unknown = sorted(set(package.layers.loc[package.layers["layer"] == "", "name"]))
    if not unknown:
        return []
    remedy = "They are listed and not used."
    return [Finding("info", package.path.name, f"bands that the workbook does not use: "
                    f"{listed(unknown)}", "", remedy, _NOTEBOOK)]  # fmt: skip
