"""What a report rests on, as plain data: tables, indicators, layers, files, parameters."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path, PurePath
from typing import Any

import pandas as pd

from ldnkit import __version__, csvfiles, fingerprints, plans, tables
from ldnkit.country_file.layers import METADATA
from ldnkit.country_file.sections import WITHOUT_LICENCE
from ldnkit.provenance.hashes import Hashes

SCHEMA = 1
#: Packages whose version may decide a figure.
PACKAGES = (
    *("numpy", "pandas", "xarray", "scipy", "numba", "dask", "rasterio", "odc-geo", "pyproj"),
    *("geopandas", "shapely", "rioxarray", "netcdf4", "zarr"),
)
#: Tables of one official series among several, and of one section among several.
PARTS = {
    "SO2-1.T1": ("statistics.poverty",),
    "SO2-1.T2": ("statistics.gini",),
    "AI.T1": ("additional_indicators",),
}
#: Files of the team that decide cells or comparisons, not an indicator.
SHEETS = ("answers", "platform", "previous", "hotspots", "brightspots")
#: Polygons of the team that fill a table by themselves.
POLYGONS = {"SO1-4.T4": "hotspots", "SO1-4.T5": "brightspots"}
#: Columns of :func:`of`.
COLUMNS = (
    *("indicator", "layer", "file", "years", "bytes", "sha256", "source"),
    *(*METADATA, "licence"),
)


def trace(country, results: Mapping) -> dict[str, Any]:
    """Everything that the tables of a country rest on, ready for JSON.

    Parameters
    ----------
    country : Country
    results : mapping
        Indicator -> Result, as ``ldnkit.results(country)`` gives them.

    Returns
    -------
    dict
        ``made_with``, ``code`` (hash of the package), ``python``, ``packages``, ``time_utc``;
        ``country`` and ``grid``; ``parameters`` and ``defaults`` of the method;
        ``indicators``: inputs (layer, file, bytes, sha256, source, the four fields of Annex II,
        licence, years), options, parameters, years_used, needs, layers, tables, key, findings;
        ``tables``: indicators and layers of each; ``sheets``: other files of the team;
        ``licence``; ``findings`` of the country file.
        Files are named from the folder of the country file; files outside it by name only.

    Notes
    -----
    Files are read piece by piece. Their hashes are kept in ``.hashes.json`` in the folder of
    results and used again while size and time of a file stay the same.

    References
    ----------
    UNCCD reporting manual, 2026 process, Annex II (metadata of national data).

    Examples
    --------
    >>> import ldnkit
    >>> country = ldnkit.open_country("landia")                         # doctest: +SKIP
    >>> trace(country, ldnkit.results(country))["tables"]["SO1-4.T2"]   # doctest: +SKIP
    """
    hashes = Hashes(country.folder_results)
    names = [name for name in plans.INDICATORS if name in results]
    traced = {
        "schema": SCHEMA,
        "made_with": f"ldnkit {__version__}",
        "code": fingerprints.code(),
        "python": platform.python_version(),
        "packages": versions(),
        "time_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "country": _country(country, hashes),
        "grid": _grid(country) if any(plans.INDICATORS[name].maps for name in names) else None,
        "parameters": dict(country.parameters),
        "defaults": tables.method(country.method),
        "indicators": {name: _indicator(country, results[name], hashes) for name in names},
        "tables": {},
        "sheets": [
            _file(country, name, getattr(country, name), hashes)
            for name in SHEETS
            if getattr(country, name) is not None
        ],
        "licence": {
            "submission": country.licence or WITHOUT_LICENCE,
            "chosen": bool(country.licence),
        },
        "findings": [finding.as_dict() for finding in country.findings],
    }
    traced["tables"] = _tables(country, traced["indicators"])
    hashes.keep()
    return _without_places(traced, country)


def of(report_or_trace, table_id: str) -> pd.DataFrame:
    """What one table rests on: a row for every file.

    Parameters
    ----------
    report_or_trace : Report or dict
        A report, whose kept results are looked up, or what :func:`trace` gave.
    table_id : str

    Returns
    -------
    DataFrame
        indicator, layer, file, years, bytes, sha256, source, title, link, author, citation,
        licence. A file that several indicators read comes once, with the first of them.

    Raises
    ------
    KeyError
        There is no such table.

    Examples
    --------
    >>> of(prais.build(country, ldnkit.results(country)), "SO1-3.T2")    # doctest: +SKIP
    """
    traced = report_or_trace
    if not isinstance(traced, Mapping):
        import ldnkit

        traced = trace(traced.country, ldnkit.results(traced.country))
    rows = [
        {"indicator": name} | entry | {"years": ", ".join(map(str, entry["years"]))}
        for name, entry in files_of(traced, table_id)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def files_of(traced: Mapping, table_id: str) -> list[tuple[str, dict]]:
    """Indicator and entry of every file that a table rests on, each file once.

    Raises
    ------
    KeyError
        There is no such table; the message lists those there are.
    """
    table_id = table_id.removeprefix("AA-")
    known = traced["tables"]
    if table_id not in known:
        raise KeyError(
            f"No table {table_id} in this provenance: found {', '.join(known) or 'none'}; "
            "compute its indicator first."
        )
    found: dict[tuple, tuple[str, dict]] = {}
    for name in known[table_id]["indicators"]:
        for entry in traced["indicators"][name]["inputs"]:
            if entry["layer"] in known[table_id]["layers"]:
                found.setdefault((entry["layer"], entry["file"]), (name, entry))
    asked = {POLYGONS.get(table_id), "answers" if known[table_id].get("answers") else None}
    for entry in traced["sheets"]:
        if entry["layer"] in asked:
            found[entry["layer"], entry["file"]] = ("", entry)
    return list(found.values())


def versions() -> dict[str, str]:
    """Version of every main package that is installed."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _country(country, hashes: Hashes) -> dict[str, Any]:
    size, digest = hashes.of(country.path)
    return {
        "iso3": country.iso3,
        "name": country.name("en"),
        "party": country.party,
        "cycle": country.cycle.year,
        "method": country.method,
        "boundary_rule": country.boundary_rule,
        "synthetic": bool(country.synthetic),
        "file": country.path.name,
        "bytes": size,
        "sha256": digest,
    }


def _grid(country) -> dict[str, Any]:
    grid = country.grid
    return {
        "rows": grid.shape[0],
        "columns": grid.shape[1],
        "crs": f"EPSG:{grid.crs.epsg}" if grid.crs.epsg else grid.crs.to_wkt(),
        "transform": [float(number) for number in tuple(grid.transform)[:6]],
    }


def _indicator(country, result, hashes: Hashes) -> dict[str, Any]:
    name = result.indicator
    known = fingerprints.parameters(country, name)
    return {
        "inputs": [
            _file(country, file.layer, file.path, hashes, file.folder, file.years)
            for file in fingerprints.inputs(country, name)
        ],
        "options": _options(country, name),
        "parameters": {
            key: value
            for key, value in result.parameters.items()
            if key in known or key not in country.parameters
        },
        "years_used": {str(nominal): used for nominal, used in result.years.items()},
        "needs": list(plans.NEEDS[name]),
        "layers": sorted(result.layers),
        "tables": sorted(result.tables),
        "key": result.key,
        "findings": [finding.as_dict() for finding in result.findings],
    }


def _file(country, layer: str, path: Path, hashes: Hashes, folder=None, years=()) -> dict:
    size, digest = hashes.of(path)
    section = _section(country, layer)
    annex = getattr(section, "metadata", None)
    return {
        "layer": layer,
        "file": _place(path, country.folder, folder),
        "bytes": size,
        "sha256": digest,
        "source": getattr(section, "source", ""),
        **{part: getattr(annex, part, "") for part in METADATA},
        "licence": country.licences.get(layer, ""),
        "years": list(years),
    }


def _section(country, layer: str):
    """The part of the country file that a layer is; None for a boundary or a sheet."""
    name, _, part = layer.partition(".")
    section = getattr(country, name, None)
    return section.get(part) if isinstance(section, dict) else section


def _place(path: Path, home: Path, folder: Path | None) -> str:
    """A file named from the folder of the country file; outside it by name only."""
    if path.is_relative_to(home):
        return path.relative_to(home).as_posix()
    return path.name if folder is None else path.relative_to(folder.parent).as_posix()


def _options(country, indicator: str) -> dict[str, dict[str, Any]]:
    """Single words and numbers of the sections that an indicator reads."""
    found: dict[str, dict[str, Any]] = {}
    for layer, section in fingerprints.sections(country, indicator):
        for name, value in sorted(vars(section).items()):
            single = isinstance(value, (str, int, float, bool)) and value != ""
            if single and name != "source":
                found.setdefault(layer, {})[name] = value
    return found


def _tables(country, indicators: Mapping) -> dict[str, dict[str, list[str]]]:
    from ldnkit.prais.builder import MAKERS

    found, answered = {}, _answered(country)
    for row in tables.prais_tables().to_dict("records"):
        indicator = _maker(row["id"], MAKERS, indicators)
        if indicator is None:
            continue
        needed = plans.rests_on(indicator)
        layers = [entry["layer"] for name in needed for entry in indicators[name]["inputs"]]
        layers = [layer for layer in dict.fromkeys(layers) if _concerns(row, layer)]
        found[row["id"]] = {
            "indicators": needed,
            "layers": layers,
            "answers": row["id"] in answered,
        }
    return found


def _answered(country) -> set[str]:
    """Tables for which the team's sheet of answers has a line."""
    if country.answers is None:
        return set()
    rows, _ = csvfiles.parse(country.answers.read_text(encoding="utf-8-sig"))
    if not {"table", "value"} <= set(rows.columns):
        return set()
    return set(rows.loc[rows["value"] != "", "table"])


def _maker(table_id: str, makers: Mapping, indicators: Mapping) -> str | None:
    """The indicator that fills a table here; official series stand in for an own one."""
    from ldnkit.prais.biodiversity import ALTERNATIVES

    indicator = makers.get(table_id, ("", None))[0]
    choices = [indicator, ALTERNATIVES.get(indicator)]
    return next((name for name in choices if name in indicators), None)


def _concerns(row: Mapping, layer: str) -> bool:
    """Whether a table speaks of a layer: a file of statistics or of answers serves some only."""
    if row["id"] in PARTS:
        return layer in PARTS[row["id"]]
    if layer == "additional_indicators":
        return False
    kind, _, series = layer.partition(".")
    if kind != "statistics":
        return True
    known = tables.read("statistics_series").set_index("series")["form"]
    return known.get(series) == row["form"]


def _without_places(value, country):
    """Plain data in which no text names a folder of this machine."""
    if isinstance(value, Mapping):
        return {str(key): _without_places(each, country) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_places(each, country) for each in value]
    if isinstance(value, PurePath):
        value = str(value)
    if isinstance(value, str):
        folders = (country.folder, country.folder_results, country.outputs, Path.home())
        for folder in (folder for folder in folders if folder != Path(folder.anchor)):
            value = re.sub(re.escape(str(folder)) + r"[/\\]?", "", value)
        return value
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return value.item() if hasattr(value, "item") else str(value)
