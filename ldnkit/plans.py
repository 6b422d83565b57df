"""What each indicator reads and writes: the step from a country file to the engine.

A plan holds the inputs, the kernel and the outputs of one run over the blocks, and the years,
options and remarks that belong to the result. Making a plan opens no raster.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import pandas as pd

from ldnkit import blocks, degradation, kernels, lookup, remarks, soil, sources, tables
from ldnkit import productivity_kernels as series
from ldnkit.blocks import Output
from ldnkit.findings import Finding, InputError
from ldnkit.periods import closest_year
from ldnkit.shapes import Polygons
from ldnkit.sources.rasters import Raster
from ldnkit.tables import NODATA

#: Indicators in the order in which they are made, each with those it needs.
NEEDS = {
    "land_cover": (),
    "productivity": ("land_cover",),
    "soil": ("land_cover",),
    "degradation": ("land_cover", "productivity", "soil"),
}

#: Palette of a layer by the beginning of its name.
PALETTES = {
    "land_cover_degradation": "degradation",
    "land_cover": "land_cover",
    "land_productivity": "productivity",
    "productivity_degradation": "degradation",
    "soil_degradation": "degradation",
    "status_detail": "status_detail",
    "status": "degradation",
    "sdg": "sdg",
    "trend": "trend",
    "state": "state",
    "performance": "performance",
}


@dataclass
class Plan:
    """One run of the engine.

    ``first`` is an optional first pass: a kernel, and what makes the kernel of the main pass from
    its tables. ``check`` looks at the tables afterwards. ``block`` is smaller where many layers
    are read at once.
    """

    inputs: Mapping[str, object]
    kernel: Callable | None
    outputs: Mapping[str, Output]
    years: Mapping[int, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    parameters: dict = field(default_factory=dict)
    first: tuple[Callable, Callable] | None = None
    check: Callable | None = None
    block: int = blocks.BLOCK


def make(country, indicator: str, results: Mapping) -> Plan:
    """The plan of an indicator; ``results`` are those it needs."""
    return _PLANS[indicator](country, results)


# ------------------------------------------------------------------ land cover
def _land_cover(country, results) -> Plan:
    if country.land_cover is None:
        raise InputError([remarks.no_land_cover(country)])
    cycle = country.cycle
    nominal, findings = _used_years(country, "land_cover", cycle.land_cover_years)
    pairs = {period.name: period.land_cover for period in cycle.periods}
    same = [
        remarks.same_map(period, first, last, nominal[first])
        for period, (first, last) in pairs.items()
        if nominal[first] == nominal[last]
    ]
    if same:
        raise InputError(same)
    used = tuple(sorted(set(nominal.values())))
    kernel = partial(
        kernels.land_cover,
        nesting=_nesting(country),
        matrix=_matrix(country),
        used=used,
        nominal=nominal,
        pairs=pairs,
    )
    names = [f"land_cover_{year}" for year in nominal]
    names += [f"land_cover_degradation_{period}" for period in pairs]
    return Plan(
        inputs=_frame(country) | {"land_cover": _input(country, "land_cover", used)},
        kernel=kernel,
        outputs=_outputs(country, names, nominal),
        years=nominal,
        findings=findings,
        check=partial(remarks.unknown_codes, country),
    )


def _nesting(country) -> lookup.Kernel:
    return lookup.Kernel(country.land_cover.nesting, ["code"], "to", "land cover codes")


def _matrix(country) -> lookup.Kernel:
    """The national matrix (zones 0 and 1), or one matrix for each region."""
    matrices = {0: country.land_cover.matrix, 1: country.land_cover.matrix}
    matrices |= {number: region.matrix for number, region in enumerate(country.regions, 1)}
    table = pd.concat(
        [matrix.assign(region=number) for number, matrix in matrices.items()], ignore_index=True
    )
    what = "regions and land cover transitions"
    return lookup.Kernel(table, ["region", "from", "to"], "sign", what)


# ---------------------------------------------------------------- productivity
def _productivity(country, results) -> Plan:
    periods = country.cycle.periods
    inputs = _frame(country) | _covers(results, _ends(country).values())
    section = country.productivity
    steps = ("trend", "state", "performance") if section and section.files else ()
    names = [
        f"{name}_{period.name}"
        for period in periods
        for name in (*steps, "land_productivity", "productivity_degradation")
    ]
    outputs = _outputs(country, names)
    if section is None or not section.files:
        ready = {} if section is None else section.lpd
        for period in ready:
            inputs[f"lpd_{period}"] = sources.layer_input(country, "lpd", period=period)
        findings = [
            remarks.absent(f"productivity, {period.name}", "03")
            for period in periods
            if period.name not in ready
        ]
        kernel = partial(kernels.ready_dynamics, periods=periods, ends=_ends(country))
        check = partial(_weak_productivity, country) if ready else None
        return Plan(inputs, kernel, outputs, findings=findings, check=check)
    return _yearly_productivity(country, periods, inputs, outputs)


def _yearly_productivity(country, periods, inputs, outputs) -> Plan:
    section, options = country.productivity, country.parameters
    scale = section.scale or series.SCALE
    needed = {year for p in periods for year in range(p.trend_years[0], p.trend_years[1] + 1)}
    years = tuple(year for year in sorted(section.files) if year in needed)
    inputs["productivity"] = _input(country, "productivity", years)
    for period in periods:
        inputs[f"units_{period.name}"] = sources.units_input(country, period.name)
    climate_years = tuple(year for year in years if year in section.climate)
    findings = [finding for period in periods for finding in remarks.short_windows(period, years)]
    if climate_years:
        inputs["climate"] = _input(country, "climate", climate_years)
        if missing := sorted(set(years) - set(climate_years)):
            findings.append(remarks.climate_years(missing))
    enough = options["minimum_performance_years"]
    reference = partial(
        kernels.productivity_reference,
        years=years,
        windows={period.name: period.trend_years for period in periods},
        minimum_years=enough,
        scale=scale,
    )
    main = partial(
        kernels.productivity_dynamics,
        years=years,
        periods=periods,
        ends=_ends(country),
        correction=(section.correction, climate_years) if climate_years else None,
        trend={
            "alpha": options["alpha"],
            "slope": options["trend_slope"],
            "compat": options["trend_compat"] or None,
            "minimum_years": options["minimum_trend_years"],
            "scale": scale,
        },
        state={
            "method": options["state_method"],
            "compat": options["state_compat"] or None,
            "minimum_history": options["minimum_history_years"],
            "minimum_recent": options["minimum_recent_years"],
            "scale": scale,
        },
        performance={
            "threshold": options["performance_threshold"],
            "inclusive": options["performance_inclusive"],
            "minimum_years": enough,
        },
    )

    def with_references(counts):
        none = pd.DataFrame(columns=["unit", "level", "cells"], dtype="int64")
        references = {
            period.name: series.reference_from_counts(counts.get(period.name, none), scale=scale)
            for period in periods
        }
        return partial(main, references=references)

    return Plan(
        inputs,
        None,
        outputs,
        findings=findings,
        first=(reference, with_references),
        block=blocks.BLOCK // 2,
        check=partial(_weak_productivity, country),
    )


# ------------------------------------------------------------------------ soil
def _soil(country, results) -> Plan:
    section, cycle, options = country.soil, country.cycle, country.parameters
    periods = cycle.periods
    inputs = _frame(country) | _covers(results, cycle.soil_years)
    outputs = _outputs(country, [f"soil_degradation_{period.name}" for period in periods])
    for year in cycle.soil_years:
        outputs[f"soil_stock_{year}"] = Output("float32", _tags(country, f"soil_stock_{year}"))
    table_years = sorted({*cycle.soil_years, *(y for p in periods for y in p.land_cover)})
    findings, stocks = [], {"wanted": []}
    if section is None:
        nominal = {year: year for year in table_years}
        findings.append(remarks.absent("soil organic carbon", "04"))
    elif section.stocks:
        nominal, findings = _used_years(country, "soil_stock", table_years)
        stocks["wanted"] = sorted(set(nominal.values()))
        inputs["stocks"] = _input(country, "soil_stock", stocks["wanted"])
    else:
        nominal, _ = _used_years(country, "land_cover", table_years)
        inputs["reference"] = sources.layer_input(country, "soil_reference")
        inputs["factor"] = sources.layer_input(country, "soil_climate_factor")
        first, last = options["soil_reference_year"], max(nominal.values())
        used = {year for year in country.land_cover.files if first <= year <= last}
        used = tuple(sorted(used | set(nominal.values())))
        inputs["land_cover"] = _input(country, "land_cover", used)
        stocks = {
            "years": used,
            "wanted": sorted({*nominal.values(), first}),
            "factors": soil.factor_table(section.factors),
            "reference_year": first,
            "timing": options["soil_timing"],
            "conversion_years": options["soil_transition_years"],
        }
    pairs = {period.name: [nominal[year] for year in period.land_cover] for period in periods}
    if options["soil_change_from"] != "period":
        start = closest_year(int(options["soil_change_from"]), stocks["wanted"] or [2000])
        pairs = {name: [start, last] for name, (_, last) in pairs.items()}
    kernel = partial(
        kernels.soil_carbon,
        shown={year: nominal[year] for year in cycle.soil_years},
        pairs=pairs,
        ends=_ends(country),
        stocks=stocks,
        nesting=_nesting(country),
        classify={
            "threshold": options["soil_threshold"],
            "inclusive": options["soil_inclusive"],
            "truncate": options["soil_truncate"],
        },
    )
    check = partial(_weak_soil, country) if section else None
    return Plan(
        inputs,
        kernel,
        outputs,
        years=nominal,
        findings=findings,
        check=check,
        block=blocks.BLOCK // 2,
    )


# ----------------------------------------------------------------- degradation
def _degradation(country, results) -> Plan:
    cycle, cover = country.cycle, results["land_cover"].layers
    land_type = cycle.baseline.land_cover[0]
    inputs = _frame(country) | _covers(results, [land_type, *_ends(country).values()])
    for name in _ends(country):
        productivity = results["productivity"].layers[f"productivity_degradation_{name}"]
        inputs[f"productivity_{name}"] = Raster(productivity)
        inputs[f"land_cover_degradation_{name}"] = Raster(cover[f"land_cover_degradation_{name}"])
        inputs[f"soil_{name}"] = Raster(results["soil"].layers[f"soil_degradation_{name}"])
    recodes = {}
    polygons = sources.error_polygons(country)
    if polygons is not None:
        crs = polygons.crs.to_wkt()
        for period in cycle.periods:
            here = [
                period.name in degradation.periods_of(each) for each in polygons["periods_affected"]
            ]
            # every polygon keeps its number in all periods; those of other periods change nothing
            shapes = polygons.geometry.where(here)
            inputs[f"polygons_{period.name}"] = Polygons(tuple(shapes), crs, outside=0)
            table = degradation.recode_table(polygons)
            recodes[period.name] = lookup.Kernel(
                table, ["polygon", "before"], "after", "classes to recode"
            )
    sections = {"productivity": country.productivity, "soil": country.soil}
    absent = tuple(name for name, section in sections.items() if section is None)
    findings = []
    if absent:
        findings.append(remarks.fewer_sub_indicators(absent))
    reports = [period.name for period in cycle.reports]
    names = [f"sdg_{period.name}" for period in cycle.periods]
    names += [f"{name}_{report}" for report in reports for name in ("status", "status_detail")]
    kernel = partial(
        kernels.land_degradation,
        ends=_ends(country),
        land_type=land_type,
        missing=country.parameters["missing"],
        absent=absent,
        recodes=recodes,
    )
    return Plan(
        inputs,
        kernel,
        _outputs(country, names),
        findings=findings,
        parameters={"sub_indicators_absent": list(absent)},
        check=partial(_weak_assessment, country, polygons),
    )


def _weak_assessment(country, polygons, found) -> list[Finding]:
    table = found["sub_indicators"]
    return [
        *remarks.much_no_data(country, "SDG 15.3.1", table, "sdg", "05"),
        *remarks.polygons_without_cells(polygons, found),
    ]


def _weak_productivity(country, found) -> list[Finding]:
    return remarks.much_no_data(country, "productivity", found["productivity"], "lpd", "03")


def _weak_soil(country, found) -> list[Finding]:
    return [
        *remarks.unknown_codes(country, found),
        *remarks.much_no_data(country, "soil organic carbon", found["soil"], "degradation", "04"),
    ]


_PLANS = {
    "land_cover": _land_cover,
    "productivity": _productivity,
    "soil": _soil,
    "degradation": _degradation,
}


# ---------------------------------------------------------------- what plans share
def _frame(country) -> dict[str, object]:
    """The inputs that say which cells are the country's, and how much of them."""
    zones = sources.layer_input(country, "zones")
    fraction = country.boundary_rule == "fraction"
    return {"zones": zones} | ({"coverage": zones.coverage()} if fraction else {})


def _ends(country) -> dict[str, int]:
    """The last year of every period: its land cover decides what is land in the tables."""
    return {period.name: period.status_year for period in country.cycle.periods}


def _covers(results, years) -> dict[str, Raster]:
    """Land cover of these years, in the classes of the legend."""
    layers = results["land_cover"].layers
    return {f"cover_{year}": Raster(layers[f"land_cover_{year}"]) for year in years}


def _input(country, layer, years):
    return sources.layer_input(country, layer, years=tuple(years))


def _used_years(country, layer, wanted) -> tuple[dict[int, int], list[Finding]]:
    """The year that stands for each wanted year, and a remark for every replacement."""
    available = sources.years_of(country, layer)
    used = {year: closest_year(year, available) for year in wanted}
    return used, remarks.replaced_years(layer.replace("_", " "), used)


def _outputs(country, names, nominal: Mapping[int, int] | None = None) -> dict[str, Output]:
    return {
        name: Output("int16", _tags(country, name, nominal), _colours(country, name))
        for name in names
    }


def _tags(country, name, nominal=None) -> dict[str, str]:
    tags = {"TITLE": name.replace("_", " "), "COUNTRY": country.iso3, "SOFTWARE": "ldnkit"}
    if country.synthetic:
        tags["SYNTHETIC"] = "yes"
    for year, used in (nominal or {}).items():
        if name == f"land_cover_{year}":
            tags["YEAR_USED"] = str(used)
    return tags


def _colours(country, name) -> dict[int, str]:
    beginning = next(each for each in PALETTES if name.startswith(each))
    if beginning == "land_cover":
        table = country.land_cover.legend
    else:
        table = tables.palette(PALETTES[beginning])
    return {
        int(code): colour
        for code, colour in zip(table["code"], table["colour"], strict=True)
        if code != NODATA
    }
