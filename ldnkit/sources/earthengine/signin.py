"""Signing in to Earth Engine with the team's own project, explained step by step.

Nothing here prints, returns or stores a token: Google's own client keeps the sign-in in the
user's home folder.
"""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ldnkit.sources.earthengine.problems import EarthEngineError, explained, kind_of, message

#: Variable of the environment that may hold the project id.
VARIABLE = "EARTHENGINE_PROJECT"
#: 6 to 30 lower-case letters, digits and hyphens, from a letter on; an organisation may precede.
PROJECT = re.compile(r"([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
#: The project that is connected in this session.
_session = {"project": ""}


@dataclass(frozen=True)
class Status:
    """Whether Earth Engine can be used, and if not, why.

    Parameters
    ----------
    connected : bool
    kind : str
        ``connected``, or the kind of problem (see :class:`.problems.EarthEngineError`);
        ``not_tried`` before the first sign-in.
    project : str
        The project id; empty when there is none.
    place : {"computer", "binder", "hub"}
    message : str
        What to tell the user.
    """

    connected: bool
    kind: str
    project: str = ""
    place: str = "computer"
    message: str = ""

    def __bool__(self):
        return self.connected

    def __str__(self):
        return self.message


def connect(
    project: str | None = None,
    *,
    country=None,
    authenticate: bool = True,
    language: str | None = None,
    say: Callable[[str], None] = print,
) -> Status:
    """Sign in and make Earth Engine ready.

    Parameters
    ----------
    project : str, optional
        Project id of the team; else that of the country file (``earth_engine: {project: …}``),
        else the variable ``EARTHENGINE_PROJECT``.
    country : Country, optional
    authenticate : bool
        Start Google's sign-in when there is none yet. On Binder it is never started: the server
        belongs to others, and what it keeps is lost after the session.
    language : str, optional
        Language of messages; that of the country by default.
    say : callable
        How to tell the user; ``print`` by default.

    Returns
    -------
    Status
        True when connected. Problems are said and returned, not raised.

    Examples
    --------
    >>> connect("our-project-id")  # doctest: +SKIP
    """
    language = language or getattr(country, "language", "en")
    place = where()
    found = _project(project, country)
    try:
        _connect(found, place, authenticate, language, say)
    except EarthEngineError as problem:
        result = Status(False, problem.kind, found, place, str(problem))
    except Exception as error:
        problem = explained(error, language)
        result = Status(False, problem.kind, found, place, str(problem))
    else:
        _session["project"] = found
        text = message("connected", found, language)
        result = Status(True, "connected", found, place, text)
    if result.kind != "binder":  # already said
        say(result.message)
    return result


def status(country=None, *, language: str | None = None) -> Status:
    """Whether Earth Engine is ready in this session; asks nobody.

    Examples
    --------
    >>> status().connected  # doctest: +SKIP
    False
    """
    language = language or getattr(country, "language", "en")
    place, project = where(), _session["project"] or _project(None, country)
    if not installed():
        return Status(
            False, "not_installed", project, place, message("not_installed", "", language)
        )
    import ee

    if ee.data.is_initialized():
        return Status(True, "connected", project, place, message("connected", project, language))
    kind = "not_tried" if signed_in() else "no_account"
    if not project:
        kind = "no_project"
    texts = {"no_project": message("no_project", "", language)}
    text = texts.get(kind) or message("project_help", "", language)
    return Status(False, kind, project, place, text)


def require(country=None, *, language: str | None = None) -> None:
    """Stop with a message in three parts unless Earth Engine is ready.

    Raises
    ------
    EarthEngineError
    """
    now = status(country, language=language)
    if not now.connected:
        kind = "no_account" if now.kind == "not_tried" else now.kind
        raise EarthEngineError(kind, "", language or getattr(country, "language", "en"))


def installed() -> bool:
    """Whether the Earth Engine client is there."""
    return importlib.util.find_spec("ee") is not None


def signed_in() -> bool:
    """Whether Google's client has kept a sign-in on this computer (it is not read)."""
    import ee

    return Path(ee.oauth.get_credentials_path()).is_file()


def where() -> str:
    """``binder``, ``hub`` (another JupyterHub) or ``computer``."""
    given = os.environ
    if "BINDER_SERVICE_HOST" in given or "BINDER_LAUNCH_HOST" in given:
        return "binder"
    return "hub" if any(name.startswith("JUPYTERHUB_") for name in given) else "computer"


def _project(project, country) -> str:
    section = getattr(country, "earth_engine", None) or {}
    kept = section.get("project") if isinstance(section, dict) else getattr(section, "project", "")
    return str(project or kept or os.environ.get(VARIABLE, "") or "").strip()


def _connect(project, place, authenticate, language, say) -> None:
    if place != "computer":
        say(message(place, "", language))
    if not installed():
        raise EarthEngineError("not_installed", "", language)
    if not project:
        say(message("project_help", "", language))
        raise EarthEngineError("no_project", "", language)
    if not PROJECT.fullmatch(project):
        raise EarthEngineError("bad_project", project, language)
    import ee

    try:
        _start(ee, project)
    except Exception as error:
        kind = kind_of(error)
        if kind == "no_account" and place == "binder":
            raise EarthEngineError("binder", "", language) from None
        if kind != "no_account" or not authenticate:
            raise explained(error, language) from None  # the chain might show what is secret
        say(message("sign_in", "", language))
        # on a hub the browser is not on the computer that runs Python
        ee.Authenticate(auth_mode="notebook" if place == "hub" else None)
        _start(ee, project)


def _start(ee, project) -> None:
    ee.Initialize(project=project)
    ee.Number(1).getInfo()  # a project that is not registered shows only now
