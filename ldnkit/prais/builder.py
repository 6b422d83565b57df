"""One DataFrame per PRAIS table, made from cross-tables alone."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

import pandas as pd

from ldnkit import tables
from ldnkit.prais import degraded, land
from ldnkit.prais.inputs import Inputs
from ldnkit.prais.printed import print_report
from ldnkit.prais.report import TOTAL, Report, Table, wording

#: Table id -> the indicator it needs and the function that fills it.
MAKERS = {
    "CP-1.T1": ("land_cover", land.country_profile),
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
}


def build(country, results: Mapping) -> Report:
    """Make every PRAIS table whose indicator has been computed.

    Parameters
    ----------
    country : Country
    results : mapping
        Indicator -> Result with its long tables, as ``ldnkit.results(country)`` gives them.
        Tables of a missing indicator are left out; :func:`ldnkit.prais.check` lists them.

    Returns
    -------
    Report
        Tables in the order of the platform, exact and printed, and the weak-data findings
        of the results.

    Raises
    ------
    KeyError
        A result lacks one of its long tables.

    References
    ----------
    UNCCD reporting manual, 2026 process: CP-1, SO1-1 to SO1-4.

    Examples
    --------
    >>> from ldnkit import prais
    >>> report = prais.build(country, ldnkit.results(country))        # doctest: +SKIP
    >>> report["SO1-4.T2"].labelled()                                 # doctest: +SKIP
    """
    inputs = Inputs(country, results)
    report = Report(country, years={name: inputs.used(name) for name in results})
    for row in tables.prais_tables().to_dict("records"):
        indicator, make = MAKERS.get(row["id"], (None, None))
        if make is None or indicator not in results:
            continue
        if row["id"] == "SO1-3.T1" and country.soil is None:
            continue  # there is no stock to show: the rules list the table as missing
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
    for result in results.values():
        report.findings += [found for found in result.findings if found not in report.findings]
    print_report(report)
    return report


def arranged(frame: pd.DataFrame, definition: Mapping, inputs: Inputs) -> pd.DataFrame:
    """The rows and columns that the definition names, in its order; a total comes last.

    Rows and columns that the definition leaves to the country (years, classes) stay as they are.
    """
    for axis, part in (("index", "rows"), ("columns", "columns")):
        labels = getattr(frame, axis)
        keys = _expanded(definition[part], inputs)
        if set(keys) - {TOTAL} <= set(labels):
            totals = [TOTAL] if TOTAL in labels and TOTAL not in keys else []
            frame = frame.reindex(**{axis: pd.Index([*keys, *totals], name=labels.name)})
    return frame


def _expanded(part: str, inputs: Inputs) -> list[str]:
    """``period:area;period:share`` -> area and share of one period, then of the next.

    ``sub_indicator:degraded`` likewise gives one key per sub-indicator.
    """
    names = {
        "period": [period.name for period in inputs.periods],
        "sub_indicator": list(degraded.SUB_INDICATORS.values()),
    }
    keys = []
    for kind, tokens in groupby(part.split(";"), lambda token: token.partition(":")[0]):
        rest = [token.partition(":")[2] for token in tokens]
        ending = ".share" if kind == "sub_indicator" else ""
        if kind in names:
            keys += [f"{name}.{each}{ending}" for name in names[kind] for each in rest]
        else:
            keys.append(kind)
    return keys


def _state_years(table: Table, years: Mapping[str, Mapping[str, int]]) -> None:
    """Say in the period line and in the notes which years stand in for others."""
    for nominal, used in table.used.items():
        stated = f"{nominal} ({used} used)"
        table.period = table.period.replace(nominal, stated)
    for source in table.sources:
        layer = source["layer"]
        replaced = {y: used for y, used in years.get(layer, {}).items() if table.concerns(y)}
        if replaced:
            listed = ", ".join(f"{used} used for {nominal}" for nominal, used in replaced.items())
            table.notes.append(f"Closest years, {wording(f'indicator.{layer}')}: {listed}.")
