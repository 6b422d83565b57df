"""The rules of country.yml, section by section; every problem is found at once."""

from __future__ import annotations

import re
from pathlib import Path

from ldnkit import outlines, tables
from ldnkit.country_file.document import Document, parse, shown
from ldnkit.country_file.drought import drought, vulnerability
from ldnkit.country_file.forms import forms
from ldnkit.country_file.inputs import (
    licences,
    metadata,
    one_of,
    positive,
    rasters,
    table,
    vector_file,
)
from ldnkit.country_file.keys import KINDS, check_keys, existing_file
from ldnkit.country_file.layers import LandCover, Productivity, Region, Soil
from ldnkit.country_file.numbers import check_grid, check_parameters, check_periods
from ldnkit.country_file.people import population
from ldnkit.findings import Finding, closest

MOST_REGIONS = 5
#: The licence that applies when a Party chooses none (UNCCD reporting modalities, 2026 process).
WITHOUT_LICENCE = "CC BY-NC 4.0"
#: The sections with data, and what stays empty without them.
NEEDED_BY = {
    "land_cover": "the areas of land and water and all of SO1 need it",
    "productivity": "SO1-2 and SO1-4 need it",
    "soil": "SO1-3 and SO1-4 need it",
    "population": "CP-1.T2, SO2-3 and SO3-2 need it",
    "drought": "SO3-1 and SO3-2 need it",
    "vulnerability": "SO3-3 needs it",
}


def check(text: str, folder: Path, file: str = "country.yml") -> tuple[dict, list[Finding]]:
    """Check the text of a country file, with paths relative to ``folder``.

    Returns
    -------
    fields : dict
        What :class:`ldnkit.country.Country` needs; complete only without errors.
    findings : list of Finding
        Every problem, in the order of the lines.

    Examples
    --------
    >>> fields, findings = check("schema: 1", Path("."))
    >>> [finding.where for finding in findings][0]
    'country.yml line 1: iso3'
    """
    document = parse(text, folder, file)
    if document.findings and not document.tree:
        return {}, document.findings
    check_keys(document)
    values = document.values
    fields = {"iso3": values.get("iso3", ""), "party": values.get("party", "affected")}
    fields["names"] = values.get("name") or _default_names(document, fields["iso3"])
    fields["method"] = values.get("method", "manual")
    fields["cycle"] = check_periods(document, fields["method"])
    fields["parameters"] = check_parameters(document, fields["method"])
    fields["boundary_file"] = vector_file(document, "boundary")
    fields["boundary_rule"] = values.get("boundary.rule", "centre")
    fields["affected_area"] = vector_file(document, "affected_area")
    for key in ("error_polygons", "hotspots", "brightspots", "answers", "platform", "previous"):
        fields[key] = values.get(key)
    project = str(values.get("earth_engine.project", "")).strip()
    fields["earth_engine"] = {"project": project} if project else None
    fields["licence"] = _licence(document)
    fields["licences"] = licences(document)
    affected = fields["party"] == "affected"
    for section in NEEDED_BY:
        if not document.given(section) and document.usable(section):
            _absent(document, section, affected)
    legend = table(document, ("land_cover", "legend"), tables.legend)
    fields["land_cover"] = _land_cover(document, legend, affected)
    fields["productivity"] = _productivity(document, fields["cycle"])
    fields["soil"] = _soil(document, legend)
    fields["population"] = population(document)
    fields["drought"] = drought(document, fields["cycle"])
    fields["vulnerability"] = vulnerability(document)
    fields |= forms(document, affected=affected)
    fields["regions"] = _regions(document, legend)
    fields["grid_choice"] = check_grid(document)
    return fields, sorted(document.findings, key=_line)


def _line(finding: Finding) -> int:
    match = re.search(r" line (\d+)", finding.where)
    return int(match.group(1)) if match else 0


def _default_names(document: Document, iso3: str) -> dict[str, str]:
    try:
        return outlines.names(iso3)
    except ValueError:
        if iso3 and document.usable("name"):
            remedy = "Write name: and the name of the country."
            document.problem("name", "nothing", "a name, because the code has none", remedy)
        return {}


def _absent(document: Document, section: str, affected: bool) -> None:
    """A whole section is missing; ``section: null`` says that this is meant."""
    meant = section in document.tree
    if affected:
        severity = "info" if meant else "warning"
        if section == "land_cover":
            severity = "warning" if meant else "error"
    else:  # a developed country Party reports its profile, with CP-1.T2
        severity = "warning" if section == "population" and not meant else "info"
    remedy = f"Add the section when the files are there, or write {section}: null."
    expected = f"the section {section} ({NEEDED_BY[section]})"
    document.problem(section, "nothing", expected, remedy, severity=severity)


def _licence(document: Document) -> str:
    """Licence of the submission; without a choice the platform has one of its own."""
    licence = str(document.values.get("licence", "")).strip()
    if not licence and document.usable("licence"):
        document.problem(
            "licence",
            f"no licence of the submission; {WITHOUT_LICENCE} applies",
            "a choice of the Party; CC0 or CC BY 4.0 is recommended",
            "Write licence: CC BY 4.0, or the licence that your Party has chosen.",
            severity="info",
        )
    return licence


def _land_cover(document: Document, legend, affected: bool) -> LandCover | None:
    if not isinstance(document.tree.get("land_cover"), dict):
        return None
    values = document.values
    files = rasters(document, "land_cover", "files")
    if affected and len(files) == 1 and document.usable("land_cover.files"):
        document.problem(
            "land_cover.files",
            f"one year ({min(files)})",
            "at least two years",
            "Add the rasters of the other years: a change needs two.",
        )
    annex = metadata(document, "land_cover")
    nesting = matrix = None
    if legend is not None:
        if document.given("land_cover.nesting"):
            nesting = table(document, ("land_cover", "nesting"), tables.nesting, classes=legend)
        matrix = table(document, ("land_cover", "matrix"), tables.transition_matrix, classes=legend)
    return LandCover(
        files=files,
        nesting=nesting,
        legend=legend,
        matrix=matrix,
        nesting_name=values.get("land_cover.nesting", ""),
        legend_name=values.get("land_cover.legend", "unccd"),
        matrix_name=values.get("land_cover.matrix", "unccd"),
        source=values.get("land_cover.source", "default"),
        nodata=values.get("land_cover.nodata", ()),
        metadata=annex,
    )


def _productivity(document: Document, cycle) -> Productivity | None:
    if not isinstance(document.tree.get("productivity"), dict):
        return None
    values = document.values
    one_of(document, "productivity", "annual", "lpd")
    files = rasters(document, "productivity", "annual")
    if document.given("productivity.annual"):
        if not document.given("productivity.scale"):
            remedy = "Write scale: 10000 for NDVI stored as 0 to 10 000, scale: 1 for 0 to 1."
            document.problem("productivity.scale", "nothing", "a number", remedy)
        if values.get("productivity.units.soil") is None and document.usable("productivity.units"):
            document.problem(
                "productivity.units.soil",
                "nothing",
                "a raster of soil units",
                "Without it performance compares cells within land cover classes only.",
                severity="warning",
                notebook="03",
            )
    positive(document, "productivity.scale")
    climate = rasters(document, "productivity", "climate")
    correction = values.get("productivity.correction")
    if bool(climate) != bool(correction) and document.usable("productivity.climate"):
        document.problem(
            ("productivity", "climate" if climate else "correction"),
            "climate without correction" if climate else "a correction without climate",
            "climate and correction together",
            "Write both, or leave both out.",
        )
    return Productivity(
        files=files,
        lpd=_lpd(document, cycle),
        index=values.get("productivity.index", "NDVI"),
        scale=values.get("productivity.scale"),
        units_file=values.get("productivity.units.soil"),
        units_land_cover=values.get("productivity.units.land_cover", True),
        climate=climate,
        correction=correction,
        source=values.get("productivity.source", "default"),
        nodata=values.get("productivity.nodata", ()),
        metadata=metadata(document, "productivity"),
    )


def _lpd(document: Document, cycle) -> dict[str, Path]:
    path, files = ("productivity", "lpd"), {}
    given = document.values.get("productivity.lpd")
    if not given or cycle is None:
        return {}
    names = [period.name for period in cycle.periods]
    for name, file in given.items():
        here = (*path, name)
        if name not in names:
            document.problem(here, f"the period '{name}'", ", ".join(names), closest(name, names))
        elif not isinstance(file, str):
            document.problem(here, shown(file), "the name of a file", "Write the file name.")
        else:
            files[name] = existing_file(document, here, file)
    absent = [name for name in names if name not in given]
    if absent:
        remedy = f"Add {' and '.join(f'{name}: its raster' for name in absent)}."
        document.problem(path, f"no raster for {', '.join(absent)}", KINDS["lpd"], remedy)
    return files


def _soil(document: Document, legend) -> Soil | None:
    if not isinstance(document.tree.get("soil"), dict):
        return None
    values = document.values
    one_of(document, "soil", "reference", "stocks")
    files = rasters(document, "soil", "stocks")
    factors = None
    if document.given("soil.reference"):
        one_of(document, "soil", "climate", "factor")
        if legend is not None:
            factors = table(document, ("soil", "factors"), tables.soil_factors, classes=legend)
    f = tables.climate_factors()["f"]
    positive(document, "soil.factor", 1, f" (the guidance has {f.min():g} to {f.max():g})")
    own = values.get("soil.source", "default") == "national"
    if own and document.given("soil.stocks") and values.get("soil.tier", 1) == 1:
        document.problem(
            "soil.tier",
            "1 with stocks of your own",
            "2 or 3",
            "Write tier: 2 or tier: 3.",
            severity="warning",
            notebook="04",
        )
    return Soil(
        reference=values.get("soil.reference"),
        files=files,
        climate=values.get("soil.climate"),
        factor=values.get("soil.factor"),
        factors=factors,
        factors_name=values.get("soil.factors", "unccd"),
        tier=values.get("soil.tier", 1),
        source=values.get("soil.source", "default"),
        nodata=values.get("soil.nodata", ()),
        metadata=metadata(document, "soil"),
    )


def _regions(document: Document, legend) -> tuple[Region, ...]:
    given = document.values.get("regions") or []
    values, regions, names = document.values, [], []
    if len(given) > MOST_REGIONS:
        document.problem(
            "regions", f"{len(given)} regions", f"{MOST_REGIONS} or fewer", "Join some regions."
        )
    for number in range(1, len(given) + 1):
        prefix = f"regions[{number}]"
        path = ("regions", f"[{number}]")
        name, file = values.get(f"{prefix}.name"), values.get(f"{prefix}.file")
        if name in names and name is not None:
            document.problem(
                (*path, "name"), f"'{name}' a second time", "a name of its own", "Rename it."
            )
        names.append(name)
        matrix = None
        if legend is not None:
            matrix = table(document, (*path, "matrix"), tables.transition_matrix, classes=legend)
        matrix_name = values.get(f"{prefix}.matrix", "unccd")
        layer = values.get(f"{prefix}.layer")
        regions.append(Region(name, file, matrix, matrix_name, layer))
    return tuple(regions)
