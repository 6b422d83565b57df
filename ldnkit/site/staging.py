"""The pages before they are built: lessons, notebooks and papers in one folder, per language."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from ldnkit import prose
from ldnkit.labels import label
from ldnkit.site import executed, frontpage

HOUSE = Path(__file__).resolve().parents[2]
THEME = HOUSE / "ldnkit" / "data" / "site"
#: Papers of the project that pages link to; those that end in .md are pages too.
PAPERS = (
    *("CONTRIBUTING.md", "VALIDATION.md", "CHANGELOG.md", "LICENSE", "LICENSE-CONTENT"),
    *("CITATION.cff", "environment.yml"),
)
GLOSSARY = "lessons/glossary"
NUMBERED = "[0-9][0-9]_*"
#: Languages whose name is another one for Sphinx.
SPHINX_LANGUAGES = {"zh": "zh_CN"}
CONFIGURATION = """\
import json
import pathlib

_settings = pathlib.Path(__file__).with_name("settings.json")
globals().update(json.loads(_settings.read_text(encoding="utf-8")))
"""


@dataclass
class Stage:
    """What is ready to be built.

    Parameters
    ----------
    folder : Path
        Holds conf.py and all pages.
    pages : list of str
        Names of the pages, without their endings.
    foreign : list of str
        Pages whose words are English because nobody has translated them.
    not_run : list of str
        Notebooks without results.
    notices : dict of str to str
        What readers are told about the translation of a page.
    """

    folder: Path
    pages: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    notices: dict[str, str] = field(default_factory=dict)


def stage(folder: Path, notebooks: Path | None, language: str, version: str) -> Stage:
    """Put everything that becomes a page into one folder.

    Parameters
    ----------
    folder : Path
        An empty folder.
    notebooks : Path or None
        Folder of executed notebooks; those that are not there are shown without results.
    language : str
        One of the six.
    version : str
        Version of the package, shown on the pages.

    Returns
    -------
    Stage
    """
    made = Stage(folder)
    (folder / "lessons").mkdir(parents=True)
    (folder / "notebooks").mkdir()
    for path in sorted((HOUSE / "lessons").glob("*.md")):
        _put_text(made, path, f"lessons/{path.name}", language)
    others = _put_folders(made, language)
    for path in sorted((HOUSE / "notebooks").glob(f"{NUMBERED}.ipynb")):
        _put_notebook(made, path, notebooks, language)
    images = HOUSE / "notebooks" / "images"
    if images.is_dir():
        shutil.copytree(images, folder / "notebooks" / "images")
    for name in PAPERS:
        if name.endswith(".md"):
            _put_text(made, HOUSE / name, name, language)
        else:
            shutil.copy(HOUSE / name, folder / (name if "." in name else f"{name}.txt"))
    numbers = {"notebooks": _titles(folder / "notebooks"), "lessons": _titles(folder / "lessons")}
    front = frontpage.text(language, numbers["notebooks"], numbers["lessons"], others)
    (folder / "index.md").write_text(front, encoding="utf-8")
    made.pages.append("index")
    if language != "en":
        made.notices["index"] = label("notice.machine_translation", language)
    (folder / "conf.py").write_text(CONFIGURATION, encoding="utf-8")
    settings = json.dumps(_settings(language, version), ensure_ascii=False, indent=1)
    (folder / "settings.json").write_text(settings, encoding="utf-8")
    return made


def _put_text(made: Stage, path: Path, name: str, language: str) -> None:
    page = name.removesuffix(".md")
    if _translated(page, language):
        text = prose.translated_page(path, language, notices=False, direction=False)
    else:
        text = path.read_text(encoding="utf-8")
    if page == GLOSSARY and language != "en":
        text += f"\n## {label('site.language_name', language)}\n\n{prose.glossary(language)}\n"
    text = re.sub(r"\]\((\.\./)?(LICENSE(?:-CONTENT)?)\)", r"](\1\2.txt)", text)
    text = re.sub(r"\]\((?:\.\./)?(?:README\.md|lessons/?|notebooks/?)\)", "](/index.md)", text)
    (made.folder / name).write_text(text, encoding="utf-8")
    _note(made, page, language)


def _put_folders(made: Stage, language: str) -> list[str]:
    """Lessons in folders of their own, and pages without a number; the names of their files."""
    home, found = HOUSE / "lessons", []
    for path in sorted(home.rglob("*"), key=lambda path: (path.parent, path.stem != "index", path)):
        name = path.relative_to(home.parent).as_posix()
        if path.is_dir() or path.parent == home or path.is_relative_to(home / "locale"):
            continue
        (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".md":
            _put_text(made, path, name, language)
            found.append(name)
        else:
            shutil.copy(path, made.folder / name)
    known = re.compile(r"\d\d_.*|index.md|glossary.md")
    loose = [path.name for path in sorted(home.glob("*.md")) if not known.fullmatch(path.name)]
    return [*(f"lessons/{name}" for name in loose), *found]


def _put_notebook(made: Stage, path: Path, notebooks: Path | None, language: str) -> None:
    import nbformat

    page = f"notebooks/{path.stem}"
    run = notebooks / path.name if notebooks else None
    source = run if run is not None and run.is_file() else path
    ready = executed.page(source, language, translated=_translated(page, language))
    if not executed.was_run(ready):
        made.not_run.append(page)
    for cell in ready.cells:
        if cell.cell_type == "markdown":
            cell.source = re.sub(r"\]\(\.\./README\.md\)", "](/index.md)", cell.source)
    nbformat.write(ready, made.folder / f"{page}.ipynb")
    _note(made, page, language)


def _translated(page: str, language: str) -> bool:
    """Whether a page is shown in the language; papers of the project are English."""
    return page.startswith(("lessons/", "notebooks/")) and prose.is_translated(page, language)


def _note(made: Stage, page: str, language: str) -> None:
    made.pages.append(page)
    if language == "en":
        return
    if _translated(page, language):
        made.notices[page] = prose.notice(page, language)
    else:
        made.foreign.append(page)
        made.notices[page] = label("site.not_translated", language)


def _titles(folder: Path) -> dict[str, tuple[str, str]]:
    """Number -> name of the file and title, of the numbered pages of a folder."""
    import nbformat

    found = {}
    for path in sorted(folder.glob(NUMBERED)):
        if path.suffix == ".ipynb":
            text = nbformat.read(path, as_version=4).cells[0].source
        else:
            text = path.read_text(encoding="utf-8")
        title = re.search(r"^#\s+(.+)$", text, re.MULTILINE)[1]
        found[path.name[:2]] = path.name, title.strip()
    return found


def _settings(language: str, version: str) -> dict:
    """What Sphinx has to know."""
    title = label("site.title", language)
    return {
        "project": title,
        "html_title": title,
        "copyright": "CC BY 4.0",
        "release": version,
        "language": SPHINX_LANGUAGES.get(language, language),
        "extensions": ["myst_nb"],
        "nb_execution_mode": "off",
        "nb_merge_streams": True,
        "nb_ipywidgets_js": {},
        "myst_heading_anchors": 4,
        "myst_enable_extensions": [],
        "exclude_patterns": ["settings.json", "**/images/*.md"],
        "html_theme": "sphinx_book_theme",
        "html_static_path": [str(THEME / "static")],
        "html_css_files": ["ldnkit.css"],
        "templates_path": [str(THEME / "templates")],
        "html_copy_source": False,
        "html_show_sourcelink": False,
        "html_show_search_summary": False,  # it would read the pages again, over a network
        "html_permalinks": False,
        "html_last_updated_fmt": None,
        "html_context": {
            "languages_label": label("site.languages", language),
            "default_mode": "light",
        },
        "html_theme_options": {
            "use_download_button": False,
            "use_fullscreen_button": False,
            "use_repository_button": False,
            "use_source_button": False,
            "home_page_in_toc": False,
            "show_navbar_depth": 1,
            "show_toc_level": 2,
            "article_header_end": ["toggle-secondary-sidebar.html"],
            "navbar_end": ["languages.html"],
            "navbar_persistent": [],
            "extra_footer": _footer(language),
            "logo": {"text": title},
        },
    }


def _footer(language: str) -> str:
    keys = ("notice.synthetic", "site.boundaries", "site.licence", "site.no_product")
    return "".join(f"<p>{label(key, language)}</p>" for key in keys)
