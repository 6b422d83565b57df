"""Overview outlines, codes and names of countries and territories.

The outlines are Natural Earth (public domain), 1:50 million, and 1:10 million for
territories under 30 000 km². They help to start. They are not official boundaries.
"""

from __future__ import annotations

import difflib
import functools
import gzip
import json
from importlib import resources

import pandas

from ldnkit.labels import LANGUAGES

TRAINING_ISO3 = "XLD"
SOURCE = "Natural Earth, 1:50m, and 1:10m for small territories (public domain)"
DISCLAIMER = (
    "The boundaries and names shown and the designations used on this map do not imply official "
    "endorsement or acceptance by the United Nations. "
    "This is an overview outline, not an official boundary: use the boundary of your country's "
    "mapping authority for a report."
)


@functools.cache
def _countries() -> pandas.DataFrame:
    with resources.files("ldnkit").joinpath("data/countries.csv").open(encoding="utf-8") as file:
        return pandas.read_csv(file, dtype=str, keep_default_na=False).set_index("iso3")


def countries() -> pandas.DataFrame:
    """Codes of countries and territories.

    Returns
    -------
    DataFrame, index iso3
        ``iso2``, ``m49`` (three digits as text, the key of the SDG database), ``outline``
        (10m, 50m or empty when none is packaged) and ``source``. From ISO 3166-1 and UN M49.

    Examples
    --------
    >>> countries().loc["KEN", "m49"]
    '404'
    """
    return _countries().copy()


def check_iso3(iso3: str) -> str:
    """The code in capitals.

    Raises
    ------
    ValueError
        The code is no three-letter code of a country or territory; close ones are named.

    Examples
    --------
    >>> check_iso3("ken")
    'KEN'
    """
    code = str(iso3).strip().upper()
    if code in _countries().index:
        return code
    raise ValueError(
        f"Unknown country code: found {iso3!r}; {_suggestion(code)} "
        "Codes have three letters (ISO 3166-1): ldnkit.outlines.countries() lists them."
    )


def _suggestion(code: str) -> str:
    """A sentence with the codes that were probably meant."""
    table = _countries()
    by_iso2 = table.index[table["iso2"] == code].tolist()
    names = {name["en"].upper(): iso3 for iso3, name in _all_names().items()}
    by_name = [names[name] for name in difflib.get_close_matches(code, names, 2, 0.75)]
    swapped = [iso3 for iso3 in table.index if sorted(iso3) == sorted(code)]
    close = difflib.get_close_matches(code, table.index.tolist(), 3, 0.6)
    likely = list(dict.fromkeys(by_iso2 + by_name + swapped + close))[:4]
    if not likely:
        return "no code is close to it."
    return "did you mean " + " or ".join(f"{c} ({_all_names()[c]['en']})" for c in likely) + "?"


@functools.cache
def _all_names() -> dict[str, dict[str, str]]:
    from babel import Locale

    locales = {language: Locale.parse(language).territories for language in LANGUAGES}
    return {
        iso3: {language: names.get(iso2, iso3) for language, names in locales.items()}
        for iso3, iso2 in _countries()["iso2"].items()
    }


def names(iso3: str) -> dict[str, str]:
    """Short names of a country in the six United Nations languages.

    Source: Unicode CLDR, through Babel. A country may prefer its official name:
    write it under ``name:`` in country.yml.

    Raises
    ------
    ValueError
        Unknown code.

    Examples
    --------
    >>> names("KEN")["fr"]
    'Kenya'
    """
    return dict(_all_names()[check_iso3(iso3)])


@functools.cache
def _features() -> dict[str, dict]:
    packed = resources.files("ldnkit").joinpath("data/outlines.geojson.gz").read_bytes()
    features = json.loads(gzip.decompress(packed))["features"]
    return {feature["properties"]["iso3"]: feature for feature in features}


def outline(iso3: str):
    """The overview outline of a country or territory: not an official boundary.

    Parameters
    ----------
    iso3 : str
        Three-letter code.

    Returns
    -------
    GeoDataFrame, one row, EPSG:4326
        Columns ``iso3``, ``name``, ``source`` and ``geometry``; longitudes −180 … 180, so a
        country across the 180° meridian has parts on both sides. ``attrs["disclaimer"]``
        is the sentence to print below a map. Source: Natural Earth, public domain.

    Raises
    ------
    ValueError
        Unknown code, or a territory without a packaged outline.

    Examples
    --------
    >>> outline("KEN").crs.to_epsg()
    4326
    """
    import geopandas
    import shapely

    code = check_iso3(iso3)
    if code not in _features():
        raise ValueError(
            f"No outline is packaged for {names(code)['en']} ({code}): "
            "found nothing in Natural Earth; give your own boundary file in country.yml."
        )
    feature = _features()[code]
    scale = feature["properties"]["scale"].replace("m", " million")
    row = {
        "iso3": code,
        "name": names(code)["en"],
        "source": f"Natural Earth 1:{scale}, public domain",
    }
    geometry = shapely.from_geojson(json.dumps(feature["geometry"]))
    frame = geopandas.GeoDataFrame([row], geometry=[geometry], crs="EPSG:4326")
    frame.attrs["disclaimer"] = DISCLAIMER
    return frame
