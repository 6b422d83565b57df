"""Build the pages: stage, hand over to Sphinx, finish, put in place."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from ldnkit.labels import LANGUAGES
from ldnkit.run_progress import say
from ldnkit.site import finishing
from ldnkit.site.runs import executed_notebooks
from ldnkit.site.staging import Stage, stage

#: What has to be installed: the extra ``site``.
NEEDED = ("sphinx", "myst_nb", "sphinx_book_theme")
#: Lines in which Sphinx says how far it is.
STEP = re.compile(r"^(reading sources|writing output)\.\.\. \[\s*(\d+)%\]")
REMARK = re.compile(r"WARNING|ERROR|CRITICAL|Exception|Error:")


@dataclass
class Built:
    """One language of the site.

    Parameters
    ----------
    language : str
    folder : Path
        Begin with ``index.html`` in it.
    pages : int
        Pages of lessons, notebooks and papers.
    foreign, not_run : list of str
        Pages that are shown in English, and notebooks without results.
    remarks : list of str
        What Sphinx found wrong; empty when all is well.
    """

    language: str
    folder: Path
    pages: int
    foreign: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def build(
    country="landia",
    *,
    outputs="outputs",
    languages: Iterable[str] = ("en",),
    run: bool = True,
    notebooks=None,
) -> list[Built]:
    """Make the pages of lessons and executed notebooks, readable without a network.

    Parameters
    ----------
    country : str or path
        ``"landia"`` or a country file.
    outputs : str or path
        Takes ``site/<language>``; executed notebooks are looked for in ``<ISO3>/notebooks``.
    languages : iterable of str
        Languages to build; each page links to the same page in all languages that were built.
    run : bool
        Run the notebooks that were not run in this language; else the pages show what there is.
    notebooks : path, optional
        A folder of executed notebooks to take instead.

    Returns
    -------
    list of Built

    Raises
    ------
    ModuleNotFoundError
        The packages of the extra ``site`` are not here.
    ValueError
        A language that is none of the six.
    RuntimeError
        Sphinx stopped; earlier pages stay as they are.

    Examples
    --------
    >>> build(languages=["en", "ar"])[0].folder  # doctest: +SKIP
    PosixPath('outputs/site/en')
    """
    import ldnkit

    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ModuleNotFoundError(
            f"The pages need packages that are not installed: found no {', '.join(missing)}. "
            "Start it with: python workbook.py site"
        )
    wanted = list(dict.fromkeys(languages))
    unknown = [language for language in wanted if language not in LANGUAGES]
    if unknown:
        raise ValueError(
            f"Unknown language: found {', '.join(unknown)}; use some of {', '.join(LANGUAGES)}."
        )
    outputs = Path(outputs).resolve()
    home = outputs / "site"
    home.mkdir(parents=True, exist_ok=True)
    made = []
    for language in wanted:
        folder = notebooks
        if folder is None:
            folder = executed_notebooks(country, outputs, language, run=run)
        made.append(_build(home, folder, language, ldnkit.__version__))
    finishing.link_languages(home)
    return made


def _build(home: Path, notebooks, language: str, version: str) -> Built:
    """One language: the pages appear under their name only when they are whole."""
    with tempfile.TemporaryDirectory(prefix=".building-", dir=home) as work:
        source, target = Path(work) / "source", Path(work) / "pages"
        ready = stage(source, notebooks and Path(notebooks), language, version)
        say(f"Pages in {language}: {len(ready.pages)}")
        remarks = _sphinx(source, target)
        finishing.finish(target, ready, language)
        place = home / language
        if place.exists():
            place.rename(Path(work) / "earlier")
        target.rename(place)
    return Built(language, place, len(ready.pages), ready.foreign, ready.not_run, remarks)


def _sphinx(source: Path, target: Path) -> list[str]:
    """Run Sphinx as a program of its own, say how far it is, give back its remarks."""
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "--no-color", "-b", "html"]
    command += ["-j", "auto", "-d", str(source.parent / "doctrees"), str(source), str(target)]
    settings = os.environ | {"PYTHONUTF8": "1"}
    errors = source.parent / "remarks.txt"
    with errors.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=file, text=True, encoding="utf-8", env=settings
        )
        try:
            _follow(process.stdout)
            code = process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
    said = errors.read_text(encoding="utf-8").replace(f"{source}{os.sep}", "")
    remarks = [line.strip() for line in said.splitlines() if REMARK.search(line)]
    if not (target / "index.html").is_file() or (code and not remarks):
        raise RuntimeError(
            f"The pages could not be made. Found: Sphinx ended with code {code}: "
            f"{said.strip()[-1500:]} Mend the page that is named, and start again."
        )
    return [line for line in remarks if "warnings treated as errors" not in line]


def _follow(stream) -> None:
    """A line that moves on a terminal, every fifth part elsewhere."""
    terminal, last = sys.stdout.isatty(), None
    for line in stream:
        found = STEP.match(line)
        if not found:
            continue
        step, percent = found[1], int(found[2])
        if terminal:
            print(f"\r  {step} {percent:3d} %", end="", flush=True)
        elif (step, percent // 25) != last:
            last = step, percent // 25
            say(f"  {step} {percent} %")
    if terminal:
        print("\r" + " " * 40 + "\r", end="", flush=True)


def remove_unfinished(home: Path) -> None:
    """Remove what a stopped build left behind."""
    for left in home.glob(".building-*"):
        shutil.rmtree(left, ignore_errors=True)


__all__ = ["Built", "Stage", "build", "remove_unfinished"]
