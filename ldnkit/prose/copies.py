"""The whole workbook in another language, as files to open and run."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from ldnkit.labels import label
from ldnkit.prose import catalogues, pages

#: What was written, to see later whether somebody has worked in a file.
RECORD = ".written.json"
LINK = re.compile(r"\]\(((?:\.\./)+[\w.-]+)\)")
PARAMETER = '^{name} = ".*?"'
#: A path that begins in the folder of the workbook, as notebooks write it; not the goal of a link.
BESIDE = re.compile(r'(?<!=)"\.\./(?!\.)')


@dataclass
class Written:
    """A workbook in another language.

    Parameters
    ----------
    folder : Path
    notebooks, lessons : list of Path
    kept : list of Path
        Files that somebody has changed: they stay as they are.
    """

    folder: Path
    notebooks: list[Path] = field(default_factory=list)
    lessons: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)


def write(language: str, folder, *, outputs=None, renew: bool = False) -> Written:
    """Write notebooks and lessons in a language to a folder, ready to run.

    Paths in them lead to the same files as in the workbook. A file that is already as it should
    be is not touched, so that it can stay open.

    Parameters
    ----------
    language : str
        One of the six.
    folder : path
        Takes ``notebooks`` and ``lessons``; links between them work as in the workbook.
    outputs : path, optional
        The folder of the results that the notebooks shall use; default that of the workbook.
    renew : bool
        Write also over files that somebody has changed.

    Returns
    -------
    Written

    Raises
    ------
    KeyError
        Unknown language.
    ValueError
        The folder is the workbook itself.

    Examples
    --------
    >>> write("fr", "outputs/workbook_fr").notebooks[0]  # doctest: +SKIP
    PosixPath('outputs/workbook_fr/notebooks/00_start_here.ipynb')
    """
    label("prose.machine", language)  # an unknown language stops here
    folder = Path(folder).resolve()
    if folder == catalogues.HOUSE:
        raise ValueError(
            f"The workbook itself must stay: found its own folder, {folder}; "
            "give another folder, for example outputs/workbook_fr."
        )
    outputs = Path(outputs).resolve() if outputs else catalogues.HOUSE / "outputs"
    made, record = Written(folder), _record(folder)
    for page in catalogues.pages():
        source = catalogues.source(page)
        target = folder / source.relative_to(catalogues.HOUSE)
        target.parent.mkdir(parents=True, exist_ok=True)
        name = target.relative_to(folder).as_posix()
        text = _text(source, language, target, outputs)
        differs = not target.is_file() or target.read_bytes() != text.encode()
        if differs and not renew and target.is_file() and _hash(target) != record.get(name):
            made.kept.append(target)
            continue
        if differs:
            target.write_text(text, encoding="utf-8", newline="\n")
        record[name] = _hash(target)
        (made.notebooks if source.suffix == ".ipynb" else made.lessons).append(target)
    _copy_others(folder)
    unfinished = folder / f"{RECORD}.part"
    unfinished.write_text(json.dumps(record, indent=1), encoding="utf-8")
    unfinished.replace(folder / RECORD)
    return made


def _text(source: Path, language: str, target: Path, outputs: Path) -> str:
    house = _way(target.parent, catalogues.HOUSE)
    if source.suffix == ".md":
        return _beside(pages.translated_page(source, language), house)
    import nbformat

    notebook = pages.translated_notebook(source, language)
    for cell in notebook.cells:
        cell.source = _beside(cell.source, house)
        if "parameters" in cell.metadata.get("tags", []):
            values = {"language": language, "outputs": _way(target.parent, outputs)}
            cell.source = _with_values(cell.source, values)
    return nbformat.writes(notebook) + "\n"


def _beside(text: str, house: str) -> str:
    """Paths that begin in the folder of the workbook, from where the copy stands."""
    return BESIDE.sub(lambda _: f'"{house}/', text)


def _way(start: Path, end: Path) -> str:
    """A relative path where there is one, so that the folder can be moved together."""
    try:
        return Path(os.path.relpath(end, start)).as_posix()
    except ValueError:  # another drive of Windows
        return end.as_posix()


def _with_values(code: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        pattern = re.compile(PARAMETER.format(name=name), re.MULTILINE)
        code = pattern.sub(lambda found, name=name, value=value: f'{name} = "{value}"', code)
    return code


def _copy_others(folder: Path) -> None:
    """Pictures, and the papers that pages link to."""
    for kind in catalogues.KINDS:
        home = catalogues.HOUSE / kind
        for path in home.rglob("*"):
            picture = path.suffix.lower() in (".png", ".svg", ".jpg")
            if picture and not path.is_relative_to(catalogues.HOME):
                target = folder / path.relative_to(catalogues.HOUSE)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target)
    for page in catalogues.pages():
        for target in LINK.findall(catalogues.source(page).read_text(encoding="utf-8")):
            paper = (catalogues.source(page).parent / target).resolve()
            if paper.parent == catalogues.HOUSE and paper.is_file():
                shutil.copyfile(paper, folder / paper.name)


def _record(folder: Path) -> dict[str, str]:
    try:
        kept = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # none yet, or one that cannot be read: files that differ stay
        return {}
    return kept if isinstance(kept, dict) else {}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
