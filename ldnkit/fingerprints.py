"""Fingerprints of results: whether files, options or code have changed since they were made."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
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
        "parameters": _parameters(country, indicator),
        "cycle": str(country.cycle),
        "files": [_stamp(path) for path in _files(country, indicator)],
        "sections": _options(country, indicator),
        "needs": {name: needed[name].key for name in plans.NEEDS[indicator]},
    }
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _grid(country) -> list:
    grid = country.grid
    return [tuple(grid.shape), tuple(grid.transform)[:6], grid.crs.to_wkt()]


def _parameters(country, indicator) -> dict:
    return {
        name: value
        for name, value in country.parameters.items()
        if name.startswith(plans.INDICATORS[indicator].parameters)
    }


def _sections(country, indicator):
    """The parts of the country file that an indicator reads."""
    own = [getattr(country, name) for name in plans.INDICATORS[indicator].reads]
    return [
        part
        for section in own
        for part in (section.values() if isinstance(section, dict) else [section])
        if part is not None
    ]


def _files(country, indicator) -> list[Path]:
    files = [country.boundary_file.file, *(region.file for region in country.regions)]
    for section in _sections(country, indicator):
        files += [path for value in vars(section).values() for path in _paths(value)]
    if country.affected_area is not None:
        files.append(country.affected_area.file)
    if indicator == "degradation" and country.error_polygons is not None:
        files.append(country.error_polygons)
    return sorted(files)


def _paths(value) -> Iterator[Path]:
    """Every file in a field of a section; a folder stands for the files in it."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for each in value:
            yield from _paths(each)
    elif isinstance(value, VectorFile):
        yield value.file
    elif isinstance(value, str) and "{" in value:
        yield from (path for _, path in on_disk(Path(), value))
    elif isinstance(value, str) and Path(value).is_absolute():
        yield from _paths(Path(value))
    elif isinstance(value, Path) and value.is_dir():
        yield from (path for path in value.rglob("*") if path.is_file())
    elif isinstance(value, Path) and value.exists():
        yield value


def _options(country, indicator) -> list:
    """Tables and scalars of the sections, so that an edited matrix is noticed."""
    found = []
    for section in [*_sections(country, indicator), *country.regions]:
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
    """Fingerprint of the package: a changed formula makes every kept result stale."""
    folder = Path(__file__).parent
    digest = hashlib.sha256(__version__.encode())
    for path in sorted([*folder.rglob("*.py"), *folder.rglob("*.csv")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()
