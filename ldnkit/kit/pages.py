"""What can be read without installing anything: executed notebooks as pages, and the site."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from html import escape
from pathlib import Path

from ldnkit import webpage
from ldnkit.labels import label
from ldnkit.run_progress import say
from ldnkit.site import executed

FIGURE_STYLE = """<style>img { max-width: 100%; height: auto; } pre { overflow-x: auto;
background: #f6f6f4; padding: .5rem; } div.jp-OutputPrompt, div.jp-InputPrompt { display: none; }
table { width: auto; }
details { border-inline-start: 3px solid #5b2150; padding-inline-start: 1rem; }
</style>"""


def write(folder: Path, outputs: Path, iso3: str) -> None:
    """Put pages and site into a kit; says so when there are none.

    Parameters
    ----------
    folder : Path
        The kit; takes ``pages`` and ``site``.
    outputs : Path
        Holds ``<iso3>/notebooks`` and ``site``.
    iso3 : str
    """
    site = outputs / "site"
    shutil.rmtree(folder / "site", ignore_errors=True)
    if (site / "index.html").is_file():
        shutil.copytree(site, folder / "site", ignore=shutil.ignore_patterns(".*"))
    else:
        say("  no site in it: make one first with python workbook.py site")
    files = sorted((outputs / iso3 / "notebooks").glob("[0-9]*.ipynb"))
    files = [path for path in files if not path.name.endswith(".failed.ipynb")]
    shutil.rmtree(folder / "pages", ignore_errors=True)
    if not files:
        say("  no executed notebooks in it: run them first with python workbook.py report")
        return
    write_notebooks(files, folder / "pages")


def write_notebooks(files: list[Path], folder: Path) -> None:
    """Executed notebooks as self-contained pages, with a page that leads to them.

    Parameters
    ----------
    files : list of Path
    folder : Path
    """
    import nbformat

    folder.mkdir(parents=True)
    lines = ""
    with tempfile.TemporaryDirectory() as work:
        for path in files:
            nbformat.write(executed.page(path), Path(work) / path.name)
        command = [sys.executable, "-m", "nbconvert", "--to", "html", "--template", "basic"]
        command += ["--log-level", "ERROR", "--output-dir", work]
        command += [str(Path(work) / path.name) for path in files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise OSError(
                "The executed notebooks could not be turned into pages. "
                f"Found: {done.stderr.strip()[-600:]} Run them again: python workbook.py report"
            )
        for path in files:
            body = (Path(work) / f"{path.stem}.html").read_text(encoding="utf-8")
            title, body = _taken_title(body, path.stem)
            name = f"{path.stem}.html"
            text = webpage.page(title, [FIGURE_STYLE, _notices(), _linked(body)])
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
            lines += f'<li><a href="{name}">{escape(title)}</a></li>'
    text = webpage.page(label("site.notebooks", "en"), [_notices(), f"<ul>{lines}</ul>"])
    (folder / "index.html").write_text(text, encoding="utf-8", newline="\n")


def _notices() -> str:
    keys = ("notice.synthetic", "site.boundaries", "site.licence")
    return webpage.paragraph(" ".join(label(key) for key in keys), "notice")


def _taken_title(body: str, otherwise: str) -> tuple[str, str]:
    """The first heading, taken out of the text: the page has its own."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", body, re.DOTALL)
    if not found:
        return otherwise, body
    title = re.sub(r"<a class=\"anchor-link\".*?</a>|<[^>]+>", "", found[1]).strip()
    return title, body[: found.start()] + body[found.end() :]


def _linked(body: str) -> str:
    """Notebooks lead to each other's pages; nothing is left that only the editor shows."""
    body = re.sub(r'<a class="anchor-link"[^>]*>.*?</a>', "", body)
    body = re.sub(r'href="(\d\d_\w+)\.ipynb(#[^"]*)?"', r'href="\1.html"', body)
    return re.sub(r"<pre(?![^>]*tabindex)([ >])", r'<pre tabindex="0"\1', body)
