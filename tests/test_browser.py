"""Every notebook, run by hand of a robot: JupyterLab in a real browser, no internet.

A notebook is opened and run once; all that is said about it is asked of that page.
"""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).parents[1]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-background-networking "
    "--disable-component-update --disable-sync --no-first-run"
).split()
SIZES = {"1280x720": (1280, 720), "1440x900": (1440, 900)}

#: Distinct colours and the share of cells that are not transparent, of the picture on the map.
PIXELS = """image => {
  const canvas = document.createElement("canvas");
  canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
  const pen = canvas.getContext("2d"); pen.drawImage(image, 0, 0);
  const data = pen.getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set(); let seen = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i + 3] > 0) {
    seen += 1; colours.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  }
  return {width: canvas.width, height: canvas.height, colours: colours.size,
          seen: seen / (canvas.width * canvas.height)};
}"""

#: The notebook of the page with all its cells, and its kernel.
READY = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.revealed; await panel.context.ready; await panel.sessionContext.ready;
}"""

#: Run every cell; the promise is kept when the last one is done.
RUN_ALL = """async () => {
  const app = window.jupyterapp, panel = app.shell.currentWidget;
  await panel.revealed; await panel.sessionContext.ready;
  await app.commands.execute("notebook:run-all-cells");
}"""

ERRORS = """() => window.jupyterapp.shell.currentWidget.content.widgets.flatMap(cell => {
  const outputs = cell.model.type === "code" ? cell.model.sharedModel.getOutputs() : [];
  return outputs.filter(output => output.output_type === "error")
    .map(output => cell.model.id + ": " + output.ename + ": " + output.evalue);
})"""

WAITING = """() => window.jupyterapp.shell.currentWidget.content.widgets.filter(cell =>
  cell.model.type === "code" && cell.model.sharedModel.source.trim() &&
  !cell.model.executionCount).map(cell => cell.model.id)"""

#: Kinds of outputs of every cell, and how often it was run.
KEPT = """() => window.jupyterapp.shell.currentWidget.content.widgets
  .filter(cell => cell.model.type === "code").map(cell => [cell.model.id,
    cell.model.executionCount, cell.model.sharedModel.getOutputs().map(out => out.output_type)])"""

SAVE = """async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.context.save(); return !panel.context.model.dirty;
}"""

SHUT_DOWN = "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"

GO_TO = """async id => {
  const book = window.jupyterapp.shell.currentWidget.content;
  const place = book.widgets.findIndex(cell => cell.model.id === id);
  book.activeCellIndex = place; await book.scrollToItem(place, "start");
  return place;
}"""


#: A cell that shows a map to explore: cells as a picture, or units as outlines.
MAP = re.compile(r"\b(interactive|interactive_units|time_slider)\(")


def code_cells(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return {cell["id"]: "".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"}


#: Functions whose map shows cells, and those whose map shows units.
CELLS, UNITS = ("interactive", "time_slider"), ("interactive_units",)


def map_cells(notebook, kind=CELLS + UNITS):
    """Ids of the cells with a map to explore: of cells, of units, or both."""
    found = {name: MAP.search(source) for name, source in code_cells(notebook).items()}
    return [name for name, match in found.items() if match and match[1] in kind]


def notebooks():
    """All notebooks; LDNKIT_BROWSER_NOTEBOOKS names another folder."""
    folder = Path(os.environ.get("LDNKIT_BROWSER_NOTEBOOKS", REPOSITORY / "notebooks"))
    return [pytest.param(path, id=path.stem) for path in sorted(folder.glob("*.ipynb"))]


def with_maps(kind):
    return [each for each in notebooks() if map_cells(each.values[0], kind)]


def chromium():
    found = [path for path in map(shutil.which, NAMES) if path]
    return os.environ.get("LDNKIT_CHROMIUM") or (found[0] if found else None)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is missing: install the extra 'browser'"
    )
    if chromium() is None:
        pytest.skip("no chromium found: install it, or name it in LDNKIT_CHROMIUM")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    chosen = os.environ.get("LDNKIT_SCREENSHOTS")
    folder = Path(chosen) if chosen else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    print(f"\nscreenshots: {folder}")
    return folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the notebooks; nothing of the user's settings is read or written."""
    home = tmp_path_factory.mktemp("lab")
    work = home / "work"
    work.mkdir()
    for notebook in notebooks():
        shutil.copy(notebook.values[0], work)
    pictures_of_text = REPOSITORY / "notebooks" / "images"
    if pictures_of_text.is_dir():
        shutil.copytree(pictures_of_text, work / "images")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "LDNKIT_PROGRESS": "my_progress.csv",
    }
    quiet = home / "settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
    quiet.parent.mkdir(parents=True)
    quiet.write_text('{"fetchNews": "false", "checkForUpdates": false}', encoding="utf-8")
    paths = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
    environment = os.environ | {name: str(home / part) for name, part in settings.items()}
    with (home / "lab.log").open("w") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
                *("--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"),
                *("--IdentityProvider.token=", "--ServerApp.password="),
                *(f"--ServerApp.root_dir={work}", "--LabApp.expose_app_in_browser=True"),
            ],
            cwd=work,
            env=environment | {"PYTHONPATH": paths},
            stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            assert server.poll() is None, (home / "lab.log").read_text()[-2000:]
            try:
                with urllib.request.urlopen(f"{address}/api", timeout=1):
                    break
            except OSError:
                time.sleep(0.25)
        else:
            pytest.fail("JupyterLab did not start: " + (home / "lab.log").read_text()[-2000:])
        yield address
    finally:
        server.terminate()
        server.wait(20)


@dataclass
class Sitting:
    """A notebook that was run in a page, once, and what the page asked for meanwhile."""

    notebook: Path
    page: object
    foreign: list = field(default_factory=list)
    seconds: float = 0.0


def opened(browser, lab, notebook, size, *, run=True):
    """A page with the notebook open, all its cells run, and the foreign addresses it asked for."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    foreign = []
    page.on("request", lambda asked: foreign.append(asked.url) if is_foreign(asked, lab) else None)
    page.goto(f"{lab}/lab/workspaces/{size}/tree/{notebook.name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.set_default_timeout(600_000)
    page.evaluate(READY)
    if run:
        page.evaluate(RUN_ALL)
    return page, foreign


def is_foreign(asked, lab) -> bool:
    return asked.url.startswith(("http", "ws")) and not asked.url.split("://")[1].startswith(
        lab.split("://")[1]
    )


@pytest.fixture(scope="module")
def sitting(browser, lab, request):
    """One notebook; tests that ask for the same one share its page."""
    begin = time.perf_counter()
    page, foreign = opened(browser, lab, request.param, "1280x720")
    seconds = time.perf_counter() - begin
    print(f"\n{request.param.stem}: {seconds:.0f} s")
    page.set_default_timeout(60_000)
    yield Sitting(request.param, page, foreign, seconds)
    page.evaluate(SHUT_DOWN)
    page.close()


def each(params):
    return pytest.mark.parametrize("sitting", params, indirect=True, scope="module")


@each(notebooks())
def test_runs_to_the_end(sitting, pictures, record_property):
    page, notebook = sitting.page, sitting.notebook
    record_property("seconds", sitting.seconds)
    assert page.evaluate(ERRORS) == []
    assert page.evaluate(WAITING) == []
    for cell in code_cells(notebook):
        if cell.startswith(("map-figure", "chart")) or cell in ("look", "report"):
            wanted = place_cell(page, cell, wait=0).locator(".jp-OutputArea-output img, table")
            if wanted.count():
                wanted.last.evaluate("drawn => drawn.scrollIntoView({block: 'end'})")
            page.wait_for_timeout(100)
            page.screenshot(path=pictures / f"{notebook.stem}-{cell}.png")
    assert sitting.foreign == [], "the notebook asks for something from the internet"


@each(notebooks())
def test_shows_figures_and_tables(sitting):
    """Somewhere there is a table, and a map or a chart that is more than one colour."""
    page, tables, coloured = sitting.page, 0, 0
    for cell in code_cells(sitting.notebook):
        box = place_cell(page, cell, wait=0)
        tables += box.locator(".jp-OutputArea-output table").count()
        for image in box.locator(".jp-OutputArea-output img:not(.leaflet-image-layer)").all():
            pixels = image.evaluate(PIXELS) if image.is_visible() else {"colours": 0}
            coloured += pixels["colours"] > 2
    assert tables > 0 and coloured > 0


@each(with_maps(CELLS))
def test_the_map_is_drawn(sitting, pictures):
    page, notebook = sitting.page, sitting.notebook
    for size, (width, height) in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        for cell in map_cells(notebook, CELLS):
            box, image = shown(page, cell)
            page.screenshot(path=pictures / f"{notebook.stem}-{cell}-{size}.png")
            pixels = image.evaluate(PIXELS)
            assert pixels["width"] > 10 and pixels["height"] > 10
            assert pixels["colours"] >= 2, "the picture has one colour only"
            assert pixels["seen"] > 0.02, "the picture is transparent"
            looks_right(page, box, image.bounding_box)
    page.set_viewport_size({"width": SIZES["1280x720"][0], "height": SIZES["1280x720"][1]})


@each(with_maps(UNITS))
def test_the_outlines_are_drawn(sitting, pictures):
    page, notebook = sitting.page, sitting.notebook
    for cell in map_cells(notebook, UNITS):
        box = place_cell(page, cell)
        outlines = box.locator(".leaflet-overlay-pane path.leaflet-interactive:not([fill=none])")
        outlines.first.wait_for(state="visible")
        box.locator(".ldnkit-map").first.evaluate("map => map.scrollIntoView({block: 'center'})")
        page.wait_for_timeout(1000)
        page.screenshot(path=pictures / f"{notebook.stem}-{cell}.png")
        fills = {each.get_attribute("fill") for each in outlines.all()}
        assert len(fills) > 1, "all units have one colour"
        looks_right(page, box, lambda outlines=outlines: around(outlines.all()))


def around(parts):
    """The box around several things on the screen."""
    boxes = [each.bounding_box() for each in parts]
    left, top = min(each["x"] for each in boxes), min(each["y"] for each in boxes)
    right = max(each["x"] + each["width"] for each in boxes)
    bottom = max(each["y"] + each["height"] for each in boxes)
    return {"x": left, "y": top, "width": right - left, "height": bottom - top}


def looks_right(page, box, place):
    """The layer fills the map, and the panel and the controls do not cover it or each other."""
    for _ in range(15):  # while it is drawn, the page may still move
        world, drawn = box.locator(".leaflet-container").bounding_box(), place()
        if inside(drawn, world, slack=2):
            break
        page.wait_for_timeout(200)
    panel = box.locator(".ldnkit-panel").bounding_box()
    assert inside(drawn, world, slack=2), "the layer does not fit into the map"
    assert max(drawn["width"] / world["width"], drawn["height"] / world["height"]) > 0.25
    assert not overlap(drawn, panel), "the panel hides a part of the layer"
    assert inside(panel, world, slack=2), "the panel is higher than the map"
    boxes = [control.bounding_box() for control in box.locator(".leaflet-control:visible").all()]
    for place, first in enumerate(boxes):
        for second in boxes[place + 1 :]:
            assert not overlap(first, second), "two controls lie on each other"


def place_cell(page, cell, wait=300):
    """A cell, scrolled into view."""
    box = page.locator(f'.jp-Cell[data-windowed-list-index="{page.evaluate(GO_TO, cell)}"]')
    page.wait_for_timeout(wait)
    return box


def shown(page, cell):
    """The cell and the picture on its map, in view."""
    box = place_cell(page, cell, wait=0)
    image = box.locator(".leaflet-overlay-pane img.leaflet-image-layer").first
    image.wait_for(state="visible", timeout=60_000)
    box.locator(".ldnkit-map").first.evaluate("map => map.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(1000)  # the view is fitted again after the first drawing
    return box, image


@each(with_maps(CELLS))
def test_the_map_answers(sitting, pictures):
    page, notebook = sitting.page, sitting.notebook
    cell = map_cells(notebook, CELLS)[0]
    box, image = shown(page, cell)
    choices = box.locator(".ldnkit-panel input[type=radio]")
    if choices.count() > 1:
        before = image.get_attribute("src")
        choices.nth(1).check()
        page.wait_for_function(
            "([image, before]) => image.src !== before", arg=[image.element_handle(), before]
        )
    handle = box.locator(".ldnkit-panel .widget-slider", has_text="Opacity").locator(".noUi-handle")
    before = image.evaluate("image => Number(getComputedStyle(image).opacity)")
    handle.focus()
    for _ in range(3):
        handle.press("ArrowLeft")
    page.wait_for_function(
        "([image, before]) => Number(getComputedStyle(image).opacity) < before",
        arg=[image.element_handle(), before],
    )
    asked = box.locator(".ldnkit-panel .ldnkit-legend").last
    before, drawn = asked.inner_text(), image.bounding_box()
    middle = drawn["x"] + drawn["width"] / 2, drawn["y"] + drawn["height"] / 2
    page.mouse.click(*middle)
    for _ in range(40):
        if asked.inner_text() != before:
            break
        page.wait_for_timeout(250)
    page.screenshot(path=pictures / f"{notebook.stem}-{cell}-clicked.png")
    assert asked.inner_text() != before and "°" in asked.inner_text()


@each(notebooks())
def test_a_reload_keeps_what_was_there(sitting):
    page = sitting.page
    before = page.evaluate(KEPT)
    assert page.evaluate(SAVE)
    page.reload()
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    page.evaluate(READY)
    assert page.evaluate(KEPT) == before
    for cell in map_cells(sitting.notebook)[:1]:
        box = place_cell(page, cell)
        drawn = box.locator(".leaflet-overlay-pane").locator("img, path").first
        drawn.wait_for(state="attached")
    assert sitting.foreign == []


def inside(inner, outer, slack):
    return (
        inner["x"] >= outer["x"] - slack
        and inner["y"] >= outer["y"] - slack
        and inner["x"] + inner["width"] <= outer["x"] + outer["width"] + slack
        and inner["y"] + inner["height"] <= outer["y"] + outer["height"] + slack
    )


def overlap(one, other):
    return (
        one["x"] < other["x"] + other["width"]
        and other["x"] < one["x"] + one["width"]
        and one["y"] < other["y"] + other["height"]
        and other["y"] < one["y"] + one["height"]
    )
