"""Buttons to take a country out of a server and to bring it back, and the same in words.

The widgets are thin: :func:`pack_now`, :func:`bring_back` and :func:`summary` are plain functions
that a script can call as well.
"""

from __future__ import annotations

import base64
import html
import os
import shutil
import tempfile
from pathlib import Path

from ldnkit import form_screen, travel
from ldnkit.exercises import progress_file
from ldnkit.findings import InputError
from ldnkit.labels import label
from ldnkit.sources.earthengine.signin import where

#: Bytes up to which a file travels inside its link, so that the link works on any server.
SMALL = 1_000_000
#: Bytes that a button can bring: Jupyter takes messages of 10 MB at most.
MOST_UPLOAD = 8_000_000


def summary(country, *, language: str | None = None) -> str:
    """What to take along, where it will lie and how it is done without buttons, as text.

    Parameters
    ----------
    country : Country
    language : str, optional
        That of the country by default.

    Returns
    -------
    str
        A line for each sentence. On Binder the first one says how long the server lives.

    Examples
    --------
    >>> print(summary(country))  # doctest: +SKIP
    """
    language = language or country.language
    archive, progress = archive_of(country), progress_file()
    names = {"archive": shown(archive), "progress": progress.name}
    lines = [label("package.on_binder", language)] if where() == "binder" else []
    lines.append(label("package.nothing_lost", language).format(**names))
    if not progress.is_file():
        lines.append(label("package.no_answers", language).format(**names))
    places = {"archive": f'"{shown(archive)}"', "home": f'"{shown(home_of(country))}"'}
    lines.append(label("package.how_in_text", language).format(**places))
    return "\n".join(lines)


def archive_of(country) -> Path:
    """The ZIP file that the button writes, in the folder of all results."""
    return Path(country.outputs) / f"{country.iso3}.zip"


def home_of(country) -> Path:
    """The folder into which countries are brought back: the one that holds the results."""
    return Path(country.outputs).resolve().parent


def pack_now(country, *, results: bool = True) -> Path:
    """Pack a country, its results and the learner's answers into one ZIP file.

    Parameters
    ----------
    country : Country
    results : bool
        Also the results.

    Returns
    -------
    Path
        :func:`archive_of` the country; an earlier file is replaced when the new one is complete.

    Raises
    ------
    InputError
        The country file names files outside its folder.

    Examples
    --------
    >>> pack_now(country)  # doctest: +SKIP
    """
    answers = [progress_file()] if progress_file().is_file() else []
    return travel.pack(country, archive_of(country), results=results, extra=answers)


def bring_back(packed: str | Path | bytes, folder: str | Path) -> dict[str, str]:
    """Bring a packed country back, and say with which parameters it is opened.

    Answers to exercises that were packed are put in their place when there are none here yet.

    Parameters
    ----------
    packed : str, Path or bytes
        The ZIP file, or what is in it.
    folder : str or Path
        The country goes into a folder of its own in it; nothing there is replaced.

    Returns
    -------
    dict
        ``{"country": path, "outputs": path}``, seen from the folder that Python works in.
        ``outputs`` is left out when no results were packed.

    Raises
    ------
    InputError
        As :func:`ldnkit.travel.unpack`.

    Examples
    --------
    >>> bring_back("KEN.zip", "..")  # doctest: +SKIP
    {'country': '../KEN/country.yml', 'outputs': '../KEN/outputs'}
    """
    if isinstance(packed, str | Path):
        path = travel.unpack(packed, folder)
    else:
        with tempfile.TemporaryDirectory() as temporary:
            archive = Path(temporary) / "country.zip"
            archive.write_bytes(packed)
            path = travel.unpack(archive, folder)
    answers = path.parent / progress_file().name
    if answers.is_file() and not progress_file().exists():
        shutil.copy2(answers, progress_file())
    parameters = {"country": shown(path)}
    if (path.parent / "outputs").is_dir():
        parameters["outputs"] = shown(path.parent / "outputs")
    return parameters


def link(path: str | Path) -> str:
    """An HTML link that downloads a file.

    A small file lies in the link itself. For a larger one the link is the way from the notebook
    to the file, which JupyterLab turns into a download.

    Examples
    --------
    >>> link("outputs/KEN.zip")
    '<a href="outputs/KEN.zip" download="KEN.zip" target="_blank"><b>KEN.zip</b></a>'
    """
    path = Path(path)
    address = html.escape(shown(path))
    if path.is_file() and path.stat().st_size <= SMALL:
        kind = "application/zip" if path.suffix == ".zip" else "text/csv"
        address = f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
    name = html.escape(path.name)
    return f'<a href="{address}" download="{name}" target="_blank"><b>{name}</b></a>'


def shown(path: str | Path) -> str:
    """A path as seen from the folder that Python works in, with forward slashes.

    Examples
    --------
    >>> shown("outputs/KEN.zip")
    'outputs/KEN.zip'
    """
    try:
        return Path(os.path.relpath(path)).as_posix()
    except ValueError:  # another drive of Windows
        return Path(path).as_posix()


def parcel(country, *, language: str | None = None):
    """A button that packs the country, links to download, and a way to bring a country back.

    Parameters
    ----------
    country : Country
    language : str, optional
        That of the country by default.

    Returns
    -------
    ipywidgets.VBox
        ``form.pack`` and ``form.results`` are the button and its choice, ``form.links`` shows the
        links, ``form.upload`` and ``form.path`` bring a country back, and ``form.said`` tells what
        came of it. Where no widgets are shown, it is the text of :func:`summary`.

    Examples
    --------
    >>> form = parcel(country)  # doctest: +SKIP
    """
    import ipywidgets

    language = language or country.language

    class Parcel(ipywidgets.VBox):
        """The form; as text where there are no widgets."""

        def _repr_mimebundle_(self, **options):
            bundle = super()._repr_mimebundle_(**options)
            return bundle | {"text/plain": summary(country, language=language)}

    def say(key: str, **values) -> str:
        return label(f"package.{key}", language).format(**values)

    pack = ipywidgets.Button(
        description=say("pack_button"),
        layout={"width": "auto"},
        button_style="primary",
        icon="archive",
    )
    results = ipywidgets.Checkbox(value=True, description=say("with_results"), indent=False)
    upload = ipywidgets.FileUpload(
        accept=".zip", description=say("bring_choose"), layout={"width": "24em"}
    )
    path = ipywidgets.Text(placeholder=f"{country.iso3}.zip", continuous_update=False)
    links, said = ipywidgets.Output(), ipywidgets.HTML()

    def packed(_button=None):
        _show(links, _packed(country, results.value, language))

    def brought(content):
        said.value = _brought(content, home_of(country), language)

    pack.on_click(packed)
    upload.observe(lambda _: upload.value and brought(bytes(upload.value[0]["content"])), "value")
    path.observe(lambda _: path.value.strip() and brought(path.value.strip()), "value")
    title = html.escape(say("take_with_you", name=country.name(language)))
    first = summary(country, language=language).splitlines()[:-1]
    large = say("bring_large", size=MOST_UPLOAD // 10**6)
    form = Parcel(
        [
            form_screen.hidden(ipywidgets),
            _text(ipywidgets, f"<h4>{title}</h4>"),
            _text(ipywidgets, "".join(f"<p>{html.escape(line)}</p>" for line in first)),
            ipywidgets.HBox([pack, results]),
            links,
            _text(ipywidgets, f"<h4>{html.escape(say('bring_title'))}</h4>"),
            upload,
            _text(ipywidgets, f"<p>{html.escape(large)}</p>"),
            path,
            said,
        ]
    )
    form_screen.dressed(form, language)
    form.pack, form.results, form.links = pack, results, links
    form.upload, form.path, form.said = upload, path, said
    return form


def _text(ipywidgets, text: str):
    return ipywidgets.HTML(text, layout={"max_width": "56em"})


def _show(output, text: str) -> None:
    """Put HTML into an output widget: there JupyterLab finds the file behind a link."""
    bundle = {"output_type": "display_data", "metadata": {}}
    output.outputs = ({**bundle, "data": {"text/html": text, "text/plain": text}},)


def _packed(country, results: bool, language: str) -> str:
    """Pack, and give the links, or say why not."""
    try:
        archive = pack_now(country, results=results)
    except (InputError, OSError) as error:
        return _problem(error, language)
    size = f"{archive.stat().st_size / 1e6:.1f}"
    values = {"archive": shown(archive), "size": size}
    text = label("package.packed", language).format(**values)
    links = " &nbsp; ".join(link(file) for file in (archive, progress_file()) if file.is_file())
    place = label("package.by_hand", language).format(folder=shown(archive.parent))
    return f"<p>{html.escape(text)} {links}</p><p>{html.escape(place)}</p>"


def _brought(packed, folder: Path, language: str) -> str:
    """Bring back, and give the parameters, or say why not."""
    try:
        parameters = bring_back(packed, folder)
    except (InputError, OSError) as error:
        return _problem(error, language)
    lines = "\n".join(f'{name} = "{value}"' for name, value in parameters.items())
    text = label("package.brought", language)
    return f"<p>{html.escape(text)}</p><pre>{html.escape(lines)}</pre>"


def _problem(error: Exception, language: str) -> str:
    if isinstance(error, InputError):
        items = [finding.sentence(language) for finding in error.findings]
    else:
        items = [str(error)]
    return "<ul>" + "".join(f"<li>{html.escape(item)}</li>" for item in items) + "</ul>"
