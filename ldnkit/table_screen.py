"""The form of :mod:`ldnkit.table_picker`: what it shows, in the language of the reader."""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pandas as pd

from ldnkit import form_screen, messages
from ldnkit.country_file.forms_layers import ROLES, SERIES
from ldnkit.findings import Finding, InputError
from ldnkit.labels import label
from ldnkit.sources.statistics.series import definition
from ldnkit.table_picker import (
    FOUND,
    columns_of,
    files_in,
    lines,
    outcome,
    preview,
    sheets_of,
    store,
)

UNITS = ("percent", "fraction", "index")
#: Labels of the columns that a figure is read from.
ROLE_LABELS = {
    "year": "column.year",
    "value": "table_picker.value",
    "location": "column.location",
    "lower": "column.lower_bound",
    "upper": "column.upper_bound",
    "total": "column.total",
    "urban": "column.urban",
    "rural": "column.rural",
}


def form(country, series: str, language: str):
    """The widget of :func:`ldnkit.table_picker.pick`."""
    import ipywidgets

    folder = Path(country.folder)
    fields = _fields(ipywidgets, files_in(folder), series, language)
    raw, table, report = (ipywidgets.HTML() for _ in range(3))
    text = ipywidgets.Textarea(layout={"width": "98%", "height": "14em"}, disabled=False)

    def refresh(change=None):
        if not fields["file"].value:
            report.value = f"<p>{html.escape(_say('no_file', language))}</p>"
            return
        turned = change["owner"] if change else None
        if turned in (None, fields["file"], fields["series"]):
            _offer(fields["sheet"], sheets_of(folder / fields["file"].value), language)
        if turned not in [fields[role] for role in ROLES]:
            chosen = _choice(fields)
            options = {"sheet": chosen.get("sheet"), "header": chosen.get("header")}
            names = columns_of(folder / fields["file"].value, **options)
            for role in ROLES:
                _offer(fields[role], names, language)
        choice, wanted = _choice(fields), fields["series"].value
        try:
            shown = preview(folder / fields["file"].value, sheet=choice.get("sheet"))
            shown.index.name = messages.translate(shown.index.name or "", language)
            raw.value = shown.to_html(border=0, na_rep="", max_cols=12)
        except InputError:
            raw.value = ""
        found, findings = outcome(wanted, folder, choice, iso3=country.iso3)
        table.value = _as_read(found, language)
        report.value = findings_list(findings, found, language)
        text.value = lines(wanted, choice) if _is_day(choice.get("release")) else ""

    write = ipywidgets.Button(
        description=_say("write", language), button_style="primary", layout={"width": "auto"}
    )
    said = ipywidgets.HTML()

    def pressed(_):
        stored = _stored(country, fields["series"].value, _choice(fields), language)
        said.value = f"<p>{html.escape(stored)}</p>"

    write.on_click(pressed)
    for widget in fields.values():
        widget.observe(refresh, names="value")
    refresh()
    titles = [
        ipywidgets.HTML(f"<b>{html.escape(_say(key, language))}</b>")
        for key in ("the_file", "read", "lines")
    ]
    shown = [titles[0], raw, titles[1], table, report, titles[2], text, write, said]
    parts = [form_screen.hidden(ipywidgets), *fields.values(), *shown]
    made = form_screen.dressed(ipywidgets.VBox(parts), language)
    made.fields, made.raw, made.table, made.report, made.lines = fields, raw, table, report, text
    made.write, made.said = write, said
    return made


def _say(key: str, language: str, **values) -> str:
    return label(f"table_picker.{key}", language).format(**values)


def _stored(country, series: str, choice: Mapping[str, object], language: str) -> str:
    """Store a choice and say what came of it."""
    if country.synthetic:
        return _say("training", language)
    if not choice.get("file"):
        return _say("choose", language)
    try:
        path = store(country.path, series, choice)
    except InputError as error:
        return _say("not_written", language, why=error.in_language(language))
    except (ValueError, OSError) as error:
        return _say("not_written", language, why=messages.translate(str(error), language))
    return _say("written", language, file=path.name, backup=f"{path.stem}.yml.bak")


def _fields(ipywidgets, files: list[str], series: str, language: str) -> dict:
    """The widgets of the form by name."""
    options = {"style": {"description_width": "16em"}, "layout": {"width": "98%"}}

    def menu(key, choices, value, **values):
        described = _say(key, language, **values)
        return ipywidgets.Dropdown(options=choices, value=value, description=described, **options)

    definition(series)
    first = next((name for name in files if name.startswith("statistics/")), None)
    first = first or (files[0] if files else None)
    every = [(label(f"country_form.series_{name}", language), name) for name in SERIES]
    fields = {
        "series": menu("series", every, series),
        "file": menu("file", files, first),
        "sheet": menu("sheet", _offered([], language), FOUND),
        "header": ipywidgets.BoundedIntText(
            value=0, min=0, max=999, description=_say("header", language), **options
        ),
    }
    for role in ROLES:
        word = label(ROLE_LABELS[role], language)
        fields[role] = menu("column", _offered([], language), FOUND, role=word)
    units = [(_say("not_given", language), ""), *((_say(unit, language), unit) for unit in UNITS)]
    fields["unit"] = menu("unit", units, "")
    fields["release"] = ipywidgets.Text(description=_say("release", language), **options)
    sources = [(label(f"data.{name}", language), name) for name in ("default", "national")]
    fields["source"] = ipywidgets.Dropdown(
        options=sources, description=label("column.data_source", language), **options
    )
    return fields


def _offered(names: list[str], language: str) -> list[tuple[str, str]]:
    return [(_say("found", language), FOUND), *((name, name) for name in dict.fromkeys(names))]


def _offer(widget, names: list[str], language: str) -> None:
    """New choices for a menu; the chosen one stays if it is still there."""
    chosen, options = widget.value, _offered(names, language)
    if list(widget.options) != options:
        widget.options = options
        widget.value = chosen if chosen in names else FOUND


def _choice(fields: Mapping) -> dict[str, object]:
    """The values of the form; what is left to the reader is not there."""
    values = {name: fields[name].value for name in fields if name != "series"}
    return {name: value for name, value in values.items() if value not in (FOUND, 0, None)}


def _as_read(found: pd.DataFrame, language: str) -> str:
    """The figures as a table for the screen."""
    shown = found[[name for name in ("year", "location", "value") if name in found]]
    if "location" in shown:
        places = {name: label(ROLE_LABELS[name], language) for name in ("total", "urban", "rural")}
        shown = shown.assign(location=shown["location"].replace(places))
    names = {name: label(ROLE_LABELS[name], language) for name in shown}
    return shown.rename(columns=names).to_html(index=False, border=0, max_rows=12)


def _is_day(text) -> bool:
    try:
        return not text or bool(date.fromisoformat(str(text)))
    except ValueError:
        return False


def findings_list(findings: list[Finding], found: pd.DataFrame, language: str = "en") -> str:
    """How many values were read and what was found, as a list for the screen.

    Examples
    --------
    >>> findings_list([], pd.DataFrame({"year": [2000]}))
    '<p>1 value is read.</p>'
    """
    count = _say("values" if len(found) != 1 else "one_value", language, count=len(found))
    if any(finding.severity == "error" for finding in findings):
        count = _say("nothing", language)
    place = messages.translate(str(found.attrs.get("table", "")), language)
    said = f"<p>{html.escape(count)} {html.escape(place)}".rstrip() + "</p>"
    items = [f"<li>{html.escape(finding.sentence(language))}</li>" for finding in findings]
    return said + (f"<ul>{''.join(items)}</ul>" if items else "")
