"""A form to change the transition matrix and to see at once what it does to the tables.

The widget is thin: every step is a function of :mod:`ldnkit.matrix_changes`, and what it sets can
be said in a CSV file and in the country file.
"""

from __future__ import annotations

import functools
import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ldnkit import matrix_changes as changes
from ldnkit.findings import InputError
from ldnkit.labels import label, palette
from ldnkit.matrix_changes import NATIONAL
from ldnkit.prais.report import Report, wording
from ldnkit.verification.polygons import PROCESSES, process_key

SIGNS = {-1: "−", 0: "0", 1: "+"}
#: The choice of a transition without a process.
NOTHING = ""
#: Mark of a cell that is not the default one; its border says it too.
CHANGED = "●"
STYLE = """<style>
.ldnkit-matrix .ldnkit-grid {overflow-x: auto; max-width: 100%;}
.ldnkit-matrix .ldnkit-head {font-weight: bold; line-height: 1.2; font-size: 12px;
  overflow-wrap: anywhere;}
.ldnkit-matrix button.ldnkit-cell {white-space: normal; overflow-wrap: anywhere; height: auto;
  min-height: 40px; line-height: 1.15; padding: 3px; margin: 0; font-size: 11px; color: #1a1a1a;
  border: 1px solid #8c8c8c; width: 100%;}
.ldnkit-matrix button.ldnkit-changed {border: 3px solid #b35900; font-weight: bold;}
.ldnkit-matrix button.ldnkit-chosen, .ldnkit-matrix button.ldnkit-chosen:focus {
  outline: 3px solid #0b4f9e !important; outline-offset: -1px !important; z-index: 1;}
.ldnkit-matrix.ldnkit-rtl {direction: rtl;}
.ldnkit-said {color: #1a1a1a; background: #ffffff; padding: 2px 4px; line-height: 1.35;}
.ldnkit-said table {border-collapse: collapse; margin: 4px 0;}
.ldnkit-said caption {text-align: start; font-weight: bold; padding: 4px 0;}
.ldnkit-said th, .ldnkit-said td {border: 1px solid #8c8c8c; padding: 2px 8px; text-align: start;
  background: #ffffff; color: #1a1a1a; vertical-align: top;}
.ldnkit-said td.number {text-align: end; font-variant-numeric: tabular-nums;}
.ldnkit-said thead th {background: #ececec;}
</style>"""


@dataclass
class MatrixEditor:
    """The matrices as they are now, and what they do; :func:`edit` makes it.

    Parameters
    ----------
    country : Country
        As the country file has it; :attr:`edited` is the same with the matrices of the editor.
    result : Result
        Of the indicator land_cover.
    matrices : dict of str to DataFrame
        Name of the region (``""`` for the whole country) -> matrix.
    language : str
    name : str
        The matrix that is shown.
    box : ipywidgets.VBox
        What the notebook shows.
    fields, buttons, shown : dict
        The widgets by name: lists and texts, buttons, what is said.
    """

    country: Any = field(repr=False)
    result: Any = field(repr=False)
    matrices: dict[str, pd.DataFrame] = field(repr=False)
    language: str
    name: str = NATIONAL
    box: Any = field(repr=False, default=None)
    fields: dict[str, Any] = field(repr=False, default_factory=dict)
    buttons: dict[str, Any] = field(repr=False, default_factory=dict)
    cells: dict[tuple[int, int], Any] = field(repr=False, default_factory=dict)
    shown: dict[str, Any] = field(repr=False, default_factory=dict)
    before: Report | None = field(repr=False, default=None)
    report: Report | None = field(repr=False, default=None)
    history: list = field(repr=False, default_factory=list)

    def __post_init__(self):
        self.legend = self.country.land_cover.legend
        self.default = changes.default(self.country)
        self.name = next(iter(names_of(self)))
        self.before = changes.report(self.country, self.result)
        self.refresh()

    @property
    def edited(self):
        """The country with the matrices of the editor."""
        return changes.with_matrices(self.country, self.matrices)

    @property
    def edited_result(self):
        """The result of land cover with the matrices of the editor; its maps are not changed."""
        return changes.judged(self.edited, self.result)

    @property
    def matrix(self) -> pd.DataFrame:
        """The matrix that is shown."""
        return self.matrices[self.name]

    def class_name(self, code: int) -> str:
        """Name of a class in the reader's language."""
        row = self.legend.set_index("code").loc[code]
        said = wording(f"land_cover.{row['key']}", self.language)
        return row["name"] if said == f"land_cover.{row['key']}" else said

    # ------------------------------------------------------------ what people can do
    def set(self, first: int, last: int, sign: int, process: str | None = None) -> None:
        """Give one transition of the shown matrix a sign and a process.

        Parameters
        ----------
        first, last : int
            Classes of the first and the last year.
        sign : {-1, 0, 1}
        process : str, optional
            By default the process it has, or that of the default matrix when it has the same
            sign. A stable transition has none.
        """
        if process is None:
            usual = row_of(self.default, first, last)
            process = row_of(self.matrix, first, last)["process"]
            process = process or (usual["process"] if usual["sign"] == sign else "")
        process = process if sign else ""
        changed = changes.with_cell(self.matrix, first, last, sign=sign, process=process)
        self._take(self.matrices | {self.name: changed})

    def reset(self) -> None:
        """The shown matrix becomes the UNCCD default."""
        self._take(self.matrices | {self.name: self.default})

    def undo(self) -> None:
        """Go back by one change."""
        if self.history:
            self.matrices = self.history.pop()
            self.refresh()

    def save(self) -> str:
        """Write the files, name them in the country file, and say what was done.

        The files of the training country go into its folder of results, as its country file
        never changes.
        """
        if self.country.synthetic:
            folder = self.country.folder_results / "matrix"
            written = changes.save(self.country, self.matrices, folder)
            more = label("verification.training", self.language)
        else:
            given = changes.start(self.country)
            if all(changes.same(each, given[name]) for name, each in self.matrices.items()):
                return label("matrix.unchanged", self.language)
            written = changes.store(self.country, self.matrices)
            more = label("matrix.named", self.language)
        if not written:
            return more
        names = ", ".join(path.name for path in written.values())
        return label("verification.saved", self.language).format(files=names) + " " + more

    def refresh(self) -> None:
        """The tables, the findings and the screen for the matrices as they are now."""
        self.report = changes.report(self.edited, self.result)
        if self.box is not None:
            from ldnkit.matrix_screen import show

            show(self)

    def _take(self, matrices: dict[str, pd.DataFrame]) -> None:
        if all(changes.same(each, self.matrices[name]) for name, each in matrices.items()):
            return
        self.history.append(self.matrices)
        self.matrices = matrices
        self.refresh()

    # ------------------------------------------------------------ what the screen shows
    @property
    def findings(self) -> list:
        """What has to be mended, looked at or explained."""
        return changes.findings(self.country, self.result, self.matrices)

    @property
    def status(self) -> str:
        """How many transitions of the shown matrix differ from the default."""
        count = len(changes.differences(self.matrix, self.default))
        return label("matrix.count", self.language).format(count=count, total=len(self.matrix))

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The widget, and the tables as text where no widget can be shown."""
        bundle = dict(self.box._repr_mimebundle_() if self.box is not None else {})
        tables = [effect_html(self), findings_html(self), table_html(self, "SO1-1.T3")]
        bundle["text/html"] = STYLE + "".join(tables)
        effect = changes.effect(self.before, self.report)
        bundle["text/plain"] = f"{self.status}\n{effect.round(2).to_string()}"
        return bundle


def edit(country, result, *, path: str = "", language: str | None = None) -> MatrixEditor:
    """Change the transition matrix, and see the tables SO1-1.T1, T3 and T7 follow.

    Parameters
    ----------
    country : Country
    result : Result
        Of the indicator land_cover, computed with the matrices of the country file.
    path : str
        A CSV file, or a folder of them, to begin with (:func:`ldnkit.matrix_changes.start`);
        by default the matrices of the country file.
    language : {"en", "fr", "es", "ru", "ar", "zh"}, optional
        By default that of the country.

    Returns
    -------
    MatrixEditor
        A notebook shows it as a widget, a page without widgets as tables.

    Raises
    ------
    InputError
        The file at ``path`` is wrong.

    Examples
    --------
    >>> editor = edit(country, ldnkit.compute(country, "land_cover"))  # doctest: +SKIP
    >>> editor.set(3, 2, 0)                                            # doctest: +SKIP
    """
    from ldnkit.matrix_screen import build

    matrices = changes.start(country, path)
    editor = MatrixEditor(country, result, matrices, language or country.language)
    build(editor)
    return editor


def names_of(editor: MatrixEditor) -> dict[str, str]:
    """The matrices that can be shown, with the words for them: regions first."""
    regions = {region.name: region.name for region in editor.country.regions}
    key = "matrix.outside" if regions else "column.whole_country"
    return regions | {NATIONAL: label(key, editor.language)}


def process_word(process: str, language: str = "en") -> str:
    """A process in the reader's language; own words stay as they are.

    Examples
    --------
    >>> process_word("vegetation loss", "fr"), process_word("salt")
    ('Perte de végétation', 'salt')
    """
    key = key_of(process)
    return process if key in ("other", NOTHING) else label(f"process.{key}", language)


def process_options(language: str) -> list[tuple[str, str]]:
    """Choices of the process: those of the platform, and Other for own words."""
    said = [(label(f"process.{key}", language), key) for key in PROCESSES]
    return [(label("matrix.no_process", language), NOTHING), *said]


@functools.cache
def key_of(process: str) -> str:
    """``vegetation_loss`` for "vegetation loss"; "other" for own words, "" for none."""
    process = str(process).strip()
    return process_key(process.replace("_", " ")) if process else NOTHING


def process_text(key: str, own: str) -> str:
    """What a matrix file holds for a choice: the English name, or the own words.

    Examples
    --------
    >>> process_text("vegetation_loss", ""), process_text("other", " Salt  crusts ")
    ('vegetation loss', 'Salt crusts')
    """
    return " ".join(own.split()) if key == "other" else key.replace("_", " ")


def cell_text(row: Mapping, language: str) -> str:
    """Sign and process of a cell in words: ``− Deforestation``."""
    process = process_word(row["process"], language) if row["sign"] else ""
    return f"{SIGNS[int(row['sign'])]} {process}".strip()


def cell_colour(sign: int) -> str:
    """A pale background for a sign; the sign itself is written in the cell."""
    colours = palette("degradation").set_index("code")["colour"]
    return _pale(colours[sign]) if sign else "#ffffff"


def _pale(colour: str, share: float = 0.72) -> str:
    channels = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(each + (255 - each) * share):02x}" for each in channels)


def row_of(matrix: pd.DataFrame, first: int, last: int) -> dict:
    here = matrix[(matrix["from"] == first) & (matrix["to"] == last)]
    return here.iloc[0].to_dict()


def wrapped(text: str, language: str, *, status: bool = False) -> str:
    """HTML with the direction of a language; a status is read aloud when it changes."""
    side = "rtl" if language == "ar" else "ltr"
    live = ' role="status"' if status else ""
    return f'<div class="ldnkit-said" dir="{side}" lang="{language}"{live}>{text}</div>'


def effect_html(editor: MatrixEditor) -> str:
    """SO1-1.T7 with the matrix of the country file, with this one, and the difference, km²."""
    language = editor.language
    frame = changes.effect(editor.before, editor.report)
    table = editor.report["SO1-1.T7"]
    periods = list(dict.fromkeys(frame.columns.get_level_values(0)))
    unit = label("unit.km2", language)
    words = [label(f"matrix.{part}", language) for part in ("before", "now", "difference")]
    top = "".join(
        f'<th scope="colgroup" colspan="3">{safe(table.heading(period, language))}</th>'
        for period in periods
    )
    second = "".join(f'<th scope="col">{safe(word)}</th>' for _ in periods for word in words)
    lines = []
    for key, row in frame.iterrows():
        cells = []
        for period in periods:
            cells += [f"{row[period, 'before']:,.2f}", f"{row[period, 'now']:,.2f}"]
            difference = round(row[period, "difference"], 2)
            cells.append("0.00" if not difference else f"{difference:+,.2f}")
        numbers = "".join(f'<td class="number" dir="ltr">{cell}</td>' for cell in cells)
        name = safe(table.heading(key, language))
        lines.append(f'<tr><th scope="row">{name}</th>{numbers}</tr>')
    caption = f"SO1-1.T7. {label('matrix.effect', language)} ({unit})"
    text = (
        f"<table><caption>{safe(caption)}</caption><thead><tr><td rowspan='2'></td>{top}</tr>"
        f"<tr>{second}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    )
    return wrapped(text + f"<p>{safe(editor.status)}</p>", language, status=True)


def findings_html(editor: MatrixEditor) -> str:
    """What has to be mended, looked at or explained, as a list."""
    language, found = editor.language, editor.findings
    if not found:
        return wrapped(f"<p>{safe(label('matrix.no_findings', language))}</p>", language)
    items = "".join(f"<li>{safe(each.sentence(language))}</li>" for each in found)
    heading = safe(label("matrix.findings", language))
    return wrapped(f"<b>{heading}</b><ul>{items}</ul>", language, status=True)


def table_html(editor: MatrixEditor, name: str) -> str:
    """One of the tables of the form as it will be pasted."""
    table = editor.report[name]
    frame = table.labelled(editor.language)
    head = "".join(f'<th scope="col">{safe(column)}</th>' for column in frame)
    lines = []
    for row in frame.itertuples(index=False):
        cells = [
            f'<td class="number" dir="ltr">{each:,.2f}</td>'
            if isinstance(each, float)
            else f"<td>{safe(each)}</td>"
            for each in row
        ]
        lines.append(f"<tr>{''.join(cells)}</tr>")
    caption = safe(f"{table.id}. {wording(table.title_key, editor.language)}")
    text = (
        f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>"
    )
    return wrapped(text, editor.language)


def safe(text: object) -> str:
    return html.escape(str(text))


def problem_text(error: Exception, language: str) -> str:
    """What went wrong, for the line below the buttons."""
    found = error.findings if isinstance(error, InputError) else None
    told = [each.sentence(language) for each in found] if found else [str(error)]
    return " ".join([label("verification.not_done", language), *told])
