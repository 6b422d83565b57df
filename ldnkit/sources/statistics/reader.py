"""One official series from a file of any of the known kinds, checked whole."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from ldnkit.country_file.forms_layers import Statistic
from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.sources.statistics import columns, sdg, world_bank
from ldnkit.sources.statistics.checked import tidy
from ldnkit.sources.statistics.grids import Grid, problem, read_bytes, read_grids
from ldnkit.sources.statistics.headers import layout
from ldnkit.sources.statistics.records import Records
from ldnkit.sources.statistics.series import Series, definition

FORMATS = ("auto", "sdg", "world_bank", "table")


def read(statistic: Statistic | str | Path, series: str, *, iso3: str) -> pd.DataFrame:
    """One official series of a country, as tidy rows.

    Parameters
    ----------
    statistic : Statistic or path
        The section of a country file, or a file alone.
    series : str
        poverty, gini, water, red_list or protected.
    iso3 : str
        The country; its rows are found by ISO3, ISO2, M49 or name.

    Returns
    -------
    DataFrame
        series, year (int), location (total, urban, rural), value, lower, upper (in the unit of
        PRAIS: percent, 0–100 or 0–1; NaN: not given), nature (as the database codes it), status
        (notes of the source), release, database (sdg, world_bank, table). All years of the file,
        sorted. ``attrs["findings"]`` has the warnings and remarks, ``attrs["table"]`` says what
        was read.

    Raises
    ------
    InputError
        Every problem of the file at once.
    ValueError
        Unknown series.

    References
    ----------
    UNCCD reporting manual, 2026 process: SO2-1, SO2-2, SO4-2, SO4-3.

    Examples
    --------
    >>> read("statistics/poverty.json", "poverty", iso3="KEN")  # doctest: +SKIP
    """
    table, findings = examine(statistic, series, iso3=iso3)
    stop_on_errors(findings)
    table.attrs["findings"] = findings
    return table


def examine(
    statistic: Statistic | str | Path, series: str, *, iso3: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """A series with every problem found in its file, errors too; empty when it is unreadable."""
    known = definition(series)
    if not isinstance(statistic, Statistic):
        statistic = Statistic(Path(statistic))
    try:
        records = records_of(statistic, known)
    except InputError as error:
        where = f"statistics.{series}"
        findings = [_placed(finding, where, known.notebook) for finding in error.findings]
        return tidy(None, statistic, known, iso3)[0], findings
    table, findings = tidy(records, statistic, known, iso3)
    where = f"statistics.{series}"
    own = [_placed(finding, where, known.notebook) for finding in records.findings]
    table.attrs["table"] = records.table
    return table, [*own, *findings]


def _placed(finding: Finding, where: str, notebook: str) -> Finding:
    fields = finding.as_dict()
    fields |= {"where": f"{where} ({finding.where})", "notebook": notebook}
    return Finding(**fields)


def records_of(statistic: Statistic, series: Series) -> Records:
    """The raw records of a file.

    Raises
    ------
    InputError
        The file cannot be read, or it is not of the format that the country file names.
    """
    path = Path(statistic.file)
    if statistic.format not in FORMATS:
        raise ValueError(
            f"Unknown format: found {statistic.format!r}; use one of {', '.join(FORMATS)}."
        )
    found = read_json(path)
    if found is not None:
        name, answer = found
        if isinstance(answer, dict):
            return _expect(statistic, sdg.from_answer(name, answer))
        if world_bank.is_answer(answer):
            return _expect(statistic, world_bank.from_answer(name, answer))
        remedy = "Save the whole answer of the API, or give a CSV or XLSX file."
        expected = "an answer of the UN SDG or the World Bank API"
        raise problem(name, "other JSON", expected, remedy, series.notebook)
    grid = chosen_grid(read_grids(path, sheet=statistic.sheet), statistic, series)
    if statistic.format == "sdg" or (statistic.format == "auto" and sdg.is_export(grid)):
        return sdg.from_grid(grid)
    from_bank = world_bank.is_table(grid)
    if statistic.format == "world_bank" and not from_bank:
        remedy = "Write format: table, or delete the line."
        expected = "Country Code and Indicator Code among the headings"
        raise problem(grid.name, "no table of the World Bank", expected, remedy)
    is_bank = from_bank and statistic.format != "table"
    form = "world_bank" if is_bank else "table"
    options = {"header": statistic.header, "columns": statistic.columns, "form": form}
    records = columns.from_grid(grid, series, **options)
    records.release = world_bank.updated(grid) if is_bank else ""
    return records


def read_json(path: Path) -> tuple[str, object] | None:
    """Name and content of a JSON file; None for any other file.

    Raises
    ------
    InputError
        There is no such file, or its JSON is broken.
    """
    name, data = read_bytes(path)
    if not name.lower().endswith(".json") and data[:200].lstrip(b"\xef\xbb\xbf \r\n\t")[:1] not in (
        b"{",
        b"[",
    ):
        return None
    try:
        return name, json.loads(data.decode("utf-8-sig"))
    except ValueError as error:
        remedy = "Download it again: the file is not complete."
        raise problem(name, f"JSON that cannot be read ({error})", "JSON", remedy) from None


def _expect(statistic: Statistic, records: Records) -> Records:
    if statistic.format not in ("auto", records.form):
        found = f"an answer of the API of the format {records.form}"
        remedy = f"Write format: {records.form}, or delete the line."
        raise problem(records.name, found, statistic.format, remedy)
    return records


def chosen_grid(grids: list[Grid], statistic: Statistic, series: Series) -> Grid:
    """The one sheet with a table of years; a workbook may have sheets of notes beside it.

    Raises
    ------
    InputError
        No sheet, or several, have such a table.
    """
    if not grids:
        name = Path(statistic.file).name
        raise problem(name, "an empty file", "a table with years", "Give another file.")
    if len(grids) == 1:
        return grids[0]
    good = []
    for grid in grids:
        try:
            columns.roles_of(
                layout(grid, header=statistic.header, year=statistic.columns.get("year")),
                series,
                statistic.columns,
            )
        except InputError:
            continue
        good.append(grid)
    if len(good) == 1:
        return good[0]
    listed = ", ".join(grid.sheet for grid in good or grids)
    found = f"{'several sheets with tables' if good else 'no sheet with a clear table'}: {listed}"
    remedy = f"Write sheet: {(good or grids)[0].sheet}, or the name of another one."
    raise problem(Path(statistic.file).name, found, "one sheet", remedy)
