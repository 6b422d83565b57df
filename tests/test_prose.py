"""Notebooks and lessons in other languages: nothing is lost, nothing but words changes."""

from __future__ import annotations

import importlib.util
import json
import re

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_anatomy import RULES, Notebook

from ldnkit import prose, tables
from ldnkit.labels import LANGUAGES, label
from ldnkit.prose import catalogues, checks, codewords, copies, pages
from ldnkit.prose.catalogues import Catalogue, Entry
from ldnkit.prose.markdown import BEFORE, Unit, is_row, rebuild, texts

#: Pages that have to be whole, by language.
COMPLETE = {language: tuple(catalogues.pages()) for language in ("fr", "es")}
RUN = "Run: python tests/tools/build_prose.py"
BEGUN = [
    (language, page)
    for language in LANGUAGES
    for page in catalogues.pages()
    if catalogues.path(page, language).is_file()
]
each_catalogue = pytest.mark.parametrize("language, page", BEGUN, ids=lambda part: part)


@pytest.fixture(scope="module")
def tool(house):
    path = house / "tests" / "tools" / "build_prose.py"
    spec = importlib.util.spec_from_file_location("build_prose", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ---- what a unit is ----------------------------------------------------------------------------

CELL = """\
## 2. Read a map

1. Click **here**.
- `"b"`: It [says](a.md) so.

| Name | Meaning |
|---|---|
| `x` | The first |
| 1 | 2 |

<details>
<summary>Show the solution</summary>

```python
answer = "Grassland"  # these words stay
```

</details>
$a = b$"""


def test_units_of_a_cell():
    found = [text for text, _ in texts(CELL)]
    assert found == [
        "Read a map",
        "Click **here**.",
        "It [says](a.md) so.",
        "| Name | Meaning |",
        "| `x` | The first |",
        "Show the solution",
    ]


def test_signs_and_code_stay():
    said = rebuild(CELL, lambda text, above: text.upper() if is_row(text) else "Mot.")
    lines = said.split("\n")
    assert lines[0] == "## 2. Mot." and lines[2] == "1. Mot." and lines[3] == '- `"b"`: Mot.'
    assert "<summary>Mot.</summary>" in lines and "| 1 | 2 |" in lines and "$a = b$" in lines
    assert 'answer = "Grassland"  # these words stay' in lines
    assert len(lines) == len(CELL.split("\n"))


def test_a_title_with_a_colon_stays_yaml():
    import yaml

    lesson = "---\ntitle: Land: a start\nminutes: 5\n---\n\n# 00 Land\n"
    said = rebuild(lesson, lambda text, above: "Terres : un début")
    assert yaml.safe_load(said.split("---")[1]) == {"title": "Terres : un début", "minutes": 5}
    assert said.endswith("# 00 Terres : un début\n")


@pytest.mark.parametrize("page", catalogues.pages())
def test_a_page_is_its_units_and_the_rest(page):
    """With the English words put in, every page is what it was."""
    path = catalogues.source(page)
    content = path.read_text(encoding="utf-8")
    markdown = [content]
    if path.suffix == ".ipynb":
        cells = json.loads(content)["cells"]
        markdown = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    assert [rebuild(text, lambda text, above: text) for text in markdown] == markdown
    assert sum(1 for text in markdown for _ in texts(text)) > 0


@given(st.text(alphabet='ab #-*|`\n<>.1)"', max_size=80))
def test_any_text_can_be_taken_apart(text):
    assert rebuild(text, lambda unit, above: unit) == text


# ---- what a translation has to keep ------------------------------------------------------------

GOOD = [
    ("See `x` in [02](02.ipynb).", "Voir `x` dans [02](02.ipynb)."),
    ("**Note:** it is +3.1 % of 6,873.99 km².", "**Note :** +3.1 % de 6,873.99 km²."),
    ("| Year | *km²* |", "| Année | *km²* |"),
    ("Table SO1-4.T2, 2000–2015, is 3 × 3.", "Le tableau SO1-4.T2, 2000–2015, est de 3 × 3."),
    ("It rains.", "下雨。"),
]
BAD = {
    "code": ("Run `x`.", "Exécutez `y`.", "inline code: `x` is missing; `y` is new"),
    "a link": ("[A](a.md) is so.", "[A](b.md) va.", "link targets"),
    "a number": ("It is 33.8 %.", "C’est 38.3 %.", "numbers: 33.8 is missing; 38.3 is new"),
    "a sign": ("It is −3 km.", "C’est 3 km.", "numbers"),
    "bold": ("It is **so** here.", "C’est **ainsi ici.", "bold"),
    "a column": ("| one | two |", "| un deux |", "1 columns in place of 2"),
    "a tag": ("<b>One</b> more.", "Un de plus.", "HTML"),
    "a heading": ("One word.", "# Un mot.", "a sign that makes a heading"),
    "a line": ("One word.", "Un mot.\n", "a line break"),
    "a table": ("Table SO1-4.T2 here.", "Le tableau SO1-4.T1 ici.", "SO1-4.T2 is missing"),
    "two sentences": ("It rains and we count.", "Il pleut. On compte.", "more than one sentence"),
    "digits": ("It is 2.", "إنه ٢.", "digits of another script"),
    "nothing": ("It rains.", " ", "it is empty"),
    "a formula": ("So $a = b$ holds.", "Donc $a = c$ vaut.", "formulas"),
}


@pytest.mark.parametrize("english, text", GOOD)
def test_good_translations(english, text):
    assert checks.faults(english, text) == []


@pytest.mark.parametrize("fault", BAD)
def test_faults_are_seen(fault):
    english, text, said = BAD[fault]
    assert said in "; ".join(checks.faults(english, text))


@pytest.mark.parametrize("page", catalogues.pages())
def test_english_has_no_fault_of_its_own(page):
    """Nobody can keep a line that breaks the rules already."""
    wrong = {unit.text: found for unit in prose.units(page)
             if (found := checks.faults(unit.text, unit.text))}  # fmt: skip
    assert not wrong


# ---- catalogues --------------------------------------------------------------------------------


def unit(text, place="why"):
    return Unit(f"02_land_cover:{place}", text)


def catalogue(*pairs, old=()):
    entries = [Entry(unit(english), said) for english, said in pairs]
    return Catalogue("notebooks/02_land_cover", "fr", entries, list(old))


def test_a_file_is_read_as_it_was_written():
    made = catalogue(('Say "x" \\ y.', 'Dites "x" \\ y.'), ("Nothing.", ""))
    made.entries.append(Entry(unit("New."), "Ancien.", fuzzy=True, earlier="Old."))
    made.old = [Entry(unit("Gone."), "Parti.")]
    made.reviewer = "Awa Diop"
    again = catalogues.parse(catalogues.as_text(made), made.page, made.language)
    assert (again.entries, again.old, again.reviewer) == (made.entries, made.old, made.reviewer)
    assert catalogues.as_text(again) == catalogues.as_text(made)


def test_the_header_says_who_made_it():
    text = catalogues.as_text(catalogue())
    assert "Drafted by machine and not reviewed" in text
    assert '"X-Reviewed-By: \\n"' in text
    assert catalogues.parse(text, "notebooks/02_land_cover", "fr").reviewer == ""


def test_an_update_loses_nothing():
    before = catalogue(
        ("It rains in the north of Landia.", "Il pleut dans le nord de Landia."),
        ("It moves.", "Il bouge."),
        ("It goes away.", "Il s’en va."),
    )
    now = [
        unit("It rains in the south of Landia."),
        unit("It moves.", "recap"),
        unit("Something new comes here."),
    ]
    after = prose.updated(before, now)
    changed, moved, new = after.entries
    assert changed.fuzzy and changed.text == "Il pleut dans le nord de Landia."
    assert changed.earlier == "It rains in the north of Landia." and changed.shown == ""
    assert moved == Entry(unit("It moves.", "recap"), "Il bouge.")
    assert new == Entry(unit("Something new comes here."))
    assert [entry.text for entry in after.old] == ["Il s’en va."]
    back = prose.updated(after, [entry.unit for entry in before.entries])
    assert [entry.text for entry in back.entries] == [entry.text for entry in before.entries]
    assert not any(entry.fuzzy for entry in back.entries) and not back.old
    assert prose.updated(after, now) == after


def test_unknown_pages_and_languages():
    with pytest.raises(KeyError, match="use for example notebooks/00_start_here"):
        catalogues.source("notebooks/00_start")
    with pytest.raises(KeyError, match="Unknown language: found 'de'"):
        prose.read("lessons/glossary", "de")


# ---- the translations that there are -----------------------------------------------------------


@each_catalogue
def test_every_line_has_its_entry(language, page):
    wanted = set(prose.units(page))
    found = {entry.unit for entry in prose.read(page, language).entries}
    assert found == wanted, f"{page} has changed. {RUN}"


@each_catalogue
def test_translations_keep_what_has_to_stay(language, page):
    wrong = [
        f"{entry.unit.context}: {entry.unit.text!r} -> {entry.text!r}: {'; '.join(found)}"
        for entry in prose.read(page, language).entries
        if entry.shown and (found := checks.faults(entry.unit.text, entry.text))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "language, page", [(one, page) for one, names in COMPLETE.items() for page in names]
)
def test_whole_pages_stay_whole(language, page):
    catalogue = prose.read(page, language)
    missing = [one.text for one in prose.units(page) if catalogue.said(one) is None]
    assert not missing, f"{len(missing)} lines of {page} have no {language}: {missing[:5]}. {RUN}"


@each_catalogue
def test_the_tool_has_nothing_to_do(language, page, tool):
    found = prose.read(page, language)
    now = catalogues.as_text(prose.updated(found, prose.units(page)))
    assert now == catalogues.path(page, language).read_text(encoding="utf-8"), RUN


def test_coverage():
    found = prose.coverage("fr").set_index("page")
    assert list(found.index) == catalogues.pages()
    whole = list(COMPLETE["fr"])
    assert (found.loc[whole, "percent"] == 100).all()
    assert prose.coverage()["language"].nunique() == 5
    assert prose.is_translated(whole[0], "fr") and prose.is_translated("lessons/glossary", "en")


# ---- pages in another language -----------------------------------------------------------------

NOTEBOOKS = [page for language, page in BEGUN if language == "fr" and page.startswith("notebooks")]
LESSONS = [page for language, page in BEGUN if language == "fr" and page.startswith("lessons")]


def formless(markdown: str) -> list[tuple]:
    """The signs of a markdown text without its words: how lines begin, columns, tags, fences."""
    lines = [line for line in markdown.split("\n") if line.strip()]
    return [(BEFORE.match(one)[0], one.count("|"), "</" in one, "```" in one) for one in lines]


def wordless(code: str) -> str:
    """Code with what it computes in place of what readers see."""
    parts, done = [], 0
    for piece in codewords.pieces(code):
        parts += [code[done : piece.start], *codewords.fields(piece.text)]
        done = piece.end
    return "".join([*parts, code[done:]])


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_a_notebook_changes_in_nothing_but_words(page):
    path = catalogues.source(page)
    before, after = nbformat.read(path, 4), prose.translated_notebook(path, "fr", notices=False)
    assert [cell.id for cell in after.cells] == [cell.id for cell in before.cells]
    for old, new in zip(before.cells, after.cells, strict=True):
        if old.cell_type == "code":
            assert wordless(new.source) == wordless(old.source), old.id
            assert new | {"source": ""} == old | {"source": ""}
        elif "solution" not in old.id:
            assert formless(new.source) == formless(old.source), old.id
        assert new.metadata == old.metadata


def problems(path, content=None):
    """What the linter of the notebooks says."""
    notebook = Notebook(path, content or json.loads(path.read_text(encoding="utf-8")))
    return [said for rule in RULES for said in rule(notebook)]


@pytest.mark.parametrize("page", NOTEBOOKS)
def test_the_anatomy_holds_in_french(page):
    path = catalogues.source(page)
    content = json.loads(nbformat.writes(prose.translated_notebook(path, "fr")))
    assert set(problems(path, content)) <= set(problems(path))


@pytest.mark.parametrize("page", LESSONS)
def test_a_lesson_changes_in_nothing_but_words(page):
    path = catalogues.source(page)
    before, after = (
        path.read_text(encoding="utf-8"),
        prose.translated_page(path, "fr", notices=False),
    )
    assert formless(after) == formless(before)


def test_readers_are_told(monkeypatch):
    page = "notebooks/00_start_here"
    path = catalogues.source(page)
    whole = Catalogue(page, "fr", [Entry(one, one.text) for one in prose.units(page)])
    monkeypatch.setattr(catalogues, "read", lambda page, language: whole)
    title = prose.translated_notebook(path, "fr").cells[0].source
    lines = [line for line in title.split("\n") if line.startswith("> ")]
    assert " ".join(line[2:] for line in lines) == label("prose.machine", "fr")
    assert len(lines) == 2 and label("prose.partial", "fr") not in title
    assert prose.notice(page, "en") == ""
    whole.reviewer = "Awa Diop"
    assert prose.notice(page, "fr") == ""
    some = Catalogue(page, "fr", whole.entries[:9])
    monkeypatch.setattr(catalogues, "read", lambda page, language: some)
    said = prose.notice(page, "fr")
    assert said == f"{label('prose.machine', 'fr')} {label('prose.partial', 'fr')}"


def test_lines_without_a_translation_stay_english(monkeypatch):
    page = "notebooks/00_start_here"
    units = prose.units(page)
    some = Catalogue(page, "ar", [Entry(units[0], "ابدأ هنا")])
    monkeypatch.setattr(catalogues, "read", lambda page, language: some)
    title, card = prose.translated_notebook(catalogues.source(page), "ar").cells[:2]
    assert title.source.startswith('<div dir="rtl">\n\n# 00 ابدأ هنا\n\n> ')
    assert units[1].text in title.source and title.source.endswith("\n\n</div>")
    assert card.source == nbformat.read(catalogues.source(page), 4).cells[1].source


def test_code_in_arabic_runs_from_left_to_right():
    said = pages._directed("نص\n\n```python\nanswer = 1\n```\n")
    assert '<div dir="ltr">\n\n```python\nanswer = 1\n```\n\n</div>' in said
    assert pages.undirected(said) == "نص\n\n```python\nanswer = 1\n```\n"
    assert pages.undirected("نص") == "نص"


def test_an_answer_is_a_label_of_the_language():
    path = catalogues.source("notebooks/00_start_here")
    cells = {cell.id: cell.source for cell in prose.translated_notebook(path, "fr").cells}
    assert f'answer = "{label("land_cover.grassland", "fr")}"' in cells["ex-1-solution"]
    assert f'`answer = "{label("land_cover.wetland", "fr")}"`' in cells["ex-1"]
    assert '`answer = "a"`' in cells["ex-3"]
    assert 'answer = "b"' in cells["ex-3-solution"] and "answer = 1.5" in cells["ex-2-solution"]


def test_an_executed_copy_keeps_its_outputs(tmp_path):
    path = catalogues.source("notebooks/00_start_here")
    node = nbformat.read(path, 4)
    node.cells[4].outputs = [nbformat.v4.new_output("stream", text="6")]
    copy = tmp_path / path.name
    nbformat.write(node, copy)
    said = prose.translated_notebook(copy, "fr")
    assert said.cells[4].outputs[0].text == "6"
    assert said.cells[0].source != node.cells[0].source


# ---- a workbook in another language ------------------------------------------------------------


def test_write(tmp_path):
    made = prose.write("fr", tmp_path / "workbook", outputs=tmp_path / "outputs")
    assert len(made.notebooks) + len(made.lessons) == len(catalogues.pages()) and not made.kept
    first = nbformat.read(made.notebooks[0], 4)
    parameters = next(cell.source for cell in first.cells if cell.id == "parameters")
    assert '\nlanguage = "fr"  # type: str' in parameters
    assert '\noutputs = "../../outputs"  # type: str' in parameters
    for path in made.notebooks:
        english = catalogues.HOUSE / "notebooks" / path.name
        assert set(problems(path)) <= set(problems(english)), "only faults of the English text"
    for path in made.lessons:
        home = catalogues.HOUSE / path.relative_to(made.folder).parent
        for target in re.findall(r"\]\(([^):#]+)", path.read_text(encoding="utf-8")):
            if (home / target).exists():
                assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_work_of_people_is_kept(tmp_path):
    made = prose.write("fr", tmp_path)
    mine, other = made.notebooks[0], made.notebooks[1]
    mine.write_text(mine.read_text(encoding="utf-8") + " ", encoding="utf-8")
    other.unlink()
    again = prose.write("fr", tmp_path)
    assert again.kept == [mine] and mine.read_text(encoding="utf-8").endswith("\n ")
    assert other.is_file()
    assert prose.write("fr", tmp_path, renew=True).kept == []
    assert not mine.read_text(encoding="utf-8").endswith("\n ")


def test_the_workbook_itself_is_never_written(house):
    with pytest.raises(ValueError, match="must stay"):
        prose.write("fr", house)
    with pytest.raises(KeyError, match="Unknown language"):
        prose.write("de", house / "outputs" / "workbook_de")


def test_only_values_of_parameters_change():
    code = 'language = "en"  # type: str\noutputs = "../outputs"\nyear = 2000\nmy_language = "en"'
    said = copies._with_values(code, {"language": "fr", "outputs": "../.."})
    assert (
        said == 'language = "fr"  # type: str\noutputs = "../.."\nyear = 2000\nmy_language = "en"'
    )


@pytest.mark.slow
def test_a_french_notebook_runs_and_its_solutions_are_right(
    landia_outputs, landia_results, tmp_path, monkeypatch
):
    from test_solutions import with_solutions

    from ldnkit.runner import execute

    made = prose.write("fr", tmp_path / "workbook", outputs=landia_outputs)
    content, solved = with_solutions(made.notebooks[0])
    path = tmp_path / "workbook" / "notebooks" / "00_solved.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    progress = tmp_path / "progress.csv"
    monkeypatch.setenv("LDNKIT_STRICT", "1")
    monkeypatch.setenv("LDNKIT_PROGRESS", str(progress))
    parameters = {"country": "landia", "language": "fr", "outputs": str(landia_outputs)}
    outcome = execute(path, tmp_path / "executed.ipynb", parameters)
    assert outcome.state == "done", str(outcome)
    rows = progress.read_text(encoding="utf-8")
    assert all(f"00-{number.removeprefix('ex-')}" in rows for number in solved)
    assert ",wrong" not in rows


# ---- the tool ----------------------------------------------------------------------------------


def test_the_tool_begins_updates_and_signs(tool, tmp_path, monkeypatch):
    monkeypatch.setattr(catalogues, "HOME", tmp_path)
    page = "lessons/glossary"
    monkeypatch.setattr(catalogues, "pages", lambda: [page])
    assert tool.build() == []
    assert tool.build(["es"], begin=True) == [f"es {page}"]
    assert tool.build() == []
    with pytest.raises(ValueError, match="lines without a translation"):
        tool.sign(page, "es", "Ana")
    whole = prose.read(page, "es")
    whole.entries = [Entry(entry.unit, "Palabra.") for entry in whole.entries]
    catalogues.write(whole)
    tool.sign(page, "es", "Ana")
    assert prose.read(page, "es").reviewer == "Ana" and prose.notice(page, "es") == ""


# ---- the glossary ------------------------------------------------------------------------------


def test_terms_are_in_six_languages():
    table = tables.read("glossary")
    assert list(table.columns) == ["key", *LANGUAGES, "reviewed", "source"]
    assert table["key"].is_unique and table["key"].str.fullmatch(r"[a-z0-9_]+").all()
    for language in LANGUAGES:
        assert (table[language].str.strip() == table[language]).all()
        assert (table[language] != "").all(), language
    assert set(table["reviewed"]) <= {"no", "yes"} and (table["source"] != "").all()


def test_terms_are_those_of_the_lessons(house):
    page = (house / "lessons" / "glossary.md").read_text(encoding="utf-8")
    terms = {line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")}
    assert len(terms & set(tables.read("glossary")["en"])) >= 80


def test_the_glossary_as_a_table():
    lines = prose.glossary("fr").splitlines()
    assert lines[:2] == ["| English | Français |", "|---|---|"]
    assert "| land cover | Couverture végétale |" in lines
    assert {line.count("|") for line in prose.glossary("en").splitlines()} == {7}
    with pytest.raises(KeyError, match="Unknown language"):
        prose.glossary("de")
