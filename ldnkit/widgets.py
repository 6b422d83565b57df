"""Forms for people who prefer not to write YAML; they only set what a file could set.

The widgets are thin: values, text and findings come from plain functions.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path

from ldnkit import outlines, periods, tables
from ldnkit.country_file import check, country_text
from ldnkit.country_file.new import new_values, write_country
from ldnkit.findings import Finding
from ldnkit.form_fields import FIELDS, FORMS, LAYERS, NONE_YET, START, WAYS

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


def findings_html(findings: list[Finding]) -> str:
    """The findings as a list for the screen; one sentence when there are none.

    Examples
    --------
    >>> findings_html([])
    '<p>Nothing is missing: the country file can be written and used.</p>'
    """
    if not findings:
        return "<p>Nothing is missing: the country file can be written and used.</p>"
    items = "".join(
        f"<li><b>{html.escape(finding.where.partition(': ')[2] or finding.where)}</b>: "
        f"found {html.escape(finding.found)}; expected {html.escape(finding.expected)}. "
        f"{html.escape(finding.remedy)}</li>"
        for finding in findings
    )
    many = f"{len(findings)} things" if len(findings) > 1 else "1 thing"
    return f"<p>{many} to mend or to know. You can write the file now and add files later.</p>" + (
        f"<ul>{items}</ul>"
    )


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


def country_options() -> list[str]:
    """Choices of the country field, by name: ``"KEN Kenya"``.

    Examples
    --------
    >>> "KEN Kenya" in country_options()
    True
    """
    codes = outlines.countries().index
    by_name = sorted((outlines.names(iso3)["en"], iso3) for iso3 in codes)
    return [f"{iso3} {name}" for name, iso3 in by_name]


def country_form(folder: str | Path | None = None):
    """A form that writes country.yml; it shows what is missing while you fill it.

    Parameters
    ----------
    folder : str or Path, optional
        Folder of the country; by default one with the country's code as its name.

    Returns
    -------
    ipywidgets.VBox
        The form. ``form.fields`` holds the widgets by name, ``form.report`` the list of
        findings, ``form.button`` the button that writes and ``form.message`` its answer.

    Examples
    --------
    >>> form = country_form("KEN")  # doctest: +SKIP
    """
    import ipywidgets

    fields = {name: _widget(ipywidgets, name, *row) for name, row in FIELDS.items()}
    report, message = ipywidgets.HTML(), ipywidgets.HTML()
    button = ipywidgets.Button(
        description="Write country.yml",
        layout=ipywidgets.Layout(width="auto"),
        button_style="primary",
        icon="save",
    )

    def current() -> dict[str, object]:
        return {name: widget.value for name, widget in fields.items()}

    def place() -> Path:
        return Path(folder or form_values(current())["iso3"] or ".")

    def refresh(_change=None):
        report.value = findings_html(form_findings(current(), place()))

    def write(_button=None):
        try:
            path = write_form(current(), folder)
        except (ValueError, OSError) as error:
            message.value = f"<p><b>Not written.</b> {html.escape(str(error))}</p>"
        else:
            message.value = f"<p><b>Written:</b> {html.escape(str(path))}</p>"
        refresh()

    for widget in fields.values():
        widget.observe(refresh, names="value")
    button.on_click(write)
    refresh()
    form = ipywidgets.VBox([_sections(ipywidgets, fields), report, button, message])
    form.fields, form.report, form.button, form.message = fields, report, button, message
    return form


def _widget(ipywidgets, name: str, label: str, choices: tuple[str, ...], start):
    options = {
        "description": label,
        "style": {"description_width": "21em"},
        "layout": {"width": "98%", "max_width": "56em"},
    }
    if name == "iso3":
        return ipywidgets.Combobox(options=country_options(), value="", **options)
    if name == "cycle":
        cycles = sorted({int(year) for year in tables.read("periods")["first_cycle"]})
        return ipywidgets.Dropdown(options=cycles, value=start, **options)
    if choices:
        return ipywidgets.Dropdown(options=choices, value=start, **options)
    return ipywidgets.Text(value=str(start), continuous_update=False, **options)


def _sections(ipywidgets, fields: Mapping):
    """The fields in parts: the country, then one per section of the country file."""
    parts = LAYERS | FORMS
    groups = {"Country": [name for name in fields if name.split(".")[0] not in parts]}
    for part, title in parts.items():
        groups[title] = [name for name in fields if name.startswith(f"{part}.")]
    boxes = [ipywidgets.VBox([fields[name] for name in names]) for names in groups.values()]
    return ipywidgets.Accordion(boxes, titles=tuple(groups), selected_index=0)
