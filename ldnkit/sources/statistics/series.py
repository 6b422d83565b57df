"""The official series: their codes, units and limits, and the words that tables use for them."""

from __future__ import annotations

import functools
import unicodedata
from dataclasses import dataclass

from ldnkit import csvfiles

#: Where a value lies.
LOCATIONS = ("total", "urban", "rural")


@dataclass(frozen=True)
class Series:
    """One official series, from ``statistics_series.csv``.

    ``unit`` is percent or index; values run from ``minimum`` to ``maximum`` in that unit.
    ``least`` is the lowest plausible value or None. ``world_bank`` maps codes to locations.
    ``validated`` says whether a value kept as published needs no further check. A release before
    ``valid_from`` (ISO date) used another definition. ``words`` name the series in tables.
    """

    name: str
    sdg_indicator: str
    sdg_codes: tuple[str, ...]
    world_bank: dict[str, str]
    unit: str
    minimum: float
    maximum: float
    least: float | None
    locations: tuple[str, ...]
    form: str
    notebook: str
    validated: bool
    valid_from: str
    words: tuple[str, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of the series in the databases."""
        return (*self.sdg_codes, *self.world_bank)


@functools.cache
def all_series() -> dict[str, Series]:
    """Every official series by name.

    Examples
    --------
    >>> all_series()["gini"].codes
    ('SI.POV.GINI',)
    """
    found = {}
    for row in csvfiles.packaged("statistics_series").to_dict("records"):
        pairs = (code.partition("=") for code in _parts(row["world_bank"]))
        found[row["series"]] = Series(
            name=row["series"],
            sdg_indicator=row["sdg_indicator"],
            sdg_codes=_parts(row["sdg_codes"]),
            world_bank={code: location or "total" for code, _, location in pairs},
            unit=row["unit"],
            minimum=float(row["minimum"]),
            maximum=float(row["maximum"]),
            least=float(row["least"]) if row["least"] == row["least"] else None,
            locations=_parts(row["locations"]),
            form=row["form"],
            notebook=row["notebook"],
            validated=row["validated"] == "yes",
            valid_from=row["valid_from"],
            words=_parts(row["words"]),
        )
    return found


def definition(name: str) -> Series:
    """One official series.

    Raises
    ------
    ValueError
        Unknown name; the message lists those there are.

    Examples
    --------
    >>> definition("red_list").maximum
    1.0
    """
    if name not in all_series():
        raise ValueError(f"Unknown series: found {name!r}; use one of {', '.join(all_series())}.")
    return all_series()[name]


def _parts(text) -> tuple[str, ...]:
    return tuple(part for part in str(text).split(";") if part)


@functools.cache
def words(kind: str) -> dict[str, str]:
    """Word -> its meaning, of one kind: column, location, nothing, percent, whole.

    Examples
    --------
    >>> words("location")["milieu urbain"], words("column")["année"]
    ('urban', 'year')
    """
    table = csvfiles.packaged("statistics_words")
    chosen = table[table["kind"] == kind]
    return {
        normal(word): meaning
        for word, meaning in zip(chosen["word"], chosen["meaning"], strict=True)
    }


def normal(text) -> str:
    """A text as it is compared: small letters, single spaces, no brackets or marks around.

    Examples
    --------
    >>> normal("  Année\\n(*)"), normal("[Reporting Type]"), normal("geo_area")
    ('année', 'reporting type', 'geo area')
    """
    text = unicodedata.normalize("NFKC", str(text)).casefold()
    text = " ".join(text.replace("_", " ").split())
    bare = text.strip("[]*†‡§¹²³:. ()").strip()
    return bare or text
