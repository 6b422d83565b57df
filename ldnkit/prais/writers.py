"""A report on disk: one workbook to paste from, a CSV file per table, one JSON file."""

from __future__ import annotations

import csv
import json
import math
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

import ldnkit
from ldnkit.findings import Finding
from ldnkit.prais import rules, workbook
from ldnkit.prais.printed import print_report
from ldnkit.prais.report import Report, Table

SCHEMA = 1


def write(report: Report, folder: str | Path, *, language: str | None = None) -> dict[str, Path]:
    """Write a report as XLSX, CSV and JSON.

    Parameters
    ----------
    report : Report
    folder : str or Path
        Made when it does not exist.
        Files of an earlier report in it are replaced, and only once the new ones are complete.
    language : {"en", "fr", "es", "ru", "ar", "zh"}, optional
        Language of headings and classes; by default that of the country.

    Returns
    -------
    dict
        ``xlsx``: the workbook, first sheet Overview, then one sheet per table, named by its id.
        ``csv``: the folder with one file per table, UTF-8 with a byte order mark, because Excel
        reads CSV files without it in a national code page and spoils every accent.
        ``json``: exact and printed figures, metadata and findings.

    Raises
    ------
    PermissionError
        An earlier file is open in another program.

    Examples
    --------
    >>> prais.write(report, country.folder_results / "report")["xlsx"]     # doctest: +SKIP
    """
    folder = Path(folder)
    language = language or report.country.language
    print_report(report)
    findings = [*report.findings, *rules.check(report)]
    ending = "_affected_area" if report.area == "affected" else ""
    name, folder_csv = f"prais_{report.country.iso3}_{report.country.cycle.year}{ending}", "csv"
    folder_csv += ending
    folder.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".report-", dir=folder))
    try:
        workbook.write(report, findings, temporary / f"{name}.xlsx", language)
        (temporary / folder_csv).mkdir()
        for table in report.tables.values():
            path = temporary / folder_csv / f"{report.label(table.id)}.csv"
            _write_csv(table, path, language)
        text = json.dumps(
            as_dict(report, findings, language), ensure_ascii=False, indent=1, allow_nan=False
        )
        (temporary / f"{name}.json").write_text(text + "\n", encoding="utf-8")
        _move(temporary, folder, (f"{name}.xlsx", f"{name}.json", folder_csv))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return {
        "xlsx": folder / f"{name}.xlsx",
        "csv": folder / folder_csv,
        "json": folder / f"{name}.json",
    }


def _move(source: Path, target: Path, names: Sequence[str]) -> None:
    """Put complete files in place; when one cannot be replaced, put the earlier ones back."""
    kept = source / "earlier"
    kept.mkdir()
    moved = []
    try:
        for part in names:
            if (target / part).exists():
                (target / part).replace(kept / part)
            moved.append(part)
            (source / part).replace(target / part)
    except OSError as error:
        for part in moved:
            if (kept / part).exists():
                if (target / part).is_dir():
                    shutil.rmtree(target / part)
                (kept / part).replace(target / part)
        raise PermissionError(
            f"The report could not be replaced: found {error}; "
            f"close its files in other programs and write it again to {target}."
        ) from error


def _write_csv(table: Table, path: Path, language: str) -> None:
    """Headings and printed figures, nothing else; a point before the decimals."""
    frame = table.labelled(language)
    decimals = table.decimals_by_place(table.frame)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(frame.columns)
        for row in frame.itertuples(index=False):
            writer.writerow([_cell(*pair) for pair in zip(row, decimals, strict=True)])


def _cell(value: Any, decimals: int) -> str:
    if _is_empty(value):
        return ""
    return f"{value:.{decimals}f}" if isinstance(value, float) else str(value)


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def as_dict(report: Report, findings: Sequence[Finding], language: str = "en") -> dict[str, Any]:
    """A report as plain data: what the JSON file holds."""
    country = report.country
    return {
        "schema": SCHEMA,
        "made_with": f"ldnkit {ldnkit.__version__}",
        "country": {
            "iso3": country.iso3,
            "name": country.name(language),
            "party": country.party,
            "cycle": country.cycle.year,
            "method": country.method,
            "synthetic": bool(country.synthetic),
        },
        "language": language,
        "area": report.area,
        "tables": {
            report.label(name): _table(table, language) for name, table in report.tables.items()
        },
        "findings": [finding.as_dict() for finding in findings],
    }


def _table(table: Table, language: str) -> dict[str, Any]:
    labelled = table.labelled(language)
    return {
        "form": table.form,
        "title": labelled_title(table, language),
        "period": table.period,
        "unit": table.unit,
        "decimals": table.decimals,
        "rows": [list(key) if isinstance(key, tuple) else key for key in table.frame.index],
        "columns": list(table.frame.columns),
        "headings": list(labelled.columns),
        "exact": _values(table.frame),
        "printed": _values(table.printed),
        "text": list(table.text),
        "years_used": table.used,
        "fields": table.fields,
        "sources": table.sources,
        "notes": table.notes,
        "help": _help(table),
    }


def labelled_title(table: Table, language: str) -> str:
    """The title of a table in a language."""
    return workbook.wording(table.title_key, language)


def _help(table: Table) -> dict[str, Any] | None:
    if table.help is None:
        return None
    frame = table.help
    return {"rows": list(frame.index), "columns": list(frame.columns), "values": _values(frame)}


def _values(frame: pd.DataFrame) -> list[list[Any]]:
    return [[_plain(value) for value in row] for row in frame.itertuples(index=False, name=None)]


def _plain(value: Any) -> Any:
    if _is_empty(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    return value.item() if hasattr(value, "item") else value
