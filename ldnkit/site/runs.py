"""Executed copies of the notebooks in the language of the pages."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from ldnkit.execution import execute_each, is_fresh, remember
from ldnkit.labels import LANGUAGES
from ldnkit.prose import catalogues
from ldnkit.run_progress import say

ASSEMBLY = "17"  # the report: after all others


def executed_notebooks(country, outputs: Path, language: str, *, run: bool = True) -> Path | None:
    """The folder with executed notebooks in a language; runs those that are missing.

    Parameters
    ----------
    country : str or path
    outputs : Path
    language : str
    run : bool
        False: take what there is, whatever its language.

    Returns
    -------
    Path or None
        None when there is nothing and nothing was to be run.
    """
    import ldnkit
    from ldnkit.runner import notebooks_folder

    name = country if str(country) == "landia" else str(Path(country).resolve())
    opened = ldnkit.open_country(name, outputs=outputs, language=language)
    files = sorted(notebooks_folder().glob("[0-9]*.ipynb"))
    of_report = opened.folder_results / "notebooks"
    if all(language_of(of_report / file.name) == language for file in files):
        return of_report
    own = outputs / "site" / ".notebooks" / opened.iso3 / language
    if not run:
        for folder in (own, of_report):
            if folder.is_dir() and any(folder.glob("[0-9]*.ipynb")):
                return folder
        return None
    keys = {file: _key(file, opened, language) for file in files}
    waiting = [file for file in files if not is_fresh(own / file.name, keys[file])]
    if waiting:
        say(f"{len(waiting)} notebooks are run first, in {language}; this takes some minutes.")
    parameters = {"country": name, "language": language, "outputs": str(outputs)}
    first = [file for file in waiting if not file.name.startswith(ASSEMBLY)]
    last = [file for file in waiting if file.name.startswith(ASSEMBLY)]
    for group in (first, last):
        for file, outcome in execute_each(
            group, own, parameters, workers=min(2, os.cpu_count() or 1)
        ):
            say(f"  {outcome}")
            if outcome.state == "done":
                remember(own / file.name, keys[file])
    return own


def language_of(path: Path) -> str | None:
    """The language an executed copy was made in; None when there is none."""
    import nbformat

    if not path.is_file():
        return None
    notebook = nbformat.read(path, as_version=4)
    language = notebook.metadata.get("papermill", {}).get("parameters", {}).get("language", "en")
    return language if language in LANGUAGES else None


def _key(file: Path, country, language: str) -> str:
    """What an executed copy depends on: the notebook, the country file, the package, the words."""
    import ldnkit

    digest = hashlib.sha256(file.read_bytes())
    digest.update(Path(country.path).read_bytes())
    words = catalogues.path(f"notebooks/{file.stem}", language)
    digest.update(words.read_bytes() if words.is_file() else b"")
    digest.update(f"{ldnkit.__version__} {language}".encode())
    return digest.hexdigest()
