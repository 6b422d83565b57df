"""What is written is read back the same from XLSX, CSV and JSON."""

import json

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from paper_country import paper_country

from ldnkit import prais, tables
from ldnkit.prais.report import Report, Table

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")
AWKWARD = [
    *("NA", "01", "=1+1", "1,5", "nan", "None", "-", "TRUE", "1e5", "+33", "@sum", "'quoted"),
    *(
        "two\nlines",
        'a "word", and another; more',
        "  blanks  ",
        "земля 土地 أرض",
        "http://x.y",
        "",
    ),
]


@pytest.fixture(scope="session")
def landia_report(landia, landia_results):
    return prais.build(landia, landia_results)


@pytest.mark.parametrize("language", ["en", "ar"])
def test_all_tables_of_landia_are_the_same_in_the_three_files(landia_report, tmp_path, language):
    paths = prais.write(landia_report, tmp_path, language=language)
    book, sheets, document = (prais.read(paths[kind]) for kind in ("xlsx", "csv", "json"))
    assert set(book) == set(sheets) == set(document) == set(landia_report.tables)
    for table_id, table in landia_report.tables.items():
        for other in (book, sheets):
            pd.testing.assert_frame_equal(other[table_id], document[table_id], obj=table_id)
        assert len(document[table_id]) == len(table.frame)
        assert list(document[table_id].columns) == list(table.labelled(language).columns)


def test_the_cells_are_the_printed_figures_of_the_json(landia_report, tmp_path):
    """Text of a figure and the figure of the JSON file are the same number."""
    paths = prais.write(landia_report, tmp_path)
    written = json.loads(paths["json"].read_text(encoding="utf-8"))["tables"]
    compared = 0
    for table_id, cells in prais.read(paths["xlsx"]).items():
        table = written[table_id]
        levels = cells.shape[1] - len(table["columns"])
        for place, column in enumerate(table["columns"]):
            if column in table["text"]:
                continue
            for row, figures in enumerate(table["printed"]):
                said = cells.iat[row, levels + place]
                figure = figures[place]
                assert (said == "") if figure is None else (float(said) == figure)
                compared += 1
    assert compared > 2000


def small_report(texts, figures) -> Report:
    """One table with a column of text and one of figures."""
    index = pd.RangeIndex(1, len(texts) + 1, name="number")
    frame = pd.DataFrame({"drivers": pd.Series(texts, index, dtype=object)})
    frame["area"] = pd.Series(figures, index, dtype=float)
    facts = {"form": "SO1-4", "title_key": "prais.SO1-4.T4", "unit": "km2", "decimals": 2}
    table = Table("SO1-4.T4", **facts, notebook="06", frame=frame, text=("drivers",))
    return Report(paper_country(), {table.id: table})


def test_text_that_spreadsheets_would_spoil_comes_back(tmp_path):
    figures = [float("nan"), 0.0, 1234567.891] * 6
    paths = prais.write(small_report(AWKWARD, figures), tmp_path)
    for kind in ("xlsx", "csv", "json"):
        cells = prais.read(paths[kind])["SO1-4.T4"]
        assert cells.iloc[:, 1].tolist() == AWKWARD, kind
        assert cells.iloc[:3, 2].tolist() == ["", "0.00", "1234567.89"], kind


plain = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=12)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(plain, st.floats(0, 1e9) | st.just(float("nan"))), max_size=5))
def test_any_text_and_any_figure_come_back(tmp_path, rows):
    texts, figures = [text for text, _ in rows], [figure for _, figure in rows]
    paths = prais.write(small_report(texts, figures), tmp_path)
    found = [prais.read(paths[kind])["SO1-4.T4"] for kind in ("xlsx", "csv", "json")]
    assert found[0].iloc[:, 1].tolist() == texts
    pd.testing.assert_frame_equal(found[0], found[1])
    pd.testing.assert_frame_equal(found[1], found[2])


def test_a_workbook_with_changes_is_read_without_them(tmp_path):
    changes = pd.DataFrame([{"table": "SO1-4.T4", "row": "1", "column": "area", "later": 2.0}])
    paths = prais.write(small_report(["a"], [1.0]), tmp_path, changes=changes)
    assert list(prais.read(paths["xlsx"])) == ["SO1-4.T4"]


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_headings_come_back_in_every_language(tmp_path, language):
    paths = prais.write(small_report(["a"], [1.0]), tmp_path, language=language)
    heading = tables.label("column.drivers", language)
    assert all(prais.read(paths[k])["SO1-4.T4"].columns[1] == heading for k in ("xlsx", "json"))


def test_what_is_no_report_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="give the workbook"):
        prais.read(tmp_path / "none.xlsx")
    other = tmp_path / "notes.txt"
    other.write_text("notes", encoding="utf-8")
    with pytest.raises(ValueError, match="Not a written report"):
        prais.read(other)
    other = tmp_path / "other.json"
    other.write_text('{"tables": {"CP-1.T1": {"headings": []}}}', encoding="utf-8")
    with pytest.raises(ValueError, match="without printed tables"):
        prais.read(other)
