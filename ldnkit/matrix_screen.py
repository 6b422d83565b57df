"""The widgets of the matrix editor: a grid of cells, the lists to choose from, the tables."""

from __future__ import annotations

from ldnkit import matrix_changes as changes
from ldnkit.findings import InputError
from ldnkit.keyboard import KEEPS_KEYS
from ldnkit.labels import label
from ldnkit.matrix_editor import (
    CHANGED,
    SIGNS,
    STYLE,
    cell_colour,
    cell_text,
    effect_html,
    findings_html,
    key_of,
    names_of,
    problem_text,
    process_options,
    process_text,
    row_of,
    safe,
    table_html,
    wrapped,
)

TABLES = ("SO1-1.T1", "SO1-1.T3")
#: Classes beside each other up to which all cells are in view.
MANY = 9


def build(editor) -> None:
    """Make the widgets and connect them."""
    import ipywidgets

    say = _Say(editor.language)
    _make_fields(ipywidgets, editor, say)
    _make_cells(ipywidgets, editor)
    for name, icon in (("undo", "undo"), ("reset", "refresh"), ("save", "save")):
        editor.buttons[name] = ipywidgets.Button(
            description=say(name), icon=icon, layout={"width": "auto"},
            button_style="primary" if name == "save" else "",
        )  # fmt: skip
    parts = ("help", "cell", "said", "effect", "findings", *TABLES)
    editor.shown = {name: ipywidgets.HTML() for name in parts}
    guide = wrapped(f"<p>{safe(say('grid'))}</p>", editor.language)
    editor.shown["help"].value = STYLE + KEEPS_KEYS + guide
    editor.box = _arranged(ipywidgets, editor)
    _connect(editor)
    show(editor)


class _Say:
    def __init__(self, language: str):
        self.language = language

    def __call__(self, key: str) -> str:
        return label(f"matrix.{key}", self.language)


def _make_fields(ipywidgets, editor, say) -> None:
    wide = {"layout": {"width": "46em", "max_width": "98%"}}
    wide["style"] = {"description_width": "22em"}
    names = [(word, name) for name, word in names_of(editor).items()]
    classes = [(editor.class_name(code), int(code)) for code in editor.legend["code"]]
    codes = [code for _, code in classes]
    menus = {
        "which": (names, editor.name),
        "first": (classes, codes[0]),
        "last": (classes, codes[min(1, len(codes) - 1)]),
    }
    editor.fields = {
        name: ipywidgets.Dropdown(description=say(name), options=options, value=value, **wide)
        for name, (options, value) in menus.items()
    }
    signs = [(label(f"sign.{code}", editor.language), code) for code in SIGNS]
    editor.fields["sign"] = ipywidgets.Dropdown(
        description=say("sign"), options=signs, value=0, **wide
    )
    editor.fields["process"] = ipywidgets.Dropdown(
        description=say("process"), options=process_options(editor.language), value="", **wide
    )
    editor.fields["own"] = ipywidgets.Text(
        description=say("process_own"), continuous_update=False, **wide
    )


def _make_cells(ipywidgets, editor) -> None:
    """A button for each pair of classes. The tab key passes them: the lists do the same."""
    codes = [int(code) for code in editor.legend["code"]]
    for first in codes:
        for last in codes:
            cell = ipywidgets.Button(tabbable=False, layout={"width": "auto", "height": "auto"})
            cell.add_class("ldnkit-cell")
            cell.on_click(lambda _, pair=(first, last): _choose(editor, *pair))
            editor.cells[first, last] = cell


def _arranged(ipywidgets, editor):
    codes = [int(code) for code in editor.legend["code"]]

    def head(text: str):
        said = f'<div class="ldnkit-head" dir="auto">{safe(text)}</div>'
        return ipywidgets.HTML(said, layout={"align_self": "center"})

    inside = [head("")] + [head(editor.class_name(code)) for code in codes]
    for first in codes:
        inside += [head(editor.class_name(first)), *(editor.cells[first, last] for last in codes)]
    least = "80px" if len(codes) <= MANY else "96px"
    grid = ipywidgets.GridBox(
        inside,
        layout={
            "grid_template_columns": f"110px repeat({len(codes)}, minmax({least}, 1fr))",
            "grid_gap": "2px", "width": "100%", "overflow": "auto",
        },
    )  # fmt: skip
    grid.add_class("ldnkit-grid")
    buttons = ipywidgets.HBox(list(editor.buttons.values()), layout={"flex_flow": "row wrap"})
    fields = [editor.fields[name] for name in ("first", "last", "sign", "process", "own")]
    which = [editor.fields["which"]] if len(editor.matrices) > 1 else []
    titles = [f"{name}. {label(editor.report[name].title_key, editor.language)}" for name in TABLES]
    more = ipywidgets.Accordion([editor.shown[name] for name in TABLES], titles=tuple(titles))
    shown = [editor.shown[name] for name in ("effect", "findings")]
    form = [*fields, editor.shown["cell"], buttons, editor.shown["said"]]
    box = ipywidgets.VBox([editor.shown["help"], *which, grid, *form, *shown, more])
    box.add_class("ldnkit-matrix")
    if editor.language == "ar":
        box.add_class("ldnkit-rtl")
    return box


# ---------------------------------------------------------------------- answering
def _connect(editor) -> None:
    fields = editor.fields
    for name in ("first", "last"):
        fields[name].observe(lambda _: _select(editor), "value")
    for name in ("sign", "process", "own"):
        fields[name].observe(lambda _, name=name: _changed(editor, name), "value")
    fields["which"].observe(lambda change: _which(editor, change["new"]), "value")
    for name, button in editor.buttons.items():
        button.on_click(lambda _, name=name: _press(editor, name))


def _choose(editor, first: int, last: int) -> None:
    """A cell was clicked: the lists follow."""
    with _Quiet(editor):
        editor.fields["first"].value, editor.fields["last"].value = first, last
    _select(editor)


def _which(editor, name: str) -> None:
    editor.name = name
    show(editor)


class _Quiet:
    """While the editor fills its own lists, they change nothing."""

    def __init__(self, editor):
        self.shown = editor.shown

    def __enter__(self):
        self.before = self.shown.get("quiet", False)
        self.shown["quiet"] = True

    def __exit__(self, *_):
        self.shown["quiet"] = self.before


def _select(editor) -> None:
    """Show what the chosen transition means now."""
    if editor.shown.get("quiet"):
        return
    first, last = editor.fields["first"].value, editor.fields["last"].value
    row, fields = row_of(editor.matrix, first, last), editor.fields
    key = key_of(row["process"]) if row["sign"] else ""
    if row["sign"] and not key and editor.shown.get("own_words") == (first, last):
        key = "other"  # chosen, and the own words are still to be written
    with _Quiet(editor):
        fields["sign"].value = int(row["sign"])
        fields["process"].value = key
        fields["own"].value = row["process"] if key == "other" else ""
    stays = first == last
    fields["sign"].disabled = stays and row["sign"] == 0
    fields["process"].disabled = row["sign"] == 0
    fields["own"].layout.display = "" if key == "other" and row["sign"] else "none"
    for pair, cell in editor.cells.items():
        (cell.add_class if pair == (first, last) else cell.remove_class)("ldnkit-chosen")
    text = label("matrix.stays", editor.language) if stays else _areas_text(editor, first, last)
    editor.shown["cell"].value = wrapped(f"<p>{safe(text)}</p>", editor.language)


def _areas_text(editor, first: int, last: int) -> str:
    area = changes.areas(editor.country, editor.result, editor.name)
    here = area[(area["from"] == first) & (area["to"] == last)]
    said = []
    for period in (editor.country.cycle.baseline, editor.country.cycle.last):
        km2 = float(here[period.name].sum())
        names = {"first": editor.class_name(first), "last": editor.class_name(last)}
        years = f"{period.land_cover[0]}–{period.land_cover[1]}"
        text = label("matrix.cell", editor.language)
        said.append(text.format(area=f"{km2:,.2f}", years=years, **names))
    return " ".join(said)


def _changed(editor, name: str) -> None:
    """The lists of sign and process were used; a new sign brings the usual process."""
    if editor.shown.get("quiet"):
        return
    fields = editor.fields
    first, last = fields["first"].value, fields["last"].value
    sign, key = fields["sign"].value, fields["process"].value
    own = fields["own"].value
    editor.shown["own_words"] = (first, last) if key == "other" else None
    before = editor.matrix
    editor.set(first, last, sign, None if name == "sign" else process_text(key, own))
    if editor.matrix is before:
        _select(editor)  # nothing has changed but the lists


def _press(editor, name: str) -> None:
    """Do what a button says; problems are said, and nothing is changed then."""
    said = ""
    try:
        said = getattr(editor, name)() or ""
    except (InputError, ValueError, OSError) as error:
        said = problem_text(error, editor.language)
    text = wrapped(f"<p>{safe(said)}</p>", editor.language, status=True) if said else ""
    editor.shown["said"].value = text


def show(editor) -> None:
    """Grid, tables and findings as the matrices are now."""
    usual = changes.differences(editor.matrix, editor.default)
    differs = set(zip(usual["from"], usual["to"], strict=True))
    for row in editor.matrix.to_dict("records"):
        pair = row["from"], row["to"]
        cell, other = editor.cells[pair], pair in differs
        text = cell_text(row, editor.language)
        cell.description = f"{CHANGED} {text}" if other else text
        cell.style.button_color = cell_colour(row["sign"]) if pair[0] != pair[1] else "#ececec"
        names = f"{editor.class_name(pair[0])} → {editor.class_name(pair[1])}"
        cell.tooltip = f"{names}: {text}"
        (cell.add_class if other else cell.remove_class)("ldnkit-changed")
    editor.shown["effect"].value = effect_html(editor)
    editor.shown["findings"].value = findings_html(editor)
    for name in TABLES:
        editor.shown[name].value = table_html(editor, name)
    editor.buttons["undo"].disabled = not editor.history
    _select(editor)
