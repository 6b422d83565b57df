"""Executed notebooks as pages: without what is for the machine, with a text for every picture."""

from __future__ import annotations

import re
from pathlib import Path

from ldnkit import prose
from ldnkit.labels import label

#: Output that only a running notebook can show.
WIDGET = "application/vnd.jupyter.widget-view+json"
INJECTED = "injected-parameters"
#: Signs with which a heading begins in markdown, and its number.
HEADING = re.compile(r"^#+\s+(.+)$", re.MULTILINE)
#: A path from the root of a disk, all but its last two parts.
MACHINE_PATH = re.compile(
    r"(?<![\w.:/~<-])(?:[A-Za-z]:)?(?:[\\/][\w.~-]+)+?(?=(?:[\\/][\w.~-]+){2}(?![\\/\w~-]))"
)
LONGEST_TEXT = 300


def page(path: Path, language: str = "en", *, translated: bool = False):
    """A notebook made ready to be a page.

    Parameters
    ----------
    path : Path
        An executed notebook, or one that was never run.
    language : str
        Language of the words that are put in.
    translated : bool
        Put the text of the notebook into this language, too.

    Returns
    -------
    NotebookNode
        Cells without the parameters that were put in by the run, without remarks on standard
        error, with a sentence in place of every widget and an alternative text for every picture.

    Examples
    --------
    >>> page(Path("outputs/XLD/notebooks/05_degraded_land.ipynb"))  # doctest: +SKIP
    """
    import nbformat

    if translated:
        notebook = prose.translated_notebook(path, language, notices=False, direction=False)
    else:
        notebook = nbformat.read(path, as_version=4)
    # a copy that ran in the language says already that its words are not reviewed; so do pages
    if language != "en":
        said = prose.notice(f"notebooks/{Path(path).stem}", language)
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = prose.without_notice(prose.undirected(cell.source), said)
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    heading, cells = notebook.cells[0].source, []
    for cell in notebook.cells:
        if INJECTED in cell.metadata.get("tags", []):
            continue
        if cell.cell_type == "markdown":
            found = HEADING.findall(cell.source)
            heading = found[-1] if found else heading
        elif cell.cell_type == "code":
            _clean(cell, _plain(heading), language)
        cells.append(cell)
    notebook.cells = cells
    return notebook


def was_run(notebook) -> bool:
    """Whether any cell of a notebook has an output."""
    return any(cell.get("outputs") for cell in notebook.cells)


def _clean(cell, heading: str, language: str) -> None:
    cell.metadata.pop("papermill", None)
    outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
    cell.outputs = [_shown(output, language) for output in outputs]
    text = _alternative(cell, heading, language)
    if text:
        cell.metadata["mystnb"] = {"image": {"alt": text}}
    for output in cell.outputs:
        if "image/png" in output.get("data", {}):
            output.metadata.setdefault("image/png", {}).setdefault("alt", text)


def _shown(output, language: str):
    """An output as a page can show it."""
    if "text" in output:
        output["text"] = without_machine(output["text"])
    data = output.get("data", {})
    for kind in data:
        if kind.startswith("text/"):
            data[kind] = without_machine(data[kind])
    if WIDGET in data:
        said = label("site.widget", language)
        output["data"] = {"text/html": f'<p class="ldnkit-widget">{said}</p>'}
        output["metadata"] = {}
    elif "text/html" in data:
        data["text/html"] = _accessible_table(data["text/html"])
    return output


def without_machine(text: str) -> str:
    """A text in which no folder of this computer is named.

    Examples
    --------
    >>> without_machine("written: /home/ana/work/outputs/XLD/answers.csv")
    'written: …/XLD/answers.csv'
    >>> without_machine("see https://example.org/a/b/c, km/year")
    'see https://example.org/a/b/c, km/year'
    """
    return MACHINE_PATH.sub("…", text)


def _alternative(cell, heading: str, language: str) -> str:
    """The text for the pictures of a cell: what they carry, else the heading and the summary."""
    pictures = [output for output in cell.outputs if "image/png" in output.get("data", {})]
    if not pictures:
        return ""
    own = [output.metadata.get("image/png", {}).get("alt", "") for output in pictures]
    if any(own):
        return " ".join(text for text in own if text)
    printed = [output["text"] for output in cell.outputs if output.output_type == "stream"]
    summary = " ".join(" ".join(printed).split())
    text = label("site.figure", language).format(title=heading)
    return f"{text}. {summary}"[:LONGEST_TEXT].strip(" .") + "."


def _plain(heading: str) -> str:
    """A heading without its signs and number."""
    return re.sub(r"^(?:#+\s*)?(?:\d+\.?\s+)?", "", heading.split("\n")[0]).strip("* ")


def _accessible_table(html: str) -> str:
    """A table of pandas whose empty corner is no heading."""
    html = re.sub(r"<th>\s*</th>", "<td></td>", html)
    return re.sub(r'<table border="1" class="', '<table class="', html)
