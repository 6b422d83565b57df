"""The table of files: what each is, how it lies on the country and how it comes to the grid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ldnkit import fingerprints, plans, tables
from ldnkit.findings import SEVERITIES, InputError
from ldnkit.sources import preflight
from ldnkit.sources.inspection import headers, values
from ldnkit.sources.inspection.lattice import Lattice

COLUMNS = (
    "layer", "years", "file", "format", "crs", "cell", "cell_m", "coverage", "inside_percent",
    "type", "nodata", "suspected", "unknown_codes", "unit", "size_mb", "to_grid", "findings",
    "worst", "problem",
)  # fmt: skip
#: A Zarr folder has one of these in it.
_ZARR = (".zgroup", ".zattrs", ".zmetadata", "zarr.json", ".zarray")
_METRES_PER_DEGREE = 111_320


@dataclass(frozen=True)
class _Use:
    """How an indicator uses a file: key of the country file, years, raster or None."""

    layer: str
    path: Path
    years: tuple[int, ...] = ()
    raster: object = None


def report(country, indicators=None) -> pd.DataFrame:
    """Every file of a country, looked at before any work starts.

    Only headers and thinned-out pictures are read. The findings are those of
    :func:`ldnkit.sources.preflight.check`; all of them are in ``attrs["findings"]``.

    Parameters
    ----------
    country : Country
    indicators : sequence of str, optional
        Only the files that these read; by default all that the country file gives enough for.

    Returns
    -------
    DataFrame
        One row for every file: ``layer`` (its key in the country file), ``years``, ``file``,
        ``format``, ``crs``, ``cell`` (in units of the system) and ``cell_m`` (metres from north
        to south), ``coverage`` (covers, part, misses) and ``inside_percent`` of the country,
        ``type``, ``nodata`` (declared in the file or the country file), ``suspected`` fill
        values, ``unknown_codes`` that the legend lacks, ``unit`` (guessed from the values),
        ``size_mb``, ``to_grid`` (exact, nearest, mode, bilinear, average, shares, centre,
        polygons, table), ``findings`` and ``worst`` (their number and gravest severity),
        ``problem`` (why a file cannot be read).

    Examples
    --------
    >>> report(country)[["file", "coverage", "to_grid"]]  # doctest: +SKIP
    """
    chosen = plans.available(country) if indicators is None else list(indicators)
    found, uses = [], {}
    for indicator in chosen:
        found += _findings(country, indicator)
        for use in _uses(country, indicator):
            old = uses.get((use.path, use.layer))
            years = use.years if old is None else tuple(sorted({*old.years, *use.years}))
            uses[use.path, use.layer] = replace(use, years=years)
    found = list(dict.fromkeys(found))
    lattice = Lattice.of(country)
    rows = [_row(country, lattice, use, found) for use in uses.values()]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table.attrs["findings"] = found
    return table


def by_layer(table: pd.DataFrame) -> pd.DataFrame:
    """The same, one row for every layer: files that agree in everything but name and year.

    Parameters
    ----------
    table : DataFrame
        From :func:`report`.

    Returns
    -------
    DataFrame
        The columns of the report with ``files`` (how many) in place of ``file``.

    Examples
    --------
    >>> by_layer(report(country))  # doctest: +SKIP
    """
    same = ["layer", "format", "crs", "cell", "coverage", "to_grid"]
    rows = []
    for _, group in table.groupby(same, sort=False, dropna=False):
        first = group.iloc[0].to_dict()
        years = sorted({year for text in group["years"] for year in _spans(text)})
        worst = [name for name in SEVERITIES if name in set(group["worst"])]
        rows.append(
            first
            | {
                "file": len(group),
                "years": _years(years),
                "inside_percent": group["inside_percent"].min(),
                "size_mb": group["size_mb"].sum(),
                "findings": group["findings"].sum(),
                "worst": worst[0] if worst else "",
            }
            | {
                name: ", ".join(dict.fromkeys(text for text in group[name] if text))
                for name in ("type", "nodata", "suspected", "unknown_codes", "unit", "problem")
            }
        )
    return pd.DataFrame(rows, columns=table.columns).rename(columns={"file": "files"})


def _findings(country, indicator) -> list:
    try:
        return preflight.check(country, indicator)
    except InputError as error:
        return error.findings


def _uses(country, indicator) -> list[_Use]:
    """Files of an indicator; a Zarr folder is one of them, not the many in it."""
    rasters = {
        raster.path: (key, raster)
        for each in plans.INDICATORS  # productivity reads land cover, too
        for key, _, raster in preflight.rasters(country, each)
    }
    found = []
    for file in fingerprints.inputs(country, indicator):
        path, layer = file.path, file.layer
        if file.folder is not None and any((file.folder / name).exists() for name in _ZARR):
            path = file.folder
        raster = None
        if path in rasters:
            layer, raster = rasters[path]
        elif layer == "population":
            layer = _of_people(country, path)
        elif layer == "drought":
            layer = _of_drought(country, path)
        found.append(_Use(layer, path, file.years, raster))
    return list(dict.fromkeys(found))


def _of_people(country, path) -> str:
    for sex, years in country.population.files.items():
        if any(path in paths for paths in years.values()):
            return f"population.{sex}"
    named = {country.population.table: "table", country.population.national: "national",
             country.population.weight: "weight"}  # fmt: skip
    return f"population.{named.get(path, 'districts')}"


def _of_drought(country, path) -> str:
    section = country.drought
    if path in section.index.values():
        return "drought.index"
    return "drought.precipitation" if section.precipitation else "drought.water_balance"


def _row(country, lattice, use: _Use, findings) -> dict:
    series = country.drought is not None and use.layer.startswith("drought.")
    variable = country.drought.variable if series else None
    is_raster = use.raster is not None or use.layer == "drought.index"
    header = headers.read(use.path, variable=variable, raster=is_raster)
    own = [each for each in findings if use.path.name in each.where]
    worst = [name for name in SEVERITIES if any(each.severity == name for each in own)]
    seen, inside = _seen(country, lattice, use, header)
    fills = [*header.nodata, *_declared(country, use)]
    return {
        "layer": use.layer,
        "years": _years(use.years or header.years),
        "file": use.path.name,
        "format": header.format,
        "crs": header.crs,
        "cell": _cell(header.grid),
        "cell_m": _metres(header.grid),
        "coverage": _coverage(inside),
        "inside_percent": 100 * inside,
        "type": header.dtype,
        "nodata": ", ".join(dict.fromkeys(f"{fill:g}" for fill in fills)),
        "suspected": _listed(seen.suspected),
        "unknown_codes": _listed(seen.unknown),
        "unit": _unit(country, use, header, seen),
        "size_mb": header.size / 1e6,
        "to_grid": _to_grid(country, use, header),
        "findings": len(own),
        "worst": worst[0] if worst else "",
        "problem": header.problem,
    }


def _seen(country, lattice, use, header) -> tuple[values.Looked, float]:
    """What a look at the part around the country tells, and the share of the country inside."""
    if header.shape is not None:
        return values.NOTHING, lattice.share(lattice.in_shape(header.shape))
    if header.grid is None:
        return values.NOTHING, float("nan")
    rows, columns = lattice.cells(header.grid)
    share = lattice.share(rows >= 0)
    is_series = header.format in ("NetCDF", "Zarr") or use.layer.startswith("drought.p")
    if not share or is_series or use.path.is_dir():
        return values.NOTHING, share
    spans = [slice(int(each[each >= 0].min()), int(each.max()) + 1) for each in (rows, columns)]
    known = _known_codes(country, use)
    fills = (*header.nodata, *_declared(country, use))
    return values.look(use.path, *spans, fills=fills, known=known, layer=use.layer), share


def _declared(country, use) -> tuple[float, ...]:
    """Fill values that the country file, or the layer itself, declares."""
    if use.raster is not None:
        return use.raster.nodata
    section = getattr(country, use.layer.partition(".")[0], None)
    return getattr(section, "nodata", ())


def _known_codes(country, use) -> set[int] | None:
    """Codes that a class layer may hold; an empty set where any may stand, None for values."""
    if use.raster is None or use.raster.kind != "class":
        return None
    if use.layer == "land_cover.files":
        return set(country.land_cover.nesting["code"])
    if use.layer == "productivity.lpd":
        return set(tables.read("productivity_dynamics")["lpd"])
    if use.layer == "soil.climate":
        return set(tables.climate_factors()["zone"])
    return set()


def _unit(country, use, header, seen) -> str:
    if use.raster is not None and use.raster.kind == "class":
        return "codes"
    if use.layer in ("population.female", "population.male", "population.total"):
        return "density" if country.population.unit == "density" else "persons"
    if use.layer in ("drought.precipitation", "drought.water_balance"):
        return header.units or "millimetres"
    return seen.unit


def _to_grid(country, use, header) -> str:
    """How the file comes to the cells on which the tables are counted."""
    if header.problem:
        return ""
    if use.raster is not None:
        chosen = use.raster.resampling(country.grid)
        return {"none": "exact"}.get(chosen, chosen)
    if use.layer.startswith("population.") and header.grid is not None:
        return "shares"
    if use.layer.startswith("drought.") and header.grid is not None:
        return "nearest"  # the index is made on its own cells, then each class is placed
    if use.layer == "boundary":
        return "shares" if country.boundary_rule == "fraction" else "centre"
    if header.crs:
        exact = ("key_biodiversity_areas", "population", "vulnerability")
        return "polygons" if use.layer.split(".")[0] in exact else "centre"
    return "table"


def _coverage(share: float) -> str:
    if not np.isfinite(share):
        return ""
    return "misses" if share == 0 else "covers" if share >= 1 - 1e-9 else "part"


def _cell(grid) -> str:
    """Size of a cell in the units of its reference system."""
    if grid is None:
        return ""
    unit = "°" if grid.crs.geographic else f" {grid.crs.units[0][:1] or 'm'}"
    across, down = abs(grid.transform.a), abs(grid.transform.e)
    if abs(across - down) < 1e-6 * down:
        return f"{down:.6g}{unit}"
    return f"{across:.6g}{unit} × {down:.6g}{unit}"


def _metres(grid) -> float:
    if grid is None:
        return float("nan")
    down = abs(grid.transform.e)
    if grid.crs.geographic:
        return down * _METRES_PER_DEGREE
    return down * grid.crs.proj.axis_info[0].unit_conversion_factor


def _listed(shares: dict[int, float]) -> str:
    return ", ".join(f"{code} ({share:.1f} %)" for code, share in shares.items())


def _years(years) -> str:
    """Years as spans: ``"2000–2015, 2019"``."""
    spans: list[list[int]] = []
    for year in sorted(years):
        if spans and year == spans[-1][1] + 1:
            spans[-1][1] = year
        else:
            spans.append([year, year])
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in spans)


def _spans(text: str) -> list[int]:
    """The years of a text that :func:`_years` wrote."""
    found: set[int] = set()
    for part in filter(None, text.split(", ")):
        first, _, last = part.partition("–")
        found.update(range(int(first), int(last or first) + 1))
    return sorted(found)
