"""Plans of the indicators of land: land cover, productivity, soil organic carbon, 15.3.1."""

from __future__ import annotations

from functools import partial

import pandas as pd

from ldnkit import blocks, degradation, kernels, lookup, remarks, soil, sources
from ldnkit import productivity_kernels as series
from ldnkit.findings import Finding, InputError
from ldnkit.periods import closest_year
from ldnkit.plans.shared import (
    Plan,
    class_layers,
    covers,
    ends,
    frame,
    starts,
    used_years,
    value_layers,
    yearly,
)
from ldnkit.shapes import Polygons
from ldnkit.sources.rasters import Raster


# ------------------------------------------------------------------ land cover
def land_cover(country, results) -> Plan:
    if country.land_cover is None:
        raise InputError([remarks.no_land_cover(country)])
    cycle = country.cycle
    nominal, findings = used_years(country, "land_cover", cycle.land_cover_years)
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
        inputs=frame(country) | {"land_cover": yearly(country, "land_cover", used)},
        kernel=kernel,
        outputs=class_layers(country, names, nominal),
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
def productivity(country, results) -> Plan:
    periods = country.cycle.periods
    inputs = frame(country) | covers(results, {*ends(country).values(), *starts(country).values()})
    section = country.productivity
    steps = ("trend", "state", "performance") if section and section.files else ()
    names = [
        f"{name}_{period.name}"
        for period in periods
        for name in (*steps, "land_productivity", "productivity_degradation")
    ]
    outputs = class_layers(country, names)
    if section is None or not section.files:
        ready = {} if section is None else section.lpd
        for period in ready:
            inputs[f"lpd_{period}"] = sources.layer_input(country, "lpd", period=period)
        findings = [
            remarks.absent(f"productivity, {period.name}", "03")
            for period in periods
            if period.name not in ready
        ]
        cover_years = {"starts": starts(country), "ends": ends(country)}
        kernel = partial(kernels.ready_dynamics, periods=periods, **cover_years)
        check = partial(_weak_productivity, country) if ready else None
        return Plan(inputs, kernel, outputs, findings=findings, check=check)
    return _yearly_productivity(country, periods, inputs, outputs)


def _yearly_productivity(country, periods, inputs, outputs) -> Plan:
    section, options = country.productivity, country.parameters
    scale = section.scale or series.SCALE
    needed = {year for p in periods for year in range(p.trend_years[0], p.trend_years[1] + 1)}
    years = tuple(year for year in sorted(section.files) if year in needed)
    inputs["productivity"] = yearly(country, "productivity", years)
    for period in periods:
        inputs[f"units_{period.name}"] = sources.units_input(country, period.name)
    climate_years = tuple(year for year in years if year in section.climate)
    findings = [finding for period in periods for finding in remarks.short_windows(period, years)]
    if climate_years:
        inputs["climate"] = yearly(country, "climate", climate_years)
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
        starts=starts(country),
        ends=ends(country),
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
def soil_carbon(country, results) -> Plan:
    section, cycle, options = country.soil, country.cycle, country.parameters
    periods = cycle.periods
    inputs = frame(country) | covers(results, cycle.soil_years)
    outputs = class_layers(country, [f"soil_degradation_{period.name}" for period in periods])
    outputs |= value_layers(country, [f"soil_stock_{year}" for year in cycle.soil_years])
    table_years = sorted({*cycle.soil_years, *(y for p in periods for y in p.land_cover)})
    findings, stocks = [], {"wanted": []}
    if section is None:
        nominal = {year: year for year in table_years}
        findings.append(remarks.absent("soil organic carbon", "04"))
    elif section.stocks:
        nominal, findings = used_years(country, "soil_stock", table_years)
        stocks["wanted"] = sorted(set(nominal.values()))
        inputs["stocks"] = yearly(country, "soil_stock", stocks["wanted"])
    else:
        nominal, _ = used_years(country, "land_cover", table_years)
        inputs["reference"] = sources.layer_input(country, "soil_reference")
        inputs["factor"] = sources.layer_input(country, "soil_climate_factor")
        first, last = options["soil_reference_year"], max(nominal.values())
        used = {year for year in country.land_cover.files if first <= year <= last}
        used = tuple(sorted(used | set(nominal.values())))
        inputs["land_cover"] = yearly(country, "land_cover", used)
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
        ends=ends(country),
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
def land_degradation(country, results, polygons=None) -> Plan:
    """The joined assessment; ``polygons`` take the place of the error polygons of the country."""
    cycle, cover = country.cycle, results["land_cover"].layers
    land_type = cycle.baseline.land_cover[0]
    inputs = frame(country) | covers(results, [land_type, *ends(country).values()])
    for name in ends(country):
        productivity = results["productivity"].layers[f"productivity_degradation_{name}"]
        inputs[f"productivity_{name}"] = Raster(productivity)
        inputs[f"land_cover_degradation_{name}"] = Raster(cover[f"land_cover_degradation_{name}"])
        inputs[f"soil_{name}"] = Raster(results["soil"].layers[f"soil_degradation_{name}"])
    recodes = {}
    polygons = sources.error_polygons(country) if polygons is None else polygons
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
        ends=ends(country),
        land_type=land_type,
        missing=country.parameters["missing"],
        absent=absent,
        recodes=recodes,
    )
    return Plan(
        inputs,
        kernel,
        class_layers(country, names),
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
