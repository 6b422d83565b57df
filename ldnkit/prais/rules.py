"""The rules a report must meet, checked on its tables, all at once.

Rules 1 and 2 are the platform's: it does not save a form that breaks them.
The others are ours.  Their names, numbers and severities stand in ``prais_rules.csv``.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator

import pandas as pd

from ldnkit import tables
from ldnkit.country_file.layers import METADATA
from ldnkit.findings import Finding
from ldnkit.prais import (
    agreement,
    biodiversity,
    finance_rules,
    people_rules,
    status,
    structure,
    sums,
    target_rules,
)
from ldnkit.prais.breaches import TOLERANCE, breach, close, in_order, km2, place
from ldnkit.prais.report import TOTAL, Report, Table, is_share, water_keys

#: Regions with a transition matrix of their own (reporting manual, SO1-1.T3).
MOST_REGIONS = 5
#: Rules that leave a table with rows or columns that cannot be compared.
MISSHAPEN = ("key_unknown", "key_missing")
#: Rules that say of an area by period that it is wrong; its share is then not told as well.
OF_AREAS = ("cover_degradation", "dynamics_degradation")
#: Rules about figures, which need tables of the right shape and cells that can be read.
FIGURES = (
    sums.national_totals,
    sums.areas_in_country,
    people_rules.national_population,
    people_rules.population_totals,
    sums.country_area,
    people_rules.population_sums,
    sums.class_sums,
    sums.shares,
    people_rules.class_sums,
    agreement.change_margins,
    agreement.process_areas,
    agreement.cover_degradation,
    agreement.dynamics_degradation,
    agreement.water_between,
    agreement.index_limits,
    biodiversity.index_bounds,
    status.check,
    finance_rules.check,
    target_rules.check,
)


def check(report: Report) -> list[Finding]:
    """Every breach of the rules 1 to 9 in the tables of a report.

    Parameters
    ----------
    report : Report
        As made by :func:`ldnkit.prais.build`, edited or not.

    Returns
    -------
    list of Finding
        Errors first, then warnings and notes; each in the order of the tables, then of the
        rules.  Empty when nothing is open.
        ``where`` names table and cell, ``rule`` the rule, ``notebook`` the notebook that helps.

    Notes
    -----
    A table with a row or column that is unknown or missing is told by that, and not compared with
    others; of one that stands twice the first is compared.  A cell that cannot be read, or is
    negative, is told by that, and left out of sums.

    References
    ----------
    UNCCD reporting manual, 2026 process: validation by the platform (rules 1 and 2).

    Examples
    --------
    >>> for finding in prais.check(report):      # doctest: +SKIP
    ...     print(finding)
    """
    findings = list(structure.check(report))
    misshapen = {place(found)[0] for found in findings if found.rule in MISSHAPEN}
    shaped = _with(
        report,
        {name: _once(t) for name, t in report.tables.items() if name not in misshapen},
    )
    findings += [*_numbers(shaped), *_shares(shaped)]
    readable = _with(shaped, {name: _readable(table) for name, table in shaped.tables.items()})
    for rule in FIGURES:
        findings += rule(readable)
    for rule in (_regions, _legend, _metadata, _years, _open_forms):
        findings += rule(report)
    for rule in (_open_answers, _cells):
        findings += rule(shaped)
    return in_order(_told_once(findings))


def _told_once(findings: list[Finding]) -> Iterator[Finding]:
    """Without a share that disagrees only because its area does, which is told already."""
    areas = {found.where for found in findings if found.rule in OF_AREAS}
    for found in dict.fromkeys(findings):
        area = f"{found.where.rpartition('.')[0]}.area"
        if found.rule != "share_of_total" or area not in areas:
            yield found


def _with(report: Report, its_tables: dict[str, Table]) -> Report:
    """The same report with other tables."""
    changed = copy.copy(report)
    changed.tables = its_tables
    return changed


def _once(table: Table) -> Table:
    """The table with each row and column once: what stands twice has been told."""
    frame = table.frame
    if frame.index.is_unique and frame.columns.is_unique:
        return table
    changed = copy.copy(table)
    changed.frame = frame.loc[~frame.index.duplicated(), ~frame.columns.duplicated()]
    return changed


def _readable(table: Table) -> Table:
    """The table with an empty cell where there is no figure that can be added up."""
    frame = table.frame
    if not table.numbers or not any(
        _unreadable(column, value) for column in table.numbers for value in frame[column]
    ):
        return table
    frame = frame.copy()
    for column in table.numbers:
        cells = [math.nan if _unreadable(column, value) else value for value in frame[column]]
        frame[column] = pd.Series(cells, frame.index, dtype=float)
    changed = copy.copy(table)
    changed.frame = frame
    return changed


def _unreadable(column: str, value) -> bool:
    """Text, something without end, or less than nothing where only more makes sense."""
    if isinstance(value, str):
        return True
    if value is None or pd.isna(value):
        return False
    return math.isinf(value) or (value < 0 and not column.startswith("change_"))


def _shares(report: Report) -> Iterator[Finding]:
    """Rule 1: no share above 100 %."""
    for table in report.tables.values():
        for column in filter(is_share, table.numbers):
            for row, value in table.frame[column].items():
                if _unreadable(column, value) or pd.isna(value):
                    continue
                if value > 100 * (1 + TOLERANCE):
                    yield breach(
                        "share_range",
                        table,
                        f"{row}, {column}",
                        f"{value:g} %",
                        "100 % or less",
                        people_rules.ABOVE_ALL
                        if table.form == "SO2-3"
                        else "Correct the area or the total it is a share of.",
                    )


def _numbers(report: Report) -> Iterator[Finding]:
    """Rule 2: no text in cells for figures, nothing infinite, no negatives but in changes."""
    for table in report.tables.values():
        for column in table.numbers:
            for row, value in table.frame[column].items():
                if not _unreadable(column, value):
                    continue
                cell = f"{_row(row)}, {column}"
                if isinstance(value, str):
                    yield breach(
                        "text_in_number",
                        table,
                        cell,
                        f"the text {value!r}",
                        "a figure",
                        "Write the figure without unit or spaces, or leave the cell empty.",
                    )
                elif math.isinf(value):
                    yield breach(
                        "infinite_number",
                        table,
                        cell,
                        "a number without end",
                        "a figure",
                        "Correct the cell, or compute the table again.",
                    )
                else:
                    yield breach(
                        "negative_number",
                        table,
                        cell,
                        f"{value:g}",
                        "zero or more",
                        "Correct the cell, or compute the table again.",
                    )


def _regions(report: Report) -> Iterator[Finding]:
    """Rule 6: five regions or fewer, which cover the land once."""
    table = report.tables.get("SO1-1.T3")
    if table is None or table.help is None:
        return
    areas = table.help.iloc[:, 0]
    regions = areas.index.drop([TOTAL, "no_region"], errors="ignore")
    if len(regions) > MOST_REGIONS:
        yield breach(
            "regions_count",
            table,
            "region",
            f"{len(regions)} regions",
            f"{MOST_REGIONS} or fewer",
            "Join regions that share a matrix.",
        )
    if not close(areas[regions].sum(), areas[TOTAL]):
        yield breach(
            "regions_partition",
            table,
            "region",
            f"{km2(areas[regions].sum())} in the regions",
            f"{km2(areas[TOTAL])}, the total land area",
            "Let the boundaries of the regions cover the whole country once.",
        )


def _legend(report: Report) -> Iterator[Finding]:
    """Rule 6: fifteen classes or fewer."""
    table = report.tables.get("SO1-1.T2")
    if table is not None and len(table.frame) > tables.MANY_CLASSES:
        yield breach(
            "legend_classes",
            table,
            "code",
            f"{len(table.frame)} classes",
            f"{tables.MANY_CLASSES} or fewer",
            "Join similar classes if you can.",
        )


def _metadata(report: Report) -> Iterator[Finding]:
    """Rule 7: national data carry four metadata fields. Said once per layer."""
    said = set()
    for table in report.tables.values():
        for source in table.sources:
            empty = [name for name in METADATA if not str(source.get(name) or "").strip()]
            if source["source"] != "national" or not empty or source["layer"] in said:
                continue
            said.add(source["layer"])
            yield breach(
                "metadata",
                table,
                f"data source {source['layer']}",
                f"national data without {', '.join(empty)}",
                ", ".join(METADATA),
                f"Fill {source['layer']}: metadata in country.yml.",
            )


def _years(report: Report) -> Iterator[Finding]:
    """Rule 7: a year that stands in for another one is stated in the table."""
    for table in report.tables.values():
        said = " ".join([table.period, *table.notes])
        for source in table.sources:
            for nominal, used in report.years.get(source["layer"], {}).items():
                if table.concerns(nominal) and str(used) not in said:
                    yield breach(
                        "year_stated",
                        table,
                        nominal,
                        f"{used} data of {source['layer']} without a word",
                        f"a note that {used} stands in for {nominal}",
                        "Say it in the comments.",
                    )


def _open_forms(report: Report) -> Iterator[Finding]:
    """Rule 9: required tables that are not there, and answers the team still owes."""
    from ldnkit.prais.builder import MAKERS

    known = tables.prais_tables()
    requirement = f"required_{report.country.party}"
    made = MAKERS if report.area == "country" else ()  # forms AA are optional
    missing = known["id"].isin(made) & ~known["id"].isin(report.tables)
    for row in known[missing & known[requirement].isin(_asked(report))].to_dict("records"):
        kind = row[requirement]
        run = f"Run notebook {row['notebook']} and build the report again."
        yield breach(
            "form_open" if kind == "required" else "form_optional",
            row["id"],
            "",
            "no table",
            f"a table of the {kind} form {row['form']}",
            report.left_out.get(row["id"], run),
        )


def _asked(report: Report) -> tuple[str, ...]:
    """Forms whose tables are looked for; a developed country reports no other than it must."""
    return ("required", "optional") if report.country.party == "affected" else ("required",)


def _open_answers(report: Report) -> Iterator[Finding]:
    """Rule 9: answers that only the team can give."""
    for table in report.tables.values():
        for column in table.answers:
            empty = [str(row) for row, value in table.frame[column].items() if is_empty(value)]
            if empty:
                yield breach(
                    "answer_open",
                    table,
                    column,
                    f"nothing for {', '.join(empty)}",
                    "an answer of the team",
                    "Fill it in the sheet of answers, with report.fill(…), or on the platform.",
                )


def _cells(report: Report) -> Iterator[Finding]:
    """Rule 9: no required cell is empty. A row without any figure is said once."""
    for table in report.tables.values():
        empty = _empty_rows(table)
        for row in empty:
            yield breach(
                "cell_missing",
                table,
                _row(row),
                "a row without figures",
                "the figures of this row",
                f"Give the missing data and run notebook {table.notebook} again.",
            )
        for column in table.frame.columns.difference([*table.answers, *table.optional], sort=False):
            for row, value in table.frame[column].items():
                if row in empty:
                    continue
                if is_empty(value) and not may_be_empty(report, table, row, column):
                    yield breach(
                        "cell_missing",
                        table,
                        f"{_row(row)}, {column}",
                        "an empty cell",
                        "a figure" if column in table.numbers else "an entry",
                        f"Give the missing data and run notebook {table.notebook} again.",
                    )


def may_be_empty(report: Report, table: Table, row, column: str) -> bool:
    """Shares of nothing, and the stock of a class without land, have no figure."""
    if table.id == "SO1-3.T1":
        cover = report.tables.get("SO1-1.T4")
        if row in water_keys(report.country):
            return True
        return cover is not None and not cover.frame.get(column, pd.Series(dtype=float)).get(row)
    if not is_share(column):
        return False
    if TOTAL in table.frame.index:
        area = f"{column.rpartition('.')[0]}.area"
        return area in table.frame and table.frame.loc[TOTAL, area] == 0
    return _nothing_to_share(table, row)


def _nothing_to_share(table: Table, row) -> bool:
    """Whether a year has no land, or a group no people."""
    for frame in (table.frame, table.help):
        for column in ("total_land_area", "population") if frame is not None else ():
            if column in frame and row in frame.index:
                return float(pd.Series(frame.loc[row, column]).max()) == 0
    return False


def _empty_rows(table: Table) -> list:
    """Years of the tables of drought for which there is not one figure."""
    needed = [name for name in table.numbers if name not in (*table.answers, *table.optional)]
    if not table.form.startswith("SO3") or not needed:
        return []
    return [row for row, cells in table.frame[needed].iterrows() if cells.isna().all()]


def _row(row) -> str:
    return ", ".join(map(str, row)) if isinstance(row, tuple) else str(row)


def is_empty(value) -> bool:
    return value is None or (isinstance(value, str) and not value.strip()) or bool(pd.isna(value))
