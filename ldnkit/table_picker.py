"""Choose the right cells of a table of official figures, and see at once what would be read.

The form is thin: every step is a plain function that a script can call as well.
It shows the lines of country.yml, and writes them there when its button is pressed.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd
import yaml

from ldnkit.country_file import check
from ldnkit.country_file.forms_layers import ROLES, SERIES, Statistic
from ldnkit.country_file.splice import with_entry
from ldnkit.findings import Finding, InputError, stop_on_errors
from ldnkit.sources.statistics import examine
from ldnkit.sources.statistics.grids import read_grids
from ldnkit.sources.statistics.headers import layout
from ldnkit.sources.statistics.reader import read_json
from ldnkit.sources.statistics.series import definition

#: Kinds of files that hold official series.
KINDS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".json", ".zip")
#: Choices that leave the decision to the reader.
FOUND, NOT_GIVEN = "found by itself", "as the file says"
UNITS = (NOT_GIVEN, "percent", "fraction", "index")
#: Rows of a preview.
ROWS = 15


def files_in(folder: str | Path) -> list[str]:
    """Names of the files that may hold official series, below a folder.

    Examples
    --------
    >>> files_in("no/such/folder")
    []
    """
    folder = Path(folder)
    found = [path for path in folder.rglob("*") if path.suffix.lower() in KINDS]
    return sorted(path.relative_to(folder).as_posix() for path in found if path.is_file())


def sheets_of(path: str | Path) -> list[str]:
    """Names of the sheets of a workbook that are not empty; none for other files.

    Examples
    --------
    >>> sheets_of("statistics/poverty.xlsx")  # doctest: +SKIP
    ['Notes', 'Data']
    """
    try:
        if read_json(Path(path)) is not None:
            return []
        return [grid.sheet for grid in read_grids(Path(path)) if grid.sheet]
    except InputError:
        return []


def preview(path: str | Path, *, sheet: str | None = None, rows: int = ROWS) -> pd.DataFrame:
    """The first rows of a file as they are; the index is the row as the file counts it.

    Parameters
    ----------
    path : str or Path
        CSV or XLSX, or a ZIP file with one of them; JSON has no rows to choose from.
    sheet : str, optional
        The sheet; the first one by default.
    rows : int
        How many.

    Raises
    ------
    InputError
        The file cannot be read, or has no such sheet.

    Examples
    --------
    >>> preview("statistics/poverty.xlsx", sheet="Data")  # doctest: +SKIP
    """
    if read_json(Path(path)) is not None:
        return pd.DataFrame()
    grids = read_grids(Path(path), sheet=sheet)
    if not grids:
        return pd.DataFrame()
    grid = grids[0]
    cells = [[*row, *[""] * (grid.width - len(row))] for row in grid.cells[:rows]]
    index = pd.Index(grid.numbers[:rows], name=grid.word)
    return pd.DataFrame(cells, index, [str(at + 1) for at in range(grid.width)], dtype=object)


def columns_of(
    path: str | Path, *, sheet: str | None = None, header: int | None = None
) -> list[str]:
    """Names of the columns of a table, its levels joined; empty when no table is found.

    Examples
    --------
    >>> columns_of("statistics/water.csv", header=4)  # doctest: +SKIP
    ['Year', 'Water / Urban', 'Water / Rural']
    """
    try:
        if read_json(Path(path)) is not None:
            return []
        for grid in read_grids(Path(path), sheet=sheet):
            found = layout(grid, header=header)
            return [" / ".join(levels) for levels in found.names if levels]
    except InputError:
        return []
    return []


def statistic_of(folder: str | Path, choice: Mapping[str, object]) -> Statistic:
    """The section of a country file that a choice stands for.

    Parameters
    ----------
    folder : str or Path
        Folder of the country file, from which its paths begin.
    choice : mapping
        file, and if wanted sheet, header, unit, area, release (ISO date) and the columns year,
        value, location, lower, upper, total, urban, rural. Empty values are left to the reader.
    """
    given = {key: value for key, value in choice.items() if value not in (None, "")}
    columns = {role: str(given[role]) for role in ROLES if role in given}
    release = given.get("release")
    return Statistic(
        file=Path(folder) / str(given["file"]),
        sheet=given.get("sheet"),
        header=int(given["header"]) if "header" in given else None,
        columns=columns,
        unit=given.get("unit"),
        area=given.get("area"),
        release=date.fromisoformat(str(release)) if release else None,
        source=str(given.get("source", "default")),
    )


def lines(series: str, choice: Mapping[str, object]) -> str:
    """The lines of country.yml for a choice, to paste below the other sections.

    Examples
    --------
    >>> print(lines("poverty", {"file": "statistics/a.csv", "header": 4, "value": "Rate"}))
    statistics:
      poverty:
        file: statistics/a.csv
        header: 4
        columns:
          value: Rate
    <BLANKLINE>
    """
    tree = {"statistics": {series: entry(series, choice)}}
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=10_000)


def entry(series: str, choice: Mapping[str, object]) -> dict[str, object]:
    """What the section ``statistics`` holds for a choice.

    Examples
    --------
    >>> entry("gini", {"file": "gini.csv", "unit": "", "source": "default"})
    {'file': 'gini.csv'}
    """
    definition(series)
    given = {key: value for key, value in choice.items() if value not in (None, "")}
    section: dict[str, object] = {"file": str(given["file"])}
    for key in ("sheet", "header", "unit", "area", "source"):
        if key in given and (key, given[key]) != ("source", "default"):
            section[key] = given[key]
    columns = {role: str(given[role]) for role in ROLES if role in given}
    if columns:
        section["columns"] = columns
    if "release" in given:
        section["release"] = date.fromisoformat(str(given["release"]))
    if section.get("source") == "national":
        section["metadata"] = dict.fromkeys(("title", "link", "author", "citation"), "")
    return section


def store(path: str | Path, series: str, choice: Mapping[str, object]) -> Path:
    """Write a choice into a country file; its other lines stay as they are.

    The file as it was is kept beside it, with the ending ``.bak``.

    Parameters
    ----------
    path : str or Path
        A country.yml.
    series : str
    choice : mapping
        As for :func:`statistic_of`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        The lines would be wrong, or the section cannot be changed line by line. The file is then
        as it was.

    Examples
    --------
    >>> store("KEN/country.yml", "gini", {"file": "statistics/gini.csv"})  # doctest: +SKIP
    """
    path = Path(path)
    text = path.read_text(encoding="utf-8-sig")
    changed = with_entry(text, "statistics", series, entry(series, choice))
    _, findings = check(changed, path.parent, path.name)
    about = [finding for finding in findings if f"statistics.{series}" in finding.where]
    # the four fields of national data have to be written by hand: reading the file asks for them
    stop_on_errors(finding for finding in about if "metadata" not in finding.where)
    path.with_suffix(".yml.bak").write_text(text, encoding="utf-8")
    partial = path.with_suffix(".part")
    partial.write_text(changed, encoding="utf-8")
    partial.replace(path)
    return path


def outcome(
    series: str, folder: str | Path, choice: Mapping[str, object], *, iso3: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """What would be read with a choice, and everything that is wrong or to know.

    Examples
    --------
    >>> outcome("poverty", "KEN", {"file": "statistics/a.csv"}, iso3="KEN")  # doctest: +SKIP
    """
    try:
        statistic = statistic_of(folder, choice)
    except ValueError as error:
        remedy = "Write the year, the month and the day: 2026-09-15."
        finding = Finding("error", f"statistics.{series}", str(error), "a day", remedy)
        return pd.DataFrame(), [finding]
    return examine(statistic, series, iso3=iso3)


def pick(country, series: str = "poverty"):
    """A form to choose file, sheet, header, columns and unit of an official series.

    Parameters
    ----------
    country : Country
        Its folder is searched for files, its code finds the rows.
    series : str
        The series to begin with.

    Returns
    -------
    ipywidgets.VBox
        ``form.fields`` holds the widgets by name, ``form.raw`` shows the file, ``form.table`` the
        figures as read, ``form.report`` the findings, ``form.lines`` the lines of country.yml,
        ``form.write`` the button that writes them there and ``form.said`` what came of it.

    Examples
    --------
    >>> form = pick(country, "water")  # doctest: +SKIP
    """
    import ipywidgets

    folder = Path(country.folder)
    fields = _fields(ipywidgets, files_in(folder), series)
    raw, table, report = (ipywidgets.HTML() for _ in range(3))
    text = ipywidgets.Textarea(layout={"width": "98%", "height": "14em"}, disabled=False)

    def refresh(change=None):
        if not fields["file"].value:
            report.value = "<p>No file here yet: put one into the folder statistics.</p>"
            return
        name = change["owner"].description if change else ""
        if not change or name in (fields["file"].description, fields["series"].description):
            _offer(fields["sheet"], sheets_of(folder / fields["file"].value))
        if name not in {fields[role].description for role in ROLES}:
            chosen = _choice(fields)
            options = {"sheet": chosen.get("sheet"), "header": chosen.get("header")}
            names = columns_of(folder / fields["file"].value, **options)
            for role in ROLES:
                _offer(fields[role], names)
        choice, wanted = _choice(fields), fields["series"].value
        try:
            shown = preview(folder / fields["file"].value, sheet=choice.get("sheet"))
            raw.value = shown.to_html(border=0, na_rep="", max_cols=12)
        except InputError:
            raw.value = ""
        found, findings = outcome(wanted, folder, choice, iso3=country.iso3)
        columns = [name for name in ("year", "location", "value") if name in found]
        table.value = found[columns].to_html(index=False, border=0, max_rows=12)
        report.value = findings_list(findings, found)
        text.value = lines(wanted, choice) if _is_day(choice.get("release")) else ""

    write = ipywidgets.Button(
        description="Write into country.yml", button_style="primary", layout={"width": "16em"}
    )
    said = ipywidgets.HTML()

    def pressed(_):
        said.value = f"<p>{html.escape(_stored(country, fields['series'].value, _choice(fields)))}"

    write.on_click(pressed)
    for widget in fields.values():
        widget.observe(refresh, names="value")
    refresh()
    titles = [ipywidgets.HTML(f"<b>{word}</b>") for word in ("The file", "What is read")]
    last = ipywidgets.HTML("<b>The lines of country.yml</b>")
    shown = [titles[0], raw, titles[1], table, report, last, text, write, said]
    form = ipywidgets.VBox([*fields.values(), *shown])
    form.fields, form.raw, form.table, form.report, form.lines = fields, raw, table, report, text
    form.write, form.said = write, said
    return form


def _stored(country, series: str, choice: Mapping[str, object]) -> str:
    """Store a choice and say what came of it."""
    if country.synthetic:
        return "The file of the training country is not changed. Open your own country to write."
    if not choice.get("file"):
        return "Choose a file first."
    try:
        path = store(country.path, series, choice)
    except (InputError, ValueError, OSError) as error:
        return f"Nothing was written. {error}"
    return f"Written into {path.name}. The file as it was is {path.stem}.yml.bak."


def _fields(ipywidgets, files: list[str], series: str) -> dict:
    """The widgets of the form by name."""
    options = {"style": {"description_width": "16em"}, "layout": {"width": "98%"}}

    def menu(label, choices, value):
        return ipywidgets.Dropdown(options=choices, value=value, description=label, **options)

    definition(series)
    first = next((name for name in files if name.startswith("statistics/")), None)
    first = first or (files[0] if files else None)
    fields = {
        "series": menu("Series", SERIES, series),
        "file": menu("File", files, first),
        "sheet": menu("Sheet", [FOUND], FOUND),
        "header": ipywidgets.IntText(
            value=0, description="Row of the header (0: find it)", **options
        ),
    }
    for role in ROLES:
        fields[role] = menu(f"Column: {role}", [FOUND], FOUND)
    fields["unit"] = menu("Unit of the file", UNITS, NOT_GIVEN)
    fields["release"] = ipywidgets.Text(description="Day of the release", **options)
    fields["source"] = menu("Data source", ("default", "national"), "default")
    return fields


def _offer(widget, names: list[str]) -> None:
    """New choices for a menu; the chosen one stays if it is still there."""
    chosen, options = widget.value, [FOUND, *dict.fromkeys(names)]
    if list(widget.options) != options:
        widget.options = options
        widget.value = chosen if chosen in options else FOUND


def _choice(fields: Mapping) -> dict[str, object]:
    """The values of the form; what is left to the reader is not there."""
    values = {name: fields[name].value for name in fields if name != "series"}
    empty = (FOUND, NOT_GIVEN, "", 0, None)
    return {name: value for name, value in values.items() if value not in empty}


def _is_day(text) -> bool:
    try:
        return not text or bool(date.fromisoformat(str(text)))
    except ValueError:
        return False


def findings_list(findings: list[Finding], found: pd.DataFrame) -> str:
    """How many values were read and what was found, as a list for the screen.

    Examples
    --------
    >>> findings_list([], pd.DataFrame({"year": [2000]}))
    '<p>1 value is read.</p>'
    """
    count = f"{len(found)} value{' is' if len(found) == 1 else 's are'} read."
    if any(finding.severity == "error" for finding in findings):
        count = "Nothing can be reported yet."
    said = f"<p>{count} {html.escape(str(found.attrs.get('table', '')))}".rstrip() + "</p>"
    items = "".join(f"<li>{html.escape(str(finding))}</li>" for finding in findings)
    return said + (f"<ul>{items}</ul>" if items else "")
