"""The fields of the workshop's form: their labels, and the way to attributes and back."""

from __future__ import annotations

from ldnkit import degradation, tables
from ldnkit.sources.vectors import SPOT_FIELDS, error_type
from ldnkit.tables import NODATA
from ldnkit.verification.polygons import KINDS, PROCESSES, TYPES, process_key

RECODES = tuple(degradation.RECODES.values())
#: Choice of a menu that leaves a class as it is; None would show an empty menu.
LEAVE = ""


class Fields(dict):
    """The widgets by name; ``errors`` and ``spots`` are the names that belong to each kind."""

    errors: tuple[str, ...] = ()
    spots: tuple[str, ...] = tuple(f"spot.{name}" for name in SPOT_FIELDS)


def make_fields(ipywidgets, cycle, language: str) -> Fields:
    """All widgets of the form, with labels in a language."""

    def label(key: str) -> str:
        return tables.label(f"verification.{key}", language)

    wide = {"layout": {"width": "98%"}, "style": {"description_width": "11em"}}

    def text(name: str, **more):
        return ipywidgets.Text(description=name, **wide, **more)

    def menu(name: str, options, **more):
        return ipywidgets.Dropdown(description=name, options=options, **wide, **more)

    def area(name: str, **more):
        look = {**wide, "layout": {"width": "98%", "height": "4.5em"}}
        return ipywidgets.Textarea(description=name, **look, **more)

    fields = Fields()
    fields["kind"] = menu(label("kind"), [(label(f"kind.{kind}"), kind) for kind in KINDS])
    fields["outline"] = area(label("outline"), placeholder=label("outline_hint"))
    fields["location_name"] = text(label("location"))
    processes = [(tables.label(f"process.{key}", language), key) for key in PROCESSES]
    fields["process"] = menu(label("process"), processes, value="other")
    fields["process_own"] = text(label("process_own"))
    fields["basis_for_judgement"] = area(label("basis"))
    types = [(tables.label(f"error_type.{key}", language), key) for key in TYPES]
    fields["type"] = menu(label("type"), [(label("type.own"), ""), *types], value="")
    for period in cycle.periods:
        fields[f"period.{period.name}"] = ipywidgets.Checkbox(
            value=period is not cycle.baseline, indent=False,
            description=f"{label('periods')}: {period.first}–{period.last}", **wide,
        )  # fmt: skip
    signs = tables.palette("degradation", language).set_index("code")["label"].to_dict()
    signs[NODATA] = tables.label("no_data", language)
    for column in RECODES:
        options = [
            (label("leave"), LEAVE),
            *((signs[code], code) for code in degradation.allowed_recodes(column)),
        ]
        fields[column] = menu(label(column), options)
    fields.errors = tuple(name for name in fields if name not in ("kind", "outline"))
    for name in SPOT_FIELDS:
        title = tables.label(f"column.{name}", language)
        fields[f"spot.{name}"] = text(title) if name == "location" else area(title)
    fields["type"].observe(lambda change: _fill_recodes(fields, change["new"]), "value")
    fields["process"].observe(lambda change: _own_words(fields), "value")
    fields.language, fields.baseline = language, f"period.{cycle.baseline.name}"
    return fields


def attributes(fields: Fields, kind: str) -> dict:
    """The attributes of a polygon as the form has them."""
    if kind != "error":
        return {name: fields[f"spot.{name}"].value for name in SPOT_FIELDS}
    own = fields["process_own"].value.strip()
    key = fields["process"].value
    process = own if key == "other" else tables.label(f"process.{key}", fields.language)
    if key == "other" and not own:
        process = ""
    periods = [
        name.partition(".")[2]
        for name, widget in fields.items()
        if name.startswith("period.") and widget.value
    ]
    return {
        "location_name": fields["location_name"].value,
        "process_driving_change": process,
        "basis_for_judgement": fields["basis_for_judgement"].value,
        "periods_affected": periods,
        **{
            column: None if fields[column].value == LEAVE else fields[column].value
            for column in RECODES
        },
    }


def show_values(fields: Fields, feature) -> None:
    """Fill the form with a polygon."""
    fields["kind"].value = feature.kind
    fields["outline"].value = feature.geometry.wkt
    values = feature.attributes
    if feature.kind != "error":
        for name in SPOT_FIELDS:
            fields[f"spot.{name}"].value = values[name]
        return
    fields["location_name"].value = values["location_name"]
    process = values["process_driving_change"]
    fields["process"].value = process_key(process)
    fields["process_own"].value = process if fields["process"].value == "other" else ""
    fields["basis_for_judgement"].value = values["basis_for_judgement"]
    for name, widget in fields.items():
        if name.startswith("period."):
            widget.value = name.partition(".")[2] in values["periods_affected"]
    given = error_type(values).replace(" ", "_")
    fields["type"].value = given if given in TYPES else ""
    for column in RECODES:
        fields[column].value = LEAVE if values[column] is None else values[column]


def empty_form(fields: Fields) -> None:
    """The form as it was in the beginning; only the kind stays."""
    for name, widget in fields.items():
        if name in ("outline", "location_name", "process_own", "basis_for_judgement"):
            widget.value = ""
        elif name.startswith("spot."):
            widget.value = ""
        elif name in RECODES:
            widget.value = LEAVE
        elif name.startswith("period."):
            widget.value = name != fields.baseline
    fields["process"].value, fields["type"].value = "other", ""


def _fill_recodes(fields: Fields, chosen: str) -> None:
    """A type stands for recodes; they can be changed afterwards."""
    if chosen:
        for column in RECODES:
            fields[column].value = TYPES[chosen].get(column, LEAVE)


def _own_words(fields: Fields) -> None:
    fields["process_own"].layout.display = "" if fields["process"].value == "other" else "none"
