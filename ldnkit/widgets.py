"""Forms for people who prefer not to write YAML; they only set what a file could set.

The widgets are thin: values, text and findings come from plain functions.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path

from ldnkit import form_screen, messages, outlines, periods, tables
from ldnkit.country_file import check, country_text
from ldnkit.country_file.new import new_values, write_country
from ldnkit.findings import Finding, InputError
from ldnkit.form_fields import FIELDS, FORMS, LAYERS, NONE_YET, START, WAYS, choices, words
from ldnkit.labels import label

#: Fields that hold a number.
NUMBERS = (
    "productivity.scale",
    "soil.factor",
    "population.sex_ratio",
    "drought.index_scale",
    "finance.weighting.principal",
    "finance.weighting.significant",
)


def form_values(fields: Mapping[str, object]) -> dict:
    """The values of country.yml from the fields of the form; empty fields are left out.

    Parameters
    ----------
    fields : mapping
        Texts and choices by the names in :data:`FIELDS`; missing ones keep their first value.

    Returns
    -------
    dict
        As for :func:`ldnkit.country_file.country_text`.

    Raises
    ------
    KeyError
        A field that the form does not have.

    Examples
    --------
    >>> form_values({"iso3": "KEN Kenya", "soil.kind": NONE_YET})["iso3"]
    'KEN'
    """
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise KeyError(f"Unknown field: found {sorted(unknown)}; use {', '.join(FIELDS)}.")
    texts = {name: fields.get(name, start) for name, (_, _, start) in FIELDS.items()}
    texts = {name: str(text).strip() for name, text in texts.items()}
    iso3 = texts["iso3"].split(" ")[0].upper()
    values = _start(iso3) | {"iso3": iso3, "grid": {}}
    for name, text in texts.items():
        if name.endswith(".kind") or name == "iso3":
            continue
        _put(values, name, _typed(name, text, values))
    for layer, ways in WAYS.items():
        kind = texts[f"{layer}.kind"]
        if kind == NONE_YET:
            values[layer] = None
            continue
        own = ways.get(kind, ())
        for unused in {key for keys in ways.values() for key in keys} - set(own):
            values[layer].pop(unused, None)
    if "factor" in (values["soil"] or {}):
        values["soil"].pop("climate", None)
    for section in FORMS:
        own = [name for name in texts if name.startswith(f"{section}.")]
        if not any(texts[name] for name in own if not name.endswith(".source")):
            values.pop(section, None)
    for section in START:
        if values.get(section) and values[section]["source"] == "default":
            values[section].pop("metadata", None)
    values["grid"] = {"from": "productivity" if values["productivity"] else "land_cover"}
    return values


def _start(iso3: str) -> dict:
    """What a new file has; a code that is not known yet has no names."""
    try:
        return new_values(iso3)
    except ValueError:
        return {key: value for key, value in new_values("KEN").items() if key != "name"}


def _typed(name: str, text: str, values: dict):
    """The text of a field as the country file holds it: numbers, lists, files by period."""
    if text == "":
        return None
    if name in ("cycle", "soil.tier") and text.isdigit():
        return int(text)
    if name in NUMBERS:
        return _number(text)
    if name.endswith(".years") and "," in text:
        return [_number(part.strip()) for part in text.split(",") if part.strip()]
    if name == "productivity.lpd" and "{period}" in text:
        cycle = values.get("cycle")
        known = set(tables.read("periods")["first_cycle"])
        names = [period.name for period in periods.Cycle(cycle if cycle in known else 2026).periods]
        return {period: text.replace("{period}", period) for period in names}
    return text


def _number(text: str):
    """A number if the text is one; otherwise the text, so that the check can say so."""
    try:
        number = float(text)
    except ValueError:
        return text
    return int(number) if number.is_integer() and "." not in text else number


def _put(values: dict, name: str, value) -> None:
    """Set ``a.b.c`` in nested dictionaries; None takes the key away."""
    *sections, key = name.split(".")
    for section in sections:
        if value is None and section not in values:
            return
        values = values.setdefault(section, {})
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value


def form_findings(fields: Mapping[str, object], folder: str | Path) -> list[Finding]:
    """What is still missing or wrong, as reading the written file in ``folder`` would tell.

    Examples
    --------
    >>> findings = form_findings({"iso3": "KEN"}, "no/such/folder")
    >>> [finding.where.split(": ")[1] for finding in findings if finding.severity == "error"][0]
    'boundary.file'
    """
    return check(country_text(form_values(fields)), Path(folder))[1]


def findings_html(findings: list[Finding], language: str = "en") -> str:
    """The findings as a list for the screen; one sentence when there are none.

    Examples
    --------
    >>> findings_html([])
    '<p>Nothing is missing: the country file can be written and used.</p>'
    """

    def say(key: str, **values) -> str:
        return html.escape(label(f"country_form.{key}", language).format(**values))

    if not findings:
        return f"<p>{say('complete')}</p>"
    items = []
    for finding in findings:
        told = finding.in_language(language)
        where = html.escape(finding.where.partition(": ")[2] or told.where)
        text = say("finding", found=told.found, expected=told.expected)
        items.append(f"<li><b>{where}</b>: {text} {html.escape(told.remedy)}</li>")
    many = say("to_mend", count=len(findings)) if len(findings) > 1 else say("to_mend_one")
    return f"<p>{many}</p><ul>{''.join(items)}</ul>"


def write_form(fields: Mapping[str, object], folder: str | Path | None = None) -> Path:
    """Write country.yml from the fields, with its folders and the overview boundary.

    Raises
    ------
    ValueError
        The country code is missing or unknown.
    FileExistsError
        There is a country.yml already.
    """
    values = form_values(fields)
    code = outlines.check_iso3(values["iso3"])
    return write_country(country_text(values), Path(folder or code) / "country.yml", code)


def country_options(language: str = "en") -> list[str]:
    """Choices of the country field, by name: ``"KEN Kenya"``.

    Examples
    --------
    >>> "KEN Kenya" in country_options(), "DEU Alemania" in country_options("es")
    (True, True)
    """
    codes = outlines.countries().index
    by_name = sorted((outlines.names(iso3)[language], iso3) for iso3 in codes)
    return [f"{iso3} {name}" for name, iso3 in by_name]


def country_form(folder: str | Path | None = None, *, language: str = "en"):
    """A form that writes country.yml; it shows what is missing while you fill it.

    Parameters
    ----------
    folder : str or Path, optional
        Folder of the country; by default one with the country's code as its name.
    language : {"en", "fr", "es", "ru", "ar", "zh"}
        Of labels, choices and findings. The file is the same in every language.

    Returns
    -------
    ipywidgets.VBox
        The form. ``form.fields`` holds the widgets by name, ``form.report`` the list of
        findings, ``form.button`` the button that writes and ``form.message`` its answer.

    Examples
    --------
    >>> form = country_form("KEN", language="fr")  # doctest: +SKIP
    """
    import ipywidgets

    fields = {name: _widget(ipywidgets, name, language) for name in FIELDS}
    report, message = ipywidgets.HTML(), ipywidgets.HTML()
    button = ipywidgets.Button(
        description=label("country_form.write", language),
        layout=ipywidgets.Layout(width="auto"),
        button_style="primary",
        icon="save",
    )

    def current() -> dict[str, object]:
        return {name: widget.value for name, widget in fields.items()}

    def place() -> Path:
        return Path(folder or form_values(current())["iso3"] or ".")

    def refresh(_change=None):
        report.value = findings_html(form_findings(current(), place()), language)

    def write(_button=None):
        try:
            path = write_form(current(), folder)
        except (ValueError, OSError) as error:
            message.value = _said("not_written", _why(error, language), language)
        else:
            message.value = _said("written", str(path), language)
        refresh()

    for widget in fields.values():
        widget.observe(refresh, names="value")
    button.on_click(write)
    refresh()
    sections = _sections(ipywidgets, fields, language)
    parts = [form_screen.hidden(ipywidgets), sections, report, button, message]
    form = form_screen.dressed(ipywidgets.VBox(parts), language)
    form.fields, form.report, form.button, form.message = fields, report, button, message
    return form


def _said(key: str, text: str, language: str) -> str:
    head = html.escape(label(f"country_form.{key}", language))
    return f"<p><b>{head}</b> {html.escape(text)}</p>"


def _why(error: Exception, language: str) -> str:
    """The text of an error in a language."""
    if isinstance(error, InputError):
        return error.in_language(language)
    return messages.translate(str(error), language)


def _widget(ipywidgets, name: str, language: str):
    start = FIELDS[name][2]
    options = {
        "description": words(name, language),
        "style": {"description_width": "21em"},
        "layout": {"width": "98%", "max_width": "56em"},
    }
    if name == "iso3":
        return ipywidgets.Combobox(options=country_options(language), value="", **options)
    if name == "cycle":
        cycles = sorted({int(year) for year in tables.read("periods")["first_cycle"]})
        return ipywidgets.Dropdown(options=cycles, value=start, **options)
    offered = choices(name, language)
    if offered:
        return ipywidgets.Dropdown(options=offered, value=start, **options)
    return ipywidgets.Text(value=str(start), continuous_update=False, **options)


def _sections(ipywidgets, fields: Mapping, language: str):
    """The fields in parts: the country, then one per section of the country file."""
    parts = LAYERS | FORMS
    groups = {"report.country": [name for name in fields if name.split(".")[0] not in parts]}
    for part, title in parts.items():
        groups[title] = [name for name in fields if name.startswith(f"{part}.")]
    boxes = [ipywidgets.VBox([fields[name] for name in names]) for names in groups.values()]
    titles = tuple(label(key, language) for key in groups)
    return ipywidgets.Accordion(boxes, titles=titles, selected_index=0)
