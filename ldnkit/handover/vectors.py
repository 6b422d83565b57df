"""The polygons of a report in one GeoPackage, with the lists that belong to them.

Key biodiversity areas and protected areas are never written: their licences do not allow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import pandas as pd

from ldnkit import __version__, tables
from ldnkit.sources.vectors import spots

#: Value of ``unit`` for the whole country in the table of the vulnerability index.
NATIONAL = "national"


def write(
    country,
    results: Mapping,
    path: str | Path,
    *,
    language: str | None = None,
    licence: str = "",
    when: datetime | None = None,
) -> list[str]:
    """Write the GeoPackage of a report: EPSG:4326, attributes as the team named them.

    Layers, each only when the country has it: ``boundary``, ``regions``, ``affected_area``,
    ``error_polygons``, ``hotspots``, ``brightspots``, ``targets``, ``actions`` (a list without
    shapes), ``vulnerability_units`` (with the drought vulnerability index of the first and the
    last year).

    Parameters
    ----------
    country : Country
    results : mapping of indicator to Result
    path : path
        Appears only when it is complete.
    language : {"en", "fr", "es", "ru", "ar", "zh"}, optional
        Language of the titles of layers; by default that of the country.
    licence : str
        Licence of the report, as metadata.
    when : datetime, optional
        Time that is written as the last change; by default now.

    Returns
    -------
    list of str
        Names of the layers written.

    Raises
    ------
    OSError
        A file of the country cannot be read, or the disk is full.

    Notes
    -----
    Longitudes are those of the maps: a country across 180° has them from 0 to 360.

    Examples
    --------
    >>> write(country, ldnkit.results(country), "vectors/XLD.gpkg")  # doctest: +SKIP
    """
    import pyogrio

    language, path = language or country.language, Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.stem}.part.gpkg")
    unfinished.unlink(missing_ok=True)
    if when is not None:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": f"{when:%Y-%m-%dT%H:%M:%S}.000Z"})
    names = []
    try:
        for name, frame, source in _layers(country, results):
            _add(frame, unfinished, name, source, country, language, licence)
            names.append(name)
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    unfinished.replace(path)
    return names


def _add(frame, path, name, source, country, language, licence) -> None:
    import pyogrio

    notes = [tables.label("notice.boundaries", language)] if name == "boundary" else []
    if country.synthetic:
        notes.append(tables.label("notice.synthetic", language))
    metadata = {
        "SOURCE": source,
        "LICENCE": licence,
        "COUNTRY": country.iso3,
        "SOFTWARE": f"ldnkit {__version__}",
        "SYNTHETIC": "yes" if country.synthetic else "",
    }
    title = tables.label(f"package.{name}", language)
    pyogrio.write_dataframe(
        frame,
        path,
        layer=name,
        driver="GPKG",
        append=path.exists(),
        layer_options={"IDENTIFIER": name, "DESCRIPTION": " ".join([f"{title}.", *notes])},
        layer_metadata={key: text for key, text in metadata.items() if text},
    )


def _layers(country, results) -> Iterator[tuple[str, pd.DataFrame, str]]:
    """Name, features and source of each layer."""
    yield "boundary", country.boundary, country.boundary_file.file.name
    if country.regions:
        files = ", ".join(region.file.name for region in country.regions)
        yield "regions", country.region_boundaries, files
    if country.affected_area is not None:
        yield "affected_area", _affected(country), country.affected_area.file.name
    if country.error_polygons is not None:
        yield "error_polygons", _errors(country), country.error_polygons.name
    for name in ("hotspots", "brightspots"):
        frame = spots(country, name)
        if frame is not None and len(frame):
            yield name, _placed(country, frame), getattr(country, name).name
    section = country.targets
    if section is not None and section.polygons is not None:
        yield "targets", _read(country, section.polygons), section.polygons.file.name
    actions = results["targets"].tables.get("actions") if "targets" in results else None
    if actions is not None and len(actions):
        source = section.actions.name if section is not None and section.actions else ""
        yield "actions", actions, source
    units = None if country.vulnerability is None else country.vulnerability.units
    if units is not None:
        yield "vulnerability_units", _units(country, results), units.file.name


def _read(country, file):
    """The features of a team's file as they are, in EPSG:4326 and the longitudes of the maps."""
    import geopandas

    options = {} if file.layer is None else {"layer": file.layer}
    return _placed(country, geopandas.read_file(file.file, **options).to_crs(4326))


def _placed(country, frame):
    from ldnkit import boundaries

    if country.crosses_180:
        moved = [
            shape if shape is None or shape.is_empty else boundaries.shift_west(shape)
            for shape in frame.geometry
        ]
        frame = frame.set_geometry(moved, crs="EPSG:4326")
    return frame


def _affected(country):
    import geopandas

    row = {"iso3": [country.iso3], "name": [tables.label("package.affected_area")]}
    shape = country.polygons(country.affected_area)
    return geopandas.GeoDataFrame(row, geometry=[shape], crs="EPSG:4326")


def _errors(country):
    """Error polygons with the periods as one text: a cell holds no list."""
    from ldnkit.sources import error_polygons

    frame = error_polygons(country)
    periods = frame["periods_affected"].map(lambda names: ", ".join(map(str, names)))
    return frame.assign(periods_affected=periods)


def _units(country, results):
    """The units with the index of the first and the last year, where it was computed."""
    frame, key = _read(country, country.vulnerability.units), country.vulnerability.unit_key
    index = results["vulnerability"].tables.get("dvi") if "vulnerability" in results else None
    if index is None:
        return frame
    index = index[(index["sex"] == "total") & (index["unit"] != NATIONAL)]
    names = frame[key].astype(str).str.strip()
    for year in sorted(set(index["year"].agg(["min", "max"]).dropna())):
        values = index[index["year"] == year].set_index("unit")["dvi"]
        frame[f"dvi_{int(year)}"] = names.map(values).astype(float)
    return frame
