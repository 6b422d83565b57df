"""Parts of the course in a real browser: the matrix, other languages, a slow line, no mouse."""

import json
import time

import pytest
from test_browser import (  # noqa: F401  (fixtures)
    ERRORS,
    GO_TO,
    REPOSITORY,
    RUN_ALL,
    SHUT_DOWN,
    WAITING,
    browser,
    lab,
    opened,
    pictures,
    place_cell,
    shown,
)

pytestmark = pytest.mark.browser

FOLDER = REPOSITORY / "notebooks"
MATRIX = FOLDER / "02_land_cover.ipynb"
START = FOLDER / "00_start_here.ipynb"
DEGRADED = FOLDER / "05_degraded_land.ipynb"
#: A line as of a 4G telephone: bytes per second, and milliseconds to the server and back.
TELEPHONE = {"downloadThroughput": 200_000, "uploadThroughput": 93_750, "latency": 150}
#: The map of a notebook must be there within this time on such a line.
MOST_SECONDS = 180

SOURCE = """([id, source]) => { window.jupyterapp.shell.currentWidget.content.widgets
  .find(cell => cell.model.id === id).model.sharedModel.setSource(source); }"""

TEXT_OF = """id => window.jupyterapp.shell.currentWidget.content.widgets
  .find(cell => cell.model.id === id).model.sharedModel.getOutputs()
  .map(output => output.text || (output.data || {})["text/plain"] || "").flat().join("")"""

ACTIVE = """() => { const book = window.jupyterapp.shell.currentWidget.content;
  return book.activeCell.model.id; }"""

COUNT = """id => window.jupyterapp.shell.currentWidget.content.widgets
  .find(cell => cell.model.id === id).model.executionCount"""


@pytest.fixture
def leaving():
    """Pages that are closed after the test, with their kernels."""
    pages = []
    yield pages.append
    for page in pages:
        page.evaluate(SHUT_DOWN)
        page.close()


def until(page, ready, what, *, seconds=30):
    """Wait until something shown by the kernel is there."""
    for _ in range(4 * seconds):
        if ready():
            return
        page.wait_for_timeout(250)
    raise AssertionError(what)


# ------------------------------------------------------------------------------ the matrix
def test_the_matrix_is_changed_by_hand(browser, lab, pictures, leaving):  # noqa: F811
    page, foreign = opened(browser, lab, MATRIX, "1280x720")
    leaving(page)
    page.set_default_timeout(30_000)
    assert page.evaluate(ERRORS) == [] and page.evaluate(WAITING) == []
    box = place_cell(page, "step-6-do")
    grid = box.locator(".ldnkit-grid")
    assert grid.locator("button").count() == 49
    effect = box.locator(".ldnkit-said[role=status]").first
    before = effect.inner_text()
    assert "453.50" in before and "0 of 49" in before
    page.screenshot(path=pictures / "02-matrix.png")

    # a click on a cell, then the sign from its list
    cell = grid.locator("button[title^='Cropland → Grassland']")
    assert cell.inner_text() == "− Withdrawal of agriculture"
    cell.click()
    first, last = box.get_by_label("From (class"), box.get_by_label("To (class")
    sign = box.get_by_label("Sign", exact=True)
    process = box.get_by_label("Process", exact=True)
    until(page, lambda: process.input_value() == "Withdrawal of agriculture", "the lists")
    chosen = [menu.input_value() for menu in (first, last, sign)]
    assert chosen == ["Cropland", "Grassland", "Degradation (−)"]
    sign.select_option("Stable (0)")
    until(page, lambda: "320.08" in effect.inner_text(), "the table did not follow")
    assert "-133.42" in effect.inner_text() and cell.inner_text() == "● 0"
    page.screenshot(path=pictures / "02-matrix-changed.png")
    effect.evaluate("table => table.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(500)
    page.screenshot(path=pictures / "02-matrix-tables.png")
    told = box.locator(".ldnkit-said li", has_text="Say in the comments of the form")
    until(page, lambda: told.count() == 1, "the finding is not there")

    # without the mouse: from wetland to cropland, own words
    first.focus()
    page.keyboard.type("Wet")
    page.keyboard.press("Tab")
    page.keyboard.type("Crop")
    page.keyboard.press("Tab")
    until(page, lambda: "Wetland → Cropland" in box.inner_text(), "the lists choose the cell")
    page.keyboard.press("Tab")
    page.keyboard.type("Other")
    page.keyboard.press("Tab")
    own = box.get_by_label("Process in your own words")
    own.wait_for(state="visible")
    own.focus()
    page.keyboard.type("salt crusts")
    page.keyboard.press("Tab")
    own_cell = grid.locator("button[title^='Wetland → Cropland']")
    until(page, lambda: own_cell.inner_text() == "● − salt crusts", "the own words are not there")

    box.get_by_role("button", name="Save the matrix").press("Enter")
    until(page, lambda: "Written: transition_matrix.csv." in box.inner_text(), "not written")
    box.get_by_role("button", name="Back to the UNCCD default").press("Enter")
    until(page, lambda: effect.inner_text() == before, "the default did not come back")
    box.get_by_role("button", name="Undo").click()
    until(page, lambda: "320.08" in effect.inner_text(), "undo")

    # the exercise accepts what the table says, and the report follows the editor
    page.evaluate(GO_TO, "ex-2-answer")
    source = code_of(MATRIX, "ex-2-answer").replace("answer = ...", "answer = 320.08")
    page.evaluate(SOURCE, ["ex-2-answer", source])
    run_cells(page, "ex-2-answer", "report")
    assert "Right." in page.evaluate(TEXT_OF, "ex-2-answer")
    assert "2 of 49" in page.evaluate(TEXT_OF, "report")
    page.screenshot(path=pictures / "02-report.png")
    assert foreign == []


def code_of(notebook, cell):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "".join(next(each["source"] for each in cells if each["id"] == cell))


def run_cells(page, *names):
    for name in names:
        page.evaluate(GO_TO, name)
        page.evaluate("async () => window.jupyterapp.commands.execute('notebook:run-cell')")


# --------------------------------------------------------------------------- languages
@pytest.mark.parametrize("language", ["fr", "ar"])
def test_another_language(browser, lab, pictures, leaving, language):  # noqa: F811
    from ldnkit import tables

    page, foreign = opened(browser, lab, MATRIX, "1280x720", run=False)
    leaving(page)
    parameters = code_of(MATRIX, "parameters").replace('"en"', f'"{language}"', 1)
    page.evaluate(SOURCE, ["parameters", parameters])
    page.evaluate(RUN_ALL)
    page.set_default_timeout(30_000)
    assert page.evaluate(ERRORS) == [] and page.evaluate(WAITING) == []
    side = "rtl" if language == "ar" else "ltr"

    box, _ = shown(page, "map")
    legend = box.locator(".ldnkit-panel .ldnkit-legend").first
    word = tables.label("degradation.degraded", language)
    assert word in box.locator(".ldnkit-panel").inner_text()
    assert legend.evaluate("legend => getComputedStyle(legend).direction") == side
    page.screenshot(path=pictures / f"02-map-{language}.png")

    box = place_cell(page, "step-6-do")
    table = box.locator(".ldnkit-said table").first
    table.evaluate("table => table.scrollIntoView({block: 'center'})")
    assert table.evaluate("table => getComputedStyle(table).direction") == side
    assert word in table.inner_text()
    page.wait_for_timeout(500)
    page.screenshot(path=pictures / f"02-table-{language}.png")
    process = tables.label("process.deforestation", language)
    assert box.locator(".ldnkit-grid button", has_text=process).count() == 2
    box.locator(".ldnkit-grid").evaluate("grid => grid.scrollIntoView({block: 'start'})")
    page.wait_for_timeout(500)
    page.screenshot(path=pictures / f"02-matrix-{language}.png")
    assert foreign == []


# ------------------------------------------------------------------------- a slow line
def test_on_a_telephone_line(browser, lab, pictures, record_property):  # noqa: F811
    """The first notebook brings JupyterLab with it; the next one finds it in the browser."""
    visitor = browser.new_context(viewport={"width": 1280, "height": 720})
    for notebook in (START, DEGRADED):
        page = visitor.new_page()
        line = visitor.new_cdp_session(page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", TELEPHONE | {"offline": False})
        page.set_default_timeout(1000 * MOST_SECONDS)
        begin = time.perf_counter()
        page.goto(f"{lab}/lab/workspaces/slow/tree/{notebook.name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        there = time.perf_counter() - begin
        page.evaluate(RUN_ALL)
        _, image = shown(page, "map")
        seconds = time.perf_counter() - begin
        page.screenshot(path=pictures / f"{notebook.stem}-telephone.png")
        print(f"\n{notebook.stem} on a 1.6 Mbit/s line: open {there:.0f} s, map {seconds:.0f} s")
        record_property(f"{notebook.stem}_open", there)
        record_property(f"{notebook.stem}_map", seconds)
        assert page.evaluate(ERRORS) == []
        assert image.evaluate("image => image.naturalWidth") > 10
        assert seconds < MOST_SECONDS
        page.evaluate(SHUT_DOWN)
    visitor.close()


# ---------------------------------------------------------------------------- no mouse
def test_without_a_mouse(browser, lab, pictures, leaving):  # noqa: F811
    """Cells are run with Shift+Enter; the answer is typed; the map is moved with its lists."""
    page, foreign = opened(browser, lab, START, "1280x720", run=False)
    leaving(page)
    page.set_default_timeout(60_000)
    keys = page.keyboard
    page.evaluate("() => window.jupyterapp.shell.currentWidget.activate()")
    keys.press("Escape")
    names = [name for name, _ in cells_of(START)]
    goal = names.index("ex-1-answer")
    steps = 0
    while names.index(page.evaluate(ACTIVE)) < goal:
        keys.press("Shift+Enter")
        page.wait_for_timeout(120)
        steps += 1
        assert steps <= goal + 2, "Shift+Enter does not go on"
    done = [name for name, kind in cells_of(START)[:goal] if kind == "code"]
    until(page, lambda: page.evaluate(COUNT, done[-1]), "the cells did not run", seconds=120)
    assert page.evaluate(ERRORS) == []

    # into the cell, to its first line, the dots away, the answer in
    keys.press("Enter")
    for key in ("Control+Home", "End", "Backspace", "Backspace", "Backspace"):
        keys.press(key)
    keys.type('"Grassland"')
    keys.press("Shift+Enter")
    until(page, lambda: page.evaluate(TEXT_OF, "ex-1-answer"), "no answer of the check")
    page.wait_for_timeout(300)
    page.screenshot(path=pictures / "00-keyboard.png")
    assert "Right." in page.evaluate(TEXT_OF, "ex-1-answer")

    # the layers of the map are reached with the tab key and chosen with the arrows
    box, image = shown(page, "map")
    before = image.get_attribute("src")
    box.locator(".ldnkit-panel input[type=radio]").first.focus()
    keys.press("ArrowDown")
    until(page, lambda: image.get_attribute("src") != before, "the other layer is not shown")
    assert foreign == []


def cells_of(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [(cell["id"], cell["cell_type"]) for cell in cells]
