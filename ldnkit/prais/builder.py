"""One DataFrame per PRAIS table, made from cross-tables alone."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ldnkit import tables
from ldnkit.periods import year_spans
from ldnkit.prais import (
    biodiversity,
    degraded,
    drought,
    finance,
    land,
    narrative,
    people,
    society,
    targets,
    vulnerable,
)
from ldnkit.prais.answers import fill_in
from ldnkit.prais.definitions import expanded
from ldnkit.prais.inputs import Inputs
from ldnkit.prais.printed import print_report
from ldnkit.prais.report import TOTAL, Report, Table, wording

#: Table id -> the indicator it needs and the function that fills it.
MAKERS = {
    "CP-1.T1": ("land_cover", land.country_profile),
    "CP-1.T2": ("population", people.population),
    "SO1-1.T1": ("land_cover", land.key_processes),
    "SO1-1.T2": ("land_cover", land.legend),
    "SO1-1.T3": ("land_cover", land.transition_matrix),
    "SO1-1.T4": ("land_cover", land.land_cover_areas),
    "SO1-1.T5": ("land_cover", land.change_in_baseline),
    "SO1-1.T6": ("land_cover", land.change_in_report),
    "SO1-1.T7": ("land_cover", land.land_cover_degradation),
    "SO1-2.T1": ("productivity", land.productivity_in_baseline),
    "SO1-2.T2": ("productivity", land.productivity_in_report),
    "SO1-2.T3": ("productivity", land.productivity_degradation),
    "SO1-3.T1": ("soil", land.soil_stock),
    "SO1-3.T2": ("soil", land.soil_degradation),
    "SO1-4.T1": ("degradation", degraded.status_matrix),
    "SO1-4.T2": ("degradation", degraded.degraded_land),
    "SO1-4.T3": ("degradation", degraded.false_positives_and_negatives),
    "SO1-4.T4": ("degradation", degraded.hotspots),
    "SO1-4.T5": ("degradation", degraded.brightspots),
    "SO2-1.T1": ("statistics", society.poverty),
    "SO2-1.T2": ("statistics", society.gini),
    "SO2-1.T3": ("statistics", society.inequality_direction),
    "SO2-2.T1": ("statistics", society.water),
    "SO2-2.T2": ("statistics", society.water_direction),
    "SO2-3.T1": ("exposure", people.exposed),
    "SO2-3.T2": ("exposure", people.exposure_direction),
    "SO3-1.T1": ("drought", drought.land_by_class),
    "SO3-1.T2": ("drought", drought.land_under_drought),
    "SO3-2.T1": ("drought_exposure", drought.people_total),
    "SO3-2.T2": ("drought_exposure", drought.people_female),
    "SO3-2.T3": ("drought_exposure", drought.people_male),
    "SO3-3.T1": ("vulnerability", vulnerable.index_by_year),
    "SO3-3.T2": ("vulnerability", vulnerable.direction),
    "SO4-2.T1": ("red_list", biodiversity.red_list_by_year),
    "SO4-2.T2": ("red_list", biodiversity.red_list_direction),
    "SO4-3.T1": ("protected_areas", biodiversity.coverage_by_year),
    "SO4-3.T2": ("protected_areas", biodiversity.coverage_direction),
    **finance.MAKERS,
    **narrative.MAKERS,
    **targets.MAKERS,
}
#: Section of the country file -> the result that knows which years stand in for others.
YEARS_FROM = {"drought": "drought_index"}


#: Tables that the forms AA repeat for the affected area: what is counted on maps.
AFFECTED = (
    *("CP-1.T1", "CP-1.T2", "SO1-1.T4", "SO1-1.T5", "SO1-1.T6", "SO1-1.T7"),
    *("SO1-2.T1", "SO1-2.T2", "SO1-2.T3", "SO1-3.T1", "SO1-3.T2", "SO1-4.T1", "SO1-4.T2"),
    *("SO2-3.T1", "SO3-1.T1", "SO3-1.T2", "SO3-2.T1", "SO3-2.T2", "SO3-2.T3"),
)


def build(country, results: Mapping, *, area: str = "country") -> Report:
    """Make every PRAIS table whose indicator has been computed.

    Parameters
    ----------
    country : Country
    results : mapping
        Indicator -> Result with its long tables, as ``ldnkit.results(country)`` gives them.
        Tables of a missing indicator are left out; :func:`ldnkit.prais.check` lists them.
        So are tables by sex when the population is not given by sex.
    area : {"country", "affected"}
        The whole country, or its affected area (forms AA; those tables that maps give).

    Returns
    -------
    Report
        Tables in the order of the platform, exact and printed, and the weak-data findings
        of the results.

    Raises
    ------
    KeyError
        A result lacks one of its long tables.
    InputError
        An answer of the team does not fit; all are listed.
    ValueError
        An affected area is asked for and the country file names none.

    References
    ----------
    UNCCD reporting manual, 2026 process: CP-1, SO1-1 to SO1-4, SO2-3, SO3-1 to SO3-3.

    Examples
    --------
    >>> from ldnkit import prais
    >>> report = prais.build(country, ldnkit.results(country))        # doctest: +SKIP
    >>> report["SO1-4.T2"].labelled()                                 # doctest: +SKIP
    """
    if area not in ("country", "affected"):
        raise ValueError(f"Unknown area: found {area!r}; use country or affected.")
    if area == "affected" and country.affected_area is None:
        raise ValueError(
            f"{country.iso3} has no affected area: found none in {country.path.name}; add "
            "affected_area: {file: …} and compute the results again."
        )
    inputs = Inputs(country, results, area)
    years = {name: inputs.used(YEARS_FROM.get(name, name)) for name in results}
    report = Report(country, years=years, area=area)
    for row in tables.prais_tables().to_dict("records"):
        indicator, make = MAKERS.get(row["id"], (None, None))
        alternative = biodiversity.ALTERNATIVES.get(indicator)
        if make is None or (indicator not in results and alternative not in results):
            continue
        if area == "affected" and row["id"] not in AFFECTED:
            continue
        wanting = _wanting(inputs, row["id"])
        if wanting:  # there is nothing to show: the rules list the table as missing
            report.left_out[row["id"]] = wanting
            continue
        table = Table(
            id=row["id"],
            form=row["form"],
            title_key=row["title_key"],
            unit=row["unit"],
            decimals=int(row["decimals"]),
            notebook=row["notebook"],
            frame=pd.DataFrame(),
            names=dict(inputs.names),
        )
        make(inputs, table)
        table.frame = arranged(table.frame, row, inputs)
        _state_years(table, report.years)
        report.tables[row["id"]] = table
    answers = getattr(country, "answers", None)
    if answers is not None and area == "country":
        report.findings += fill_in(report, answers)
    for result in results.values():
        report.findings += [found for found in result.findings if found not in report.findings]
    print_report(report)
    return report


def _wanting(inputs: Inputs, table_id: str) -> str:
    """What to do first, when the result is there but not enough for a table."""
    if table_id == "SO1-3.T1" and inputs.country.soil is None:
        return "Give soil in country.yml, run notebook 04 and build the report again."
    if table_id in narrative.MAKERS:
        return narrative.wanting(inputs.results, table_id)
    if table_id.startswith("SO5"):
        return finance.wanting(inputs, table_id)
    if table_id in targets.MAKERS:
        return targets.wanting(inputs, table_id)
    if table_id.startswith(("SO2-1", "SO2-2")):
        return society.wanting(inputs.results, table_id)
    if table_id.startswith(("SO4-2", "SO4-3")):
        return biodiversity.wanting(inputs.results, table_id)
    if table_id in ("SO3-2.T2", "SO3-2.T3") and not people.by_sex(inputs, "drought_exposure"):
        return people.BY_SEX
    return ""


def arranged(frame: pd.DataFrame, definition: Mapping, inputs: Inputs) -> pd.DataFrame:
    """The rows and columns that the definition names, in its order; a total comes last.

    Rows and columns that the definition leaves to the country (years, classes) stay as they are.
    """
    for axis, part in (("index", "rows"), ("columns", "columns")):
        labels = getattr(frame, axis)
        keys = expanded(definition[part], inputs.cycle)
        if set(keys) - {TOTAL} <= set(labels):
            totals = [TOTAL] if TOTAL in labels and TOTAL not in keys else []
            frame = frame.reindex(**{axis: pd.Index([*keys, *totals], name=labels.name)})
    return frame


def _state_years(table: Table, years: Mapping[str, Mapping[str, int]]) -> None:
    """Say in the period line and in the notes which years stand in for others."""
    for nominal, used in table.used.items():
        stated = f"{nominal} ({used} used)"
        table.period = table.period.replace(nominal, stated)
    for source in table.sources:
        layer = source["layer"]
        replaced = {y: used for y, used in years.get(layer, {}).items() if table.concerns(y)}
        if replaced:
            spans = {used: [] for used in replaced.values()}
            for nominal, used in replaced.items():
                spans[used].append(int(nominal))
            listed = "; ".join(f"{used} used for {year_spans(spans[used])}" for used in spans)
            table.notes.append(f"Closest years, {wording(f'indicator.{layer}')}: {listed}.")
