"""First sheets of the workbook: what the report is, what is ready, what is open, what changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ldnkit import messages
from ldnkit.findings import Finding
from ldnkit.prais.breaches import place
from ldnkit.prais.overview import forms_overview, overview
from ldnkit.prais.report import Report, wording
from ldnkit.prais.sheets import HIGHEST, lines_of, merged, prepare, write_row, write_text

#: Widths of the columns: form or table, title, requirement, state, filled, open, source, changed,
#: notebook.
WIDTHS = (16, 48, 16, 18, 13, 13, 20, 16, 12)
#: State of a table or form -> look of its cell.
LOOKS = {"to_complete": "wait", "missing": "stop", "complete": "fine"}
#: Columns of the list of findings, and over which columns of the sheet each one runs.
FINDING_COLUMNS = (
    *(("report.kind", 0, 0), ("report.where", 1, 1), ("report.found", 2, 3)),
    *(("report.expected", 4, 5), ("report.remedy", 6, 7), ("report.notebook", 8, 8)),
)
#: Columns of the sheet of changes and their widths.
CHANGES = {
    **{"table": 14, "kind": 14, "row": 24, "column": 30, "unit": 16, "earlier": 18, "later": 18},
    **{"difference": 16, "percent": 12, "because": 60},
}
NONE = "–"
METHOD = "overview.method_"


def write(
    book,
    styles: dict[str, Any],
    report: Report,
    findings: Sequence[Finding],
    language: str,
    changes: pd.DataFrame | None = None,
) -> None:
    """The sheet Overview: party and cycle, open findings, forms, tables, all findings."""
    sheet = book.add_worksheet("Overview")
    prepare(sheet, language, f"{report.country.name(language)} – {_word(language)('overview')}")
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    row = _head(sheet, styles, report, findings, language)
    row = _forms(sheet, row + 1, styles, report, findings, language, changes)
    row = _tables(sheet, row + 1, styles, report, findings, language, changes)
    _findings(sheet, row + 1, styles, report, findings, language)
    sheet.freeze_panes(1, 0)


def _word(language: str):
    return lambda key: wording(key if "." in key else f"report.{key}", language)


def _line(sheet, row: int, text: str, style) -> None:
    merged(sheet, row, 0, len(WIDTHS) - 1, text, style, sum(WIDTHS))


def _head(sheet, styles, report: Report, findings: Sequence[Finding], language: str) -> int:
    """Title, kind of Party, cycle, and whether findings are open; the row after it."""
    country, word = report.country, _word(language)
    lines = [(f"{word('title')} – {country.name(language)}", "title")]
    if report.area == "affected":
        lines.append((word("form.AA"), "name"))
    if country.synthetic:
        lines.append((word("notice.synthetic"), "banner"))
    lines.append((f"{word('party')}: {word(country.party)}", "plain"))
    if country.party == "developed":
        lines.append((word("overview.developed"), "wrapped"))
    lines.append((f"{word('cycle')}: {country.cycle.year}", "plain"))
    method = wording(f"overview.method_{country.method}", language)
    lines.append((f"{wording('method', language)}: {method.removeprefix(METHOD)}", "plain"))
    errors, warnings = (
        sum(finding.severity == severity for finding in findings)
        for severity in ("error", "warning")
    )
    if errors or warnings:
        lines.append((word("overview.still_open"), "alarm"))
        said = word("open_findings").format(errors=errors, warnings=warnings)
        lines.append((said, "open"))
    else:
        lines.append((word("no_findings"), "good"))
    lines.append((word("paste"), "wrapped"))
    for row, (text, style) in enumerate(lines):
        _line(sheet, row, text, styles[style])
    sheet.set_row(0, 22)
    return len(lines)


def _section(sheet, row: int, key: str, styles, language: str) -> int:
    _line(sheet, row, wording(key, language), styles["section"])
    sheet.set_row(row, 20)
    return row + 1


def _headings(sheet, row: int, first: str, styles, language: str) -> None:
    keys = (
        *(first, "metadata.title", "overview.requirement", "report.state"),
        *("overview.completeness", "report.findings", "data_source", "overview.changed"),
        "report.notebook",
    )
    texts = [wording(key, language) for key in keys]
    write_row(sheet, row, texts, [styles["heading"]] * len(texts), WIDTHS)


def _row_of(entry: dict[str, Any], name: str, styles, language: str) -> tuple[list, list]:
    """Texts and looks of one form or table."""
    state = entry["state"].replace(" ", "_")
    state_key = f"requirement.{state}" if state == "not_applicable" else f"report.{state}"
    filled = NONE if pd.isna(entry["completeness"]) else f"{int(entry['completeness'])} %"
    source = entry["source"]
    if source != NONE:
        source = wording(f"data.{source}", language)
    changed = entry["changed_cells"]
    texts = [
        name,
        wording(entry["title_key"], language),
        _required(entry["requirement"], language),
        wording(state_key, language),
        filled,
        str(entry["findings"] or NONE),
        source,
        NONE if pd.isna(changed) else str(int(changed)),
        entry["notebook"],
    ]
    looks = [styles["cell"]] * len(texts)
    looks[0] = styles["row"]
    look = "stop" if entry["errors"] else LOOKS.get(state, "cell")
    looks[3] = styles[look]
    return texts, looks


def _required(requirement: str, language: str) -> str:
    """What a form asks of the Party; ``see SO1-3`` says where it is reported instead."""
    if requirement.startswith("see "):
        return wording("overview.see", language).format(form=requirement.removeprefix("see "))
    return wording(f"requirement.{requirement.replace(' ', '_')}", language)


def _forms(sheet, row: int, styles, report, findings, language: str, changes) -> int:
    row = _section(sheet, row, "overview.forms", styles, language)
    _headings(sheet, row, "report.form", styles, language)
    for entry in forms_overview(report, findings, changes=changes).to_dict("records"):
        row += 1
        texts, looks = _row_of(entry, entry["form"], styles, language)
        write_row(sheet, row, texts, looks, WIDTHS)
    return row + 1


def _tables(sheet, row: int, styles, report, findings, language: str, changes) -> int:
    row = _section(sheet, row, "overview.tables", styles, language)
    _headings(sheet, row, "report.table", styles, language)
    for entry in overview(report, findings, changes=changes).to_dict("records"):
        row += 1
        label = report.label(entry["id"])
        texts, looks = _row_of(entry, label, styles, language)
        write_row(sheet, row, texts, looks, WIDTHS)
        if entry["id"] in report.tables:
            sheet.write_url(row, 0, f"internal:'{label}'!A1", styles["link"], string=label)
    return row + 1


def _findings(sheet, row: int, styles, report, findings: Sequence[Finding], language: str) -> None:
    """All findings, errors first."""
    row = _section(sheet, row, "report.findings", styles, language)
    headings = [wording(key, language) for key, _, _ in FINDING_COLUMNS]
    _spread(sheet, row, headings, styles["heading"], styles["heading"])
    for finding in findings:
        row += 1
        shown = finding.in_language(language)
        table, cell = place(finding)
        where = ", ".join(filter(None, (report.label(table), cell)))
        where = messages.place(where, language) if table else shown.where
        texts = [wording(f"finding.{finding.severity}", language), where, shown.found]
        texts += [shown.expected, shown.remedy, shown.notebook]
        look = {"error": "stop", "warning": "wait"}.get(finding.severity, "cell")
        _spread(sheet, row, texts, styles[look], styles["cell"])
    if not findings:
        _line(sheet, row + 1, wording("report.no_findings", language), styles["wrapped"])


def _spread(sheet, row: int, texts: Sequence[str], first_style, style) -> None:
    """Texts over merged columns, in a row high enough for all of them."""
    lines = 1
    for (_, first, last), text in zip(FINDING_COLUMNS, texts, strict=True):
        width = sum(WIDTHS[first : last + 1])
        look = first_style if first == 0 else style
        if first == last:
            write_text(sheet, row, first, str(text), look)
        else:
            merged(sheet, row, first, last, str(text), look, width)
        lines = max(lines, lines_of(text, width))
    sheet.set_row(row, min(15 * lines, HIGHEST))


def write_changes(book, styles, report: Report, changes: pd.DataFrame, language: str) -> None:
    """The sheet Changes: every cell that differs from the earlier report, and why."""
    sheet = book.add_worksheet("Changes")
    title = wording("overview.changes", language)
    prepare(sheet, language, f"{report.country.name(language)} – {title}")
    widths = list(CHANGES.values())
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    last = len(widths) - 1
    merged(sheet, 0, 0, last, title, styles["title"], sum(widths))
    sheet.set_row(0, 22)
    if report.country.synthetic:
        text = wording("notice.synthetic", language)
        merged(sheet, 1, 0, last, text, styles["banner"], sum(widths))
    row = 3
    keys = ("report.table", *(f"overview.change_{name}" for name in list(CHANGES)[1:]))
    headings = [wording(key, language) for key in keys]
    write_row(sheet, row, headings, [styles["heading"]] * len(headings), widths)
    for entry in changes.reindex(columns=list(CHANGES)).to_dict("records"):
        row += 1
        write_row(sheet, row, [""] * len(widths), [styles["cell"]] * len(widths), widths)
        _change(sheet, row, entry, styles, language, widths)
    if changes.empty:
        text = wording("overview.no_changes", language)
        merged(sheet, row + 1, 0, last, text, styles["wrapped"], sum(widths))
    sheet.freeze_panes(4, 1)
    sheet.repeat_rows(3)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})


def _change(sheet, row: int, entry: dict, styles, language: str, widths: Sequence[float]) -> None:
    """One changed cell: figures as figures, keys in words."""
    lines = 1
    for column, (name, value) in enumerate(entry.items()):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if pd.notna(value):  # an empty cell otherwise
                sheet.write_number(row, column, float(value), styles["number2"])
            continue
        text = "" if value is None else str(value)
        if name in ("row", "column"):
            text = ", ".join(wording(part, language) for part in text.split(", "))
        if name == "kind" and text:
            text = wording(f"changes.kind.{text}", language)
        if name == "unit" and text:
            text = wording(f"unit.{text}", language).removeprefix("unit.")
        write_text(sheet, row, column, text, styles["row" if column == 0 else "cell"])
        lines = max(lines, lines_of(text, widths[column]))
    sheet.set_row(row, min(15 * lines, HIGHEST))
