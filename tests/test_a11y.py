"""Pages for everybody: the checks of axe-core find nothing serious or critical.

axe-core is not part of the workbook. It is taken from LDNKIT_AXE (the path of axe.min.js), else
fetched with ``npm pack``; without both these checks are left out.
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import subprocess
import tarfile
import threading
from importlib.util import find_spec
from pathlib import Path

import nbformat
import pytest

from ldnkit import handover, prais, provenance, site
from ldnkit.handover.pdf import find_chromium
from ldnkit.kit import card
from ldnkit.site import builder

pytestmark = pytest.mark.browser

HOUSE = Path(__file__).resolve().parents[1]
AXE = "axe-core@4.10.3"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
#: Findings that people are stopped by; the others are advice.
STOPPING = ("serious", "critical")
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .map(found => [found.impact, found.id, found.nodes.slice(0, 3).map(node => node.html)])"""


@pytest.fixture(scope="module")
def axe(tmp_path_factory) -> Path:
    named = os.environ.get("LDNKIT_AXE")
    if named:
        return Path(named)
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("axe-core is not here: install npm, or name axe.min.js in LDNKIT_AXE")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run([npm, "pack", AXE], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"axe-core could not be fetched: {done.stderr.strip()[-200:]}")
    with tarfile.open(next(folder.glob("*.tgz"))) as packed:
        packed.extractall(folder, filter="data")
    return folder / "package" / "axe.min.js"


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is missing: install the extra 'browser'"
    )
    if find_chromium() is None:
        pytest.skip("no chromium found: install it, or name it in LDNKIT_CHROMIUM")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=str(find_chromium()), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def address(folder):
    """A server on this computer: axe reads style sheets as the browser does."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *rest):
            pass

    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def pages(folder, landia, landia_results):
    """One page of every kind, in the folder that is served."""
    if any(find_spec(name) is None for name in builder.NEEDED):
        pytest.skip("the extra 'site' is not installed: python workbook.py site installs it")
    run = folder / "executed"
    run.mkdir()
    source = HOUSE / "notebooks" / "05_degraded_land.ipynb"
    notebook = nbformat.read(source, as_version=4)
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    last.outputs = [
        nbformat.v4.new_output("stream", name="stdout", text="x" * 300),
        nbformat.v4.new_output("display_data", {"text/html": wide_table()}),
    ]
    nbformat.write(notebook, run / source.name)
    site.build(outputs=folder, languages=["en", "ar"], notebooks=run)
    report = prais.build(landia, landia_results)
    findings = prais.check(report)
    for language in ("en", "ar"):
        made = handover.national_report(landia, landia_results, report, findings, language=language)
        handover.write_html(made, folder / f"report_{language}.html")
    trace = provenance.trace(landia, landia_results)
    provenance.write(trace, folder, "en")
    card.write(folder, pythons=["3.12"], platforms=["Windows"])
    return folder


def wide_table() -> str:
    import pandas as pd

    return pd.DataFrame({f"column {n}": ["value " * 3] * 4 for n in range(14)}).to_html()


@pytest.mark.parametrize(
    "page",
    [
        *("site/index.html", "site/en/index.html", "site/ar/index.html", "site/en/search.html"),
        *("site/en/lessons/05_degraded_land.html", "site/ar/lessons/05_degraded_land.html"),
        "site/en/notebooks/05_degraded_land.html",
        *("report_en.html", "report_ar.html", "provenance.html"),
        *("START_HERE.html", "cards/start_en.html", "cards/start_ar.html"),
    ],
)
@pytest.mark.parametrize("width", [1280, 390])
def test_nobody_is_stopped(pages, address, browser, axe, page, width):
    opened = browser.new_page(viewport={"width": width, "height": 800})
    try:
        foreign = []
        opened.on(
            "request",
            lambda asked: None if asked.url.startswith(address) else foreign.append(asked.url),
        )
        opened.goto(f"{address}/{page}")
        opened.wait_for_timeout(300)
        opened.add_script_tag(path=str(axe))
        found = opened.evaluate(RUN)
        assert [one for one in found if one[0] in STOPPING] == []
        assert [url for url in foreign if url.startswith("http")] == []
    finally:
        opened.close()


def test_search_finds_a_page_without_a_server(pages, browser):
    """From a stick: the address begins with file:, and nothing may be fetched."""
    opened = browser.new_page()
    try:
        opened.goto(f"{(pages / 'site/en/search.html').as_uri()}?q=glossary")
        opened.wait_for_selector("#search-results li a")
        links = [link.get_attribute("href") for link in opened.locator("#search-results a").all()]
        assert any("lessons/glossary.html" in link for link in links)
    finally:
        opened.close()
