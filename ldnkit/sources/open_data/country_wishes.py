"""What a country file says of open data: which dataset, by which way, for which layer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ldnkit.country_file.document import parse, shown
from ldnkit.findings import Finding, InputError, closest, listed, stop_on_errors
from ldnkit.sources import catalogue
from ldnkit.sources.open_data.fetching import chosen
from ldnkit.sources.open_data.sections import SECTIONS, Prepared, prepare

#: The section of the country file.
KEY = "open_data"
#: A year, or two years.
SPAN = re.compile(r"([12]\d{3})(?:[-–]([12]\d{3}))?", re.ASCII)


def wishes(country_file: str | Path, layers: Mapping[str, str] | None = None) -> dict[str, str]:
    """The layers to fetch for a country, with their dataset or way.

    Parameters
    ----------
    country_file : str or Path
        A country.yml; the files that it names need not exist yet.
    layers : mapping, optional
        Layer → dataset or way, in place of those of the country file. An empty text takes what
        the country file says, and else what the catalogue recommends.

    Returns
    -------
    dict
        Layer → dataset (``"esa_cci"``), way (``"esa_cci.stac"``) or the layer's own name.

    Raises
    ------
    FileNotFoundError
        There is no country file.
    InputError
        Layers or datasets that are not known, or none at all; everything is told at once.

    Examples
    --------
    >>> wishes("KEN/country.yml")  # doctest: +SKIP
    {'land_cover': 'esa_cci.stac'}
    """
    path = Path(country_file)
    path = path / "country.yml" if path.is_dir() else path
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no country file: found nothing at {path}; make one: "
            "python workbook.py new ISO3."
        )
    written = _written(path)
    wanted = written
    if layers:
        wanted = {layer: what or written.get(layer) or layer for layer, what in layers.items()}
    problems = [found for pair in wanted.items() for found in _problems(*pair)]
    if not wanted:
        remedy = (
            f"Write the section {KEY} into the country file, for example land_cover: esa_cci, "
            f"or name layers: {', '.join(SECTIONS)}."
        )
        problems.append(Finding("error", path.name, "no layer", "layers to fetch", remedy, "16"))
    if problems:
        raise InputError(problems)
    return wanted


def _written(path: Path) -> dict[str, str]:
    """The section of the country file; a layer without a dataset takes the recommended one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        remedy = "Save it again as UTF-8."
        found = Finding("error", path.name, "another encoding", "UTF-8", remedy, "01")
        raise InputError([found]) from None
    document = parse(text, path.parent, path.name)
    stop_on_errors(document.findings)
    section = document.tree.get(KEY) or {}
    if not isinstance(section, dict):
        remedy = f"Write the layers as lines below {KEY}, each with two spaces before it."
        expected = "a line for every layer, for example land_cover: esa_cci"
        found = Finding("error", f"{path.name}: {KEY}", shown(section), expected, remedy, "16")
        raise InputError([found])
    return {str(layer): str(layer if what is None else what) for layer, what in section.items()}


def _problems(layer: str, what: str) -> list[Finding]:
    """Why a wish cannot be met."""
    where = f"{KEY}.{layer}"
    if layer not in SECTIONS:
        expected = f"one of {', '.join(SECTIONS)}"
        return [Finding("error", where, f"layer {layer}", expected, closest(layer, SECTIONS), "16")]
    if what == layer:
        return []
    serving = catalogue.datasets(layer)["dataset"].tolist()
    ways = [way.route for key in serving for way in catalogue.routes(key) if way.is_open]
    if what in serving or what in ways:
        return []
    expected = f"a dataset with this layer: {listed(serving)}"
    return [Finding("error", where, what, expected, closest(what, [*serving, *ways]), "16")]


def years_in(text: str) -> list[int]:
    """The years of a text such as ``2000,2015-2023``; none for an empty text.

    Raises
    ------
    ValueError
        Anything else; the message says which part.

    Examples
    --------
    >>> years_in("2000,2015-2017"), years_in("")
    ([2000, 2015, 2016, 2017], [])
    """
    found: set[int] = set()
    for part in text.replace(" ", "").split(",") if text.strip() else []:
        match = SPAN.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if first > last:
            raise ValueError(
                f"These are no years: found '{part}'; write for example 2000,2015-2023."
            )
        found |= set(range(first, last + 1))
    return sorted(found)


def bring(
    country_file: str | Path,
    layers: Mapping[str, str] | None = None,
    *,
    years: list[int] | None = None,
    **options,
) -> Iterator[Prepared]:
    """Fetch the layers that a country file wishes for, one after the other.

    A layer that is complete is written into the country file before the next one begins, so
    that a broken connection costs one layer; what was fetched is not asked for again.

    Parameters
    ----------
    country_file : str or Path
    layers : mapping, optional
        As for :func:`wishes`.
    years : list of int, optional
        By default all years that a report needs and the dataset has; layers that have no years,
        such as soil, come in any case.
    **options
        As for :func:`ldnkit.sources.open_data.prepare`.

    Yields
    ------
    Prepared
        Layer by layer.

    Raises
    ------
    InputError, ValueError, Offline, Unreachable
        As :func:`wishes` and :func:`ldnkit.sources.open_data.prepare`.

    Examples
    --------
    >>> for made in bring("KEN/country.yml", {"land_cover": "esa_cci"}):  # doctest: +SKIP
    ...     print(*made.findings)
    """
    for layer, what in wishes(country_file, layers).items():
        dataset, _, way = what.partition(".")
        route = {"route": what} if way else {}
        entry, _ = chosen(dataset, what if way else None)
        wanted = {layer: years} if years and entry.step != "once" else None
        yield prepare(country_file, {layer: dataset}, years=wanted, **route, **options)
