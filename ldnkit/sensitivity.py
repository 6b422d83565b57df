"""How much the reported figures depend on choices: SDG 15.3.1 computed again with other ones.

Every variant changes one choice and leaves the others. The range of a figure over the variants
tells which choices matter; it is no confidence interval.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from ldnkit import national, plans, prais, tables
from ldnkit.findings import InputError
from ldnkit.fingerprints import fingerprint

#: Tables whose figures are compared.
TABLES = ("SO1-1.T7", "SO1-2.T3", "SO1-3.T2", "SO1-4.T2")
BASE = "base"
#: What has to be computed for the tables.
NEEDED = ("land_cover", "productivity", "soil", "degradation")


def variants(country, names=None, *, matrix=None) -> dict[str, object]:
    """The country with one choice changed, by name of the variant.

    Parameters
    ----------
    country : Country
    names : sequence of str, optional
        Variants of ``sensitivity.csv``; by default all that change something for this country.
    matrix : DataFrame, optional
        Another transition matrix (from, to, sign, process, unlikely), as variant ``matrix``.

    Returns
    -------
    dict of str to Country
        Their results go to ``sensitivity/<variant>`` in the folder of results.

    Raises
    ------
    ValueError
        An unknown variant.

    Examples
    --------
    >>> variants(country, ["alpha_0.01"])["alpha_0.01"].parameters["alpha"]  # doctest: +SKIP
    0.01
    """
    listed = tables.read("sensitivity").set_index("variant")
    unknown = [name for name in names or () if name not in listed.index]
    if unknown:
        raise ValueError(
            f"Unknown variant: found {', '.join(unknown)}; use one of {', '.join(listed.index)}."
        )
    made = {}
    for name, row in listed.loc[list(names or listed.index)].iterrows():
        section, _, key = row["key"].partition(".")
        now = country.parameters.get(key) if key else getattr(country, section)
        value = row["value"] if isinstance(now, str) or now is None else type(now)(row["value"])
        if now == value or not _concerns(country, key):
            continue
        change = {section: country.parameters | {key: value}} if key else {section: value}
        made[str(name)] = _changed(country, str(name), change)
    if matrix is not None and country.land_cover is not None:
        cover = replace(country.land_cover, matrix=matrix, matrix_name="variant")
        made["matrix"] = _changed(country, "matrix", {"land_cover": cover})
    return made


def _concerns(country, key: str) -> bool:
    """Whether a choice changes anything: ready maps of productivity have no trend to test."""
    if key.startswith("soil_"):
        return country.soil is not None
    if key.startswith(("alpha", "trend_", "state_", "performance_")):
        return country.productivity is not None and bool(country.productivity.files)
    return True


def _changed(country, name: str, change: Mapping):
    return replace(country, outputs=country.folder_results / "sensitivity" / name, **change)


def run(country, names=None, *, matrix=None, progress=True) -> pd.DataFrame:
    """Compute the variants and read their figures.

    What a variant does not change is not computed again. A variant that cannot be computed for
    this country is left out and named in ``attrs["left_out"]``.

    Parameters
    ----------
    country, names, matrix
        As for :func:`variants`.
    progress : bool
        Show a bar over the variants.

    Returns
    -------
    DataFrame
        variant, table, row, column, unit, value; the variant ``base`` is the country as it is.
    """
    from tqdm.auto import tqdm

    for indicator in NEEDED:
        national.compute(country, indicator, progress=progress)
    rows = _figures(BASE, country)
    left_out = {}
    chosen = variants(country, names, matrix=matrix)
    for name, changed in tqdm(chosen.items(), desc="variants", disable=not progress, leave=False):
        try:
            _hand_down(country, changed)
            for indicator in NEEDED:
                national.compute(changed, indicator, progress=False)
        except InputError as error:
            left_out[name] = str(error.findings[0])
            continue
        rows += _figures(name, changed)
    columns = ["variant", "table", "row", "column", "unit", "value"]
    found = pd.DataFrame(rows, columns=columns)
    found.attrs["left_out"] = left_out
    return found


def ranges(figures: pd.DataFrame) -> pd.DataFrame:
    """For every reported figure: its value, the lowest and the highest, and who causes them.

    Parameters
    ----------
    figures : DataFrame
        From :func:`run`.

    Returns
    -------
    DataFrame
        table, row, column, unit, reported, lowest, lowest_variant, highest, highest_variant,
        spread (highest − lowest); the widest relative to the unit's largest figure first.

    Examples
    --------
    >>> figures = pd.DataFrame({"variant": ["base", "alpha_0.01"], "table": "SO1-4.T2",
    ...     "row": "2015", "column": "degraded_area", "unit": "km2", "value": [10.0, 8.0]})
    >>> ranges(figures)[["reported", "lowest", "lowest_variant"]].values.tolist()
    [[10.0, 8.0, 'alpha_0.01']]
    """
    cell = ["table", "row", "column", "unit"]
    rows = []
    for key, group in figures.groupby(cell, sort=False):
        values = group.set_index("variant")["value"]
        if values.isna().all() or BASE not in values:
            continue
        low, high = values.idxmin(), values.idxmax()
        rows.append(
            dict(zip(cell, key, strict=True))
            | {
                "reported": values[BASE],
                "lowest": values[low],
                "lowest_variant": low if values[low] < values[BASE] else BASE,
                "highest": values[high],
                "highest_variant": high if values[high] > values[BASE] else BASE,
                "spread": values[high] - values[low],
            }
        )
    found = pd.DataFrame(rows)
    if not len(found):
        return found
    largest = found.groupby("unit")["highest"].transform("max").replace(0, 1)
    order = (found["spread"] / largest).sort_values(ascending=False, kind="stable").index
    return found.loc[order].reset_index(drop=True)


def label(variant: str, language: str = "en") -> str:
    """Name of a variant in words.

    Examples
    --------
    >>> label("alpha_0.01")
    'Trend: significance level 0.01'
    """
    if variant in (BASE, "matrix"):
        return tables.label(f"sensitivity.{variant}", language)
    listed = tables.read("sensitivity").set_index("variant")
    return tables.label(listed.loc[variant, "label"], language)


def _figures(name: str, country) -> list[tuple]:
    """The figures of a country's tables, exact."""
    known = national.results(country)
    found = {indicator: known[indicator] for indicator in NEEDED if indicator in known}
    report = prais.build(replace(country, answers=None), found)
    rows = []
    for table_id in TABLES:
        if table_id not in report.tables:
            continue
        table = report[table_id]
        for column in table.numbers:
            for row, value in table.frame[column].items():
                key = " / ".join(map(str, row)) if isinstance(row, tuple) else str(row)
                rows.append((name, table_id, key, column, table.unit_of(column), float(value)))
    return rows


def _hand_down(country, changed) -> None:
    """Results that the change does not touch are those of the country: link their files."""
    kept = national.results(country)
    entries = national.kept_entries(country)
    found: dict[str, object] = {}
    same = {}
    for name in NEEDED:
        needs = plans.NEEDS[name]
        if name not in kept or any(needed not in found for needed in needs):
            continue
        if fingerprint(changed, name, found) == kept[name].key:
            found[name], same[name] = kept[name], entries[name]
    if not same:
        return
    for name in same:
        for kind, ending, items in (
            ("layers", "tif", kept[name].layers),
            ("crosstabs", "csv", kept[name].tables),
        ):
            for item in items:
                _link(country, changed, Path(kind) / f"{item}.{ending}")
    national.adopt(changed, same)


def _link(country, changed, file: Path) -> None:
    source, target = country.folder_results / file, changed.folder_results / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(source, target)  # files are replaced, never written into
    except OSError:
        shutil.copyfile(source, target)
