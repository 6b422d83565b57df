"""Error polygons (false positives and false negatives), Trends.Earth's files and ours."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import numpy as np
import pandas as pd

from ldnkit import degradation, polygons, tables
from ldnkit.findings import Finding, InputError, listed, stop_on_errors
from ldnkit.periods import Cycle

#: Attributes of an error polygon, in the order of the file.
TEXTS = ("location_name", "process_driving_change", "basis_for_judgement")
COLUMNS = ("uuid", "location_name", "area_km_sq", "process_driving_change", "basis_for_judgement",
           "stats", "periods_affected", *degradation.RECODES.values())  # fmt: skip
#: Attributes that geographic information systems add by themselves.
_OWN = ("fid", "ogc_fid", "id")
_NOTEBOOK = "06"


def read_error_polygons(path: str | Path, *, layer: str | None = None, cycle: int = 2026):
    """Error polygons as Trends.Earth has them, in the columns that a country file expects.

    Parameters
    ----------
    path : str or Path
        GeoJSON or GeoPackage.
    layer : str, optional
        Layer of the file; by default ``error_recode``, else the first one with a recode.
    cycle : int
        Reporting cycle whose periods are allowed.

    Returns
    -------
    GeoDataFrame, EPSG:4326
        ``uuid``, ``location_name``, ``area_km_sq``, ``process_driving_change``,
        ``basis_for_judgement``, ``stats`` (JSON text), ``periods_affected`` (tuple of periods)
        and three recodes (Int32; empty = leave the class). ``attrs["findings"]`` says what was
        left out and where a stated area does not fit its polygon.

    Raises
    ------
    InputError
        uuid missing, malformed or repeated; periods missing or unknown; recodes outside their
        sets; no polygon; no coordinate system. All are listed.

    References
    ----------
    Trends.Earth, error recode polygons. UNCCD reporting manual, 2026 process, SO1-4.T3.

    Examples
    --------
    >>> frame = read_error_polygons("error_recode_KEN.geojson")  # doctest: +SKIP
    """
    frame, name = _opened(Path(path), layer)
    findings = _checked(frame, name, cycle)
    left = [column for column in frame.columns if column not in (*COLUMNS, "geometry")]
    dropped = [column for column in left if column not in _OWN]
    if dropped:
        found = f"attributes of another name: {listed(dropped)}"
        remedy = "They are left out; Trends.Earth leaves them out, too."
        findings.append(Finding("info", name, found, "", remedy, _NOTEBOOK))
    findings = stop_on_errors(findings)
    result = _typed(frame)
    result.attrs["findings"] = findings
    return result


def own(path: str | Path):
    """The error polygons that a country file names, with all columns and types.

    uuid and area are filled in where they are absent. Nothing else is checked: the country did.
    """
    frame, _ = _opened(Path(path), None)
    return _typed(completed(frame))


def take_error_polygons(path: str | Path, target: str | Path, **options) -> Path:
    """Read error polygons of Trends.Earth and write the GeoPackage that a country file can name.

    Examples
    --------
    >>> path = take_error_polygons("from_te.geojson", "error_polygons.gpkg")  # doctest: +SKIP
    """
    return write_error_polygons(read_error_polygons(path, **options), target)


def write_error_polygons(frame, path: str | Path, *, cycle: int = 2026) -> Path:
    """Write error polygons as Trends.Earth reads them.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons with ``periods_affected`` (a list, a tuple or JSON text) and the three recodes,
        as in a country's own file. Without a ``uuid`` a polygon gets one that depends on its
        corners and its location only. Without ``area_km_sq`` its area on the ellipsoid is
        written.
    path : str or Path
        ``.geojson`` (lists stay lists) or ``.gpkg`` (lists become JSON text).

    Returns
    -------
    Path

    Raises
    ------
    InputError
        Values that Trends.Earth does not accept. All are listed, and nothing is written.
    ValueError
        Another kind of file.

    Examples
    --------
    >>> write_error_polygons(frame, "error_recode_KEN.geojson")  # doctest: +SKIP
    """
    path = Path(path)
    if path.suffix.lower() not in (".geojson", ".json", ".gpkg"):
        raise ValueError(
            f"Unknown kind of file for error polygons: found {path.name}; use .geojson or .gpkg."
        )
    frame = completed(frame)
    stop_on_errors(_checked(frame, path.name, cycle))
    frame = _typed(frame)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        if path.suffix.lower() == ".gpkg":
            lists = frame["periods_affected"].map(lambda periods: json.dumps(list(periods)))
            frame.assign(periods_affected=lists.astype(object)).to_file(
                part, driver="GPKG", layer="error_recode"
            )
        else:
            text = json.dumps(feature_collection(frame, name=path.stem), ensure_ascii=False)
            part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def completed(frame):
    """A frame with all columns, in EPSG:4326; uuid and area filled in where they are absent."""
    frame = frame.copy() if frame.crs is None else frame.to_crs(4326)
    for column in COLUMNS:
        if column not in frame:
            frame[column] = pd.Series([None] * len(frame), frame.index, dtype=object)
    shapes = frame.geometry
    frame["uuid"] = [
        _own_uuid(shape, place) if pd.isna(given) or str(given) == "" else str(given)
        for given, shape, place in zip(frame["uuid"], shapes, frame["location_name"], strict=True)
    ]
    areas = _areas(frame)
    frame["area_km_sq"] = [
        round(float(measured), 6) if pd.isna(given) else float(given)
        for given, measured in zip(frame["area_km_sq"], areas, strict=True)
    ]
    return frame


def feature_collection(frame, *, name: str) -> dict:
    """Polygons as a GeoJSON mapping, corners as they are, with null for what is empty."""
    from shapely.geometry import mapping

    features = []
    for row in frame.to_dict("records"):
        properties = {column: _plain(row.get(column), column) for column in COLUMNS}
        geometry = json.loads(json.dumps(mapping(row["geometry"])))
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    return {"type": "FeatureCollection", "name": name, "crs": crs, "features": features}


def _plain(value, column: str):
    if column == "periods_affected":
        return list(value)
    if value is None or (not isinstance(value, (dict, list, tuple)) and pd.isna(value)):
        return None
    if column in degradation.RECODES.values():
        return int(value)
    if column == "stats":
        return json.loads(value) if isinstance(value, str) and value.strip() else None
    return float(value) if column == "area_km_sq" else str(value)


def _opened(path: Path, layer: str | None):
    """The layer with recodes, as a GeoDataFrame in degrees, and its name for messages."""
    import geopandas
    import pyogrio
    from pyogrio.errors import DataLayerError, DataSourceError

    if not path.is_file():
        raise FileNotFoundError(
            f"There are no error polygons: found nothing at {path}; give a GeoJSON or GeoPackage."
        )
    try:
        known = [str(each) for each, _ in pyogrio.list_layers(path)]
        if layer is None and len(known) > 1:
            layer = _layer_of(path, known)
        frame = geopandas.read_file(path, **({} if layer is None else {"layer": layer}))
    except (DataSourceError, DataLayerError) as error:
        reason = str(error).partition(";")[0]
        raise InputError([_wrong(path.name, reason, "polygons", "Export it again.")]) from error
    if not isinstance(frame, geopandas.GeoDataFrame):
        frame = geopandas.GeoDataFrame(frame, geometry=[None] * len(frame))
    if frame.crs is None and len(frame):
        remedy = "Give the file its coordinate system and save it again."
        raise InputError([_wrong(path.name, "no coordinate system", "EPSG:4326", remedy)])
    return (frame.set_crs(4326) if frame.crs is None else frame.to_crs(4326)), path.name


def _layer_of(path: Path, known: list[str]) -> str:
    import pyogrio

    if "error_recode" in known:
        return "error_recode"
    recode = degradation.RECODES[-1]
    having = [each for each in known if recode in pyogrio.read_info(path, layer=each)["fields"]]
    return (having or known)[0]


def _checked(frame, name: str, cycle: int) -> list[Finding]:
    """Every problem of a frame of polygons."""
    if not len(frame):
        return []
    findings = []
    needed = ("uuid", "periods_affected")
    absent = [column for column in needed if column not in frame]
    if absent:
        remedy = f"Add {' and '.join(absent)}; Trends.Earth requires them."
        findings.append(
            _wrong(name, f"no attribute {', '.join(absent)}", ", ".join(needed), remedy)
        )
    if not any(column in frame for column in degradation.RECODES.values()):
        expected = ", ".join(degradation.RECODES.values())
        findings.append(_wrong(name, "no recode", expected, "Say what becomes of which class."))
    periods = [period.name for period in Cycle(cycle).periods]
    for number, row in enumerate(frame.to_dict("records"), 1):
        where = f"{name}: polygon {number}"
        if row.get("location_name"):
            where += f" ({row['location_name']})"
        if "uuid" in frame:
            findings += _uuid_findings(row["uuid"], where)
        if "periods_affected" in frame:
            findings += _period_findings(row["periods_affected"], periods, where)
        findings += _recode_findings(row, where)
        findings += _shape_findings(row["geometry"], where)
    if "uuid" in frame:
        given = [str(value) for value in frame["uuid"] if not pd.isna(value)]
        twice = sorted({value for value in given if given.count(value) > 1})
        if twice:
            remedy = "Give every polygon a uuid of its own."
            findings.append(_wrong(name, f"uuid twice: {listed(twice)}", "each once", remedy))
    if not findings:
        findings = _area_findings(frame, name)
    return findings


def _uuid_findings(value, where: str) -> list[Finding]:
    try:
        UUID(str(value))
    except ValueError:
        found = "no uuid" if pd.isna(value) or value == "" else f"uuid {value!r}"
        remedy = "Give the polygon a uuid (in QGIS: the expression uuid('WithoutBraces'))."
        return [_wrong(where, found, "such as 5f0c3c3e-0c58-5c8e-9e0a-7d5b1d2f4a10", remedy)]
    return []


def _period_findings(value, known: list[str], where: str) -> list[Finding]:
    remedy = f"Write a list of {', '.join(known)}."
    given = [period for period in periods_of(value) if period]
    if not given:
        return [_wrong(where, "no periods_affected", "at least one period", remedy)]
    unknown = [period for period in given if period not in known]
    if unknown:
        found = f"periods_affected {', '.join(unknown)}"
        return [_wrong(where, found, f"only {', '.join(known)}", remedy)]
    return []


def periods_of(value) -> tuple[str, ...]:
    """Names of periods in a list, an array or JSON text.

    Examples
    --------
    >>> periods_of('["baseline"]'), periods_of(None)
    (('baseline',), ())
    """
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return degradation.periods_of(value)


def _recode_findings(row: dict, where: str) -> list[Finding]:
    findings = []
    for column, value in degradation.wrong_recodes(row).items():
        expected = f"one of {', '.join(map(str, degradation.allowed_recodes(column)))}, or empty"
        remedy = "Empty leaves the class as it is; -32768 makes it no data."
        findings.append(_wrong(where, f"{column} {value}", expected, remedy))
    return findings


def _shape_findings(shape, where: str) -> list[Finding]:
    if shape is None or shape.is_empty or shape.geom_type not in ("Polygon", "MultiPolygon"):
        found = "no geometry" if shape is None or shape.is_empty else shape.geom_type
        return [_wrong(where, found, "a polygon", "Draw its outline, or delete the row.")]
    return []


def _area_findings(frame, name: str) -> list[Finding]:
    """Warnings about stated areas that do not fit their polygons."""
    if "area_km_sq" not in frame:
        return []
    limit = tables.constant("error_polygon_area_tolerance") / 100
    findings = []
    for number, (given, found) in enumerate(
        zip(frame["area_km_sq"].astype(float), _areas(frame), strict=True), 1
    ):
        if given == given and abs(given - found) > limit * max(found, 1e-12):
            remedy = "The report counts cells inside the polygon. Mend the figure or the outline."
            said = f"area_km_sq {given:g} km²"
            expected = f"{found:.4g} km², the area of the polygon"
            findings.append(
                Finding("warning", f"{name}: polygon {number}", said, expected, remedy, _NOTEBOOK)
            )
    return findings


def _areas(frame) -> np.ndarray:
    shapes = np.array(frame.geometry.array, object)
    good = [shape is not None and not shape.is_empty for shape in shapes]
    result = np.full(len(shapes), np.nan)
    if any(good):
        result[good] = polygons.area_km2(polygons.tidy(shapes[good]))
    return result


def _own_uuid(shape, location) -> str:
    """A uuid from the corners and the location: the same polygon gets the same one."""
    import shapely

    corners = b"" if shape is None else shapely.to_wkb(shapely.normalize(shape), byte_order=1)
    place = "" if pd.isna(location) else str(location)
    return str(uuid5(NAMESPACE_URL, f"error polygon|{place}|{corners.hex()}"))


def _typed(frame):
    """The columns of error polygons with their types; absent ones empty."""
    import geopandas

    columns: dict[str, Iterable] = {}
    for column in COLUMNS:
        given = frame[column] if column in frame else pd.Series([None] * len(frame), frame.index)
        if column in degradation.RECODES.values():
            values = pd.to_numeric(given.replace("", None)).astype("Float64").astype("Int32")
        elif column == "area_km_sq":
            values = given.astype(float)
        elif column == "periods_affected":
            values = given.map(periods_of).astype(object)
        elif column == "stats":
            values = pd.Series([_as_json(each) for each in given], given.index, dtype=object)
        else:
            values = given.astype(object).where(given.notna(), "" if column in TEXTS else None)
        columns[column] = values
    result = geopandas.GeoDataFrame(columns, geometry=frame.geometry.array, crs=4326)
    return result.reset_index(drop=True)


def _as_json(value):
    """Statistics as JSON text, or None."""
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return None if value is None or value != value or value == "" else str(value)


def _wrong(where: str, found: str, expected: str, remedy: str) -> Finding:
    return Finding("error", where, found, expected, remedy, _NOTEBOOK)
