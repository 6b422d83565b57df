"""The files of the workshop: what a country file names, and the draft that is kept meanwhile."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ldnkit import degradation
from ldnkit.country_file import check
from ldnkit.country_file.splice import put_in_place, with_value
from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.sources.trends_earth import error_polygons as trends_earth
from ldnkit.sources.vectors import read_spots
from ldnkit.verification.polygons import FIELDS, KINDS, Feature, Polygons

#: Key of the country file, and name of the file, of each kind.
KEYS = {"error": "error_polygons", "hotspot": "hotspots", "brightspot": "brightspots"}
#: The draft in the folder of results: everything, also what is not complete yet.
DRAFT = "verification.geojson"


def start(country, path: str | Path = "") -> Polygons:
    """The polygons to begin with.

    Parameters
    ----------
    country : Country
    path : str or Path
        A file of :func:`read`. By default the files that the country file names; the training
        country begins with the error polygons that lie beside it.

    Returns
    -------
    Polygons

    Examples
    --------
    >>> import ldnkit
    >>> start(ldnkit.open_country("landia"))  # doctest: +SKIP
    <Polygons: 2 error, 0 hotspot, 0 brightspot>
    """
    if str(path):
        return read(path, cycle=country.cycle.year)
    features: list[Feature] = []
    files = {kind: getattr(country, key, None) for kind, key in KEYS.items()}
    beside = country.folder / "error_polygons.gpkg"
    if country.synthetic and files["error"] is None and beside.is_file():
        files["error"] = beside
    for kind, file in files.items():
        if file is not None:
            features += read(file, cycle=country.cycle.year, kind=kind).features
    return Polygons(cycle=country.cycle.year, features=features)


def read(path: str | Path, *, cycle: int = 2026, kind: str = "") -> Polygons:
    """Polygons from a file: error polygons of Trends.Earth, spots, or a draft of the workshop.

    Parameters
    ----------
    path : str or Path
        GeoJSON or GeoPackage.
    cycle : int
        Reporting cycle.
    kind : {"", "error", "hotspot", "brightspot"}
        What the file holds; by default a draft, or what its name says, or error polygons.

    Raises
    ------
    FileNotFoundError
        There is no such file.
    InputError
        The polygons cannot be used; all problems are listed.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"There are no polygons: found nothing at {path}; give a GeoJSON or GeoPackage."
        )
    if not kind and path.suffix.lower() in (".json", ".geojson"):
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        if content.get("ldnkit") == "verification":
            return _from_draft(content, cycle)
    kind = kind or next((each for each, key in KEYS.items() if key in path.stem), "error")
    frame = (
        trends_earth.read_error_polygons(path, cycle=cycle) if kind == "error" else read_spots(path)
    )
    polygons = Polygons(cycle=cycle)
    for row in frame.to_dict("records"):
        polygons.add(kind, row["geometry"], **{name: row[name] for name in FIELDS[kind]})
    given = [str(each) for each in frame["uuid"]]
    features = tuple(
        dataclasses.replace(feature, uuid=uuid or feature.uuid)
        for feature, uuid in zip(polygons.features, given, strict=True)
    )
    return Polygons(cycle=cycle, features=features)


def save(polygons: Polygons, folder: str | Path) -> dict[str, Path]:
    """Write the files that a country file can name; a kind without polygons has no file.

    Parameters
    ----------
    polygons : Polygons
    folder : str or Path

    Returns
    -------
    dict of str to Path
        Key of the country file (error_polygons, hotspots, brightspots) and its file.

    Raises
    ------
    InputError
        Error polygons without a period or a recode. Nothing is written then.
    """
    folder = Path(folder)
    stop_on_errors(errors_to_mend(polygons))
    written = {}
    for kind, key in KEYS.items():
        if not polygons.of(kind):
            continue
        path = folder / f"{key}.gpkg"
        folder.mkdir(parents=True, exist_ok=True)
        if kind == "error":
            frame = polygons.errors.drop(columns="type")
            trends_earth.write_error_polygons(frame, path, cycle=polygons.cycle)
        else:
            _write_spots(polygons.frame(kind), path, key)
        written[key] = path
    return written


def errors_to_mend(polygons: Polygons) -> list[Finding]:
    """Error polygons that say nothing: no period, or no recode."""
    found = []
    for number, feature in enumerate(polygons.of("error"), 1):
        where = place_of("error", number, feature)
        if not feature.attributes["periods_affected"]:
            expected = ", ".join(polygons.periods)
            remedy = "Say for which periods the method is wrong here."
            found.append(Finding("error", where, "no period", expected, remedy, "06"))
        if all(feature.attributes[name] is None for name in degradation.RECODES.values()):
            remedy = "Say what becomes of which class, or remove the polygon."
            found.append(Finding("error", where, "no recode", "at least one", remedy, "06"))
    return found


def place_of(kind: str, number: int, feature: Feature) -> str:
    """Where a finding belongs: the kind, the number and the location of a polygon."""
    name = feature.attributes.get("location_name", feature.attributes.get("location", ""))
    return f"{KEYS[kind]}: polygon {number}" + (f" ({name})" if name else "")


def store(country, polygons: Polygons) -> dict[str, Path]:
    """Write the files beside country.yml and name them there; its other lines stay.

    The country file as it was is kept beside it, with the ending ``.bak``.

    Parameters
    ----------
    country : Country
        Not the training country: its file is never changed.
    polygons : Polygons

    Returns
    -------
    dict of str to Path
        As for :func:`save`.

    Raises
    ------
    InputError
        The polygons or the lines would be wrong; the country file is then as it was.
    """
    if country.synthetic:
        found, remedy = "the training country", "Open your own country to write its files."
        raise InputError([Finding("error", "country.yml", found, "your country", remedy, "06")])
    written = save(polygons, country.folder)
    text = country.path.read_text(encoding="utf-8-sig")
    changed = text
    for kind, key in KEYS.items():
        if key in written:
            changed = with_value(changed, key, written[key].name)
        elif getattr(country, key, None) is not None and not polygons.of(kind):
            changed = with_value(changed, key, None)
    _, findings = check(changed, country.folder, country.path.name)
    stop_on_errors(each for each in findings if any(key in each.where for key in KEYS.values()))
    if changed != text:
        put_in_place(changed, country.path)
    return written


def with_files(country, written: Mapping[str, Path]):
    """The same country, with the files of :func:`save` in place of those it names.

    Results that were computed before belong to the country without these files.
    """
    return dataclasses.replace(country, **{key: written.get(key) for key in KEYS.values()})


def keep(country, polygons: Polygons) -> Path:
    """Keep the draft in the folder of results, so that nothing is lost when a page closes."""
    from shapely.geometry import mapping

    features = [
        {
            "type": "Feature",
            "properties": {"kind": each.kind, "uuid": each.uuid, **each.attributes},
            "geometry": mapping(each.geometry),
        }
        for each in polygons.features
    ]
    content = {"type": "FeatureCollection", "ldnkit": "verification", "features": features}
    path = country.folder_results / DRAFT
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    partial.replace(path)
    return path


def restore(country) -> Polygons | None:
    """The draft of an earlier sitting, or None when there is none that can be read."""
    path = country.folder_results / DRAFT
    if not path.is_file():
        return None
    try:
        return read(path, cycle=country.cycle.year)
    except (InputError, ValueError, KeyError):
        return None


def forget(country) -> None:
    """Remove the draft."""
    (country.folder_results / DRAFT).unlink(missing_ok=True)


def _from_draft(content: dict, cycle: int) -> Polygons:
    polygons = Polygons(cycle=cycle)
    uuids = []
    for feature in content["features"]:
        values = dict(feature["properties"])
        kind, uuid = values.pop("kind"), values.pop("uuid")
        polygons.add(kind, feature["geometry"], **values)
        uuids.append(uuid)
    features = tuple(
        dataclasses.replace(feature, uuid=uuid)
        for feature, uuid in zip(polygons.features, uuids, strict=True)
    )
    return Polygons(cycle=cycle, features=features)


def _write_spots(frame, path: Path, layer: str) -> None:
    part = path.with_name(f".{path.stem}.part{path.suffix}")
    part.unlink(missing_ok=True)
    try:
        texts = {name: frame[name].astype(object) for name in frame if name != "geometry"}
        texts["area_km_sq"] = pd.to_numeric(frame["area_km_sq"])
        frame.assign(**texts).to_file(part, driver="GPKG", layer=layer)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


assert set(KEYS) == set(KINDS)
