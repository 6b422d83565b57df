"""Fingerprints of results: whether files, options or code have changed since they were made."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ldnkit import __version__, plans
from ldnkit.country_file import VectorFile
from ldnkit.country_file.patterns import on_disk


def fingerprint(country, indicator: str, needed: Mapping) -> str:
    """Fingerprint of what a result depends on: files, options, code, results it needs."""
    content = {
        "code": _code(),
        "indicator": indicator,
        "grid": _grid(country) if plans.INDICATORS[indicator].maps else [],
        "boundary": [country.boundary_rule, country.boundary_file.layer],
        "parameters": parameters(country, indicator),
        "cycle": str(country.cycle),
        "files": [
            _stamp(path) for path in sorted({file.path for file in inputs(country, indicator)})
        ],
        "sections": _options(country, indicator),
        "needs": {name: needed[name].key for name in plans.NEEDS[indicator]},
    }
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _grid(country) -> list:
    grid = country.grid
    return [tuple(grid.shape), tuple(grid.transform)[:6], grid.crs.to_wkt()]


def parameters(country, indicator: str) -> dict:
    """The parameters of the method that decide an indicator."""
    return {
        name: value
        for name, value in country.parameters.items()
        if name.startswith(plans.INDICATORS[indicator].parameters)
    }


@dataclass(frozen=True)
class InputFile:
    """A file that an indicator reads.

    Parameters
    ----------
    layer : str
        The part of the country file that names it: ``"soil"``, ``"statistics.water"``,
        ``"boundary"``, ``"regions.North"``, ``"affected_area"``, ``"error_polygons"``.
    path : Path
    folder : Path or None
        The folder that the country file names, when the file is one of many in it.
    years : tuple of int
        The years it stands for, where the country file says it.
    """

    layer: str
    path: Path
    folder: Path | None = None
    years: tuple[int, ...] = ()


def code() -> str:
    """Fingerprint of the package: its code and its tables."""
    return _code()


def inputs(country, indicator: str) -> list[InputFile]:
    """Every file that an indicator reads itself, in a fixed order; a folder file by file.

    Those of the indicators it needs are not repeated.

    Examples
    --------
    >>> [file.path.name for file in inputs(country, "land_cover")]  # doctest: +SKIP
    ['boundary.gpkg', 'land_cover_2000.tif', 'land_cover_2015.tif']
    """
    parts: list[tuple] = []
    if plans.INDICATORS[indicator].places:
        parts.append(("boundary", country.boundary_file))
        parts += [(f"regions.{region.name}", region) for region in country.regions]
        parts.append(("affected_area", country.affected_area))
    parts += sections(country, indicator)
    if indicator == "degradation":
        parts.append(("error_polygons", country.error_polygons))
    found: dict[tuple, InputFile] = {}
    for layer, part in parts:
        fields = [part] if isinstance(part, (Path, VectorFile)) else _fields(part)
        for file in (file for value in fields for file in _files_in(value, layer)):
            key = (file.layer, file.path)
            years = {*file.years, *(found[key].years if key in found else ())}
            found[key] = replace(file, years=tuple(sorted(years)))
    return list(found.values())


def _fields(part) -> list:
    return [] if part is None else list(vars(part).values())


def sections(country, indicator: str) -> list[tuple[str, object]]:
    """The parts of the country file that an indicator reads, by name."""
    found = []
    for name in plans.INDICATORS[indicator].reads:
        section = getattr(country, name)
        each = section if isinstance(section, dict) else {"": section}
        found += [(f"{name}.{key}".strip("."), part) for key, part in each.items() if part]
    return found


def _files_in(value, layer: str, years: tuple[int, ...] = ()) -> Iterator[InputFile]:
    """Every file in a field of a section; a folder stands for the files in it."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _files_in(each, layer, (key,) if isinstance(key, int) and key else years)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _files_in(each, layer, years)
    elif isinstance(value, VectorFile):
        yield InputFile(layer, value.file)
    elif isinstance(value, str) and "{" in value:
        for parts, path in on_disk(Path(), value):
            yield InputFile(layer, path, None, (int(parts["year"]),) if "year" in parts else ())
    elif isinstance(value, str) and Path(value).is_absolute():
        yield from _files_in(Path(value), layer, years)
    elif isinstance(value, Path) and value.is_dir():
        for path in sorted(path for path in value.rglob("*") if path.is_file()):
            yield InputFile(layer, path, value, years)
    elif isinstance(value, Path) and value.exists():
        yield InputFile(layer, value, None, years)


def _options(country, indicator) -> list:
    """Tables and scalars of the sections, so that an edited matrix is noticed."""
    found = []
    parts = [part for _, part in sections(country, indicator)]
    for section in [*parts, *country.regions]:
        for name, value in sorted(vars(section).items()):
            if isinstance(value, pd.DataFrame):
                value = value.to_csv(index=False)
            elif isinstance(value, dict):
                value = sorted(
                    (str(key), str(getattr(each, "name", each))) for key, each in value.items()
                )
            if name not in ("metadata", "source"):
                found.append((name, str(value.name if isinstance(value, Path) else value)))
    return found


def _stamp(path: Path) -> tuple:
    status = path.stat()
    return path.name, status.st_size, status.st_mtime_ns


@functools.cache
def _code() -> str:
    """Fingerprint of the package: a changed formula makes every kept result stale.

    The translations of messages change no result.
    """
    folder = Path(__file__).parent
    digest = hashlib.sha256(__version__.encode())
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.csv")]):
        if path.name != "messages.csv":
            digest.update(path.read_bytes())
    return digest.hexdigest()
