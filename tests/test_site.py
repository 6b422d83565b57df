"""The web pages of lessons and notebooks: built without remarks, whole without a network."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from support.html_links import broken_links, loaded_from_a_network, read

from ldnkit import site, tables
from ldnkit.site import builder, executed, finishing, frontpage, runs, staging

HOUSE = Path(__file__).resolve().parents[1]
#: A picture of one pixel.
PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABh6FO1AAAAAB"
    "JRU5ErkJggg=="
)
WIDGET = {"model_id": "1", "version_major": 2, "version_minor": 0}

needs_sphinx = pytest.mark.skipif(
    any(find_spec(name) is None for name in builder.NEEDED),
    reason="the extra 'site' is not installed: python workbook.py site installs it",
)


def run_notebook(path: Path, language="en", cells=()):
    """An executed notebook as the runner leaves it: a picture, a table, a widget, remarks."""
    data = [
        new_output("stream", name="stdout", text="12.5 % is degraded.\n/home/ana/x/XLD/a.csv\n"),
        new_output("stream", name="stderr", text="a warning"),
        new_output("display_data", {"image/png": PIXEL, "text/plain": "Figure"}),
        new_output("display_data", {"text/html": '<table border="1" class="dataframe"><tr><th></th>'
                                                 "<th>a</th></tr></table>"}),
        new_output("display_data", {executed.WIDGET: WIDGET, "text/plain": "Map()"}),
    ]  # fmt: skip
    injected = new_code_cell('language = "fr"', metadata={"tags": ["injected-parameters"]})
    notebook = new_notebook(
        cells=[
            new_markdown_cell("# 02 Land cover\n\nText."),
            injected,
            new_markdown_cell("## 1. Look at the map"),
            new_code_cell("draw()", outputs=data, execution_count=1),
            *cells,
        ],
        metadata={"papermill": {"parameters": {"language": language}}},
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


# ---- notebooks as pages ------------------------------------------------------------------------


def test_what_is_for_the_machine_is_taken_out(tmp_path):
    page = executed.page(run_notebook(tmp_path / "02_land_cover.ipynb"))
    assert len(page.cells) == 3 and "papermill" not in page.metadata
    outputs = page.cells[-1].outputs
    assert [output.get("name") for output in outputs] == ["stdout", None, None, None]
    assert outputs[0]["text"].endswith("…/XLD/a.csv\n") and "ana" not in str(page)
    assert "<th></th>" not in outputs[2]["data"]["text/html"]
    assert executed.WIDGET not in outputs[3]["data"]
    assert tables.label("site.widget") in outputs[3]["data"]["text/html"]


def test_every_picture_has_a_text(tmp_path):
    page = executed.page(run_notebook(tmp_path / "02_land_cover.ipynb"), "fr")
    text = page.cells[-1].metadata["mystnb"]["image"]["alt"]
    assert text.startswith("Figure : Look at the map. 12.5 % is degraded.")
    assert page.cells[-1].outputs[1].metadata["image/png"]["alt"] == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/srv/a/b/XLD/c.csv", "…/XLD/c.csv"),
        ("/home/a/b", "…/a/b"),
        (r"C:\Users\ana\work\XLD\c.csv", r"…\XLD\c.csv"),
        ("https://example.org/a/b/c", "https://example.org/a/b/c"),
        ("../outputs/XLD/report/c.csv", "../outputs/XLD/report/c.csv"),
        ("km²/year and 1/2/3", "km²/year and 1/2/3"),
        ("<p>a</p><br/>", "<p>a</p><br/>"),
    ],
)
def test_folders_of_the_machine_are_not_named(text, expected):
    assert executed.without_machine(text) == expected


def test_language_of_an_executed_copy(tmp_path):
    path = run_notebook(tmp_path / "02.ipynb", "fr")
    assert runs.language_of(path) == "fr"
    assert runs.language_of(tmp_path / "03.ipynb") is None


# ---- the first page ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def numbers():
    return {f"{n:02}": (f"{n:02}_page.ipynb", f"{n:02} Page {n}") for n in range(19)}


@pytest.mark.parametrize("language", tables.LANGUAGES)
def test_the_first_page_leads_to_every_form_and_sdg_indicator(language, numbers):
    text = frontpage.text(language, numbers, numbers)
    for form in tables.read("forms").to_dict("records"):
        row = next(line for line in text.splitlines() if line.startswith(f"| {form['form']} |"))
        assert tables.label(form["title_key"], language) in row
        assert re.search(r"\[\d\d\]\(notebooks/\d\d_page.ipynb\)", row), row
    for code in ("15.3.1", "1.1.1", "6.1.1", "15.5.1", "15.1.2"):
        assert re.search(rf"^\| {re.escape(code)} \|.*\(notebooks/\d\d_", text, re.MULTILINE), code
    for key in ("notice.synthetic", "site.boundaries", "site.licence", "site.no_product"):
        assert tables.label(key, language) in text


def test_forms_lead_to_the_notebooks_of_their_tables():
    found = frontpage.form_notebooks()
    assert found["SO1-4"][0] == "05" and found["SO4-1"] == ["04"] and found["AA"] == ["15"]
    assert all(found.values())


# ---- finishing ---------------------------------------------------------------------------------


def test_headings_without_words_become_cells():
    empty = '<th class="head"></th>\n<th class="head"><p></p></th>'
    row = f'<thead>\n<tr class="row-odd">{empty}</tr></thead>'
    assert finishing.accessible(f"<table>{row}<tbody></tbody></table>") == (
        "<table><tbody></tbody></table>"
    )
    assert finishing.accessible("<tr><th> </th><th>a</th></tr>") == "<tr><td></td><th>a</th></tr>"
    assert finishing.accessible('<pre tabindex="0">a</pre>') == '<pre tabindex="0">a</pre>'


def test_languages_link_to_the_same_page(tmp_path):
    for language, pages in (("en", ("index", "a/b")), ("ar", ("index",))):
        for page in pages:
            path = tmp_path / language / f"{page}.html"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"<nav>{finishing.BEGIN}{finishing.END}</nav>", encoding="utf-8")
    finishing.link_languages(tmp_path)
    finishing.link_languages(tmp_path)  # a second time changes nothing
    deep = (tmp_path / "en/a/b.html").read_text(encoding="utf-8")
    assert '<a href="../../ar/index.html" lang="ar"' in deep  # Arabic has no such page
    assert deep.count("<li>") == 2 and deep.count("العربية") == 1
    home = (tmp_path / "ar/index.html").read_text(encoding="utf-8")
    assert '<a href="../en/index.html" lang="en"' in home
    assert broken_links(tmp_path) == []


def test_pages_in_another_language_say_what_they_are(tmp_path, monkeypatch):
    """A translated page carries the notice of its translation, an English one says so."""
    monkeypatch.setattr(staging.prose, "is_translated", lambda page, language: "05" in page)
    monkeypatch.setattr(staging.prose, "notice", lambda page, language: f"machine {page}")
    made = staging.stage(tmp_path / "source", None, "fr", "1.0")
    lesson, other = "lessons/05_degraded_land", "lessons/04_soil_organic_carbon"
    assert made.notices[lesson] == f"machine {lesson}" and lesson not in made.foreign
    assert made.notices[other] == tables.label("site.not_translated", "fr")
    assert {other, "VALIDATION", "CHANGELOG"} <= set(made.foreign)
    assert made.notices["index"] == tables.label("notice.machine_translation", "fr")
    english = staging.stage(tmp_path / "english", None, "en", "1.0")
    assert english.notices == {} and english.foreign == []
    assert not list((HOUSE / "lessons").rglob("*.mo"))


# ---- messages ----------------------------------------------------------------------------------


def test_what_is_missing_is_said(tmp_path, monkeypatch):
    pytest.importorskip("myst_nb", reason="the packages of the site are not installed")
    with pytest.raises(ValueError, match="found de; use some of en, fr"):
        site.build(outputs=tmp_path, languages=["de"])
    monkeypatch.setattr(builder, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="found no sphinx.*python workbook.py site"):
        site.build(outputs=tmp_path)


def test_a_build_that_stops_leaves_the_earlier_pages(tmp_path, monkeypatch):
    pytest.importorskip("myst_nb", reason="the packages of the site are not installed")
    earlier = tmp_path / "site/en/index.html"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("earlier", encoding="utf-8")

    def stop(source, target):
        raise RuntimeError("The pages could not be made.")

    monkeypatch.setattr(builder, "_sphinx", stop)
    with pytest.raises(RuntimeError):
        site.build(outputs=tmp_path, notebooks=tmp_path)
    assert earlier.read_text(encoding="utf-8") == "earlier"
    assert [path.name for path in (tmp_path / "site").iterdir()] == ["en"]


# ---- the whole site ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """English and Arabic pages; notebook 02 was run, the others are shown as they are."""
    home = tmp_path_factory.mktemp("site")
    source = next((HOUSE / "notebooks").glob("02_*.ipynb"))
    notebook = nbformat.read(source, as_version=4)
    notebook.cells += nbformat.read(run_notebook(home / "run.ipynb"), as_version=4).cells[2:]
    run = home / "notebooks" / source.name
    run.parent.mkdir()
    nbformat.write(notebook, run)
    return site.build(outputs=home, languages=["en", "ar"], notebooks=run.parent)


@needs_sphinx
@pytest.mark.slow
class TestTheSite:
    def test_nothing_is_to_mend(self, built):
        assert [made.remarks for made in built] == [[], []]
        books = {path.stem for path in (HOUSE / "notebooks").glob("[0-9]*.ipynb")}
        lessons = {path.stem for path in (HOUSE / "lessons").glob("*.md")}
        for made in built:
            assert {path.stem for path in (made.folder / "notebooks").glob("*.html")} == books
            assert {path.stem for path in (made.folder / "lessons").glob("*.html")} == lessons
            assert len(made.not_run) == len(books) - 1

    def test_links_lead_somewhere(self, built):
        assert broken_links(built[0].folder.parent) == []

    def test_nothing_is_loaded_from_a_network(self, built):
        assert loaded_from_a_network(built[0].folder.parent) == []

    def test_lessons_and_notebooks_lead_to_each_other(self, built):
        for path in (built[0].folder / "notebooks").glob("[0-9]*.html"):
            targets = read(path).xpath("//article//a/@href")
            assert any(target.startswith("../lessons/") for target in targets), path.name
        for page, other in (("lessons", "notebooks"), ("notebooks", "lessons")):
            path = next((built[0].folder / page).glob("02_*.html"))
            assert any(f"../{other}/02_" in target for target in read(path).xpath("//a/@href"))

    def test_every_picture_has_a_text(self, built):
        for made in built:
            for path in made.folder.rglob("*.html"):
                assert read(path).xpath("//img[not(@alt)]") == [], path

    def test_arabic_runs_from_right_to_left(self, built):
        english, arabic = (read(made.folder / "index.html") for made in built)
        assert (english.get("lang"), english.get("dir")) == ("en", "ltr")
        assert (arabic.get("lang"), arabic.get("dir")) == ("ar", "rtl")
        assert tables.label("site.by_form", "ar") in arabic.text_content()
        lesson = read(built[1].folder / "lessons/glossary.html")
        if "lessons/glossary" in built[1].foreign:
            (article,) = lesson.xpath("//article")
            assert (article.get("lang"), article.get("dir")) == ("en", "ltr")
            assert tables.label("site.not_translated", "ar") in lesson.text_content()

    def test_the_notices_stand_on_every_page(self, built):
        for made in built:
            for page in ("index.html", "lessons/glossary.html"):
                text = read(made.folder / page).text_content()
                for key in ("notice.synthetic", "site.boundaries", "site.licence"):
                    assert tables.label(key, made.language) in text

    def test_search_has_an_index_beside_the_pages(self, built):
        folder = built[0].folder
        assert "degrad" in (folder / "searchindex.js").read_text(encoding="utf-8")
        assert "searchindex.js" in (folder / "search.html").read_text(encoding="utf-8")

    def test_no_folder_of_the_machine_is_named(self, built):
        for made in built:
            for path in made.folder.rglob("*.html"):
                text = path.read_text(encoding="utf-8")
                assert "/home/ana" not in text and str(HOUSE) not in text, path

    def test_a_second_language_can_be_built_alone(self, built, tmp_path):
        shutil.copytree(built[0].folder.parent, tmp_path / "site")
        shutil.rmtree(tmp_path / "site/ar")
        finishing.link_languages(tmp_path / "site")
        assert "العربية" not in (tmp_path / "site/en/index.html").read_text(encoding="utf-8")
        assert broken_links(tmp_path / "site") == []
