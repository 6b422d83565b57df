"""The overview: states in words, lists that depend on each other, all that is known of a table."""

import re

import pandas as pd
import pytest
from paper_country import paper_country

from ldnkit import overview_widget, prais, tables
from ldnkit.findings import Finding
from ldnkit.labels import LANGUAGES, label
from ldnkit.prais.overview import STATES
from ldnkit.prais.report import Report, Table

EMPTY = Finding(
    "warning", "SO2-2.T2, drivers", "nothing", "an answer of the team", "Fill it.", "08"
)


def question(table_id, drivers=""):
    """One table with one answer."""
    known = tables.prais_tables().set_index("id").loc[table_id]
    facts = {key: known[key] for key in ("form", "title_key", "unit", "notebook")}
    frame = pd.DataFrame({"drivers": drivers}, pd.Index(["SO2-2"], name="indicator"), dtype=object)
    source = {"layer": "statistics.water", "source": "national", "title": "A <b>census</b>"}
    source |= {"link": "", "author": "Office", "citation": ""}
    more = {"text": ("drivers",), "answers": ("drivers",), "sources": [source], "notes": ["Look."]}
    return Table(table_id, **facts, decimals=2, frame=frame, printed=frame.copy(), **more)


@pytest.fixture
def report():
    return Report(paper_country(), {"SO2-2.T2": question("SO2-2.T2")})


@pytest.fixture
def shown(report):
    return overview_widget.overview(report.country, report=report, findings=[EMPTY])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_has_a_sign_and_a_word_of_its_own(language):
    words = [overview_widget.state_word(state, language) for state in STATES]
    signs, texts = zip(*(word.split(" ", 1) for word in words), strict=True)
    assert len(set(signs)) == len(set(texts)) == len(STATES)


def test_the_lists_are_those_of_the_overview(report, shown):
    forms = prais.forms_overview(report, [EMPTY])
    lines = re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', shown.shown["forms"].value)
    assert lines == forms["form"].tolist()
    assert "28 of 28 forms are shown." in shown.shown["count"].value
    states = dict((value, name) for name, value in shown.choosers["state"].options)
    assert states[overview_widget.ALL] == "All (28)"
    counted = forms["state"].value_counts()
    assert states["missing"] == f"✗ Missing ({counted['missing']})"
    assert "not applicable" not in states


def test_a_list_decides_what_the_next_one_offers(shown):
    state, form, table = (shown.choosers[name] for name in ("state", "form", "table"))
    form.value = "SO3-1"
    assert [value for _, value in table.options] == ["SO3-1.T1", "SO3-1.T2"]
    form.value = "SO2-2"
    state.value = "missing"  # SO2-2 is one of them: it stays
    assert form.value == "SO2-2"
    state.value = "open"
    assert "SO2-2" not in [value for _, value in form.options]
    assert form.value == form.options[0][1]
    form.value = "AA"  # no tables of its own
    assert table.options == () and shown.shown["details"].value == ""
    assert label("overview.no_table") in shown.shown["tables"].value


def test_all_that_is_known_of_a_table(shown):
    shown.choosers["form"].value, shown.choosers["table"].value = "SO2-2", "SO2-2.T2"
    said = shown.shown["details"].value
    for part in ("found nothing; expected an answer of the team. Fill it.", "National data"):
        assert part in said
    assert "A &lt;b&gt;census&lt;/b&gt;; Office" in said and "<b>census" not in said
    assert "<li>Look.</li>" in said
    assert 'href="08_poverty_and_water.ipynb"' in said
    shown.choosers["table"].value = "SO2-2.T1"
    said = shown.shown["details"].value
    assert "This table is not in the report yet. Notebook 08 makes it." in said
    assert "No findings are open." in said and "Look." not in said


def test_the_last_change_is_said(report):
    columns = {"table": ["SO2-2.T2"], "row": [""], "column": [""], "because": ["new files: a.csv"]}
    made = overview_widget.overview(
        report.country, report=report, findings=[], changes=pd.DataFrame(columns)
    )
    made.choosers["form"].value, made.choosers["table"].value = "SO2-2", "SO2-2.T2"
    assert "Last change</b>: new files: a.csv" in made.shown["details"].value


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_without_widgets_has_the_same_list(report, language):
    made = overview_widget.overview(
        report.country, report=report, findings=[EMPTY], language=language
    )
    bundle = made._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/html"] == made.shown["forms"].value
    assert bundle["text/plain"].count("\n") == 28
    assert label("overview.see", language).format(form="SO1-3") in bundle["text/plain"]
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in bundle["text/html"]


def test_looking_changes_nothing(report, shown):
    before = report["SO2-2.T2"].frame.copy()
    for _, value in shown.choosers["state"].options:
        shown.choosers["state"].value = value
    pd.testing.assert_frame_equal(report["SO2-2.T2"].frame, before)
    assert shown.report is report and shown.findings == [EMPTY]


def test_landia(landia, landia_results):
    """From the country alone: its kept results."""
    made = overview_widget.overview(landia, language="fr")
    text = made._repr_mimebundle_()["text/plain"]
    assert "✓ Complet" in text and "✗ Manquant" not in text
    names = [value for _, value in made.choosers["form"].options]
    for name in names:
        made.choosers["form"].value = name
        for _, table in made.choosers["table"].options:
            made.choosers["table"].value = table
            assert table in made.shown["details"].value


def test_notebooks_of_the_links_are_there():
    from pathlib import Path

    folder = Path(overview_widget.__file__).parents[1] / "notebooks"
    assert (folder / overview_widget.notebook_name("05")).is_file()
    assert overview_widget.notebook_name("99") == ""
