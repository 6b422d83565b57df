"""What a band of Trends.Earth is: found by its name and its years, never by its position."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ldnkit import tables
from ldnkit.country_file.layers import SEXES
from ldnkit.periods import Cycle

#: Pairs of years in the metadata of a band, the first pair that is there counts.
_PAIRS = (
    ("year_initial", "year_final"),
    ("reporting_year_initial", "reporting_year_final"),
    ("deg_year_initial", "deg_year_final"),
    ("year_bl_start", "year_tg_end"),
)
_OTHER = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True)
class Kind:
    """What a band of some name holds, a row of ``trends_earth_bands.csv``.

    ``fill`` are codes that mean no data although the file does not declare them. ``scale`` is
    the stored value that means 1 ``unit``. ``section`` is the part of country.yml that can name
    the layer, or empty.
    """

    band: str
    layer: str
    time: str
    kind: str
    minimum: float
    maximum: float
    fill: tuple[int, ...]
    scale: float
    unit: str
    section: str


@functools.cache
def kinds() -> dict[str, Kind]:
    """Simplified band name -> what such a band holds.

    Examples
    --------
    >>> kinds()[simplified("land cover (7 CLASS)")].layer
    'land_cover'
    """
    known = {}
    for row in tables.read("trends_earth_bands").drop(columns="source").to_dict("records"):
        row["fill"] = tuple(int(code) for code in str(row["fill"]).split("|"))
        known[simplified(row["band"])] = Kind(**row)
    return known


def simplified(name: str) -> str:
    """A band name in lower case, whatever stands between its words a single ``_``.

    Examples
    --------
    >>> simplified(" SDG 15.3.1  Indicator (status)")
    'sdg_15_3_1_indicator_status'
    """
    return _OTHER.sub("_", str(name).lower()).strip("_")


def years_of(metadata: Mapping) -> tuple[int | None, int | None]:
    """First and last year in the metadata of a band; the same twice for a single year.

    Examples
    --------
    >>> years_of({"year_initial": 2000, "year_final": "2015"}), years_of({"year": 2019})
    ((2000, 2015), (2019, 2019))
    """
    year = _year(metadata.get("year"))
    if year is not None:
        return year, year
    for first, last in _PAIRS:
        pair = _year(metadata.get(first)), _year(metadata.get(last))
        if None not in pair:
            return pair
    return None, None


def _year(value) -> int | None:
    try:
        return int(float(value))
    except (TypeError, ValueError):
        return None


@functools.cache
def _ends(cycle_year: int) -> dict[int, str]:
    """Last year of an assessment -> its period, as the manual and as Trends.Earth count."""
    ends: dict[int, str] = {}
    for method in ("manual", "trends.earth"):
        for period in Cycle(cycle_year, method).periods:
            for _, last in (period.trend_years, period.land_cover):
                ends.setdefault(last, period.name)
            ends.setdefault(period.status_year, period.name)
    return ends


def period_of(last: int | None, cycle_year: int = 2026) -> str:
    """The period that ends in a year; empty when none does.

    Examples
    --------
    >>> period_of(2015), period_of(2022), period_of(2010)
    ('baseline', 'report_2', '')
    """
    return _ends(cycle_year).get(last, "")


def file_name(kind: Kind, metadata: Mapping, cycle_year: int = 2026) -> str:
    """The name of the layer of one band, such as ``land_cover_2015`` or ``sdg_baseline``."""
    first, last = years_of(metadata)
    parts = [kind.layer]
    if kind.layer == "population":
        parts.append(sex_of(metadata))
    lag = _year(metadata.get("lag"))
    if kind.layer == "spi" and lag not in (None, tables.method("manual")["drought_scale"]):
        parts.append(f"lag_{lag}")
    if last is None:
        return "_".join(parts)
    if kind.time == "year" and first == last:
        return "_".join([*parts, str(last)])
    return "_".join([*parts, period_of(last, cycle_year) or f"{first}_{last}"])


def sex_of(metadata: Mapping) -> str:
    """The group that a population band counts; all people when it does not say.

    Examples
    --------
    >>> sex_of({"type": "Female"}), sex_of({})
    ('female', 'total')
    """
    found = str(metadata.get("type", "total")).lower()
    return next((sex for sex in SEXES if found.startswith(sex)), "total")


def described(text: str) -> tuple[Kind | None, dict]:
    """What a band description says: the kind of band and the metadata it spells out.

    Examples
    --------
    >>> kind, metadata = described("Land_cover_7_class_2015")
    >>> kind.layer, metadata
    ('land_cover', {'year': 2015})
    >>> described("SDG 15.3.1 Indicator 2000-2015")[1]
    {'year_initial': 2000, 'year_final': 2015}
    """
    plain = simplified(text)
    names = [name for name in kinds() if plain == name or plain.startswith(f"{name}_")]
    if not names:
        return None, {}
    name = max(names, key=len)
    rest = plain.removeprefix(name)
    years = [int(year) for year in re.findall(r"(?<!\d)((?:19|20)\d{2})(?!\d)", rest)]
    metadata: dict = {}
    if len(years) == 1:
        metadata["year"] = years[0]
    elif years:
        metadata |= {"year_initial": years[0], "year_final": years[-1]}
    for sex in SEXES:
        if sex in rest.split("_"):
            metadata["type"] = sex
    return kinds()[name], metadata


def label_of(name: str, metadata: Mapping) -> str:
    """A band as people read it: its name and what tells it from others of that name.

    Examples
    --------
    >>> label_of("Land cover (7 class)", {"year": 2015})
    'Land cover (7 class) 2015'
    """
    first, last = years_of(metadata)
    years = "" if last is None else f" {last}" if first == last else f" {first}-{last}"
    kind = f" {metadata['type']}" if metadata.get("type") else ""
    return f"{name}{years}{kind}"


def sanitised(names: Iterable[tuple[str, Mapping]]) -> list[str]:
    """Simplified name with years and type of every band, to compare with band descriptions."""
    return [simplified(label_of(name, metadata)) for name, metadata in names]
