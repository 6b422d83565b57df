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

NONE_YET = "leave out for now"
SOURCES = ("default", "national")
METADATA = ("title", "link", "author", "citation")
LAYERS = {
    "land_cover": "Land cover",
    "productivity": "Productivity",
    "soil": "Soil",
    "population": "Population",
    "drought": "Drought",
    "vulnerability": "Drought vulnerability",
}
#: Keys that belong to one way to give a layer (a choice of ``kind``); the others are left out.
WAYS: dict[str, dict[str, tuple[str, ...]]] = {
    "productivity": {"annual": ("annual", "years", "scale", "index", "units"), "lpd": ("lpd",)},
    "soil": {"reference": ("reference", "climate", "factor"), "stocks": ("stocks", "years")},
    "population": {
        "women and men": ("female", "male", "years"),
        "total": ("total", "sex_ratio", "years"),
        "census": ("districts", "table", "weight"),
    },
    "drought": {
        "precipitation": ("precipitation", "variable", "time_step"),
        "water_balance": ("water_balance", "variable", "time_step"),
        "index": ("index", "years", "index_kind", "index_scale"),
    },
    "vulnerability": {"factors": ("factors", "weights", "directions", "units")},
}


def _ways(layer: str) -> tuple[str, ...]:
    """The choices of the field ``kind`` of a layer."""
    return (*WAYS[layer], NONE_YET)


#: Fields of the form: label, choices (empty for free text), value to begin with.
FIELDS: dict[str, tuple[str, tuple[str, ...], object]] = {
    "iso3": ("Country (type its name)", (), ""),
    "party": ("Type of Party", ("affected", "developed"), "affected"),
    "cycle": ("Reporting process", (), 2026),
    "method": ("Method", tuple(tables.METHODS), "manual"),
    "boundary.file": ("Boundary file", (), "boundary.gpkg"),
    "boundary.layer": ("Layer of the boundary file (if several)", (), ""),
    "land_cover.files": (
        "Land cover files, with {year}",
        (),
        "land_cover/land_cover_{year}.tif",
    ),
    "land_cover.years": ("Years (empty: all that exist)", (), "2000, 2015, 2016, 2019, 2023"),
    "land_cover.nesting": (
        "Nesting: esa_cci, glc_fcs30d, glad, unccd, or a CSV file",
        (),
        "esa_cci",
    ),
    "land_cover.legend": ("Legend: unccd or a CSV file", (), "unccd"),
    "land_cover.matrix": ("Transition matrix: unccd or a CSV file", (), "unccd"),
    "productivity.kind": ("Productivity comes as", _ways("productivity"), "annual"),
    "productivity.annual": (
        "Yearly files, with {year}",
        (),
        "productivity/productivity_{year}.tif",
    ),
    "productivity.years": ("Years (empty: all that exist)", (), "2000-2023"),
    "productivity.lpd": ("Or ready dynamics, with {period}", (), "productivity/lpd_{period}.tif"),
    "productivity.index": ("Index", ("NDVI", "EVI", "EVI2", "MSAVI2", "NPP", "GPP"), "NDVI"),
    "productivity.scale": ("Stored value of an index of 1", (), "10000"),
    "productivity.units.soil": ("Raster of soil units", (), "soil/soil_units.tif"),
    "soil.kind": ("Soil carbon comes as", _ways("soil"), "reference"),
    "soil.reference": ("Stock of 2000 (t/ha)", (), "soil/soc_2000.tif"),
    "soil.stocks": ("Or stocks by year, with {year}", (), "soil/soc_{year}.tif"),
    "soil.climate": ("Climate zones (or a factor below)", (), "soil/climate_zones.tif"),
    "soil.factor": ("One climate factor f", (), ""),
    "soil.factors": ("Conversion factors: unccd or a CSV file", (), "unccd"),
    "soil.tier": ("Tier", ("1", "2", "3"), "1"),
    "population.kind": ("Population comes as", _ways("population"), "women and men"),
    "population.female": ("Women, with {year}", (), "population/female_{year}.tif"),
    "population.male": ("Men, with {year}", (), "population/male_{year}.tif"),
    "population.total": ("Or all people, with {year}", (), "population/total_{year}.tif"),
    "population.sex_ratio": ("With total: males per 100 females", (), ""),
    "population.years": ("Years (empty: all that exist)", (), ""),
    "population.unit": ("Persons per cell, or per km²", ("counts", "density"), "counts"),
    "population.districts.file": ("Or a census: districts", (), "population/districts.gpkg"),
    "population.districts.key": ("Column with their name or code", (), "code"),
    "population.table": ("Persons per district (CSV file)", (), "population/census.csv"),
    "population.weight": ("Raster of where people live", (), ""),
    "population.national": ("Official figures (CSV file)", (), ""),
    "drought.kind": ("Drought comes as", _ways("drought"), "precipitation"),
    "drought.precipitation": ("Monthly precipitation (mm)", (), "climate/precipitation.nc"),
    "drought.water_balance": ("Or a water balance (mm)", (), "climate/water_balance.nc"),
    "drought.variable": ("Variable (if several)", (), ""),
    "drought.time_step": ("Time step", ("month", "day"), "month"),
    "drought.index": ("Or an index, with {year}", (), "drought/spi_{year}.tif"),
    "drought.years": ("Years (empty: all that exist)", (), ""),
    "drought.index_kind": ("Index", ("SPI", "SPEI", "national"), "SPI"),
    "drought.index_scale": ("Stored value of an index of 1", (), "1000"),
    "vulnerability.kind": ("Vulnerability comes as", _ways("vulnerability"), NONE_YET),
    "vulnerability.factors": ("Factors (CSV file)", (), "vulnerability/factors.csv"),
    "vulnerability.weights": ("Weights (CSV file)", (), ""),
    "vulnerability.directions": ("Directions: unccd or a CSV file", (), "unccd"),
    "vulnerability.units.file": ("Polygons of sub-national units", (), ""),
    "vulnerability.units.key": ("Column with their name", (), ""),
    **{f"{layer}.source": ("Data source", SOURCES, "default") for layer in LAYERS},
    "vulnerability.source": ("Data source", SOURCES, "national"),
    **{
        f"{layer}.metadata.{part}": (f"National data: {part}", (), "")
        for layer in LAYERS
        for part in METADATA
    },
}


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
    for layer in LAYERS:
        if values[layer] and values[layer]["source"] == "default":
            values[layer].pop("metadata", None)
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
    if name in ("productivity.scale", "soil.factor", "population.sex_ratio", "drought.index_scale"):
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
    """The fields in parts: the country, then one per layer."""
    groups = {"Country": [name for name in fields if name.split(".")[0] not in LAYERS]}
    for layer, title in LAYERS.items():
        groups[title] = [name for name in fields if name.startswith(f"{layer}.")]
    boxes = [ipywidgets.VBox([fields[name] for name in names]) for names in groups.values()]
    return ipywidgets.Accordion(boxes, titles=tuple(groups), selected_index=0)
