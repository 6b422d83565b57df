"""What a country file says of open data: which dataset, by which way, for which layer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ldnkit.findings import Finding, InputError, closest, listed
from ldnkit.sources import catalogue
from ldnkit.sources.open_data.sections import SECTIONS, Prepared, prepare

#: The section of the country file.
KEY = "open_data"


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
    import yaml

    path = Path(country_file)
    path = path / "country.yml" if path.is_dir() else path
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no country file: found nothing at {path}; make one: "
            "python workbook.py new ISO3."
        )
    tree = yaml.safe_load(path.read_text(encoding="utf-8-sig")) or {}
    written = tree.get(KEY) or {}
    written = {str(layer): str(what) for layer, what in dict(written).items() if what}
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


def bring(
    country_file: str | Path,
    layers: Mapping[str, str] | None = None,
    *,
    years: list[int] | None = None,
    **options,
) -> list[Prepared]:
    """Fetch the layers that a country file wishes for, one after the other.

    A layer that is complete is written into the country file before the next one begins, so
    that a broken connection costs one layer; what was fetched is not asked for again.

    Parameters
    ----------
    country_file : str or Path
    layers : mapping, optional
        As for :func:`wishes`.
    years : list of int, optional
        By default all years that a report needs and the dataset has.
    **options
        As for :func:`ldnkit.sources.open_data.prepare`.

    Returns
    -------
    list of Prepared

    Raises
    ------
    InputError, ValueError, Offline, Unreachable
        As :func:`wishes` and :func:`ldnkit.sources.open_data.prepare`.

    Examples
    --------
    >>> bring("KEN/country.yml", {"land_cover": "esa_cci"})  # doctest: +SKIP
    """
    made = []
    for layer, what in wishes(country_file, layers).items():
        dataset, _, way = what.partition(".")
        route = {"route": what} if way else {}
        wanted = {layer: years} if years else None
        made.append(prepare(country_file, {layer: dataset}, years=wanted, **route, **options))
    return made
