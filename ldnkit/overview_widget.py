"""Where the report stands, to look through: forms by state, then a table with all that is known.

The choosers only choose what is shown. Every line comes from :func:`ldnkit.prais.overview`,
:func:`ldnkit.prais.check` and the tables themselves, and the same is in the workbook of tables.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from ldnkit import form_screen, messages, prais
from ldnkit.country_file.layers import METADATA
from ldnkit.findings import Finding
from ldnkit.labels import label
from ldnkit.prais.breaches import place
from ldnkit.prais.overview import NONE, STATES
from ldnkit.prais.report import Report, wording

#: State -> sign and background: the sign and the word say it, the colour only repeats it.
LOOKS = {
    "missing": ("✗", "#f6d0d0"),
    "to_complete": ("!", "#fdebb8"),
    "open": ("○", "#e4e4e4"),
    "complete": ("✓", "#d3ecd0"),
    "not applicable": (NONE, "#f4f4f4"),
}
#: The choice that leaves nothing out.
ALL = ""
#: Headings of the list of forms; the list of tables has no column that counts tables.
HEADINGS = (
    *(
        "report.form",
        "metadata.title",
        "overview.requirement",
        "report.state",
        "overview.tables_here",
    ),
    *("overview.completeness", "report.findings", "data_source", "report.notebook"),
)
STYLE = """<style>
.ldnkit-overview {color: #1a1a1a; background: #ffffff; line-height: 1.35; padding: 2px 4px;}
.ldnkit-overview table {border-collapse: collapse; margin: 4px 0;}
.ldnkit-overview caption {text-align: start; font-weight: bold; padding: 4px 0;}
.ldnkit-overview th, .ldnkit-overview td {border: 1px solid #8c8c8c; padding: 2px 8px;
  text-align: start; vertical-align: top; white-space: normal; background: #ffffff;}
.ldnkit-overview thead th {background: #ececec;}
.ldnkit-overview a {color: #0b4f9e;}
</style>"""


@dataclass
class Overview:
    """The choosers and what they show; ``overview`` makes it.

    Parameters
    ----------
    report : Report
    findings : list of Finding
    language : str
    box : ipywidgets.VBox
        What the notebook shows.
    choosers : dict
        ``state``, ``form`` and ``table``: three drop-down lists, all to be used by keyboard.
    shown : dict
        ``forms``, ``tables`` and ``details``: the text below each chooser.
    """

    report: Report = field(repr=False)
    findings: list[Finding] = field(repr=False)
    language: str
    box: Any = field(repr=False, default=None)
    choosers: dict[str, Any] = field(repr=False, default_factory=dict)
    shown: dict[str, Any] = field(repr=False, default_factory=dict)

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The widget, and the list of forms as text where no widget can be shown."""
        bundle = dict(self.box._repr_mimebundle_() if self.box is not None else {})
        forms = forms_of(self.report, self.findings)
        bundle["text/html"] = forms_html(forms, self.language)
        bundle["text/plain"] = forms_text(forms, self.language)
        return bundle


def overview(
    country,
    *,
    language: str | None = None,
    report: Report | None = None,
    findings: Sequence[Finding] | None = None,
    changes: pd.DataFrame | None = None,
) -> Overview:
    """Look through the forms and tables of a report.

    Parameters
    ----------
    country : Country
        Its kept results are taken when no report is given.
    language : {"en", "fr", "es", "ru", "ar", "zh"}, optional
        By default that of the country.
    report : Report, optional
    findings : sequence of Finding, optional
        What :func:`ldnkit.prais.check` gave; checked anew when left out.
    changes : DataFrame, optional
        What :func:`ldnkit.prais.changes` gave; then the last change of a table is shown.

    Returns
    -------
    Overview
        A notebook shows it as a widget, a page without widgets as a table.

    Examples
    --------
    >>> overview(country, language="fr")  # doctest: +SKIP
    """
    import ldnkit

    language = language or country.language
    report = prais.build(country, ldnkit.results(country)) if report is None else report
    findings = prais.check(report) if findings is None else list(findings)
    made = Overview(report, findings, language)
    _connect(made, changes)
    return made


def forms_of(report: Report, findings: Sequence[Finding], state: str = ALL) -> pd.DataFrame:
    """The forms of a report, or those in one state."""
    forms = prais.forms_overview(report, findings)
    return forms if state == ALL else forms[forms["state"] == state]


def state_word(state: str, language: str = "en") -> str:
    """A state with its sign: never a colour alone.

    Examples
    --------
    >>> state_word("complete"), state_word("not applicable", "fr")
    ('✓ Complete', '– Sans objet')
    """
    key = state.replace(" ", "_")
    key = f"requirement.{key}" if state == "not applicable" else f"report.{key}"
    return f"{LOOKS[state][0]} {label(key, language)}"


def forms_html(forms: pd.DataFrame, language: str = "en") -> str:
    """Forms as a table for the screen, one line for each."""
    return _table(forms, "overview.forms", "form", language)


def forms_text(forms: pd.DataFrame, language: str = "en") -> str:
    """Forms as plain text, for pages without widgets and for a screen reader."""
    lines = [(row["form"], *_cells(row, language)[1:]) for row in forms.to_dict("records")]
    headings = [wording(key, language) for key in HEADINGS]
    return pd.DataFrame(lines, columns=headings).to_string(index=False)


def tables_html(tables: pd.DataFrame, report: Report, language: str = "en") -> str:
    """Tables of a form for the screen; a sentence when there is none."""
    if tables.empty:
        return f"<p>{html.escape(label('overview.no_table', language))}</p>"
    shown = tables.assign(id=[report.label(name) for name in tables["id"]])
    return _table(shown, "overview.tables", "id", language)


def details_html(
    report: Report, findings: Iterable[Finding], row: dict[str, Any], language: str = "en"
) -> str:
    """All that is known of one table: findings, sources, notes, last change, notebook.

    Parameters
    ----------
    report : Report
    findings : iterable of Finding
    row : dict
        The line of the table in :func:`ldnkit.prais.overview`.
    language : str
    """

    def say(key: str) -> str:
        return html.escape(wording(key, language))

    table = report.tables.get(row["id"])
    name = f"{report.label(row['id'])} {wording(row['title_key'], language)}"
    parts = [f"<h4>{html.escape(name)}</h4>", f"<p>{_state_cell(row['state'], language)}</p>"]
    if table is None:
        text = label("overview.not_made", language).format(number=row["notebook"])
        parts.append(f"<p>{html.escape(text)}</p>")
    mine = [one for one in findings if place(one)[0] == row["id"]]
    texts = [one.sentence(language) for one in mine] or [label("report.no_findings", language)]
    parts += [f"<p><b>{say('report.findings')}</b></p>", _listed(texts)]
    if table is not None:
        sources = [_source(source, language) for source in table.sources]
        parts += [f"<p><b>{say('data_source')}</b></p>", _listed(sources or [NONE])]
        notes = [messages.translate(note, language) for note in table.notes]
        parts += [f"<p><b>{say('report.notes')}</b></p>", _listed(notes or [NONE])]
    if row["last_change"]:
        said = html.escape(row["last_change"])
        parts.append(f"<p><b>{say('overview.last_change')}</b>: {said}</p>")
    links = "; ".join(_link(number, language) for number in row["notebook"].split(", "))
    parts.append(f"<p><b>{say('report.notebook')}</b>: {links}</p>")
    return _wrapped("".join(parts), language)


def notebook_name(number: str) -> str:
    """File name of a notebook; ``""`` when there is none with this number.

    Examples
    --------
    >>> notebook_name("17")
    '17_the_report.ipynb'
    """
    folder = Path(__file__).resolve().parents[1] / "notebooks"
    return next((path.name for path in sorted(folder.glob(f"{number}_*.ipynb"))), "")


def _connect(made: Overview, changes: pd.DataFrame | None) -> None:
    """Build the choosers, and let each one decide what the next one offers."""
    import ipywidgets

    language, report, findings = made.language, made.report, made.findings
    all_forms = forms_of(report, findings)
    every = prais.overview(report, findings, changes=changes)
    state = _chooser(ipywidgets, "report.state", _states(all_forms, language), language)
    form = _chooser(ipywidgets, "report.form", [], language)
    table = _chooser(ipywidgets, "report.table", [], language)
    count, forms, tables, details = (ipywidgets.HTML() for _ in range(4))

    def choose_state(_change=None):
        chosen = forms_of(report, findings, state.value)
        said = label("overview.forms_shown", language)
        text = html.escape(said.format(shown=len(chosen), total=len(all_forms)))
        count.value = _wrapped(f'<p role="status">{text}</p>', language)
        forms.value = forms_html(chosen, language)
        _offer(form, [(f"{row.form} {wording(row.title_key, language)}", row.form)
                      for row in chosen.itertuples()])  # fmt: skip
        choose_form()

    def choose_form(_change=None):
        mine = every[every["form"] == form.value]
        tables.value = _wrapped(tables_html(mine, report, language), language)
        _offer(table, [(f"{report.label(row.id)} {wording(row.title_key, language)}", row.id)
                       for row in mine.itertuples()])  # fmt: skip
        choose_table()

    def choose_table(_change=None):
        row = every[every["id"] == table.value].to_dict("records")
        details.value = details_html(report, findings, row[0], language) if row else ""

    for chooser, react in ((state, choose_state), (form, choose_form), (table, choose_table)):
        chooser.observe(react, names="value")
    choose_state()
    style = form_screen.hidden(ipywidgets, STYLE)
    parts = [style, state, count, forms, form, tables, table, details]
    made.box = form_screen.dressed(ipywidgets.VBox(parts), language)
    made.choosers = {"state": state, "form": form, "table": table}
    made.shown = {"count": count, "forms": forms, "tables": tables, "details": details}


def _chooser(ipywidgets, key: str, options, language: str):
    look = {"style": {"description_width": "8em"}, "layout": {"width": "98%", "max_width": "52em"}}
    return ipywidgets.Dropdown(options=options, description=label(key, language), **look)


def _states(forms: pd.DataFrame, language: str) -> list[tuple[str, str]]:
    """Choices of the first chooser: all, then each state that occurs, with its number."""
    counted = forms["state"].value_counts()
    found = [state for state in STATES if state in counted]
    choices = [(f"{label('overview.all', language)} ({len(forms)})", ALL)]
    return choices + [(f"{state_word(state, language)} ({counted[state]})", state)
                      for state in found]  # fmt: skip


def _offer(chooser, options: list[tuple[str, str]]) -> None:
    """New choices; the chosen one stays if it is still there."""
    before, values = chooser.value, [value for _, value in options]
    chooser.options = options
    chooser.value = before if before in values else next(iter(values), None)


def _table(rows: pd.DataFrame, caption: str, name: str, language: str) -> str:
    """Lines of forms or tables, with a caption and headings that a screen reader can name."""
    keys = [key for key in HEADINGS if name == "form" or key != "overview.tables_here"]
    keys = keys if name == "form" else ["report.table", *keys[1:]]
    head = "".join(f'<th scope="col">{html.escape(wording(key, language))}</th>' for key in keys)
    lines = []
    for row in rows.to_dict("records"):
        cells = [html.escape(text) for text in _cells(row, language)]
        cells[0] = html.escape(row[name])
        cells[3] = _state_cell(row["state"], language)
        if name != "form":
            del cells[4]
        first, *others = cells
        line = f'<th scope="row" style="white-space:nowrap">{first}</th>' + "".join(
            f"<td>{cell}</td>" for cell in others
        )
        lines.append(f"<tr>{line}</tr>")
    title = f"<caption>{html.escape(label(caption, language))}</caption>"
    text = f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return _wrapped(text, language)


def _cells(row: dict[str, Any], language: str) -> list[str]:
    """Texts of one line, in the order of the headings."""
    filled = NONE if pd.isna(row["completeness"]) else f"{int(row['completeness'])}\u00a0%"
    source = row["source"]
    return [
        "",
        wording(row["title_key"], language),
        _required(row["requirement"], language),
        state_word(row["state"], language),
        str(row.get("tables", NONE)),
        filled,
        str(row["findings"] or NONE),
        source if source == NONE else label(f"data.{source}", language),
        row["notebook"],
    ]


def _required(requirement: str, language: str) -> str:
    if requirement.startswith("see "):
        form = requirement.removeprefix("see ")
        return label("overview.see", language).format(form=form)
    return label(f"requirement.{requirement.replace(' ', '_')}", language)


def _state_cell(state: str, language: str) -> str:
    word = html.escape(state_word(state, language))
    look = f"background:{LOOKS[state][1]};color:#1a1a1a;padding:0 6px;white-space:nowrap"
    return f'<span style="{look}">{word}</span>'


def _source(source: dict[str, str], language: str) -> str:
    """Layer, default or national, and the metadata that are given."""
    layer = wording(f"indicator.{source['layer']}", language)
    kind = label(f"data.{source['source']}", language)
    known = [source[name] for name in METADATA if source.get(name)]
    return "; ".join([f"{layer}: {kind}", *dict.fromkeys(known)])


def _listed(texts: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{html.escape(text)}</li>" for text in texts) + "</ul>"


def _link(number: str, language: str) -> str:
    name = notebook_name(number)
    if not name:
        return html.escape(number)
    text = html.escape(label("overview.open_notebook", language).format(number=number))
    return f'<a href="{name}" target="_blank">{text}</a> ({html.escape(name)})'


def _wrapped(text: str, language: str) -> str:
    side = "rtl" if language == "ar" else "ltr"
    return f'<div class="ldnkit-overview" dir="{side}" lang="{language}">{text}</div>'
