"""The matrix editor: another matrix gives the tables that a whole computation would give."""

import dataclasses
import warnings

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from small_country import small_country

import ldnkit
from ldnkit import matrix_changes, matrix_editor, prais, tables
from ldnkit.country_file.splice import with_scalar
from ldnkit.findings import InputError
from ldnkit.labels import LANGUAGES
from ldnkit.matrix_changes import NATIONAL

CLASSES = range(1, 8)
TABLES = ("SO1-1.T1", "SO1-1.T3", "SO1-1.T7")


def assert_same_tables(one, other):
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name].frame, other[name].frame, rtol=1e-12, obj=name)
        pd.testing.assert_frame_equal(one[name].printed, other[name].printed, obj=name)


# ------------------------------------------------------------------- a world of six cells
#
#   2000          2015 to 2023       regions
#   | 1 | 3 |     | 3 | 2 |          North
#   | 3 | 2 |     | 2 | 2 |          South
#   | 4 | 6 |     | 1 | 6 |          in no region
FIRST, LAST = [[1, 3], [3, 2], [4, 6]], [[3, 2], [2, 2], [1, 6]]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    cover = {year: FIRST if year == 2000 else LAST for year in (2000, 2015, 2016, 2019, 2023)}
    made = small_country(tmp_path_factory.mktemp("world"), cover)
    made.file["regions"] = [
        {"name": "North", "file": made.polygons("north.gpkg", made.cells(0, 0, 1, 2))},
        {"name": "South", "file": made.polygons("south.gpkg", made.cells(1, 0, 2, 2))},
    ]
    return made


@pytest.fixture(scope="module")
def country(world):
    return world.read()


@pytest.fixture(scope="module")
def result(country):
    return computed(country)


def computed(country, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return ldnkit.compute(country, "land_cover", progress=False, force=True, **options)


def test_each_region_has_its_own_meaning_of_one_change(world, country, result):
    # cropland to grassland: stable in the North, still degradation in the South
    matrices = matrix_changes.start(country)
    assert list(matrices) == [NATIONAL, "North", "South"]
    default = matrices["North"]
    matrices["North"] = matrix_changes.with_cell(default, 3, 2, sign=0, process="")
    before = matrix_changes.report(country, result)
    now = matrix_changes.report(matrix_changes.with_matrices(country, matrices), result)
    effect = matrix_changes.effect(before, now)["baseline"]
    # before: all changed cells are degraded: two in the North, one in the South, the wetland
    first, second, third = world.area(0), world.area(1), world.area(2)
    assert effect.loc["degraded", "before"] == pytest.approx(2 * first + second + third)
    assert effect.loc["degraded", "difference"] == pytest.approx(-first)
    assert effect.loc["stable", "difference"] == pytest.approx(first)
    assert (now["SO1-1.T3"].frame.loc[("North", "cropland"), "grassland"]) == "0"
    found = now["SO1-1.T3"].frame.loc[("South", "cropland"), "grassland"]
    assert found == "withdrawal of agriculture (−)"
    areas = matrix_changes.areas(country, result, "South").set_index(["from", "to"])["baseline"]
    assert areas.to_dict() == pytest.approx({(2, 2): second, (3, 2): second})


MATRIX = st.lists(
    st.tuples(
        st.sampled_from(CLASSES),
        st.sampled_from(CLASSES),
        st.sampled_from((-1, 0, 1)),
        st.sampled_from(("deforestation", "salt, wind", "")),
    ),
    max_size=12,
)


@settings(max_examples=12)
@given(changes=st.lists(MATRIX, min_size=3, max_size=3))
def test_the_tables_are_those_of_a_whole_computation(country, result, tmp_path_factory, changes):
    matrices = matrix_changes.start(country)
    for name, cells in zip(matrices, changes, strict=True):
        for first, last, sign, process in cells:
            matrices[name] = matrix_changes.with_cell(
                matrices[name], first, last, sign=sign, process=process if sign else ""
            )
    edited = matrix_changes.with_matrices(country, matrices)
    whole = dataclasses.replace(edited, outputs=tmp_path_factory.mktemp("outputs"))
    expected = computed(whole)
    table = matrix_changes.judged(edited, result).tables["land_cover"]
    pd.testing.assert_frame_equal(table, expected.tables["land_cover"])
    assert_same_tables(
        matrix_changes.report(edited, result), prais.build(whole, {"land_cover": expected})
    )


@pytest.fixture(scope="module")
def landia_cover(landia):
    return ldnkit.compute(landia, "land_cover", progress=False)


def test_landia_with_another_matrix(landia, landia_cover, tmp_path):
    result = landia_cover
    same = matrix_changes.judged(landia, result).tables["land_cover"]
    pd.testing.assert_frame_equal(same, result.tables["land_cover"])
    stable = matrix_changes.with_cell(matrix_changes.default(landia), 3, 2, sign=0, process="")
    edited = matrix_changes.with_matrices(landia, {NATIONAL: stable})
    whole = dataclasses.replace(edited, outputs=tmp_path)
    assert_same_tables(
        matrix_changes.report(edited, result),
        prais.build(whole, {"land_cover": computed(whole)}),
    )
    effect = matrix_changes.effect(
        matrix_changes.report(landia, result), matrix_changes.report(edited, result)
    )
    assert effect.loc["degraded", ("baseline", "now")] == pytest.approx(320.08, abs=0.005)
    assert effect["baseline"]["difference"].sum() == pytest.approx(0, abs=1e-9)


def test_a_national_legend(tmp_path):
    """Two kinds of forest: what happens within UNCCD class 1 can get a meaning of its own."""
    (tmp_path / "legend.csv").write_text(
        "code,key,name,unccd\n11,,Old forest,1\n12,,Young forest,1\n3,cropland,Cropland,3\n",
        encoding="utf-8",
    )
    cover = {year: [[11 if year == 2000 else 12, 3]] for year in (2000, 2015, 2016, 2019, 2023)}
    made = small_country(tmp_path, cover, nesting="legend")
    made.file["land_cover"]["legend"] = "legend.csv"
    country = made.read()
    result = computed(country)
    editor = matrix_editor.edit(country, result)
    assert len(editor.cells) == 9 and editor.class_name(11) == "Old forest"
    assert "0 of 9" in editor.status
    editor.set(11, 12, -1, "logging")
    assert editor.report["SO1-1.T1"].frame["process"].tolist() == ["logging"]
    assert editor.report["SO1-1.T7"].frame.loc["degraded", "baseline.area"] == pytest.approx(
        made.area(0)
    )
    assert editor.cells[11, 12].description == "● − logging"


# ------------------------------------------------------------------------------ findings
def texts(found, severity):
    return [(each.where, each.found) for each in found if each.severity == severity]


def test_what_has_to_be_mended_looked_at_and_explained(country, result):
    default = matrix_changes.default(country)
    found = matrix_changes.findings(country, result, matrix_changes.start(country))
    # the default: only the wetland that became forest, an unlikely change, outside the regions
    ((where, said),) = texts(found, "warning")
    assert where == "SO1-1.T3, wetland, tree" and said.startswith("an unlikely change on 1.2")
    assert texts(found, "error") == texts(found, "info") == []

    wrong = matrix_changes.with_cell(default, 2, 2, sign=-1, process="grazing")
    wrong = matrix_changes.with_cell(wrong, 3, 2, sign=-1, process="  ")
    found = matrix_changes.findings(country, result, {"South": wrong})
    assert texts(found, "error") == [("SO1-1.T3, South, grassland, grassland", "−")]
    assert texts(found, "warning") == [("SO1-1.T3, South, cropland, grassland", "nothing")]
    explain = [each for each in found if each.severity == "info"]
    assert [each.found for each in explain] == ["grazing (−)", "−"]
    assert "withdrawal of agriculture (−)" in explain[1].expected


def test_an_unlikely_change_without_area_is_not_told(landia, landia_cover):
    found = matrix_changes.findings(landia, landia_cover, matrix_changes.start(landia))
    area = matrix_changes.areas(landia, landia_cover).set_index(["from", "to"])
    matrix = matrix_changes.default(landia).set_index(["from", "to"])
    largest = area.max(axis=1)
    unlikely = [pair for pair in largest.index if matrix.loc[pair, "unlikely"]]
    expected = [pair for pair in unlikely if largest[pair] >= matrix_changes.LEAST_AREA]
    assert len(texts(found, "warning")) == len(expected)


# --------------------------------------------------------------------------------- files
def test_what_is_saved_is_read_again(country, result, tmp_path):
    matrices = matrix_changes.start(country)
    matrices["South"] = matrix_changes.with_cell(
        matrices["South"], 3, 2, sign=1, process='rest, "fallow"'
    )
    written = matrix_changes.save(country, matrices, tmp_path)
    assert written["South"].name == "transition_matrix_region_2.csv"
    again = matrix_changes.start(country, tmp_path)
    for name, matrix in matrices.items():
        pd.testing.assert_frame_equal(again[name], matrix, check_dtype=False)
    alone = matrix_changes.start(country, written["South"])
    assert matrix_changes.same(alone[NATIONAL], matrices["South"])
    assert matrix_changes.same(alone["South"], country.regions[1].matrix)


def test_a_sign_of_a_class_that_stays_is_not_written(country, tmp_path):
    wrong = matrix_changes.with_cell(matrix_changes.default(country), 1, 1, sign=1, process="x")
    with pytest.raises(InputError, match="SO1-1.T3, tree, tree"):
        matrix_changes.save(country, {NATIONAL: wrong}, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_the_country_file_names_the_matrices(tmp_path):
    cover = {year: FIRST if year == 2000 else LAST for year in (2000, 2015, 2016, 2019, 2023)}
    made = small_country(tmp_path, cover)
    made.polygons("north.gpkg", made.cells(0, 0, 1, 2))
    made.file |= {"iso3": "KEN", "name": "Kenya", "regions": [{"name": "N", "file": "north.gpkg"}]}
    country = made.read()
    path = country.path
    path.write_text("# ours\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    matrices = matrix_changes.start(country)
    assert matrix_changes.store(country, matrices) == {}, "nothing has changed"
    for name in matrices:
        matrices[name] = matrix_changes.with_cell(matrices[name], 3, 2, sign=0, process="")
    before = path.read_text(encoding="utf-8")
    written = matrix_changes.store(country, matrices)
    assert {name: each.name for name, each in written.items()} == {
        NATIONAL: "transition_matrix.csv",
        "N": "transition_matrix_region_1.csv",
    }
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ours\n")
    assert path.with_suffix(".yml.bak").read_text(encoding="utf-8") == before
    tree = yaml.safe_load(text)
    assert tree["land_cover"]["matrix"] == "transition_matrix.csv"
    assert tree["regions"][0]["matrix"] == "transition_matrix_region_1.csv"
    now = ldnkit.open_country(path, outputs=tmp_path / "out")
    assert all(matrix_changes.same(matrices[n], m) for n, m in matrix_changes.start(now).items())

    # back to the default: the file says unccd, no matrix file is needed
    usual = dict.fromkeys(matrices, matrix_changes.default(now))
    assert matrix_changes.store(now, usual) == {}
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["regions"][0]["matrix"] == "unccd"


def test_the_file_of_the_training_country_stays(country):
    with pytest.raises(InputError, match="training country"):
        matrix_changes.store(country, matrix_changes.start(country))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a:\n  m: unccd  # ours\n  n: 1\n", "a:\n  m: new.csv  # ours\n  n: 1\n"),
        ("a:\n  n: 1  # one\nb: 2\n", "a:\n  n: 1  # one\n  m: new.csv\nb: 2\n"),
        ("a: {m: 'old one.csv', n: 1}\n", "a: {m: new.csv, n: 1}\n"),
        ("a: {n: 1}\n", "a: {m: new.csv, n: 1}\n"),
        ("a:\n  m:\n  n: 1\n", "a:\n  m: new.csv\n  n: 1\n"),
        ("a:\n  s: {x: 1}\n", "a:\n  m: new.csv\n  s: {x: 1}\n"),
        ("a:\n  n: 1", "a:\n  n: 1\n  m: new.csv"),
    ],
)
def test_one_value_is_put_into_the_text(text, expected):
    assert with_scalar(text, ("a", "m"), "new.csv") == expected


def test_a_value_is_put_into_an_item():
    text = "r:\n- name: A\n  file: a.gpkg\n- name: B  # hills\n"
    assert with_scalar(text, ("r", 1, "m"), "x.csv") == text + "  m: x.csv\n"
    assert with_scalar(text, ("r", 0, "name"), "C") == text.replace("name: A", "name: C")
    for path in (("r", 2, "m"), ("s", "m"), ("r", "m")):
        with pytest.raises(InputError, match="found nothing"):
            with_scalar(text, path, "x.csv")


# ----------------------------------------------------------------------------- the editor
@pytest.fixture
def editor(country, result):
    return matrix_editor.edit(country, result)


def test_the_lists_and_the_cells_say_the_same(editor):
    assert [name for name, _ in editor.fields["which"].options] == [
        *("North", "South", "Land outside the regions"),
    ]
    assert editor.name == "North"
    editor.cells[3, 2].click()
    fields = editor.fields
    chosen = [fields[name].value for name in ("first", "last", "sign", "process")]
    assert chosen == [3, 2, -1, "withdrawal_of_agriculture"]
    assert "ldnkit-chosen" in editor.cells[3, 2]._dom_classes
    assert editor.cells[3, 2].description == "− Withdrawal of agriculture"
    assert not editor.cells[3, 2].tabbable, "by keyboard the two lists choose the cell"
    before = editor.shown["effect"].value

    fields["sign"].value = 0
    assert editor.cells[3, 2].description == "● 0"
    assert "ldnkit-changed" in editor.cells[3, 2]._dom_classes
    assert editor.shown["effect"].value != before and "1 of 49" in editor.shown["effect"].value
    assert "cropland, grassland" in editor.shown["findings"].value
    assert fields["process"].disabled and fields["process"].value == ""

    fields["sign"].value = -1
    assert editor.shown["effect"].value == before, "the usual process comes back with its sign"
    fields["which"].value = "South"
    assert editor.cells[3, 2].description == "− Withdrawal of agriculture"


def test_own_words(editor):
    editor.cells[1, 3].click()
    fields = editor.fields
    fields["process"].value = "other"
    assert fields["own"].layout.display == "" and "what happens" in editor.shown["findings"].value
    fields["own"].value = " charcoal  <b>"
    assert editor.matrix.set_index(["from", "to"]).loc[(1, 3), "process"] == "charcoal <b>"
    assert editor.cells[1, 3].description == "● − charcoal <b>"
    assert "charcoal &lt;b&gt;" in editor.shown["SO1-1.T1"].value
    assert "charcoal &lt;b&gt;" in editor.shown["SO1-1.T3"].value
    editor.undo()
    editor.undo()
    assert editor.cells[1, 3].description == "− Deforestation"
    assert editor.buttons["undo"].disabled


def test_reset_is_for_the_matrix_that_is_shown(editor):
    editor.set(3, 2, 1, "fallow")
    editor.fields["which"].value = "South"
    editor.set(3, 2, 1, "fallow")
    editor.buttons["reset"].click()
    assert matrix_changes.same(editor.matrices["South"], editor.default)
    assert not matrix_changes.same(editor.matrices["North"], editor.default)


def test_a_class_that_stays_cannot_be_changed(editor):
    editor.cells[2, 2].click()
    assert editor.fields["sign"].disabled and "always 0" in editor.shown["cell"].value


def test_the_training_country_is_saved_beside_its_results(editor, country):
    editor.set(3, 2, 0)
    editor.buttons["save"].click()
    assert "transition_matrix_region_1.csv" in editor.shown["said"].value
    folder = country.folder_results / "matrix"
    again = matrix_editor.edit(country, editor.result, path=str(folder))
    assert again.cells[3, 2].description == "● 0"
    # the numbers at the left are those of the country file
    assert again.shown["effect"].value == editor.shown["effect"].value


def test_a_problem_is_said_and_nothing_is_written(editor, country):
    wrong = matrix_changes.with_cell(editor.default, 1, 1, sign=1, process="x")
    editor._take(editor.matrices | {"North": wrong})
    editor.buttons["save"].click()
    assert "Not done." in editor.shown["said"].value and "tree" in editor.shown["said"].value


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language(country, result, language):
    editor = matrix_editor.edit(country, result, language=language)
    editor.set(3, 2, 0)
    bundle = editor._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    side = 'dir="rtl"' if language == "ar" else 'dir="ltr"'
    assert side in bundle["text/html"]
    word = tables.label("process.deforestation", language)
    assert editor.cells[1, 3].description == f"− {word}" and word in bundle["text/html"]
    if language != "en":
        for text in ("Deforestation", "Country file", "Say in the comments", "unlikely"):
            assert text not in bundle["text/html"]


def test_unknown_signs_and_classes(country):
    matrix = matrix_changes.default(country)
    with pytest.raises(ValueError, match="found 2; use -1, 0 or 1"):
        matrix_changes.with_cell(matrix, 1, 2, sign=2, process="")
    with pytest.raises(ValueError, match="found 1 to 9"):
        matrix_changes.with_cell(matrix, 1, 9, sign=1, process="")
    assert np.isin(matrix["sign"], (-1, 0, 1)).all()
