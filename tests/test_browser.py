"""Notebooks with a map, run by hand of a robot: JupyterLab in a real browser, no internet."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
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

GO_TO = """async id => {
  const book = window.jupyterapp.shell.currentWidget.content;
  const place = book.widgets.findIndex(cell => cell.model.id === id);
  book.activeCellIndex = place; await book.scrollToItem(place, "start");
  return place;
}"""


def map_cells(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [
        cell["id"]
        for cell in cells
        if cell["cell_type"] == "code"
        and (cell.get("id") == "map" or "map" in cell["metadata"].get("tags", []))
    ]


def notebooks():
    """Notebooks with a cell called map; LDNKIT_BROWSER_NOTEBOOKS names another folder."""
    folder = Path(os.environ.get("LDNKIT_BROWSER_NOTEBOOKS", REPOSITORY / "notebooks"))
    found = [notebook for notebook in sorted(folder.glob("*.ipynb")) if map_cells(notebook)]
    return [pytest.param(notebook, id=notebook.stem) for notebook in found]


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
    return folder


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """JupyterLab on a copy of the notebooks; nothing of the user's settings is read or written."""
    home = tmp_path_factory.mktemp("lab")
    work = home / "work"
    work.mkdir()
    for notebook in notebooks():
        shutil.copy(notebook.values[0], work)
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


def opened(browser, lab, notebook, size):
    """A page with the notebook open, all its cells run, and the foreign addresses it asked for."""
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height})
    foreign = []
    page.on(
        "request",
        lambda asked: (
            foreign.append(asked.url)
            if asked.url.startswith("http") and not asked.url.startswith(lab)
            else None
        ),
    )
    page.goto(f"{lab}/lab/workspaces/{size}/tree/{notebook.name}?reset")
    page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
    page.set_default_timeout(600_000)
    page.evaluate(RUN_ALL)
    return page, foreign


@pytest.mark.parametrize("notebook", notebooks())
@pytest.mark.parametrize("size", SIZES)
def test_the_map_is_drawn(browser, lab, pictures, notebook, size):
    page, foreign = opened(browser, lab, notebook, size)
    try:
        assert page.evaluate(ERRORS) == []
        assert page.evaluate(WAITING) == []
        for cell in map_cells(notebook):
            box, image = shown(page, cell)
            page.screenshot(path=pictures / f"{notebook.stem}-{cell}-{size}.png")
            pixels = image.evaluate(PIXELS)
            assert pixels["width"] > 10 and pixels["height"] > 10
            assert pixels["colours"] >= 2, "the picture has one colour only"
            assert pixels["seen"] > 0.02, "the picture is transparent"

            world = box.locator(".leaflet-container").bounding_box()
            drawn, panel = image.bounding_box(), box.locator(".ldnkit-panel").bounding_box()
            assert inside(drawn, world, slack=2), "the layer does not fit into the map"
            assert max(drawn["width"] / world["width"], drawn["height"] / world["height"]) > 0.25
            assert not overlap(drawn, panel), "the panel hides a part of the layer"
            assert inside(panel, world, slack=2), "the panel is higher than the map"
            controls = box.locator(".leaflet-control:visible").all()
            boxes = [control.bounding_box() for control in controls]
            for place, first in enumerate(boxes):
                for second in boxes[place + 1 :]:
                    assert not overlap(first, second), "two controls lie on each other"
        assert foreign == [], "the notebook asks for something from the internet"
    finally:
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        page.close()


def shown(page, cell):
    """The cell and the picture on its map, in view."""
    box = page.locator(f'.jp-Cell[data-windowed-list-index="{page.evaluate(GO_TO, cell)}"]')
    image = box.locator(".leaflet-overlay-pane img.leaflet-image-layer").first
    image.wait_for(state="visible", timeout=60_000)
    box.locator(".ldnkit-map").first.evaluate("map => map.scrollIntoView({block: 'center'})")
    page.wait_for_timeout(1500)  # the view is fitted again after the first drawing
    return box, image


@pytest.mark.parametrize("notebook", notebooks())
def test_the_map_answers(browser, lab, pictures, notebook):
    page, _ = opened(browser, lab, notebook, "1440x900")
    try:
        cell = map_cells(notebook)[0]
        box, image = shown(page, cell)
        choices = box.locator(".ldnkit-panel input[type=radio]")
        if choices.count() > 1:
            before = image.get_attribute("src")
            choices.nth(1).check()
            page.wait_for_function(
                "([image, before]) => image.src !== before", arg=[image.element_handle(), before]
            )
        asked = box.locator(".ldnkit-panel .ldnkit-legend").last
        before, drawn = asked.inner_text(), image.bounding_box()
        middle = drawn["x"] + drawn["width"] / 2, drawn["y"] + drawn["height"] / 2
        page.mouse.click(*middle)
        page.wait_for_timeout(2000)
        page.screenshot(path=pictures / f"{notebook.stem}-{cell}-clicked.png")
        answer = asked.inner_text()
        assert answer != before and "°" in answer
    finally:
        page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        page.close()


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
