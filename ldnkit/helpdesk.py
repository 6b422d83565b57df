"""Ask for help: what a helpdesk needs to know, without names, paths or data."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from ldnkit import __version__, tables

#: Packages whose versions explain most problems.
PACKAGES = ("numpy", "pandas", "xarray", "rasterio", "geopandas", "ipyleaflet", "jupyterlab")
#: Long messages are cut here; the end of a message says most.
LONGEST = 1500
HIDDEN = "…"


def report_problem(
    message: str | BaseException = "",
    *,
    notebook: str = "",
    cell: str = "",
    parameters: Mapping | None = None,
    language: str = "en",
) -> str:
    """A text to copy into a message to the helpdesk.

    Parameters
    ----------
    message : str or exception
        What went wrong, as shown on the screen.
    notebook, cell : str
        Where it happened.
    parameters : mapping, optional
        The parameters of the notebook. Files are named without their folders.
    language : str
        Language of the headings.

    Returns
    -------
    str
        Versions, kind of computer, notebook, parameters and message. Folders, names of users,
        addresses of servers with a key, and e-mail addresses are taken out; no data is read.

    Examples
    --------
    >>> print(report_problem("boom", notebook="05").splitlines()[0])
    Problem report, UNCCD workbook
    """

    def say(key: str) -> str:
        return tables.label(f"helpdesk.{key}", language)

    text = f"{type(message).__name__}: {message}" if isinstance(message, BaseException) else message
    given = {name: clean(str(value)) for name, value in (parameters or {}).items()}
    lines = [
        say("title"),
        f"{say('versions')}: ldnkit {__version__}, Python {platform.python_version()}, "
        + ", ".join(_versions()),
        f"{say('computer')}: {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} CPU, {_where()}",
        f"{say('notebook')}: {notebook or '–'}  {clean(cell)}".rstrip(),
        f"{say('parameters')}: "
        + (", ".join(f"{name} = {value}" for name, value in given.items()) or "–"),
        f"{say('message')}:",
        clean(text)[-LONGEST:] or "–",
    ]
    return "\n".join(lines)


def clean(text: str) -> str:
    """A text without folders, users, keys and e-mail addresses.

    Examples
    --------
    >>> clean("/home/amina/KEN/country.yml not found")
    '…/country.yml not found'
    """
    home = re.escape(str(Path.home()))
    text = re.sub(r"(https?://)[^/\s@]+@", r"\1", text)
    text = re.sub(r"[\w.+-]+@[\w-]+\.[\w.-]+", HIDDEN, text)
    text = re.sub(r"(https?://[^\s?#]+)[?#]\S*", rf"\1?{HIDDEN}", text)
    text = re.sub(r"\b(token|key|secret|password|authorization)(['\"]?\s*[:=]\s*)\S+",
                  rf"\1\2{HIDDEN}", text, flags=re.IGNORECASE)  # fmt: skip
    text = re.sub(rf"{home}(?=[\\/\s]|$)", HIDDEN, text) if len(home) > 1 else text
    # a folder, with or without spaces in quotes: only the last name stays
    text = re.sub(r"(?<![\w:/.])(?:[A-Za-z]:)?(?:[\\/][^\\/\s'\":,;()]+)*[\\/]([^\\/\s'\":,;()]+)",
                  rf"{HIDDEN}/\1", text)  # fmt: skip
    return text.replace(f"{HIDDEN}{HIDDEN}", HIDDEN)


def _versions() -> list[str]:
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} –")
    return found


def _where() -> str:
    """Binder, a hub, or an ordinary computer."""
    if os.environ.get("BINDER_SERVICE_HOST") or os.environ.get("BINDER_REPO_URL"):
        return "Binder"
    if os.environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        return "JupyterHub"
    return "JupyterLab" if "ipykernel" in sys.modules else "Python"
