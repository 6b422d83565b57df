"""JupyterLab on the notebooks, in the language of the reader."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from ldnkit.labels import label

HOUSE = Path(__file__).resolve().parent.parent
FIRST = "00_start_here.ipynb"
#: A folder with custom.css: the copies mark Arabic text as right to left, which is enough for
#: headings, lists and tables; paragraphs are set to the left by a rule of JupyterLab.
STYLE = Path(__file__).parent / "data" / "lab"


def folder_of(language: str) -> Path:
    """Where the notebooks of a language lie: those of the workbook, or copies of them.

    Examples
    --------
    >>> folder_of("fr").relative_to(HOUSE).as_posix()
    'outputs/workbook_fr/notebooks'
    """
    home = HOUSE if language == "en" else HOUSE / "outputs" / f"workbook_{language}"
    return home / "notebooks"


def prepare(language: str) -> list[str]:
    """Write the notebooks of a language, and say what became of them.

    Parameters
    ----------
    language : {"en", "fr", "es", "ru", "ar", "zh"}
        English needs no copies.

    Returns
    -------
    list of str
        Sentences: where the copies are, which files were kept because somebody has worked in
        them, and whether some lines are English still.

    Raises
    ------
    KeyError
        Unknown language.

    Examples
    --------
    >>> prepare("en")
    []
    """
    _no_news()
    if language == "en":
        return []
    from ldnkit import prose

    folder = folder_of(language).parent
    made = prose.write(language, folder)
    said = [label("lab.written", language).format(folder=folder / "notebooks")]
    if made.kept:
        names = ", ".join(path.name for path in made.kept)
        said += [label("lab.kept", language).format(names=names), label("lab.renew", language)]
    if (prose.coverage(language)["percent"] < 100).any():
        said.append(label("prose.partial", language))
    return said


def _no_news() -> None:
    """JupyterLab of the workbook's own environment shows no news and looks for no updates."""
    settings = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    if Path(sys.prefix).resolve().is_relative_to(HOUSE.resolve()) and not settings.exists():
        with contextlib.suppress(OSError):  # a message of JupyterLab is no reason not to start
            settings.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(HOUSE / "binder" / "overrides.json", settings)


def command(language: str, more: Sequence[str] = ()) -> list[str]:
    """The command that opens JupyterLab at the first notebook of a language.

    The folder shown is the whole project, so that results and the country are in reach.

    Examples
    --------
    >>> command("fr")[3]
    '--LabApp.default_url=/lab/tree/outputs/workbook_fr/notebooks/00_start_here.ipynb'
    """
    first = (folder_of(language) / FIRST).relative_to(HOUSE).as_posix()
    style = []
    if language == "ar":
        # this way the settings of the user are read as always
        place = f"--ServerApp.tornado_settings=static_custom_path={STYLE}"
        style = ["--LabApp.custom_css=True", place]
    address = f"--LabApp.default_url=/lab/tree/{first}"
    return [sys.executable, "-m", "jupyterlab", address, *style, *more]
