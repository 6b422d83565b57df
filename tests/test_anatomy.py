"""The linter of the notebooks: each has the same anatomy, so that people find their way.

A rule is a function from a notebook to the sentences that say what is wrong with it.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((HOUSE / "notebooks").glob("*.ipynb"))
REQUIRED = (
    "title",
    "card",
    "why",
    "parameters-help",
    "parameters",
    "setup",
    "load",
    "look",
    "report",
    "own-data",
    "recap",
    "next",
    "provenance",
)
COMMON_PARAMETERS = ["country", "language", "outputs"]
MOST_CELLS, MOST_LINES, FEWEST_EXERCISES = 40, 12, 2
RULES = []


@dataclass(frozen=True)
class Notebook:
    """A notebook as read from disk, and where it stands."""

    path: Path
    content: dict

    @property
    def cells(self):
        return self.content["cells"]

    def of_type(self, cell_type):
        return [cell for cell in self.cells if cell["cell_type"] == cell_type]

    def cell(self, cell_id):
        return next((cell for cell in self.cells if cell.get("id") == cell_id), None)


def rule(function):
    """Put a function on the list of rules."""
    RULES.append(function)
    return function


def text(cell) -> str:
    return "".join(cell["source"])


def prose(cell) -> str:
    """Markdown without code, comments and link targets."""
    without_blocks = re.sub(r"^```.*?^```", "", text(cell), flags=re.DOTALL | re.MULTILINE)
    without_comments = re.sub(r"<!--.*?-->", "", without_blocks, flags=re.DOTALL)
    return re.sub(r"\]\([^)]*\)", "]", re.sub(r"`[^`\n]*`", "code", without_comments))


@rule
def has_the_required_cells(notebook):
    ids = [cell.get("id") for cell in notebook.cells]
    missing = [name for name in REQUIRED if name not in ids]
    if missing:
        yield f"cells are missing: {', '.join(missing)}"
    if not any(str(name).startswith(("map", "chart")) for name in ids):
        yield "there is no cell whose id begins with map or chart"
    order = [name for name in ids if name in REQUIRED]
    if not missing and order != list(REQUIRED):
        yield f"the cells stand in another order than {', '.join(REQUIRED)}"


@rule
def has_exercises(notebook):
    ids = {str(cell.get("id")) for cell in notebook.cells}
    numbers = {found[1] for name in ids if (found := re.match(r"ex-(\d+)(-|$)", name))}
    if len(numbers) < FEWEST_EXERCISES:
        yield f"there are {len(numbers)} exercises; at least {FEWEST_EXERCISES} are needed"
    for number in sorted(numbers):
        for name in (f"ex-{number}", f"ex-{number}-answer", f"ex-{number}-solution"):
            if name not in ids:
                yield f"exercise {number} has no cell {name}"
        answer = notebook.cell(f"ex-{number}-answer")
        if answer and (answer["cell_type"] != "code" or "check(" not in text(answer)):
            yield f"ex-{number}-answer is not a code cell that calls check()"
        solution = notebook.cell(f"ex-{number}-solution")
        if solution and "<details>" not in text(solution):
            yield f"ex-{number}-solution is not folded in <details>"


@rule
def is_short(notebook):
    if len(notebook.cells) > MOST_CELLS:
        yield f"{len(notebook.cells)} cells; at most {MOST_CELLS}"
    for cell in notebook.of_type("code"):
        lines = text(cell).strip().count("\n") + 1
        if lines > MOST_LINES:
            yield f"cell {cell.get('id')} has {lines} lines; at most {MOST_LINES}"


@rule
def has_no_outputs(notebook):
    for cell in notebook.of_type("code"):
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield f"cell {cell.get('id')} has outputs: clear them (nbstripout --keep-id)"
    if "widgets" in notebook.content["metadata"]:
        yield "the notebook holds the state of widgets: clear it"


@rule
def has_readable_unique_ids(notebook):
    counted = Counter(cell.get("id") for cell in notebook.cells)
    for name, times in counted.items():
        if times > 1:
            yield f"the id {name} stands at {times} cells"
        if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", str(name)) or len(str(name)) > 40:
            yield f"the id {name} is not small words joined by hyphens"
        elif re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}.*)?", name) and re.search(r"\d", name):
            yield f"the id {name} was made by a machine: give it a name"


@rule
def has_one_title_with_its_number(notebook):
    number = notebook.path.name[:2]
    tops = [
        (cell.get("id"), line)
        for cell in notebook.of_type("markdown")
        for line in prose(cell).splitlines()
        if line.startswith("# ")
    ]
    if [where for where, _ in tops] != ["title"]:
        yield f"a '# ' heading stands in {[where for where, _ in tops]}; only title has one"
    elif not tops[0][1].startswith(f"# {number} "):
        yield f"the title does not begin with '# {number} '"


@rule
def does_not_skip_heading_levels(notebook):
    above = 0
    for cell in notebook.of_type("markdown"):
        for marks in re.findall(r"^(#+) ", prose(cell), flags=re.MULTILINE):
            if len(marks) > above + 1:
                yield f"cell {cell.get('id')}: a heading goes from level {above} to {len(marks)}"
            above = len(marks)


@rule
def has_one_sentence_per_line(notebook):
    for cell in notebook.of_type("markdown"):
        for line in prose(cell).splitlines():
            bare = re.sub(r"^[\s>]*([-*]|\d+\.|#+)?\s*", "", line)
            bare = re.sub(r"^\d\d?[.)] ", "", bare)
            if line.lstrip().startswith("|"):
                continue
            if re.search(r"[a-z0-9)%»”\"*_][.!][*_)»”\"]* +[A-ZÀ-Ý«“\"*_(\[]", bare):
                yield f"cell {cell.get('id')}: more than one sentence in a line: {bare[:60]} …"


@rule
def has_plain_code(notebook):
    for cell in notebook.of_type("code"):
        name = cell.get("id")
        try:
            tree = ast.parse(text(cell))
        except SyntaxError as error:
            yield f"cell {name} is not plain Python (a magic, or a mistake): {error.msg}"
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
                yield f"cell {name} defines a function: put it into the package"
            if isinstance(node, ast.ImportFrom) and any(one.name == "*" for one in node.names):
                yield f"cell {name} imports *"
        if re.search(r"sys\.path|pip install|os\.system|subprocess|get_ipython", text(cell)):
            yield f"cell {name} changes the environment (sys.path, pip, a shell)"


@rule
def has_plain_parameters(notebook):
    tagged = [cell for cell in notebook.cells if "parameters" in cell["metadata"].get("tags", [])]
    if [cell.get("id") for cell in tagged] != ["parameters"]:
        yield "the cell with the id parameters, and only it, needs the tag parameters"
        return
    try:
        lines = ast.parse(text(tagged[0])).body
        values = [(line.targets[0].id, ast.literal_eval(line.value)) for line in lines]
    except (SyntaxError, AttributeError, ValueError):
        yield "the parameters are not all 'name = value' with plain values"
        return
    if [name for name, _ in values[:3]] != COMMON_PARAMETERS:
        yield f"the parameters do not begin with {', '.join(COMMON_PARAMETERS)}"
    for name, value in values:
        plain = str if name in COMMON_PARAMETERS else (str, int, float)
        if not isinstance(value, plain):
            yield f"the parameter {name} is {value!r}, not a plain value"


@rule
def explains_each_parameter(notebook):
    cell, explained = notebook.cell("parameters"), notebook.cell("parameters-help")
    if not cell or not explained:
        return
    for name in re.findall(r"^(\w+) *=", text(cell), flags=re.MULTILINE):
        if f"`{name}`" not in text(explained):
            yield f"parameters-help does not explain `{name}`"


@rule
def has_links_that_lead_somewhere(notebook):
    for cell in notebook.of_type("markdown"):
        for alternative, target in re.findall(r"(!?\[[^\]]*\])\(([^)\s]+)[^)]*\)", text(cell)):
            if alternative.startswith("!") and len(alternative) < 8:
                yield f"cell {cell.get('id')}: the image {target} has no text for the blind"
            if re.match(r"(https?:|mailto:|#)", target):
                continue
            if not (notebook.path.parent / target.split("#")[0]).exists():
                yield f"cell {cell.get('id')}: the link {target} leads nowhere"
        for image in re.findall(r"<img[^>]*>", text(cell)):
            if not re.search(r'alt="[^"]{4,}"', image):
                yield f"cell {cell.get('id')}: an image has no text for the blind"
        if cell.get("attachments"):
            yield f"cell {cell.get('id')}: pictures belong into files, not into the cell"


@rule
def has_a_lesson(notebook):
    number = notebook.path.name[:2]
    lessons = sorted((HOUSE / "lessons").glob(f"{number}_*.md"))
    if len(lessons) != 1:
        yield f"there are {len(lessons)} lessons with the number {number}; one is needed"
    elif not any(lessons[0].name in text(cell) for cell in notebook.of_type("markdown")):
        yield f"no cell links to lessons/{lessons[0].name}"


@rule
def knows_no_machine(notebook):
    for cell in notebook.cells:
        found = re.search(r"""(["'(\s])(/(?!/)[A-Za-z]\w+/|[A-Za-z]:\\|~/)[^"')\s]*""", text(cell))
        if found and cell["cell_type"] == "code":
            yield f"cell {cell.get('id')} has an absolute path: {found[0].strip()}"
        if re.search(r"/(home|Users|root)/|[A-Z]:\\", text(cell)):
            yield f"cell {cell.get('id')} has a path of one machine"


@rule
def is_a_current_python_notebook(notebook):
    content = notebook.content
    if (content["nbformat"], content["nbformat_minor"]) < (4, 5):
        yield "the format is older than 4.5 and has no cell ids"
    if content["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield "the kernel is not python3"
    if not re.fullmatch(r"\d\d_[a-z0-9_]+\.ipynb", notebook.path.name):
        yield "the file is not named NN_small_words.ipynb"


def problems(notebook) -> list[str]:
    """Everything that is wrong with a notebook."""
    return [f"{notebook.path.name}: {said}" for one in RULES for said in one(notebook)]


def test_there_are_notebooks():
    assert NOTEBOOKS, "the folder notebooks holds no notebook"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_anatomy(path):
    notebook = Notebook(path, json.loads(path.read_text(encoding="utf-8")))
    found = problems(notebook)
    assert not found, "\n" + "\n".join(found)


# ---- the linter itself: a good notebook passes, and each fault is seen ----


def markdown(name, source):
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": source}


def code(name, source, tags=()):
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"tags": list(tags)},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def good_notebook(folder):
    """The smallest notebook without a fault; its number is that of the first lesson."""
    lesson = sorted((HOUSE / "lessons").glob("[0-9]*.md"))[0]
    number = lesson.name[:2]
    (folder / "lessons").mkdir()
    (folder / "lessons" / lesson.name).write_text("# Lesson", encoding="utf-8")
    (folder / "notebooks").mkdir()
    cells = [
        markdown("title", f"# {number} A title"),
        markdown("card", "| Time | Level |\n|---|---|\n| 10. Yes. No. | easy |"),
        markdown("why", f"Read the [lesson](../lessons/{lesson.name}).\nWhat do you expect?"),
        markdown("parameters-help", "`country`, `language`, `outputs`: keep them."),
        code("parameters", "country = 'a'\nlanguage = 'en'\noutputs = 'outputs'", ["parameters"]),
        code("setup", "import ldnkit"),
        code("load", "opened = ldnkit.open_country(country)"),
        code("look", "opened"),
        markdown("map-title", "## 1. A map"),
    ]
    for exercise in (1, 2):
        cells += [
            markdown(f"ex-{exercise}", "Your turn, e.g. here."),
            code(f"ex-{exercise}-answer", "answer = None\ncheck('a', answer, expected=1)"),
            markdown(f"ex-{exercise}-solution", "<details>\n\nOne.\n</details>"),
        ]
    cells += [
        code("report", "1"),
        *(markdown(name, "Text.") for name in ("own-data", "recap", "next")),
        code("provenance", "1"),
    ]
    content = {
        "cells": cells,
        "metadata": {"kernelspec": {"name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return Notebook(folder / "notebooks" / f"{number}_a_title.ipynb", content)


def test_a_good_notebook_has_no_problem(tmp_path):
    assert problems(good_notebook(tmp_path)) == []


FAULTS = {
    "a cell is missing": ("recap", {"id": "something"}, "cells are missing: recap"),
    "an id twice": ("look", {"id": "load"}, "stands at 2 cells"),
    "a machine's id": ("map-title", {"id": "a1b2c3d4"}, "made by a machine"),
    "a second title": ("why", {"source": "# Why"}, "only title has one"),
    "a wrong number": ("title", {"source": "# 99 A title"}, "does not begin with"),
    "no exercise": ("ex-2", {"id": "text"}, "no cell ex-2"),
    "an open solution": ("ex-1-solution", {"source": "One."}, "not folded"),
    "no check": ("ex-1-answer", {"source": "answer = 1"}, "calls check()"),
    "two sentences": ("why", {"source": "It rains. We count."}, "more than one sentence"),
    "two bold sentences": ("why", {"source": "**It rains.** We count."}, "more than one sentence"),
    "a function": ("look", {"source": "def see():\n    pass"}, "defines a function"),
    "a lambda": ("look", {"source": "see = lambda: 1"}, "defines a function"),
    "a magic": ("look", {"source": "%matplotlib inline"}, "not plain Python"),
    "a shell": ("look", {"source": "!ls"}, "not plain Python"),
    "a path": ("look", {"source": "open('/data/file.tif')"}, "absolute path"),
    "a Windows path": ("look", {"source": r"open('C:\\file.tif')"}, "absolute path"),
    "the search path": ("setup", {"source": "import sys\nsys.path"}, "changes the environment"),
    "a star": ("setup", {"source": "from ldnkit import *"}, "imports *"),
    "a long cell": ("look", {"source": "1\n" * 13}, "13 lines"),
    "an output": ("look", {"outputs": [{"output_type": "stream"}]}, "has outputs"),
    "a count": ("look", {"execution_count": 3}, "has outputs"),
    "no tag": ("parameters", {"metadata": {}}, "needs the tag"),
    "a list": ("parameters", {"source": "country = ['a']\nlanguage = 'b'\noutputs = 'c'"}, "plain"),
    "logic": ("parameters", {"source": "country = 'a' if 1 else 'b'"}, "plain values"),
    "another order": ("parameters", {"source": "language = 'en'"}, "do not begin with"),
    "not explained": ("parameters-help", {"source": "Keep them."}, "does not explain `country`"),
    "a dead link": ("next", {"source": "[there](nowhere.ipynb)"}, "leads nowhere"),
    "no lesson": ("why", {"source": "Why?"}, "no cell links to lessons"),
    "no text": ("why", {"source": "![](https://example.org/a.png)"}, "no text for the blind"),
    "a skipped level": ("map-title", {"source": "### A map"}, "goes from level 1 to 3"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_seen(fault, tmp_path):
    name, change, said = FAULTS[fault]
    good = good_notebook(tmp_path)
    bad = copy.deepcopy(good.content)
    next(cell for cell in bad["cells"] if cell["id"] == name).update(change)
    assert any(said in problem for problem in problems(Notebook(good.path, bad)))


def test_too_many_cells_are_seen(tmp_path):
    good = good_notebook(tmp_path)
    more = [markdown(f"more-{number}", "Text.") for number in range(40)]
    bad = good.content | {"cells": good.cells + more}
    assert any("at most 40" in said for said in problems(Notebook(good.path, bad)))
