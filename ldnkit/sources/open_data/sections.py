"""From fetched files to the country file: the sections to paste, or written there directly."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from ldnkit.findings import Finding, stop_on_errors
from ldnkit.sources import catalogue
from ldnkit.sources.open_data.cache import Cache, sidecar_of
from ldnkit.sources.open_data.fetching import chosen, fetch
from ldnkit.sources.open_data.places import place_of

#: Layer of the catalogue → section of the country file.
SECTIONS = {
    "land_cover": "land_cover",
    "productivity": "productivity",
    "units": "productivity",
    "soil_reference": "soil",
    "soil_climate": "soil",
    "population": "population",
    "population_total": "population",
    "precipitation": "drought",
    "drought_index": "drought",
}
#: Keys that say the same in another way: they are switched off when a layer is written.
INSTEAD = {
    "land_cover": ("years",),
    "productivity": ("lpd", "years"),
    "soil_reference": ("stocks", "years"),
    "soil_climate": ("factor",),
    "population": ("total", "sex_ratio", "years", "districts", "table", "weight"),
    "population_total": ("female", "male", "years", "districts", "table", "weight"),
    "precipitation": ("water_balance", "index", "years", "index_kind", "index_scale", "variable"),
    "drought_index": ("precipitation", "water_balance", "years", "variable"),
}


@dataclass(frozen=True)
class Prepared:
    """What :func:`prepare` did: the country file, the files by layer, and remarks."""

    file: Path
    paths: dict[str, dict]
    findings: tuple[Finding, ...]


def section_of(country, layer: str, paths: Mapping, *, dataset: str | None = None) -> dict:
    """The keys of a section of the country file for fetched files, as a dictionary.

    Parameters
    ----------
    country : Country, str or Path
    layer : str
        A layer of the catalogue that a country file can name.
    paths : mapping
        What :func:`fetch` returned.
    dataset : str, optional
        Its key; otherwise the note beside the first file says it.

    Raises
    ------
    ValueError
        The country file has no place for such a layer.
    """
    if layer not in SECTIONS:
        raise ValueError(
            f"A country file has no place for {layer!r}: found no such layer; use one of "
            f"{', '.join(SECTIONS)}. Packages of Trends.Earth are read by their own reader."
        )
    folder = place_of(country).folder
    first = next(iter(paths.values()))
    first = first["female"] if isinstance(first, Mapping) else first
    key = dataset or json.loads(sidecar_of(first).read_text(encoding="utf-8"))["dataset"]
    entry = catalogue.entry(key)
    names = {year: _names(path, folder) for year, path in sorted(paths.items())}
    keys = {"source": "default", **_keys(layer, entry, names)}
    if layer not in ("units", "soil_climate"):  # parts of a section that has its own metadata
        keys["metadata"] = entry.metadata()
    else:
        del keys["source"]
    return keys


def _names(path, folder: Path):
    if isinstance(path, Mapping):
        return {name: _names(each, folder) for name, each in path.items()}
    path = Path(path).resolve()
    inside = path.is_relative_to(folder.resolve())
    return (path.relative_to(folder.resolve()) if inside else path).as_posix()


def _keys(layer: str, entry, names: dict) -> dict:
    first = next(iter(names.values()))
    if layer == "land_cover":
        return {"files": names, "nesting": entry.nesting}
    if layer == "productivity":
        more = {"scale": int(entry.scale) if entry.scale else 1}
        if entry.nodata is not None and entry.step == "year":
            more["nodata"] = [int(entry.nodata)]
        return {"annual": names, "index": entry.index, **more}
    if layer == "units":
        return {"units": {"soil": first, "land_cover": True}}
    if layer == "soil_reference":
        return {"reference": first}
    if layer == "soil_climate":
        return {"climate": first}
    if layer == "population":
        by_sex = {sex: {year: each[sex] for year, each in names.items()} for sex in first}
        return {**by_sex, "unit": "counts"}
    if layer == "population_total":
        return {"total": names, "unit": "counts"}
    if layer == "drought_index":
        scale = int(entry.scale) if entry.scale else 1
        return {"index": names, "index_kind": entry.index, "index_scale": scale}
    variable = {}
    if first.endswith(".nc"):
        ways = [way for way in catalogue.routes(entry.dataset) if way.kind == "zarr"]
        variable = {"variable": ways[0].variable} if ways else {}
        return {"precipitation": first, **variable, "time_step": "month"}
    year = str(next(iter(names)))
    stem, _, name = first.rpartition("/")
    pattern = f"{stem}/{name.replace(year, '{year}', 1)}".lstrip("/" if not stem else "")
    return {"precipitation": pattern, "time_step": "month"}


def country_section(country, layer: str, paths: Mapping, *, dataset: str | None = None) -> str:
    """The lines of country.yml for fetched files, to be pasted.

    Examples
    --------
    >>> print(country_section(country, "land_cover", paths))  # doctest: +SKIP
    """
    keys = section_of(country, layer, paths, dataset=dataset)
    text = {SECTIONS[layer]: keys}
    return yaml.safe_dump(text, allow_unicode=True, sort_keys=False, width=10_000)


def prepare(
    country, layers: Mapping[str, str], *, years: Mapping[str, list] | None = None,
    folder: str = "open_data", **options,
) -> Prepared:  # fmt: skip
    """Fetch layers into the folder of the country, and write them into its country file.

    Afterwards the ordinary way does everything: the country file names files that are there.

    Parameters
    ----------
    country : Country, str or Path
        A country file may name rasters that do not exist yet.
    layers : mapping
        Layer → dataset, for example ``{"land_cover": "esa_cci", "population": "worldpop"}``; the
        layer's own name takes what the catalogue recommends.
    years : mapping, optional
        Layer → years.
    folder : str
        Folder of the files, beside the country file.
    **options
        As for :func:`fetch`: route, progress, offline, cache.

    Returns
    -------
    Prepared
        The file, the paths by layer, and findings: what was written and what its licence asks.

    Raises
    ------
    Offline, Unreachable, ValueError
        See :func:`fetch`. The country file is written only when all layers are there.
    InputError
        The sections would be wrong; the file is then as it was. It is kept as ``.bak`` otherwise.

    Examples
    --------
    >>> prepare("KEN/country.yml", {"land_cover": "esa_cci"})  # doctest: +SKIP
    """
    place = place_of(country)
    if place.iso3 == "XLD" and not options.get("cache"):
        raise ValueError(
            "Landia is fictional: found no open data of it; open the country file of a real "
            "country."
        )
    fetched, findings = {}, []
    for layer, what in layers.items():
        wanted = (years or {}).get(layer)
        entry, _ = chosen(what, options.get("route"), (wanted or [None])[0])
        goal = place.folder / folder / entry.dataset
        fetched[layer] = fetch(country, what, years=wanted, folder=goal, **options)
        findings += _licence_findings(layer, fetched[layer])
    text = place.file.read_text(encoding="utf-8-sig")
    changed = text
    for layer, paths in fetched.items():
        changed = _written(changed, layer, section_of(country, layer, paths))
    _store(place.file, text, changed, {SECTIONS[layer] for layer in fetched})
    return Prepared(place.file, fetched, tuple(findings))


def _written(text: str, layer: str, keys: dict) -> str:
    """The text with the keys of a layer; what they replace is switched off."""
    from ldnkit.country_file.splice import with_entry

    section = SECTIONS[layer]
    old = (yaml.safe_load(text) or {}).get(section)
    for key in INSTEAD.get(layer, ()):
        if isinstance(old, dict) and old.get(key) is not None and key not in keys:
            text = with_entry(text, section, key, None)
    for key, value in keys.items():
        if key == "units" and isinstance(old, dict) and isinstance(old.get("units"), dict):
            value = {**old["units"], "soil": value["soil"]}
        text = with_entry(text, section, key, value)
    return text


def _store(path: Path, text: str, changed: str, sections: set[str]) -> None:
    from ldnkit.country_file import check
    from ldnkit.country_file.splice import put_in_place

    def about(content):
        """Findings about the sections: where (without the line) and what was found."""
        _, findings = check(content, path.parent, path.name)
        own = [one for one in findings if any(f": {name}" in one.where for name in sections)]
        return {(one.where.partition(": ")[2], one.found): one for one in own}

    before = about(text)
    new = [one for mark, one in about(changed).items() if mark not in before]
    stop_on_errors([one for one in new if one.severity == "error"])
    put_in_place(changed, path)


def _licence_findings(layer: str, paths: Mapping) -> list[Finding]:
    """What was fetched, and what its licence asks for."""
    first = next(iter(paths.values()))
    first = first["female"] if isinstance(first, Mapping) else first
    note = json.loads(sidecar_of(first).read_text(encoding="utf-8"))
    years = f"{min(paths)}–{max(paths)}" if len(paths) > 1 else f"{min(paths)}"
    found = f"{note['title']}, {years}, licence {note['licence']}"
    findings = [Finding("info", layer, found)]
    advice = {
        "non_commercial": "Use it for the report only, not for anything that is sold.",
        "no_redistribution": "Do not pass the file on; leave it out of the report package.",
        "share_alike": "Pass on maps made from it under the same licence.",
        "unclear": "Ask the producer before you pass it on.",
    }
    for flag in note["flags"]:
        expected = "a use that the licence allows"
        words = f"{note['licence']} ({flag.replace('_', ' ')})"
        findings.append(Finding("warning", layer, words, expected, advice[flag]))
    return findings


def fetch_boundary(iso3: str, folder, *, dataset: str = "geoboundaries") -> Path:
    """Bring an outline of a country to begin with, as ``boundary.geojson``.

    Parameters
    ----------
    iso3 : str
        For example ``"KEN"``.
    folder : str or Path
        Folder of the country file.
    dataset : str
        A dataset of the catalogue whose way answers with an address.

    Raises
    ------
    Unreachable
        No answer, or a file that holds no polygons.

    Notes
    -----
    It is not an official boundary: take that of your mapping authority or UN Geodata for the
    report. PRAIS uses UN Geodata, so areas differ a little.
    """
    from ldnkit.sources.open_data import web
    from ldnkit.sources.open_data.cache import about
    from ldnkit.sources.open_data.download import download
    from ldnkit.sources.open_data.problems import Unreachable

    _, way = chosen(dataset)
    asked = catalogue.fill_in(way.address, iso3=iso3.upper(), iso3_lower=iso3.lower())
    answer = web.json_of(asked)
    address = (answer if isinstance(answer, dict) else {}).get(way.field)
    if not address:
        raise Unreachable(asked, f"an answer without {way.field}")
    target = Path(folder) / "boundary.geojson"
    draft = target.with_name("boundary.geojson.new")
    receipt = download(address, draft, progress=False)
    if b'"Polygon"' not in draft.read_bytes() and b'"MultiPolygon"' not in draft.read_bytes():
        draft.unlink()
        raise Unreachable(address, "a file without polygons", kind="content")
    note = about(dataset, way.route, receipt.address, sha256=receipt.sha256, bytes=receipt.bytes)
    text = json.dumps(note, ensure_ascii=False, indent=1)
    sidecar_of(target).write_text(text + "\n", encoding="utf-8")
    draft.replace(target)
    return target


__all__ = ["Cache", "Prepared", "country_section", "fetch_boundary", "prepare", "section_of"]
