"""A report on disk: a workbook to paste from, a CSV file per table, JSON, and the findings."""

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
from ldnkit.prais.breaches import in_order, place
from ldnkit.prais.definitions import rules as known_rules
from ldnkit.prais.overview import forms_overview, overview
from ldnkit.prais.printed import print_report
from ldnkit.prais.report import Report, Table

SCHEMA = 1
#: Columns of the files of findings.
FINDING_COLUMNS = (
    *("severity", "rule", "rule_number", "table", "cell", "found", "expected", "remedy"),
    "notebook",
)


def write(
    report: Report,
    folder: str | Path,
    *,
    language: str | None = None,
    changes: pd.DataFrame | None = None,
) -> dict[str, Path]:
    """Write a report as XLSX, CSV and JSON, and its findings as CSV and JSON.

    Parameters
    ----------
    report : Report
    folder : str or Path
        Made when it does not exist.
        Files of an earlier report in it are replaced, and only once the new ones are complete.
    language : {"en", "fr", "es", "ru", "ar", "zh"}, optional
        Language of headings and classes; by default that of the country.
    changes : DataFrame, optional
        What differs from an earlier report (table, row, column, unit, earlier, later,
        difference, percent, because): a sheet of its own, and a column of the overview.

    Returns
    -------
    dict
        ``xlsx``: the workbook, first sheet Overview, then one sheet per table, named by its id.
        ``csv``: the folder with one file per table, UTF-8 with a byte order mark, because Excel
        reads CSV files without it in a national code page and spoils every accent.
        ``json``: exact and printed figures, metadata, state of every table, and findings.
        ``findings_csv``, ``findings_json``: the rules' findings and the weak data that the
        computation found, errors first, one row each.

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
    findings = in_order([*report.findings, *rules.check(report)])
    ending = "_affected_area" if report.area == "affected" else ""
    name, folder_csv = f"prais_{report.country.iso3}_{report.country.cycle.year}{ending}", "csv"
    folder_csv, said = folder_csv + ending, f"findings{ending}"
    folder.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".report-", dir=folder))
    try:
        workbook.write(report, findings, temporary / f"{name}.xlsx", language, changes)
        (temporary / folder_csv).mkdir()
        for table in report.tables.values():
            path = temporary / folder_csv / f"{report.label(table.id)}.csv"
            _write_csv(table, path, language)
        _write_json(as_dict(report, findings, language), temporary / f"{name}.json")
        listed = findings_table(report, findings)
        listed.to_csv(
            temporary / f"{said}.csv", index=False, encoding="utf-8-sig", lineterminator="\n"
        )
        _write_json(listed.to_dict("records"), temporary / f"{said}.json")
        parts = {"xlsx": f"{name}.xlsx", "csv": folder_csv, "json": f"{name}.json"}
        parts |= {"findings_csv": f"{said}.csv", "findings_json": f"{said}.json"}
        _move(temporary, folder, tuple(parts.values()))
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return {kind: folder / part for kind, part in parts.items()}


def _write_json(document: Any, path: Path) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8")


def findings_table(report: Report, findings: Sequence[Finding]) -> pd.DataFrame:
    """Findings as rows, for other programs.

    Weak data that the computation found have no rule and no table; ``cell`` is the place then.
    """
    rows = []
    for finding in findings:
        table, cell = place(finding)
        number = known_rules().get(finding.rule, {}).get("number", "")
        row = {"rule_number": str(number), "table": report.label(table) if table else ""}
        row |= {name: getattr(finding, name) for name in FINDING_COLUMNS if hasattr(finding, name)}
        rows.append(row | {"cell": cell})
    return pd.DataFrame(rows, columns=list(FINDING_COLUMNS))


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
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(frame.columns)
        writer.writerows(_shown(table, frame))


def _shown(table: Table, labelled: pd.DataFrame) -> list[list[str]]:
    """The cells of a labelled table as they are printed."""
    decimals = table.decimals_by_place(table.frame)
    return [
        [_cell(*pair) for pair in zip(row, decimals, strict=True)]
        for row in labelled.itertuples(index=False, name=None)
    ]


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
        "parameters": getattr(country, "parameters", None),
        "tables": {
            report.label(name): _table(table, language) for name, table in report.tables.items()
        },
        "overview": _plain_rows(overview(report, findings)),
        "forms": _plain_rows(forms_overview(report, findings)),
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
        "shown": _shown(table, labelled),
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


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{key: _plain(value) for key, value in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if _is_empty(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    return value.item() if hasattr(value, "item") else value
