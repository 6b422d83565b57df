"""Choosing the cells of a table: plain functions, and the form around them."""

from datetime import date
from types import SimpleNamespace

import openpyxl
import pytest
import yaml

from ldnkit import table_picker
from ldnkit.country_file.forms_layers import SERIES
from ldnkit.findings import InputError

TABLE = "Table 1;;\n\nYear;Poverty;Sample\n2005;0,44;100\n2015;0,368;90\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "statistics").mkdir()
    (tmp_path / "statistics" / "poverty.csv").write_text(TABLE, encoding="utf-8")
    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active.append(["About"])
    page = book.create_sheet("Data")
    for row in (["Year", "Urban", "Rural", "Total"], [2015, 80, 40, 52], [2020, 84, 45, 57]):
        page.append(row)
    book.save(tmp_path / "statistics" / "water.xlsx")
    (tmp_path / "statistics" / "gini.json").write_text('{"data": []}', encoding="utf-8")
    (tmp_path / "notes.docx").write_text("no table", encoding="utf-8")
    return tmp_path


@pytest.fixture
def country(folder):
    return SimpleNamespace(folder=folder, iso3="KEN")


def test_files_and_sheets(folder):
    assert table_picker.files_in(folder) == [
        f"statistics/{name}" for name in ("gini.json", "poverty.csv", "water.xlsx")
    ]
    assert table_picker.sheets_of(folder / "statistics/water.xlsx") == ["Notes", "Data"]
    assert table_picker.sheets_of(folder / "statistics/poverty.csv") == []
    assert table_picker.sheets_of(folder / "none.csv") == []


def test_the_rows_as_the_file_counts_them(folder):
    shown = table_picker.preview(folder / "statistics/poverty.csv")
    assert shown.index.tolist() == [1, 3, 4, 5] and shown.index.name == "line"
    assert shown.loc[4].tolist() == ["2005", "0,44", "100"]
    shown = table_picker.preview(folder / "statistics/water.xlsx", sheet="Data", rows=2)
    assert shown.values.tolist() == [["Year", "Urban", "Rural", "Total"], [2015, 80, 40, 52]]
    assert table_picker.preview(folder / "statistics/gini.json").empty
    with pytest.raises(InputError, match="no such file"):
        table_picker.preview(folder / "none.csv")


def test_the_names_of_the_columns(folder):
    assert table_picker.columns_of(folder / "statistics/poverty.csv") == [
        "Year",
        "Poverty",
        "Sample",
    ]
    assert table_picker.columns_of(folder / "statistics/water.xlsx", sheet="Notes") == []


def test_the_lines_give_the_same_section_back(folder):
    choice = {
        **{"file": "statistics/poverty.csv", "header": 3, "unit": "fraction", "year": "Year"},
        **{"value": "Poverty", "release": "2026-09-15", "source": "national", "sheet": ""},
    }
    section = yaml.safe_load(table_picker.lines("poverty", choice))["statistics"]["poverty"]
    assert section["columns"] == {"year": "Year", "value": "Poverty"}
    assert section["release"] == date(2026, 9, 15) and section["header"] == 3
    assert set(section["metadata"]) == {"title", "link", "author", "citation"}
    statistic = table_picker.statistic_of(folder, choice)
    assert statistic.columns == section["columns"] and statistic.release == section["release"]
    assert (statistic.header, statistic.unit, statistic.sheet) == (3, "fraction", None)


def test_what_would_be_read(folder):
    choice = {"file": "statistics/poverty.csv", "unit": "fraction", "value": "Poverty"}
    table, findings = table_picker.outcome("poverty", folder, choice, iso3="KEN")
    assert table["value"].tolist() == [44, 36.8]
    assert any("× 100" in str(finding) for finding in findings)
    table, findings = table_picker.outcome(
        "poverty", folder, choice | {"release": "soon"}, iso3="KEN"
    )
    assert table.empty and findings[0].severity == "error"


def test_the_form_shows_what_it_reads(country):
    form = table_picker.pick(country)
    assert tuple(value for _, value in form.fields["series"].options) == SERIES
    form.fields["file"].value = "statistics/poverty.csv"
    assert "Nothing can be reported yet." in form.report.value, "fractions need their unit"
    assert "0,368" in form.raw.value
    assert [name for name, _ in form.fields["value"].options][1:] == ["Year", "Poverty", "Sample"]
    form.fields["unit"].value = "fraction"
    assert "2 values are read." in form.report.value and "36.8" in form.table.value
    form.fields["value"].value = "Poverty"
    form.fields["header"].value = 3
    section = yaml.safe_load(form.lines.value)["statistics"]["poverty"]
    assert section == {
        **{"file": "statistics/poverty.csv", "header": 3, "unit": "fraction"},
        "columns": {"value": "Poverty"},
    }
    form.fields["release"].value = "soon"
    assert form.lines.value == "" and "Nothing can be reported yet" in form.report.value


def test_the_form_follows_the_file(country):
    form = table_picker.pick(country, "water")
    form.fields["file"].value = "statistics/water.xlsx"
    assert [value for _, value in form.fields["sheet"].options] == ["", "Notes", "Data"]
    assert "6 values are read." in form.report.value
    form.fields["sheet"].value = "Data"
    assert "sheet: Data" in form.lines.value and "84" in form.raw.value
    form.fields["file"].value = "statistics/poverty.csv"
    assert form.fields["sheet"].value == table_picker.FOUND
    assert "sheet" not in form.lines.value


def test_a_folder_without_files(tmp_path):
    form = table_picker.pick(SimpleNamespace(folder=tmp_path, iso3="KEN"))
    assert "No file here yet" in form.report.value


def test_text_of_files_is_not_taken_for_html(country, folder):
    (folder / "statistics" / "odd.csv").write_text(
        "Year,<script>a</script>\n2015,36.8\n", encoding="utf-8"
    )
    form = table_picker.pick(country)
    form.fields["file"].value = "statistics/odd.csv"
    for part in (form.raw, form.table, form.report):
        assert "<script>" not in part.value
    assert "1 value is read." in form.report.value


# --- writing the choice into the country file

HEAD = "schema: 1\n# keep me\niso3: KEN\n"
SECTION = """statistics:
  # the poverty line of 2021
  poverty:
    file: statistics/old.csv
    metadata:
      title: Survey of households

  gini:  # World Bank
    file: statistics/gini.json
regions: []
"""
CHOICE = {"file": "statistics/water.xlsx", "sheet": "Data", "header": 1, "unit": ""}


@pytest.mark.parametrize("before", ["", "statistics:\n", "statistics: null\n", "statistics: {}\n"])
def test_a_choice_becomes_the_first_entry_of_the_section(folder, before):
    path = folder / "country.yml"
    path.write_text(HEAD + before, encoding="utf-8")
    table_picker.store(path, "water", CHOICE)
    text = path.read_text(encoding="utf-8")
    assert text.startswith(HEAD)
    tree = yaml.safe_load(text)
    water = {"file": "statistics/water.xlsx", "sheet": "Data", "header": 1}
    assert tree == {"schema": 1, "iso3": "KEN", "statistics": {"water": water}}
    assert (folder / "country.yml.bak").read_text(encoding="utf-8") == HEAD + before


def test_an_entry_is_replaced_and_all_other_lines_stay(folder):
    path = folder / "country.yml"
    path.write_text(HEAD + SECTION, encoding="utf-8")
    table_picker.store(path, "poverty", {"file": "statistics/poverty.csv", "unit": "fraction"})
    expected = """statistics:
  # the poverty line of 2021
  poverty:
    file: statistics/poverty.csv
    unit: fraction
    metadata:
      title: Survey of households

  gini:  # World Bank
    file: statistics/gini.json
regions: []
"""
    assert path.read_text(encoding="utf-8") == HEAD + expected


def test_the_last_entry_of_a_section_is_replaced_too(folder):
    path = folder / "country.yml"
    path.write_text(HEAD + SECTION, encoding="utf-8")
    table_picker.store(path, "gini", {"file": "statistics/poverty.csv"})
    text = path.read_text(encoding="utf-8")
    assert text.endswith("  gini:\n    file: statistics/poverty.csv\nregions: []\n")
    assert yaml.safe_load(text)["statistics"]["poverty"]["file"] == "statistics/old.csv"


def test_a_choice_that_cannot_be_written_leaves_the_file(folder):
    path = folder / "country.yml"
    for text, choice, message in (
        (HEAD, CHOICE | {"file": "statistics/none.csv"}, "none.csv"),
        (HEAD + "statistics: {gini: {file: a.csv}}\n", CHOICE, "the section in one line"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=message):
            table_picker.store(path, "water", choice)
        assert path.read_text(encoding="utf-8") == text
        assert not (folder / "country.yml.bak").exists()


def test_the_button_writes_and_says_so(folder):
    path = folder / "country.yml"
    path.write_text(HEAD, encoding="utf-8")
    own = SimpleNamespace(folder=folder, path=path, iso3="KEN", synthetic=False)
    form = table_picker.pick(own, "poverty")
    form.fields["file"].value = "statistics/poverty.csv"
    form.write.click()
    assert "Written into country.yml" in form.said.value
    written = yaml.safe_load(path.read_text(encoding="utf-8"))["statistics"]["poverty"]
    assert written["file"] == "statistics/poverty.csv"
    own.synthetic = True
    form.write.click()
    assert "training country is not changed" in form.said.value
