"""The sections drought and vulnerability of country.yml."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from ldnkit import tables
from ldnkit.country_file.document import Document, dotted
from ldnkit.country_file.inputs import listed, metadata, one_of, positive, rasters, vector_file
from ldnkit.country_file.keys import LAST_YEAR, existing_file
from ldnkit.country_file.layers import Drought, Vulnerability
from ldnkit.country_file.patterns import braces, from_folder, on_disk
from ldnkit.findings import closest
from ldnkit.periods import Cycle

#: One of these is in the folder of a Zarr store.
ZARR = ("zarr.json", ".zmetadata", ".zgroup", ".zarray")


def drought(document: Document, cycle: Cycle | None) -> Drought | None:
    """The section drought: precipitation, a water balance or a ready index."""
    if not isinstance(document.tree.get("drought"), dict):
        return None
    values = document.values
    one_of(document, "drought", "precipitation", "water_balance", "index")
    positive(document, "drought.index_scale")
    _unused(document)
    index = rasters(document, "drought", "index")
    if index and cycle is not None and document.usable("drought.index"):
        _index_years(document, index, cycle)
    return Drought(
        precipitation=_series(document, "precipitation", cycle),
        water_balance=_series(document, "water_balance", cycle),
        index=index,
        index_kind=values.get("drought.index_kind", "SPI"),
        index_scale=float(values.get("drought.index_scale", 1)),
        variable=values.get("drought.variable"),
        time_step=values.get("drought.time_step", "month"),
        source=values.get("drought.source", "default"),
        nodata=values.get("drought.nodata", ()),
        metadata=metadata(document, "drought"),
    )


def _unused(document: Document) -> None:
    """Keys of an index beside a series, and of a series beside an index, do nothing."""
    index = document.given("drought.index")
    series = document.given("drought.precipitation") or document.given("drought.water_balance")
    if index == series:
        return
    names, needed = ("years", "index_kind", "index_scale"), "index"
    if index:
        names, needed = ("variable", "time_step"), "precipitation or water_balance"
    for name in names:
        if document.given(f"drought.{name}"):
            document.problem(
                ("drought", name),
                f"{name} without {needed}",
                f"{name} with {needed} only",
                f"Delete the line {name}.",
                severity="warning",
            )


def _index_years(document: Document, index: dict[int, Path], cycle: Cycle) -> None:
    """The years of the drought tables that have no index."""
    first, last = int(tables.constant("drought_first_year")), cycle.last.last
    wanted = range(first, last + 1)
    absent = [number for number in wanted if number not in index]
    if absent:
        document.problem(
            "drought.index",
            f"no index for {len(absent)} of {len(wanted)} years ({listed(absent)})",
            f"the years {first} to {last}",
            "Add the rasters of these years.",
            severity="error" if len(absent) == len(wanted) else "warning",
        )


def _series(document: Document, key: str, cycle: Cycle | None) -> str | None:
    """The absolute path or pattern of a series, or None after a finding."""
    path, value = ("drought", key), document.values.get(f"drought.{key}")
    if value is None:
        return None
    if braces(value):
        return _stack(document, path, value, cycle)
    place = from_folder(document.folder, value)
    if place.is_dir():
        if any((place / name).exists() for name in ZARR):
            return str(place.resolve())
        expected = "a NetCDF file, a Zarr folder, or a pattern with {year}"
        document.problem(
            path, f"the folder {value}, which is no Zarr store", expected, _pattern(key)
        )
        return None
    file = existing_file(document, path, value)
    if file is not None and file.suffix.lower() in (".tif", ".tiff"):
        found = f"one GeoTIFF ({value}), which does not say its years"
        document.problem(path, found, "one file per year or month", _pattern(key))
        return None
    return None if file is None else str(file)


def _pattern(key: str) -> str:
    return f"Example: {key}: climate/{key}_{{year}}_{{month}}.tif"


def _stack(document: Document, path: tuple, value: str, cycle: Cycle | None) -> str | None:
    """A pattern of GeoTIFF files; months that are missing between others are told."""
    parts = Counter(braces(value))
    if parts["year"] != 1 or parts["month"] > 1 or set(parts) - {"year", "month"}:
        expected = "a path with {year} once, and {month} once or not"
        document.problem(path, f"'{value}'", expected, _pattern(path[-1]))
        return None
    months: dict[int, list[int]] = {}
    for texts, _ in on_disk(document.folder, value):
        months.setdefault(int(texts["year"]), []).append(int(texts.get("month", 0)))
    if not months:
        remedy = "Put the files there, or correct the pattern."
        document.problem(path, f"no file like {value}", "files by year", remedy)
        return None
    twice = [number for number in sorted(months) if len(set(months[number])) < len(months[number])]
    if twice:
        found = f"two files of one month in {listed(twice)} (such as 1 and 01)"
        document.problem(path, found, "one file per month", "Delete the files that are too many.")
    last = min(max(months), cycle.last.last if cycle else LAST_YEAR)
    wanted = set(range(1, 13)) if parts["month"] else {0}
    gaps = []
    for number in range(min(months), last + 1):
        absent = sorted(wanted - set(months.get(number, ())))
        whole = number not in months
        gaps += [str(number)] if whole else [f"{number}-{month:02d}" for month in absent]
    if gaps:
        document.problem(
            path,
            f"no file for {listed(gaps)}",
            "every month from the first to the last",
            "Add the files that are missing: an index needs twelve months in a row.",
            severity="warning",
        )
    return str(from_folder(document.folder, value).resolve())


def vulnerability(document: Document) -> Vulnerability | None:
    """The section vulnerability: factors, weights, directions and sub-national units."""
    if not isinstance(document.tree.get("vulnerability"), dict):
        return None
    values = document.values
    if document.usable("vulnerability.source"):
        values.setdefault("vulnerability.source", "national")
    return Vulnerability(
        factors=values.get("vulnerability.factors"),
        weights=values.get("vulnerability.weights"),
        directions=_directions(document),
        units=vector_file(document, "vulnerability.units"),
        unit_key=values.get("vulnerability.units.key", ""),
        source=values.get("vulnerability.source", "national"),
        metadata=metadata(document, "vulnerability"),
    )


def _directions(document: Document) -> str:
    """``unccd``, or the absolute path of a CSV file."""
    path = ("vulnerability", "directions")
    name = document.values.get(dotted(path), "unccd")
    if re.search(r"[/\\]|\.\w+$", name):
        return str(existing_file(document, path, name))
    if name != "unccd":
        document.problem(path, f"'{name}'", "unccd or a CSV file", closest(name, ["unccd"]))
    return name
