"""A country folder made of national packages: layers, boundary and country.yml."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from ldnkit import outlines
from ldnkit.findings import Finding, InputError, listed, stop_on_errors
from ldnkit.periods import Cycle, closest_year
from ldnkit.sources.trends_earth import legends
from ldnkit.sources.trends_earth.extraction import extract
from ldnkit.sources.trends_earth.packages import Package, open_package

#: Sources of land productivity dynamics, the one taken first when there are several.
DYNAMICS = {"TrendsEarth": "lpd_trends_earth", "JRC": "lpd_jrc", "FAO-WOCAT": "lpd_fao_wocat"}
#: Folder for ready-made layers that country.yml cannot name; for comparison.
READY = "trends_earth"
#: Layers that a package brings ready, and what the workbook does instead.
_RECOMPUTED = {
    "land_cover_degradation": "computed again from the land cover",
    "soil_change": "computed again from the stocks",
    "sdg": "computed again from the three sub-indicators",
    "status_detail": "computed again from the baseline and the periods",
    "drought_vulnerability": "the workbook computes the index from factors (SO3-3)",
}
_FOLDERS = {"productivity": "productivity", "land_cover": "land_cover", "soil": "soil",
            "population": "population", "drought": "climate"}  # fmt: skip
_CITATION = {
    "link": "https://docs.trends.earth",
    "author": "Conservation International, Trends.Earth",
    "citation": "Trends.Earth. Conservation International. Available online at: https://trends.earth",
}
_NOTEBOOK = "16"


@dataclass(frozen=True)
class NewCountry:
    """What :func:`new_country` made.

    Parameters
    ----------
    path : Path
        The country.yml.
    layers : dict of str to Path
        Extracted layers by name.
    findings : list of Finding
        What the packages do not carry, and what country.yml cannot name.
    """

    path: Path
    layers: dict[str, Path] = field(repr=False)
    findings: list[Finding] = field(repr=False)

    def __str__(self):
        return "\n".join([f"Written: {self.path}", *map(str, self.findings)])


def new_country(
    iso3: str,
    package: str | Path | Package | Sequence,
    folder: str | Path | None = None,
    *,
    method: str = "manual",
    lpd: str | None = None,
) -> NewCountry:
    """Make a country folder of one or several packages of Trends.Earth.

    Parameters
    ----------
    iso3 : str
        Three-letter code.
    package : path, Package or several
        A national package (archive, folder or file), or several: land and drought.
    folder : str or Path, optional
        Folder to make; by default one with the code as its name.
    method : {"manual", "trends.earth"}
        ``trends.earth`` repeats the choices of the pre-filled figures.
    lpd : str, optional
        ``TrendsEarth``, ``JRC`` or ``FAO-WOCAT``, when a package holds several.

    Returns
    -------
    NewCountry
        ``path`` is the country.yml; ``findings`` say what is missing or not used.

    Raises
    ------
    ValueError
        Unknown code, method or source of productivity.
    FileExistsError
        There is a country.yml already; it is left alone.
    InputError
        The package has problems, or holds no land cover.

    Examples
    --------
    >>> made = new_country("KEN", "KEN_SDG15.tar.gz")  # doctest: +SKIP
    >>> print(made)  # doctest: +SKIP
    """
    from ldnkit.country_file.new import write_country
    from ldnkit.country_file.text import country_text

    code = str(iso3).strip().upper()
    if code != outlines.TRAINING_ISO3:
        code = outlines.check_iso3(code)
    if lpd is not None and lpd not in DYNAMICS:
        raise ValueError(f"Unknown source of LPD: found {lpd!r}; use one of {', '.join(DYNAMICS)}.")
    cycle = Cycle(2026, method)
    folder = Path(code if folder is None else folder)
    if (folder / "country.yml").exists():
        raise FileExistsError(
            f"The country file exists already: found {folder / 'country.yml'}; "
            "give another folder, or move it away and ask again."
        )
    given = [package] if isinstance(package, (str, Path, Package)) else list(package)
    packages = [each if isinstance(each, Package) else open_package(each) for each in given]
    findings = [finding for each in packages for finding in each.findings]
    if not any(len(each.select(name)) for each in packages
               for name in ("land_cover", "land_cover_native")):  # fmt: skip
        raise InputError([each.missing("land cover") for each in packages])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".package-") as temporary:
        made = Path(temporary)
        rows, files = _extracted(packages, made)
        chosen = _chosen(rows, lpd, findings)
        placed = _placed(rows, chosen)
        values = _head(code, cycle, method)
        values["land_cover"] = _land_cover(packages, rows, placed, made, cycle, findings)
        values["productivity"] = _productivity(rows, placed, chosen, cycle, findings)
        values["soil"] = _soil(rows, placed, cycle, findings)
        values["population"] = _population(rows, placed, findings)
        values["drought"] = _drought(rows, placed, findings)
        values["grid"] = {"from": "productivity" if values["productivity"] else "land_cover"}
        _boundary(packages, code, made, findings)
        findings += _not_used(rows, placed)
        text = country_text({name: value for name, value in values.items() if value is not None})
        text = _left_out(text, values)
        stop_on_errors([finding for finding in findings if finding.severity == "error"])
        layers = _move(made, folder, files, placed)
    path = write_country(text, folder / "country.yml", "" if code == "XLD" else code)
    return NewCountry(path, layers, findings)


def _extracted(packages, folder: Path) -> tuple[pd.DataFrame, dict[str, Path]]:
    """Extract every package; the rows of all layers, and their files by output name."""
    rows, files = [], {}
    for package in packages:
        found = extract(package, folder / "layers")
        twice = sorted(set(found) & set(files))
        if twice:
            remedy = "Give one package of each kind."
            expected = "every layer in one package"
            raise InputError([Finding("error", package.path.name, f"again {listed(twice)}",
                                      expected, remedy, _NOTEBOOK)])  # fmt: skip
        files |= found
        rows.append(package.layers[package.layers["output"].isin(list(found))])
    return pd.concat(rows, ignore_index=True), files


def _chosen(rows: pd.DataFrame, lpd: str | None, findings: list[Finding]) -> str:
    """The layer of land productivity dynamics to be used; empty when there is none."""
    there = [layer for layer in DYNAMICS.values() if (rows["layer"] == layer).any()]
    if lpd is not None and DYNAMICS[lpd] not in there:
        found = listed(there) or "no land productivity dynamics"
        remedy = "Take the package with this source, or leave lpd= out."
        finding = Finding("error", "productivity", found, DYNAMICS[lpd], remedy, _NOTEBOOK)
        raise InputError([finding])
    if len(there) > 1 and lpd is None:
        remedy = "Say lpd= to choose another one."
        found = f"several sources: {listed(there)}; {there[0]} is used"
        findings.append(Finding("info", "productivity", found, "", remedy, _NOTEBOOK))
    chosen = DYNAMICS[lpd] if lpd else there[0] if there else ""
    if chosen == DYNAMICS["FAO-WOCAT"]:
        remedy = "Check the licence before you publish the layers."
        found = "land productivity dynamics of FAO-WOCAT: for non-commercial use"
        findings.append(Finding("info", "productivity", found, "", remedy, _NOTEBOOK))
    return chosen


def _placed(rows: pd.DataFrame, chosen: str) -> dict[str, str]:
    """Output name -> its place in the country folder."""
    from ldnkit.sources.trends_earth import bands

    sections = {kind.layer: kind.section for kind in bands.kinds().values()}
    native = "land_cover_native"
    if (rows["layer"] == "land_cover").any():
        sections[native] = ""
    for layer in DYNAMICS.values():
        sections[layer] = "productivity" if layer == chosen else ""
    places = {}
    for row in rows.to_dict("records"):
        usable = row["period"] if row["layer"] == chosen else pd.notna(row["last"])
        other_lag = row["layer"] == "spi" and "_lag_" in row["output"]
        section = sections[row["layer"]] if usable and not other_lag else ""
        folder = _FOLDERS.get(section, READY)
        places[row["output"]] = f"{folder}/{row['output']}.tif"
    return places


def _used(rows: pd.DataFrame, placed: dict[str, str], layer: str, **wanted) -> pd.DataFrame:
    """The rows of a layer whose files country.yml names."""
    found = rows[rows["layer"] == layer]
    for column, value in wanted.items():
        found = found[found[column] == value]
    named = [name for name in found["output"] if not placed[name].startswith(f"{READY}/")]
    return found[found["output"].isin(named)]


def _by_year(found: pd.DataFrame, placed: dict[str, str]) -> dict[int, str]:
    rows = found.sort_values("last").to_dict("records")
    return {int(row["last"]): placed[row["output"]] for row in rows}


def _head(code: str, cycle: Cycle, method: str) -> dict:
    training = code == outlines.TRAINING_ISO3
    return {
        "schema": 1,
        "iso3": code,
        "name": "Landia (fictional, synthetic data)" if training else outlines.names(code),
        "party": "affected",
        "cycle": cycle.year,
        "method": method,
        "boundary": {"file": "boundary.gpkg", "rule": "centre"},
        "regions": [],
    }


def _metadata(what: str) -> dict[str, str]:
    return {"title": f"Trends.Earth, national package: {what}", **_CITATION}


def _land_cover(packages, rows, placed, made, cycle, findings) -> dict:
    layer = "land_cover" if (rows["layer"] == "land_cover").any() else "land_cover_native"
    files = _by_year(_used(rows, placed, layer), placed)
    if not files:
        raise InputError([each.missing("land cover with a year") for each in packages])
    nesting = "unccd" if layer == "land_cover" else _native_nesting(packages, made, findings)
    _say_years("land_cover", files, cycle.land_cover_years, findings)
    return {
        "source": "default",
        "files": files,
        "nesting": nesting,
        "legend": "unccd",
        "matrix": "unccd",
        "metadata": _metadata("land cover"),
    }


def _native_nesting(packages, made: Path, findings) -> str:
    """The nesting that goes with land cover in its own codes, when the package tells it."""
    import json

    for package in packages:
        for metadata in package.metadata:
            text = metadata.get("nesting")
            if text:
                content = json.loads(text) if isinstance(text, str) else text
                legends.read_nesting(content, target=made / "land_cover" / "nesting.csv")
                return "land_cover/nesting.csv"
    remedy = "Write its nesting into country.yml: esa_cci, or a CSV file."
    found = "land cover in the codes of its product; esa_cci is written, please check"
    findings.append(Finding("warning", "land_cover: nesting", found, "its nesting", remedy, "02"))
    return "esa_cci"


def _say_years(where: str, years, wanted, findings: list[Finding]) -> None:
    """Say which years are absent and which year stands for each."""
    absent = [year for year in wanted if year not in years]
    said = [f"{year} ({closest_year(year, years)} is used)" for year in absent]
    if said:
        remedy = "The closest year is used, and the tables say so."
        found = f"a package without {listed(said)}"
        findings.append(Finding("info", where, found, "", remedy, _NOTEBOOK))


def _absent(where: str, what: str, notebook: str) -> Finding:
    remedy = f"Add your own to country.yml: {where}."
    return Finding("info", where, f"a package without {what}", "", remedy, notebook)


def _productivity(rows, placed, chosen, cycle, findings) -> dict | None:
    found = _used(rows, placed, chosen) if chosen else rows.iloc[:0]
    files = {row["period"]: placed[row["output"]] for row in found.to_dict("records")}
    names = [period.name for period in cycle.periods]
    missing = [name for name in names if name not in files]
    if missing:  # country.yml takes the dynamics of all periods, or none
        what = f"land productivity dynamics of {listed(missing)}"
        findings.append(_absent("productivity", what, "03"))
        return None
    found = "a package without yearly productivity and units for performance"
    remedy = "Trend, state and performance are not shown; the ready dynamics count."
    findings.append(Finding("info", "productivity", found, "", remedy, "03"))
    return {
        "source": "default",
        "lpd": {name: files[name] for name in names},
        "metadata": _metadata("land productivity dynamics"),
    }


def _soil(rows, placed, cycle, findings) -> dict | None:
    files = _by_year(_used(rows, placed, "soil_stock"), placed)
    if len(files) < 2:
        findings.append(_absent("soil", "stocks of two years", "04"))
        return None
    _say_years("soil", files, sorted({*cycle.soil_years, *cycle.land_cover_years}), findings)
    return {"source": "default", "stocks": files, "tier": 1,
            "metadata": _metadata("soil organic carbon")}  # fmt: skip


def _population(rows, placed, findings) -> dict | None:
    by_sex = {sex: _by_year(_used(rows, placed, "population", type=sex), placed)
              for sex in ("female", "male", "total")}  # fmt: skip
    by_sex = {sex: files for sex, files in by_sex.items() if files}
    if {"female", "male"} & set(by_sex) and len({"female", "male"} & set(by_sex)) == 1:
        alone = by_sex.keys() & {"female", "male"}
        findings.append(_absent("population", f"the other sex ({listed(alone)} is there)", "09"))
        by_sex = {sex: files for sex, files in by_sex.items() if sex == "total"}
    if not by_sex:
        findings.append(_absent("population", "population", "09"))
        return None
    if "female" not in by_sex:
        findings.append(_absent("population", "population by sex", "09"))
    return {"source": "default", **by_sex, "unit": "counts",
            "metadata": _metadata("population")}  # fmt: skip


def _drought(rows, placed, findings) -> dict | None:
    files = _by_year(_used(rows, placed, "spi"), placed)
    if not files:
        what = "a drought index (it is in the drought package)"
        findings.append(_absent("drought", what, "10"))
        return None
    from ldnkit.sources.trends_earth import bands

    (scale,) = {kind.scale for kind in bands.kinds().values() if kind.layer == "spi"}
    return {"source": "default", "index": files, "index_kind": "SPI", "index_scale": scale,
            "metadata": _metadata("standardised precipitation index")}  # fmt: skip


def _boundary(packages, code: str, made: Path, findings) -> None:
    """boundary.gpkg from the area of the package; without one, the overview outline is used."""
    import geopandas

    from ldnkit import boundaries

    areas = [file for package in packages for file in package.areas]
    if not areas:
        remedy = "Put the boundary of your mapping authority or UN Geodata in its place."
        found = "no area in the package; the overview outline is used"
        severity = "error" if code == outlines.TRAINING_ISO3 else "warning"
        findings.append(Finding(severity, "boundary", found, "a polygon file", remedy, "01"))
        return
    shape = boundaries.read_polygons(areas[0], where=areas[0].name)
    note = "Area of the Trends.Earth package; no official boundary"
    frame = geopandas.GeoDataFrame({"iso3": [code], "note": [note]}, geometry=[shape], crs=4326)
    frame.to_file(made / "boundary.gpkg", layer="boundary", driver="GPKG")
    remedy = "Put the boundary of your mapping authority or UN Geodata in its place."
    found = f"the area of the package ({areas[0].name}): totals differ from those of PRAIS"
    findings.append(Finding("info", "boundary", found, "", remedy, "01"))


def _not_used(rows: pd.DataFrame, placed: dict[str, str]) -> list[Finding]:
    """Layers that country.yml cannot name, with what happens instead."""
    findings = []
    for layer, same in rows.groupby("layer"):
        names = [name for name in same["output"] if placed[name].startswith(f"{READY}/")]
        if names:
            why = _RECOMPUTED.get(layer, "country.yml has no key for it")
            remedy = f"The files are in {READY} for comparison: {why}."
            findings.append(Finding("info", "package", f"ready layers: {listed(names)}", "",
                                    remedy, _NOTEBOOK))  # fmt: skip
    return findings


def _left_out(text: str, values: dict) -> str:
    """The text with the sections that the packages do not carry written as left out."""
    for name in ("productivity", "soil", "population", "drought"):
        if values[name] is None:
            text = text.replace(f"\n#{name}:\n", f"\n{name}: null    # not in the package\n")
    return text


def _move(made: Path, folder: Path, files: dict[str, Path], placed: dict[str, str]) -> dict:
    layers = {}
    for output, file in files.items():
        layers[output] = folder / placed[output]
        layers[output].parent.mkdir(parents=True, exist_ok=True)
        file.replace(layers[output])
    for name in ("boundary.gpkg", "land_cover/nesting.csv"):
        if (made / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.move(made / name, folder / name)
    return layers
