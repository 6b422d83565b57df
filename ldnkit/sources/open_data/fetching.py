"""``fetch``: a layer of the catalogue for a country, on the cells of its source, into the cache."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path

from ldnkit import tables
from ldnkit.findings import listed
from ldnkit.sources import catalogue
from ldnkit.sources.open_data.cache import Cache, about, sidecar_of
from ldnkit.sources.open_data.jobs import Job
from ldnkit.sources.open_data.places import place_of
from ldnkit.sources.open_data.problems import Offline, Unreachable

#: Set to 1, nothing asks the network.
OFFLINE = "LDNKIT_OFFLINE"
#: First year that a layer needs; all others need 2000.
FIRST = {"precipitation": 1981}
SEXES = ("female", "male")


def fetch(
    country,
    what: str,
    *,
    year: int | None = None,
    years: Sequence[int] | None = None,
    folder=None,
    route: str | None = None,
    progress: bool = True,
    refresh: bool = False,
    offline: bool | None = None,
    cache: Cache | None = None,
    **options,
) -> dict:
    """Get a layer for a country; what is already there is not asked for again.

    Parameters
    ----------
    country : Country, str or Path
        An open country, or its country file (the rasters it names need not exist yet).
    what : str
        A dataset such as ``"esa_cci"``, or a layer such as ``"land_cover"`` (then the first that
        the catalogue recommends).
    year, years : int, sequence of int, optional
        By default all years that a report needs and the dataset has.
    folder : str or Path, optional
        Copy the files there, too, under plain names. Without it they stay in the cache, which
        may make room one day.
    route : str, optional
        A way of the catalogue by name or kind, when not the first.
    progress : bool
        Show bars.
    refresh : bool
        Ask again although the file is kept.
    offline : bool, optional
        Ask no network; by default as LDNKIT_OFFLINE says.
    cache : Cache, optional
        Another cache than the user's.
    **options
        ``season``, ``method``, ``minimum_share`` of yearly productivity.

    Returns
    -------
    dict
        year → Path. For people by sex year → ``{"female": Path, "male": Path}``. What has no
        years (soil, packages) stands under the first year of the dataset. Monthly series are one
        GeoTIFF of twelve bands per year, or one NetCDF file that stands under every year.

    Raises
    ------
    Offline
        No network; lists every file that is missing and how to bring it.
    Unreachable
        An address did not answer well after all attempts. Years that are complete are kept.
    ValueError
        Unknown dataset, layer or way; a year that the dataset has not; an account is needed.

    Notes
    -----
    The window is the bounding box of the country and some cells more, on the cells of the source:
    nothing is resampled, so that the result is the same as with files of one's own. Beside each
    file lies ``<name>.json`` with title, link, author, citation, licence, flags, retrieved, sha256.

    Examples
    --------
    >>> fetch("KEN/country.yml", "land_cover", years=[2000, 2015])  # doctest: +SKIP
    """
    place, cache = place_of(country), cache or Cache()
    entry, way = chosen(what, route, year if year is not None else (years or [None])[0])
    wanted = _wanted(entry, way, place, what, year, years)
    jobs = jobs_of(entry, way, place, wanted, cache, options)
    missing = [job for job in jobs if refresh or not cache.holds(job.target)]
    no_network = os.environ.get(OFFLINE, "") not in ("", "0") if offline is None else offline
    if no_network:
        away = [name for job in missing for name in job.missing()]
        if away:
            raise Offline(away, cache.incoming)
    with cache.using([job.target for job in jobs]):
        for job in missing:
            try:
                _make(job, cache, progress, refresh)
            except Unreachable as problem:
                if problem.kind != "connection":
                    raise
                left = [one for one in jobs if not cache.holds(one.target)]
                away = [name for one in left for name in one.missing()]
                raise Offline(away, cache.incoming, problem.reason) from None
        for job in jobs:
            cache.used(job.target)
        paths = [(job, _copied(job, folder)) for job in jobs]
    return _by_year(paths)


def chosen(what: str, route: str | None = None, year: int | None = None):
    """The dataset and the way for a dataset's or a layer's name."""
    if what in catalogue.layers():
        return catalogue.choose(what, year, prefer=route)
    entry = catalogue.entry(what)
    ways = catalogue.routes(what)
    if route is not None:
        named = [way for way in ways if route in (way.route, way.kind)]
        if not named:
            names = listed(way.route for way in ways)
            raise ValueError(f"{what} has no way {route!r}: found {names}; choose one of these.")
        ways = named
    elif year is not None:
        ways = [way for way in ways if way.is_open and year in way.years(entry)] or ways
    for way in ways:
        if way.is_open:
            return entry, way
    if any(way.kind == "api" for way in ways):
        raise ValueError(
            f"{entry.title} are figures, not a layer: found a service for questions; use "
            "ldnkit.statistics.fetch."
        )
    places = listed(f"{way.kind} {way.address}".strip() for way in ways)
    raise ValueError(
        f"{entry.title} cannot be had without an account: found the ways {places}; "
        f"fetch it there and give the files in the country file. {entry.notes}".strip()
    )


def _wanted(entry, way, place, what, year, years) -> list[int]:
    """The years to fetch; a year that is not there is an error with what there is."""
    has = way.years(entry)
    if entry.step == "once" or way.kind == "package":
        return [entry.first]
    asked = [year] if year is not None else years
    if asked is None:
        layer = what if what in entry.layers else entry.layers[0]
        first = FIRST.get(layer, 2000)
        return [one for one in has if first <= one <= place.last_year]
    asked = sorted({int(one) for one in asked})
    absent = [one for one in asked if one not in has]
    if absent:
        near = sorted({min(has, key=lambda one: abs(one - each)) for each in absent})
        raise ValueError(
            f"{entry.dataset} ({way.kind}) has not every year: found none for {listed(absent)}, "
            f"but {has[0]}–{has[-1]}; ask for {listed(near)}, the closest, or another dataset."
        )
    return asked


def jobs_of(entry, way, place, years, cache: Cache, options) -> list[Job]:
    """One job for each file that is to be made."""
    west_to_north = ",".join(f"{value:.6f}" for value in place.bounds)
    ways = f"{way.route} {way.address} {way.collection} {west_to_north} {sorted(options.items())}"
    margin = int(tables.constant("window_margin"))
    folder = cache.path(place.iso3, entry.dataset)
    jobs = []
    by_sex = "{sex}" in way.address
    groups = [tuple(years)] if way.kind == "zarr" else [(year,) for year in years]
    for group in groups:
        said = f"{ways} {margin} {group if way.kind == 'zarr' else ''}"
        tag = hashlib.sha256(said.encode()).hexdigest()[:8]
        for sex in SEXES if by_sex else (None,):
            jobs.append(Job(entry, way, place, group, sex, folder, tag, margin, cache, options))
    return jobs


def _make(job: Job, cache: Cache, progress: bool, refresh: bool) -> None:
    """One file, made beside and then put in its place; a broken attempt leaves nothing."""
    from filelock import FileLock

    drafts = cache.path(".drafts", uuid.uuid4().hex[:12])
    locks = cache.path(".locks")
    locks.mkdir(parents=True, exist_ok=True)
    with FileLock(str(locks / f"{job.target.name}.lock")):
        if cache.holds(job.target) and not refresh:
            return  # another process was quicker
        drafts.mkdir(parents=True)
        try:
            draft, more = job.make(drafts, progress)
            note = about(job.entry.dataset, job.route.route, job.address(), **more)
            cache.put(draft, job.target, note)
        finally:
            shutil.rmtree(drafts, ignore_errors=True)
            with contextlib.suppress(OSError):
                drafts.parent.rmdir()


def _copied(job: Job, folder) -> Path:
    """The file in the cache, or its copy under a plain name."""
    if folder is None:
        return job.target
    target = Path(folder) / job.plain_name
    target.parent.mkdir(parents=True, exist_ok=True)
    for source, goal in ((job.target, target), (sidecar_of(job.target), sidecar_of(target))):
        draft = goal.with_name(f".{goal.name}.part")
        shutil.copy2(source, draft)
        draft.replace(goal)
    return target


def _by_year(paths) -> dict:
    found: dict = {}
    for job, path in paths:
        for year in job.years:
            if job.sex is None:
                found[year] = path
            else:
                found.setdefault(year, {})[job.sex] = path
    return dict(sorted(found.items()))
