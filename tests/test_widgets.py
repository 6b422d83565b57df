"""The forms on the screen: keys that stay with them, and words in the language of the reader."""

import ast
import re
import warnings
from pathlib import Path
from types import SimpleNamespace

import geopandas
import numpy as np
import pandas as pd
import pytest
from paper_country import paper_country
from shapely.geometry import box
from small_country import small_country
from test_maps import layer
from test_overview_widget import EMPTY, question

import ldnkit
from ldnkit import (
    course,
    course_feedback,
    maps,
    matrix_editor,
    overview_widget,
    table_picker,
    travel_widget,
    unit_maps,
    verification,
    widgets,
)
from ldnkit.form_fields import FIELDS, choices, words
from ldnkit.keyboard import KEEPS_KEYS
from ldnkit.labels import LANGUAGES, label
from ldnkit.prais.report import Report
from ldnkit.tables import read

PACKAGE = Path(ldnkit.__file__).parent
OTHERS = [language for language in LANGUAGES if language != "en"]
TABLE = "Jahr;Armut\n2005;0,44\n2015;36,8\n"


# ------------------------------------------------------------------- the screens of the package
@pytest.fixture(scope="module")
def country(tmp_path_factory):
    """Six cells of one class, with a table of official figures."""
    cover = {year: [[1, 1], [1, 1], [1, 3]] for year in (2000, 2015, 2016, 2019, 2023)}
    made = small_country(tmp_path_factory.mktemp("world"), cover).read()
    folder = Path(made.folder) / "statistics"
    folder.mkdir()
    (folder / "poverty.csv").write_text(TABLE, encoding="utf-8")
    return made


def matrix_screen(country, language):
    result = ldnkit.compute(country, "land_cover", progress=False)
    return matrix_editor.edit(country, result, language=language).box


def overview(country, language):
    report = Report(paper_country(), {"SO2-2.T2": question("SO2-2.T2")})
    made = overview_widget.overview(
        report.country, report=report, findings=[EMPTY], language=language
    )
    made.choosers["form"].value, made.choosers["table"].value = "SO2-2", "SO2-2.T2"
    return made.box


def worded(country, language):
    """The form of a country, with a country chosen and an answer of its button."""
    form = widgets.country_form(country.folder, language=language)
    form.button.click()
    return form


def picked(country, language):
    form = table_picker.pick(country, language=language)
    form.write.click()
    return form


def map_of_cells(country, language):
    return maps.interactive({"SDG": (layer(np.int16([[-1, 0]])), "sdg")}, language=language)


def map_of_years(country, language):
    return maps.time_slider(
        {2000: layer(np.int16([[-1, 0]])), 2015: layer(np.int16([[0, 1]]))},
        palette="sdg",
        language=language,
    )


#: A screen for every module of the package that shows widgets.
FORMS = {
    "widgets": worded,
    "table_screen": picked,
    "overview_widget": overview,
    "travel_widget": lambda country, language: travel_widget.parcel(country, language=language),
}
SCREENS = FORMS | {
    "course": lambda country, language: course.question_form("before", language=language),
    "course_feedback": lambda country, language: course_feedback.feedback_form(language=language),
    "matrix_screen": matrix_screen,
    "maps": map_of_cells,
    "webmaps": map_of_years,
}
#: Tested below with results of their own.
LARGE = {"unit_maps", "verification.desk"}


def inside(widget) -> list:
    """A widget and all that is shown in it, on a map too."""
    parts = [*getattr(widget, "children", ()), *getattr(widget, "controls", ())]
    if type(widget).__name__ == "WidgetControl":
        parts.append(widget.widget)
    return [widget, *(deeper for part in parts for deeper in inside(part))]


def repairs(widget) -> int:
    return sum(str(getattr(one, "value", "")).count(KEEPS_KEYS) for one in inside(widget))


def test_every_module_with_widgets_is_tested_here():
    found = set()
    for path in PACKAGE.rglob("*.py"):
        names = {
            name.name
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Import | ast.ImportFrom)
            for name in (node.names if isinstance(node, ast.Import) else [node])
            if hasattr(name, "name")
        }
        if "ipywidgets" in names:
            found.add(path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."))
    assert found == {*SCREENS, *LARGE}


@pytest.mark.parametrize("name", SCREENS)
def test_every_screen_keeps_its_keys_once(country, name):
    assert repairs(SCREENS[name](country, "en")) == 1


def test_maps_of_units_keep_their_keys_once():
    names = {"name": ["North", "South"]}
    corners = [box(0, 1, 1, 2), box(0, 0, 1, 1)]
    shapes = geopandas.GeoDataFrame(names, geometry=corners, crs="EPSG:4326")
    values = pd.DataFrame({"2015": [0.1, 0.2], "2019": [0.2, 0.3]}, index=names["name"])
    assert repairs(unit_maps.interactive_units(shapes, values, key="name")) == 1


def test_the_workshop_keeps_its_keys_once(landia, landia_results):
    assert repairs(verification.workshop(landia, landia_results, restore=False)) == 1


# ------------------------------------------------------------------- words
def texts(widget) -> set[str]:
    """Everything that a form says: descriptions, choices, titles, texts without their marks."""
    said = set()
    for one in inside(widget):
        said |= {getattr(one, name, "") for name in ("description", "placeholder", "tooltip")}
        said |= {str(title) for title in getattr(one, "titles", ())}
        if type(one).__name__ == "HTML":
            said |= set(
                re.sub(r"<style>.*?</style>|<[^>]*>", "\n", one.value, flags=re.S).split("\n")
            )
        elif type(one).__name__ in ("Dropdown", "Combobox"):
            names = getattr(one, "_options_labels", None) or one.options
            said |= {str(name) for name in names}
    return {text.strip() for text in said if text and text.strip()}


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", FORMS)
def test_no_english_is_left(country, name, language):
    rows = read("labels").to_dict("records")
    said = texts(FORMS[name](country, language))
    assert said & {row["en"] for row in rows if row["en"] != row[language]} <= {
        row[language] for row in rows
    }
    assert said & {row[language] for row in rows}


@pytest.mark.parametrize("language", ["ru", "ar", "zh"])
@pytest.mark.parametrize("name", ["widgets", "table_screen"])
def test_other_scripts_have_no_english_sentence(country, name, language):
    form = FORMS[name](country, language)
    form.report.value = ""  # findings are messages, with tests of their own
    sentences = [text for text in texts(form) if re.search(r"[a-z]{2,} [a-z]{2,}", text)]
    assert sentences == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_its_words(language):
    for name, (_, offered, _) in FIELDS.items():
        said = words(name, language)
        assert said and "{form}" not in said and "{part}" not in said
        assert [value for _, value in choices(name, language)] == list(offered)
    assert choices("drought.index_kind", language)[2][0] == label(
        "country_form.choice_national_index", language
    )
    assert choices("soil.source", language)[1][0] == label("data.national", language)


@pytest.mark.parametrize("name", FORMS)
def test_arabic_runs_from_right_to_left(country, name):
    assert "ldnkit-right-to-left" in FORMS[name](country, "ar")._dom_classes
    assert "ldnkit-right-to-left" not in FORMS[name](country, "fr")._dom_classes


@pytest.mark.parametrize("language", OTHERS)
def test_the_form_writes_the_same_file_in_every_language(tmp_path, language):
    made = {}
    for one in ("en", language):
        form = widgets.country_form(tmp_path / one, language=one)
        (chosen,) = [text for text in form.fields["iso3"].options if text.startswith("KEN ")]
        form.fields["iso3"].value = chosen
        form.fields["population.kind"].value = "census"
        form.button.click()
        assert label("country_form.written", one) in form.message.value
        made[one] = (tmp_path / one / "country.yml").read_text(encoding="utf-8")
    assert made["en"] == made[language]


def test_a_country_has_its_name_in_the_language():
    assert "DEU Alemania" in widgets.country_options("es")
    assert len(widgets.country_options("ar")) == len(widgets.country_options())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picker_says_what_it_reads(country, language):
    form = table_picker.pick(country, language=language)
    form.fields["unit"].value = "percent"
    assert label("table_picker.values", language).format(count=2) in form.report.value
    assert label("column.year", language) in form.table.value
    assert "unit: percent" in form.lines.value and "found" not in form.lines.value


def test_the_picker_speaks_the_language_of_the_country(country):
    own = SimpleNamespace(folder=country.folder, iso3="KEN", language="es")
    assert table_picker.pick(own).write.description == "Escribir en country.yml"
    del own.language
    assert table_picker.pick(own).write.description == "Write into country.yml"


def test_what_an_error_says_is_translated(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        form = widgets.country_form(tmp_path, language="fr")
        form.button.click()
    assert "Non écrit." in form.message.value and "found" not in form.message.value
