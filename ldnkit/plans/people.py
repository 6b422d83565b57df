"""Plans of the indicators of people and drought: SO2-3, SO3-1, SO3-2, SO3-3, population."""

from __future__ import annotations

from functools import partial

import pandas as pd

from ldnkit import blocks, kernels, remarks, sources, tables
from ldnkit.drought import windows as windows_of_classes
from ldnkit.periods import closest_year
from ldnkit.plans.shared import Plan, class_layers, covers, ends, frame, value_layers
from ldnkit.sources.rasters import Raster, Stack

#: Cells along a side of a block where all years are read at once.
_MANY_YEARS = 512
#: Cells along a side of a block of the drought grid: hundreds of months are read at once.
_MANY_MONTHS = 256


# ------------------------------------------------------------------ population
def population(country, results) -> Plan:
    from ldnkit.sources import people

    section = country.population
    if not section.files and section.table is None:
        return Plan(tables={"population": _nobody(), "national": people.national_figures(country)})
    sexes, used = people.sexes(country), _population_years(country, drought_years(country))
    read = tuple(sorted(set(used.values())))
    kernel = partial(kernels.population, years=read, sexes=sexes)
    return Plan(
        inputs=_shares(country) | _people(country, sexes, read),
        kernel=kernel,
        years=used,
        findings=remarks.replaced_years("population", used),
        parameters={"sexes": list(sexes)},
        check=partial(_finish_population, country),
        block=_MANY_YEARS,
        grid=people.population_grid(country),
        inside=None,
    )


def _nobody() -> pd.DataFrame:
    """The table of a country that gives official totals only."""
    return pd.DataFrame(columns=["year", "sex", "place", "persons"])


def _finish_population(country, found):
    from ldnkit.sources import people

    found["national"] = people.national_figures(country)
    return remarks.people_outside(found["population"])


def _population_years(country, wanted) -> dict[int, int]:
    available = sources.years_of(country, "population")
    return {year: closest_year(year, available) for year in wanted}


def _shares(country) -> dict[str, object]:
    """The share of the people of a cell who live in the country, and in its affected area."""
    from ldnkit.sources import people

    shares = {"inside": people.Inside.of(country)}
    if country.affected_area is not None:
        shares["affected"] = people.Inside.of(country, affected=True)
    return shares


def _people(country, sexes, years) -> dict[str, object]:
    from ldnkit.sources import people

    return {
        f"{sex}_{year}": people.counts_input(country, sex, year) for year in years for sex in sexes
    }


# --------------------------------------------------------------------- exposure
def exposure(country, results) -> Plan:
    from ldnkit.sources import people

    sexes, last = people.sexes(country), ends(country)
    used = _population_years(country, last.values())
    inputs = frame(country) | covers(results, last.values())
    layers = results["degradation"].layers
    for period in country.cycle.periods:
        names = [f"sdg_{period.name}"]
        names += [f"status_{period.name}"] if period is not country.cycle.baseline else []
        inputs |= {name: Raster(layers[name]) for name in names}
    inputs |= _people(country, sexes, sorted(set(used.values())))
    shown = (country.cycle.baseline, country.cycle.last)
    groups = dict.fromkeys(("total", *sexes))
    names = [f"exposed_{sex}_{period.status_year}" for period in shown for sex in groups]
    kernel = partial(
        kernels.land_exposure,
        years={name: (year, used[year]) for name, year in last.items()},
        sexes=sexes,
        exposed_by=country.parameters["population_exposed_by"],
        shown=tuple(period.name for period in shown),
    )
    return Plan(
        inputs=inputs,
        kernel=kernel,
        outputs=value_layers(country, names),
        years=used,
        findings=remarks.replaced_years("population", used),
        check=partial(_finish_exposure, country),
    )


def _finish_exposure(country, found):
    _all_sexes(found["exposure"])
    return remarks.land_without_people(country, found["exposure"])


def _all_sexes(table) -> None:
    """Women and men are not known rather than absent when only totals are given."""
    for sex in ("total", "female", "male"):
        values = table.pop(sex) if sex in table else float("nan")
        table[sex] = values


# ---------------------------------------------------------------- drought hazard
def drought_years(country) -> tuple[int, ...]:
    """The years of the drought tables."""
    first = int(tables.constant("drought_first_year"))
    return tuple(range(first, country.cycle.last.last + 1))


def drought_index(country, results) -> Plan:
    from ldnkit.sources import timeseries

    section, options = country.drought, country.parameters
    years, windows = drought_years(country), windows_of_classes(country.cycle.last.last)
    outputs = value_layers(country, [f"drought_index_{year}" for year in years])
    names = [f"drought_{year}" for year in years]
    names += [f"drought_worst_{first}_{last}" for first, last in windows]
    outputs |= class_layers(country, names)
    shared = {"years": years, "windows": windows, "compat": options["drought_compat"] or None}
    if section.index:
        given = tuple(year for year in sorted(section.index) if year in years)
        rasters = tuple(Raster(section.index[year], "value", section.nodata) for year in given)
        inputs, block = {"index": Stack(rasters)}, _MANY_YEARS
        scale = section.index_scale
        kernel = partial(kernels.given_index, given=given, scale=scale, **shared)
        kind = section.index_kind
    else:
        inputs, block = {"series": timeseries.Series.of(country)}, _MANY_MONTHS
        kind = "SPI" if section.precipitation else "SPEI"
        index = {
            "scale": options["drought_scale"],
            "month": options["drought_month"],
            "reference": (options["drought_reference_first"], options["drought_reference_last"]),
            "fit": options["drought_fit"],
            "limit": options["drought_limit"],
            "kind": kind,
        }
        kernel = partial(kernels.drought_index, options=index, **shared)
    return Plan(
        inputs=inputs,
        kernel=kernel,
        outputs=outputs,
        parameters={"index": kind},
        check=remarks.weak_index,
        block=block,
        grid=timeseries.series_grid(country),
        inside=None,
    )


def drought(country, results) -> Plan:
    layers = results["drought_index"].layers
    nominal = country.cycle.soil_years
    years = {year: closest_year(year, nominal) for year in drought_years(country)}
    spans = windows_of_classes(country.cycle.last.last)
    windows = {span: closest_year(span[1], nominal) for span in spans}
    inputs = frame(country) | covers(results, sorted({*years.values(), *windows.values()}))
    inputs |= _drought_classes(layers, years, windows)
    return Plan(
        inputs=inputs,
        kernel=partial(kernels.drought_areas, years=years, windows=windows),
        years=years,
        check=partial(remarks.land_without_index, country),
        block=blocks.BLOCK // 2,
    )


def _drought_classes(layers, years, windows) -> dict[str, Raster]:
    names = [f"drought_{year}" for year in years]
    names += [f"drought_worst_{first}_{last}" for first, last in windows]
    return {name: Raster(layers[name]) for name in names}


# -------------------------------------------------------------- people in drought
def drought_exposure(country, results) -> Plan:
    from ldnkit.sources import people

    sexes, layers = people.sexes(country), results["drought_index"].layers
    used = _population_years(country, drought_years(country))
    spans = windows_of_classes(country.cycle.last.last)
    windows = {span: used[span[1]] for span in spans}
    names = [f"drought_exposed_{first}_{last}" for first, last in windows]
    inputs = _shares(country) | _people(country, sexes, sorted(set(used.values())))
    return Plan(
        inputs=inputs | _drought_classes(layers, used, windows),
        kernel=partial(kernels.drought_exposure, years=used, windows=windows, sexes=sexes),
        outputs=value_layers(country, names),
        years=used,
        findings=remarks.replaced_years("population", used),
        check=_finish_drought_exposure,
        block=_MANY_YEARS,
        grid=people.population_grid(country),
        inside=None,
    )


def _finish_drought_exposure(found):
    for table in found.values():
        _all_sexes(table)
    return remarks.people_without_index(found["drought_exposure"])


# ---------------------------------------------------------------- vulnerability
def vulnerability(country, results) -> Plan:
    from ldnkit import vulnerability as indicator

    found, findings = indicator.compute_tables(country.vulnerability)
    return Plan(tables=found, findings=findings)
